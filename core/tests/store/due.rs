//! Which domains are due, and in which order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono::TimeDelta;
use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine};
use domaindesk_sync::DomainId;
use domaindesk_sync::store::{DueQuery, Scope};

use crate::fixture::{EVERYBODY, Fixture, at, connect, now, partner, query};

impl Fixture {
    async fn due(&self, scope: Scope, query: &DueQuery) -> Vec<i64> {
        let ids = self.store.domains_needing_sync(scope, query).await.unwrap();
        ids.into_iter().map(|id| id.0).collect()
    }
}

/// Texts of `Y-m-d H:i:s` around the present, 2026-11-23 02:43:43.
const SIX_HOURS_AGO: &str = "2026-11-22 20:43:43";
const ALMOST_SIX_HOURS_AGO: &str = "2026-11-22 20:43:44";
const A_DAY_AGO: &str = "2026-11-22 02:43:43";
const ALMOST_A_DAY_AGO: &str = "2026-11-22 02:43:44";
const LONG_AGO: &str = "2026-10-01 00:00:00";
const IN_30_DAYS: &str = "2026-12-23 02:43:43";
const AFTER_30_DAYS: &str = "2026-12-23 02:43:44";
const IN_60_DAYS: &str = "2027-01-22 02:43:43";
const AFTER_60_DAYS: &str = "2027-01-22 02:43:44";

async fn the_classes_follow_each_other_and_each_is_in_total_order(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    // Ids are in no order, so that none is right by accident.
    for (id, set) in [
        // Class 5: expired or suspended, to heal.
        (3, format!("status = 'expired', last_synced_at = '{A_DAY_AGO}', expires_at = '{LONG_AGO}'")),
        (4, format!("status = 'suspended', last_synced_at = '{LONG_AGO}'")),
        (8, "status = 'expired', last_synced_at = NULL".to_owned()),
        // Class 4: the rest.
        (5, format!("last_synced_at = '{SIX_HOURS_AGO}', expires_at = '{AFTER_60_DAYS}'")),
        (6, format!("last_synced_at = '{LONG_AGO}', expires_at = NULL")),
        (7, format!("last_synced_at = '{LONG_AGO}'")),
        // Class 3: never synced.
        (10, "last_synced_at = NULL, expires_at = NULL".to_owned()),
        (9, format!("last_synced_at = NULL, expires_at = '{AFTER_60_DAYS}', status = 'redemption'")),
        // Class 2: within 60 days.
        (11, format!("last_synced_at = '{LONG_AGO}', expires_at = '{IN_60_DAYS}'")),
        (13, format!("last_synced_at = NULL, expires_at = '{AFTER_30_DAYS}'")),
        // Class 1: within 30 days, or past.
        (14, format!("last_synced_at = '{SIX_HOURS_AGO}', expires_at = '{IN_30_DAYS}'")),
        (15, format!("last_synced_at = '{LONG_AGO}', expires_at = '{LONG_AGO}', status = 'grace_period'")),
        (17, format!("last_synced_at = NULL, expires_at = '{IN_30_DAYS}'")),
        (16, format!("last_synced_at = NULL, expires_at = '{IN_30_DAYS}'")),
    ] {
        fixture.domain(id, &format!("d{id}.example"), &set);
    }
    let wanted = [16, 17, 15, 14, 13, 11, 9, 10, 6, 7, 5, 8, 4, 3];
    assert_eq!(fixture.due(EVERYBODY, &query(100)).await, wanted, "S1.3");
    assert_eq!(fixture.due(partner(1), &query(100)).await, wanted, "S1.3, S1.6");
    for limit in 0..wanted.len() {
        let first = fixture.due(EVERYBODY, &query(limit as u32)).await;
        assert_eq!(first, wanted[..limit], "S1.3: the first {limit} of the same order");
    }
    // With an index of its own the order is the same.
    fixture.run("CREATE INDEX domains_last_synced_at_index ON domains (last_synced_at)");
    let indexed = Fixture { store: connect(&fixture.db, Tz::UTC).await, db: fixture.db };
    assert_eq!(indexed.due(EVERYBODY, &query(100)).await, wanted, "S1.3");
    assert_eq!(indexed.due(partner(1), &query(100)).await, wanted, "S1.3, S1.6");
}

async fn what_is_synced_recently_gone_or_nobodys_is_not_due(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for (id, set) in [
        (1, format!("last_synced_at = '{ALMOST_SIX_HOURS_AGO}'")),
        (2, format!("last_synced_at = '{ALMOST_SIX_HOURS_AGO}', expires_at = '{IN_30_DAYS}'")),
        (3, format!("last_synced_at = '{ALMOST_SIX_HOURS_AGO}', expires_at = '{IN_60_DAYS}'")),
        (4, format!("status = 'expired', last_synced_at = '{ALMOST_A_DAY_AGO}'")),
        (5, "registrar_id = NULL".to_owned()),
        (6, "deleted_at = '2026-11-01 00:00:00'".to_owned()),
        (7, "status = 'suspended', registrar_id = NULL".to_owned()),
        (8, "status = 'suspended', deleted_at = '2026-11-01 00:00:00'".to_owned()),
    ] {
        fixture.domain(id, &format!("d{id}.example"), &set);
    }
    for (id, status) in
        ["transferred_out", "pending_registration", "pending_transfer", "transfer_in_progress", "transfer_failed"]
            .into_iter()
            .enumerate()
    {
        fixture.domain(20 + id as i64, &format!("{status}.example"), &format!("status = '{status}'"));
    }
    assert!(fixture.due(EVERYBODY, &query(100)).await.is_empty(), "S1.2, S1.3");
}

async fn a_domain_that_failed_waits_for_its_next_attempt(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for (id, metadata) in [
        (1, r#"{"next_attempt_at":"2026-11-23T02:43:44+00:00"}"#),
        (2, r#"{"next_attempt_at":"2026-11-23T02:43:43+00:00"}"#),
        (3, r#"{"next_attempt_at":"2026-11-23T08:43:44+06:00"}"#),
        (4, r#"{"next_attempt_at":"2026-11-23T08:43:43+06:00"}"#),
        (5, r#"{"next_attempt_at":"2026-11-23T02:43:44Z"}"#),
        // None of these says a time.
        (6, r#"{"next_attempt_at":null}"#),
        (7, r#"{"next_attempt_at":"some day"}"#),
        (8, r#""next_attempt_at""#),
        (9, r#"["next_attempt_at"]"#),
        (10, r#"{"deep":{"next_attempt_at":"2036-11-23T02:43:44+00:00"}}"#),
        (11, r#"{"next_attempt_at":"2036-13-01T00:00:00+00:00"}"#),
        (12, r#"{"next_attempt_at":"2036-01-01T00:00:00+99:99"}"#),
        (13, r#"{"next_attempt_at":2036}"#),
        // Nor does a day that is not there.
        (14, r#"{"next_attempt_at":"2026-02-30T00:00:00+00:00"}"#),
        // Without a zone it is UTC.
        (15, r#"{"next_attempt_at":"2026-11-23 02:43:44"}"#),
        (16, r#"{"next_attempt_at":"2026-11-23T02:43:43.123456Z"}"#),
    ] {
        fixture.domain(id, &format!("d{id}.example"), &format!("sync_metadata = '{metadata}'"));
    }
    let wanted = [2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16];
    assert_eq!(fixture.due(EVERYBODY, &query(100)).await, wanted, "S1.5");
    assert_eq!(fixture.store.stats(EVERYBODY, &query(100)).await.unwrap().needs_sync, 12, "S1.5");
}

async fn the_intervals_and_days_are_those_that_are_asked_for(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "last_synced_at = '2026-11-23 01:43:43'");
    fixture.domain(2, "two.example", "last_synced_at = '2026-11-23 01:43:42', expires_at = '2026-11-26 00:00:00'");
    fixture.domain(3, "three.example", "status = 'expired', last_synced_at = '2026-11-23 00:00:00'");
    let hour =
        DueQuery { interval: TimeDelta::hours(1), heal_interval: TimeDelta::hours(2), priority_days: 1, ..query(9) };
    assert_eq!(fixture.due(EVERYBODY, &hour).await, [2, 1, 3]);
    let two_days = DueQuery { priority_days: i64::MAX, ..hour };
    let error = fixture.store.domains_needing_sync(EVERYBODY, &two_days).await.unwrap_err();
    assert_eq!(error.kind(), domaindesk_sync::ErrorKind::Config);
}

async fn only_the_partners_own_are_due_or_expiring(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "expires_at = '2026-12-01 00:00:00'");
    fixture.domain(2, "two.example", "expires_at = '2026-12-01 00:00:00', partner_id = 2");
    fixture.domain(3, "three.example", "partner_id = 2");
    fixture.domain(4, "four.example", "partner_id = 2, status = 'suspended'");
    assert_eq!(fixture.due(EVERYBODY, &query(9)).await, [1, 2, 3, 4]);
    assert_eq!(fixture.due(partner(1), &query(9)).await, [1], "S1.6");
    assert_eq!(fixture.due(partner(2), &query(9)).await, [2, 3, 4], "S1.6");
    for (scope, wanted) in [(EVERYBODY, vec![1, 2]), (partner(1), vec![1]), (partner(2), vec![2])] {
        let ids = fixture.store.expiring_domains(scope, now(), now() + TimeDelta::days(30)).await.unwrap();
        assert_eq!(ids, wanted.into_iter().map(DomainId).collect::<Vec<_>>(), "S1.6");
    }
}

async fn expiring_domains_are_active_have_a_registrar_and_come_soonest_first(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for (id, set) in [
        (1, "expires_at = '2026-12-23 02:43:43'"),
        (2, "expires_at = '2026-11-23 02:43:43'"),
        (4, "expires_at = '2026-12-01 00:00:00'"),
        (3, "expires_at = '2026-12-01 00:00:00'"),
        (5, "expires_at = '2026-12-23 02:43:44'"),
        (6, "expires_at = '2026-11-23 02:43:42'"),
        (7, "expires_at = '2026-12-01 00:00:00', status = 'grace_period'"),
        (8, "expires_at = '2026-12-01 00:00:00', registrar_id = NULL"),
        (9, "expires_at = '2026-12-01 00:00:00', deleted_at = '2026-11-01 00:00:00'"),
        (10, "expires_at = NULL"),
    ] {
        fixture.domain(id, &format!("d{id}.example"), set);
    }
    let ids = fixture.store.expiring_domains(EVERYBODY, now(), now() + TimeDelta::days(30)).await.unwrap();
    assert_eq!(ids, [2, 3, 4, 1].map(DomainId), "S1.4");
}

async fn due_times_are_those_of_the_applications_clock(engine: Engine) {
    let fixture = Fixture::with(engine, DatabaseOptions::default(), Tz::Asia__Dhaka).await;
    // 02:43:43 UTC is 08:43:43 in Dhaka.
    fixture.domain(1, "one.example", "last_synced_at = '2026-11-23 02:43:43'");
    fixture.domain(2, "two.example", "last_synced_at = '2026-11-23 02:43:44'");
    fixture.domain(3, "three.example", "expires_at = '2026-12-23 08:43:43', last_synced_at = '2026-11-23 00:00:00'");
    fixture.domain(4, "four.example", "expires_at = '2026-12-23 08:43:44', last_synced_at = '2026-11-23 00:00:00'");
    assert_eq!(fixture.due(EVERYBODY, &query(9)).await, [3, 4, 1]);
    let until = at("2026-12-23T02:43:43Z");
    assert_eq!(fixture.store.expiring_domains(EVERYBODY, now(), until).await.unwrap(), [DomainId(3)]);
}

async fn selecting_costs_a_statement_for_each_kind_of_class_at_most(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domains(300);
    let before = fixture.store.statements();
    assert_eq!(fixture.due(EVERYBODY, &query(100)).await.len(), 100);
    assert_eq!(fixture.store.statements() - before, 3, "class 5 was not asked for");
    assert_eq!(fixture.due(EVERYBODY, &query(1_000)).await.len(), 300);
    assert_eq!(fixture.store.statements() - before, 7);
}

async fn an_index_on_the_last_sync_changes_no_choice(engine: Engine) {
    let plain = Fixture::new(engine).await;
    plain.domains(10_600);
    plain.run("CREATE INDEX domains_last_synced_at_index ON domains (last_synced_at, id)");
    let indexed = connect(&plain.db, Tz::UTC).await;
    let mut statements = Vec::new();
    for (what, sets) in [
        ("none was ever synced, none expires soon", vec!["last_synced_at = NULL".to_owned()]),
        (
            "the urgent ones are among the first",
            vec![
                format!("expires_at = '{IN_30_DAYS}' WHERE id % 20 = 0"),
                format!("expires_at = '{IN_60_DAYS}' WHERE id % 20 = 1"),
            ],
        ),
        (
            "they were synced after all others",
            vec![
                format!("last_synced_at = '{LONG_AGO}'"),
                format!("last_synced_at = '{SIX_HOURS_AGO}' WHERE id % 20 < 2"),
            ],
        ),
        ("some of the others never were", vec!["last_synced_at = NULL WHERE id % 30 = 3".to_owned()]),
        ("all were at the same time", vec![format!("last_synced_at = '{LONG_AGO}'")]),
        ("few are due", vec![format!("last_synced_at = '{ALMOST_SIX_HOURS_AGO}' WHERE id % 50 > 0")]),
        ("none is", vec![format!("last_synced_at = '{ALMOST_SIX_HOURS_AGO}'")]),
    ] {
        for set in sets {
            plain.run(&format!("UPDATE domains SET {set}"));
        }
        for limit in [1, 300, 600, 2_000] {
            let before = indexed.statements();
            let ids = indexed.domains_needing_sync(EVERYBODY, &query(limit)).await.unwrap();
            statements.push(indexed.statements() - before);
            let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
            assert_eq!(ids, plain.due(EVERYBODY, &query(limit)).await, "S1.3 {what}: {limit}");
        }
    }
    // Two bounds, then up to two looks and a fallback for each of two classes, and the other classes.
    assert!(statements.iter().all(|statements| *statements <= 9), "{statements:?}");
}

on_every_engine!(
    an_index_on_the_last_sync_changes_no_choice,
    the_classes_follow_each_other_and_each_is_in_total_order,
    what_is_synced_recently_gone_or_nobodys_is_not_due,
    a_domain_that_failed_waits_for_its_next_attempt,
    the_intervals_and_days_are_those_that_are_asked_for,
    only_the_partners_own_are_due_or_expiring,
    expiring_domains_are_active_have_a_registrar_and_come_soonest_first,
    due_times_are_those_of_the_applications_clock,
    selecting_costs_a_statement_for_each_kind_of_class_at_most,
);
