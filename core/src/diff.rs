//! What differs between the application and the registrar: a pure function of the two.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::model::{
    Contact, ContactField, ContactType, DomainStatus, Field, LocalContact, LocalDomain, Nameservers, RemoteDomain,
    StatusMeaning,
};
use crate::report::{Change, Changes};
use crate::store::ContactWrite;

/// Which fields are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Status, expiry, nameservers and contacts.
    Full,
    /// The status only (S3.7).
    StatusOnly,
}

/// The most nameservers that a domain can have (S3.5).
const MAX_NAMESERVERS: usize = 13;

/// The longest text that the application's columns hold.
const MAX_TEXT: usize = 255;

/// What differs, what to do about it, and what a person should know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// Every field that changes, for reports and audit rows.
    pub changes: Changes,
    /// The new status.
    pub status: Option<DomainStatus>,
    /// The new expiry.
    pub expires_at: Option<DateTime<Utc>>,
    /// The new nameservers.
    pub nameservers: Option<Nameservers>,
    /// The contacts to change or add.
    pub contacts: Vec<ContactWrite>,
    /// The local status belongs to the transfer flow and was left alone (S3.3).
    pub transfer_in_progress: bool,
    /// Words of the registrar that are not in its table (S3.1).
    pub unknown_status: Option<String>,
    /// Why a person should look at the domain (S2.5).
    pub review: Option<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Compares a domain with what its registrar says of it.
pub fn diff(local: &LocalDomain, remote: &RemoteDomain, mode: Mode) -> Diff {
    let mut diff = Diff { warnings: remote.warnings.clone(), ..Diff::default() };
    diff.compare_status(local, remote);
    if mode == Mode::Full {
        diff.compare_expiry(local, remote);
        diff.compare_nameservers(local, remote);
        for kind in ContactType::ALL {
            if let Some(contact) = remote.contacts.get(kind) {
                diff.compare_contact(local, kind, contact);
            }
        }
    }
    diff
}

/// The status that a registrar's words mean for a domain that is `local` here; `None` leaves it alone.
pub fn status_for(local: DomainStatus, meaning: StatusMeaning) -> Option<DomainStatus> {
    match meaning {
        StatusMeaning::Known(status) => Some(status),
        StatusMeaning::AwaitingRegistration => {
            (local == DomainStatus::PendingRegistration).then_some(DomainStatus::PendingRegistration)
        }
        StatusMeaning::Kept
        | StatusMeaning::Gone
        | StatusMeaning::NeedsDetails
        | StatusMeaning::Unknown
        | StatusMeaning::Absent => None,
    }
}

impl Diff {
    fn change(&mut self, field: impl Into<String>, old: Value, new: Value) {
        self.changes.0.push(Change { field: field.into(), old, new });
    }

    fn compare_status(&mut self, local: &LocalDomain, remote: &RemoteDomain) {
        let words = &remote.status.words;
        match remote.status.meaning {
            StatusMeaning::Absent => self.warnings.push("the registrar sent no status; the local one stays".to_owned()),
            StatusMeaning::Gone => {
                self.review = Some(format!("registrar says `{words}`: deleted there, or transferred away"));
            }
            StatusMeaning::Known(_) | StatusMeaning::Kept => {}
            StatusMeaning::AwaitingRegistration if local.status == DomainStatus::PendingRegistration => {}
            StatusMeaning::AwaitingRegistration | StatusMeaning::NeedsDetails | StatusMeaning::Unknown => {
                self.unknown_status = Some(words.clone());
                self.warnings.push(format!("unknown registrar status `{words}`; the local status stays"));
            }
        }
        if local.status.is_transfer_flow() {
            self.transfer_in_progress = true;
            return;
        }
        if let Some(status) = status_for(local.status, remote.status.meaning)
            && status != local.status
        {
            self.status = Some(status);
            self.change("status", json!(local.status), json!(status));
        }
    }

    fn compare_expiry(&mut self, local: &LocalDomain, remote: &RemoteDomain) {
        match &remote.expires_at {
            Field::Absent => {}
            Field::Unreadable(text) => {
                self.warnings.push(format!("expires_at is unreadable: {text}; the local one stays"))
            }
            Field::Known(expires_at) => {
                let day = |instant: DateTime<Utc>| instant.date_naive();
                if local.expires_at.map(day) != Some(day(*expires_at)) {
                    self.expires_at = Some(*expires_at);
                    self.change("expires_at", json!(local.expires_at.map(day)), json!(day(*expires_at)));
                }
            }
        }
    }

    fn compare_nameservers(&mut self, local: &LocalDomain, remote: &RemoteDomain) {
        let hosts = match &remote.nameservers {
            Field::Known(hosts) if !hosts.is_empty() => hosts,
            Field::Unreadable(text) => {
                self.warnings.push(format!("nameservers are unreadable: {text}; the local ones stay"));
                return;
            }
            Field::Known(_) | Field::Absent => return,
        };
        if hosts.len() > MAX_NAMESERVERS {
            let count = hosts.len();
            self.warnings.push(format!(
                "the registrar sent {count} nameservers, more than a domain can have; the local ones stay"
            ));
            return;
        }
        let (here, unreadable) = Nameservers::parse(&local.nameservers);
        if unreadable.is_empty() && here.same_set(hosts) {
            return;
        }
        self.change("nameservers", json!(local.nameservers), json!(hosts));
        self.nameservers = Some(hosts.clone());
    }

    fn compare_contact(&mut self, local: &LocalDomain, kind: ContactType, remote: &Contact) {
        let here = local.contact(kind);
        // The first test spares nearly all contacts the others.
        if here.is_some_and(|row| row.contact == *remote) || remote.is_placeholder() {
            return;
        }
        let mut readable = Contact::default();
        for (field, value) in remote.iter() {
            match unreadable(field, value) {
                None if field == ContactField::Country => readable.set(field, &value.to_ascii_uppercase()),
                None => readable.set(field, value),
                Some(problem) => self.warnings.push(format!(
                    "contacts.{kind}.{} is unreadable: {problem}; the local value stays",
                    field.column()
                )),
            }
        }
        match here {
            Some(row) => self.update_contact(row, &readable),
            None => self.insert_contact(kind, readable),
        }
    }

    fn update_contact(&mut self, row: &LocalContact, remote: &Contact) {
        let (mut old, mut new, mut fields) = (Map::new(), Map::new(), Vec::new());
        for (field, value) in remote.iter() {
            let here = row.contact.get(field);
            if here.is_some_and(|here| same_value(field, here, value)) {
                continue;
            }
            old.insert(field.column().to_owned(), json!(here));
            new.insert(field.column().to_owned(), json!(value));
            fields.push((field, value.to_owned()));
        }
        if !fields.is_empty() {
            self.change(format!("contacts.{}", row.kind), Value::Object(old), Value::Object(new));
            self.contacts.push(ContactWrite::Update { id: row.id, fields });
        }
    }

    fn insert_contact(&mut self, kind: ContactType, contact: Contact) {
        if contact.is_empty() {
            return;
        }
        let missing: Vec<_> = ContactField::ALL
            .into_iter()
            .filter(|field| field.is_required() && contact.get(*field).is_none())
            .map(ContactField::column)
            .collect();
        if !missing.is_empty() {
            self.warnings.push(format!("contacts.{kind} is not added: the registrar sent no {}", missing.join(", ")));
            return;
        }
        let new: Map<_, _> = contact.iter().map(|(field, value)| (field.column().to_owned(), json!(value))).collect();
        self.change(format!("contacts.{kind}"), Value::Null, Value::Object(new));
        self.contacts.push(ContactWrite::Insert { kind, contact });
    }

    /// The domain as it is once the difference is written.
    #[must_use]
    pub fn apply(&self, local: &LocalDomain) -> LocalDomain {
        let mut after = local.clone();
        if let Some(status) = self.status {
            after.status = status;
        }
        if let Some(expires_at) = self.expires_at {
            after.expires_at = Some(expires_at);
        }
        if let Some(nameservers) = &self.nameservers {
            after.nameservers = nameservers.iter().map(str::to_owned).collect();
        }
        for write in &self.contacts {
            match write {
                ContactWrite::Update { id, fields } => {
                    for row in after.contacts.iter_mut().filter(|row| row.id == *id) {
                        for (field, value) in fields {
                            row.contact.set(*field, value);
                        }
                    }
                }
                ContactWrite::Insert { kind, contact } => {
                    // The database gives the id; behind all others, as a new row would stand.
                    after.contacts.push(LocalContact { id: i64::MAX, kind: *kind, contact: contact.clone() });
                }
            }
        }
        after
    }
}

/// Whether two values of a field say the same.
fn same_value(field: ContactField, here: &str, there: &str) -> bool {
    match field {
        ContactField::Email | ContactField::Country => here.eq_ignore_ascii_case(there),
        // `+44.2079460000`, `+44 20 7946 0000` and `+442079460000` are one number.
        ContactField::Phone => {
            here == there || {
                let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
                let (mine, theirs) = (digits(here), digits(there));
                !mine.is_empty() && mine == theirs
            }
        }
        _ => here == there,
    }
}

/// Why a value cannot be stored, if so.
fn unreadable(field: ContactField, value: &str) -> Option<&'static str> {
    if value.chars().count() > MAX_TEXT && field != ContactField::Address {
        return Some("it is longer than 255 characters");
    }
    if field == ContactField::Country && !(value.len() == 2 && value.bytes().all(|b| b.is_ascii_alphabetic())) {
        return Some("it is no ISO 3166 two-letter code");
    }
    None
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
