//! Databases behind a server: pools of connections, and what is the same for all kinds of server.
//!
//! One pool writes and one reads, so that a write that waits for a lock does not hold up the readers; selections and
//! statistics may have copies of the database for themselves. A pool is for the first of its servers that answers, and
//! moves to another when that one does not any more. A connection is tested before it is used, so that a server that was
//! restarted costs nothing. Price: a round trip more a statement.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Database, Pool, Transaction};

use super::link::{Failure, Link, Work};
use super::template::{Arg, Sql};
use crate::{Error, Result};

/// How long a server may take to answer a new connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a call waits for a connection when all are in use, or for a server that is starting, before it looks whether
/// the server answers.
const ACQUIRE: Duration = if cfg!(test) { Duration::from_secs(2) } else { Duration::from_secs(30) };

/// How often a call waits so: longer than those who have the connections may wait for a lock.
const WAITS: u32 = 5;

/// How long a write waits for a lock that another transaction holds. Seconds.
pub(crate) const LOCK_WAIT: u32 = 60;

/// How many connections write at the same time, and how many read.
const WRITERS: u32 = 2;
const READERS: u32 = 2;

pub(crate) type ConnectionOf<S> = <<S as Server>::Db as Database>::Connection;
pub(crate) type OptionsOf<S> = <ConnectionOf<S> as Connection>::Options;

/// What a kind of server does in its own way.
#[async_trait]
pub(crate) trait Server: fmt::Debug + Send + Sync + 'static {
    /// The driver.
    type Db: Database;

    /// Starts a transaction in which every statement sees what others have committed before it.
    const BEGIN: &'static str;

    /// Keeps what was done since the savepoint `domain`, once everything that the database checks late was checked: what is
    /// refused at the commit would be everybody's.
    const KEEP: &'static str = "RELEASE SAVEPOINT domain";

    /// Sets up a session that was just opened.
    async fn set_up(&self, connection: &mut ConnectionOf<Self>) -> Result<(), sqlx::Error>;

    /// Runs a SELECT; texts as [`Link::read`] promises.
    async fn fetch(
        connection: &mut ConnectionOf<Self>,
        sql: &Sql,
        args: &[(&str, Arg)],
    ) -> Result<Vec<String>, Failure>;

    /// Runs a statement that changes rows, and tells how many it met.
    async fn execute(connection: &mut ConnectionOf<Self>, sql: &Sql, args: &[(&str, Arg)]) -> Result<u64, Failure>;

    /// Runs a statement that the driver does not prepare.
    async fn control(connection: &mut ConnectionOf<Self>, sql: &'static str) -> Result<(), Failure>;

    /// What a failure is, in words that show no value and no secret.
    fn failure(error: sqlx::Error) -> Failure;
}

/// A server, and what it is called in an error. The driver's options show the password, so this has no `Debug`.
pub(crate) struct Endpoint<O> {
    pub(crate) name: String,
    pub(crate) options: O,
}

/// A pool for the first of some servers that answers.
struct Hosts<S: Server> {
    pool: Pool<S::Db>,
    endpoints: Vec<Endpoint<OptionsOf<S>>>,
    /// The place of the one that the pool is for.
    current: AtomicUsize,
}

impl<S: Server> fmt::Debug for Hosts<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.endpoints.iter().map(|endpoint| &endpoint.name).collect();
        f.debug_struct("Hosts").field("servers", &names).finish_non_exhaustive()
    }
}

impl<S: Server> Hosts<S>
where
    OptionsOf<S>: Clone,
{
    fn new(server: &Arc<S>, endpoints: Vec<Endpoint<OptionsOf<S>>>, first: usize, connections: u32) -> Option<Self> {
        let server = server.clone();
        let options = endpoints.get(first)?.options.clone();
        let pool = PoolOptions::new()
            .max_connections(connections)
            .min_connections(0)
            .acquire_timeout(ACQUIRE)
            // Less than what servers, proxies and firewalls leave an idle connection.
            .idle_timeout(Duration::from_secs(120))
            .max_lifetime(Duration::from_secs(1800))
            .test_before_acquire(true)
            .after_connect(move |connection, _| {
                let server = server.clone();
                Box::pin(async move { server.set_up(connection).await })
            })
            .connect_lazy_with(options);
        Some(Self { pool, endpoints, current: AtomicUsize::new(first) })
    }

    async fn acquire(&self) -> Result<PoolConnection<S::Db>> {
        for _ in 1..WAITS {
            match self.pool.acquire().await {
                Ok(connection) => return Ok(connection),
                Err(error) => self.elsewhere(error).await?,
            }
        }
        self.pool.acquire().await.map_err(|error| S::failure(error).into_error())
    }

    async fn begin(&self) -> Result<Transaction<'static, S::Db>, Failure> {
        for _ in 1..WAITS {
            match self.pool.begin_with(AssertSqlSafe(S::BEGIN)).await {
                Ok(transaction) => return Ok(transaction),
                Err(error) => self.elsewhere(error).await?,
            }
        }
        self.pool.begin_with(AssertSqlSafe(S::BEGIN)).await.map_err(S::failure)
    }

    /// Moves to a server that answers, where the last one does not; the error where there is none. Where the same one
    /// answers, what was waited for is a connection in use, and is worth some more waiting.
    async fn elsewhere(&self, error: sqlx::Error) -> Result<()> {
        // PostgreSQL's driver takes the end of a connection that is being made for a word of the protocol.
        let unreachable = matches!(
            error,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut
        );
        if !unreachable || self.pool.is_closed() {
            return Err(S::failure(error).into_error());
        }
        let (place, connection) = connect_first::<S>(&self.endpoints).await?;
        connection.close().await.ok();
        let moved = self.current.swap(place, Ordering::Relaxed) != place;
        if let Some(endpoint) = self.endpoints.get(place).filter(|_| moved) {
            tracing::warn!(server = endpoint.name, "the connections to the database move to this server");
            self.pool.set_connect_options(endpoint.options.clone());
        }
        Ok(())
    }
}

/// Connections to a database behind servers.
#[derive(Debug)]
pub(crate) struct ServerLink<S: Server> {
    writers: Hosts<S>,
    readers: Hosts<S>,
    copies: Option<Hosts<S>>,
}

/// Connects to the first of some servers that answers; its place.
async fn connect_first<S: Server>(endpoints: &[Endpoint<OptionsOf<S>>]) -> Result<(usize, ConnectionOf<S>)> {
    let mut failed = None;
    for (place, Endpoint { name, options }) in endpoints.iter().enumerate() {
        let error = match tokio::time::timeout(CONNECT, options.connect()).await {
            Ok(Ok(connection)) => return Ok((place, connection)),
            Ok(Err(sqlx::Error::Io(error))) if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
                not_encrypted(name, error)
            }
            Ok(Err(sqlx::Error::Tls(error))) => not_encrypted(name, error),
            Ok(Err(sqlx::Error::Io(error))) => {
                Error::store(format!("the database server at {name} cannot be reached: {error}")).with_source(error)
            }
            Ok(Err(error)) => S::failure(error).into_error(),
            Err(_) => {
                let seconds = CONNECT.as_secs();
                Error::store(format!("the database server at {name} did not answer within {seconds} s"))
            }
        };
        failed.get_or_insert(error);
    }
    Err(failed.unwrap_or_else(|| Error::config("database.host", "expected a server")))
}

fn not_encrypted<E>(name: &str, error: E) -> Error
where
    E: fmt::Display + Into<Box<dyn std::error::Error + Send + Sync>>,
{
    Error::store(format!("the encrypted connection to the database server at {name} failed: {error}"))
        .with_source(error)
}

impl<S: Server> ServerLink<S>
where
    OptionsOf<S>: Clone,
{
    /// Connects to the first of the servers that answers: a connection to look around with, and its place.
    pub(crate) async fn probe(server: &S, endpoints: &[Endpoint<OptionsOf<S>>]) -> Result<(usize, ConnectionOf<S>)> {
        let (place, mut connection) = connect_first::<S>(endpoints).await?;
        match server.set_up(&mut connection).await {
            Ok(()) => Ok((place, connection)),
            Err(error) => {
                connection.close().await.ok();
                Err(S::failure(error).into_error())
            }
        }
    }

    /// Connections to servers and, if there are any, to copies of the database. `first` is the place of one that answers.
    pub(crate) fn new(
        server: S,
        endpoints: impl Fn() -> Vec<Endpoint<OptionsOf<S>>>,
        first: usize,
        copies: Vec<Endpoint<OptionsOf<S>>>,
    ) -> Result<Self> {
        let server = Arc::new(server);
        let hosts = |connections| {
            Hosts::new(&server, endpoints(), first, connections)
                .ok_or_else(|| Error::config("database.host", "expected a server"))
        };
        let (writers, readers) = (hosts(WRITERS)?, hosts(READERS)?);
        Ok(Self { writers, readers, copies: Hosts::new(&server, copies, 0, READERS) })
    }

    /// A connection that writes, for tests of what it is set to.
    #[cfg(test)]
    pub(crate) async fn writer(&self) -> Result<PoolConnection<S::Db>> {
        self.writers.acquire().await
    }
}

#[async_trait]
impl<S: Server> Link for ServerLink<S>
where
    OptionsOf<S>: Clone,
{
    type Work = ServerWork<S>;

    async fn read(&self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>> {
        let mut connection = self.readers.acquire().await?;
        match S::fetch(&mut connection, sql, args).await {
            Err(Failure::Lost(error)) => {
                tracing::debug!(%error, "the connection broke and another one is asked");
                drop(connection);
                let mut connection = self.readers.acquire().await?;
                S::fetch(&mut connection, sql, args).await.map_err(Failure::into_error)
            }
            done => done.map_err(Failure::into_error),
        }
    }

    async fn look(&self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>> {
        let Some(copies) = &self.copies else { return self.read(sql, args).await };
        match copies.acquire().await {
            Ok(mut connection) => S::fetch(&mut connection, sql, args).await.map_err(Failure::into_error),
            Err(error) if copies.pool.is_closed() => Err(error),
            Err(error) => {
                tracing::warn!(%error, "no copy of the database can be reached: the database itself is read");
                self.read(sql, args).await
            }
        }
    }

    async fn begin(&self) -> Result<Self::Work, Failure> {
        Ok(ServerWork(self.writers.begin().await?))
    }

    async fn close(&self) {
        self.readers.pool.close().await;
        self.writers.pool.close().await;
        if let Some(copies) = &self.copies {
            copies.pool.close().await;
        }
    }
}

/// A transaction on a server.
#[derive(Debug)]
pub(crate) struct ServerWork<S: Server>(Transaction<'static, S::Db>);

#[async_trait]
impl<S: Server> Work for ServerWork<S> {
    async fn read(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>, Failure> {
        S::fetch(&mut self.0, sql, args).await
    }

    async fn execute(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<u64, Failure> {
        S::execute(&mut self.0, sql, args).await
    }

    async fn savepoint(&mut self) -> Result<(), Failure> {
        S::control(&mut self.0, "SAVEPOINT domain").await
    }

    async fn keep(&mut self) -> Result<(), Failure> {
        S::control(&mut self.0, S::KEEP).await
    }

    async fn undo(&mut self) -> Result<(), Failure> {
        S::control(&mut self.0, "ROLLBACK TO SAVEPOINT domain").await?;
        S::control(&mut self.0, "RELEASE SAVEPOINT domain").await
    }

    async fn commit(self) -> Result<(), Failure> {
        self.0.commit().await.map_err(S::failure)
    }
}

/// A failure of the connection and not of the database, in words.
pub(crate) fn connection_failure(error: sqlx::Error) -> Failure {
    let is_lost = matches!(error, sqlx::Error::Io(_));
    let words = match &error {
        sqlx::Error::Io(error) => format!("the connection to the database server broke: {error}"),
        sqlx::Error::PoolTimedOut => {
            let seconds = (ACQUIRE * WAITS).as_secs();
            format!("no connection to the database server was free within {seconds} s")
        }
        sqlx::Error::PoolClosed => "the database connection is closed".to_owned(),
        other => format!("the database connection failed: {other}"),
    };
    let error = Error::store(words).with_source(error);
    if is_lost { Failure::Lost(error) } else { Failure::Transaction(error) }
}
