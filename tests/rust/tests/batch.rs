//! Many domains, through the engine's own face.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::collections::BTreeSet;

use domaindesk_sync::{DomainRef, ErrorKind, ResultsMode, Selection, SyncOptions};
use domaindesk_tests::House;
use serde_json::json;

fn all(house: &House) -> Selection {
    let rows = house.database.query("SELECT id FROM domains ORDER BY id");
    Selection::Domains(rows.iter().map(|row| DomainRef::from(row[0].as_i64().unwrap())).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_stops_when_its_time_is_over_and_says_what_is_left() {
    let mut house = House::new(400);
    house.config["registrar"]["registrars"]["resellerclub"]["concurrency"] = json!(2);
    house.simulator.set_latency(std::time::Duration::from_millis(50), std::time::Duration::ZERO);
    let sync = house.connect().await;
    let mut options = SyncOptions::default();
    options.max_seconds = Some(1);
    let mut told = 0;
    let report = sync.sync_domains(all(&house), options, |_| told += 1).await.unwrap();
    assert!(report.timed_out && !report.cancelled, "S6.8");
    assert!((5..200).contains(&report.stats.total), "{:?}", report.stats);
    assert_eq!((report.stats.total + report.left, told), (400, report.stats.total), "S8.3");
    assert!(report.stats.duration_ms < 3_000, "{:?}", report.stats);
    let synced = house.database.one("SELECT COUNT(*) FROM domains WHERE last_synced_at IS NOT NULL");
    assert_eq!(synced, json!(report.stats.synced), "S6.8: what was done is in the report");
}

/// Lets every domain be due again, as after a night.
fn a_night_passes(house: &House) {
    house.database.execute("UPDATE domains SET last_synced_at = datetime(last_synced_at, '-1 day')");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portfolio_comes_into_step_and_stays_there() {
    let house = House::with(1_200, |seed| seed.local_drift = 0.25);
    let sync = house.connect().await;
    let mut told = 0;
    let report = sync
        .sync_domains(all(&house), SyncOptions::default(), |event| {
            told += 1;
            assert_eq!(event.done, told, "S8.3");
            assert_eq!(event.total, 1_200, "S8.3");
        })
        .await
        .unwrap();
    let stats = report.stats;
    assert_eq!((stats.total, told), (1_200, 1_200), "S8.2, S8.3");
    assert_eq!(stats.total, stats.synced + stats.failed + stats.skipped + stats.held, "S8.2");
    assert_eq!(stats.failed, 0, "{:?}", report.results.iter().find(|result| !result.success));
    // Of the 300 that differ a few are in the transfer flow, whose status is left alone.
    assert!((290..=300).contains(&stats.changes), "{stats:?}");
    assert_eq!(report.results.len(), 1_200);
    assert_eq!(stats.api_calls, house.simulator.stats().requests, "S8.2");
    assert_eq!(
        house.database.count("audit_logs") as usize,
        report.results.iter().map(|result| result.changes.as_ref().unwrap().len()).sum::<usize>(),
        "S4.3"
    );

    a_night_passes(&house);
    let before = house.simulator.stats().requests;
    let report = sync.sync_domains(all(&house), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(
        (report.stats.changes, report.stats.failed),
        (0, 0),
        "{:?}",
        report.results.iter().find(|result| result.is_changed())
    );
    let requests = house.simulator.stats().requests - before;
    assert!(requests < 250, "S7.3: {requests} requests for 1,200 domains of which none changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nightly_run_reads_the_list_and_what_changed() {
    let house = House::new(1_000);
    let sync = house.connect().await;
    sync.sync_domains(all(&house), SyncOptions::default(), |_| ()).await.unwrap();
    a_night_passes(&house);
    let changed: BTreeSet<String> = house.simulator.with_world(|world| {
        world.set_now(world.now() + 60);
        world.change_fraction(0.1, 3).into_iter().collect()
    });
    house.simulator.reset_stats();
    let report = sync.sync_domains(all(&house), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(report.plan["resellerclub"].method, "list", "S7.3");
    let found: BTreeSet<String> =
        report.results.iter().filter(|result| result.is_changed()).map(|result| result.domain.clone()).collect();
    let missed: Vec<_> = changed.difference(&found).collect();
    // A change that leaves every synced field as it was (a lock, say) is none.
    assert!(missed.len() * 5 < changed.len(), "missed {missed:?}");
    assert!(found.is_subset(&changed), "S2.1 {:?}", found.difference(&changed).collect::<Vec<_>>());
    let stats = house.simulator.stats();
    assert_eq!(stats.of_path("domains/search.json"), 2, "S7.3: 500 a page");
    assert!(stats.requests < 250, "S7.3: {} requests", stats.requests);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_edit_is_found_even_when_the_list_says_that_nothing_changed() {
    let house = House::new(600);
    let sync = house.connect().await;
    sync.sync_domains(all(&house), SyncOptions::default(), |_| ()).await.unwrap();
    a_night_passes(&house);
    let domain = house.active();
    house.database.execute(&format!(
        "UPDATE domain_contacts SET city = 'Atlantis' WHERE type = 'registrant' AND domain_id = {}",
        house.id(&domain)
    ));
    let report = sync.sync_domains(all(&house), SyncOptions::default(), |_| ()).await.unwrap();
    let changed: Vec<_> = report.results.iter().filter(|result| result.is_changed()).collect();
    assert_eq!(changed.len(), 1, "S7.3: a list loses nothing");
    assert_eq!(
        (changed[0].domain.as_str(), changed[0].changes.as_ref().unwrap().0[0].old["city"].as_str()),
        (domain.as_str(), Some("Atlantis")),
        "S2.1"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_status_of_many_takes_a_few_list_pages() {
    let house = House::new(1_500);
    let sync = house.connect().await;
    let victims = house.actives(3);
    for domain in &victims {
        house.at_registrar(domain, |there| there.current_status = "Pending Delete Restorable".into());
    }
    let report = sync.sync_domain_statuses(all(&house), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(report.stats.failed, 0, "{:?}", report.results.iter().find(|result| !result.success));
    for domain in &victims {
        assert_eq!(house.column(domain, "status"), "redemption", "S2.1");
    }
    let stats = house.simulator.stats();
    assert_eq!(stats.of_path("domains/search.json"), 3, "S7.3");
    assert!(stats.requests < 400, "S3.7: details only where the row does not say enough: {}", stats.requests);
    assert_eq!(
        house.database.one("SELECT COUNT(*) FROM audit_logs"),
        json!(3),
        "S3.7: {:?}",
        report.results.iter().filter(|result| result.is_changed()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_row_lifts_nothing_out_of_a_worse_status_but_details_do() {
    let house = House::new(300);
    let sync = house.connect().await;
    let pair = house.actives(2);
    for domain in &pair {
        house.database.execute(&format!("UPDATE domains SET status = 'suspended' WHERE name = '{domain}'"));
    }
    house.at_registrar(&pair[0], |there| there.order_status.push("resellersuspend".into()));
    sync.sync_domain_statuses(all(&house), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(house.column(&pair[0], "status"), "suspended", "S3.7: the list cannot see the hold");
    assert_eq!(house.column(&pair[1], "status"), "active", "S2.6");
}

#[tokio::test]
async fn those_that_need_it_are_taken_by_themselves_up_to_the_limit() {
    let house = House::new(300);
    let sync = house.connect().await;
    let mut options = SyncOptions::default();
    options.limit = Some(40);
    options.results = ResultsMode::None;
    let due = sync.domains_needing_sync(40, &options).await.unwrap();
    let mut done = Vec::new();
    let report =
        sync.sync_domains(Selection::NeedingSync, options, |event| done.push(event.domain.id.unwrap())).await.unwrap();
    assert_eq!((report.stats.total, report.results.len()), (40, 0), "S1.3");
    done.sort_unstable();
    let mut wanted = due;
    wanted.sort_unstable();
    assert_eq!(done, wanted, "S1.3");
}

#[tokio::test]
async fn a_callback_that_says_so_stops_the_batch_and_what_was_done_stays() {
    let house = House::new(400);
    house.simulator.set_latency(std::time::Duration::from_millis(20), std::time::Duration::ZERO);
    let sync = house.connect().await;
    let mut told = 0;
    let report = sync
        .sync_domains(all(&house), SyncOptions::default(), |_| {
            told += 1;
            told < 5
        })
        .await
        .unwrap();
    assert!(report.cancelled, "S6.8");
    assert_eq!(told, 5, "S6.8: no further event");
    assert!(report.stats.total < 400, "S6.8: {:?}", report.stats);
    let written = house.database.one("SELECT COUNT(*) FROM domains WHERE last_synced_at IS NOT NULL").as_u64().unwrap();
    assert_eq!(written, report.stats.synced, "S6.8: what is told is what was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancel_from_elsewhere_ends_a_batch_at_once() {
    let house = House::new(400);
    house.simulator.set_latency(std::time::Duration::from_secs(3), std::time::Duration::ZERO);
    let sync = house.connect().await;
    let canceller = sync.canceller();
    let start = std::time::Instant::now();
    let batch = sync.sync_domains(all(&house), SyncOptions::default(), |_| ());
    let cancel = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        canceller.cancel();
    };
    let (report, ()) = tokio::join!(batch, cancel);
    assert!(report.unwrap().cancelled, "S6.8");
    assert!(start.elapsed() < std::time::Duration::from_secs(2), "S6.8: {:?}", start.elapsed());
    let options = SyncOptions::default();
    let single = sync.sync_domain(house.id(&house.active()), &options);
    let cancel = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        canceller.cancel();
    };
    let (result, ()) = tokio::join!(single, cancel);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled, "S6.8");
}

#[tokio::test]
async fn domains_that_are_not_there_fail_alone() {
    let house = House::new(50);
    let sync = house.connect().await;
    let there = house.active();
    let selection = Selection::Domains(vec![
        DomainRef::from(999_999),
        DomainRef::parse("nobody.example").unwrap(),
        DomainRef::parse(&there).unwrap(),
        DomainRef::parse(&there.to_uppercase()).unwrap(),
    ]);
    let report = sync.sync_domains(selection, SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.total, report.stats.failed, report.stats.synced), (3, 2, 1), "S8.2: each domain once");
    assert!(
        report
            .results
            .iter()
            .filter(|result| !result.success)
            .all(|result| result.error_code == Some(ErrorKind::NotFound))
    );
    let json = serde_json::to_value(&report).unwrap();
    assert!(json["results"][&there]["success"].as_bool().unwrap(), "S8.2: results by name");
}

#[tokio::test]
async fn a_missing_domain_is_asked_for_by_name_and_flagged_never_expired() {
    let house = House::new(600);
    let sync = house.connect().await;
    let gone = house.active();
    house.simulator.with_world(|world| world.remove(&gone));
    let report = sync.sync_domain_statuses(all(&house), SyncOptions::default(), |_| ()).await.unwrap();
    let result = report.results.iter().find(|result| result.domain == gone).unwrap();
    assert_eq!((result.error_code, result.needs_review), (Some(ErrorKind::NotFound), true), "S6.5");
    assert_eq!(house.column(&gone, "status"), "active", "S2.5");
}

#[tokio::test]
async fn failed_domains_wait_in_batches_but_not_alone() {
    let house = House::new(30);
    let sync = house.connect().await;
    let gone = house.active();
    house.simulator.with_world(|world| world.remove(&gone));
    let id = house.id(&gone);
    sync.sync_domain(id, &SyncOptions::default()).await.unwrap();
    let only = Selection::Domains(vec![id.into()]);
    let report = sync.sync_domains(only.clone(), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(report.results[0].reason.as_deref(), Some("Waiting to retry"), "S1.5");
    let report = sync.sync_domains(only, SyncOptions::default().forced(), |_| ()).await.unwrap();
    assert_eq!(report.stats.failed, 1, "S1.5");
    assert_eq!(
        sync.sync_domain(id, &SyncOptions::default()).await.unwrap().error_code,
        Some(ErrorKind::NotFound),
        "S1.5"
    );
    assert_eq!(house.metadata(&gone)["attempts"], 3, "S6.4");
}
