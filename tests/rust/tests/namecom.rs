//! Name.com, from its wire to the application's rows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_simulator::{Api, Fault, FaultRule, Faults, PriceAction, PriceTable, SimDomain};
use domaindesk_sync::{ErrorKind, Selection, SyncOptions};
use domaindesk_tests::{House, conformance, forced, name};
use serde_json::json;

const SLUG: &str = "namecom";
const DETAILS: &str = "domain";
const LIST: &str = "list";
const PRICES: &str = "prices";
const TRANSFERS: &str = "v4/transfers";
const DAY: i64 = 86_400;

fn house(domains: u64) -> House {
    House::at(Api::NameCom, SLUG, json!({"username": "777", "token": "simulated"}), domains)
}

fn these<'n>(names: impl IntoIterator<Item = &'n String>) -> Selection {
    Selection::Domains(names.into_iter().map(|domain| name(domain)).collect())
}

#[tokio::test]
async fn a_domain_in_step_is_one_request_and_no_change() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S3.4, S3.5, S3.6 {result:?}");
    assert!(result.warnings.is_empty(), "{result:?}");
    let stats = house.simulator.stats();
    assert_eq!((stats.requests, stats.of_path(DETAILS)), (1, 1));
    assert_eq!(house.metadata(&domain)["registrar_status"], "registered", "S4.2");
}

#[tokio::test]
async fn what_a_registrar_decides_is_written_and_what_it_leaves_out_stays() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    house.at_registrar(&domain, |there| {
        there.expires = Some(house.now.timestamp() + 500 * DAY);
        there.nameservers = (1..=13).map(|place| format!("ns{place}.thirteen.example")).collect();
        there.contacts[3].name = "Bill van Other".into();
    });
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    let changes = result.changes.unwrap();
    let fields: Vec<_> = changes.0.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["expires_at", "nameservers", "contacts.billing"], "S2.1");
    // "Fields equal to their default are left out"
    house.at_registrar(&domain, |there| {
        there.nameservers.clear();
        there.contacts.iter_mut().for_each(|contact| contact.company.clear());
    });
    let before = house.everything();
    let again = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert!(!again.is_changed(), "S2.3 {again:?}");
    assert_eq!(before[1..4], house.everything()[1..4], "S2.3: nameservers, contacts and audit rows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statuses_are_the_pages_of_the_list_and_what_a_row_cannot_say() {
    let house = house(2_300);
    let sync = house.connect().await;
    let soon = house.actives(3);
    let now = house.now.timestamp();
    house.at_registrar(&soon[0], |there| there.expires = Some(now - 3 * DAY));
    house.at_registrar(&soon[1], |there| there.expires = Some(now - 31 * DAY));
    let report = sync.sync_domain_statuses(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    let stats = house.simulator.stats();
    assert_eq!(stats.of_path(LIST), 3, "S7.3: ceil(N / 1000)");
    let asked = stats.of_path(DETAILS);
    // Nobody knows more of these than their details: what is not in the account or long ended, and what a row would lift.
    let closer = house.simulator.with_world(|world| {
        let is_closer = |domain: &SimDomain| {
            let is_held = domain.current_status != "Active"
                || domain.order_status.iter().any(|word| word == "resellersuspend")
                || domain.raa.as_deref() == Some("Suspended");
            is_held || domain.expires.is_none_or(|end| end <= now)
        };
        world.domains().filter(is_closer).count() as u64
    });
    assert!(asked > 0 && asked <= closer, "S3.7: {asked} of {closer}");
    assert_eq!(house.column(&soon[0], "status"), "grace_period", "{:?}", report.stats);
    assert_eq!(house.column(&soon[1], "status"), "active", "S2.5: after the days of grace nobody knows");
    assert_eq!(house.metadata(&soon[1])["needs_review"], true, "S2.5");
    assert_eq!(house.column(&soon[2], "status"), "active");
    // Renewed: the details tell so, too.
    house.at_registrar(&soon[0], |there| there.expires = Some(now + 300 * DAY));
    sync.sync_domain_statuses(these(&soon), forced(), |_| ()).await.unwrap();
    assert_eq!(house.column(&soon[0], "status"), "active", "S2.6");
}

#[tokio::test]
async fn rows_and_details_say_the_same_of_what_the_api_never_tells() {
    let house = house(60);
    let sync = house.connect().await;
    let domains = house.actives(4);
    let now = house.now.timestamp();
    for (domain, local, days, wanted) in [
        (&domains[0], "suspended", 40, "suspended"),
        (&domains[1], "redemption", -10, "redemption"),
        (&domains[2], "redemption", 300, "active"),
        (&domains[3], "expired", -10, "grace_period"),
    ] {
        house.at_registrar(domain, |there| there.expires = Some(now + days * DAY));
        for by_list in [false, true] {
            house.database.execute(&format!("UPDATE domains SET status = '{local}' WHERE name = '{domain}'"));
            if by_list {
                let report = sync.sync_domain_statuses(these(&domains), forced(), |_| ()).await.unwrap();
                assert_eq!(report.stats.failed, 0, "{report:?}");
            } else {
                assert!(sync.sync_domain_status(name(domain), &forced()).await.unwrap().success);
            }
            assert_eq!(house.column(domain, "status"), wanted, "S2.3, S3.7 {local} {days} {by_list}");
        }
    }
}

#[tokio::test]
async fn what_arrives_is_left_to_the_transfer_and_what_is_not_there_to_a_person() {
    let house = house(1_000);
    let sync = house.connect().await;
    let arriving = house.simulator.with_world(|world| {
        let is_arriving = |domain: &SimDomain| domain.action_type.as_deref() == Some("AddTransferDomain");
        world.domains().find(is_arriving).expect("the world has such a domain").name
    });
    assert_eq!(house.column(&arriving, "status"), "pending_transfer");
    let result = sync.sync_domain(name(&arriving), &SyncOptions::default()).await.unwrap();
    assert!(result.success && result.transfer_in_progress && !result.needs_review, "S3.3 {result:?}");
    assert_eq!(house.simulator.stats().of_path(TRANSFERS), 1);
    assert_eq!(house.metadata(&arriving)["registrar_status"], "Pending Approval", "S4.2");

    let domain = house.active();
    house.simulator.with_world(|world| assert!(world.remove(&domain) && world.remove(&arriving)));
    for domain in [&domain, &arriving] {
        let before = (house.column(domain, "status"), house.column(domain, "expires_at"));
        let result = sync.sync_domain(name(domain), &forced()).await.unwrap();
        let told = (result.error_code, result.needs_review, result.attempts);
        assert_eq!(told, (Some(ErrorKind::NotFound), true, 1), "S6.5 {result:?}");
        assert_eq!((house.column(domain, "status"), house.column(domain, "expires_at")), before, "S2.5");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_missing_or_one_too_many_proves_nothing() {
    let house = house(1_100);
    let sync = house.connect().await;
    sync.sync_domain_statuses(house.all(), forced(), |_| ()).await.unwrap();
    for fault in [Fault::EmptyPage, Fault::EmptyList, Fault::WrongTotal, Fault::Garbage, Fault::WrongShape] {
        house.simulator.set_faults(Faults::one(FaultRule::always(fault.clone()).on_path(LIST)));
        let report = sync.sync_domain_statuses(house.all(), forced(), |_| ()).await.unwrap();
        let absent =
            report.results.iter().filter(|result| result.error_code == Some(ErrorKind::NotFound)).count() as u64;
        assert_eq!((report.stats.changes, report.stats.failed), (0, absent), "S6.5 {fault:?} {:?}", report.stats);
        assert!(absent < 50, "S6.5: those that are not in the account: {absent}");
    }
}

#[tokio::test]
async fn each_answer_of_its_own_has_its_kind_and_leaves_the_domain_alone() {
    use ErrorKind::{Auth, InvalidResponse, Network, NotFound, Rejected};
    let verbatim = |status, body: &str| Fault::Verbatim { status, body: body.to_owned() };
    let house = house(60);
    let domain = house.active();
    let cases = vec![
        ("their failure", verbatim(500, r#"{"message":"Internal Server Error"}"#), Network, 3),
        ("no such name", verbatim(404, r#"{"message":"Not Found"}"#), NotFound, 1),
        ("no such API", verbatim(404, "<html>404</html>"), InvalidResponse, 1),
        ("a wrong request", verbatim(400, r#"{"message":"Invalid Argument","details":"x"}"#), Rejected, 1),
        ("no access", verbatim(403, r#"{"message":"Permission Denied"}"#), Auth, 1),
    ];
    conformance::each_fault(house, &domain, cases).await;
}

#[tokio::test]
async fn prices_in_force_are_left_alone_and_a_promotion_is_none() {
    let house = house(10);
    let sync = house.connect().await;
    let tlds = house.simulator.with_world(|world| world.tlds().len() as u64);
    let before = house.database.count("tld_prices");
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    assert_eq!((report.changes.len(), report.errors.len()), (0, 0), "S5.1, S5.4 {:?}", report.changes);
    assert_eq!(house.database.count("tld_prices"), before);
    assert_eq!(house.simulator.stats().of_path(PRICES), 2 * tlds.div_ceil(25));
    assert_eq!(report.currency.unwrap().as_str(), "USD", "S5.4");

    house.simulator.with_world(|world| {
        world.set_price("com", PriceTable::Cost, PriceAction::Renew, None, Some("13.00"));
        // A discount for several years shows that nothing is known of more of them.
        world.set_price("net", PriceTable::Cost, PriceAction::Register, Some(2), Some("9.00"));
        world.set_price("net", PriceTable::Cost, PriceAction::Register, Some(1), Some("13.50"));
    });
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    let changes: Vec<_> = report.changes.iter().map(|change| (&*change.tld, change.years, &*change.new)).collect();
    let renewals: Vec<_> = (1..=10).map(|years| ("com", years, format!("{}.00", 13 * u32::from(years)))).collect();
    let net = changes.iter().filter(|(tld, ..)| *tld == "net").copied().collect::<Vec<_>>();
    assert_eq!(net, [("net", 1, "13.50")], "S5.1: what cannot be relied on is not stored");
    for (tld, years, price) in &renewals {
        assert!(changes.contains(&(*tld, *years, price)), "S5.2 {years} {changes:?}");
    }
    assert_eq!(changes.len(), renewals.len() + 1, "{changes:?}");
}
