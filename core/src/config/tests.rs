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

/// The path, whether foreign keys are enforced, and the time-out in milliseconds.
fn sqlite(database: &DatabaseConfig) -> (String, bool, u128) {
    let Driver::Sqlite { path, foreign_key_constraints, busy_timeout } = &database.driver else {
        panic!("not SQLite: {database:?}");
    };
    (path.to_str().unwrap().to_owned(), *foreign_key_constraints, busy_timeout.as_millis())
}

#[test]
fn an_adaptive_interval_has_bounds_that_can_be() {
    let with = |domain: serde_json::Value| Config::from_value(json!({"database": "sqlite:/x", "domain": domain}));
    let config = with(json!({"sync_interval": "adaptive", "adaptive_min_hours": "72"})).unwrap();
    assert_eq!(config.domain.sync_interval, SyncInterval::Adaptive);
    assert_eq!((config.domain.adaptive_min_hours, config.domain.adaptive_max_hours), (72, 72));
    assert_eq!(
        with(json!({"sync_interval": ""})).unwrap().domain.sync_interval,
        SyncInterval::Fixed,
        "off unless asked"
    );
    for (wrong, path) in [
        (json!({"sync_interval": "often"}), "domain.sync_interval"),
        (json!({"adaptive_min_hours": 0}), "domain.adaptive_min_hours"),
        (json!({"adaptive_min_hours": 3, "adaptive_max_hours": 2}), "domain.adaptive_max_hours"),
    ] {
        let error = with(wrong).unwrap_err().to_string();
        assert!(error.starts_with(&format!("config `{path}`: ")), "{error}");
    }
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
                    "credentials": {"auth_userid": 777, "api_key": "k"}, "price_source": "customer", "discounted_prices": "true", "grace_days": {"default": 20, ".co.uk": 0}, "concurrency": "8"},
                "logicboxes": {"rate_limit": null, "credentials": []},
                "namecheap-eu": {"driver": "namecheap", "client_ip": "203.0.113.7", "retry": {"enabled": "false"}}
            }
        },
        "app_key": KEY, "previous_keys": format!("{KEY}, {KEY}"), "timezone": "Asia/Dhaka", "partner_id": "3", "source": "", "user_id": null, "redis": "redis://x"
    }))
    .unwrap();
    assert_eq!(config.database.prefix, "dd_");
    assert_eq!(sqlite(&config.database), ("/srv/app.sqlite".to_owned(), false, 250));
    assert_eq!((config.domain.sync_interval_hours, config.domain.sync_batch_size), (12, 50));
    assert_eq!(config.domain.price_change_alert_threshold, Decimal::new(125, 1));
    let club = config.registrar.get("resellerclub");
    assert_eq!(club.rate_limit, RateLimitSetting::Limited(vec![RateLimit::per_minutes(30, 1)]));
    assert_eq!((club.retry.max_attempts, club.retry.delay.as_millis(), club.timeout.as_secs()), (4, 250, 20));
    assert_eq!((club.concurrency, club.price_source), (Some(8), PriceSource::Customer));
    assert!(club.discounted_prices && !config.registrar.defaults.discounted_prices);
    assert_eq!(club.currency.unwrap().as_str(), "BDT");
    assert_eq!((club.grace_days_for("a.com"), club.grace_days_for("a.co.uk")), (20, 0));
    assert_eq!(club.credentials["auth_userid"].expose_secret(), "777");
    assert_eq!(config.registrar.get("logicboxes").rate_limit, RateLimitSetting::Unlimited);
    let second = config.registrar.get("namecheap-eu");
    assert_eq!((second.driver.as_deref(), second.client_ip.as_deref()), (Some("namecheap"), Some("203.0.113.7")));
    assert_eq!((second.retry.max_attempts, club.driver.as_deref()), (1, None), "S6.2");
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
        ("sqlite:////srv/a.sqlite", "/srv/a.sqlite"),
        ("sqlite3:///srv/a.sqlite#x", "/srv/a.sqlite"),
        ("sqlite://data/a.sqlite", "data/a.sqlite"),
        ("sqlite:///srv/a b.sqlite", "/srv/a b.sqlite"),
        ("sqlite:///srv/a%20b%3F.sqlite", "/srv/a b?.sqlite"),
        ("sqlite:///srv/dävid/100%.sqlite", "/srv/dävid/100%.sqlite"),
        (" sqlite:/srv/a.sqlite ", "/srv/a.sqlite"),
    ] {
        for database in [json!(url), json!({"driver": "mysql", "url": url})] {
            let config = Config::from_value(json!({ "database": database })).unwrap();
            assert_eq!(sqlite(&config.database).0, path, "{url}");
        }
    }
}

#[test]
fn a_wrong_value_is_named_by_its_path_and_told_what_would_be_right() {
    for (key, value, wanted) in [
        ("database", json!(null), "config `database`: expected Laravel's connection array, or a URL"),
        (
            "database",
            json!("sqlsrv://u:secret@h/d"),
            "config `database`: `sqlsrv` is not a database of this version: there are `mysql`, `mariadb`, `pgsql` or",
        ),
        (
            "database",
            json!({"driver": "sqlsrv", "password": "secret"}),
            "config `database.driver`: `sqlsrv` is not a database",
        ),
        ("database", json!({"driver": "mysql://u:secret@h/d"}), "config `database.driver`: expected `mysql`"),
        ("database", json!({"url": "mssql://u:secret@h/d"}), "config `database.url`: `mssql` is not a database"),
        ("database", json!({"url": ["secret"]}), "config `database.url`: expected a URL"),
        ("database", json!("sqlite:///"), "config `database`: expected a URL"),
        ("database", json!("sqlite::memory:"), "config `database.database`: an in-memory database"),
        ("database", json!("sqlite://:memory:"), "config `database.database`: an in-memory database"),
        ("database", json!("sqlite:/srv/a?mode=memory"), "config `database.database`: an in-memory database"),
        (
            "database",
            json!("sqlite:/srv/a?busy_timeout=x"),
            "config `database.busy_timeout`: expected a whole number of milliseconds",
        ),
        ("database", json!("sqlite:/srv/a%00b"), "config `database.database`: expected the path"),
        ("database", json!("/srv/app.sqlite"), "config `database`: expected a URL"),
        ("database", json!({"driver": "pgsql"}), "config `database.username`: expected the database user"),
        ("database", json!({"database": "x"}), "config `database.driver`: expected the kind of database"),
        ("database", json!({"driver": "sqlite"}), "config `database.database`: expected the path"),
        (
            "database",
            json!({"driver": "sqlite", "database": ":memory:"}),
            "config `database.database`: an in-memory database",
        ),
        (
            "database",
            json!({"driver": "sqlite", "database": "x", "prefix": "a;b"}),
            "config `database.prefix`: expected letters",
        ),
        ("domain", json!("x"), "config `domain`: expected an array of keys and values"),
        (
            "domain.sync_interval_hours",
            json!("abc"),
            "config `domain.sync_interval_hours`: expected a whole number of hours from 0 to 8760, got \"abc\"",
        ),
        (
            "domain.sync_timeout",
            json!(0),
            "config `domain.sync_timeout`: expected a whole number of seconds from 1 to 86400, got 0",
        ),
        ("domain.sync_batch_size", json!(-1), "config `domain.sync_batch_size`: "),
        (
            "domain.price_change_alert_threshold",
            json!("-5"),
            "config `domain.price_change_alert_threshold`: expected a percentage",
        ),
        ("registrar.defaults.timeout", json!([1]), "config `registrar.defaults.timeout`: "),
        (
            "registrar.registrars.resellerclub.timeout",
            json!("abc"),
            "config `registrar.registrars.resellerclub.timeout`: expected a number of seconds above 0, got \"abc\"",
        ),
        (
            "registrar.registrars.x.timeout",
            json!(0),
            "config `registrar.registrars.x.timeout`: expected a number of seconds above 0, got 0",
        ),
        (
            "registrar.registrars.x.timeout",
            json!("1e300"),
            "config `registrar.registrars.x.timeout`: expected a number of seconds above 0",
        ),
        (
            "registrar.registrars.x.timeout",
            json!(86_400),
            "config `registrar.registrars.x.timeout`: expected a number of seconds above 0 and at most 3600, got 86400",
        ),
        (
            "registrar.registrars.x.grace_days",
            json!({"a b": 1}),
            "config `registrar.registrars.x.grace_days.a b`: expected a TLD",
        ),
        (
            "registrar.registrars.x.exchange_rates",
            json!({"Taka": 1}),
            "config `registrar.registrars.x.exchange_rates.Taka`: expected an ISO 4217",
        ),
        (
            "database",
            json!({"default": "mysql", "connections": {"mysql": {"password": "secret"}}}),
            "config `database`: expected one connection",
        ),
        (
            "registrar.registrars.resellerclub.api_url",
            json!("ftp://x/"),
            "config `registrar.registrars.resellerclub.api_url`: expected an address",
        ),
        (
            "registrar.registrars.resellerclub.api_url",
            json!("https://u:secret@x/"),
            "config `registrar.registrars.resellerclub.api_url`: expected an address",
        ),
        (
            "registrar.registrars.x.currency",
            json!("Taka"),
            "config `registrar.registrars.x.currency`: expected an ISO 4217",
        ),
        (
            "registrar.registrars.x.exchange_rates.USD",
            json!(0),
            "config `registrar.registrars.x.exchange_rates.USD`: expected a rate above 0",
        ),
        (
            "registrar.registrars.x.price_source",
            json!("best"),
            "config `registrar.registrars.x.price_source`: expected `cost`",
        ),
        (
            "registrar.registrars.x.rate_limit",
            json!({"decay_minutes": 1}),
            "config `registrar.registrars.x.rate_limit.max_attempts`: ",
        ),
        (
            "registrar.registrars.x.credentials",
            json!({"api_key": ["secret"]}),
            "config `registrar.registrars.x.credentials.api_key`: expected a text",
        ),
        (
            "registrar.registrars.x.credentials",
            json!("api_key=secret"),
            "config `registrar.registrars.x.credentials`: expected an array",
        ),
        ("registrar.registrars.x", json!("secret"), "config `registrar.registrars.x`: expected an array"),
        (
            "registrar.registrars.x.rate_limit",
            json!("many"),
            "config `registrar.registrars.x.rate_limit`: expected an array with max_attempts",
        ),
        (
            "registrar.registrars.x.rate_limit",
            json!(true),
            "config `registrar.registrars.x.rate_limit`: expected an array with max_attempts",
        ),
        (
            "registrar.registrars.x.api_url",
            json!("https://x/?api-key=secret"),
            "config `registrar.registrars.x.api_url`: expected an address",
        ),
        (
            "registrar.registrars.x.api_url",
            json!(["secret"]),
            "config `registrar.registrars.x.api_url`: expected an address",
        ),
        (
            "registrar.registrars.x.driver",
            json!("nominet"),
            "config `registrar.registrars.x.driver`: expected one of btcl, enom, godaddy, logicboxes, mock, namecheap",
        ),
        (
            "registrar.registrars.x.concurrency",
            json!(0),
            "config `registrar.registrars.x.concurrency`: expected a number of simultaneous requests from 1 to 1024, got 0",
        ),
        (
            "registrar.registrars.x.grace_days",
            json!({"com": -1}),
            "config `registrar.registrars.x.grace_days.com`: expected a whole number of days",
        ),
        (
            "registrar.registrars.x.retry.delay",
            json!("1s"),
            "config `registrar.registrars.x.retry.delay`: expected a whole number of milliseconds",
        ),
        ("app_key", json!("base64:c2VjcmV0"), "config `app_key`: expected `base64:` and 32 bytes"),
        ("app_key", json!("secret"), "config `app_key`: expected `base64:` and 32 bytes"),
        ("app_key", json!({"x": "secret"}), "config `app_key`: expected a text"),
        ("previous_keys", json!(["0123456789abcdef", "secret"]), "config `previous_keys.1`: expected `base64:`"),
        ("previous_keys", json!("secret"), "config `previous_keys.0`: expected `base64:`"),
        ("previous_keys", json!([1]), "config `previous_keys`: expected a list of keys"),
        ("timezone", json!("Mars"), "config `timezone`: expected the name of a time zone"),
        ("partner_id", json!(0), "config `partner_id`: expected an id above 0, got 0"),
        ("partner_id", json!(""), "config `partner_id`: expected an id above 0, got \"\""),
        ("user_id", json!(false), "config `user_id`: expected an id above 0, got false"),
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
fn what_the_url_of_a_database_says_comes_before_the_other_keys() {
    let config = Config::from_value(json!({"database": {
        "driver": "mysql", "database": "old", "prefix": "old_", "foreign_key_constraints": true, "busy_timeout": 1,
        "url": "sqlite:/srv/a.sqlite?prefix=dd_&foreign_key_constraints=false&busy_timeout=250"
    }}));
    let database = config.unwrap().database;
    assert_eq!(sqlite(&database), ("/srv/a.sqlite".to_owned(), false, 250));
    assert_eq!(database.prefix, "dd_");
}

#[test]
fn several_limits_hold_at_once() {
    let several = json!([
        {"max_attempts": 20}, {"max_attempts": 700, "decay_minutes": 60}, {"max_attempts": 3, "decay_seconds": 1}
    ]);
    let config = Config::from_value(with("registrar.registrars.x.rate_limit", several)).unwrap();
    let limits = [(20, 60), (700, 3_600), (3, 1)];
    let limits = limits.map(|(max_attempts, decay_seconds)| RateLimit { max_attempts, decay_seconds });
    assert_eq!(config.registrar.get("x").rate_limit, RateLimitSetting::Limited(limits.into()), "S7.1");
    for (wrong, place) in [
        (json!([{"max_attempts": 20}, {"decay_minutes": 60}]), "rate_limit.1.max_attempts"),
        (json!([{"max_attempts": 0}]), "rate_limit.0.max_attempts"),
        (json!({"max_attempts": 1, "decay_minutes": 1, "decay_seconds": 1}), "rate_limit.decay_seconds"),
    ] {
        let error = Config::from_value(with("registrar.registrars.x.rate_limit", wrong)).unwrap_err();
        assert!(error.message().contains(place), "{error}");
    }
}

#[test]
fn a_rate_limit_is_lifted_by_null_or_false_in_all_their_spellings() {
    for lifted in [json!(null), json!(false), json!("false"), json!(0), json!("0"), json!("")] {
        let config = Config::from_value(with("registrar.registrars.x.rate_limit", lifted.clone())).unwrap();
        assert_eq!(config.registrar.get("x").rate_limit, RateLimitSetting::Unlimited, "S7.1 {lifted}");
        assert_eq!(config.registrar.get("other").rate_limit, RateLimitSetting::RegistrarDefault, "{lifted}");
    }
    for nothing in [json!({}), json!([]), json!({"max_attempts": null})] {
        let config = Config::from_value(with("registrar.registrars.x.rate_limit", nothing.clone())).unwrap();
        assert_eq!(config.registrar.get("x").rate_limit, RateLimitSetting::RegistrarDefault, "{nothing}");
    }
}

#[test]
fn what_is_meant_for_one_registrar_never_reaches_another() {
    let config = Config::from_value(json!({"database": "sqlite:a", "registrar": {
        "defaults": {"api_url": "https://d.example.test/", "credentials": {"api_key": "d"}, "timeout": "9"},
        "registrars": {"a": {"api_url": "https://a.example.test/", "credentials": {"api_key": "a"}}, "b": []}
    }}));
    let config = config.unwrap();
    assert_eq!(config.registrar.get("a").credentials["api_key"].expose_secret(), "a");
    for slug in ["b", "unknown"] {
        let other = config.registrar.get(slug);
        assert!(other.api_url.is_none() && other.credentials.is_empty(), "{slug}");
        assert_eq!(other.timeout.as_secs(), 9, "{slug}");
    }
}

#[test]
fn rates_of_the_defaults_hold_for_the_same_currency_only() {
    let config = Config::from_value(json!({"database": "sqlite:a", "registrar": {
        "defaults": {"currency": "BDT", "exchange_rates": {"USD": "110.25"}},
        "registrars": {"a": {"currency": "bdt"}, "b": {"currency": "EUR"}, "c": {"exchange_rates": {"USD": 1.2e2}}}
    }}));
    let config = config.unwrap();
    let rate = |slug| config.registrar.get(slug).exchange_rates.values().next().copied();
    assert_eq!((rate("a"), rate("b")), (Some(Decimal::new(11_025, 2)), None), "S5.4");
    assert_eq!(rate("c"), Some(Decimal::new(120, 0)));
}

#[test]
fn a_timeout_may_be_a_part_of_a_second_and_grace_days_may_be_told_by_any_spelling_of_a_tld() {
    let own = json!({"timeout": "2.5", "grace_days": {".বাংলা": 5, "Co.UK": 7}});
    let config = Config::from_value(with("registrar.registrars.x", own)).unwrap();
    let x = config.registrar.get("x");
    assert_eq!(x.timeout.as_millis(), 2_500);
    assert_eq!(
        (x.grace_days_for("a.xn--54b7fta0cc"), x.grace_days_for("a.co.uk"), x.grace_days_for("a.com")),
        (5, 7, 30)
    );
}

#[test]
fn a_url_of_laravel_s_is_relative_where_there_is_such_a_file() {
    // Tests run in the folder of the package.
    let name = "Cargo.toml";
    let read = |database: Value| sqlite(&Config::from_value(json!({ "database": database })).unwrap().database).0;
    assert_eq!(read(json!({"url": format!("sqlite:///{name}")})), name);
    assert_eq!(read(json!(format!("sqlite:///{name}"))), format!("/{name}"), "only as Laravel's own key");
    assert_eq!(read(json!({"url": format!("sqlite:///{name}-not")})), format!("/{name}-not"));
}

#[test]
fn zones_are_named_in_any_case_as_php_takes_them() {
    for (name, zone) in [("utc", Tz::UTC), ("asia/dhaka", Tz::Asia__Dhaka), ("Europe/Berlin", Tz::Europe__Berlin)] {
        assert_eq!(Config::from_value(with("timezone", json!(name))).unwrap().timezone, zone);
    }
    for name in ["+06:00", "BST", "Asia/Dhaka2"] {
        assert!(Config::from_value(with("timezone", json!(name))).is_err(), "{name}");
    }
}

#[test]
fn keys_that_are_empty_are_none() {
    for nothing in [json!(null), json!(""), json!(" ")] {
        let mut config = with("app_key", nothing);
        config["previous_keys"] = json!(["", null, KEY]);
        assert_eq!(Config::from_value(config).unwrap().app_keys.len(), 1);
    }
    let raw = Config::from_value(with("app_key", json!("0123456789abcdef0123456789abcdef"))).unwrap();
    assert_eq!(raw.app_keys.len(), 1);
    assert!(Config::from_value(with("previous_keys", json!([]))).unwrap().app_keys.is_empty());
}

#[test]
fn what_is_no_configuration_at_all_is_refused_without_being_shown() {
    for wrong in [json!("secret"), json!(["secret"]), json!(1), json!(true)] {
        let error = Config::from_value(wrong).unwrap_err();
        assert!(error.to_string().contains("no array of keys") && !format!("{error:?}").contains("secret"), "{error}");
    }
}

#[test]
fn a_configuration_from_code_holds_what_it_was_given() {
    let own = RegistrarConfig { concurrency: Some(3), ..RegistrarConfig::default() };
    let config = Config::new(DatabaseConfig::sqlite("/srv/a.sqlite"))
        .with_domain(DomainConfig { sync_interval_hours: 1, ..DomainConfig::default() })
        .with_registrar("x", own)
        .with_app_keys([KEY.into()])
        .with_timezone(Tz::Asia__Dhaka)
        .with_partner(PartnerId(3))
        .with_source("nightly")
        .with_user(UserId(4));
    assert_eq!((config.domain.sync_interval_hours, config.registrar.get("x").concurrency), (1, Some(3)));
    assert_eq!((config.app_keys.len(), config.timezone, config.source.as_str()), (1, Tz::Asia__Dhaka, "nightly"));
    assert_eq!((config.partner_id, config.user_id), (Some(PartnerId(3)), Some(UserId(4))));
}

proptest::proptest! {
    #[test]
    fn no_url_breaks_the_reader(url in "(sqlite:)?[/%?#a-f0-9:é ]{0,30}") {
        let _ = Config::from_value(json!({ "database": url }));
    }
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
    let config =
        Config::from_env_with(lookup, json!({"domain": {"sync_batch_size": 7}, "database": {"prefix": "p_"}})).unwrap();
    assert_eq!((config.domain.sync_retries, config.domain.sync_batch_size), (5, 7));
    assert_eq!((config.database.prefix.as_str(), config.timezone), ("p_", Tz::UTC));
    let limit = RateLimit::per_minutes(10, 1);
    assert_eq!(config.registrar.defaults.rate_limit, RateLimitSetting::General(vec![limit]));
    assert!(Config::from_env_with(|_| None, json!([])).unwrap_err().to_string().contains("database"));
}
