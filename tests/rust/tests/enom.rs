//! Enom, from its wire to the application's rows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_simulator::{Api, Fault, FaultRule, Faults, PriceAction, PriceTable, RateLimit, SimDomain};
use domaindesk_sync::{ErrorKind, SyncOptions};
use domaindesk_tests::{House, conformance, forced, name};
use serde_json::json;

const SLUG: &str = "enom";
const INFO: &str = "GetDomainInfo";
const CONTACTS: &str = "GetContacts";
const ALL: &str = "GetAllDomains";
const EXPIRED: &str = "GetExpiredDomains";
const HOLD: &str = "GetRegistrationStatus";

fn house(domains: u64) -> House {
    House::at(Api::Enom, SLUG, json!({"uid": "777", "pw": "simulated"}), domains)
}

fn first(house: &House, fits: impl Fn(&SimDomain) -> bool) -> SimDomain {
    house.simulator.with_world(|world| world.domains().find(fits)).expect("the world has such a domain")
}

/// Whether the account has nothing of a domain.
fn is_away(domain: &SimDomain) -> bool {
    ["Deleted", "Archived", "QueuedForDeletion"].contains(&domain.current_status.as_str())
}

#[tokio::test]
async fn a_domain_in_step_is_two_requests_and_no_change() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S3.4, S3.5, S3.6, S3.8 {result:?}");
    assert!(result.warnings.is_empty(), "{result:?}");
    let stats = house.simulator.stats();
    assert_eq!((stats.requests, stats.of_path(INFO), stats.of_path(CONTACTS)), (2, 1, 1));
    assert_eq!(house.metadata(&domain)["registrar_status"], "Registered", "S4.2");
}

#[tokio::test]
async fn everything_that_a_registrar_decides_is_written() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    // 01:23 in UTC is the day before in Pacific time.
    let expires = (house.now.timestamp() + 500 * 86_400) / 86_400 * 86_400 + 83 * 60;
    house.at_registrar(&domain, |there| {
        there.expires = Some(expires);
        there.nameservers = (1..=13).map(|place| format!("ns{place}.thirteen.example")).collect();
        there.raa = Some("Suspended".into());
        there.contacts[3].name = "Bill van Other".into();
    });
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    let changes = result.changes.unwrap();
    for field in ["status", "expires_at", "nameservers", "contacts.billing"] {
        assert!(changes.get(field).is_some(), "S2.1 {field}: {changes:?}");
    }
    assert!(changes.get("contacts.registrant").is_none(), "S3.6 {changes:?}");
    assert_eq!(house.column(&domain, "status"), "suspended");
    let stored = chrono::DateTime::from_timestamp(expires, 0).unwrap().format("%Y-%m-%d %H:%M:%S").to_string();
    assert_eq!(house.column(&domain, "expires_at"), stored, "S3.8");
    let id = house.id(&domain);
    let hosts = house.database.one(&format!("SELECT COUNT(*) FROM domain_nameservers WHERE domain_id = {id}"));
    assert_eq!(hosts, json!(13), "S3.5");
    let again = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert!(!again.is_changed(), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_account_s_statuses_are_two_requests_and_those_that_are_not_told() {
    let house = house(1_500);
    let sync = house.connect().await;
    let redeemed = house.actives(2);
    for domain in &redeemed {
        let expires = Some(house.now.timestamp() - 35 * 86_400);
        house.at_registrar(domain, |there| {
            there.current_status = "Pending Delete Restorable".into();
            there.expires = expires;
        });
    }
    let (missing, suspended) = house.simulator.with_world(|world| {
        let missing = world.domains().filter(|domain| is_away(domain) || domain.is_pending()).count() as u64;
        (missing, house.database.one("SELECT COUNT(*) FROM domains WHERE status = 'suspended'").as_u64().unwrap())
    });
    let away = house.simulator.with_world(|world| world.domains().filter(is_away).count() as u64);
    assert!(suspended > 0 && missing > away && away > 0, "the world has domains of every kind");
    let report = sync.sync_domain_statuses(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    let stats = house.simulator.stats();
    assert_eq!((stats.of_path(ALL), stats.of_path(EXPIRED)), (1, 1), "S7.3");
    assert_eq!(stats.of_path(INFO), missing + suspended, "S3.7, S6.5: what the list lacks, and what it would lift");
    let changed: Vec<_> = report.results.iter().filter(|result| result.is_changed()).collect();
    assert_eq!(changed.len(), 2, "{changed:?}");
    assert_eq!(report.stats.failed, away, "S6.5 {:?}", report.stats);
    for result in report.results.iter().filter(|result| !result.success) {
        assert_eq!((result.error_code, result.needs_review), (Some(ErrorKind::NotFound), true), "S6.5 {result:?}");
    }
    for domain in &redeemed {
        assert_eq!(house.column(domain, "status"), "redemption");
        assert_eq!(house.metadata(domain)["registrar_status"], "RGP", "S4.2");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_was_cut_proves_nothing() {
    let house = house(150);
    let sync = house.connect().await;
    for (list, fault) in [
        (ALL, Fault::EmptyPage),
        (ALL, Fault::WrongTotal),
        (EXPIRED, Fault::EmptyPage),
        (ALL, Fault::EmptyList),
        (ALL, Fault::Garbage),
    ] {
        house.simulator.set_faults(Faults::one(FaultRule::always(fault.clone()).on_path(list).for_next(2)));
        let report = sync.sync_domain_statuses(house.all(), forced(), |_| ()).await.unwrap();
        let changed = report.results.iter().find(|result| result.is_changed());
        assert_eq!(report.stats.changes, 0, "S6.5 {list} {fault:?}: {changed:?}");
        for result in report.results.iter().filter(|result| !result.success) {
            assert_eq!(result.error_code, Some(ErrorKind::NotFound), "S6.5 {result:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_batch_asks_once_how_far_domains_have_expired() {
    let house = house(300);
    let sync = house.connect().await;
    let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    let away = house.simulator.with_world(|world| world.domains().filter(is_away).count() as u64);
    let changed = report.results.iter().find(|result| result.is_changed());
    assert_eq!((report.stats.failed, report.stats.changes), (away, 0), "{changed:?}");
    let lists = house.simulator.stats().of_path(EXPIRED);
    // As many as were under way before the first was answered, at most.
    assert!((1..=16).contains(&lists), "{lists}");
}

#[tokio::test]
async fn a_hold_is_looked_for_before_a_domain_is_lifted() {
    let house = house(1_000);
    let sync = house.connect().await;
    let is_plain = |domain: &SimDomain| domain.current_status == "Suspended";
    let domain = first(&house, is_plain).name;
    assert_eq!(house.column(&domain, "status"), "suspended");
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S3.7 {result:?}");
    assert_eq!((house.simulator.stats().requests, house.simulator.stats().of_path(HOLD)), (3, 1));
    // The answer is refused: nothing is lifted without proof.
    let blocked = "<interface-response><ErrCount>1</ErrCount><errors><Err1>No</Err1></errors><Done>true</Done></interface-response>";
    let fault = Fault::Verbatim { status: 200, body: blocked.to_owned() };
    house.simulator.set_faults(Faults::one(FaultRule::always(fault).on_path(HOLD)));
    house.at_registrar(&domain, |there| there.current_status = "Active".into());
    let result = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S3.7 {result:?}");
    house.simulator.clear_faults();
    sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert_eq!(house.column(&domain, "status"), "active", "S2.6");
}

#[tokio::test]
async fn a_status_alone_is_synced_and_an_unknown_word_is_left_alone() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    house.at_registrar(&domain, |there| {
        there.expires = Some(house.now.timestamp() - 86_400);
        there.nameservers = vec!["ns1.other.example".into()];
    });
    let result = sync.sync_domain_status(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(result.changes.unwrap().0.len(), 1, "S3.7");
    assert_eq!(house.column(&domain, "status"), "grace_period");
    let other = house.active();
    for word in ["Hosted", "Marinated"] {
        house.at_registrar(&other, |there| there.current_status = word.into());
        let result = sync.sync_domain_status(name(&other), &forced()).await.unwrap();
        assert!(result.success && !result.is_changed(), "S3.1 {result:?}");
        assert_eq!(house.metadata(&other)["unknown_status"], word, "S3.1");
    }
}

#[tokio::test]
async fn names_are_split_where_their_registries_do() {
    let house = house(3_000);
    let sync = house.connect().await;
    let is_plain = |domain: &SimDomain| domain.current_status == "Active" && !domain.privacy;
    let ends = [".co.uk", ".uk", ".com.bd", ".com.au", ".co.in", ".online"];
    let mut domains: Vec<_> =
        ends.map(|end| first(&house, |domain| is_plain(domain) && domain.name.ends_with(end)).name).into();
    domains.push(first(&house, |domain| is_plain(domain) && domain.name.contains("xn--")).name);
    for domain in domains {
        let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
        assert!(result.success && !result.is_changed(), "S3.5 {result:?}");
    }
}

#[tokio::test]
async fn a_limit_that_answers_429_is_waited_for() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    let over = domaindesk_simulator::OverLimit::TooManyRequests { retry_after: Some("1".to_owned()) };
    house.simulator.set_rate_limit(Some(RateLimit { requests: 1, window_ms: 900, over }));
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    // The contacts are over the limit, and asking for both anew is so again.
    assert_eq!((result.error_code, result.attempts), (Some(ErrorKind::RateLimited), 3), "S6.2 {result:?}");
    house.simulator.set_rate_limit(Some(RateLimit::per_seconds(2, 3_600)));
    assert!(sync.sync_domain(name(&domain), &forced()).await.unwrap().success);
    let result = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert_eq!(result.error_code, Some(ErrorKind::Auth), "a page of a blocked address {result:?}");
}

/// What only this registrar answers: the kind it gives, how often it is asked.
fn matrix() -> Vec<conformance::Case> {
    use ErrorKind::{Auth, InvalidResponse, Network, Rejected};
    let verbatim = |status, body: &str| Fault::Verbatim { status, body: body.to_owned() };
    let error = |text: &str, number: u32| {
        format!(
            "<interface-response><ErrCount>1</ErrCount><errors><Err1>{text}</Err1></errors><responses><response>\
             <ResponseNumber>{number}</ResponseNumber></response></responses><Done>true</Done></interface-response>"
        )
    };
    vec![
        (
            "a bomb",
            verbatim(200, "<!DOCTYPE a [<!ENTITY b 'c'>]><interface-response>&b;</interface-response>"),
            InvalidResponse,
            2,
        ),
        ("not done", verbatim(200, "<interface-response><ErrCount>0</ErrCount></interface-response>"), Network, 3),
        ("a failure of theirs", verbatim(200, &error("System error", 620_397)), Network, 3),
        ("an address", verbatim(200, &error("User not permitted from this IP address", 713_254)), Auth, 1),
        ("a refusal", verbatim(500, &error("No", 540_001)), Rejected, 1),
    ]
}

#[tokio::test]
async fn each_answer_of_its_own_has_its_kind_and_leaves_the_domain_alone() {
    let house = house(60);
    let domain = house.active();
    conformance::each_fault(house, &domain, matrix()).await;
}

#[tokio::test]
async fn prices_in_force_are_left_alone_and_new_ones_are_written() {
    let mut house = house(10);
    house.config["registrar"]["registrars"][SLUG]["currency"] = "USD".into();
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
    assert_eq!((house.simulator.stats().requests, report.currency.unwrap().as_str()), (4, "USD"), "S7.3");

    house.simulator.with_world(|world| {
        // A bracket is several terms.
        world.set_price("com", PriceTable::Cost, PriceAction::Renew, Some(2), Some("11.50"));
        world.set_price("net", PriceTable::Cost, PriceAction::Transfer, None, None);
        world.set_price("org", PriceTable::Cost, PriceAction::Renew, Some(1), Some("1149.00"));
        world.set_price("io", PriceTable::Customer, PriceAction::Renew, Some(1), Some("1.00"));
    });
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    let changes: Vec<_> =
        report.changes.iter().map(|change| (change.tld.as_str(), change.years, change.new.as_str())).collect();
    assert_eq!(changes, [("com", 2, "23.00"), ("com", 3, "34.50"), ("com", 4, "46.00")], "S5.1");
    assert_eq!(report.held.len(), 1, "S5.5: more than a factor of ten");
    house.simulator.set_faults(Fault::Garbage);
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    assert_eq!((report.success, report.error_code), (false, Some(ErrorKind::InvalidResponse)), "S6.1 {report:?}");
}
