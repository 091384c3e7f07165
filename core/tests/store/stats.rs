//! Numbers about the domains.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_support::Engine;
use domaindesk_sync::report::StatsReport;

use crate::fixture::{EVERYBODY, Fixture, at, partner, query};

async fn every_number_counts_what_its_name_says(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let failed = r#"{"last_sync_error":"no route","attempts":1}"#;
    let review = r#"{"last_sync_error":"no route","needs_review":true}"#;
    for (id, set) in [
        (1, "last_synced_at = '2026-11-23 01:00:00'".to_owned()),
        (2, "last_synced_at = '2026-11-22 20:43:43', expires_at = '2026-12-23 02:43:43'".to_owned()),
        (3, format!("sync_metadata = '{failed}'")),
        (4, format!("status = 'expired', last_synced_at = '2026-11-22 02:43:43', sync_metadata = '{review}'")),
        (5, "registrar_id = NULL, expires_at = '2026-12-01 00:00:00'".to_owned()),
        (6, "deleted_at = '2026-11-01 00:00:00'".to_owned()),
        (7, "partner_id = 2, sync_metadata = '{\"needs_review\":false,\"last_sync_error\":null}', last_synced_at = '2026-11-23 02:00:00'".to_owned()),
        (8, "partner_id = 2, status = 'transferred_out', sync_metadata = '\"needs_review\"'".to_owned()),
    ] {
        fixture.domain(id, &format!("d{id}.example"), &set);
    }
    let all = fixture.store.stats(EVERYBODY, &query(1)).await.unwrap();
    let statuses = |list: &[(&str, u64)]| list.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect();
    assert_eq!(
        all,
        StatsReport {
            total: 7,
            with_registrar: 6,
            never_synced: 2,
            recently_synced: 2,
            needs_sync: 3,
            expiring_soon: 2,
            failed: 2,
            needs_review: 1,
            by_status: statuses(&[("active", 5), ("expired", 1), ("transferred_out", 1)]),
            last_synced_at: Some(at("2026-11-23T02:00:00Z")),
            budget: Vec::new(),
        }
    );
    let second = fixture.store.stats(partner(2), &query(1)).await.unwrap();
    assert_eq!(
        second,
        StatsReport {
            total: 2,
            with_registrar: 2,
            never_synced: 1,
            recently_synced: 1,
            by_status: statuses(&[("active", 1), ("transferred_out", 1)]),
            last_synced_at: Some(at("2026-11-23T02:00:00Z")),
            ..StatsReport::default()
        },
        "S1.6"
    );
    let nobody = fixture.store.stats(partner(3), &query(1)).await.unwrap();
    assert_eq!(nobody, StatsReport::default(), "S1.6");
}

async fn what_a_person_should_look_at_is_listed(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for (id, metadata) in [
        (1, r#"{"needs_review":true,"review_reason":"r"}"#),
        (2, r#"{"needs_review":false}"#),
        (3, r#"{"review_reason":"needs_review"}"#),
        (4, r#"{"attempts":4,"needs_review":true}"#),
        (5, r#"{"needs_review":true}"#),
        (6, r#"{"needs_review":true}"#),
    ] {
        fixture.domain(id, &format!("d{id}.example"), &format!("sync_metadata = '{metadata}'"));
    }
    fixture.db.execute(&format!(
        "UPDATE {} SET deleted_at = '2026-01-01 00:00:00' WHERE id = 5",
        fixture.db.table("domains")
    ));
    fixture.db.execute(&format!("UPDATE {} SET partner_id = 2 WHERE id = 6", fixture.db.table("domains")));
    let list = async |scope, limit| {
        let ids = fixture.store.domains_needing_review(scope, limit).await.unwrap();
        ids.into_iter().map(|id| id.0).collect::<Vec<_>>()
    };
    assert_eq!(list(EVERYBODY, 10).await, [1, 4, 6], "S6.4, S1.2");
    assert_eq!(list(EVERYBODY, 2).await, [1, 4]);
    assert_eq!(list(partner(2), 10).await, [6], "S1.6");
}

async fn as_many_are_counted_due_as_are_selected(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut rows = Vec::new();
    for status in
        ["active", "grace_period", "redemption", "expired", "suspended", "transferred_out", "pending_transfer"]
    {
        for synced in ["NULL", "'2026-11-22 20:43:43'", "'2026-11-22 20:43:44'", "'2026-11-22 02:43:43'"] {
            for expires in [
                "NULL",
                "'2026-11-01 00:00:00'",
                "'2026-12-01 00:00:00'",
                "'2027-01-01 00:00:00'",
                "'2028-01-01 00:00:00'",
            ] {
                rows.push(format!("('d{}.example', 1, 1, 1, '{status}', {synced}, {expires})", rows.len()));
            }
        }
    }
    fixture.run(&format!(
        "INSERT INTO domains (name, client_id, partner_id, registrar_id, status, last_synced_at, expires_at) VALUES {}",
        rows.join(", ")
    ));
    assert_eq!(fixture.db.count("domains"), 7 * 4 * 5);
    let due = fixture.store.domains_needing_sync(EVERYBODY, &query(10_000)).await.unwrap();
    // 3 statuses × 3 ages × 5 expiries, and 2 × 2 × 5 to heal.
    assert_eq!(due.len(), 65, "S1.3");
    let mut once = due.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), due.len(), "S1.3: none twice");
    assert_eq!(fixture.store.stats(EVERYBODY, &query(1)).await.unwrap().needs_sync, 65);
}

on_every_engine!(
    what_a_person_should_look_at_is_listed,
    every_number_counts_what_its_name_says,
    as_many_are_counted_due_as_are_selected,
);
