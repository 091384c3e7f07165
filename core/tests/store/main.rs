//! The stores against the application's schema, rule by rule: the same rules on every engine, and what each has of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // tests fail loudly

/// Makes a test for each engine of functions that take one.
macro_rules! on_every_engine {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            use domaindesk_support::Engine;

            #[tokio::test]
            async fn sqlite() {
                super::$name(Engine::Sqlite).await;
            }

            #[tokio::test]
            async fn mariadb() {
                super::$name(Engine::MariaDb).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$name(Engine::Postgres).await;
            }
        })*
    };
}

mod changed_locally;
mod due;
mod fixture;
mod leases;
mod mariadb;
mod postgres;
mod prices;
mod read;
mod servers;
mod sqlite;
mod stats;
mod write;
mod write_failure;
