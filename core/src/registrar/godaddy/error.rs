//! How the API says no: by HTTP status, and with a code, a text and sometimes fields in a body that may be no JSON.

use std::time::Duration;

use serde::Deserialize;

use crate::registrar::http::{Answer, server_error};
use crate::registrar::loose::{Loose, Scalar};
use crate::{Error, ErrorKind};

/// How long a window is, where an answer over the limit does not say it.
const WINDOW: Duration = Duration::from_secs(60);
/// The longest wait that is believed.
const MAX_WAIT: f64 = 24.0 * 60.0 * 60.0;

/// The body of a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Refusal<'a> {
    #[serde(borrow)]
    code: Scalar<'a>,
    #[serde(borrow)]
    message: Scalar<'a>,
    #[serde(borrow)]
    retry_after_sec: Scalar<'a>,
    #[serde(borrow)]
    fields: Option<Vec<Loose<Wrong<'a>>>>,
}

/// A field of the request that the registrar does not take.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wrong<'a> {
    #[serde(borrow)]
    path: Scalar<'a>,
    #[serde(borrow)]
    message: Scalar<'a>,
}

/// Fails where an answer is a refusal.
///
/// The registrar's own words are kept as they are, so the credentials may be among them: seal the error before it leaves.
pub(super) fn check(answer: &Answer) -> Result<(), Error> {
    // 203 is an answer of which some parts could not be loaded.
    if (200..300).contains(&answer.status) { Ok(()) } else { Err(refused(answer)) }
}

fn refused(answer: &Answer) -> Error {
    let refusal = serde_json::from_slice::<Loose<Refusal<'_>>>(&answer.body).unwrap_or_default().0;
    let Some(code) = refusal.code.get() else {
        return wordless(answer);
    };
    let text = said(&refusal);
    let (kind, message) = match (answer.status, code) {
        (401, _) | (400, "UNABLE_TO_AUTHENTICATE" | "MALFORMED_CREDENTIALS") => (
            ErrorKind::Auth,
            format!(
                "the registrar refused the credentials (api_key, api_secret); production and test have keys of their own: {text}"
            ),
        ),
        (403, _) => (
            ErrorKind::Auth,
            format!(
                "the registrar gives this account no access though its key may be right: its API is for accounts with \
                 enough domains or a paid plan, and for their own shoppers: {text}"
            ),
        ),
        (404, _) => (ErrorKind::NotFound, format!("the account does not have it: {text}")),
        (429, _) => (ErrorKind::RateLimited, format!("too many requests: {text}")),
        (500.., _) => (ErrorKind::Network, format!("the registrar's system failed: {text}")),
        (408, _) => (ErrorKind::Timeout, format!("the registrar's server gave up waiting: {text}")),
        _ => (ErrorKind::Rejected, format!("the registrar refused: {text}")),
    };
    let error = Error::new(kind, message).with_native(Some(code.to_owned()), text);
    let told = refusal.retry_after_sec.get().and_then(|text| text.parse::<f64>().ok());
    let told = told.filter(|wait| *wait >= 0.0).map(|wait| Duration::from_secs_f64(wait.min(MAX_WAIT)));
    match told.or(answer.retry_after) {
        Some(wait) => error.with_retry_after(wait),
        None if kind == ErrorKind::RateLimited => error.with_retry_after(WINDOW),
        None => error,
    }
}

/// A refusal by what stands before the API.
fn wordless(answer: &Answer) -> Error {
    if answer.status == 429 {
        return Error::new(ErrorKind::RateLimited, "too many requests (HTTP 429)")
            .with_native(Some("429".to_owned()), "Too Many Requests")
            .with_retry_after(answer.retry_after.unwrap_or(WINDOW));
    }
    // A 404 without the API's words is another server's: it says nothing of a domain.
    server_error(answer)
}

/// What a refusal says, with the fields that it is about.
fn said(refusal: &Refusal<'_>) -> String {
    let mut text = refusal.message.get().unwrap_or("no reason given").to_owned();
    for Loose(field) in refusal.fields.iter().flatten() {
        let (path, message) = (field.path.get().unwrap_or_default(), field.message.get().unwrap_or_default());
        text.push_str(&format!("; {path} {message}"));
    }
    text
}
