//! One domain, through the engine's own face.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_sync::{DomainName, DomainRef, ErrorKind, SyncOptions};
use domaindesk_tests::{House, forced};
use serde_json::{Value, json};

fn name(text: &str) -> DomainRef {
    DomainRef::Name(DomainName::parse(text).unwrap())
}

#[tokio::test]
async fn a_domain_in_step_leaves_its_bookkeeping_and_no_audit_row() {
    let house = House::new(200);
    let sync = house.connect().await;
    let domain = house.active();
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "{result:?}");
    assert_eq!((result.attempts, result.domain.as_str()), (1, domain.as_str()), "S8.1");
    assert_eq!(house.database.count("audit_logs"), 0, "S4.3");
    let metadata = house.metadata(&domain);
    assert_eq!((&metadata["changes_detected"], &metadata["registrar_status"]), (&json!(0), &json!("Active")), "S4.2");
    assert_eq!(house.column(&domain, "last_synced_at"), house.column(&domain, "updated_at"), "S4.2");
    assert_eq!(house.simulator.stats().requests, 1, "one request a domain");
}

#[tokio::test]
async fn every_kind_of_change_is_found_written_and_audited() {
    let house = House::new(200);
    let sync = house.connect().await;
    let domain = house.active();
    let before = house.column(&domain, "expires_at").as_str().unwrap()[..10].to_owned();
    house.at_registrar(&domain, |there| {
        there.current_status = "Suspended".into();
        there.expires = there.expires.map(|at| at + 365 * 86_400);
        there.nameservers = (1..=13).map(|n| format!("ns{n}.moved.example")).collect();
        there.contacts[0].city = "Chittagong".into();
    });
    let result = sync.sync_domain(house.id(&domain), &SyncOptions::default()).await.unwrap();
    let changes = result.changes.unwrap();
    let fields: Vec<_> = changes.0.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["status", "expires_at", "nameservers", "contacts.registrant"], "S2.1");
    assert_eq!(house.column(&domain, "status"), "suspended");
    let id = house.id(&domain);
    let hosts = house.database.query(&format!(
        "SELECT nameserver, \"order\" FROM domain_nameservers WHERE domain_id = {id} ORDER BY \"order\""
    ));
    assert_eq!((hosts.len(), &hosts[12]), (13, &vec![json!("ns13.moved.example"), json!(13)]), "S3.5");
    let audits = house.database.query("SELECT action, auditable_type, auditable_id, user_id, old_values, new_values, ip_address FROM audit_logs ORDER BY id");
    assert_eq!(audits.len(), 4, "S4.3: one row a field");
    assert_eq!(audits[0][..4], [json!("sync_update"), json!("App\\Models\\Domain"), json!(id), Value::Null], "S4.3");
    assert_eq!(
        (&audits[0][4], &audits[0][5]),
        (&json!(r#"{"status":"active"}"#), &json!(r#"{"status":"suspended"}"#)),
        "S4.3"
    );
    assert!(audits[1][4].as_str().unwrap().contains(&before), "S4.3: days {}", audits[1][4]);
    assert_eq!(audits[3][5], json!(r#"{"contacts.registrant":{"city":"Chittagong"}}"#), "S3.6");
    let again = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert!(again.success && !again.is_changed(), "a second sync finds nothing: {again:?}");
    assert_eq!(house.database.count("audit_logs"), 4);
}

#[tokio::test]
async fn a_domain_that_was_synced_recently_is_skipped_unless_forced() {
    let house = House::new(50);
    let sync = house.connect().await;
    let domain = house.active();
    sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    let skipped = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(
        (skipped.success, skipped.skipped, skipped.reason.as_deref()),
        (true, true, Some("Recently synced")),
        "S1.1"
    );
    house.at_registrar(&domain, |there| there.nameservers = vec!["ns1.new.example".into(), "ns2.new.example".into()]);
    let forced = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert!(forced.changes.unwrap().get("nameservers").is_some(), "S1.1: forced within five minutes");
}

#[tokio::test]
async fn a_status_only_sync_touches_nothing_but_the_status() {
    let house = House::new(50);
    let sync = house.connect().await;
    let domain = house.active();
    house.at_registrar(&domain, |there| {
        there.current_status = "Suspended".into();
        there.nameservers = vec!["ns1.new.example".into(), "ns2.new.example".into()];
    });
    let hosts = format!("SELECT nameserver FROM domain_nameservers WHERE domain_id = {}", house.id(&domain));
    let before = house.database.query(&hosts);
    let result = sync.sync_domain_status(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(result.changes.unwrap().len(), 1, "S3.7");
    assert_eq!(house.column(&domain, "status"), "suspended");
    assert_eq!(house.database.query(&hosts), before, "S3.7");
}

#[tokio::test]
async fn unknown_words_and_missing_statuses_leave_the_local_status_alone() {
    let house = House::new(50);
    let sync = house.connect().await;
    let domain = house.active();
    house.database.execute(&format!("UPDATE domains SET status = 'suspended' WHERE name = '{domain}'"));
    for words in ["Quarantined", ""] {
        house.at_registrar(&domain, |there| there.current_status = words.into());
        let result = sync.sync_domain(name(&domain), &forced()).await.unwrap();
        assert!(result.success && !result.warnings.is_empty(), "S3.1 {words:?}: {result:?}");
        assert_eq!(house.column(&domain, "status"), "suspended", "S3.1 {words:?}");
    }
    house.at_registrar(&domain, |there| there.current_status = "Quarantined".into());
    sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert_eq!(house.metadata(&domain)["unknown_status"], "Quarantined", "S3.1");
}

#[tokio::test]
async fn what_the_registrar_does_not_know_is_flagged_and_never_made_worse() {
    let house = House::new(50);
    let sync = house.connect().await;
    let domain = house.active();
    house.simulator.with_world(|world| world.remove(&domain));
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(
        (result.success, result.error_code, result.needs_review),
        (false, Some(ErrorKind::NotFound), true),
        "S6.5"
    );
    assert_eq!(house.simulator.stats().requests, 1, "S6.2: HTTP 500 with the registrar's own error is not tried again");
    assert_eq!(
        (house.column(&domain, "status"), house.column(&domain, "last_synced_at")),
        (json!("active"), Value::Null),
        "S6.3"
    );
    assert_eq!(house.metadata(&domain)["needs_review"], true, "S6.5");
    assert!(sync.clear_review(name(&domain)).await.unwrap(), "S6.4");
    assert!(!sync.clear_review(name(&domain)).await.unwrap(), "S6.4");
    assert_eq!(house.metadata(&domain).get("needs_review"), None, "S6.4");
}

#[tokio::test]
async fn a_dry_run_tells_everything_and_writes_nothing() {
    let house = House::new(50);
    let sync = house.connect().await;
    let domain = house.active();
    house.at_registrar(&domain, |there| there.current_status = "Suspended".into());
    let before = house.everything();
    let dry = sync.sync_domain(name(&domain), &SyncOptions::default().dry_run()).await.unwrap();
    assert!(dry.dry_run && dry.is_changed(), "S8.4 {dry:?}");
    assert_eq!(house.everything(), before, "S8.4");
    let wet = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(wet.changes, dry.changes, "S8.4");
}

#[tokio::test]
async fn another_partner_s_domain_does_not_exist() {
    let mut house = House::new(60);
    house.config["partner_id"] = json!(house.seeded.partners[1]);
    let sync = house.connect().await;
    let theirs =
        house.database.one(&format!("SELECT id FROM domains WHERE partner_id = {} LIMIT 1", house.seeded.partners[0]));
    let mine = house.database.one(&format!(
        "SELECT id FROM domains WHERE partner_id = {} AND status = 'active' LIMIT 1",
        house.seeded.partners[1]
    ));
    let error = sync.sync_domain(theirs.as_i64().unwrap(), &forced()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "S1.6");
    assert!(sync.sync_domain(mine.as_i64().unwrap(), &forced()).await.unwrap().success, "S1.6");
    assert_eq!(sync.stats().await.unwrap().total, 20, "S1.6");
    let mut other = forced();
    other.partner_id = Some(domaindesk_sync::PartnerId(house.seeded.partners[0]));
    assert_eq!(sync.sync_domain(mine.as_i64().unwrap(), &other).await.unwrap_err().kind(), ErrorKind::Config, "S1.6");
}

#[tokio::test]
async fn local_edits_made_meanwhile_win() {
    let house = House::new(50);
    let sync = house.connect().await;
    let domain = house.active();
    let id = house.id(&domain);
    house.at_registrar(&domain, |there| {
        there.nameservers = vec!["ns1.theirs.example".into(), "ns2.theirs.example".into()]
    });
    house.simulator.set_latency(std::time::Duration::from_millis(400), std::time::Duration::ZERO);
    let edit = format!(
        "UPDATE domain_nameservers SET nameserver = 'ns1.ours.example' WHERE domain_id = {id} AND \"order\" = 1"
    );
    let options = SyncOptions::default();
    let syncing = sync.sync_domain(name(&domain), &options);
    let editing = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        house.database.execute(&edit);
    };
    let (result, ()) = tokio::join!(syncing, editing);
    let change = result.unwrap().changes.unwrap().get("nameservers").unwrap().clone();
    assert_eq!(change.old[0], "ns1.ours.example", "S2.4: it was read, and the registrar asked, again");
    assert_eq!(house.simulator.stats().requests, 2, "S2.4");
}

#[tokio::test]
async fn a_soft_deleted_domain_and_one_without_a_registrar() {
    let house = House::new(50);
    let sync = house.connect().await;
    let domain = house.active();
    house.database.execute(&format!("UPDATE domains SET registrar_id = NULL WHERE name = '{domain}'"));
    let result = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert_eq!(result.reason.as_deref(), Some("No registrar assigned"), "S1.1");
    house.database.execute(&format!("UPDATE domains SET deleted_at = '2026-01-01 00:00:00' WHERE name = '{domain}'"));
    assert_eq!(sync.sync_domain(name(&domain), &forced()).await.unwrap_err().kind(), ErrorKind::NotFound, "S1.2");
}
