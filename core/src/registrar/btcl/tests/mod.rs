#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop

mod details;
mod errors;
mod price_table;

use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};

use super::super::http::testing::{Reply, Request, Server};
use super::*;
use crate::config::RateLimitSetting;
use crate::model::Field;

/// The fixtures, one folder per operation.
macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("../fixtures/", $path))
    };
}
use fixture;

const USER: &str = "SECRETuser";
const PASSWORD: &str = "SECRET:password-é";
/// Both as they are sent.
const ENCODED: &str = "U0VDUkVUdXNlcjpTRUNSRVQ6cGFzc3dvcmQtw6k=";

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
    [("username", format!(" {USER}\n")), ("password", PASSWORD.to_owned())]
        .map(|(key, value)| (key.to_owned(), SecretString::from(value)))
        .into()
}

fn account_with(server: &Server, change: impl FnOnce(&mut RegistrarConfig)) -> Btcl {
    let mut config = RegistrarConfig {
        api_url: Some(server.url.join("rsdom").unwrap()),
        timeout: Duration::from_secs(10),
        rate_limit: RateLimitSetting::Unlimited,
        ..RegistrarConfig::default()
    };
    change(&mut config);
    Btcl::new("btcl", &credentials(), &config).unwrap()
}

fn account(server: &Server) -> Btcl {
    account_with(server, |_| ())
}

/// The operation and the body of a request, after checking that it is a POST with the credentials in its header only.
fn asked(request: &Request) -> (&str, serde_json::Value) {
    assert!(request.head.starts_with("POST /api/rsdom/") && !request.target.contains('?'), "{}", request.head);
    assert!(!request.body.contains("SECRET"), "S6.9 {}", request.body);
    let authorization = request.head.lines().find(|line| line.to_ascii_lowercase().starts_with("authorization: "));
    assert_eq!(authorization.unwrap().split_once(": ").unwrap().1, format!("Basic {ENCODED}"));
    assert!(request.head.to_ascii_lowercase().contains("content-type: application/json\r\n"), "{}", request.head);
    (request.path().strip_prefix("/api/rsdom/").unwrap(), serde_json::from_str(&request.body).unwrap())
}

fn assert_silent(printed: &str) {
    for secret in ["SECRET", ENCODED, "NID1234"] {
        assert!(!printed.contains(secret), "S6.9: `{secret}` in {printed}");
    }
}

#[test]
fn a_missing_credential_is_named_together_with_its_place() {
    for key in ["username", "password"] {
        let mut credentials = credentials();
        credentials.remove(key);
        let error = Btcl::new("btcl", &credentials, &RegistrarConfig::default()).unwrap_err();
        assert_eq!((error.kind(), error.registrar()), (ErrorKind::Config, Some("btcl")));
        assert!(error.message().contains(key), "{error}");
        assert_silent(&format!("{error} {error:?}"));
    }
}

#[test]
fn without_a_base_the_documented_api_is_asked_one_request_at_a_time() {
    let account = Btcl::new("btcl", &credentials(), &RegistrarConfig::default()).unwrap();
    assert_eq!(account.http.host(), "141.lyre.us");
    assert!(format!("{account:?}").contains("max_attempts: 30, decay_seconds: 60"), "S7.1 {account:?}");
    assert_silent(&format!("{account:?} {account:#?}"));
    let abilities = Btcl::abilities();
    assert_eq!((abilities.list, abilities.max_in_flight), (None, 1));
    assert!(abilities.prices && abilities.contacts);
}
