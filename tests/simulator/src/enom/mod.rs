//! Enom. Written from the vendor's pages and clients' captures as collected in the project's own page on that registrar;
//! numbers in brackets are its sections.
//!
//! The world's words are another registrar's. Here an order that is not carried out is `Processing` and in no list, a
//! domain that can be restored at a price is in the list of expired domains alone, a deleted one is nowhere. What holds
//! a domain shows by `RegistrarHold` or by the verification of its registrant, and any word that is none of those is
//! shown as it is (8).

mod details;
mod list;
mod prices;
#[cfg(test)]
mod tests;

use crate::account::Account;
use crate::calendar::civil;
use crate::call::{Answer, Call, Twist};
use crate::registrar::Registrar;
use crate::world::{SimDomain, World, tld_of};
use crate::xml::escape;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// The wire format of Enom. An account's login is `uid`, its secret `pw`.
#[derive(Debug)]
pub(crate) struct Enom;

/// (1): names of parameters are case-insensitive in practice.
fn parameter<'c>(call: &'c Call<'_>, name: &str) -> &'c str {
    let found = call.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| &**value).unwrap_or_default()
}

impl Registrar for Enom {
    fn base(&self) -> &'static str {
        "/"
    }

    fn operation<'c>(&self, call: &'c Call<'c>) -> &'c str {
        match parameter(call, "command") {
            "" => call.path,
            command => command,
        }
    }

    fn login<'c>(&self, call: &'c Call<'_>) -> &'c str {
        parameter(call, "uid")
    }

    fn secret<'c>(&self, call: &'c Call<'_>) -> &'c str {
        parameter(call, "pw")
    }

    fn refuse_login(&self) -> Answer {
        refuse("", &Refusal::numbered("Bad User name or Password", "304155", "Validation error; invalid ; loginid"))
    }

    fn subject(&self, call: &Call<'_>, _world: &World) -> Option<String> {
        let (sld, tld) = (parameter(call, "sld"), parameter(call, "tld"));
        (!sld.is_empty()).then(|| format!("{sld}.{tld}").to_ascii_lowercase())
    }

    fn answer(&self, call: &Call<'_>, account: &mut Account, twist: Twist) -> Answer {
        if call.path != "interface.asp" {
            return Answer::html(404, "<html><head><title>404 Not Found</title></head><body></body></html>");
        }
        let command = parameter(call, "command");
        let result = perform(command, call, account, twist);
        // (1): the default is text, one line for each value.
        if !parameter(call, "responsetype").eq_ignore_ascii_case("xml") {
            let text = match result {
                Ok(_) => "ErrCount=0\r\nDone=true\r\n".to_owned(),
                Err(refusal) => format!("ErrCount=1\r\nErr1={}\r\nDone=true\r\n", refusal.text),
            };
            return Answer::html(200, text);
        }
        match result {
            Ok(body) => accept(command, &body),
            Err(refusal) => refuse(command, &refusal),
        }
    }
}

/// What an error says (5).
#[derive(Debug)]
struct Refusal {
    text: &'static str,
    number: &'static str,
    string: &'static str,
}

impl Refusal {
    fn numbered(text: &'static str, number: &'static str, string: &'static str) -> Self {
        Self { text, number, string }
    }

    fn not_found() -> Self {
        Self::numbered("Domain name not found", "316153", "Validation error; not found; domain name(s)")
    }
}

/// What stands before the common elements.
type Body = Result<String, Refusal>;

fn perform(command: &str, call: &Call<'_>, account: &mut Account, twist: Twist) -> Body {
    let world = &account.world;
    match command.to_ascii_uppercase().as_str() {
        "GETDOMAININFO" => details::info(call, world, twist),
        "GETCONTACTS" => details::contacts(call, world),
        "GETREGISTRATIONSTATUS" => details::registration_status(call, world),
        "GETREGLOCK" => details::lock(call, world),
        "GETDNS" => details::dns(call, world),
        "GETALLDOMAINS" => Ok(list::all(world, twist)),
        "GETEXPIREDDOMAINS" => Ok(list::expired(world, twist)),
        "PE_GETRETAILPRICING" => prices::table(call, world),
        // (3): balances carry thousands commas.
        "GETBALANCE" => {
            Ok("  <Balance>3,709.20</Balance>\r\n  <AvailableBalance>3,709.20</AvailableBalance>\r\n".to_owned())
        }
        _ => Err(Refusal::numbered("Command not found", "304001", "Validation error; invalid ; command")),
    }
}

/// (10): the case of tags changes between commands.
fn count_tag(command: &str) -> &'static str {
    if command.eq_ignore_ascii_case("GetContacts") { "errcount" } else { "ErrCount" }
}

fn accept(command: &str, body: &str) -> Answer {
    let count = count_tag(command);
    Answer::xml(
        200,
        format!(
            "<?xml version=\"1.0\"?>\r\n<interface-response>\r\n{body}\
             <Command>{}</Command>\r\n  <APIType>API.NET</APIType>\r\n  <Language>eng</Language>\r\n  \
             <{count}>0</{count}>\r\n  <ResponseCount>0</ResponseCount>\r\n  <Server>RESELLERTEST</Server>\r\n  \
             <Site>eNom</Site>\r\n  <TimeDifference>+08.00</TimeDifference>\r\n  <ExecTime>0.344</ExecTime>\r\n  \
             <Done>true</Done>\r\n  <debug><![CDATA[]]></debug>\r\n</interface-response>",
            escape(&command.to_uppercase()),
        ),
    )
}

fn refuse(command: &str, refusal: &Refusal) -> Answer {
    Answer::xml(
        200,
        format!(
            "<?xml version=\"1.0\"?>\r\n<interface-response>\r\n  <Command>{}</Command>\r\n  <Language>eng</Language>\r\n  \
             <ErrCount>1</ErrCount>\r\n  <errors><Err1>{}</Err1></errors>\r\n  <ResponseCount>1</ResponseCount>\r\n  \
             <responses>\r\n    <response>\r\n      <ResponseNumber>{}</ResponseNumber>\r\n      \
             <ResponseString>{}</ResponseString>\r\n    </response>\r\n  </responses>\r\n  <Done>true</Done>\r\n\
             </interface-response>",
            escape(&command.to_uppercase()),
            escape(refusal.text),
            refusal.number,
            escape(refusal.string),
        ),
    )
}

/// The domain that a request is about, which has to be split where its registry does (1).
fn find(call: &Call<'_>, world: &World) -> Result<SimDomain, Refusal> {
    let (sld, tld) = (parameter(call, "sld"), parameter(call, "tld"));
    let name = format!("{sld}.{tld}").to_ascii_lowercase();
    let is_split_well = tld_of(&name).is_none_or(|known| known.extension.eq_ignore_ascii_case(tld));
    let found = world.by_name(&name).filter(|domain| is_split_well && !is_away(&domain.current_status));
    found.ok_or_else(Refusal::not_found)
}

/// Whether the account has nothing of a domain with this word.
fn is_away(word: &str) -> bool {
    matches!(word, "Deleted" | "Archived" | "QueuedForDeletion")
}

/// How far a domain has expired; `None` for one that has not, or is not registered.
fn stage(domain: &SimDomain, now: i64) -> Option<&'static str> {
    let expires = domain.expires?;
    match domain.current_status.as_str() {
        // (8): RGP about days 30 to 42, extended RGP after that.
        "Pending Delete Restorable" if now - expires > 42 * DAY => Some("Extended RGP"),
        "Pending Delete Restorable" => Some("RGP"),
        word if is_away(word) || domain.is_pending() => None,
        _ => (expires <= now).then_some("Expired"),
    }
}

fn is_held(domain: &SimDomain) -> bool {
    matches!(domain.current_status.as_str(), "Suspended" | "Failed Verification")
        || domain.order_status.iter().any(|word| word == "resellersuspend")
}

/// (9): US Pacific, `M/D/YYYY h:mm:ss AM`.
fn wall_clock(seconds: i64) -> String {
    let local = seconds + pacific_offset(seconds);
    let (year, month, day) = civil(local.div_euclid(DAY));
    let second = local.rem_euclid(DAY);
    let (hour, minute, second) = (second / HOUR, second / 60 % 60, second % 60);
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{month}/{day}/{year} {hour}:{minute:02}:{second:02} {half}")
}

/// Seconds ahead of UTC: -7 hours from the second Sunday of March, 2 AM, to the first of November, 2 AM; else -8.
fn pacific_offset(seconds: i64) -> i64 {
    let (year, _, _) = civil(seconds.div_euclid(DAY));
    // 1970-01-01 was a Thursday; the day of the month of a Sunday tells which one it is.
    let sunday = |month: i64, from: i64| {
        let start = (year - 1970) * 365 - 1;
        (start..start + 700)
            .find(|day| {
                let (y, m, d) = civil(*day);
                (y, m) == (year, month) && (*day + 4).rem_euclid(7) == 0 && d >= from
            })
            .expect("every month has Sundays")
    };
    let (summer, winter) = (sunday(3, 8) * DAY + 10 * HOUR, sunday(11, 1) * DAY + 9 * HOUR);
    if (summer..winter).contains(&seconds) { -7 * HOUR } else { -8 * HOUR }
}

/// An element, which is an empty tag where there is no text.
fn element(name: &str, text: &str) -> String {
    if text.is_empty() { format!("<{name}/>") } else { format!("<{name}>{}</{name}>", escape(text)) }
}
