//! What only SQLite lets into a column, and only SQLite does by itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_sync::model::{ContactField, PriceAction, RegistrarId, TldId};
use domaindesk_sync::store::{Detail, PriceWrite};
use domaindesk_sync::{DomainId, ErrorKind};
use serde_json::json;

use crate::fixture::{EVERYBODY, Fixture, bookkeeping, context, now, words};
use crate::write_failure::{changes, one_row_goes_missing, untouched};

#[tokio::test]
async fn a_trigger_that_swallows_a_row_is_noticed() {
    let fixture = Fixture::sqlite().await;
    one_row_goes_missing(
        &fixture,
        "CREATE TRIGGER refuse BEFORE INSERT ON audit_logs WHEN NEW.auditable_id = 2 BEGIN SELECT RAISE(IGNORE); END",
    )
    .await;
}

#[tokio::test]
async fn what_is_written_is_of_the_storage_class_that_eloquent_leaves() {
    let fixture = Fixture::sqlite().await;
    fixture.run("INSERT INTO tlds (id, registrar_id, extension) VALUES (1, 1, 'com')");
    let prices = [("9.99", 1), ("10", 2)].map(|(price, years)| PriceWrite {
        tld_id: TldId(1),
        action: PriceAction::Renew,
        years,
        price: price.parse().unwrap(),
    });
    fixture.store.write_prices(RegistrarId(1), now(), &prices).await.unwrap();
    assert_eq!(
        fixture.rows("SELECT price, typeof(price), effective_date FROM tld_prices ORDER BY years"),
        [
            [json!(9.99), json!("real"), json!("2026-11-23 00:00:00")],
            // What Eloquent's text "10.00" becomes in a column of NUMERIC affinity.
            [json!(10), json!("integer"), json!("2026-11-23 00:00:00")],
        ],
        "S4.4"
    );
}

#[tokio::test]
async fn a_column_of_another_type_concerns_its_own_domain_only() {
    let fixture = Fixture::sqlite().await;
    fixture.domain(1, "one.example", "");
    fixture.domain(2, "two.example", "");
    fixture.run("PRAGMA foreign_keys = 0; UPDATE domains SET registrar_id = 'none' WHERE id = 2");
    let ids = [DomainId(1), DomainId(2)];
    let found = fixture.store.load(EVERYBODY, &ids, Detail::Full).await.unwrap();
    assert_eq!(found.iter().map(|domain| domain.id.0).collect::<Vec<_>>(), [1], "S2.3");
    let unreadable = fixture.store.unreadable(EVERYBODY, &ids).await.unwrap();
    assert_eq!(unreadable.len(), 1);
    assert_eq!((unreadable[0].id, unreadable[0].name.as_str()), (DomainId(2), "two.example"));
    // Nor does it keep the other from being written.
    let writes = [bookkeeping(found[0].clone(), Detail::Full), {
        let mut second = bookkeeping(found[0].clone(), Detail::Full);
        second.before.id = DomainId(2);
        second.before.name = "two.example".to_owned();
        second
    }];
    assert_eq!(words(&fixture.write(&writes).await), ["written", "changed"], "S2.4");
}

#[tokio::test]
async fn values_that_cannot_be_read_count_as_absent() {
    let fixture = Fixture::sqlite().await;
    fixture.domain(
        1,
        "one.example",
        "expires_at = 'soon', last_synced_at = '0000-00-00 00:00:00', sync_metadata = '[1]'",
    );
    fixture.domain(2, "two.example", "sync_metadata = 'no json'");
    let one = fixture.load(1, Detail::Columns).await;
    assert_eq!((one.expires_at, one.last_synced_at), (None, None), "S2.3");
    assert_eq!((one.metadata, one.metadata_text.as_deref()), (None, Some("[1]")));
    let two = fixture.load(2, Detail::Columns).await;
    assert_eq!((two.metadata, two.metadata_text.as_deref()), (None, Some("no json")));
}

#[tokio::test]
async fn bytes_that_are_no_text_cost_no_other_domain_its_sync() {
    let fixture = Fixture::sqlite().await;
    fixture.domain(1, "one.example", "");
    fixture.domain(2, "two.example", "sync_metadata = x'7b7d'");
    fixture.contact(1, 1, "registrant");
    fixture.run("UPDATE domain_contacts SET city = CAST(x'4d81' AS TEXT), address = x'41ff42'");
    let ids = [DomainId(1), DomainId(2)];
    let mut found = fixture.store.load(EVERYBODY, &ids, Detail::Full).await.unwrap();
    found.sort_by_key(|domain| domain.id);
    let contact = &found[0].contacts[0].contact;
    assert_eq!(contact.get(ContactField::City), Some("M\u{fffd}"));
    assert_eq!(contact.get(ContactField::Address), Some("A\u{fffd}B"));
    assert_eq!(found[1].metadata_text.as_deref(), Some("{}"));
}

#[tokio::test]
async fn after_a_transaction_that_sqlite_ended_by_itself_the_next_one_works() {
    let fixture = Fixture::sqlite().await;
    let writes = changes(&fixture, 2).await;
    fixture.run(
        "CREATE TRIGGER refuse BEFORE UPDATE ON domains WHEN NEW.id = 2 BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END",
    );
    let error = fixture.store.write(&context(), &writes).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(untouched(&fixture, 1) && untouched(&fixture, 2), "nothing of it was written");
    fixture.run("DROP TRIGGER refuse");
    assert_eq!(words(&fixture.write(&writes).await), ["written", "written"]);
}

#[tokio::test]
async fn a_price_that_cannot_be_read_counts_as_none() {
    let fixture = Fixture::sqlite().await;
    fixture.run("INSERT INTO tlds (id, registrar_id, extension) VALUES (1, 1, 'com')");
    fixture.run(
        "INSERT INTO tld_prices (tld_id, action, years, price, effective_date) VALUES \
         (1, 'register', 1, 'cheap', '2026-01-01 00:00:00'), (1, 'renew', 1, '9.99', '2026-01-01 00:00:00')",
    );
    let day = now().date_naive();
    let prices = fixture.store.tlds(RegistrarId(1), day).await.unwrap().remove(0).in_force;
    let since = "2026-01-01".parse().unwrap();
    assert_eq!(prices, [(PriceAction::Renew, 1, "9.99".parse().unwrap(), since)]);
}
