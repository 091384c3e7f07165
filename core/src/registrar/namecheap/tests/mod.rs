#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop

mod details;
mod errors;
mod list;
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

const KEY: &str = "SECRETé-0123456789abcdef";
const USER: &str = "account-of-jane";

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
    [("api_user", USER), ("api_key", &format!(" {KEY}\n")), ("client_ip", "203.0.113.7")]
        .map(|(key, value)| (key.to_owned(), SecretString::from(value)))
        .into()
}

fn account(server: &Server) -> Namecheap {
    let config = RegistrarConfig {
        // As the vendor prints it.
        api_url: Some(server.url.join("xml.response").unwrap()),
        timeout: Duration::from_secs(10),
        rate_limit: RateLimitSetting::Unlimited,
        ..RegistrarConfig::default()
    };
    Namecheap::new("namecheap", &credentials(), &config).unwrap()
}

fn command(request: &Request) -> String {
    let command = request.field("Command").unwrap();
    command.strip_prefix("namecheap.").unwrap().to_owned()
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
    assert!(request.head.starts_with("POST /api/xml.response HTTP/1.1"), "S6.9 {}", request.head);
    assert!(!request.head.contains("SECRET"), "S6.9 {}", request.head);
    let common = [("ApiUser", USER), ("ApiKey", KEY), ("UserName", USER), ("ClientIp", "203.0.113.7")];
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
    for key in ["api_user", "api_key", "client_ip"] {
        for value in [None, Some("  ")] {
            let mut credentials = credentials();
            match value {
                None => drop(credentials.remove(key)),
                Some(value) => drop(credentials.insert(key.to_owned(), value.into())),
            }
            let error = Namecheap::new("namecheap", &credentials, &RegistrarConfig::default()).unwrap_err();
            assert_eq!((error.kind(), error.registrar()), (ErrorKind::Config, Some("namecheap")));
            for part in [key, "registrars.credentials"] {
                assert!(error.message().contains(part), "{error}");
            }
            assert_silent(&format!("{error} {error:?}"));
        }
    }
}

#[test]
fn an_address_that_is_no_ipv4_is_refused_before_anything_is_sent() {
    for address in ["::1", "example.com", "198.51.100", "198.51.100.7:80"] {
        let mut credentials = credentials();
        credentials.insert("client_ip".to_owned(), address.into());
        let error = Namecheap::new("namecheap", &credentials, &RegistrarConfig::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{address}");
        assert!(error.message().contains("IPv4") && !error.message().contains(address), "{error}");
    }
}

#[tokio::test]
async fn the_address_may_be_configured_where_the_application_has_it() {
    let server = serving(&[]).await;
    let mut credentials = credentials();
    let config = |address: &str| RegistrarConfig {
        api_url: Some(server.url.clone()),
        client_ip: Some(address.to_owned()),
        ..RegistrarConfig::default()
    };
    let own = Namecheap::new("namecheap", &credentials, &config("198.51.100.1")).unwrap();
    assert_eq!(own.client_ip.to_string(), "203.0.113.7", "the credentials' own comes first");
    credentials.remove("client_ip");
    let account = Namecheap::new("namecheap", &credentials, &config(" 198.51.100.1 ")).unwrap();
    account.info(&context(), &name("example.com")).await.unwrap_err();
    assert_eq!(server.requests()[0].field("ClientIp").as_deref(), Some("198.51.100.1"));
    let error = Namecheap::new("namecheap", &credentials, &config("::1")).unwrap_err();
    assert!(error.message().contains("registrar.registrars.namecheap.client_ip"), "{error}");
}

#[tokio::test]
async fn another_user_name_than_the_api_s_is_sent_where_there_is_one() {
    let server = serving(&[]).await;
    let mut credentials = credentials();
    credentials.insert("username".to_owned(), "somebody-else".into());
    let config = RegistrarConfig { api_url: Some(server.url.clone()), ..RegistrarConfig::default() };
    let account = Namecheap::new("namecheap", &credentials, &config).unwrap();
    account.info(&context(), &name("example.com")).await.unwrap_err();
    let request = &server.requests()[0];
    assert_eq!(request.field("ApiUser").as_deref(), Some(USER));
    assert_eq!(request.field("UserName").as_deref(), Some("somebody-else"));
}

#[test]
fn without_a_base_the_production_api_is_asked_within_the_vendor_s_limit() {
    let account = Namecheap::new("namecheap", &credentials(), &RegistrarConfig::default()).unwrap();
    assert_eq!(account.http.host(), "api.namecheap.com");
    assert!(format!("{account:?}").contains("max_attempts: 20, decay_seconds: 60"), "S7.1 {account:?}");
    assert_silent(&format!("{account:?} {account:#?}"));
}

#[test]
fn the_abilities_are_those_of_the_api() {
    let abilities = Namecheap::abilities();
    let list = abilities.list.unwrap();
    assert_eq!((list.page_size, list.by_remote_id), (100, None));
    assert!(!list.change_marker && !list.partial_status && abilities.prices && abilities.contacts);
}
