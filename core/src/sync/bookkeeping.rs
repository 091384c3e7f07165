//! What `domains.sync_metadata` holds: pure functions of what was there and what happened (S4.2, S6.3, S6.4).

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::config::DomainConfig;
use crate::diff::Diff;
use crate::due::CHANGED_AT;
use crate::model::{DomainStatus, LocalDomain, lease};
use crate::plan::Evidence;
use crate::report::DomainReview;
use crate::{Error, ErrorKind};

/// The keys that a failed sync leaves and a success removes.
const ERROR_KEYS: [&str; 5] = ["last_sync_attempt", "last_sync_error", "error_code", "attempts", "next_attempt_at"];
/// The keys that ask a person to look.
pub(super) const REVIEW_KEYS: [&str; 3] = ["needs_review", "review_reason", "review_since"];

/// Where the evidence of the registrar's record is kept.
const REMOTE: &str = "remote";

/// What is kept of the registrar's record, so that the next full sync can tell from a list row that nothing changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The registrar's own id.
    pub(super) id: Option<String>,
    /// The list row's change marker.
    pub(super) marker: Option<String>,
    /// When the details were read; `None` when a list row was enough.
    pub(super) details_at: Option<DateTime<Utc>>,
    /// The fingerprint of what is stored after this sync.
    pub(super) fingerprint: Option<String>,
    /// The status that the details told, where they told one.
    pub(super) status: Option<DomainStatus>,
}

/// The evidence that an earlier sync left, where it is whole.
pub(super) fn evidence(local: &LocalDomain) -> Option<Evidence> {
    let remote = local.metadata.as_ref()?.get(REMOTE)?.as_object()?;
    let text = |key: &str| remote.get(key)?.as_str();
    Some(Evidence {
        marker: text("marker")?.to_owned(),
        details_at: DateTime::parse_from_rfc3339(text("details_at")?).ok()?.into(),
        fingerprint: text("fingerprint")?.to_owned(),
        status: text("status").and_then(|word| word.parse().ok()),
    })
}

/// What `sync_metadata` says of whether and how a domain is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// S1.5.
    pub(super) next_attempt_at: Option<DateTime<Utc>>,
    /// Whether there is [`evidence`].
    pub(super) has_evidence: bool,
    /// Whether there is a [`remote_id`].
    pub(super) has_remote_id: bool,
}

/// The marks in a `sync_metadata` as stored. What is not needed for them is skipped and not made a value of.
pub(super) fn marks(metadata: Option<&str>) -> Marks {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Outer<'a> {
        #[serde(borrow)]
        next_attempt_at: Option<&'a RawValue>,
        #[serde(borrow)]
        remote: Option<&'a RawValue>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Remote<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        #[serde(borrow)]
        marker: Option<&'a RawValue>,
        #[serde(borrow)]
        details_at: Option<&'a RawValue>,
        #[serde(borrow)]
        fingerprint: Option<&'a RawValue>,
    }
    let text = |value: Option<&RawValue>| serde_json::from_str::<Cow<'_, str>>(value?.get()).ok().map(Cow::into_owned);
    let moment = |value| Some(DateTime::parse_from_rfc3339(&text(value)?).ok()?.to_utc());
    let is_text = |value: Option<&RawValue>| value.is_some_and(|value| value.get().starts_with('"'));
    let outer: Outer<'_> = metadata.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let remote: Remote<'_> = outer.remote.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    Marks {
        next_attempt_at: moment(outer.next_attempt_at),
        has_evidence: is_text(remote.marker) && is_text(remote.fingerprint) && moment(remote.details_at).is_some(),
        has_remote_id: is_text(remote.id),
    }
}

/// The registrar's id of a domain, where an earlier sync left it.
pub(super) fn remote_id(local: &LocalDomain) -> Option<&str> {
    local.metadata.as_ref()?.get(REMOTE)?.get("id")?.as_str()
}

/// Why a person should look at a domain.
pub(super) fn to_review(local: LocalDomain) -> DomainReview {
    DomainReview {
        id: local.id,
        partner_id: local.partner_id,
        reason: local.metadata_str("review_reason").map(str::to_owned),
        since: local.metadata_instant("review_since"),
        error_code: local.metadata_str("error_code").map(str::to_owned),
        attempts: local.metadata_u64("attempts").unwrap_or(0),
        domain: local.name,
    }
}

/// A short text that differs when the stored nameservers or contacts do.
pub(super) fn fingerprint(local: &LocalDomain) -> String {
    let mut hash = Sha256::new();
    for host in &local.nameservers {
        hash.update(host.as_bytes());
        hash.update([0]);
    }
    hash.update([1]);
    for row in &local.contacts {
        hash.update(row.kind.as_str().as_bytes());
        for (field, value) in row.contact.iter() {
            hash.update([2, field as u8]);
            hash.update(value.as_bytes());
        }
        hash.update([3]);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The metadata after a success (S4.2). Keys that are not the library's stay.
///
/// The domain's own are taken out of it: they are not needed again.
pub(super) fn succeeded(
    local: &mut LocalDomain,
    diff: &Diff,
    words: &str,
    seen: &Seen,
    now: DateTime<Utc>,
) -> Map<String, Value> {
    let since = local.metadata_str("review_since").map(str::to_owned);
    let mut metadata = local.metadata.take().unwrap_or_default();
    for key in [lease::KEY, "unknown_status"].into_iter().chain(ERROR_KEYS).chain(REVIEW_KEYS) {
        metadata.shift_remove(key);
    }
    metadata.insert("synced_at".into(), instant(now));
    metadata.insert("changes_detected".into(), json!(diff.changes.len()));
    metadata.insert("registrar_status".into(), json!(words));
    if !diff.changes.is_empty() {
        metadata.insert(CHANGED_AT.into(), instant(now));
    }
    if let Some(words) = &diff.unknown_status {
        metadata.insert("unknown_status".into(), json!(words));
    }
    if let Some(reason) = &diff.review {
        review(&mut metadata, since, reason, now);
    }
    let mut remote = match metadata.shift_remove(REMOTE) {
        Some(Value::Object(remote)) => remote,
        _ => Map::new(),
    };
    for (key, value) in [("id", &seen.id), ("marker", &seen.marker), ("fingerprint", &seen.fingerprint)] {
        if let Some(value) = value {
            remote.insert(key.into(), json!(value));
        }
    }
    if let Some(details_at) = seen.details_at {
        match seen.status {
            Some(status) => remote.insert("status".into(), json!(status)),
            None => remote.shift_remove("status"),
        };
        // An older marker stays true beside newer details: it still tells whether the record changed since.
        remote.insert("details_at".into(), instant(details_at));
    }
    if !remote.is_empty() {
        metadata.insert(REMOTE.into(), Value::Object(remote));
    }
    metadata
}

/// The metadata after a failure (S6.3), and whether a person is asked from now on (S6.4, S6.5).
///
/// The domain's own are taken out of it: they are not needed again.
pub(super) fn failed(
    local: &mut LocalDomain,
    error: &Error,
    rules: &DomainConfig,
    now: DateTime<Utc>,
) -> (Map<String, Value>, bool) {
    let earlier = local.metadata_u64("attempts").unwrap_or(0);
    let since = local.metadata_str("review_since").map(str::to_owned);
    let mut metadata = local.metadata.take().unwrap_or_default();
    metadata.shift_remove(lease::KEY);
    let attempts = earlier.saturating_add(1);
    metadata.insert("last_sync_attempt".into(), instant(now));
    metadata.insert("last_sync_error".into(), json!(error.message()));
    metadata.insert("error_code".into(), json!(error.kind()));
    metadata.insert("attempts".into(), json!(attempts));
    let retries = u64::from(rules.sync_retries);
    if attempts <= retries {
        metadata.insert("next_attempt_at".into(), instant(now + retry_delay(rules, attempts)));
    } else {
        // No more attempts of its own; it stays due, at the pace of the interval.
        metadata.insert("next_attempt_at".into(), instant(now + TimeDelta::hours(rules.sync_interval_hours.into())));
    }
    let reason = if error.kind() == ErrorKind::NotFound {
        Some("the registrar does not know this domain".to_owned())
    } else if attempts > retries {
        Some(format!("{attempts} syncs failed, the last one with {}: {}", error.kind(), error.message()))
    } else {
        None
    };
    if let Some(reason) = &reason {
        review(&mut metadata, since, reason, now);
    }
    (metadata, reason.is_some())
}

/// The metadata of a domain that the safety brake holds (S6.7): as it is, but for a person to look at.
///
/// The domain's own are taken out of it: they are not needed again.
pub(super) fn held(local: &mut LocalDomain, reason: &str, now: DateTime<Utc>) -> Map<String, Value> {
    let since = local.metadata_str("review_since").map(str::to_owned);
    let mut metadata = local.metadata.take().unwrap_or_default();
    metadata.shift_remove(lease::KEY);
    review(&mut metadata, since, reason, now);
    metadata
}

/// How long a domain waits after so many failures in a row: the configured delay, doubled each time, a day at most.
fn retry_delay(rules: &DomainConfig, attempts: u64) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
    let seconds = i64::from(rules.sync_retry_delay).saturating_mul(1_i64 << doublings);
    TimeDelta::seconds(seconds).min(TimeDelta::days(1))
}

fn review(metadata: &mut Map<String, Value>, since: Option<String>, reason: &str, now: DateTime<Utc>) {
    let since = since.map_or_else(|| instant(now), Value::String);
    metadata.insert("needs_review".into(), json!(true));
    metadata.insert("review_reason".into(), json!(reason));
    metadata.insert("review_since".into(), since);
}

/// As PHP's `toIso8601String()` writes it.
fn instant(at: DateTime<Utc>) -> Value {
    json!(at.to_rfc3339_opts(SecondsFormat::Secs, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::testing::local;

    fn now() -> DateTime<Utc> {
        "2026-11-23T02:43:43Z".parse().unwrap()
    }

    #[test]
    fn a_success_leaves_what_the_rule_says_and_keeps_foreign_keys() {
        let mut domain = local("example.com");
        domain.metadata =
            json!({"theirs": [1], "last_sync_error": "x", "attempts": 2, "needs_review": true, "review_reason": "y"})
                .as_object()
                .cloned();
        let metadata = succeeded(&mut domain, &Diff::default(), "Active", &Seen::default(), now());
        let wanted = json!({"theirs": [1], "synced_at": "2026-11-23T02:43:43+00:00", "changes_detected": 0, "registrar_status": "Active"});
        assert_eq!(Value::Object(metadata), wanted, "S4.2");
    }

    #[test]
    fn failures_wait_longer_each_time_and_then_ask_a_person() {
        let mut domain = local("example.com");
        let rules = DomainConfig::default();
        let error = Error::new(ErrorKind::Timeout, "no answer");
        let mut waits = Vec::new();
        for _ in 0..4 {
            let (metadata, asked) = failed(&mut domain, &error, &rules, now());
            domain.metadata = Some(metadata);
            let next = domain.metadata_instant("next_attempt_at").unwrap();
            waits.push(((next - now()).num_seconds(), asked));
        }
        assert_eq!(waits, [(300, false), (600, false), (1200, false), (21_600, true)], "S6.4");
        assert_eq!(domain.metadata_str("error_code"), Some("timeout"), "S6.3");
        assert!(domain.metadata_str("review_reason").unwrap().starts_with("4 syncs failed"), "S6.4");
    }

    #[test]
    fn what_the_registrar_does_not_know_is_for_a_person_at_once() {
        let (metadata, asked) =
            failed(&mut local("example.com"), &Error::not_found("not there"), &DomainConfig::default(), now());
        assert!(asked && metadata["needs_review"] == true, "S6.5");
    }

    #[test]
    fn the_marks_are_what_the_whole_metadata_say() {
        for (metadata, due) in [
            (json!({}), false),
            (json!({"next_attempt_at": "2026-11-23T03:00:00+01:00", "remote": 7}), true),
            (json!({"next_attempt_at": 7, "remote": {"id": "1", "marker": "m"}}), false),
            (
                json!({"remote": {"id": 1, "marker": "m\u{e9}\n", "details_at": "2026-11-22T00:00:00Z", "fingerprint": "f"}}),
                false,
            ),
            (json!({"remote": {"marker": "m", "details_at": "yesterday", "fingerprint": "f"}}), false),
            (json!({"remote": {"marker": "m", "details_at": "2026-11-22T00:00:00Z", "fingerprint": null}}), false),
        ] {
            let mut domain = local("example.com");
            domain.metadata = metadata.as_object().cloned();
            let marks = marks(Some(&metadata.to_string()));
            assert_eq!(marks.next_attempt_at, domain.metadata_instant("next_attempt_at"), "S1.5 {metadata}");
            assert_eq!(marks.next_attempt_at.is_some(), due, "{metadata}");
            assert_eq!(marks.has_evidence, evidence(&domain).is_some(), "{metadata}");
            assert_eq!(marks.has_remote_id, remote_id(&domain).is_some(), "{metadata}");
        }
        for text in [None, Some(""), Some("[]"), Some("{")] {
            assert_eq!(marks(text), Marks::default());
        }
    }

    #[test]
    fn the_fingerprint_tells_every_stored_field() {
        let domain = local("example.com");
        let before = fingerprint(&domain);
        let mut other = domain.clone();
        other.nameservers.swap(0, 1);
        assert_ne!(fingerprint(&other), before);
        let mut other = domain.clone();
        other.contacts[0].contact.set(crate::model::ContactField::City, "Elsewhere");
        assert_ne!(fingerprint(&other), before);
        let mut other = domain.clone();
        other.metadata = None;
        assert_eq!(fingerprint(&other), before);
    }
}
