//! Where a database is, and a connection to it, whichever of the three it is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::{Engine, values};

/// Where a database is.
#[derive(Clone, Debug)]
pub enum Target {
    /// A SQLite file that exists.
    Sqlite(PathBuf),
    /// A MariaDB database.
    MariaDb(MySqlConnectOptions),
    /// A PostgreSQL database.
    Postgres(PgConnectOptions),
}

impl Target {
    /// From a URL (`mysql:`, `mariadb:`, `postgres:`, `postgresql:`, `sqlite:`), with sqlx's parameters, or from the path
    /// of a SQLite file.
    ///
    /// # Panics
    /// When the URL is no such one.
    pub fn parse(place: &str) -> Self {
        let (scheme, rest) = place.split_once(':').unwrap_or(("", place));
        match scheme {
            "mysql" | "mariadb" => {
                let options = format!("mysql:{rest}").parse::<MySqlConnectOptions>();
                Self::MariaDb(options.unwrap_or_else(|error| panic!("{place}: {error}")).timezone(None))
            }
            "postgres" | "postgresql" => {
                Self::Postgres(place.parse().unwrap_or_else(|error| panic!("{place}: {error}")))
            }
            "sqlite" => Self::Sqlite(rest.trim_start_matches("//").into()),
            _ => Self::Sqlite(place.into()),
        }
    }

    /// Which kind it is.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::MariaDb(_) => Engine::MariaDb,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

impl From<&Path> for Target {
    fn from(path: &Path) -> Self {
        Self::Sqlite(path.to_owned())
    }
}

impl From<&PathBuf> for Target {
    fn from(path: &PathBuf) -> Self {
        Self::Sqlite(path.clone())
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) enum Link {
    Sqlite(SqliteConnection),
    MariaDb(MySqlConnection),
    Postgres(PgConnection),
}

impl Link {
    /// Connects as the application does. SQLite: foreign keys on, the file's journal mode left alone. MariaDB: the
    /// server's time zone.
    pub(crate) async fn open(target: &Target) -> Result<Self, sqlx::Error> {
        Ok(match target {
            Target::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).foreign_keys(true);
                Self::Sqlite(options.busy_timeout(Duration::from_secs(10)).connect().await?)
            }
            Target::MariaDb(options) => Self::MariaDb(options.connect().await?),
            Target::Postgres(options) => Self::Postgres(options.connect().await?),
        })
    }

    /// The rows of a statement that answers. The servers are asked in their text protocols, so that all types arrive in
    /// the server's own notation.
    pub(crate) async fn query(&mut self, sql: &str) -> Result<Vec<Vec<Value>>, sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(match self {
            Self::Sqlite(connection) => {
                sqlx::query(sql).fetch_all(connection).await?.iter().map(values::sqlite).collect()
            }
            Self::MariaDb(connection) => {
                sqlx::raw_sql(sql).fetch_all(connection).await?.iter().map(values::mariadb).collect()
            }
            Self::Postgres(connection) => {
                sqlx::raw_sql(sql).fetch_all(connection).await?.iter().map(values::postgres).collect()
            }
        })
    }

    /// Runs statements that do not answer; the number of rows they touched.
    pub(crate) async fn execute(&mut self, sql: &str) -> Result<u64, sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(match self {
            Self::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await?.rows_affected(),
            Self::MariaDb(connection) => sqlx::raw_sql(sql).execute(connection).await?.rows_affected(),
            Self::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await?.rows_affected(),
        })
    }

    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::MariaDb(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        }
    }
}
