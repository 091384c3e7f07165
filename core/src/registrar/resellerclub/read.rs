//! From what the API sends to what the engine compares.

use chrono::{DateTime, Utc};

use super::status::{self, State};
use super::wire::{Details, Person, Row, Scalar, Words};
use crate::config::RegistrarConfig;
use crate::model::{Contact, ContactField, ContactType, Contacts, DomainName, Field, Nameservers, RemoteDomain};
use crate::registrar::told;
pub(super) use crate::registrar::told::shown;
use crate::{Error, Result};

/// Reads the details of `asked`. Contacts of which the answer has the id alone are left to
/// [`missing_contacts`].
///
/// Fails with `invalid_response` when the answer names no domain, or another one (S2.5).
pub(super) fn details(
    details: &Details<'_>,
    asked: &DomainName,
    config: &RegistrarConfig,
    now: DateTime<Utc>,
) -> Result<RemoteDomain> {
    let named = details.domainname.get().or(details.description.get());
    let named = named.ok_or_else(|| Error::invalid_response(format!("the answer to {asked} names no domain")))?;
    let name = DomainName::parse(named)
        .ok()
        .filter(|name| name == asked)
        .ok_or_else(|| Error::invalid_response(format!("the answer to {asked} is about {}", shown(named))))?;

    let expires_at = expiry(details.endtime.get(), now);
    let state = State {
        current: details.currentstatus.get(),
        order: &details.orderstatus,
        domain: &details.domainstatus,
        raa: details.raa.get(),
        action: details.actiontype.get(),
        end: expires_at.known().copied(),
        is_row: false,
    };
    let (status, warning) = status::read(&state, now, config.grace_days_for(name.as_str()));
    Ok(RemoteDomain {
        remote_id: details.orderid.get().or(details.entityid.get()).map(str::to_owned),
        name,
        status,
        expires_at,
        nameservers: nameservers(details),
        contacts: contacts(details),
        change_marker: None,
        warnings: warning.map(str::to_owned).into_iter().collect(),
    })
}

/// Reads a row of the list; `None` when it names no domain.
pub(super) fn row(row: &Row<'_>, config: &RegistrarConfig, now: DateTime<Utc>) -> Option<RemoteDomain> {
    let name = DomainName::parse(row.name.get()?).ok()?;
    let expires_at = expiry(row.endtime.get(), now);
    let none = Words::default();
    let state = State {
        current: row.currentstatus.get(),
        order: &none,
        domain: &none,
        raa: None,
        action: None,
        end: expires_at.known().copied(),
        is_row: true,
    };
    let (status, warning) = status::read(&state, now, config.grace_days_for(name.as_str()));
    Some(RemoteDomain {
        remote_id: row.orderid.get().or(row.entityid.get()).map(str::to_owned),
        name,
        status,
        expires_at,
        nameservers: Field::Absent,
        contacts: Contacts::default(),
        change_marker: row.timestamp.get().map(str::to_owned),
        warnings: warning.map(str::to_owned).into_iter().collect(),
    })
}

/// The roles whose contact is told by id alone, with that id.
pub(super) fn missing_contacts<'a>(details: &'a Details<'_>) -> Vec<(ContactType, &'a str)> {
    ContactType::ALL
        .into_iter()
        .zip(&details.contacts)
        .zip(&details.contact_ids)
        .filter(|((_, person), _)| contact(person).is_empty())
        // Some ccTLDs have no such role and say -1.
        .filter_map(|((kind, _), id)| Some((kind, id.get()?)).filter(|(_, id)| is_id(id)))
        .collect()
}

/// One contact.
pub(super) fn contact(person: &Person<'_>) -> Contact {
    let mut contact = Contact::default();
    // In the table's order, in which a contact grows without moving what it holds.
    contact.set_full_name(person.name.get().unwrap_or_default());
    let mut set = |field, value: &Scalar<'_>| contact.set(field, value.get().unwrap_or_default());
    set(ContactField::Organization, &person.company);
    set(ContactField::Email, &person.emailaddr);
    contact.set(ContactField::Phone, &phone(person.telnocc.get(), person.telno.get()));
    let lines = [&person.address1, &person.address2, &person.address3];
    let address: Vec<_> = lines.into_iter().filter_map(|line| line.get()).collect();
    contact.set(ContactField::Address, &address.join(", "));
    let mut set = |field, value: &Scalar<'_>| contact.set(field, value.get().unwrap_or_default());
    set(ContactField::City, &person.city);
    set(ContactField::State, &person.state);
    set(ContactField::PostalCode, &person.zip);
    set(ContactField::Country, &person.country);
    contact
}

fn contacts(details: &Details<'_>) -> Contacts {
    let is_private = details.isprivacyprotected.is_true();
    let mut contacts = Contacts::default();
    for ((kind, person), stand_in) in ContactType::ALL.into_iter().zip(&details.contacts).zip(&details.stand_ins) {
        let contact = contact(person);
        // No source says for certain that the plain objects stay the real ones while privacy is on (S3.6).
        if !(is_private && contact == self::contact(stand_in)) {
            contacts.set(kind, contact);
        }
    }
    contacts
}

/// The end of a registration: seconds since 1970, as text.
fn expiry(text: Option<&str>, now: DateTime<Utc>) -> Field<DateTime<Utc>> {
    let Some(text) = text else {
        return Field::Absent;
    };
    let end = text.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match end {
        Some(end) if told::can_end(end, now) => Field::Known(end),
        _ => Field::Unreadable(format!("endtime {}", shown(text))),
    }
}

/// The nameservers, all or none: a part of them would take the others from the domain (S2.5).
fn nameservers(details: &Details<'_>) -> Field<Nameservers> {
    let hosts: Vec<_> = details.nameservers.iter().filter_map(|(_, host)| host.get()).collect();
    if hosts.is_empty() {
        return Field::Absent;
    }
    let announced = details.nameserver_count.get().and_then(|count| count.parse().ok()).unwrap_or(0);
    if hosts.len() < announced {
        return Field::Unreadable(format!("{} of {announced} nameservers", hosts.len()));
    }
    told::nameservers(&hosts)
}

/// A phone number as registries write it: `+44.2079460000`.
fn phone(code: Option<&str>, number: Option<&str>) -> String {
    let Some(number) = number else {
        return String::new();
    };
    let code = code.map(|code| code.trim_start_matches(['+', '0'])).filter(|code| !code.is_empty());
    let Some(code) = code else {
        return number.to_owned();
    };
    let international = number.strip_prefix('+').or_else(|| number.strip_prefix("00"));
    let number = match (international, number.strip_prefix(code)) {
        (Some(number), _) => number.strip_prefix(code).unwrap_or(number),
        (None, Some(rest)) if repeats_code(code, number) => rest,
        _ => number,
    };
    format!("+{code}.{}", number.trim_start_matches([' ', '.', '-']))
}

/// Whether a number that starts with the digits of its country code holds that code a second time.
///
/// National numbers have ten digits at most in the countries with a code of one or two digits, and some start with the
/// digits of their code (+7.7012345678, +39.3921234567): there only a longer one repeats it. Behind a code of three
/// digits they are shorter, and one that starts with the code is taken to repeat it.
fn repeats_code(code: &str, number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if code.len() >= 3 { digits > code.len() + 4 } else { digits > 10 }
}

fn is_id(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_digit()) && id.bytes().any(|byte| byte != b'0')
}
