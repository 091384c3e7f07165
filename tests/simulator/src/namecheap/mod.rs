//! Namecheap. Written from the vendor's pages and captures as collected in the project's own page on that registrar;
//! numbers in brackets are its sections.
//!
//! The world's words are another registrar's: an order that is not carried out, deleted, or restorable at a price is not
//! in the account here (8), what holds a domain is `Locked`, and any word that is none of those is shown as it is. Two
//! words stand for what the account sees and does not own: `Shared` and `FreeDNS` (1).

mod details;
mod list;
mod prices;
#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;

use crate::account::Account;
use crate::calendar::civil;
use crate::call::{Answer, Call, Twist};
use crate::registrar::Registrar;
use crate::world::{SimDomain, World};
use crate::xml::escape;

const DAY: i64 = 86_400;

/// The wire format of Namecheap. An account's login is `ApiUser`, its secret `ApiKey`.
#[derive(Debug)]
pub(crate) struct Namecheap;

impl Registrar for Namecheap {
    fn base(&self) -> &'static str {
        "/"
    }

    fn operation<'c>(&self, call: &'c Call<'c>) -> &'c str {
        call.get("Command").unwrap_or(call.path)
    }

    /// (5): what is really sent when the budget is used up.
    fn over_limit(&self) -> Answer {
        Answer::html(
            405,
            "<html>\r\n<head><title>405 Not Allowed</title></head>\r\n<body>\r\n<center><h1>405 Not Allowed</h1></center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        )
    }

    fn login<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.get("ApiUser").unwrap_or_default()
    }

    fn secret<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.get("ApiKey").unwrap_or_default()
    }

    fn refuse_login(&self) -> Answer {
        refuse("", &(1_011_102, "API Key is invalid or API access has not been enabled".to_owned()))
    }

    fn subject(&self, call: &Call<'_>, _world: &World) -> Option<String> {
        call.get("DomainName").map(str::to_ascii_lowercase)
    }

    fn answer(&self, call: &Call<'_>, account: &mut Account, twist: Twist) -> Answer {
        if call.path != "xml.response" {
            return Answer::html(404, "<html><head><title>404 Not Found</title></head><body></body></html>");
        }
        let command = call.get("Command").unwrap_or_default();
        match perform(call, account, twist) {
            Ok(body) => accept(command, &body),
            Err(refusal) => refuse(command, &refusal),
        }
    }
}

/// What stands in `CommandResponse`, or the number and the text of an error.
type Body = Result<String, (u32, String)>;

fn perform(call: &Call<'_>, account: &mut Account, twist: Twist) -> Body {
    // (4): UserName is the one whose account it is.
    if call.get("UserName") != Some(&account.login) {
        return Err((1_019_103, "UserName is not authorised".to_owned()));
    }
    match call.get("ClientIp").map(str::parse::<Ipv4Addr>) {
        None => return Err((1_010_105, "Parameter ClientIP is missing".to_owned())),
        Some(Err(_)) => return Err((1_011_105, "Parameter ClientIP is invalid".to_owned())),
        Some(Ok(_)) => {}
    }
    match call.get("Command").unwrap_or_default() {
        "namecheap.domains.getInfo" => details::info(call, &account.world, twist),
        "namecheap.domains.getContacts" => details::contacts(call, &account.world, twist),
        "namecheap.domains.getRegistrarLock" => details::lock(call, &account.world),
        "namecheap.domains.getList" => list::domains(call, account, twist),
        "namecheap.domains.transfer.getList" => list::transfers(call, &account.world),
        "namecheap.users.getPricing" => prices::all(call, &account.world),
        "namecheap.users.getBalances" => Ok(format!(
            "<UserGetBalancesResult Currency=\"{}\" AvailableBalance=\"123.45\" AccountBalance=\"123.45\" \
             EarnedAmount=\"0.00\" WithdrawableAmount=\"0.00\" FundsRequiredForAutoRenew=\"42.50\" />",
            account.world.cost_currency
        )),
        "" => Err((1_010_104, "Parameter Command is missing".to_owned())),
        _ => Err((1_010_900, "The command is not known".to_owned())),
    }
}

/// (Envelope): `RequestedCommand` comes in lower case.
fn accept(command: &str, body: &str) -> Answer {
    Answer::xml(
        200,
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<ApiResponse Status=\"OK\" \
             xmlns=\"http://api.namecheap.com/xml.response\">\r\n  <Errors />\r\n  <Warnings />\r\n  \
             <RequestedCommand>{}</RequestedCommand>\r\n  <CommandResponse Type=\"{}\">\r\n{body}\r\n  \
             </CommandResponse>\r\n  <Server>PHX01APIEXT12</Server>\r\n  \
             <GMTTimeDifference>--5:00</GMTTimeDifference>\r\n  <ExecutionTime>0.013</ExecutionTime>\r\n</ApiResponse>",
            escape(&command.to_lowercase()),
            escape(command),
        ),
    )
}

/// (5): HTTP 200, the number in the body, and junk where the result would be.
fn refuse(command: &str, (number, text): &(u32, String)) -> Answer {
    Answer::xml(
        200,
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<ApiResponse Status=\"ERROR\" \
             xmlns=\"http://api.namecheap.com/xml.response\">\r\n  <Errors>\r\n    <Error Number=\"{number}\">{}</Error>\r\n  \
             </Errors>\r\n  <RequestedCommand>{}</RequestedCommand>\r\n  <CommandResponse Type=\"{}\">\r\n    \
             <DomainGetInfoResult Status=\"Ok\" IsOwner=\"false\" />\r\n  </CommandResponse>\r\n  \
             <Server>PHX01APIEXT12</Server>\r\n</ApiResponse>",
            escape(text),
            escape(&command.to_lowercase()),
            escape(command),
        ),
    )
}

/// (2): page and size; the page says their range and no number for what is out of it.
fn paging(call: &Call<'_>, default: usize) -> Result<(usize, usize), (u32, String)> {
    let number = |name: &str, default: usize| {
        let text = call.get(name).map(str::parse);
        text.unwrap_or(Ok(default)).map_err(|_| (2_010_000, format!("{name} is not a number")))
    };
    let (page, size) = (number("Page", 1)?, number("PageSize", default)?);
    if page == 0 || !(10..=100).contains(&size) {
        return Err((2_010_000, "Page or PageSize is out of range".to_owned()));
    }
    Ok((page, size))
}

fn paging_element(total: usize, page: usize, size: usize) -> String {
    format!(
        "<Paging><TotalItems>{total}</TotalItems><CurrentPage>{page}</CurrentPage><PageSize>{size}</PageSize></Paging>"
    )
}

/// Whether a domain with this word is one of the account's own.
fn is_own(word: &str) -> bool {
    !is_away(word) && !matches!(word, "Shared" | "FreeDNS")
}

/// Whether the account sees nothing of a domain with this word (8).
fn is_away(word: &str) -> bool {
    matches!(word, "InActive" | "Deleted" | "Archived" | "QueuedForDeletion" | "Pending Delete Restorable")
}

fn is_expired(domain: &SimDomain, now: i64) -> bool {
    domain.expires.is_some_and(|expires| expires <= now)
}

/// Held by the registrar, as it tells.
fn is_held(domain: &SimDomain) -> bool {
    matches!(domain.current_status.as_str(), "Suspended" | "Failed Verification")
        || domain.order_status.iter().any(|word| word == "resellersuspend")
        || domain.raa.as_deref() == Some("Suspended")
}

/// (9): month first; sometimes without leading zeros, sometimes with a time.
fn date(seconds: i64, index: u64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    match index % 3 {
        0 => format!("{month:02}/{day:02}/{year}"),
        1 => format!("{month}/{day}/{year}"),
        _ => format!("{month}/{day}/{year} 11:31:13 AM"),
    }
}

/// (10): booleans come in any case.
fn flag(value: bool, index: u64) -> &'static str {
    match (value, index.is_multiple_of(2)) {
        (true, true) => "true",
        (true, false) => "True",
        (false, true) => "false",
        (false, false) => "False",
    }
}
