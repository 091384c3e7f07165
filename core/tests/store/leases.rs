//! Who holds a domain (S7.5).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono::TimeDelta;
use domaindesk_support::Engine;
use domaindesk_sync::DomainId;
use domaindesk_sync::model::Lease;
use domaindesk_sync::store::{Detail, MetadataSwap};
use serde_json::{Value, json};

use crate::fixture::{EVERYBODY, Fixture, bookkeeping, now, query, words};

fn swap(id: i64, before: Option<&str>, after: Option<&str>) -> MetadataSwap {
    MetadataSwap { id: DomainId(id), before: before.map(str::to_owned), after: after.map(str::to_owned) }
}

async fn metadata_is_swapped_only_where_it_is_as_it_was(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let odd = r#"{"u":"\u00fc \\ \"'","a":[1, 2]}"#;
    for id in 1..=5 {
        fixture.domain(id, &format!("d{id}.example"), "updated_at = '2026-01-02 03:04:05'");
    }
    let first = [swap(2, None, Some(odd)), swap(3, None, Some("{}")), swap(5, None, Some("{}"))];
    assert_eq!(fixture.store.swap_metadata(&first).await.unwrap().len(), 3);
    fixture.db.execute("UPDATE domains SET deleted_at = '2026-01-02 03:04:05' WHERE id = 5");

    let mut swapped = fixture
        .store
        .swap_metadata(&[
            swap(1, None, Some(r#"{"x":1}"#)),
            swap(2, Some(odd), None),
            swap(3, Some("{ }"), Some(r#"{"x":3}"#)),
            swap(4, Some("{}"), Some(r#"{"x":4}"#)),
            swap(5, Some("{}"), Some(r#"{"x":5}"#)),
            swap(6, None, Some(r#"{"x":6}"#)),
        ])
        .await
        .unwrap();
    swapped.sort_unstable();

    assert_eq!(swapped, [DomainId(1), DomainId(2)], "S7.5");
    let stored: Vec<_> = (1..=5).map(|id| fixture.columns(id, "sync_metadata").remove(0)).collect();
    assert_eq!(stored, [json!(r#"{"x":1}"#), Value::Null, json!("{}"), Value::Null, json!("{}")], "S7.5");
    assert_eq!(fixture.columns(1, "updated_at"), [json!("2026-01-02 03:04:05")], "a lease is no change of the domain");
}

async fn what_somebody_holds_is_due_for_nobody_else(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for id in 1..=4 {
        fixture.domain(id, &format!("d{id}.example"), "");
    }
    let minute = TimeDelta::minutes(1);
    let text = |until, rest| Lease::new(7, until).put(rest);
    let swaps = [
        swap(1, None, Some(&text(now() + minute, None))),
        swap(2, None, Some(&text(now() - minute, Some(r#"{"attempts":1}"#)))),
        swap(3, None, Some(&text(now(), None))),
    ];
    assert_eq!(fixture.store.swap_metadata(&swaps).await.unwrap().len(), 3);

    let due = fixture.store.domains_needing_sync(EVERYBODY, &query(10)).await.unwrap();

    assert_eq!(due, [DomainId(2), DomainId(3), DomainId(4)], "S1.3, S7.5");
}

async fn a_lease_that_was_renewed_is_no_local_change_and_another_s_is(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for id in 1..=2 {
        fixture.domain(id, &format!("d{id}.example"), "");
    }
    let text = |holder, minutes| Lease::new(holder, now() + TimeDelta::minutes(minutes)).put(Some(r#"{"a":1}"#));
    let swaps = [swap(1, None, Some(&text(1, 1))), swap(2, None, Some(&text(1, 1)))];
    assert_eq!(fixture.store.swap_metadata(&swaps).await.unwrap().len(), 2);
    let mut writes = Vec::new();
    for id in 1..=2 {
        writes.push(bookkeeping(fixture.load(id, Detail::Columns).await, Detail::Columns));
    }
    let swaps = [swap(1, Some(&text(1, 1)), Some(&text(1, 5))), swap(2, Some(&text(1, 1)), Some(&text(2, 5)))];
    assert_eq!(fixture.store.swap_metadata(&swaps).await.unwrap().len(), 2);

    assert_eq!(words(&fixture.write(&writes).await), ["written", "changed"], "S2.4, S7.5");
}

on_every_engine!(
    metadata_is_swapped_only_where_it_is_as_it_was,
    what_somebody_holds_is_due_for_nobody_else,
    a_lease_that_was_renewed_is_no_local_change_and_another_s_is,
);
