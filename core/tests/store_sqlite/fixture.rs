//! A database with two partners and two registrars, and short ways to put domains into it and to look at them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, TempDatabase};
use domaindesk_sync::DomainId;
use domaindesk_sync::config::DatabaseConfig;
use domaindesk_sync::model::{LocalDomain, PartnerId};
use domaindesk_sync::store::sqlite::SqliteStore;
use domaindesk_sync::store::{Detail, DomainWrite, DueQuery, Scope, Store, WriteContext, WriteOutcome};

/// The present of all tests.
pub(crate) const NOW: &str = "2026-11-23T02:43:43Z";

pub(crate) const EVERYBODY: Scope = Scope { partner_id: None };

pub(crate) fn partner(id: i64) -> Scope {
    Scope { partner_id: Some(PartnerId(id)) }
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn now() -> DateTime<Utc> {
    at(NOW)
}

/// Ids 1 and 2: partners, and registrars `resellerclub` and `btcl`. User 1.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) db: TempDatabase,
    pub(crate) store: SqliteStore,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(DatabaseOptions::default(), Tz::UTC).await
    }

    pub(crate) async fn with(options: DatabaseOptions, timezone: Tz) -> Self {
        let db = TempDatabase::create(options);
        for (table, columns, rows) in [
            (
                "partners",
                "id, name, email, slug",
                "(1, 'One', 'one@one.example', 'one'), (2, 'Two', 'two@two.example', 'two')",
            ),
            ("users", "id, name, email", "(1, 'Ann', 'ann@one.example')"),
            (
                "registrars",
                "id, name, slug, credentials, is_active, last_sync_at",
                "(1, 'ResellerClub', 'resellerclub', 'eyJpdiI6', 1, NULL), (2, 'BTCL', 'btcl', NULL, 0, '2026-11-22 01:02:03')",
            ),
        ] {
            let table = db.table(table);
            db.execute(&format!("INSERT INTO {table} ({columns}) VALUES {rows}"));
        }
        let store = connect(&db, timezone).await;
        Self { db, store }
    }

    /// Adds a domain of client 1, partner 1 and registrar 1, active, never synced, until 2027-06-01 07:00:00. `set`
    /// changes that, as in an UPDATE.
    pub(crate) fn domain(&self, id: i64, name: &str, set: &str) {
        let table = self.db.table("domains");
        self.db.execute(&format!(
            "INSERT INTO {table} (id, name, client_id, partner_id, registrar_id, status, expires_at, created_at, updated_at) \
             VALUES ({id}, '{name}', 1, 1, 1, 'active', '2027-06-01 07:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
        if !set.is_empty() {
            self.db.execute(&format!("UPDATE {table} SET {set} WHERE id = {id}"));
        }
    }

    /// Adds many domains `d1.example` … with ids from 1.
    pub(crate) fn domains(&self, count: i64) {
        let table = self.db.table("domains");
        self.db.execute(&format!(
            "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             INSERT INTO {table} (id, name, client_id, partner_id, registrar_id, status, expires_at) \
             SELECT i, 'd' || i || '.example', 1, 1, 1, 'active', '2027-06-01 07:00:00' FROM n"
        ));
    }

    pub(crate) fn nameservers(&self, domain: i64, hosts: &[&str]) {
        let table = self.db.table("domain_nameservers");
        for (index, host) in hosts.iter().enumerate() {
            self.db.execute(&format!(
                "INSERT INTO {table} (domain_id, nameserver, \"order\", created_at, updated_at) \
                 VALUES ({domain}, '{host}', {}, '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
                index + 1
            ));
        }
    }

    /// Adds a contact of Jane Doe, London, without organization and state.
    pub(crate) fn contact(&self, id: i64, domain: i64, kind: &str) {
        let table = self.db.table("domain_contacts");
        self.db.execute(&format!(
            "INSERT INTO {table} (id, domain_id, type, first_name, last_name, email, phone, address, city, postal_code, country, \
             created_at, updated_at) VALUES ({id}, {domain}, '{kind}', 'Jane', 'Doe', 'jane@one.example', '+44.2079460000', \
             '1 High Street', 'London', 'SW1A 1AA', 'GB', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
    }

    /// One domain, which must be there.
    pub(crate) async fn load(&self, id: i64, detail: Detail) -> LocalDomain {
        let mut found = self.store.load(EVERYBODY, &[DomainId(id)], detail).await.unwrap();
        assert_eq!(found.len(), 1, "domain {id}");
        found.remove(0)
    }

    /// Columns of a domain as they are stored.
    pub(crate) fn columns(&self, id: i64, columns: &str) -> Vec<serde_json::Value> {
        let table = self.db.table("domains");
        self.db.row(&format!("SELECT {columns} FROM {table} WHERE id = {id}"))
    }

    pub(crate) async fn write(&self, writes: &[DomainWrite]) -> Vec<WriteOutcome> {
        self.store.write(&context(), writes).await.unwrap()
    }
}

pub(crate) async fn connect(db: &TempDatabase, timezone: Tz) -> SqliteStore {
    let mut config = DatabaseConfig::sqlite(db.path());
    config.prefix = db.prefix().to_owned();
    SqliteStore::connect(&config, timezone).await.unwrap()
}

pub(crate) fn context() -> WriteContext {
    WriteContext { now: now(), user_id: None, source: "manual".to_owned() }
}

/// Bookkeeping after a success and nothing else.
pub(crate) fn bookkeeping(before: LocalDomain, read: Detail) -> DomainWrite {
    DomainWrite {
        before,
        read,
        status: None,
        expires_at: None,
        nameservers: None,
        contacts: Vec::new(),
        synced: true,
        metadata: r#"{"synced_at":"2026-11-23T02:43:43+00:00"}"#.to_owned(),
        audits: Vec::new(),
    }
}

/// The application's defaults.
pub(crate) fn query(limit: u32) -> DueQuery {
    DueQuery {
        now: now(),
        interval: TimeDelta::hours(6),
        heal_interval: TimeDelta::hours(24),
        priority_days: 30,
        limit,
    }
}

/// One word for each outcome.
pub(crate) fn words(outcomes: &[WriteOutcome]) -> Vec<&'static str> {
    outcomes
        .iter()
        .map(|outcome| match outcome {
            WriteOutcome::Written => "written",
            WriteOutcome::ChangedLocally => "changed",
            WriteOutcome::Failed(_) => "failed",
        })
        .collect()
}
