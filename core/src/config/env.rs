//! The configuration's environment variables, as a Laravel application has them.

use serde_json::{Map, Value};

use super::reader::Origins;
use crate::registrar::native::{NATIVE, Native};

/// Each variable, and the key that it stands for; those of the registrars' addresses are in [`addresses`]. Of two for one
/// key the later counts.
const VARIABLES: &[(&str, &str)] = &[
    ("DB_CONNECTION", "database.driver"),
    ("DATABASE_URL", "database.url"),
    ("DB_URL", "database.url"),
    ("DB_HOST", "database.host"),
    ("DB_PORT", "database.port"),
    ("DB_SOCKET", "database.unix_socket"),
    ("DB_DATABASE", "database.database"),
    ("DB_USERNAME", "database.username"),
    ("DB_PASSWORD", "database.password"),
    ("DB_CHARSET", "database.charset"),
    ("DB_COLLATION", "database.collation"),
    ("DB_SSLMODE", "database.sslmode"),
    ("MYSQL_ATTR_SSL_CA", "database.options.1009"),
    ("DB_PREFIX", "database.prefix"),
    ("DB_FOREIGN_KEYS", "database.foreign_key_constraints"),
    ("APP_KEY", "app_key"),
    ("APP_PREVIOUS_KEYS", "previous_keys"),
    ("APP_TIMEZONE", "timezone"),
    ("DOMAIN_SYNC_INTERVAL_HOURS", "domain.sync_interval_hours"),
    ("DOMAIN_SYNC_INTERVAL", "domain.sync_interval"),
    ("DOMAIN_ADAPTIVE_MIN_HOURS", "domain.adaptive_min_hours"),
    ("DOMAIN_ADAPTIVE_MAX_HOURS", "domain.adaptive_max_hours"),
    ("DOMAIN_SYNC_BATCH_SIZE", "domain.sync_batch_size"),
    ("DOMAIN_PRIORITY_SYNC_DAYS", "domain.priority_sync_days"),
    ("DOMAIN_HEAL_INTERVAL_HOURS", "domain.heal_interval_hours"),
    ("DOMAIN_SYNC_TIMEOUT", "domain.sync_timeout"),
    ("DOMAIN_SYNC_RETRIES", "domain.sync_retries"),
    ("DOMAIN_SYNC_RETRY_DELAY", "domain.sync_retry_delay"),
    ("DOMAIN_PRICE_CHANGE_THRESHOLD", "domain.price_change_alert_threshold"),
    ("DOMAIN_AUTO_QUEUE_THRESHOLD", "domain.auto_queue_threshold"),
    ("DOMAIN_DETAILS_INTERVAL_HOURS", "domain.details_interval_hours"),
    ("DOMAIN_LEASE_SECONDS", "domain.lease_seconds"),
    ("DOMAIN_BRAKE_PERCENT", "domain.brake_percent"),
    ("DOMAIN_BRAKE_MINIMUM", "domain.brake_minimum"),
    ("REGISTRAR_TIMEOUT", "registrar.defaults.timeout"),
    ("REGISTRAR_RATE_LIMIT_ATTEMPTS", "registrar.defaults.rate_limit.max_attempts"),
    ("REGISTRAR_RATE_LIMIT_DECAY", "registrar.defaults.rate_limit.decay_minutes"),
    ("REGISTRAR_RETRY_ENABLED", "registrar.defaults.retry.enabled"),
    ("REGISTRAR_RETRY_ATTEMPTS", "registrar.defaults.retry.max_attempts"),
    ("REGISTRAR_RETRY_MAX_ATTEMPTS", "registrar.defaults.retry.max_attempts"),
    ("REGISTRAR_RETRY_DELAY", "registrar.defaults.retry.delay"),
    ("NAMECHEAP_CLIENT_IP", "registrar.registrars.namecheap.client_ip"),
    ("MOCK_SIMULATE_DELAYS", "registrar.registrars.mock.simulate_delays"),
    ("MOCK_DELAY_MS", "registrar.registrars.mock.default_delay_ms"),
    ("MOCK_FAILURE_RATE", "registrar.registrars.mock.failure_rate"),
];

/// The variables that follow from the table of registrars: `GODADDY_API_URL` for `godaddy`.
fn addresses() -> impl Iterator<Item = (String, String)> {
    NATIVE.iter().filter(|native| native.has_address()).map(|Native { slug, .. }| {
        (format!("{}_API_URL", slug.to_ascii_uppercase()), format!("registrar.registrars.{slug}.api_url"))
    })
}

/// What the environment says, in the configuration's own shape. Variables that Laravel's `env()` reads as empty or null
/// say nothing. Also tells which variable each key came from.
pub(super) fn value(lookup: impl Fn(&str) -> Option<String>) -> (Value, Origins) {
    let mut root = Value::Object(Map::new());
    let mut origins = Origins::new();
    let fixed = VARIABLES.iter().map(|(variable, path)| ((*variable).to_owned(), (*path).to_owned()));
    for (variable, path) in fixed.chain(addresses()) {
        if let Some(text) = lookup(&variable).filter(|text| !is_nothing(text)) {
            insert(&mut root, &path, text);
            origins.insert(path, variable);
        }
    }
    if let Some(database) = root.get_mut("database").and_then(Value::as_object_mut) {
        // Laravel's own default.
        database.entry("driver").or_insert_with(|| "sqlite".into());
    }
    (root, origins)
}

fn is_nothing(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "" | "null" | "(null)" | "empty" | "(empty)")
}

fn insert(root: &mut Value, path: &str, text: String) {
    let mut place = root;
    for key in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[key];
    }
    *place = Value::String(text);
}

/// Lays a caller's own configuration upon the environment's, and forgets the origin of what it hides.
pub(super) fn override_with(environment: &mut Value, origins: &mut Origins, overrides: Value) {
    origins.retain(|path, _| !is_hidden(&overrides, path));
    let database = overrides.get("database").and_then(Value::as_object);
    if database
        .is_some_and(|own| !own.contains_key("url") && (own.contains_key("driver") || own.contains_key("database")))
    {
        // Within one connection the URL comes first; the environment's would win over the caller's own database.
        if let Some(database) = environment.get_mut("database").and_then(Value::as_object_mut) {
            database.remove("url");
        }
    }
    merge(environment, overrides);
}

/// Whether something lies over a path, or over what it is in.
fn is_hidden(overrides: &Value, path: &str) -> bool {
    let mut place = Some(overrides);
    for key in path.split('.') {
        place = match place {
            Some(Value::Object(map)) => map.get(key),
            Some(Value::Array(list)) if list.is_empty() => None,
            Some(_) => return true,
            None => return false,
        };
    }
    place.is_some()
}

/// Lays `over` upon `under`: objects key by key, anything else as a whole.
fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key).or_insert(Value::Null), value);
            }
        }
        // PHP's empty array is also its empty object, and lays nothing over anything.
        (Value::Object(_), Value::Array(list)) if list.is_empty() => {}
        (under, over) => *under = over,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;
    use crate::config::{Config, Driver, MysqlServer, PostgresServer, RateLimitSetting, SyncInterval};

    const KEY: &str = "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const FILE: &str = "/srv/other.sqlite";

    fn is_file(config: &Config, file: &str) -> bool {
        matches!(&config.database.driver, Driver::Sqlite { path, .. } if path.to_str() == Some(file))
    }

    fn enforces_foreign_keys(config: &Config) -> bool {
        matches!(&config.database.driver, Driver::Sqlite { foreign_key_constraints: true, .. })
    }

    fn limit(config: &Config) -> (u32, u32) {
        match &config.registrar.defaults.rate_limit {
            RateLimitSetting::General(limits) => (limits[0].max_attempts, limits[0].decay_seconds / 60),
            _ => (0, 0),
        }
    }

    fn host(config: &Config, slug: &str) -> Option<String> {
        config.registrar.get(slug).api_url.as_ref()?.host_str().map(str::to_owned)
    }

    /// A variable, a text for it, and what the configuration says then and only then.
    type Row = (&'static str, &'static str, fn(&Config) -> bool);

    const TABLE: &[Row] = &[
        ("DATABASE_URL", "sqlite:/srv/other.sqlite", |config| is_file(config, FILE)),
        ("DB_URL", "sqlite:/srv/other.sqlite", |config| is_file(config, FILE)),
        ("DB_DATABASE", FILE, |config| is_file(config, FILE)),
        ("DB_PREFIX", "dd_", |config| config.database.prefix == "dd_"),
        ("DB_FOREIGN_KEYS", "false", |config| !enforces_foreign_keys(config)),
        ("APP_KEY", KEY, |config| config.app_keys.len() == 1),
        ("APP_PREVIOUS_KEYS", "0123456789abcdef,0123456789abcdef", |config| config.app_keys.len() == 2),
        ("APP_TIMEZONE", "Asia/Dhaka", |config| config.timezone == chrono_tz::Tz::Asia__Dhaka),
        ("DOMAIN_SYNC_INTERVAL_HOURS", "7", |config| config.domain.sync_interval_hours == 7),
        ("DOMAIN_SYNC_INTERVAL", "adaptive", |config| config.domain.sync_interval == SyncInterval::Adaptive),
        ("DOMAIN_ADAPTIVE_MIN_HOURS", "7", |config| config.domain.adaptive_min_hours == 7),
        ("DOMAIN_ADAPTIVE_MAX_HOURS", "7", |config| config.domain.adaptive_max_hours == 7),
        ("DOMAIN_SYNC_BATCH_SIZE", "7", |config| config.domain.sync_batch_size == 7),
        ("DOMAIN_PRIORITY_SYNC_DAYS", "7", |config| config.domain.priority_sync_days == 7),
        ("DOMAIN_HEAL_INTERVAL_HOURS", "7", |config| config.domain.heal_interval_hours == 7),
        ("DOMAIN_SYNC_TIMEOUT", "7", |config| config.domain.sync_timeout == 7),
        ("DOMAIN_SYNC_RETRIES", "7", |config| config.domain.sync_retries == 7),
        ("DOMAIN_SYNC_RETRY_DELAY", "7", |config| config.domain.sync_retry_delay == 7),
        ("DOMAIN_PRICE_CHANGE_THRESHOLD", "7.5", |config| {
            config.domain.price_change_alert_threshold == rust_decimal::Decimal::new(75, 1)
        }),
        ("DOMAIN_AUTO_QUEUE_THRESHOLD", "7", |config| config.domain.auto_queue_threshold == 7),
        ("DOMAIN_DETAILS_INTERVAL_HOURS", "7", |config| config.domain.details_interval_hours == 7),
        ("DOMAIN_LEASE_SECONDS", "60", |config| config.domain.lease_seconds == 60),
        ("DOMAIN_BRAKE_PERCENT", "30", |config| config.domain.brake_percent == 30),
        ("DOMAIN_BRAKE_MINIMUM", "5", |config| config.domain.brake_minimum == 5),
        ("REGISTRAR_TIMEOUT", "7", |config| config.registrar.defaults.timeout.as_secs() == 7),
        ("REGISTRAR_RATE_LIMIT_ATTEMPTS", "7", |config| limit(config) == (7, 1)),
        ("REGISTRAR_RETRY_ENABLED", "false", |config| config.registrar.defaults.retry.max_attempts == 1),
        ("REGISTRAR_RETRY_MAX_ATTEMPTS", "7", |config| config.registrar.defaults.retry.max_attempts == 7),
        ("REGISTRAR_RETRY_ATTEMPTS", "7", |config| config.registrar.defaults.retry.max_attempts == 7),
        ("REGISTRAR_RETRY_DELAY", "7", |config| config.registrar.defaults.retry.delay.as_millis() == 7),
        ("NAMECHEAP_CLIENT_IP", "203.0.113.7", |config| {
            config.registrar.get("namecheap").client_ip.as_deref() == Some("203.0.113.7")
        }),
        ("MOCK_SIMULATE_DELAYS", "true", |config| config.registrar.get("mock").mock.simulate_delays),
        ("MOCK_DELAY_MS", "7", |config| config.registrar.get("mock").mock.delay.as_millis() == 7),
        ("MOCK_FAILURE_RATE", "7", |config| config.registrar.get("mock").mock.failure_rate == 7),
    ];

    fn from(variables: &[(&str, &str)], overrides: Value) -> crate::Result<Config> {
        let variable = |name: &str| variables.iter().rfind(|(variable, _)| *variable == name);
        Config::from_env_with(|name| variable(name).map(|(_, text)| (*text).to_owned()), overrides)
    }

    const BASE: [(&str, &str); 2] = [("DB_CONNECTION", "sqlite"), ("DB_DATABASE", "/srv/env.sqlite")];

    #[test]
    fn every_variable_sets_what_it_is_for() {
        let plain = from(&BASE, Value::Null).unwrap();
        for (variable, text, says) in TABLE {
            assert!(!says(&plain), "{variable} shows without being set");
            let config = from(&[&BASE[..], &[(*variable, *text)]].concat(), Value::Null).unwrap();
            assert!(says(&config), "{variable}");
        }
        let both = [("REGISTRAR_RATE_LIMIT_ATTEMPTS", "7"), ("REGISTRAR_RATE_LIMIT_DECAY", "9")];
        assert_eq!(limit(&from(&[&BASE[..], &both].concat(), Value::Null).unwrap()), (7, 9));
        let error = from(&[("DB_CONNECTION", "sqlsrv"), ("DB_DATABASE", "x")], Value::Null).unwrap_err().to_string();
        assert!(error.starts_with("config `database.driver`: `sqlsrv`"), "{error}");
    }

    /// A driver, a variable for it, a text, and what its server says then.
    type ServerRow = (&'static str, &'static str, &'static str, fn(&Driver) -> Option<String>);

    const SERVERS: &[ServerRow] = &[
        ("mysql", "DB_HOST", "db1", |driver| Some(mysql(driver)?.host.clone())),
        ("mysql", "DB_PORT", "3307", |driver| Some(mysql(driver)?.port.to_string())),
        ("mysql", "DB_SOCKET", "/run/db.sock", |driver| {
            Some(mysql(driver)?.unix_socket.as_ref()?.display().to_string())
        }),
        ("mariadb", "DB_DATABASE", "app", |driver| Some(mysql(driver)?.database.clone())),
        ("mysql", "DB_USERNAME", "app", |driver| Some(mysql(driver)?.username.clone())),
        ("mysql", "DB_PASSWORD", " pass ", |driver| Some(mysql(driver)?.password.as_ref()?.expose_secret().to_owned())),
        ("mysql", "DB_CHARSET", "utf8", |driver| Some(mysql(driver)?.charset.clone())),
        ("mysql", "DB_COLLATION", "utf8mb4_bin", |driver| mysql(driver)?.collation.clone()),
        ("mysql", "MYSQL_ATTR_SSL_CA", "/etc/ca.pem", |driver| {
            Some(mysql(driver)?.tls.ca.as_ref()?.display().to_string())
        }),
        ("pgsql", "DB_HOST", "db1", |driver| Some(postgres(driver)?.host.clone())),
        ("pgsql", "DB_PORT", "5433", |driver| Some(postgres(driver)?.port.to_string())),
        ("pgsql", "DB_DATABASE", "app", |driver| Some(postgres(driver)?.database.clone())),
        ("pgsql", "DB_SSLMODE", "VerifyFull", |driver| Some(format!("{:?}", postgres(driver)?.tls.mode))),
    ];

    fn mysql(driver: &Driver) -> Option<&MysqlServer> {
        if let Driver::Mysql(servers) = driver { servers.write.first() } else { None }
    }

    fn postgres(driver: &Driver) -> Option<&PostgresServer> {
        if let Driver::Postgres(servers) = driver { servers.write.first() } else { None }
    }

    #[test]
    fn the_variables_of_a_server_set_what_they_are_for() {
        for (driver, variable, text, says) in SERVERS {
            let plain = [("DB_CONNECTION", *driver), ("DB_DATABASE", "other"), ("DB_USERNAME", "other")];
            assert_ne!(says(&from(&plain, Value::Null).unwrap().database.driver).as_deref(), Some(*text), "{variable}");
            let given = if *variable == "DB_SSLMODE" { "verify-full" } else { text };
            let config = from(&[&plain[..], &[(*variable, given)]].concat(), Value::Null).unwrap();
            assert_eq!(says(&config.database.driver).as_deref(), Some(*text), "{driver} {variable}");
        }
    }

    #[test]
    fn no_variable_is_without_a_test() {
        let apart = ["DB_CONNECTION", "REGISTRAR_RATE_LIMIT_DECAY"];
        for (variable, _) in VARIABLES {
            let tested =
                SERVERS.iter().any(|(_, name, ..)| name == variable) || TABLE.iter().any(|(name, ..)| name == variable);
            assert!(apart.contains(variable) || tested, "{variable}");
        }
    }

    #[test]
    fn each_registrar_has_a_variable_for_its_own_address_and_the_one_without_a_network_has_none() {
        for native in NATIVE {
            let variable = format!("{}_API_URL", native.slug.to_ascii_uppercase());
            let address = format!("https://{}.example.test/api", native.slug);
            let config = from(&[&BASE[..], &[(variable.as_str(), address.as_str())]].concat(), Value::Null).unwrap();
            for other in NATIVE {
                let wanted = (other.slug == native.slug && native.slug != "mock")
                    .then(|| format!("{}.example.test", native.slug));
                assert_eq!(host(&config, other.slug), wanted, "{variable} {}", other.slug);
            }
        }
        assert_eq!(addresses().count(), NATIVE.len() - 1);
    }

    #[test]
    fn variables_that_are_empty_or_null_to_laravel_say_nothing() {
        for nothing in ["", " ", "null", "(null)", "empty", "(EMPTY)"] {
            let config = from(&[&BASE[..], &[("DB_URL", nothing), ("APP_KEY", nothing)]].concat(), json!([])).unwrap();
            assert!(is_file(&config, "/srv/env.sqlite") && config.app_keys.is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn overrides_come_first_key_by_key() {
        let mut under = json!({"a": {"b": 1, "c": 2}, "d": 3, "e": {"f": 4}});
        merge(&mut under, json!({"a": {"c": 5}, "d": {"x": 6}, "e": []}));
        assert_eq!(under, json!({"a": {"b": 1, "c": 5}, "d": {"x": 6}, "e": {"f": 4}}));
    }

    #[test]
    fn a_database_given_by_the_caller_comes_before_the_url_of_the_environment() {
        let environment = [("DB_URL", "sqlsrv://u:p@db/app")];
        for own in [
            json!({"driver": "sqlite", "database": FILE}),
            json!({"url": "sqlite:/srv/other.sqlite"}),
            json!("sqlite:/srv/other.sqlite"),
        ] {
            assert!(is_file(&from(&environment, json!({ "database": own })).unwrap(), FILE));
        }
        assert!(from(&environment, json!({"database": {"prefix": "x_"}})).is_err(), "the URL of the environment holds");
    }

    #[test]
    fn a_wrong_value_of_the_environment_is_named_by_its_variable_too() {
        for (variable, text, path) in [
            ("DOMAIN_SYNC_TIMEOUT", "abc", "domain.sync_timeout"),
            ("DB_URL", "sqlsrv://u:secret@db/app", "database.url"),
            ("APP_PREVIOUS_KEYS", "0123456789abcdef,secret", "previous_keys.1"),
            ("RESELLERCLUB_API_URL", "secret", "registrar.registrars.resellerclub.api_url"),
        ] {
            let error = from(&[&BASE[..], &[(variable, text)]].concat(), Value::Null).unwrap_err().to_string();
            assert!(error.starts_with(&format!("config `{path}`: ")), "{error}");
            assert!(error.ends_with(&format!(" (environment variable {variable})")), "{error}");
            assert!(!error.contains("secret"), "S6.9 {error}");
        }
        let hidden = [&BASE[..], &[("DOMAIN_SYNC_TIMEOUT", "abc")]].concat();
        assert!(from(&hidden, json!({"domain": {"sync_timeout": 5}})).is_ok());
        let error = from(&hidden, json!({"domain": {"sync_timeout": "x"}})).unwrap_err().to_string();
        assert!(!error.contains("environment"), "{error}");
    }

    #[test]
    fn without_a_connection_the_database_is_sqlite_as_in_laravel() {
        assert!(is_file(&from(&[("DB_DATABASE", FILE)], Value::Null).unwrap(), FILE));
        assert!(is_file(&from(&[("DB_URL", "sqlite:/srv/other.sqlite")], Value::Null).unwrap(), FILE));
        let error = from(&[("DB_PREFIX", "dd_")], Value::Null).unwrap_err().to_string();
        assert!(error.starts_with("config `database.database`: expected the path"), "{error}");
        let error = from(&[], Value::Null).unwrap_err().to_string();
        assert!(error.contains("DB_DATABASE or DB_URL"), "{error}");
    }

    #[test]
    fn overrides_that_are_no_array_of_keys_are_refused() {
        for wrong in [json!("x"), json!([1]), json!(true)] {
            let error = from(&BASE, wrong).unwrap_err().to_string();
            assert!(error.starts_with("config `overrides`: "), "{error}");
        }
    }
}
