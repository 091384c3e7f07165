//! The price tables, and the way from a TLD to its product in them.
//!
//! A figure stays text until it is a decimal: no price ever is a float (S5.2). A table is the whole catalogue, hosting
//! and all, so it is split at its top level only, and just the wanted products are read further.

use std::borrow::Cow;
use std::collections::HashMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::read::shown;
use super::wire::{Loose, Scalar};
use crate::config::PriceSource;
use crate::model::{Currency, DomainName, PriceAction, PriceQuote, TldRecord};
use crate::{Error, ErrorKind, Result};

/// The label that is looked up with each TLD to learn its product. It need not be free, and nothing is ordered.
pub(super) const LABEL: &str = "domaindeskpricecheck";
/// How many TLDs one such look-up asks for: each makes the registrar ask a registry.
pub(super) const CHUNK: usize = 50;

/// The call for a table.
pub(super) fn path(source: PriceSource) -> &'static str {
    match source {
        PriceSource::Cost => "products/reseller-cost-price.json",
        PriceSource::Customer => "products/customer-price.json",
        PriceSource::Reseller => "products/reseller-price.json",
    }
}

type Object<'a> = HashMap<String, &'a RawValue>;

/// A price table by product key.
#[derive(Debug)]
pub(super) struct Catalogue<'a>(Object<'a>);

impl<'a> Catalogue<'a> {
    /// Splits a table into its products.
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body).map(Self)
    }

    /// The quotes of a TLD that is the product `key`: each action and number of years that is sold and wanted.
    ///
    /// The table's figure is per year; a quote is the total. The second value is what could not be read, where
    /// something could not: the rest is quoted all the same (S2.3).
    pub(super) fn quotes(&self, tld: &TldRecord, key: &str) -> (Vec<PriceQuote>, Option<Error>) {
        let Some(actions) = self.0.get(key).map(|product| actions(product)) else {
            let problem = format!("the price table has no product {}, which .{} is", shown(key), tld.extension);
            return (Vec::new(), Some(Error::new(ErrorKind::NotFound, problem)));
        };
        let Some(actions) = actions else {
            let problem = format!("the prices of product {} (.{}) cannot be understood", shown(key), tld.extension);
            return (Vec::new(), Some(Error::invalid_response(problem)));
        };
        let mut quotes = Vec::new();
        let mut problem = None;
        for action in PriceAction::ALL {
            let years = actions.get(wire_name(action)).and_then(|years| object(years)).unwrap_or_default();
            for count in tld.min_years.max(1)..=tld.max_years.min(10) {
                let Some(figure) = years.get(&count.to_string()).filter(|figure| figure.get() != "null") else {
                    continue;
                };
                match decimal(figure).and_then(|per_year| per_year.checked_mul(Decimal::from(count))) {
                    Some(price) => quotes.push(PriceQuote { tld: tld.extension.clone(), action, years: count, price }),
                    None => {
                        let text = format!(
                            "the price to {action} .{} for {count} years is {}",
                            tld.extension,
                            shown(figure.get())
                        );
                        problem = Some(Error::invalid_response(text));
                    }
                }
            }
        }
        (quotes, problem)
    }
}

/// The API's word for an action.
fn wire_name(action: PriceAction) -> &'static str {
    match action {
        PriceAction::Register => "addnewdomain",
        PriceAction::Renew => "renewdomain",
        PriceAction::Transfer => "addtransferdomain",
    }
}

/// The actions of a product, which the table for sub-resellers has one level deeper, by slab of their turnover. The
/// lowest slab is every sub-reseller's own from the first day, so it is the base price.
fn actions<'a>(product: &'a RawValue) -> Option<Object<'a>> {
    let product = object(product)?;
    if PriceAction::ALL.iter().any(|action| product.contains_key(wire_name(*action))) {
        return Some(product);
    }
    let lowest = product
        .iter()
        .filter_map(|(slab, inner)| Some((slab.parse::<u64>().ok()?, inner)))
        .min_by_key(|(slab, _)| *slab);
    match lowest {
        Some((_, slab)) => object(object(slab)?.get("pricing")?),
        // Neither actions nor slabs: a product of which nothing is sold.
        None => Some(product),
    }
}

fn object<'a>(raw: &'a RawValue) -> Option<Object<'a>> {
    serde_json::from_str(raw.get()).ok()
}

/// A figure, which is a number in some captures and a string in others.
fn decimal(figure: &RawValue) -> Option<Decimal> {
    let text = figure.get();
    let text: Cow<'_, str> =
        if text.starts_with('"') { Cow::Owned(serde_json::from_str(text).ok()?) } else { Cow::Borrowed(text) };
    let text = text.trim();
    if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { Decimal::from_str_exact(text).ok() }
}

/// One TLD's part of an answer of `domains/available.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Availability<'a> {
    #[serde(borrow)]
    classkey: Scalar<'a>,
}

/// The product key of each of the `suffixes` that the answer tells.
pub(super) fn product_keys(
    body: &[u8],
    suffixes: &[&DomainName],
) -> Result<Vec<(DomainName, String)>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Answer<'a>(#[serde(borrow)] HashMap<String, Loose<Availability<'a>>>);

    let Answer(answer) = serde_json::from_slice(body)?;
    let mut keys = Vec::new();
    for (name, Loose(found)) in &answer {
        // The answer is keyed by the full name, in whatever case or script.
        let Ok(name) = DomainName::parse(name) else {
            continue;
        };
        let Some((LABEL, suffix)) = name.as_str().split_once('.') else {
            continue;
        };
        let asked = suffixes.iter().find(|asked| asked.as_str() == suffix);
        if let (Some(asked), Some(key)) = (asked, found.classkey.get()) {
            keys.push(((*asked).clone(), key.to_owned()));
        }
    }
    Ok(keys)
}

/// The account's currencies, in an answer of `resellers/details.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Account<'a> {
    #[serde(borrow)]
    sellingcurrencysymbol: Scalar<'a>,
    #[serde(borrow)]
    parentsellingcurrencysymbol: Scalar<'a>,
}

/// The currency of a table, where the answer tells it. Despite the field's name it is a code, not a symbol.
pub(super) fn currency(body: &[u8], source: PriceSource) -> Result<Option<Result<Currency>>, serde_json::Error> {
    let account: Account<'_> = serde_json::from_slice(body)?;
    let code = match source {
        // What the account pays, it pays its parent.
        PriceSource::Cost => account.parentsellingcurrencysymbol,
        PriceSource::Customer | PriceSource::Reseller => account.sellingcurrencysymbol,
    };
    Ok(code.get().map(str::parse))
}
