//! The catalogue of prices.
//!
//! A figure stays text until it is a decimal: no price ever is a float (S5.2). What a figure covers, a year or the whole
//! term, says the type beside it, and each figure has its own. A promotion hides in `YourPrice` and shows only by the
//! `RegularPrice` above it; so does the discount of an account's tier.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::model::{Currency, DomainName, PriceAction, PriceQuote, TldRecord};
use crate::registrar::PriceList;
use crate::registrar::told::shown;
use crate::registrar::xml::Element;
use crate::{Error, ErrorKind, Result};

/// A figure's attribute, that of its type, and those of what comes on top: misspelt as the server does, spelled as it
/// might one day, and the common one.
struct Kind {
    price: &'static str,
    price_type: &'static str,
    costs: [(&'static str, &'static str); 3],
}

const COST: (&str, &str) = ("AdditionalCost", "AdditionalCostType");
const REGULAR: Kind = Kind {
    price: "RegularPrice",
    price_type: "RegularPriceType",
    costs: [
        ("RegularAdditionalCost", "RegularAdditionalCostType"),
        ("RegularAdditonalCost", "RegularAdditonalCostType"),
        COST,
    ],
};
const YOUR: Kind = Kind {
    price: "YourPrice",
    price_type: "YourPriceType",
    costs: [("YourAdditonalCost", "YourAdditonalCostType"), ("YourAdditionalCost", "YourAdditionalCostType"), COST],
};
const PLAIN: Kind = Kind { price: "Price", price_type: "PricingType", costs: [COST, COST, COST] };

/// What is sold, by TLD and action.
#[derive(Debug)]
pub(super) struct Catalogue<'r>(HashMap<(DomainName, PriceAction), Vec<Row<'r>>>);

/// One number of years.
#[derive(Clone, Copy, Debug)]
struct Row<'r> {
    years: u8,
    element: &'r Element,
}

impl<'r> Catalogue<'r> {
    /// Finds the prices in an answer. Filters may have been ignored, so that there may be other products, too.
    pub(super) fn read(root: &'r Element) -> Result<Self> {
        let result = root
            .at(&["CommandResponse", "UserGetPricingResult"])
            .ok_or_else(|| Error::invalid_response("the answer has no UserGetPricingResult"))?;
        let mut found: HashMap<_, Vec<Row<'r>>> = HashMap::new();
        let is_domains = |kind: &&Element| {
            kind.attribute("Name")
                .is_some_and(|name| ["domain", "domains"].contains(&name.to_ascii_lowercase().as_str()))
        };
        for category in
            result.children().filter(|kind| kind.is("ProductType")).filter(is_domains).flat_map(Element::children)
        {
            let named = category.attribute("Name").unwrap_or_default();
            let Some(action) = PriceAction::ALL.into_iter().find(|action| named.eq_ignore_ascii_case(action.as_str()))
            else {
                continue;
            };
            for product in category.children() {
                let Some(Ok(tld)) = product.attribute("Name").map(DomainName::parse_host) else { continue };
                let rows = product.children().filter(|row| row.is("Price")).filter_map(row);
                found.entry((tld, action)).or_default().extend(rows);
            }
        }
        Ok(Self(found))
    }

    /// Whether a row of these TLDs tells no currency, so that the account's is needed.
    pub(super) fn lacks_currency(&self, tlds: &[TldRecord]) -> bool {
        let mut suffixes = tlds.iter().filter_map(|tld| DomainName::parse_host(&tld.extension).ok());
        suffixes.any(|suffix| {
            PriceAction::ALL.into_iter().any(|action| {
                let rows = self.0.get(&(suffix.clone(), action)).into_iter().flatten();
                rows.into_iter().any(|row| row.element.attribute("Currency").is_none())
            })
        })
    }

    /// The quotes of these TLDs: totals with everything that is paid on top. `account` is the currency of rows that tell
    /// none. Unless `discounted` is set, the regular price counts where it is above the account's own (S5.4).
    pub(super) fn quotes(&self, tlds: &[TldRecord], discounted: bool, account: Option<Currency>) -> PriceList {
        let mut list = PriceList::default();
        let mut reduced = Vec::new();
        for tld in tlds {
            match self.of_tld(tld, discounted, account, &mut list.currency) {
                Ok((quotes, is_reduced)) => {
                    list.quotes.extend(quotes);
                    reduced.extend(is_reduced.then_some(tld.extension.as_str()));
                }
                Err(error) => list.failures.push((tld.extension.clone(), error)),
            }
        }
        if !reduced.is_empty() && !discounted {
            let tlds: String = reduced.join(", ").chars().take(200).collect();
            tracing::warn!(
                count = reduced.len(),
                tlds,
                "the account pays less than the regular price, by a promotion or a discount: the regular price is taken"
            );
        }
        list
    }

    /// The quotes of one TLD, and whether the account pays less than the regular price of any.
    fn of_tld(
        &self,
        tld: &TldRecord,
        discounted: bool,
        account: Option<Currency>,
        currency: &mut Option<Currency>,
    ) -> Result<(Vec<PriceQuote>, bool)> {
        let extension = &tld.extension;
        let suffix = DomainName::parse_host(extension.trim_start_matches('.'))?;
        let (mut quotes, mut is_reduced, mut is_sold) = (Vec::new(), false, false);
        for action in PriceAction::ALL {
            let rows = self.0.get(&(suffix.clone(), action)).map_or(&[][..], Vec::as_slice);
            is_sold |= !rows.is_empty();
            for row in rows.iter().filter(|row| (tld.min_years..=tld.max_years).contains(&row.years)) {
                let unreadable = |problem: String| {
                    let years = row.years;
                    Error::invalid_response(format!("the price to {action} .{extension} for {years} years: {problem}"))
                };
                let first = rows.iter().find(|row| row.years == 1);
                let total = |kind: &Kind| total(row, first, kind).map_err(&unreadable);
                let own = total(&YOUR)?.map_or_else(|| total(&PLAIN), |own| Ok(Some(own)))?;
                let regular = total(&REGULAR)?;
                let is_below = matches!((own, regular), (Some(own), Some(regular)) if own < regular);
                is_reduced |= is_below;
                let Some(price) = (if is_below && !discounted { regular } else { own }) else { continue };
                let told = match row.element.attribute("Currency") {
                    Some(code) => Some(code.parse()?),
                    None => account,
                };
                if currency.is_some() && *currency != told {
                    return Err(unreadable("it is in another currency than the others".to_owned()));
                }
                *currency = told;
                quotes.push(PriceQuote { tld: extension.clone(), action, years: row.years, price });
            }
        }
        if !is_sold {
            let text = format!("the registrar tells no price for .{extension}: it is not sold there");
            return Err(Error::new(ErrorKind::NotFound, text));
        }
        Ok((quotes, is_reduced))
    }
}

fn row(element: &Element) -> Option<Row<'_>> {
    let is_years = element.attribute("DurationType").is_none_or(|unit| unit.eq_ignore_ascii_case("YEAR"));
    let years = element.attribute("Duration")?.parse().ok()?;
    is_years.then_some(Row { years, element })
}

/// What a term costs by one of the figures, with everything on top; `None` where that figure is not told.
fn total(row: &Row<'_>, first: Option<&Row<'_>>, kind: &Kind) -> Result<Option<Decimal>, String> {
    let Some(figure) = figure(row.element, kind.price)? else {
        return Ok(None);
    };
    let years = Decimal::from(row.years);
    let price = match covers(row.element, kind.price_type) {
        Some(Covers::Year) => figure.checked_mul(years),
        Some(Covers::Term) => Some(figure),
        None if row.years == 1 => Some(figure),
        None => {
            let year = first.map(|first| self::figure(first.element, kind.price)).transpose()?.flatten();
            let Some(year) = year else {
                return Err(format!("{} has no type, and there is no price of one year to tell it by", kind.price));
            };
            let is_near = |of: Decimal| (figure - of).abs() <= of / Decimal::TWO;
            let whole = year.checked_mul(years).unwrap_or(Decimal::MAX);
            if is_near(year) {
                figure.checked_mul(years)
            } else if is_near(whole) {
                Some(figure)
            } else {
                return Err(format!("{} has no type, and is near neither a year's price nor the term's", kind.price));
            }
        }
    };
    let mut extra = Decimal::ZERO;
    for (cost, cost_type) in kind.costs {
        if let Some(figure) = self::figure(row.element, cost)? {
            let covers = covers(row.element, cost_type);
            let cost = if covers == Some(Covers::Term) { Some(figure) } else { figure.checked_mul(years) };
            extra = cost.ok_or("it is out of any range")?;
            break;
        }
    }
    let total = price.and_then(|price| price.checked_add(extra)).ok_or("it is out of any range")?;
    Ok(Some(total))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Covers {
    Year,
    Term,
}

fn covers(row: &Element, attribute: &str) -> Option<Covers> {
    let word = row.attribute(attribute)?;
    if word.eq_ignore_ascii_case("MULTIPLE") {
        Some(Covers::Year)
    } else if word.eq_ignore_ascii_case("ABSOLUTE") {
        Some(Covers::Term)
    } else {
        None
    }
}

/// A figure; `None` where it is missing, empty or zero, which all mean that there is none.
fn figure(row: &Element, attribute: &str) -> Result<Option<Decimal>, String> {
    let Some(text) = row.attribute(attribute) else {
        return Ok(None);
    };
    let figure = Decimal::from_str_exact(text).map_err(|_| format!("{attribute} is {}", shown(text)))?;
    Ok(Some(figure).filter(|figure| !figure.is_zero()))
}
