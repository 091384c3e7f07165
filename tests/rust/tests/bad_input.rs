//! What a caller can get wrong: each gets an error that says what and where, and nothing is written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_support::TempDatabase;
use domaindesk_sync::{Config, DomainRef, ErrorKind, RegistrarSync, Selection, SyncOptions};
use domaindesk_tests::House;
use serde_json::json;

async fn refused(config: serde_json::Value) -> domaindesk_sync::Error {
    match Config::from_value(config) {
        Err(error) => error,
        Ok(config) => RegistrarSync::connect(config).await.unwrap_err(),
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_or_not_domaindesk_s() {
    let error = refused(json!({"database": "sqlite:/nowhere/app.sqlite"})).await;
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(error.to_string().contains("/nowhere/app.sqlite"), "{error}");

    let database = TempDatabase::new();
    let config = json!({"database": database.laravel_connection()});
    database.execute("ALTER TABLE domains DROP COLUMN sync_metadata");
    let error = refused(config).await;
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(error.to_string().contains("sync_metadata") && error.to_string().contains("domains"), "{error}");

    let database = TempDatabase::new();
    database.execute("DROP TABLE domain_nameservers");
    let error = refused(json!({"database": database.laravel_connection()})).await;
    assert!(error.to_string().contains("domain_nameservers"), "{error}");

    let file = database.folder().join("text.sqlite");
    std::fs::write(&file, "this is no database, although it is long enough to be looked at as one").unwrap();
    assert_eq!(refused(json!({"database": format!("sqlite:{}", file.display())})).await.kind(), ErrorKind::Store);
}

#[tokio::test]
async fn credentials_that_cannot_be_opened_or_are_not_there() {
    let mut house = House::new(20);
    let domain = house.active();
    let before = house.everything();
    house.config["app_key"] = "base64:ISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A=".into();
    let error = house.connect().await.sync_domain(house.id(&domain), &SyncOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("APP_KEY is not the one"), "{error}");
    house.config["app_key"] = serde_json::Value::Null;
    let error = house.connect().await.sync_domain(house.id(&domain), &SyncOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("app_key"), "{error}");
    assert_eq!(house.everything(), before, "nothing is written for what is wrong on this side");
    assert_eq!(house.simulator.stats().requests, 0);

    house.database.execute("UPDATE registrars SET credentials = NULL");
    let error = house.connect().await.sync_domain(house.id(&domain), &SyncOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("registrar.registrars.resellerclub.credentials"), "{error}");
    house.config["registrar"]["registrars"]["resellerclub"]["credentials"] =
        json!({"auth_userid": 777, "api_key": "simulated"});
    let result = house.connect().await.sync_domain(house.id(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success, "credentials from the configuration do: {result:?}");
}

#[tokio::test]
async fn a_slug_that_nobody_speaks() {
    let house = House::with(20, |seed| seed.registrars = vec!["unheard-of".into()]);
    let sync = house.connect().await;
    let before = house.everything();
    let domain = house.active();
    let error = sync.sync_domain(house.id(&domain), &SyncOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let there: Vec<_> = RegistrarSync::registrars().into_keys().collect();
    let said = error.to_string();
    assert!(said.contains("`unheard-of`") && said.contains(&there.join(", ")), "{error}");
    assert!(there.contains(&"resellerclub") && there.contains(&"namecheap") && there.contains(&"enom"), "{there:?}");
    let report = sync
        .sync_domains(Selection::Domains(vec![house.id(&domain).into()]), SyncOptions::default(), |_| ())
        .await
        .unwrap();
    assert_eq!((report.stats.failed, report.results[0].error_code), (1, Some(ErrorKind::Config)));
    assert_eq!(house.everything(), before);
}

#[tokio::test]
async fn names_and_ids_that_are_none() {
    let house = House::new(20);
    let sync = house.connect().await;
    for text in ["", "no domain", "com", "http://example.com/", "-x.com"] {
        assert_eq!(DomainRef::parse(text).unwrap_err().kind(), ErrorKind::Config, "{text}");
    }
    for id in [0, -1, 999_999] {
        assert_eq!(
            sync.sync_domain(id, &SyncOptions::default()).await.unwrap_err().kind(),
            ErrorKind::NotFound,
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_row_that_is_broken_fails_alone() {
    let house = House::new(40);
    let sync = house.connect().await;
    let pair = house.actives(2);
    house.database.execute(&format!("UPDATE domains SET sync_metadata = '{{broken' WHERE name = '{}'", pair[0]));
    let selection = Selection::Domains(pair.iter().map(|name| DomainRef::parse(name).unwrap()).collect());
    let report = sync.sync_domains(selection, SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.total, report.stats.synced), (2, 2), "{report:?}");
    assert_eq!(house.metadata(&pair[0])["changes_detected"], 0, "metadata that is no JSON is made anew");
}

#[tokio::test]
async fn a_status_that_nobody_knows_fails_its_domain_alone_and_is_named() {
    let house = House::new(40);
    let sync = house.connect().await;
    let pair = house.actives(2);
    house.database.execute(&format!(
        "PRAGMA ignore_check_constraints = ON; UPDATE domains SET status = 'parked' WHERE name = '{}'",
        pair[0]
    ));
    let selection = || Selection::Domains(pair.iter().map(|name| DomainRef::parse(name).unwrap()).collect());
    let force = SyncOptions::default().forced();
    let full = sync.sync_domains(selection(), force.clone(), |_| ()).await.unwrap();
    let statuses = sync.sync_domain_statuses(selection(), force, |_| ()).await.unwrap();
    for report in [full, statuses] {
        assert_eq!((report.stats.total, report.stats.synced, report.stats.failed), (2, 1, 1), "{report:?}");
        let failed = report.results.iter().find(|result| !result.success).unwrap();
        assert_eq!((&failed.domain, failed.error_code), (&pair[0], Some(ErrorKind::Store)));
        assert!(failed.error.as_ref().unwrap().contains("parked"), "{failed:?}");
    }
    let error = sync.sync_domain(DomainRef::parse(&pair[0]).unwrap(), &SyncOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(error.message().contains(&pair[0]) && error.message().contains("parked"), "{error}");
}

#[tokio::test]
async fn more_days_than_dates_hold_are_refused() {
    let house = House::new(10);
    let sync = house.connect().await;
    let error = sync.expiring_domains(u32::MAX, &SyncOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "S1.4 {error}");
    assert!(sync.expiring_domains(36_500, &SyncOptions::default()).await.is_ok(), "S1.4");
}
