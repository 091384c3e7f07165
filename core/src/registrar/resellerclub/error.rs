//! How the API says no: in the body, whatever the HTTP status (S6.2).

use super::wire::Envelope;
use crate::registrar::http::{Answer, server_error};
use crate::{Error, ErrorKind};

/// What a person can do about a refused address.
const ALLOW_LIST: &str = "the registrar refuses this machine's address: allow-list its public IP address in the reseller panel \
                          under Settings, API (it takes effect within an hour); after too many requests an address is also \
                          blocked for 24 hours";

/// Texts by which a message is told apart, in lower case, in the order in which they are looked for: a domain's name is
/// part of the first two messages, so that `authentication.com` must not make them one of the later.
const TEXTS: [(&str, ErrorKind); 9] = [
    ("website doesn't exist for", ErrorKind::NotFound),
    ("is currently available for registration", ErrorKind::NotFound),
    ("no entity found for entityid", ErrorKind::NotFound),
    ("invalid contact-id", ErrorKind::NotFound),
    ("you are not allowed to perform this action", ErrorKind::Rejected),
    ("authentication", ErrorKind::Auth),
    ("invalid credentials", ErrorKind::Auth),
    ("access denied", ErrorKind::Auth),
    ("you are not authorized", ErrorKind::Auth),
];

/// The error in an answer, or `None` where it states none.
///
/// The registrar's own words are kept as they are, so the credentials may be among them: seal the error before it leaves.
pub(super) fn read(answer: &Answer) -> Option<Error> {
    let is_success = (200..300).contains(&answer.status);
    let body = answer.body.trim_ascii();
    if !body.starts_with(b"{") {
        return not_an_object(answer, body, is_success);
    }
    let envelope = match serde_json::from_slice::<Envelope<'_>>(body) {
        Ok(envelope) => envelope,
        // A cut or broken object: of a failing server its failure, else for the reader of the answer to refuse.
        Err(_) => return (!is_success).then(|| server_error(answer)),
    };
    let status = envelope.status.get();
    let says_error =
        status.is_some_and(|status| status.eq_ignore_ascii_case("error") || status.eq_ignore_ascii_case("failed"));
    if says_error || envelope.errorvalue.0.error.get().is_some() || status.is_some() && !is_success {
        return Some(stated(&envelope, answer.status));
    }
    (!is_success).then(|| server_error(answer))
}

fn not_an_object(answer: &Answer, body: &[u8], is_success: bool) -> Option<Error> {
    let is_blocked = answer.status == 403 || body.len() < 64 * 1024 && contains(body, b"error code: 1020");
    if is_blocked {
        let status = answer.status.to_string();
        return Some(
            Error::new(ErrorKind::Auth, format!("{ALLOW_LIST} (HTTP {status})")).with_native(Some(status), "Forbidden"),
        );
    }
    if !is_success {
        return Some(server_error(answer));
    }
    let what = answer.content_type.as_deref().unwrap_or("something without a type");
    let what: String = what.chars().take(60).collect();
    Some(Error::invalid_response(format!("the answer is {what}, not the JSON object that was asked for")))
}

/// An error that the body states, by its text.
fn stated(envelope: &Envelope<'_>, status: u16) -> Error {
    let text = [&envelope.message, &envelope.error, &envelope.actionstatusdesc, &envelope.errorvalue.0.error]
        .into_iter()
        .filter_map(|text| text.get())
        .find(|text| !text.eq_ignore_ascii_case("NoError"))
        .unwrap_or("no reason given");
    let plain = without_braces(text);
    let lower = plain.to_lowercase().replace('\u{2019}', "'");
    let kind = TEXTS.iter().find(|(mark, _)| lower.contains(mark)).map_or(ErrorKind::Rejected, |(_, kind)| *kind);
    let message = match kind {
        ErrorKind::NotFound => format!("the registrar does not have it: {plain}"),
        ErrorKind::Auth => {
            format!("the registrar refused the credentials (auth_userid, api_key): {plain}")
        }
        _ => format!("the registrar refused: {plain}"),
    };
    Error::new(kind, message).with_native(Some(status.to_string()), text)
}

/// A validation message comes in braces, like a set.
fn without_braces(text: &str) -> &str {
    text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).map_or(text, str::trim)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}
