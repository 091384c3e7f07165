//! One configuration from JSON, from the environment or from code: the application's own config files as they are.
//!
//! A wrong value is refused with its path and what would be right. Numbers may be texts, since Laravel's `env()` gives
//! texts. Unknown keys are ignored, since the application's files hold more than is read here.

mod access;
mod builder;
mod database;
mod env;
mod mock;
mod reader;
mod redis;
mod registrar;

use chrono_tz::Tz;
use secrecy::SecretString;
use serde_json::{Value, json};

use reader::{Origins, Reader};

use crate::laravel::encryption;
use crate::model::{PartnerId, UserId};
use crate::{Error, ErrorKind, Result};

pub use access::{AccessConfig, Pem, Proxy, ProxySetting};
pub use database::{DatabaseConfig, Driver, MysqlServer, PostgresServer, Servers, Tls, TlsMode};
pub use mock::MockConfig;
pub use redis::RedisConfig;
pub use registrar::{PriceSource, RateLimit, RateLimitSetting, RegistrarConfig, RegistrarsConfig, RetryConfig};

/// Everything that the library is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The application's database.
    pub database: DatabaseConfig,
    /// `config/domain.php`.
    pub domain: DomainConfig,
    /// `config/registrar.php`.
    pub registrar: RegistrarsConfig,
    /// `app.key` and then `app.previous_keys`: they open encrypted columns. Texts such as `base64:…`.
    pub app_keys: Vec<SecretString>,
    /// `app.timezone`: the wall clock that the database's datetimes are in. UTC unless changed.
    pub timezone: Tz,
    /// Confines every call to this partner (S1.6).
    pub partner_id: Option<PartnerId>,
    /// What audit rows name as source where there is room. `manual` unless given.
    pub source: String,
    /// What audit rows name as user.
    pub user_id: Option<UserId>,
}

/// `config/domain.php`, as far as a sync reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainConfig {
    /// How long a sync is good for, in hours (S1.1). 6.
    pub sync_interval_hours: u32,
    /// Whether that is so for every domain, or adapts (`fixed`, `adaptive`). Fixed.
    pub sync_interval: SyncInterval,
    /// The shortest adaptive interval, in hours. 2.
    pub adaptive_min_hours: u32,
    /// The longest adaptive interval, in hours. 48.
    pub adaptive_max_hours: u32,
    /// How many domains a batch takes when nobody says. 100.
    pub sync_batch_size: u32,
    /// Domains that expire within this many days come first (S1.3). 30.
    pub priority_sync_days: u32,
    /// How long an expired or suspended domain's sync is good for, in hours (S1.3). 24.
    pub heal_interval_hours: u32,
    /// How long one domain may take, retries included, in seconds (S6.2). 120.
    pub sync_timeout: u32,
    /// How many more attempts a failed domain gets before a person is asked (S6.4). 3.
    pub sync_retries: u32,
    /// How long before the first of them, in seconds; it doubles each time (S6.4). 300.
    pub sync_retry_delay: u32,
    /// A price change above this many percent is a warning (S5.3). 10.
    pub price_change_alert_threshold: rust_decimal::Decimal,
    /// Above this many domains a caller may prefer a queue; the library only tells. 50.
    pub auto_queue_threshold: u32,
    /// A full sync trusts the registrar's list for at most this many hours before it reads a domain's details all the
    /// same. 168; 0 reads them every time.
    pub details_interval_hours: u32,
    /// The safety brake holds back moves to a worse status when they are more than this percentage of a registrar's share
    /// of a batch (S6.7). 20.
    pub brake_percent: u32,
    /// ... and at least this many. 10.
    pub brake_minimum: u32,
    /// How long a call holds a domain against others if it dies (S7.5). Seconds. A key of ours; a call that lives renews
    /// its hold.
    pub lease_seconds: u32,
}

/// How long a sync is good for ([`due`](crate::due)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncInterval {
    /// `sync_interval_hours` for every domain.
    #[default]
    Fixed,
    /// Shorter close to expiry and after a change, longer for what is quiet.
    Adaptive,
}

impl Default for DomainConfig {
    fn default() -> Self {
        Self {
            sync_interval_hours: 6,
            sync_interval: SyncInterval::Fixed,
            adaptive_min_hours: 2,
            adaptive_max_hours: 48,
            sync_batch_size: 100,
            priority_sync_days: 30,
            heal_interval_hours: 24,
            sync_timeout: 120,
            sync_retries: 3,
            sync_retry_delay: 300,
            price_change_alert_threshold: rust_decimal::Decimal::TEN,
            auto_queue_threshold: 50,
            details_interval_hours: 168,
            brake_percent: 20,
            brake_minimum: 10,
            lease_seconds: 900,
        }
    }
}

impl DomainConfig {
    fn read(reader: &Reader<'_>) -> Result<Self> {
        let default = Self::default();
        let whole = |key: &str, wanted: &str, range, default| {
            Ok::<u32, Error>(reader.get(key)?.whole(wanted, range)?.unwrap_or(default))
        };
        const HOURS: &str = "a whole number of hours";
        const SECONDS: &str = "a whole number of seconds";
        let word = reader.get("sync_interval")?;
        let sync_interval = match word.text()?.as_deref() {
            None | Some("fixed") => SyncInterval::Fixed,
            Some("adaptive") => SyncInterval::Adaptive,
            Some(_) => return Err(word.wrong("`fixed` or `adaptive`")),
        };
        let adaptive_min_hours = whole("adaptive_min_hours", HOURS, 1..=8_760, default.adaptive_min_hours)?;
        let longest = reader.get("adaptive_max_hours")?;
        let adaptive_max_hours =
            longest.whole(HOURS, 1..=8_760)?.unwrap_or_else(|| default.adaptive_max_hours.max(adaptive_min_hours));
        if adaptive_max_hours < adaptive_min_hours {
            return Err(longest.wrong("no fewer hours than adaptive_min_hours"));
        }
        Ok(Self {
            sync_interval,
            adaptive_min_hours,
            adaptive_max_hours,
            sync_interval_hours: whole("sync_interval_hours", HOURS, 0..=8_760, default.sync_interval_hours)?,
            sync_batch_size: whole("sync_batch_size", "a number of domains", 1..=10_000_000, default.sync_batch_size)?,
            priority_sync_days: whole(
                "priority_sync_days",
                "a whole number of days",
                0..=3_650,
                default.priority_sync_days,
            )?,
            heal_interval_hours: whole("heal_interval_hours", HOURS, 0..=8_760, default.heal_interval_hours)?,
            sync_timeout: whole("sync_timeout", SECONDS, 1..=86_400, default.sync_timeout)?,
            sync_retries: whole("sync_retries", "a number of attempts", 0..=1_000, default.sync_retries)?,
            sync_retry_delay: whole("sync_retry_delay", SECONDS, 0..=604_800, default.sync_retry_delay)?,
            price_change_alert_threshold: reader
                .get("price_change_alert_threshold")?
                .decimal("a percentage of 0 or more")?
                .unwrap_or(default.price_change_alert_threshold),
            auto_queue_threshold: whole(
                "auto_queue_threshold",
                "a number of domains",
                0..=10_000_000,
                default.auto_queue_threshold,
            )?,
            details_interval_hours: whole("details_interval_hours", HOURS, 0..=8_760, default.details_interval_hours)?,
            brake_percent: whole("brake_percent", "a whole percentage", 0..=100, default.brake_percent)?,
            brake_minimum: whole("brake_minimum", "a number of domains", 1..=10_000_000, default.brake_minimum)?,
            lease_seconds: whole("lease_seconds", SECONDS, 3..=86_400, default.lease_seconds)?,
        })
    }
}

impl Config {
    /// A configuration of defaults for a database; the fields are public and can be set.
    pub fn new(database: DatabaseConfig) -> Self {
        Self {
            database,
            domain: DomainConfig::default(),
            registrar: RegistrarsConfig::default(),
            app_keys: Vec::new(),
            timezone: Tz::UTC,
            partner_id: None,
            source: "manual".to_owned(),
            user_id: None,
        }
    }

    /// Reads a configuration from JSON. Fails with `config` for a wrong value, named by its path.
    ///
    /// ```
    /// # use domaindesk_sync::Config;
    /// let config = Config::from_json(r#"{"database": "sqlite:/srv/app.sqlite", "domain": {"sync_interval_hours": "12"}}"#)?;
    /// assert_eq!(config.domain.sync_interval_hours, 12);
    ///
    /// let error = Config::from_json(r#"{"database": "sqlite:/srv/app.sqlite", "timezone": "Mars"}"#).unwrap_err();
    /// assert!(error.to_string().starts_with("config `timezone`: "));
    /// # Ok::<(), domaindesk_sync::Error>(())
    /// ```
    pub fn from_json(json: &str) -> Result<Self> {
        let value = serde_json::from_str(json).map_err(|error| {
            Error::new(
                ErrorKind::Config,
                format!("the configuration is no JSON: line {}, column {}", error.line(), error.column()),
            )
        })?;
        Self::from_value(value)
    }

    /// As [`from_json`](Self::from_json), from a value.
    pub fn from_value(value: Value) -> Result<Self> {
        Self::read(&value, &Origins::new())
    }

    /// As [`from_value`](Self::from_value), for a handle that works over a connection of the host's: of `database` only
    /// `prefix` is read.
    pub fn for_host_connection(mut value: Value) -> Result<Self> {
        if let Some(root) = value.as_object_mut() {
            let prefix = root.get("database").and_then(|database| database.get("prefix")).cloned();
            root.insert("database".to_owned(), json!({"driver": "host", "prefix": prefix}));
        }
        Self::from_value(value)
    }

    fn read(value: &Value, origins: &Origins) -> Result<Self> {
        let root = Reader::root(value, origins);
        if !matches!(value, Value::Object(_) | Value::Null) && value.as_array().is_none_or(|list| !list.is_empty()) {
            return Err(Error::new(ErrorKind::Config, "the configuration is no array of keys and values"));
        }
        let timezone = root.get("timezone")?;
        Ok(Self {
            database: DatabaseConfig::read(&root.get("database")?)?,
            domain: DomainConfig::read(&root.get("domain")?)?,
            registrar: RegistrarsConfig::read(&root.get("registrar")?)?
                .sharing(RedisConfig::read(&root.get("redis")?)?),
            app_keys: read_keys(&root)?,
            timezone: match timezone.text()? {
                Some(name) => {
                    zone(&name).ok_or_else(|| timezone.wrong("the name of a time zone, such as UTC or Asia/Dhaka"))?
                }
                None => Tz::UTC,
            },
            partner_id: root.get("partner_id")?.id()?.map(PartnerId),
            source: root.get("source")?.text()?.unwrap_or_else(|| "manual".to_owned()),
            user_id: root.get("user_id")?.id()?.map(UserId),
        })
    }

    /// Reads the environment: the variables of a Laravel application's `.env`. Fails with `config` for a wrong value,
    /// named by its path and its variable.
    pub fn from_env() -> Result<Self> {
        // What is no UTF-8 is refused as the wrong value that it then is.
        let variable = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
        Self::from_env_with(variable, Value::Null)
    }

    /// As [`from_env`](Self::from_env), with another look-up, and with `overrides` in the shape of
    /// [`from_json`](Self::from_json) that come first, key by key.
    pub fn from_env_with(lookup: impl Fn(&str) -> Option<String>, overrides: Value) -> Result<Self> {
        let (mut value, mut origins) = env::value(lookup);
        match overrides {
            Value::Object(_) => env::override_with(&mut value, &mut origins, overrides),
            Value::Null => {}
            Value::Array(list) if list.is_empty() => {}
            _ => return Err(Error::config("overrides", "expected an array of keys and values")),
        }
        Self::read(&value, &origins)
    }
}

/// `app_key` and `previous_keys`, each checked for being a key at all. None is ever shown.
fn read_keys(root: &Reader<'_>) -> Result<Vec<SecretString>> {
    let mut keys: Vec<SecretString> = Vec::new();
    let mut add = |place: &Reader<'_>, text: &str| -> Result<()> {
        if !text.is_empty() {
            let key = SecretString::from(text);
            encryption::parse_key(&key).map_err(|problem| place.refused(problem))?;
            keys.push(key);
        }
        Ok(())
    };
    let key = root.get("app_key")?;
    if let Some(text) = key.text().map_err(|_| key.wrong_secret("a text"))? {
        add(&key, &text)?;
    }
    let previous = root.get("previous_keys")?;
    let texts: Vec<&str> = match previous.value() {
        None => Vec::new(),
        Some(Value::String(list)) => list.split(',').collect(),
        Some(Value::Array(list)) => list
            .iter()
            .map(|key| if key.is_null() { Some("") } else { key.as_str() })
            .collect::<Option<_>>()
            .ok_or_else(|| previous.wrong_secret("a list of keys"))?,
        Some(_) => return Err(previous.wrong_secret("a list of keys")),
    };
    for (place, text) in texts.into_iter().enumerate() {
        add(&previous.item(place), text.trim())?;
    }
    Ok(keys)
}

/// A zone by its name, in whatever case, as PHP takes it.
fn zone(name: &str) -> Option<Tz> {
    chrono_tz::TZ_VARIANTS.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(name))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
