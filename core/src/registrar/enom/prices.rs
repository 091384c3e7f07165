//! The price tables, one for each bracket of years.
//!
//! A figure stays text until it is a decimal: no price ever is a float (S5.2). It is the price of a year within a term of
//! its bracket.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::amount;
use crate::config::PriceSource;
use crate::model::{DomainName, PriceAction, PriceQuote, TldRecord};
use crate::registrar::told::shown;
use crate::registrar::xml::Element;
use crate::{Error, ErrorKind, Result};

/// Where each bracket starts.
const BRACKETS: [u8; 4] = [1, 2, 5, 10];

/// The bracket that so many years are in.
fn bracket(years: u8) -> u8 {
    BRACKETS.into_iter().rev().find(|start| *start <= years).unwrap_or(1)
}

/// The brackets that these TLDs are sold in.
pub(super) fn brackets(tlds: &[TldRecord]) -> BTreeSet<u8> {
    tlds.iter().flat_map(|tld| (tld.min_years.max(1)..=tld.max_years.min(10)).map(bracket)).collect()
}

/// The prices of a year in one bracket, or what could not be read, by TLD.
#[derive(Debug)]
pub(super) struct Table(HashMap<DomainName, HashMap<PriceAction, Result<Decimal, String>>>);

impl Table {
    /// Reads a table: what the account pays, or what it charges.
    pub(super) fn read(root: &Element, source: PriceSource) -> Result<Self> {
        let prices = root
            .child("pricestructure")
            .ok_or_else(|| Error::invalid_response("the answer is no price table: it has no pricestructure"))?;
        let told: Vec<_> = prices.all("tld").collect();
        let count = prices.text_of("count").and_then(|count| count.parse::<usize>().ok());
        if count.is_some_and(|count| told.len() < count) {
            return Err(Error::invalid_response("the answer is cut: it has fewer TLDs than it says"));
        }
        let mut table = HashMap::new();
        for row in told {
            // The name is in an element of the same name.
            let Some(Ok(tld)) = row.text_of("tld").map(DomainName::parse_host) else { continue };
            let prices = PriceAction::ALL.into_iter().filter_map(|action| Some((action, price(row, action, source)?)));
            table.insert(tld, prices.collect());
        }
        Ok(Self(table))
    }
}

/// The price of an action; `None` where it is not sold.
fn price(row: &Element, action: PriceAction, source: PriceSource) -> Option<Result<Decimal, String>> {
    let (customer, cost, enabled) = match action {
        PriceAction::Register => ("registerprice", "resellerpricereg", "registerenabled"),
        PriceAction::Renew => ("renewprice", "resellerpricerenew", "renewenabled"),
        PriceAction::Transfer => ("transferprice", "resellerpricetran", "transferenabled"),
    };
    if row.text_of(enabled).is_some_and(|enabled| enabled.eq_ignore_ascii_case("false")) {
        return None;
    }
    let element = if source == PriceSource::Customer { customer } else { cost };
    let text = row.text_of(element)?;
    Some(amount(text).ok_or_else(|| format!("{element} is {}", shown(text))))
}

/// The totals of a TLD. A transfer adds one year, always.
pub(super) fn quotes(tld: &TldRecord, tables: &BTreeMap<u8, Table>) -> Result<Vec<PriceQuote>> {
    let extension = &tld.extension;
    let suffix = DomainName::parse_host(extension.trim_start_matches('.'))?;
    if !tables.values().any(|table| table.0.contains_key(&suffix)) {
        let text = format!("the registrar tells no price for .{extension}: it is not sold there");
        return Err(Error::new(ErrorKind::NotFound, text));
    }
    let mut quotes = Vec::new();
    for action in PriceAction::ALL {
        let most = if action == PriceAction::Transfer { 1 } else { 10 };
        for years in tld.min_years.max(1)..=tld.max_years.min(most) {
            let prices = tables.get(&bracket(years)).and_then(|table| table.0.get(&suffix));
            let Some(price) = prices.and_then(|prices| prices.get(&action)) else { continue };
            let problem = |problem: &str| {
                Error::invalid_response(format!("the price to {action} .{extension} for {years} years: {problem}"))
            };
            let price = price.as_ref().map_err(|text| problem(text))?;
            let price = price.checked_mul(Decimal::from(years)).ok_or_else(|| problem("it is out of any range"))?;
            quotes.push(PriceQuote { tld: extension.clone(), action, years, price });
        }
    }
    Ok(quotes)
}
