//! The port to the application's database, and the databases behind it.
//!
//! Everything goes by the hundred (one SELECT for a chunk's domains, one for their nameservers, one for their contacts;
//! one transaction for a chunk's writes), so an implementation costs statements by the chunk, not by the domain.

pub mod host;
pub mod mysql;
pub mod postgres;
mod sql;
pub mod sqlite;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::config::{DatabaseConfig, Driver};
use crate::model::{
    Contact, ContactField, ContactType, DomainId, DomainRef, DomainStatus, LocalDomain, Nameservers, PartnerId,
    PriceAction, RegistrarId, RegistrarRecord, RegistrarRef, TldId, TldPrices, UserId,
};
use crate::report::StatsReport;
use crate::{Error, Result};

/// The application's database.
///
/// All reads leave out soft-deleted domains (S1.2). With a partner in [`Scope`], no other partner's domain is seen,
/// counted or written (S1.6).
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Finds domains by id or name: an id for each reference, in the same order, `None` where there is none.
    async fn resolve(&self, scope: Scope, domains: &[DomainRef]) -> Result<Vec<Option<DomainId>>>;

    /// Reads what decides whether and how domains are asked for, as [`load`](Self::load) reads them whole.
    async fn candidates(&self, scope: Scope, ids: &[DomainId]) -> Result<Vec<Candidate>> {
        let loaded = self.load(scope, ids, Detail::Columns).await?;
        Ok(loaded.into_iter().map(Candidate::from).collect())
    }

    /// Gives domains another `sync_metadata`, each only where it still has the one that it had. Tells which ones were
    /// given it. `updated_at` stays.
    ///
    /// Leases are taken by it (S7.5). A store that nobody else uses may do nothing and tell all.
    async fn swap_metadata(&self, swaps: &[MetadataSwap]) -> Result<Vec<DomainId>> {
        Ok(swaps.iter().map(|swap| swap.id).collect())
    }

    /// Reads domains by id; those that are not there are left out. Order is not promised.
    async fn load(&self, scope: Scope, ids: &[DomainId], detail: Detail) -> Result<Vec<LocalDomain>>;

    /// Reads domains by stored name, as [`load`](Self::load) does by id.
    async fn load_by_name(&self, scope: Scope, names: &[String], detail: Detail) -> Result<Vec<LocalDomain>>;

    /// Those of the domains that [`load`](Self::load) leaves out though they are there, because a value in them cannot be
    /// understood, such as a status that is none of ours. Asked only when domains were left out.
    async fn unreadable(&self, scope: Scope, ids: &[DomainId]) -> Result<Vec<UnreadableDomain>> {
        let _ = (scope, ids);
        Ok(Vec::new())
    }

    /// The ids of the domains that need a sync, in the order of S1.3.
    async fn domains_needing_sync(&self, scope: Scope, query: &DueQuery) -> Result<Vec<DomainId>>;

    /// The ids of active domains with a registrar that expire within `from..=until`, soonest first (S1.4).
    async fn expiring_domains(&self, scope: Scope, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<DomainId>>;

    /// The ids of domains that a sync changed not before `since`, as far as the newest `rows` audit rows tell, in any
    /// order. Asked only where intervals adapt ([`due`](crate::due)); a store that cannot tell leaves them to the longest.
    async fn changed_domains(&self, scope: Scope, since: DateTime<Utc>, rows: u32) -> Result<Vec<DomainId>> {
        let _ = (scope, since, rows);
        Ok(Vec::new())
    }

    /// How many domains of classes 1 to 4 (S1.3) each registrar has; those without any are left out. A store that cannot
    /// tell knows of none.
    async fn domains_by_registrar(&self, scope: Scope) -> Result<Vec<(RegistrarId, u64)>> {
        let _ = scope;
        Ok(Vec::new())
    }

    /// The ids of at most `limit` domains that ask a person to look (`sync_metadata.needs_review`, S6.4), by id.
    async fn domains_needing_review(&self, scope: Scope, limit: u32) -> Result<Vec<DomainId>>;

    /// Writes domains in one transaction, each whole or not at all (S4.1): one outcome for each, in the same order.
    ///
    /// An error means that the transaction failed and nothing of it was written. Only where the connection broke at its
    /// commit, and the database cannot be reached since, is that not known.
    async fn write(&self, context: &WriteContext, writes: &[DomainWrite]) -> Result<Vec<WriteOutcome>>;

    /// Numbers about the domains.
    async fn stats(&self, scope: Scope, query: &DueQuery) -> Result<StatsReport>;

    /// A registrar by id or slug.
    async fn registrar(&self, registrar: &RegistrarRef) -> Result<Option<RegistrarRecord>>;

    /// The active TLDs of a registrar with the prices in force on `today` (S5.1).
    async fn tlds(&self, registrar: RegistrarId, today: chrono::NaiveDate) -> Result<Vec<TldPrices>>;

    /// Writes prices from `today` on, replacing rows of the same day, and `registrars.last_sync_at`, in one
    /// transaction (S5.1, S5.6).
    async fn write_prices(&self, registrar: RegistrarId, now: DateTime<Utc>, prices: &[PriceWrite]) -> Result<()>;

    /// How many statements were sent so far, without transaction control, for those who measure.
    fn statements(&self) -> u64 {
        0
    }

    /// Closes the connections. Later calls fail.
    async fn close(&self);
}

/// Connects to the configured database. `timezone` is `app.timezone`, the wall clock of its datetimes.
///
/// Fails with `store` where it cannot be reached or lacks a table or column of the application's.
pub async fn connect(config: &DatabaseConfig, timezone: Tz) -> Result<Arc<dyn Store>> {
    Ok(match &config.driver {
        Driver::Sqlite { .. } => Arc::new(sqlite::SqliteStore::connect(config, timezone).await?),
        Driver::Mysql(_) => Arc::new(mysql::MysqlStore::connect(config, timezone).await?),
        Driver::Postgres(_) => Arc::new(postgres::PostgresStore::connect(config, timezone).await?),
        Driver::Host => {
            let problem =
                "the host's own connection is meant, and none was given: give sqlite, mysql, mariadb or pgsql";
            return Err(Error::config("database.driver", problem));
        }
    })
}

/// Whose rows may be seen (S1.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only this partner's; everybody's when `None`.
    pub partner_id: Option<PartnerId>,
}

/// How much of a domain is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The columns of `domains` only.
    Columns,
    /// With nameservers and contacts.
    Full,
}

/// A domain of a selection, before it is read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// `domains.id`.
    pub id: DomainId,
    /// `domains.name` as stored.
    pub name: String,
    /// `domains.partner_id`.
    pub partner_id: PartnerId,
    /// `domains.registrar_id`.
    pub registrar_id: Option<RegistrarId>,
    /// `domains.last_synced_at`.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// `domains.sync_metadata` as stored.
    pub metadata_text: Option<String>,
}

impl From<LocalDomain> for Candidate {
    fn from(local: LocalDomain) -> Self {
        let LocalDomain { id, name, partner_id, registrar_id, last_synced_at, metadata_text, .. } = local;
        Self { id, name, partner_id, registrar_id, last_synced_at, metadata_text }
    }
}

/// Another `sync_metadata` for a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataSwap {
    /// `domains.id`.
    pub id: DomainId,
    /// The text that it has; `None` for NULL.
    pub before: Option<String>,
    /// The text that it gets; `None` for NULL.
    pub after: Option<String>,
}

/// A domain that is there and cannot be read.
#[derive(Debug)]
pub struct UnreadableDomain {
    /// `domains.id`.
    pub id: DomainId,
    /// `domains.name` as stored.
    pub name: String,
    /// What is wrong with it.
    pub error: Error,
}

/// Which domains are due (S1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueQuery {
    /// The present.
    pub now: DateTime<Utc>,
    /// How long a sync is good for.
    pub interval: chrono::TimeDelta,
    /// The same for classes 1 and 2, where it is another one ([`due`](crate::due)).
    pub near_intervals: Option<[chrono::TimeDelta; 2]>,
    /// How long a sync of an expired or suspended domain is good for.
    pub heal_interval: chrono::TimeDelta,
    /// Expiry within this, and then within twice this, comes first. Days.
    pub priority_days: i64,
    /// The most ids that are wanted.
    pub limit: u32,
}

/// What is true of every write of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteContext {
    /// The instant that bookkeeping and audit rows carry.
    pub now: DateTime<Utc>,
    /// `audit_logs.user_id`.
    pub user_id: Option<UserId>,
    /// Manual, scheduled, queue or the caller's own word; written where `audit_logs` has a column `source`.
    pub source: String,
}

/// What becomes of one domain.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainWrite {
    /// The domain as it was read: if it is not so any more, nothing is written (S2.4).
    pub before: LocalDomain,
    /// How much of it was read, and so is compared.
    pub read: Detail,
    /// The new status.
    pub status: Option<DomainStatus>,
    /// The new expiry.
    pub expires_at: Option<DateTime<Utc>>,
    /// The new nameservers, replacing all rows (S3.5).
    pub nameservers: Option<Nameservers>,
    /// Contacts to change or add (S3.6).
    pub contacts: Vec<ContactWrite>,
    /// What `last_synced_at` becomes: when the registrar answered, after a success only (S6.3).
    pub synced_at: Option<DateTime<Utc>>,
    /// The whole new `sync_metadata`, as PHP's `json_encode` would write it.
    pub metadata: String,
    /// One audit row each (S4.3).
    pub audits: Vec<AuditEntry>,
}

impl DomainWrite {
    /// Whether it touches nothing but the bookkeeping, so that many such can share a statement (S4.5).
    pub fn is_bookkeeping(&self) -> bool {
        self.status.is_none()
            && self.expires_at.is_none()
            && self.nameservers.is_none()
            && self.contacts.is_empty()
            && self.audits.is_empty()
    }
}

/// What becomes of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactWrite {
    /// These columns of a row change.
    Update {
        /// `domain_contacts.id`.
        id: i64,
        /// The columns and their values.
        fields: Vec<(ContactField, String)>,
    },
    /// A row is added. Every required column has a value.
    Insert {
        /// The role.
        kind: ContactType,
        /// The values.
        contact: Contact,
    },
}

/// One audit row: a field with its old and new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Such as `status` or `contacts.registrant`.
    pub field: String,
    /// The value before.
    pub old: Value,
    /// The value after.
    pub new: Value,
}

/// What came of a write.
#[derive(Debug)]
pub enum WriteOutcome {
    /// It is written whole.
    Written,
    /// The domain is not as it was read, so nothing of it was written (S2.4).
    ChangedLocally,
    /// Its write failed and was rolled back alone (S4.1).
    Failed(Error),
}

/// A price to store, from today on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceWrite {
    /// The TLD.
    pub tld_id: TldId,
    /// What it is for.
    pub action: PriceAction,
    /// For how many years.
    pub years: u8,
    /// The total, rounded to two places (S5.2).
    pub price: Decimal,
}
