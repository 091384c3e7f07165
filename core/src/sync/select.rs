//! Which domains need a sync (S1.3).
//!
//! With the fixed interval the database alone tells. An adaptive one is not a condition that an index answers: each class
//! is asked by its longest interval, and those that a sync changed lately, which are due sooner, are found by the newest
//! audit rows and judged here. Price, only where intervals adapt: one more look at the end of `audit_logs`, bounded by its
//! rows and not by the domains, and a read of the columns of what both looks found.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::Inner;
use super::batch::CHUNK;
use super::bookkeeping;
use super::call::Call;
use crate::Result;
use crate::due::{Class, Look};
use crate::model::{DomainId, LocalDomain};
use crate::store::Detail;

/// How many of the newest audit rows are looked through for domains that changed lately.
const NEWEST: u32 = 20_000;

impl Inner {
    /// At most `limit` domains that need a sync: by class, within a class the longest unsynced first, or where intervals
    /// adapt the longest overdue.
    pub(super) async fn needing_sync(&self, call: &Call, limit: u32) -> Result<Vec<DomainId>> {
        let due = self.store.domains_needing_sync(call.scope, &call.due(limit)).await?;
        let Some(since) = call.rules.memory().and_then(|memory| call.now.checked_sub_signed(memory)) else {
            return Ok(due);
        };
        let by_interval: HashSet<DomainId> = due.iter().copied().collect();
        let changed = self.store.changed_domains(call.scope, since, NEWEST).await?;
        let ids: Vec<_> = due.into_iter().chain(changed.into_iter().filter(|id| !by_interval.contains(id))).collect();
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            for local in self.store.load(call.scope, chunk, Detail::Columns).await? {
                let Some((class, due_at)) = judged(call, &local) else { continue };
                if by_interval.contains(&local.id) || (due_at <= call.now && is_free(call, &local)) {
                    found.push((class, due_at, local.id));
                }
            }
        }
        found.sort_unstable();
        found.truncate(limit as usize);
        Ok(found.into_iter().map(|(_, _, id)| id).collect())
    }
}

/// A domain's class and when it is due; one that was never synced comes before all others of its class.
fn judged(call: &Call, local: &LocalDomain) -> Option<(Class, DateTime<Utc>)> {
    let look = Look::from(local);
    let class = call.rules.class(&look, call.now)?;
    let due_at = look.last_synced_at.map_or(DateTime::<Utc>::MIN_UTC, |at| at + call.rules.interval(&look, class));
    Some((class, due_at))
}

/// What the database asks of a domain that it selects: a registrar, no wait after a failure, and nobody else at it.
fn is_free(call: &Call, local: &LocalDomain) -> bool {
    let metadata = local.metadata_text.as_deref();
    local.registrar_id.is_some()
        && bookkeeping::marks(metadata).next_attempt_at.is_none_or(|at| at <= call.now)
        && !call.hold.is_elsewhere(metadata, call.now)
}
