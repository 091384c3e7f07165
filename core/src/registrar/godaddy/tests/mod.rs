#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop

mod details;
mod errors;
mod list;

use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};

use super::super::http::testing::{Reply, Request, Server};
use super::*;
use crate::config::RateLimitSetting;
use crate::model::{DomainStatus, Field, StatusMeaning};

/// The fixtures, one folder per operation.
macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("../fixtures/", $path))
    };
}
use fixture;

const KEY: &str = "SECRETkey-0123456789abcdef";
const SECRET: &str = "SECRETsecret";

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
    [("api_key", format!(" {KEY}\n")), ("api_secret", SECRET.to_owned())]
        .map(|(key, value)| (key.to_owned(), SecretString::from(value)))
        .into()
}

fn config(server: &Server) -> RegistrarConfig {
    RegistrarConfig {
        // As the application has it.
        api_url: Some(server.url.join("v1").unwrap()),
        timeout: Duration::from_secs(10),
        rate_limit: RateLimitSetting::Unlimited,
        ..RegistrarConfig::default()
    }
}

fn account(server: &Server) -> GoDaddy {
    GoDaddy::new("godaddy", &credentials(), &config(server)).unwrap()
}

/// The path and the parameters of a request, after checking that it is a GET with the credentials in its header only.
fn asked(request: &Request) -> (&str, Vec<(String, String)>) {
    assert!(request.head.starts_with("GET /api/v1/domains"), "{}", request.head);
    assert!(!request.target.contains("SECRET") && !request.target.ends_with('?'), "S6.9 {}", request.target);
    let head = request.head.to_ascii_lowercase();
    let authorization = format!("authorization: sso-key {KEY}:{SECRET}\r\n").to_ascii_lowercase();
    assert!(head.contains(&authorization) && head.contains("accept: application/json\r\n"), "{head}");
    (request.path().strip_prefix("/api/").unwrap(), request.query())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn assert_silent(printed: &str) {
    for secret in [KEY, SECRET, "SECRET"] {
        assert!(!printed.contains(secret), "S6.9: `{secret}` in {printed}");
    }
}

#[test]
fn a_missing_credential_is_named_together_with_its_place() {
    for key in ["api_key", "api_secret"] {
        for value in [None, Some("  ")] {
            let mut credentials = credentials();
            match value {
                None => drop(credentials.remove(key)),
                Some(value) => drop(credentials.insert(key.to_owned(), value.into())),
            }
            let error = GoDaddy::new("godaddy", &credentials, &RegistrarConfig::default()).unwrap_err();
            assert_eq!((error.kind(), error.registrar()), (ErrorKind::Config, Some("godaddy")));
            for part in [key, "registrars.credentials"] {
                assert!(error.message().contains(part), "{error}");
            }
            assert_silent(&format!("{error} {error:?}"));
        }
    }
}

#[test]
fn a_credential_that_no_header_can_hold_is_refused_without_being_shown() {
    for key in ["api_key", "shopper_id"] {
        let mut credentials = credentials();
        credentials.insert(key.to_owned(), "SECRET\u{7f}x".into());
        let error = GoDaddy::new("godaddy", &credentials, &RegistrarConfig::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{key}");
        assert_silent(&format!("{error} {error:?}"));
    }
}

#[tokio::test]
async fn a_sub_account_is_asked_for_by_its_header() {
    let server = Server::start(|_| Reply::json(200, "[]")).await;
    account(&server).list(&context(), &ListRequest::default()).await.unwrap();
    let mut credentials = credentials();
    credentials.insert("shopper_id".to_owned(), "100000001".into());
    let account = GoDaddy::new("godaddy", &credentials, &config(&server)).unwrap();
    account.list(&context(), &ListRequest::default()).await.unwrap();
    let has = |request: &Request| request.head.to_ascii_lowercase().contains("x-shopper-id: 100000001\r\n");
    assert_eq!(server.requests().iter().map(has).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn without_a_base_the_production_api_is_asked_within_the_vendor_s_limit() {
    let account = GoDaddy::new("godaddy", &credentials(), &RegistrarConfig::default()).unwrap();
    assert_eq!(account.http.host(), "api.godaddy.com");
    assert!(format!("{account:?}").contains("max_attempts: 60, decay_seconds: 60"), "S7.1 {account:?}");
    assert_silent(&format!("{account:?} {account:#?}"));
}

#[tokio::test]
async fn the_abilities_are_those_of_the_api() {
    let abilities = GoDaddy::abilities();
    let list = abilities.list.unwrap();
    assert_eq!((list.page_size, list.by_remote_id, list.whole), (1_000, None, true));
    assert!(!list.change_marker && !list.partial_status && !abilities.prices && abilities.contacts);
    let server = Server::start(|_| Reply::json(200, "[]")).await;
    let error = account(&server).prices(&context(), &crate::registrar::PriceRequest::default()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message(), server.requests().len()),
        (ErrorKind::Unsupported, "Registrar does not support price syncing", 0),
        "S5.7"
    );
}
