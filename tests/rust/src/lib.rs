//! A DomainDesk database, a simulated registrar and the engine between them, for the whole-system tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // test support: failing loudly is its way to report

mod clock;
pub mod conformance;
mod desk;
mod whole;

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use domaindesk_simulator::{
    AccountConfig, Api, RunningSimulator, SimDomain, Simulator, SimulatorConfig, TlsMode, World, WorldConfig,
};
use domaindesk_support::{DEMO_APP_KEY, DatabaseOptions, Engine, SeedOptions, Seeded, TempDatabase, seed};
use domaindesk_sync::{Config, DomainName, DomainRef, RegistrarSync, Selection, SyncOptions};
use serde_json::{Value, json};

pub use clock::Hands;
pub use desk::Desk;
pub use whole::{Rehearsal, Told, Whole};

/// Everything that a whole-system test needs; gone when dropped.
pub struct House {
    /// The registrar.
    pub simulator: RunningSimulator,
    /// Other registrars, which are there as long as the house is.
    pub others: Vec<RunningSimulator>,
    /// The application's database.
    pub database: TempDatabase,
    /// What was written into it.
    pub seeded: Seeded,
    /// The configuration, as an application would have it.
    pub config: Value,
    /// When it was made.
    pub now: DateTime<Utc>,
}

impl House {
    /// A house with so many domains, in step with the registrar and never synced.
    pub fn new(domains: u64) -> Self {
        Self::with(domains, |_| ())
    }

    /// As [`new`](Self::new), seeded otherwise.
    pub fn with(domains: u64, change: impl FnOnce(&mut SeedOptions)) -> Self {
        Self::on(Engine::Sqlite, domains, change)
    }

    /// As [`with`](Self::with), on any engine: in a file, or on the server that all tests of the process share.
    pub fn on(engine: Engine, domains: u64, change: impl FnOnce(&mut SeedOptions)) -> Self {
        Self::in_database(TempDatabase::on(engine, DatabaseOptions::default()), domains, change)
    }

    /// As [`new`](Self::new), at another registrar: its slug in DomainDesk, and the credentials by which it knows the
    /// simulator's account.
    pub fn at(api: Api, slug: &str, credentials: Value, domains: u64) -> Self {
        let database = TempDatabase::on(Engine::Sqlite, DatabaseOptions::default());
        Self::build(database, SimulatorConfig { api, ..SimulatorConfig::default() }, domains, |seed| {
            seed.registrars = vec![slug.to_owned()];
            seed.credentials = credentials;
        })
    }

    /// As [`with`](Self::with), in a database that is empty.
    pub fn in_database(database: TempDatabase, domains: u64, change: impl FnOnce(&mut SeedOptions)) -> Self {
        Self::build(database, SimulatorConfig::default(), domains, change)
    }

    /// As [`new`](Self::new), at a registrar that is reached over TLS.
    pub fn over_tls(mode: TlsMode, domains: u64) -> Self {
        let database = TempDatabase::on(Engine::Sqlite, DatabaseOptions::default());
        Self::build(database, SimulatorConfig { tls: Some(mode), ..SimulatorConfig::default() }, domains, |_| ())
    }

    fn build(
        database: TempDatabase,
        simulator: SimulatorConfig,
        domains: u64,
        change: impl FnOnce(&mut SeedOptions),
    ) -> Self {
        let now = Utc::now();
        let world = WorldConfig { seed: 7, domains, now: now.timestamp(), ..WorldConfig::default() };
        let accounts = SimulatorConfig::with_world(world).accounts;
        let config = SimulatorConfig { accounts, count_domains: true, ..simulator };
        let simulator = Simulator::start(config);
        let mut options = SeedOptions::at(now);
        change(&mut options);
        let seeded = simulator.with_world(|world| seed::fill(&database, database.prefix(), &options, world));
        let mut config = json!({
            "database": database.laravel_connection(),
            "registrar": {
                "defaults": {"timeout": 5, "rate_limit": null, "retry": {"max_attempts": 3, "delay": 10}},
                "registrars": {
                    "resellerclub": {"api_url": simulator.url(), "concurrency": 16},
                    "logicboxes": {"api_url": simulator.url(), "concurrency": 16},
                },
            },
            "app_key": DEMO_APP_KEY,
        });
        for slug in &options.registrars {
            config["registrar"]["registrars"][slug] = json!({"api_url": simulator.url(), "concurrency": 16});
        }
        Self { simulator, others: Vec::new(), database, seeded, config, now }
    }

    /// The engine.
    pub async fn connect(&self) -> RegistrarSync {
        RegistrarSync::connect(Config::from_value(self.config.clone()).unwrap()).await.unwrap()
    }

    /// The engine, with a clock of the test's own.
    pub async fn connect_at(&self, hands: &Arc<Hands>) -> RegistrarSync {
        let builder = RegistrarSync::builder(Config::from_value(self.config.clone()).unwrap());
        builder.clock(Arc::clone(hands) as _).connect().await.unwrap()
    }

    /// The engine, asking the registrar at a desk of the test's own.
    pub async fn connect_to(&self, desk: &Arc<Desk>, hands: &Arc<Hands>) -> RegistrarSync {
        let builder = RegistrarSync::builder(Config::from_value(self.config.clone()).unwrap());
        let builder = builder.registrar("resellerclub", Arc::clone(desk) as _).clock(Arc::clone(hands) as _);
        builder.connect().await.unwrap()
    }

    /// A clock that stands an hour after the house was made, so that what is written is told from what was seeded.
    pub fn hands(&self) -> Arc<Hands> {
        Hands::at(self.now.trunc_subsecs(0) + TimeDelta::hours(1))
    }

    /// Every domain that there is, by id.
    pub fn all(&self) -> Selection {
        let rows = self.database.query("SELECT id FROM domains ORDER BY id");
        Selection::Domains(rows.iter().map(|row| DomainRef::from(row[0].as_i64().unwrap())).collect())
    }

    /// The name of a domain that is active at the registrar for another month at least, with ordinary contacts.
    pub fn active(&self) -> String {
        self.actives(1).remove(0)
    }

    /// As [`active`](Self::active), several.
    pub fn actives(&self, count: usize) -> Vec<String> {
        self.ordinary(".com", 12, count)
    }

    /// As [`actives`](Self::actives), with this end of the name and no more nameservers than these.
    pub fn ordinary(&self, end: &str, nameservers: usize, count: usize) -> Vec<String> {
        let later = (self.now + TimeDelta::days(31)).timestamp();
        let fits = |domain: &SimDomain| {
            is_ordinary(domain, later) && domain.name.ends_with(end) && domain.nameservers.len() <= nameservers
        };
        let names: Vec<_> = self.simulator.with_world(|world: &mut World| {
            world.domains().filter(fits).map(|domain| domain.name).take(count).collect()
        });
        assert_eq!(names.len(), count, "the world has too few ordinary domains");
        names
    }

    /// Changes a domain at the registrar.
    pub fn at_registrar(&self, name: &str, change: impl FnOnce(&mut SimDomain)) {
        assert!(self.simulator.with_world(|world| world.update(name, change)), "the registrar has no {name}");
    }

    /// One value out of a domain's row.
    pub fn column(&self, name: &str, column: &str) -> Value {
        self.database.one(&format!("SELECT {column} FROM domains WHERE name = '{name}'"))
    }

    /// A domain's `sync_metadata`.
    pub fn metadata(&self, name: &str) -> Value {
        let text = self.column(name, "sync_metadata");
        text.as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
    }

    /// A domain's id.
    pub fn id(&self, name: &str) -> i64 {
        self.column(name, "id").as_i64().unwrap()
    }

    /// Everything that a sync may write, to see that nothing was.
    pub fn everything(&self) -> Vec<Vec<Vec<Value>>> {
        ["domains", "domain_nameservers", "domain_contacts", "audit_logs", "tld_prices", "registrars"]
            .map(|table| self.database.query(&format!("SELECT * FROM {table} ORDER BY id")))
            .into()
    }
}

fn is_ordinary(domain: &SimDomain, later: i64) -> bool {
    domain.current_status == "Active"
        && domain.expires.is_some_and(|expires| expires > later)
        && domain.order_status.iter().all(|word| word != "resellersuspend")
        && domain.raa.as_deref() != Some("Suspended")
        && !domain.privacy
        && !domain.name.contains("xn--")
}

/// Options of a sync that minds no interval.
pub fn forced() -> SyncOptions {
    SyncOptions::default().forced()
}

/// A domain by its name.
pub fn name(name: &str) -> DomainRef {
    DomainName::parse(name).unwrap().into()
}

/// A second account, for several registrars at once.
pub fn account(login: &str, domains: u64, now: DateTime<Utc>) -> AccountConfig {
    AccountConfig {
        auth_userid: login.to_owned(),
        world: WorldConfig { seed: 7, domains, now: now.timestamp(), ..WorldConfig::default() },
        ..AccountConfig::default()
    }
}
