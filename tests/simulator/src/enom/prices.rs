//! (3) All TLDs, in one bracket of years.

use super::{Body, Refusal, element, parameter};
use crate::call::Call;
use crate::world::{PriceAction, PriceTable, World};

const ACTIONS: [(&str, &str, &str, PriceAction); 4] = [
    ("registerprice", "resellerpricereg", "registerenabled", PriceAction::Register),
    ("renewprice", "resellerpricerenew", "renewenabled", PriceAction::Renew),
    ("transferprice", "resellerpricetran", "transferenabled", PriceAction::Transfer),
    ("rgpprice", "resellerpricergp", "rgpenabled", PriceAction::Restore),
];

pub(super) fn table(call: &Call<'_>, world: &World) -> Body {
    let years = match parameter(call, "Years") {
        "" | "1" => 1,
        "2" => 2,
        "5" => 5,
        "10" => 10,
        _ => return Err(Refusal::numbered("Years is out of range", "303125", "Validation error; out of range; years")),
    };
    let mut text = String::from("  <pricestructure>\r\n");
    for (place, tld) in world.tlds().iter().enumerate() {
        text.push_str(&format!("<tld>{}{}", element("tld", tld.extension), element("tldid", &place.to_string())));
        for (customer, cost, enabled, action) in ACTIONS {
            // A transfer and a restore are for one year, whatever the bracket.
            let years = if matches!(action, PriceAction::Transfer | PriceAction::Restore) { 1 } else { years };
            let figure = |table| world.prices.get(tld.extension, table, action, years);
            let is_sold = figure(PriceTable::Cost).is_some();
            text.push_str(&element(customer, &amount(figure(PriceTable::Customer))));
            text.push_str(&element(cost, &amount(figure(PriceTable::Cost))));
            // Booleans in any case.
            text.push_str(&element(enabled, if is_sold { "true" } else { "False" }));
        }
        text.push_str("<IDNCategory/></tld>\r\n");
    }
    text.push_str(&format!("<count>{}</count>", world.tlds().len()));
    if parameter(call, "TLDOnly") != "1" {
        text.push_str(
            "<product><cost>9.95</cost><price>19.95</price><productenabled>true</productenabled>\
             <producttype>23</producttype><timebracket/><timebracketdesc/></product>",
        );
    }
    text.push_str("\r\n  </pricestructure>\r\n");
    Ok(text)
}

/// Two places, commas between thousands; 0.00 for what is not sold.
fn amount(figure: Option<&str>) -> String {
    let figure = figure.unwrap_or("0.00");
    let (whole, part) = figure.split_once('.').unwrap_or((figure, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{part:0<2}")
}
