//! Fills a database with the domains of a simulated world, in step with it, so that a sync finds nothing to do until the
//! world moves on. A given part of the rows can be made to differ.

mod insert;
mod numbered;
mod rows;
mod world;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domaindesk_simulator::World;
use serde_json::{Value, json};

use crate::database::{Engine, Link, Target, wait_for};
use crate::encryption::{Cipher, DEMO_APP_KEY, LaravelKey};
use crate::schema;

pub use rows::{ContactRow, DomainRow, TldRow};

use insert::Inserter;
use numbered::{Owners, Times};
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
    /// The same of single registrars, by slug.
    pub own_credentials: BTreeMap<String, Value>,
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
            own_credentials: BTreeMap::new(),
            app_key: DEMO_APP_KEY.to_owned(),
            cipher: Cipher::default(),
            now,
            timezone: Tz::UTC,
            last_synced_at: None,
            local_drift: 0.0,
        }
    }
}

/// Fills a database with a world's domains, TLDs and prices: a [`TempDatabase`](crate::TempDatabase), the path of a
/// SQLite file, or any [`Target`]. `prefix` is that of its tables.
///
/// Where the column `registrars.credentials` takes nothing but JSON (see `schema`) and there are credentials to write, it
/// is made a text first, as an operator has to.
pub fn fill(target: impl Into<Target>, prefix: &str, options: &SeedOptions, world: &World) -> Seeded {
    fill_rows(target, prefix, options, &world::tlds(world), world::domains(world, options.now))
}

/// As [`fill`], with rows of one's own choice.
pub fn fill_rows<I>(
    target: impl Into<Target>,
    prefix: &str,
    options: &SeedOptions,
    tlds: &[TldRow],
    domains: I,
) -> Seeded
where
    I: IntoIterator<Item = DomainRow> + Send,
{
    let target = target.into();
    wait_for(async || {
        let mut seeding = Seeding::start(&target, prefix, options).await;
        seeding.people().await;
        seeding.registrars(tlds).await;
        seeding.domains(domains).await;
        seeding.finish().await
    })
}

/// Fills a database with `count` domains that it makes by itself, a million in seconds, for what only looks at the rows
/// of `domains`: `domain1.example` and on, all active, registered at `now` and expiring 1 to 1,000 days later, without
/// nameservers, contacts, TLDs or drift.
pub fn fill_numbered(target: impl Into<Target>, prefix: &str, options: &SeedOptions, count: u64) -> Seeded {
    let target = target.into();
    wait_for(async || {
        let mut seeding = Seeding::start(&target, prefix, options).await;
        seeding.people().await;
        seeding.registrars(&[]).await;
        seeding.numbered(count).await;
        seeding.finish().await
    })
}

/// Makes one connection fast at the price of its safety. Nothing of it stays in the database.
async fn hurry(link: &mut Link) {
    // A parent's row may be written after its children's, since each table is written by the hundred.
    let sql = match link {
        Link::Sqlite(_) => {
            "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; PRAGMA temp_store = memory"
        }
        Link::MariaDb(_) => "SET foreign_key_checks = 0, unique_checks = 0",
        Link::Postgres(_) => "SET session_replication_role = replica",
    };
    link.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Domains in one transaction: a write-ahead log does not grow beyond all measure.
const DOMAINS_IN_TRANSACTION: u64 = 50_000;

struct Seeding<'a> {
    engine: Engine,
    link: Link,
    prefix: &'a str,
    options: &'a SeedOptions,
    clock: WallClock,
    seeded: Seeded,
}

impl<'a> Seeding<'a> {
    async fn start(target: &Target, prefix: &'a str, options: &'a SeedOptions) -> Self {
        let mut link = Link::open(target).await.unwrap_or_else(|error| panic!("open the database to fill: {error}"));
        hurry(&mut link).await;
        let clock = WallClock(options.timezone);
        Self { engine: target.engine(), link, prefix, options, clock, seeded: Seeded::default() }
    }

    async fn finish(mut self) -> Seeded {
        if self.engine == Engine::Postgres {
            // Rows with ids of their own leave the sequence where it was.
            let table = self.table("domains");
            let sql = format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}");
            self.ask(&sql).await;
        }
        self.link.close().await.expect("close the database");
        self.seeded
    }

    /// A table with its prefix and in quotes.
    fn table(&self, name: &str) -> String {
        self.engine.quote(&format!("{}{name}", self.prefix))
    }

    async fn people(&mut self) {
        let at = self.clock.text(self.options.now);
        for number in 1..=self.options.partners {
            let sql = format!(
                "INSERT INTO {} (name, email, slug, status, is_active, created_at, updated_at) \
                 VALUES ('Partner {number}', 'partner{number}@example.com', 'partner-{number}', 'active', '1', '{at}', '{at}')",
                self.table("partners")
            );
            let partner = self.insert(sql).await;
            let sql = format!(
                "INSERT INTO {} (name, email, role, partner_id, created_at, updated_at) \
                 VALUES ('Client {number}', 'client{number}@example.com', 'client', {partner}, '{at}', '{at}')",
                self.table("users")
            );
            let client = self.insert(sql).await;
            self.seeded.partners.push(partner);
            self.seeded.clients.push(client);
        }
    }

    async fn registrars(&mut self, tlds: &[TldRow]) {
        let at = self.clock.text(self.options.now);
        let key = LaravelKey::new(&self.options.app_key);
        let alter = schema::credentials_as_text(self.engine, self.prefix);
        if let Some(sql) = alter.filter(|_| !self.options.credentials.is_null()) {
            self.run(&sql).await;
        }
        for (index, slug) in self.options.registrars.iter().enumerate() {
            let own = self.options.own_credentials.get(slug);
            let credentials = match own.unwrap_or(&self.options.credentials) {
                Value::Null => "NULL".to_owned(),
                // Base64 holds no quote.
                credentials => format!("'{}'", key.encrypt_json(self.options.cipher, credentials)),
            };
            let is_default = u8::from(index == 0);
            let sql = format!(
                "INSERT INTO {} (name, slug, api_class, credentials, is_active, is_default, created_at, updated_at) \
                 VALUES ('{slug}', '{slug}', NULL, {credentials}, '1', '{is_default}', '{at}', '{at}')",
                self.table("registrars")
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
        let mut prices = Inserter::new(self.engine, &format!("{}tld_prices", self.prefix), &columns);
        self.run("BEGIN").await;
        for tld in tlds {
            let sql = format!(
                "INSERT INTO {} (registrar_id, extension, min_years, max_years, is_active, created_at, updated_at) \
                 VALUES ({registrar}, '{}', {}, {}, '1', '{at}', '{at}')",
                self.table("tlds"),
                tld.extension,
                tld.min_years,
                tld.max_years
            );
            let id = self.insert(sql).await;
            for (action, years, price) in &tld.prices {
                prices
                    .push(id)
                    .push(*action)
                    .push(i64::from(*years))
                    .push(price.as_str())
                    .push(today.as_str())
                    .push(at)
                    .push(at);
                prices.end_row(&mut self.link).await;
            }
        }
        prices.finish(&mut self.link).await;
        self.run("COMMIT").await;
    }

    async fn domains(&mut self, rows: impl IntoIterator<Item = DomainRow>) {
        let options = self.options;
        self.seeded.first_domain = self.next_domain().await;
        let mut writer = DomainWriter::new(self.engine, self.prefix, self.clock, options.now, options.last_synced_at);
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
            writer.add(&mut self.link, id, owner, row).await;
            self.seeded.domains += 1;
            if self.seeded.domains.is_multiple_of(DOMAINS_IN_TRANSACTION) {
                self.run("COMMIT; BEGIN").await;
            }
        }
        writer.finish(&mut self.link).await;
        self.run("COMMIT").await;
    }

    async fn numbered(&mut self, count: u64) {
        let first = self.next_domain().await;
        let owners = Owners {
            first_partner: first_of(&self.seeded.partners),
            first_client: first_of(&self.seeded.clients),
            partners: self.seeded.partners.len() as i64,
            first_registrar: first_of(&self.seeded.registrars),
            registrars: self.seeded.registrars.len() as i64,
        };
        let table = self.table("domains");
        let times = Times { clock: self.clock, now: self.options.now, last_synced_at: self.options.last_synced_at };
        self.run("BEGIN").await;
        self.run(&numbered::statement(self.engine, &table, first..first + count as i64, &owners, times)).await;
        self.run("COMMIT").await;
        // As the servers do by themselves after a while.
        match self.engine {
            Engine::Sqlite => {}
            Engine::MariaDb => self.run(&format!("ANALYZE TABLE {table}")).await,
            Engine::Postgres => self.run(&format!("ANALYZE {table}")).await,
        }
        (self.seeded.first_domain, self.seeded.domains) = (first, count);
    }

    async fn next_domain(&mut self) -> i64 {
        let sql = format!("SELECT MAX(id) FROM {}", self.table("domains"));
        match self.ask(&sql).await {
            Value::Null => 1,
            last => last.as_i64().unwrap_or_else(|| panic!("{sql}: no number")) + 1,
        }
    }

    /// Inserts one row; its id.
    async fn insert(&mut self, sql: String) -> i64 {
        let sql = format!("{sql} RETURNING id");
        self.ask(&sql).await.as_i64().unwrap_or_else(|| panic!("{sql}: no number"))
    }

    /// The first value of a statement that answers.
    async fn ask(&mut self, sql: &str) -> Value {
        let rows = self.link.query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.into_iter().flatten().next().unwrap_or_else(|| panic!("{sql}: no answer"))
    }

    async fn run(&mut self, sql: &str) {
        self.link.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// The first of ids that follow one another without a gap.
fn first_of(ids: &[i64]) -> i64 {
    let first = *ids.first().expect("there are partners and registrars to give domains to");
    assert!(ids.iter().copied().eq(first..first + ids.len() as i64), "{ids:?} have gaps");
    first
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
