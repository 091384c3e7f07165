//! From what the API sends to what the engine compares.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::status::{self, Moment, Stage, State};
use crate::model::{
    Contact, ContactField, ContactType, Contacts, DomainName, DomainStatus, Field, Nameservers, RemoteDomain,
    RemoteStatus, StatusMeaning,
};
use crate::registrar::ListPage;
use crate::registrar::told::{self, shown};
use crate::registrar::xml::Element;
use crate::{Error, Result};

/// The domain of the addresses that stand in for those of people in the EU who did not consent.
const PLACEHOLDER: &str = "@data-protected.net";

/// What stands before the registry's suffix, and that suffix: `example` and `co.uk`.
///
/// The suffix is the public suffix list's, with those that companies run as registries do (`uk.com`). A name that is a
/// suffix itself is split at its first dot.
pub(super) fn split(domain: &DomainName) -> (&str, &str) {
    let name = domain.as_str();
    let suffix = psl::suffix_str(name).filter(|suffix| suffix.len() < name.len());
    let found = suffix.and_then(|suffix| Some((name.strip_suffix(suffix)?.strip_suffix('.')?, suffix)));
    // A domain name has a dot.
    found.or_else(|| name.split_once('.')).unwrap_or((name, ""))
}

/// What is told of one domain, without its contacts.
#[derive(Debug)]
pub(super) struct Info {
    name: DomainName,
    registration: Option<String>,
    purchase: Option<String>,
    expires_at: Field<DateTime<Utc>>,
    /// The end for the status, also where it is too coarse to store.
    end: Option<DateTime<Utc>>,
    nameservers: Field<Nameservers>,
    /// Its stage among the expired domains.
    pub(super) stage: Option<Stage>,
    /// Whether it is held back.
    pub(super) is_held: bool,
}

/// Reads the information about `asked`.
///
/// Fails with `invalid_response` when the answer names no domain, or another one (S2.5).
pub(super) fn info(root: &Element, asked: &DomainName, now: DateTime<Utc>) -> Result<Info> {
    let info = root.child("GetDomainInfo").ok_or_else(|| Error::invalid_response("the answer has no GetDomainInfo"))?;
    let named = info.child("domainname");
    let text = named.and_then(|named| {
        let parts = || Some(format!("{}.{}", named.attribute("sld")?, named.attribute("tld")?));
        named.text().map(str::to_owned).or_else(parts)
    });
    let text = text.ok_or_else(|| Error::invalid_response(format!("the answer to {asked} names no domain")))?;
    if DomainName::parse(&text).ok().as_ref() != Some(asked) {
        return Err(Error::invalid_response(format!("the answer to {asked} is about {}", shown(&text))));
    }
    let status = info.child("status");
    let word = |name: &str| status.and_then(|status| status.text_of(name)).map(str::to_owned);
    let (end, expires_at) = expiry(status.and_then(|status| status.text_of("expiration")), now);
    // In newer answers only. `Pending Suspension` changes nothing.
    let is_suspended = info
        .anywhere("verificationstatus")
        .iter()
        .any(|word| word.text().is_some_and(|word| word.eq_ignore_ascii_case("Suspended")));
    Ok(Info {
        name: asked.clone(),
        registration: word("registrationstatus"),
        purchase: word("purchase-status"),
        expires_at,
        end,
        nameservers: nameservers(info),
        stage: None,
        is_held: is_suspended || hold(root) == Some(true),
    })
}

impl Info {
    fn state(&self) -> State<'_> {
        State {
            registration: self.registration.as_deref(),
            purchase: self.purchase.as_deref(),
            stage: self.stage.clone(),
            is_held: self.is_held,
            end: self.end,
        }
    }

    /// Whether its status shows only by how far it has expired.
    pub(super) fn needs_stage(&self, now: DateTime<Utc>) -> bool {
        let is = |other: &str| self.registration.as_deref().is_some_and(|word| word.eq_ignore_ascii_case(other));
        is("Expired") || is("Registered") && self.end.is_some_and(|end| end <= now)
    }

    /// Whether all that is told says active.
    pub(super) fn is_active(&self, now: DateTime<Utc>) -> bool {
        status::read(&self.state(), now, 0) == StatusMeaning::Known(DomainStatus::Active)
    }

    /// The domain.
    pub(super) fn finish(self, now: DateTime<Utc>, grace_days: u32) -> RemoteDomain {
        let meaning = status::read(&self.state(), now, grace_days);
        let mut words: Vec<&str> = self.registration.as_deref().into_iter().collect();
        // `Paid` is what nearly every domain is.
        words.extend(self.purchase.as_deref().filter(|word| !word.eq_ignore_ascii_case("Paid")));
        let stage = self.stage.as_ref().map(Stage::word);
        words.extend(stage.filter(|stage| !words.contains(stage)));
        words.extend(self.is_held.then_some("held"));
        RemoteDomain {
            status: RemoteStatus { words: words.join(", ").chars().take(200).collect(), meaning },
            // The number is no way to ask for a domain.
            remote_id: None,
            name: self.name,
            expires_at: self.expires_at,
            nameservers: self.nameservers,
            contacts: Contacts::default(),
            change_marker: None,
            warnings: Vec::new(),
        }
    }
}

/// Whether an answer says that Enom holds a domain back; `None` where it does not say.
pub(super) fn hold(root: &Element) -> Option<bool> {
    let found = root.anywhere("RegistrarHold");
    match found.first()?.text()?.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// The end for the status, and what of it can be stored: a date without a time names another day in UTC than the same
/// instant told with one.
fn expiry(text: Option<&str>, now: DateTime<Utc>) -> (Option<DateTime<Utc>>, Field<DateTime<Utc>>) {
    let Some(text) = text else {
        return (None, Field::Absent);
    };
    let moment = Moment::read(text).filter(|moment| told::can_end(moment.end(), now));
    let field = match moment {
        Some(Moment::Instant(end)) => Field::Known(end),
        Some(Moment::Day(_)) => Field::Unreadable(format!("expiration {}, which has no time", shown(text))),
        None => Field::Unreadable(format!("expiration {}", shown(text))),
    };
    (moment.map(Moment::end), field)
}

/// Those of the one entry and configuration that are the delegation: others hold the records of a zone.
fn nameservers(info: &Element) -> Field<Nameservers> {
    let is = |element: &Element, key: &str, value: &str| {
        element.attribute(key).is_some_and(|told| told.eq_ignore_ascii_case(value))
    };
    let hosts: Vec<_> = info
        .child("services")
        .into_iter()
        .flat_map(|services| services.all("entry"))
        .filter(|entry| is(entry, "name", "dnsserver"))
        .flat_map(|entry| entry.all("configuration"))
        .filter(|configuration| is(configuration, "type", "dns"))
        .flat_map(|configuration| configuration.all("dns"))
        .filter_map(Element::text)
        .collect();
    told::nameservers(&hosts)
}

/// Reads the contacts, and what a person should know of them.
pub(super) fn contacts(root: &Element) -> Result<(Contacts, Vec<String>)> {
    let told = root.child("GetContacts").ok_or_else(|| Error::invalid_response("the answer has no GetContacts"))?;
    let mut contacts = Contacts::default();
    let mut warnings = Vec::new();
    let roles = [
        (ContactType::Registrant, "Registrant"),
        (ContactType::Admin, "Admin"),
        (ContactType::Tech, "Tech"),
        // `Billing` is the account's own contact.
        (ContactType::Billing, "AuxBilling"),
    ];
    let is_pending = told
        .anywhere("PendingVerification")
        .iter()
        .any(|told| told.text().is_some_and(|told| told.eq_ignore_ascii_case("True")));
    for (kind, role) in roles {
        let Some(person) = told.child(role) else { continue };
        if is_pending && kind == ContactType::Registrant {
            warnings.push("contacts.registrant: a change waits for its confirmation; the local value stays".to_owned());
            continue;
        }
        let contact = contact(person, role);
        let email = contact.get(ContactField::Email).unwrap_or_default();
        if !email.to_ascii_lowercase().ends_with(PLACEHOLDER) {
            contacts.set(kind, contact);
        }
    }
    Ok((contacts, warnings))
}

fn contact(person: &Element, role: &str) -> Contact {
    let text = |field: &str| person.text_of(&format!("{role}{field}"));
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
        contact.set(field, text(element).unwrap_or_default());
    }
    let lines: Vec<_> = ["Address1", "Address2"].into_iter().filter_map(text).collect();
    contact.set(ContactField::Address, &lines.join(", "));
    contact
}

/// Reads how far the expired domains have expired. The element around the rows is not known for certain.
pub(super) fn stages(root: &Element) -> Result<HashMap<DomainName, Stage>> {
    let rows = details(root, "GetExpiredDomains")?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let name = DomainName::parse(row.text_of("DomainName")?).ok()?;
            Some((name, Stage::read(row.text_of("status")?)))
        })
        .collect())
}

/// A domain of the account: what a row of its list tells.
#[derive(Debug)]
pub(super) struct Listed {
    name: DomainName,
    end: Option<DateTime<Utc>>,
    expiry: Option<String>,
}

/// The account's domains, and how many the answer says there are.
pub(super) struct All {
    rows: Vec<Listed>,
    total: u64,
}

/// Reads the list of all domains.
pub(super) fn all(root: &Element) -> Result<All> {
    let rows = details(root, "GetAllDomains")?;
    let total = rows.len() as u64;
    let rows = rows.into_iter().filter_map(|row| {
        let expiry = row.text_of("expiration-date");
        Some(Listed {
            name: DomainName::parse(row.text_of("DomainName")?).ok()?,
            end: expiry.and_then(Moment::read).map(Moment::end),
            expiry: expiry.map(str::to_owned),
        })
    });
    Ok(All { rows: rows.collect(), total })
}

/// The rows of a list, all of them.
///
/// Fails with `invalid_response` where there are fewer than the list says: then it was cut, and proves nothing (S6.5).
fn details<'r>(root: &'r Element, list: &str) -> Result<Vec<&'r Element>> {
    let rows = root.anywhere("DomainDetail");
    let count = root.anywhere("domaincount").first().and_then(|count| count.text()?.parse::<usize>().ok());
    match count {
        None => Err(Error::invalid_response(format!("the answer is no list of {list}: it has no domaincount"))),
        Some(count) if rows.len() < count => {
            let text = format!("the answer is cut: {} of {count} rows of {list}", rows.len());
            Err(Error::invalid_response(text))
        }
        Some(_) => Ok(rows),
    }
}

/// The list of all domains and that of the expired ones as rows: the second stands in for the status that the first
/// lacks. Domains of the second alone are rows, too.
pub(super) fn rows(
    all: &All,
    stages: &HashMap<DomainName, Stage>,
    now: DateTime<Utc>,
    grace_days: impl Fn(&str) -> u32,
) -> ListPage {
    let mut seen = HashSet::new();
    let mut rows: Vec<_> = all
        .rows
        .iter()
        .filter(|row| seen.insert(&row.name))
        .map(|row| {
            let (_, expires_at) = expiry(row.expiry.as_deref(), now);
            self::row(&row.name, row.end, expires_at, stages.get(&row.name), now, grace_days(row.name.as_str()))
        })
        .collect();
    let listed = rows.len() as u64;
    let mut others: Vec<_> = stages.iter().filter(|(name, _)| !seen.contains(*name)).collect();
    others.sort_unstable_by_key(|(name, _)| *name);
    for (name, stage) in others {
        rows.push(row(name, None, Field::Absent, Some(stage), now, grace_days(name.as_str())));
    }
    // A row that names no domain counts all the same: whoever adds up sees that the list is not complete (S6.5).
    let total = all.total + (rows.len() as u64 - listed);
    ListPage { rows, total: Some(total), next: None }
}

fn row(
    name: &DomainName,
    end: Option<DateTime<Utc>>,
    expires_at: Field<DateTime<Utc>>,
    stage: Option<&Stage>,
    now: DateTime<Utc>,
    grace_days: u32,
) -> RemoteDomain {
    let (meaning, words) = match (stage, end) {
        // How long ago it ended is not known: the details tell.
        (Some(Stage::Expired), None) => (StatusMeaning::NeedsDetails, "Expired"),
        (Some(stage), end) => (stage.meaning(end, now, grace_days), stage.word()),
        (None, Some(end)) if end > now => (StatusMeaning::Known(DomainStatus::Active), "Registered"),
        // Its date has passed without a stage, or is not to be read.
        (None, _) => (StatusMeaning::NeedsDetails, ""),
    };
    RemoteDomain { expires_at, ..RemoteDomain::new(name.clone(), RemoteStatus { words: words.to_owned(), meaning }) }
}
