//! Several accounts, at one registrar and at all of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_simulator::{RateLimit, RunningSimulator, Simulator, SimulatorConfig, WorldConfig};
use domaindesk_support::{DEMO_APP_KEY, DatabaseOptions, SeedOptions, TempDatabase, seed};
use domaindesk_sync::{Config, DomainRef, ErrorKind, RegistrarSync, ResultsMode, Selection, SyncOptions};
use domaindesk_tests::conformance::{REGISTRARS, Row};
use domaindesk_tests::{House, account, forced};
use serde_json::json;

/// A second account at the same registrar, under a slug of its own.
fn second_account(named: impl FnOnce(&mut House)) -> House {
    let mut house = House::with(200, |options| options.registrars = vec!["resellerclub".into(), "club-eu".into()]);
    let config = SimulatorConfig { accounts: vec![account("778", 200, house.now)], ..SimulatorConfig::default() };
    let other = Simulator::start(config);
    house.config["registrar"]["registrars"]["club-eu"] =
        json!({"api_url": other.url(), "credentials": {"auth_userid": "778", "api_key": "simulated"}});
    house.database.execute("UPDATE registrars SET credentials = NULL WHERE slug = 'club-eu'");
    named(&mut house);
    house.others.push(other);
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registrar_has_as_many_accounts_as_there_are_slugs_for_it() {
    let by_driver =
        |house: &mut House| house.config["registrar"]["registrars"]["club-eu"]["driver"] = "resellerclub".into();
    let by_class = |house: &mut House| {
        let class = r"App\Services\Registrar\ResellerClubRegistrar";
        house.database.execute(&format!("UPDATE registrars SET api_class = '{class}' WHERE slug = 'club-eu'"));
    };
    for house in [second_account(by_driver), second_account(by_class)] {
        let sync = house.connect().await;
        let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
        assert_eq!((report.stats.synced, report.stats.failed), (200, 0), "S7.2 {:?}", report.stats);
        for slug in ["resellerclub", "club-eu"] {
            let own = &report.registrars[slug];
            assert!(own.domains > 90 && own.synced == own.domains, "S7.2 {slug} {own:?}");
        }
        let (one, other) = (house.simulator.stats(), house.others[0].stats());
        assert_eq!((one.unauthenticated, other.unauthenticated), (0, 0), "each with its own credentials");
        assert_eq!(one.requests + other.requests, report.stats.api_calls, "S8.2");
        assert!(one.requests > 0 && other.requests > 0, "S7.2");
        let stats = sync.stats().await.unwrap();
        assert_eq!(
            stats.budget.iter().map(|budget| budget.registrar.as_str()).collect::<Vec<_>>(),
            ["club-eu", "resellerclub"]
        );

        // One account's refusal is not the other's (S6.6).
        house.others[0].set_api_key("778", "another");
        let report = sync.sync_domains(house.all(), forced(), |_| ()).await.unwrap();
        assert!(report.registrars["club-eu"].stopped.is_some(), "S6.6");
        let own = &report.registrars["resellerclub"];
        assert!(own.synced == own.domains && own.stopped.is_none(), "S6.6 {own:?}");
    }
}

#[tokio::test]
async fn a_handle_follows_what_the_application_says_of_a_registrar() {
    let house = second_account(|_| ());
    let sync = house.connect().await;
    let id = house.database.one(
        "SELECT d.id FROM domains d JOIN registrars r ON r.id = d.registrar_id WHERE r.slug = 'club-eu' ORDER BY d.id LIMIT 1",
    );
    let id = id.as_i64().unwrap();
    for (class, kind) in
        [("ResellerClubRegistrar", None), ("EnomRegistrar", Some("uid")), ("Homegrown", Some("driver"))]
    {
        house.database.execute(&format!("UPDATE registrars SET api_class = '{class}' WHERE slug = 'club-eu'"));
        let told = sync.sync_domain(id, &forced()).await;
        match kind {
            None => assert!(told.unwrap().success, "{class}"),
            Some(part) => assert!(told.unwrap_err().to_string().contains(part), "{class}"),
        }
    }
}

#[tokio::test]
async fn a_slug_that_nothing_speaks_for_says_what_to_do() {
    let house = second_account(|_| ());
    let sync = house.connect().await;
    let id = house.database.one(
        "SELECT d.id FROM domains d JOIN registrars r ON r.id = d.registrar_id WHERE r.slug = 'club-eu' ORDER BY d.id LIMIT 1",
    );
    let error = sync.sync_domain(id.as_i64().unwrap(), &forced()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("registrar.registrars.club-eu.driver"), "{error}");
}

/// An account at every registrar, in one database: each with the domains of a world of its own size.
struct Portfolio {
    database: TempDatabase,
    config: serde_json::Value,
    simulators: Vec<(&'static Row, RunningSimulator)>,
}

/// How many domains each account has.
const EACH: u64 = 1_700;

impl Portfolio {
    /// The domains of one world, spread over all registrars in turn as their slugs come.
    fn new() -> Self {
        let now = chrono::Utc::now();
        let database = TempDatabase::on(domaindesk_support::Engine::Sqlite, DatabaseOptions::default());
        let domains = EACH * REGISTRARS.len() as u64;
        let world = |_: &Row| WorldConfig { seed: 7, domains, now: now.timestamp(), ..WorldConfig::default() };
        let simulators: Vec<_> = REGISTRARS
            .iter()
            .map(|row| {
                let config = SimulatorConfig { api: row.api, ..SimulatorConfig::with_world(world(row)) };
                (row, Simulator::start(config))
            })
            .collect();
        let mut options = SeedOptions::at(now);
        options.registrars = REGISTRARS.iter().map(|row| row.slug.to_owned()).chain(["mock".to_owned()]).collect();
        options.credentials = serde_json::Value::Null;
        simulators[0].1.with_world(|world| seed::fill(&database, database.prefix(), &options, world));
        let mut registrars = json!({"mock": {}});
        for (row, simulator) in &simulators {
            let mut own: serde_json::Value = serde_json::from_str(row.settings).unwrap();
            own["api_url"] = json!(simulator.url());
            own["credentials"] = row.access();
            registrars[row.slug] = own;
        }
        let config = json!({
            "database": database.laravel_connection(),
            "registrar": {
                "defaults": {"timeout": 20, "rate_limit": null, "retry": {"max_attempts": 3, "delay": 10}},
                "registrars": registrars,
            },
            "app_key": DEMO_APP_KEY,
        });
        Self { database, config, simulators }
    }

    fn all(&self) -> Selection {
        let rows = self.database.query("SELECT id FROM domains ORDER BY id");
        Selection::Domains(rows.iter().map(|row| DomainRef::from(row[0].as_i64().unwrap())).collect())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_domains_over_all_registrars_at_once_each_within_its_own_limit() {
    let mut portfolio = Portfolio::new();
    for (place, (row, simulator)) in portfolio.simulators.iter().enumerate() {
        let limit = 150 + 50 * place;
        simulator.set_rate_limit(Some(RateLimit::per_seconds(limit, 1)));
        let own = &mut portfolio.config["registrar"]["registrars"][row.slug];
        own["rate_limit"] = json!({"max_attempts": limit, "decay_seconds": 1});
        own["concurrency"] = json!(8);
    }
    let sync = RegistrarSync::connect(Config::from_value(portfolio.config.clone()).unwrap()).await.unwrap();
    let mut options = forced();
    options.results = ResultsMode::None;
    options.allow_mass_change = true;
    let report = sync.sync_domain_statuses(portfolio.all(), options, |_| ()).await.unwrap();
    let stats = report.stats;
    assert!(stats.total >= 10_000, "{stats:?}");
    assert_eq!(stats.total, stats.synced + stats.failed + stats.skipped + stats.held, "S8.2 {stats:?}");
    assert_eq!(report.registrars.len(), REGISTRARS.len() + 1, "S7.2: all of them");
    for (row, simulator) in &portfolio.simulators {
        let (own, seen) = (&report.registrars[row.slug], simulator.stats());
        assert_eq!(seen.over_limit, 0, "S7.1 {}", row.slug);
        assert_eq!(own.requests, seen.requests, "S8.2 {}", row.slug);
        assert_eq!(own.stopped, None, "S6.6 {}", row.slug);
        // What an account does not have fails; all else is synced.
        assert!(own.synced * 10 > own.domains * 8 && own.domains == own.synced + own.failed, "{} {own:?}", row.slug);
    }
    assert_eq!(report.registrars["mock"].failed, 0, "{:?}", report.registrars["mock"]);
    let requests: u64 = report.registrars.values().map(|own| own.requests).sum();
    assert_eq!(requests, stats.api_calls, "S8.2");
}
