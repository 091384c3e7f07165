//! The way to an account's server: through a proxy, from an address, and with certificates of both sides.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::io::Write;
use std::process::{Command, Stdio};

use domaindesk_simulator::{Simulator, SimulatorConfig, TlsMode};
use domaindesk_support::HttpProxy;
use domaindesk_sync::report::DomainResult;
use domaindesk_sync::{Error, ErrorKind, SyncOptions};
use domaindesk_tests::conformance::Row;
use domaindesk_tests::{House, account};
use serde_json::{Value, json};

/// The house's account, with these settings.
fn set(house: &mut House, settings: Value) {
    let own = &mut house.config["registrar"]["registrars"]["resellerclub"];
    for (key, value) in settings.as_object().unwrap() {
        own[key] = value.clone();
    }
}

/// Syncs a domain of the house, with these settings of its account.
async fn synced(house: &mut House, settings: Value) -> Result<DomainResult, Error> {
    set(house, settings);
    let sync = house.connect().await;
    let domain = house.active();
    let before = ["status", "expires_at", "last_synced_at"].map(|column| house.column(&domain, column));
    let result = sync.sync_domain(house.id(&domain), &SyncOptions::default().forced()).await;
    let told = format!("{result:?} {} {sync:?}", house.metadata(&domain));
    for secret in ["hunter2", "simulated", "PRIVATE"] {
        assert!(!told.contains(secret), "S6.9 {told}");
    }
    if result.as_ref().is_ok_and(|result| result.success) {
        house.database.execute("UPDATE domains SET last_synced_at = NULL");
    } else {
        let after = ["status", "expires_at", "last_synced_at"].map(|column| house.column(&domain, column));
        assert_eq!(after, before, "S6.3");
    }
    result
}

/// As [`synced`], where it fails on the way.
async fn failed(house: &mut House, settings: Value) -> (ErrorKind, String) {
    let result = synced(house, settings).await.unwrap();
    (result.error_code.unwrap(), result.error.unwrap())
}

/// As [`failed_to_open`], where nothing was sent before either.
async fn refused(house: &mut House, settings: Value) -> String {
    let message = failed_to_open(house, settings).await;
    assert_eq!(house.simulator.stats().requests, 0, "nothing is sent");
    message
}

/// As [`synced`], where the account cannot be opened.
async fn failed_to_open(house: &mut House, settings: Value) -> String {
    let result = synced(house, settings).await;
    let (kind, message) = match &result {
        Ok(result) => (result.error_code.unwrap(), result.error.clone().unwrap()),
        Err(error) => (error.kind(), error.to_string()),
    };
    assert_eq!(kind, ErrorKind::Config, "S6.1 {message}");
    message
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_go_through_the_account_s_proxy_plain_and_over_tls() {
    for mode in [None, Some(TlsMode::Trusted)] {
        let mut house = mode.map_or_else(|| House::new(60), |mode| House::over_tls(mode, 60));
        let open = HttpProxy::start(None);
        let mut settings = json!({"proxy": open.url()});
        if let Some(authority) = house.simulator.ca_pem() {
            settings["ca_file"] = json!(authority);
        }
        assert!(synced(&mut house, settings).await.unwrap().success, "{mode:?}");
        assert_eq!(open.requests(), 1, "{mode:?}");

        let guarded = HttpProxy::start(Some(("me", "hunter2")));
        let with = |login: &str| json!({"proxy": format!("http://{login}{}", guarded.place())});
        assert!(synced(&mut house, with("me:hunter2@")).await.unwrap().success, "{mode:?}");
        // Without TLS a refused password is answered with 401, which the registrar might have said itself.
        let logins = if mode.is_some() { &["", "me:wronghunter2@"][..] } else { &[""] };
        for login in logins {
            let (kind, message) = failed(&mut house, with(login)).await;
            assert_eq!(kind, ErrorKind::Network, "S6.1 {message}");
            assert!(message.contains(&format!("proxy {}", guarded.place())), "{mode:?} {message}");
        }
        assert_eq!(house.simulator.stats().requests, 2, "a proxy that refuses lets nothing through");
    }
}

#[tokio::test]
async fn a_proxy_that_is_down_is_a_failure_of_the_network_and_named() {
    let mut house = House::new(60);
    let mut proxy = HttpProxy::start(None);
    proxy.stop();
    let (kind, message) = failed(&mut house, json!({"proxy": proxy.url()})).await;
    assert_eq!(kind, ErrorKind::Network, "S6.1 {message}");
    assert!(message.contains(&format!("through the proxy {}", proxy.place())), "{message}");
    assert!(synced(&mut house, json!({"proxy": false})).await.unwrap().success);
}

#[tokio::test]
async fn only_the_pinned_authority_is_trusted() {
    let mut house = House::over_tls(TlsMode::Trusted, 60);
    let authority = house.simulator.ca_pem().unwrap();
    let file = house.database.folder().join("authority.pem");
    std::fs::write(&file, &authority).unwrap();
    for pinned in [json!(file), json!(authority)] {
        assert!(synced(&mut house, json!({ "ca_file": pinned })).await.unwrap().success);
    }
    let other = Simulator::start(SimulatorConfig { tls: Some(TlsMode::Trusted), ..SimulatorConfig::default() });
    let (kind, message) = failed(&mut house, json!({"ca_file": other.ca_pem().unwrap()})).await;
    assert_eq!(kind, ErrorKind::Network, "S6.1 {message}");
    assert!(message.contains("certificate"), "{message}");

    house.simulator.reset_stats();
    let large = house.database.folder().join("large.pem");
    std::fs::write(&large, vec![b'\n'; 2 * 1024 * 1024]).unwrap();
    for (pinned, wanted) in [
        (json!("/nowhere/authority.pem"), "ca_file`: /nowhere/authority.pem cannot be read: No such file"),
        (json!(large), "large.pem cannot be read: it is too large for a PEM file"),
        (json!(house.database.folder()), " cannot be read: it is no file"),
        (json!("/dev/zero"), "ca_file`: /dev/zero cannot be read: it is no file"),
        (json!("-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n"), "ca_file`: is no PEM"),
        (json!("-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----"), "ca_file`: holds no certificate in PEM"),
        (json!("-----BEGIN CERTIFICATE-----"), "ca_file`: is no PEM"),
        (json!(broken(&authority)), "ca_file`: holds a certificate that is none"),
    ] {
        let message = refused(&mut house, json!({ "ca_file": pinned })).await;
        assert!(message.contains(wanted), "{wanted}: {message}");
        assert!(message.contains("registrar.registrars.resellerclub.ca_file"), "{message}");
    }
}

/// A PEM text of something else than it says.
fn broken(pem: &str) -> String {
    let mut lines: Vec<_> = pem.lines().collect();
    lines.splice(1..lines.len() - 1, ["AAAA"]);
    lines.join("\n")
}

#[tokio::test]
async fn a_certificate_is_shown_where_the_server_asks_for_one() {
    let mut house = House::over_tls(TlsMode::Mutual, 60);
    let pem = house.simulator.client_pem().unwrap().clone();
    let (certificate, key) = (house.database.folder().join("client.pem"), house.database.folder().join("client.key"));
    std::fs::write(&certificate, &pem.certificate).unwrap();
    std::fs::write(&key, &pem.key).unwrap();
    set(&mut house, json!({"ca_file": pem.authority}));
    let (kind, message) = failed(&mut house, json!({})).await;
    assert_eq!(kind, ErrorKind::Network, "S6.1 {message}");
    assert_eq!(house.simulator.stats().requests, 0);

    let both = format!("{}{}", pem.certificate, pem.key);
    assert!(synced(&mut house, json!({"client_certificate": both})).await.unwrap().success, "one text");
    let files = json!({"client_certificate": certificate, "client_key": key});
    assert!(synced(&mut house, files.clone()).await.unwrap().success, "two files");
    std::fs::write(&certificate, "renewed by half").unwrap();
    let message = failed_to_open(&mut house, files.clone()).await;
    assert!(
        message.contains("client_certificate`: holds no certificate in PEM"),
        "a later handle reads anew: {message}"
    );
    std::fs::write(&certificate, &pem.certificate).unwrap();
    assert!(synced(&mut house, files).await.unwrap().success, "and again");

    let other = Simulator::start(SimulatorConfig { tls: Some(TlsMode::Mutual), ..SimulatorConfig::default() });
    let stranger = other.client_pem().unwrap();
    let settings = json!({"client_certificate": stranger.certificate, "client_key": stranger.key});
    let (kind, message) = failed(&mut house, settings).await;
    assert_eq!(kind, ErrorKind::Network, "S6.1: of another authority {message}");

    house.simulator.reset_stats();
    let locked = pem.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let strange = format!("{}{}", pem.certificate, stranger.key);
    for (certificate, key, wanted) in [
        (&pem.certificate, json!(null), "client_certificate`: holds no private key in PEM"),
        (&strange, json!(null), "client_certificate`: holds a private key that is not of client_certificate"),
        (&pem.certificate, json!(stranger.key), "client_key`: holds a private key that is not of client_certificate"),
        (&pem.certificate, json!(pem.certificate), "client_key`: holds no private key in PEM"),
        (&pem.certificate, json!(locked), "client_key`: holds no private key in PEM"),
        (&pem.certificate, json!(broken(&pem.key)), "client_key`: holds a private key that cannot be used"),
        (&pem.key, json!(pem.key), "client_certificate`: holds no certificate in PEM"),
        (&broken(&pem.certificate), json!(pem.key), "client_certificate`: holds a certificate that is none"),
    ] {
        let message = refused(&mut house, json!({"client_certificate": certificate, "client_key": key})).await;
        assert!(message.contains(&format!("registrar.registrars.resellerclub.{wanted}")), "{wanted}: {message}");
    }
    let message = refused(&mut house, json!({"client_certificate": pem.certificate, "client_key": "/nowhere"})).await;
    assert!(message.contains("resellerclub.client_key`: /nowhere cannot be read"), "{message}");
}

#[tokio::test]
async fn connections_come_from_the_account_s_source_address() {
    let mut house = House::new(60);
    assert!(synced(&mut house, json!({"source_address": "127.0.0.2"})).await.unwrap().success);
    assert_eq!(house.simulator.stats().connections_from.keys().collect::<Vec<_>>(), ["127.0.0.2"]);
    house.simulator.reset_stats();
    let message = refused(&mut house, json!({"source_address": "192.0.2.1"})).await;
    assert!(message.contains("resellerclub.source_address`: 192.0.2.1 is no address of this machine"), "{message}");

    // Registrars that know their callers by an IPv4 address.
    for slug in ["namecheap", "enom"] {
        let row = Row::of(slug);
        let mut house = row.house(60);
        let domain = house.id(&row.active(&house));
        house.config["registrar"]["registrars"][slug]["source_address"] = json!("127.0.0.3");
        let sync = house.connect().await;
        assert!(sync.sync_domain(domain, &SyncOptions::default()).await.unwrap().success, "{slug}");
        assert_eq!(house.simulator.stats().connections_from.keys().collect::<Vec<_>>(), ["127.0.0.3"], "{slug}");
        house.config["registrar"]["registrars"][slug]["source_address"] = json!("::1");
        let error = house.connect().await.sync_domain(domain, &SyncOptions::default().forced()).await.unwrap_err();
        assert!(error.to_string().contains("source_address`: must be an IPv4 address"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_account_s_way_is_not_another_s() {
    let mut house = House::with(100, |options| options.registrars = vec!["resellerclub".into(), "club-eu".into()]);
    let config = SimulatorConfig {
        accounts: vec![account("777", 100, house.now)],
        tls: Some(TlsMode::Mutual),
        ..SimulatorConfig::default()
    };
    let other = Simulator::start(config);
    let (pem, proxy) = (other.client_pem().unwrap(), HttpProxy::start(Some(("me", "hunter2"))));
    house.config["registrar"]["registrars"]["club-eu"] = json!({
        "driver": "resellerclub", "api_url": other.url(), "proxy": format!("http://me:hunter2@{}", proxy.place()),
        "ca_file": pem.authority, "client_certificate": pem.certificate, "client_key": pem.key,
        "source_address": "127.0.0.4",
    });
    let sync = house.connect().await;
    let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((report.stats.synced, report.stats.failed), (100, 0), "S7.2 {:?}", report.stats);
    assert!(proxy.requests() > 0 && other.stats().requests > 40, "S7.2");
    assert_eq!(house.simulator.stats().connections_from.keys().collect::<Vec<_>>(), ["127.0.0.1"]);
    assert_eq!(
        house.simulator.stats().requests + other.stats().requests,
        report.stats.api_calls,
        "S8.2: none of the one went to the other"
    );
}

/// Syncs a domain of the house with these settings, in a process that has these variables: whether it was synced, and what
/// was said.
fn elsewhere(house: &mut House, settings: Value, variables: &[(&str, &str)]) -> (bool, String) {
    set(house, settings);
    let order = json!({"config": house.config, "domains": [house.id(&house.active())], "now": house.now});
    let mut command = Command::new(env!("CARGO_BIN_EXE_batch"));
    command.env_remove("NO_PROXY").env_remove("no_proxy").envs(variables.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(order.to_string().as_bytes()).unwrap();
    let told = child.wait_with_output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    house.database.execute("UPDATE domains SET last_synced_at = NULL, sync_metadata = NULL");
    (told.status.success() && said.contains("written"), said)
}

#[test]
fn the_environment_s_proxy_is_followed_unless_the_account_goes_without_one() {
    let mut house = House::new(60);
    let mut gone = HttpProxy::start(None);
    gone.stop();
    let variables = [("HTTP_PROXY", gone.url()), ("http_proxy", gone.url())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (synced, said) = elsewhere(&mut house, json!({}), &variables);
    assert!(!synced && said.contains("Network"), "{said}");
    let (synced, said) = elsewhere(&mut house, json!({"proxy": false}), &variables);
    assert!(synced, "{said}");
}

#[test]
fn a_pinned_authority_takes_the_place_of_the_machine_s() {
    let mut house = House::over_tls(TlsMode::Trusted, 60);
    let file = house.database.folder().join("machine.pem");
    std::fs::write(&file, house.simulator.ca_pem().unwrap()).unwrap();
    let variables = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let (synced, said) = elsewhere(&mut house, json!({}), &variables);
    assert!(synced, "the machine's authorities are trusted where none is pinned: {said}");
    let other = Simulator::start(SimulatorConfig { tls: Some(TlsMode::Trusted), ..SimulatorConfig::default() });
    let (synced, said) = elsewhere(&mut house, json!({"ca_file": other.ca_pem().unwrap()}), &variables);
    assert!(!synced && said.contains("certificate"), "{said}");
}
