//! Reads values with their path, so that a wrong one is named by it.

use serde_json::{Map, Value};

use crate::{Error, Result};

/// A value and the path to it. A missing value, `null` and an empty text count as absent.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    path: String,
    value: Option<&'a Value>,
}

impl<'a> Reader<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self::at("", value)
    }

    /// A value that stands at a path of its own.
    pub(super) fn at(path: &str, value: &'a Value) -> Self {
        Self { path: path.to_owned(), value: Some(value) }
    }

    /// The value of a key; absent where this is absent or an empty list, as PHP's empty arrays arrive.
    pub(super) fn get(&self, key: &str) -> Result<Reader<'a>> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let value = self.object()?.and_then(|map| map.get(key)).filter(|value| !value.is_null());
        Ok(Reader { path, value })
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

    pub(super) fn path(&self) -> &str {
        &self.path
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
    pub(super) fn wrong(&self, wanted: &str) -> Error {
        let got = match self.value {
            None => "nothing".to_owned(),
            Some(Value::Array(_)) => "a list".to_owned(),
            Some(Value::Object(_)) => "an array".to_owned(),
            Some(value) => value.to_string().chars().take(60).collect(),
        };
        Error::config(&self.path, format_args!("expected {wanted}, got {got}"))
    }

    /// As [`wrong`](Self::wrong), for a value that must not be shown.
    pub(super) fn wrong_secret(&self, wanted: &str) -> Error {
        Error::config(&self.path, format_args!("expected {wanted}"))
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
        number.filter(|number| range.contains(number)).map(Some).ok_or_else(|| self.wrong(&wanted()))
    }

    /// An id: a whole number above 0.
    pub(super) fn id(&self) -> Result<Option<i64>> {
        let id = match self.value {
            None => return Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
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
    pub(super) fn decimal(&self, wanted: &str) -> Result<Option<rust_decimal::Decimal>> {
        let Some(text) = self.text()? else { return Ok(None) };
        let number = text.parse::<rust_decimal::Decimal>().ok().filter(|number| !number.is_sign_negative());
        number.map(Some).ok_or_else(|| self.wrong(wanted))
    }
}

fn whole_float(number: f64) -> Option<u64> {
    // Within these bounds every whole float is exact.
    (number.fract() == 0.0 && (0.0..=9e15).contains(&number)).then_some(number as u64)
}
