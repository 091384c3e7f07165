//! Rates, which are told for a name and a number of years, and not whether they are totals.
//!
//! A figure stays text until it is a decimal: no price ever is a float (S5.2).

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::{PriceAction, PriceQuote, TldRecord};
use crate::registrar::told::decimal;
use crate::{Error, Result};

/// The rates of one name for some years.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Rates<'a> {
    #[serde(borrow)]
    reg_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    renew_rate: Option<&'a RawValue>,
}

/// The figures of one answer; `None` where an action has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    register: Option<Decimal>,
    renew: Option<Decimal>,
}

impl Rates<'_> {
    /// Fails with `invalid_response` for a figure that is none.
    pub(super) fn figures(&self) -> Result<Figures> {
        Ok(Figures { register: decimal(self.reg_rate)?, renew: decimal(self.renew_rate)? })
    }
}

/// The prices of a TLD by its rates for one year and for two.
///
/// The second equal to the first is a price of one year, the double of it is a total: either way each year costs the
/// same. What is neither says nothing that can be relied on. `None` where two years have no rate: then the price of one
/// year is all that is known. Fails with `invalid_response` where nothing is left.
pub(super) fn quotes(tld: &TldRecord, one: Figures, two: Option<Figures>) -> Result<Vec<PriceQuote>> {
    let mut quotes = Vec::new();
    let mut doubtful = Vec::new();
    // A registration is for two years at least.
    let actions = [
        (PriceAction::Register, one.register, two.map(|two| two.register), 2),
        (PriceAction::Renew, one.renew, two.map(|two| two.renew), 1),
    ];
    for (action, first, second, fewest) in actions {
        let Some(first) = first else { continue };
        let most = match second.flatten() {
            Some(second) if second == first || second == first * Decimal::TWO => tld.max_years.min(10),
            Some(second) => {
                doubtful.push(format!("to {action} it is {first} for one year and {second} for two"));
                continue;
            }
            None => 1,
        };
        let years = tld.min_years.max(fewest)..=tld.max_years.min(most);
        let extension = &tld.extension;
        quotes.extend(years.map(|years| PriceQuote {
            tld: extension.clone(),
            action,
            years,
            price: first * Decimal::from(years),
        }));
    }
    if quotes.is_empty() && !doubtful.is_empty() {
        return Err(Error::invalid_response(format!("the rates cannot be relied on: {}", doubtful.join("; "))));
    }
    for text in doubtful {
        tracing::warn!(tld = %tld.extension, "rates that cannot be relied on are held back: {text}");
    }
    Ok(quotes)
}
