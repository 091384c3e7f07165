//! The database refuses one row among many: its domain fails alone (S4.1).

use std::collections::BTreeMap;

use domaindesk_support::{Engine, TempDatabase};
use domaindesk_sync::SyncOptions;
use domaindesk_tests::{House, Rehearsal};

use crate::{drifting, lose_contacts};

on_every_engine!(one_row_that_is_refused_among_many_fails_its_domain_only, each_statement_may_be_refused_a_row);

/// A domain of which rows of a table are refused, and how.
struct Refusal {
    timing: &'static str,
    table: &'static str,
    /// The column that tells whose row it is, of `NEW` or `OLD`.
    column: &'static str,
}

/// What a write does, and the rows by which each can be refused.
const REFUSALS: [Refusal; 6] = [
    Refusal { timing: "BEFORE UPDATE", table: "domains", column: "NEW.id" },
    Refusal { timing: "BEFORE DELETE", table: "domain_nameservers", column: "OLD.domain_id" },
    Refusal { timing: "BEFORE INSERT", table: "domain_nameservers", column: "NEW.domain_id" },
    Refusal { timing: "BEFORE UPDATE", table: "domain_contacts", column: "NEW.domain_id" },
    Refusal { timing: "BEFORE INSERT", table: "domain_contacts", column: "NEW.domain_id" },
    Refusal { timing: "AFTER INSERT", table: "audit_logs", column: "NEW.auditable_id" },
];

impl Refusal {
    /// Lets the database refuse a domain's rows where it would be synced; leases may be taken.
    fn begin(&self, db: &TempDatabase, id: i64, raise: &str) {
        let Self { timing, table, column } = self;
        let synced = if *table == "domains" { " AND NEW.last_synced_at IS NOT NULL" } else { "" };
        let condition = format!("{column} = {id}{synced}");
        match db.engine() {
            Engine::Sqlite => db.execute(&format!(
                "CREATE TRIGGER refusal_{id} {timing} ON {table} WHEN {condition} BEGIN SELECT RAISE({raise}, 'no {id}'); END"
            )),
            Engine::MariaDb => db.execute(&format!(
                "CREATE TRIGGER refusal_{id} {timing} ON {table} FOR EACH ROW BEGIN IF {condition} THEN \
                 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no {id}'; END IF; END"
            )),
            Engine::Postgres => db.execute(&format!(
                "CREATE FUNCTION refuse_{id}() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no {id}'; END $$ LANGUAGE plpgsql; \
                 CREATE TRIGGER refusal_{id} {timing} ON {table} FOR EACH ROW WHEN ({condition}) \
                 EXECUTE FUNCTION refuse_{id}()"
            )),
        };
    }

    fn end(&self, db: &TempDatabase, id: i64) {
        let on = if db.engine() == Engine::Postgres { format!(" ON {}", self.table) } else { String::new() };
        db.execute(&format!("DROP TRIGGER refusal_{id}{on}"));
        if db.engine() == Engine::Postgres {
            db.execute(&format!("DROP FUNCTION refuse_{id}()"));
        }
    }
}

/// A domain each that has rows for the refusals to meet: changed in that table by a sync.
fn victims(house: &House, rehearsal: &Rehearsal<'_>) -> Vec<(i64, String)> {
    let mut taken = Vec::new();
    for Refusal { timing, table, .. } in &REFUSALS {
        let is_met = |name: &String| {
            let rows = |whole: &str| whole.lines().filter(|line| line.starts_with(table)).count();
            let (before, after) = rehearsal.of_domain(name);
            let differs = |table: &str| {
                let lines = |whole: &str| {
                    whole.lines().filter(|line| line.starts_with(table)).map(str::to_owned).collect::<Vec<_>>()
                };
                lines(before) != lines(after)
            };
            match (*timing, *table) {
                (_, "domains") => true,
                ("BEFORE INSERT", "domain_contacts") => rows(after) > rows(before),
                ("BEFORE UPDATE", "domain_contacts") => rows(after) == rows(before) && differs(table),
                _ => differs(table),
            }
        };
        let names: Vec<_> = rehearsal.names().filter(|name| is_met(name)).cloned().collect();
        // In the middle of those that would do.
        let free = names.iter().skip(names.len() / 2).chain(&names).find(|name| !taken.contains(*name));
        taken.push(free.unwrap_or_else(|| panic!("no domain for {timing} {table}")).clone());
    }
    taken.into_iter().map(|name| (house.id(&name), name)).collect()
}

async fn one_row_that_is_refused_among_many_fails_its_domain_only(engine: Engine) {
    let house = House::on(engine, 500, drifting);
    lose_contacts(&house);
    let mut rehearsal = Rehearsal::of(&house).await;
    let victims = victims(&house, &rehearsal);
    rehearsal.restart();
    for (refusal, (id, _)) in REFUSALS.iter().zip(&victims) {
        refusal.begin(&house.database, *id, "ABORT");
    }
    let sync = house.connect_at(rehearsal.hands()).await;
    let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await;
    assert_eq!(rehearsal.judge(&report, false), Some(victims.len() as u64), "S4.1: only those");
    let results = report.unwrap().results;
    let told: BTreeMap<_, _> = results.iter().map(|result| (result.domain.as_str(), result.error.as_deref())).collect();
    for (id, name) in &victims {
        let error = told[name.as_str()].unwrap_or_else(|| panic!("{name} was written"));
        assert!(error.contains(&format!("no {id}")), "why it failed: {error}");
    }
    for (refusal, (id, _)) in REFUSALS.iter().zip(&victims) {
        refusal.end(&house.database, *id);
    }
    rehearsal.an_hour_later();
    let mended = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((mended.stats.synced, mended.stats.failed), (victims.len() as u64, 0), "only what was left");
    rehearsal.all_is_after();
}

async fn each_statement_may_be_refused_a_row(engine: Engine) {
    let house = House::on(engine, 30, drifting);
    lose_contacts(&house);
    let mut rehearsal = Rehearsal::of(&house).await;
    let sync = house.connect_at(rehearsal.hands()).await;
    let victims = victims(&house, &rehearsal);
    // SQLite's triggers have a word for what becomes of the rest; after ROLLBACK there is no transaction any more.
    let raises: &[&str] = if engine == Engine::Sqlite { &["ABORT", "FAIL", "ROLLBACK"] } else { &[""] };
    for (refusal, (id, name)) in REFUSALS.iter().zip(&victims) {
        for raise in raises {
            rehearsal.restart();
            refusal.begin(&house.database, *id, raise);
            let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await;
            let failed = rehearsal.judge(&report, false).unwrap();
            assert!(!rehearsal.is_after(name), "S4.1: {raise} {} {}", refusal.timing, refusal.table);
            match *raise {
                "ROLLBACK" => rehearsal.all_is_before(),
                _ => assert_eq!(failed, 1, "S4.1: {raise} {} {}", refusal.timing, refusal.table),
            }
            refusal.end(&house.database, *id);
            rehearsal.an_hour_later();
            let mended = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
            assert_eq!((mended.stats.synced, mended.stats.failed), (failed, 0));
            rehearsal.all_is_after();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_postgresql_would_refuse_at_the_commit_fails_its_domain_only() {
    let house = House::on(Engine::Postgres, 30, drifting);
    lose_contacts(&house);
    let mut rehearsal = Rehearsal::of(&house).await;
    rehearsal.restart();
    let (id, name) = victims(&house, &rehearsal).remove(5);
    house.database.execute(&format!(
        "CREATE FUNCTION refuse_late() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'not at the end'; END $$ LANGUAGE plpgsql; \
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON audit_logs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW \
         WHEN (NEW.auditable_id = {id}) EXECUTE FUNCTION refuse_late()"
    ));
    let sync = house.connect_at(rehearsal.hands()).await;
    let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await;
    assert_eq!(rehearsal.judge(&report, false), Some(1), "S4.1: only that one");
    assert!(!rehearsal.is_after(&name));
    let results = report.unwrap().results;
    let error = results.iter().find_map(|result| result.error.as_deref());
    assert!(error.unwrap().contains("not at the end"), "{error:?}");
    house.database.execute("DROP TRIGGER late ON audit_logs");
    rehearsal.an_hour_later();
    let mended = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((mended.stats.synced, mended.stats.failed), (1, 0));
    rehearsal.all_is_after();
}
