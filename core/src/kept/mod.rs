//! A dry run that can be kept: the changes as data, stored as JSON and applied later (S8.4).
//!
//! A [`KeptPlan`] holds for each domain what would have been written, and a fingerprint of the local state that it was
//! computed from. Applied, each domain is read again and compared by it, so that what changed since is refused; the
//! transaction then compares once more with what was read (S2.4). Of `sync_metadata` it holds only what changes, so
//! that nothing of the application's own keys is in it. No secret is in a plan, but contacts are: they are personal
//! data and the file should be kept like the database.

mod table;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::laravel;
use crate::model::{
    Contact, ContactField, ContactType, DomainId, DomainStatus, LocalDomain, Nameservers, PartnerId, lease,
};
use crate::report::{Change, Changes, DomainResult, DomainSummary};
use crate::store::{AuditEntry, ContactWrite, Detail, DomainWrite};
use crate::{Error, ErrorKind, Result};

/// The version of the shape; another one is refused.
pub const VERSION: u64 = 1;

/// Bytes of a fingerprint: no two states of a domain share one by chance.
const FINGERPRINT: usize = 16;

/// What a dry run would have written (S8.4), for [`RegistrarSync::apply`](crate::RegistrarSync::apply).
///
/// Shown, it is a table of the changes in plain text. Domains may be taken out of it before it is applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptPlan {
    /// The version of this shape.
    pub version: u64,
    /// When the dry run began.
    pub made_at: DateTime<Utc>,
    /// What a command that shows the dry run ends with; see [`exit_code`](Self::exit_code).
    pub exit_code: u8,
    /// The domains of which something would have been written, if only that they are as they were.
    pub domains: Vec<KeptDomain>,
}

/// What a dry run would have written of one domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptDomain {
    /// The name as stored.
    pub domain: String,
    /// `domains.id`.
    pub id: DomainId,
    /// `domains.partner_id`.
    pub partner_id: PartnerId,
    /// The registrar's slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registrar: Option<String>,
    /// The fingerprint of the local state that this was computed from.
    pub state: String,
    /// When the registrar answered: what `last_synced_at` becomes. Absent where the registrar failed, or the safety
    /// brake holds the domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<DateTime<Utc>>,
    /// What changes: each is written, and is an audit row. Of a held domain nothing of it is.
    #[serde(default, deserialize_with = "changes", skip_serializing_if = "Changes::is_empty")]
    pub changes: Changes,
    /// The whole instant of a new expiry, of which `changes` tell the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// What changes of `sync_metadata`: a key that goes is `null` (RFC 7396).
    #[serde(default, deserialize_with = "map", skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// Whether the safety brake holds its changes (S6.7): applied, it is flagged for review and nothing else.
    #[serde(default, skip_serializing_if = "is_false")]
    pub held: bool,
    /// Why it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What failed: applied, the failure is noted (S6.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What kind of failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorKind>,
    /// Whether a person should look at it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub needs_review: bool,
    /// What a person should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape that serde asks for
fn is_false(flag: &bool) -> bool {
    !flag
}

/// PHP has one array for both: its empty one comes as a list.
fn map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        Value::Array(list) if list.is_empty() => Ok(Map::new()),
        _ => Err(serde::de::Error::custom("expected an object")),
    }
}

fn changes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Changes, D::Error> {
    #[derive(Deserialize)]
    struct OldNew {
        old: Value,
        new: Value,
    }
    let entries = map(deserializer)?.into_iter().map(|(field, value)| {
        let OldNew { old, new } = serde_json::from_value(value)?;
        Ok(Change { field, old, new })
    });
    entries.collect::<Result<_, serde_json::Error>>().map(Changes).map_err(serde::de::Error::custom)
}

impl KeptPlan {
    /// A plan of nothing yet.
    pub(crate) fn new(made_at: DateTime<Utc>) -> Self {
        Self { version: VERSION, made_at, exit_code: 0, domains: Vec::new() }
    }

    /// Reads a plan, or the report of a dry run that holds one under `kept_plan`.
    ///
    /// Fails with `config` for anything else, for another version, and for changes that cannot be.
    pub fn from_value(mut value: Value) -> Result<Self> {
        if let Some(kept) = value.get_mut("kept_plan").map(Value::take) {
            value = kept;
        }
        let wrong = |problem: &dyn fmt::Display| Error::config("plan", format_args!("{problem}"));
        let version = value.get("version").and_then(Value::as_u64);
        let version = version.ok_or_else(|| wrong(&"expected what a dry run of many domains returned"))?;
        if version != VERSION {
            return Err(wrong(&format_args!("it is of version {version}, and this library reads version {VERSION}")));
        }
        let plan: Self = serde_json::from_value(value).map_err(|error| wrong(&error))?;
        plan.check()?;
        Ok(plan)
    }

    /// As [`from_value`](Self::from_value), from JSON.
    pub fn from_json(json: &str) -> Result<Self> {
        let value = serde_json::from_str(json).map_err(|error| {
            Error::config("plan", format_args!("it is no JSON: line {}, column {}", error.line(), error.column()))
        })?;
        Self::from_value(value)
    }

    /// What a command that shows the dry run ends with: 0 when there was nothing to do, 2 when there are changes, held
    /// ones too, 1 when a domain failed or the dry run stopped before its end.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// Whether all of it can be written at all.
    pub(crate) fn check(&self) -> Result<()> {
        if self.version != VERSION {
            return Err(Error::config("plan.version", format_args!("expected {VERSION}, got {}", self.version)));
        }
        let mut seen = BTreeMap::new();
        for (place, domain) in self.domains.iter().enumerate() {
            let wrong = |problem: &str| Error::config(&format!("plan.domains[{place}]"), format_args!("{problem}"));
            domain.steps().map_err(|problem| wrong(&problem))?;
            if let Some(first) = seen.insert(domain.id, place) {
                return Err(wrong(&format!("it is the same domain as plan.domains[{first}]")));
            }
        }
        Ok(())
    }
}

/// What of a domain's columns and rows is written.
#[derive(Debug, Default)]
struct Steps {
    status: Option<DomainStatus>,
    expires_at: Option<DateTime<Utc>>,
    nameservers: Option<Nameservers>,
    contacts: Vec<(ContactType, Vec<(ContactField, String)>)>,
}

impl KeptDomain {
    /// What a decision would have written.
    pub(crate) fn of(write: DomainWrite, result: &DomainResult, summary: &DomainSummary) -> Self {
        let DomainWrite { before, read, expires_at, synced_at, metadata, .. } = write;
        let old = own_metadata(&before);
        let new: Map<String, Value> = serde_json::from_str(&metadata).unwrap_or_default();
        Self {
            state: state(&before, read),
            domain: before.name,
            id: before.id,
            partner_id: before.partner_id,
            registrar: summary.registrar.clone(),
            synced_at: synced_at.map(|at| chrono::SubsecRound::trunc_subsecs(at, 0)),
            changes: result.changes.clone().unwrap_or_default(),
            expires_at,
            metadata: patch(&old, &new),
            held: result.held,
            reason: result.reason.clone(),
            error: result.error.clone(),
            error_code: result.error_code,
            needs_review: result.needs_review,
            warnings: result.warnings.clone(),
        }
    }

    /// How much of the domain is compared before it is written: as much as a sync that writes the same compares.
    pub(crate) fn detail(&self) -> Detail {
        let children = |change: &Change| change.field == "nameservers" || change.field.starts_with("contacts.");
        if !self.held && self.changes.0.iter().any(children) { Detail::Full } else { Detail::Columns }
    }

    /// What is told of it, once it is written.
    pub(crate) fn result(&self) -> DomainResult {
        let failed = self.error.is_some();
        DomainResult {
            domain: self.domain.clone(),
            id: Some(self.id),
            success: !failed,
            changes: (!failed).then(|| self.changes.clone()),
            reason: self.reason.clone(),
            error: self.error.clone(),
            error_code: self.error_code,
            held: self.held,
            needs_review: self.needs_review,
            warnings: self.warnings.clone(),
            ..DomainResult::default()
        }
    }

    /// The domain as a progress event names it.
    pub(crate) fn summary(&self) -> DomainSummary {
        DomainSummary {
            id: Some(self.id),
            name: self.domain.clone(),
            partner_id: Some(self.partner_id),
            registrar: self.registrar.clone(),
        }
    }

    /// What is written of it, if the domain is in the state that the plan was made in; `None` if it is not.
    pub(crate) fn write(&self, local: LocalDomain) -> Result<Option<DomainWrite>> {
        let read = self.detail();
        if state(&local, read) != self.state {
            return Ok(None);
        }
        let wrong = |problem: String| Error::config(&format!("plan.{}", self.domain), format_args!("{problem}"));
        let steps = self.steps().map_err(wrong)?;
        let mut metadata = own_metadata(&local);
        merge(&mut metadata, &self.metadata);
        let contact = |(kind, fields): (ContactType, Vec<(ContactField, String)>)| match local.contact(kind) {
            Some(row) => ContactWrite::Update { id: row.id, fields },
            None => {
                let contact =
                    fields.iter().fold(Contact::default(), |contact, (field, value)| contact.with(*field, value));
                ContactWrite::Insert { kind, contact }
            }
        };
        let contacts = steps.contacts.into_iter().map(contact).collect();
        let audited = if self.held { &[] } else { self.changes.0.as_slice() };
        let audits = audited.iter().cloned();
        let audits = audits.map(|Change { field, old, new }| AuditEntry { field, old, new }).collect();
        Ok(Some(DomainWrite {
            before: local,
            read,
            status: steps.status,
            expires_at: steps.expires_at,
            nameservers: steps.nameservers,
            contacts,
            synced_at: self.synced_at,
            metadata: laravel::json::encode(&Value::Object(metadata)),
            audits,
        }))
    }

    /// Reads the changes; a sentence where they cannot be.
    fn steps(&self) -> Result<Steps, String> {
        let mut steps = Steps::default();
        if self.held {
            return Ok(steps);
        }
        for Change { field, new, .. } in &self.changes.0 {
            let wrong = || format!("changes.{field}.new cannot be written");
            match field.as_str() {
                "status" => steps.status = Some(DomainStatus::deserialize(new).map_err(|_| wrong())?),
                "expires_at" => {
                    let instant = self.expires_at.ok_or("changes.expires_at without expires_at")?;
                    if new.as_str() != Some(&instant.format("%Y-%m-%d").to_string()) {
                        return Err("changes.expires_at and expires_at are not the same day".to_owned());
                    }
                    steps.expires_at = Some(instant);
                }
                "nameservers" => {
                    let hosts: Vec<String> = Vec::deserialize(new).map_err(|_| wrong())?;
                    let (hosts, unreadable) = Nameservers::parse(&hosts);
                    steps.nameservers = Some(hosts);
                    if !unreadable.is_empty() {
                        return Err(wrong());
                    }
                }
                _ => {
                    let kind = field.strip_prefix("contacts.").and_then(|kind| kind.parse().ok());
                    let kind = kind.ok_or_else(|| format!("changes.{field} is no field that a sync writes"))?;
                    let columns: BTreeMap<String, String> = BTreeMap::deserialize(new).map_err(|_| wrong())?;
                    let fields = columns.into_iter().map(|(column, value)| {
                        let field = ContactField::ALL.into_iter().find(|field| field.column() == column);
                        field.map(|field| (field, value)).ok_or_else(wrong)
                    });
                    steps.contacts.push((kind, fields.collect::<Result<_, _>>()?));
                }
            }
        }
        Ok(steps)
    }
}

/// `sync_metadata` without the lease of whoever syncs the domain at present.
fn own_metadata(local: &LocalDomain) -> Map<String, Value> {
    let text = local.metadata_text.as_deref().map(lease::without);
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// A text that differs when the domain does, as far as a sync compares it before it writes (S2.4): a lease is no
/// difference.
fn state(local: &LocalDomain, read: Detail) -> String {
    let mut hash = Sha256::new();
    // A length before each part, so that no two of them can be taken for others.
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    };
    add(&local.id.to_string());
    add(&local.name);
    add(&local.partner_id.to_string());
    add(&local.registrar_id.map_or_else(String::new, |id| id.to_string()));
    add(local.status.as_str());
    add(&local.expires_at.map_or_else(String::new, |at| at.timestamp().to_string()));
    add(&Value::Object(own_metadata(local)).to_string());
    if read == Detail::Full {
        add(&local.nameservers.len().to_string());
        local.nameservers.iter().for_each(|host| add(host));
        for row in &local.contacts {
            add(&row.id.to_string());
            add(row.kind.as_str());
            ContactField::ALL.into_iter().for_each(|field| add(row.contact.get(field).unwrap_or_default()));
        }
    }
    hash.finalize().iter().take(FINGERPRINT).map(|byte| format!("{byte:02x}")).collect()
}

/// What makes one object of another (RFC 7396). No value of `new` that is not in `old` may be `null`.
fn patch(old: &Map<String, Value>, new: &Map<String, Value>) -> Map<String, Value> {
    let gone = old.keys().filter(|key| !new.contains_key(*key)).map(|key| (key.clone(), Value::Null));
    let mut patched: Map<String, Value> = gone.collect();
    for (key, value) in new {
        match (old.get(key), value) {
            (Some(before), _) if before == value => {}
            (Some(Value::Object(before)), Value::Object(after)) => {
                patched.insert(key.clone(), Value::Object(patch(before, after)));
            }
            _ => {
                patched.insert(key.clone(), value.clone());
            }
        }
    }
    patched
}

/// Carries out what [`patch`] tells.
fn merge(object: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        match (object.get_mut(key), value) {
            (_, Value::Null) => {
                object.shift_remove(key);
            }
            (Some(Value::Object(before)), Value::Object(inner)) => merge(before, inner),
            _ => {
                object.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
