//! Laravel's connection array, or a URL.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::reader::Reader;
use crate::Result;

/// Which database, and how to reach it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// Which kind of database.
    pub driver: Driver,
    /// What every table's name starts with.
    pub prefix: String,
}

/// The kinds of database.
#[derive(Clone, PartialEq, Eq)]
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
}

impl DatabaseConfig {
    /// A SQLite file with Laravel's defaults.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self {
            driver: Driver::Sqlite {
                path: path.into(),
                foreign_key_constraints: true,
                busy_timeout: Duration::from_secs(60),
            },
            prefix: String::new(),
        }
    }
}

impl DatabaseConfig {
    /// Reads Laravel's connection array, or a URL.
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self> {
        match reader.value() {
            None => Err(reader.wrong("Laravel's connection array, or a URL such as sqlite:/path/to/database.sqlite")),
            Some(serde_json::Value::String(url)) => Self::sqlite_at(reader, &url_path(reader, url)?, String::new()),
            Some(_) => Self::read_array(reader),
        }
    }

    fn read_array(reader: &Reader<'_>) -> Result<Self> {
        let url = reader.get("url")?;
        let driver = reader.get("driver")?;
        let path = match url.text()? {
            // As in Laravel, the URL comes before the other keys.
            Some(text) => url_path(&url, &text)?,
            None => {
                match driver.text()?.as_deref() {
                    Some("sqlite") => {}
                    Some(_) => return Err(driver.wrong("`sqlite`, the database that this version works with")),
                    None => return Err(driver.wrong("the kind of database: `sqlite`")),
                }
                let database = reader.get("database")?;
                database.text()?.ok_or_else(|| database.wrong("the path of the SQLite file"))?
            }
        };
        let prefix = reader.get("prefix")?;
        let prefix_text = prefix.text()?.unwrap_or_default();
        if !prefix_text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(prefix.wrong("letters, digits and underscores"));
        }
        let mut config = Self::sqlite_at(&reader.get("database")?, &path, prefix_text)?;
        let Driver::Sqlite { foreign_key_constraints, busy_timeout, .. } = &mut config.driver;
        if let Some(flag) = reader.get("foreign_key_constraints")?.flag()? {
            *foreign_key_constraints = flag;
        }
        if let Some(milliseconds) = reader.get("busy_timeout")?.whole("a whole number of milliseconds", 0..=3_600_000)? {
            *busy_timeout = Duration::from_millis(milliseconds.into());
        }
        Ok(config)
    }

    fn sqlite_at(reader: &Reader<'_>, path: &str, prefix: String) -> Result<Self> {
        if path == ":memory:" || path.contains("mode=memory") {
            return Err(crate::Error::config(
                reader.path(),
                "an in-memory database belongs to one connection, and the engine has its own: give a file",
            ));
        }
        Ok(Self { prefix, ..Self::sqlite(path) })
    }
}

/// The file that a URL names: `sqlite:/path`, `sqlite:///path` or `sqlite:relative`.
fn url_path(reader: &Reader<'_>, url: &str) -> Result<String> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    match scheme {
        "sqlite" | "sqlite3" => {}
        "mysql" | "mariadb" | "pgsql" | "postgres" | "postgresql" | "sqlsrv" | "mssql" => {
            return Err(crate::Error::config(reader.path(), format_args!("`{scheme}` is not supported by this version: the database there is, is sqlite")));
        }
        // Not shown: a URL may hold a password.
        _ => return Err(reader.wrong_secret("a URL such as sqlite:/path/to/database.sqlite")),
    }
    let path = match rest.strip_prefix("//") {
        Some(_) => Url::parse(url).ok().map(|url| format!("{}{}", url.host_str().unwrap_or_default(), url.path())),
        None => Some(rest.split('?').next().unwrap_or_default().to_owned()),
    };
    path.filter(|path| !path.is_empty() && path != "/").ok_or_else(|| reader.wrong_secret("a URL with a path, such as sqlite:/path/to/database.sqlite"))
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.driver {
            Driver::Sqlite { path, .. } => f.debug_struct("Sqlite").field("path", path).field("prefix", &self.prefix).finish(),
        }
    }
}
