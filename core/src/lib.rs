//! Keeps a DomainDesk database in step with domain registrars: status, expiry, nameservers, contacts and TLD prices.
//!
//! A [`RegistrarSync`] reads the application's tables as they are, asks each registrar for as little as will do, and
//! writes what differs, many domains a transaction, each whole or not at all. What differs is decided by pure functions
//! ([`diff`], [`plan`], [`pricing`]); what is outside is behind two ports that a host may implement,
//! [`Registrar`](registrar::Registrar) and [`Store`](store::Store). A result is plain data ([`report`]).
//!
//! ```no_run
//! use domaindesk_sync::{Config, RegistrarSync, Selection, SyncOptions};
//!
//! # async fn run() -> domaindesk_sync::Result<()> {
//! let sync = RegistrarSync::connect(Config::from_env()?).await?;
//! let report = sync
//!     .sync_domains(Selection::NeedingSync, SyncOptions::default(), |event| {
//!         println!("{}/{} {}", event.done, event.total, event.domain.name);
//!     })
//!     .await?;
//! println!("{} of {} changed", report.stats.changes, report.stats.total);
//! # Ok(())
//! # }
//! ```
//!
//! The numbers S1 to S8 in comments and tests are those of the project's rules of a sync.

pub mod budget;
pub mod clock;
pub mod config;
pub mod diff;
pub mod due;
mod error;
pub mod explain;
pub mod kept;
pub mod laravel;
mod limit;
mod listing;
pub mod log;
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
pub use kept::KeptPlan;
pub use model::{DomainId, DomainName, DomainRef, DomainStatus, NameError, PartnerId, RegistrarRef, UserId};
pub use options::{IntoFlow, ResultsMode, Selection, SyncOptions};
pub use sync::{Builder, Canceller, ProgressSink, RegistrarSync};
