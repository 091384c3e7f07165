//! What several registrars tell in the same way.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike as _, Months, TimeDelta, Utc};
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::http::Answer;
use crate::config::RegistrarConfig;
use crate::model::{Field, Nameservers};
use crate::{Error, ErrorKind, Result};

/// Above any price in any currency.
const MAX_PRICE: u64 = 1_000_000_000_000;

/// A credential without the white space that comes along when it is pasted.
pub(super) fn credential(slug: &str, credentials: &BTreeMap<String, SecretString>, key: &str) -> Result<SecretString> {
    let value = credentials.get(key).map_or("", |secret| secret.expose_secret().trim());
    if value.is_empty() {
        let problem = format!(
            "is missing: put it into the credentials of the registrar `{slug}` in the database (registrars.credentials), \
             or under this key of the configuration"
        );
        let path = format!("registrar.registrars.{slug}.credentials.{key}");
        return Err(Error::config(&path, problem).with_registrar(slug));
    }
    Ok(SecretString::from(value))
}

/// The header `Authorization` of HTTP Basic, and what no text may show of it.
pub(super) fn basic(user: SecretString, password: SecretString) -> (SecretString, Vec<SecretString>) {
    let pair = SecretString::from(format!("{}:{}", user.expose_secret(), password.expose_secret()));
    let encoded = SecretString::from(STANDARD.encode(pair.expose_secret()));
    let authorization = SecretString::from(format!("Basic {}", encoded.expose_secret()));
    (authorization, vec![encoded, user, password])
}

/// The configuration with an `api_url` that names the one file of an API's address, as vendors print it, cut back to the
/// folder that the file is in.
pub(super) fn without_file(config: &RegistrarConfig, file: &str) -> RegistrarConfig {
    let mut config = config.clone();
    if let Some(url) = &mut config.api_url {
        let path = url.path().trim_end_matches('/').to_owned();
        if let Some(folder) = path.strip_suffix(file).filter(|folder| folder.ends_with('/')) {
            url.set_path(folder);
        }
    }
    config
}

/// Whether a body is a web page, which stands before an API that is down or shut.
pub(super) fn is_html(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    let start = start.get(..start.len().min(14)).unwrap_or_default().to_ascii_lowercase();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

/// Why the body of an answer that is no refusal cannot be read as the API's JSON.
pub(super) fn unreadable(answer: &Answer, error: &serde_json::Error) -> Error {
    if answer.body.trim_ascii().is_empty() {
        Error::new(ErrorKind::Network, "the answer is empty")
    } else if is_html(&answer.body) {
        Error::new(ErrorKind::Network, "the answer is an HTML page, not the API's JSON")
    } else {
        Error::invalid_response(format!("the answer cannot be read: {error}"))
    }
}

/// Reads an answer that has to be an object: serde takes an array for one whose first fields these are.
pub(super) fn object<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T> {
    if answer.body.trim_ascii_start().starts_with(b"[") {
        return Err(Error::invalid_response("the answer is no object"));
    }
    serde_json::from_slice(&answer.body).map_err(|error| unreadable(answer, &error))
}

/// What is not found where a list is asked for is no domain.
pub(super) fn no_list(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::invalid_response(format!("the registrar has no such list: {}", error.message())),
        _ => error,
    }
}

/// A JSON number, or the text of one, which never was a float (S5.2); `None` where nothing is told.
///
/// Fails with `invalid_response` for what is none, and for what no price is: such a one could not be multiplied.
pub(super) fn decimal(raw: Option<&RawValue>) -> Result<Option<Decimal>> {
    let text = raw.map_or("null", |raw| raw.get().trim().trim_matches('"').trim());
    if matches!(text, "null" | "") {
        return Ok(None);
    }
    let number = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).ok()
    };
    let number = number.filter(|number| number.abs() <= Decimal::from(MAX_PRICE));
    number.map(Some).ok_or_else(|| Error::invalid_response(format!("the price is {}", shown(text))))
}

/// Whether a registration can end then (S3.4). 1970 and before is zero and the year 1 in disguise, and nothing ends more
/// than 11 years ahead, since ten are the most that registries sell.
pub(super) fn can_end(end: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let latest = now.checked_add_months(Months::new(11 * 12)).unwrap_or(DateTime::<Utc>::MAX_UTC);
    end.year() > 1970 && end <= latest
}

/// Until when a registration that ended is in its grace period.
pub(super) fn grace_end(end: DateTime<Utc>, grace_days: u32) -> DateTime<Utc> {
    end.checked_add_signed(TimeDelta::days(i64::from(grace_days))).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The nameservers, all or none: a part of them would take the others from the domain (S2.5).
pub(super) fn nameservers(hosts: &[&str]) -> Field<Nameservers> {
    match Nameservers::parse(hosts) {
        (hosts, unreadable) if unreadable.is_empty() && hosts.is_empty() => Field::Absent,
        (hosts, unreadable) if unreadable.is_empty() => Field::Known(hosts),
        (_, unreadable) => {
            let names: Vec<_> = unreadable.iter().map(|name| shown(name)).collect();
            Field::Unreadable(names.join(", "))
        }
    }
}

/// A value for a warning: quoted and short.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    let short: String = text.chars().take(40).filter(|char| !char.is_control()).collect();
    Cow::Owned(format!("`{short}`"))
}
