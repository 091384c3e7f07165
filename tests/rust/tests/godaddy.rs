//! GoDaddy, from its wire to the application's rows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_simulator::{Api, Fault, FaultRule, Faults, RateLimit, SimDomain};
use domaindesk_sync::{ErrorKind, Selection, SyncOptions};
use domaindesk_tests::{House, conformance, forced, name};
use serde_json::json;

const SLUG: &str = "godaddy";
const DETAILS: &str = "domain";
const LIST: &str = "list";
const DAY: i64 = 86_400;

fn house(domains: u64) -> House {
    House::at(Api::GoDaddy, SLUG, json!({"api_key": "777", "api_secret": "simulated"}), domains)
}

fn these<'n>(names: impl IntoIterator<Item = &'n String>) -> Selection {
    Selection::Domains(names.into_iter().map(|domain| name(domain)).collect())
}

fn first(house: &House, fits: impl Fn(&SimDomain) -> bool) -> SimDomain {
    house.simulator.with_world(|world| world.domains().find(fits)).expect("the world has such a domain")
}

/// Whether a row of the list is not enough: it ended, or it has not begun.
fn is_open(domain: &SimDomain) -> bool {
    let word = domain.current_status.as_str();
    matches!(word, "Deleted" | "Archived" | "QueuedForDeletion") || domain.is_pending() && !is_arriving(domain)
}

fn is_arriving(domain: &SimDomain) -> bool {
    domain.action_type.as_deref() == Some("AddTransferDomain")
}

fn count(house: &House, fits: impl Fn(&SimDomain) -> bool) -> u64 {
    house.simulator.with_world(|world| world.domains().filter(|domain| fits(domain)).count() as u64)
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
    assert_eq!(house.metadata(&domain)["registrar_status"], "ACTIVE", "S4.2");
}

#[tokio::test]
async fn everything_that_a_registrar_decides_is_written() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    let expires = house.now.timestamp() + 500 * DAY;
    house.at_registrar(&domain, |there| {
        there.expires = Some(expires);
        there.nameservers = (1..=13).map(|place| format!("ns{place}.thirteen.example")).collect();
        there.current_status = "HELD_COURT_ORDERED".into();
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
    assert_eq!(house.column(&domain, "expires_at"), stored, "S3.4: the full instant");
    let id = house.id(&domain);
    let hosts = house.database.one(&format!("SELECT COUNT(*) FROM domain_nameservers WHERE domain_id = {id}"));
    assert_eq!(hosts, json!(13), "S3.5");
    let again = sync.sync_domain(name(&domain), &forced()).await.unwrap();
    assert!(!again.is_changed(), "{again:?}");
    let everything = format!("{:?}", house.everything());
    let auth_code = house.simulator.with_world(|world| world.by_name(&domain).unwrap().auth_code);
    assert!(!everything.contains(&auth_code), "S6.9: the auth code comes unasked and is dropped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_batch_is_the_list_and_what_a_row_cannot_say() {
    let house = house(1_200);
    let sync = house.connect().await;
    let open = count(&house, is_open);
    assert!(open > 0, "the world has domains of every kind");
    let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    let stats = house.simulator.stats();
    assert_eq!((stats.of_path(LIST), stats.of_path(DETAILS)), (2, open), "S7.3: ceil(N / 1000) pages");
    assert_eq!(
        (report.stats.changes, report.stats.failed, report.stats.synced),
        (0, 0, 1_200),
        "S3.4, S3.5, S3.6 {:?}",
        report.results.iter().find(|result| result.is_changed() || !result.success)
    );
    let moved = house.actives(5);
    for domain in &moved {
        house.at_registrar(domain, |there| {
            there.nameservers = vec!["ns1.moved.example".into(), "ns2.moved.example".into()];
            there.contacts[0].city = "Movedtown".into();
        });
    }
    house.simulator.reset_stats();
    let report = sync.sync_domains(house.all(), forced(), |_| ()).await.unwrap();
    assert_eq!((report.stats.changes, report.stats.failed), (5, 0), "S7.3: rows tell nameservers and contacts too");
    assert_eq!(house.simulator.stats().requests, 2 + open, "S7.3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_statuses_is_the_list_and_those_that_ended() {
    let house = house(450);
    let sync = house.connect().await;
    let held = house.actives(3);
    for domain in &held {
        house.at_registrar(domain, |there| there.current_status = "LOCKED_ABUSE".into());
    }
    let open = count(&house, is_open);
    let report = sync.sync_domain_statuses(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    let stats = house.simulator.stats();
    assert_eq!((stats.of_path(LIST), stats.of_path(DETAILS)), (1, open), "S7.3");
    assert_eq!((report.stats.changes, report.stats.failed), (3, 0), "{:?}", report.stats);
    for domain in &held {
        assert_eq!(house.column(domain, "status"), "suspended");
        house.at_registrar(domain, |there| there.current_status = "Active".into());
    }
    // And back: the list shows what the details show, so that it may lift a domain (S3.7).
    let report = sync.sync_domain_statuses(house.all(), forced(), |_| ()).await.unwrap();
    assert_eq!(report.stats.changes, 3, "S2.6 {:?}", report.stats);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_unknown_length_is_read_no_further_than_names_would_cost() {
    let house = house(3_500);
    let sync = house.connect().await;
    let mut names = house.actives(200);
    names.sort();
    assert!(count(&house, |domain| domain.name < names[198]) > 2_000, "they stand on the third page or later");
    let last = these(names.iter().rev().take(2));
    let report = sync.sync_domains(last, SyncOptions::default(), |_| ()).await.unwrap();
    let stats = house.simulator.stats();
    assert_eq!((stats.of_path(LIST), stats.of_path(DETAILS), report.stats.synced), (2, 2, 2), "S7.3");
    house.simulator.reset_stats();
    let report = sync.sync_domains(these(&names), forced(), |_| ()).await.unwrap();
    let stats = house.simulator.stats();
    let before = count(&house, |domain| domain.name < names[199]);
    let pages = before / 1_000 + 1;
    assert_eq!((stats.of_path(LIST), stats.of_path(DETAILS), report.stats.synced), (pages, 0, 200), "S7.3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_missing_proves_nothing() {
    let house = house(1_100);
    let sync = house.connect().await;
    for fault in [Fault::EmptyPage, Fault::Garbage, Fault::WrongShape] {
        house.simulator.set_faults(Faults::one(FaultRule::always(fault).on_path(LIST).starting_after(1).for_next(1)));
        let report = sync.sync_domain_statuses(house.all(), forced(), |_| ()).await.unwrap();
        assert_eq!((report.stats.changes, report.stats.failed), (0, 0), "S6.5 {:?}", report.stats);
    }
}

#[tokio::test]
async fn a_status_alone_is_synced_and_an_unknown_word_is_left_alone() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    house.at_registrar(&domain, |there| {
        there.current_status = "HELD_DISPUTED".into();
        there.nameservers = vec!["ns1.other.example".into()];
    });
    let result = sync.sync_domain_status(name(&domain), &SyncOptions::default()).await.unwrap();
    assert_eq!(result.changes.unwrap().0.len(), 1, "S3.7");
    assert_eq!(house.column(&domain, "status"), "suspended");
    for (word, unknown) in [("MARINATED", true), ("FAILED_SETUP", true), ("PENDING_DNS", false)] {
        house.at_registrar(&domain, |there| there.current_status = word.into());
        let result = sync.sync_domain_status(name(&domain), &forced()).await.unwrap();
        assert!(result.success && !result.is_changed(), "S3.1 {result:?}");
        assert_eq!(result.unknown_status.is_some(), unknown, "S3.1 {word}");
        assert_eq!(house.metadata(&domain)["registrar_status"], word, "S4.2");
    }
}

/// "`TRANSFERRED_OUT`, `UPDATED_OWNERSHIP`, `EXPIRED_REASSIGNED` entries may be stale entries of a name that was later
/// registered again in the same account: look for a second entry of the same name, and confirm with
/// `GET /v1/domains/{domain}`, before writing transferred_out."
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_entry_of_a_name_says_nothing_and_a_confirmed_one_does() {
    let house = house(60);
    let sync = house.connect().await;
    let domains = house.actives(3);
    let [again, left, cancelled] = [0, 1, 2].map(|place| domains[place].clone());
    house.at_registrar(&again, |there| there.current_status = "TRANSFERRED_OUT".into());
    house.simulator.with_world(|world| world.add(&again));
    house.at_registrar(&left, |there| there.current_status = "UPDATED_OWNERSHIP".into());
    house.at_registrar(&cancelled, |there| there.current_status = "CANCELLED_HELD".into());
    let report = sync.sync_domain_statuses(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(report.stats.changes, 1, "S2.5 {:?}", report.stats);
    assert_eq!(house.column(&again, "status"), "active", "S2.5: the second entry counts");
    assert_eq!(house.column(&left, "status"), "transferred_out", "S2.5: the details say so");
    let asked = house.simulator.stats().by_domain;
    assert_eq!((asked.get(&left), asked.get(&again)), (Some(&1), None), "S2.5: confirmed by name");
    assert_eq!(house.column(&cancelled, "status"), "active", "S2.5");
    let review = report.results.iter().find(|result| result.domain == cancelled).unwrap();
    assert!(review.success && review.needs_review, "S2.5 {review:?}");
}

/// "203 is success (partial)."
#[tokio::test]
async fn what_could_not_be_loaded_leaves_the_local_ones() {
    let house = house(60);
    let sync = house.connect().await;
    let domain = house.active();
    let before = house.database.query("SELECT * FROM domain_nameservers ORDER BY id");
    house.at_registrar(&domain, |there| there.nameservers.clear());
    let result = sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap();
    assert!(result.success && !result.is_changed(), "S2.3 {result:?}");
    assert!(result.warnings.iter().any(|warning| warning.contains("203")), "{result:?}");
    assert_eq!(house.database.query("SELECT * FROM domain_nameservers ORDER BY id"), before, "S2.3");
}

/// "Names come in A-label form for IDN; compare in lower case, `GET /v1/domains/{domain}` wants the A-label."
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

/// "Privacy does not replace the contacts in the API: the account's own data come back."
#[tokio::test]
async fn privacy_hides_no_contact_from_the_account() {
    let house = house(200);
    let sync = house.connect().await;
    let domain = first(&house, |domain| domain.privacy && domain.current_status == "Active");
    house.at_registrar(&domain.name, |there| there.contacts[0].city = "Elsewhere".into());
    let result = sync.sync_domain(name(&domain.name), &SyncOptions::default()).await.unwrap();
    assert!(result.changes.unwrap().get("contacts.registrant").is_some(), "S3.6");
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
async fn an_account_without_access_is_told_from_a_wrong_key() {
    let house = house(60);
    let sync = house.connect().await;
    let refused = r#"{"code": "ACCESS_DENIED", "message": "Authenticated user is not allowed access"}"#;
    house.simulator.set_faults(Fault::Verbatim { status: 403, body: refused.to_owned() });
    let result = sync.sync_domain(name(&house.active()), &forced()).await.unwrap();
    assert_eq!(result.error_code, Some(ErrorKind::Auth));
    assert!(result.error.unwrap().contains("key may be right"), "which of the two it is");
}

#[tokio::test]
async fn over_the_limit_waits_as_long_as_the_body_says() {
    let mut house = house(60);
    // Shorter than the 30 seconds that the answer asks for, so that the wait is seen to be refused and not sat out.
    house.config["domain"]["sync_timeout"] = json!(5);
    let sync = house.connect().await;
    let domain = house.active();
    house.simulator.set_rate_limit(Some(RateLimit::per_seconds(1, 3_600)));
    assert!(sync.sync_domain(name(&domain), &SyncOptions::default()).await.unwrap().success);
    for _ in 0..2 {
        let result = sync.sync_domain(name(&domain), &forced()).await.unwrap();
        assert_eq!((result.error_code, result.success), (Some(ErrorKind::RateLimited), false), "S6.2 {result:?}");
        assert_eq!(house.simulator.stats().requests, 2, "S6.2: the whole account is left alone meanwhile");
    }
}

/// What only this registrar answers: the kind it gives, how often it is asked.
fn matrix() -> Vec<conformance::Case> {
    use ErrorKind::{InvalidResponse, Network, NotFound, Rejected};
    let verbatim = |status, body: &str| Fault::Verbatim { status, body: body.to_owned() };
    vec![
        ("cut JSON", verbatim(200, r#"{"domain": "exam"#), InvalidResponse, 1),
        ("a 503 of theirs", verbatim(503, r#"{"code": "DOWN", "message": "x"}"#), Network, 3),
        ("a 404 page of another server", verbatim(404, "<html>Not Found</html>"), InvalidResponse, 1),
        ("a 404 of any code", verbatim(404, r#"{"code": "UNKNOWN_DOMAIN", "message": "x"}"#), NotFound, 1),
        ("a refusal", verbatim(422, r#"{"code": "INVALID_BODY", "message": "x", "fields": [{}]}"#), Rejected, 1),
    ]
}

#[tokio::test]
async fn each_answer_of_its_own_has_its_kind_and_leaves_the_domain_alone() {
    let house = house(60);
    let domain = house.active();
    conformance::each_fault(house, &domain, matrix()).await;
}

#[tokio::test]
async fn there_are_no_prices_and_that_is_said_without_a_request() {
    let house = house(10);
    let sync = house.connect().await;
    let before = house.database.count("tld_prices");
    let report = sync.sync_tld_prices(SLUG, forced(), |_| ()).await.unwrap();
    assert_eq!((report.success, report.error_code), (false, Some(ErrorKind::Unsupported)), "S5.7 {report:?}");
    assert!(report.error.unwrap().contains("Registrar does not support price syncing"), "S5.7");
    assert_eq!((house.simulator.stats().requests, house.database.count("tld_prices")), (0, before), "S5.7");
}
