//! One rate limit over many processes, through a Redis that comes and goes (S7.1).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domaindesk_simulator::RateLimit;
use domaindesk_support::Redis;
use domaindesk_sync::{DomainRef, Selection, SyncOptions};
use domaindesk_tests::House;
use serde_json::json;

const PROCESSES: usize = 8;

/// A house whose registrar takes so many requests in so many seconds, and shuts the door after that.
fn house(domains: u64, requests: u32, seconds: u32, redis: &Redis) -> House {
    let mut house = House::new(domains);
    house.simulator.set_rate_limit(Some(RateLimit::per_seconds(requests as usize, seconds.into())));
    house.config["registrar"]["defaults"]["rate_limit"] = json!({"max_attempts": requests, "decay_seconds": seconds});
    // A busy machine is no part of this.
    house.config["registrar"]["defaults"]["timeout"] = json!(30);
    house.config["redis"] = json!({"url": redis.url(), "options": {"prefix": "desk_"}});
    house
}

fn worker(house: &House) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_domaindesk-worker"));
    command.arg(house.config.to_string()).arg("5").stdin(Stdio::null()).stdout(Stdio::piped());
    command.spawn().unwrap()
}

fn all_synced(house: &House, workers: Vec<Child>) {
    for worker in workers {
        assert!(worker.wait_with_output().unwrap().status.success());
    }
    let left = house
        .database
        .query("SELECT name, sync_metadata FROM domains WHERE status = 'active' AND last_synced_at IS NULL");
    let stats = house.simulator.stats();
    assert!(left.is_empty(), "S7.1: they wait, they do not fail: {left:?}, {} over the limit", stats.over_limit);
    assert!(stats.requests >= 100, "{stats:?}");
    assert_eq!(stats.over_limit, 0, "S7.1");
}

#[test]
fn eight_processes_keep_one_limit() {
    let redis = Redis::start();
    let house = house(160, 40, 4, &redis);
    let workers = (0..PROCESSES).map(|_| worker(&house)).collect();
    all_synced(&house, workers);
}

#[test]
fn a_redis_that_is_killed_and_comes_back_lets_no_request_over_the_limit() {
    let mut redis = Redis::start();
    let house = house(200, 40, 4, &redis);
    let workers = (0..PROCESSES).map(|_| worker(&house)).collect();
    std::thread::sleep(Duration::from_secs(5));
    redis.kill();
    std::thread::sleep(Duration::from_secs(10));
    redis.restart();
    all_synced(&house, workers);
}

#[tokio::test]
async fn without_a_redis_a_person_is_served_all_the_same() {
    let mut redis = Redis::start();
    let house = house(30, 40, 4, &redis);
    redis.kill();
    let sync = house.connect().await;
    let result = sync.sync_domain(house.id(&house.active()), &SyncOptions::default()).await.unwrap();
    assert!(result.success, "S7.1 {result:?}");
    redis.restart();
    let names = house.actives(3);
    let selection = Selection::Domains(names.iter().map(|name| DomainRef::parse(name).unwrap()).collect());
    let report = sync.sync_domains(selection, SyncOptions::default().forced(), |_| ()).await.unwrap();
    assert_eq!(report.stats.synced, 3, "S7.1");
}
