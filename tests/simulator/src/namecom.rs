//! Name.com. Written from the vendor's pages and client as collected in the project's own page on that registrar; words in
//! brackets are its paragraphs.
//!
//! There is no status in the API (Status): of the world's words only those show that say that a domain is not in the
//! account. One that is on its way in is in the list of transfers alone.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::calendar::civil;
use crate::call::{Answer, Call, Twist};
use crate::registrar::Registrar;
use crate::world::{PriceAction, PriceTable, SimContact, SimDomain, World};

const DAY: i64 = 86_400;
/// The most rows of a list of domains, and how many there are where nobody says.
const MOST: u64 = 1_000;
/// The same of the price list, and the most TLDs that can be asked for.
const PRICES: u64 = 25;

/// The wire format of Name.com. An account's login is the user name, its secret the token.
#[derive(Debug)]
pub(crate) struct NameCom;

impl Registrar for NameCom {
    fn base(&self) -> &'static str {
        "/"
    }

    /// The endpoints, none of which is a part of another's name.
    fn operation<'c>(&self, call: &'c Call<'c>) -> &'c str {
        match (named(call), call.path) {
            (Some(_), _) => "domain",
            (None, "v4/domains") => "list",
            (None, "core/v1/tldpricing") => "prices",
            (None, path) => path,
        }
    }

    /// (Errors)
    fn over_limit(&self) -> Answer {
        refuse(429, "Too Many Requests", None)
    }

    fn login<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.user("Basic")
    }

    fn secret<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.password("Basic")
    }

    fn refuse_login(&self) -> Answer {
        refuse(401, "Unauthorized", None)
    }

    fn subject(&self, call: &Call<'_>, _world: &World) -> Option<String> {
        named(call).map(str::to_ascii_lowercase)
    }

    fn answer(&self, call: &Call<'_>, account: &mut Account, twist: Twist) -> Answer {
        let answer = match (call.method, call.path, named(call)) {
            ("GET", _, Some(name)) => details(name, &account.world, twist),
            ("GET", "v4/domains", _) => domains(call, account, twist),
            ("GET", "v4/transfers", _) => transfers(call, &account.world),
            ("GET", "core/v1/tldpricing", _) => prices(call, &account.world),
            // What spends money is not simulated.
            ("GET", ..) => Err((404, "Not Found", None)),
            _ => Err((403, "Permission Denied", None)),
        };
        match answer {
            Ok(body) => Answer::json(200, body.to_string()),
            Err((status, message, details)) => refuse(status, message, details),
        }
    }
}

/// HTTP status, `message`, `details`.
type Refusal = (u16, &'static str, Option<&'static str>);

fn refuse(status: u16, message: &str, details: Option<&str>) -> Answer {
    let mut body = json!({ "message": message });
    if let Some(details) = details {
        body["details"] = details.into();
    }
    Answer::json(status, body.to_string())
}

/// The domain in the path.
fn named<'c>(call: &Call<'c>) -> Option<&'c str> {
    call.path.strip_prefix("v4/domains/").filter(|name| !name.is_empty() && !name.contains(['/', ':']))
}

/// "Fields equal to their default are left out (empty text, false, 0)"; an empty list or object too.
fn sparse(fields: Value) -> Value {
    let is_default = |value: &Value| match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    };
    match fields {
        Value::Object(map) => map.into_iter().filter(|(_, value)| !is_default(value)).collect::<Map<_, _>>().into(),
        other => other,
    }
}

/// (Status): whether the account has it at all.
fn is_here(word: &str) -> bool {
    !matches!(word, "Deleted" | "Archived" | "QueuedForDeletion" | "InActive")
}

/// RFC 3339 with `Z`.
fn instant(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// What the list and the details have in common.
fn record(domain: &SimDomain, world: &World, twist: Twist) -> Value {
    let expires =
        if twist.everything_expired { domain.expires.map(|_| world.now() - 10 * DAY) } else { domain.expires };
    sparse(json!({
        "domainName": domain.name,
        "locked": domain.order_status.iter().any(|word| word == "transferlock"),
        "autorenewEnabled": domain.auto_renew,
        "expireDate": expires.map(instant).unwrap_or_default(),
        "createDate": instant(domain.created),
    }))
}

/// `GET /v4/domains/{name}`
fn details(name: &str, world: &World, twist: Twist) -> Result<Value, Refusal> {
    let found = world.by_name(name).filter(|domain| is_here(&domain.current_status));
    let mut domain = found.ok_or((404, "Not Found", None))?;
    if twist.other_domain {
        let others = (domain.index + 1..world.indexes()).chain(0..domain.index);
        if let Some(other) = others.into_iter().find_map(|index| world.domain(index)) {
            domain = other;
        }
    }
    let roles = ["registrant", "admin", "tech", "billing"].into_iter().zip(&domain.contacts);
    let there = roles.filter(|(_, contact)| contact.contact_id > 0);
    let contacts: Map<_, _> = there.map(|(role, contact)| (role.to_owned(), person(contact))).collect();
    let suffix = domain.name.split_once('.').map_or("", |(_, suffix)| suffix);
    let renewal = world.prices.get(suffix, PriceTable::Cost, PriceAction::Renew, 1).map_or(0, cents);
    let mut body = record(&domain, world, twist);
    let more = sparse(json!({
        "nameservers": domain.nameservers,
        "contacts": contacts,
        "privacyEnabled": domain.privacy,
        "renewalPrice": dollars(renewal),
    }));
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    Ok(body)
}

fn person(contact: &SimContact) -> Value {
    let (first, last) = contact.name.rsplit_once(' ').unwrap_or((&contact.name, ""));
    let second = [&contact.address2, &contact.address3].map(String::as_str);
    let second = second.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    sparse(json!({
        "firstName": first, "lastName": last, "companyName": contact.company,
        "address1": contact.address1, "address2": second, "city": contact.city, "state": contact.state,
        "zip": contact.zip, "country": contact.country,
        "phone": format!("+{}.{}", contact.phone_cc, contact.phone), "email": contact.email,
    }))
}

/// A page's number and size.
fn page(call: &Call<'_>, usual: u64, most: u64) -> Result<(u64, u64), Refusal> {
    let number = |name: &str, usual: u64| call.get(name).map_or(Some(usual), |text| text.parse().ok());
    let wrong = (400, "Invalid Argument", Some("page or perPage is out of range"));
    let page = number("page", 1).filter(|page| *page > 0).ok_or(wrong)?;
    let size = number("perPage", usual).filter(|size| (1..=most).contains(size)).ok_or(wrong)?;
    Ok((page, size))
}

/// "`nextPage`/`lastPage` missing on the last page"
fn paged(body: &mut Value, page: u64, size: u64, rows: u64) {
    let last = rows.div_ceil(size);
    if page < last {
        body["nextPage"] = (page + 1).into();
        body["lastPage"] = last.into();
    }
}

/// `GET /v4/domains`: no nameservers, no contacts, no price.
fn domains(call: &Call<'_>, account: &mut Account, twist: Twist) -> Result<Value, Refusal> {
    let (page, size) = page(call, MOST, MOST)?;
    if twist.empty_list {
        return Ok(json!({}));
    }
    let here = here(account);
    let world = &account.world;
    let from = usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX).min(here.len());
    let rows: Vec<Value> = here[from..]
        .iter()
        .take(if twist.empty_page { 0 } else { size as usize })
        .filter_map(|index| Some(record(&world.domain(u64::from(*index))?, world, twist)))
        .collect();
    let mut body = sparse(json!({ "domains": rows }));
    let total = here.len() as u64;
    paged(&mut body, page, size, if twist.wrong_total { total + size } else { total });
    Ok(body)
}

/// The indexes of what is in the account.
fn here(account: &mut Account) -> Arc<Vec<u32>> {
    if let Some(list) = account.cached_list("") {
        return list;
    }
    let world = &account.world;
    let is_shown = |index: &u64| world.is_present(*index) && is_here(world.current_status(*index));
    let list = Arc::new((0..world.indexes()).filter(is_shown).map(|index| index as u32).collect::<Vec<_>>());
    account.cache_list(String::new(), Arc::clone(&list));
    list
}

/// `GET /v4/transfers`: those in progress, with the fields of the vendor's client.
fn transfers(call: &Call<'_>, world: &World) -> Result<Value, Refusal> {
    let (page, size) = page(call, MOST, MOST)?;
    let is_arriving =
        |domain: &SimDomain| domain.is_pending() && domain.action_type.as_deref() == Some("AddTransferDomain");
    let all: Vec<_> = world.domains().filter(is_arriving).collect();
    let from = (page - 1).saturating_mul(size) as usize;
    let rows: Vec<Value> = all
        .iter()
        .skip(from)
        .take(size as usize)
        .map(|domain| {
            json!({
                "domainName": domain.name, "email": domain.contacts[1].email, "status": "Pending Approval"
            })
        })
        .collect();
    let mut body = sparse(json!({ "transfers": rows }));
    paged(&mut body, page, size, all.len() as u64);
    Ok(body)
}

/// `GET /core/v1/tldpricing`: totals for the years. What is not sold is left out.
fn prices(call: &Call<'_>, world: &World) -> Result<Value, Refusal> {
    let (page, size) = page(call, PRICES, MOST)?;
    let years = call.get("duration").map_or(Some(1), |text| text.parse::<u32>().ok());
    let years = years.filter(|years| (1..=10).contains(years)).ok_or((400, "Invalid Argument", Some("duration")))?;
    let mut tlds: Vec<&str> = call.all("tlds[]").collect();
    if tlds.len() as u64 > PRICES {
        return Err((400, "Invalid Argument", Some("more than 25 TLDs")));
    }
    if tlds.is_empty() {
        tlds = world.tlds().iter().map(|tld| tld.extension).collect();
    }
    tlds.sort_unstable();
    let all: Vec<Value> = tlds.into_iter().filter_map(|tld| price(tld, years, world)).collect();
    let from = (page - 1).saturating_mul(size).min(all.len() as u64);
    let rows: Vec<_> = all.iter().skip(from as usize).take(size as usize).cloned().collect();
    let mut body = sparse(json!({
        "from": if rows.is_empty() { 0 } else { from + 1 },
        "to": from + rows.len() as u64,
        "totalCount": all.len(),
        "pricing": rows,
    }));
    paged(&mut body, page, size, all.len() as u64);
    Ok(body)
}

/// Every second TLD, by the letters of its name, is on sale at a promotion; the others have no ordinary price beside
/// their price.
fn price(tld: &str, years: u32, world: &World) -> Option<Value> {
    let figure = |action, years| Some(cents(world.prices.get(tld, PriceTable::Cost, action, years)?));
    let register = figure(PriceAction::Register, years)? * u64::from(years);
    let mut row = json!({
        "tld": tld, "duration": years, "registrationPrice": dollars(register),
        "renewalPrice": dollars(figure(PriceAction::Renew, years).unwrap_or(0) * u64::from(years)),
        "transferInPrice": dollars(figure(PriceAction::Transfer, 1).unwrap_or(0)),
        "domainRestorationPrice": dollars(figure(PriceAction::Restore, 1).unwrap_or(0)),
    });
    if !tld.len().is_multiple_of(2) {
        row["registrationOriginalPrice"] = row["registrationPrice"].take();
        row["registrationPrice"] = dollars(register * 6 / 10).into();
    }
    Some(sparse(row))
}

fn cents(figure: &str) -> u64 {
    let figure: f64 = figure.parse().expect("a price is a decimal");
    (figure * 100.0).round() as u64
}

/// A float, as the API has it.
fn dollars(cents: u64) -> f64 {
    cents as f64 / 100.0
}
