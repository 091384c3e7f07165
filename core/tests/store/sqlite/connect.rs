//! Opening a database: what is refused, and what is left as it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine, JournalMode, TempDatabase};
use domaindesk_sync::ErrorKind;
use domaindesk_sync::config::{DatabaseConfig, Driver};
use domaindesk_sync::store::sqlite::SqliteStore;
use domaindesk_sync::store::{Detail, Store, WriteContext};

use crate::fixture::{self, Fixture, bookkeeping, context, words};

async fn refusal(config: &DatabaseConfig) -> String {
    let error = SqliteStore::connect(config, Tz::UTC).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error}");
    let by_sqlite = error.to_string() == "the file is not a SQLite database";
    assert_eq!(error.cause().is_some(), by_sqlite, "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named_and_not_made() {
    let db = TempDatabase::new();
    let path = db.folder().join("nothing.sqlite");
    let message = refusal(&DatabaseConfig::sqlite(&path)).await;
    assert!(message.contains("there is no SQLite database at"), "{message}");
    assert!(message.contains("nothing.sqlite"), "{message}");
    assert!(!path.exists());
    let message = refusal(&DatabaseConfig::sqlite(db.folder())).await;
    assert!(message.contains("there is no SQLite database at"), "{message}");
    let message = refusal(&DatabaseConfig::sqlite(":memory:")).await;
    assert!(message.contains("give a file"), "{message}");
}

#[tokio::test]
async fn a_file_of_another_kind_is_told_apart() {
    let db = TempDatabase::new();
    let path = db.folder().join("notes.txt");
    std::fs::write(&path, "not a database, though long enough to have a header".repeat(40)).unwrap();
    let message = refusal(&DatabaseConfig::sqlite(&path)).await;
    assert_eq!(message, "the file is not a SQLite database");
}

#[tokio::test]
async fn a_missing_table_or_column_is_named_with_its_prefix() {
    let db = TempDatabase::create(DatabaseOptions { prefix: "dd_".to_owned(), ..DatabaseOptions::default() });
    let message = refusal(&DatabaseConfig::sqlite(db.path())).await;
    assert_eq!(message, "this is not a DomainDesk database: table `domains` is missing");
    let mut config = DatabaseConfig::sqlite(db.path());
    config.prefix = "dd_".to_owned();
    db.execute("ALTER TABLE dd_domains DROP COLUMN sync_metadata");
    assert_eq!(
        refusal(&config).await,
        "table `dd_domains` lacks column `sync_metadata`: run the application's migrations"
    );
}

#[tokio::test]
async fn another_database_is_refused_by_the_first_table_that_it_lacks() {
    let db = TempDatabase::new();
    db.execute("DROP TABLE tld_prices");
    assert_eq!(
        refusal(&DatabaseConfig::sqlite(db.path())).await,
        "this is not a DomainDesk database: table `tld_prices` is missing"
    );
}

#[tokio::test]
async fn the_journal_mode_stays_as_it_is() {
    for (mode, word) in [(JournalMode::Delete, "delete"), (JournalMode::Wal, "wal")] {
        let fixture = Fixture::with(
            Engine::Sqlite,
            DatabaseOptions { journal_mode: Some(mode), ..DatabaseOptions::default() },
            Tz::UTC,
        )
        .await;
        fixture.domain(1, "one.example", "");
        let before = fixture.load(1, Detail::Full).await;
        let outcomes = fixture.write(&[bookkeeping(before, Detail::Full)]).await;
        assert_eq!(words(&outcomes), ["written"]);
        fixture.store.close().await;
        assert_eq!(fixture.db.one("PRAGMA journal_mode"), word);
    }
}

#[tokio::test]
async fn foreign_keys_are_enforced_where_the_application_does() {
    for (enforced, wanted) in [(true, "failed"), (false, "written")] {
        let fixture = Fixture::sqlite().await;
        fixture.domain(1, "one.example", "");
        let mut config = DatabaseConfig::sqlite(fixture.db.path());
        let Driver::Sqlite { foreign_key_constraints, .. } = &mut config.driver else {
            panic!("not SQLite");
        };
        *foreign_key_constraints = enforced;
        let store = SqliteStore::connect(&config, Tz::UTC).await.unwrap();
        let mut write = bookkeeping(fixture.load(1, Detail::Columns).await, Detail::Columns);
        write.audits = vec![fixture_audit()];
        let context = WriteContext { user_id: Some(domaindesk_sync::UserId(4711)), ..context() };
        let outcomes = store.write(&context, &[write]).await.unwrap();
        assert_eq!(words(&outcomes), [wanted]);
    }
}

fn fixture_audit() -> domaindesk_sync::store::AuditEntry {
    domaindesk_sync::store::AuditEntry { field: "status".to_owned(), old: "active".into(), new: "expired".into() }
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let fixture = Fixture::sqlite().await;
    fixture.store.close().await;
    let error = fixture.store.stats(fixture::EVERYBODY, &fixture::query(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "the database connection is closed");
}
