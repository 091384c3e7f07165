//! Two calls for one domain (S7.5).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domaindesk_sync::model::Lease;
use domaindesk_sync::{DomainRef, Selection, SyncOptions};
use domaindesk_tests::House;
use serde_json::{Value, json};

/// Lets somebody else hold a domain from now on for so long.
fn elsewhere(house: &House, name: &str, seconds: i64) {
    let metadata = Lease::new(7, Utc::now() + TimeDelta::seconds(seconds)).put(Some(r#"{"theirs":1}"#));
    house.database.execute(&format!("UPDATE domains SET sync_metadata = '{metadata}' WHERE name = '{name}'"));
}

fn selection(names: &[String]) -> Selection {
    Selection::Domains(names.iter().map(|name| DomainRef::parse(name).unwrap()).collect())
}

fn leases(house: &House) -> Value {
    house.database.one("SELECT COUNT(*) FROM domains WHERE sync_metadata LIKE '%lease%'")
}

#[tokio::test]
async fn what_another_call_holds_is_left_to_it_unless_forced() {
    let house = House::new(40);
    let sync = house.connect().await;
    let names = house.actives(2);
    elsewhere(&house, &names[0], 600);
    let before = house.metadata(&names[0]);

    let domain = || DomainRef::parse(&names[0]).unwrap();
    let result = sync.sync_domain(domain(), &SyncOptions::default()).await.unwrap();
    assert_eq!((result.skipped, result.reason.as_deref()), (true, Some("Being synced by another process")), "S7.5");
    let report = sync.sync_domains(selection(&names), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.total, report.stats.synced, report.stats.skipped), (2, 1, 1), "S7.5");
    assert_eq!(house.metadata(&names[0]), before, "S7.5");
    assert_eq!(house.simulator.stats().requests, 1, "S7.5: it is not asked for");

    let result = sync.sync_domain(domain(), &SyncOptions::default().forced()).await.unwrap();
    assert!(result.success && !result.skipped, "{result:?}");
    let metadata = house.metadata(&names[0]);
    assert_eq!((&metadata["theirs"], &metadata["lease"]), (&json!(1), &Value::Null), "S4.2");
}

#[tokio::test]
async fn a_lease_ends_by_itself() {
    let house = House::new(40);
    let sync = house.connect().await;
    let name = house.active();
    elsewhere(&house, &name, -1);
    let report = sync.sync_domains(selection(&[name]), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(report.stats.synced, 1, "S7.5");
    assert_eq!(leases(&house), json!(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_stopped_gives_back_what_it_did_not_come_to() {
    let house = House::new(400);
    house.simulator.set_latency(Duration::from_millis(20), Duration::ZERO);
    let sync = house.connect().await;
    let mut options = SyncOptions::default();
    options.limit = Some(400);
    let report = sync.sync_domains(Selection::NeedingSync, options, |_| false).await.unwrap();
    assert!(report.cancelled && report.stats.total < 300, "S6.8 {:?}", report.stats);
    assert_eq!(leases(&house), json!(0), "S7.5");
    let touched = house.database.one("SELECT COUNT(*) FROM domains WHERE sync_metadata IS NOT NULL");
    let synced = house.database.one("SELECT COUNT(*) FROM domains WHERE last_synced_at IS NOT NULL");
    assert_eq!(touched, synced, "S7.5: what was only held is as it was");
}

#[tokio::test]
async fn a_call_that_cannot_reach_its_registrar_s_account_holds_nothing_after_it() {
    let house = House::new(40);
    house.database.execute("UPDATE registrars SET credentials = NULL");
    let sync = house.connect().await;
    let name = house.active();
    let error = sync.sync_domain(DomainRef::parse(&name).unwrap(), &SyncOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), domaindesk_sync::ErrorKind::Config);
    assert_eq!(house.column(&name, "sync_metadata"), Value::Null, "S7.5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_renewed_while_its_call_lives_and_that_is_no_local_change() {
    let mut house = House::new(40);
    house.config["domain"] = json!({"lease_seconds": 3});
    house.simulator.set_latency(Duration::from_secs(4), Duration::ZERO);
    let sync = house.connect().await;
    let name = house.active();
    let until = || {
        let text = house.column(&name, "sync_metadata");
        text.as_str()
            .and_then(|text| serde_json::from_str::<Value>(text).ok()?["lease"]["until"].as_str().map(str::to_owned))
    };
    let batch = tokio::spawn({
        let (sync, selection) = (sync.clone(), selection(std::slice::from_ref(&name)));
        async move { sync.sync_domains(selection, SyncOptions::default(), |_| ()).await.unwrap() }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let first = until().expect("the batch holds the domain");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let second = until().expect("the batch still holds the domain");
    assert!(second > first, "S7.5: {first} became {second}");
    let report = batch.await.unwrap();
    assert_eq!((report.stats.synced, report.stats.api_calls), (1, 1), "S2.4, S7.5 {:?}", report.results);
    assert_eq!(leases(&house), json!(0));
}

#[tokio::test]
async fn a_dry_run_holds_nothing_and_minds_no_lease() {
    let house = House::new(40);
    let sync = house.connect().await;
    let name = house.active();
    let before = house.everything();
    let options = || SyncOptions::default().dry_run();
    let result = sync.sync_domain(DomainRef::parse(&name).unwrap(), &options()).await.unwrap();
    let report = sync.sync_domains(selection(&[name]), options(), |_| ()).await.unwrap();
    assert!(result.success && report.stats.synced == 1, "S8.4");
    assert_eq!(house.everything(), before, "S8.4");
}
