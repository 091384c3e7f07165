//! A SQLite database in a temporary folder, with the application's schema in it, and blocking look-ups for assertions.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, TypeInfo, ValueRef};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::schema;

/// One runtime for all blocking look-ups, since starting one costs more than a look-up.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("start a runtime for look-ups")
});

/// Runs asynchronous work to its end from anywhere, also from inside an asynchronous test: it waits on a thread of its
/// own, since a runtime's thread must not wait for another runtime.
pub(crate) fn wait_for<T: Send>(work: impl AsyncFnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| RUNTIME.block_on(work()));
        waiting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// How SQLite keeps its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalMode {
    /// A rollback journal that is deleted after each transaction: what a new file has.
    Delete,
    /// A write-ahead log, as an application with several processes sets it.
    Wal,
}

/// What a temporary database is made with.
#[derive(Clone, Debug, Default)]
pub struct DatabaseOptions {
    /// The Laravel connection's table prefix.
    pub prefix: String,
    /// The journal mode written into the file; `None` leaves what SQLite does by itself.
    pub journal_mode: Option<JournalMode>,
}

/// A SQLite file with the application's schema. The folder it lives in goes when this is dropped.
#[derive(Debug)]
pub struct TempDatabase {
    folder: TempDir,
    path: PathBuf,
    prefix: String,
}

impl TempDatabase {
    /// An empty database without a table prefix.
    pub fn new() -> Self {
        Self::create(DatabaseOptions::default())
    }

    /// An empty database made as `options` say.
    pub fn create(options: DatabaseOptions) -> Self {
        let folder = TempDir::with_prefix("domaindesk-").expect("make a temporary folder");
        let path = folder.path().join("database.sqlite");
        schema::create(&path, &options.prefix);
        let database = Self { folder, path, prefix: options.prefix };
        if let Some(mode) = options.journal_mode {
            database.query(match mode {
                JournalMode::Delete => "PRAGMA journal_mode = delete",
                JournalMode::Wal => "PRAGMA journal_mode = wal",
            });
        }
        database
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of the database file: a place for further files of the same test.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file as a database URL.
    pub fn url(&self) -> String {
        format!("sqlite://{}", self.path.display())
    }

    /// The Laravel connection's table prefix.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A table's name with the prefix.
    pub fn table(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The connection as it stands in the application's `config/database.php`.
    pub fn laravel_connection(&self) -> Value {
        json!({
            "driver": "sqlite",
            "url": null,
            "database": self.path,
            "prefix": self.prefix,
            "prefix_indexes": true,
            "foreign_key_constraints": true,
        })
    }

    /// All rows of a SELECT (or of a PRAGMA that answers), each value by its storage class: text, numbers, null.
    ///
    /// # Panics
    /// When the statement fails or a value is a blob, which the schema has none of.
    pub fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        self.with_connection(async |connection| {
            let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await;
            let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
            rows.iter().map(|row| values(sql, row)).collect()
        })
    }

    /// The only row of a SELECT.
    ///
    /// # Panics
    /// As [`query`](Self::query), and when there is not exactly one row.
    pub fn row(&self, sql: &str) -> Vec<Value> {
        let mut rows = self.query(sql);
        assert!(rows.len() == 1, "{sql}: {} rows where one was wanted", rows.len());
        rows.remove(0)
    }

    /// The only value of the only row of a SELECT.
    ///
    /// # Panics
    /// As [`row`](Self::row), and when the row has more than one column.
    pub fn one(&self, sql: &str) -> Value {
        let mut row = self.row(sql);
        assert!(row.len() == 1, "{sql}: {} columns where one was wanted", row.len());
        row.remove(0)
    }

    /// How many rows a table has (name without prefix).
    pub fn count(&self, table: &str) -> u64 {
        let sql = format!("SELECT COUNT(*) FROM \"{}{table}\"", self.prefix);
        self.one(&sql).as_u64().unwrap_or_else(|| panic!("{sql}: no number"))
    }

    /// Runs a statement that changes something; the number of rows it touched.
    ///
    /// # Panics
    /// When the statement fails; [`try_execute`](Self::try_execute) gives the error instead.
    pub fn execute(&self, sql: &str) -> u64 {
        self.try_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// As [`execute`](Self::execute), for statements that the schema is expected to refuse.
    pub fn try_execute(&self, sql: &str) -> Result<u64, sqlx::Error> {
        self.with_connection(async |connection| {
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(|done| done.rows_affected())
        })
    }

    /// Opens a connection for one piece of work and closes it again, so that no look-up holds a lock that a test is about.
    fn with_connection<T: Send>(&self, work: impl AsyncFnOnce(&mut SqliteConnection) -> T + Send) -> T {
        wait_for(async || {
            let mut connection = connect(&self.path).await;
            let result = work(&mut connection).await;
            connection.close().await.expect("close the database");
            result
        })
    }
}

impl Default for TempDatabase {
    fn default() -> Self {
        Self::new()
    }
}

/// Opens an existing file as the application does: foreign keys on, its journal mode left alone.
pub(crate) async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).foreign_keys(true).busy_timeout(Duration::from_secs(10));
    options.connect().await.unwrap_or_else(|error| panic!("open {}: {error}", path.display()))
}

/// A row as JSON values, by the storage class of each.
fn values(sql: &str, row: &SqliteRow) -> Vec<Value> {
    let value = |index: usize| {
        let raw = row.try_get_raw(index).expect("the index is below the row's length");
        if raw.is_null() {
            return Value::Null;
        }
        match raw.type_info().name() {
            "INTEGER" => json!(row.get_unchecked::<i64, _>(index)),
            "REAL" => json!(row.get_unchecked::<f64, _>(index)),
            "TEXT" => json!(row.get_unchecked::<String, _>(index)),
            other => panic!("{sql}: column {index} is a {other}"),
        }
    };
    (0..row.len()).map(value).collect()
}
