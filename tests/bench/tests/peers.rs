//! The PHP peers do the whole work of a sync, on each database as the engine does it, so that it is fair to compare.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on should stop

use std::path::Path;

use chrono::{DateTime, Utc};
use domaindesk_simulator::{RunningSimulator, Simulator, SimulatorConfig, World, WorldConfig};
use domaindesk_support::{DEMO_APP_KEY, DatabaseOptions, Engine, SeedOptions, TempDatabase, php, seed};
use domaindesk_sync::{Config, RegistrarSync, ResultsMode, Selection, SyncOptions};
use serde_json::{Value, json};

const DOMAINS: u64 = 50;

/// A registrar, and a database of which two domains in five differ from it.
struct Peer {
    simulator: RunningSimulator,
    database: TempDatabase,
    drifted: Vec<i64>,
    now: DateTime<Utc>,
}

impl Peer {
    fn on(engine: Engine) -> Self {
        Self::at(engine, present())
    }

    /// Two made at the same time are alike.
    fn at(engine: Engine, now: DateTime<Utc>) -> Self {
        let world = WorldConfig { seed: 3, domains: DOMAINS, now: now.timestamp(), ..WorldConfig::default() };
        let simulator = Simulator::start(SimulatorConfig::with_world(world));
        let database = TempDatabase::on(engine, DatabaseOptions::default());
        let options = SeedOptions { local_drift: 0.4, ..SeedOptions::at(now) };
        let seeded = simulator.with_world(|world: &mut World| seed::fill(&database, "", &options, world));
        Self { simulator, database, drifted: seeded.drifted, now }
    }

    /// What the script reports after a run.
    fn run(&self, script: &str, more: &[&str]) -> Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("php").join(script);
        let mut script = php::Script::new(path)
            .argument(format!("--url={}", self.simulator.url()))
            .argument("--auth-userid=777")
            .argument("--api-key=simulated")
            .variable("DDS_BENCH_DATABASE", self.database.laravel_connection().to_string())
            .variable("APP_KEY", DEMO_APP_KEY);
        for word in more {
            script = script.argument(*word);
        }
        script.run().success().last_json_line()
    }

    /// Syncs by the engine what the scripts sync, whatever its status.
    fn run_engine(&self) {
        let config = json!({
            "database": self.database.laravel_connection(),
            "registrar": {"registrars": {"resellerclub": {"api_url": self.simulator.url(), "rate_limit": null}}},
            "app_key": DEMO_APP_KEY,
        });
        let ids = self.database.query("SELECT id FROM domains ORDER BY id");
        let ids = ids.iter().map(|row| row[0].as_i64().unwrap().into()).collect();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let report = runtime.block_on(async {
            let sync = RegistrarSync::connect(Config::from_value(config).unwrap()).await.unwrap();
            let mut options = SyncOptions::default();
            options.allow_mass_change = true;
            options.results = ResultsMode::All;
            let report = sync.sync_domains(Selection::Domains(ids), options, |_| ()).await.unwrap();
            sync.close().await;
            report
        });
        assert_eq!(report.stats.synced, DOMAINS, "{report:?}");
        assert_eq!(report.stats.changes, self.drifted.len() as u64, "{report:?}");
    }

    /// The rows that a sync is about, of a database that never was out of step.
    fn in_step(&self) -> Vec<Vec<Value>> {
        let database = TempDatabase::on(self.database.engine(), DatabaseOptions::default());
        let options = SeedOptions::at(self.now);
        self.simulator.with_world(|world: &mut World| seed::fill(&database, "", &options, world));
        rows(&database)
    }

    /// Runs the script twice: it finds the differences, and then none.
    fn ends_in_step(&self, script: &str, more: &[&str]) {
        assert_ne!(rows(&self.database), self.in_step(), "the domains differ at first");
        let first = self.run(script, more);
        assert_eq!((&first["domains"], &first["failed"]), (&DOMAINS.into(), &0.into()), "{first}");
        let audited = "SELECT auditable_id, old_values, new_values FROM audit_logs ORDER BY auditable_id, id";
        let audited = self.database.query(audited);
        let ids: Vec<_> = audited.iter().filter_map(|row| row[0].as_i64()).collect();
        assert_eq!(ids, self.drifted, "one audit row a changed field (S4.3): {audited:?}");
        assert_eq!(first["changed"], self.drifted.len(), "{first}");
        assert_eq!(rows(&self.database), self.in_step(), "S3, S4");
        let unsynced = "SELECT COUNT(*) FROM domains WHERE last_synced_at IS NULL OR sync_metadata IS NULL";
        assert_eq!(self.database.one(unsynced), 0, "S4.2");
        let second = self.run(script, more);
        assert_eq!((&second["changed"], &second["failed"]), (&0.into(), &0.into()), "{second}");
        assert_eq!(self.database.count("audit_logs"), self.drifted.len() as u64, "a second sync has nothing to tell");
    }
}

/// In whole seconds, as the tables have it.
fn present() -> DateTime<Utc> {
    DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap()
}

/// The rows that a sync is about.
fn rows(database: &TempDatabase) -> Vec<Vec<Value>> {
    let order = database.quote("order");
    let mut rows = database.query("SELECT id, name, status, date(expires_at) FROM domains ORDER BY id");
    rows.extend(
        database.query(&format!(
            "SELECT domain_id, {order}, nameserver FROM domain_nameservers ORDER BY domain_id, {order}"
        )),
    );
    rows.extend(database.query(
        "SELECT domain_id, type, first_name, last_name, email, phone, organization, address, city, state, postal_code, \
         country FROM domain_contacts ORDER BY domain_id, type",
    ));
    rows
}

/// All that a sync leaves, the bookkeeping and the audit rows included. JSON by its meaning, since its text is each one's own.
fn state(database: &TempDatabase) -> Vec<Vec<Value>> {
    let mut rows = rows(database);
    rows.extend(database.query(
        "SELECT id, expires_at, partner_id, registrar_id, last_synced_at = updated_at FROM domains ORDER BY id",
    ));
    let metadata = database.query("SELECT id, sync_metadata FROM domains ORDER BY id");
    rows.extend(metadata.into_iter().map(|mut row| {
        let metadata = json_of(&row[1]);
        assert!(metadata["synced_at"].is_string(), "S4.2: {metadata}");
        row[1] = json!([metadata["changes_detected"], metadata["registrar_status"], metadata["unknown_status"]]);
        row
    }));
    let audited = database.query(
        "SELECT auditable_id, old_values, new_values, action, auditable_type, partner_id, user_id FROM audit_logs \
         ORDER BY auditable_id, id",
    );
    rows.extend(audited.into_iter().map(|mut row| {
        (row[1], row[2]) = (json_of(&row[1]), json_of(&row[2]));
        row
    }));
    rows
}

fn json_of(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

/// Both peers, each on a database of its own, beside the engine.
fn all_leave_the_same(engine: Engine) {
    let now = present();
    let by_engine = Peer::at(engine, now);
    let before = rows(&by_engine.database);
    by_engine.run_engine();
    let wanted = state(&by_engine.database);
    assert_ne!(rows(&by_engine.database), before, "{engine}: there was something to do");
    for script in ["eloquent.php", "plain.php"] {
        let peer = Peer::at(engine, now);
        assert_eq!(rows(&peer.database), before, "{engine}: all start alike");
        peer.run(script, &[]);
        assert_same(&state(&peer.database), &wanted, &format!("{engine}, {script}"));
    }
}

/// Row by row, so that a failure shows the one that differs.
fn assert_same(rows: &[Vec<Value>], wanted: &[Vec<Value>], who: &str) {
    for (row, wanted) in rows.iter().zip(wanted) {
        assert_eq!(row, wanted, "{who} and the engine");
    }
    assert_eq!(rows.len(), wanted.len(), "{who} and the engine");
}

#[test]
fn the_eloquent_peer_ends_in_step_with_the_registrar() {
    for engine in Engine::ALL {
        let peer = Peer::on(engine);
        peer.ends_in_step("eloquent.php", &[]);
        assert_eq!(peer.simulator.stats().requests, 4 * DOMAINS, "{engine}: two requests a domain, two runs");
    }
}

#[test]
fn the_plain_peer_ends_in_step_with_the_registrar() {
    for engine in Engine::ALL {
        let peer = Peer::on(engine);
        peer.ends_in_step("plain.php", &[]);
        assert_eq!(peer.simulator.stats().requests, 2 * DOMAINS, "{engine}: one request a domain, two runs");
    }
}

#[test]
fn the_plain_peer_ends_in_step_also_in_batches() {
    for engine in Engine::ALL {
        Peer::on(engine).ends_in_step("plain.php", &["--batch=20"]);
    }
}

#[test]
fn the_plain_peer_ends_in_step_also_with_a_write_ahead_log() {
    Peer::on(Engine::Sqlite).ends_in_step("plain.php", &["--batch=20", "--wal"]);
}

#[test]
fn peers_and_engine_leave_the_same_in_sqlite() {
    all_leave_the_same(Engine::Sqlite);
}

#[test]
fn peers_and_engine_leave_the_same_in_mariadb() {
    all_leave_the_same(Engine::MariaDb);
}

#[test]
fn peers_and_engine_leave_the_same_in_postgresql() {
    all_leave_the_same(Engine::Postgres);
}
