//! Where the rate limits of several processes meet.

use std::fmt;

use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::reader::Reader;
use crate::Result;

/// A Redis that processes share their rate limits through (S7.1).
#[derive(Clone)]
pub struct RedisConfig {
    /// Its address: `redis://`, `rediss://` (TLS) or `redis+unix://`, password and database included.
    pub url: SecretString,
    /// What keys start with: Laravel's `database.redis.options.prefix`.
    pub prefix: String,
    /// The part of each limit, in percent, that a process keeps to by itself while Redis is gone. 10: so many processes
    /// together keep the limit as 100 divided by it.
    pub fallback_percent: u32,
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisConfig")
            .field("prefix", &self.prefix)
            .field("fallback_percent", &self.fallback_percent)
            .finish_non_exhaustive()
    }
}

impl RedisConfig {
    /// An address, a connection's array of Laravel's, or its whole `database.redis`; `None` for nothing or `null`.
    pub(super) fn read(reader: &Reader<'_>) -> Result<Option<Self>> {
        const DEFAULT_PERCENT: u32 = 10;
        let wrong =
            || reader.wrong_secret("an address such as redis://host:6379/0, or Laravel's array of a connection");
        let (url, prefix, percent) = match reader.value() {
            None => return Ok(None),
            // PHP's empty array.
            Some(Value::Array(list)) if list.is_empty() => return Ok(None),
            Some(Value::Object(section)) => {
                let own = if section.contains_key("default") { reader.get("default")? } else { reader.same() };
                let prefix = match reader.get("options")?.get("prefix")?.text()? {
                    Some(prefix) => Some(prefix),
                    None => own.get("prefix")?.text()?,
                };
                let percent = reader.get("fallback_percent")?.whole("a whole percentage", 1..=100)?;
                let Some(url) = address(&own)? else { return Ok(None) };
                (url, prefix.unwrap_or_default(), percent.unwrap_or(DEFAULT_PERCENT))
            }
            Some(_) => {
                let text = reader.text().map_err(|_| wrong())?;
                let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
                (text, String::new(), DEFAULT_PERCENT)
            }
        };
        let url = url.replacen("tls://", "rediss://", 1).replacen("tcp://", "redis://", 1);
        let known = ["redis", "rediss", "redis+unix", "unix"];
        if !Url::parse(&url).is_ok_and(|url| known.contains(&url.scheme())) {
            return Err(wrong());
        }
        Ok(Some(Self { url: url.into(), prefix, fallback_percent: percent }))
    }
}

/// The address that a connection's array stands for; `None` where it names no server.
fn address(own: &Reader<'_>) -> Result<Option<String>> {
    let text = |key: &str| {
        let value = own.get(key)?;
        value.text().map(|text| text.filter(|text| !text.is_empty())).map_err(|_| value.wrong_secret("a text"))
    };
    if let Some(url) = text("url")? {
        return Ok(Some(url));
    }
    let database = own.get("database")?.whole("a database's number", 0..=1_000_000)?.unwrap_or(0);
    let (user, password) = (text("username")?, text("password")?);
    let socket = text("path")?.or(text("host")?.filter(|host| host.starts_with('/')));
    if let Some(path) = socket {
        let mut url = Url::parse("redis+unix:///").map_err(|_| own.wrong("a socket's path"))?;
        url.set_path(&path);
        url.query_pairs_mut().append_pair("db", &database.to_string());
        if let Some(user) = user {
            url.query_pairs_mut().append_pair("user", &user);
        }
        if let Some(password) = password {
            url.query_pairs_mut().append_pair("pass", &password);
        }
        return Ok(Some(url.into()));
    }
    let Some(host) = text("host")? else { return Ok(None) };
    let (scheme, host) = match host.split_once("://") {
        Some(("tls" | "rediss", host)) => ("rediss", host.to_owned()),
        Some((_, host)) => ("redis", host.to_owned()),
        None if text("scheme")?.is_some_and(|scheme| scheme == "tls" || scheme == "rediss") => ("rediss", host),
        None => ("redis", host),
    };
    let port = own.get("port")?.whole("a port", 1..=65_535)?.unwrap_or(6_379);
    let wrong = || own.wrong_secret("a host");
    let mut url = Url::parse(&format!("{scheme}://{host}:{port}/{database}")).map_err(|_| wrong())?;
    url.set_username(user.as_deref().unwrap_or_default()).map_err(|()| wrong())?;
    url.set_password(password.as_deref()).map_err(|()| wrong())?;
    Ok(Some(url.into()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::{Value, json};

    use crate::Config;

    fn read(redis: Value) -> Option<(String, String, u32)> {
        let config = json!({"database": "sqlite:/srv/app.sqlite", "redis": redis});
        let config = Config::from_value(config).unwrap();
        let redis = config.registrar.get("any").redis.clone()?;
        assert!(!format!("{redis:?}").contains("s3cret"), "S6.9");
        Some((redis.url.expose_secret().to_owned(), redis.prefix, redis.fallback_percent))
    }

    #[test]
    fn an_address_and_laravel_s_arrays_are_understood() {
        let whole = json!({
            "client": "phpredis",
            "options": {"cluster": "redis", "prefix": "desk_database_"},
            "default": {"url": null, "host": "10.0.0.7", "username": null, "password": "s3cret", "port": "6380", "database": "2"},
            "cache": {"host": "elsewhere"},
        });
        for (given, url, prefix) in [
            (json!("redis://:s3cret@10.0.0.7:6380/2"), "redis://:s3cret@10.0.0.7:6380/2", ""),
            (json!("tls://cache.example:6379"), "rediss://cache.example:6379", ""),
            (whole, "redis://:s3cret@10.0.0.7:6380/2", "desk_database_"),
            (json!({"host": "tls://cache.example", "prefix": "x"}), "rediss://cache.example:6379/0", "x"),
            (
                json!({"scheme": "tls", "host": "cache.example", "username": "me"}),
                "rediss://me@cache.example:6379/0",
                "",
            ),
            (json!({"path": "/run/redis.sock", "database": 3}), "redis+unix:///run/redis.sock?db=3", ""),
            (json!({"url": "redis://a.example", "host": "b.example"}), "redis://a.example", ""),
        ] {
            assert_eq!(read(given), Some((url.to_owned(), prefix.to_owned(), 10)), "S7.1");
        }
        assert_eq!(read(json!({"url": "redis://a.example", "fallback_percent": "25"})).unwrap().2, 25);
    }

    #[test]
    fn nothing_is_no_redis_and_nonsense_is_refused_without_being_repeated() {
        for nothing in [Value::Null, json!(""), json!({}), json!([]), json!({"default": {"host": null}})] {
            assert_eq!(read(nothing), None);
        }
        for wrong in [json!("s3cret"), json!("ftp://s3cret@host"), json!(7), json!({"url": "http://s3cret"})] {
            let config = json!({"database": "sqlite:/srv/app.sqlite", "redis": wrong});
            let error = Config::from_value(config).unwrap_err().to_string();
            assert!(error.contains("redis") && !error.contains("s3cret"), "S6.9 {error}");
        }
    }
}
