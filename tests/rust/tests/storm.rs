//! Nights of faults over a whole portfolio: what truly lapsed or left is found, and nothing else gets worse.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use domaindesk_simulator::{Fault, FaultRule, Faults};
use domaindesk_sync::clock::Clock;
use domaindesk_sync::{ResultsMode, Selection, SyncOptions};
use domaindesk_tests::House;

const DOMAINS: u64 = 10_000;
/// As many as lapse, and as many as leave.
const EACH: usize = 250;
/// A failed domain is tried again as often as `sync_retries` says, and then asks for a person.
const NIGHTS: usize = 5;

/// Everything that can go wrong in an answer, each now and then.
fn weather(seed: u64) -> Faults {
    let every = |fault, probability| FaultRule::always(fault).with_probability(probability);
    let listing = |fault, probability| every(fault, probability).on_path("domains/search.json");
    let mut faults = Faults::of([
        every(Fault::Reset, 0.01),
        every(Fault::ResetWhileAnswering, 0.005),
        every(Fault::CloseWithoutAnswer, 0.01),
        every(Fault::Truncated, 0.01),
        every(Fault::Garbage, 0.005),
        every(Fault::WrongShape, 0.005),
        every(Fault::HtmlOk, 0.005),
        every(Fault::EmptyBody, 0.005),
        every(Fault::OtherDomain, 0.005),
        every(Fault::ServerError { status: 503 }, 0.01),
        every(Fault::TooManyRequests { retry_after: None }, 0.005),
        listing(Fault::EmptyPage, 0.05),
        listing(Fault::EmptyList, 0.02),
        listing(Fault::WrongTotal, 0.05),
    ]);
    faults.seed = seed;
    faults
}

/// The status of every domain, by name.
fn statuses(house: &House) -> BTreeMap<String, String> {
    let rows = house.database.query("SELECT name, status FROM domains ORDER BY id");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lapsed_or_left_is_found_and_no_other_domain_is_made_worse() {
    let mut house = House::new(DOMAINS);
    house.config["registrar"]["defaults"]["retry"] = serde_json::json!({"max_attempts": 3, "delay": 1});
    let hands = house.hands();
    let sync = house.connect_at(&hands).await;
    let quiet = || {
        let mut options = SyncOptions::default();
        options.results = ResultsMode::None;
        options.limit = Some(u32::MAX);
        options
    };
    // In step, with evidence of it.
    sync.sync_domains(house.all(), quiet(), |_| ()).await.unwrap();
    let calm = statuses(&house);

    let gone = house.actives(2 * EACH);
    let (lapsed, left) = gone.split_at(EACH);
    for name in lapsed {
        house.at_registrar(name, |domain| domain.expires = Some((house.now - TimeDelta::days(100)).timestamp()));
    }
    house.simulator.with_world(|world| {
        for name in left {
            assert!(world.remove(name));
        }
    });

    for night in 0..NIGHTS {
        hands.pass(TimeDelta::days(1));
        house.simulator.with_world(|world| world.set_now(hands.now().timestamp()));
        house.simulator.set_faults(weather(night as u64));
        for status_only in [true, false] {
            let report = if status_only {
                sync.sync_domain_statuses(house.all(), quiet(), |_| ()).await.unwrap()
            } else {
                sync.sync_domains(Selection::NeedingSync, quiet(), |_| ()).await.unwrap()
            };
            let stats = report.stats;
            assert_eq!(stats.total, stats.synced + stats.failed + stats.skipped + stats.held, "S8.2 {stats:?}");
            assert_eq!(stats.held, 0, "S6.7: five of a hundred are no mass change {stats:?}");
        }
    }

    let after = statuses(&house);
    let expired: BTreeSet<&String> = lapsed.iter().filter(|name| after[*name] == "expired").collect();
    let unseen: Vec<_> = lapsed.iter().filter(|name| !expired.contains(name)).collect();
    assert!(unseen.is_empty(), "S2.1: lapsed and not found: {unseen:?}");
    let reviews = sync.domains_needing_review(u32::MAX, &SyncOptions::default()).await.unwrap();
    let reviewed: BTreeSet<&str> = reviews.iter().map(|review| review.domain.as_str()).collect();
    let unseen: Vec<_> = left.iter().filter(|name| !reviewed.contains(name.as_str())).collect();
    assert!(unseen.is_empty(), "S6.5: left and not found: {unseen:?}");
    // The terms of some others end in these nights.
    let end = hands.now().timestamp();
    let ended = |name: &String| {
        house.simulator.with_world(|world| {
            world.by_name(name).is_some_and(|domain| domain.expires.is_some_and(|expires| expires <= end))
        })
    };
    let worse: Vec<_> = calm
        .iter()
        .filter(|(name, status)| after[*name] != **status && !ended(name))
        .map(|(name, status)| (name, status, &after[name]))
        .collect();
    assert!(worse.is_empty(), "S2.5: {worse:?}");
}
