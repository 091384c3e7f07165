//! The PHP peers do the whole work of a sync, so that it is fair to compare with them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on should stop

use std::path::Path;

use chrono::{DateTime, Utc};
use domaindesk_simulator::{RunningSimulator, Simulator, SimulatorConfig, World, WorldConfig};
use domaindesk_support::{DEMO_APP_KEY, SeedOptions, TempDatabase, php, seed};
use serde_json::Value;

const DOMAINS: u64 = 50;

/// A registrar, and a database of which two domains in five differ from it.
struct Peer {
    simulator: RunningSimulator,
    database: TempDatabase,
    drifted: Vec<i64>,
    now: DateTime<Utc>,
}

impl Peer {
    fn new() -> Self {
        let now = DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap();
        let world = WorldConfig { seed: 3, domains: DOMAINS, now: now.timestamp(), ..WorldConfig::default() };
        let simulator = Simulator::start(SimulatorConfig::with_world(world));
        let database = TempDatabase::new();
        let options = SeedOptions { local_drift: 0.4, ..SeedOptions::at(now) };
        let seeded = simulator.with_world(|world: &mut World| seed::fill(database.path(), "", &options, world));
        Self { simulator, database, drifted: seeded.drifted, now }
    }

    /// What the script reports after a run.
    fn run(&self, script: &str, more: &[&str]) -> Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("php").join(script);
        let mut script = php::Script::new(path)
            .argument(format!("--database={}", self.database.path().display()))
            .argument(format!("--url={}", self.simulator.url()))
            .argument("--auth-userid=777")
            .argument("--api-key=simulated")
            .variable("APP_KEY", DEMO_APP_KEY);
        for word in more {
            script = script.argument(*word);
        }
        script.run().success().last_json_line()
    }

    /// The rows that a sync is about, of a database that never was out of step.
    fn in_step(&self) -> Vec<Vec<Value>> {
        let database = TempDatabase::new();
        let options = SeedOptions::at(self.now);
        self.simulator.with_world(|world: &mut World| seed::fill(database.path(), "", &options, world));
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

fn rows(database: &TempDatabase) -> Vec<Vec<Value>> {
    let mut rows = database.query("SELECT id, name, status, date(expires_at) FROM domains ORDER BY id");
    rows.extend(database.query("SELECT domain_id, nameserver FROM domain_nameservers ORDER BY domain_id, \"order\""));
    rows.extend(database.query(
        "SELECT domain_id, type, first_name, last_name, email, phone, organization, address, city, state, postal_code, \
         country FROM domain_contacts ORDER BY domain_id, type",
    ));
    rows
}

#[test]
fn the_eloquent_peer_ends_in_step_with_the_registrar() {
    let peer = Peer::new();
    peer.ends_in_step("eloquent.php", &[]);
    assert_eq!(peer.simulator.stats().requests, 4 * DOMAINS, "two requests a domain, two runs");
}

#[test]
fn the_plain_peer_ends_in_step_with_the_registrar() {
    let peer = Peer::new();
    peer.ends_in_step("plain.php", &[]);
    assert_eq!(peer.simulator.stats().requests, 2 * DOMAINS, "one request a domain, two runs");
}

#[test]
fn the_plain_peer_ends_in_step_also_in_batches_and_with_a_write_ahead_log() {
    Peer::new().ends_in_step("plain.php", &["--batch=20", "--wal"]);
}
