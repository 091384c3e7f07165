#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop

mod faults;
mod form;
mod proxy;

use std::fmt::Write as _;

use chrono::TimeZone as _;
use futures_util::future::join_all;

use super::testing::{Reply, Server};
use super::*;

const KEY: &str = "k/é+SECRET-0123456789";
const USER: &str = "123456";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 2, 43, 43).unwrap()
}

fn context() -> CallContext {
    CallContext::new(now())
}

fn config(base: &Url) -> RegistrarConfig {
    RegistrarConfig {
        api_url: Some(base.clone()),
        timeout: Duration::from_millis(400),
        rate_limit: RateLimitSetting::Unlimited,
        ..RegistrarConfig::default()
    }
}

fn client_of(config: &RegistrarConfig) -> Result<HttpClient> {
    let defaults = HttpDefaults {
        base: Url::parse("https://api.registrar.example/").unwrap(),
        rate_limit: Vec::new(),
        concurrency: 2,
    };
    let secrets = vec![("auth-userid".to_owned(), USER.into()), ("api-key".to_owned(), SecretString::from(KEY))];
    HttpClient::new("testregistrar", config, defaults, secrets)
}

fn client(base: &Url) -> HttpClient {
    client_of(&config(base)).unwrap()
}

async fn get(client: &HttpClient) -> Result<Answer> {
    client.get(&context(), "domains/search.json", &[("order-by", "orderid desc")]).await
}

/// Asserts that nothing that can be printed of an error holds the key, the user or a query.
fn assert_silent(error: &Error) {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        write!(text, " {error} {error:?}").unwrap();
        cause = error.source();
    }
    if let Some(cause) = error.cause() {
        write!(text, " {cause} {cause:?}").unwrap();
    }
    for secret in [KEY, "SECRET", "k%2F%C3%A9", USER, "api-key", "order-by", "domains/"] {
        assert!(!text.contains(secret), "S6.9: `{secret}` in {text}");
    }
}

#[tokio::test]
async fn a_request_carries_the_query_and_the_credentials_and_says_who_asks() {
    let server = Server::start(|_| Reply::json(200, r#"{"a":1}"#)).await;
    let client = client(&server.url);
    let context = context();
    let answer = client
        .get(&context, "domains/search.json", &[("order-by", "orderid desc"), ("name", "bücher&co")])
        .await
        .unwrap();

    assert_eq!((answer.status, answer.body.as_slice()), (200, br#"{"a":1}"#.as_slice()));
    assert_eq!(answer.content_type.as_deref(), Some("application/json"));
    assert_eq!(context.requests(), 1);
    let request = server.requests().remove(0);
    assert_eq!(request.path(), "/api/domains/search.json");
    let wanted = [("order-by", "orderid desc"), ("name", "bücher&co"), ("auth-userid", USER), ("api-key", KEY)];
    assert_eq!(request.query(), wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let head = request.head.to_lowercase();
    assert!(head.contains(&format!("user-agent: domaindesk-sync/{}\r\n", env!("CARGO_PKG_VERSION"))), "{head}");
    assert!(head.contains("accept-encoding: gzip"), "{head}");
}

#[tokio::test]
async fn a_base_without_a_trailing_slash_is_the_same_base() {
    let server = Server::start(|_| Reply::json(200, "{}")).await;
    let base = Url::parse(server.url.as_str().trim_end_matches('/')).unwrap();
    get(&client(&base)).await.unwrap();
    assert_eq!(server.requests()[0].path(), "/api/domains/search.json");
}

#[tokio::test]
async fn one_connection_serves_request_after_request() {
    let server = Server::start(|_| Reply::json(200, "{}")).await;
    let client = client(&server.url);
    for _ in 0..20 {
        get(&client).await.unwrap();
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 20), "S7.4");
}

#[tokio::test]
async fn the_limit_of_an_account_holds_over_everything_that_uses_its_client() {
    let server = Server::start(|_| Reply::json(200, "{}")).await;
    let limit = RateLimit::per_minutes(20, 1);
    let config = RegistrarConfig { rate_limit: RateLimitSetting::Limited(vec![limit]), ..config(&server.url) };
    let client = client_of(&config).unwrap();
    let context = context();
    let burst = tokio::time::timeout(
        Duration::from_millis(300),
        join_all((0..12).map(|_| client.get(&context, "domains/search.json", &[]))),
    );
    assert!(burst.await.is_err(), "S7.1: after half of them the others come evenly");
    assert_eq!((context.requests(), server.requests().len()), (10, 10), "S7.1");
    assert!(context.waited() > Duration::from_millis(200));
}

#[test]
fn an_echoed_key_is_taken_out_of_an_error() {
    let client = client(&Url::parse("http://127.0.0.1:9/").unwrap());
    let error = Error::new(ErrorKind::Rejected, format!("refused {KEY}"))
        .with_native(None, format!("no {KEY} {}", "x".repeat(900)));
    let error = client.seal(error);
    assert_eq!((error.message(), error.registrar()), ("refused [hidden]", Some("testregistrar")), "S6.9");
    assert_eq!(error.native().unwrap().message.len(), MAX_NATIVE);
    assert_silent(&error);
}

#[test]
fn debug_output_of_client_and_answer_hides_keys_and_bodies() {
    let client = client(&Url::parse("http://127.0.0.1:9/").unwrap());
    let answer = Answer { status: 200, content_type: None, retry_after: None, body: b"domsecret".to_vec() };
    let text = format!("{client:?} {answer:?}");
    assert!(text.contains("127.0.0.1"), "{text}");
    for secret in [KEY, USER, "domsecret"] {
        assert!(!text.contains(secret), "S6.9 {text}");
    }
}

#[test]
fn a_base_that_cannot_be_one_is_refused_by_its_key_without_being_repeated() {
    for text in [
        "ftp://registrar.example/",
        "https://me:hunter2@registrar.example/",
        "https://registrar.example/?hunter2",
        "data:hunter2",
    ] {
        let config = config(&Url::parse(text).unwrap());
        let error = client_of(&config).unwrap_err();
        assert_eq!((error.kind(), error.registrar()), (ErrorKind::Config, Some("testregistrar")), "{text}");
        assert!(error.message().contains("registrar.registrars.testregistrar.api_url"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "S6.9 {error}");
    }
}

#[test]
fn a_limit_of_nothing_is_refused() {
    let limit = RateLimit::per_minutes(0, 1);
    let config = RegistrarConfig { rate_limit: RateLimitSetting::Limited(vec![limit]), ..RegistrarConfig::default() };
    let error = client_of(&config).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("rate_limit"), "{error}");
}
