//! Beside the application's own connection: who waits for whom, and what is left locked.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::time::{Duration, Instant};

use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine, JournalMode};
use domaindesk_sync::config::{DatabaseConfig, Driver};
use domaindesk_sync::store::sqlite::SqliteStore;
use domaindesk_sync::store::{Detail, Store};
use domaindesk_sync::{DomainStatus, ErrorKind};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor};

use crate::fixture::{EVERYBODY, Fixture, bookkeeping, context, query, words};

/// A connection of somebody else's, who does not wait.
async fn other(fixture: &Fixture) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(fixture.db.path()).busy_timeout(Duration::ZERO);
    options.connect().await.unwrap()
}

/// A store that waits for a lock no longer than this.
async fn impatient(fixture: &Fixture, patience: Duration) -> SqliteStore {
    let mut config = DatabaseConfig::sqlite(fixture.db.path());
    let Driver::Sqlite { busy_timeout, .. } = &mut config.driver else {
        panic!("not SQLite");
    };
    *busy_timeout = patience;
    SqliteStore::connect(&config, Tz::UTC).await.unwrap()
}

async fn in_mode(mode: JournalMode) -> Fixture {
    let options = DatabaseOptions { journal_mode: Some(mode), ..DatabaseOptions::default() };
    let fixture = Fixture::with(Engine::Sqlite, options, Tz::UTC).await;
    fixture.domain(1, "one.example", "");
    fixture
}

#[tokio::test]
async fn nothing_stays_locked_between_calls() {
    for mode in [JournalMode::Delete, JournalMode::Wal] {
        let fixture = in_mode(mode).await;
        let mut application = other(&fixture).await;
        let free = async |application: &mut SqliteConnection, after: &str| {
            let locked = application.execute("BEGIN EXCLUSIVE; UPDATE domains SET auto_renew = 1; COMMIT").await;
            locked.unwrap_or_else(|error| panic!("{mode:?}: after {after}: {error}"));
        };
        let store = &fixture.store;
        free(&mut application, "connecting").await;
        let before = fixture.load(1, Detail::Full).await;
        free(&mut application, "loading").await;
        store.domains_needing_sync(EVERYBODY, &query(5)).await.unwrap();
        store.stats(EVERYBODY, &query(5)).await.unwrap();
        free(&mut application, "selecting").await;
        let mut write = bookkeeping(before, Detail::Full);
        write.status = Some(DomainStatus::Expired);
        assert_eq!(words(&fixture.write(&[write]).await), ["written"]);
        free(&mut application, "writing").await;
    }
}

#[tokio::test]
async fn a_lock_that_another_holds_too_long_is_told_and_nothing_is_written() {
    let fixture = in_mode(JournalMode::Delete).await;
    let store = impatient(&fixture, Duration::from_millis(300)).await;
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let mut application = other(&fixture).await;
    application.execute("BEGIN IMMEDIATE").await.unwrap();

    let start = Instant::now();
    let error = store.write(&context(), std::slice::from_ref(&write)).await.unwrap_err();
    assert!(start.elapsed() >= Duration::from_millis(250), "it waited");
    assert!(start.elapsed() < Duration::from_secs(5), "and not for long");
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(error.to_string().ends_with("(waited for 0.3 s)"), "{error}");
    assert!(error.to_string().starts_with("the database is locked: another process"), "{error}");
    assert_eq!(store.load(EVERYBODY, &[write.before.id], Detail::Full).await.unwrap().len(), 1, "reading goes on");

    application.execute("COMMIT").await.unwrap();
    assert_eq!(words(&store.write(&context(), &[write]).await.unwrap()), ["written"]);
}

#[tokio::test]
async fn a_reader_holds_up_the_writer_only_without_a_log() {
    for (mode, wanted) in [(JournalMode::Delete, false), (JournalMode::Wal, true)] {
        let fixture = in_mode(mode).await;
        let store = impatient(&fixture, Duration::from_millis(200)).await;
        let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
        let mut application = other(&fixture).await;
        application.execute("BEGIN; SELECT count(*) FROM domains").await.unwrap();
        let outcome = store.write(&context(), std::slice::from_ref(&write)).await;
        assert_eq!(outcome.is_ok(), wanted, "{mode:?}: {outcome:?}");
        application.execute("COMMIT").await.unwrap();
        if !wanted {
            assert_eq!(fixture.columns(1, "last_synced_at"), [serde_json::Value::Null], "rolled back whole");
            assert_eq!(words(&store.write(&context(), &[write]).await.unwrap()), ["written"]);
        }
    }
}

#[tokio::test]
async fn a_writer_waits_for_the_application_to_finish() {
    let fixture = in_mode(JournalMode::Delete).await;
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let mut application = other(&fixture).await;
    application.execute("BEGIN IMMEDIATE; UPDATE domains SET auto_renew = 0").await.unwrap();
    let finish = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        application.execute("COMMIT").await.unwrap();
    };
    let (outcomes, ()) = tokio::join!(fixture.write(std::slice::from_ref(&write)), finish);
    assert_eq!(words(&outcomes), ["written"]);
    assert_eq!(fixture.columns(1, "auto_renew"), [0], "both are there");
}

#[tokio::test]
async fn a_local_edit_that_the_writer_waited_for_wins() {
    let fixture = in_mode(JournalMode::Delete).await;
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let mut application = other(&fixture).await;
    application.execute("BEGIN IMMEDIATE; UPDATE domains SET status = 'suspended'").await.unwrap();
    let finish = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        application.execute("COMMIT").await.unwrap();
    };
    let (outcomes, ()) = tokio::join!(fixture.write(std::slice::from_ref(&write)), finish);
    assert_eq!(words(&outcomes), ["changed"], "S2.4: compared inside the transaction");
}

#[tokio::test]
async fn a_write_that_is_given_up_leaves_nothing_behind() {
    let fixture = in_mode(JournalMode::Delete).await;
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let mut application = other(&fixture).await;
    application.execute("BEGIN IMMEDIATE").await.unwrap();
    let writes = [write];
    let given_up = tokio::time::timeout(Duration::from_millis(100), fixture.write(&writes)).await;
    assert!(given_up.is_err(), "it was waiting for the lock");
    application.execute("COMMIT").await.unwrap();
    assert_eq!(fixture.columns(1, "last_synced_at"), [serde_json::Value::Null], "S6.8");
    assert_eq!(words(&fixture.write(&writes).await), ["written"], "and the store still works");
    application.close().await.unwrap();
}
