//! The application's SQLite file.
//!
//! It is used beside the application's own connection, through the system's SQLite library and no other: two copies of
//! the library in one process lose each other's locks. The file's journal mode and the connection's `synchronous` stay
//! as they are. Between calls nothing is locked, so that the application can write.
//!
//! One connection writes and a few read, so that a writer that waits for a lock does not hold up the readers. Price: a
//! thread and a page cache for each.

mod statements;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use chrono_tz::Tz;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, Sqlite as SqliteDriver, SqliteConnection};

use super::sql::{
    Arg, Asks, Dialect, Extras, Failure, Link, Sql, SqlStore, Statements, SyncedIndex, Work, check, firsts, pairs,
    store_over_sql,
};
use crate::config::{DatabaseConfig, Driver};
use crate::{Error, ErrorKind, Result};

/// The oldest SQLite that the library promises to work with. Its statements need 3.33 (`UPDATE … FROM`).
const OLDEST: (u32, u32) = (3, 35);

/// How many connections read at the same time.
const READERS: u32 = 2;

/// A SQLite file with the application's tables.
#[derive(Debug)]
pub struct SqliteStore(SqlStore<SqliteLink>);

store_over_sql!(SqliteStore);

/// Connections to a SQLite file.
#[derive(Debug)]
struct SqliteLink {
    writer: SqlitePool,
    readers: SqlitePool,
    busy_timeout: Duration,
}

impl SqliteStore {
    /// Opens the application's file. `timezone` is `app.timezone`, the wall clock of its datetimes.
    ///
    /// Fails when the file is not there, when the system's SQLite is too old, and when a table or column of the
    /// application's is missing. Nothing of the file is changed.
    pub async fn connect(config: &DatabaseConfig, timezone: Tz) -> Result<Self> {
        let Driver::Sqlite { path, foreign_key_constraints: foreign_keys, busy_timeout } = &config.driver else {
            return Err(Error::new(ErrorKind::Internal, "a SQLite store was asked for another database"));
        };
        // SQLite counts the time in milliseconds of 31 bits; sqlx panics beyond.
        let busy_timeout = (*busy_timeout).min(Duration::from_millis(i32::MAX as u64));
        let dialect = Dialect { prefix: config.prefix.clone(), quote: '"', mark: '?', numbered: true };
        let options = connect_options(path, *foreign_keys, busy_timeout)?;
        let mut probe = options.connect().await.map_err(|error| opening(path, error, busy_timeout))?;
        let checked = look_around(&mut Probe { connection: &mut probe, busy_timeout }, &dialect).await;
        // Closed in either case; what was found out counts more than how closing went.
        let closed = probe.close().await;
        let statements = checked?;
        closed.map_err(|error| store_error(error, busy_timeout))?;

        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .min_connections(0)
                // Whoever waits for a connection may first have to wait out a lock that another waits for.
                .acquire_timeout(busy_timeout.saturating_mul(2) + Duration::from_secs(5))
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
                .connect_lazy_with(options.clone())
        };
        let link = SqliteLink { writer: pool(1), readers: pool(READERS), busy_timeout };
        Ok(Self(SqlStore::new(link, statements, timezone)))
    }
}

fn connect_options(path: &Path, foreign_keys: bool, busy_timeout: Duration) -> Result<SqliteConnectOptions> {
    if path == Path::new(":memory:") {
        return Err(Error::store("an in-memory SQLite database belongs to the connection that made it: give a file"));
    }
    if !path.is_file() {
        return Err(Error::store(format!(
            "there is no SQLite database at `{}`: give the file that the application uses",
            path.display()
        )));
    }
    Ok(SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(foreign_keys)
        .busy_timeout(busy_timeout)
        .thread_name(|number| format!("domaindesk-db-{number}"))
        .disable_statement_logging())
}

/// A connection that looks around.
struct Probe<'c> {
    connection: &'c mut SqliteConnection,
    busy_timeout: Duration,
}

#[async_trait]
impl Asks for Probe<'_> {
    async fn rows(&mut self, sql: &'static str, args: &[&str]) -> Result<Vec<Vec<Option<String>>>> {
        let query = args.iter().fold(sqlx::query(sql), |query, arg| query.bind((*arg).to_owned()));
        let rows = query.fetch_all(&mut *self.connection).await;
        let columns = |row: &SqliteRow| (0..row.len()).map(|at| row.try_get(at)).collect();
        let texts = rows.and_then(|rows| rows.iter().map(columns).collect());
        texts.map_err(|error| store_error(error, self.busy_timeout))
    }
}

/// Checks the library, the file and the schema; the statements that suit them.
pub(super) async fn look_around(asks: &mut impl Asks, dialect: &Dialect) -> Result<Statements> {
    let version = firsts(asks.rows("SELECT sqlite_version()", &[]).await?).next().flatten();
    check_version(&version.unwrap_or_default())?;
    let encoding = asks.rows("SELECT encoding, json_array(1) FROM pragma_encoding", &[]).await?;
    let encoding = firsts(encoding).next().flatten().unwrap_or_default();
    if encoding != "UTF-8" {
        return Err(Error::store(format!("the database's texts are {encoding}: only UTF-8 is supported")));
    }
    let columns = "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type IN ('table', 'view')";
    let extras = check(dialect, pairs(asks.rows(columns, &[]).await?))?;
    let indexes = "SELECT (SELECT n.name FROM pragma_index_info(l.name) AS n WHERE n.seqno = 1) \
         FROM pragma_index_list(?1) AS l, pragma_index_info(l.name) AS i \
         WHERE NOT l.partial AND i.seqno = 0 AND i.name = 'last_synced_at'";
    let seconds = firsts(asks.rows(indexes, &[&dialect.table("domains")]).await?);
    // Every index ends with the id.
    let extras = Extras { synced_index: SyncedIndex::best(seconds, true), ..extras };
    Ok(statements::statements(dialect, extras))
}

fn check_version(version: &str) -> Result<()> {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let found: (u32, u32) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if found < OLDEST {
        let (major, minor) = OLDEST;
        return Err(Error::store(format!(
            "the system's SQLite library is version {version}: {major}.{minor} or newer is needed"
        )));
    }
    Ok(())
}

#[async_trait]
impl Link for SqliteLink {
    type Work = SqliteWork;

    async fn read(&self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>> {
        let mut connection = self.readers.acquire().await.map_err(|error| store_error(error, self.busy_timeout))?;
        let read = read(&mut connection, sql, args)?.await;
        read.map_err(|error| store_error(error, self.busy_timeout))
    }

    async fn begin(&self) -> Result<Self::Work, Failure> {
        // A deferred transaction would have to be upgraded, and fail at once if another process wrote meanwhile.
        let mut begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        if let Err(sqlx::Error::InvalidSavePointStatement) = begun {
            // SQLite ended the last transaction by itself (disk full, a trigger's RAISE(ROLLBACK)), and sqlx counts it as
            // open for ever: only another connection helps.
            let stuck = self.writer.acquire().await;
            let stuck = stuck.map_err(|error| store_error(error, self.busy_timeout))?;
            stuck.close().await.ok();
            begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        }
        Ok(SqliteWork {
            transaction: begun.map_err(|error| store_error(error, self.busy_timeout))?,
            busy_timeout: self.busy_timeout,
        })
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A transaction that holds the file's write lock.
#[derive(Debug)]
struct SqliteWork {
    transaction: sqlx::Transaction<'static, SqliteDriver>,
    busy_timeout: Duration,
}

impl SqliteWork {
    async fn control(&mut self, sql: &'static str) -> Result<(), Failure> {
        let done = sqlx::query(sql).execute(&mut *self.transaction).await;
        done.map_err(|error| store_error(error, self.busy_timeout))?;
        Ok(())
    }
}

#[async_trait]
impl Work for SqliteWork {
    async fn read(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>, Failure> {
        let read = read(&mut self.transaction, sql, args)?.await;
        read.map_err(|error| store_error(error, self.busy_timeout).into())
    }

    async fn execute(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<u64, Failure> {
        let done = query(sql, args)?.execute(&mut *self.transaction).await;
        done.map(|done| done.rows_affected()).map_err(|error| match code(&error) {
            Some(CONSTRAINT | TOO_BIG | MISMATCH) => Failure::Row(store_error(error, self.busy_timeout)),
            _ => Failure::Transaction(store_error(error, self.busy_timeout)),
        })
    }

    async fn savepoint(&mut self) -> Result<(), Failure> {
        self.control("SAVEPOINT domain").await
    }

    async fn keep(&mut self) -> Result<(), Failure> {
        self.control("RELEASE domain").await
    }

    async fn undo(&mut self) -> Result<(), Failure> {
        self.control("ROLLBACK TO domain").await?;
        self.control("RELEASE domain").await
    }

    async fn commit(self) -> Result<(), Failure> {
        let done = self.transaction.commit().await;
        done.map_err(|error| store_error(error, self.busy_timeout).into())
    }
}

type Query = sqlx::query::Query<'static, SqliteDriver, SqliteArguments>;

fn query(sql: &Sql, args: &[(&str, Arg)]) -> Result<Query> {
    // The texts are this module's own; the prefix in them is quoted.
    let mut query = sqlx::query(AssertSqlSafe(sql.text.clone()));
    for arg in sql.bind(args)? {
        query = match arg {
            Arg::Int(number) => query.bind(number),
            Arg::Text(text) => query.bind(text),
        };
    }
    Ok(query)
}

/// Runs a SELECT to its end, so that SQLite lets go of its lock before this returns.
fn read<'c>(
    connection: &'c mut SqliteConnection,
    sql: &Sql,
    args: &[(&str, Arg)],
) -> Result<impl Future<Output = Result<Vec<String>, sqlx::Error>> + Send + use<'c>> {
    let query = query(sql, args)?;
    Ok(async move {
        let rows = query.fetch_all(connection).await?;
        // As bytes: a text that is no UTF-8 (SQLite does not mind) should not cost the other domains their sync.
        let text = |row: &SqliteRow| {
            let bytes: Vec<u8> = row.try_get(0)?;
            Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
        };
        rows.iter().map(text).collect()
    })
}

// https://www.sqlite.org/rescode.html, the primary codes.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READ_ONLY: i32 = 8;
const CANNOT_OPEN: i32 = 14;
const TOO_BIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const MISMATCH: i32 = 20;
const NOT_A_DATABASE: i32 = 26;

/// SQLite's primary result code.
fn code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

fn opening(path: &Path, error: sqlx::Error, busy_timeout: Duration) -> Error {
    if code(&error) != Some(CANNOT_OPEN) {
        return store_error(error, busy_timeout);
    }
    let path = path.display();
    Error::store(format!(
        "SQLite cannot open `{path}`: check that this process may read and write the file and its folder"
    ))
    .with_source(error)
}

/// The failure in words that tell what to do. SQLite's messages name tables and columns, never values, so the cause is
/// kept.
fn store_error(error: sqlx::Error, busy_timeout: Duration) -> Error {
    let words = match (code(&error), &error) {
        (Some(BUSY | LOCKED), _) | (_, sqlx::Error::PoolTimedOut) => {
            let seconds = busy_timeout.as_secs_f32();
            format!(
                "the database is locked: another process, or an open transaction or cursor of this one, holds the lock \
                 (waited for {seconds} s)"
            )
        }
        (Some(READ_ONLY), _) => {
            "the database is read-only: this process needs to write to the file and its folder".to_owned()
        }
        (Some(NOT_A_DATABASE), _) => "the file is not a SQLite database".to_owned(),
        (_, sqlx::Error::Database(database)) => format!("SQLite: {}", database.message()),
        (_, sqlx::Error::PoolClosed) => "the database connection is closed".to_owned(),
        (_, other) => format!("the database connection failed: {other}"),
    };
    Error::store(words).with_source(error)
}

#[cfg(test)]
mod tests;
