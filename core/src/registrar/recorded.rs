//! Every answer of a recorded shape that the adapters have, and what comes of it: the table `recorded.txt`.
//!
//! Its columns: the registrar; the answer, which is a fixture; its HTTP status; which requests it answers, by a part of
//! them, and behind semicolons what others get; what is asked for, by a name and perhaps the status that the application
//! has, or `list`, or `prices` and of which source; and what comes of it, a model or the kind of an error. What else is
//! requested gets the registrar's ordinary answer.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::http::testing::{Reply, Server};
use super::native::{self, NATIVE};
use super::{CallContext, ListRequest, PriceList, PriceRequest, Registrar};
use crate::config::{PriceSource, RateLimitSetting, RegistrarConfig};
use crate::model::{DomainName, DomainStatus, Field, RemoteDomain, TldId, TldRecord};

const TABLE: &str = include_str!("recorded.txt");

/// What is answered where a line says nothing else: the registrar, a part of the request, the answer.
const ORDINARY: &[(&str, &str, &str)] = &[
    ("resellerclub", "details-by-name", "details_by_name/active.json"),
    ("resellerclub", "search.json", "search/two_rows.json"),
    ("resellerclub", "reseller-cost-price", "price_table/reseller_cost.json"),
    ("resellerclub", "domains/available", "available/three.json"),
    ("resellerclub", "resellers/details", "reseller/details.json"),
    ("namecheap", "domains.getInfo", "get_info/ok.xml"),
    ("namecheap", "domains.getContacts", "get_contacts/four.xml"),
    ("namecheap", "domains.getList", "get_list/one.xml"),
    ("namecheap", "users.getPricing", "pricing/all.xml"),
    ("namecheap", "users.getBalances", "balances/usd.xml"),
    ("enom", "=GetDomainInfo", "domain_info/registered.xml"),
    ("enom", "=GetContacts", "contacts/four.xml"),
    ("enom", "=GetAllDomains", "all_domains/one.xml"),
    ("enom", "=GetExpiredDomains", "expired_domains/none.xml"),
    ("enom", "Years=10", "pricing/years_10.xml"),
    ("enom", "Years=1", "pricing/years_1.xml"),
    ("enom", "Years=2", "pricing/years_2.xml"),
    ("enom", "Years=5", "pricing/years_5.xml"),
    ("btcl", "domain_rates.do", "rates/one.json"),
    ("namecom", "duration=1", "prices/one.json"),
    ("namecom", "duration=2", "prices/two.json"),
];

fn folder(slug: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/registrar").join(slug).join("fixtures")
}

/// A line of the table.
struct Line<'t> {
    slug: &'t str,
    answer: &'t str,
    status: &'t str,
    requests: &'t str,
    asked: &'t str,
    outcome: &'t str,
}

fn lines() -> Vec<Line<'static>> {
    let line = |text: &'static str| match text.split(" | ").map(str::trim).collect::<Vec<_>>()[..] {
        [slug, answer, status, requests, asked, outcome] => Line { slug, answer, status, requests, asked, outcome },
        _ => panic!("no line of the table: {text}"),
    };
    TABLE.lines().filter(|text| !text.trim().is_empty()).map(line).collect()
}

/// The server that a line is about.
async fn server(line: &Line<'static>) -> Server {
    let read = |answer: &str| {
        std::fs::read(folder(line.slug).join(answer)).unwrap_or_else(|error| panic!("{answer}: {error}"))
    };
    let mut parts = line.requests.split(';').map(str::trim);
    let status = line.status.parse().unwrap();
    let mut answers = vec![(parts.next().unwrap().to_owned(), status, read(line.answer))];
    for other in parts {
        let (part, answer) = other.split_once(": ").unwrap();
        let (answer, status) = answer.split_once(' ').unwrap_or((answer, "200"));
        answers.push((part.to_owned(), status.parse().unwrap(), read(answer)));
    }
    let ordinary = ORDINARY.iter().filter(|(slug, ..)| *slug == line.slug);
    answers.extend(ordinary.map(|(_, part, answer)| ((*part).to_owned(), 200, read(answer))));
    Server::start(move |request| {
        let sent = format!("{} {}", request.target, request.body);
        let known = answers.iter().find(|(part, ..)| part == "all" || sent.contains(part.as_str()));
        known.map_or_else(|| Reply::json(404, "{}"), |(_, status, body)| Reply::json(*status, body))
    })
    .await
}

fn account(slug: &str, server: &Server, price_source: PriceSource) -> std::sync::Arc<dyn Registrar> {
    let native = native::find(slug).unwrap();
    // Takes for an address what asks for one.
    let credentials =
        native.credentials.iter().map(|key| ((*key).to_owned(), "127.0.0.1".into())).collect::<BTreeMap<_, _>>();
    let config = RegistrarConfig {
        api_url: Some(server.url.clone()),
        rate_limit: RateLimitSetting::Unlimited,
        price_source,
        ..RegistrarConfig::default()
    };
    native.account(slug, &credentials, &config).unwrap()
}

/// What comes of an answer, in a line.
async fn outcome(line: &Line<'static>) -> String {
    let server = server(line).await;
    let (asked, of) = line.asked.split_once(" as ").map_or((line.asked, None), |(asked, of)| (asked, Some(of)));
    let source = match of {
        Some("customer") => PriceSource::Customer,
        Some("reseller") => PriceSource::Reseller,
        _ => PriceSource::Cost,
    };
    let account = account(line.slug, &server, source);
    let now: DateTime<Utc> = "2026-11-23T02:43:43Z".parse().unwrap();
    let context = CallContext::new(now);
    let told = match asked {
        "list" => {
            account.list(&context, &ListRequest { page: 1, whole: true, ..ListRequest::default() }).await.map(|page| {
                let rows: Vec<_> =
                    page.rows.iter().map(|row| format!("{} {:?}", row.name, row.status.meaning)).collect();
                format!("{} rows of {:?}, next {:?}: {}", rows.len(), page.total, page.next, joined(&rows))
            })
        }
        "prices" => {
            let tld = |tld: &str| TldRecord { id: TldId(1), extension: tld.to_owned(), min_years: 1, max_years: 2 };
            let tlds = ["com", "co.uk", "com.bd"].map(tld).into();
            account.prices(&context, &PriceRequest { tlds }).await.map(|list| priced(&list))
        }
        name => {
            let context = match of {
                Some(status) => context.with_local_status(status.parse::<DomainStatus>().unwrap()),
                None => context,
            };
            account.info(&context, &DomainName::parse(name).unwrap()).await.map(|domain| read(&domain))
        }
    };
    told.unwrap_or_else(|error| error.kind().to_string())
}

fn joined(parts: &[String]) -> String {
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

fn read(domain: &RemoteDomain) -> String {
    let end = match &domain.expires_at {
        Field::Known(end) => end.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Field::Absent => "no end".to_owned(),
        Field::Unreadable(_) => "unreadable end".to_owned(),
    };
    let hosts = match &domain.nameservers {
        Field::Known(hosts) => hosts.len().to_string(),
        Field::Absent => "no".to_owned(),
        Field::Unreadable(_) => "unreadable".to_owned(),
    };
    let (contacts, warnings) = (domain.contacts.iter().count(), domain.warnings.len());
    format!(
        "`{}` {:?}, {end}, {hosts} nameservers, {contacts} contacts, {warnings} warnings",
        domain.status.words, domain.status.meaning
    )
}

fn priced(list: &PriceList) -> String {
    let quotes: Vec<_> = list
        .quotes
        .iter()
        .map(|quote| format!("{} {} {} {}", quote.tld, quote.action, quote.years, quote.price.normalize()))
        .collect();
    let failures: Vec<_> = list.failures.iter().map(|(tld, error)| format!("{tld} {}", error.kind())).collect();
    format!(
        "{:?}: {}; failures: {}",
        list.currency.map(|currency| currency.to_string()),
        joined(&quotes),
        joined(&failures)
    )
}

#[tokio::test]
async fn every_recorded_answer_gives_the_model_or_the_kind_of_error_that_the_table_says() {
    let mut wrong = Vec::new();
    for line in lines() {
        let outcome = outcome(&line).await;
        if outcome != line.outcome {
            let Line { slug, answer, status, requests, asked, .. } = line;
            wrong.push(format!("{slug} | {answer} | {status} | {requests} | {asked} | {outcome}"));
        }
    }
    assert!(wrong.is_empty(), "S2.5, S6.1: lines of recorded.txt that say something else than\n{}", wrong.join("\n"));
}

#[test]
fn the_table_has_every_answer_of_every_adapter() {
    let told: BTreeSet<_> = lines().iter().map(|line| format!("{} {}", line.slug, line.answer)).collect();
    let mut there = BTreeSet::new();
    for native in NATIVE.iter().filter(|native| native.has_address() && folder(native.slug).exists()) {
        for operation in std::fs::read_dir(folder(native.slug)).unwrap() {
            let operation = operation.unwrap();
            for answer in std::fs::read_dir(operation.path()).unwrap() {
                let (operation, answer) = (operation.file_name(), answer.unwrap().file_name());
                there.insert(format!("{} {}/{}", native.slug, operation.display(), answer.display()));
            }
        }
    }
    assert_eq!(told, there);
}
