//! ResellerClub / LogicBoxes. Written from the vendor's pages and captures as collected in the project's own page on that
//! registrar; numbers in brackets are its sections.

mod details;
mod list;
mod other;
mod prices;

use crate::account::Account;
use crate::calendar::civil;
use crate::call::{Answer, Call, Twist};
use crate::json::Object;
use crate::registrar::Registrar;
use crate::world::World;

/// The wire format of ResellerClub and its sister brands.
#[derive(Debug)]
pub(crate) struct ResellerClub;

impl Registrar for ResellerClub {
    fn base(&self) -> &'static str {
        "/api/"
    }

    fn login<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.get("auth-userid").unwrap_or_default()
    }

    fn secret<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.get("api-key").unwrap_or_default()
    }

    fn refuse_login(&self) -> Answer {
        error("Invalid credentials, or your User account maybe inactive or Suspended")
    }

    fn subject(&self, call: &Call<'_>, world: &World) -> Option<String> {
        match (call.get("domain-name"), call.get("order-id"), call.path) {
            (_, _, "domains/available.json" | "domains/search.json") => None,
            (Some(name), _, _) => Some(name.to_ascii_lowercase()),
            (None, Some(order), _) => Some(world.by_order(order.parse().ok()?)?.name),
            _ => None,
        }
    }

    fn answer(&self, call: &Call<'_>, account: &mut Account, twist: Twist) -> Answer {
        // Reads are GET (section "Production base" table).
        if call.method != "GET" {
            return Answer::html(405, "<html><head><title>405 Method Not Allowed</title></head></html>");
        }
        let result = match call.path {
            "domains/details-by-name.json" => details::by_name(call, &account.world, twist),
            "domains/details.json" => details::by_order(call, &account.world, twist),
            "domains/orderid.json" => other::order_id(call, &account.world),
            "domains/search.json" => list::search(call, account, twist),
            "domains/locks.json" => other::locks(call, &account.world),
            "domains/available.json" => other::available(call, &account.world),
            "contacts/details.json" => other::contact(call, &account.world),
            "actions/search-current.json" => other::current_actions(call, &account.world),
            "products/customer-price.json" => Ok(prices::flat(&account.world, crate::PriceTable::Customer)),
            "products/reseller-cost-price.json" => Ok(prices::flat(&account.world, crate::PriceTable::Cost)),
            "products/reseller-price.json" => Ok(prices::by_slab(&account.world)),
            "products/details.json" => Ok(prices::products(&account.world)),
            "resellers/details.json" => Ok(other::reseller(account)),
            _ => {
                return Answer::html(404, "<html><head><title>404 Not Found</title></head><body></body></html>");
            }
        };
        match result {
            Ok(body) => Answer::json(200, body),
            Err(message) => error(&message),
        }
    }
}

/// (5): refusals are HTTP 500 with `status` in capitals, missing domains too.
fn error(message: &str) -> Answer {
    let mut object = Object::new(64);
    object.text("status", "ERROR").text("message", message);
    Answer::json(500, object.finish())
}

/// A body, or the message of an error.
type Body = Result<String, String>;

/// (5): a validation error stands in braces.
fn invalid(field: &str, what: &str) -> String {
    format!("{{{field}={what}}}")
}

fn required<'c>(call: &'c Call<'_>, name: &str) -> Result<&'c str, String> {
    call.get(name).filter(|value| !value.is_empty()).ok_or_else(|| invalid(name, "Required parameter missing."))
}

fn number<T: std::str::FromStr>(text: &str, name: &str) -> Result<T, String> {
    text.parse().map_err(|_| invalid(name, "Value must be an integer."))
}

/// (9): PostgreSQL's text of an instant; no trailing zeros in the fraction.
fn timestamp((seconds, micros): (i64, u32)) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
    if micros > 0 {
        text.push_str(format!(".{micros:06}").trim_end_matches('0'));
    }
    text.push_str("+00");
    text
}

#[cfg(test)]
mod tests;
