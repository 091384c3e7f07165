#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop

mod details;
mod errors;
mod list;
mod price_table;
mod statuses;

use std::time::Duration;

use chrono::TimeZone as _;

use super::super::http::testing::{Reply, Request, Server};
use super::*;
use crate::config::RateLimitSetting;
use crate::model::{Contacts, Field};

/// The fixtures, one folder per operation.
macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("../fixtures/", $path))
    };
}
use fixture;

const KEY: &str = "SECRETé-0123456789abcdef";
const USER: &str = "reseller-of-jane";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 2, 43, 43).unwrap()
}

fn context() -> CallContext {
    CallContext::new(now())
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn utc(year: i32, month: u32, day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, month, day, hour, minute, 0).unwrap()
}

fn credentials() -> BTreeMap<String, SecretString> {
    [("uid", USER), ("pw", &format!(" {KEY}\n"))].map(|(key, value)| (key.to_owned(), SecretString::from(value))).into()
}

fn account(server: &Server) -> Enom {
    let config = RegistrarConfig {
        // As the vendor prints it.
        api_url: Some(server.url.join("interface.asp").unwrap()),
        timeout: Duration::from_secs(10),
        rate_limit: RateLimitSetting::Unlimited,
        ..RegistrarConfig::default()
    };
    Enom::new("enom", &credentials(), &config).unwrap()
}

fn command(request: &Request) -> String {
    request.field("command").unwrap()
}

fn commands(requests: &[Request]) -> Vec<String> {
    requests.iter().map(command).collect()
}

/// A server that answers each command with its fixture, and anything else as a domain that is not there.
async fn serving(answers: &'static [(&'static str, &'static str)]) -> Server {
    Server::start(move |request| {
        let command = command(request);
        let known = answers.iter().find(|(wanted, _)| *wanted == command);
        Reply::xml(200, known.map_or(fixture!("error/not_found.xml"), |(_, body)| *body))
    })
    .await
}

/// The fields of a request that are its own, after checking that it is a POST with the credentials in its form only.
fn asked(request: &Request) -> Vec<(String, String)> {
    assert!(request.head.starts_with("POST /api/interface.asp HTTP/1.1"), "S6.9 {}", request.head);
    assert!(!request.head.contains("SECRET"), "S6.9 {}", request.head);
    let common = [("uid", USER), ("pw", KEY), ("responsetype", "xml")];
    for (key, value) in common {
        assert_eq!(request.field(key).as_deref(), Some(value), "{key}");
    }
    request.form().into_iter().filter(|(key, _)| common.iter().all(|(common, _)| common != key)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn assert_silent(printed: &str) {
    for secret in [KEY, "SECRET", USER] {
        assert!(!printed.contains(secret), "S6.9: `{secret}` in {printed}");
    }
}

#[test]
fn a_missing_credential_is_named_together_with_its_place() {
    for key in ["uid", "pw"] {
        let mut credentials = credentials();
        credentials.remove(key);
        let error = Enom::new("enom", &credentials, &RegistrarConfig::default()).unwrap_err();
        assert_eq!((error.kind(), error.registrar()), (ErrorKind::Config, Some("enom")));
        assert!(error.message().contains(&format!("credentials.{key}")), "{error}");
        assert_silent(&format!("{error} {error:?}"));
    }
}

#[test]
fn without_a_base_the_production_api_is_asked_one_request_at_a_time() {
    let account = Enom::new("enom", &credentials(), &RegistrarConfig::default()).unwrap();
    assert_eq!((account.http.host(), account.capabilities().max_in_flight), ("reseller.enom.com", 1), "S7.1");
    assert!(format!("{account:?}").contains("max_attempts: 60, decay_seconds: 60"), "S7.1 {account:?}");
    assert_silent(&format!("{account:?} {account:#?}"));
}

#[test]
fn the_abilities_are_those_of_the_api() {
    let abilities = Enom::abilities();
    let list = abilities.list.unwrap();
    assert_eq!((list.page_size, list.by_remote_id), (1_000_000, None));
    assert!(!list.change_marker && list.partial_status && abilities.prices && abilities.contacts);
}
