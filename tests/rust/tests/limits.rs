//! Limits, pauses and several registrars at once, as the registrars see them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::sync::Arc;
use std::time::{Duration, Instant};

use domaindesk_simulator::{
    Fault, FaultRule, Faults, RateLimit, RunningSimulator, Simulator, SimulatorConfig, WorldConfig,
};
use domaindesk_sync::registrar::resellerclub::ResellerClub;
use domaindesk_sync::{Config, DomainRef, ErrorKind, RegistrarSync, ResultsMode, Selection, SyncOptions};
use domaindesk_tests::House;
use serde_json::json;

/// The first domains of a house.
fn first(house: &House, count: usize) -> Selection {
    let Selection::Domains(mut domains) = house.all() else { panic!("all are chosen by id") };
    domains.truncate(count);
    Selection::Domains(domains)
}

fn limited(domains: u64, requests: u32, seconds: u32) -> House {
    let mut house = House::new(domains);
    house.config["registrar"]["defaults"]["rate_limit"] = json!({"max_attempts": requests, "decay_seconds": seconds});
    house.simulator.set_rate_limit(Some(RateLimit::per_seconds(requests as usize, seconds.into())));
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_one_request_is_over_the_limit_and_a_person_does_not_wait_for_a_batch() {
    // Too few for a list to pay.
    let house = limited(10_000, 20, 10);
    let sync = house.connect().await;
    let batch = {
        let (sync, selection) = (sync.clone(), first(&house, 80));
        tokio::spawn(async move { sync.sync_domains(selection, SyncOptions::default(), |_| ()).await.unwrap() })
    };
    let person = house.actives(100).pop().unwrap();
    // Another concurrency is no way around the limit.
    let mut options = SyncOptions::default().forced();
    options.concurrency = Some(50);
    let mut waits = Vec::new();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(11)).await;
        let start = Instant::now();
        let result = sync.sync_domain(DomainRef::parse(&person).unwrap(), &options).await.unwrap();
        assert!(result.success, "{result:?}");
        waits.push(start.elapsed());
    }
    let report = batch.await.unwrap();
    assert_eq!((report.stats.synced, report.stats.failed), (80, 0), "S7.1: it waits, it does not fail");
    let stats = house.simulator.stats();
    assert_eq!((stats.over_limit, stats.requests >= 82), (0, true), "S7.1");
    assert!(waits.iter().all(|wait| *wait < Duration::from_secs(4)), "S7.1: {waits:?} of a window of 10 s");
    let counters = &report.registrars["resellerclub"];
    assert!(counters.waits > 0 && counters.wait_ms > 1_000, "{counters:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_uses_nearly_all_of_its_budget_as_the_registrar_counts_it() {
    const REQUESTS: u64 = 400;
    let house = limited(10_000, 400, 10);
    let sync = house.connect().await;
    let batch = {
        let (sync, mut options) = (sync.clone(), SyncOptions::default());
        options.max_seconds = Some(60);
        let selection = first(&house, 2_400);
        tokio::spawn(async move { sync.sync_domains(selection, options, |_| ()).await.unwrap() })
    };
    // Past the start, over whole windows: the registrar's own count.
    tokio::time::sleep(Duration::from_secs(12)).await;
    let (before, start) = (house.simulator.stats().requests, Instant::now());
    tokio::time::sleep(Duration::from_secs(30)).await;
    let (sent, seconds) = (house.simulator.stats().requests - before, start.elapsed().as_secs_f64());
    let used = sent as f64 / (REQUESTS as f64 * seconds / 10.0);
    assert!(used >= 0.98, "S7.1: {used} of the budget, {sent} in {seconds} s");
    sync.cancel();
    batch.await.unwrap();
    assert_eq!(house.simulator.stats().over_limit, 0, "S7.1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_waits_for_its_budget_stops_at_once() {
    let house = limited(10_000, 5, 60);
    let sync = house.connect().await;
    let mut options = SyncOptions::default();
    options.max_seconds = Some(2);
    let start = Instant::now();
    let report = sync.sync_domains(first(&house, 50), options, |_| ()).await.unwrap();
    assert!(report.timed_out && report.left > 30, "S6.8 {:?}", report.stats);
    assert_eq!((report.stats.failed, report.stats.total + report.left), (0, 50), "S6.8");
    assert!(start.elapsed() < Duration::from_secs(20), "S6.8");
}

#[tokio::test]
async fn an_account_that_asks_to_be_left_alone_is_left_alone_by_all_calls() {
    let house = House::new(600);
    let sync = house.connect().await;
    let busy = Fault::TooManyRequests { retry_after: Some("2".to_owned()) };
    house.simulator.set_faults(Faults::one(FaultRule::always(busy).for_next(1)));
    let start = Instant::now();
    let report = sync.sync_domains(first(&house, 20), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.synced, report.registrars["resellerclub"].pauses), (20, 1), "S6.2");
    assert!(start.elapsed() >= Duration::from_secs(2), "S6.2: never sooner than it asked for");

    // For longer than a domain may wait: it is not waited for, and nothing more is sent.
    let blocked = Fault::TooManyRequests { retry_after: Some("3600".to_owned()) };
    house.simulator.set_faults(Faults::one(FaultRule::always(blocked).for_next(1)));
    house.simulator.reset_stats();
    let force = SyncOptions::default().forced();
    let id = house.id(&house.active());
    let result = sync.sync_domain(id, &force).await.unwrap();
    assert_eq!(result.error_code, Some(ErrorKind::RateLimited), "S6.1");
    let again = sync.sync_domain(id, &force).await.unwrap();
    assert_eq!(again.error_code, Some(ErrorKind::RateLimited), "S6.1");
    let report = sync.sync_domains(house.all(), force, |_| ()).await.unwrap();
    assert_eq!((report.stats.skipped, report.stats.failed), (600, 0), "S6.6 {:?}", report.stats);
    assert!(report.registrars["resellerclub"].stopped.as_ref().unwrap().contains("left alone"), "S6.6");
    assert_eq!(house.simulator.stats().requests, 1, "S6.2");
}

/// A simulator of the same domains as the house's.
fn twin(house: &House, domains: u64) -> RunningSimulator {
    let world = WorldConfig { seed: 7, domains, now: house.now.timestamp(), ..WorldConfig::default() };
    Simulator::start(SimulatorConfig::with_world(world))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_registrars_one_fails_one_is_limited_and_one_is_slow() {
    const DOMAINS: u64 = 10_000;
    let slugs = ["resellerclub", "logicboxes", "third"];
    let mut house = House::with(DOMAINS, |options| options.registrars = slugs.map(str::to_owned).to_vec());
    let (limited, slow) = (twin(&house, DOMAINS), twin(&house, DOMAINS));
    house.simulator.set_faults(Fault::ServerError { status: 503 });
    limited.set_rate_limit(Some(RateLimit::per_seconds(8, 1)));
    slow.set_latency(Duration::from_millis(400), Duration::ZERO);
    house.config["registrar"]["registrars"]["logicboxes"] =
        json!({"api_url": limited.url(), "rate_limit": {"max_attempts": 8, "decay_seconds": 1}});
    house.config["registrar"]["registrars"]["third"] = json!({"api_url": slow.url()});
    let config = Config::from_value(house.config.clone()).unwrap();
    let credentials = [("auth_userid", "777"), ("api_key", "simulated")];
    let credentials = credentials.map(|(key, value)| (key.to_owned(), value.into())).into();
    let third = ResellerClub::new("third", &credentials, config.registrar.get("third")).unwrap();
    let sync = RegistrarSync::builder(config).registrar("third", Arc::new(third)).connect().await.unwrap();
    let options = || {
        let mut options = SyncOptions::default().forced();
        options.results = ResultsMode::None;
        options
    };

    // Each of the two that answer by itself, to know how long it takes.
    let mut alone = 0;
    for registrar in &house.seeded.registrars[1..] {
        let rows = house.database.query(&format!("SELECT id FROM domains WHERE registrar_id = {registrar}"));
        let selection = Selection::Domains(rows.iter().map(|row| DomainRef::from(row[0].as_i64().unwrap())).collect());
        alone += sync.sync_domain_statuses(selection, options(), |_| ()).await.unwrap().stats.duration_ms;
    }
    let report = sync.sync_domain_statuses(house.all(), options(), |_| ()).await.unwrap();
    let stats = report.stats;
    assert_eq!(stats.total, DOMAINS);
    assert_eq!(stats.total, stats.synced + stats.failed + stats.skipped + stats.held, "S8.2 {stats:?}");
    let of = |slug: &str| &report.registrars[slug];
    assert!(of("resellerclub").stopped.is_some() && of("resellerclub").synced == 0, "S6.6 {:?}", of("resellerclub"));
    assert!(of("resellerclub").requests < 200, "S6.6 {:?}", of("resellerclub"));
    for slug in ["logicboxes", "third"] {
        assert_eq!(
            (of(slug).synced, of(slug).stopped.as_ref()),
            (of(slug).domains, None),
            "S7.2 {slug} {:?}",
            of(slug)
        );
    }
    assert_eq!(slugs.map(|slug| of(slug).domains).iter().sum::<u64>(), DOMAINS);
    assert_eq!(slugs.map(|slug| of(slug).requests).iter().sum::<u64>(), stats.api_calls, "S8.2");
    assert_eq!((limited.stats().over_limit, slow.stats().over_limit), (0, 0), "S7.1");
    assert!(
        stats.duration_ms * 10 < alone * 9,
        "S7.2: {} ms together, {alone} ms one after the other",
        stats.duration_ms
    );
}
