//! How the API says no: with HTTP 200, a count of errors, their texts, and six-digit numbers; or with the code of the
//! registry that it asked. The texts decide before the numbers do.

use crate::registrar::http::{Answer, server_error};
use crate::registrar::xml::Element;
use crate::{Error, ErrorKind};

/// Texts by which an error is told apart, in lower case, in the order in which they are looked for.
const TEXTS: [(&str, ErrorKind); 11] = [
    ("user not permitted from this ip address", ErrorKind::Auth),
    ("policy error; unauthorized; user", ErrorKind::Auth),
    ("bad user name or password", ErrorKind::Auth),
    ("domain name not found", ErrorKind::NotFound),
    ("no results found", ErrorKind::NotFound),
    ("the domain does not belong to this account", ErrorKind::NotFound),
    ("object does not exist", ErrorKind::NotFound),
    ("command blocked", ErrorKind::NotFound),
    ("authorization error", ErrorKind::NotFound),
    ("timeout", ErrorKind::Network),
    ("try again", ErrorKind::Network),
];
const BAD_LOGIN: &str = "304155";
const BAD_ADDRESS: &str = "713254";

/// Why an answer is none.
#[derive(Debug)]
pub(super) enum Broken {
    /// It is no XML of the API: worth asking once more.
    Unreadable(Error),
    /// It is, and says no; or it is no answer by its HTTP status.
    Refused(Error),
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Unreadable(error) | Broken::Refused(error) => error,
        }
    }
}

/// The root of an answer, unless the answer is an error.
///
/// The registrar's own words are kept as they are, so the credentials may be among them: seal the error before it leaves.
pub(super) fn read(answer: &Answer) -> Result<Element, Broken> {
    let unreadable = |error: Error| {
        // Anything but 200 is a failure of the transport, which the engine knows how to try again.
        let is_success = (200..300).contains(&answer.status);
        Err(if is_success { Broken::Unreadable(error) } else { Broken::Refused(server_error(answer)) })
    };
    let root = match Element::parse(&answer.body) {
        Ok(root) if root.is("interface-response") => root,
        Ok(_) => return unreadable(Error::invalid_response("the answer is XML of another kind than the API's")),
        Err(error) => return unreadable(Error::invalid_response(error.to_string())),
    };
    if !root.text_of("Done").is_some_and(|done| done.eq_ignore_ascii_case("true")) {
        return Err(Broken::Refused(Error::new(ErrorKind::Network, "the answer is cut off: it is not marked as done")));
    }
    let Some(count) = root.text_of("ErrCount").and_then(|count| count.parse::<u32>().ok()) else {
        return Err(Broken::Refused(Error::invalid_response("the answer does not say whether it is an error")));
    };
    // Of availability checks, which are not made here, 210 and 211 are answers.
    let refused = root.text_of("RRPCode").filter(|code| !["200", "210", "211"].contains(code));
    if count > 0 || refused.is_some() {
        return Err(Broken::Refused(stated(&root, refused)));
    }
    Ok(root)
}

/// The error that a body states.
fn stated(root: &Element, rrp_code: Option<&str>) -> Error {
    let texts: Vec<_> =
        root.child("errors").into_iter().flat_map(Element::children).filter_map(Element::text).collect();
    let responses: Vec<_> = root.child("responses").into_iter().flat_map(|all| all.all("response")).collect();
    let numbers: Vec<_> = responses.iter().filter_map(|response| response.text_of("ResponseNumber")).collect();
    let strings = responses.iter().filter_map(|response| response.text_of("ResponseString"));
    let all: Vec<_> = texts.into_iter().chain(rrp_code.and(root.text_of("RRPText"))).chain(strings).collect();

    let lower = all.join("\n").to_lowercase();
    let by_text = TEXTS.iter().find(|(mark, _)| lower.contains(mark)).map(|(_, kind)| *kind);
    let by_number = numbers.iter().map(|number| kind(number)).find(|kind| *kind != ErrorKind::Rejected);
    let kind = by_text.or(by_number).unwrap_or(ErrorKind::Rejected);

    let text = all.first().copied().unwrap_or("no reason given");
    let is_address = lower.contains(TEXTS[0].0) || lower.contains(TEXTS[1].0) || numbers.contains(&BAD_ADDRESS);
    let message = match kind {
        ErrorKind::Auth if is_address => format!(
            "the registrar refuses this machine's address, not the password: have its public IPv4 address registered with \
             Enom, for the live and the test system each: {text}"
        ),
        ErrorKind::Auth => format!("the registrar refused the credentials (uid, pw): {text}"),
        ErrorKind::NotFound => format!("the account does not have it: {text}"),
        ErrorKind::Network => format!("the registrar's system, or the registry's, failed: {text}"),
        _ => format!("the registrar refused: {text}"),
    };
    let code = numbers.first().copied().or(rrp_code);
    Error::new(kind, message).with_native(code.map(str::to_owned), text)
}

/// By a six-digit number: its first digit is the system that said no, 2 the registry and 6 Enom's own.
fn kind(number: &str) -> ErrorKind {
    let is_number = number.len() == 6 && number.bytes().all(|byte| byte.is_ascii_digit());
    match number {
        BAD_LOGIN | BAD_ADDRESS => ErrorKind::Auth,
        _ if is_number && number.starts_with(['2', '6']) => ErrorKind::Network,
        _ => ErrorKind::Rejected,
    }
}
