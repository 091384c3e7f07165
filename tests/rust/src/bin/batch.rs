//! A batch in a process of its own, for tests that take something from the process or end it.
//!
//! Reads from its input, as JSON, the `config`, the ids of the `domains` and the time that it is, `now`; tells in JSON
//! what came of each domain, or that the batch failed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test's program fails loudly

use std::sync::Arc;

use domaindesk_sync::{Config, DomainRef, RegistrarSync, Selection, SyncOptions};
use domaindesk_tests::{Hands, Told};
use serde_json::{Value, json};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let order: Value = serde_json::from_reader(std::io::stdin()).unwrap();
    let told = match sync(&order).await {
        Ok(told) => json!({ "told": told }),
        Err(error) => json!({ "error": error.to_string() }),
    };
    println!("{told}");
}

async fn sync(order: &Value) -> domaindesk_sync::Result<Value> {
    let config = Config::from_value(order["config"].clone())?;
    let hands = Hands::at(order["now"].as_str().unwrap().parse().unwrap());
    let sync = RegistrarSync::builder(config).clock(Arc::clone(&hands) as _).connect().await?;
    let ids = order["domains"].as_array().unwrap().iter();
    let selection = Selection::Domains(ids.map(|id| DomainRef::from(id.as_i64().unwrap())).collect());
    let report = sync.sync_domains(selection, SyncOptions::default(), |_| ()).await?;
    Ok(report.results.iter().map(|result| (result.domain.clone(), Told::of(result).to_json())).collect())
}
