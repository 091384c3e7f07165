//! What PostgreSQL has of its own: schemas, types of JSON, TLS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine, Postgres, ServerOptions, TempDatabase, Tls};
use domaindesk_sync::DomainId;
use domaindesk_sync::model::RegistrarRef;
use domaindesk_sync::store::{Detail, Store};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::fixture::{EVERYBODY, Fixture, Session, at, bookkeeping, from_array, query, try_connect, words};
use crate::write_failure::one_row_goes_missing;

async fn with(fixture: &Fixture, more: serde_json::Value, timezone: Tz) -> std::sync::Arc<dyn Store> {
    let mut connection = fixture.db.laravel_connection();
    connection.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    try_connect(&from_array(connection), timezone).await.unwrap()
}

#[tokio::test]
async fn tables_are_looked_for_in_the_search_path() {
    let options = DatabaseOptions { search_path: Some("tenant".to_owned()), ..DatabaseOptions::default() };
    let fixture = Fixture::with(Engine::Postgres, options, Tz::UTC).await;
    fixture.domain(1, "one.example", "");
    // One of the same name that is none of the application's, and that would be found first without the path.
    fixture.run("CREATE TABLE public.domains (id bigint)");
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    assert_eq!(words(&fixture.write(&[write]).await), ["written"]);
    assert_eq!(fixture.db.one("SELECT count(*) FROM tenant.domains WHERE last_synced_at IS NOT NULL"), 1);

    for path in [json!({"search_path": "tenant, public"}), json!({"search_path": null, "schema": ["tenant"]})] {
        assert_eq!(with(&fixture, path, Tz::UTC).await.stats(EVERYBODY, &query(9)).await.unwrap().total, 1);
    }
    let mut connection = fixture.db.laravel_connection();
    connection["search_path"] = json!("public, tenant");
    let error = try_connect(&from_array(connection), Tz::UTC).await.unwrap_err();
    assert_eq!(error.to_string(), "table `domains` lacks column `name`: run the application's migrations");
}

#[tokio::test]
async fn the_zone_of_the_session_touches_no_datetime() {
    let fixture = Fixture::new(Engine::Postgres).await;
    fixture.domain(1, "one.example", "");
    let store = with(&fixture, json!({"timezone": "America/New_York"}), Tz::Asia__Dhaka).await;
    let before = store.load(EVERYBODY, &[DomainId(1)], Detail::Full).await.unwrap().remove(0);
    assert_eq!(before.expires_at, Some(at("2027-06-01T01:00:00Z")), "S3.8: 07:00 in Dhaka");
    let mut write = bookkeeping(before, Detail::Full);
    write.expires_at = Some(at("2040-03-08T20:30:00Z"));
    assert_eq!(words(&store.write(&crate::fixture::context(), &[write]).await.unwrap()), ["written"]);
    assert_eq!(
        fixture.columns(1, "expires_at, last_synced_at"),
        [json!("2040-03-09 02:30:00"), json!("2026-11-23 08:43:43")],
        "S4.4"
    );
}

#[tokio::test]
async fn columns_of_the_other_json_type_are_as_good() {
    let fixture = Fixture::new(Engine::Postgres).await;
    fixture.run("ALTER TABLE domains ALTER sync_metadata TYPE jsonb USING sync_metadata::jsonb");
    fixture.domain(
        1,
        "one.example",
        "sync_metadata = '{\"b\":1,\"a\":[1,2],\"next_attempt_at\":\"2026-01-01T00:00:00Z\"}'",
    );
    assert_eq!(fixture.store.domains_needing_sync(EVERYBODY, &query(9)).await.unwrap(), [DomainId(1)]);
    for _ in 0..2 {
        let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
        assert_eq!(words(&fixture.write(&[write]).await), ["written"], "S2.4");
    }
}

#[tokio::test]
async fn a_character_that_postgresql_cannot_show_costs_no_other_domain_its_sync() {
    let fixture = Fixture::new(Engine::Postgres).await;
    fixture.domain(1, "one.example", "");
    let metadata = r#"{"last_sync_error":"\u0000","needs_review":true,"next_attempt_at":"2026-01-01T00:00:00Z"}"#;
    fixture.domain(2, "two.example", &format!("sync_metadata = '{metadata}'"));
    assert_eq!(fixture.store.domains_needing_sync(EVERYBODY, &query(9)).await.unwrap().len(), 2);
    assert_eq!(fixture.store.stats(EVERYBODY, &query(9)).await.unwrap().needs_sync, 2);
    assert_eq!(fixture.load(2, Detail::Full).await.metadata_text.as_deref(), Some(metadata));
}

#[tokio::test]
async fn credentials_in_a_column_of_json_are_read_as_they_are() {
    let db = TempDatabase::on(Engine::Postgres, DatabaseOptions::default());
    db.execute("INSERT INTO registrars (name, slug, credentials) VALUES ('A', 'a', '{\"api_key\": \"k\"}')");
    let store = crate::fixture::connect(&db, Tz::UTC).await;
    let registrar = store.registrar(&RegistrarRef::from("a")).await.unwrap().unwrap();
    assert_eq!(registrar.credentials.unwrap().expose_secret(), "{\"api_key\": \"k\"}");
}

#[tokio::test]
async fn a_trigger_that_swallows_a_row_is_noticed() {
    let fixture = Fixture::new(Engine::Postgres).await;
    one_row_goes_missing(
        &fixture,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER \
         refuse BEFORE INSERT ON audit_logs FOR EACH ROW WHEN (NEW.auditable_id = 2) EXECUTE FUNCTION refuse()",
    )
    .await;
}

#[tokio::test]
async fn a_server_that_was_restarted_costs_nothing() {
    let mut server = Postgres::start();
    let db = TempDatabase::on_postgres(&server, DatabaseOptions::default());
    let fixture = Fixture::in_database(db, Tz::UTC).await;
    fixture.domain(1, "one.example", "");
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    server.restart();
    assert_eq!(words(&fixture.write(std::slice::from_ref(&write)).await), ["written"]);
    server.restart();
    assert_eq!(fixture.store.stats(EVERYBODY, &query(9)).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_connection_is_encrypted_and_the_server_checked_where_that_is_asked_for() {
    let server = Postgres::start_with(ServerOptions { tls: Tls::Required, ..ServerOptions::default() });
    let db = TempDatabase::on_postgres(&server, DatabaseOptions::default());
    // With the authority and the check of the server, as the array says.
    let fixture = Fixture::in_database(db, Tz::UTC).await;
    fixture.domain(1, "one.example", "");
    for mode in ["verify-full", "verify-ca", "require", "prefer"] {
        let store = with(&fixture, json!({"sslmode": mode}), Tz::UTC).await;
        assert_eq!(store.stats(EVERYBODY, &query(9)).await.unwrap().total, 1, "{mode}");
    }
    let other = Postgres::start_with(ServerOptions { tls: Tls::Offered, ..ServerOptions::default() });
    let refused = async |more: serde_json::Value| {
        let mut connection = fixture.db.laravel_connection();
        connection.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        try_connect(&from_array(connection), Tz::UTC).await.unwrap_err().to_string()
    };
    for mode in ["verify-full", "verify-ca", "require"] {
        let message = refused(json!({"sslmode": mode, "sslrootcert": other.access().ca})).await;
        let start = "the encrypted connection to the database server at `127.0.0.1:";
        assert!(message.starts_with(start), "{mode}: {message}");
    }
    let message = refused(json!({"sslmode": "disable"})).await;
    assert!(message.starts_with("the database server refuses the user: "), "{message}");
    // A server without TLS is not spoken to in clear where the array asks for more.
    let plain = Fixture::new(Engine::Postgres).await;
    let mut connection = plain.db.laravel_connection();
    connection["sslmode"] = json!("require");
    let message = try_connect(&from_array(connection), Tz::UTC).await.unwrap_err().to_string();
    assert!(message.starts_with("the encrypted connection"), "{message}");
}

#[tokio::test]
async fn the_socket_is_used_where_the_host_is_its_folder() {
    let fixture = Fixture::new(Engine::Postgres).await;
    fixture.domain(1, "one.example", "");
    let mut connection = fixture.db.laravel_connection_by_socket();
    // A socket has no TLS, and libpq asks for none.
    connection["sslmode"] = json!("require");
    let store = try_connect(&from_array(connection), Tz::UTC).await.unwrap();
    assert_eq!(store.stats(EVERYBODY, &query(9)).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_read_only_server_says_so() {
    let fixture = Fixture::new(Engine::Postgres).await;
    fixture.domain(1, "one.example", "");
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let mut owner = Session::open(&fixture.db).await;
    owner.same("CREATE ROLE reader LOGIN PASSWORD 'secret'").await;
    owner.same("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader").await;
    let store = with(&fixture, json!({"username": "reader", "password": "secret"}), Tz::UTC).await;
    assert_eq!(store.stats(EVERYBODY, &query(9)).await.unwrap().total, 1);
    let error = store.write(&crate::fixture::context(), &[write]).await.unwrap_err();
    assert!(error.to_string().contains("permission denied for table domains"), "{error}");
    store.close().await;
    owner.same("DROP OWNED BY reader; DROP ROLE reader").await;
}
