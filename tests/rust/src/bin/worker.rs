//! A queue worker: syncs what is due, batch after batch, until nothing is. The tests start several on one database.
//!
//! Its arguments are the configuration (JSON) and the number of domains of a batch. It prints a line for each batch: how
//! many domains were synced, failed and skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a worker that cannot work fails its test

use std::io::Write;
use std::time::Duration;

use domaindesk_sync::{Config, RegistrarSync, ResultsMode, Selection, SyncOptions};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let config = Config::from_json(&arguments.next().expect("the configuration")).unwrap();
    let limit: u32 = arguments.next().expect("the number of domains of a batch").parse().unwrap();
    let sync = RegistrarSync::connect(config).await.unwrap();
    loop {
        let mut options = SyncOptions::default();
        options.limit = Some(limit);
        options.results = ResultsMode::Changed;
        let report = sync.sync_domains(Selection::NeedingSync, options, |_| ()).await.unwrap();
        let stats = report.stats;
        // A line at once: a worker that is killed has told what it did until then.
        println!("{} {} {}", stats.synced, stats.failed, stats.skipped);
        std::io::stdout().flush().unwrap();
        for result in report.results.iter().filter(|result| !result.success || result.skipped) {
            eprintln!("{}: {:?} {:?}", result.domain, result.error, result.reason);
        }
        if stats.total == 0 {
            // Others may still hold some, or have died with them.
            if sync.stats().await.unwrap().needs_sync == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    sync.close().await;
}
