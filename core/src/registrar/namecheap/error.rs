//! How the API says no: with HTTP 200, a number and a text of which the number decides; and with HTML where a limit or a
//! failing server stands before it.

use std::time::Duration;

use crate::registrar::http::{Answer, server_error};
use crate::registrar::told::is_html;
use crate::registrar::xml::{Element, XmlError};
use crate::{Error, ErrorKind};

/// The numbers that the page tells a meaning of. Any other is a refusal, but for those in the range of 5,000,000, which
/// are failures of the registrar's own.
const NUMBERS: [(ErrorKind, &[&str]); 5] = [
    (
        ErrorKind::Auth,
        &[
            "1010101", "1011101", "1010102", "1011102", "1030408", "1016103", "1019103", "1017103", "1017101",
            "1017105", "1017410", "1017411", "1011150", "1017150",
        ],
    ),
    (ErrorKind::Config, &["1010105", "1011105", "1010104"]),
    (ErrorKind::NotFound, &["2019166", "2016166", "4011103", "3019510"]),
    (ErrorKind::RateLimited, &["500000"]),
    (ErrorKind::Network, &["1050900", "3031510", "3050900"]),
];
/// Those among them that are about the caller's address.
const ADDRESS: [&str; 2] = ["1011150", "1017150"];
/// How long the shortest of the registrar's windows is. It tells no time to wait.
const WINDOW: Duration = Duration::from_secs(60);

/// The root of an answer, unless the answer is an error.
///
/// The registrar's own words are kept as they are, so the credentials may be among them: seal the error before it leaves.
pub(super) fn read(answer: &Answer) -> Result<Element, Error> {
    match Element::parse(&answer.body) {
        Ok(root) if root.is("ApiResponse") => {
            let status = root.attribute("Status").unwrap_or_default();
            if status.eq_ignore_ascii_case("OK") {
                Ok(root)
            } else if status.eq_ignore_ascii_case("ERROR") {
                Err(stated(&root))
            } else {
                Err(Error::invalid_response("the answer does not say whether it is one"))
            }
        }
        other => Err(not_an_answer(answer, &other)),
    }
}

fn not_an_answer(answer: &Answer, body: &Result<Element, XmlError>) -> Error {
    if answer.status == 405 {
        let text = "too many requests for the whole key, all programs and machines together (HTTP 405)";
        return Error::new(ErrorKind::RateLimited, text)
            .with_native(Some("405".to_owned()), "Method Not Allowed")
            .with_retry_after(answer.retry_after.unwrap_or(WINDOW));
    }
    if !(200..300).contains(&answer.status) {
        return server_error(answer);
    }
    match body {
        Err(XmlError::Empty) => Error::new(ErrorKind::Network, "the answer is empty"),
        _ if is_html(&answer.body) => Error::new(ErrorKind::Network, "the answer is an HTML page, not the API's XML"),
        Err(error) => Error::invalid_response(error.to_string()),
        Ok(_) => Error::invalid_response("the answer is XML of another kind than the API's"),
    }
}

/// The error that a body states: of several the first with a known number.
fn stated(root: &Element) -> Error {
    let errors: Vec<_> = root.child("Errors").into_iter().flat_map(|errors| errors.all("Error")).collect();
    let number = |error: &Element| error.attribute("Number").unwrap_or_default().to_owned();
    let known = errors.iter().find(|error| kind(&number(error)) != ErrorKind::Rejected).or(errors.first());
    let code = known.map(|error| number(error)).unwrap_or_default();
    let text = known.and_then(|error| error.text()).unwrap_or("no reason given");
    let kind = kind(&code);
    let message = match kind {
        ErrorKind::Auth if ADDRESS.contains(&code.as_str()) => format!(
            "the registrar refuses this machine's address: allow-list its public IPv4 address in the account under \
             Profile, Tools, API Access: {text}"
        ),
        ErrorKind::Auth => {
            format!("the registrar refused the credentials (api_user, api_key, username), or API access is off: {text}")
        }
        ErrorKind::Config => format!("the registrar cannot use client_ip: {text}"),
        ErrorKind::NotFound => format!("the account does not have it: {text}"),
        ErrorKind::RateLimited => format!("too many requests: {text}"),
        ErrorKind::Network => format!("the registrar's system failed: {text}"),
        _ => format!("the registrar refused: {text}"),
    };
    let error = Error::new(kind, message).with_native(Some(code).filter(|code| !code.is_empty()), text);
    if kind == ErrorKind::RateLimited { error.with_retry_after(WINDOW) } else { error }
}

fn kind(number: &str) -> ErrorKind {
    let known = NUMBERS.iter().find(|(_, numbers)| numbers.contains(&number));
    match known {
        Some((kind, _)) => *kind,
        None if number.len() == 7 && number.starts_with('5') => ErrorKind::Network,
        None => ErrorKind::Rejected,
    }
}
