//! Prices of TLDs: decimals with a currency, never floats (S5.2).

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::TldId;

/// An ISO 4217 code, such as `USD`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The three capital letters.
    pub fn as_str(&self) -> &str {
        // Invariant: `from_str` admits only ASCII letters.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = crate::Error;

    fn from_str(text: &str) -> crate::Result<Self> {
        match text.trim().as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|byte| byte.is_ascii_alphabetic()) => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase(), c.to_ascii_uppercase()]))
            }
            _ => Err(crate::Error::new(
                crate::ErrorKind::InvalidResponse,
                format!("`{}` is no ISO 4217 currency code", text.chars().take(20).collect::<String>()),
            )),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a price is for (`tld_prices.action`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the words of the table
pub enum PriceAction {
    Register,
    Renew,
    Transfer,
}

impl PriceAction {
    /// The three actions.
    pub const ALL: [Self; 3] = [Self::Register, Self::Renew, Self::Transfer];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Renew => "renew",
            Self::Transfer => "transfer",
        }
    }
}

impl fmt::Display for PriceAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PriceAction {
    type Err = crate::Error;

    fn from_str(word: &str) -> crate::Result<Self> {
        Self::ALL
            .into_iter()
            .find(|action| action.as_str() == word)
            .ok_or_else(|| crate::Error::store(format!("`{word}` is no action of a price")))
    }
}

/// A price that a registrar quotes: the total for all the years, not the price of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceQuote {
    /// The suffix, without a leading dot.
    pub tld: String,
    /// What it is for.
    pub action: PriceAction,
    /// For how many years, 1 to 10.
    pub years: u8,
    /// The total, unrounded (S5.2).
    pub price: Decimal,
}

/// An active TLD of a registrar, as the application's `tlds` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TldRecord {
    /// `tlds.id`.
    pub id: TldId,
    /// The suffix, without a leading dot.
    pub extension: String,
    /// The fewest years that it is sold for.
    pub min_years: u8,
    /// The most years that it is sold for.
    pub max_years: u8,
}

/// A TLD and its prices in force: for each action and number of years the latest `effective_date` not after today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TldPrices {
    /// The TLD.
    pub tld: TldRecord,
    /// Action, years, price, and the day from which it holds.
    pub in_force: Vec<(PriceAction, u8, Decimal, NaiveDate)>,
}
