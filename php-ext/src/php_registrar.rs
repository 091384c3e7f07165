//! Registrars written in PHP: objects with `getInfo(string $domain)` and perhaps `getTldPricing(string $tld)`.

use domaindesk_sync::registrar::host::kind_of;
use domaindesk_sync::{Error, ErrorKind};
use ext_php_rs::boxed::ZBox;
use ext_php_rs::types::{ZendCallable, ZendObject, Zval};
use ext_php_rs::zend::{ClassEntry, ExecutorGlobals, ce};
use serde_json::Value;

use crate::host::{method_of, put_pending};

/// `JSON_PRESERVE_ZERO_FRACTION | JSON_PARTIAL_OUTPUT_ON_ERROR`: what cannot be told is null, and so not touched.
const FLAGS: i64 = 1024 | 512;

/// Exceptions of clients that could not reach the server.
const UNREACHED: [&str; 2] =
    ["GuzzleHttp\\Exception\\ConnectException", "Illuminate\\Http\\Client\\ConnectionException"];

/// Calls a method with a text. What it throws is the error.
pub(crate) fn ask(object: &Zval, method: &str, about: &str) -> Result<Value, Error> {
    let callable = method_of(object, method).and_then(ZendCallable::new_owned);
    let called = callable.and_then(|callable| callable.try_call(vec![&about]));
    if let Some(exception) = ExecutorGlobals::take_exception() {
        return Err(thrown(exception));
    }
    let answer = called.map_err(|error| {
        Error::new(ErrorKind::Config, format!("the registrar's class cannot be asked: {method}(): {error}"))
    })?;
    json(&answer)
}

/// PHP's own JSON, by which dates, collections and enums have the form that the application gives them.
fn json(answer: &Zval) -> Result<Value, Error> {
    let text = ZendCallable::try_from_name("json_encode").and_then(|encode| encode.try_call(vec![answer, &FLAGS]));
    if let Some(exception) = ExecutorGlobals::take_exception() {
        return Err(thrown(exception));
    }
    let unreadable = || Error::invalid_response("the answer of the registrar's class has no JSON form");
    let text = text.map_err(|_| unreadable())?;
    let text = text.zend_str().ok_or_else(unreadable)?;
    serde_json::from_slice(text.as_bytes()).map_err(|error| unreadable().with_source(error))
}

/// An exception as an error: its own kind where it has one, else what its code is as an HTTP status. `exit`, which is none
/// that PHP code could catch, stays pending.
fn thrown(exception: ZBox<ZendObject>) -> Error {
    if !exception.instance_of(ce::throwable()) {
        put_pending(exception.into_raw());
        return Error::cancelled();
    }
    let get = |method: &str| exception.try_call_method(method, vec![]).ok();
    let message = get("getMessage").and_then(|text| text.string()).unwrap_or_default();
    // `getKind` of an exception that has none such is no error of anybody's.
    let kind = get("getKind").and_then(|kind| kind.string());
    drop(ExecutorGlobals::take_exception());
    let code = get("getCode").and_then(|code| code.long());
    let unreached = || {
        let classes = UNREACHED.iter().filter_map(|name| ClassEntry::try_find(name));
        classes.into_iter().any(|class| exception.instance_of(class)).then_some(ErrorKind::Network)
    };
    let kind = kind
        .and_then(|kind| kind_of(&kind))
        .or_else(unreached)
        .or_else(|| kind_of(&code?.to_string()))
        .unwrap_or(ErrorKind::Rejected);
    let class = exception.get_class_name().unwrap_or_else(|_| "an exception".to_owned());
    let words = if message.is_empty() { class } else { format!("{class}: {message}") };
    Error::new(kind, words.clone()).with_native(code.map(|code| code.to_string()), words)
}
