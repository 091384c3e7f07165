//! What MariaDB has of its own: time zones of sessions, collations, limits, TLS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine, MariaDb, ServerOptions, TempDatabase, Tls};
use domaindesk_sync::model::{ContactField, Nameservers};
use domaindesk_sync::store::{ContactWrite, Detail, Store, WriteOutcome};
use domaindesk_sync::{DomainId, DomainName, DomainRef};
use serde_json::json;

use crate::fixture::{EVERYBODY, Fixture, Session, at, bookkeeping, from_array, query, try_connect, words};

async fn on(server: &MariaDb, timezone: Tz) -> Fixture {
    Fixture::in_database(TempDatabase::on_mariadb(server, DatabaseOptions::default()), timezone).await
}

async fn with(fixture: &Fixture, more: serde_json::Value, timezone: Tz) -> std::sync::Arc<dyn Store> {
    let mut connection = fixture.db.laravel_connection();
    connection.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    try_connect(&from_array(connection), timezone).await.unwrap()
}

#[tokio::test]
async fn datetimes_are_converted_with_the_session_s_zone_as_the_application_s_are() {
    // The application sets no zone, and neither does the library: wall clocks go in and come out.
    let server = MariaDb::start_with(ServerOptions { timezone: Tz::Europe__Berlin, ..ServerOptions::default() });
    let fixture = on(&server, Tz::Europe__Berlin).await;
    fixture.domain(1, "one.example", "last_synced_at = '2026-07-01 12:00:00'");
    let before = fixture.load(1, Detail::Full).await;
    assert_eq!(before.expires_at, Some(at("2027-06-01T05:00:00Z")), "S3.8: 07:00 in Berlin, in summer");
    assert_eq!(before.last_synced_at, Some(at("2026-07-01T10:00:00Z")));
    let mut write = bookkeeping(before, Detail::Full);
    write.expires_at = Some(at("2027-12-31T23:30:00Z"));
    assert_eq!(words(&fixture.write(&[write]).await), ["written"]);
    let wanted = [json!("2028-01-01 00:30:00"), json!("2026-11-23 03:43:43")];
    assert_eq!(fixture.columns(1, "expires_at, last_synced_at"), wanted, "S4.4");
    assert_eq!(fixture.load(1, Detail::Full).await.expires_at, Some(at("2027-12-31T23:30:00Z")));

    // Where the connection has a `timezone`, it is followed: the same instants, shown by another clock.
    let utc = with(&fixture, json!({"timezone": "+00:00"}), Tz::UTC).await;
    let domain = utc.load(EVERYBODY, &[DomainId(1)], Detail::Full).await.unwrap().remove(0);
    assert_eq!(domain.expires_at, Some(at("2027-12-31T23:30:00Z")));
    // Were it not, the application would read what it had not written.
    let shifted = with(&fixture, json!({"timezone": "+00:00"}), Tz::Europe__Berlin).await;
    let domain = shifted.load(EVERYBODY, &[DomainId(1)], Detail::Full).await.unwrap().remove(0);
    assert_eq!(domain.expires_at, Some(at("2027-12-31T22:30:00Z")));
}

#[tokio::test]
async fn an_hour_that_the_session_s_zone_skips_fails_its_domain_only_and_is_explained() {
    let server = MariaDb::start_with(ServerOptions { timezone: Tz::Europe__Berlin, ..ServerOptions::default() });
    let fixture = on(&server, Tz::UTC).await;
    fixture.domains(2);
    let mut writes = Vec::new();
    for id in [1, 2] {
        let mut write = bookkeeping(fixture.load(id, Detail::Columns).await, Detail::Columns);
        write.expires_at = Some(at("2027-03-28T02:30:00Z"));
        writes.push(write);
    }
    // Twice a year it is shown twice, which is no error.
    writes[1].expires_at = Some(at("2027-10-31T02:30:00Z"));
    let outcomes = fixture.write(&writes).await;
    assert_eq!(words(&outcomes), ["failed", "written"], "S4.1");
    let WriteOutcome::Failed(error) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert!(error.to_string().contains("the session's time zone skips"), "{error}");
    assert_eq!(fixture.load(2, Detail::Columns).await.expires_at, Some(at("2027-10-31T02:30:00Z")));
}

#[tokio::test]
async fn a_date_after_2038_fails_its_domain_only_and_is_explained() {
    let fixture = Fixture::new(Engine::MariaDb).await;
    fixture.domains(3);
    let mut writes = Vec::new();
    for (id, expires_at) in [(1, "2038-01-19T03:14:07Z"), (2, "2038-01-19T03:14:08Z"), (3, "2037-01-01T00:00:00Z")] {
        let mut write = bookkeeping(fixture.load(id, Detail::Full).await, Detail::Full);
        write.expires_at = Some(at(expires_at));
        write.nameservers = Some(Nameservers::parse(["ns1.new.example"]).0);
        writes.push(write);
    }
    let outcomes = fixture.write(&writes).await;
    assert_eq!(words(&outcomes), ["written", "failed", "written"], "S4.1");
    let WriteOutcome::Failed(error) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert!(error.to_string().contains("`expires_at`"), "{error}");
    assert!(error.to_string().contains("holds none after 2038-01-19 03:14:07 UTC"), "{error}");
    assert!(!format!("{error:?}").contains("03:14:08"), "no values in errors: {error:?}");
    assert_eq!(fixture.db.count("domain_nameservers"), 2, "S4.1: all or none");
    // A window that ends later is no reason to find nothing.
    let far = domaindesk_sync::store::DueQuery { priority_days: 3_650, ..query(9) };
    assert_eq!(fixture.store.domains_needing_sync(EVERYBODY, &far).await.unwrap(), [DomainId(2)]);
    let until = at("2046-01-01T00:00:00Z");
    assert_eq!(fixture.store.expiring_domains(EVERYBODY, at("2026-01-01T00:00:00Z"), until).await.unwrap().len(), 3);

    // An operator who made it a datetime has room.
    fixture.run("ALTER TABLE domains MODIFY expires_at datetime NULL");
    let mut write = bookkeeping(fixture.load(2, Detail::Full).await, Detail::Full);
    write.expires_at = Some(at("2040-01-01T00:00:00Z"));
    assert_eq!(words(&fixture.write(&[write]).await), ["written"]);
    assert_eq!(fixture.load(2, Detail::Full).await.expires_at, Some(at("2040-01-01T00:00:00Z")));
}

#[tokio::test]
async fn columns_of_other_character_sets_and_collations_are_met() {
    let fixture = Fixture::new(Engine::MariaDb).await;
    for (charset, collation) in
        [("latin1", "latin1_general_ci"), ("utf8mb3", "utf8mb3_bin"), ("utf8mb4", "utf8mb4_bin")]
    {
        fixture.run("DELETE FROM domains");
        fixture.run(&format!(
            "ALTER TABLE domains MODIFY name varchar(191) CHARACTER SET {charset} COLLATE {collation} NOT NULL; \
             ALTER TABLE domain_contacts CONVERT TO CHARACTER SET {charset} COLLATE {collation}; \
             ALTER TABLE domain_nameservers CONVERT TO CHARACTER SET {charset} COLLATE {collation}"
        ));
        fixture.domain(1, "bücher.example", "");
        fixture.contact(11, 1, "registrant");
        for own in
            [json!({}), json!({"collation": "utf8mb4_general_ci"}), json!({"charset": "utf8", "collation": null})]
        {
            let store = with(&fixture, own, Tz::UTC).await;
            let name = "bücher.example".to_owned();
            let before =
                store.load_by_name(EVERYBODY, std::slice::from_ref(&name), Detail::Full).await.unwrap().remove(0);
            assert_eq!(before.name, name, "{charset}");
            let mut write = bookkeeping(before, Detail::Full);
            write.status = Some(domaindesk_sync::DomainStatus::Expired);
            write.nameservers = Some(Nameservers::parse(["ns1.new.example"]).0);
            let fields = vec![(ContactField::City, "Zürich".to_owned()), (ContactField::State, "ZH".to_owned())];
            write.contacts = vec![ContactWrite::Update { id: 11, fields }];
            let outcomes = store.write(&crate::fixture::context(), &[write]).await.unwrap();
            assert_eq!(words(&outcomes), ["written"], "{charset} {outcomes:?}");
            assert_eq!(fixture.db.row("SELECT city, state FROM domain_contacts"), [json!("Zürich"), json!("ZH")]);
        }
    }
}

#[tokio::test]
async fn names_that_a_collation_takes_for_the_same_are_told_apart() {
    let fixture = Fixture::new(Engine::MariaDb).await;
    fixture.domain(1, "bücher.example", "");
    let names = ["bucher.example", "BÜCHER.example"].map(str::to_owned);
    assert!(fixture.store.load_by_name(EVERYBODY, &names, Detail::Columns).await.unwrap().is_empty());
    let all = ["bucher.example", "bücher.example"].map(str::to_owned);
    assert_eq!(fixture.store.load_by_name(EVERYBODY, &all, Detail::Columns).await.unwrap().len(), 1);
    let refs = ["bucher.example", "bücher.example"].map(|name| DomainRef::Name(DomainName::parse(name).unwrap()));
    assert_eq!(fixture.store.resolve(EVERYBODY, &refs).await.unwrap(), [None, Some(DomainId(1))]);
}

#[tokio::test]
async fn the_server_s_own_settings_neither_cut_off_nor_let_in() {
    let settings = [("group_concat_max_len", "1024"), ("sql_mode", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let server = MariaDb::start_with(ServerOptions { settings, ..ServerOptions::default() });
    let fixture = on(&server, Tz::UTC).await;
    fixture.domain(1, "one.example", "");
    let hosts: Vec<_> = (1..=13).map(|number| format!("ns{number}.{}.example", "a".repeat(60))).collect();
    let mut write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    write.nameservers = Some(Nameservers::parse(&hosts).0);
    write.audits = vec![domaindesk_sync::store::AuditEntry {
        field: "nameservers".to_owned(),
        old: json!([]),
        new: json!(["ns\\1"]),
    }];
    assert_eq!(words(&fixture.write(&[write]).await), ["written"]);
    assert_eq!(fixture.load(1, Detail::Full).await.nameservers, hosts);
    assert_eq!(
        fixture.db.row("SELECT auditable_type, new_values FROM audit_logs"),
        [json!("App\\Models\\Domain"), json!(r#"{"nameservers":["ns\\1"]}"#)],
        "S4.3"
    );
    fixture.contact(11, 1, "registrant");
    let mut write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let fields = vec![(ContactField::City, "x".repeat(256))];
    write.contacts = vec![ContactWrite::Update { id: 11, fields }];
    assert_eq!(words(&fixture.write(&[write]).await), ["failed"], "refused, and not cut off");
}

#[tokio::test]
async fn a_server_that_was_restarted_costs_nothing() {
    let mut server = MariaDb::start();
    let fixture = on(&server, Tz::UTC).await;
    fixture.domain(1, "one.example", "");
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    server.restart();
    assert_eq!(words(&fixture.write(std::slice::from_ref(&write)).await), ["written"]);
    server.restart();
    assert_eq!(fixture.store.stats(EVERYBODY, &query(9)).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_connection_is_encrypted_and_the_server_checked_where_that_is_asked_for() {
    let server = MariaDb::start_with(ServerOptions { tls: Tls::Required, ..ServerOptions::default() });
    // With the authority and the check of the server, as the array says.
    let fixture = on(&server, Tz::UTC).await;
    fixture.domain(1, "one.example", "");
    assert_eq!(fixture.store.stats(EVERYBODY, &query(9)).await.unwrap().total, 1);
    // Unasked it is encrypted too: otherwise this server refuses.
    let store = with(&fixture, json!({"options": []}), Tz::UTC).await;
    assert_eq!(store.stats(EVERYBODY, &query(9)).await.unwrap().total, 1);

    let other = MariaDb::start_with(ServerOptions { tls: Tls::Offered, ..ServerOptions::default() });
    let refused = async |options: serde_json::Value| {
        let mut connection = fixture.db.laravel_connection();
        connection["options"] = options;
        try_connect(&from_array(connection), Tz::UTC).await.unwrap_err().to_string()
    };
    let message = refused(json!({"1009": other.access().ca})).await;
    assert!(message.starts_with("the encrypted connection to the database server at `127.0.0.1:"), "{message}");
    // Another authority, but the check turned off.
    let store = with(&fixture, json!({"options": {"1009": other.access().ca, "1014": false}}), Tz::UTC).await;
    assert_eq!(store.stats(EVERYBODY, &query(9)).await.unwrap().total, 1);
    // A server without TLS is not spoken to in clear where the array asks for more.
    let plain = Fixture::new(Engine::MariaDb).await;
    let mut connection = plain.db.laravel_connection();
    connection["options"] = json!({"1009": other.access().ca});
    let message = try_connect(&from_array(connection), Tz::UTC).await.unwrap_err().to_string();
    assert!(message.starts_with("the encrypted connection"), "{message}");
}

#[tokio::test]
async fn the_socket_is_used_where_there_is_one() {
    let fixture = Fixture::new(Engine::MariaDb).await;
    fixture.domain(1, "one.example", "");
    let mut connection = fixture.db.laravel_connection_by_socket();
    connection["port"] = json!(1);
    let store = try_connect(&from_array(connection), Tz::UTC).await.unwrap();
    assert_eq!(store.stats(EVERYBODY, &query(9)).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_read_only_server_says_so() {
    let server = MariaDb::start();
    let fixture = on(&server, Tz::UTC).await;
    fixture.domain(1, "one.example", "");
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let mut root = Session::open(&fixture.db).await;
    root.same("CREATE USER app@'127.0.0.1' IDENTIFIED BY 'secret'").await;
    root.same("GRANT SELECT, INSERT, UPDATE, DELETE ON *.* TO app@'127.0.0.1'").await;
    root.same("SET GLOBAL read_only = 1").await;
    let store = with(&fixture, json!({"username": "app", "password": "secret"}), Tz::UTC).await;
    let error = store.write(&crate::fixture::context(), &[write]).await.unwrap_err();
    assert!(error.to_string().starts_with("the database is read-only: "), "{error}");
}
