//! What cannot be seen from outside: how statements are carried out, and what a connection is set to.

use domaindesk_support::{DatabaseOptions, TempDatabase};

use super::*;

fn dialect() -> Dialect {
    Dialect { prefix: String::new(), quote: '"', mark: '?', numbered: true }
}

/// How SQLite would carry out a statement, a line for each step.
fn plan(db: &TempDatabase, sql: &Sql) -> Vec<String> {
    let rows = db.query(&format!("EXPLAIN QUERY PLAN {}", sql.text));
    rows.iter().map(|row| row[3].as_str().unwrap().to_owned()).collect()
}

#[test]
fn selections_use_an_index_and_never_walk_the_table() {
    let expiry = "INDEX domains_expires_at_status_index (expires_at";
    let status = "INDEX domains_status_index (status=?)";
    let partner = "INDEX domains_partner_id_status_index (partner_id=?";
    for analyzed in [false, true] {
        let db = TempDatabase::new();
        if analyzed {
            fill(&db);
            db.execute("ANALYZE");
        }
        let statements = statements::statements(&dialect(), Extras::default());
        let [soon, later, rest, heal] = statements.due.as_slice() else {
            panic!("{} statements", statements.due.len());
        };
        for (what, sql, wanted) in [
            ("class 1", &soon.all, expiry),
            ("class 2", &later.all, expiry),
            ("classes 3 and 4", &rest.all, status),
            ("class 5", &heal.all, status),
            ("expiring", &statements.expiring.all, expiry),
            ("class 1 of a partner", &soon.partner, partner),
            ("class 2 of a partner", &later.partner, partner),
            ("classes 3 and 4 of a partner", &rest.partner, partner),
            ("class 5 of a partner", &heal.partner, partner),
            ("expiring of a partner", &statements.expiring.partner, partner),
        ] {
            let plan = plan(&db, sql);
            let walked = plan.iter().any(|step| step.starts_with("SCAN d"));
            if analyzed {
                // SQLite may choose by what it counted: that nearly all domains are active, and so have to be looked at.
                assert!(!walked || what == "classes 3 and 4", "S1.3 {what}, analyzed: {plan:#?}");
                continue;
            }
            let used = plan.iter().any(|step| step.contains(wanted));
            assert!(used && !walked, "S1.3 {what}: {plan:#?}");
        }
    }
}

#[tokio::test]
async fn an_index_on_the_last_sync_is_found_by_what_it_holds_and_read_from_its_start() {
    for analyzed in [false, true] {
        let db = TempDatabase::new();
        fill(&db);
        db.execute("CREATE INDEX anything ON domains (last_synced_at)");
        if analyzed {
            db.execute("ANALYZE");
        }
        let mut connection = connect_options(db.path(), true, Duration::ZERO).unwrap().connect().await.unwrap();
        let mut probe = Probe { connection: &mut connection, busy_timeout: Duration::ZERO };
        let statements = look_around(&mut probe, &dialect()).await.unwrap();
        connection.close().await.unwrap();
        let [_, _, never, rest, _] = statements.due.as_slice() else {
            panic!("{} statements", statements.due.len());
        };
        for (sql, wanted) in [(&never.all, "anything (last_synced_at=?)"), (&rest.all, "anything (last_synced_at<?)")] {
            let plan = plan(&db, sql);
            assert!(plan.iter().any(|step| step.contains(wanted)), "S1.3 {wanted}, analyzed {analyzed}: {plan:#?}");
            let sorted = plan.iter().any(|step| step.contains("TEMP B-TREE"));
            assert!(!sorted, "S1.3: it stops at the limit: {plan:#?}");
        }
        let near = statements.near.unwrap();
        let looks = near.classes.iter().flat_map(|class| [&class.never, &class.synced]);
        for sql in looks.chain([&near.never_until, &near.synced_until]) {
            let plan = plan(&db, sql);
            let by_index = plan.iter().any(|step| step.contains("anything (last_synced_at"));
            let sorted = plan.iter().any(|step| step.contains("TEMP B-TREE"));
            assert!(by_index && !sorted, "S1.3, analyzed {analyzed}: {plan:#?}");
        }
        for sql in [&near.never_until, &near.synced_until] {
            let plan = plan(&db, sql);
            assert!(plan.iter().any(|step| step.contains("USING COVERING INDEX")), "S1.3: {plan:#?}");
        }
    }
}

#[tokio::test]
async fn an_index_that_only_ends_with_the_last_sync_is_none() {
    let db = TempDatabase::new();
    db.execute("CREATE INDEX one ON domains (status, last_synced_at)");
    db.execute("CREATE INDEX two ON domains (last_synced_at) WHERE status = 'active'");
    let mut connection = connect_options(db.path(), true, Duration::ZERO).unwrap().connect().await.unwrap();
    let mut probe = Probe { connection: &mut connection, busy_timeout: Duration::ZERO };
    let statements = look_around(&mut probe, &dialect()).await.unwrap();
    connection.close().await.unwrap();
    assert!(statements.near.is_none());
}

/// Domains as an application has them: nearly all active, of two partners, over three years.
fn fill(db: &TempDatabase) {
    db.execute("INSERT INTO partners (id, name, email, slug) VALUES (1, 'a', 'a', 'a'), (2, 'b', 'b', 'b')");
    db.execute("INSERT INTO users (id, name, email) VALUES (1, 'a', 'a')");
    db.execute("INSERT INTO registrars (id, name, slug) VALUES (1, 'a', 'a')");
    db.execute(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
         INSERT INTO domains (id, name, client_id, partner_id, registrar_id, status, expires_at, last_synced_at) \
         SELECT i, 'd' || i || '.example', 1, 1 + i % 2, 1, CASE WHEN i % 10 THEN 'active' ELSE 'expired' END, \
         datetime('2026-06-01', (i % 1000) || ' days'), datetime('2026-11-23', -(i % 24) || ' hours') FROM n",
    );
}

#[test]
fn rows_are_looked_up_by_key_for_each_of_the_parameters() {
    let db = TempDatabase::new();
    fill(&db);
    let all = statements::statements(&dialect(), Extras::default());
    for sql in [
        &all.find_by_id,
        &all.load_by_id.columns,
        &all.load_by_id.full,
        &all.update_bookkeeping,
        &all.update_domains,
        &all.update_contacts,
        &all.update_prices,
    ] {
        let plan = plan(&db, sql);
        assert!(plan.iter().any(|step| step.contains("USING INTEGER PRIMARY KEY (rowid=?)")), "{plan:#?}");
        let table = |step: &&String| step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE");
        assert_eq!(plan.iter().find(table), None, "{plan:#?}");
    }
    for (sql, index) in [
        (&all.find_by_name, "domains_name_unique (name=?)"),
        (&all.load_by_name.full, "domains_name_unique (name=?)"),
        (&all.load_by_id.full, "domain_nameservers_domain_id_order_unique (domain_id=?)"),
        (&all.load_by_id.full, "domain_contacts_domain_id_type_index (domain_id=?)"),
        (&all.delete_nameservers, "domain_nameservers_domain_id_order_unique (domain_id=?)"),
    ] {
        let plan = plan(&db, sql);
        assert!(plan.iter().any(|step| step.contains(index)), "{index}: {plan:#?}");
    }
}

#[tokio::test]
async fn connections_keep_sqlites_own_settings() {
    let db = TempDatabase::create(DatabaseOptions::default());
    let store = SqliteStore::connect(&DatabaseConfig::sqlite(db.path()), Tz::UTC).await.unwrap();
    for pool in [&store.0.link().writer, &store.0.link().readers] {
        for (setting, wanted) in [
            ("synchronous", 2), // FULL
            ("foreign_keys", 1),
            ("busy_timeout", 60_000),
            ("cache_size", -2000),
            ("locking_mode", 0),
        ] {
            let sql = AssertSqlSafe(format!("PRAGMA {setting}"));
            let row = sqlx::query(sql).fetch_one(pool).await.unwrap();
            let value: i64 = match row.try_get(0) {
                Ok(number) => number,
                Err(_) => i64::from(row.get::<String, _>(0) != "normal"),
            };
            assert_eq!(value, wanted, "{setting}");
        }
    }
    store.0.close().await;
}

#[test]
fn an_old_library_is_named_with_what_is_needed() {
    for version in ["3.35.0", "3.40.1", "4.0"] {
        check_version(version).unwrap();
    }
    for version in ["3.34.1", "3.9", "2.8.17", ""] {
        let error = check_version(version).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert_eq!(
            error.to_string(),
            format!("the system's SQLite library is version {version}: 3.35 or newer is needed")
        );
    }
}

#[tokio::test]
async fn an_endless_busy_timeout_is_cut_to_what_can_be_counted() {
    let db = TempDatabase::new();
    let config = DatabaseConfig {
        driver: Driver::Sqlite {
            path: db.path().to_owned(),
            foreign_key_constraints: true,
            busy_timeout: Duration::MAX,
        },
        prefix: String::new(),
    };
    let store = SqliteStore::connect(&config, Tz::UTC).await.unwrap();
    let transaction = store.0.link().begin().await.unwrap();
    transaction.commit().await.unwrap();
}
