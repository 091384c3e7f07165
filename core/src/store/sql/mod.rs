//! What all databases share: reading and writing go by the hundred, in statements whose text is always the same.
//!
//! A database is a [`Link`] (connections that run statements) with [`Statements`] in its own dialect, filled in by
//! [`Dialect`]. Keys and values travel as one JSON array a statement, and records come back as JSON too: so a statement
//! is prepared once whatever the number of its rows, and nothing here knows a driver. Price: the database builds and
//! takes apart JSON, which on SQLite is half of what a row of its own costs through the driver (measured: 2,000
//! contacts in 2.7 ms against 5.5 ms).

mod due;
mod link;
mod prices;
mod read;
mod rows;
mod schema;
pub(crate) mod server;
mod statements;
mod template;
mod write;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub(crate) use link::{Failure, Link, Work};
pub(crate) use schema::{Asks, Extras, SyncedIndex, check, firsts, pairs};
pub(crate) use statements::{ByDetail, Near, NearClass, Scoped, Statements};
pub(crate) use template::{Arg, Dialect, Sql};

use crate::Result;
use crate::laravel::dates;

/// The most rows that a statement reads or writes: beyond it nothing gets cheaper by the row, and memory does not stay
/// small.
const CHUNK: usize = 500;

/// A database of the application, reached through `L`.
#[derive(Debug)]
pub(crate) struct SqlStore<L> {
    link: L,
    statements: Statements,
    /// The wall clock that datetimes are in (`app.timezone`).
    timezone: Tz,
    ran: AtomicU64,
}

impl<L: Link> SqlStore<L> {
    /// A store over connections to a database whose schema was checked.
    pub(crate) fn new(link: L, statements: Statements, timezone: Tz) -> Self {
        Self { link, statements, timezone, ran: AtomicU64::new(0) }
    }

    /// An instant as the application's datetimes have it.
    fn wall_clock(&self, instant: DateTime<Utc>) -> String {
        dates::format(instant, self.timezone)
    }

    /// Runs a SELECT by itself.
    async fn read(&self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>> {
        self.ran.fetch_add(1, Ordering::Relaxed);
        self.link.read(sql, args).await
    }

    /// Runs a SELECT whose answer nothing is written by.
    async fn look(&self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>> {
        self.ran.fetch_add(1, Ordering::Relaxed);
        self.link.look(sql, args).await
    }

    /// The connections, for tests of what they are set to.
    #[cfg(test)]
    pub(crate) fn link(&self) -> &L {
        &self.link
    }

    /// The statements, for tests of how they are carried out.
    #[cfg(test)]
    pub(crate) fn statements(&self) -> &Statements {
        &self.statements
    }

    /// How many statements were run so far.
    pub(crate) fn statements_run(&self) -> u64 {
        self.ran.load(Ordering::Relaxed)
    }

    /// Closes the connections.
    pub(crate) async fn close(&self) {
        self.link.close().await;
    }

    /// Starts a transaction whose statements are counted too.
    async fn begin(&self) -> Result<Transaction<'_, L::Work>, Failure> {
        Ok(Transaction { work: self.link.begin().await?, ran: &self.ran })
    }
}

/// A transaction of the link's, counting.
struct Transaction<'a, W> {
    work: W,
    ran: &'a AtomicU64,
}

impl<W: Work> Transaction<'_, W> {
    async fn read(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>, Failure> {
        self.ran.fetch_add(1, Ordering::Relaxed);
        self.work.read(sql, args).await
    }

    async fn execute(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<u64, Failure> {
        self.ran.fetch_add(1, Ordering::Relaxed);
        self.work.execute(sql, args).await
    }
}

/// How often a transaction that stood in another's way or lost its connection is done again, and for how long at most:
/// several times after a deadlock, which is found at once; once or not at all after a lock that was waited for in vain.
const REPEATS: usize = 6;
const REPEATS_FOR: Duration = Duration::from_secs(60);

/// Whether a transaction is done again, and the pauses in between.
struct Repeats {
    start: Instant,
    pauses: ExponentialBackoff,
}

impl Repeats {
    fn new() -> Self {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(5))
            .with_max_delay(Duration::from_millis(500))
            .with_max_times(REPEATS)
            .with_jitter();
        Self { start: Instant::now(), pauses: pauses.build() }
    }

    /// Waits until a transaction that failed may be done again from its start; the error where that does not help.
    async fn after(&mut self, failure: Failure) -> Result<()> {
        let again = matches!(failure, Failure::Conflict(_) | Failure::Lost(_)) && self.start.elapsed() < REPEATS_FOR;
        let error = failure.into_error();
        match self.pauses.next().filter(|_| again) {
            None => Err(error),
            Some(pause) => {
                tracing::debug!(%error, "a transaction was given up and is done again");
                tokio::time::sleep(pause).await;
                Ok(())
            }
        }
    }
}

/// A JSON array as the value of a parameter.
fn json<T: serde::Serialize>(rows: &[T]) -> Result<Arg> {
    let problem = |error: serde_json::Error| {
        crate::Error::new(crate::ErrorKind::Internal, "values could not be written as JSON").with_source(error)
    };
    // A guess that holds for most rows, so that a large text is not moved while it grows.
    let mut bytes = Vec::with_capacity(rows.len() * (16 + size_of::<T>() * 8));
    serde_json::to_writer(&mut bytes, rows).map_err(problem)?;
    let text = String::from_utf8(bytes)
        .map_err(|error| crate::Error::new(crate::ErrorKind::Internal, "JSON was not UTF-8").with_source(error))?;
    Ok(text.into())
}

/// Makes a type that wraps a [`SqlStore`] a [`Store`](super::Store): one place for what is the same for all databases.
macro_rules! store_over_sql {
    ($store:ty) => {
        #[async_trait::async_trait]
        impl $crate::store::Store for $store {
            async fn resolve(
                &self,
                scope: $crate::store::Scope,
                domains: &[$crate::model::DomainRef],
            ) -> $crate::Result<Vec<Option<$crate::model::DomainId>>> {
                self.0.find(scope, domains).await
            }

            async fn candidates(
                &self,
                scope: $crate::store::Scope,
                ids: &[$crate::model::DomainId],
            ) -> $crate::Result<Vec<$crate::store::Candidate>> {
                self.0.candidates(scope, ids).await
            }

            async fn swap_metadata(
                &self,
                swaps: &[$crate::store::MetadataSwap],
            ) -> $crate::Result<Vec<$crate::model::DomainId>> {
                self.0.swap_metadata(swaps).await
            }

            async fn load(
                &self,
                scope: $crate::store::Scope,
                ids: &[$crate::model::DomainId],
                detail: $crate::store::Detail,
            ) -> $crate::Result<Vec<$crate::model::LocalDomain>> {
                self.0.load_by_id(scope, ids, detail).await
            }

            async fn load_by_name(
                &self,
                scope: $crate::store::Scope,
                names: &[String],
                detail: $crate::store::Detail,
            ) -> $crate::Result<Vec<$crate::model::LocalDomain>> {
                self.0.load_by_name(scope, names, detail).await
            }

            async fn unreadable(
                &self,
                scope: $crate::store::Scope,
                ids: &[$crate::model::DomainId],
            ) -> $crate::Result<Vec<$crate::store::UnreadableDomain>> {
                self.0.unreadable(scope, ids).await
            }

            async fn domains_needing_sync(
                &self,
                scope: $crate::store::Scope,
                query: &$crate::store::DueQuery,
            ) -> $crate::Result<Vec<$crate::model::DomainId>> {
                self.0.due(scope, query).await
            }

            async fn changed_domains(
                &self,
                scope: $crate::store::Scope,
                since: chrono::DateTime<chrono::Utc>,
                rows: u32,
            ) -> $crate::Result<Vec<$crate::model::DomainId>> {
                self.0.changed(scope, since, rows).await
            }

            async fn domains_by_registrar(
                &self,
                scope: $crate::store::Scope,
            ) -> $crate::Result<Vec<($crate::model::RegistrarId, u64)>> {
                self.0.by_registrar(scope).await
            }

            async fn domains_needing_review(
                &self,
                scope: $crate::store::Scope,
                limit: u32,
            ) -> $crate::Result<Vec<$crate::model::DomainId>> {
                self.0.for_review(scope, limit).await
            }

            async fn expiring_domains(
                &self,
                scope: $crate::store::Scope,
                from: chrono::DateTime<chrono::Utc>,
                until: chrono::DateTime<chrono::Utc>,
            ) -> $crate::Result<Vec<$crate::model::DomainId>> {
                self.0.expiring(scope, from, until).await
            }

            async fn write(
                &self,
                context: &$crate::store::WriteContext,
                writes: &[$crate::store::DomainWrite],
            ) -> $crate::Result<Vec<$crate::store::WriteOutcome>> {
                self.0.write_domains(context, writes).await
            }

            async fn stats(
                &self,
                scope: $crate::store::Scope,
                query: &$crate::store::DueQuery,
            ) -> $crate::Result<$crate::report::StatsReport> {
                self.0.count(scope, query).await
            }

            async fn registrar(
                &self,
                registrar: &$crate::model::RegistrarRef,
            ) -> $crate::Result<Option<$crate::model::RegistrarRecord>> {
                self.0.find_registrar(registrar).await
            }

            async fn tlds(
                &self,
                registrar: $crate::model::RegistrarId,
                today: chrono::NaiveDate,
            ) -> $crate::Result<Vec<$crate::model::TldPrices>> {
                self.0.load_prices(registrar, today).await
            }

            async fn write_prices(
                &self,
                registrar: $crate::model::RegistrarId,
                now: chrono::DateTime<chrono::Utc>,
                prices: &[$crate::store::PriceWrite],
            ) -> $crate::Result<()> {
                self.0.store_prices(registrar, now, prices).await
            }

            fn statements(&self) -> u64 {
                self.0.statements_run()
            }

            async fn close(&self) {
                self.0.close().await;
            }
        }
    };
}
pub(crate) use store_over_sql;
