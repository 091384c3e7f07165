//! A proxy that refuses, goes or talks, and what is told of it. Here the server of the tests is the proxy.

use super::super::testing::head;
use super::*;

const USER: &str = "gatekeeper";
const PASSWORD: &str = "hunter2hunter2";
/// The two as they are sent: the base64 of them with a colon.
const SENT: &str = "Z2F0ZWtlZXBlcjpodW50ZXIyaHVudGVyMg==";

/// The configuration of an account at this base, behind this proxy.
fn behind(proxy: &Server, base: &str, login: &str) -> RegistrarConfig {
    let proxy = format!("http://{login}127.0.0.1:{}", proxy.url.port().unwrap());
    let own = serde_json::json!({"proxy": proxy, "api_url": base, "rate_limit": null, "timeout": 0.4});
    let config = serde_json::json!({"database": "sqlite:a.sqlite", "registrar": {"registrars": {"x": own}}});
    crate::Config::from_value(config).unwrap().registrar.get("x").clone()
}

/// The error of one request to a registrar behind a proxy that answers so, and what the proxy was sent.
async fn failure(base: &str, reply: Reply) -> (Error, Vec<super::super::testing::Request>) {
    let proxy = Server::start(move |_| reply.clone()).await;
    let login = format!("{USER}:{PASSWORD}@");
    let error = get(&client_of(&behind(&proxy, base, &login)).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "S6.1 {error}");
    assert!(error.message().contains(&format!("proxy 127.0.0.1:{}", proxy.url.port().unwrap())), "{error}");
    assert!(error.message().starts_with("registrar.example: "), "{error}");
    assert_silent(&error);
    for secret in [USER, PASSWORD, SENT] {
        assert!(!format!("{error} {error:?}").contains(secret), "S6.9 {error:?}");
    }
    (error, proxy.requests())
}

#[tokio::test]
async fn a_proxy_that_refuses_or_cuts_is_a_network_failure_that_names_it() {
    let refused = || Reply::with(407, "Proxy-Authenticate: Basic realm=\"gate\"\r\n", "");
    for (base, line) in [
        ("http://registrar.example/", "GET http://registrar.example/domains/search.json?"),
        ("https://registrar.example/", "CONNECT registrar.example:443 "),
    ] {
        for reply in [refused(), Reply::BytesThenClose(Vec::new()), Reply::BytesThenClose(b"HTTP/1.1 2".to_vec())] {
            let is_refused = format!("{reply:?}") == format!("{:?}", refused());
            let (error, requests) = failure(base, reply).await;
            assert!(requests[0].head.starts_with(line), "{}", requests[0].head);
            let login = format!("proxy-authorization: basic {}\r\n", SENT.to_lowercase());
            assert!(requests[0].head.to_lowercase().contains(&login), "{}", requests[0].head);
            let says_why = error.message().contains("407") || error.message().contains("authorization required");
            assert_eq!(says_why, is_refused, "{error}");
        }
    }
    for reply in [Reply::with(502, "", ""), Reply::BytesThenClose(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())] {
        let (error, requests) = failure("https://registrar.example/", reply).await;
        assert_eq!(requests.len(), 1, "nothing is asked in plain where TLS was wanted: {error}");
    }
    let half = Reply::BytesThenClose([head(200, "", 100), b"{\"half".to_vec()].concat());
    let (error, _) = failure("http://registrar.example/", half).await;
    assert!(error.message().contains("the answer broke off"), "{error}");
}

#[tokio::test]
async fn a_refusal_by_a_proxy_that_nobody_configured_is_one_too() {
    let proxy = Server::start(|_| Reply::with(407, "", "")).await;
    let error = get(&client(&proxy.url)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "S6.1 {error}");
    assert!(error.message().starts_with("127.0.0.1: a proxy wants a user and a password"), "{error}");
}

#[tokio::test]
async fn what_a_proxy_echoes_of_its_login_is_taken_out_and_the_account_stays_the_same() {
    let proxy = Server::start(|_| Reply::json(200, "{}")).await;
    let with = client_of(&behind(&proxy, "http://registrar.example/", &format!("{USER}:{PASSWORD}@"))).unwrap();
    let error = with.error(ErrorKind::Rejected, format!("{USER} has {PASSWORD}: Basic {SENT}"));
    assert_eq!(error.message(), "[hidden] has [hidden]: Basic [hidden]", "S6.9");
    let without = client_of(&behind(&proxy, "http://registrar.example/", "")).unwrap();
    assert_eq!(with.secrets.identity(), without.secrets.identity(), "S7.1: one limit, whatever the way");
    assert!(get(&without).await.is_ok() && get(&with).await.is_ok());
    let requests = proxy.requests();
    let logins = requests.iter().map(|request| request.head.to_lowercase().contains("proxy-authorization"));
    assert_eq!(logins.collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn without_tls_a_proxy_needs_no_root_certificates() {
    let proxy = Server::start(|_| Reply::json(200, "{}")).await;
    let config = behind(&proxy, "http://127.0.0.1:9/api/", "");
    let client = client_of(&config).unwrap().over_ipv4(&config).unwrap();
    assert!(get(&client).await.is_ok(), "a proxy that is configured is asked for this machine's servers too");
    assert_eq!(proxy.requests()[0].target.split('?').next(), Some("http://127.0.0.1:9/api/domains/search.json"));
}
