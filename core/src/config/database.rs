//! Laravel's connection array, or a URL.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::reader::Reader;
use crate::{Error, Result};

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
    /// Reads Laravel's connection array, or a URL. As in Laravel, what a URL says comes before the other keys.
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self> {
        let (mut settings, url) = match reader.value() {
            None => {
                return Err(reader.wrong(format_args!(
                    "Laravel's connection array, or {URL} (in the environment: DB_DATABASE or DB_URL)"
                )));
            }
            Some(Value::String(url)) => (Map::new(), Some((reader.clone(), url.trim().to_owned()))),
            Some(value) => {
                let url = reader.get("url")?;
                let text = url.text().map_err(|_| url.wrong_secret(URL))?;
                (value.as_object().cloned().unwrap_or_default(), text.map(|text| (url, text)))
            }
        };
        if let Some((url, text)) = url {
            let mut said = read_url(&url, &text)?;
            if reader.value().is_some_and(Value::is_object) {
                as_laravel_finds_it(&mut said);
            }
            settings.extend(said);
        }
        let settings = Value::Object(settings);
        Self::read_settings(&reader.with(&settings))
    }

    fn read_settings(reader: &Reader<'_>) -> Result<Self> {
        let driver = reader.get("driver")?;
        match driver.text()?.as_deref() {
            Some("sqlite") => {}
            Some(name) => return Err(no_driver(&driver, name)),
            None if reader.has("connections")? => {
                return Err(reader.wrong_secret(
                    "one connection, such as config('database.connections.sqlite'), not the whole of config('database')",
                ));
            }
            None => return Err(driver.wrong("the kind of database: `sqlite`")),
        }
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
        let mut config = Self::sqlite(path);
        let prefix = reader.get("prefix")?;
        config.prefix = prefix.text()?.unwrap_or_default();
        if !config.prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(prefix.wrong("letters, digits and underscores"));
        }
        let Driver::Sqlite { foreign_key_constraints, busy_timeout, .. } = &mut config.driver;
        if let Some(flag) = reader.get("foreign_key_constraints")?.flag()? {
            *foreign_key_constraints = flag;
        }
        if let Some(milliseconds) =
            reader.get("busy_timeout")?.whole("a whole number of milliseconds", 0..=3_600_000)?
        {
            *busy_timeout = Duration::from_millis(milliseconds.into());
        }
        Ok(config)
    }
}

const URL: &str = "a URL such as sqlite:/path/to/database.sqlite";

/// What a URL says, as keys of the connection array: driver, database and what is in its query. A URL may hold a
/// password, so it is never shown.
///
/// `sqlite:/path` and `sqlite:///path` are absolute, `sqlite:path` and `sqlite://path` are relative.
fn read_url(reader: &Reader<'_>, url: &str) -> Result<Map<String, Value>> {
    let wrong = || reader.wrong_secret(URL);
    let (scheme, rest) = url.split_once(':').ok_or_else(wrong)?;
    match scheme {
        "sqlite" | "sqlite3" => {}
        name if is_elsewhere(name) => return Err(no_driver(reader, name)),
        _ => return Err(wrong()),
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = match path.trim_start_matches('/') {
        // Laravel writes four slashes before an absolute path.
        absolute if absolute.len() < path.len() && !absolute.is_empty() => format!("/{absolute}"),
        relative => relative.to_owned(),
    };
    let path = percent_decoded(&path).filter(|path| !path.is_empty()).ok_or_else(wrong)?;
    let query =
        form_urlencoded::parse(query.as_bytes()).map(|(key, value)| (key.into_owned(), value.into_owned().into()));
    Ok([("driver".to_owned(), "sqlite".into()), ("database".to_owned(), path.into())]
        .into_iter()
        .chain(query)
        .collect())
}

/// To Laravel the slash before a path belongs to the URL, so that `sqlite:///database/app.sqlite` is the application's
/// own folder's. It is read so where there is such a file.
fn as_laravel_finds_it(said: &mut Map<String, Value>) {
    let path = said.get("database").and_then(Value::as_str);
    if let Some(relative) = path.and_then(|path| path.strip_prefix('/'))
        && Path::new(relative).is_file()
    {
        let relative = relative.to_owned();
        said.insert("database".to_owned(), relative.into());
    }
}

/// The databases that Laravel knows and this version does not, under all their names.
fn is_elsewhere(name: &str) -> bool {
    matches!(name, "mysql" | "mysql2" | "mariadb" | "pgsql" | "postgres" | "postgresql" | "sqlsrv" | "mssql")
}

fn no_driver(reader: &Reader<'_>, name: &str) -> Error {
    if is_elsewhere(name) {
        reader.refused(format_args!("`{name}` is not a database of this version: there is `sqlite`"))
    } else {
        // Not shown: it may be a whole URL, with a password.
        reader.wrong_secret("`sqlite`, the database of this version")
    }
}

/// As PHP's `rawurldecode`: a `%` without two digits stands for itself. `None` where the bytes are no UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let digit = |byte: Option<&u8>| {
        byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok())
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, digit(after.first()), digit(after.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.driver {
            Driver::Sqlite { path, .. } => {
                f.debug_struct("Sqlite").field("path", path).field("prefix", &self.prefix).finish()
            }
        }
    }
}
