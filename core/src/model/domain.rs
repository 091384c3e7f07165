//! A domain as the application has it, and as a registrar tells it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Contact, ContactType, Contacts, DomainName, DomainStatus, Nameservers};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// `domains.id`.
    DomainId;
    /// `registrars.id`.
    RegistrarId;
    /// `partners.id`: the tenant.
    PartnerId;
    /// `users.id`.
    UserId;
    /// `tlds.id`.
    TldId;
}

/// How a caller names a domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DomainRef {
    /// By `domains.id`.
    Id(DomainId),
    /// By name.
    Name(DomainName),
}

impl DomainRef {
    /// Reads a name. (An id has no text form here: `"42"` is no domain.)
    pub fn parse(text: &str) -> crate::Result<Self> {
        Ok(Self::Name(DomainName::parse(text)?))
    }
}

impl fmt::Display for DomainRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id {id}"),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl From<DomainId> for DomainRef {
    fn from(id: DomainId) -> Self {
        Self::Id(id)
    }
}

impl From<i64> for DomainRef {
    fn from(id: i64) -> Self {
        Self::Id(DomainId(id))
    }
}

impl From<DomainName> for DomainRef {
    fn from(name: DomainName) -> Self {
        Self::Name(name)
    }
}

/// How a caller names a registrar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrarRef {
    /// By `registrars.id`.
    Id(RegistrarId),
    /// By `registrars.slug`.
    Slug(String),
}

impl fmt::Display for RegistrarRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id {id}"),
            Self::Slug(slug) => write!(f, "`{slug}`"),
        }
    }
}

impl From<i64> for RegistrarRef {
    fn from(id: i64) -> Self {
        Self::Id(RegistrarId(id))
    }
}

impl From<&str> for RegistrarRef {
    fn from(slug: &str) -> Self {
        Self::Slug(slug.to_owned())
    }
}

/// A row of `registrars`. `credentials` is the column's text as it is, encrypted or not.
#[derive(Clone)]
pub struct RegistrarRecord {
    /// `registrars.id`.
    pub id: RegistrarId,
    /// The name for people.
    pub name: String,
    /// The slug, which tells which API it speaks unless something else does.
    pub slug: String,
    /// The application's class for it (`registrars.api_class`), which comes before the slug where it is named after a
    /// registrar.
    pub api_class: Option<String>,
    /// The column `credentials`, as it is stored.
    pub credentials: Option<secrecy::SecretString>,
    /// Whether the application uses it.
    pub is_active: bool,
    /// When its prices were last synced.
    pub last_sync_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for RegistrarRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrarRecord")
            .field("id", &self.id)
            .field("slug", &self.slug)
            .field("is_active", &self.is_active)
            .finish_non_exhaustive()
    }
}

/// A domain as the application's database has it at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalDomain {
    /// `domains.id`.
    pub id: DomainId,
    /// `domains.name` as stored.
    pub name: String,
    /// `domains.partner_id`.
    pub partner_id: PartnerId,
    /// `domains.registrar_id`.
    pub registrar_id: Option<RegistrarId>,
    /// `domains.status`.
    pub status: DomainStatus,
    /// `domains.expires_at`.
    pub expires_at: Option<DateTime<Utc>>,
    /// `domains.last_synced_at`.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// `domains.sync_metadata`; `None` where it is NULL, empty or no JSON object.
    pub metadata: Option<Map<String, Value>>,
    /// `sync_metadata` exactly as stored, to see later whether it changed meanwhile (S2.4).
    pub metadata_text: Option<String>,
    /// Nameservers in order. Empty when only the status was read.
    pub nameservers: Vec<String>,
    /// Contact rows, lowest id first. Empty when only the status was read.
    pub contacts: Vec<LocalContact>,
}

/// A row of `domain_contacts`.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalContact {
    /// `domain_contacts.id`.
    pub id: i64,
    /// The role.
    pub kind: ContactType,
    /// Its fields.
    pub contact: Contact,
}

impl LocalDomain {
    /// The contact that the application uses for a role: the first row of it.
    pub fn contact(&self, kind: ContactType) -> Option<&LocalContact> {
        self.contacts.iter().find(|row| row.kind == kind)
    }

    /// A text in `sync_metadata`.
    pub fn metadata_str(&self, key: &str) -> Option<&str> {
        self.metadata.as_ref()?.get(key)?.as_str()
    }

    /// An instant in `sync_metadata`.
    pub fn metadata_instant(&self, key: &str) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(self.metadata_str(key)?).ok().map(Into::into)
    }

    /// A whole number in `sync_metadata`.
    pub fn metadata_u64(&self, key: &str) -> Option<u64> {
        self.metadata.as_ref()?.get(key)?.as_u64()
    }
}

/// What a registrar said of one field (S2.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Nothing, or nothing in it: the local value stays.
    #[default]
    Absent,
    /// Something that makes no sense, told for the warning: the local value stays.
    Unreadable(String),
    /// This.
    Known(T),
}

impl<T> Field<T> {
    /// The value, where there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

/// A domain as its registrar tells it, whole or as a row of its list.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteDomain {
    /// Its name.
    pub name: DomainName,
    /// The registrar's own id of it, kept to look it up in batches.
    pub remote_id: Option<String>,
    /// Its status.
    pub status: RemoteStatus,
    /// The end of the registration.
    pub expires_at: Field<DateTime<Utc>>,
    /// Its nameservers.
    pub nameservers: Field<Nameservers>,
    /// Its contacts.
    pub contacts: Contacts,
    /// A text that changes when the registrar's record does, where there is one.
    pub change_marker: Option<String>,
    /// What a person should know about this answer, without secrets.
    pub warnings: Vec<String>,
}

impl RemoteDomain {
    /// A domain of which nothing but the status is told.
    pub fn new(name: DomainName, status: RemoteStatus) -> Self {
        Self {
            name,
            remote_id: None,
            status,
            expires_at: Field::Absent,
            nameservers: Field::Absent,
            contacts: Contacts::default(),
            change_marker: None,
            warnings: Vec::new(),
        }
    }
}

/// The registrar's words for a status, and what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteStatus {
    /// The words as sent; kept in `sync_metadata.registrar_status`.
    pub words: String,
    /// What the registrar's table makes of them.
    pub meaning: StatusMeaning,
}

/// What a registrar's table of statuses makes of its words (S3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusMeaning {
    /// This status of ours.
    Known(DomainStatus),
    /// Ordered, not carried out: `pending_registration` for a domain that is so locally, and unknown for any other,
    /// since a registered domain does not go back.
    AwaitingRegistration,
    /// Deleted or gone at the registrar: local status stays, a person looks at it (S2.5, S6.5).
    Gone,
    /// The list row does not say enough: one detailed call tells.
    NeedsDetails,
    /// Something is done to a domain whose status is not touched by it: local status stays, and nothing is told.
    Kept,
    /// Words that are not in the table: local status stays, a warning tells (S3.1).
    Unknown,
    /// None was sent: local status stays (S2.3).
    Absent,
}
