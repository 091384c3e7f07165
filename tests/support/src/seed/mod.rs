//! Fills a database with the domains of a simulated world, in step with it, so that a sync finds nothing to do until the
//! world moves on. A given part of the rows can be made to differ.

mod insert;
mod rows;
mod world;

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domaindesk_simulator::World;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Row};

use crate::database::{connect, wait_for};
use crate::encryption::{Cipher, DEMO_APP_KEY, LaravelKey};

pub use rows::{ContactRow, DomainRow, TldRow};

use insert::Inserter;
use rows::{DomainWriter, Owner, WallClock};

/// How a database is filled.
#[derive(Clone, Debug)]
pub struct SeedOptions {
    /// How many partners the domains are spread over, each with one client.
    pub partners: usize,
    /// The slugs of the registrars that the domains are spread over. Each gets every TLD of the world with its prices.
    pub registrars: Vec<String>,
    /// What stands encrypted in `registrars.credentials`; no registrar has any when this is null.
    pub credentials: Value,
    /// The APP_KEY that encrypts them.
    pub app_key: String,
    /// The cipher that encrypts them.
    pub cipher: Cipher,
    /// The time at which the rows are written, and by which a domain has expired or not.
    pub now: DateTime<Utc>,
    /// The application's time zone (`app.timezone`).
    pub timezone: Tz,
    /// When all domains were last synced; never when `None`.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// The part of the domains, from 0 to 1, whose rows differ from the world: in turn by status, expiry, nameservers and
    /// registrant. They are spread evenly and are the same ones each time.
    pub local_drift: f64,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    /// `partners.id`.
    pub partners: Vec<i64>,
    /// `users.id` of each partner's client, in the order of the partners.
    pub clients: Vec<i64>,
    /// `registrars.id`, in the order of the slugs.
    pub registrars: Vec<i64>,
    /// The id of the world's first domain; the others follow in the world's order.
    pub first_domain: i64,
    /// How many domains there are.
    pub domains: u64,
    /// `domains.id` of those that differ from the world.
    pub drifted: Vec<i64>,
}

impl SeedOptions {
    /// Three partners, one registrar `resellerclub` with the credentials of the simulator's account, UTC, never synced,
    /// everything in step, as seen at `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            partners: 3,
            registrars: vec!["resellerclub".to_owned()],
            credentials: json!({"auth_userid": "777", "api_key": "simulated"}),
            app_key: DEMO_APP_KEY.to_owned(),
            cipher: Cipher::default(),
            now,
            timezone: Tz::UTC,
            last_synced_at: None,
            local_drift: 0.0,
        }
    }
}

/// Fills the database at `path` with a world's domains, TLDs and prices. `prefix` is that of its tables.
pub fn fill(path: &Path, prefix: &str, options: &SeedOptions, world: &World) -> Seeded {
    fill_rows(path, prefix, options, &world::tlds(world), world::domains(world, options.now))
}

/// As [`fill`], with rows of one's own choice.
pub fn fill_rows<I>(path: &Path, prefix: &str, options: &SeedOptions, tlds: &[TldRow], domains: I) -> Seeded
where
    I: IntoIterator<Item = DomainRow> + Send,
{
    wait_for(async || {
        let mut connection = connect(path).await;
        hurry(&mut connection).await;
        let mut seeding =
            Seeding { connection, prefix, options, clock: WallClock(options.timezone), seeded: Seeded::default() };
        seeding.people().await;
        seeding.registrars(tlds).await;
        seeding.domains(domains).await;
        seeding.connection.close().await.expect("close the database");
        seeding.seeded
    })
}

/// Makes one connection fast at the price of its crash safety. Nothing of it stays in the file.
async fn hurry(connection: &mut SqliteConnection) {
    // A parent's row may be written after its children's, since each table is written by the hundred.
    sqlx::raw_sql(
        "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; PRAGMA temp_store = memory",
    )
    .execute(connection)
    .await
    .expect("set pragmas of this connection");
}

/// Domains in one transaction: a write-ahead log does not grow beyond all measure.
const DOMAINS_IN_TRANSACTION: u64 = 50_000;

struct Seeding<'a> {
    connection: SqliteConnection,
    prefix: &'a str,
    options: &'a SeedOptions,
    clock: WallClock,
    seeded: Seeded,
}

impl Seeding<'_> {
    async fn people(&mut self) {
        let at = self.clock.text(self.options.now);
        for number in 1..=self.options.partners {
            let sql = format!(
                "INSERT INTO \"{}partners\" (name, email, slug, status, is_active, created_at, updated_at) \
                 VALUES ('Partner {number}', 'partner{number}@example.com', 'partner-{number}', 'active', 1, '{at}', '{at}')",
                self.prefix
            );
            let partner = self.insert(sql).await;
            let sql = format!(
                "INSERT INTO \"{}users\" (name, email, role, partner_id, created_at, updated_at) \
                 VALUES ('Client {number}', 'client{number}@example.com', 'client', {partner}, '{at}', '{at}')",
                self.prefix
            );
            let client = self.insert(sql).await;
            self.seeded.partners.push(partner);
            self.seeded.clients.push(client);
        }
    }

    async fn registrars(&mut self, tlds: &[TldRow]) {
        let at = self.clock.text(self.options.now);
        let key = LaravelKey::new(&self.options.app_key);
        for (index, slug) in self.options.registrars.iter().enumerate() {
            let credentials = match &self.options.credentials {
                Value::Null => "NULL".to_owned(),
                // Base64 holds no quote.
                credentials => format!("'{}'", key.encrypt_json(self.options.cipher, credentials)),
            };
            let is_default = u8::from(index == 0);
            let sql = format!(
                "INSERT INTO \"{}registrars\" (name, slug, api_class, credentials, is_active, is_default, created_at, updated_at) \
                 VALUES ('{slug}', '{slug}', NULL, {credentials}, 1, {is_default}, '{at}', '{at}')",
                self.prefix
            );
            let registrar = self.insert(sql).await;
            self.seeded.registrars.push(registrar);
            self.tlds(registrar, tlds, &at).await;
        }
    }

    async fn tlds(&mut self, registrar: i64, tlds: &[TldRow], at: &str) {
        // Eloquent writes the time of a date cast too.
        let today = format!("{} 00:00:00", self.clock.day(self.options.now));
        let columns = ["tld_id", "action", "years", "price", "effective_date", "created_at", "updated_at"];
        let mut prices = Inserter::new(&format!("{}tld_prices", self.prefix), &columns);
        self.run("BEGIN").await;
        for tld in tlds {
            let sql = format!(
                "INSERT INTO \"{}tlds\" (registrar_id, extension, min_years, max_years, is_active, created_at, updated_at) \
                 VALUES ({registrar}, '{}', {}, {}, 1, '{at}', '{at}')",
                self.prefix, tld.extension, tld.min_years, tld.max_years
            );
            let id = self.insert(sql).await;
            for (action, years, price) in &tld.prices {
                prices.push(id).push(*action).push(*years).push(price.as_str()).push(today.as_str()).push(at).push(at);
                prices.end_row(&mut self.connection).await;
            }
        }
        prices.finish(&mut self.connection).await;
        self.run("COMMIT").await;
    }

    async fn domains(&mut self, rows: impl IntoIterator<Item = DomainRow>) {
        let options = self.options;
        self.seeded.first_domain =
            self.number(format!("SELECT COALESCE(MAX(id), 0) + 1 FROM \"{}domains\"", self.prefix)).await;
        let mut writer = DomainWriter::new(self.prefix, self.clock, options.now, options.last_synced_at);
        self.run("BEGIN").await;
        for (index, mut row) in (0_u64..).zip(rows) {
            let id = self.seeded.first_domain + index as i64;
            if let Some(turn) = drift_turn(index, options.local_drift) {
                drift(&mut row, turn);
                self.seeded.drifted.push(id);
            }
            let nth = |count: usize| index as usize % count;
            let partner = nth(self.seeded.partners.len());
            let owner = Owner {
                partner: self.seeded.partners[partner],
                client: self.seeded.clients[partner],
                // Every partner has domains at every registrar.
                registrar: self.seeded.registrars
                    [index as usize / self.seeded.partners.len() % self.seeded.registrars.len()],
            };
            writer.add(&mut self.connection, id, owner, row).await;
            self.seeded.domains += 1;
            if self.seeded.domains.is_multiple_of(DOMAINS_IN_TRANSACTION) {
                self.run("COMMIT; BEGIN").await;
            }
        }
        writer.finish(&mut self.connection).await;
        self.run("COMMIT").await;
    }

    /// Inserts one row; its id.
    async fn insert(&mut self, sql: String) -> i64 {
        self.number(format!("{sql} RETURNING id")).await
    }

    async fn number(&mut self, sql: String) -> i64 {
        let row = sqlx::query(AssertSqlSafe(sql.clone())).persistent(false).fetch_one(&mut self.connection).await;
        row.unwrap_or_else(|error| panic!("{sql}: {error}")).get(0)
    }

    async fn run(&mut self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// Which turn of drifting it is at a domain, if it drifts: as many of the first n as `part` of n, rounded down.
fn drift_turn(index: u64, part: f64) -> Option<u64> {
    let drifted_before = |count: u64| (count as f64 * part + 1e-9) as u64;
    let turn = drifted_before(index);
    (drifted_before(index + 1) > turn).then_some(turn)
}

/// Makes a row differ from the world in one field; in its status when it has not the field whose turn it is.
fn drift(row: &mut DomainRow, turn: u64) {
    match (turn % 4, row.expires_at, row.contacts.first_mut()) {
        (1, Some(expires_at), _) => row.expires_at = Some(expires_at - TimeDelta::days(365)),
        (2, _, _) => row.nameservers = vec!["old-ns1.example.org".to_owned(), "old-ns2.example.org".to_owned()],
        (3, _, Some(contact)) => contact.city = format!("Old {}", contact.city),
        _ => row.status = if row.status == "active" { "suspended" } else { "active" }.to_owned(),
    }
}
