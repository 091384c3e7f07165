//! The registrar for development, as an application uses it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_simulator::Api;
use domaindesk_sync::{ErrorKind, SyncOptions};
use domaindesk_tests::{House, forced};
use serde_json::{Value, json};

/// With the application's own section, but for what a test changes.
fn house(own: Value) -> House {
    let mut house = House::at(Api::default(), "mock", Value::Null, 60);
    let section = &mut house.config["registrar"]["registrars"]["mock"];
    *section = json!({
        "api_url": "https://api.mock-registrar.test", "enable_logging": true, "simulate_delays": false,
        "default_delay_ms": 100, "failure_rate": 0, "track_history": true, "history_limit": 100, "state_ttl": 3600,
        "available_tlds": {"com": {"register": 1200, "renew": 1250, "transfer": 1200}},
        "unavailable_patterns": ["taken.com", "unavailable"],
    });
    for (key, value) in own.as_object().unwrap() {
        section[key] = value.clone();
    }
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_answers_without_credentials_or_network_and_the_same_each_time() {
    let house = house(json!({}));
    let sync = house.connect().await;
    let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.failed, report.stats.held, report.stats.api_calls), (0, 0, 60), "{:?}", report.stats);
    assert!(report.stats.changes > 50, "{:?}", report.stats);
    let again = sync.sync_domains(house.all(), forced(), |_| ()).await.unwrap();
    assert_eq!((again.stats.changes, again.stats.failed), (0, 0), "{:?}", again.stats);
    let other = house.connect().await.sync_domains(house.all(), forced(), |_| ()).await.unwrap();
    assert_eq!(other.stats.changes, 0, "{:?}", other.stats);
    assert_eq!(house.simulator.stats().requests, 0);
}

/// What of the questions to every registrar can be put to one without a network.
#[tokio::test]
async fn it_does_what_registrars_do() {
    let house = house(json!({"unavailable_patterns": ["gone-"]}));
    let sync = house.connect().await;
    let domain = house.active();
    sync.sync_domain_status(house.id(&domain), &forced()).await.unwrap();
    let other = if house.column(&domain, "status") == "redemption" { "expired" } else { "redemption" };
    house.database.execute(&format!("UPDATE domains SET status = '{other}' WHERE name = '{domain}'"));
    let result = sync.sync_domain_status(house.id(&domain), &forced()).await.unwrap();
    let fields: Vec<_> = result.changes.unwrap().0.iter().map(|change| change.field.clone()).collect();
    assert_eq!(fields, ["status"], "S3.7");

    let others = house.actives(3);
    house.database.execute(&format!("UPDATE domains SET name = 'gone-1.com' WHERE name = '{}'", others[1]));
    let before = house.column("gone-1.com", "status");
    let result = sync.sync_domain(house.id("gone-1.com"), &forced()).await.unwrap();
    assert_eq!((result.error_code, result.needs_review), (Some(ErrorKind::NotFound), true), "S6.5 {result:?}");
    assert_eq!(house.column("gone-1.com", "status"), before, "S2.5");

    house.database.execute(&format!("UPDATE domains SET name = 'bücher.com' WHERE name = '{}'", others[2]));
    let result = sync.sync_domain(house.id("bücher.com"), &forced()).await.unwrap();
    assert!(result.success, "S3.5 {result:?}");
}

#[tokio::test]
async fn failures_are_tried_again_as_at_any_registrar() {
    let house = house(json!({"failure_rate": "100"}));
    let sync = house.connect().await;
    let result = sync.sync_domain(house.id(&house.active()), &forced()).await.unwrap();
    assert_eq!((result.error_code, result.attempts), (Some(ErrorKind::Network), 3), "S6.2 {result:?}");
}

#[tokio::test]
async fn prices_are_those_of_the_configuration() {
    let house = house(json!({}));
    let sync = house.connect().await;
    let report = sync.sync_tld_prices("mock", forced(), |_| ()).await.unwrap();
    let renewals: Vec<_> = report
        .changes
        .iter()
        .filter(|change| change.tld == "com" && change.years == 2)
        .map(|change| change.new.as_str())
        .collect();
    assert!(renewals.contains(&"25.00"), "S5.1 {renewals:?}");
    assert!(report.errors.iter().all(|error| error.tld != "com"), "S5.6");
    assert_eq!(report.currency.unwrap().as_str(), "USD", "S5.4");
}
