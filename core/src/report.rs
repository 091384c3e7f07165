//! What a sync tells of itself: plain data, the same in Rust, in C's JSON and in PHP's arrays (S8).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::budget::Budget;
use crate::kept::KeptPlan;
use crate::model::{Currency, DomainId, DomainStatus, PartnerId, PriceAction};
use crate::{Error, ErrorKind};

/// A field that differs between the application and the registrar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `status`, `expires_at`, `nameservers`, or `contacts.` and a role.
    pub field: String,
    /// The application's value: a word, a day `Y-m-d`, a list of hosts, or an object of columns.
    pub old: Value,
    /// The registrar's value, in the same shape.
    pub new: Value,
}

/// The changes of a domain, each field once. Serialises as an object: field to `{"old", "new"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(pub Vec<Change>);

impl Changes {
    /// The change of a field.
    pub fn get(&self, field: &str) -> Option<&Change> {
        self.0.iter().find(|change| change.field == field)
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many fields changed.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl Serialize for Changes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct OldNew<'a> {
            old: &'a Value,
            new: &'a Value,
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for change in &self.0 {
            map.serialize_entry(&change.field, &OldNew { old: &change.old, new: &change.new })?;
        }
        map.end()
    }
}

/// What the registrar said, as far as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RemoteInfo {
    /// Its status as one of ours; absent where its words are not in the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<DomainStatus>,
    /// Its own words for the status.
    pub registrar_status: String,
    /// The end of the registration, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Its nameservers; absent where they were not asked for or not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nameservers: Option<Vec<String>>,
}

/// What came of one domain (S8.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DomainResult {
    /// Its name; what the caller gave where there is no such domain.
    pub domain: String,
    /// `domains.id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<DomainId>,
    /// Whether it went well. Skipped domains did.
    pub success: bool,
    /// Whether it was left alone; `reason` says why.
    #[serde(skip_serializing_if = "is_false")]
    pub skipped: bool,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What changed; empty when nothing did, absent when it was skipped or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// What the registrar said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<RemoteInfo>,
    /// What failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What kind of failure (S6.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorKind>,
    /// The registrar's own code of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registrar_code: Option<String>,
    /// Whether the safety brake held the domain back, so that nothing of `changes` was written (S6.7).
    #[serde(skip_serializing_if = "is_false")]
    pub held: bool,
    /// Whether the local status belongs to the transfer flow and was left alone (S3.3).
    #[serde(skip_serializing_if = "is_false")]
    pub transfer_in_progress: bool,
    /// The registrar's words for the status, where they are not in its table (S3.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_status: Option<String>,
    /// Whether a person should look at it (S6.4, S6.5).
    #[serde(skip_serializing_if = "is_false")]
    pub needs_review: bool,
    /// Whether nothing was written because the caller asked so (S8.4).
    #[serde(skip_serializing_if = "is_false")]
    pub dry_run: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// How often the registrar was asked for it alone: 0 when its list told enough, or it was skipped.
    pub attempts: u32,
    /// What a person should know.
    pub warnings: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape that serde asks for
fn is_false(flag: &bool) -> bool {
    !flag
}

impl DomainResult {
    /// A domain that was left alone (S1.1).
    pub fn skipped(domain: impl Into<String>, id: Option<DomainId>, reason: impl Into<String>) -> Self {
        Self { domain: domain.into(), id, success: true, skipped: true, reason: Some(reason.into()), ..Self::default() }
    }

    /// A domain that failed.
    pub fn failed(domain: impl Into<String>, id: Option<DomainId>, error: &Error) -> Self {
        Self {
            domain: domain.into(),
            id,
            error: Some(error.to_string()),
            error_code: Some(error.kind()),
            registrar_code: error.native().and_then(|native| native.code.clone()),
            ..Self::default()
        }
    }

    /// Whether anything changed.
    pub fn is_changed(&self) -> bool {
        !self.held && self.changes.as_ref().is_some_and(|changes| !changes.is_empty())
    }
}

/// The numbers of a batch (S8.2): `total = synced + failed + skipped + held`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BatchStats {
    /// Domains looked at.
    pub total: u64,
    /// Domains in step with the registrar now.
    pub synced: u64,
    /// Domains that failed.
    pub failed: u64,
    /// Domains left alone.
    pub skipped: u64,
    /// Domains of which something changed.
    pub changes: u64,
    /// Domains whose change was held back (S6.7).
    pub held: u64,
    /// Requests sent to registrars.
    pub api_calls: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl BatchStats {
    /// Counts one result.
    pub fn count(&mut self, result: &DomainResult) {
        self.total += 1;
        if result.held {
            self.held += 1;
        } else if result.skipped {
            self.skipped += 1;
        } else if result.success {
            self.synced += 1;
        } else {
            self.failed += 1;
        }
        if result.is_changed() {
            self.changes += 1;
        }
    }
}

/// What came of a batch (S8.2).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BatchReport {
    /// Its numbers.
    pub stats: BatchStats,
    /// The results that [`ResultsMode`](crate::ResultsMode) asks for, in order of completion. Serialises as an object by
    /// domain name.
    #[serde(serialize_with = "by_name")]
    pub results: Vec<DomainResult>,
    /// Whether the caller stopped it before its end; what was not started is not in it (S6.8).
    pub cancelled: bool,
    /// Whether it stopped because its `max_seconds` were over.
    pub timed_out: bool,
    /// How many domains of the selection are not in it, because it stopped before its end.
    pub left: u64,
    /// Whether nothing was written because the caller asked so (S8.4).
    pub dry_run: bool,
    /// How each registrar was asked, by slug.
    pub plan: BTreeMap<String, PlanReport>,
    /// What each registrar had to do with it, by slug.
    pub registrars: BTreeMap<String, RegistrarReport>,
    /// What a dry run would have written, to be kept and applied later: of the domains whose results are kept here.
    /// Absent when something was written, and where no result is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_plan: Option<KeptPlan>,
}

impl BatchReport {
    /// What a command that shows a dry run ends with: 0 when there was nothing to do, 2 when there are changes, held
    /// ones too, 1 when a domain failed or not all were looked at.
    pub fn exit_code(&self) -> u8 {
        if self.stats.failed > 0 || self.cancelled || self.timed_out {
            1
        } else if self.stats.changes > 0 || self.stats.held > 0 {
            2
        } else {
            0
        }
    }

    /// Counts a domain: in the numbers of the batch, and in those of its registrar where it has one.
    pub(crate) fn count(&mut self, domain: &DomainSummary, result: &DomainResult) {
        self.stats.count(result);
        let Some(slug) = &domain.registrar else { return };
        if !self.registrars.contains_key(slug) {
            self.registrars.insert(slug.clone(), RegistrarReport::default());
        }
        if let Some(registrar) = self.registrars.get_mut(slug) {
            registrar.count(result);
        }
    }
}

/// What one registrar had to do with a batch: counters of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RegistrarReport {
    /// Domains looked at. They are divided as in [`BatchStats`].
    pub domains: u64,
    /// Domains in step with it now.
    pub synced: u64,
    /// Domains that failed.
    pub failed: u64,
    /// Domains left alone.
    pub skipped: u64,
    /// Domains whose change was held back (S6.7).
    pub held: u64,
    /// Domains that a person is asked to look at.
    pub needs_review: u64,
    /// How many domains changed in each field: `status`, `expires_at`, `nameservers`, `contacts.registrant` …
    pub changed: BTreeMap<String, u64>,
    /// Requests sent to it, repeated ones too.
    pub requests: u64,
    /// Requests that were sent again after a failure (S6.2).
    pub retries: u64,
    /// How often its limits or a pause made a piece of work wait (S7.1), and for how long together, in milliseconds.
    pub waits: u64,
    /// See `waits`. Pieces of work wait at the same time, so that this may be more than the batch took.
    pub wait_ms: u64,
    /// How often the account was paused because it asked for that.
    pub pauses: u64,
    /// Words for a status that are not in its table (S3.1), and how many domains had them.
    pub unknown_statuses: BTreeMap<String, u64>,
    /// Why it was left alone for the rest of the batch, where it was (S6.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

impl RegistrarReport {
    fn count(&mut self, result: &DomainResult) {
        self.domains += 1;
        let place = if result.held {
            &mut self.held
        } else if result.skipped {
            &mut self.skipped
        } else if result.success {
            &mut self.synced
        } else {
            &mut self.failed
        };
        *place += 1;
        self.needs_review += u64::from(result.needs_review);
        if result.is_changed() {
            for change in result.changes.iter().flat_map(|changes| &changes.0) {
                increment(&mut self.changed, &change.field);
            }
        }
        if let Some(words) = &result.unknown_status {
            increment(&mut self.unknown_statuses, words);
        }
    }
}

fn increment(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.to_owned(), 1);
        }
    }
}

fn by_name<S: Serializer>(results: &[DomainResult], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(results.iter().map(|result| (&result.domain, result)))
}

/// A domain that a person should look at (S6.4).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DomainReview {
    /// The name as stored.
    pub domain: String,
    /// `domains.id`.
    pub id: DomainId,
    /// `domains.partner_id`.
    pub partner_id: PartnerId,
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// What kind of failure the last sync was, where it failed.
    pub error_code: Option<String>,
    /// How many syncs have failed since the last one that did not.
    pub attempts: u64,
}

/// How a registrar was asked, and why so (S7.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlanReport {
    /// `list`, `by_id` or `single`.
    pub method: String,
    /// Why this was the cheapest.
    pub reason: String,
    /// Requests that it should have taken.
    pub expected: u64,
    /// Requests made.
    pub calls: u64,
    /// Whether the whole list was read: `complete`, or why what is absent from it may be there all the same (S6.5).
    /// Absent where no list was read, or not to its end because all domains were found before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// What a person should know: that the batch takes longer than its syncs are good for, since the rate limit is low.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// Called for every domain as it is done (S8.3).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProgressEvent {
    /// The domain.
    pub domain: DomainSummary,
    /// What came of it.
    pub result: DomainResult,
    /// How many domains are done, this one included.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// Which domain a progress event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainSummary {
    /// `domains.id`; `None` where there is no such domain.
    pub id: Option<DomainId>,
    /// The name, or what the caller gave.
    pub name: String,
    /// `domains.partner_id`.
    pub partner_id: Option<PartnerId>,
    /// The registrar's slug.
    pub registrar: Option<String>,
}

/// What came of a price sync (S5).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PriceReport {
    /// The registrar's slug.
    pub registrar: String,
    /// Whether no TLD failed.
    pub success: bool,
    /// Whether it was left alone; `reason` says why.
    #[serde(skip_serializing_if = "is_false")]
    pub skipped: bool,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why nothing could be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What kind of failure that is (S6.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorKind>,
    /// Its numbers.
    pub stats: PriceStats,
    /// The currency that the registrar quoted, where it told (S5.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Prices that changed.
    pub changes: Vec<PriceChange>,
    /// Changes above the threshold (S5.3).
    pub alerts: Vec<PriceChange>,
    /// Prices that were not believed and not stored (S5.5).
    pub held: Vec<HeldPrice>,
    /// TLDs that failed (S5.6).
    pub errors: Vec<TldError>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// Whether it was stopped before its end.
    pub cancelled: bool,
    /// Whether nothing was written because the caller asked so (S8.4).
    pub dry_run: bool,
}

/// The numbers of a price sync, in TLDs except for `changes`, `alerts` and `held`, which count prices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // as in `BatchStats`
pub struct PriceStats {
    pub total: u64,
    pub synced: u64,
    pub failed: u64,
    pub skipped: u64,
    pub changes: u64,
    pub alerts: u64,
    pub held: u64,
    pub api_calls: u64,
    pub duration_ms: u64,
}

/// A price that changed. Money is a decimal text with two places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceChange {
    /// The suffix, without a leading dot.
    pub tld: String,
    /// What it is for.
    pub action: PriceAction,
    /// For how many years.
    pub years: u8,
    /// The price in force before; `None` for a first price.
    pub old: Option<String>,
    /// The price from today on.
    pub new: String,
    /// By how much it moved, in percent with two places; `None` for a first price.
    pub percent: Option<String>,
}

/// A price that was not believed (S5.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldPrice {
    /// The price as it would have been.
    #[serde(flatten)]
    pub price: PriceChange,
    /// Why it is held back.
    pub reason: String,
}

/// A TLD whose prices could not be synced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TldError {
    /// The suffix, without a leading dot.
    pub tld: String,
    /// What failed.
    pub error: String,
    /// What kind of failure.
    pub error_code: ErrorKind,
}

/// Told for every TLD as it is done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PriceProgress {
    /// The suffix, without a leading dot.
    pub tld: String,
    /// Its prices that changed.
    pub changes: Vec<PriceChange>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<TldError>,
    /// How many TLDs are done, this one included.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// Numbers about the domains of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StatsReport {
    /// Domains that are not soft-deleted.
    pub total: u64,
    /// Those with a registrar.
    pub with_registrar: u64,
    /// Those with a registrar that were never synced.
    pub never_synced: u64,
    /// Those that were synced within the interval.
    pub recently_synced: u64,
    /// Those that are due (S1.3).
    pub needs_sync: u64,
    /// Active ones that expire within `priority_sync_days`.
    pub expiring_soon: u64,
    /// Those whose last sync failed.
    pub failed: u64,
    /// Those that a person should look at (S6.4).
    pub needs_review: u64,
    /// How many there are of each status.
    pub by_status: BTreeMap<String, u64>,
    /// The latest sync of any of them.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// Whether each registrar's rate limit leaves enough requests for the configured freshness, by slug.
    pub budget: Vec<Budget>,
}
