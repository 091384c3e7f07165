//! What cannot be seen from outside: how statements are carried out, and what a session is set to.

use domaindesk_support::{DatabaseOptions, Engine, TempDatabase};
use serde_json::json;

use super::*;
use crate::config::Config;

async fn connect(connection: serde_json::Value) -> PostgresStore {
    let config = Config::from_value(json!({ "database": connection })).unwrap().database;
    PostgresStore::connect(&config, Tz::UTC).await.unwrap()
}

/// Domains as an application has them: nearly all active, of many partners, over years.
fn fill(db: &TempDatabase) {
    db.execute(
        "INSERT INTO partners (id, name, email, slug) SELECT i, 'p', 'p' || i, 'p' || i FROM generate_series(1, 50) AS i; \
         INSERT INTO users (id, name, email) VALUES (1, 'a', 'a'); \
         INSERT INTO registrars (id, name, slug) VALUES (1, 'a', 'a'); \
         INSERT INTO domains (id, name, client_id, partner_id, registrar_id, status, expires_at, last_synced_at) \
         SELECT i, 'd' || i || '.example', 1, 1 + i % 50, 1, CASE WHEN i % 20 > 0 THEN 'active' ELSE 'expired' END, \
         timestamp '2026-11-20' + i % 3000 * interval '1 day', timestamp '2026-11-23' - i % 48 * interval '1 hour' \
         FROM generate_series(1, 20000) AS i; \
         INSERT INTO domain_nameservers (domain_id, nameserver, \"order\") SELECT id, 'ns1.net.example', 1 FROM domains; \
         INSERT INTO domain_contacts (domain_id, type, first_name, last_name, email, phone, address, city, postal_code, \
         country) SELECT id, 'tech', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'GB' FROM domains; ANALYZE",
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

/// How the server would carry a statement out, a line for each step.
async fn plan(store: &PostgresStore, sql: &Sql) -> String {
    let mut explain = sql.clone();
    explain.text = format!("EXPLAIN {}", sql.text).into();
    let mut connection = store.0.link().writer().await.unwrap();
    let rows = query(&explain, &args()).unwrap().fetch_all(&mut *connection).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn rows_are_looked_up_by_key_for_each_of_the_parameters() {
    let db = TempDatabase::on(Engine::Postgres, DatabaseOptions::default());
    fill(&db);
    let store = connect(db.laravel_connection()).await;
    let all = store.0.statements();
    let lock = all.lock.as_ref().unwrap();
    for (what, sql, index) in [
        ("find_by_id", &all.find_by_id, "domains_pkey"),
        ("load_by_id", &all.load_by_id.full, "domains_pkey"),
        ("lock", lock, "domains_pkey"),
        ("update_bookkeeping", &all.update_bookkeeping, "domains_pkey"),
        ("update_domains", &all.update_domains, "domains_pkey"),
        ("swap_metadata", &all.swap_metadata, "domains_pkey"),
        ("find_by_name", &all.find_by_name, "domains_name_unique"),
        ("load_by_name", &all.load_by_name.full, "domains_name_unique"),
        ("nameservers", &all.load_by_id.full, "domain_nameservers_domain_id_order_unique"),
        ("contacts", &all.load_by_id.full, "domain_contacts_domain_id_type_index"),
        ("delete", &all.delete_nameservers, "domain_nameservers_domain_id_order_unique"),
        ("update_contacts", &all.update_contacts, "domain_contacts_pkey"),
    ] {
        let plan = plan(&store, sql).await;
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{what}: {plan}");
    }
}

#[tokio::test]
async fn selections_use_an_index_and_never_walk_the_table() {
    let db = TempDatabase::on(Engine::Postgres, DatabaseOptions::default());
    fill(&db);
    let store = connect(db.laravel_connection()).await;
    let statements = store.0.statements();
    let [soon, later, rest, heal] = statements.due.as_slice() else {
        panic!("{} statements", statements.due.len());
    };
    let (expiry, partner) = ("domains_expires_at_status_index", "domains_partner_id_status_index");
    for (what, sql, index) in [
        ("class 1", &soon.all, expiry),
        ("class 2", &later.all, expiry),
        ("class 5", &heal.all, "domains_status_index"),
        ("expiring", &statements.expiring.all, expiry),
        ("classes 3 and 4 of a partner", &rest.partner, partner),
        ("class 5 of a partner", &heal.partner, partner),
    ] {
        let plan = plan(&store, sql).await;
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "S1.3 {what}: {plan}");
    }
    // Of a few domains that the server finds either way.
    for sql in [&soon.partner, &later.partner, &statements.expiring.partner] {
        let plan = plan(&store, sql).await;
        assert!(!plan.contains("Seq Scan"), "S1.3: {plan}");
    }
}

#[tokio::test]
async fn an_index_on_the_last_sync_is_found_by_what_it_holds_and_read_from_its_start() {
    let db = TempDatabase::on(Engine::Postgres, DatabaseOptions::default());
    fill(&db);
    db.execute(
        "CREATE INDEX one ON domains (status, last_synced_at); \
         CREATE INDEX two ON domains (last_synced_at) WHERE status = 'active'; CREATE INDEX three ON domains (id)",
    );
    let without = connect(db.laravel_connection()).await;
    assert_eq!(without.0.statements().due.len(), 4, "one that only ends with it, or holds a part, is none");
    db.execute("DROP INDEX one; DROP INDEX two; CREATE INDEX anything ON domains (last_synced_at); ANALYZE");
    let store = connect(db.laravel_connection()).await;
    let [_, _, never, rest, _] = store.0.statements().due.as_slice() else {
        panic!("no index was found");
    };
    let plans = [plan(&store, &never.all).await, plan(&store, &rest.all).await];
    for plan in &plans {
        assert!(plan.contains("using anything") || plan.contains("on anything"), "S1.3: {plan}");
    }
    assert!(plans[1].contains("Incremental Sort"), "S1.3: it stops at the limit: {}", plans[1]);
    assert!(store.0.statements().near.is_none(), "equal entries of it are in no order");
}

#[tokio::test]
async fn an_index_in_which_every_domain_has_its_place_is_read_from_its_start_for_all_classes() {
    let db = TempDatabase::on(Engine::Postgres, DatabaseOptions::default());
    fill(&db);
    db.execute("CREATE INDEX anything ON domains (last_synced_at, id); UPDATE domains SET last_synced_at = NULL WHERE id % 3 = 0");
    db.execute("VACUUM ANALYZE domains");
    let store = connect(db.laravel_connection()).await;
    let near = store.0.statements().near.as_ref().unwrap();
    // What is within the bounds may be sorted: it is not much.
    for class in &near.classes {
        for sql in [&class.never, &class.synced] {
            let plan = plan(&store, sql).await;
            assert!(plan.contains("using anything") || plan.contains("on anything"), "S1.3: {plan}");
        }
    }
    for sql in [&near.never_until, &near.synced_until] {
        let plan = plan(&store, sql).await;
        assert!(plan.contains("Index Only Scan using anything") && !plan.contains("Sort"), "S1.3: {plan}");
    }
}

#[tokio::test]
async fn sessions_have_the_path_and_the_zone_of_the_connection() {
    let db = TempDatabase::on(Engine::Postgres, DatabaseOptions::default());
    let mut connection = db.laravel_connection();
    connection["search_path"] = json!("\"$user\", public, we\"ird");
    connection["timezone"] = json!("Asia/Dhaka");
    let store = connect(connection).await;
    let mut session = store.0.link().writer().await.unwrap();
    let settings =
        "SELECT current_setting('search_path'), current_setting('timezone'), current_setting('lock_timeout')";
    let row = sqlx::query(settings).fetch_one(&mut *session).await.unwrap();
    let settings = [0, 1, 2].map(|at| row.get::<String, _>(at));
    assert_eq!(settings, ["\"$user\", \"public\", \"we\", \"ird\"", "Asia/Dhaka", "1min"]);
}

#[test]
fn a_schema_s_name_cannot_leave_its_quotes() {
    let mut server = PostgresServer::new("h", "u", "d");
    server.search_path = vec!["a\"; DROP TABLE domains; --".to_owned(), "b".to_owned()];
    assert_eq!(search_path(&server), "\"a\"\"; DROP TABLE domains; --\", \"b\"");
}
