//! Holding domains against other processes while they are synced (S7.5).
//!
//! A call takes its domains by a lease in `sync_metadata`, renews the leases of those that take long, and gives back
//! what it did not come to. What a sync writes ends the lease by itself.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Inner;
use super::batch::CHUNK;
use super::call::Call;
use crate::Result;
use crate::model::{DomainId, Lease, lease};
use crate::store::{Candidate, MetadataSwap};

/// What a result says of a domain that another call holds.
pub(super) const HELD: &str = "Being synced by another process";

/// What one call holds.
#[derive(Debug)]
pub(super) struct Hold {
    holder: u64,
    length: TimeDelta,
    held: Mutex<HashSet<DomainId>>,
}

impl Hold {
    /// A hold of nothing yet, by a holder that no other call is.
    pub(super) fn new(seconds: u32) -> Self {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        // Its keys are random in every process.
        let holder = RandomState::new().hash_one((std::process::id(), CALLS.fetch_add(1, Ordering::Relaxed)));
        Self { holder, length: TimeDelta::seconds(seconds.into()), held: Mutex::default() }
    }

    fn lease(&self, now: DateTime<Utc>) -> Lease {
        Lease::new(self.holder, now + self.length)
    }

    /// Whether another call holds the domain of this metadata.
    pub(super) fn is_elsewhere(&self, metadata: Option<&str>, now: DateTime<Utc>) -> bool {
        let lease = metadata.and_then(Lease::read);
        lease.is_some_and(|lease| lease.holds(now) && !lease.is_of(&self.lease(now)))
    }

    fn held(&self) -> MutexGuard<'_, HashSet<DomainId>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What takes a domain, if its metadata is still this.
    pub(super) fn swap(&self, id: DomainId, before: Option<String>, now: DateTime<Utc>) -> MetadataSwap {
        let after = Some(self.lease(now).put(before.as_deref()));
        MetadataSwap { id, before, after }
    }

    /// Notes domains that were taken.
    pub(super) fn remember(&self, ids: impl IntoIterator<Item = DomainId>) {
        self.held().extend(ids);
    }

    /// Forgets domains whose lease ended with what was written.
    pub(super) fn forget(&self, ids: impl IntoIterator<Item = DomainId>) {
        let mut held = self.held();
        for id in ids {
            held.remove(&id);
        }
    }

    /// Half of what the leases last.
    pub(super) fn pace(&self) -> Duration {
        (self.length / 2).to_std().unwrap_or(Duration::from_secs(1))
    }
}

impl Inner {
    /// Takes domains for a call, and gives back those that it got. Others were taken, or changed, by somebody else
    /// since they were read.
    pub(super) async fn take(&self, call: &Call, candidates: Vec<Candidate>) -> Result<Vec<Candidate>> {
        let Some(writes) = call.writes.as_ref().filter(|_| !candidates.is_empty()) else {
            return Ok(candidates);
        };
        let now = self.clock.now();
        let swap = |candidate: &Candidate| call.hold.swap(candidate.id, candidate.metadata_text.clone(), now);
        let swaps: Vec<_> = candidates.iter().map(swap).collect();
        let taken: HashSet<DomainId> = writes.swap_metadata(&swaps).await?.into_iter().collect();
        call.hold.remember(taken.iter().copied());
        Ok(candidates.into_iter().filter(|candidate| taken.contains(&candidate.id)).collect())
    }

    /// Keeps renewing the leases of what a call still holds; never ends by itself.
    pub(super) async fn keep(&self, call: &Call) {
        loop {
            tokio::time::sleep(call.hold.pace()).await;
            let lease = call.hold.lease(self.clock.now());
            let renewed = self.change_leases(call, |metadata| Some(lease.put(Some(metadata)))).await;
            if let Err(error) = renewed {
                // The leases last until the next time; a database that is gone for longer fails the writes.
                tracing::warn!(%error, "the domains of a batch could not be held for longer");
            }
        }
    }

    /// Gives back what a call took and did not come to. Where that fails the leases end by themselves.
    pub(super) async fn give_back(&self, call: &Call) {
        if let Err(error) = self.change_leases(call, lease::end).await {
            tracing::warn!(%error, "domains that were not synced could not be given back before their leases end");
        }
    }

    /// Changes the metadata of domains that the call holds.
    async fn change_leases(&self, call: &Call, change: impl Fn(&str) -> Option<String> + Send) -> Result<()> {
        let Some(writes) = &call.writes else { return Ok(()) };
        let ids: Vec<DomainId> = call.hold.held().iter().copied().collect();
        let own = call.hold.lease(self.clock.now());
        for chunk in ids.chunks(CHUNK) {
            let mut swaps = Vec::with_capacity(chunk.len());
            for candidate in self.store.candidates(call.scope, chunk).await? {
                if let Some(before) = candidate.metadata_text
                    && Lease::read(&before).is_some_and(|lease| lease.is_of(&own))
                {
                    let after = change(&before);
                    swaps.push(MetadataSwap { id: candidate.id, before: Some(before), after });
                }
            }
            if !swaps.is_empty() {
                writes.swap_metadata(&swaps).await?;
            }
        }
        Ok(())
    }
}
