//! From what was read to what is written and told: pure.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::bookkeeping::{self, Seen};
use super::brake::is_worse;
use crate::config::DomainConfig;
use crate::diff::{Diff, Mode, diff, status_for};
use crate::model::{DomainRef, LocalDomain, RemoteDomain};
use crate::report::{DomainResult, DomainSummary, RemoteInfo};
use crate::store::{AuditEntry, Candidate, Detail, DomainWrite};
use crate::{Error, laravel};

/// A domain that is ready to be written and told of.
#[derive(Debug)]
pub(super) struct Decided {
    /// The domain for the progress event.
    pub(super) summary: DomainSummary,
    /// What is told, if the write succeeds.
    pub(super) result: DomainResult,
    /// What is written; `None` where nothing is.
    pub(super) write: Option<DomainWrite>,
}

impl Decided {
    /// Whether the domain's status would get worse (S6.7).
    pub(super) fn is_worse(&self) -> bool {
        self.write.as_ref().is_some_and(|write| write.status.is_some_and(|to| is_worse(write.before.status, to)))
    }

    /// Nothing of it but that a person should look (S6.7).
    pub(super) fn held(mut self, reason: &str, now: DateTime<Utc>) -> Self {
        self.result.held = true;
        self.result.needs_review = true;
        self.result.reason = Some(reason.to_owned());
        self.write = self.write.map(|write| {
            let mut before = write.before;
            before.metadata = before.metadata_text.as_deref().and_then(|text| serde_json::from_str(text).ok());
            let metadata = bookkeeping::held(&mut before, reason, now);
            self::write(before, Detail::Columns, Diff::default(), metadata, None)
        });
        self
    }
}

/// How the registrar's answer was come by.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Which fields were wanted.
    pub(super) mode: Mode,
    /// The change marker of the list row, where there was one.
    pub(super) marker: Option<String>,
    /// Whether the answer is the domain's details, not only a row.
    pub(super) details: bool,
    /// How often the registrar was asked for this domain alone.
    pub(super) attempts: u32,
}

/// A domain as a progress event names it.
pub(super) fn summary(local: &LocalDomain, slug: Option<&Arc<str>>) -> DomainSummary {
    DomainSummary {
        id: Some(local.id),
        name: local.name.clone(),
        partner_id: Some(local.partner_id),
        registrar: slug.map(|slug| slug.to_string()),
    }
}

/// A domain that is left alone.
pub(super) fn skipped(local: &LocalDomain, slug: Option<&Arc<str>>, reason: impl Into<String>) -> Decided {
    Decided {
        summary: summary(local, slug),
        result: DomainResult::skipped(local.name.clone(), Some(local.id), reason),
        write: None,
    }
}

/// A domain that is left alone before it was read whole.
pub(super) fn passed_over(candidate: Candidate, reason: &str) -> Decided {
    let Candidate { id, name, partner_id, .. } = candidate;
    Decided {
        result: DomainResult::skipped(name.clone(), Some(id), reason),
        summary: DomainSummary { id: Some(id), name, partner_id: Some(partner_id), registrar: None },
        write: None,
    }
}

/// A domain that cannot be read from the database.
pub(super) fn absent(domain: &DomainRef, name: String, error: &Error) -> Decided {
    let id = match domain {
        DomainRef::Id(id) => Some(*id),
        DomainRef::Name(_) => None,
    };
    Decided {
        result: DomainResult::failed(name.clone(), id, error),
        summary: DomainSummary { id, name, partner_id: None, registrar: None },
        write: None,
    }
}

/// A domain that fails without any trace in the database, since the reason lies on this side.
pub(super) fn refused(local: &LocalDomain, slug: Option<&Arc<str>>, error: &Error) -> Decided {
    Decided {
        summary: summary(local, slug),
        result: DomainResult::failed(local.name.clone(), Some(local.id), error),
        write: None,
    }
}

/// What an answer of the registrar means for a domain.
pub(super) fn answered(
    mut local: LocalDomain,
    slug: &Arc<str>,
    remote: &RemoteDomain,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Decided {
    // A row that is enough for a full sync tells of nothing but the status: its expiry is the stored one by the day.
    let diff = diff(&local, remote, if asked.details { asked.mode } else { Mode::StatusOnly });
    let full = asked.mode == Mode::Full;
    let seen = Seen {
        id: remote.remote_id.clone(),
        marker: asked.marker.clone().filter(|_| full),
        details_at: (full && asked.details).then_some(now),
        fingerprint: (full && asked.details).then(|| {
            let is_same = diff.nameservers.is_none() && diff.contacts.is_empty();
            if is_same { bookkeeping::fingerprint(&local) } else { bookkeeping::fingerprint(&diff.apply(&local)) }
        }),
        status: status_for(local.status, remote.status.meaning),
    };
    let metadata = bookkeeping::succeeded(&mut local, &diff, &remote.status.words, &seen, now);
    let result = DomainResult {
        domain: local.name.clone(),
        id: Some(local.id),
        success: true,
        changes: Some(diff.changes.clone()),
        info: Some(info(&local, remote)),
        transfer_in_progress: diff.transfer_in_progress,
        unknown_status: diff.unknown_status.clone(),
        needs_review: diff.review.is_some(),
        warnings: diff.warnings.clone(),
        attempts: asked.attempts,
        ..DomainResult::default()
    };
    let summary = summary(&local, Some(slug));
    // Where no nameserver and no contact is written, none is compared again before the write: what the application
    // edits meanwhile stays, and differs from the fingerprint, so that the next sync looks closer.
    let writes_more = diff.nameservers.is_some() || !diff.contacts.is_empty();
    let read = if writes_more { Detail::Full } else { Detail::Columns };
    Decided { summary, result, write: Some(write(local, read, diff, metadata, Some(now))) }
}

/// What a failure of the registrar means for a domain (S6.3).
pub(super) fn failed(
    mut local: LocalDomain,
    slug: &Arc<str>,
    error: &Error,
    asked: &Asked,
    rules: &DomainConfig,
    now: DateTime<Utc>,
) -> Decided {
    let (metadata, needs_review) = bookkeeping::failed(&mut local, error, rules, now);
    let result = DomainResult {
        attempts: asked.attempts,
        needs_review,
        ..DomainResult::failed(local.name.clone(), Some(local.id), error)
    };
    let write = write(local, Detail::Columns, Diff::default(), metadata, None);
    let summary = summary(&write.before, Some(slug));
    Decided { summary, result, write: Some(write) }
}

fn write(
    mut before: LocalDomain,
    read: Detail,
    diff: Diff,
    metadata: Map<String, Value>,
    synced_at: Option<DateTime<Utc>>,
) -> DomainWrite {
    if read == Detail::Columns {
        // They are compared no more, and many domains may wait for the writer.
        (before.nameservers, before.contacts) = (Vec::new(), Vec::new());
    }
    let audits = diff
        .changes
        .0
        .into_iter()
        .map(|change| AuditEntry { field: change.field, old: change.old, new: change.new })
        .collect();
    DomainWrite {
        before,
        read,
        status: diff.status,
        expires_at: diff.expires_at,
        nameservers: diff.nameservers,
        contacts: diff.contacts,
        synced_at,
        metadata: laravel::json::encode(&Value::Object(metadata)),
        audits,
    }
}

fn info(local: &LocalDomain, remote: &RemoteDomain) -> RemoteInfo {
    RemoteInfo {
        status: status_for(local.status, remote.status.meaning),
        registrar_status: remote.status.words.clone(),
        expires_at: remote.expires_at.known().copied(),
        nameservers: remote.nameservers.known().map(|hosts| hosts.iter().map(str::to_owned).collect()),
    }
}
