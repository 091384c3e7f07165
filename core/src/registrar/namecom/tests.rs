#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop

use chrono::TimeZone as _;

use super::super::http::testing::{Reply, Request, Server};
use super::*;
use crate::config::RateLimitSetting;
use crate::model::TldId;
use crate::registrar::PriceRequest;

/// The fixtures, one folder per operation.
macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("fixtures/", $path))
    };
}

const USER: &str = "SECRETuser";
const TOKEN: &str = "SECRETtoken";
/// Both as they are sent.
const ENCODED: &str = "U0VDUkVUdXNlcjpTRUNSRVR0b2tlbg==";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 2, 43, 43).unwrap()
}

fn context() -> CallContext {
    CallContext::new(now())
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn credentials() -> BTreeMap<String, SecretString> {
    [("username", format!(" {USER}\n")), ("token", TOKEN.to_owned())]
        .map(|(key, value)| (key.to_owned(), SecretString::from(value)))
        .into()
}

fn account_with(server: &Server, change: impl FnOnce(&mut RegistrarConfig)) -> NameCom {
    let mut config = RegistrarConfig {
        // As the vendor prints it.
        api_url: Some(server.url.join("v4").unwrap()),
        timeout: Duration::from_secs(10),
        rate_limit: RateLimitSetting::Unlimited,
        ..RegistrarConfig::default()
    };
    change(&mut config);
    NameCom::new("namecom", &credentials(), &config).unwrap()
}

fn account(server: &Server) -> NameCom {
    account_with(server, |_| ())
}

/// The path and the parameters of a request, after checking that it is a GET with the credentials in its header only.
fn asked(request: &Request) -> (String, Vec<(String, String)>) {
    assert!(request.head.starts_with("GET /api/"), "{}", request.head);
    assert!(!request.target.contains("SECRET"), "S6.9 {}", request.target);
    let authorization = request.head.lines().find(|line| line.to_ascii_lowercase().starts_with("authorization: "));
    assert_eq!(authorization.unwrap().split_once(": ").unwrap().1, format!("Basic {ENCODED}"));
    (request.path().strip_prefix("/api/").unwrap().to_owned(), request.query())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn assert_silent(printed: &str) {
    for secret in ["SECRET", ENCODED] {
        assert!(!printed.contains(secret), "S6.9: `{secret}` in {printed}");
    }
}

async fn read_as(local: Option<DomainStatus>, body: String) -> RemoteDomain {
    let server = Server::start(move |_| Reply::json(200, &body)).await;
    let context = match local {
        Some(status) => context().with_local_status(status),
        None => context(),
    };
    account(&server).info(&context, &name("example.com")).await.unwrap()
}

fn ending(date: &str) -> String {
    fixture!("info/ok.json").replace("2027-07-23T15:31:20Z", date)
}

async fn page(body: &'static str, request: ListRequest) -> (Result<ListPage>, Vec<Request>) {
    let server = Server::start(move |_| Reply::json(200, body)).await;
    let page = account(&server).list(&context(), &request).await;
    (page, server.requests())
}

fn first() -> ListRequest {
    ListRequest { page: 1, ..ListRequest::default() }
}

#[test]
fn without_a_base_the_production_api_is_asked_within_cautious_limits() {
    let account = NameCom::new("namecom", &credentials(), &RegistrarConfig::default()).unwrap();
    assert_eq!(account.http.host(), "api.name.com");
    let printed = format!("{account:?} {account:#?}");
    assert!(printed.contains("max_attempts: 10, decay_seconds: 1"), "S7.1 {printed}");
    assert!(printed.contains("max_attempts: 3000, decay_seconds: 3600"), "S7.1 {printed}");
    assert_silent(&printed);
    let abilities = NameCom::abilities();
    let list = abilities.list.unwrap();
    assert_eq!((list.page_size, list.by_remote_id, list.whole, list.partial_status), (1_000, None, false, true));
    assert!(abilities.prices && abilities.contacts && !list.change_marker);
}

#[tokio::test]
async fn a_domain_is_one_request_and_comes_whole() {
    let server = Server::start(|_| Reply::json(200, fixture!("info/ok.json"))).await;
    let domain = account(&server).info(&context(), &name("example.com")).await.unwrap();
    let requests = server.requests();
    assert_eq!((requests.len(), asked(&requests[0])), (1, ("v4/domains/example.com".to_owned(), Vec::new())));
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert_eq!(domain.expires_at, Field::Known(Utc.with_ymd_and_hms(2027, 7, 23, 15, 31, 20).unwrap()), "S3.4");
    let hosts: Vec<_> = domain.nameservers.known().unwrap().iter().collect();
    assert_eq!(hosts, ["ns1.example.net", "ns2.example.net"], "S3.5");
    let registrant: Vec<_> =
        domain.contacts.get(ContactType::Registrant).unwrap().iter().map(|(_, value)| value).collect();
    let wanted = [
        "Ada",
        "Example",
        "Example Ltd",
        "ada@example.com",
        "+1.5555550100",
        "1 Sample Street",
        "Sampletown",
        "WA",
        "98000",
        "US",
    ];
    assert_eq!(registrant, wanted, "S3.6");
    assert!(domain.warnings.is_empty());
}

/// "For booleans "missing" is therefore a value; for texts and lists it is "not sent"."
#[tokio::test]
async fn texts_and_lists_that_are_left_out_were_not_told() {
    let domain = read_as(None, fixture!("info/ok.json").to_owned()).await;
    let admin = domain.contacts.get(ContactType::Admin).unwrap();
    assert_eq!(admin.iter().collect::<Vec<_>>(), [(ContactField::FirstName, "Ada")], "S2.3");
    let sparse = read_as(None, r#"{"domainName":"EXAMPLE.com"}"#.to_owned()).await;
    let untold = RemoteDomain::new(name("example.com"), sparse.status.clone());
    assert_eq!(sparse, untold, "S2.3");
    assert_eq!(sparse.status.meaning, StatusMeaning::Absent, "S2.3");
    let second = fixture!("info/ok.json").replace(r#""city""#, r#""address2":"Floor 2","city""#);
    let contact = read_as(None, second).await.contacts.get(ContactType::Registrant).unwrap().clone();
    assert_eq!(contact.get(ContactField::Address), Some("1 Sample Street, Floor 2"));
}

#[tokio::test]
async fn the_status_follows_from_the_end_and_never_from_what_is_not_told() {
    use DomainStatus::{Active, Expired, GracePeriod, Redemption, Suspended, TransferInProgress};
    use StatusMeaning::{Gone, Kept, Known};
    for (end, local, wanted) in [
        ("2026-11-23T02:43:43Z", None, Known(Active)),
        ("2026-11-23T02:43:42Z", None, Known(GracePeriod)),
        ("2026-10-24T02:43:44Z", None, Known(GracePeriod)),
        ("2026-10-24T02:43:43Z", None, Gone),
        ("2027-07-23T15:31:20Z", Some(Expired), Known(Active)),
        ("2027-07-23T15:31:20Z", Some(Redemption), Known(Active)),
        ("2027-07-23T15:31:20Z", Some(TransferInProgress), Known(Active)),
        // Nothing tells of a hold, nor whether what is over is in redemption.
        ("2027-07-23T15:31:20Z", Some(Suspended), Kept),
        ("2026-11-13T15:31:20Z", Some(Suspended), Known(GracePeriod)),
        ("2026-11-13T15:31:20Z", Some(Redemption), Kept),
        ("2026-10-01T00:00:00Z", Some(Redemption), Gone),
    ] {
        let domain = read_as(local, ending(end)).await;
        assert_eq!(domain.status.meaning, wanted, "S2.5 {end} {local:?}");
        assert_eq!(domain.warnings.is_empty(), wanted != Kept, "{:?}", domain.warnings);
    }
    let server = Server::start(|_| Reply::json(200, ending("2026-10-01T00:00:00Z"))).await;
    let patient = account_with(&server, |config| {
        config.grace_days_by_tld.insert("com".to_owned(), 90);
    });
    let domain = patient.info(&context(), &name("example.com")).await.unwrap();
    assert_eq!(domain.status.meaning, Known(GracePeriod));
}

#[tokio::test]
async fn an_end_that_cannot_be_is_unreadable_and_tells_no_status() {
    for end in ["2027-07-23", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2038-07-23T00:00:00Z", "soon"] {
        let domain = read_as(None, ending(end)).await;
        assert!(matches!(&domain.expires_at, Field::Unreadable(text) if text.contains("expireDate")), "S3.4 {end}");
        assert_eq!(domain.status.meaning, StatusMeaning::Absent, "S2.3 {end}");
    }
}

#[tokio::test]
async fn rows_are_in_step_with_the_details_and_every_page_but_the_last_names_the_next() {
    use DomainStatus::{Active, GracePeriod};
    use StatusMeaning::{Gone, Known, NeedsDetails};
    let (read, requests) = page(fixture!("list/first.json"), first()).await;
    let wanted = pairs(&[("perPage", "1000"), ("page", "1")]);
    assert_eq!((requests.len(), asked(&requests[0])), (1, ("v4/domains".to_owned(), wanted)));
    let read = read.unwrap();
    let told: Vec<_> = read.rows.iter().map(|row| (row.name.as_str(), row.status.meaning)).collect();
    let rows = [
        ("example.com", Known(Active)),
        ("ended.example", Known(GracePeriod)),
        ("long-ended.example", Gone),
        ("silent.example", NeedsDetails),
    ];
    assert_eq!(told, rows, "S3.7");
    assert_eq!((read.total, read.next.as_deref()), (None, Some("2")), "S6.5: pages are not rows");
    assert_eq!((&read.rows[0].nameservers, read.rows[0].contacts.iter().count()), (&Field::Absent, 0), "S2.3");

    let (_, requests) = page(fixture!("list/last.json"), ListRequest { after: Some("7".to_owned()), ..first() }).await;
    assert_eq!(asked(&requests[0]).1, pairs(&[("perPage", "1000"), ("page", "7")]));
}

#[tokio::test]
async fn only_the_only_page_tells_how_many_there_are() {
    let (read, _) = page(fixture!("list/last.json"), first()).await;
    assert_eq!(read.map(|page| (page.total, page.next)).unwrap(), (Some(1), None), "S6.5");
    let last = ListRequest { after: Some("3".to_owned()), ..first() };
    let (read, _) = page(fixture!("list/last.json"), last).await;
    assert_eq!(read.map(|page| (page.total, page.next)).unwrap(), (None, None), "S6.5");
    // An empty list is left out, and so is everything in an answer of something else.
    let (read, _) = page("{}", first()).await;
    assert_eq!(read.unwrap(), ListPage::default(), "S6.5");
    for (told, next) in [("1", None), ("\"2\"", Some("2")), ("0", None), ("-1", None), ("[2]", None)] {
        let body = fixture!("list/first.json").replace(r#""nextPage":2"#, &format!(r#""nextPage":{told}"#));
        let server = Server::start(move |_| Reply::json(200, &body)).await;
        let read = account(&server).list(&context(), &first()).await.unwrap();
        assert_eq!(read.next.as_deref(), next, "a list that leads back would never end: {told}");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_refused() {
    for body in ["[]", "null", "[[1]]", "{\"domains\":{}}", "{\"domains\":[{]"] {
        let (read, _) = page(body, first()).await;
        assert_eq!(read.unwrap_err().kind(), ErrorKind::InvalidResponse, "S6.5 {body}");
    }
    for body in ["{}", "[]", r#"{"domainName":"other.example"}"#, r#"{"message":"Not Found"}"#] {
        let server = Server::start(move |_| Reply::json(200, body)).await;
        let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
        assert_eq!((error.kind(), error.registrar()), (ErrorKind::InvalidResponse, Some("namecom")), "S2.5 {body}");
    }
}

#[tokio::test]
async fn a_domain_on_its_way_in_is_in_the_list_of_transfers() {
    let transfers = |status: &'static str| {
        Server::start(move |request| match request.path() {
            "/api/v4/transfers" => {
                Reply::json(200, fixture!("list/transfers.json").replace("Pending Approval", status))
            }
            _ => Reply::json(404, fixture!("error/not_found.json")),
        })
    };
    let arriving = || context().with_local_status(DomainStatus::PendingTransfer);
    for (words, meaning) in [
        ("Pending Approval", StatusMeaning::Known(DomainStatus::PendingTransfer)),
        ("Canceled", StatusMeaning::Unknown),
        ("", StatusMeaning::Unknown),
    ] {
        let server = transfers(words).await;
        let domain = account(&server).info(&arriving(), &name("example.com")).await.unwrap();
        assert_eq!((domain.status.words.as_str(), domain.status.meaning), (words, meaning), "S3.1, S3.3");
        assert_eq!(server.requests().len(), 2);
    }
    let server = transfers("Pending Approval").await;
    let account = account(&server);
    for (context, domain, requests) in [(arriving(), "none.example", 2), (context(), "example.com", 3)] {
        let error = account.info(&context, &name(domain)).await.unwrap_err();
        assert_eq!((error.kind(), server.requests().len()), (ErrorKind::NotFound, requests), "S6.5 {domain}");
    }
}

/// "Non-200 with `{"message":"…","details":"…"}` (`details` optional)"
#[test]
fn every_refusal_is_the_kind_that_the_page_says() {
    use ErrorKind::{Auth, InvalidResponse, Network, NotFound, RateLimited, Rejected, Timeout};
    let answer =
        |status, body: &str| Answer { status, content_type: None, retry_after: None, body: body.as_bytes().to_vec() };
    for (status, worded, wordless) in [
        (401, Auth, Auth),
        (403, Auth, Auth),
        (404, NotFound, InvalidResponse),
        (429, RateLimited, RateLimited),
        (500, Network, Network),
        (503, Network, Network),
        (408, Timeout, Timeout),
        (400, Rejected, InvalidResponse),
        (422, Rejected, InvalidResponse),
    ] {
        let error = check(&answer(status, fixture!("error/unauthorized.json"))).unwrap_err();
        assert_eq!(error.kind(), worded, "S6.1 {status}");
        let native = error.native().unwrap();
        let text = "Unauthorized; Invalid username or token";
        assert_eq!((native.code.as_deref(), native.message.as_str()), (Some(&*status.to_string()), text));
        for body in ["", "{}", "[]", "<html>down</html>", r#"{"message":""}"#] {
            let error = check(&answer(status, body)).unwrap_err();
            assert_eq!(error.kind(), wordless, "S6.2, S6.5 {status} {body}");
            assert_eq!(error.retry_after(), (wordless == RateLimited).then_some(PAUSE), "S6.2 {status}");
        }
    }
    let asked = Answer { retry_after: Some(Duration::from_secs(7)), ..answer(429, "") };
    assert_eq!(check(&asked).unwrap_err().retry_after(), Some(Duration::from_secs(7)), "S6.2");
    assert!(check(&answer(200, "{}")).is_ok());
}

#[tokio::test]
async fn no_secret_leaves_in_an_error_and_a_list_that_is_not_there_is_no_domain() {
    let server = Server::start(|request| {
        let text = request.head.replace(['\r', '\n', '"'], " ");
        Reply::json(404, format!(r#"{{"message": "{text} {USER} {TOKEN}"}}"#))
    })
    .await;
    let account = account(&server);
    let error = account.info(&context(), &name("example.com")).await.unwrap_err();
    assert_eq!((error.kind(), error.registrar()), (ErrorKind::NotFound, Some("namecom")));
    assert_silent(&format!("{error} {error:?} {error:#?} {:?}", error.native()));
    for error in [
        account.list(&context(), &first()).await.unwrap_err(),
        account.prices(&context(), &PriceRequest { tlds: vec![tld("com", 1, 1)] }).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "S6.5");
        assert_silent(&format!("{error} {error:?}"));
    }
}

fn tld(extension: &str, min_years: u8, max_years: u8) -> TldRecord {
    TldRecord { id: TldId(1), extension: extension.to_owned(), min_years, max_years }
}

/// A server with these prices for one year and for two.
async fn selling(one: String, two: String) -> Server {
    Server::start(move |request| {
        let body = if request.value("duration").unwrap() == "1" { &one } else { &two };
        Reply::json(200, body)
    })
    .await
}

async fn quoted(server: &Server, tlds: Vec<TldRecord>) -> (Vec<String>, Vec<(String, ErrorKind)>) {
    let list = account(server).prices(&context(), &PriceRequest { tlds }).await.unwrap();
    assert_eq!(list.currency.unwrap().as_str(), "USD", "S5.4");
    let line =
        |quote: &PriceQuote| format!("{} {} {} {}", quote.tld, quote.action, quote.years, quote.price.normalize());
    let failures = list.failures.iter().map(|(tld, error)| (tld.clone(), error.kind())).collect();
    (list.quotes.iter().map(line).collect(), failures)
}

#[tokio::test]
async fn prices_are_two_requests_and_a_promotion_is_no_price() {
    let server = selling(fixture!("prices/one.json").to_owned(), fixture!("prices/two.json").to_owned()).await;
    let tlds = vec![tld(".com", 1, 3), tld("xyz", 2, 3), tld("none", 1, 3)];
    let (quotes, failures) = quoted(&server, tlds).await;
    let wanted = [
        ".com register 1 14.99",
        ".com register 2 29.98",
        ".com register 3 44.97",
        ".com renew 1 14.99",
        ".com renew 2 29.98",
        ".com renew 3 44.97",
        ".com transfer 1 12.99",
        // A first year, and renewals.
        "xyz register 2 32.98",
        "xyz register 3 52.97",
        "xyz renew 2 39.98",
        "xyz renew 3 59.97",
    ];
    assert_eq!(quotes, wanted, "S5.1, S5.2, S5.4");
    assert_eq!(failures, [("none".to_owned(), ErrorKind::NotFound)], "S5.6");
    let asked: Vec<_> = server.requests().iter().map(asked).collect();
    let of = |years, tlds: &[&str]| {
        let mut query = pairs(&[("duration", years), ("perPage", "25")]);
        query.extend(tlds.iter().map(|tld| ("tlds[]".to_owned(), (*tld).to_owned())));
        ("core/v1/tldpricing".to_owned(), query)
    };
    assert_eq!(asked, [of("1", &["com", "xyz", "none"]), of("2", &["com", "xyz"])]);
}

/// "`duration=n` gives totals for n years (UNCERTAIN)."
#[tokio::test]
async fn what_two_years_cost_shows_what_a_figure_covers_or_is_held_back() {
    let row = |register: &str, renew: &str, years: u8| {
        format!(
            r#"{{"pricing":[{{"tld":"com","duration":{years},"registrationPrice":{register},"renewalPrice":{renew}}}]}}"#
        )
    };
    let one = ["register 1 10", "renew 1 12"];
    let three = ["register 1 10", "register 2 20", "register 3 30", "renew 1 12", "renew 2 24", "renew 3 36"];
    let cases: [(&str, &str, &[&str]); 5] = [
        ("10", "12", &three),
        ("20.00", "\"2.4e1\"", &three),
        ("19", "23", &one),
        // One of a year, the other of both.
        ("10", "24", &one),
        ("null", "null", &one),
    ];
    for (register, renew, wanted) in cases {
        let server = selling(row("10", "12", 1), row(register, renew, 2)).await;
        let (quotes, failures) = quoted(&server, vec![tld("com", 1, 3)]).await;
        let wanted: Vec<_> = wanted.iter().map(|line| format!("com {line}")).collect();
        assert_eq!((quotes, failures), (wanted, Vec::new()), "{register} {renew}");
    }
    let server = selling(row("10", "12", 1), row("19", "23", 2)).await;
    let (quotes, failures) = quoted(&server, vec![tld("com", 2, 3)]).await;
    assert_eq!((quotes.len(), failures), (0, vec![("com".to_owned(), ErrorKind::InvalidResponse)]), "S5.6");
    let server = selling(row("10", "12", 1), String::new()).await;
    assert_eq!(quoted(&server, vec![tld("com", 1, 1)]).await.0, one.map(|line| format!("com {line}")));
    assert_eq!(server.requests().len(), 1, "a year is all that is sold");
    for wrong in [
        row("\"much\"", "12", 1),
        row("10", "{}", 1),
        row("79228162514264337593543950335", "12", 1),
        row("10", "12", 2),
    ] {
        let server = selling(wrong.clone(), String::new()).await;
        let failed = vec![("com".to_owned(), ErrorKind::InvalidResponse)];
        assert_eq!(quoted(&server, vec![tld("com", 1, 1)]).await, (Vec::new(), failed), "S5.2 {wrong}");
    }
}

#[tokio::test]
async fn a_tld_that_is_refused_stops_no_other_and_25_are_asked_for_at_once() {
    let server = Server::start(|request| {
        let tlds: Vec<_> =
            request.query().into_iter().filter(|(key, _)| key == "tlds[]").map(|(_, value)| value).collect();
        if tlds.len() > 25 || tlds.iter().any(|tld| tld == "t7") {
            return Reply::json(400, r#"{"message":"Invalid Argument"}"#);
        }
        let rows: Vec<_> = tlds.iter().map(|tld| format!(r#"{{"tld":"{tld}","renewalPrice":9.5}}"#)).collect();
        Reply::json(200, format!(r#"{{"pricing":[{}]}}"#, rows.join(",")))
    })
    .await;
    let all: Vec<_> = (0..30).map(|number| tld(&format!("t{number}"), 1, 1)).collect();
    let (quotes, failures) = quoted(&server, all).await;
    assert_eq!((quotes.len(), failures), (29, vec![("t7".to_owned(), ErrorKind::Rejected)]), "S5.6");
    let other = vec![tld("t1", 1, 1), tld("a b", 1, 1)];
    let (quotes, failures) = quoted(&server, other).await;
    assert_eq!((quotes.len(), failures.len()), (1, 1), "S5.6 {failures:?}");
}

#[tokio::test]
async fn a_page_that_breaks_off_says_of_no_tld_that_it_is_not_sold() {
    let cut = fixture!("prices/one.json").replace(r#""totalCount":2"#, r#""totalCount":3,"nextPage":2"#);
    for body in [cut, r#"{"message":"x"}"#.to_owned()] {
        let server = selling(body.clone(), body).await;
        let (_, failures) = quoted(&server, vec![tld("com", 1, 1), tld("later", 1, 1)]).await;
        assert!(failures.contains(&("later".to_owned(), ErrorKind::InvalidResponse)), "S5.6 {failures:?}");
    }
    for (status, kind) in [(401, ErrorKind::Auth), (429, ErrorKind::RateLimited), (502, ErrorKind::Network)] {
        let server = Server::start(move |_| Reply::json(status, fixture!("error/unauthorized.json"))).await;
        let request = PriceRequest { tlds: vec![tld("com", 1, 1)] };
        assert_eq!(account(&server).prices(&context(), &request).await.unwrap_err().kind(), kind, "S6.6");
    }
}
