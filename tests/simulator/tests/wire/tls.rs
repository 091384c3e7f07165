//! Certificates, good and bad.

use domaindesk_simulator::{Simulator, SimulatorConfig, TlsMode};
use reqwest::Certificate;

use super::*;

async fn ask(mode: TlsMode) -> (u64, Result<Response, reqwest::Error>) {
    let simulator = Simulator::start(SimulatorConfig {
        tls: Some(mode),
        ..SimulatorConfig::with_domains(10)
    });
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
async fn a_bad_certificate_is_refused_for_what_is_bad_about_it_before_any_request_is_sent() {
    for (mode, word) in [
        (TlsMode::SelfSigned, "UnknownIssuer"),
        (TlsMode::WrongHost, "NotValidForName"),
        (TlsMode::Expired, "Expired"),
    ] {
        let (requests, result) = ask(mode).await;
        let error = format!("{:?}", result.unwrap_err());
        assert!(error.contains(word), "{mode:?}: {error}");
        assert_eq!(requests, 0, "{mode:?}");
    }
}
