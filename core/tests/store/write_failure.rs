//! A domain that the database refuses fails alone (S4.1).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_support::Engine;
use domaindesk_sync::model::{Contact, ContactField, ContactType, Nameservers};
use domaindesk_sync::store::{AuditEntry, ContactWrite, Detail, DomainWrite, WriteOutcome};
use domaindesk_sync::{DomainId, DomainStatus, ErrorKind};
use serde_json::json;

use crate::fixture::{EVERYBODY, Fixture, bookkeeping, words};

/// Changes of `count` domains that touch four tables.
pub(crate) async fn changes(fixture: &Fixture, count: i64) -> Vec<DomainWrite> {
    fixture.domains(count);
    let host = "INSERT INTO domain_nameservers (domain_id, nameserver, \"order\") SELECT id, 'ns1.old.example', 1 FROM domains";
    fixture.run(host);
    let ids: Vec<_> = (1..=count).map(DomainId).collect();
    let mut loaded = fixture.store.load(EVERYBODY, &ids, Detail::Full).await.unwrap();
    loaded.sort_by_key(|domain| domain.id);
    loaded
        .into_iter()
        .map(|domain| {
            let mut write = bookkeeping(domain, Detail::Full);
            write.status = Some(DomainStatus::Expired);
            write.nameservers = Some(Nameservers::parse(["ns1.new.example"]).0);
            write.audits = vec![AuditEntry { field: "status".to_owned(), old: json!("active"), new: json!("expired") }];
            write
        })
        .collect()
}

pub(crate) fn untouched(fixture: &Fixture, id: i64) -> bool {
    fixture.columns(id, "status, last_synced_at, sync_metadata") == [json!("active"), json!(null), json!(null)]
        && fixture.rows(&format!("SELECT nameserver FROM domain_nameservers WHERE domain_id = {id}"))
            == [["ns1.old.example"]]
        && fixture.db.one(&format!("SELECT count(*) FROM audit_logs WHERE auditable_id = {id}")) == 0
}

async fn a_domain_that_is_refused_is_rolled_back_alone(engine: Engine) {
    // Each table in turn refuses domain 7 of 20, so that everything written for it before has to go.
    for (table, timing, condition) in [
        ("domains", "BEFORE UPDATE", "NEW.id = 7"),
        ("domain_nameservers", "BEFORE DELETE", "OLD.domain_id = 7"),
        ("domain_nameservers", "BEFORE INSERT", "NEW.domain_id = 7"),
        ("audit_logs", "BEFORE INSERT", "NEW.auditable_id = 7"),
    ] {
        let fixture = Fixture::new(engine).await;
        let writes = changes(&fixture, 20).await;
        fixture.refuse(timing, table, condition, "not this one");
        let outcomes = fixture.write(&writes).await;
        for (write, outcome) in writes.iter().zip(&outcomes) {
            let id = write.before.id.0;
            if id == 7 {
                let WriteOutcome::Failed(error) = outcome else {
                    panic!("{outcome:?}");
                };
                assert_eq!(error.kind(), ErrorKind::Store);
                assert!(error.to_string().contains("not this one"), "{error}");
                assert!(untouched(&fixture, id), "S4.1: {table}");
            } else {
                assert!(matches!(outcome, WriteOutcome::Written), "S4.1: {table}, {id}: {outcome:?}");
                assert_eq!(fixture.columns(id, "status"), ["expired"], "S4.1");
            }
        }
        assert_eq!(fixture.db.count("audit_logs"), 19);
    }
}

async fn one_that_is_refused_among_many_costs_a_few_statements_more(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let writes = changes(&fixture, 500).await;
    fixture.refuse("BEFORE UPDATE", "domains", "NEW.id = 321", "no");
    let before = fixture.store.statements();
    let outcomes = fixture.write(&writes).await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, WriteOutcome::Written)).count(), 499);
    let statements = fixture.store.statements() - before;
    // One read; then at most 2 × 9 halves on the way to one of 500, four statements each.
    assert!(statements <= 1 + fixture.locks() + 19 * 4, "{statements}");
}

async fn all_may_fail_and_each_is_told(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let writes = changes(&fixture, 5).await;
    fixture.refuse("BEFORE INSERT", "audit_logs", "NEW.id <> 0 OR TRUE", "no");
    assert_eq!(words(&fixture.write(&writes).await), ["failed"; 5]);
    assert!((1..=5).all(|id| untouched(&fixture, id)), "S4.1");
}

/// Writes three domains, of which a trigger keeps the second's audit row out without a word.
pub(crate) async fn one_row_goes_missing(fixture: &Fixture, trigger: &str) {
    let writes = changes(fixture, 3).await;
    fixture.run(trigger);
    assert_eq!(words(&fixture.write(&writes).await), ["written", "failed", "written"], "S4.1: all or none");
    assert!(untouched(fixture, 2), "S4.1");
}

async fn a_contact_without_a_required_column_fails_its_domain_only(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut writes = changes(&fixture, 2).await;
    writes[0].contacts = vec![ContactWrite::Insert {
        kind: ContactType::Admin,
        contact: Contact::default().with(ContactField::FirstName, "Jane"),
    }];
    let outcomes = fixture.write(&writes).await;
    assert_eq!(words(&outcomes), ["failed", "written"]);
    let WriteOutcome::Failed(error) = &outcomes[0] else {
        panic!("{outcomes:?}");
    };
    assert!(error.to_string().contains("last_name"), "{error}");
    assert!(!error.to_string().contains("Jane"), "no values in errors: {error}");
    assert!(untouched(&fixture, 1), "S4.1");
}

on_every_engine!(
    a_domain_that_is_refused_is_rolled_back_alone,
    one_that_is_refused_among_many_costs_a_few_statements_more,
    all_may_fail_and_each_is_told,
    a_contact_without_a_required_column_fails_its_domain_only,
);
