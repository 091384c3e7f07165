//! From what the API sends to what the engine compares.
//!
//! What is not named here, the transfer's `authCode` above all, is skipped inside the parser and never becomes a value.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::Deserialize;

use super::status::{self, State};
use crate::model::{
    Contact, ContactField, ContactType, Contacts, DomainName, Field, Nameservers, RemoteDomain, StatusMeaning,
};
use crate::registrar::loose::{Loose, Scalar, Words};
use crate::registrar::told::{self, shown};
use crate::{Error, Result};

/// A domain, in the list and alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Domain<'a> {
    #[serde(borrow)]
    domain: Scalar<'a>,
    #[serde(borrow)]
    status: Scalar<'a>,
    #[serde(borrow)]
    expires: Scalar<'a>,
    #[serde(borrow)]
    created_at: Scalar<'a>,
    #[serde(borrow)]
    deleted_at: Scalar<'a>,
    #[serde(borrow)]
    hold_registrar: Scalar<'a>,
    #[serde(borrow)]
    name_servers: Words<'a>,
    #[serde(borrow)]
    contact_registrant: Loose<Person<'a>>,
    #[serde(borrow)]
    contact_admin: Loose<Person<'a>>,
    #[serde(borrow)]
    contact_tech: Loose<Person<'a>>,
    #[serde(borrow)]
    contact_billing: Loose<Person<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Person<'a> {
    #[serde(borrow)]
    name_first: Scalar<'a>,
    #[serde(borrow)]
    name_middle: Scalar<'a>,
    #[serde(borrow)]
    name_last: Scalar<'a>,
    #[serde(borrow)]
    organization: Scalar<'a>,
    #[serde(borrow)]
    email: Scalar<'a>,
    #[serde(borrow)]
    phone: Scalar<'a>,
    #[serde(borrow)]
    address_mailing: Loose<Address<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Address<'a> {
    #[serde(borrow)]
    address1: Scalar<'a>,
    #[serde(borrow)]
    address2: Scalar<'a>,
    #[serde(borrow)]
    city: Scalar<'a>,
    #[serde(borrow)]
    state: Scalar<'a>,
    #[serde(borrow)]
    postal_code: Scalar<'a>,
    #[serde(borrow)]
    country: Scalar<'a>,
}

/// Reads the details of `asked`.
///
/// Fails with `invalid_response` where they are another domain's (S2.5).
pub(super) fn info(domain: &Domain<'_>, asked: &DomainName, now: DateTime<Utc>) -> Result<RemoteDomain> {
    let named = domain.domain.get();
    let named = named.ok_or_else(|| Error::invalid_response(format!("the answer to {asked} names no domain")))?;
    match DomainName::parse(named) {
        Ok(name) if name == *asked => Ok(read(domain, name, false, now)),
        _ => Err(Error::invalid_response(format!("the answer to {asked} is about {}", shown(named)))),
    }
}

fn read(domain: &Domain<'_>, name: DomainName, row: bool, now: DateTime<Utc>) -> RemoteDomain {
    let expires_at = expiry(domain.expires.get(), now);
    let state = State {
        word: domain.status.get(),
        row,
        deleted: domain.deleted_at.get().is_some(),
        end: expires_at.known().copied(),
    };
    let status = status::read(state, now);
    let leaving = status::leaving(&status.words).map(|what| format!("the domain {what} (`{}`)", status.words));
    let held =
        domain.hold_registrar.is_true().then(|| "the registrar holds the domain: it does not resolve".to_owned());
    RemoteDomain {
        name,
        // No request takes the API's id.
        remote_id: None,
        status,
        expires_at,
        nameservers: nameservers(&domain.name_servers),
        contacts: contacts(domain),
        change_marker: None,
        warnings: leaving.into_iter().chain(held).collect(),
    }
}

/// `null` is what was not asked for, and says nothing of a domain that has none.
fn nameservers(hosts: &Words<'_>) -> Field<Nameservers> {
    told::nameservers(&hosts.iter().collect::<Vec<_>>())
}

fn expiry(text: Option<&str>, now: DateTime<Utc>) -> Field<DateTime<Utc>> {
    let Some(text) = text else {
        return Field::Absent;
    };
    match instant(text).filter(|end| told::can_end(*end, now)) {
        Some(end) => Field::Known(end),
        None => Field::Unreadable(format!("expires {}", shown(text))),
    }
}

/// ISO 8601, with or without fractions; UTC where no zone is told, midnight where no time is (S3.4, S3.8).
fn instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    let zoneless = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN));
    zoneless.or_else(|_| day()).ok().map(|instant| instant.and_utc())
}

fn contacts(domain: &Domain<'_>) -> Contacts {
    let mut contacts = Contacts::default();
    let people = [
        (ContactType::Registrant, &domain.contact_registrant),
        (ContactType::Admin, &domain.contact_admin),
        (ContactType::Tech, &domain.contact_tech),
        (ContactType::Billing, &domain.contact_billing),
    ];
    for (kind, Loose(person)) in people {
        let contact = contact(person);
        if contact != Contact::default() {
            contacts.set(kind, contact);
        }
    }
    contacts
}

fn contact(person: &Person<'_>) -> Contact {
    let Loose(address) = &person.address_mailing;
    let joined =
        |parts: [&Scalar<'_>; 2], by: &str| parts.into_iter().filter_map(Scalar::get).collect::<Vec<_>>().join(by);
    let fields = [
        (ContactField::FirstName, &*joined([&person.name_first, &person.name_middle], " ")),
        (ContactField::LastName, person.name_last.get().unwrap_or_default()),
        (ContactField::Organization, person.organization.get().unwrap_or_default()),
        (ContactField::Email, person.email.get().unwrap_or_default()),
        (ContactField::Phone, person.phone.get().unwrap_or_default()),
        (ContactField::Address, &*joined([&address.address1, &address.address2], ", ")),
        (ContactField::City, address.city.get().unwrap_or_default()),
        (ContactField::State, address.state.get().unwrap_or_default()),
        (ContactField::PostalCode, address.postal_code.get().unwrap_or_default()),
        (ContactField::Country, address.country.get().unwrap_or_default()),
    ];
    let mut contact = Contact::default();
    for (field, value) in fields {
        contact.set(field, value);
    }
    contact
}

/// A page of the list.
#[derive(Debug)]
pub(super) struct List {
    pub(super) rows: Vec<RemoteDomain>,
    /// How many rows name no domain.
    pub(super) unreadable: usize,
    /// The name behind which the next page begins, where there may be one.
    pub(super) next: Option<String>,
}

/// Reads the page behind `after`. One shorter than `size` is the last.
///
/// Of several living entries of one name the one that was created last counts; those that ended stay beside it and say
/// nothing. Fails with `invalid_response` for a full page that does not say where the next begins.
pub(super) fn list(told: &[Loose<Domain<'_>>], after: Option<&str>, size: usize, now: DateTime<Utc>) -> Result<List> {
    let mut rows: Vec<(RemoteDomain, Option<DateTime<Utc>>)> = Vec::with_capacity(told.len());
    let mut living: HashMap<DomainName, usize> = HashMap::new();
    let mut unreadable = 0;
    for Loose(domain) in told {
        let Some(name) = domain.domain.get().and_then(|name| DomainName::parse(name).ok()) else {
            unreadable += 1;
            continue;
        };
        let created = domain.created_at.get().and_then(instant);
        let row = read(domain, name, true, now);
        if row.status.meaning == StatusMeaning::Gone {
            rows.push((row, created));
            continue;
        }
        match living.entry(row.name.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(rows.len());
                rows.push((row, created));
            }
            Entry::Occupied(entry) => {
                if let Some(before) = rows.get_mut(*entry.get()).filter(|(_, before)| *before < created) {
                    *before = (row, created);
                }
            }
        }
    }
    let next = if told.len() < size {
        None
    } else {
        let last = told.last().and_then(|Loose(domain)| domain.domain.get());
        let last =
            last.ok_or_else(|| Error::invalid_response("a full page of the list ends with a row without name"))?;
        // A page that ends where it began is followed by itself.
        Some(last).filter(|last| Some(*last) != after).map(str::to_owned)
    };
    Ok(List { rows: rows.into_iter().map(|(row, _)| row).collect(), unreadable, next })
}
