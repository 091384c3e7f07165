//! The simulator over real TCP, as a client meets it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

#[path = "wire/control.rs"]
mod control;
#[path = "wire/faults.rs"]
mod faults;
#[path = "wire/program.rs"]
mod program;
#[path = "wire/serving.rs"]
mod serving;
#[path = "wire/tls.rs"]
mod tls;

use std::time::Duration;

use domaindesk_simulator::RunningSimulator;
use reqwest::{Client, ClientBuilder, Response};
use serde_json::Value;

/// A client's defaults: no proxy, and no test waits for ever.
fn builder() -> ClientBuilder {
    // The first test to come here installs it; for the others it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(Duration::from_secs(10))
}

fn client() -> Client {
    builder().build().unwrap()
}

const LOGIN: &str = "auth-userid=777&api-key=simulated";

/// The URL of a call with good credentials.
fn call(simulator: &RunningSimulator, path: &str, query: &str) -> String {
    format!("{}{path}?{LOGIN}&{query}", simulator.url())
}

/// The URL of the details of the domain at this index.
fn details(simulator: &RunningSimulator, index: u64) -> String {
    let name = simulator.with_world(|world| world.domain(index).unwrap().name);
    call(simulator, "domains/details-by-name.json", &format!("domain-name={name}&options=All"))
}

fn list(simulator: &RunningSimulator) -> String {
    call(simulator, "domains/search.json", "no-of-records=500&page-no=1")
}

async fn json(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}
