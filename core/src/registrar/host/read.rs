//! From a host's JSON to what the engine compares.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::status;
use crate::model::{
    Contact, ContactField, ContactType, Contacts, DomainName, Field, PriceAction, PriceQuote, RemoteDomain,
    RemoteStatus, StatusMeaning, TldRecord,
};
use crate::registrar::PriceList;
use crate::registrar::told::{self, shown};
use crate::{Error, ErrorKind, Result};

const NAME: [&str; 3] = ["domain", "domain_name", "name"];
const STATUS: [&str; 3] = ["status", "statuses", "domain_status"];
const EXPIRY: [&str; 7] =
    ["expires_at", "expiry_date", "expiration_date", "expires", "expiry", "expire_date", "expires_on"];
const NAMESERVERS: [&str; 3] = ["nameservers", "name_servers", "ns"];

/// The other spellings of a contact's columns.
const COLUMNS: [(ContactField, &[&str]); 10] = [
    (ContactField::FirstName, &["firstname", "firstName"]),
    (ContactField::LastName, &["lastname", "lastName"]),
    (ContactField::Organization, &["organisation", "company", "company_name"]),
    (ContactField::Email, &["email_address", "emailaddr"]),
    (ContactField::Phone, &["phone_number", "telephone"]),
    (ContactField::Address, &["address1", "address_1", "street"]),
    (ContactField::City, &[]),
    (ContactField::State, &["province", "state_province"]),
    (ContactField::PostalCode, &["zip", "zipcode", "zip_code", "postcode", "postalCode"]),
    (ContactField::Country, &["country_code"]),
];

/// The roles, with their other names.
const ROLES: [(ContactType, &[&str]); 4] = [
    (ContactType::Registrant, &["registrant", "owner"]),
    (ContactType::Admin, &["admin", "administrative"]),
    (ContactType::Tech, &["tech", "technical"]),
    (ContactType::Billing, &["billing"]),
];

/// What an answer holds: its `data`, or all of it.
///
/// Fails with what the host says where it says that it has failed.
fn data(answer: &Value) -> Result<&Map<String, Value>> {
    let Some(answer) = answer.as_object() else {
        return Err(Error::invalid_response("the answer of the registrar's class is no array with keys"));
    };
    let is_no = |value: &Value| matches!(value, Value::Bool(false)) || value.as_i64() == Some(0);
    if answer.get("success").is_some_and(is_no) {
        return Err(refusal(answer));
    }
    match answer.get("data") {
        Some(Value::Object(data)) => Ok(data),
        Some(Value::Array(list)) if list.is_empty() => Err(Error::invalid_response("the answer's `data` is empty")),
        Some(Value::Null) | None => Ok(answer),
        Some(_) => Err(Error::invalid_response("the answer's `data` is no array with keys")),
    }
}

fn refusal(answer: &Map<String, Value>) -> Error {
    let code = ["error_code", "code", "status_code"].iter().find_map(|key| text(answer.get(*key)?));
    let message = ["message", "error"].iter().find_map(|key| text(answer.get(*key)?));
    let kind = code.as_deref().and_then(kind).unwrap_or(ErrorKind::Rejected);
    let words = message.unwrap_or_else(|| "no reason was given".to_owned());
    let mut error = Error::new(kind, format!("the registrar refused: {words}")).with_native(code, words);
    if let Some(seconds) = answer.get("retry_after").and_then(Value::as_u64) {
        error = error.with_retry_after(Duration::from_secs(seconds));
    }
    error
}

/// A kind of S6.1 by its word, or what an HTTP status stands for.
pub(super) fn kind(code: &str) -> Option<ErrorKind> {
    if let Some(kind) = ErrorKind::ALL.into_iter().find(|kind| kind.as_str() == code) {
        return Some(kind);
    }
    match code.parse::<u16>().ok()? {
        401 | 403 => Some(ErrorKind::Auth),
        404 => Some(ErrorKind::NotFound),
        408 => Some(ErrorKind::Timeout),
        429 => Some(ErrorKind::RateLimited),
        500..=599 => Some(ErrorKind::Network),
        _ => None,
    }
}

/// Reads what is told of `asked`.
///
/// Fails with `invalid_response` where it is about another domain (S2.5).
pub(super) fn info(answer: &Value, asked: &DomainName, now: DateTime<Utc>) -> Result<RemoteDomain> {
    let data = data(answer)?;
    if let Some(named) = first(data, &NAME).and_then(text)
        && !DomainName::parse(&named).is_ok_and(|name| name == *asked)
    {
        return Err(Error::invalid_response(format!("the answer to {asked} is about {}", shown(&named))));
    }
    let told = [&STATUS[..], &EXPIRY, &NAMESERVERS, &["contacts"]].iter().any(|keys| first(data, keys).is_some());
    if !told {
        return Err(Error::invalid_response(format!("the answer to {asked} tells nothing about a domain")));
    }
    Ok(RemoteDomain {
        name: asked.clone(),
        remote_id: None,
        status: statuses(data),
        expires_at: expiry(data, now),
        nameservers: nameservers(data),
        contacts: contacts(data),
        change_marker: None,
        warnings: Vec::new(),
    })
}

/// The value of the first of some keys that has one.
fn first<'d>(data: &'d Map<String, Value>, keys: &[&str]) -> Option<&'d Value> {
    keys.iter().filter_map(|key| data.get(*key)).find(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    })
}

/// A scalar as a text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A list of texts; of a list of objects, what each is called.
fn texts(value: &Value) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::Object(map) => first(map, &["host", "hostname", "nameserver", "name", "status", "value"]).and_then(text),
        other => text(other),
    };
    match value {
        Value::Array(list) => list.iter().filter_map(one).collect(),
        // PHP's arrays with keys that do not count from zero.
        Value::Object(map) => map.values().filter_map(one).collect(),
        Value::String(text) => text.split([',', ';']).map(|part| part.trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn statuses(data: &Map<String, Value>) -> RemoteStatus {
    let Some(told) = first(data, &STATUS) else {
        return RemoteStatus { words: String::new(), meaning: StatusMeaning::Absent };
    };
    let words = match told {
        Value::String(word) => vec![word.trim().to_owned()],
        other => texts(other),
    };
    status::read(&words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect::<Vec<_>>())
}

fn expiry(data: &Map<String, Value>, now: DateTime<Utc>) -> Field<DateTime<Utc>> {
    let Some(told) = first(data, &EXPIRY) else {
        return Field::Absent;
    };
    let end = match told {
        Value::Object(date) => php_date(date),
        Value::Number(seconds) => seconds.as_i64().and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
        Value::String(text) => instant(text),
        _ => None,
    };
    match end.filter(|end| told::can_end(*end, now)) {
        Some(end) => Field::Known(end),
        None => Field::Unreadable(shown(&text(told).unwrap_or_else(|| told.to_string())).into_owned()),
    }
}

/// What PHP's `json_encode` makes of a `DateTime`: wall clock, and a zone by its name or offset.
fn php_date(date: &Map<String, Value>) -> Option<DateTime<Utc>> {
    let clock = date.get("date")?.as_str()?;
    let zone = date.get("timezone").and_then(Value::as_str).unwrap_or("UTC");
    if let Ok(zone) = zone.parse::<chrono_tz::Tz>() {
        return zone.from_local_datetime(&instant(clock)?.naive_utc()).earliest().map(|end| end.with_timezone(&Utc));
    }
    DateTime::parse_from_str(&format!("{clock} {zone}"), "%Y-%m-%d %H:%M:%S%.f %:z").ok().map(Into::into)
}

/// An instant; without a zone it is UTC, and a day alone is its midnight (S3.4).
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.into());
    }
    let clock = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN));
    clock.or_else(day).map(|clock| clock.and_utc())
}

fn nameservers(data: &Map<String, Value>) -> Field<crate::model::Nameservers> {
    let Some(told) = first(data, &NAMESERVERS) else {
        return Field::Absent;
    };
    let hosts = texts(told);
    told::nameservers(&hosts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn contacts(data: &Map<String, Value>) -> Contacts {
    let mut contacts = Contacts::default();
    let Some(told) = data.get("contacts").and_then(Value::as_object) else { return contacts };
    for (kind, names) in ROLES {
        if let Some(person) = first(told, names).and_then(Value::as_object) {
            contacts.set(kind, contact(person));
        }
    }
    contacts
}

fn contact(person: &Map<String, Value>) -> Contact {
    let mut contact = Contact::default();
    if let Some(name) = first(person, &["name", "full_name"]).and_then(text) {
        contact.set_full_name(&name);
    }
    for (field, others) in COLUMNS {
        let told = first(person, &[field.column()]).or_else(|| first(person, others));
        if let Some(value) = told.and_then(text) {
            contact.set(field, &value);
        }
    }
    let further = first(person, &["address2", "address_2"]).and_then(text);
    if let (Some(line), Some(further)) = (contact.get(ContactField::Address), further) {
        let both = format!("{line}, {further}");
        contact.set(ContactField::Address, &both);
    }
    contact
}

/// Reads the prices of `tld` into `list`.
///
/// Fails with `invalid_response` for a price that cannot be, and for a TLD in another currency than those before (S5.5).
pub(super) fn prices(answer: &Value, tld: &TldRecord, list: &mut PriceList) -> Result<()> {
    let data = data(answer)?;
    if let Some(currency) = first(data, &["currency"]).and_then(text) {
        let currency = currency.parse()?;
        if *list.currency.get_or_insert(currency) != currency {
            return Err(Error::invalid_response(format!("the prices of {} are in {currency}", shown(&tld.extension))));
        }
    }
    let actions = [
        (PriceAction::Register, ["register", "registration", "create"]),
        (PriceAction::Renew, ["renew", "renewal", "renewals"]),
        (PriceAction::Transfer, ["transfer", "transfers", "transfer_in"]),
    ];
    let mut quotes = Vec::new();
    for (action, keys) in actions {
        let Some(told) = first(data, &keys) else { continue };
        for (years, price) in by_years(told) {
            let price: Option<Decimal> = text(price).and_then(|price| price.parse().ok());
            let price = price.filter(|price| !price.is_sign_negative()).ok_or_else(|| {
                let (tld, action) = (shown(&tld.extension), action.as_str());
                Error::invalid_response(format!("the price of {tld} for {action}, {years} years, is no amount"))
            })?;
            quotes.push(PriceQuote { tld: tld.extension.clone(), action, years, price });
        }
    }
    if quotes.is_empty() {
        return Err(Error::invalid_response(format!("the answer holds no price of {}", shown(&tld.extension))));
    }
    list.quotes.append(&mut quotes);
    Ok(())
}

/// Totals by years: a single amount is that of one year.
fn by_years(told: &Value) -> Vec<(u8, &Value)> {
    let year = |years: &str| years.parse().ok().filter(|years| (1..=10).contains(years));
    match told {
        Value::Object(map) => map.iter().filter_map(|(years, price)| Some((year(years)?, price))).collect(),
        // `[1 => …, 2 => …]` has keys, a list counts from one year.
        Value::Array(list) => (1..=10).zip(list).collect(),
        price => vec![(1, price)],
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{DomainStatus, TldId};

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap()
    }

    fn read(answer: Value) -> Result<RemoteDomain> {
        info(&answer, &DomainName::parse("example.com").unwrap(), now())
    }

    #[test]
    fn the_data_is_read_with_and_without_a_frame_and_by_its_other_names() {
        let data = json!({"domain": "EXAMPLE.com", "status": "Active", "expiry_date": "2027-01-31",
            "nameservers": ["NS1.example.net", {"host": "ns2.example.net"}],
            "contacts": {"owner": {"name": "Ada King Lovelace", "zip": 1234, "address1": "Road 1", "address2": "Flat 2"}}});
        for answer in [data.clone(), json!({"success": true, "data": data})] {
            let remote = read(answer).unwrap();
            assert_eq!(remote.status.meaning, StatusMeaning::Known(DomainStatus::Active));
            assert_eq!(remote.expires_at.known().unwrap().to_rfc3339(), "2027-01-31T00:00:00+00:00", "S3.4");
            assert_eq!(
                remote.nameservers.known().unwrap().iter().collect::<Vec<_>>(),
                ["ns1.example.net", "ns2.example.net"]
            );
            let owner = remote.contacts.get(ContactType::Registrant).unwrap();
            let told: Vec<_> = owner.iter().map(|(_, value)| value).collect();
            assert_eq!(told, ["Ada King", "Lovelace", "Road 1, Flat 2", "1234"], "S3.6");
        }
    }

    #[test]
    fn every_way_to_write_an_instant_is_understood_and_others_are_told() {
        for (told, expected) in [
            (json!("2027-01-31T23:30:00-02:00"), Some("2027-02-01T01:30:00+00:00")),
            (json!("2027-01-31 10:20:30"), Some("2027-01-31T10:20:30+00:00")),
            (
                json!({"date": "2027-01-31 10:20:30.000000", "timezone_type": 3, "timezone": "UTC"}),
                Some("2027-01-31T10:20:30+00:00"),
            ),
            (
                json!({"date": "2027-01-31 23:20:30.000000", "timezone_type": 3, "timezone": "America/New_York"}),
                Some("2027-02-01T04:20:30+00:00"),
            ),
            (
                json!({"date": "2027-01-31 23:20:30.000000", "timezone_type": 1, "timezone": "-02:00"}),
                Some("2027-02-01T01:20:30+00:00"),
            ),
            (json!(1_801_440_000), Some("2027-02-01T00:00:00+00:00")),
            (json!("soon"), None),
            (json!(0), None),
            (json!("2099-01-01"), None),
        ] {
            let remote = read(json!({"status": "ok", "expires_at": told})).unwrap();
            let known = remote.expires_at.known().map(DateTime::to_rfc3339);
            assert_eq!(known.as_deref(), expected, "S3.4 {told}");
            assert!(expected.is_some() || matches!(remote.expires_at, Field::Unreadable(_)), "S2.3");
        }
    }

    #[test]
    fn what_is_not_told_stays_as_it_is() {
        let remote = read(
            json!({"status": null, "nameservers": [], "expires_at": "", "contacts": {"admin": {}}, "ns": "a.example"}),
        );
        let remote = remote.unwrap();
        assert_eq!(remote.status.meaning, StatusMeaning::Absent, "S2.3");
        assert_eq!(remote.expires_at, Field::Absent, "S2.3");
        assert_eq!(remote.nameservers.known().unwrap().len(), 1);
        assert!(remote.contacts.get(ContactType::Admin).is_none(), "S2.3");
    }

    #[test]
    fn no_answer_about_the_domain_is_none() {
        for answer in [
            json!([]),
            json!("yes"),
            json!({"success": true, "data": []}),
            json!({"hello": 1}),
            json!({"success": true}),
            json!({"domain": "other.com", "status": "ok"}),
            json!({"data": "text"}),
        ] {
            assert_eq!(read(answer.clone()).unwrap_err().kind(), ErrorKind::InvalidResponse, "S2.5 {answer}");
        }
    }

    #[test]
    fn a_refusal_has_the_kind_that_it_tells() {
        for (code, kind) in [
            (json!("not_found"), ErrorKind::NotFound),
            (json!(404), ErrorKind::NotFound),
            (json!("401"), ErrorKind::Auth),
            (json!(429), ErrorKind::RateLimited),
            (json!(503), ErrorKind::Network),
            (json!("E-17"), ErrorKind::Rejected),
            (json!(null), ErrorKind::Rejected),
        ] {
            let error =
                read(json!({"success": false, "message": "No!", "error_code": code, "retry_after": 7})).unwrap_err();
            assert_eq!((error.kind(), error.retry_after()), (kind, Some(Duration::from_secs(7))), "S6.1 {code}");
            assert!(error.message().ends_with("No!"), "{error}");
        }
    }

    #[test]
    fn prices_are_totals_by_years_in_one_currency() {
        let tld = TldRecord { id: TldId(1), extension: "com".to_owned(), min_years: 1, max_years: 10 };
        let mut list = PriceList::default();
        let answer = json!({"success": true, "data": {"currency": "usd", "register": 9.99, "renew": {"1": "10.49", "2": 20.98}, "transfer": null}});
        prices(&answer, &tld, &mut list).unwrap();
        let quotes: Vec<_> =
            list.quotes.iter().map(|quote| (quote.action, quote.years, quote.price.to_string())).collect();
        let expected =
            [(PriceAction::Register, 1, "9.99"), (PriceAction::Renew, 1, "10.49"), (PriceAction::Renew, 2, "20.98")];
        assert_eq!(quotes, expected.map(|(action, years, price)| (action, years, price.to_owned())), "S5.2");
        for wrong in [
            json!({"register": "cheap"}),
            json!({"register": -1}),
            json!({"currency": "EUR", "register": 1}),
            json!({"fee": 1}),
        ] {
            assert_eq!(prices(&wrong, &tld, &mut list).unwrap_err().kind(), ErrorKind::InvalidResponse, "S5.5 {wrong}");
        }
        assert_eq!(list.quotes.len(), 3);
    }
}
