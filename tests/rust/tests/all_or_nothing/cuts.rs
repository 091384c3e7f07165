//! The connection to the database breaks, at each request in turn.

use domaindesk_support::{Cut, CutProxy, Engine};
use domaindesk_sync::SyncOptions;
use domaindesk_tests::{House, Rehearsal};

use crate::{drifting, lose_contacts};

on_every_server!(
    a_connection_that_breaks_before_a_request_leaves_every_domain_whole,
    a_connection_that_breaks_before_an_answer_leaves_every_domain_whole,
);

async fn a_connection_that_breaks_before_a_request_leaves_every_domain_whole(engine: Engine) {
    at_every_turn(engine, Cut::Request).await;
}

async fn a_connection_that_breaks_before_an_answer_leaves_every_domain_whole(engine: Engine) {
    at_every_turn(engine, Cut::Answer).await;
}

async fn at_every_turn(engine: Engine, cut: Cut) {
    let mut house = House::on(engine, 9, drifting);
    lose_contacts(&house);
    let proxy = CutProxy::to(house.database.access().unwrap());
    house.config["database"]["port"] = proxy.port().to_string().into();
    let mut rehearsal = Rehearsal::of(&house).await;
    let sync = house.connect_at(rehearsal.hands()).await;
    let (mut told, mut ended_early) = (0, 0);
    for turn in 1.. {
        rehearsal.restart();
        proxy.arm(turn, cut);
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
        assert!(turn < 300, "a batch of 9 domains takes fewer requests to the database");
        rehearsal.an_hour_later();
        let mended = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
        assert_eq!(mended.stats.failed, 0, "turn {turn}: {mended:?}");
        rehearsal.all_is_after();
    }
    // Locking, reading twice, savepoint, seven statements, release, commit; some may be where another connection begins.
    assert!(told >= 10, "{told} batches met the break while they wrote, {ended_early} while they read");
}
