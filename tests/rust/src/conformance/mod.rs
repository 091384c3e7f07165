//! What every registrar's adapter passes, over its simulator.

use std::time::Duration;

use domaindesk_simulator::Fault;
use domaindesk_sync::{DomainRef, ErrorKind, SyncOptions};
use serde_json::json;

use crate::House;

/// A fault: what it is called, what happens, what kind of error it is and how many requests are made of it.
pub type Case = (&'static str, Fault, ErrorKind, u64);

fn forced() -> SyncOptions {
    SyncOptions::default().forced()
}

/// Each fault has its kind (S6.1) and its number of requests (S6.2), leaves the domain alone (S6.3) and shows none of
/// `secrets` (S6.9); and when all is over the domain is synced.
///
/// # Panics
/// Where that does not hold.
pub async fn each_fault(mut house: House, domain: &str, cases: Vec<Case>, secrets: [&str; 3]) {
    house.config["registrar"]["defaults"]["timeout"] = json!(1);
    let sync = house.connect().await;
    let id = house.id(domain);
    let state = || {
        let columns = ["status", "expires_at", "last_synced_at"].map(|column| house.column(domain, column));
        (columns, house.database.count("audit_logs"))
    };
    let before = state();
    for (what, fault, kind, requests) in cases {
        house.simulator.set_faults(fault);
        house.simulator.reset_stats();
        let result = sync.sync_domain(id, &forced()).await.unwrap();
        assert_eq!((result.success, result.error_code), (false, Some(kind)), "S6.1 {what}: {result:?}");
        assert_eq!(house.simulator.stats().requests, requests, "S6.2 {what}");
        assert_eq!(state(), before, "S6.3 {what}");
        let said = format!("{result:?} {}", house.metadata(domain));
        for secret in secrets {
            assert!(!said.contains(secret), "S6.9 {what}: {said}");
        }
    }
    house.simulator.clear_faults();
    assert!(sync.sync_domain(id, &forced()).await.unwrap().success, "S6.3");
}

/// A slow answer is waited for, and one that is too slow is a timeout that was tried again (S6.2).
///
/// # Panics
/// Where that does not hold.
pub async fn slow_answers(mut house: House, domain: &str) {
    house.config["registrar"]["defaults"]["timeout"] = json!(1);
    let sync = house.connect().await;
    let name = || DomainRef::parse(domain).unwrap();
    house.simulator.set_latency(Duration::from_millis(300), Duration::ZERO);
    assert!(sync.sync_domain(name(), &forced()).await.unwrap().success, "S6.2");
    house.simulator.set_latency(Duration::from_millis(1_500), Duration::ZERO);
    let result = sync.sync_domain(name(), &forced()).await.unwrap();
    assert_eq!((result.error_code, result.attempts), (Some(ErrorKind::Timeout), 3), "S6.2 {result:?}");
}
