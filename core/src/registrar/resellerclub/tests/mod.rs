#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop

mod errors;
mod info;
mod list;
mod price_table;
mod properties;

use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};
use serde_json::Value;

use super::super::http::testing::{Reply, Request, Server};
use super::*;
use crate::config::{PriceSource, RateLimitSetting};

/// The fixtures, one folder per operation.
macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("../fixtures/", $path))
    };
}
use fixture;

const KEY: &str = "SECRET/é-0123456789abcdef";
const USER: &str = "123456";

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
    BTreeMap::from([
        ("auth_userid".to_owned(), SecretString::from(USER)),
        ("api_key".to_owned(), SecretString::from(format!(" {KEY}\n"))),
    ])
}

fn config(server: &Server) -> RegistrarConfig {
    RegistrarConfig {
        api_url: Some(server.url.clone()),
        timeout: Duration::from_secs(10),
        rate_limit: RateLimitSetting::Unlimited,
        ..RegistrarConfig::default()
    }
}

fn account(server: &Server) -> ResellerClub {
    ResellerClub::new("resellerclub", &credentials(), &config(server)).unwrap()
}

/// A fixture with some of its keys replaced; `null` takes a key away.
fn changed(fixture: &str, changes: &Value) -> String {
    let mut value: Value = serde_json::from_str(fixture).unwrap();
    for (key, change) in changes.as_object().unwrap() {
        match change {
            Value::Null => drop(value.as_object_mut().unwrap().remove(key)),
            change => value[key] = change.clone(),
        }
    }
    value.to_string()
}

/// The query of a request without the credentials, after checking that they are in it.
fn asked(request: &Request) -> Vec<(String, String)> {
    assert_eq!(request.value("auth-userid").as_deref(), Some(USER));
    assert_eq!(request.value("api-key").as_deref(), Some(KEY));
    request.query().into_iter().filter(|(key, _)| !matches!(key.as_str(), "auth-userid" | "api-key")).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn assert_silent(printed: &str) {
    for secret in [KEY, "SECRET", USER, "AUTH-CODE-1", "CONTACT-PASSWORD"] {
        assert!(!printed.contains(secret), "S6.9: `{secret}` in {printed}");
    }
}

#[test]
fn a_missing_or_empty_credential_is_named_together_with_its_place() {
    for key in ["auth_userid", "api_key"] {
        for value in [None, Some(""), Some("  ")] {
            let mut credentials = credentials();
            match value {
                None => drop(credentials.remove(key)),
                Some(value) => drop(credentials.insert(key.to_owned(), value.into())),
            }
            let error = ResellerClub::new("logicboxes", &credentials, &RegistrarConfig::default()).unwrap_err();
            assert_eq!((error.kind(), error.registrar()), (ErrorKind::Config, Some("logicboxes")));
            for part in [key, "registrars.credentials", "registrar.registrars.logicboxes"] {
                assert!(error.message().contains(part), "{error}");
            }
            assert_silent(&format!("{error} {error:?}"));
        }
    }
}

#[test]
fn without_a_base_the_production_api_is_asked_and_gently() {
    let account = ResellerClub::new("resellerclub", &credentials(), &RegistrarConfig::default()).unwrap();
    assert_eq!(account.http.host(), "httpapi.com");
    assert_eq!(account.capabilities().max_in_flight, 2, "S7.1");
    assert!(format!("{account:?}").contains("max_attempts: 60, decay_seconds: 60"), "S7.1 {account:?}");
    let account = ResellerClub::new(
        "resellerclub",
        &credentials(),
        &RegistrarConfig { concurrency: Some(5), ..RegistrarConfig::default() },
    )
    .unwrap();
    assert_eq!(account.capabilities().max_in_flight, 5);
}

#[test]
fn debug_output_hides_the_api_key() {
    let config = RegistrarConfig { credentials: credentials(), ..RegistrarConfig::default() };
    let account = ResellerClub::new("resellerclub", &credentials(), &config).unwrap();
    assert_silent(&format!("{account:?} {account:#?}"));
}

#[test]
fn the_abilities_are_those_of_the_api() {
    let abilities = ResellerClub::abilities();
    let list = abilities.list.unwrap();
    assert_eq!((list.page_size, list.by_remote_id), (500, Some(100)));
    assert!(list.change_marker && list.partial_status && abilities.prices && abilities.contacts);
}
