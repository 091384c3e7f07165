//! Every fault of the simulated registrar against every kind of sync: the kind of failure, the requests that it takes, what
//! is written, and what the caller sees.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::collections::BTreeSet;

use domaindesk_simulator::{Fault, FaultRule, Faults, World, WorldConfig};
use domaindesk_sync::report::BatchReport;
use domaindesk_sync::{ErrorKind, RegistrarSync, Selection, SyncOptions};
use domaindesk_tests::House;
use serde_json::{Value, json};

/// Enough for a list of two pages.
const DOMAINS: u64 = 600;

/// What comes of a fault where a request is sent at most three times.
struct Row {
    what: &'static str,
    fault: Fault,
    /// What the single sync of a domain fails with; empty where it does not fail.
    kinds: &'static [ErrorKind],
    /// Requests of that sync.
    requests: u64,
}

fn row(what: &'static str, fault: Fault, kinds: &'static [ErrorKind], requests: u64) -> Row {
    Row { what, fault, kinds, requests }
}

fn matrix() -> Vec<Row> {
    use ErrorKind::*;
    let verbatim = |status, body: &str| Fault::Verbatim { status, body: body.to_owned() };
    vec![
        row("reset", Fault::Reset, &[Network], 3),
        row("reset while answering", Fault::ResetWhileAnswering, &[Network], 3),
        row("closed without an answer", Fault::CloseWithoutAnswer, &[Network], 3),
        row("truncated", Fault::Truncated, &[Network], 3),
        row("stalled", Fault::Stall, &[Timeout], 3),
        row("never ending", Fault::NeverEnding, &[Timeout, InvalidResponse], 3),
        row("dripping", Fault::SlowDrip { bytes: 1, every_ms: 50 }, &[Timeout], 3),
        row("later than the timeout", Fault::Latency { ms: 3_000, jitter_ms: 0 }, &[Timeout], 3),
        row("garbage", Fault::Garbage, &[InvalidResponse], 1),
        row("another shape", Fault::WrongShape, &[InvalidResponse], 1),
        row("a page with 200", Fault::HtmlOk, &[InvalidResponse], 1),
        row("too many requests", Fault::TooManyRequests { retry_after: None }, &[RateLimited], 3),
        row("a 403 page", Fault::ForbiddenPage, &[Auth], 1),
        row("a 502 page", Fault::ServerError { status: 502 }, &[Network], 3),
        row("empty", Fault::EmptyBody, &[InvalidResponse], 1),
        row("huge", Fault::HugeBody { bytes: 40 * 1024 * 1024 }, &[InvalidResponse], 1),
        row(
            "not found, as a 500",
            verbatim(500, r#"{"status":"ERROR","message":"Website doesn't exist for example.com"}"#),
            &[NotFound],
            1,
        ),
        row(
            "refused credentials, as a 200",
            verbatim(200, r#"{"status":"ERROR","message":"Required authentication parameter missing"}"#),
            &[Auth],
            1,
        ),
        row("another domain", Fault::OtherDomain, &[InvalidResponse], 1),
        // The last: nothing more is sent for that hour.
        row(
            "too many requests for an hour",
            Fault::TooManyRequests { retry_after: Some("3600".to_owned()) },
            &[RateLimited],
            1,
        ),
    ]
}

/// A house whose registrar loses patience fast.
fn house() -> House {
    let mut house = House::new(DOMAINS);
    house.config["registrar"]["defaults"] =
        json!({"timeout": 1, "rate_limit": null, "retry": {"max_attempts": 3, "delay": 5}});
    house.config["domain"] = json!({"sync_timeout": 20});
    house
}

/// What a failure may not touch: everything but the bookkeeping.
fn untouched(house: &House) -> Vec<Vec<Vec<Value>>> {
    [
        "SELECT id, name, partner_id, registrar_id, status, expires_at, last_synced_at, auto_renew FROM domains ORDER BY id",
        "SELECT * FROM domain_nameservers ORDER BY id",
        "SELECT * FROM domain_contacts ORDER BY id",
        "SELECT * FROM audit_logs ORDER BY id",
        "SELECT * FROM tld_prices ORDER BY id",
        "SELECT id, last_sync_at FROM registrars ORDER BY id",
    ]
    .map(|sql| house.database.query(sql))
    .into()
}

fn assert_adds_up(what: &str, report: &BatchReport) {
    let stats = &report.stats;
    assert_eq!(stats.total, stats.synced + stats.failed + stats.skipped + stats.held, "S8.2 {what} {stats:?}");
    let registrar = &report.registrars["resellerclub"];
    assert_eq!(
        (registrar.domains, registrar.failed, registrar.skipped, registrar.requests),
        (stats.total, stats.failed, stats.skipped, stats.api_calls),
        "S8.2 {what}"
    );
}

fn assert_silent(what: &str, said: &str) {
    for secret in ["simulated", "api-key=", "auth-userid="] {
        assert!(!said.contains(secret), "S6.9 {what}: {secret} in {said}");
    }
}

/// Of a domain that failed only the attempt is noted.
fn assert_noted(what: &str, metadata: &Value, kind: ErrorKind) {
    for key in ["last_sync_attempt", "last_sync_error", "attempts", "next_attempt_at"] {
        assert!(!metadata[key].is_null(), "S6.3 {what}: {key} in {metadata}");
    }
    assert_eq!(metadata["error_code"], json!(kind), "S6.3 {what}");
    assert_silent(what, &metadata.to_string());
}

#[tokio::test]
async fn a_single_sync_fails_with_the_kind_of_the_fault() {
    let house = house();
    let sync = house.connect().await;
    let domain = house.active();
    let before = untouched(&house);
    for Row { what, fault, kinds, requests } in matrix() {
        house.simulator.set_faults(fault);
        house.simulator.reset_stats();
        let result = sync.sync_domain(house.id(&domain), &SyncOptions::default().forced()).await.unwrap();
        let kind = result.error_code.unwrap_or_else(|| panic!("{what}: {result:?}"));
        assert!(!result.success && kinds.contains(&kind), "S6.1 {what}: {result:?}");
        if kind == kinds[0] {
            assert_eq!(house.simulator.stats().requests, requests, "S6.2 {what}");
            assert_eq!(u64::from(result.attempts), requests, "S8.1 {what}");
        }
        assert_noted(what, &house.metadata(&domain), kind);
        assert_silent(what, &format!("{result:?}"));
        assert_eq!(untouched(&house), before, "S6.3 {what}");
    }
}

/// A batch of all domains under a fault; after it nothing but the bookkeeping differs.
async fn batch(house: &House, sync: &RegistrarSync, what: &str, status_only: bool) -> BatchReport {
    house.simulator.reset_stats();
    let before = untouched(house);
    let report = batch_of_all(house, sync, status_only).await;
    assert_adds_up(what, &report);
    assert_eq!(report.stats.api_calls, house.simulator.stats().requests, "S8.2 {what}");
    assert_eq!((report.stats.total, report.stats.changes), (DOMAINS, 0), "{what}");
    assert_silent(what, &format!("{report:?}"));
    let mut after = untouched(house);
    if report.stats.synced > 0 {
        // Those that were synced all the same.
        let mut before = before;
        for table in [&mut before, &mut after] {
            table[0].iter_mut().for_each(|row| row[6] = Value::Null);
        }
        assert_eq!(after, before, "S6.3 {what}");
    } else {
        assert_eq!(after, before, "S6.3 {what}");
    }
    report
}

/// Whether a fault stops the account before all domains were asked for (S6.6).
fn stops(kinds: &[ErrorKind]) -> bool {
    kinds.iter().any(|kind| matches!(kind, ErrorKind::Auth | ErrorKind::Network | ErrorKind::Timeout))
}

#[tokio::test]
async fn a_batch_makes_no_domain_worse_and_stops_at_a_registrar_that_is_down() {
    for status_only in [false, true] {
        let house = house();
        let sync = house.connect().await;
        for Row { what, fault, kinds, .. } in matrix() {
            if matches!(
                fault,
                Fault::TooManyRequests { .. }
                    | Fault::HugeBody { .. }
                    | Fault::NeverEnding
                    | Fault::SlowDrip { .. }
                    | Fault::Latency { .. }
                    // A list row of another domain is only a row that nobody asked for.
                    | Fault::OtherDomain
            ) {
                // Hundreds of these take their time and tell no more than the single sync.
                continue;
            }
            house.simulator.set_faults(fault);
            let report = batch(&house, &sync, what, status_only).await;
            assert_eq!(report.stats.synced, 0, "{what}: {:?}", report.stats);
            let stopped = report.registrars["resellerclub"].stopped.is_some();
            assert_eq!(stopped, stops(kinds), "S6.6 {what}: {:?}", report.registrars);
            if stopped {
                assert!(report.stats.api_calls < 150, "S6.6 {what}: {} requests", report.stats.api_calls);
                assert!(report.stats.skipped > 500, "S6.6 {what}: {:?}", report.stats);
            } else {
                assert_eq!(report.stats.failed, DOMAINS, "{what}: {:?}", report.stats);
            }
        }
        house.simulator.clear_faults();
        let healed = batch(&house, &sync, "healed", status_only).await;
        assert_eq!((healed.stats.synced, healed.stats.failed), (DOMAINS, 0), "S6.6: the next batch asks again");
    }
}

#[tokio::test]
async fn a_list_that_lies_changes_nothing() {
    for status_only in [false, true] {
        let house = house();
        let sync = house.connect().await;
        for (what, fault) in [
            ("suddenly empty", FaultRule::always(Fault::EmptyList)),
            ("a page is missing", FaultRule::always(Fault::EmptyPage).starting_after(1).for_next(1)),
            ("the total does not add up", FaultRule::always(Fault::WrongTotal)),
            ("the second page fails", FaultRule::always(Fault::Garbage).starting_after(1).for_next(1)),
        ] {
            house.simulator.set_faults(Faults::one(fault.on_path("domains/search.json")));
            let report = batch(&house, &sync, what, status_only).await;
            assert_eq!((report.stats.synced, report.stats.failed), (DOMAINS, 0), "S6.5 {what}: {:?}", report.stats);
            assert_eq!(report.stats.held, 0, "S6.5 {what}");
            let plan = &report.plan["resellerclub"];
            // An empty list that says that it is empty adds up.
            if plan.method == "list" && what != "suddenly empty" {
                assert!(plan.list.as_deref().is_some_and(|list| list != "complete"), "S6.5 {what}: {plan:?}");
            }
            assert_eq!(plan.calls, report.stats.api_calls, "S7.3 {what}");
        }
    }
}

#[tokio::test]
async fn the_list_of_another_account_changes_nothing() {
    for status_only in [false, true] {
        let house = house();
        let sync = house.connect().await;
        batch_of_all(&house, &sync, status_only).await;
        let another = WorldConfig { seed: 99, domains: DOMAINS, now: house.now.timestamp(), ..WorldConfig::default() };
        let theirs: BTreeSet<String> = house.simulator.with_world(|world| {
            *world = World::generate(another);
            world.domains().map(|domain| domain.name).collect()
        });
        let ours = || -> Vec<_> {
            let rows = house.database.query("SELECT name, status, expires_at FROM domains ORDER BY id");
            rows.into_iter().filter(|row| !theirs.contains(row[0].as_str().unwrap())).collect()
        };
        let before = ours();
        assert!(before.len() > 100, "the two accounts have too much in common");
        let report = batch_of_all(&house, &sync, status_only).await;
        assert_eq!(ours(), before, "S6.5");
        let missing = report.results.iter().filter(|result| result.error_code == Some(ErrorKind::NotFound));
        assert_eq!(missing.count(), before.len(), "S6.5: each is asked for by name");
    }
}

async fn batch_of_all(house: &House, sync: &RegistrarSync, status_only: bool) -> BatchReport {
    let options = SyncOptions::default().forced();
    if status_only {
        sync.sync_domain_statuses(house.all(), options, |_| ()).await.unwrap()
    } else {
        sync.sync_domains(house.all(), options, |_| ()).await.unwrap()
    }
}

#[tokio::test]
async fn prices_fail_with_the_kind_of_the_fault_and_none_is_written() {
    let house = house();
    let sync = house.connect().await;
    let before = untouched(&house);
    for Row { what, fault, kinds, requests } in matrix() {
        if matches!(fault, Fault::OtherDomain) || what.starts_with("not found") {
            // Prices are about no domain.
            continue;
        }
        house.simulator.set_faults(fault);
        house.simulator.reset_stats();
        let report = sync.sync_tld_prices("resellerclub", SyncOptions::default().forced(), |_| ()).await.unwrap();
        let kind = report.error_code.or_else(|| report.errors.first().map(|error| error.error_code));
        assert!(!report.success && kind.is_some_and(|kind| kinds.contains(&kind)), "S6.1 {what}: {report:?}");
        let sent = house.simulator.stats().requests;
        assert!(sent >= 1 && sent <= 2 * requests.max(1), "S6.2 {what}: {sent} requests");
        assert_eq!(report.stats.api_calls, sent, "S8.2 {what}");
        assert_silent(what, &format!("{report:?}"));
        assert_eq!(untouched(&house), before, "S5.6, S6.3 {what}");
    }
}

#[tokio::test]
async fn a_registrar_that_calls_everything_expired_is_not_believed() {
    for status_only in [false, true] {
        let house = house();
        let sync = house.connect().await;
        let before = house.database.query("SELECT id, status FROM domains ORDER BY id");
        house.simulator.set_faults(Fault::EverythingExpired);
        let report = batch_of_all(&house, &sync, status_only).await;
        assert_adds_up("everything expired", &report);
        assert!(report.stats.held > DOMAINS / 2, "S6.7 {:?}", report.stats);
        let after = house.database.query("SELECT id, status FROM domains ORDER BY id");
        let worse = before.iter().zip(&after).filter(|(before, after)| {
            before != after && ["expired", "suspended", "redemption"].contains(&after[1].as_str().unwrap())
        });
        assert_eq!(worse.count(), 0, "S6.7");
    }
}

#[tokio::test]
async fn selections_that_need_nothing_are_no_failure() {
    let house = House::new(0);
    let sync = house.connect().await;
    let report = sync.sync_domains(Selection::NeedingSync, SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.total, report.registrars.len()), (0, 0));
}
