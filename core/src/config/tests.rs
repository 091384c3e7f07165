//! What configuration is taken, and how a wrong one is refused.

use rust_decimal::Decimal;
use secrecy::ExposeSecret;
use serde_json::json;

use super::*;

const KEY: &str = "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn with(key: &str, value: Value) -> Value {
    let mut config = json!({"database": "sqlite:/srv/app.sqlite"});
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    config[first] = rest.rsplit('.').filter(|key| !key.is_empty()).fold(value, |value, key| json!({ key: value }));
    config
}

#[test]
fn the_application_s_own_files_are_read() {
    let config = Config::from_value(json!({
        "database": {"driver": "sqlite", "url": null, "database": "/srv/app.sqlite", "prefix": "dd_", "foreign_key_constraints": "false", "busy_timeout": 250},
        "domain": {"sync_interval_hours": "12", "sync_batch_size": 50.0, "price_change_alert_threshold": "12.5", "default_ttl": {"x": 1}},
        "registrar": {
            "default": "resellerclub",
            "defaults": {"timeout": 20, "rate_limit": {"max_attempts": 120, "decay_minutes": 1}, "retry": {"max_attempts": "4", "delay": 250}},
            "registrars": {
                "resellerclub": {"api_url": "https://api.example.test/x/", "rate_limit": {"max_attempts": 30}, "currency": "bdt", "exchange_rates": {"USD": "110.25"},
                    "credentials": {"auth_userid": 777, "api_key": "k"}, "price_source": "customer", "grace_days": {"default": 20, ".co.uk": 0}, "concurrency": "8"},
                "logicboxes": {"rate_limit": null, "credentials": []}
            }
        },
        "app_key": KEY, "previous_keys": format!("{KEY}, {KEY}"), "timezone": "Asia/Dhaka", "partner_id": "3", "source": "", "user_id": null, "redis": "redis://x"
    }))
    .unwrap();
    assert_eq!(config.database.prefix, "dd_");
    let Driver::Sqlite { path, foreign_key_constraints, busy_timeout } = &config.database.driver;
    assert_eq!((path.to_str(), *foreign_key_constraints, busy_timeout.as_millis()), (Some("/srv/app.sqlite"), false, 250));
    assert_eq!((config.domain.sync_interval_hours, config.domain.sync_batch_size), (12, 50));
    assert_eq!(config.domain.price_change_alert_threshold, Decimal::new(125, 1));
    let club = config.registrar.get("resellerclub");
    assert_eq!(club.rate_limit, RateLimitSetting::Limited(RateLimit { max_attempts: 30, decay_minutes: 1 }));
    assert_eq!((club.retry.max_attempts, club.retry.delay.as_millis(), club.timeout.as_secs()), (4, 250, 20));
    assert_eq!((club.concurrency, club.price_source), (Some(8), PriceSource::Customer));
    assert_eq!(club.currency.unwrap().as_str(), "BDT");
    assert_eq!((club.grace_days_for("a.com"), club.grace_days_for("a.co.uk")), (20, 0));
    assert_eq!(club.credentials["auth_userid"].expose_secret(), "777");
    assert_eq!(config.registrar.get("logicboxes").rate_limit, RateLimitSetting::Unlimited);
    assert_eq!(config.registrar.get("other").timeout.as_secs(), 20);
    assert_eq!((config.app_keys.len(), config.timezone, config.partner_id), (3, Tz::Asia__Dhaka, Some(PartnerId(3))));
    assert_eq!((config.source.as_str(), config.user_id), ("manual", None));
}

#[test]
fn without_anything_but_a_database_the_defaults_hold() {
    let config = Config::from_json(r#"{"database": "sqlite:app.sqlite", "domain": [], "registrar": null}"#).unwrap();
    assert_eq!(config.domain, DomainConfig::default());
    assert_eq!(config.registrar.get("resellerclub").rate_limit, RateLimitSetting::RegistrarDefault);
    assert_eq!(config.domain.sync_interval_hours, 6, "S1.1");
    assert_eq!((config.domain.sync_retries, config.domain.sync_retry_delay), (3, 300), "S6.4");
}

#[test]
fn urls_of_databases_are_read() {
    for (url, path) in [
        ("sqlite:/srv/a.sqlite", "/srv/a.sqlite"),
        ("sqlite:///srv/a.sqlite", "/srv/a.sqlite"),
        ("sqlite:a.sqlite?x=1", "a.sqlite"),
        ("sqlite:///srv/a.sqlite?foreign_key_constraints=true", "/srv/a.sqlite"),
    ] {
        for database in [json!(url), json!({"driver": "mysql", "url": url})] {
            let config = Config::from_value(json!({ "database": database })).unwrap();
            let Driver::Sqlite { path: read, .. } = config.database.driver;
            assert_eq!(read.to_str(), Some(path), "{url}");
        }
    }
}

#[test]
fn a_wrong_value_is_named_by_its_path_and_told_what_would_be_right() {
    for (key, value, wanted) in [
        ("database", json!(null), "config `database`: expected Laravel's connection array, or a URL"),
        ("database", json!("mysql://u:secret@h/d"), "config `database`: `mysql` is not supported"),
        ("database", json!("/srv/app.sqlite"), "config `database`: expected a URL"),
        ("database", json!({"driver": "pgsql"}), "config `database.driver`: expected `sqlite`"),
        ("database", json!({"database": "x"}), "config `database.driver`: expected the kind of database"),
        ("database", json!({"driver": "sqlite"}), "config `database.database`: expected the path"),
        ("database", json!({"driver": "sqlite", "database": ":memory:"}), "config `database.database`: an in-memory database"),
        ("database", json!({"driver": "sqlite", "database": "x", "prefix": "a;b"}), "config `database.prefix`: expected letters"),
        ("domain", json!("x"), "config `domain`: expected an array of keys and values, got \"x\""),
        ("domain.sync_interval_hours", json!("abc"), "config `domain.sync_interval_hours`: expected a whole number of hours from 0 to 8760, got \"abc\""),
        ("domain.sync_timeout", json!(0), "config `domain.sync_timeout`: expected a whole number of seconds from 1 to 86400, got 0"),
        ("domain.sync_batch_size", json!(-1), "config `domain.sync_batch_size`: "),
        ("domain.price_change_alert_threshold", json!("-5"), "config `domain.price_change_alert_threshold`: expected a percentage"),
        ("registrar.defaults.timeout", json!([1]), "config `registrar.defaults.timeout`: "),
        ("registrar.registrars.resellerclub.api_url", json!("ftp://x/"), "config `registrar.registrars.resellerclub.api_url`: expected an address"),
        ("registrar.registrars.resellerclub.api_url", json!("https://u:secret@x/"), "config `registrar.registrars.resellerclub.api_url`: expected an address"),
        ("registrar.registrars.x.currency", json!("Taka"), "config `registrar.registrars.x.currency`: expected an ISO 4217"),
        ("registrar.registrars.x.exchange_rates.USD", json!(0), "config `registrar.registrars.x.exchange_rates.USD`: expected a rate above 0"),
        ("registrar.registrars.x.price_source", json!("best"), "config `registrar.registrars.x.price_source`: expected `cost`"),
        ("registrar.registrars.x.rate_limit", json!({"decay_minutes": 1}), "config `registrar.registrars.x.rate_limit.max_attempts`: "),
        ("registrar.registrars.x.credentials", json!({"api_key": ["secret"]}), "config `registrar.registrars.x.credentials.api_key`: expected a text"),
        ("app_key", json!("base64:c2VjcmV0"), "config `app_key`: it has 6 bytes"),
        ("previous_keys", json!([1]), "config `previous_keys`: expected a list of keys"),
        ("timezone", json!("Mars"), "config `timezone`: expected the name of a time zone"),
        ("partner_id", json!(0), "config `partner_id`: expected an id above 0, got 0"),
    ] {
        let error = Config::from_value(with(key, value)).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Config, "{key}");
        assert!(error.to_string().starts_with(wanted), "{key}: {error}");
        assert!(!format!("{error:?}").contains("secret"), "S6.9 {error:?}");
    }
    assert!(Config::from_json("{").unwrap_err().to_string().contains("line 1, column"));
}

#[test]
fn no_secret_is_printed() {
    let mut config = with("registrar.registrars.x.credentials", json!({"api_key": "top-secret"}));
    config["app_key"] = json!(KEY);
    let printed = format!("{:?}", Config::from_value(config).unwrap());
    assert!(!printed.contains("top-secret") && !printed.contains("AAECAw"), "S6.9 {printed}");
}

#[test]
fn the_environment_and_what_comes_before_it() {
    let lookup = |name: &str| {
        let value = match name {
            "DB_CONNECTION" => "sqlite",
            "DB_DATABASE" => "/srv/env.sqlite",
            "DOMAIN_SYNC_RETRIES" => "5",
            "REGISTRAR_RATE_LIMIT_ATTEMPTS" => "10",
            "APP_TIMEZONE" => "",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let config = Config::from_env_with(lookup, json!({"domain": {"sync_batch_size": 7}, "database": {"prefix": "p_"}})).unwrap();
    assert_eq!((config.domain.sync_retries, config.domain.sync_batch_size), (5, 7));
    assert_eq!((config.database.prefix.as_str(), config.timezone), ("p_", Tz::UTC));
    let limit = RateLimit { max_attempts: 10, decay_minutes: 1 };
    assert_eq!(config.registrar.defaults.rate_limit, RateLimitSetting::Limited(limit));
    assert!(Config::from_env_with(|_| None, json!([])).unwrap_err().to_string().contains("database"));
}
