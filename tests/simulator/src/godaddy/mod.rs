//! GoDaddy. Written from the vendor's specification as collected in the project's own page on that registrar; numbers in
//! brackets are its sections.
//!
//! The world's words are another registrar's; here each is shown by the word of this one's 225 that fits, and any word that
//! is none of those as it is. What was deleted stays in the list as history (2).

mod details;
mod list;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::account::Account;
use crate::calendar::civil;
use crate::call::{Answer, Call, Twist};
use crate::registrar::Registrar;
use crate::world::{SimDomain, World};

const DAY: i64 = 86_400;
/// How long after the end a name can be had at the normal price (8): as the simulated application has it.
const GRACE: i64 = 30 * DAY;

/// The wire format of GoDaddy. An account's login is the key, its secret the key's secret.
#[derive(Debug)]
pub(crate) struct GoDaddy;

impl Registrar for GoDaddy {
    fn base(&self) -> &'static str {
        "/"
    }

    /// The two endpoints, neither of which is a part of the other's name.
    fn operation<'c>(&self, call: &'c Call<'c>) -> &'c str {
        match named(call) {
            Some(_) => "domain",
            None if call.path == "v1/domains" => "list",
            None => call.path,
        }
    }

    /// (5)
    fn over_limit(&self) -> Answer {
        let body = json!({
            "code": "TOO_MANY_REQUESTS", "message": "Too many requests received within interval", "retryAfterSec": 30
        });
        Answer::json(429, body.to_string())
    }

    fn login<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.user("sso-key")
    }

    fn secret<'c>(&self, call: &'c Call<'_>) -> &'c str {
        call.password("sso-key")
    }

    fn refuse_login(&self) -> Answer {
        refuse(401, "UNABLE_TO_AUTHENTICATE", "Unauthorized : Could not authenticate API key/secret")
    }

    fn subject(&self, call: &Call<'_>, _world: &World) -> Option<String> {
        named(call).map(str::to_ascii_lowercase)
    }

    fn answer(&self, call: &Call<'_>, account: &mut Account, twist: Twist) -> Answer {
        match (call.method, call.path, named(call)) {
            ("GET", "v1/domains", _) => list::domains(call, account, twist),
            ("GET", _, Some(name)) => details::one(name, &account.world, twist),
            _ => refuse(404, "NOT_FOUND", "Not Found : The requested resource was not found"),
        }
    }
}

/// The domain in the path.
fn named<'c>(call: &Call<'c>) -> Option<&'c str> {
    call.path.strip_prefix("v1/domains/").filter(|name| !name.is_empty() && !name.contains('/'))
}

/// (5)
fn refuse(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, json!({"code": code, "message": message}).to_string())
}

/// (5): a parameter that the registrar does not take.
fn refuse_field(path: &str) -> Answer {
    let body = json!({
        "code": "INVALID_BODY",
        "message": "Request body doesn't fulfill schema, see details in `fields`",
        "fields": [{"code": "UNEXPECTED_VALUE", "message": "is not a valid value", "path": path, "pathRelated": ""}]
    });
    Answer::json(422, body.to_string())
}

/// Whether the world's word says that the name is gone.
fn is_deleted(word: &str) -> bool {
    matches!(word, "Deleted" | "Archived" | "QueuedForDeletion")
}

/// (8)
fn word(domain: &SimDomain, now: i64) -> &str {
    let past = domain.expires.map(|end| now - end).filter(|past| *past >= 0);
    let has = |word: &str| domain.order_status.iter().any(|other| other == word);
    match (domain.current_status.as_str(), past) {
        ("InActive", _) if domain.action_type.as_deref() == Some("AddTransferDomain") => "PENDING_TRANSFER_IN",
        ("InActive", _) => "PENDING_SETUP",
        ("Pending Delete Restorable", _) => "CANCELLED_REDEEMABLE",
        (word, _) if is_deleted(word) => "CANCELLED",
        ("Active" | "Suspended" | "Pending Verification" | "Failed Verification", Some(past)) => match past {
            // Renewals are tried in the first days, then it is parked.
            ..432_000 => "ACTIVE",
            432_000..GRACE => "PARKED_EXPIRED",
            GRACE.. => "PENDING_EXPIRATION",
        },
        ("Suspended", None) => "HELD_SHOPPER",
        ("Failed Verification", None) => "SUSPENDED_VERIFICATION_ICANN",
        ("Pending Verification", None) => "AWAITING_VERIFICATION_ICANN",
        ("Active", None) if has("resellersuspend") => "HELD_TEMPORARY",
        ("Active", None) if domain.raa.as_deref() == Some("Suspended") => "PARKED_VERIFICATION_ICANN",
        ("Active", None) => "ACTIVE",
        (other, _) => other,
    }
}

/// (9): mostly with milliseconds.
fn instant(seconds: i64, index: u64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    let fraction = if index % 3 == 2 { "" } else { ".000" };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// What the list and the details have in common (1, 2).
fn record(domain: &SimDomain, now: i64) -> Value {
    let at = |seconds| instant(seconds, domain.index);
    let mut record = json!({
        "domainId": domain.order_id as f64,
        "domain": domain.name,
        "status": word(domain, now),
        "createdAt": at(domain.created),
        "registrarCreatedAt": at(domain.created).replace('Z', "167Z"),
        "expirationProtected": false,
        "transferProtected": false,
        "holdRegistrar": domain.domain_status.iter().any(|word| word == "hold"),
        "locked": domain.order_status.iter().any(|word| word == "transferlock"),
        "privacy": domain.privacy,
        "exposeWhois": false,
        "renewAuto": domain.auto_renew,
    });
    if let Some(end) = domain.expires {
        record["expires"] = at(end).into();
        record["renewDeadline"] = at(end + 45 * DAY).into();
    }
    if is_deleted(&domain.current_status) {
        record["deletedAt"] = at(domain.modified.0).into();
    }
    record
}
