//! The engine's statements over a PDO connection of the application's own.

use domaindesk_sync::Error;
use domaindesk_sync::store::host::{HostArg, HostDatabase, HostRefusal, HostRows};
use ext_php_rs::convert::IntoZvalDyn;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::{ClassEntry, ExecutorGlobals};

// https://www.php.net/manual/en/pdo.constants.php
const PARAM_NULL: i64 = 0;
const PARAM_INT: i64 = 1;
const PARAM_STR: i64 = 2;
const FETCH_NUM: i64 = 3;
const ATTR_DRIVER_NAME: i64 = 16;

/// Whether a value is a PDO connection.
pub(crate) fn is_connection(value: &Zval) -> bool {
    let class = ClassEntry::try_find("PDO");
    value.object().zip(class).is_some_and(|(object, class)| object.instance_of(class))
}

/// Which database a connection is of.
///
/// Fails with `config` for one that the library does not know.
pub(crate) fn database(pdo: &Zval) -> Result<HostDatabase, Error> {
    let driver = call(pdo, "getAttribute", vec![&ATTR_DRIVER_NAME]).ok().and_then(|driver| driver.string());
    match driver.as_deref() {
        Some("sqlite") => Ok(HostDatabase::Sqlite),
        Some("mysql") => Ok(HostDatabase::Mysql),
        Some("pgsql") => Ok(HostDatabase::Postgres),
        other => {
            let found = other.unwrap_or("an unknown one");
            Err(Error::config("connection", format_args!("expected PDO's driver sqlite, mysql or pgsql, got {found}")))
        }
    }
}

/// Runs a SELECT.
pub(crate) fn select(pdo: &Zval, sql: &str, args: &[HostArg]) -> Result<HostRows, HostRefusal> {
    let statement = run(pdo, sql, args)?;
    let rows = call(&statement, "fetchAll", vec![&FETCH_NUM]).map_err(|_| refusal(&statement))?;
    // Some drivers run nothing else while an answer is not read to its end.
    call(&statement, "closeCursor", vec![]).map_err(|_| refusal(&statement))?;
    let Some(rows) = rows.array() else { return Err(refusal(&statement)) };
    Ok(rows.values().map(|row| row.array().map(|row| row.values().map(text).collect()).unwrap_or_default()).collect())
}

/// Runs a statement that changes rows.
pub(crate) fn execute(pdo: &Zval, sql: &str, args: &[HostArg]) -> Result<u64, HostRefusal> {
    if args.is_empty() {
        // MySQL does not prepare statements of transactions.
        let done = call(pdo, "exec", vec![&sql]).map_err(|_| refusal(pdo))?;
        return done.long().and_then(|rows| rows.try_into().ok()).ok_or_else(|| refusal(pdo));
    }
    let statement = run(pdo, sql, args)?;
    let rows = call(&statement, "rowCount", vec![]).map_err(|_| refusal(&statement))?;
    rows.long().and_then(|rows| rows.try_into().ok()).ok_or_else(|| refusal(&statement))
}

/// Whether a transaction is open.
pub(crate) fn in_transaction(pdo: &Zval) -> Result<bool, HostRefusal> {
    Ok(call(pdo, "inTransaction", vec![]).map_err(|_| refusal(pdo))?.is_true())
}

fn run(pdo: &Zval, sql: &str, args: &[HostArg]) -> Result<Zval, HostRefusal> {
    let statement = call(pdo, "prepare", vec![&sql]).map_err(|_| refusal(pdo))?;
    if statement.object().is_none() {
        return Err(refusal(pdo));
    }
    for (place, arg) in (1_i64..).zip(args) {
        let bound = match arg {
            HostArg::Int(Some(number)) => call(&statement, "bindValue", vec![&place, number, &PARAM_INT]),
            HostArg::Int(None) => call(&statement, "bindValue", vec![&place, &Zval::null(), &PARAM_NULL]),
            HostArg::Text(text) => call(&statement, "bindValue", vec![&place, &&**text, &PARAM_STR]),
        };
        bound.map_err(|_| refusal(&statement))?;
    }
    let done = call(&statement, "execute", vec![]).map_err(|_| refusal(&statement))?;
    if done.is_true() { Ok(statement) } else { Err(refusal(&statement)) }
}

/// PHP threw; the exception is gone, since the connection remembers why.
struct Thrown;

fn call(object: &Zval, method: &str, args: Vec<&dyn IntoZvalDyn>) -> Result<Zval, Thrown> {
    let answer = object.try_call_method(method, args);
    let is_thrown = ExecutorGlobals::take_exception().is_some();
    answer.ok().filter(|_| !is_thrown).ok_or(Thrown)
}

/// Why the last thing that was asked of a connection or statement failed.
fn refusal(object: &Zval) -> HostRefusal {
    let told = call(object, "errorInfo", vec![]).unwrap_or_else(|_| Zval::null());
    let told: Vec<_> = told.array().map(|told| told.values().map(text).collect()).unwrap_or_default();
    let mut told = told.into_iter().map(Option::unwrap_or_default);
    let (sqlstate, code, message) =
        (told.next().unwrap_or_default(), told.next().unwrap_or_default(), told.next().unwrap_or_default());
    let message = match (code.as_str(), sqlstate.get(..2)) {
        // The driver's words about refused data may hold the value.
        (code, Some("22" | "23" | "45")) if !message.contains("constraint failed") => {
            format!("a row was refused, error {code}")
        }
        ("", _) => "the statement failed and PDO does not say why".to_owned(),
        (code, _) => format!("{message}, error {code}"),
    };
    HostRefusal { sqlstate: Some(sqlstate).filter(|state| !state.is_empty()), message }
}

/// A column as a text.
fn text(value: &Zval) -> Option<String> {
    let value = value.dereference();
    if let Some(text) = value.zend_str() {
        return Some(String::from_utf8_lossy(text.as_bytes()).into_owned());
    }
    let number = value.long().map(|number| number.to_string());
    let flag = || value.bool().map(|flag| u8::from(flag).to_string());
    number.or_else(|| value.double().map(|number| number.to_string())).or_else(flag)
}
