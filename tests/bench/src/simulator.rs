//! The registrar, in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use domaindesk_simulator::Stats;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A running simulator; it ends when this is dropped.
pub(crate) struct Registrar {
    process: Child,
    url: String,
    control: String,
    runtime: Runtime,
    client: reqwest::Client,
}

/// The release build: `DDS_SIMULATOR`, else beside this program.
pub(crate) fn program() -> PathBuf {
    let path = match std::env::var_os("DDS_SIMULATOR") {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe().expect("a program has a path").with_file_name("domaindesk-simulator"),
    };
    assert!(
        path.is_file(),
        "there is no simulator at {}: cargo build --release --package domaindesk-simulator",
        path.display()
    );
    path
}

impl Registrar {
    /// Starts one with the domains of a seed.
    pub(crate) fn start(domains: u64, seed: u64, now: i64, latency_ms: u64) -> Self {
        let mut process = Command::new(program())
            .args(["--domains", &domains.to_string(), "--seed", &seed.to_string(), "--now", &now.to_string()])
            .args(["--latency-ms", &latency_ms.to_string(), "--exit-on-stdin-close"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("start the simulator");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("stdout is a pipe"))
            .read_line(&mut line)
            .expect("read where the simulator listens");
        let told: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("the simulator said {line:?}: {error}"));
        let text = |key: &str| told[key].as_str().expect("the simulator tells its addresses").to_owned();
        Self {
            url: text("url"),
            control: text("control"),
            process,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("start a runtime"),
            client: reqwest::Client::builder().no_proxy().build().expect("make an HTTP client"),
        }
    }

    /// The base URL of its API, with a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Changes a part of its domains; their names.
    pub(crate) fn change(&self, fraction: f64) -> Vec<String> {
        let answer = self.control("change", Some(json!({"fraction": fraction, "seed": 7})));
        serde_json::from_value(answer["changed"].clone()).expect("the simulator tells what it changed")
    }

    /// Counts from zero. The connection that asks so is counted before, and kept.
    pub(crate) fn reset_stats(&self) {
        self.control("reset-stats", Some(json!({})));
    }

    /// What it saw.
    pub(crate) fn stats(&self) -> Stats {
        serde_json::from_value(self.control("stats", None)).expect("the simulator's statistics are as in its crate")
    }

    fn control(&self, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}{path}", self.control);
        let request = match body {
            Some(body) => self.client.post(url).body(body.to_string()),
            None => self.client.get(url),
        };
        let text = self.runtime.block_on(async {
            let answer = request.send().await.and_then(reqwest::Response::error_for_status);
            answer.expect("the control plane answers").text().await.expect("the control plane's answer arrives")
        });
        serde_json::from_str(&text).expect("the control plane answers with JSON")
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().expect("wait for the simulator");
    }
}
