//! The SQLite store against the application's schema, rule by rule.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // tests fail loudly

mod changed_locally;
mod connect;
mod due;
mod fixture;
mod locks;
mod prices;
mod read;
mod stats;
mod write;
mod write_failure;
