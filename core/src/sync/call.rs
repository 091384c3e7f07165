//! What holds for one call: the options completed from the configuration.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, SubsecRound, Utc};

use super::bookkeeping;
use super::hold::{HELD, Hold};
use super::port::Writes;
use super::{Canceller, Inner};
use crate::Result;
use crate::diff::Mode;
use crate::due::{Class, Rules};
use crate::model::{DomainStatus, RegistrarId};
use crate::options::SyncOptions;
use crate::registrar::CallContext;
use crate::store::{Candidate, Detail, DueQuery, Scope, WriteContext};

/// One call's settings and counters.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) mode: Mode,
    pub(super) scope: Scope,
    pub(super) force: bool,
    /// What it writes by; a dry run has nothing (S8.4).
    pub(super) writes: Option<Writes>,
    pub(super) allow_mass_change: bool,
    pub(super) concurrency: Option<u32>,
    /// When the call began; its bookkeeping carries the time of each write.
    pub(super) now: DateTime<Utc>,
    /// By which a later `cancel` of the handle is told from an earlier one.
    generation: u64,
    /// What stops this call alone.
    own: Canceller,
    /// What it holds against other calls (S7.5).
    pub(super) hold: Hold,
    write: WriteContext,
    /// When domains are due.
    pub(super) rules: Rules,
    requests: AtomicU64,
}

impl Call {
    pub(super) fn new(inner: &Inner, mode: Mode, options: &SyncOptions) -> Result<Self> {
        let config = &inner.config;
        let now = inner.clock.now();
        Ok(Self {
            mode,
            scope: Scope { partner_id: inner.partner(options.partner_id)? },
            force: options.force,
            writes: inner.store.writes(options.dry_run),
            allow_mass_change: options.allow_mass_change,
            concurrency: options.concurrency,
            now,
            generation: inner.canceller.generation(),
            own: options.canceller.clone().unwrap_or_default(),
            hold: Hold::new(config.domain.lease_seconds),
            write: WriteContext {
                now: now.trunc_subsecs(0),
                user_id: options.user_id.or(config.user_id),
                source: options.source.clone().unwrap_or_else(|| config.source.clone()),
            },
            rules: Rules::of(&config.domain),
            requests: AtomicU64::new(0),
        })
    }

    /// Ends when the call is cancelled (S6.8).
    pub(super) async fn cancelled(&self, inner: &Inner) {
        tokio::select! {
            () = inner.canceller.cancelled_since(self.generation) => {}
            () = self.own.cancelled_since(0) => {}
        }
    }

    /// Whether the call is cancelled (S6.8).
    pub(super) fn is_cancelled(&self, inner: &Inner) -> bool {
        inner.canceller.generation() != self.generation || self.own.generation() != 0
    }

    /// Whether nothing may be written (S8.4).
    pub(super) fn is_dry_run(&self) -> bool {
        self.writes.is_none()
    }

    /// What goes along to the registrar when a domain of this status is asked for at this time.
    pub(super) fn context(&self, now: DateTime<Utc>, local_status: DomainStatus) -> CallContext {
        CallContext::new(now).with_local_status(local_status).with_status_only(self.mode == Mode::StatusOnly)
    }

    /// How much of a domain is read for it.
    pub(super) fn detail(&self) -> Detail {
        match self.mode {
            Mode::Full => Detail::Full,
            Mode::StatusOnly => Detail::Columns,
        }
    }

    /// What every row written at `now` carries.
    pub(super) fn write_at(&self, now: DateTime<Utc>) -> WriteContext {
        WriteContext { now: now.trunc_subsecs(0), ..self.write.clone() }
    }

    /// Which domains are due for it (S1.3).
    pub(super) fn due(&self, limit: u32) -> DueQuery {
        DueQuery {
            now: self.now,
            interval: self.rules.interval_of(Class::Watched),
            near_intervals: self
                .rules
                .adaptive
                .map(|_| [Class::ExpiresSoon, Class::ExpiresLater].map(|class| self.rules.interval_of(class))),
            heal_interval: self.rules.heal_interval,
            priority_days: self.rules.priority.num_days(),
            limit,
        }
    }

    /// Why a domain is left alone, if so (S1.1, S1.5). A status-only sync is never too early.
    ///
    /// `next_attempt_at` holds back in a batch only.
    pub(super) fn skip_reason(
        &self,
        registrar_id: Option<RegistrarId>,
        last_synced_at: Option<DateTime<Utc>>,
        next_attempt_at: Option<DateTime<Utc>>,
    ) -> Option<&'static str> {
        if registrar_id.is_none() {
            return Some("No registrar assigned");
        }
        if self.force {
            return None;
        }
        if self.mode == Mode::Full && last_synced_at.is_some_and(|at| self.now - at < self.rules.shortest()) {
            return Some("Recently synced");
        }
        if next_attempt_at.is_some_and(|at| at > self.now) {
            return Some("Waiting to retry");
        }
        None
    }

    /// Why a domain of a chosen batch is left alone, if so.
    pub(super) fn candidate_skip_reason(&self, candidate: &Candidate, now: DateTime<Utc>) -> Option<&'static str> {
        let metadata = candidate.metadata_text.as_deref();
        let next_attempt_at = bookkeeping::marks(metadata).next_attempt_at;
        let reason = self.skip_reason(candidate.registrar_id, candidate.last_synced_at, next_attempt_at);
        reason.or_else(|| (!self.force && self.hold.is_elsewhere(metadata, now)).then_some(HELD))
    }

    /// Whether a domain that was found due has not been synced since.
    pub(super) fn is_still_due(&self, last_synced_at: Option<DateTime<Utc>>) -> bool {
        last_synced_at.is_none_or(|at| self.now - at >= self.rules.shortest())
    }

    /// Adds requests that were sent to a registrar.
    pub(super) fn count_requests(&self, requests: u64) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
    }

    /// How many were sent.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}
