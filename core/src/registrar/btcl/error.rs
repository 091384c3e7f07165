//! How the API says no: with a code in the body, under one of two names, whatever the HTTP status is.

use serde::Deserialize;

use crate::registrar::http::{Answer, server_error};
use crate::registrar::loose::{Loose, Scalar};
use crate::registrar::told::unreadable;
use crate::{Error, ErrorKind};

/// The code of an answer that is one.
const SUCCESS: u32 = 2_000;
/// No such domain.
pub(super) const NOT_FOUND: u32 = 4_004;
/// Expired, to be restored.
pub(super) const RESTORABLE: u32 = 4_005;
/// Another reseller's, or nobody's.
pub(super) const FOREIGN: u32 = 4_009;
/// Pending, suspended or lapsed, which is not told apart.
pub(super) const NOT_ACTIVE: u32 = 4_011;
/// No price for the name or the years.
pub(super) const NO_RATE: u32 = 4_014;

/// What every answer says of itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outcome<'a> {
    #[serde(borrow, rename = "responseCode")]
    camel: Scalar<'a>,
    #[serde(borrow, rename = "response_code")]
    snake: Scalar<'a>,
    #[serde(borrow)]
    status: Scalar<'a>,
    #[serde(borrow)]
    message: Scalar<'a>,
}

/// A refusal, and its code where it has one.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: Option<u32>,
    pub(super) error: Error,
}

/// Fails where an answer is a refusal, or none at all.
///
/// The registrar's own words are kept as they are, so the credentials may be among them: seal the error before it leaves.
pub(super) fn check(answer: &Answer) -> Result<(), Refusal> {
    let outcome = match serde_json::from_slice::<Loose<Outcome<'_>>>(&answer.body) {
        Ok(Loose(outcome)) => outcome,
        Err(error) => return Err(Refusal { code: None, error: not_json(answer, &error) }),
    };
    let text = outcome.message.get().unwrap_or("no reason given");
    let code = outcome.camel.get().or(outcome.snake.get());
    if let Some(told) = code {
        // A number, or the text of one.
        let Some(code) = told.parse::<f64>().ok().filter(|code| (0.0..1e6).contains(code)).map(|code| code as u32)
        else {
            let error =
                Error::invalid_response("the answer's code is no number").with_native(Some(told.to_owned()), text);
            return Err(Refusal { code: None, error });
        };
        if code == SUCCESS {
            return Ok(());
        }
        return Err(Refusal { code: Some(code), error: stated(code, text) });
    }
    let is = |word: &str| outcome.status.get().is_some_and(|status| status.eq_ignore_ascii_case(word));
    if is("success") {
        return Ok(());
    }
    let error = if is("error") {
        Error::new(ErrorKind::Rejected, format!("the registrar refused: {text}")).with_native(None, text)
    } else {
        by_status(answer).unwrap_or_else(|| Error::invalid_response("the answer does not say whether it is one"))
    };
    Err(Refusal { code: None, error })
}

fn stated(code: u32, text: &str) -> Error {
    let (kind, what) = match code {
        NOT_FOUND => (ErrorKind::NotFound, "the registrar has no such domain"),
        FOREIGN => (
            ErrorKind::NotFound,
            "the domain is not this reseller's, perhaps it was transferred to another: a person has to look",
        ),
        4_012 => (ErrorKind::Internal, "the registrar cannot read the request"),
        4_015 => (ErrorKind::Auth, "the registrar refused the credentials (username, password)"),
        4_016 => (ErrorKind::Auth, "the reseller's account is not active"),
        5_000 => (ErrorKind::Network, "the registrar's system failed"),
        _ => (ErrorKind::Rejected, "the registrar refused"),
    };
    Error::new(kind, format!("{what}: {text}")).with_native(Some(code.to_string()), text)
}

fn not_json(answer: &Answer, error: &serde_json::Error) -> Error {
    by_status(answer).unwrap_or_else(|| unreadable(answer, error))
}

/// What an HTTP status means where the body has no code.
fn by_status(answer: &Answer) -> Option<Error> {
    let kind = match answer.status {
        200..=299 => return None,
        429 => ErrorKind::RateLimited,
        400 | 402 | 404..=407 | 409..=428 | 430..=499 => ErrorKind::Rejected,
        _ => return Some(server_error(answer)),
    };
    let code = answer.status.to_string();
    let error = Error::new(kind, format!("the registrar refused (HTTP {code})")).with_native(Some(code), "no code");
    Some(match answer.retry_after {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    })
}
