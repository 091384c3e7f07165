//! What differs between the prices in force and the prices quoted: a pure function of the two (S5).

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::model::{Currency, PriceAction, PriceQuote, TldPrices};
use crate::report::{HeldPrice, PriceChange};
use crate::store::PriceWrite;
use crate::{Error, ErrorKind, Result};

/// The rules of one registrar.
#[derive(Clone, Debug)]
pub struct PriceRules<'a> {
    /// A change above this many percent is an alert (S5.3).
    pub alert_threshold: Decimal,
    /// The currency that prices must be in; `None` takes any (S5.4).
    pub currency: Option<Currency>,
    /// What one unit of another currency is worth in `currency`.
    pub exchange_rates: &'a BTreeMap<Currency, Decimal>,
}

/// What becomes of the prices of one TLD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceDiff {
    /// Rows to write, one for each of `changes`.
    pub writes: Vec<PriceWrite>,
    /// Prices that change.
    pub changes: Vec<PriceChange>,
    /// Those among them that are above the threshold.
    pub alerts: Vec<PriceChange>,
    /// Prices that are not believed (S5.5).
    pub held: Vec<HeldPrice>,
}

impl PriceRules<'_> {
    /// The factor that turns a quote in `quoted` into the configured currency.
    ///
    /// Fails with `rejected` where the currencies differ and no rate is configured (S5.4).
    pub fn rate(&self, quoted: Option<Currency>) -> Result<Decimal> {
        match (self.currency, quoted) {
            (Some(wanted), Some(quoted)) if wanted != quoted => self.exchange_rates.get(&quoted).copied().ok_or_else(|| {
                Error::new(
                    ErrorKind::Rejected,
                    format!("the registrar quotes {quoted}, the configured currency is {wanted}: configure exchange_rates.{quoted} or the right currency"),
                )
            }),
            _ => Ok(Decimal::ONE),
        }
    }
}

/// Compares a TLD's prices in force with its quotes, which `rate` turns into the configured currency.
pub fn diff_prices(current: &TldPrices, quotes: &[&PriceQuote], rate: Decimal, rules: &PriceRules<'_>) -> PriceDiff {
    let mut diff = PriceDiff::default();
    let sold = current.tld.min_years..=current.tld.max_years;
    for quote in quotes.iter().filter(|quote| sold.contains(&quote.years)) {
        let old = in_force(current, quote.action, quote.years);
        // Rounding comes last (S5.2): half up, two places.
        let new = quote
            .price
            .checked_mul(rate)
            .map(|price| price.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero));
        let Some(new) = new else {
            diff.hold(quote, old, quote.price, "the price is out of any range");
            continue;
        };
        if let Some(reason) = disbelief(old, new) {
            diff.hold(quote, old, new, reason);
            continue;
        }
        if old.is_some_and(|old| (new - old).abs() < Decimal::new(1, 2)) {
            continue;
        }
        let change = price_change(quote, old, new);
        if old.and_then(|old| percent(old, new)).is_some_and(|percent| percent.abs() > rules.alert_threshold) {
            diff.alerts.push(change.clone());
        }
        diff.changes.push(change);
        diff.writes.push(PriceWrite { tld_id: current.tld.id, action: quote.action, years: quote.years, price: new });
    }
    diff
}

impl PriceDiff {
    fn hold(&mut self, quote: &PriceQuote, old: Option<Decimal>, new: Decimal, reason: &str) {
        self.held.push(HeldPrice { price: price_change(quote, old, new), reason: reason.to_owned() });
    }
}

fn in_force(current: &TldPrices, action: PriceAction, years: u8) -> Option<Decimal> {
    current.in_force.iter().find(|(a, y, ..)| (*a, *y) == (action, years)).map(|(_, _, price, _)| *price)
}

/// Why a price is not believed (S5.5).
fn disbelief(old: Option<Decimal>, new: Decimal) -> Option<&'static str> {
    if new <= Decimal::ZERO {
        return Some("a price of zero or below");
    }
    let old = old.filter(|old| *old > Decimal::ZERO)?;
    let moved = new > old.saturating_mul(Decimal::TEN) || new.saturating_mul(Decimal::TEN) < old;
    moved.then_some("it moved by more than a factor of ten")
}

/// By how much a price moved, in percent, unrounded.
fn percent(old: Decimal, new: Decimal) -> Option<Decimal> {
    (new - old).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(old)
}

fn price_change(quote: &PriceQuote, old: Option<Decimal>, new: Decimal) -> PriceChange {
    let money =
        |price: Decimal| format!("{:.2}", price.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero));
    PriceChange {
        tld: quote.tld.clone(),
        action: quote.action,
        years: quote.years,
        old: old.map(money),
        new: money(new),
        percent: old.and_then(|old| percent(old, new)).map(money),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::model::{TldId, TldRecord};

    fn tld(in_force: Option<&str>) -> TldPrices {
        TldPrices {
            tld: TldRecord { id: TldId(1), extension: "com".into(), min_years: 1, max_years: 3 },
            in_force: in_force
                .map(|price| {
                    (PriceAction::Renew, 1, price.parse().unwrap(), NaiveDate::from_ymd_opt(2026, 1, 1).unwrap())
                })
                .into_iter()
                .collect(),
        }
    }

    fn quote(price: &str, years: u8) -> PriceQuote {
        PriceQuote { tld: "com".into(), action: PriceAction::Renew, years, price: price.parse().unwrap() }
    }

    fn rules(rates: &BTreeMap<Currency, Decimal>) -> PriceRules<'_> {
        PriceRules { alert_threshold: Decimal::TEN, currency: Some("BDT".parse().unwrap()), exchange_rates: rates }
    }

    #[test]
    fn prices_are_compared_by_the_cent_and_alerts_are_strict() {
        let rates = BTreeMap::new();
        for (old, new, rule, changed, alert, held) in [
            (Some("10.00"), "10.00", "S5.1 the same", false, false, false),
            (Some("10.00"), "10.004", "S5.2 rounds to the same", false, false, false),
            (Some("10.00"), "10.005", "S5.2 half up", true, false, false),
            (Some("10.00"), "10.01", "S5.1 a cent", true, false, false),
            (Some("10.00"), "11.00", "S5.3 exactly the threshold", true, false, false),
            (Some("10.00"), "11.01", "S5.3 above", true, true, false),
            (Some("10.00"), "8.99", "S5.3 down", true, true, false),
            (None, "12.99", "S5.3 a first price", true, false, false),
            (Some("10.00"), "0", "S5.5 zero", false, false, true),
            (Some("10.00"), "-1", "S5.5 below zero", false, false, true),
            (Some("10.00"), "100.00", "S5.5 a factor of ten", true, true, false),
            (Some("10.00"), "100.01", "S5.5 more than that", false, false, true),
            (Some("10.00"), "0.99", "S5.5 less than a tenth", false, false, true),
            (Some("10.00"), "79228162514264337593543950335", "S5.5 nonsense", false, false, true),
        ] {
            let quote = quote(new, 1);
            let diff = diff_prices(&tld(old), &[&quote], Decimal::ONE, &rules(&rates));
            assert_eq!(
                (!diff.changes.is_empty(), !diff.alerts.is_empty(), !diff.held.is_empty()),
                (changed, alert, held),
                "{rule}"
            );
            assert_eq!(diff.writes.len(), diff.changes.len(), "{rule}");
        }
    }

    #[test]
    fn years_that_are_not_sold_are_left_alone() {
        let rates = BTreeMap::new();
        let (three, four) = (quote("30.00", 3), quote("40.00", 4));
        let diff = diff_prices(&tld(None), &[&three, &four], Decimal::ONE, &rules(&rates));
        assert_eq!(diff.writes.iter().map(|write| write.years).collect::<Vec<_>>(), [3], "S5.1");
    }

    #[test]
    fn another_currency_is_refused_unless_a_rate_is_configured() {
        let usd: Currency = "USD".parse().unwrap();
        let none = BTreeMap::new();
        assert_eq!(rules(&none).rate(Some(usd)).unwrap_err().kind(), ErrorKind::Rejected, "S5.4");
        assert_eq!(rules(&none).rate(None).unwrap(), Decimal::ONE, "S5.4");
        let rates = BTreeMap::from([(usd, "110.25".parse().unwrap())]);
        let quote = quote("12.99", 1);
        let diff = diff_prices(&tld(None), &[&quote], rules(&rates).rate(Some(usd)).unwrap(), &rules(&rates));
        assert_eq!(diff.changes[0].new, "1432.15", "S5.2, S5.4: 1432.1475 half up");
    }

    proptest! {
        #[test]
        fn what_was_written_is_no_change_the_next_time(old in 1i64..10_000_000, new in 1i64..10_000_000_000, scale in 0u32..6) {
            let rates = BTreeMap::new();
            let quote = PriceQuote { tld: "com".into(), action: PriceAction::Renew, years: 1, price: Decimal::new(new, scale) };
            let mut current = tld(Some(&Decimal::new(old, 2).to_string()));
            let first = diff_prices(&current, &[&quote], Decimal::ONE, &rules(&rates));
            prop_assert!(first.changes.len() + first.held.len() <= 1);
            if let Some(write) = first.writes.first() {
                current.in_force[0].2 = write.price;
                prop_assert_eq!(diff_prices(&current, &[&quote], Decimal::ONE, &rules(&rates)), PriceDiff::default());
            }
        }
    }
}
