//! Each domain is written whole or not at all (S4.1), whatever breaks meanwhile, on every database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_support::SeedOptions;
use domaindesk_tests::House;

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
mod edits;
mod kills;
mod locks;
mod refused;
mod statements;

/// Three of four domains differ from the registrar, each in a field of its own.
fn drifting(options: &mut SeedOptions) {
    options.local_drift = 0.75;
}

/// Takes a contact from every third domain, so that a sync has one to add.
fn lose_contacts(house: &House) {
    house.database.execute("DELETE FROM domain_contacts WHERE type = 'tech' AND domain_id % 3 = 0");
}
