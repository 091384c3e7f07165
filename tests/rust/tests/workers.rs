//! Many processes on one database (S7.5).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domaindesk_support::Engine;
use domaindesk_sync::{DomainRef, Selection, SyncOptions};
use domaindesk_tests::House;
use serde_json::{Value, json};

const DOMAINS: u64 = 5_000;
const WORKERS: usize = 8;
const KILLED: usize = 3;

/// How many domains a batch has, and so at most how many a killed worker held.
const BATCH: u64 = 100;

/// How long all of them may take.
const LIMIT: Duration = Duration::from_secs(180);

fn worker(house: &House) -> Child {
    let mut config = house.config.clone();
    config["domain"] = json!({"lease_seconds": 3});
    config["registrar"]["registrars"]["resellerclub"]["concurrency"] = json!(4);
    let mut command = Command::new(env!("CARGO_BIN_EXE_domaindesk-worker"));
    command.arg(config.to_string()).arg(BATCH.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn unsynced(house: &House) -> u64 {
    // Of the others none is ever due (S1.3).
    let sql = "SELECT COUNT(*) FROM domains WHERE last_synced_at IS NULL \
         AND status IN ('active', 'grace_period', 'redemption', 'expired', 'suspended')";
    house.database.one(sql).as_u64().unwrap()
}

async fn eight_workers_share_a_database(engine: Engine) {
    let house = House::on(engine, DOMAINS, |seed| seed.local_drift = 0.3);
    house.simulator.set_latency(Duration::from_millis(2), Duration::ZERO);
    let due = unsynced(&house);
    assert!(due > DOMAINS * 9 / 10, "{due}");
    let start = Instant::now();
    let mut workers: Vec<_> = (0..WORKERS).map(|_| worker(&house)).collect();

    // Some die in the middle of their work.
    for killed in 1..=KILLED {
        let until = due - due / 5 * killed as u64;
        while unsynced(&house) > until {
            assert!(start.elapsed() < LIMIT, "{engine:?}: {} domains left", unsynced(&house));
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut victim = workers.remove(0);
        victim.kill().unwrap();
        victim.wait().unwrap();
    }
    let mut synced = 0;
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{engine:?}: {said}");
        assert_eq!(said, "", "{engine:?}: S7.5: nothing fails, and nothing is met twice");
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let numbers: Vec<u64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
            assert_eq!(numbers[1..], [0, 0], "{engine:?}: failed and skipped");
            synced += numbers[0];
        }
    }
    assert!(start.elapsed() < LIMIT, "{engine:?}: it took {:?}", start.elapsed());
    assert!(synced <= due, "{engine:?}: {synced} of {due} domains were synced by those that lived");

    assert_eq!(unsynced(&house), 0, "{engine:?}: S7.5");
    let leases =
        house.database.one("SELECT COUNT(*) FROM domains WHERE CAST(sync_metadata AS CHAR(4000)) LIKE '%lease%'");
    assert_eq!(leases, json!(0), "{engine:?}: S7.5: who is done holds nothing");
    let twice = house.database.query(
        "SELECT auditable_id, CAST(new_values AS CHAR(4000)), COUNT(*) FROM audit_logs \
         GROUP BY auditable_id, CAST(new_values AS CHAR(4000)) HAVING COUNT(*) > 1",
    );
    assert_eq!(twice, Vec::<Vec<Value>>::new(), "{engine:?}: S4.3, S7.5");

    // Each was asked for once; again only those that a killed worker had asked for and not written.
    let requests = house.simulator.stats().requests;
    let lost = KILLED as u64 * BATCH;
    assert!((due..=due + lost).contains(&requests), "{engine:?}: S7.5: {requests} requests");

    let sync = house.connect().await;
    let ids = house.database.query("SELECT id FROM domains WHERE last_synced_at IS NOT NULL");
    let all = ids.iter().map(|row| DomainRef::from(row[0].as_i64().unwrap())).collect();
    let check =
        sync.sync_domains(Selection::Domains(all), SyncOptions::default().forced().dry_run(), |_| ()).await.unwrap();
    assert_eq!((check.stats.changes, check.stats.failed), (0, 0), "{engine:?}: all is in step");
}

#[tokio::test]
async fn workers_on_sqlite() {
    eight_workers_share_a_database(Engine::Sqlite).await;
}

#[tokio::test]
async fn workers_on_mariadb() {
    eight_workers_share_a_database(Engine::MariaDb).await;
}

#[tokio::test]
async fn workers_on_postgres() {
    eight_workers_share_a_database(Engine::Postgres).await;
}
