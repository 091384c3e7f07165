//! What the application's `mock` registrar is told.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;

use super::reader::Reader;
use crate::Result;
use crate::model::{DomainName, PriceAction};

/// How the registrar for development behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MockConfig {
    /// Whether an answer takes its time. No.
    pub simulate_delays: bool,
    /// How long it takes then. 100 ms.
    pub delay: Duration,
    /// How many of a hundred requests fail. 0.
    pub failure_rate: u32,
    /// The TLDs that it sells, and what a year costs.
    pub tlds: BTreeMap<String, BTreeMap<PriceAction, Decimal>>,
    /// A name that has one of these in it is somebody else's.
    pub unavailable_patterns: Vec<String>,
    /// The same seed gives the same answers. 0.
    pub seed: u32,
}

impl Default for MockConfig {
    fn default() -> Self {
        let price = |(tld, cents): (&str, i64)| {
            let price = Decimal::new(cents, 2);
            (tld.to_owned(), PriceAction::ALL.into_iter().map(|action| (action, price)).collect())
        };
        Self {
            simulate_delays: false,
            delay: Duration::from_millis(100),
            failure_rate: 0,
            // The application's own.
            tlds: [
                ("com", 1_200),
                ("net", 1_400),
                ("org", 1_500),
                ("io", 3_500),
                ("app", 1_800),
                ("dev", 1_500),
                ("co", 2_000),
                ("me", 1_800),
            ]
            .map(price)
            .into(),
            unavailable_patterns: ["taken.com", "unavailable", "registered", "reserved"].map(str::to_owned).into(),
            seed: 0,
        }
    }
}

impl MockConfig {
    /// With what a section says of its own.
    pub(super) fn with(mut self, reader: &Reader<'_>) -> Result<Self> {
        if let Some(delays) = reader.get("simulate_delays")?.flag()? {
            self.simulate_delays = delays;
        }
        let length = reader.get("default_delay_ms")?.whole("a whole number of milliseconds", 0..=600_000)?;
        if let Some(length) = length {
            self.delay = Duration::from_millis(length.into());
        }
        if let Some(rate) = reader.get("failure_rate")?.whole("a percentage", 0..=100)? {
            self.failure_rate = rate;
        }
        if let Some(seed) = reader.get("seed")?.whole("a whole number", 0..=u32::MAX)? {
            self.seed = seed;
        }
        let tlds = reader.get("available_tlds")?;
        if tlds.value().is_some() {
            self.tlds = tlds.entries()?.into_iter().map(|(tld, own)| prices(tld, &own)).collect::<Result<_>>()?;
        }
        let patterns = reader.get("unavailable_patterns")?;
        if let Some(Value::Array(several)) = patterns.value() {
            let texts = several.iter().enumerate().map(|(place, one)| patterns.at(place, one).text());
            let texts = texts.collect::<Result<Vec<_>>>()?;
            self.unavailable_patterns = texts.into_iter().flatten().map(|text| text.to_lowercase()).collect();
        } else if patterns.value().is_some() {
            return Err(patterns.wrong("a list of texts"));
        }
        Ok(self)
    }
}

/// The prices of a TLD, which the configuration has in cents.
fn prices(tld: &str, reader: &Reader<'_>) -> Result<(String, BTreeMap<PriceAction, Decimal>)> {
    let suffix = DomainName::parse_host(tld.trim().trim_start_matches('.'));
    let suffix = suffix.map_err(|_| reader.wrong_secret("a TLD as key, such as com or co.uk"))?;
    let mut prices = BTreeMap::new();
    for action in PriceAction::ALL {
        if let Some(cents) = reader.get(action.as_str())?.whole("a whole number of cents", 0..=1_000_000_000)? {
            prices.insert(action, Decimal::new(cents.into(), 2));
        }
    }
    Ok((suffix.as_str().to_owned(), prices))
}
