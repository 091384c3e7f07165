//! What is written into the database, in the application's own terms.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use sqlx::sqlite::SqliteConnection;

use super::insert::Inserter;

/// A domain as the application stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainRow {
    /// The stored name.
    pub name: String,
    /// One of the words of `domains.status`.
    pub status: String,
    /// `domains.registered_at`.
    pub registered_at: Option<DateTime<Utc>>,
    /// `domains.expires_at`.
    pub expires_at: Option<DateTime<Utc>>,
    /// Host names in order.
    pub nameservers: Vec<String>,
    /// Contacts in the order of their rows.
    pub contacts: Vec<ContactRow>,
}

/// A contact as the application stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of `domain_contacts`
pub struct ContactRow {
    pub kind: &'static str,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub phone: String,
    pub organization: Option<String>,
    pub address: String,
    pub city: String,
    pub state: Option<String>,
    pub postal_code: String,
    pub country: String,
}

/// A TLD with its prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TldRow {
    /// Without a leading dot.
    pub extension: String,
    /// The shortest registration.
    pub min_years: u8,
    /// The longest registration.
    pub max_years: u8,
    /// Action, years and the total as a decimal text.
    pub prices: Vec<(&'static str, u8, String)>,
}

/// Who a domain belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub(crate) partner: i64,
    pub(crate) client: i64,
    pub(crate) registrar: i64,
}

/// Instants as the application writes them: the wall clock of its time zone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallClock(pub(crate) Tz);

impl WallClock {
    /// `Y-m-d H:i:s`.
    pub(crate) fn text(self, instant: DateTime<Utc>) -> String {
        self.0.from_utc_datetime(&instant.naive_utc()).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The day there is at that instant.
    pub(crate) fn day(self, instant: DateTime<Utc>) -> NaiveDate {
        self.0.from_utc_datetime(&instant.naive_utc()).date_naive()
    }
}

/// Writes domains with their nameservers and contacts.
pub(crate) struct DomainWriter {
    clock: WallClock,
    // Shared, since they stand in every row.
    written_at: Arc<str>,
    last_synced_at: Option<Arc<str>>,
    domains: Inserter,
    nameservers: Inserter,
    contacts: Inserter,
}

impl DomainWriter {
    pub(crate) fn new(
        prefix: &str,
        clock: WallClock,
        now: DateTime<Utc>,
        last_synced_at: Option<DateTime<Utc>>,
    ) -> Self {
        let table = |name: &str| format!("{prefix}{name}");
        Self {
            clock,
            written_at: clock.text(now).into(),
            last_synced_at: last_synced_at.map(|instant| clock.text(instant).into()),
            domains: Inserter::new(
                &table("domains"),
                &[
                    "id",
                    "name",
                    "client_id",
                    "partner_id",
                    "registrar_id",
                    "status",
                    "registered_at",
                    "expires_at",
                    "last_synced_at",
                    "created_at",
                    "updated_at",
                ],
            ),
            nameservers: Inserter::new(
                &table("domain_nameservers"),
                &["domain_id", "nameserver", "order", "created_at", "updated_at"],
            ),
            contacts: Inserter::new(
                &table("domain_contacts"),
                &[
                    "domain_id",
                    "type",
                    "first_name",
                    "last_name",
                    "email",
                    "phone",
                    "organization",
                    "address",
                    "city",
                    "state",
                    "postal_code",
                    "country",
                    "created_at",
                    "updated_at",
                ],
            ),
        }
    }

    /// Adds one domain under the given id.
    pub(crate) async fn add(&mut self, connection: &mut SqliteConnection, id: i64, owner: Owner, row: DomainRow) {
        let at = &self.written_at;
        let time = |instant: Option<DateTime<Utc>>| instant.map(|instant| self.clock.text(instant));
        self.domains
            .push(id)
            .push(row.name)
            .push(owner.client)
            .push(owner.partner)
            .push(owner.registrar)
            .push(row.status);
        self.domains.push(time(row.registered_at)).push(time(row.expires_at)).push(self.last_synced_at.clone());
        self.domains.push(Arc::clone(at)).push(Arc::clone(at)).end_row(connection).await;
        for (order, host) in (1_i64..).zip(row.nameservers) {
            self.nameservers
                .push(id)
                .push(host)
                .push(order)
                .push(Arc::clone(at))
                .push(Arc::clone(at))
                .end_row(connection)
                .await;
        }
        for contact in row.contacts {
            let values = &mut self.contacts;
            values.push(id).push(contact.kind).push(contact.first_name).push(contact.last_name).push(contact.email);
            values.push(contact.phone).push(contact.organization).push(contact.address).push(contact.city);
            values.push(contact.state).push(contact.postal_code).push(contact.country);
            values.push(Arc::clone(at)).push(Arc::clone(at)).end_row(connection).await;
        }
    }

    /// Writes what is left.
    pub(crate) async fn finish(self, connection: &mut SqliteConnection) {
        self.domains.finish(connection).await;
        self.nameservers.finish(connection).await;
        self.contacts.finish(connection).await;
    }
}
