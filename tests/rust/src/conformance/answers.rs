//! What an answer tells.

use chrono::{DateTime, NaiveTime};
use domaindesk_simulator::{Fault, FaultRule, Faults, SimDomain};
use domaindesk_sync::{ErrorKind, RegistrarSync, SyncOptions};
use serde_json::{Value, json};

use super::{Row, forced, name};

const DAY: i64 = 86_400;

/// One domain in step takes the requests that it must and changes nothing; what the registrar decides is written and
/// audited, and is in step from then on (S2.1, S3.4, S3.5, S3.6).
///
/// # Panics
/// Where that does not hold.
pub async fn one(row: &Row) {
    let house = row.house(row.enough());
    let sync = house.connect().await;
    let domain = row.active(&house);
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S3.4, S3.5, S3.6 {result:?}");
    assert!(result.warnings.is_empty(), "S2.3 {result:?}");
    assert_eq!(house.simulator.stats().requests, row.requests, "S7.3");
    assert!(!house.column(&domain, "last_synced_at").is_null(), "S4.2");
    assert!(house.metadata(&domain)["registrar_status"].is_string(), "S4.2 {}", house.metadata(&domain));

    let expires = DateTime::from_timestamp(house.now.timestamp() + 500 * DAY, 0).unwrap();
    let hosts: Vec<_> = (1..=row.nameservers).map(|place| format!("ns{place}.many.example")).collect();
    house.at_registrar(&domain, |there| {
        // At noon, which is the same day in every zone that a registrar's page names.
        there.expires = Some(expires.date_naive().and_time(NaiveTime::MIN).and_utc().timestamp() + DAY / 2);
        there.nameservers = hosts.clone();
        there.contacts[0].name = "Ada van Other".into();
    });
    let result = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    let changes = result.changes.clone().unwrap();
    let fields: Vec<_> = changes.0.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["expires_at", "nameservers", "contacts.registrant"], "S2.1 {result:?}");
    let stored = house.column(&domain, "expires_at");
    assert!(stored.as_str().unwrap().starts_with(&expires.format("%Y-%m-%d").to_string()), "S3.8 {stored}");
    let id = house.id(&domain);
    let there = house.database.query(&format!(
        "SELECT nameserver FROM domain_nameservers WHERE domain_id = {id} ORDER BY {}",
        house.database.quote("order")
    ));
    assert_eq!(there.iter().map(|row| row[0].as_str().unwrap()).collect::<Vec<_>>(), hosts, "S3.5");
    let registrant = house.database.query(&format!(
        "SELECT first_name, last_name FROM domain_contacts WHERE domain_id = {id} AND type = 'registrant' ORDER BY id"
    ));
    assert_eq!(registrant[0], [json!("Ada van"), json!("Other")], "S3.6");
    let audits = house
        .database
        .one(&format!("SELECT COUNT(*) FROM audit_logs WHERE auditable_id = {id} AND action = 'sync_update'"));
    assert_eq!(audits, json!(3), "S4.3");
    let again = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert!(again.success && !again.is_changed(), "S3.4 {again:?}");
}

/// A sync of the status alone touches nothing else (S3.7), and asks for nothing else.
///
/// # Panics
/// Where that does not hold.
pub async fn status(row: &Row) {
    let house = row.house(row.enough());
    let sync = house.connect().await;
    let domain = row.active(&house);
    // In its days of grace, which every registrar tells: by a word or by its date.
    house.at_registrar(&domain, |there| {
        there.expires = Some(house.now.timestamp() - 10 * DAY);
        there.nameservers = vec!["ns1.other.example".into()];
        there.contacts[0].city = "Elsewhere".into();
    });
    let before = house.column(&domain, "expires_at");
    let result = sync.sync_domain_status(name(&domain), &SyncOptions::default()).await.unwrap();
    let changes = result.changes.unwrap_or_else(|| panic!("S3.7 {:?}", result.error));
    assert_eq!(changes.0.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(), ["status"], "S3.7");
    assert_eq!(house.column(&domain, "status"), "grace_period", "S3.1");
    assert_eq!(house.column(&domain, "expires_at"), before, "S3.7");
    assert_eq!(house.simulator.stats().requests, row.status, "S7.3: nothing else is asked for");
}

/// A batch of statuses reads the list where there is one, in as many requests as its pages, and by name what that leaves
/// open; what changed is found, and a missing page proves nothing (S6.5, S7.3).
///
/// # Panics
/// Where that does not hold.
pub async fn list(row: &Row) {
    let abilities = &RegistrarSync::registrars()[row.slug];
    // Below the one TLD there are few.
    let house = row.house(if abilities.list.is_some() { 450 } else { 1_000 });
    let sync = house.connect().await;
    let moved = row.actives(&house, 3);
    if abilities.list.is_none() {
        // Some of what the application knows such an API cannot tell.
        sync.sync_domain_statuses(row.portfolio(&house), SyncOptions::default(), |_| ()).await.unwrap();
        house.simulator.reset_stats();
    }
    let report = sync.sync_domain_statuses(row.portfolio(&house), forced(), |_| ()).await.unwrap();
    let first = report.stats;
    assert_eq!(first.changes, 0, "S3.1 {:?}", report.results.iter().find(|result| result.is_changed()));
    let requests = house.simulator.stats().requests;
    assert_eq!(requests, first.api_calls, "S8.2");
    if abilities.list.is_some() {
        assert!(requests < first.total / 3, "S7.3: {requests} for {}", first.total);
    } else {
        assert_eq!(requests, first.total, "S7.3");
    }
    for domain in &moved {
        house.at_registrar(domain, |there| there.expires = Some(house.now.timestamp() - 10 * DAY));
    }
    let Some(path) = row.list else {
        let report = sync.sync_domain_statuses(row.portfolio(&house), forced(), |_| ()).await.unwrap();
        assert_eq!(report.stats.changes, 3, "S2.1 {:?}", report.stats);
        return;
    };
    for fault in [Fault::EmptyPage, Fault::Garbage] {
        house.simulator.set_faults(Faults::one(FaultRule::always(fault).on_path(path).for_next(1)));
        let report = sync.sync_domain_statuses(row.portfolio(&house), forced(), |_| ()).await.unwrap();
        for result in report.results.iter().filter(|result| !moved.contains(&result.domain)) {
            assert!(!result.is_changed(), "S6.5 {result:?}");
            assert!(
                result.success || result.error_code == Some(ErrorKind::NotFound) || result.skipped,
                "S6.5 {result:?}"
            );
        }
    }
    let report = sync.sync_domain_statuses(row.portfolio(&house), forced(), |_| ()).await.unwrap();
    assert_eq!(report.stats.failed, first.failed, "S6.5 {:?}", report.stats);
    for domain in &moved {
        assert_eq!(house.column(domain, "status"), "grace_period", "S2.1 {domain}");
    }
}

/// What the account does not have is flagged, never made worse, and asked for once (S2.5, S6.5).
///
/// # Panics
/// Where that does not hold.
pub async fn not_found(row: &Row) {
    let house = row.house(row.enough());
    let sync = house.connect().await;
    let domain = row.active(&house);
    house.simulator.with_world(|world| assert!(world.remove(&domain)));
    let before = ["status", "expires_at", "last_synced_at"].map(|column| house.column(&domain, column));
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(
        (result.success, result.error_code, result.needs_review, result.attempts),
        (false, Some(ErrorKind::NotFound), true, 1),
        "S6.5 {result:?}"
    );
    let after = ["status", "expires_at", "last_synced_at"].map(|column| house.column(&domain, column));
    assert_eq!(after, before, "S2.5, S6.3");
    assert_eq!(house.metadata(&domain)["needs_review"], json!(true), "S6.5");
    assert!(!house.metadata(&domain)["registrar_status"].is_string(), "S4.2 {}", house.metadata(&domain));
}

/// An international name is asked for by its A-label and is in step (S3.5).
///
/// # Panics
/// Where that does not hold.
pub async fn international(row: &Row) {
    let house = row.house(3_000);
    let sync = house.connect().await;
    let fits = |domain: &SimDomain| {
        domain.current_status == "Active"
            && domain.name.contains("xn--")
            && !domain.privacy
            && domain.nameservers.len() <= row.nameservers
    };
    let domain = house.simulator.with_world(|world| world.domains().find(fits)).expect("the world has such a name");
    let result = sync.sync_domain(name(&domain.name), &SyncOptions::default()).await.unwrap();
    let told = result.changes.as_ref().is_some_and(|changes| changes.get("nameservers").is_some());
    assert!(result.success && !told, "S3.5 {result:?}");
    let (name_of, unicode) = (domain.name.clone(), domaindesk_sync::DomainName::parse(&domain.name).unwrap());
    assert_ne!(unicode.to_unicode(), name_of, "it is one");
    house.at_registrar(&name_of, |there| there.nameservers = vec!["ns1.bücher.example".into(), "ns2.b.example".into()]);
    let result = sync.sync_domain(name(&name_of), &forced()).await.unwrap();
    assert!(result.success, "{result:?}");
    let id = house.id(&name_of);
    let hosts = house.database.query(&format!("SELECT nameserver FROM domain_nameservers WHERE domain_id = {id}"));
    assert!(hosts.contains(&vec![json!("ns1.xn--bcher-kva.example")]), "S3.5 {hosts:?}");
}

/// What an answer lacks stays as it is here, the status too (S2.3).
///
/// # Panics
/// Where that does not hold.
pub async fn missing_fields(row: &Row) {
    let house = row.house(row.enough());
    let sync = house.connect().await;
    let domain = row.active(&house);
    let rows = |table: &str| house.database.query(&format!("SELECT * FROM {table} ORDER BY id"));
    let columns = || -> [Value; 2] { ["status", "expires_at"].map(|column| house.column(&domain, column)) };
    let before = (columns(), rows("domain_nameservers"), rows("domain_contacts"), rows("audit_logs"));
    house.simulator.set_faults(Fault::Verbatim { status: 200, body: (row.sparse)(&domain) });
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S2.3 {result:?}");
    let after = (columns(), rows("domain_nameservers"), rows("domain_contacts"), rows("audit_logs"));
    assert_eq!(after, before, "S2.3");
}
