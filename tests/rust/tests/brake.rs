//! The safety brake (S6.7): a registrar that suddenly says that everything got worse is not believed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::collections::BTreeSet;

use domaindesk_sync::{DomainRef, Selection, SyncOptions};
use domaindesk_tests::House;
use serde_json::{Value, json};

fn selection(names: &[String]) -> Selection {
    Selection::Domains(names.iter().map(|name| DomainRef::parse(name).unwrap()).collect())
}

/// Lets the registrar say that domains are on hold.
fn suspend(house: &House, names: &[String]) {
    for name in names {
        house.at_registrar(name, |domain| domain.current_status = "Suspended".to_owned());
    }
}

#[tokio::test]
async fn when_too_many_get_worse_at_once_none_of_them_is_written() {
    let house = House::new(200);
    let sync = house.connect().await;
    let names = house.actives(40);
    suspend(&house, &names[..10]);
    let before = house.everything();

    let mut told = 0;
    let force = SyncOptions::default().forced();
    let report = sync.sync_domains(selection(&names), force, |_| told += 1).await.unwrap();

    let stats = report.stats;
    assert_eq!((stats.total, stats.held, stats.synced, stats.changes, told), (40, 10, 30, 0, 40), "S6.7, S8.2, S8.3");
    for name in &names[..10] {
        let result = report.results.iter().find(|result| result.domain == *name).unwrap();
        assert!(result.held && result.needs_review && result.reason.is_some(), "S6.7 {result:?}");
        assert_eq!(house.column(name, "status"), "active", "S6.7");
        assert_eq!(house.column(name, "last_synced_at"), Value::Null, "S6.7: it stays due");
        let metadata = house.metadata(name);
        assert_eq!((&metadata["needs_review"], &metadata["lease"]), (&json!(true), &Value::Null), "S6.7");
    }
    let reviews = sync.domains_needing_review(100, &SyncOptions::default()).await.unwrap();
    let reviewed: BTreeSet<&str> = reviews.iter().map(|review| review.domain.as_str()).collect();
    assert_eq!(reviewed, names[..10].iter().map(String::as_str).collect(), "S6.4, S6.7");
    assert!(reviews.iter().all(|review| review.reason.is_some() && review.since.is_some() && review.attempts == 0));
    let after = house.everything();
    assert_eq!(after[1..5], before[1..5], "S6.7: no nameserver, contact, audit row or price was written");
}

#[tokio::test]
async fn a_person_may_allow_what_the_brake_would_hold() {
    let house = House::new(200);
    let sync = house.connect().await;
    let names = house.actives(40);
    suspend(&house, &names[..10]);
    let mut options = SyncOptions::default();
    options.allow_mass_change = true;
    let report = sync.sync_domains(selection(&names), options, |_| ()).await.unwrap();
    assert_eq!((report.stats.held, report.stats.changes), (0, 10), "S6.7");
    assert_eq!(house.column(&names[0], "status"), "suspended", "S6.7");
}

#[tokio::test]
async fn a_few_that_get_worse_are_written_when_the_rest_is_known() {
    let house = House::new(200);
    let sync = house.connect().await;
    let names = house.actives(40);
    suspend(&house, &names[..8]);
    let report = sync.sync_domains(selection(&names), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.held, report.stats.changes), (0, 8), "S6.7");
}

#[tokio::test]
async fn a_dry_run_tells_what_the_brake_would_hold() {
    let house = House::new(200);
    let sync = house.connect().await;
    let names = house.actives(30);
    suspend(&house, &names);
    let before = house.everything();
    let options = SyncOptions::default().dry_run();
    let report = sync.sync_domain_statuses(selection(&names), options, |_| ()).await.unwrap();
    assert_eq!((report.stats.held, report.stats.changes), (30, 0), "S6.7, S8.4");
    assert_eq!(house.everything(), before, "S8.4");
}
