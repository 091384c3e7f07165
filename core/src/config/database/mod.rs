//! Laravel's connection array, or a URL.

mod server;
mod url;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};

use super::reader::Reader;
use crate::{Error, Result};

pub(super) use url::percent_decoded;

pub use server::{MysqlServer, PostgresServer, Servers, Tls, TlsMode};

/// Which database, and how to reach it.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// Which kind of database.
    pub driver: Driver,
    /// What every table's name starts with.
    pub prefix: String,
}

/// The kinds of database.
#[derive(Clone)]
#[non_exhaustive]
pub enum Driver {
    /// A SQLite file.
    Sqlite {
        /// The file. It must be there: the library makes no database.
        path: PathBuf,
        /// Whether foreign keys are enforced on the library's connections, as Laravel's `foreign_key_constraints`.
        foreign_key_constraints: bool,
        /// How long a writer waits for another. 60 s unless given.
        busy_timeout: Duration,
    },
    /// MariaDB from 10.6 on, or MySQL from 8.0 on.
    Mysql(Servers<MysqlServer>),
    /// PostgreSQL from 12 on.
    Postgres(Servers<PostgresServer>),
    /// None of the library's own: it works over a connection of the host's ([`store::host`](crate::store::host)).
    Host,
}

impl DatabaseConfig {
    /// A SQLite file with Laravel's defaults.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::of(Driver::Sqlite {
            path: path.into(),
            foreign_key_constraints: true,
            busy_timeout: Duration::from_secs(60),
        })
    }

    /// A database of MariaDB's or MySQL's.
    pub fn mysql(server: MysqlServer) -> Self {
        Self::of(Driver::Mysql(Servers::one(server)))
    }

    /// A database of PostgreSQL's.
    pub fn postgres(server: PostgresServer) -> Self {
        Self::of(Driver::Postgres(Servers::one(server)))
    }

    fn of(driver: Driver) -> Self {
        Self { driver, prefix: String::new() }
    }
}

impl DatabaseConfig {
    /// Reads Laravel's connection array, or a URL. As in Laravel, what a URL says comes before the other keys.
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self> {
        let (mut settings, url) = match reader.value() {
            None => {
                return Err(reader.wrong(format_args!(
                    "Laravel's connection array, or {} (in the environment: DB_DATABASE or DB_URL)",
                    url::EXAMPLE
                )));
            }
            Some(Value::String(url)) => (Map::new(), Some((reader.clone(), url.trim().to_owned()))),
            Some(value) => {
                let url = reader.get("url")?;
                let text = url.text().map_err(|_| url.wrong_secret(url::EXAMPLE))?;
                (value.as_object().cloned().unwrap_or_default(), text.map(|text| (url, text)))
            }
        };
        if let Some((url, text)) = url {
            let mut said = url::read(&url, &text)?;
            if reader.value().is_some_and(Value::is_object) {
                as_laravel_finds_it(&mut said);
            }
            settings.extend(said);
        }
        let settings = Value::Object(settings);
        Self::read_settings(&reader.with(&settings))
    }

    fn read_settings(reader: &Reader<'_>) -> Result<Self> {
        let place = reader.get("driver")?;
        let driver = match place.text()?.as_deref() {
            Some("sqlite") => read_sqlite(reader)?,
            Some("mysql" | "mariadb") => Driver::Mysql(Servers::read(reader, MysqlServer::read)?),
            Some("pgsql" | "postgres" | "postgresql") => Driver::Postgres(Servers::read(reader, PostgresServer::read)?),
            Some("host") => Driver::Host,
            Some(name) => return Err(no_driver(&place, name)),
            None if reader.has("connections")? => {
                return Err(reader.wrong_secret(
                    "one connection, such as config('database.connections.mysql'), not the whole of config('database')",
                ));
            }
            None => return Err(place.wrong(format_args!("the kind of database: {DRIVERS}"))),
        };
        let prefix = reader.get("prefix")?;
        let config = Self { driver, prefix: prefix.text()?.unwrap_or_default() };
        if !config.prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(prefix.wrong("letters, digits and underscores"));
        }
        Ok(config)
    }
}

fn read_sqlite(reader: &Reader<'_>) -> Result<Driver> {
    let database = reader.get("database")?;
    let path = database.text()?.ok_or_else(|| database.wrong("the path of the SQLite file"))?;
    if path.contains(":memory:")
        || path.contains("mode=memory")
        || reader.get("mode")?.text()?.as_deref() == Some("memory")
    {
        return Err(database
            .refused("an in-memory database belongs to one connection, and the engine has its own: give a file"));
    }
    if path.contains('\0') {
        return Err(database.wrong("the path of the SQLite file"));
    }
    let milliseconds = reader.get("busy_timeout")?.whole("a whole number of milliseconds", 0..=3_600_000)?;
    Ok(Driver::Sqlite {
        path: path.into(),
        foreign_key_constraints: reader.get("foreign_key_constraints")?.flag()?.unwrap_or(true),
        busy_timeout: Duration::from_millis(milliseconds.unwrap_or(60_000).into()),
    })
}

/// To Laravel the slash before a path belongs to the URL, so that `sqlite:///database/app.sqlite` is the application's
/// own folder's. It is read so where there is such a file.
fn as_laravel_finds_it(said: &mut Map<String, Value>) {
    let path = said.get("database").and_then(Value::as_str);
    if said.get("driver").is_some_and(|driver| driver == "sqlite")
        && let Some(relative) = path.and_then(|path| path.strip_prefix('/'))
        && Path::new(relative).is_file()
    {
        let relative = relative.to_owned();
        said.insert("database".to_owned(), relative.into());
    }
}

const DRIVERS: &str = "`mysql`, `mariadb`, `pgsql` or `sqlite`";

fn no_driver(reader: &Reader<'_>, name: &str) -> Error {
    if matches!(name, "sqlsrv" | "mssql") {
        reader.refused(format_args!("`{name}` is not a database of this version: there are {DRIVERS}"))
    } else {
        // Not shown: it may be a whole URL, with a password.
        reader.wrong_secret(DRIVERS)
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig").field("driver", &self.driver).field("prefix", &self.prefix).finish()
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path, .. } => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Mysql(servers) => f.debug_tuple("Mysql").field(servers).finish(),
            Self::Postgres(servers) => f.debug_tuple("Postgres").field(servers).finish(),
            Self::Host => f.write_str("Host"),
        }
    }
}

#[cfg(test)]
mod tests;
