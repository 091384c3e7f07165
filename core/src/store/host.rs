//! A database that is reached over a connection of the host's own.
//!
//! What a transaction of the host's has written and not committed is seen by its own connection alone, and so is an
//! in-memory SQLite database. Here the statements are those of [`SqliteStore`](super::sqlite::SqliteStore),
//! [`MysqlStore`](super::mysql::MysqlStore) and [`PostgresStore`](super::postgres::PostgresStore), and the host runs them:
//! inside its transaction, where it has one open, between a savepoint and its release. The session's settings stay as the
//! host has them.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono_tz::Tz;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::sql::{Arg, Asks, Dialect, Failure, Link, Sql, SqlStore, Work, store_over_sql};
use super::{mysql, postgres, sqlite};
use crate::{Error, Result};

/// A connection of the host's. Statements arrive one at a time within a transaction, and reads may come between.
#[async_trait]
pub trait HostConnection: fmt::Debug + Send + Sync + 'static {
    /// Runs a SELECT; every column as text, NULL as `None`. A `?` of the text stands for each of `args`.
    async fn select(&self, sql: Arc<str>, args: Vec<HostArg>) -> Result<HostRows, HostRefusal>;

    /// Runs a statement that changes rows, and tells how many.
    async fn execute(&self, sql: Arc<str>, args: Vec<HostArg>) -> Result<u64, HostRefusal>;

    /// Whether a transaction of the host's is open.
    async fn in_transaction(&self) -> Result<bool, HostRefusal>;

    /// Runs a statement without parameters, without waiting for it: a transaction that is dropped is undone so. Statements
    /// that are asked for later come after it.
    fn undo(&self, sql: &'static str);
}

/// The rows of a SELECT, each with its columns.
pub type HostRows = Vec<Vec<Option<String>>>;

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostArg {
    /// A number, or NULL.
    Int(Option<i64>),
    /// A text.
    Text(Arc<str>),
}

/// Why the database did not do what a statement asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRefusal {
    /// Five letters and digits, where the database told them: `23505`.
    pub sqlstate: Option<String>,
    /// What is wrong, in words that show no value of a row.
    pub message: String,
}

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostDatabase {
    /// SQLite.
    Sqlite,
    /// MariaDB or MySQL.
    Mysql,
    /// PostgreSQL.
    Postgres,
}

impl HostRefusal {
    fn failure(self) -> Failure {
        let state = self.sqlstate.unwrap_or_default();
        // https://www.postgresql.org/docs/current/errcodes-appendix.html; the standard's classes of data that is refused.
        // A deadlock has undone the host's whole transaction, so nothing can be done again here.
        let is_row = matches!(state.get(..2), Some("22" | "23" | "44" | "45" | "P0"));
        let state = if state.is_empty() { String::new() } else { format!(" (SQLSTATE {state})") };
        let error = Error::store(format!("the application's own connection says: {}{state}", self.message));
        if is_row { Failure::Row(error) } else { Failure::Transaction(error) }
    }
}

/// The application's tables over a connection of the host's.
#[derive(Debug)]
pub struct HostStore(SqlStore<HostLink>);

store_over_sql!(HostStore);

impl HostStore {
    /// A store over `connection`. `prefix` is what tables' names start with, `timezone` is `app.timezone`, the wall clock
    /// of datetimes.
    ///
    /// Fails with `store` when the database is older than promised or when a table or column of the application's is
    /// missing.
    pub async fn connect(
        connection: Arc<dyn HostConnection>,
        database: HostDatabase,
        prefix: &str,
        timezone: Tz,
    ) -> Result<Self> {
        let quote = if database == HostDatabase::Mysql { '`' } else { '"' };
        let dialect = Dialect { prefix: prefix.to_owned(), quote, mark: '?', numbered: false };
        let mut asks = Probe(&*connection);
        let statements = match database {
            HostDatabase::Sqlite => sqlite::look_around(&mut asks, &dialect).await?,
            HostDatabase::Mysql => mysql::look_around(&mut asks, &dialect).await?,
            HostDatabase::Postgres => postgres::look_around(&mut asks, &dialect).await?,
        };
        let link = HostLink { connection, database, working: Arc::default() };
        Ok(Self(SqlStore::new(link, statements, timezone)))
    }
}

/// Looks around in the database.
struct Probe<'a>(&'a dyn HostConnection);

#[async_trait]
impl Asks for Probe<'_> {
    async fn rows(&mut self, sql: &'static str, args: &[&str]) -> Result<HostRows> {
        // Every parameter of these statements stands there once, in order.
        let sql = sql.replace("?1", "?").replace("$1", "?");
        let args = args.iter().map(|arg| HostArg::Text((*arg).into())).collect();
        self.0.select(sql.into(), args).await.map_err(|refusal| refusal.failure().into_error())
    }
}

/// The host's connection as a link.
#[derive(Debug)]
struct HostLink {
    connection: Arc<dyn HostConnection>,
    database: HostDatabase,
    /// A connection has one transaction at a time.
    working: Arc<Mutex<()>>,
}

impl HostLink {
    fn args(sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<HostArg>> {
        let arg = |arg| match arg {
            Arg::Int(number) => HostArg::Int(number),
            Arg::Text(text) => HostArg::Text(text),
        };
        Ok(sql.bind(args)?.into_iter().map(arg).collect())
    }

    async fn texts(&self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>, Failure> {
        let rows = self.connection.select(Arc::clone(&sql.text), Self::args(sql, args)?).await;
        let rows = rows.map_err(HostRefusal::failure)?;
        Ok(match self.database {
            HostDatabase::Mysql => vec![mysql::records(rows.into_iter())],
            HostDatabase::Sqlite | HostDatabase::Postgres => {
                rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect()
            }
        })
    }
}

#[async_trait]
impl Link for HostLink {
    type Work = HostWork;

    async fn read(&self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>> {
        self.texts(sql, args).await.map_err(Failure::into_error)
    }

    async fn begin(&self) -> Result<Self::Work, Failure> {
        let guard = Arc::clone(&self.working).lock_owned().await;
        let inside = self.connection.in_transaction().await.map_err(HostRefusal::failure)?;
        let begin = match self.database {
            _ if inside => "SAVEPOINT domaindesk_sync",
            HostDatabase::Sqlite => "BEGIN IMMEDIATE",
            HostDatabase::Mysql => "START TRANSACTION",
            HostDatabase::Postgres => "BEGIN",
        };
        let link = Self {
            connection: Arc::clone(&self.connection),
            database: self.database,
            working: Arc::clone(&self.working),
        };
        let mut work = HostWork { link, inside, is_open: false, _guard: guard };
        work.control(begin).await?;
        work.is_open = true;
        Ok(work)
    }

    async fn close(&self) {
        // It is the host's.
    }
}

/// A part of the host's transaction, or one of its own where the host has none open.
#[derive(Debug)]
struct HostWork {
    link: HostLink,
    inside: bool,
    is_open: bool,
    _guard: OwnedMutexGuard<()>,
}

impl HostWork {
    async fn control(&self, sql: &'static str) -> Result<(), Failure> {
        self.link.connection.execute(sql.into(), Vec::new()).await.map_err(HostRefusal::failure)?;
        Ok(())
    }
}

#[async_trait]
impl Work for HostWork {
    async fn read(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>, Failure> {
        self.link.texts(sql, args).await
    }

    async fn execute(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<u64, Failure> {
        let done = self.link.connection.execute(Arc::clone(&sql.text), HostLink::args(sql, args)?).await;
        done.map_err(HostRefusal::failure)
    }

    fn counts_found(&self) -> bool {
        // MySQL tells how many rows changed unless the client asked otherwise when it connected.
        self.link.database != HostDatabase::Mysql
    }

    async fn savepoint(&mut self) -> Result<(), Failure> {
        self.control("SAVEPOINT domain").await
    }

    async fn keep(&mut self) -> Result<(), Failure> {
        if self.link.database == HostDatabase::Postgres && !self.inside {
            // What is refused at the commit would be everybody's. In the host's transaction it is the host's to say when.
            self.control("SET CONSTRAINTS ALL IMMEDIATE").await?;
            self.control("SET CONSTRAINTS ALL DEFERRED").await?;
        }
        self.control("RELEASE SAVEPOINT domain").await
    }

    async fn undo(&mut self) -> Result<(), Failure> {
        self.control("ROLLBACK TO SAVEPOINT domain").await?;
        self.control("RELEASE SAVEPOINT domain").await
    }

    async fn commit(mut self) -> Result<(), Failure> {
        self.control(if self.inside { "RELEASE SAVEPOINT domaindesk_sync" } else { "COMMIT" }).await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for HostWork {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        if self.inside {
            self.link.connection.undo("ROLLBACK TO SAVEPOINT domaindesk_sync");
            self.link.connection.undo("RELEASE SAVEPOINT domaindesk_sync");
        } else {
            self.link.connection.undo("ROLLBACK");
        }
    }
}
