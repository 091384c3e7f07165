//! (3) The catalogue.
//!
//! What a year costs the account is the world's cost price. Where the world's price for sub-resellers is below it, that
//! is a promotion, which shows only by `YourPrice` below `RegularPrice`.

use super::Body;
use crate::call::Call;
use crate::world::{PriceAction, PriceTable, World};
use crate::xml::escape;

const CATEGORIES: [(&str, PriceAction); 4] = [
    ("register", PriceAction::Register),
    ("renew", PriceAction::Renew),
    ("reactivate", PriceAction::Restore),
    ("transfer", PriceAction::Transfer),
];
/// What is paid on top a year, in cents, for the TLDs of the one body that takes it.
const ON_TOP: i64 = 20;

pub(super) fn all(call: &Call<'_>, world: &World) -> Body {
    if !call.get("ProductType").is_some_and(|kind| kind.eq_ignore_ascii_case("DOMAIN")) {
        return Err((2_011_170, "ProductType is invalid".to_owned()));
    }
    let wants = |name: &str, value: &str| call.get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value));
    let mut text = String::from("<UserGetPricingResult><ProductType Name=\"domains\">");
    for (category, action) in CATEGORIES {
        if !wants("ActionName", category) {
            continue;
        }
        text.push_str(&format!("<ProductCategory Name=\"{category}\">"));
        for (place, tld) in world.tlds().iter().enumerate().filter(|(_, tld)| wants("ProductName", tld.extension)) {
            let Some(figures) = world.prices.figures(tld.extension, PriceTable::Cost, action) else { continue };
            // (3): names are lower case in real answers, upper case in the docs.
            let name = if place % 5 == 4 { tld.extension.to_uppercase() } else { tld.extension.to_owned() };
            text.push_str(&format!("<Product Name=\"{}\">", escape(&name)));
            for (years, figure) in figures {
                let promotion = world.prices.get(tld.extension, PriceTable::Reseller, action, *years);
                text.push_str(&row(place, *years, figure, promotion, tld.extension, &world.cost_currency));
            }
            text.push_str("</Product>");
        }
        text.push_str("</ProductCategory>");
    }
    text.push_str("</ProductType></UserGetPricingResult>");
    Ok(text)
}

fn row(place: usize, years: u32, figure: &str, promotion: Option<&str>, extension: &str, currency: &str) -> String {
    let head = format!("<Price Duration=\"{years}\" DurationType=\"YEAR\"");
    let Some(all) = cents(figure).filter(|cents| *cents > ON_TOP) else {
        // What the account is told in odd figures it is told without anything on top.
        let figure = escape(figure);
        return format!(
            "{head} Price=\"{figure}\" PricingType=\"MULTIPLE\" PromotionPrice=\"0.0\" Currency=\"{currency}\" />"
        );
    };
    let takes = matches!(extension, "com" | "net" | "org" | "info" | "biz");
    let on_top = if takes { ON_TOP } else { 0 };
    let regular = all - on_top;
    let own = promotion
        .and_then(cents)
        .filter(|cents| (on_top + 1..all).contains(cents))
        .map_or(regular, |cents| cents - on_top);
    // (3): the type decides what a figure covers, and differs between figures and TLDs.
    let is_total = place % 2 == 1;
    let (own_text, own_type) = match is_total {
        true => (decimal(own * i64::from(years)), "ABSOLUTE"),
        false => (decimal(own), "MULTIPLE"),
    };
    let cost = match takes {
        true => format!(
            " AdditionalCost=\"{0}\" RegularAdditionalCost=\"{0}\" RegularAdditionalCostType=\"MULTIPLE\" \
             YourAdditonalCost=\"{0}\" YourAdditonalCostType=\"MULTIPLE\"",
            decimal(on_top)
        ),
        false => " AdditionalCost=\"0.0\"".to_owned(),
    };
    format!(
        "{head} Price=\"{own_text}\" PricingType=\"{own_type}\"{cost} RegularPrice=\"{}\" RegularPriceType=\"MULTIPLE\" \
         YourPrice=\"{own_text}\" YourPriceType=\"{own_type}\" PromotionPrice=\"0.0\" Currency=\"{currency}\" />",
        decimal(regular),
    )
}

fn cents(figure: &str) -> Option<i64> {
    let (whole, part) = figure.split_once('.').unwrap_or((figure, ""));
    let part = format!("{part:0<2}");
    if part.len() > 2 {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 100 + part.parse::<i64>().ok()?)
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
