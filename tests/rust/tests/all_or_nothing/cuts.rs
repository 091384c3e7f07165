//! The connection to the database breaks, at each request in turn.

use domaindesk_support::{Cut, CutProxy, Engine};
use domaindesk_sync::SyncOptions;
use domaindesk_tests::{House, Rehearsal};

use crate::{drifting, lose_contacts};

on_every_server!(
    a_connection_that_breaks_before_a_request_costs_nothing,
    a_connection_that_breaks_before_an_answer_costs_nothing,
    a_server_that_is_gone_before_a_request_leaves_every_domain_whole,
    a_server_that_is_gone_before_an_answer_leaves_every_domain_whole,
);

async fn a_connection_that_breaks_before_a_request_costs_nothing(engine: Engine) {
    breaks_once(engine, Cut::Request).await;
}

async fn a_connection_that_breaks_before_an_answer_costs_nothing(engine: Engine) {
    breaks_once(engine, Cut::Answer).await;
}

async fn a_server_that_is_gone_before_a_request_leaves_every_domain_whole(engine: Engine) {
    breaks_for_good(engine, Cut::Request).await;
}

async fn a_server_that_is_gone_before_an_answer_leaves_every_domain_whole(engine: Engine) {
    breaks_for_good(engine, Cut::Answer).await;
}

/// More requests than a batch of nine domains takes.
const MOST: u64 = 300;

/// A house of nine domains behind a wire.
fn wired(engine: Engine) -> (House, CutProxy) {
    let mut house = House::on(engine, 9, drifting);
    lose_contacts(&house);
    let proxy = CutProxy::to(house.database.access().unwrap());
    house.config["database"]["port"] = proxy.port().to_string().into();
    (house, proxy)
}

async fn breaks_once(engine: Engine, cut: Cut) {
    let (house, proxy) = wired(engine);
    let mut rehearsal = Rehearsal::of(&house).await;
    let sync = house.connect_at(rehearsal.hands()).await;
    for turn in 1.. {
        assert!(turn < MOST, "a batch ends");
        rehearsal.restart();
        proxy.arm(turn, cut);
        let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await;
        let was_cut = proxy.disarm();
        // What was not committed is done again, and what was is not.
        assert_eq!(rehearsal.judge(&report, false), Some(0), "turn {turn}: {report:?}");
        rehearsal.all_is_after();
        if !was_cut {
            assert!(turn > 20, "each request had its turn");
            break;
        }
    }
}

async fn breaks_for_good(engine: Engine, cut: Cut) {
    let (house, proxy) = wired(engine);
    let mut rehearsal = Rehearsal::of(&house).await;
    let sync = house.connect_at(rehearsal.hands()).await;
    let (mut told, mut ended_early) = (0, 0);
    for turn in 1.. {
        assert!(turn < MOST, "a batch ends");
        rehearsal.restart();
        proxy.arm_for_good(turn, cut);
        let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await;
        let was_cut = proxy.disarm();
        match rehearsal.judge(&report, cut == Cut::Answer) {
            Some(failed) => told += u64::from(failed > 0),
            None => ended_early += 1,
        }
        if !was_cut {
            rehearsal.all_is_after();
            break;
        }
        rehearsal.an_hour_later();
        let mended = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
        assert_eq!(mended.stats.failed, 0, "turn {turn}: {mended:?}");
        rehearsal.all_is_after();
    }
    // Locking, reading twice, savepoint, seven statements, release, commit; and before that the reading.
    assert!(told >= 10, "{told} batches met the end while they wrote, {ended_early} while they read");
    assert!(ended_early >= 3, "{told} batches met the end while they wrote, {ended_early} while they read");
}
