//! What MariaDB and PostgreSQL have in common: servers that are reached or not, locks of rows, copies to read from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::time::Duration;

use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine, TempDatabase};
use domaindesk_sync::model::{ContactField, Nameservers};
use domaindesk_sync::store::{ContactWrite, Detail, WriteOutcome};
use domaindesk_sync::{DomainId, DomainRef, DomainStatus, ErrorKind};
use serde_json::{Value, json};

use crate::fixture::{
    EVERYBODY, Fixture, Session, at, bookkeeping, config, connect, context, from_array, now, query, try_connect, words,
};

/// Makes a test for each kind of server.
macro_rules! on_every_server {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            use domaindesk_support::Engine;

            #[tokio::test]
            async fn mariadb() {
                super::$name(Engine::MariaDb).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$name(Engine::Postgres).await;
            }
        })*
    };
}

on_every_server!(
    a_server_that_cannot_be_used_is_told_without_the_password,
    a_missing_table_or_column_is_named_with_its_prefix,
    no_debug_output_shows_the_password,
    nothing_stays_locked_between_calls,
    a_local_edit_that_the_writer_waited_for_wins,
    a_child_row_added_while_the_writer_waited_wins,
    a_write_that_ends_in_a_deadlock_is_done_again,
    two_writers_of_the_same_domains_write_them_once,
    a_write_that_is_given_up_leaves_nothing_behind,
    selections_and_statistics_are_read_from_the_copy_and_nothing_else_is,
    a_copy_that_is_gone_is_done_without,
    the_first_server_that_answers_is_used,
    what_does_not_fit_fails_its_domain_only_and_is_not_shown,
);

fn base(db: &TempDatabase, more: Value) -> Value {
    let mut connection = db.laravel_connection();
    connection.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    connection
}

async fn refusal(connection: Value) -> String {
    let error = try_connect(&from_array(connection), Tz::UTC).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error}");
    assert!(error.cause().is_some(), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"), "S6.9 {error:?}");
    error.to_string()
}

async fn a_server_that_cannot_be_used_is_told_without_the_password(engine: Engine) {
    let db = TempDatabase::on(engine, DatabaseOptions::default());
    let message = refusal(base(&db, json!({"password": "secret"}))).await;
    assert!(message.starts_with("the database server refuses the user: "), "{message}");
    let message = refusal(base(&db, json!({"database": "nowhere"}))).await;
    assert!(message.starts_with("the database server has no such database: "), "{message}");
    assert!(message.contains("nowhere"), "{message}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let message = refusal(base(&db, json!({"port": closed, "password": "secret"}))).await;
    let start = format!("the database server at `127.0.0.1:{closed}` cannot be reached: ");
    assert!(message.starts_with(&start), "{message}");
    let message = refusal(base(&db, json!({"timezone": "Mars/Olympus"}))).await;
    assert!(message.contains("Mars/Olympus"), "{message}");
}

async fn a_missing_table_or_column_is_named_with_its_prefix(engine: Engine) {
    let db = TempDatabase::on(engine, DatabaseOptions { prefix: "dd_".to_owned(), ..DatabaseOptions::default() });
    let error = try_connect(&from_array(base(&db, json!({"prefix": ""}))), Tz::UTC).await.unwrap_err();
    assert_eq!(error.to_string(), "this is not a DomainDesk database: table `domains` is missing");
    db.execute("ALTER TABLE dd_domains DROP COLUMN sync_metadata");
    let error = try_connect(&config(&db), Tz::UTC).await.unwrap_err();
    assert_eq!(error.to_string(), "table `dd_domains` lacks column `sync_metadata`: run the application's migrations");
}

async fn no_debug_output_shows_the_password(engine: Engine) {
    let db = TempDatabase::on(engine, DatabaseOptions::default());
    let password = &db.access().unwrap().password;
    let store = connect(&db, Tz::UTC).await;
    let printed = format!("{store:?} {:?}", config(&db));
    assert!(printed.contains("127.0.0.1") && !printed.contains(password.as_str()), "S6.9 {printed}");
}

async fn nothing_stays_locked_between_calls(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    let mut application = Session::open(&fixture.db).await;
    application.run("SET lock_timeout = 1", "SET SESSION innodb_lock_wait_timeout = 1, lock_wait_timeout = 1").await;
    let lock = "LOCK TABLE domains IN ACCESS EXCLUSIVE MODE";
    let free = async |application: &mut Session| {
        application.run(&format!("BEGIN; {lock}; COMMIT"), "LOCK TABLES domains WRITE; UNLOCK TABLES").await;
    };
    free(&mut application).await;
    let before = fixture.load(1, Detail::Full).await;
    free(&mut application).await;
    fixture.store.domains_needing_sync(EVERYBODY, &query(5)).await.unwrap();
    fixture.store.stats(EVERYBODY, &query(5)).await.unwrap();
    free(&mut application).await;
    let mut write = bookkeeping(before, Detail::Full);
    write.status = Some(DomainStatus::Expired);
    assert_eq!(words(&fixture.write(std::slice::from_ref(&write)).await), ["written"]);
    free(&mut application).await;
    assert_eq!(words(&fixture.write(&[write]).await), ["changed"]);
    free(&mut application).await;
}

/// Writes domain 1 while the application has a transaction open on it, which then commits.
async fn written_behind(fixture: &Fixture, edit: &str) -> Vec<&'static str> {
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let mut application = Session::open(&fixture.db).await;
    application.same("BEGIN").await;
    application.same(edit).await;
    let finish = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        application.same("COMMIT").await;
    };
    let (outcomes, ()) = tokio::join!(fixture.write(std::slice::from_ref(&write)), finish);
    words(&outcomes)
}

async fn a_local_edit_that_the_writer_waited_for_wins(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    let outcomes = written_behind(&fixture, "UPDATE domains SET status = 'suspended' WHERE id = 1").await;
    assert_eq!(outcomes, ["changed"], "S2.4: compared inside the transaction");
    let outcomes = written_behind(&fixture, "UPDATE domains SET auto_renew = false WHERE id = 1").await;
    assert_eq!(outcomes, ["written"], "S2.4: nothing that was read");
}

async fn a_child_row_added_while_the_writer_waited_wins(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    fixture.nameservers(1, &["ns1.one.example"]);
    // A new child keeps its parent from being locked until it is committed.
    let order = fixture.db.quote("order");
    let edit =
        format!("INSERT INTO domain_nameservers (domain_id, nameserver, {order}) VALUES (1, 'ns2.one.example', 2)");
    assert_eq!(written_behind(&fixture, &edit).await, ["changed"], "S2.4");
}

async fn a_write_that_ends_in_a_deadlock_is_done_again(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domains(40);
    let ids = [DomainId(1), DomainId(2)];
    let loaded = fixture.store.load(EVERYBODY, &ids, Detail::Columns).await.unwrap();
    let writes: Vec<_> = loaded.into_iter().map(|domain| bookkeeping(domain, Detail::Columns)).collect();
    let mut application = Session::open(&fixture.db).await;
    application.same("BEGIN").await;
    // The more a transaction has written, the less MariaDB gives it up; PostgreSQL gives up the one that waited first.
    application.same("UPDATE domains SET auto_renew = false WHERE id > 1").await;
    let application = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        application.same("UPDATE domains SET auto_renew = false WHERE id = 1").await;
        application.same("COMMIT").await;
    };
    let before = fixture.store.statements();
    let (outcomes, ()) = tokio::join!(fixture.write(&writes), application);
    assert_eq!(words(&outcomes), ["written", "written"], "S4.1");
    assert_eq!(fixture.store.statements() - before, 4, "the first one in vain: lock; lock, read and update");
    assert_eq!(fixture.db.one("SELECT count(*) FROM domains WHERE auto_renew = false"), 40, "the application's too");
    assert_eq!(fixture.db.one("SELECT count(*) FROM domains WHERE last_synced_at IS NOT NULL"), 2);
}

async fn two_writers_of_the_same_domains_write_them_once(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domains(60);
    let other = connect(&fixture.db, Tz::UTC).await;
    let ids: Vec<_> = (1..=60).map(DomainId).collect();
    let loaded = fixture.store.load(EVERYBODY, &ids, Detail::Full).await.unwrap();
    let mut writes: Vec<_> = loaded
        .into_iter()
        .map(|domain| {
            let mut write = bookkeeping(domain, Detail::Full);
            write.nameservers = Some(Nameservers::parse(["ns1.new.example", "ns2.new.example"]).0);
            write
        })
        .collect();
    let first = writes.clone();
    // Whatever order they come in.
    writes.reverse();
    let context = context();
    let (one, two) = tokio::join!(fixture.store.write(&context, &first), other.write(&context, &writes));
    let written = |outcomes: &[WriteOutcome]| words(outcomes).into_iter().filter(|word| *word == "written").count();
    assert_eq!(written(&one.unwrap()) + written(&two.unwrap()), 60, "S7.5");
    assert_eq!(fixture.db.count("domain_nameservers"), 120);
}

async fn a_write_that_is_given_up_leaves_nothing_behind(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    let writes = [bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full)];
    let mut application = Session::open(&fixture.db).await;
    application.same("BEGIN").await;
    application.same("UPDATE domains SET auto_renew = false").await;
    let given_up = tokio::time::timeout(Duration::from_millis(200), fixture.write(&writes)).await;
    assert!(given_up.is_err(), "it was waiting for the lock");
    application.same("COMMIT").await;
    assert_eq!(fixture.columns(1, "last_synced_at"), [Value::Null], "S6.8");
    assert_eq!(words(&fixture.write(&writes).await), ["written"], "and the store still works");
}

async fn selections_and_statistics_are_read_from_the_copy_and_nothing_else_is(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let copy = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    copy.domain(2, "two.example", "expires_at = '2026-12-01 00:00:00'");
    let connection = base(&fixture.db, json!({"read": {"database": copy.db.name()}, "sticky": true}));
    let store = try_connect(&from_array(connection), Tz::UTC).await.unwrap();

    assert_eq!(store.domains_needing_sync(EVERYBODY, &query(9)).await.unwrap(), [DomainId(2)]);
    let until = at("2026-12-31T00:00:00Z");
    assert_eq!(store.expiring_domains(EVERYBODY, now(), until).await.unwrap(), [DomainId(2)]);
    assert_eq!(store.stats(EVERYBODY, &query(9)).await.unwrap().expiring_soon, 1);

    let refs = [DomainRef::from(1), DomainRef::from(2)];
    assert_eq!(store.resolve(EVERYBODY, &refs).await.unwrap(), [Some(DomainId(1)), None]);
    let before = store.load(EVERYBODY, &[DomainId(1)], Detail::Full).await.unwrap().remove(0);
    let outcomes = store.write(&context(), &[bookkeeping(before, Detail::Full)]).await.unwrap();
    assert_eq!(words(&outcomes), ["written"]);
    assert_eq!(fixture.columns(1, "last_synced_at"), ["2026-11-23 02:43:43"]);
}

async fn a_copy_that_is_gone_is_done_without(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    let connection = base(&fixture.db, json!({"read": {"password": "wrong"}}));
    let store = try_connect(&from_array(connection), Tz::UTC).await.unwrap();
    assert_eq!(store.domains_needing_sync(EVERYBODY, &query(9)).await.unwrap(), [DomainId(1)]);
    store.close().await;
    let error = store.stats(EVERYBODY, &query(9)).await.unwrap_err();
    assert_eq!(error.to_string(), "the database connection is closed");
}

async fn the_first_server_that_answers_is_used(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let connection = base(&fixture.db, json!({"write": [{"port": closed}, {}]}));
    let store = try_connect(&from_array(connection), Tz::UTC).await.unwrap();
    let before = store.load(EVERYBODY, &[DomainId(1)], Detail::Columns).await.unwrap().remove(0);
    let outcomes = store.write(&context(), &[bookkeeping(before, Detail::Columns)]).await.unwrap();
    assert_eq!(words(&outcomes), ["written"]);
}

async fn what_does_not_fit_fails_its_domain_only_and_is_not_shown(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domains(3);
    fixture.contact(11, 1, "registrant");
    let ids = [DomainId(1), DomainId(2), DomainId(3)];
    let mut loaded = fixture.store.load(EVERYBODY, &ids, Detail::Full).await.unwrap();
    loaded.sort_by_key(|domain| domain.id);
    let mut writes: Vec<_> = loaded.into_iter().map(|domain| bookkeeping(domain, Detail::Full)).collect();
    let country = "ZANZIBAR".to_owned();
    writes[0].contacts = vec![ContactWrite::Update { id: 11, fields: vec![(ContactField::Country, country)] }];
    writes[1].metadata = "ZANZIBAR is no JSON".to_owned();
    let outcomes = fixture.write(&writes).await;
    assert_eq!(words(&outcomes), ["failed", "failed", "written"], "S4.1");
    for outcome in &outcomes[..2] {
        let WriteOutcome::Failed(error) = outcome else { panic!("{outcome:?}") };
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(!format!("{error:?}").contains("ZANZIBAR"), "S6.9: no values in errors: {error:?}");
    }
    assert_eq!(fixture.db.one("SELECT country FROM domain_contacts"), "GB", "refused, and not cut off");
}
