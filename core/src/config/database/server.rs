//! Databases behind a server: MariaDB, MySQL and PostgreSQL.

use std::path::PathBuf;

use secrecy::SecretString;
use serde_json::Value;

use crate::config::reader::Reader;
use crate::{Error, Result};

/// The servers of one database.
#[derive(Clone, Debug)]
pub struct Servers<T> {
    /// Where everything is written, and everything is read that a write follows from. There is at least one; they are
    /// tried in this order until one answers.
    pub write: Vec<T>,
    /// Copies of it: statistics and the selection of domains are read there. None unless given.
    pub read: Vec<T>,
}

/// A server of MariaDB or MySQL, and the database on it.
#[derive(Clone, Debug)]
pub struct MysqlServer {
    /// Its name or address.
    pub host: String,
    /// Its port. 3306 unless given.
    pub port: u16,
    /// The socket to use instead of host and port.
    pub unix_socket: Option<PathBuf>,
    /// The database user.
    pub username: String,
    /// The user's password.
    pub password: Option<SecretString>,
    /// The database.
    pub database: String,
    /// The connection's character set. `utf8mb4` unless given.
    pub charset: String,
    /// The connection's collation.
    pub collation: Option<String>,
    /// The session's time zone, which its `timestamp` columns are converted with: it must be the application's own. The
    /// server's default unless given, as in Laravel.
    pub timezone: Option<String>,
    /// Encryption. Used where the server offers it, unless given.
    pub tls: Tls,
}

/// A server of PostgreSQL, and the database on it.
#[derive(Clone, Debug)]
pub struct PostgresServer {
    /// Its name or address, or the folder of its socket.
    pub host: String,
    /// Its port. 5432 unless given.
    pub port: u16,
    /// The database user.
    pub username: String,
    /// The user's password.
    pub password: Option<SecretString>,
    /// The database.
    pub database: String,
    /// The schemas in which tables are looked for, in this order. The user's default where it is empty.
    pub search_path: Vec<String>,
    /// The session's time zone. UTC unless given; the columns have none.
    pub timezone: Option<String>,
    /// Encryption. Used where the server offers it, unless given.
    pub tls: Tls,
}

/// How a connection is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whether it is, and what is checked.
    pub mode: TlsMode,
    /// A file with the certificates to trust, beside the system's.
    pub ca: Option<PathBuf>,
    /// A file with the client's own certificate.
    pub cert: Option<PathBuf>,
    /// A file with the key of that certificate.
    pub key: Option<PathBuf>,
}

/// Whether a connection is encrypted, and what is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// It is not.
    Disabled,
    /// It is where the server offers it.
    #[default]
    Preferred,
    /// It must be, whatever the server's certificate.
    Required,
    /// The server's certificate must be signed by one that is trusted.
    VerifyCa,
    /// It must also name the host.
    VerifyFull,
}

impl<T> Servers<T> {
    /// One server for everything.
    pub fn one(server: T) -> Self {
        Self { write: vec![server], read: Vec::new() }
    }

    /// Reads hosts and, as in Laravel, what `read` and `write` say instead.
    pub(super) fn read(base: &Reader<'_>, server: impl Fn(&Layers<'_>, String) -> Result<T>) -> Result<Self> {
        let servers = |place: &Reader<'_>| {
            let alternatives = match place.value() {
                None => return Ok(Vec::new()),
                Some(Value::Array(list)) => list.iter().enumerate().map(|(at, value)| place.at(at, value)).collect(),
                Some(_) => vec![place.clone()],
            };
            let mut servers = Vec::new();
            for over in alternatives {
                let layers = Layers { over: Some(over), base };
                for host in hosts(&layers.get("host")?)? {
                    servers.push(server(&layers, host)?);
                }
            }
            Ok::<_, Error>(servers)
        };
        let read = servers(&base.get("read")?)?;
        let mut write = servers(&base.get("write")?)?;
        if write.is_empty() {
            let layers = Layers { over: None, base };
            write = hosts(&base.get("host")?)?.into_iter().map(|host| server(&layers, host)).collect::<Result<_>>()?;
        }
        Ok(Self { write, read })
    }
}

/// Hosts as a text or a list of texts; Laravel's default where there is none.
fn hosts(place: &Reader<'_>) -> Result<Vec<String>> {
    let wrong = || place.wrong("the name or address of a server, or a list of them");
    let names = match place.value() {
        Some(Value::Array(list)) => {
            list.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>().ok_or_else(wrong)?
        }
        _ => place.text().map_err(|_| wrong())?.unwrap_or_default().split(',').map(str::to_owned).collect(),
    };
    let names: Vec<_> =
        names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    match names.iter().all(|name| !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')) {
        true if names.is_empty() => Ok(vec!["127.0.0.1".to_owned()]),
        true => Ok(names),
        // Not shown: what has an `@` may be a URL with a password.
        false => Err(place.wrong_secret("the name or address of a server, or a list of them")),
    }
}

/// Keys of a connection, and those that count more for some of its servers.
pub(super) struct Layers<'a> {
    over: Option<Reader<'a>>,
    base: &'a Reader<'a>,
}

impl<'a> Layers<'a> {
    fn get(&self, key: &str) -> Result<Reader<'a>> {
        match &self.over {
            Some(over) if over.has(key)? => over.get(key),
            _ => self.base.get(key),
        }
    }

    fn needed(&self, key: &str, wanted: &str) -> Result<String> {
        let place = self.get(key)?;
        place.text()?.ok_or_else(|| place.wrong(wanted))
    }

    /// A word of the database's own, put into a statement as it is.
    fn word(&self, key: &str, wanted: &str) -> Result<Option<String>> {
        let place = self.get(key)?;
        let word = place.text()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-' | ':' | '/' | '.');
        match word {
            Some(word) if !word.chars().all(plain) => Err(place.wrong(wanted)),
            word => Ok(word),
        }
    }

    fn file(&self, key: &str) -> Result<Option<PathBuf>> {
        Ok(self.get(key)?.text()?.map(PathBuf::from))
    }

    fn port(&self, default: u16) -> Result<u16> {
        let port = self.get("port")?.whole("a port", 1..=u16::MAX.into())?;
        Ok(port.and_then(|port| u16::try_from(port).ok()).unwrap_or(default))
    }

    fn timezone(&self) -> Result<Option<String>> {
        self.word("timezone", "the name of a time zone, such as +00:00 or Asia/Dhaka")
    }

    /// A password as it is: spaces at its ends belong to it.
    fn password(&self) -> Result<Option<SecretString>> {
        let place = self.get("password")?;
        match place.value() {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str().into())),
            Some(Value::Number(number)) => Ok(Some(number.to_string().into())),
            Some(_) => Err(place.wrong_secret("a text")),
        }
    }
}

const USER: &str = "the database user (in the environment: DB_USERNAME)";
const DATABASE: &str = "the name of the database (in the environment: DB_DATABASE)";
const COLLATION: &str = "the name of a collation, such as utf8mb4_unicode_ci";
const CHARSET: &str = "the name of a character set, such as utf8mb4";

impl MysqlServer {
    /// A server with Laravel's defaults.
    pub fn new(host: impl Into<String>, username: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: 3306,
            unix_socket: None,
            username: username.into(),
            password: None,
            database: database.into(),
            charset: "utf8mb4".to_owned(),
            collation: None,
            timezone: None,
            tls: Tls::default(),
        }
    }

    pub(super) fn read(layers: &Layers<'_>, host: String) -> Result<Self> {
        let server = Self::new(host, layers.needed("username", USER)?, layers.needed("database", DATABASE)?);
        Ok(Self {
            port: layers.port(server.port)?,
            unix_socket: layers.file("unix_socket")?,
            password: layers.password()?,
            charset: layers.word("charset", CHARSET)?.unwrap_or(server.charset),
            collation: layers.word("collation", COLLATION)?,
            timezone: layers.timezone()?,
            tls: pdo_tls(&layers.get("options")?)?,
            ..server
        })
    }
}

/// TLS as PDO's options tell it: a certificate of any kind means that the server's is checked, unless that is turned off.
fn pdo_tls(options: &Reader<'_>) -> Result<Tls> {
    // By PHP's number, or by the constant's name where the array comes as JSON.
    let option = |number: &str, name: &str| {
        for key in [number, &format!("MYSQL_ATTR_{name}"), &format!("PDO::MYSQL_ATTR_{name}")] {
            if options.has(key)? {
                return options.get(key);
            }
        }
        options.get(number)
    };
    let file = |number: &str, name: &str| Ok::<_, Error>(option(number, name)?.text()?.map(PathBuf::from));
    let (key, cert, ca) = (file("1007", "SSL_KEY")?, file("1008", "SSL_CERT")?, file("1009", "SSL_CA")?);
    let mode = match option("1014", "SSL_VERIFY_SERVER_CERT")?.flag()? {
        Some(true) => TlsMode::VerifyFull,
        None if key.is_some() || cert.is_some() || ca.is_some() => TlsMode::VerifyFull,
        Some(false) if key.is_some() || cert.is_some() || ca.is_some() => TlsMode::Required,
        _ => TlsMode::Preferred,
    };
    Ok(Tls { mode, ca, cert, key })
}

impl PostgresServer {
    /// A server with Laravel's defaults.
    pub fn new(host: impl Into<String>, username: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: 5432,
            username: username.into(),
            password: None,
            database: database.into(),
            search_path: Vec::new(),
            timezone: None,
            tls: Tls::default(),
        }
    }

    pub(super) fn read(layers: &Layers<'_>, host: String) -> Result<Self> {
        let server = Self::new(host, layers.needed("username", USER)?, layers.needed("database", DATABASE)?);
        let search_path = match schemas(&layers.get("search_path")?)? {
            path if path.is_empty() => schemas(&layers.get("schema")?)?,
            path => path,
        };
        let ca = layers.file("sslrootcert")?;
        let place = layers.get("sslmode")?;
        let mode = match place.text()?.as_deref() {
            Some("disable" | "allow") => TlsMode::Disabled,
            None | Some("prefer") => TlsMode::Preferred,
            // As libpq has it.
            Some("require") if ca.is_some() => TlsMode::VerifyCa,
            Some("require") => TlsMode::Required,
            Some("verify-ca") => TlsMode::VerifyCa,
            Some("verify-full") => TlsMode::VerifyFull,
            Some(_) => return Err(place.wrong("disable, allow, prefer, require, verify-ca or verify-full")),
        };
        Ok(Self {
            port: layers.port(server.port)?,
            password: layers.password()?,
            search_path,
            timezone: layers.timezone()?,
            tls: Tls { mode, ca, cert: layers.file("sslcert")?, key: layers.file("sslkey")? },
            ..server
        })
    }
}

/// Names of schemas as a list, or as a text with commas, spaces and quotes between them, as Laravel takes it apart.
fn schemas(place: &Reader<'_>) -> Result<Vec<String>> {
    const WANTED: &str = "the names of schemas, such as public";
    match place.value() {
        Some(Value::Array(list)) => {
            let name = |name: &Value| Some(name.as_str()?.trim_matches(['\'', '"']).to_owned());
            list.iter().map(name).collect::<Option<_>>().ok_or_else(|| place.wrong(WANTED))
        }
        _ => {
            let text = place.text().map_err(|_| place.wrong(WANTED))?.unwrap_or_default();
            let between = |c: char| c.is_whitespace() || matches!(c, ',' | '\'' | '"');
            Ok(text.split(between).filter(|name| !name.is_empty()).map(str::to_owned).collect())
        }
    }
}
