//! What the whole-system tests, the demo and the benchmark stand on: databases with the application's schema, made in a
//! temporary folder or on a private server and filled in step with a simulated world; Laravel's encrypted columns; and child processes (PHP, C
//! compilers) with what they cost.
//!
//! Nothing here uses the engine's own code: what the tests compare the engine with is made independently of it.
//!
//! Every helper fails loudly, with a message that names what was attempted: a test that cannot be set up has failed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // test support: failing loudly is its way to report

pub mod cc;
pub mod database;
pub mod encryption;
pub mod laravel;
pub mod php;
pub mod process;
pub mod proxy;
pub mod redis;
pub mod schema;
pub mod seed;
pub mod servers;

pub use database::{DatabaseOptions, Engine, JournalMode, Session, Target, TempDatabase};
pub use encryption::{Cipher, DEMO_APP_KEY, LaravelKey};
pub use proxy::HttpProxy;
pub use redis::Redis;
pub use seed::{SeedOptions, Seeded};
pub use servers::{Access, Cut, CutProxy, MariaDb, Postgres, Server, ServerOptions, Tls};
