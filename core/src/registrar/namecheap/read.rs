//! From what the API sends to what the engine compares.

use chrono::{DateTime, Utc};

use super::status::{self, State};
use crate::config::RegistrarConfig;
use crate::model::{
    Contact, ContactField, ContactType, Contacts, DomainName, DomainStatus, Field, RemoteDomain, RemoteStatus,
    StatusMeaning,
};
use crate::registrar::told::{self, shown};
use crate::registrar::xml::Element;
use crate::{Error, Result};

/// The transfers that are under way: created to frozen without what ended, and queued. 14 waits for an approval.
const UNDER_WAY: [i64; 10] = [-1, 0, 1, 3, 9, 10, 11, 12, 13, 14];

/// The result of a command: the child of this name in `CommandResponse`.
fn result<'r>(root: &'r Element, name: &str) -> Result<&'r Element> {
    root.at(&["CommandResponse", name]).ok_or_else(|| Error::invalid_response(format!("the answer has no {name}")))
}

/// Fails with `invalid_response` unless an answer to a question about `asked` is about it (S2.5).
fn check_name(named: Option<&str>, asked: &DomainName) -> Result<()> {
    let named = named.ok_or_else(|| Error::invalid_response(format!("the answer to {asked} names no domain")))?;
    match DomainName::parse(named) {
        Ok(name) if name == *asked => Ok(()),
        _ => Err(Error::invalid_response(format!("the answer to {asked} is about {}", shown(named)))),
    }
}

/// Reads the information about `asked`. Contacts are not in it.
///
/// Fails with `not_found` where the domain is another account's, or only its DNS is here: then every date and every
/// nameserver in the answer is about something else.
pub(super) fn info(
    root: &Element,
    asked: &DomainName,
    config: &RegistrarConfig,
    now: DateTime<Utc>,
) -> Result<RemoteDomain> {
    let result = result(root, "DomainGetInfoResult")?;
    check_name(result.attribute("DomainName"), asked)?;
    let (word, expires) = (result.attribute("Status"), expires(result));
    let is_another_s = flag(result.attribute("IsOwner")) == Some(false);
    if is_another_s || word.is_none() && expires.is_none() {
        let what = if is_another_s { "only shared with this account" } else { "here by its DNS only" };
        return Err(Error::not_found(format!("the account does not have {asked}: it is {what}")));
    }
    let expires_at = expiry(expires, now);
    let grace_days = config.grace_days_for(asked.as_str());
    Ok(RemoteDomain {
        name: asked.clone(),
        // The API's ids are not the same in every account, and no command takes one.
        remote_id: None,
        status: status::read(State::Details(word), expires_at.known().copied(), now, grace_days),
        expires_at,
        nameservers: nameservers(result),
        contacts: Contacts::default(),
        change_marker: None,
        warnings: Vec::new(),
    })
}

/// The domain's own end, not that of its privacy service or its DNS subscription.
fn expires(result: &Element) -> Option<&str> {
    result.at(&["DomainDetails", "ExpiredDate"])?.text()
}

fn nameservers(result: &Element) -> Field<crate::model::Nameservers> {
    let hosts = result.child("DnsDetails").into_iter().flat_map(|dns| dns.all("Nameserver"));
    told::nameservers(&hosts.filter_map(Element::text).collect::<Vec<_>>())
}

fn expiry(text: Option<&str>, now: DateTime<Utc>) -> Field<DateTime<Utc>> {
    let Some(text) = text else {
        return Field::Absent;
    };
    match status::date(text).filter(|end| told::can_end(*end, now)) {
        Some(end) => Field::Known(end),
        None => Field::Unreadable(format!("ExpiredDate {}", shown(text))),
    }
}

/// Reads the contacts of `asked`. With privacy on, blocks of other names may follow, which are not the domain's own.
pub(super) fn contacts(root: &Element, asked: &DomainName) -> Result<Contacts> {
    let result = result(root, "DomainContactsResult")?;
    check_name(result.attribute("Domain"), asked)?;
    let mut contacts = Contacts::default();
    let roles = [
        (ContactType::Registrant, "Registrant"),
        (ContactType::Admin, "Admin"),
        (ContactType::Tech, "Tech"),
        (ContactType::Billing, "AuxBilling"),
    ];
    for (kind, role) in roles {
        if let Some(person) = result.child(role) {
            contacts.set(kind, contact(person));
        }
    }
    Ok(contacts)
}

fn contact(person: &Element) -> Contact {
    let mut contact = Contact::default();
    let fields = [
        (ContactField::FirstName, "FirstName"),
        (ContactField::LastName, "LastName"),
        (ContactField::Organization, "OrganizationName"),
        (ContactField::Email, "EmailAddress"),
        (ContactField::Phone, "Phone"),
        (ContactField::City, "City"),
        (ContactField::State, "StateProvince"),
        (ContactField::PostalCode, "PostalCode"),
        (ContactField::Country, "Country"),
    ];
    for (field, element) in fields {
        contact.set(field, person.text_of(element).unwrap_or_default());
    }
    let lines: Vec<_> = ["Address1", "Address2"].into_iter().filter_map(|line| person.text_of(line)).collect();
    contact.set(ContactField::Address, &lines.join(", "));
    contact
}

/// A page of the list.
#[derive(Debug)]
pub(super) struct List {
    pub(super) rows: Vec<RemoteDomain>,
    /// How many rows name no domain.
    pub(super) unreadable: usize,
    pub(super) total: u64,
}

/// Reads page `page` of the list.
///
/// Fails with `invalid_response` for what is no page, for another page than the one that was asked for, and for an empty
/// page of a list that goes on, so that nobody pages on for ever (S6.5).
pub(super) fn list(root: &Element, page: u32, size: u32, config: &RegistrarConfig, now: DateTime<Utc>) -> Result<List> {
    let result = result(root, "DomainGetListResult")?;
    let paging = root.at(&["CommandResponse", "Paging"]);
    let number = |key: &str| paging.and_then(|paging| paging.text_of(key)).and_then(|text| text.parse::<u64>().ok());
    let total = number("TotalItems")
        .ok_or_else(|| Error::invalid_response("the answer is no page of a list: it has no TotalItems"))?;
    if let Some(got) = number("CurrentPage").filter(|got| *got != u64::from(page)) {
        return Err(Error::invalid_response(format!("the answer is page {got} of the list, not page {page}")));
    }
    let told: Vec<_> = result.all("Domain").collect();
    let before = u64::from(page - 1) * u64::from(size);
    if told.is_empty() && total > before {
        let text =
            format!("the answer is an empty page of a list that goes on: {before} rows before it, {total} in all");
        return Err(Error::invalid_response(text));
    }
    let rows: Vec<_> = told.iter().filter_map(|element| row(element, config, now)).collect();
    Ok(List { unreadable: told.len() - rows.len(), rows, total })
}

fn row(row: &Element, config: &RegistrarConfig, now: DateTime<Utc>) -> Option<RemoteDomain> {
    let name = DomainName::parse(row.attribute("Name")?).ok()?;
    let expires_at = expiry(row.attribute("Expires"), now);
    // `IsLocked` is a hold by the registrar, not the lock against transfers.
    let state = State::Row { expired: flag(row.attribute("IsExpired")), locked: flag(row.attribute("IsLocked")) };
    let status = status::read(state, expires_at.known().copied(), now, config.grace_days_for(name.as_str()));
    Some(RemoteDomain {
        name,
        remote_id: None,
        status,
        expires_at,
        nameservers: Field::Absent,
        contacts: Contacts::default(),
        change_marker: None,
        warnings: Vec::new(),
    })
}

/// A domain that the account does not have yet but that a transfer brings, by the latest transfer of its name.
pub(super) fn arriving(root: &Element, asked: &DomainName) -> Option<RemoteDomain> {
    let list = root.at(&["CommandResponse", "TransferGetListResult"])?;
    let is_asked = |row: &&Element| {
        row.attribute("DomainName").is_some_and(|name| DomainName::parse(name).is_ok_and(|name| name == *asked))
    };
    let row = list.all("Transfer").find(is_asked)?;
    let word = row.attribute("Status").unwrap_or_default();
    let id = row.attribute("StatusID").and_then(|id| id.parse::<i64>().ok());
    // One word on the vendor's page, a sentence in some captures.
    let letters: String =
        word.chars().filter(char::is_ascii_alphabetic).map(|char| char.to_ascii_uppercase()).collect();
    let has = |words: [&str; 2]| words.into_iter().any(|word| letters.contains(word));
    let by_word = match (has(["INPROGRESS", "WAITINGFOREPP"]), has(["CANCELLED", "COMPLETED"])) {
        (is_under_way, is_over) if is_under_way != is_over => Some(is_under_way),
        _ => None,
    };
    let by_id = id.map(|id| UNDER_WAY.contains(&id));
    // Where both are told and contradict each other, the word is the truer one.
    if !by_word.or(by_id)? {
        return None;
    }
    let contradiction = by_word.is_some() && by_id == Some(false);
    let warnings = if contradiction {
        let id = id.unwrap_or_default();
        vec![format!("the transfer's status is {}, its number {id} says otherwise", shown(word))]
    } else {
        Vec::new()
    };
    let words: String = format!("transfer {word}").chars().take(200).collect();
    let domain = expected(asked, &words, StatusMeaning::Known(DomainStatus::PendingTransfer));
    Some(RemoteDomain { warnings, ..domain })
}

/// A domain of which nothing but its status is known, since the account does not have it yet.
pub(super) fn expected(asked: &DomainName, words: &str, meaning: StatusMeaning) -> RemoteDomain {
    RemoteDomain::new(asked.clone(), RemoteStatus { words: words.to_owned(), meaning })
}

/// A yes or no, in whatever case; `None` for any other word.
fn flag(text: Option<&str>) -> Option<bool> {
    match text?.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
