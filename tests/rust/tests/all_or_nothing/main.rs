//! Each domain is written whole or not at all (S4.1), whatever breaks meanwhile, on every database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::process::{Child, Command, Stdio};

use chrono::{DateTime, Utc};
use domaindesk_support::SeedOptions;
use domaindesk_tests::House;
use serde_json::json;

/// Makes a test of a function for each kind of database.
macro_rules! on_every_engine {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            use domaindesk_support::Engine;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn mariadb() {
                super::$name(Engine::MariaDb).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(Engine::Postgres).await;
            }
        })*
    };
}

/// Makes a test of a function for each kind of server.
macro_rules! on_every_server {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            use domaindesk_support::Engine;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn mariadb() {
                super::$name(Engine::MariaDb).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(Engine::Postgres).await;
            }
        })*
    };
}

mod cuts;
mod disk;
mod edits;
mod kills;
mod locks;
mod refused;
mod statements;

/// Three of four domains differ from the registrar, each in a field of its own.
fn drifting(options: &mut SeedOptions) {
    options.local_drift = 0.75;
}

/// A batch of all domains in a process of its own, started by a command that may take something from it.
fn child(house: &House, now: DateTime<Utc>, mut command: Command) -> Child {
    let ids: Vec<_> = house.database.query("SELECT id FROM domains ORDER BY id").into_iter().flatten().collect();
    let order = json!({ "config": house.config, "domains": ids, "now": now.to_rfc3339() });
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("start a batch in a process of its own");
    let input = child.stdin.take().expect("its input is a pipe");
    serde_json::to_writer(input, &order).expect("the process reads its input");
    child
}

/// The program of [`child`].
const BATCH: &str = env!("CARGO_BIN_EXE_batch");

/// Takes a contact from every third domain, so that a sync has one to add.
fn lose_contacts(house: &House) {
    house.database.execute("DELETE FROM domain_contacts WHERE type = 'tech' AND domain_id % 3 = 0");
}
