//! URLs of databases, as Laravel's `ConfigurationUrlParser` reads them.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::no_driver;
use crate::Result;
use crate::config::reader::Reader;

pub(super) const EXAMPLE: &str = "a URL such as mysql://user@host/database or sqlite:/path/to/database.sqlite";

/// What a URL says, as keys of the connection array. What is in its query counts most, and is read as JSON where it is
/// a list. A URL may hold a password, so it is never shown.
pub(super) fn read(reader: &Reader<'_>, url: &str) -> Result<Map<String, Value>> {
    let wrong = || reader.wrong_secret(EXAMPLE);
    let (scheme, rest) = url.split_once(':').ok_or_else(wrong)?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut said = match scheme {
        "sqlite" | "sqlite3" => sqlite(place),
        "mysql" | "mysql2" | "mariadb" => server(if scheme == "mariadb" { scheme } else { "mysql" }, place),
        "pgsql" | "postgres" | "postgresql" => server("pgsql", place),
        "sqlsrv" | "mssql" => return Err(no_driver(reader, scheme)),
        _ => None,
    }
    .ok_or_else(wrong)?;
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let list = value.starts_with('[').then(|| serde_json::from_str(&value).ok()).flatten();
        said.insert(key.into_owned(), list.unwrap_or_else(|| value.into_owned().into()));
    }
    Ok(said)
}

/// `sqlite:/path` and `sqlite:///path` are absolute, `sqlite:path` and `sqlite://path` are relative.
fn sqlite(place: &str) -> Option<Map<String, Value>> {
    let path = place.strip_prefix("//").unwrap_or(place);
    let path = match path.trim_start_matches('/') {
        // Laravel writes four slashes before an absolute path.
        absolute if absolute.len() < path.len() && !absolute.is_empty() => format!("/{absolute}"),
        relative => relative.to_owned(),
    };
    let path = percent_decoded(&path).filter(|path| !path.is_empty())?;
    Some(keys([("driver", Some("sqlite".to_owned())), ("database", Some(path))]))
}

/// `//user:password@host:port/database`; what is left out is said by the other keys.
fn server(driver: &str, place: &str) -> Option<Map<String, Value>> {
    let place = place.strip_prefix("//")?;
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    // As PHP's parse_url: the last `@` is the one, so that a password may have others.
    let (user, address) = authority.rsplit_once('@').map_or((None, authority), |(user, rest)| (Some(user), rest));
    let (username, password) = match user.map(|user| user.split_once(':').unwrap_or((user, ""))) {
        Some((username, password)) => (username, password),
        None => ("", ""),
    };
    let (host, port) = match address.strip_prefix('[').and_then(|address| address.split_once(']')) {
        Some((host, "")) => (host, ""),
        Some((host, port)) => (host, port.strip_prefix(':')?),
        None => address.split_once(':').unwrap_or((address, "")),
    };
    if !port.is_empty() && port.parse::<u16>().is_err() {
        return None;
    }
    let decoded = |text: &str| match text {
        "" => Some(None),
        text => percent_decoded(text).map(Some),
    };
    Some(keys([
        ("driver", Some(driver.to_owned())),
        ("username", decoded(username)?),
        ("password", decoded(password)?),
        ("host", decoded(host)?),
        ("port", decoded(port)?),
        ("database", decoded(path)?),
    ]))
}

fn keys<const N: usize>(said: [(&str, Option<String>); N]) -> Map<String, Value> {
    let said = said.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?))));
    said.collect()
}

/// As PHP's `rawurldecode`: a `%` without two digits stands for itself. `None` where the bytes are no UTF-8.
pub(in crate::config) fn percent_decoded(text: &str) -> Option<String> {
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
