//! Contacts, field by field as `domain_contacts` has them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The role of a contact (`domain_contacts.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the words of every registrar
pub enum ContactType {
    Registrant,
    Admin,
    Tech,
    Billing,
}

impl ContactType {
    /// The four roles.
    pub const ALL: [Self; 4] = [Self::Registrant, Self::Admin, Self::Tech, Self::Billing];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registrant => "registrant",
            Self::Admin => "admin",
            Self::Tech => "tech",
            Self::Billing => "billing",
        }
    }
}

impl fmt::Display for ContactType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ContactType {
    type Err = crate::Error;

    fn from_str(word: &str) -> crate::Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| crate::Error::store(format!("`{word}` is no type of a contact")))
    }
}

/// A column of `domain_contacts` that a sync compares (S3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // the columns of the table
pub enum ContactField {
    FirstName,
    LastName,
    Organization,
    Email,
    Phone,
    Address,
    City,
    State,
    PostalCode,
    Country,
}

impl ContactField {
    /// The compared columns, in the table's order.
    pub const ALL: [Self; 10] = [
        Self::FirstName,
        Self::LastName,
        Self::Organization,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::City,
        Self::State,
        Self::PostalCode,
        Self::Country,
    ];

    /// The column's name.
    pub const fn column(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Organization => "organization",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::City => "city",
            Self::State => "state",
            Self::PostalCode => "postal_code",
            Self::Country => "country",
        }
    }

    /// Whether the table demands a value.
    pub const fn is_required(self) -> bool {
        !matches!(self, Self::Organization | Self::State)
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// A person or company behind a domain. A field that nobody told is absent; an empty one counts as absent (S2.3).
///
/// All values stand in one text, one behind the other in the table's order, since a sync makes eight contacts of ten
/// fields for every domain.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Contact {
    text: String,
    /// Where each field's value ends in `text`.
    ends: [u32; ContactField::ALL.len()],
}

impl Contact {
    fn range(&self, field: ContactField) -> std::ops::Range<usize> {
        let start = field.index().checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        start..self.ends[field.index()] as usize
    }

    /// One field.
    pub fn get(&self, field: ContactField) -> Option<&str> {
        self.text.get(self.range(field)).filter(|value| !value.is_empty())
    }

    /// Sets one field; surrounding white space is dropped, and an empty value makes it absent.
    pub fn set(&mut self, field: ContactField, value: &str) {
        let value = value.trim();
        let range = self.range(field);
        let old = range.len();
        if range.end == self.text.len() && old == 0 {
            self.text.push_str(value);
        } else {
            self.text.replace_range(range, value);
        }
        for end in &mut self.ends[field.index()..] {
            // A text of 4 GiB cannot come here: an answer holds 32 MiB at most.
            *end = *end - old as u32 + value.len() as u32;
        }
    }

    /// As [`set`](Self::set), for building one in an expression.
    #[must_use]
    pub fn with(mut self, field: ContactField, value: &str) -> Self {
        self.set(field, value);
        self
    }

    /// Sets first and last name from one text, split at the last space (S3.6).
    pub fn set_full_name(&mut self, name: &str) {
        let name = name.trim();
        let (first, last) = name.rsplit_once(char::is_whitespace).unwrap_or((name, ""));
        self.set(ContactField::FirstName, first);
        self.set(ContactField::LastName, last);
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The fields that are known, in the table's order.
    pub fn iter(&self) -> impl Iterator<Item = (ContactField, &str)> {
        ContactField::ALL.into_iter().filter_map(|field| self.get(field).map(|value| (field, value)))
    }

    /// Whether a privacy or proxy service, or a registry's redaction, stands in for the person (S3.6).
    pub fn is_placeholder(&self) -> bool {
        self.iter().any(|(_, value)| is_placeholder(value))
    }
}

/// Texts by which registries and proxy services say that they do not tell (S3.6; RFC 9537 for the first).
fn is_placeholder(value: &str) -> bool {
    const MARKS: [&str; 17] = [
        "redacted",
        "not disclosed",
        "data protected",
        "gdpr masked",
        "gdpr redacted",
        "statutory masking",
        "privacy protect",
        "privacyprotect",
        "privacy service",
        "whoisguard",
        "whois privacy",
        "whois agent",
        "withheld for privacy",
        "domains by proxy",
        "domain proxy",
        "contact privacy inc",
        "identity protect",
    ];
    let value = value.to_lowercase();
    MARKS.iter().any(|mark| value.contains(mark))
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(field, value)| (field.column(), value))).finish()
    }
}

/// The contacts of a domain, by role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts([Option<Contact>; 4]);

impl Contacts {
    /// The contact of a role.
    pub fn get(&self, kind: ContactType) -> Option<&Contact> {
        self.0[kind as usize].as_ref()
    }

    /// Sets the contact of a role; one of which nothing is known is not kept.
    pub fn set(&mut self, kind: ContactType, contact: Contact) {
        self.0[kind as usize] = (!contact.is_empty()).then_some(contact);
    }

    /// Those that are known, by role.
    pub fn iter(&self) -> impl Iterator<Item = (ContactType, &Contact)> {
        ContactType::ALL.into_iter().filter_map(|kind| self.get(kind).map(|contact| (kind, contact)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_name_is_split_at_the_last_space() {
        for (name, first, last) in [
            ("Jane Doe", Some("Jane"), Some("Doe")),
            ("Anna Maria da Silva", Some("Anna Maria da"), Some("Silva")),
            ("Plato", Some("Plato"), None),
            ("  ", None, None),
        ] {
            let mut contact = Contact::default();
            contact.set_full_name(name);
            assert_eq!(
                (contact.get(ContactField::FirstName), contact.get(ContactField::LastName)),
                (first, last),
                "S3.6 {name}"
            );
        }
    }

    #[test]
    fn fields_are_set_in_any_order_and_more_than_once() {
        let mut contact = Contact::default();
        for (field, value) in [
            (ContactField::City, "Köln"),
            (ContactField::FirstName, " Jane "),
            (ContactField::Country, "DE"),
            (ContactField::City, "Bonn am Rhein"),
            (ContactField::FirstName, "  "),
            (ContactField::Email, "jane@example.com"),
        ] {
            contact.set(field, value);
        }
        let fields: Vec<_> = contact.iter().collect();
        assert_eq!(
            fields,
            [
                (ContactField::Email, "jane@example.com"),
                (ContactField::City, "Bonn am Rhein"),
                (ContactField::Country, "DE")
            ]
        );
        assert_eq!(contact.get(ContactField::FirstName), None, "S2.3");
        contact.set(ContactField::Email, "");
        contact.set(ContactField::City, "");
        contact.set(ContactField::Country, "");
        assert!(contact.is_empty() && contact == Contact::default());
    }

    #[test]
    fn placeholders_are_recognised_and_people_are_not() {
        for text in [
            "REDACTED FOR PRIVACY",
            "Not Disclosed",
            "Domains By Proxy, LLC",
            "Privacy Protect, LLC (PrivacyProtect.org)",
            "Data Protected",
        ] {
            assert!(Contact::default().with(ContactField::FirstName, text).is_placeholder(), "S3.6 {text}");
        }
        for text in ["Jane", "Proxima Ltd", "Guard Security", "Privet Road 4"] {
            assert!(!Contact::default().with(ContactField::Organization, text).is_placeholder(), "S3.6 {text}");
        }
    }
}
