//! What cannot be seen from outside: how statements are carried out, what a session is set to, which refusal is whose.

use domaindesk_support::{DatabaseOptions, Engine, MariaDb, TempDatabase};
use serde_json::json;

use super::super::sql::{Link, Work};
use super::*;
use crate::config::Config;
use crate::store::{Detail, Scope, Store};

fn config(connection: serde_json::Value) -> DatabaseConfig {
    Config::from_value(json!({ "database": connection })).unwrap().database
}

async fn connect(db: &TempDatabase) -> MysqlStore {
    MysqlStore::connect(&config(db.laravel_connection()), Tz::UTC).await.unwrap()
}

/// Domains as an application has them: nearly all active, of many partners, over years.
fn fill(db: &TempDatabase) {
    db.execute(
        "INSERT INTO partners (id, name, email, slug) SELECT seq, 'p', concat('p', seq), concat('p', seq) FROM seq_1_to_50; \
         INSERT INTO users (id, name, email) VALUES (1, 'a', 'a'); \
         INSERT INTO registrars (id, name, slug) VALUES (1, 'a', 'a'); \
         INSERT INTO domains (id, name, client_id, partner_id, registrar_id, status, expires_at, last_synced_at) \
         SELECT seq, concat('d', seq, '.example'), 1, 1 + seq % 50, 1, if(seq % 20, 'active', 'expired'), \
         '2026-11-20' + INTERVAL (seq % 3000) DAY, '2026-11-23' - INTERVAL (seq % 48) HOUR FROM seq_1_to_20000; \
         INSERT INTO domain_nameservers (domain_id, nameserver, `order`) SELECT id, 'ns1.net.example', 1 FROM domains; \
         INSERT INTO domain_contacts (domain_id, type, first_name, last_name, email, phone, address, city, postal_code, \
         country) SELECT id, 'tech', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'GB' FROM domains; \
         ANALYZE TABLE domains, domain_nameservers, domain_contacts",
    );
}

fn args() -> Vec<(&'static str, Arg)> {
    vec![
        ("keys", "[1,2,3]".into()),
        ("rows", r#"[[1,2,"{}",1]]"#.into()),
        ("partner", 7.into()),
        ("synced_before", "2026-11-22 20:43:43".into()),
        ("healed_before", "2026-11-22 02:43:43".into()),
        ("soon", "2026-12-23 02:43:43".into()),
        ("later", "2027-01-22 02:43:43".into()),
        ("from", "2026-11-23 02:43:43".into()),
        ("until", "2026-12-23 02:43:43".into()),
        ("instant", "2026-11-23 02:43:43".into()),
        ("moment", "2026-11-23T02:43:43+00:00".into()),
        ("now", "2026-11-23 02:43:43".into()),
        ("limit", 100.into()),
        ("near", 1_000.into()),
        ("never_until", 3_000.into()),
        ("synced_until", "2026-11-22 08:00:00".into()),
    ]
}

/// How the server would carry a statement out: `table:key` for each table, with what it would do besides.
async fn plan(store: &MysqlStore, sql: &Sql) -> Vec<String> {
    let mut explain = sql.clone();
    explain.text = format!("EXPLAIN {}", sql.text).into();
    let mut connection = store.0.link().writer().await.unwrap();
    let rows = query(&explain, &args()).unwrap().fetch_all(&mut *connection).await.unwrap();
    let column = |row: &sqlx::mysql::MySqlRow, name: &str| {
        let bytes: Option<Vec<u8>> = row.try_get_unchecked(name).unwrap();
        bytes.map(|bytes| String::from_utf8(bytes).unwrap()).unwrap_or_default()
    };
    rows.iter().map(|row| format!("{}:{} {}", column(row, "table"), column(row, "key"), column(row, "Extra"))).collect()
}

fn assert_uses(what: &str, plan: &[String], wanted: &str) {
    assert!(plan.iter().any(|step| step.starts_with(wanted)), "{what}: {wanted}: {plan:#?}");
}

#[tokio::test]
async fn rows_are_looked_up_by_key_for_each_of_the_parameters() {
    let db = TempDatabase::on(Engine::MariaDb, DatabaseOptions::default());
    for filled in [false, true] {
        if filled {
            fill(&db);
        }
        let store = connect(&db).await;
        let all = store.0.statements();
        let lock = all.lock.as_ref().unwrap();
        // However small the tables: what is written is locked.
        for (what, sql, wanted) in [
            ("lock", lock, "d:PRIMARY "),
            ("update_bookkeeping", &all.update_bookkeeping, "d:PRIMARY "),
            ("update_domains", &all.update_domains, "d:PRIMARY "),
            ("update_contacts", &all.update_contacts, "c:PRIMARY "),
            ("update_prices", &all.update_prices, "p:PRIMARY "),
            ("find_by_id", &all.find_by_id, "d:PRIMARY "),
            ("load_by_id", &all.load_by_id.full, "d:PRIMARY "),
            ("find_by_name", &all.find_by_name, "d:domains_name_unique "),
            ("load_by_name", &all.load_by_name.full, "d:domains_name_unique "),
        ] {
            assert_uses(what, &plan(&store, sql).await, wanted);
        }
        for (what, sql, wanted) in [
            ("nameservers", &all.load_by_id.full, "n:domain_nameservers_domain_id_order_unique "),
            ("contacts", &all.load_by_id.full, "c:domain_contacts_domain_id_type_index "),
            ("delete", &all.delete_nameservers, "n:domain_nameservers_domain_id_order_unique "),
        ] {
            if filled {
                assert_uses(what, &plan(&store, sql).await, wanted);
            }
        }
    }
}

#[tokio::test]
async fn selections_use_an_index_and_never_walk_the_table() {
    let db = TempDatabase::on(Engine::MariaDb, DatabaseOptions::default());
    fill(&db);
    let store = connect(&db).await;
    let statements = store.0.statements();
    let [soon, later, rest, heal] = statements.due.as_slice() else {
        panic!("{} statements", statements.due.len());
    };
    let (expiry, partner) = ("d:domains_expires_at_status_index ", "d:domains_partner_id_status_index ");
    for (what, sql, wanted) in [
        ("class 1", &soon.all, expiry),
        ("class 2", &later.all, expiry),
        ("class 5", &heal.all, "d:domains_status_index "),
        ("expiring", &statements.expiring.all, expiry),
        ("classes 3 and 4 of a partner", &rest.partner, partner),
        ("class 5 of a partner", &heal.partner, partner),
    ] {
        assert_uses(what, &plan(&store, sql).await, wanted);
    }
    // Of a few domains that the server finds either way.
    for sql in [&soon.partner, &later.partner, &statements.expiring.partner] {
        let plan = plan(&store, sql).await;
        assert!(!plan.iter().any(|step| step.starts_with("d: ")), "S1.3: {plan:#?}");
    }
}

#[tokio::test]
async fn an_index_on_the_last_sync_is_read_from_its_start() {
    let db = TempDatabase::on(Engine::MariaDb, DatabaseOptions::default());
    fill(&db);
    db.execute("CREATE INDEX anything ON domains (last_synced_at); ANALYZE TABLE domains");
    let store = connect(&db).await;
    for never_synced in ["id < 0", "id % 3 = 0", "id > 0"] {
        let sql = format!("UPDATE domains SET last_synced_at = NULL WHERE {never_synced}; ANALYZE TABLE domains");
        db.execute(&sql);
        let plan = plan(&store, &store.0.statements().due[2].all).await;
        assert_uses("S1.3", &plan, "d:anything ");
        assert!(!plan[0].contains("filesort"), "S1.3: it stops at the limit: {plan:#?}");
        let near = store.0.statements().near.as_ref().unwrap();
        let looks = near.classes.iter().map(|class| &class.synced);
        for sql in looks.chain([&near.synced_until, &near.never_until]) {
            let plan = self::plan(&store, sql).await;
            assert_uses("S1.3", &plan, "d:anything ");
            assert!(!plan[0].contains("filesort"), "S1.3: it stops at the limit: {plan:#?}");
        }
        for class in &near.classes {
            // By the index, or in the order of the ids where nearly all were never synced.
            let plan = self::plan(&store, &class.never).await;
            let by_order = plan[0].starts_with("d:anything ") || plan[0].starts_with("d:PRIMARY ");
            assert!(by_order && !plan[0].contains("filesort"), "S1.3: {plan:#?}");
        }
    }
}

#[tokio::test]
async fn sessions_are_strict_read_what_is_committed_and_keep_the_server_s_zone() {
    let db = TempDatabase::on(Engine::MariaDb, DatabaseOptions::default());
    let mut connection = db.laravel_connection();
    connection["strict"] = json!(false);
    let store = MysqlStore::connect(&config(connection), Tz::UTC).await.unwrap();
    let mut session = store.0.link().writer().await.unwrap();
    let settings = "SELECT @@sql_mode, @@tx_isolation, @@time_zone, @@collation_connection, @@autocommit";
    assert_eq!(
        session.rows(settings, &[]).await.unwrap()[0][..4],
        ["STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION", "READ-COMMITTED", "SYSTEM", "utf8mb4_unicode_ci"]
            .map(|text| Some(text.to_owned()))
    );
}

#[tokio::test]
async fn when_a_server_goes_its_connections_move_to_the_next() {
    let (mut first, second) = (MariaDb::start(), MariaDb::start());
    let dbs = [&first, &second].map(|server| TempDatabase::on_mariadb(server, DatabaseOptions::default()));
    for (db, name) in dbs.iter().zip(["first", "second"]) {
        db.execute(&format!("INSERT INTO registrars (id, name, slug) VALUES (1, '{name}', 'a')"));
    }
    let mut connection = dbs[0].laravel_connection();
    let other = dbs[1].laravel_connection();
    connection["write"] =
        json!([{}, {"port": other["port"], "password": other["password"], "database": dbs[1].name()}]);
    let store = MysqlStore::connect(&config(connection), Tz::UTC).await.unwrap();
    let name = async || store.registrar(&1.into()).await.unwrap().unwrap().name;
    assert_eq!(name().await, "first");
    first.stop();
    assert_eq!(name().await, "second");
    let work = store.0.link().begin().await.unwrap();
    work.commit().await.unwrap();
    first.start_again();
    assert_eq!(name().await, "second", "as long as it answers");
}

#[tokio::test]
async fn a_server_that_is_gone_is_told_and_used_again_when_it_is_back() {
    let mut server = MariaDb::start();
    let db = TempDatabase::on_mariadb(&server, DatabaseOptions::default());
    let store = connect(&db).await;
    server.stop();
    let error = store.load(Scope::default(), &[crate::DomainId(1)], Detail::Full).await.unwrap_err();
    assert!(error.to_string().contains("cannot be reached: "), "{error}");
    server.start_again();
    store.load(Scope::default(), &[crate::DomainId(1)], Detail::Full).await.unwrap();
}

#[test]
fn localhost_is_the_socket_where_php_s_client_finds_one() {
    let folder = TempDatabase::new();
    let there = folder.path().to_str().unwrap();
    let mut server = MysqlServer::new("localhost", "u", "d");
    assert_eq!(socket(&server, &["/nowhere.sock", there]), Some(Path::new(there)));
    assert_eq!(socket(&server, &["/nowhere.sock"]), None);
    server.host = "127.0.0.1".to_owned();
    assert_eq!(socket(&server, &[there]), None);
    server.unix_socket = Some("/own.sock".into());
    assert_eq!(socket(&server, &[there]), Some(Path::new("/own.sock")));
}

#[test]
fn an_old_server_is_named_with_what_is_needed() {
    for version in
        ["10.6.0-MariaDB", "10.11.19-MariaDB-0+deb12u1", "11.4.2-MariaDB", "8.0.36", "8.4.0-0ubuntu", "9.1.0"]
    {
        check_version(version).unwrap();
    }
    for (version, name) in [("10.5.9-MariaDB-log", "MariaDB"), ("5.7.44", "MySQL"), ("", "MySQL")] {
        let error = check_version(version).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        let start = format!("the database server is {name} {version}: MariaDB 10.6 or MySQL 8.0 is needed");
        assert!(error.to_string().starts_with(&start), "{error}");
    }
}

#[test]
fn each_refusal_is_the_row_s_the_transaction_s_or_another_s() {
    let kind = |number, state, message| match refusal(number, state, message)(sqlx::Error::WorkerCrashed) {
        Failure::Row(error) => ("row", error),
        Failure::Transaction(error) => ("transaction", error),
        Failure::Conflict(error) => ("conflict", error),
        Failure::Lost(error) => ("lost", error),
    };
    for (number, state, message, wanted, words) in [
        (1062, "23000", "Duplicate entry 'v@l' for key 'domains_name_unique'", "row", "for key 'domains_name_unique'"),
        (1048, "23000", "Column 'city' cannot be null", "row", "Column 'city' cannot be null"),
        (1406, "22001", "Data too long for column 'country' at row 1", "row", "'country'"),
        (1264, "22003", "Out of range value for column 'price' at row 1", "row", "'price'"),
        (1265, "01000", "Data truncated for column 'status' at row 1", "row", "'status'"),
        (
            1292,
            "22007",
            "Incorrect datetime value: 'v@l' for column `a`.`d`.`expires_at` at row 1",
            "row",
            "`expires_at`;",
        ),
        (1366, "HY000", "Incorrect string value: 'v@l' for column 'city' at row 1", "row", "does not fit 'city'"),
        (1452, "23000", "Cannot add or update a child row: a foreign key constraint fails", "row", "child row"),
        (1644, "45000", "not this one", "row", "not this one"),
        (3819, "HY000", "Check constraint 'c' is violated.", "row", "'c'"),
        (4025, "23000", "CONSTRAINT `domains.sync_metadata` failed for `a`.`domains`", "row", "sync_metadata"),
        (1213, "40001", "Deadlock found when trying to get lock", "conflict", "Deadlock"),
        (1205, "HY000", "Lock wait timeout exceeded", "conflict", "a row is locked"),
        (1020, "HY000", "Record has changed since last read in table 'domains'", "conflict", "has changed"),
        (1045, "28000", "Access denied for user 'u'@'h' (using password: YES)", "transaction", "refuses the user"),
        (1049, "42000", "Unknown database 'x'", "transaction", "no such database"),
        (1290, "HY000", "running with the --read-only option", "transaction", "is read-only"),
        (1146, "42S02", "Table 'a.domains' doesn't exist", "transaction", "domains"),
    ] {
        let (found, error) = kind(number, state, message);
        assert_eq!(found, wanted, "{number}");
        assert!(error.to_string().contains(words), "{number}: {error}");
        assert!(!error.to_string().contains("v@l"), "S6.9 {number}: {error}");
        // What sqlx keeps of a refused row has its values.
        assert_eq!(error.cause().is_none(), wanted == "row", "{number}");
    }
}
