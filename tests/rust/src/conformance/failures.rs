//! What goes wrong on the way.

use std::time::{Duration, Instant};

use domaindesk_simulator::{Fault, FaultRule, Faults};
use domaindesk_sync::{DomainRef, ErrorKind, SyncOptions};
use serde_json::json;

use super::{LOGIN, Row, SECRET, forced, name};
use crate::House;

/// A fault: what it is called, what happens, what kind of error it is and how many requests are made of it.
pub type Case = (&'static str, Fault, ErrorKind, u64);

/// What befalls every registrar: kinds and numbers of requests are the same at all but for what an answer is that is none.
pub async fn faults(row: &Row) {
    use ErrorKind::{Auth, InvalidResponse, Network, RateLimited, Rejected, Timeout};
    let (kind, times) = row.no_answer;
    let (status, body) = (row.refusal)("No");
    let cases = vec![
        ("reset", Fault::Reset, Network, 3),
        ("reset while answering", Fault::ResetWhileAnswering, Network, 3),
        ("closed without an answer", Fault::CloseWithoutAnswer, Network, 3),
        ("truncated", Fault::Truncated, Network, 3),
        ("never complete", Fault::Stall, Timeout, 3),
        ("garbage", Fault::Garbage, InvalidResponse, row.nonsense),
        ("another shape", Fault::WrongShape, InvalidResponse, row.nonsense),
        ("HTML with 200", Fault::HtmlOk, kind, times),
        ("empty", Fault::EmptyBody, kind, times),
        ("403 page", Fault::ForbiddenPage, Auth, 1),
        ("429 page", Fault::TooManyRequests { retry_after: Some("0".to_owned()) }, RateLimited, 3),
        ("502 page", Fault::ServerError { status: 502 }, Network, 3),
        ("another domain", Fault::OtherDomain, InvalidResponse, 1),
        ("more than can be held", Fault::HugeBody { bytes: 40 * 1024 * 1024 }, InvalidResponse, 1),
        ("a refusal", Fault::Verbatim { status, body }, Rejected, 1),
    ];
    let house = row.house(row.enough());
    let domain = row.active(&house);
    each_fault(house, &domain, cases).await;
}

/// Each fault has its kind (S6.1) and its number of requests (S6.2), leaves the domain alone (S6.3) and shows nothing of
/// the credentials (S6.9); and when all is over the domain is synced.
///
/// # Panics
/// Where that does not hold.
pub async fn each_fault(mut house: House, domain: &str, cases: Vec<Case>) {
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
        assert_silent(&format!("{result:?} {}", house.metadata(domain)));
    }
    house.simulator.clear_faults();
    assert!(sync.sync_domain(id, &forced()).await.unwrap().success, "S6.3");
}

/// A slow answer is waited for, and one that is too slow is a timeout that was tried again (S6.2).
///
/// # Panics
/// Where that does not hold.
pub async fn slow(row: &Row) {
    let mut house = row.house(row.enough());
    let domain = row.active(&house);
    house.config["registrar"]["defaults"]["timeout"] = json!(1);
    let sync = house.connect().await;
    let domain = || DomainRef::parse(&domain).unwrap();
    house.simulator.set_latency(Duration::from_millis(300), Duration::ZERO);
    assert!(sync.sync_domain(domain(), &forced()).await.unwrap().success, "S6.2");
    house.simulator.set_latency(Duration::from_millis(1_500), Duration::ZERO);
    let result = sync.sync_domain(domain(), &forced()).await.unwrap();
    assert_eq!((result.error_code, result.attempts), (Some(ErrorKind::Timeout), 3), "S6.2 {result:?}");
}

/// Refused credentials stop the account for the rest of the batch, are no attempt of the domains that were not asked for
/// (S6.6), and are shown nowhere (S6.9).
///
/// # Panics
/// Where that does not hold.
pub async fn refused_credentials(row: &Row) {
    let mut house = row.house(row.enough());
    house.config["registrar"]["registrars"][row.slug]["concurrency"] = json!(1);
    let sync = house.connect().await;
    house.simulator.set_api_key(LOGIN, "another");
    let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    let stats = report.stats;
    assert!(house.simulator.stats().requests <= 3, "S6.6 {}", house.simulator.stats().requests);
    assert!(stats.skipped + 3 >= stats.total && stats.changes == 0, "S6.6 {stats:?}");
    // Where the list was refused already, no domain was asked for.
    for failed in report.results.iter().filter(|result| !result.success) {
        assert_eq!(failed.error_code, Some(ErrorKind::Auth), "S6.1 {failed:?}");
    }
    let left = report.results.iter().find(|result| result.skipped).unwrap();
    assert!(left.reason.as_ref().unwrap().starts_with("Registrar unavailable: "), "S6.6 {left:?}");
    assert!(house.metadata(&left.domain)["attempts"].is_null(), "S6.6 {}", house.metadata(&left.domain));
    assert!(report.registrars[row.slug].stopped.is_some(), "S6.6");
    assert_silent(&format!("{report:?} {:?} {sync:?}", house.database.query("SELECT sync_metadata FROM domains")));

    house.simulator.set_api_key(LOGIN, SECRET);
    let report = sync.sync_domains(house.all(), forced(), |_| ()).await.unwrap();
    assert!(report.stats.synced > stats.total / 3 * 2, "S6.6: the next batch asks again {:?}", report.stats);
}

/// A registrar that asks to be left alone for a second is, and the domain is synced (S6.2).
///
/// # Panics
/// Where that does not hold.
pub async fn rate_limit(row: &Row) {
    let house = row.house(row.enough());
    let sync = house.connect().await;
    let domain = row.active(&house);
    let busy = Fault::TooManyRequests { retry_after: Some("1".to_owned()) };
    house.simulator.set_faults(Faults::one(FaultRule::always(busy).for_next(1)));
    let start = Instant::now();
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!((result.success, result.attempts), (true, 2), "S6.2 {result:?}");
    assert!(start.elapsed() >= Duration::from_secs(1), "S6.2: never sooner than it asked for");
    assert_eq!(house.simulator.stats().requests, row.requests + 1, "S6.2");

    // And what it asks of an account holds: not one request more than is configured arrives in any window.
    let mut house = row.house(row.enough());
    let limit = json!({"max_attempts": 5, "decay_seconds": 1});
    house.config["registrar"]["registrars"][row.slug]["rate_limit"] = limit;
    house.simulator.set_rate_limit(Some(domaindesk_simulator::RateLimit::per_seconds(5, 1)));
    let sync = house.connect().await;
    let names: Vec<_> = row.actives(&house, 8).iter().map(|domain| name(domain)).collect();
    let selection = domaindesk_sync::Selection::Domains(names);
    let report = sync.sync_domains(selection, SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.synced, house.simulator.stats().over_limit), (8, 0), "S7.1 {:?}", report.stats);
}

/// What a registrar says is shown, and where it repeats the credentials they are not (S6.9).
///
/// # Panics
/// Where that does not hold.
pub async fn secrets(row: &Row) {
    let house = row.house(row.enough());
    let sync = house.connect().await;
    let domain = row.active(&house);
    let (status, body) = (row.refusal)(&format!("the key {SECRET} has no such right"));
    house.simulator.set_faults(Fault::Verbatim { status, body });
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(result.error_code, Some(ErrorKind::Rejected), "S6.1 {result:?}");
    assert!(result.error.as_ref().unwrap().contains("has no such right"), "S6.1: its own words {result:?}");
    assert_silent(&format!("{result:?} {sync:?} {:?}", house.everything()));
}

/// # Panics
/// Where a text holds anything of the credentials, in any shape in which they are sent.
fn assert_silent(said: &str) {
    let basic = "Nzc3OnNpbXVsYXRlZA"; // base64 of `777:simulated`
    for secret in [SECRET, basic, "sso-key", "api-key=", "ApiKey=", "pw="] {
        assert!(!said.contains(secret), "S6.9 `{secret}`: {said}");
    }
}
