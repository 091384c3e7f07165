//! The server dies while a batch runs, and comes back with what it had; or the process of the batch dies (S6.8).

use std::process::Command;
use std::time::Duration;

use domaindesk_support::{DatabaseOptions, Engine, MariaDb, Postgres, Server, TempDatabase};
use domaindesk_sync::SyncOptions;
use domaindesk_sync::clock::Clock;
use domaindesk_tests::{House, Rehearsal};

use crate::{BATCH, child, drifting, lose_contacts};

on_every_engine!(a_process_that_is_killed_leaves_every_domain_whole);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mariadb_that_dies_leaves_every_domain_whole_and_is_used_again() {
    let mut server = MariaDb::start();
    let database = TempDatabase::on_mariadb(&server, DatabaseOptions::default());
    killed_meanwhile(database, &mut server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_dies_leaves_every_domain_whole_and_is_used_again() {
    let mut server = Postgres::start();
    let database = TempDatabase::on_postgres(&server, DatabaseOptions::default());
    killed_meanwhile(database, &mut server).await;
}

async fn killed_meanwhile(database: TempDatabase, server: &mut Server) {
    let mut house = House::in_database(database, 120, drifting);
    lose_contacts(&house);
    // Slow enough that the batch writes in several transactions, a tenth of a second apart.
    house.config["registrar"]["registrars"]["resellerclub"]["concurrency"] = 4.into();
    let mut rehearsal = Rehearsal::of(&house).await;
    house.simulator.set_latency(Duration::from_millis(20), Duration::ZERO);
    let sync = house.connect_at(rehearsal.hands()).await;
    let mut written_before = 0;
    for delay in [60, 250, 333, 500] {
        rehearsal.restart();
        let batch = sync.sync_domains(house.all(), SyncOptions::default(), |_| ());
        let dying = async {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            tokio::task::block_in_place(|| {
                server.kill();
                server.start_again();
            });
        };
        let (report, ()) = tokio::join!(batch, dying);
        rehearsal.reconnect();
        rehearsal.judge(&report, true);
        written_before += report.map_or(0, |report| report.stats.synced);
        rehearsal.an_hour_later();
        let mended = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
        assert_eq!(mended.stats.failed, 0, "{delay} ms: {mended:?}");
        rehearsal.all_is_after();
    }
    assert!(written_before > 0, "a batch goes on when the server is back");
}

async fn a_process_that_is_killed_leaves_every_domain_whole(engine: Engine) {
    let mut house = House::on(engine, 60, drifting);
    lose_contacts(&house);
    house.config["registrar"]["registrars"]["resellerclub"]["concurrency"] = 4.into();
    let mut rehearsal = Rehearsal::of(&house).await;
    let sync = house.connect_at(rehearsal.hands()).await;
    let mut half_done = 0;
    // About as long as one batch takes, and then until one ends by itself.
    for round in 1_u64.. {
        assert!(round < 60, "a batch of 60 domains ends");
        rehearsal.restart();
        house.simulator.set_latency(Duration::from_millis(20), Duration::from_millis(5));
        let mut process = child(&house, rehearsal.hands().now(), Command::new(BATCH));
        let ended = tokio::task::block_in_place(|| {
            std::thread::sleep(Duration::from_millis(60 * round));
            let ended = process.try_wait().unwrap();
            process.kill().unwrap();
            process.wait().unwrap();
            ended
        });
        house.simulator.set_latency(Duration::ZERO, Duration::ZERO);
        let written = rehearsal.all_is_whole().values().filter(|written| **written).count();
        half_done += u32::from((1..60).contains(&written));
        rehearsal.an_hour_later();
        let mended = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
        assert_eq!((mended.stats.skipped, mended.stats.failed), (written as u64, 0), "{mended:?}");
        rehearsal.all_is_after();
        if let Some(status) = ended {
            assert!(status.success() && written == 60, "{status}");
            break;
        }
    }
    assert!(half_done > 0, "a batch was met between two of its transactions");
}
