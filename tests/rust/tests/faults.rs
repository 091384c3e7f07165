//! A registrar that answers nonsense, late, or not at all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_simulator::{Fault, FaultRule, Faults};
use domaindesk_sync::{DomainRef, ErrorKind, Selection, SyncOptions};
use domaindesk_tests::House;
use serde_json::Value;

/// A fault, the kind it gives, how often it is asked.
fn matrix() -> Vec<(&'static str, Fault, &'static [ErrorKind], u64)> {
    use ErrorKind::*;
    vec![
        ("reset", Fault::Reset, &[Network], 3),
        ("closed without an answer", Fault::CloseWithoutAnswer, &[Network], 3),
        ("truncated", Fault::Truncated, &[Network, InvalidResponse], 3),
        ("garbage", Fault::Garbage, &[InvalidResponse], 1),
        ("HTML with 200", Fault::HtmlOk, &[InvalidResponse], 1),
        ("JSON of another shape", Fault::WrongShape, &[InvalidResponse], 1),
        ("empty", Fault::EmptyBody, &[InvalidResponse], 1),
        ("403 page", Fault::ForbiddenPage, &[Auth], 1),
        ("502 page", Fault::ServerError { status: 502 }, &[Network], 3),
        ("another domain", Fault::OtherDomain, &[InvalidResponse], 1),
    ]
}

#[tokio::test]
async fn each_fault_has_its_kind_its_requests_and_leaves_the_domain_alone() {
    let house = House::new(60);
    let sync = house.connect().await;
    let domain = house.active();
    let id = house.id(&domain);
    for (what, fault, kinds, requests) in matrix() {
        house.simulator.set_faults(fault);
        house.simulator.reset_stats();
        let before =
            (house.column(&domain, "status"), house.column(&domain, "expires_at"), house.database.count("audit_logs"));
        let result = sync.sync_domain(id, &SyncOptions::default().forced()).await.unwrap();
        assert!(!result.success && kinds.contains(&result.error_code.unwrap()), "S6.1 {what}: {result:?}");
        if result.error_code == Some(kinds[0]) {
            assert_eq!(house.simulator.stats().requests, requests, "S6.2 {what}");
        }
        let after =
            (house.column(&domain, "status"), house.column(&domain, "expires_at"), house.database.count("audit_logs"));
        assert_eq!(after, before, "S6.3 {what}");
        assert_eq!(house.column(&domain, "last_synced_at"), Value::Null, "S6.3 {what}");
        let said = format!("{result:?} {}", house.metadata(&domain));
        assert!(
            !said.contains("simulated") && !said.contains("api-key=") && !said.contains("auth-userid="),
            "S6.9 {what}: {said}"
        );
    }
    house.simulator.clear_faults();
    let healed = sync.sync_domain(id, &SyncOptions::default().forced()).await.unwrap();
    assert!(healed.success, "{healed:?}");
    let metadata = house.metadata(&domain);
    assert!(
        metadata.get("last_sync_error").is_none() && metadata.get("needs_review").is_none(),
        "S4.2, S6.4 {metadata}"
    );
}

#[tokio::test]
async fn a_request_that_may_succeed_later_is_sent_again() {
    let house = House::new(30);
    let sync = house.connect().await;
    let domain = house.active();
    house.simulator.set_faults(Faults::one(FaultRule::always(Fault::Reset).for_next(2)));
    let result = sync.sync_domain(house.id(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!((result.success, result.attempts), (true, 3), "S6.2");
}

#[tokio::test]
async fn a_refused_key_stops_the_account_for_the_rest_of_the_batch() {
    let mut house = House::new(200);
    house.config["registrar"]["registrars"]["resellerclub"]["concurrency"] = 1.into();
    let sync = house.connect().await;
    house.simulator.set_api_key("777", "another");
    let ids = house.database.query("SELECT id FROM domains ORDER BY id");
    let selection = Selection::Domains(ids.iter().map(|row| DomainRef::from(row[0].as_i64().unwrap())).collect());
    let report = sync.sync_domains(selection, SyncOptions::default(), |_| ()).await.unwrap();
    let requests = house.simulator.stats().requests;
    assert!(requests <= 3, "S6.6: {requests} requests with a refused key");
    assert_eq!(report.stats.total, 200);
    assert!(report.stats.skipped >= 197, "S6.6 {:?}", report.stats);
    let skipped = report.results.iter().find(|result| result.skipped).unwrap();
    assert!(skipped.reason.as_ref().unwrap().starts_with("Registrar unavailable: "), "S6.6 {skipped:?}");
    assert_eq!(house.metadata(&skipped.domain), Value::Null, "S6.6: not counted as an attempt");
}

#[tokio::test]
async fn a_list_that_cannot_be_read_falls_back_to_single_calls() {
    let house = House::new(600);
    let sync = house.connect().await;
    for fault in [Fault::Garbage, Fault::EmptyList] {
        house.simulator.set_faults(Faults::one(FaultRule::always(fault).on_path("domains/search.json")));
        let ids = house.database.query("SELECT id FROM domains ORDER BY id LIMIT 550");
        let selection = Selection::Domains(ids.iter().map(|row| DomainRef::from(row[0].as_i64().unwrap())).collect());
        let report = sync.sync_domain_statuses(selection, SyncOptions::default(), |_| ()).await.unwrap();
        assert_eq!(
            (report.stats.failed, report.stats.changes),
            (0, 0),
            "S6.5 {:?}",
            report.results.iter().find(|result| !result.success || result.is_changed())
        );
    }
}
