//! Somebody else holds what a write needs: for too long, for a while, or in a deadlock.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domaindesk_support::{CutProxy, Engine, Session, Target};
use domaindesk_sync::SyncOptions;
use domaindesk_tests::{Desk, House, Rehearsal};

use crate::{drifting, lose_contacts};

on_every_engine!(
    a_lock_that_is_held_too_long_is_told_and_the_next_batch_writes,
    a_lock_that_is_held_for_a_while_costs_nothing,
);
on_every_server!(a_deadlock_costs_nothing);

/// A transaction of the application's, open since a registrar was asked.
type Transaction = Arc<Mutex<Option<Session>>>;

/// Takes it when it is there.
async fn opened(transaction: &Transaction) -> Session {
    loop {
        if let Some(session) = transaction.lock().unwrap().take() {
            return session;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A desk where the application begins a transaction and runs a statement in it as soon as the first domain is asked for.
fn desk(house: &House, begin: String) -> (Arc<Desk>, Transaction) {
    let (transaction, target) = (Transaction::default(), Target::from(&house.database));
    let opened = Arc::clone(&transaction);
    let mut is_first = true;
    let desk = Desk::of(house, move |_, _| {
        if std::mem::take(&mut is_first) {
            let mut session = Session::open(target.clone());
            session.execute(&begin);
            *opened.lock().unwrap() = Some(session);
        }
    });
    (desk, transaction)
}

/// Keeps others from writing the fifth domain; SQLite has one lock for all.
fn holding(house: &House) -> String {
    let begin = if house.database.engine() == Engine::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
    format!("{begin}; UPDATE domains SET auto_renew = '1' WHERE id = {}", house.seeded.first_domain + 4)
}

/// A house of nine domains whose engine waits less for a lock, and the wire that makes it so.
fn impatient(engine: Engine, mariadb: &str, postgres: &str, sqlite: u32) -> (House, Option<CutProxy>) {
    let mut house = House::on(engine, 9, drifting);
    lose_contacts(&house);
    let proxy = house.database.access().map(CutProxy::to);
    if let Some(proxy) = &proxy {
        proxy.replace("innodb_lock_wait_timeout = 60", &format!("innodb_lock_wait_timeout = {mariadb}"));
        proxy.replace("60s", postgres);
        house.config["database"]["port"] = proxy.port().to_string().into();
    } else {
        house.config["database"]["busy_timeout"] = sqlite.into();
    }
    (house, proxy)
}

async fn a_lock_that_is_held_too_long_is_told_and_the_next_batch_writes(engine: Engine) {
    let (house, _proxy) = impatient(engine, " 0", "9ms", 200);
    refused_while(&house, holding(&house)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_sqlite_refuses_is_told_and_the_next_batch_writes() {
    let (house, _) = impatient(Engine::Sqlite, "", "", 200);
    // A reader lets everything be written but the end of the transaction, which has to wait for it.
    refused_while(&house, "BEGIN; CREATE TEMP TABLE read AS SELECT * FROM domains".to_owned()).await;
}

/// Syncs while the application has begun this, and again when it has ended it.
async fn refused_while(house: &House, begin: String) {
    let mut rehearsal = Rehearsal::of(house).await;
    rehearsal.restart();
    let (desk, transaction) = desk(house, begin);
    let sync = house.connect_to(&desk, rehearsal.hands()).await;
    let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await;
    opened(&transaction).await.execute("COMMIT");
    assert_eq!(rehearsal.judge(&report, false), Some(9), "S4.1: {report:?}");
    for result in report.unwrap().results {
        assert!(result.error.as_ref().unwrap().contains("is locked: another "), "{result:?}");
    }
    rehearsal.all_is_before();
    rehearsal.an_hour_later();
    let mended = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((mended.stats.synced, mended.stats.failed), (9, 0), "{mended:?}");
    rehearsal.all_is_after();
}

async fn a_lock_that_is_held_for_a_while_costs_nothing(engine: Engine) {
    // The servers give up waiting once, and the transaction is done again.
    let (house, _proxy) = impatient(engine, " 1", " 1s", 10_000);
    let mut rehearsal = Rehearsal::of(&house).await;
    rehearsal.restart();
    let (desk, transaction) = desk(&house, holding(&house));
    let sync = house.connect_to(&desk, rehearsal.hands()).await;
    let release = async {
        let mut session = opened(&transaction).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        session.execute("COMMIT");
    };
    let start = Instant::now();
    let (report, ()) = tokio::join!(sync.sync_domains(house.all(), SyncOptions::default(), |_| ()), release);
    assert_eq!(rehearsal.judge(&report, false), Some(0), "{report:?}");
    assert!(start.elapsed() >= Duration::from_millis(1_500), "the write had to wait");
    rehearsal.all_is_after();
}

async fn a_deadlock_costs_nothing(engine: Engine) {
    let house = House::on(engine, 9, drifting);
    lose_contacts(&house);
    let mut rehearsal = Rehearsal::of(&house).await;
    rehearsal.restart();
    // MariaDB gives up the transaction that wrote less.
    let weight = "INSERT INTO tlds (registrar_id, extension) SELECT 1, CONCAT('x', id) FROM tld_prices";
    let (desk, transaction) = desk(&house, format!("{}; {weight}", holding(&house)));
    let sync = house.connect_to(&desk, rehearsal.hands()).await;
    let cross = async {
        let mut session = opened(&transaction).await;
        wait_until_waited_for(&house).await;
        // The engine has this one and waits for the other.
        let sql = format!("UPDATE domains SET auto_renew = '1' WHERE id = {}", house.seeded.first_domain);
        let crossed = tokio::task::block_in_place(|| session.try_execute(&sql));
        assert!(crossed.is_ok(), "the engine's transaction was to be given up: {crossed:?}");
        session.execute("ROLLBACK");
    };
    let (report, ()) = tokio::join!(sync.sync_domains(house.all(), SyncOptions::default(), |_| ()), cross);
    assert_eq!(rehearsal.judge(&report, false), Some(0), "{report:?}");
    rehearsal.all_is_after();
    // PostgreSQL's sessions tell what happened in them when they end.
    sync.close().await;
    until(&house, |engine| match engine {
        Engine::Postgres => "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
        _ => {
            "SELECT CAST(variable_value AS SIGNED) FROM information_schema.global_status \
             WHERE variable_name = 'INNODB_DEADLOCKS'"
        }
    })
    .await;
}

/// Waits until a transaction of this database waits for a lock.
async fn wait_until_waited_for(house: &House) {
    until(house, |engine| match engine {
        Engine::Postgres => {
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        }
        _ => {
            "SELECT COUNT(*) FROM information_schema.innodb_trx AS t JOIN information_schema.processlist AS p \
             ON p.id = t.trx_mysql_thread_id WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()"
        }
    })
    .await;
}

/// Waits until a statement counts anything.
async fn until(house: &House, count: impl Fn(Engine) -> &'static str) {
    let sql = count(house.database.engine());
    let deadline = Instant::now() + Duration::from_secs(20);
    while house.database.one(sql) == 0 {
        assert!(Instant::now() < deadline, "still none: {sql}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
