//! The server dies while a batch runs, and comes back with what it had.

use std::time::Duration;

use domaindesk_support::{DatabaseOptions, MariaDb, Postgres, Server, TempDatabase};
use domaindesk_sync::SyncOptions;
use domaindesk_tests::{House, Rehearsal};

use crate::{drifting, lose_contacts};

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
