//! Namecheap, from its wire to the application's rows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_simulator::{Api, Fault, FaultRule, Faults, PriceAction, PriceTable, RateLimit, SimDomain};
use domaindesk_sync::{ErrorKind, SyncOptions};
use domaindesk_tests::{House, conformance, forced, name};
use serde_json::{Value, json};

const SLUG: &str = "namecheap";
const INFO: &str = "namecheap.domains.getInfo";
const CONTACTS: &str = "namecheap.domains.getContacts";
const LIST: &str = "namecheap.domains.getList";

fn house(domains: u64) -> House {
    let credentials = json!({"api_user": "777", "api_key": "simulated", "client_ip": "127.0.0.1"});
    House::at(Api::Namecheap, SLUG, credentials, domains)
}

fn day(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap().format("%Y-%m-%d").to_string()
}

/// Whether the account has nothing of a domain any more, or not yet (8).
fn is_away(domain: &SimDomain) -> bool {
    ["InActive", "Deleted", "Archived", "QueuedForDeletion", "Pending Delete Restorable"]
        .contains(&domain.current_status.as_str())
}

/// Whether a transfer brings it.
fn is_arriving(domain: &SimDomain) -> bool {
    domain.action_type.as_deref() == Some("AddTransferDomain")
}

fn first(house: &House, fits: impl Fn(&SimDomain) -> bool) -> SimDomain {
    house.simulator.with_world(|world| world.domains().find(fits)).expect("the world has such a domain")
}

#[tokio::test]
async fn a_domain_in_step_is_two_requests_and_no_change() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S3.4, S3.5, S3.6 {result:?}");
    assert!(result.warnings.is_empty(), "{result:?}");
    let stats = house.simulator.stats();
    assert_eq!((stats.requests, stats.of_path(INFO), stats.of_path(CONTACTS)), (2, 1, 1));
    assert!(house.metadata(&domain)["registrar_status"].as_str().unwrap().eq_ignore_ascii_case("ok"), "S4.2");
}

#[tokio::test]
async fn everything_that_a_registrar_decides_is_written() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    let expires = house.now.timestamp() + 500 * 86_400;
    house.at_registrar(&domain, |there| {
        there.expires = Some(expires);
        there.nameservers = (1..=13).map(|place| format!("ns{place}.thirteen.example")).collect();
        there.current_status = "Suspended".into();
        there.contacts[3].name = "Bill van Other".into();
    });
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    let changes = result.changes.unwrap();
    for field in ["status", "expires_at", "nameservers", "contacts.billing"] {
        assert!(changes.get(field).is_some(), "S2.1 {field}: {changes:?}");
    }
    assert!(changes.get("contacts.registrant").is_none(), "S3.6 {changes:?}");
    assert_eq!(house.column(&domain, "status"), "suspended");
    assert_eq!(
        house.column(&domain, "expires_at"),
        format!("{} 00:00:00", day(expires)),
        "S3.4: a date is midnight UTC"
    );
    let id = house.id(&domain);
    let hosts = house.database.one(&format!("SELECT COUNT(*) FROM domain_nameservers WHERE domain_id = {id}"));
    assert_eq!(hosts, json!(13), "S3.5");
    let billing = house.database.query(&format!(
        "SELECT first_name, last_name FROM domain_contacts WHERE domain_id = {id} AND type = 'billing' ORDER BY id"
    ));
    assert_eq!(billing[0], [json!("Bill van"), json!("Other")], "S3.6");
    let again = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert!(!again.is_changed(), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_statuses_is_the_list_and_those_that_it_lacks() {
    let house = house(450);
    let sync = house.connect().await;
    let held = house.actives(3);
    for domain in &held {
        house.at_registrar(domain, |there| there.current_status = "Suspended".into());
    }
    let (own, away, expected) = house.simulator.with_world(|world| {
        let count = |fits: &dyn Fn(&SimDomain) -> bool| world.domains().filter(|domain| fits(domain)).count() as u64;
        (count(&|domain| !is_away(domain)), count(&is_away), count(&SimDomain::is_pending))
    });
    assert!(away > expected && expected > 0, "the world has domains of every kind: {away}, {expected}");
    let report = sync.sync_domain_statuses(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    let stats = house.simulator.stats();
    assert_eq!(stats.of_path(LIST), own.div_ceil(100), "S7.3");
    assert_eq!(stats.of_path(CONTACTS), 0, "what the list has is not asked for again");
    assert_eq!(stats.of_path(INFO), away, "S6.5: what the list lacks is asked for by name");
    assert_eq!((report.stats.changes, report.stats.failed), (3, away - expected), "S6.5 {:?}", report.stats);
    for result in report.results.iter().filter(|result| !result.success) {
        assert_eq!((result.error_code, result.needs_review), (Some(ErrorKind::NotFound), true), "S6.5 {result:?}");
    }
    for domain in &held {
        assert_eq!(house.column(domain, "status"), "suspended");
    }
    // And back: the list shows what the details show, so that it may lift a domain (S3.7).
    for domain in &held {
        house.at_registrar(domain, |there| there.current_status = "Active".into());
    }
    let report = sync.sync_domain_statuses(house.all(), forced(), |_| ()).await.unwrap();
    assert_eq!(report.stats.changes, 3, "S2.6 {:?}", report.stats);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_missing_proves_nothing() {
    let house = house(250);
    let sync = house.connect().await;
    for fault in [Fault::EmptyPage, Fault::Garbage, Fault::WrongTotal] {
        house.simulator.set_faults(Faults::one(FaultRule::always(fault).on_path(LIST).starting_after(1)));
        let report = sync.sync_domain_statuses(house.all(), forced(), |_| ()).await.unwrap();
        assert_eq!(report.stats.changes, 0, "S6.5 {:?}", report.results.iter().find(|result| result.is_changed()));
        for result in report.results.iter().filter(|result| !result.success) {
            assert_eq!(result.error_code, Some(ErrorKind::NotFound), "S6.5 {result:?}");
        }
    }
}

#[tokio::test]
async fn a_status_alone_is_synced_and_an_unknown_word_is_left_alone() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    house.at_registrar(&domain, |there| {
        there.current_status = "Suspended".into();
        there.nameservers = vec!["ns1.other.example".into()];
    });
    let result = sync.sync_domain_status(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(result.changes.unwrap().0.len(), 1, "S3.7");
    assert_eq!(house.column(&domain, "status"), "suspended");
    house.at_registrar(&domain, |there| there.current_status = "Marinated".into());
    let result = sync.sync_domain_status(name(&domain), &forced()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S3.1 {result:?}");
    assert_eq!(house.metadata(&domain)["unknown_status"], "Marinated", "S3.1");
}

#[tokio::test]
async fn what_the_account_does_not_have_is_flagged_and_never_made_worse() {
    let house = house(60);
    let sync = house.connect().await;
    let domains = house.actives(3);
    house.simulator.with_world(|world| assert!(world.remove(&domains[0])));
    house.at_registrar(&domains[1], |there| {
        there.current_status = "Shared".into();
        there.expires = Some(house.now.timestamp() + 2 * 365 * 86_400);
    });
    house.at_registrar(&domains[2], |there| {
        there.current_status = "FreeDNS".into();
        there.nameservers = vec!["freedns1.example".into()];
    });
    for domain in &domains {
        let before = (house.column(domain, "status"), house.column(domain, "expires_at"));
        let result = sync.sync_domain(name(domain), &SyncOptions::default()).await.unwrap();
        assert_eq!(
            (result.success, result.error_code, result.needs_review, result.attempts),
            (false, Some(ErrorKind::NotFound), true, 1),
            "S6.5 {result:?}"
        );
        assert_eq!((house.column(domain, "status"), house.column(domain, "expires_at")), before, "S2.5");
        assert_eq!(house.column(domain, "last_synced_at"), Value::Null, "S6.3");
    }
}

#[tokio::test]
async fn a_domain_on_its_way_in_or_being_registered_is_no_failure() {
    let house = house(1_000);
    let sync = house.connect().await;
    let domain = first(&house, is_arriving).name;
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && result.transfer_in_progress, "S3.3 {result:?}");
    assert_eq!(house.column(&domain, "status"), "pending_transfer");
    let domain = first(&house, |domain| domain.is_pending() && !is_arriving(domain)).name;
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed() && !result.needs_review, "S2.5 {result:?}");
    assert_eq!(house.column(&domain, "status"), "pending_registration");
}

#[tokio::test]
async fn an_international_name_and_one_below_two_labels_are_asked_for_whole() {
    let house = house(2_000);
    let sync = house.connect().await;
    let is_plain = |domain: &SimDomain| domain.current_status == "Active" && !domain.privacy;
    let accented = first(&house, |domain| is_plain(domain) && domain.name.contains("xn--")).name;
    let below = first(&house, |domain| is_plain(domain) && domain.name.ends_with(".co.uk")).name;
    for domain in [accented, below] {
        let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
        assert!(result.success && !result.is_changed(), "S3.5 {result:?}");
    }
}

#[tokio::test]
async fn fields_that_are_missing_leave_the_local_ones() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    let before = house.database.query("SELECT * FROM domain_nameservers ORDER BY id");
    let body = format!(
        "<ApiResponse Status='OK'><CommandResponse><DomainGetInfoResult Status='Ok' DomainName='{domain}'/>\
         <DomainContactsResult Domain='{domain}'><Registrant><City/></Registrant></DomainContactsResult></CommandResponse></ApiResponse>"
    );
    house.simulator.set_faults(Fault::Verbatim { status: 200, body });
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S2.3 {result:?}");
    assert_eq!(house.database.query("SELECT * FROM domain_nameservers ORDER BY id"), before, "S2.3");
}

#[tokio::test]
async fn a_refused_address_is_named() {
    let house = house(60);
    let sync = house.connect().await;
    let refused = "<ApiResponse Status='ERROR'><Errors><Error Number='1011150'>Invalid request IP: 198.51.100.9</Error></Errors></ApiResponse>";
    house.simulator.set_faults(Fault::Verbatim { status: 200, body: refused.to_owned() });
    let result = sync.sync_domain(name(&house.active()), &forced()).await.unwrap();
    assert_eq!(result.error_code, Some(ErrorKind::Auth));
    assert!(result.error.unwrap().contains("198.51.100.9"), "the address is named");
}

#[tokio::test]
async fn over_the_limit_is_405_and_waits_for_the_window() {
    let mut house = house(60);
    // Shorter than the minute that a 405 costs, so that the wait is seen to be refused and not sat out.
    house.config["domain"]["sync_timeout"] = json!(5);
    let sync = house.connect().await;
    let domain = house.active();
    house.simulator.set_rate_limit(Some(RateLimit::per_seconds(1, 3_600)));
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!((result.error_code, result.attempts), (Some(ErrorKind::RateLimited), 1), "S6.2 {result:?}");
    assert_eq!(house.simulator.stats().requests, 2, "the contacts were over the limit");
    house.simulator.set_rate_limit(None);
    let again = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(again.error_code, Some(ErrorKind::RateLimited), "S6.2: the whole account is left alone for that minute");
    assert_eq!(house.simulator.stats().requests, 2, "S6.2");
    let later = house.connect().await.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(later.success, "{later:?}");
}

/// What only this registrar answers: the kind it gives, how often it is asked.
fn matrix() -> Vec<conformance::Case> {
    use ErrorKind::{InvalidResponse, Network, Rejected};
    let verbatim = |status, body: &str| Fault::Verbatim { status, body: body.to_owned() };
    let error = |number: u32| {
        format!("<ApiResponse Status='ERROR'><Errors><Error Number='{number}'>x</Error></Errors></ApiResponse>")
    };
    vec![
        ("cut XML", verbatim(200, "<ApiResponse Status='OK'><CommandResponse>"), InvalidResponse, 1),
        ("a bomb", verbatim(200, "<!DOCTYPE a [<!ENTITY b 'c'>]><ApiResponse Status='&b;'/>"), InvalidResponse, 1),
        ("a failure of theirs", verbatim(200, &error(5_050_900)), Network, 3),
        ("a refusal", verbatim(500, &error(2_030_166)), Rejected, 1),
    ]
}

#[tokio::test]
async fn each_answer_of_its_own_has_its_kind_and_leaves_the_domain_alone() {
    let house = house(60);
    let domain = house.active();
    conformance::each_fault(house, &domain, matrix()).await;
}

#[tokio::test]
async fn prices_in_force_are_left_alone_and_promotions_never_become_them() {
    let house = house(10);
    let sync = house.connect().await;
    let before = house.database.count("tld_prices");
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    assert!(report.success, "{:?}", report.errors);
    assert_eq!(
        (report.changes.len(), house.database.count("tld_prices")),
        (0, before),
        "S5.1 {:?}",
        report.changes.first()
    );
    assert_eq!((house.simulator.stats().requests, report.currency.unwrap().as_str()), (1, "USD"));

    house.simulator.with_world(|world| {
        world.set_price("com", PriceTable::Reseller, PriceAction::Register, Some(1), Some("5.20"));
        world.set_price("net", PriceTable::Cost, PriceAction::Renew, Some(2), Some("14.11"));
        world.set_price("org", PriceTable::Cost, PriceAction::Renew, Some(1), Some("0"));
    });
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    let changes: Vec<_> =
        report.changes.iter().map(|change| (change.tld.as_str(), change.years, change.new.as_str())).collect();
    assert_eq!(changes, [("net", 2, "28.22")], "S5.4: a promotion is no base price; a price of zero is none");
}

#[tokio::test]
async fn the_account_s_own_prices_are_taken_where_that_is_set() {
    let mut house = house(10);
    house.config["registrar"]["registrars"][SLUG]["discounted_prices"] = json!(true);
    let sync = house.connect().await;
    house
        .simulator
        .with_world(|world| world.set_price("com", PriceTable::Reseller, PriceAction::Register, Some(1), Some("5.20")));
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    let changes: Vec<_> = report.changes.iter().map(|change| (change.tld.as_str(), change.new.as_str())).collect();
    assert_eq!(changes, [("com", "5.20")]);
}

#[tokio::test]
async fn prices_in_another_currency_or_none_at_all_are_refused() {
    let mut house = house(10);
    house.config["registrar"]["registrars"][SLUG]["currency"] = "BDT".into();
    let sync = house.connect().await;
    let before = house.database.count("tld_prices");
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    assert_eq!(report.errors[0].error_code, ErrorKind::Rejected, "S5.4");
    house.simulator.set_faults(Fault::Garbage);
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    assert_eq!((report.success, report.error_code), (false, Some(ErrorKind::InvalidResponse)), "S6.1 {report:?}");
    assert_eq!(house.database.count("tld_prices"), before, "S5.4");
}
