//! The temporary database is the same on all three engines: its schema is the application's, and look-ups read alike.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use std::time::Duration;

use domaindesk_support::{DatabaseOptions, Engine, MariaDb, Postgres, TempDatabase, process, schema};
use serde_json::{Value, json};
use sqlx::mysql::MySqlConnectOptions;
use sqlx::{ConnectOptions, Executor};

const SERVERS: [Engine; 2] = [Engine::MariaDb, Engine::Postgres];

fn prefixed() -> DatabaseOptions {
    DatabaseOptions { prefix: "dd_".to_owned(), ..DatabaseOptions::default() }
}

/// A database with one partner, one client, one registrar and one TLD.
fn furnished(engine: Engine, options: DatabaseOptions) -> TempDatabase {
    let database = TempDatabase::on(engine, options);
    let table = |name| database.table(name);
    let run = |sql: String| assert_eq!(database.execute(&sql), 1, "{sql}");
    run(format!("INSERT INTO {} (name, email, slug) VALUES ('P', 'p@example.com', 'p')", table("partners")));
    run(format!("INSERT INTO {} (name, email, partner_id) VALUES ('U', 'u@example.com', 1)", table("users")));
    run(format!("INSERT INTO {} (name, slug) VALUES ('R', 'r')", table("registrars")));
    run(format!("INSERT INTO {} (registrar_id, extension) VALUES (1, 'com')", table("tlds")));
    database
}

fn insert_domain(values: &str) -> String {
    format!("INSERT INTO domains (client_id, partner_id, name, status) VALUES (1, 1, {values})")
}

fn refusal(database: &TempDatabase, sql: &str) -> String {
    database.try_execute(sql).expect_err(sql).to_string()
}

fn texts(rows: Vec<Vec<Value>>) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), String::from);
    rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join(" ")).collect()
}

/// A server's columns of a table as `name type null|not-null`.
fn columns(database: &TempDatabase, table: &str) -> Vec<String> {
    let sql = match database.engine() {
        Engine::MariaDb => format!(
            "SELECT column_name, column_type, IF(is_nullable = 'YES', 'null', 'not-null') FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = '{table}' ORDER BY ordinal_position"
        ),
        Engine::Postgres => format!(
            "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), \
             CASE WHEN a.attnotnull THEN 'not-null' ELSE 'null' END FROM pg_attribute a \
             WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 ORDER BY a.attnum"
        ),
        Engine::Sqlite => panic!("SQLite's columns have a test of their own"),
    };
    texts(database.query(&sql))
}

#[test]
fn domains_have_the_types_of_the_application_on_mariadb() {
    let database = TempDatabase::on(Engine::MariaDb, DatabaseOptions::default());
    let columns = columns(&database, "domains");
    let (status, others): (Vec<_>, Vec<_>) = columns.iter().partition(|column| column.starts_with("status "));
    assert!(status[0].starts_with("status enum('pending_registration','active',"), "{status:?}");
    assert_eq!(
        others,
        [
            "id bigint(20) unsigned not-null",
            "name varchar(255) not-null",
            "client_id bigint(20) unsigned not-null",
            "partner_id bigint(20) unsigned not-null",
            "registrar_id bigint(20) unsigned null",
            "registered_at timestamp null",
            "expires_at timestamp null",
            "auto_renew tinyint(1) not-null",
            "auth_code text null",
            "transfer_initiated_at timestamp null",
            "transfer_completed_at timestamp null",
            "transfer_status_message text null",
            "transfer_metadata longtext null",
            "last_synced_at timestamp null",
            "sync_metadata longtext null",
            "created_at timestamp null",
            "updated_at timestamp null",
            "deleted_at timestamp null",
        ]
    );
    let collations = "SELECT DISTINCT table_collation FROM information_schema.tables WHERE table_schema = DATABASE()";
    assert_eq!(database.one(collations), json!("utf8mb4_unicode_ci"));
    let defaults = "SELECT column_default FROM information_schema.columns WHERE table_schema = DATABASE() \
                    AND table_name = 'domains' AND column_name IN ('expires_at', 'last_synced_at', 'updated_at')";
    assert_eq!(texts(database.query(defaults)), ["NULL", "NULL", "NULL"]);
}

#[test]
fn domains_have_the_types_of_the_application_on_postgresql() {
    let database = TempDatabase::on(Engine::Postgres, DatabaseOptions::default());
    let instant = "timestamp(0) without time zone null";
    assert_eq!(
        columns(&database, "domains"),
        [
            "id bigint not-null",
            "name character varying(255) not-null",
            "client_id bigint not-null",
            "partner_id bigint not-null",
            "registrar_id bigint null",
            "status character varying(255) not-null",
            &format!("registered_at {instant}"),
            &format!("expires_at {instant}"),
            "auto_renew boolean not-null",
            &format!("created_at {instant}"),
            &format!("updated_at {instant}"),
            &format!("deleted_at {instant}"),
            &format!("last_synced_at {instant}"),
            "sync_metadata json null",
            "auth_code text null",
            &format!("transfer_initiated_at {instant}"),
            &format!("transfer_completed_at {instant}"),
            "transfer_status_message text null",
            "transfer_metadata json null",
        ]
    );
}

#[test]
fn small_and_exact_numbers_have_the_applications_types() {
    let database = TempDatabase::on(Engine::MariaDb, DatabaseOptions::default());
    let has = |database: &TempDatabase, table: &str, column: &str| {
        let columns = columns(database, table);
        assert!(columns.iter().any(|have| have == column), "{table}: {column} is not in {columns:?}");
    };
    has(&database, "domain_nameservers", "order tinyint(3) unsigned not-null");
    has(&database, "tld_prices", "years tinyint(3) unsigned not-null");
    has(&database, "tld_prices", "price decimal(10,2) not-null");
    has(&database, "tld_prices", "effective_date date not-null");
    has(&database, "domain_contacts", "country varchar(2) not-null");
    has(&database, "audit_logs", "ip_address varchar(45) null");
    has(&database, "registrars", "credentials longtext null");
    let database = TempDatabase::on(Engine::Postgres, DatabaseOptions::default());
    has(&database, "domain_nameservers", "order smallint not-null");
    has(&database, "tld_prices", "years smallint not-null");
    has(&database, "tld_prices", "price numeric(10,2) not-null");
    has(&database, "tld_prices", "effective_date date not-null");
    has(&database, "domain_contacts", "country character varying(2) not-null");
    has(&database, "audit_logs", "old_values json null");
    has(&database, "registrars", "credentials json null");
}

#[test]
fn all_engines_have_the_same_columns_of_each_table() {
    let database = TempDatabase::new();
    for table in schema::TABLES {
        let names = |columns: Vec<String>| {
            let mut names: Vec<_> = columns.iter().map(|column| column.split(' ').next().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        let on_sqlite = names(texts(database.query(&format!("SELECT name FROM pragma_table_info('{table}')"))));
        for engine in SERVERS {
            let other = TempDatabase::on(engine, DatabaseOptions::default());
            assert_eq!(names(columns(&other, table)), on_sqlite, "{table} on {engine}");
        }
    }
}

#[test]
fn every_index_is_there_under_laravels_name_with_the_prefix() {
    let mut wanted = vec![
        "dd_audit_logs_auditable_type_auditable_id_index auditable_type,auditable_id 0",
        "dd_audit_logs_partner_id_created_at_index partner_id,created_at 0",
        "dd_audit_logs_user_id_created_at_index user_id,created_at 0",
        "dd_domain_contacts_domain_id_type_index domain_id,type 0",
        "dd_domain_nameservers_domain_id_order_unique domain_id,order 1",
        "dd_domains_client_id_status_index client_id,status 0",
        "dd_domains_expires_at_status_index expires_at,status 0",
        "dd_domains_name_unique name 1",
        "dd_domains_partner_id_status_index partner_id,status 0",
        "dd_domains_status_index status 0",
        "dd_registrars_slug_unique slug 1",
        "dd_tld_prices_tld_id_action_years_effective_date_index tld_id,action,years,effective_date 0",
        "dd_tlds_registrar_id_extension_unique registrar_id,extension 1",
    ];
    let database = TempDatabase::on(Engine::Postgres, prefixed());
    let sql = "SELECT c.relname::text, string_agg(a.attname, ',' ORDER BY k.place), i.indisunique FROM pg_index i \
               JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace, \
               unnest(i.indkey) WITH ORDINALITY AS k(attnum, place) \
               JOIN pg_attribute a ON a.attnum = k.attnum \
               WHERE a.attrelid = i.indrelid AND n.nspname = 'public' AND NOT i.indisprimary GROUP BY 1, 3 ORDER BY 1";
    assert_eq!(texts(database.query(sql)), wanted);

    // What MariaDB makes by itself for foreign keys that no other index serves.
    wanted.extend(["dd_domains_registrar_id_foreign registrar_id 0", "dd_users_partner_id_foreign partner_id 0"]);
    wanted.sort_unstable();
    let database = TempDatabase::on(Engine::MariaDb, prefixed());
    let sql = "SELECT index_name, GROUP_CONCAT(column_name ORDER BY seq_in_index), 1 - MAX(non_unique) \
               FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name <> 'PRIMARY' \
               GROUP BY table_name, index_name";
    let mut indexes = texts(database.query(sql));
    indexes.sort_unstable();
    assert_eq!(indexes, wanted);
}

#[test]
fn a_word_outside_of_an_enum_is_refused_everywhere() {
    for engine in Engine::ALL {
        let database = furnished(engine, DatabaseOptions::default());
        database.execute(&insert_domain("'a.com', 'transfer_cancelled'"));
        let said = match engine {
            Engine::Sqlite => "CHECK constraint failed",
            Engine::MariaDb => "Data truncated for column 'status'",
            Engine::Postgres => "domains_status_check",
        };
        let refused = refusal(&database, &insert_domain("'b.com', 'deleted'"));
        assert!(refused.contains(said), "{engine}: {refused}");
        refusal(
            &database,
            "INSERT INTO domain_contacts (domain_id, type, first_name, last_name, email, phone, address, city, \
             postal_code, country) VALUES (1, 'owner', '', '', '', '', '', '', '', 'DE')",
        );
        refusal(
            &database,
            "INSERT INTO tld_prices (tld_id, action, years, price, effective_date) VALUES (1, 'restore', 1, 9.5, '2026-11-23')",
        );
        assert_eq!(database.count("domains"), 1);
    }
}

#[test]
fn names_are_unique_and_foreign_keys_are_followed_everywhere() {
    for engine in Engine::ALL {
        let database = furnished(engine, DatabaseOptions::default());
        database.execute(&insert_domain("'a.com', 'active'"));
        database.execute("UPDATE domains SET registrar_id = 1, deleted_at = '2026-01-01 00:00:00'");
        refusal(&database, &insert_domain("'a.com', 'active'"));
        refusal(&database, "INSERT INTO domains (client_id, partner_id, name) VALUES (9, 1, 'b.com')");
        let order = database.quote("order");
        database.execute(&format!(
            "INSERT INTO domain_nameservers (domain_id, nameserver, {order}) VALUES (1, 'ns1.example.net', 1)"
        ));
        database.execute("DELETE FROM registrars");
        assert_eq!(database.one("SELECT registrar_id FROM domains"), json!(null), "{engine}");
        database.execute("DELETE FROM users");
        assert_eq!((database.count("domains"), database.count("domain_nameservers")), (0, 0), "{engine}");
    }
}

#[test]
fn the_servers_refuse_what_is_no_json_and_credentials_too_until_the_column_is_a_text() {
    for engine in SERVERS {
        let database = furnished(engine, prefixed());
        let store = |table: &str, column: &str, value: &str| {
            database.try_execute(&format!("UPDATE {} SET {column} = '{value}'", database.table(table)))
        };
        database.execute(&insert_domain("'a.com', 'active'").replace("domains", "dd_domains"));
        assert!(store("domains", "sync_metadata", "{broken").is_err(), "{engine}");
        store("domains", "sync_metadata", r#"{"b":1,  "a":2}"#).unwrap();
        assert_eq!(database.one("SELECT sync_metadata FROM dd_domains"), json!(r#"{"b":1,  "a":2}"#), "{engine}");
        assert!(store("registrars", "credentials", "eyJpdiI6").is_err(), "{engine}");
        database.credentials_as_text();
        store("registrars", "credentials", "eyJpdiI6").unwrap();
        assert_eq!(database.one("SELECT credentials FROM dd_registrars"), json!("eyJpdiI6"), "{engine}");
    }
}

#[test]
fn look_ups_read_alike_on_all_engines() {
    for engine in Engine::ALL {
        let database = furnished(engine, DatabaseOptions::default());
        database.execute(&insert_domain("'bücher.example', 'active'"));
        let json = r#"{"a":"b/c",  "d":null}"#;
        database.execute(&format!("UPDATE domains SET expires_at = '2026-11-23 02:43:43', sync_metadata = '{json}'"));
        assert_eq!(
            database.row("SELECT id, name, status, auto_renew, expires_at, sync_metadata, last_synced_at FROM domains"),
            [
                json!(1),
                json!("bücher.example"),
                json!("active"),
                json!(1),
                json!("2026-11-23 02:43:43"),
                json!(json),
                json!(null)
            ],
            "{engine}"
        );
        database.execute(
            "INSERT INTO tld_prices (tld_id, action, years, price, effective_date) VALUES (1, 'renew', 2, 12.90, '2026-11-23')",
        );
        let price = if engine == Engine::Sqlite { json!(12.9) } else { json!("12.90") };
        assert_eq!(
            database.row("SELECT years, price, effective_date FROM tld_prices"),
            [json!(2), price, json!("2026-11-23")],
            "{engine}"
        );
        assert_eq!(database.query("SELECT name FROM domains WHERE id = 9"), Vec::<Vec<Value>>::new());
        assert_eq!(database.execute("UPDATE domains SET status = 'expired'"), 1, "{engine}");
        assert_eq!(database.row("SELECT min_years, max_years, is_active FROM tlds"), [json!(1), json!(10), json!(1)]);
    }
}

#[test]
fn mariadb_refuses_instants_after_january_2038() {
    let database = furnished(Engine::MariaDb, DatabaseOptions::default());
    database.execute(&insert_domain("'a.com', 'active'"));
    database.execute("UPDATE domains SET expires_at = '2038-01-19 03:14:07'");
    let refused = refusal(&database, "UPDATE domains SET expires_at = '2038-01-19 03:14:08'");
    assert!(refused.contains("1292"), "{refused}");
}

#[test]
fn a_search_path_is_where_the_tables_are() {
    let options = DatabaseOptions { search_path: Some("desk".to_owned()), ..prefixed() };
    let database = furnished(Engine::Postgres, options);
    let place = "SELECT DISTINCT schemaname::text FROM pg_tables WHERE tablename LIKE 'dd\\_%'";
    assert_eq!(database.one(place), json!("desk"));
    assert_eq!(database.laravel_connection()["search_path"], json!("desk"));
    assert_eq!(database.count("tlds"), 1);
}

#[test]
fn a_database_goes_with_its_value_even_when_a_test_left_a_transaction_open() {
    for engine in SERVERS {
        let database = furnished(engine, DatabaseOptions::default());
        let (name, access) = (database.name(), database.access().unwrap().clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sql = "BEGIN; UPDATE registrars SET name = 'held'";
        let held: Box<dyn std::any::Any> = match engine {
            Engine::MariaDb => {
                let mut link = runtime.block_on(access.mariadb_by_socket().database(&name).connect()).unwrap();
                runtime.block_on(link.execute(sqlx::raw_sql(sql))).unwrap();
                Box::new(link)
            }
            _ => {
                let mut link = runtime.block_on(access.postgres_by_socket().database(&name).connect()).unwrap();
                runtime.block_on(link.execute(sqlx::raw_sql(sql))).unwrap();
                Box::new(link)
            }
        };
        drop(database);
        let other = TempDatabase::on(engine, DatabaseOptions::default());
        let left = match engine {
            Engine::MariaDb => other.query(&format!("SHOW DATABASES LIKE '{name}'")),
            _ => other.query(&format!("SELECT 1 FROM pg_database WHERE datname = '{name}'")),
        };
        assert_eq!(left, Vec::<Vec<Value>>::new(), "{engine}");
        runtime.block_on(async { drop(held) });
    }
}

#[test]
#[should_panic(expected = "is no file")]
fn a_servers_database_has_no_path() {
    let database = TempDatabase::on(Engine::Postgres, DatabaseOptions::default());
    database.path();
}

#[test]
fn php_reaches_each_server_by_the_laravel_connection_over_tcp_and_over_its_socket() {
    let script = r#"
        $c = json_decode($argv[1], true);
        $place = empty($c['unix_socket']) ? "host={$c['host']};port={$c['port']}" : "unix_socket={$c['unix_socket']}";
        $db = new PDO("{$c['driver']}:$place;dbname={$c['database']}", $c['username'], $c['password']);
        echo $db->query('SELECT slug FROM registrars')->fetchColumn();
    "#;
    for engine in SERVERS {
        let database = furnished(engine, DatabaseOptions::default());
        for connection in [database.laravel_connection(), database.laravel_connection_by_socket()] {
            let mut php = std::process::Command::new(domaindesk_support::php::php());
            php.args(["-r", script, "--", &connection.to_string()]);
            assert_eq!(process::run(&mut php, Duration::from_secs(60)).success().stdout, "r", "{engine}: {connection}");
        }
    }
}

#[tokio::test]
async fn look_ups_wait_inside_an_asynchronous_test_and_a_url_leads_to_the_same_database() {
    let database = furnished(Engine::MariaDb, DatabaseOptions::default());
    let mut link = database.url().parse::<MySqlConnectOptions>().unwrap().connect().await.unwrap();
    link.execute("UPDATE registrars SET name = 'by url'").await.unwrap();
    assert_eq!(database.one("SELECT name FROM registrars"), json!("by url"));
}

#[test]
fn tests_of_one_process_share_a_server_and_have_databases_of_their_own() {
    let pids = || (MariaDb::shared().pid().unwrap(), Postgres::shared().pid().unwrap());
    let before = pids();
    for engine in SERVERS {
        let (one, other) = (TempDatabase::on(engine, prefixed()), TempDatabase::on(engine, prefixed()));
        assert_ne!(one.name(), other.name());
        one.execute("INSERT INTO dd_registrars (name, slug) VALUES ('R', 'r')");
        assert_eq!((one.count("registrars"), other.count("registrars")), (1, 0));
    }
    assert_eq!(pids(), before);
}
