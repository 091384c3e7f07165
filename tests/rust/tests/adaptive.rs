//! Intervals that adapt (S1.3): what is close to expiry or has changed lately is due sooner, what is quiet later.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono::{SubsecRound, TimeDelta};
use domaindesk_support::Engine;
use domaindesk_sync::{DomainRef, Error, PartnerId, SyncOptions};
use domaindesk_tests::House;
use serde_json::json;

/// Sets up one domain of each kind and says which are due in which order, a number of hours after a sync of all.
async fn adapts(engine: Engine) -> Result<(), Error> {
    let mut house = House::on(engine, 12, |_| ());
    house.config["domain"] = json!({"sync_interval": "adaptive"});
    let hands = house.hands();
    let now = house.now.trunc_subsecs(0) + TimeDelta::hours(1);
    let at = |hours: i64| (now + TimeDelta::hours(hours)).format("%Y-%m-%d %H:%M:%S").to_string();
    let iso = |hours: i64| (now + TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    let ids: Vec<i64> =
        house.database.query("SELECT id FROM domains ORDER BY id").iter().map(|row| row[0].as_i64().unwrap()).collect();
    let set = |index: usize, synced: i64, expires_days: i64, metadata: &str| {
        house.database.execute(&format!(
            "UPDATE domains SET status = 'active', last_synced_at = '{}', expires_at = '{}', sync_metadata = '{metadata}' \
             WHERE id = {}",
            at(synced),
            at(expires_days * 24),
            ids[index]
        ));
    };
    let changed = |hours: i64| format!(r#"{{"changed_at":"{}"}}"#, iso(hours));
    for index in 0..12 {
        set(index, -1, 300, "{}");
    }
    set(0, -3, 10, "{}"); // expires soon: every 2 hours
    set(1, -1, 10, "{}");
    set(2, -7, 45, "{}"); // expires later: every 6
    set(3, -3, 45, "{}");
    set(4, -49, 300, "{}"); // quiet: every 48
    set(5, -47, 300, "{}");
    set(6, -4, 300, &changed(-14)); // changed ten hours before its sync: every 2
    set(7, -3, 300, &changed(-103)); // a hundred hours before: every 10
    set(8, -4, 45, &changed(-14)); // expires later and changed: every 2
    // Changed and waiting, held by another, and without a registrar.
    set(9, -4, 300, &format!(r#"{{"changed_at":"{}","next_attempt_at":"{}"}}"#, iso(-14), iso(1)));
    set(
        10,
        -4,
        300,
        &format!(r#"{{"lease":{{"by":"00000000000000aa","until":"{}"}},"changed_at":"{}"}}"#, iso(1), iso(-14)),
    );
    set(11, -4, 300, &changed(-14));
    house.database.execute(&format!("UPDATE domains SET registrar_id = NULL WHERE id = {}", ids[11]));
    for id in &ids[6..] {
        house.database.execute(&format!(
            "INSERT INTO audit_logs (partner_id, action, auditable_type, auditable_id, created_at, updated_at) \
             SELECT partner_id, 'sync_update', 'Domain', id, '{0}', '{0}' FROM domains WHERE id = {id}",
            at(-14)
        ));
    }
    let sync = house.connect_at(&hands).await;
    let due = sync.domains_needing_sync(100, &SyncOptions::default()).await?;
    let wanted = [0, 8, 2, 6, 4].map(|index: usize| ids[index]);
    // 6 is two hours overdue, 4 one; 8 is two and 2 one.
    assert_eq!(due.iter().map(|id| id.0).collect::<Vec<_>>(), wanted, "S1.3 {engine:?}");
    let few = sync.domains_needing_sync(2, &SyncOptions::default()).await?;
    assert_eq!(few.iter().map(|id| id.0).collect::<Vec<_>>(), wanted[..2], "S1.3 {engine:?}");
    for (index, id) in ids.iter().enumerate() {
        let told = sync.explain(DomainRef::from(*id), &SyncOptions::default()).await?;
        assert_eq!(told.due, wanted.contains(id), "explain says what the selection does: {index} {told:?}");
    }
    let mut options = SyncOptions::default();
    let partner = house.database.one(&format!("SELECT partner_id FROM domains WHERE id = {}", ids[6]));
    options.partner_id = Some(PartnerId(partner.as_i64().unwrap()));
    let theirs = sync.domains_needing_sync(100, &options).await?;
    let of_partner =
        |id: &i64| house.database.one(&format!("SELECT partner_id FROM domains WHERE id = {id}")) == partner;
    let wanted: Vec<i64> = wanted.into_iter().filter(of_partner).collect();
    assert_eq!(theirs.iter().map(|id| id.0).collect::<Vec<_>>(), wanted, "S1.6 {engine:?}");
    sync.close().await;
    Ok(())
}

#[tokio::test]
async fn what_has_changed_lately_is_due_sooner_on_sqlite() {
    adapts(Engine::Sqlite).await.unwrap();
}

#[tokio::test]
async fn what_has_changed_lately_is_due_sooner_on_mariadb() {
    adapts(Engine::MariaDb).await.unwrap();
}

#[tokio::test]
async fn what_has_changed_lately_is_due_sooner_on_postgres() {
    adapts(Engine::Postgres).await.unwrap();
}

#[tokio::test]
async fn a_rate_limit_that_is_too_low_for_the_promise_is_told_beforehand() {
    let mut house = House::with(600, |seed| seed.registrars = vec!["resellerclub".to_owned(), "logicboxes".to_owned()]);
    house.config["domain"] = json!({"sync_interval_hours": 1, "details_interval_hours": 0});
    house.config["registrar"]["registrars"]["resellerclub"]["rate_limit"] =
        json!({"max_attempts": 1, "decay_minutes": 1});
    let sync = house.connect().await;
    let stats = sync.stats().await.unwrap();
    let [free, short] = stats.budget.as_slice() else { panic!("{stats:?}") };
    assert_eq!((free.registrar.as_str(), free.enough, free.possible_per_day), ("logicboxes", true, None), "S7.1");
    let watched = house.database.one(
        "SELECT count(*) FROM domains JOIN registrars ON registrars.id = registrar_id AND slug = 'resellerclub' \
         WHERE domains.status IN ('active', 'grace_period', 'redemption')",
    );
    assert_eq!((short.registrar.as_str(), json!(short.domains)), ("resellerclub", watched));
    assert_eq!((short.needed_per_day, short.possible_per_day), (short.domains * 24, Some(1_440)), "S7.1");
    assert!(!short.enough && short.warning.as_deref().unwrap().contains("1440"), "{short:?}");
    let mut options = SyncOptions::default();
    options.max_seconds = Some(1);
    let report = sync.sync_domains(house.all(), options, |_| ()).await.unwrap();
    assert!(report.timed_out, "S7.1: it waits for its budget");
    // A day's limit of which the burst does for the batch, and an hour's share does not.
    house.config["registrar"]["registrars"]["resellerclub"]["rate_limit"] =
        json!({"max_attempts": 7_000, "decay_minutes": 1_440});
    let sync = house.connect().await;
    let report = sync.sync_domains(house.all(), SyncOptions::default().forced().dry_run(), |_| ()).await.unwrap();
    let plan = &report.plan["resellerclub"];
    assert!(plan.warning.as_deref().is_some_and(|warning| warning.contains("rate limit")), "S7.1 {report:?}");
    assert_eq!(report.plan["logicboxes"].warning, None, "S7.1");
}
