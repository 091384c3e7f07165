use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::sync::testing::local;

/// A plan with a bit of everything.
fn plan() -> Value {
    json!({"version": 1, "made_at": "2026-11-23T02:43:43Z", "exit_code": 1, "domains": [
        {"domain": "example.com", "id": 1, "partner_id": 1, "registrar": "resellerclub", "state": "s",
         "synced_at": "2026-11-23T02:43:43Z", "expires_at": "2028-11-14T22:13:20Z",
         "changes": {"status": {"old": "active", "new": "expired"},
                     "expires_at": {"old": "2027-11-14", "new": "2028-11-14"},
                     "nameservers": {"old": [], "new": ["ns1.example.net", "ns2.example.net"]},
                     "contacts.registrant": {"old": {"city": "London"}, "new": {"city": "Paris\u{1b}[2J\n"}}},
         "metadata": {"synced_at": "2026-11-23T02:43:43+00:00", "attempts": null}},
        {"domain": "same.example", "id": 2, "partner_id": 1, "state": "s", "changes": [], "metadata": []},
        {"domain": "held.example", "id": 3, "partner_id": 1, "state": "s", "held": true, "reason": "Held back",
         "changes": {"status": {"old": "active", "new": "suspended"}}},
        {"domain": "failed.example", "id": 4, "partner_id": 1, "state": "s", "error": "no answer", "error_code": "timeout"},
    ]})
}

#[test]
fn a_plan_is_read_from_itself_and_from_the_report_around_it_even_after_php_had_it() {
    let read = KeptPlan::from_value(plan()).unwrap();
    assert_eq!(KeptPlan::from_value(json!({"stats": {}, "kept_plan": plan()})).unwrap(), read);
    let again = serde_json::to_string(&read).unwrap();
    assert_eq!(KeptPlan::from_json(&again).unwrap(), read);
    assert!(read.domains[1].changes.is_empty() && read.domains[1].metadata.is_empty(), "PHP's empty array");
    assert_eq!(
        (read.exit_code(), read.domains[0].detail(), read.domains[2].detail()),
        (1, Detail::Full, Detail::Columns)
    );
}

#[test]
fn what_is_no_plan_is_refused_with_its_place() {
    let with = |pointer: &str, value: Value| {
        let mut plan = plan();
        *plan.pointer_mut(pointer).unwrap() = value;
        plan
    };
    for (wrong, words) in [
        (json!({}), "expected what a dry run of many domains returned"),
        (json!([]), "expected what a dry run"),
        (json!({"stats": {}, "kept_plan": null}), "expected what a dry run"),
        (with("/version", json!(2)), "version 2, and this library reads version 1"),
        (with("/domains/0/state", Value::Null), "invalid type"),
        (with("/domains/0/changes/status/new", json!("gone")), "plan.domains[0]`: changes.status.new"),
        (with("/domains/0/changes/contacts.registrant/new", json!({"notes": "x"})), "changes.contacts.registrant.new"),
        (with("/domains/0/changes/nameservers/new", json!(["not a host"])), "changes.nameservers.new"),
        (with("/domains/0/changes", json!({"auth_code": {"old": 1, "new": 2}})), "no field that a sync writes"),
        (with("/domains/0/expires_at", json!("2028-11-15T00:00:00Z")), "not the same day"),
        (with("/domains/0/expires_at", Value::Null), "without expires_at"),
        (with("/domains/1/id", json!(1)), "the same domain as plan.domains[0]"),
    ] {
        let error = KeptPlan::from_value(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(KeptPlan::from_json("{").unwrap_err().to_string().contains("line 1"));
}

#[test]
fn a_plan_is_shown_as_a_table_whose_cells_move_no_cursor() {
    let shown = KeptPlan::from_value(plan()).unwrap().to_string();
    let wanted = "\
Domain          Field                     Old         New
example.com     status                    active      expired
                expires_at                2027-11-14  2028-11-14
                nameservers                           ns1.example.net, ns2.example.net
                contacts.registrant.city  London      Paris [2J
held.example    status                    active      suspended
                held back                             Held back
failed.example  failed                                no answer

Made at 2026-11-23 02:43:43 UTC: 1 to change, 1 held back, 1 failed, 1 unchanged.";
    assert_eq!(shown, wanted);
    let none = KeptPlan::new("2026-11-23T02:43:43Z".parse().unwrap()).to_string();
    assert_eq!(none, "Made at 2026-11-23 02:43:43 UTC: 0 to change, 0 held back, 0 failed, 0 unchanged.");
}

#[test]
fn the_state_tells_everything_that_a_sync_compares_and_no_lease() {
    let before = local("example.com");
    let changes: [fn(&mut LocalDomain); 7] = [
        |domain| domain.name = "example.net".to_owned(),
        |domain| domain.partner_id = PartnerId(2),
        |domain| domain.registrar_id = None,
        |domain| domain.status = DomainStatus::Expired,
        |domain| domain.expires_at = None,
        |domain| domain.metadata_text = Some(r#"{"a":1}"#.to_owned()),
        |domain| domain.metadata_text = Some(r#"{"a":2}"#.to_owned()),
    ];
    let mut states = vec![state(&before, Detail::Columns), state(&before, Detail::Full)];
    for change in changes {
        let mut after = before.clone();
        change(&mut after);
        states.push(state(&after, Detail::Columns));
    }
    let children: [fn(&mut LocalDomain); 4] = [
        |domain| domain.nameservers.swap(0, 1),
        |domain| domain.contacts[0].id = 8,
        |domain| domain.contacts[0].kind = ContactType::Admin,
        |domain| domain.contacts[0].contact.set(ContactField::City, "Paris"),
    ];
    for change in children {
        let mut after = before.clone();
        change(&mut after);
        assert_eq!(state(&after, Detail::Columns), states[0], "S2.4: what is not written is not compared");
        states.push(state(&after, Detail::Full));
    }
    let count = states.len();
    states.sort_unstable();
    states.dedup();
    assert_eq!(states.len(), count, "S2.4");

    let lease = lease::Lease::new(7, "2026-11-23T02:43:43Z".parse().unwrap());
    for text in [None, Some(r#"{"a":1}"#), Some("[]"), Some("{}")] {
        let mut domain = before.clone();
        domain.metadata_text = text.map(str::to_owned);
        let free = state(&domain, Detail::Full);
        domain.metadata_text = Some(lease.put(text));
        assert_eq!(state(&domain, Detail::Full), free, "S7.5 {text:?}");
    }
}

/// Objects as `sync_metadata` holds them: no `null` in what a sync writes.
fn object() -> impl Strategy<Value = Map<String, Value>> {
    let leaf =
        prop_oneof![any::<i64>().prop_map(Value::from), "[a-z]{0,3}".prop_map(Value::from), Just(json!([1, null]))];
    let value = leaf.prop_recursive(2, 8, 4, |inner| {
        prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect()))
    });
    prop::collection::btree_map("[a-d]", value, 0..5).prop_map(|map| map.into_iter().collect())
}

proptest! {
    #[test]
    fn a_patch_makes_the_new_object_of_the_old_one(old in object(), new in object()) {
        let mut merged = old.clone();
        merge(&mut merged, &patch(&old, &new));
        prop_assert_eq!(merged, new);
    }

    #[test]
    fn nothing_of_a_foreign_key_is_in_a_patch(own in object(), theirs in "[a-z]{8}") {
        let with = |own: &Map<String, Value>| {
            let mut all = own.clone();
            all.insert("theirs".to_owned(), json!({"secret": theirs, "none": null}));
            all
        };
        let patch = patch(&with(&Map::new()), &with(&own));
        prop_assert!(!patch.contains_key("theirs"));
    }
}
