//! Keeps a DomainDesk database in step with domain registrars: status, expiry, nameservers, contacts and TLD prices.
#![doc = ""]

pub mod clock;
pub mod config;
pub mod diff;
mod error;
pub mod log;
pub mod laravel;
pub mod model;
mod options;
pub mod plan;
pub mod pricing;
pub mod registrar;
pub mod report;
pub mod store;
mod sync;

/// The library's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub use config::Config;
pub use error::{Error, ErrorKind, NativeError, Result};
pub use model::{DomainId, DomainName, DomainRef, DomainStatus, NameError, PartnerId, RegistrarRef, UserId};
pub use options::{IntoFlow, ResultsMode, Selection, SyncOptions};
pub use sync::{Builder, Canceller, ProgressSink, RegistrarSync};
