//! Writes what a dry run kept (S8.4): no registrar is asked.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::batch::{CHUNK, Run, Told, tell};
use super::call::Call;
use super::hold::HELD;
use super::single::no_domain;
use super::{Inner, ProgressSink};
use crate::diff::Mode;
use crate::kept::{KeptDomain, KeptPlan};
use crate::log;
use crate::model::{DomainId, DomainRef, LocalDomain};
use crate::options::SyncOptions;
use crate::report::{BatchReport, DomainResult};
use crate::store::{Detail, WriteOutcome};
use crate::{Error, Result};

/// What a result says of a domain that is not any more what the plan was made from.
const CHANGED: &str = "Changed since the plan was made";

/// Applies a plan, a chunk after the other.
pub(super) async fn run(
    inner: Arc<Inner>,
    plan: &KeptPlan,
    options: SyncOptions,
    sink: &mut dyn ProgressSink,
) -> Result<BatchReport> {
    let start = Instant::now();
    plan.check()?;
    let call = Call::new(&inner, Mode::Full, &options)?;
    let run = Run::new(inner, call, plan.domains.len() as u64);
    let mut report = BatchReport { dry_run: run.call.is_dry_run(), ..BatchReport::default() };
    for chunk in plan.domains.chunks(CHUNK) {
        report.cancelled |= run.call.is_cancelled(&run.inner);
        report.timed_out = options.max_seconds.is_some_and(|most| start.elapsed().as_secs() >= most.into());
        if report.cancelled || report.timed_out {
            break;
        }
        let told = write(&run, chunk).await?;
        if !run.call.is_dry_run() {
            told.iter().for_each(|told| log::domain(&told.domain, &told.result));
        }
        report.cancelled = tell(&run, &mut report, told, options.results, Some(sink)).await.is_break();
    }
    report.left = plan.domains.len() as u64 - report.stats.total;
    report.stats.duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(report)
}

/// Writes one chunk. A transaction that fails fails its domains, not the rest of the plan.
async fn write(run: &Run, chunk: &[KeptDomain]) -> Result<Vec<Told>> {
    let mut locals = load(run, chunk).await?;
    let now = run.inner.clock.now();
    let mut results = Vec::with_capacity(chunk.len());
    let (mut places, mut writes) = (Vec::new(), Vec::new());
    for (place, kept) in chunk.iter().enumerate() {
        let skipped = |reason| DomainResult::skipped(kept.domain.clone(), Some(kept.id), reason);
        results.push(match locals.remove(&kept.id) {
            None => DomainResult::failed(kept.domain.clone(), Some(kept.id), &no_domain(&DomainRef::Id(kept.id))),
            Some(local) if run.call.hold.is_elsewhere(local.metadata_text.as_deref(), now) => skipped(HELD),
            Some(local) => match kept.write(local)? {
                None => skipped(CHANGED),
                Some(write) => {
                    places.push(place);
                    writes.push(write);
                    kept.result()
                }
            },
        });
    }
    if let Some(store) = run.call.writes.as_ref().filter(|_| !writes.is_empty()) {
        let failed = |kept: &KeptDomain, error: &Error| DomainResult::failed(kept.domain.clone(), Some(kept.id), error);
        match store.write(&run.call.write_at(now), &writes).await {
            Ok(outcomes) => {
                for (place, outcome) in places.into_iter().zip(outcomes) {
                    let kept = &chunk[place];
                    match outcome {
                        WriteOutcome::Written => {}
                        WriteOutcome::ChangedLocally => {
                            results[place] = DomainResult::skipped(kept.domain.clone(), Some(kept.id), CHANGED);
                        }
                        WriteOutcome::Failed(error) => results[place] = failed(kept, &error),
                    }
                }
            }
            Err(error) => places.into_iter().for_each(|place| results[place] = failed(&chunk[place], &error)),
        }
    }
    let told = chunk.iter().zip(results);
    Ok(told.map(|(kept, result)| Told { domain: kept.summary(), result, kept: None }).collect())
}

/// Reads the domains of a chunk, each as much as it is compared.
async fn load(run: &Run, chunk: &[KeptDomain]) -> Result<HashMap<DomainId, LocalDomain>> {
    let mut locals = HashMap::with_capacity(chunk.len());
    for detail in [Detail::Columns, Detail::Full] {
        let ids: Vec<_> = chunk.iter().filter(|kept| kept.detail() == detail).map(|kept| kept.id).collect();
        if !ids.is_empty() {
            let loaded = run.inner.store.load(run.call.scope, &ids, detail).await?;
            locals.extend(loaded.into_iter().map(|local| (local.id, local)));
        }
    }
    Ok(locals)
}
