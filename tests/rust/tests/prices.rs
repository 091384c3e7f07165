//! TLD prices, through the engine's own face.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_simulator::{Fault, FaultRule, Faults, PriceAction, PriceTable};
use domaindesk_sync::{ErrorKind, SyncOptions};
use domaindesk_tests::{House, forced};
use serde_json::json;

#[tokio::test]
async fn prices_in_force_are_left_alone_and_new_ones_get_a_row_of_today() {
    let house = House::new(10);
    let sync = house.connect().await;
    let before = house.database.count("tld_prices");
    let report = sync.sync_tld_prices("resellerclub", forced(), |_| ()).await.unwrap();
    assert!(report.success, "{:?}", report.errors);
    assert_eq!(
        (report.changes.len(), house.database.count("tld_prices")),
        (0, before),
        "S5.1 {:?}",
        report.changes.first()
    );

    house
        .simulator
        .with_world(|world| world.set_price("com", PriceTable::Cost, PriceAction::Renew, Some(1), Some("11.11")));
    let mut told = 0;
    let report = sync.sync_tld_prices("resellerclub", forced(), |_| told += 1).await.unwrap();
    assert_eq!(told, report.stats.total, "S8.3");
    assert_eq!(report.changes.len(), 1, "S5.1 {:?}", report.changes);
    let change = &report.changes[0];
    assert_eq!((change.tld.as_str(), change.years, change.new.as_str()), ("com", 1, "11.11"));

    let again = sync.sync_tld_prices("resellerclub", forced(), |_| ()).await.unwrap();
    assert_eq!(again.changes.len(), 0, "S5.1: today's price is in force today");
    house
        .simulator
        .with_world(|world| world.set_price("com", PriceTable::Cost, PriceAction::Renew, Some(1), Some("11.12")));
    sync.sync_tld_prices("resellerclub", forced(), |_| ()).await.unwrap();
    let rows = house.database.query("SELECT COUNT(*), MAX(CAST(price AS TEXT)) FROM tld_prices p JOIN tlds t ON t.id = p.tld_id WHERE t.extension = 'com' AND action = 'renew' AND years = 1 AND date(effective_date) = date('now')");
    assert_eq!(rows[0][1], json!("11.12"), "S5.1: a second change on the same day replaces that day's row");
    assert_eq!(rows[0][0], json!(1), "S5.1");
    assert!(!house.database.one("SELECT last_sync_at FROM registrars WHERE slug = 'resellerclub'").is_null(), "S5.6");
}

#[tokio::test]
async fn large_changes_alert_and_unbelievable_ones_are_held() {
    let house = House::new(10);
    let sync = house.connect().await;
    house.simulator.with_world(|world| {
        let old: f64 = world.prices.get("com", PriceTable::Cost, PriceAction::Register, 1).unwrap().parse().unwrap();
        world.set_price("com", PriceTable::Cost, PriceAction::Register, Some(1), Some(&format!("{:.2}", old * 1.5)));
        world.set_price("net", PriceTable::Cost, PriceAction::Register, Some(1), Some("9999.00"));
        world.set_price("org", PriceTable::Cost, PriceAction::Register, Some(1), Some("0"));
    });
    let report = sync.sync_tld_prices("resellerclub", forced(), |_| ()).await.unwrap();
    assert_eq!(report.alerts.iter().map(|alert| alert.tld.as_str()).collect::<Vec<_>>(), ["com"], "S5.3");
    let mut held: Vec<_> = report.held.iter().map(|held| held.price.tld.as_str()).collect();
    held.sort_unstable();
    assert_eq!(held, ["net", "org"], "S5.5");
    assert_eq!(report.changes.len(), 1, "S5.5: held prices are not stored");
}

#[tokio::test]
async fn another_currency_is_refused_and_recent_prices_are_skipped() {
    let mut house = House::new(10);
    house.config["registrar"]["registrars"]["resellerclub"]["currency"] = "BDT".into();
    let sync = house.connect().await;
    let before = house.database.count("tld_prices");
    let report = sync.sync_tld_prices("resellerclub", SyncOptions::default(), |_| ()).await.unwrap();
    assert!(!report.success && report.stats.failed == report.stats.total, "S5.4 {:?}", report.stats);
    assert_eq!(report.errors[0].error_code, ErrorKind::Rejected, "S5.4");
    assert_eq!(house.database.count("tld_prices"), before, "S5.4");
    let skipped = sync.sync_tld_prices("resellerclub", SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((skipped.skipped, skipped.reason.as_deref()), (true, Some("Recently synced")), "S5.6");
}

#[tokio::test]
async fn a_registrar_that_is_not_there_or_does_not_answer() {
    let house = House::new(10);
    let sync = house.connect().await;
    let error = sync.sync_tld_prices("nobody", forced(), |_| ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    house
        .simulator
        .set_faults(Faults::one(FaultRule::always(Fault::Garbage).on_path("products/reseller-cost-price.json")));
    let before = house.everything();
    let report = sync.sync_tld_prices("resellerclub", forced(), |_| ()).await.unwrap();
    assert_eq!((report.success, report.error_code), (false, Some(ErrorKind::InvalidResponse)), "S6.1 {report:?}");
    assert_eq!(house.everything(), before);
}
