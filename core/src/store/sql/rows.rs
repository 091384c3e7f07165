//! Records that a SELECT gives, as the types of the model.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::laravel::dates;
use crate::model::{
    Contact, ContactField, ContactType, DomainId, DomainStatus, LocalContact, LocalDomain, PartnerId, RegistrarId,
    lease,
};
use crate::store::{Candidate, Detail, UnreadableDomain};
use crate::{Error, Result};

/// A text of a record, borrowed where nothing in it is escaped.
#[derive(Debug, Default)]
pub(crate) struct Text<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}

/// The records of a SELECT that never holds one that cannot be read, short of a defect.
pub(crate) fn records<'a, T: serde::Deserialize<'a>>(texts: &'a [String]) -> Result<Vec<T>> {
    let mut all = Vec::new();
    for text in texts {
        // The error of serde_json would quote what it read.
        let part: Vec<T> = serde_json::from_str(text)
            .map_err(|_| Error::store("the database answered in a shape that is not understood"))?;
        if all.is_empty() {
            all = part;
        } else {
            all.extend(part);
        }
    }
    Ok(all)
}

/// A record of the statements that load domains.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct DomainRow<'a> {
    id: i64,
    #[serde(borrow)]
    name: Text<'a>,
    partner_id: i64,
    registrar_id: Option<i64>,
    status: Text<'a>,
    expires_at: Option<Text<'a>>,
    last_synced_at: Option<Text<'a>>,
    sync_metadata: Option<Text<'a>>,
    #[serde(default)]
    nameservers: Vec<(i64, Text<'a>)>,
    #[serde(default)]
    contacts: Vec<ContactRow>,
}

/// A row of `domain_contacts`: id, type, and the columns of [`ContactField::ALL`]. `None` for a role that is none of
/// ours, which the application's schema does not admit.
#[derive(Debug)]
struct ContactRow(Option<LocalContact>);

impl<'de> Deserialize<'de> for ContactRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;
        impl<'de> Visitor<'de> for Columns {
            type Value = ContactRow;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("id, type and the columns of a contact")
            }

            // Column by column into the contact: half the work of loading a domain is in here.
            fn visit_seq<A: SeqAccess<'de>>(self, mut columns: A) -> Result<Self::Value, A::Error> {
                let short = || A::Error::custom("a contact with too few columns");
                let id = columns.next_element()?.ok_or_else(short)?;
                let kind: Text<'_> = columns.next_element()?.ok_or_else(short)?;
                let mut contact = Contact::default();
                for field in ContactField::ALL {
                    let value: Option<Text<'_>> = columns.next_element()?.ok_or_else(short)?;
                    if let Some(value) = value {
                        contact.set(field, &value.0);
                    }
                }
                let kind = kind.0.parse::<ContactType>().ok();
                Ok(ContactRow(kind.map(|kind| LocalContact { id, kind, contact })))
            }
        }
        deserializer.deserialize_seq(Columns)
    }
}

impl DomainRow<'_> {
    /// The domain as the model has it.
    ///
    /// A status that is none of the application's makes it unreadable: nothing may be compared with what is not
    /// understood (S2.3). A datetime that is none counts as absent, so that a sync puts it right (S2.1).
    fn decode(mut self, timezone: Tz) -> Result<LocalDomain, UnreadableDomain> {
        let id = DomainId(self.id);
        let status = self.status.0.parse::<DomainStatus>().map_err(|error| UnreadableDomain {
            id,
            name: self.name.0.to_string(),
            error,
        })?;
        self.sort();
        let contacts = self.contacts.drain(..).filter_map(|row| row.0).collect();
        let metadata_text = self.sync_metadata.take().map(|text| text.0.into_owned());
        Ok(LocalDomain {
            id,
            name: self.name.0.to_string(),
            partner_id: PartnerId(self.partner_id),
            registrar_id: self.registrar_id.map(RegistrarId),
            status,
            expires_at: self.instant("expires_at", self.expires_at.as_ref(), timezone),
            last_synced_at: self.instant("last_synced_at", self.last_synced_at.as_ref(), timezone),
            metadata: metadata_text.as_deref().and_then(object),
            metadata_text,
            nameservers: self.nameservers.iter().map(|(_, host)| host.0.to_string()).collect(),
            contacts,
        })
    }

    /// The domain as far as a candidate goes; `None` where it cannot be read.
    fn candidate(self, timezone: Tz) -> Option<Candidate> {
        self.status.0.parse::<DomainStatus>().ok()?;
        Some(Candidate {
            id: DomainId(self.id),
            partner_id: PartnerId(self.partner_id),
            registrar_id: self.registrar_id.map(RegistrarId),
            last_synced_at: self.instant("last_synced_at", self.last_synced_at.as_ref(), timezone),
            name: self.name.0.into_owned(),
            metadata_text: self.sync_metadata.map(|text| text.0.into_owned()),
        })
    }

    /// Nameservers in their order, contacts by id.
    fn sort(&mut self) {
        self.nameservers.sort_by_key(|(order, _)| *order);
        self.contacts.sort_by_key(|row| row.0.as_ref().map(|contact| contact.id));
    }

    /// Whether the domain is as it was.
    ///
    /// `last_synced_at` is not compared: whoever else syncs the domain leaves a trace in `sync_metadata` too.
    fn is(&mut self, before: &LocalDomain, read: Detail, timezone: Tz) -> bool {
        let children = |row: &mut Self| {
            row.sort();
            row.nameservers.iter().map(|(_, host)| &*host.0).eq(before.nameservers.iter().map(String::as_str))
                && row.contacts.iter().filter_map(|contact| contact.0.as_ref()).eq(&before.contacts)
        };
        self.name.0 == before.name
            && self.partner_id == before.partner_id.0
            && self.registrar_id == before.registrar_id.map(|id| id.0)
            && self.status.0 == before.status.as_str()
            && lease::same_but_for_time(
                self.sync_metadata.as_ref().map(|text| &*text.0),
                before.metadata_text.as_deref(),
            )
            && self.instant("expires_at", self.expires_at.as_ref(), timezone) == before.expires_at
            && match read {
                Detail::Columns => true,
                Detail::Full => children(self),
            }
    }

    fn instant(&self, column: &str, text: Option<&Text<'_>>, timezone: Tz) -> Option<DateTime<Utc>> {
        let text = text?;
        let instant = dates::parse(&text.0, timezone);
        if instant.is_none() {
            tracing::warn!(domain_id = self.id, column, "a datetime of a domain cannot be read and counts as absent");
        }
        instant
    }
}

/// A JSON object; `None` for anything else.
fn object(text: &str) -> Option<serde_json::Map<String, Value>> {
    serde_json::from_str(text).ok()
}

/// Takes the records of domains apart. One that is of another shape is handed over as it is: the others need not suffer.
fn each_row<'a>(texts: &'a [String], mut take: impl FnMut(Result<DomainRow<'a>, &'a RawValue>)) -> Result<()> {
    for text in texts {
        if let Ok(rows) = serde_json::from_str::<Vec<DomainRow<'_>>>(text) {
            rows.into_iter().for_each(|row| take(Ok(row)));
        } else {
            for record in records::<&RawValue>(std::slice::from_ref(text))? {
                take(serde_json::from_str(record.get()).map_err(|_| record));
            }
        }
    }
    Ok(())
}

/// The domains of a SELECT, each readable or not by itself.
pub(crate) fn domains(texts: &[String], timezone: Tz) -> Result<Vec<Result<LocalDomain, UnreadableDomain>>> {
    let mut all = Vec::new();
    each_row(texts, |row| {
        all.push(match row {
            Ok(row) => row.decode(timezone),
            Err(record) => Err(unreadable(record)),
        });
    })?;
    Ok(all)
}

/// Those domains of a SELECT that can be read, as candidates.
pub(crate) fn candidates(texts: &[String], timezone: Tz) -> Result<Vec<Candidate>> {
    let mut all = Vec::new();
    each_row(texts, |row| all.extend(row.ok().and_then(|row| row.candidate(timezone))))?;
    Ok(all)
}

/// The ids of those domains of a SELECT that are as they were, as far as they were read then (S2.4). `before` finds a
/// domain as it was.
pub(crate) fn unchanged<'b>(
    texts: &[String],
    timezone: Tz,
    read: Detail,
    before: impl Fn(DomainId) -> Option<&'b LocalDomain>,
) -> Result<Vec<DomainId>> {
    let mut same = Vec::new();
    each_row(texts, |row| {
        if let Ok(mut row) = row
            && before(DomainId(row.id)).is_some_and(|before| row.is(before, read, timezone))
        {
            same.push(DomainId(row.id));
        }
    })?;
    Ok(same)
}

/// What can be told of a record of another shape. Its id is the first column whatever the others hold.
fn unreadable(record: &RawValue) -> UnreadableDomain {
    let columns: Vec<Value> = serde_json::from_str(record.get()).unwrap_or_default();
    UnreadableDomain {
        id: DomainId(columns.first().and_then(Value::as_i64).unwrap_or_default()),
        name: columns.get(1).and_then(Value::as_str).unwrap_or_default().to_owned(),
        error: Error::store("a column of the domain holds a value of another type"),
    }
}
