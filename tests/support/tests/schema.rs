//! The schema is the application's own, as its migrations make it on SQLite.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use domaindesk_support::{DatabaseOptions, JournalMode, TempDatabase, schema};
use serde_json::{Value, json};

/// A table's columns as `name type null|not-null`.
fn columns(database: &TempDatabase, table: &str) -> Vec<String> {
    let rows =
        database.query(&format!("SELECT name, type, \"notnull\" FROM pragma_table_info('{}')", database.table(table)));
    rows.iter()
        .map(|row| format!("{} {} {}", text(&row[0]), text(&row[1]), if row[2] == 1 { "not-null" } else { "null" }))
        .collect()
}

/// A table's indexes as `name(columns)`, with ` unique` behind those that are.
fn indexes(database: &TempDatabase, table: &str) -> Vec<String> {
    let sql = format!(
        "SELECT name, \"unique\" FROM pragma_index_list('{}') WHERE origin = 'c' ORDER BY name",
        database.table(table)
    );
    let describe = |row: &Vec<Value>| {
        let name = text(&row[0]);
        let columns = database.query(&format!("SELECT name FROM pragma_index_info('{name}') ORDER BY seqno"));
        let columns: Vec<_> = columns.iter().map(|column| text(&column[0])).collect();
        format!("{name}({}){}", columns.join(","), if row[1] == 1 { " unique" } else { "" })
    };
    database.query(&sql).iter().map(describe).collect()
}

/// A table's foreign keys as `column -> table action`.
fn foreign_keys(database: &TempDatabase, table: &str) -> Vec<String> {
    let sql = format!(
        "SELECT \"from\", \"table\", on_delete FROM pragma_foreign_key_list('{}') ORDER BY \"from\"",
        database.table(table)
    );
    database.query(&sql).iter().map(|row| format!("{} -> {} {}", text(&row[0]), text(&row[1]), text(&row[2]))).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// A database with one partner, one client and one registrar.
fn furnished(options: DatabaseOptions) -> TempDatabase {
    let database = TempDatabase::create(options);
    let table = |name| database.table(name);
    database
        .execute(&format!("INSERT INTO {} (name, email, slug) VALUES ('P', 'p@example.com', 'p')", table("partners")));
    database
        .execute(&format!("INSERT INTO {} (name, email, partner_id) VALUES ('U', 'u@example.com', 1)", table("users")));
    database.execute(&format!("INSERT INTO {} (name, slug) VALUES ('R', 'r')", table("registrars")));
    database
}

/// What SQLite says to a statement that the schema refuses.
fn refusal(database: &TempDatabase, sql: &str) -> String {
    database.try_execute(sql).expect_err(sql).to_string()
}

#[test]
fn domains_have_the_columns_of_the_application_in_their_order() {
    let database = TempDatabase::new();
    assert_eq!(
        columns(&database, "domains"),
        [
            "id INTEGER not-null",
            "name varchar not-null",
            "client_id INTEGER not-null",
            "partner_id INTEGER not-null",
            "registrar_id INTEGER null",
            "status varchar not-null",
            "registered_at datetime null",
            "expires_at datetime null",
            "auto_renew tinyint(1) not-null",
            "auth_code TEXT null",
            "transfer_initiated_at datetime null",
            "transfer_completed_at datetime null",
            "transfer_status_message TEXT null",
            "transfer_metadata TEXT null",
            "last_synced_at datetime null",
            "sync_metadata TEXT null",
            "created_at datetime null",
            "updated_at datetime null",
            "deleted_at datetime null",
        ]
    );
}

#[test]
fn the_tables_around_domains_have_the_columns_that_the_engine_writes() {
    let database = TempDatabase::new();
    let has = |table: &str, wanted: &[&str]| {
        let columns = columns(&database, table);
        for column in
            wanted.iter().chain(&["id INTEGER not-null", "created_at datetime null", "updated_at datetime null"])
        {
            assert!(columns.iter().any(|have| have == column), "{table}: {column} is not in {columns:?}");
        }
        assert_eq!(columns.len(), wanted.len() + 3, "{table}: {columns:?}");
    };
    has("domain_nameservers", &["domain_id INTEGER not-null", "nameserver varchar not-null", "order INTEGER not-null"]);
    let mandatory = ["first_name", "last_name", "email", "phone", "address", "city", "postal_code", "country"];
    let mut contact: Vec<String> = mandatory.iter().map(|name| format!("{name} varchar not-null")).collect();
    contact.extend(
        ["organization varchar null", "state varchar null", "domain_id INTEGER not-null", "type varchar not-null"]
            .map(String::from),
    );
    has("domain_contacts", &contact.iter().map(String::as_str).collect::<Vec<_>>());
    has(
        "registrars",
        &[
            "name varchar not-null",
            "slug varchar not-null",
            "api_class varchar null",
            "credentials TEXT null",
            "is_active tinyint(1) not-null",
            "is_default tinyint(1) not-null",
            "last_sync_at datetime null",
        ],
    );
    has(
        "tlds",
        &[
            "registrar_id INTEGER not-null",
            "extension varchar not-null",
            "min_years INTEGER not-null",
            "max_years INTEGER not-null",
            "supports_dns tinyint(1) not-null",
            "supports_whois_privacy tinyint(1) not-null",
            "is_active tinyint(1) not-null",
        ],
    );
    has(
        "tld_prices",
        &[
            "tld_id INTEGER not-null",
            "action varchar not-null",
            "years INTEGER not-null",
            "price numeric not-null",
            "effective_date date not-null",
        ],
    );
    has(
        "audit_logs",
        &[
            "user_id INTEGER null",
            "partner_id INTEGER null",
            "action varchar not-null",
            "auditable_type varchar not-null",
            "auditable_id INTEGER not-null",
            "old_values TEXT null",
            "new_values TEXT null",
            "ip_address varchar null",
            "user_agent TEXT null",
        ],
    );
}

#[test]
fn every_index_is_there_under_laravels_name_and_none_is_on_last_synced_at() {
    let database = TempDatabase::new();
    let all: Vec<String> = schema::TABLES.iter().flat_map(|table| indexes(&database, table)).collect();
    assert_eq!(
        all,
        [
            "audit_logs_auditable_type_auditable_id_index(auditable_type,auditable_id)",
            "audit_logs_partner_id_created_at_index(partner_id,created_at)",
            "audit_logs_user_id_created_at_index(user_id,created_at)",
            "registrars_slug_unique(slug) unique",
            "tlds_registrar_id_extension_unique(registrar_id,extension) unique",
            "tld_prices_tld_id_action_years_effective_date_index(tld_id,action,years,effective_date)",
            "domains_client_id_status_index(client_id,status)",
            "domains_expires_at_status_index(expires_at,status)",
            "domains_name_unique(name) unique",
            "domains_partner_id_status_index(partner_id,status)",
            "domains_status_index(status)",
            "domain_nameservers_domain_id_order_unique(domain_id,order) unique",
            "domain_contacts_domain_id_type_index(domain_id,type)",
        ]
    );
}

#[test]
fn foreign_keys_cascade_or_set_null_as_the_migrations_say() {
    let database = TempDatabase::new();
    let all: Vec<String> = schema::TABLES.iter().flat_map(|table| foreign_keys(&database, table)).collect();
    assert_eq!(
        all,
        [
            "partner_id -> partners CASCADE",
            "partner_id -> partners SET NULL",
            "user_id -> users SET NULL",
            "registrar_id -> registrars CASCADE",
            "tld_id -> tlds CASCADE",
            "client_id -> users CASCADE",
            "partner_id -> partners CASCADE",
            "registrar_id -> registrars SET NULL",
            "domain_id -> domains CASCADE",
            "domain_id -> domains CASCADE",
        ]
    );
}

#[test]
fn a_word_outside_of_an_enum_is_refused() {
    let database = furnished(DatabaseOptions::default());
    let domain = |status: &str| {
        format!("INSERT INTO domains (name, client_id, partner_id, status) VALUES ('{status}.com', 1, 1, '{status}')")
    };
    for status in [
        "pending_registration",
        "active",
        "expired",
        "grace_period",
        "redemption",
        "suspended",
        "transferred_out",
        "pending_transfer",
        "transfer_in_progress",
        "transfer_approved",
        "transfer_completed",
        "transfer_failed",
        "transfer_cancelled",
    ] {
        assert_eq!(database.execute(&domain(status)), 1, "{status}");
    }
    assert!(refusal(&database, &domain("deleted")).contains("CHECK constraint failed"));
    let contact = "INSERT INTO domain_contacts (domain_id, type, first_name, last_name, email, phone, address, city, postal_code, country) \
                   VALUES (1, 'owner', '', '', '', '', '', '', '', 'DE')";
    assert!(refusal(&database, contact).contains("CHECK constraint failed"));
    database.execute("INSERT INTO tlds (registrar_id, extension) VALUES (1, 'com')");
    let price = "INSERT INTO tld_prices (tld_id, action, years, price, effective_date) VALUES (1, 'restore', 1, 9.5, '2026-11-23 00:00:00')";
    assert!(refusal(&database, price).contains("CHECK constraint failed"));
}

#[test]
fn a_new_row_has_laravels_defaults() {
    let database = furnished(DatabaseOptions::default());
    database.execute("INSERT INTO domains (name, client_id, partner_id) VALUES ('example.com', 1, 1)");
    database.execute("INSERT INTO tlds (registrar_id, extension) VALUES (1, 'com')");
    assert_eq!(
        database.row("SELECT status, auto_renew, last_synced_at FROM domains"),
        [json!("pending_registration"), json!(1), json!(null)]
    );
    assert_eq!(database.row("SELECT min_years, max_years, is_active FROM tlds"), [json!(1), json!(10), json!(1)]);
    assert_eq!(
        database.row("SELECT is_active, is_default, credentials FROM registrars"),
        [json!(1), json!(0), json!(null)]
    );
}

#[test]
fn a_name_is_unique_over_soft_deleted_rows_too() {
    let database = furnished(DatabaseOptions::default());
    database.execute("INSERT INTO domains (name, client_id, partner_id, deleted_at) VALUES ('example.com', 1, 1, '2026-01-01 00:00:00')");
    let again = "INSERT INTO domains (name, client_id, partner_id) VALUES ('example.com', 1, 1)";
    assert!(refusal(&database, again).contains("UNIQUE constraint failed: domains.name"));
}

#[test]
fn a_connection_of_the_helpers_enforces_foreign_keys_as_the_application_does() {
    let database = furnished(DatabaseOptions::default());
    database.execute("INSERT INTO domains (name, client_id, partner_id, registrar_id) VALUES ('example.com', 1, 1, 1)");
    database
        .execute("INSERT INTO domain_nameservers (domain_id, nameserver, \"order\") VALUES (1, 'ns1.example.net', 1)");
    assert!(
        refusal(&database, "INSERT INTO domains (name, client_id, partner_id) VALUES ('b.com', 9, 1)")
            .contains("FOREIGN KEY")
    );
    database.execute("DELETE FROM registrars");
    assert_eq!(database.one("SELECT registrar_id FROM domains"), json!(null));
    database.execute("DELETE FROM users");
    assert_eq!((database.count("domains"), database.count("domain_nameservers")), (0, 0));
}

#[test]
fn a_prefix_stands_before_tables_indexes_and_references() {
    let database = furnished(DatabaseOptions { prefix: "dd_".to_owned(), ..DatabaseOptions::default() });
    let strangers = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'dd\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    assert_eq!(database.query(strangers), Vec::<Vec<Value>>::new());
    assert_eq!(foreign_keys(&database, "tlds"), ["registrar_id -> dd_registrars CASCADE"]);
    assert_eq!(database.count("registrars"), 1);
    assert_eq!(database.laravel_connection()["prefix"], "dd_");
}

#[test]
fn the_journal_mode_is_kept_in_the_file() {
    let mode = |journal_mode| {
        let database = TempDatabase::create(DatabaseOptions { journal_mode, ..DatabaseOptions::default() });
        text(&database.one("PRAGMA journal_mode")).to_owned()
    };
    assert_eq!(mode(None), "delete");
    assert_eq!(mode(Some(JournalMode::Delete)), "delete");
    assert_eq!(mode(Some(JournalMode::Wal)), "wal");
}

#[test]
fn the_folder_goes_with_the_database() {
    let database = TempDatabase::new();
    let (path, folder) = (database.path().to_owned(), database.folder().to_owned());
    assert!(path.is_file() && database.url().ends_with("/database.sqlite"));
    drop(database);
    assert!(!folder.exists());
}

#[tokio::test]
async fn look_ups_wait_inside_an_asynchronous_test_too() {
    let database = furnished(DatabaseOptions::default());
    assert_eq!(database.one("SELECT COUNT(*) FROM registrars"), json!(1));
}
