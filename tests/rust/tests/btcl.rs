//! BTCL, from its wire to the application's rows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_simulator::{Api, Fault, PriceAction, PriceTable, RateLimit, SimDomain};
use domaindesk_sync::{ErrorKind, Selection, SyncOptions};
use domaindesk_tests::{House, conformance, forced, name};
use serde_json::json;

const SLUG: &str = "btcl";
const INFO: &str = "domain_info.do";
const RATES: &str = "domain_rates.do";
const DAY: i64 = 86_400;

fn house(domains: u64) -> House {
    let mut house = House::at(Api::Btcl, SLUG, json!({"username": "777", "password": "simulated"}), domains);
    // As the simulated application sees it; without it there are no days of grace here.
    house.config["registrar"]["registrars"][SLUG]["grace_days"] = json!({"com.bd": 30});
    house
}

/// Ordinary names below `com.bd`, which are active for another month at least and have as many nameservers as fit.
fn actives(house: &House, count: usize) -> Vec<String> {
    let later = house.now.timestamp() + 31 * DAY;
    let is_ordinary = |domain: &SimDomain| {
        domain.current_status == "Active"
            && domain.name.ends_with(".com.bd")
            && !domain.name.contains("xn--")
            && domain.expires.is_some_and(|end| end > later)
            && domain.order_status.iter().all(|word| word != "resellersuspend")
            && domain.raa.as_deref() != Some("Suspended")
            && domain.nameservers.len() < 4
    };
    let names: Vec<_> = house
        .simulator
        .with_world(|world| world.domains().filter(is_ordinary).map(|domain| domain.name).take(count).collect());
    assert_eq!(names.len(), count, "the world has too few such domains");
    names
}

fn active(house: &House) -> String {
    actives(house, 1).remove(0)
}

fn these(names: &[String]) -> Selection {
    Selection::Domains(names.iter().map(|domain| name(domain)).collect())
}

#[tokio::test]
async fn a_domain_in_step_is_one_request_and_no_change() {
    let house = house(200);
    let sync = house.connect().await;
    let domain = active(&house);
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S3.4, S3.5, S3.6 {result:?}");
    assert!(result.warnings.is_empty(), "{result:?}");
    let stats = house.simulator.stats();
    assert_eq!((stats.requests, stats.of_path(INFO)), (1, 1));
    assert_eq!(house.metadata(&domain)["registrar_status"], "registered", "S4.2");
}

#[tokio::test]
async fn everything_that_a_registrar_decides_is_written() {
    let house = house(200);
    let sync = house.connect().await;
    let domain = active(&house);
    // The 5th of a month, which an American reader takes for another month.
    let expires = chrono::NaiveDate::from_ymd_opt(2029, 11, 5).unwrap().and_time(chrono::NaiveTime::MIN).and_utc();
    house.at_registrar(&domain, |there| {
        there.expires = Some(expires.timestamp() + 40_000);
        there.nameservers = (1..=3).map(|place| format!("ns{place}.moved.example")).collect();
        there.contacts[0].name = "Jane van Other".into();
    });
    let id = house.id(&domain);
    let others = format!("SELECT * FROM domain_contacts WHERE domain_id = {id} AND type <> 'registrant' ORDER BY id");
    let before = house.database.query(&others);
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    let changes = result.changes.unwrap();
    let fields: Vec<_> = changes.0.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["expires_at", "nameservers", "contacts.registrant"], "S2.1");
    assert_eq!(house.column(&domain, "expires_at"), "2029-11-05 00:00:00", "S3.4: a date is midnight UTC");
    let registrant = house.database.query(&format!(
        "SELECT first_name, last_name, city FROM domain_contacts WHERE domain_id = {id} AND type = 'registrant' ORDER BY id"
    ));
    assert_eq!(registrant[0][..2], [json!("Jane van"), json!("Other")], "S3.6");
    assert_ne!(registrant[0][2], json!(""), "S2.3: what is not told stays");
    assert_eq!(house.database.query(&others), before, "S2.3: of the other contacts nothing is told");
    let again = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert!(!again.is_changed(), "{again:?}");
}

/// "`clientNid` is the registrant's national identity number: personal data. Do not store, do not log, do not put into an
/// audit row."
#[tokio::test]
async fn the_national_identity_number_is_kept_nowhere() {
    let house = house(200);
    let sync = house.connect().await;
    let domains = actives(&house, 5);
    for domain in &domains {
        house.at_registrar(domain, |there| there.contacts[0].city = "Moved".into());
        house.at_registrar(domain, |there| there.contacts[0].email = "moved@example.com".into());
    }
    let report = sync.sync_domains(these(&domains), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(report.stats.changes, 5, "{:?}", report.stats);
    house.simulator.set_faults(Fault::OtherDomain);
    let refused = sync.sync_domain(name(&domains[0]), &forced()).await.unwrap();
    assert_eq!(refused.error_code, Some(ErrorKind::InvalidResponse), "S2.5 {refused:?}");
    let kept = format!("{:?} {report:?} {refused:?}", house.everything());
    let ids = house.simulator.with_world(|world| world.domains().map(|domain| domain.order_id).collect::<Vec<_>>());
    // As the simulator makes them: 77 and eleven digits.
    assert!(ids.iter().all(|id| !kept.contains(&format!("77{:011}", id * 31))), "no number is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_a_request_a_domain_and_in_step_with_the_rest() {
    let house = house(400);
    let sync = house.connect().await;
    let domains = actives(&house, 12);
    house.at_registrar(&domains[3], |there| there.expires = Some(house.now.timestamp() + 700 * DAY));
    let report = sync.sync_domains(these(&domains), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.synced, report.stats.changes, report.stats.failed), (12, 1, 0), "{:?}", report.stats);
    assert_eq!(house.simulator.stats().of_path(INFO), 12, "S7.3: nothing cheaper exists");
    let report = sync.sync_domain_statuses(these(&domains), forced(), |_| ()).await.unwrap();
    assert_eq!((report.stats.synced, report.stats.changes), (12, 0));
}

/// The table of (8).
#[tokio::test]
async fn the_status_is_that_of_the_day_and_of_the_codes() {
    let house = house(1_000);
    let sync = house.connect().await;
    let now = house.now.timestamp();
    let domains = actives(&house, 8);
    for (domain, word, days, status, review) in [
        (&domains[0], "Active", 0, "active", false),
        (&domains[1], "Active", -2, "grace_period", false),
        (&domains[2], "Active", -40, "expired", false),
        (&domains[3], "Pending Delete Restorable", -40, "redemption", false),
        (&domains[4], "Suspended", 40, "active", false),
        (&domains[5], "Deleted", -90, "active", true),
        (&domains[6], "Foreign", 40, "active", true),
    ] {
        house.at_registrar(domain, |there| {
            (there.current_status, there.expires) = (word.to_owned(), Some(now + days * DAY));
        });
        let result = sync.sync_domain_status(name(domain), &SyncOptions::default()).await.unwrap();
        assert_eq!(house.column(domain, "status"), status, "S2.5 {word} {days}: {result:?}");
        assert_eq!(result.needs_review, review, "S6.5 {word}: {result:?}");
    }
    assert_eq!(house.metadata(&domains[4])["unknown_status"], "4011 Domain is not active", "S3.1");
    let pending = house.simulator.with_world(|world| {
        let is_new = |domain: &SimDomain| domain.is_pending() && domain.action_type.as_deref() == Some("AddNewDomain");
        world.domains().find(is_new).unwrap().name
    });
    let result = sync.sync_domain(name(&pending), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed() && !result.needs_review, "S2.5 {result:?}");
    assert_eq!(house.column(&pending, "status"), "pending_registration");
}

#[tokio::test]
async fn fields_that_are_missing_leave_the_local_ones() {
    let house = house(200);
    let sync = house.connect().await;
    let domain = active(&house);
    let before = house.database.query("SELECT * FROM domain_nameservers ORDER BY id");
    for body in
        [r#"{"responseCode": "2000"}"#, r#"{"response_code": 2000, "expiryDate": "25-11-2028", "clientNid": 1}"#]
    {
        house.simulator.set_faults(Fault::Verbatim { status: 500, body: body.to_owned() });
        let result = sync.sync_domain(name(&domain), &forced()).await.unwrap();
        assert!(result.success && !result.is_changed(), "S2.3, S6.2 {result:?}");
        assert!(!result.warnings.is_empty(), "S2.3 {result:?}");
    }
    assert_eq!(house.database.query("SELECT * FROM domain_nameservers ORDER BY id"), before, "S2.3");
    assert_eq!(house.column(&domain, "status"), "active", "S2.3");
}

#[tokio::test]
async fn a_refused_key_stops_the_account_for_the_rest_of_the_batch_and_a_foreign_domain_does_not() {
    let mut house = house(1_000);
    house.config["registrar"]["registrars"][SLUG]["concurrency"] = 1.into();
    let sync = house.connect().await;
    let domains = actives(&house, 8);
    for domain in &domains[..6] {
        house.at_registrar(domain, |there| there.current_status = "Foreign".into());
    }
    let report = sync.sync_domains(these(&domains), SyncOptions::default(), |_| ()).await.unwrap();
    // "it is not an authentication failure and must not trip the breaker"
    assert_eq!((report.stats.failed, report.stats.synced, report.stats.skipped), (6, 2, 0), "S6.6 {:?}", report.stats);
    house.simulator.set_api_key("777", "another");
    house.simulator.reset_stats();
    let report = sync.sync_domains(these(&domains), forced(), |_| ()).await.unwrap();
    assert!(house.simulator.stats().requests <= 3 && report.stats.skipped >= 5, "S6.6 {:?}", report.stats);
    let failed = report.results.iter().find(|result| !result.success && !result.skipped).unwrap();
    assert_eq!(failed.error_code, Some(ErrorKind::Auth), "S6.1 {failed:?}");
}

#[tokio::test]
async fn over_the_limit_is_waited_for() {
    let mut house = house(200);
    house.config["domain"]["sync_timeout"] = json!(10);
    let sync = house.connect().await;
    let domain = active(&house);
    house.simulator.set_rate_limit(Some(RateLimit {
        over: domaindesk_simulator::OverLimit::TooManyRequests { retry_after: Some("1".to_owned()) },
        ..RateLimit::per_seconds(1, 1)
    }));
    assert!(sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap().success);
    let result = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert_eq!((result.success, result.attempts), (true, 2), "S6.2 {result:?}");
}

/// What only this registrar answers: the kind it gives, how often it is asked.
fn matrix() -> Vec<conformance::Case> {
    use ErrorKind::{Auth, Internal, InvalidResponse, Network, NotFound, Rejected};
    let verbatim = |status, body: &str| Fault::Verbatim { status, body: body.to_owned() };
    let code = |status, code: u32| verbatim(status, &format!(r#"{{"response_code": {code}, "message": "x"}}"#));
    vec![
        ("cut JSON", verbatim(200, r#"{"responseCode": 20"#), InvalidResponse, 1),
        ("neither code nor status", verbatim(200, r#"{"domain": "example.com.bd"}"#), InvalidResponse, 1),
        ("an error without a code", verbatim(200, r#"{"status": "error", "message": "x"}"#), Rejected, 1),
        ("an error without a status", code(200, 4030), Rejected, 1),
        ("an inactive account", code(200, 4016), Auth, 1),
        ("a failure of theirs", code(200, 5000), Network, 3),
        ("a refusal with 500", code(500, 4002), Rejected, 1),
        ("a code nobody knows", code(200, 4999), Rejected, 1),
        ("our fault", code(200, 4012), Internal, 1),
        ("not there", code(500, 4004), NotFound, 1),
    ]
}

#[tokio::test]
async fn each_answer_of_its_own_has_its_kind_and_leaves_the_domain_alone() {
    let house = house(200);
    let domain = active(&house);
    conformance::each_fault(house, &domain, matrix()).await;
}

#[tokio::test]
async fn prices_in_force_are_left_alone_and_what_cannot_be_relied_on_is_held_back() {
    let house = house(10);
    let sync = house.connect().await;
    let before = house.database.count("tld_prices");
    let tlds = house.simulator.with_world(|world| world.tlds().len() as u64);
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    assert_eq!((report.changes.len(), house.database.count("tld_prices")), (0, before), "S5.1 {:?}", report.changes);
    // A TLD that is not sold here is one question, that which is, two.
    assert_eq!(house.simulator.stats().of_path(RATES), tlds + 1);
    assert_eq!(report.errors.len() as u64, tlds - 1, "S5.6: they are not sold here");
    assert!(report.errors.iter().all(|error| error.error_code == ErrorKind::NotFound && error.tld != "com.bd"));
    assert_eq!(report.currency.unwrap().as_str(), "BDT", "S5.4");

    house.simulator.with_world(|world| {
        world.set_price("com.bd", PriceTable::Cost, PriceAction::Renew, None, Some("25.00"));
        world.set_price("com.bd", PriceTable::Cost, PriceAction::Register, Some(2), Some("20.00"));
    });
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    let changes: Vec<_> =
        report.changes.iter().map(|change| (change.action, change.years, change.new.as_str())).collect();
    assert_eq!(changes.len(), 10, "S5.1 {changes:?}");
    assert!(changes.iter().any(|(_, years, new)| (*years, *new) == (3, "75.00")), "S5.2 {changes:?}");
}
