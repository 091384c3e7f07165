//! A domain that the database refuses fails alone (S4.1).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_sync::model::{Contact, ContactField, ContactType, Nameservers};
use domaindesk_sync::store::{AuditEntry, ContactWrite, Detail, DomainWrite, Store, WriteOutcome};
use domaindesk_sync::{DomainId, DomainStatus, ErrorKind};
use serde_json::json;

use crate::fixture::{EVERYBODY, Fixture, bookkeeping, context, words};

/// Changes of `count` domains that touch four tables.
async fn changes(fixture: &Fixture, count: i64) -> Vec<DomainWrite> {
    fixture.domains(count);
    let host = "INSERT INTO domain_nameservers (domain_id, nameserver, \"order\") SELECT id, 'ns1.old.example', 1 FROM domains";
    fixture.db.execute(host);
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

fn untouched(fixture: &Fixture, id: i64) -> bool {
    fixture.columns(id, "status, last_synced_at, sync_metadata") == [json!("active"), json!(null), json!(null)]
        && fixture.db.query(&format!("SELECT nameserver FROM domain_nameservers WHERE domain_id = {id}"))
            == [["ns1.old.example"]]
        && fixture.db.one(&format!("SELECT count(*) FROM audit_logs WHERE auditable_id = {id}")) == 0
}

#[tokio::test]
async fn a_domain_that_is_refused_is_rolled_back_alone() {
    // Each table in turn refuses domain 7 of 20, so that everything written for it before has to go.
    for (table, timing, condition) in [
        ("domains", "BEFORE UPDATE", "NEW.id = 7"),
        ("domain_nameservers", "BEFORE DELETE", "OLD.domain_id = 7"),
        ("domain_nameservers", "BEFORE INSERT", "NEW.domain_id = 7"),
        ("audit_logs", "BEFORE INSERT", "NEW.auditable_id = 7"),
    ] {
        let fixture = Fixture::new().await;
        let writes = changes(&fixture, 20).await;
        fixture.db.execute(&format!(
            "CREATE TRIGGER refuse {timing} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        ));
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

#[tokio::test]
async fn one_that_is_refused_among_many_costs_a_few_statements_more() {
    let fixture = Fixture::new().await;
    let writes = changes(&fixture, 500).await;
    fixture.db.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON domains WHEN NEW.id = 321 BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let before = fixture.store.statements();
    let outcomes = fixture.write(&writes).await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, WriteOutcome::Written)).count(), 499);
    let statements = fixture.store.statements() - before;
    // One read; then at most 2 × 9 halves on the way to one of 500, four statements each.
    assert!(statements <= 1 + 19 * 4, "{statements}");
}

#[tokio::test]
async fn all_may_fail_and_each_is_told() {
    let fixture = Fixture::new().await;
    let writes = changes(&fixture, 5).await;
    fixture.db.execute("CREATE TRIGGER refuse BEFORE INSERT ON audit_logs BEGIN SELECT RAISE(ABORT, 'no'); END");
    assert_eq!(words(&fixture.write(&writes).await), ["failed"; 5]);
    assert!((1..=5).all(|id| untouched(&fixture, id)), "S4.1");
}

#[tokio::test]
async fn a_trigger_that_swallows_a_row_is_noticed() {
    let fixture = Fixture::new().await;
    let writes = changes(&fixture, 3).await;
    fixture.db.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON audit_logs WHEN NEW.auditable_id = 2 BEGIN SELECT RAISE(IGNORE); END",
    );
    assert_eq!(words(&fixture.write(&writes).await), ["written", "failed", "written"], "S4.1: all or none");
    assert!(untouched(&fixture, 2), "S4.1");
}

#[tokio::test]
async fn a_contact_without_a_required_column_fails_its_domain_only() {
    let fixture = Fixture::new().await;
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
    assert!(error.to_string().contains("NOT NULL"), "{error}");
    assert!(!error.to_string().contains("Jane"), "no values in errors: {error}");
    assert!(untouched(&fixture, 1), "S4.1");
}

#[tokio::test]
async fn after_a_transaction_that_sqlite_ended_by_itself_the_next_one_works() {
    let fixture = Fixture::new().await;
    let writes = changes(&fixture, 2).await;
    fixture.db.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON domains WHEN NEW.id = 2 BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END",
    );
    let error = fixture.store.write(&context(), &writes).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(untouched(&fixture, 1) && untouched(&fixture, 2), "nothing of it was written");
    fixture.db.execute("DROP TRIGGER refuse");
    assert_eq!(words(&fixture.write(&writes).await), ["written", "written"]);
}
