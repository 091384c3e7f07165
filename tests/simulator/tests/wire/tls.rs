//! Certificates, good and bad.

use domaindesk_simulator::{Simulator, SimulatorConfig, TlsMode};
use reqwest::Certificate;

use super::*;

async fn ask(mode: TlsMode) -> (u64, Result<Response, reqwest::Error>) {
    let simulator = Simulator::start(SimulatorConfig { tls: Some(mode), ..SimulatorConfig::with_domains(10) });
    assert!(simulator.url().starts_with("https://127.0.0.1:"));
    let authority = Certificate::from_pem(simulator.ca_pem().unwrap().as_bytes()).unwrap();
    let client = builder().tls_certs_only([authority]).build().unwrap();
    let result = client.get(list(&simulator)).send().await;
    (simulator.stats().requests, result)
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_is_served() {
    let (requests, result) = ask(TlsMode::Trusted).await;
    assert_eq!((requests, result.unwrap().status().as_u16()), (1, 200));
}

#[tokio::test]
async fn http_2_is_agreed_on_in_the_handshake_unless_it_is_switched_off() {
    for (http1_only, version) in [(false, reqwest::Version::HTTP_2), (true, reqwest::Version::HTTP_11)] {
        let simulator = Simulator::start(SimulatorConfig {
            tls: Some(TlsMode::Trusted),
            http1_only,
            ..SimulatorConfig::with_domains(10)
        });
        let authority = Certificate::from_pem(simulator.ca_pem().unwrap().as_bytes()).unwrap();
        let client = builder().tls_certs_only([authority]).build().unwrap();
        let response = client.get(list(&simulator)).send().await.unwrap();
        assert_eq!(response.version(), version);
        assert_eq!(json(response).await["recsonpage"], "10");
        assert_eq!(simulator.stats().http2_requests, u64::from(!http1_only));
    }
}

#[tokio::test]
async fn plain_http_at_an_https_url_is_no_handshake() {
    let (requests, result) = ask(TlsMode::PlainHttp).await;
    let error = format!("{:?}", result.unwrap_err());
    assert!(error.contains("InvalidMessage"), "{error}");
    assert_eq!(requests, 0);
}

#[tokio::test]
async fn a_bad_certificate_is_refused_for_what_is_bad_about_it_before_any_request_is_sent() {
    for (mode, word) in
        [(TlsMode::SelfSigned, "UnknownIssuer"), (TlsMode::WrongHost, "NotValidForName"), (TlsMode::Expired, "Expired")]
    {
        let (requests, result) = ask(mode).await;
        let error = format!("{:?}", result.unwrap_err());
        assert!(error.contains(word), "{mode:?}: {error}");
        assert_eq!(requests, 0, "{mode:?}");
    }
}

#[tokio::test]
async fn a_client_without_a_certificate_of_the_authority_is_not_served_where_one_is_asked_for() {
    let mutual =
        || Simulator::start(SimulatorConfig { tls: Some(TlsMode::Mutual), ..SimulatorConfig::with_domains(10) });
    let (simulator, other) = (mutual(), mutual());
    let authority = Certificate::from_pem(simulator.ca_pem().unwrap().as_bytes()).unwrap();
    let (own, strange) = (simulator.client_pem().unwrap(), other.client_pem().unwrap());
    for (shown, is_served) in [(None, false), (Some(strange), false), (Some(own), true)] {
        let mut builder = builder().tls_certs_only([authority.clone()]);
        if let Some(shown) = shown {
            let pem = format!("{}{}", shown.certificate, shown.key);
            builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap());
        }
        let result = builder.build().unwrap().get(list(&simulator)).send().await;
        assert_eq!(result.is_ok(), is_served, "{result:?}");
        assert_eq!(simulator.stats().requests, u64::from(is_served));
    }
}
