//! BTCL. Written from the one document that there is as collected in the project's own page on that registrar; numbers in
//! brackets are its sections.
//!
//! There is no status in the API: the world's words become codes (8). One word more stands for what is another reseller's:
//! `Foreign`.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::account::Account;
use crate::calendar::civil;
use crate::call::{Answer, Call, Twist};
use crate::registrar::Registrar;
use crate::world::{PriceAction, PriceTable, SimDomain, World};

const DAY: i64 = 86_400;

/// The wire format of BTCL. An account's login is the key, its secret the key's secret.
#[derive(Debug)]
pub(crate) struct Btcl;

impl Registrar for Btcl {
    fn base(&self) -> &'static str {
        "/rsdom/"
    }

    /// (6): nothing is documented.
    fn over_limit(&self) -> Answer {
        Answer::too_many_requests(None)
    }

    fn login<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.user("Basic")
    }

    fn secret<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.password("Basic")
    }

    fn refuse_login(&self) -> Answer {
        refuse(&(4_015, "Wrong API key/secret"))
    }

    fn subject(&self, call: &Call<'_>, _world: &World) -> Option<String> {
        let body: Value = serde_json::from_slice(call.body).ok()?;
        body["domain"].as_str().map(str::to_ascii_lowercase)
    }

    fn answer(&self, call: &Call<'_>, account: &mut Account, twist: Twist) -> Answer {
        // "POST for everything, reads included", and an object in each.
        let body = serde_json::from_slice::<Value>(call.body).ok().filter(Value::is_object);
        let (Some(body), "POST") = (body, call.method) else {
            return refuse(&(4_012, "Invalid JSON"));
        };
        let answer = match call.path {
            "domain_info.do" => info(&body, &account.world, twist),
            "domain_rates.do" => rates(&body, &account.world),
            "domain_availability.do" => available(&body, &account.world),
            // No `status` (5).
            "balance.do" => Ok(json!({"balance": 485_280.0, "responseCode": 2000})),
            "billing_transactions.do" => Ok(json!({"opening_balance": 0.0, "transactions": [], "responseCode": 2000})),
            // What spends money is not simulated.
            "domain_buy.do" | "domain_renew.do" | "domain_update_ns.do" | "reserve.do" => Err((4_030, "Not allowed")),
            _ => return Answer::html(404, "<html><body>Not Found</body></html>"),
        };
        match answer {
            Ok(body) => Answer::json(200, body.to_string()),
            Err(refusal) => refuse(&refusal),
        }
    }
}

/// A code and a text.
type Refusal = (u32, &'static str);

/// (5): the HTTP status that goes with an error is not documented.
fn refuse((code, message): &Refusal) -> Answer {
    Answer::json(200, json!({"status": "error", "responseCode": code, "message": message}).to_string())
}

fn named(body: &Value) -> Result<String, Refusal> {
    let name = body["domain"].as_str().unwrap_or_default().to_ascii_lowercase();
    if name.contains('.') { Ok(name) } else { Err((4_002, "Bad format")) }
}

/// (1, 8)
fn info(body: &Value, world: &World, twist: Twist) -> Result<Value, Refusal> {
    let mut domain = world.by_name(&named(body)?).ok_or((4_004, "Domain not found"))?;
    match domain.current_status.as_str() {
        "Deleted" | "Archived" | "QueuedForDeletion" => return Err((4_004, "Domain not found")),
        "Pending Delete Restorable" => return Err((4_005, "Domain already expired, restore required")),
        "InActive" | "Suspended" | "Failed Verification" => return Err((4_011, "Domain is not active")),
        "Foreign" => return Err((4_009, "Unauthorized domain access")),
        _ => {}
    }
    if twist.other_domain {
        let others = (domain.index + 1..world.indexes()).chain(0..domain.index);
        if let Some(other) = others.into_iter().find_map(|index| world.domain(index)) {
            domain = other;
        }
    }
    if twist.everything_expired && domain.expires.is_some() {
        domain.expires = Some(world.now() - 10 * DAY);
    }
    Ok(record(&domain))
}

fn record(domain: &SimDomain) -> Value {
    let contact = &domain.contacts[0];
    let lines = [&contact.address1, &contact.address2, &contact.address3];
    let address: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).map(String::as_str).collect();
    let mut record = json!({
        "domain": domain.name,
        "activationDate": date(domain.created),
        "expiryDate": domain.expires.map(date).unwrap_or_default(),
        "primaryDns": domain.nameservers.first().map_or("", String::as_str),
        "secondaryDns": domain.nameservers.get(1).map_or("", String::as_str),
        "clientFullName": contact.name,
        "clientNid": nid(domain),
        "clientEmail": contact.email,
        "clientContactAddress": address.join(", "),
        "clientContactNumber": format!("+{}{}", contact.phone_cc, contact.phone),
        "status": "success",
        "responseCode": 2000
    });
    // With two, the third is absent, null or empty (UNCERTAIN).
    match (domain.nameservers.get(2), domain.index % 3) {
        (Some(third), _) => record["tertiaryDns"] = third.as_str().into(),
        (None, 0) => record["tertiaryDns"] = Value::Null,
        (None, 1) => record["tertiaryDns"] = "".into(),
        (None, _) => {}
    }
    record
}

/// The registrant's national identity number: 13 digits.
pub(crate) fn nid(domain: &SimDomain) -> String {
    format!("77{:011}", domain.order_id * 31)
}

/// (9): day first.
fn date(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    format!("{day:02}/{month:02}/{year:04}")
}

/// (3): what lies below `.bd`, as totals.
fn rates(body: &Value, world: &World) -> Result<Value, Refusal> {
    let name = named(body)?;
    let years = body["year"].as_u64().filter(|years| (1..=10).contains(years)).ok_or((4_006, "Invalid years"))?;
    let suffix = name.split_once('.').map_or("", |(_, suffix)| suffix);
    let rate = |action| {
        let figure = world.prices.get(suffix, PriceTable::Cost, action, years as u32)?;
        Some(total(figure, years))
    };
    let (Some(register), Some(renew), true) =
        (rate(PriceAction::Register), rate(PriceAction::Renew), suffix.ends_with("bd"))
    else {
        return Err((4_014, "Rate not found"));
    };
    Ok(json!({
        "domain": name, "year": years, "regRate": register, "renewRate": renew,
        "status": "success", "responseCode": 2000, "message": "Rate found"
    }))
}

/// A yearly figure times years, as a float.
fn total(figure: &str, years: u64) -> f64 {
    let figure: f64 = figure.parse().expect("a price is a decimal");
    (figure * 100.0).round() * years as f64 / 100.0
}

/// The other spelling of the code (5).
fn available(body: &Value, world: &World) -> Result<Value, Refusal> {
    let name = named(body)?;
    let (status, code, message) = match world.by_name(&name) {
        Some(_) => ("error", 2001, "Domain is already registered"),
        None => ("success", 2000, "Domain is available"),
    };
    Ok(json!({"status": status, "response_code": code, "message": message, "domain": name}))
}
