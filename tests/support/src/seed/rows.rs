//! What is written into the database, in the application's own terms.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

use super::insert::Inserter;
use crate::database::{Engine, Link};

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
    written_at: String,
    last_synced_at: Option<String>,
    domains: Inserter,
    nameservers: Inserter,
    contacts: Inserter,
}

impl DomainWriter {
    pub(crate) fn new(
        engine: Engine,
        prefix: &str,
        clock: WallClock,
        now: DateTime<Utc>,
        last_synced_at: Option<DateTime<Utc>>,
    ) -> Self {
        let table = |name: &str| format!("{prefix}{name}");
        Self {
            clock,
            written_at: clock.text(now),
            last_synced_at: last_synced_at.map(|instant| clock.text(instant)),
            domains: Inserter::new(
                engine,
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
                engine,
                &table("domain_nameservers"),
                &["domain_id", "nameserver", "order", "created_at", "updated_at"],
            ),
            contacts: Inserter::new(
                engine,
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
    pub(crate) async fn add(&mut self, link: &mut Link, id: i64, owner: Owner, row: DomainRow) {
        let at = self.written_at.as_str();
        let time = |instant: Option<DateTime<Utc>>| instant.map(|instant| self.clock.text(instant));
        let (registered_at, expires_at) = (time(row.registered_at), time(row.expires_at));
        let values = &mut self.domains;
        values.push(id).push(row.name.as_str()).push(owner.client).push(owner.partner).push(owner.registrar);
        values.push(row.status.as_str()).push(registered_at.as_deref()).push(expires_at.as_deref());
        values.push(self.last_synced_at.as_deref()).push(at).push(at).end_row(link).await;
        for (order, host) in (1_i64..).zip(&row.nameservers) {
            self.nameservers.push(id).push(host.as_str()).push(order).push(at).push(at).end_row(link).await;
        }
        for contact in &row.contacts {
            let values = &mut self.contacts;
            values.push(id).push(contact.kind).push(contact.first_name.as_str()).push(contact.last_name.as_str());
            values.push(contact.email.as_str()).push(contact.phone.as_str()).push(contact.organization.as_deref());
            values.push(contact.address.as_str()).push(contact.city.as_str()).push(contact.state.as_deref());
            values.push(contact.postal_code.as_str()).push(contact.country.as_str());
            values.push(at).push(at).end_row(link).await;
        }
    }

    /// Writes what is left.
    pub(crate) async fn finish(self, link: &mut Link) {
        self.domains.finish(link).await;
        self.nameservers.finish(link).await;
        self.contacts.finish(link).await;
    }
}
