//! Reads values with their path, so that a wrong one is named by it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value};

use crate::{Error, Result};

/// The environment variable that each path's value came from.
pub(super) type Origins = BTreeMap<String, String>;

/// A value and the path to it. A missing value, `null` and an empty text count as absent.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    path: String,
    value: Option<&'a Value>,
    origins: &'a Origins,
}

impl<'a> Reader<'a> {
    pub(super) fn root(value: &'a Value, origins: &'a Origins) -> Self {
        Self { path: String::new(), value: Some(value), origins }
    }

    /// Another value in the same place.
    pub(super) fn with<'b>(&'b self, value: &'b Value) -> Reader<'b> {
        Reader { path: self.path.clone(), value: Some(value), origins: self.origins }
    }

    /// The same place again.
    pub(super) fn same(&self) -> Reader<'a> {
        Reader { path: self.path.clone(), value: self.value, origins: self.origins }
    }

    /// The value of a key; absent where this is absent or an empty list, as PHP's empty arrays arrive.
    pub(super) fn get(&self, key: &str) -> Result<Reader<'a>> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let value = self.object()?.and_then(|map| map.get(key)).filter(|value| !value.is_null());
        Ok(Reader { path, value, origins: self.origins })
    }

    /// Whether the key is there, even with `null`.
    pub(super) fn has(&self, key: &str) -> Result<bool> {
        Ok(self.object()?.is_some_and(|map| map.contains_key(key)))
    }

    /// Every key and value.
    pub(super) fn entries(&self) -> Result<Vec<(&'a str, Reader<'a>)>> {
        let Some(map) = self.object()? else { return Ok(Vec::new()) };
        map.keys().map(|key| Ok((key.as_str(), self.get(key)?))).collect()
    }

    /// A place in a list; its value is read apart.
    pub(super) fn item(&self, place: usize) -> Reader<'a> {
        Reader { path: format!("{}.{place}", self.path), value: None, origins: self.origins }
    }

    /// A value at a place in a list.
    pub(super) fn at(&self, place: usize, value: &'a Value) -> Reader<'a> {
        Reader { value: Some(value), ..self.item(place) }
    }

    pub(super) fn value(&self) -> Option<&'a Value> {
        self.value
    }

    fn object(&self) -> Result<Option<&'a Map<String, Value>>> {
        match self.value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(Value::Array(list)) if list.is_empty() => Ok(None),
            // Not shown: where credentials belong, a text that is no object may be one.
            Some(_) => Err(self.wrong_secret("an array of keys and values")),
        }
    }

    /// A wrong value: what would be right, and what is there.
    pub(super) fn wrong(&self, wanted: impl fmt::Display) -> Error {
        let got = match self.value {
            None => "nothing".to_owned(),
            Some(Value::Array(_)) => "a list".to_owned(),
            Some(Value::Object(_)) => "an array".to_owned(),
            Some(value) => value.to_string().chars().take(60).collect(),
        };
        self.refused(format_args!("expected {wanted}, got {got}"))
    }

    /// As [`wrong`](Self::wrong), for a value that must not be shown.
    pub(super) fn wrong_secret(&self, wanted: impl fmt::Display) -> Error {
        self.refused(format_args!("expected {wanted}"))
    }

    /// A problem in this place. It shows no secret.
    pub(super) fn refused(&self, problem: impl fmt::Display) -> Error {
        // What is within a variable's value came from it too.
        let mut places = std::iter::successors(Some(self.path.as_str()), |path| Some(path.rsplit_once('.')?.0));
        match places.find_map(|path| self.origins.get(path)) {
            None => Error::config(&self.path, problem),
            Some(variable) => Error::config(&self.path, format_args!("{problem} (environment variable {variable})")),
        }
    }

    /// A text; numbers and booleans are taken as texts.
    pub(super) fn text(&self) -> Result<Option<String>> {
        match self.value {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
            Some(_) => Err(self.wrong("a text")),
        }
    }

    /// A whole number within a range, as a number or a text.
    pub(super) fn whole(&self, wanted: &str, range: std::ops::RangeInclusive<u32>) -> Result<Option<u32>> {
        let number = match self.value {
            None => return Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Value::String(text)) => text.trim().parse::<u32>().ok(),
            // PHP's division gives 6.0 for 6.
            Some(Value::Number(number)) => {
                number.as_u64().or_else(|| whole_float(number.as_f64()?)).and_then(|number| u32::try_from(number).ok())
            }
            Some(_) => None,
        };
        let wanted = || format!("{wanted} from {} to {}", range.start(), range.end());
        number.filter(|number| range.contains(number)).map(Some).ok_or_else(|| self.wrong(wanted()))
    }

    /// An id: a whole number above 0. An empty text is refused, so that no confinement is lost by accident (S1.6).
    pub(super) fn id(&self) -> Result<Option<i64>> {
        let id = match self.value {
            None => return Ok(None),
            Some(Value::String(text)) => text.trim().parse::<i64>().ok(),
            Some(value) => value.as_i64(),
        };
        id.filter(|id| *id > 0).map(Some).ok_or_else(|| self.wrong("an id above 0"))
    }

    /// Yes or no, as a boolean, 0 or 1, or their texts.
    pub(super) fn flag(&self) -> Result<Option<bool>> {
        match self.value {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::Number(number)) if number.as_u64() == Some(0) => Ok(Some(false)),
            Some(Value::Number(number)) if number.as_u64() == Some(1) => Ok(Some(true)),
            Some(Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "(true)" | "1" | "yes" | "on" => Ok(Some(true)),
                "false" | "(false)" | "0" | "no" | "off" | "" => Ok(Some(false)),
                _ => Err(self.wrong("true or false")),
            },
            Some(_) => Err(self.wrong("true or false")),
        }
    }

    /// A decimal above or equal to zero.
    pub(super) fn decimal(&self, wanted: &str) -> Result<Option<Decimal>> {
        let Some(text) = self.text().map_err(|_| self.wrong(wanted))? else { return Ok(None) };
        let number = text.parse().or_else(|_| Decimal::from_scientific(&text)).ok();
        number.filter(|number| *number >= Decimal::ZERO).map(Some).ok_or_else(|| self.wrong(wanted))
    }

    /// A time in seconds, or parts of one.
    pub(super) fn seconds(&self, most: u32) -> Result<Option<Duration>> {
        const WANTED: &str = "a number of seconds above 0";
        let Some(seconds) = self.decimal(WANTED)? else { return Ok(None) };
        if seconds > most.into() {
            return Err(self.wrong(format_args!("{WANTED} and at most {most}")));
        }
        let milliseconds = (seconds * Decimal::ONE_THOUSAND).to_u64().filter(|milliseconds| *milliseconds > 0);
        milliseconds.map(|milliseconds| Some(Duration::from_millis(milliseconds))).ok_or_else(|| self.wrong(WANTED))
    }
}

fn whole_float(number: f64) -> Option<u64> {
    // Within these bounds every whole float is exact.
    (number.fract() == 0.0 && (0.0..=9e15).contains(&number)).then_some(number as u64)
}
