//! From what the API sends to what the engine compares.
//!
//! What is not named here, the registrant's national identity number above all, is skipped inside the parser and never
//! becomes a value.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::config::RegistrarConfig;
use crate::model::{
    Contact, ContactField, ContactType, Contacts, DomainName, DomainStatus, Field, RemoteDomain, RemoteStatus,
    StatusMeaning,
};
use crate::registrar::loose::Scalar;
use crate::registrar::told::{self, shown};
use crate::{Error, Result};

/// A domain.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Domain<'a> {
    #[serde(borrow)]
    domain: Scalar<'a>,
    #[serde(borrow)]
    expiry_date: Scalar<'a>,
    #[serde(borrow)]
    primary_dns: Scalar<'a>,
    #[serde(borrow)]
    secondary_dns: Scalar<'a>,
    #[serde(borrow)]
    tertiary_dns: Scalar<'a>,
    #[serde(borrow)]
    client_full_name: Scalar<'a>,
    #[serde(borrow)]
    client_email: Scalar<'a>,
    #[serde(borrow)]
    client_contact_address: Scalar<'a>,
    #[serde(borrow)]
    client_contact_number: Scalar<'a>,
}

/// Reads the answer about `asked`. Its `status` is the outcome of the call: the domain's own follows from its end.
///
/// Fails with `invalid_response` where it is about another domain (S2.5).
pub(super) fn info(
    told: &Domain<'_>,
    asked: &DomainName,
    config: &RegistrarConfig,
    now: DateTime<Utc>,
) -> Result<RemoteDomain> {
    if let Some(named) = told.domain.get()
        && DomainName::parse(named).ok().as_ref() != Some(asked)
    {
        return Err(Error::invalid_response(format!("the answer to {asked} is about {}", shown(named))));
    }
    let expires_at = match told.expiry_date.get() {
        None => Field::Absent,
        Some(text) => match date(text).filter(|end| told::can_end(*end, now)) {
            Some(end) => Field::Known(end),
            None => Field::Unreadable(format!("expiryDate {}", shown(text))),
        },
    };
    let status = status(expires_at.known().copied(), grace_days(config, asked), now);
    let hosts = [&told.primary_dns, &told.secondary_dns, &told.tertiary_dns];
    let hosts: Vec<_> = hosts.into_iter().filter_map(Scalar::get).collect();
    Ok(RemoteDomain {
        expires_at,
        nameservers: told::nameservers(&hosts),
        contacts: contacts(told),
        ..known_by_status(asked, status.0, status.1)
    })
}

/// A domain of which nothing but a status is known.
pub(super) fn known_by_status(asked: &DomainName, words: &str, meaning: StatusMeaning) -> RemoteDomain {
    RemoteDomain::new(asked.clone(), RemoteStatus { words: words.to_owned(), meaning })
}

/// The status by the day of the end. It has passed when the whole day has, in Dhaka and in UTC, which is later.
fn status(end: Option<DateTime<Utc>>, grace_days: u32, now: DateTime<Utc>) -> (&'static str, StatusMeaning) {
    match end {
        None => ("", StatusMeaning::Absent),
        Some(end) if now < end + TimeDelta::days(1) => ("registered", StatusMeaning::Known(DomainStatus::Active)),
        Some(end) if now < told::grace_end(end, grace_days) => {
            ("expired", StatusMeaning::Known(DomainStatus::GracePeriod))
        }
        Some(_) => ("expired", StatusMeaning::Known(DomainStatus::Expired)),
    }
}

/// The days of grace that the configuration gives this name's TLD. The registry is not known to give any, so that what
/// holds for all TLDs does not hold here.
fn grace_days(config: &RegistrarConfig, name: &DomainName) -> u32 {
    let own = RegistrarConfig {
        grace_days: 0,
        grace_days_by_tld: config.grace_days_by_tld.clone(),
        ..RegistrarConfig::default()
    };
    own.grace_days_for(name.as_str())
}

/// A date of the API: day first, always. It means midnight UTC (S3.4).
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    let mut parts = text.split('/');
    let (Some(day), Some(month), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    // `05/11/25` is no date of the year 25.
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        let is_number = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (day, month, year) = (number(day, 1..=2)?, number(month, 1..=2)?, number(year, 4..=4)?);
    let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

/// The registrant alone: of the others nothing is told. The address is one line of free text, which nobody splits.
fn contacts(told: &Domain<'_>) -> Contacts {
    let name = told.client_full_name.get().unwrap_or_default();
    // S3.6
    let (first, last) = name.rsplit_once(char::is_whitespace).unwrap_or((name, ""));
    let fields = [
        (ContactField::FirstName, first),
        (ContactField::LastName, last),
        (ContactField::Email, told.client_email.get().unwrap_or_default()),
        (ContactField::Phone, told.client_contact_number.get().unwrap_or_default()),
        (ContactField::Address, told.client_contact_address.get().unwrap_or_default()),
    ];
    let registrant = fields.into_iter().fold(Contact::default(), |contact, (field, value)| contact.with(field, value));
    let mut contacts = Contacts::default();
    if registrant != Contact::default() {
        contacts.set(ContactType::Registrant, registrant);
    }
    contacts
}
