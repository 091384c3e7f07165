//! Many domains: who is asked, and what is told of it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::SubsecRound;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};

use super::call::Call;
use super::decide::{self, Decided};
use super::fetch::{self, Asked, Group};
use super::hold::HELD;
use super::single::{no_domain, unreadable_domain};
use super::writer::{self, Item};
use super::{Inner, ProgressSink, bookkeeping};
use crate::diff::Mode;
use crate::kept::{KeptDomain, KeptPlan};
use crate::model::{DomainId, DomainRef, RegistrarId, RegistrarRef};
use crate::options::{ResultsMode, Selection, SyncOptions};
use crate::report::{BatchReport, DomainResult, DomainSummary, ProgressEvent};
use crate::store::Candidate;
use crate::{Error, ErrorKind, Result, log};

/// How many domains are read, and written, at a time.
pub(super) const CHUNK: usize = 500;

/// How many domains wait for the writer before the asking slows down.
const WAITING: usize = 2 * CHUNK;

/// How often other due domains are looked for in place of those that were taken meanwhile.
const ROUNDS: usize = 8;

/// What is told of a domain.
pub(super) struct Told {
    pub(super) domain: DomainSummary,
    pub(super) result: DomainResult,
    /// What a dry run would have written of it.
    pub(super) kept: Option<KeptDomain>,
}

/// What the tasks of a batch share.
pub(super) struct Run {
    pub(super) inner: Arc<Inner>,
    pub(super) call: Call,
    /// Domains of the batch.
    total: AtomicU64,
}

/// Syncs a selection.
pub(super) async fn run(
    inner: Arc<Inner>,
    mode: Mode,
    selection: Selection,
    options: SyncOptions,
    sink: &mut dyn ProgressSink,
) -> Result<BatchReport> {
    let start = Instant::now();
    let call = Call::new(&inner, mode, &options)?;
    let limit = options.limit.unwrap_or(inner.config.domain.sync_batch_size);
    let run = Arc::new(Run::new(inner, call, 0));
    let seconds = options.max_seconds.map(|seconds| Duration::from_secs(seconds.into()));
    let deadline = async {
        match seconds {
            Some(seconds) => tokio::time::sleep(seconds).await,
            None => std::future::pending().await,
        }
    };
    let report = attend(&run, selection, limit, options.results, deadline, sink).await;
    run.inner.give_back(&run.call).await;
    let mut report = report?;
    report.stats.duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    log::batch(&report);
    Ok(report)
}

async fn attend(
    run: &Arc<Run>,
    selection: Selection,
    limit: u32,
    keep: ResultsMode,
    deadline: impl Future<Output = ()>,
    sink: &mut dyn ProgressSink,
) -> Result<BatchReport> {
    let (stop, stopped) = watch::channel(false);
    let (items, to_write) = mpsc::channel(WAITING);
    let (told, mut events) = mpsc::channel::<Vec<Told>>(4);

    let mut writing = JoinSet::new();
    writing.spawn(writer::run(Arc::clone(run), to_write, told, stopped.clone()));
    let mut asking = JoinSet::new();
    asking.spawn(direct(Arc::clone(run), selection, limit, items, stopped));

    // Ends with this function.
    let mut keeping = JoinSet::new();
    if !run.call.is_dry_run() {
        let run = Arc::clone(run);
        keeping.spawn(async move { run.inner.keep(&run.call).await });
    }

    let mut report = BatchReport {
        dry_run: run.call.is_dry_run(),
        kept_plan: (run.call.is_dry_run() && keep != ResultsMode::None)
            .then(|| KeptPlan::new(run.call.now.trunc_subsecs(0))),
        ..BatchReport::default()
    };
    let cancelled = run.call.cancelled(&run.inner);
    tokio::pin!(cancelled, deadline);
    loop {
        tokio::select! {
            chunk = events.recv() => {
                let Some(chunk) = chunk else { break };
                let sink = (!report.cancelled).then_some(&mut *sink);
                if tell(run, &mut report, chunk, keep, sink).await.is_break() {
                    report.cancelled = true;
                    stop.send_replace(true);
                }
            }
            () = &mut cancelled, if !report.cancelled => {
                report.cancelled = true;
                stop.send_replace(true);
            }
            () = &mut deadline, if !*stop.borrow() => {
                report.timed_out = true;
                stop.send_replace(true);
            }
        }
    }
    finish(&mut writing).await?;
    let asked = match finish(&mut asking).await {
        // Whoever still had something for the writer of a stopped batch found it gone (S6.8).
        Err(error) if *stop.borrow() && error.kind() == ErrorKind::Cancelled => Vec::new(),
        asked => asked?.unwrap_or_default(),
    };
    for Asked { slug, plan, counts, stopped } in asked {
        let registrar = report.registrars.entry(slug.clone()).or_default();
        (registrar.requests, registrar.retries, registrar.stopped) = (counts.requests, counts.retries, stopped);
        (registrar.waits, registrar.pauses) = (counts.waits, counts.pauses);
        registrar.wait_ms = u64::try_from(counts.waited.as_millis()).unwrap_or(u64::MAX);
        report.plan.extend(plan.map(|plan| (slug, plan)));
    }
    report.stats.api_calls = run.call.requests();
    report.left = run.total.load(Ordering::Relaxed).saturating_sub(report.stats.total);
    let exit_code = report.exit_code();
    if let Some(plan) = &mut report.kept_plan {
        plan.exit_code = exit_code;
    }
    Ok(report)
}

/// Counts a chunk, keeps what the report keeps, and tells the caller.
pub(super) async fn tell(
    run: &Run,
    report: &mut BatchReport,
    chunk: Vec<Told>,
    keep: ResultsMode,
    sink: Option<&mut (dyn ProgressSink + '_)>,
) -> std::ops::ControlFlow<()> {
    let total = run.total.load(Ordering::Relaxed);
    let mut events = Vec::with_capacity(if sink.is_some() { chunk.len() } else { 0 });
    for Told { domain, mut result, kept: to_keep } in chunk {
        result.dry_run = run.call.is_dry_run();
        report.count(&domain, &result);
        let kept = match keep {
            ResultsMode::All => true,
            ResultsMode::Changed => result.is_changed() || result.held || !result.success,
            ResultsMode::None => false,
        };
        if sink.is_some() {
            let result = if kept { result.clone() } else { std::mem::take(&mut result) };
            events.push(ProgressEvent { domain, result, done: report.stats.total, total });
        }
        if kept {
            report.results.push(result);
            if let Some(plan) = &mut report.kept_plan {
                plan.domains.extend(to_keep);
            }
        }
    }
    match sink {
        Some(sink) => sink.progress(events).await,
        None => std::ops::ControlFlow::Continue(()),
    }
}

/// Waits for the one task of a set; a defect in it is an error of ours.
async fn finish<T: 'static>(tasks: &mut JoinSet<Result<T>>) -> Result<Option<T>> {
    match tasks.join_next().await {
        None => Ok(None),
        Some(ended) => joined(ended).map(Some),
    }
}

pub(super) fn joined<T>(ended: Result<Result<T>, JoinError>) -> Result<T> {
    ended.unwrap_or_else(|error| {
        Err(Error::new(ErrorKind::Internal, "a task of the batch ended early: please report this").with_source(error))
    })
}

/// Selects the domains, sorts them by registrar, and lets each registrar be asked at the same time (S7.2).
async fn direct(
    run: Arc<Run>,
    selection: Selection,
    limit: u32,
    items: mpsc::Sender<Item>,
    stopped: watch::Receiver<bool>,
) -> Result<Vec<Asked>> {
    let mut until = stopped.clone();
    let groups = tokio::select! {
        groups = triage(&run, selection, limit, &items) => groups?,
        _ = until.wait_for(|stopped| *stopped) => return Ok(Vec::new()),
    };
    let mut registrars = JoinSet::new();
    for (id, group) in groups {
        registrars.spawn(fetch::run(Arc::clone(&run), id, group, items.clone(), stopped.clone()));
    }
    drop(items);
    let mut asked = Vec::new();
    while let Some(ended) = registrars.join_next().await {
        asked.extend(joined(ended)?);
    }
    Ok(asked)
}

/// What is synced of the selection, by registrar. What is not is told at once.
async fn triage(
    run: &Run,
    selection: Selection,
    limit: u32,
    items: &mpsc::Sender<Item>,
) -> Result<BTreeMap<RegistrarId, Group>> {
    let mut groups = BTreeMap::new();
    match selection {
        Selection::NeedingSync => due(run, limit, &mut groups).await?,
        Selection::Domains(domains) => chosen(run, domains, items, &mut groups).await?,
    }
    Ok(groups)
}

/// Takes domains that need a sync. Those that another process was quicker to take are left to it, and others are
/// looked for instead (S7.5).
async fn due(run: &Run, limit: u32, groups: &mut BTreeMap<RegistrarId, Group>) -> Result<()> {
    let Run { inner, call, total } = run;
    let mut wanted = limit;
    for _ in 0..ROUNDS {
        let ids = inner.needing_sync(call, wanted).await?;
        let mut taken = 0;
        for chunk in ids.chunks(CHUNK) {
            let mut candidates = inner.store.candidates(call.scope, chunk).await?;
            let now = inner.clock.now();
            candidates.retain(|candidate| {
                call.is_still_due(candidate.last_synced_at)
                    && !call.hold.is_elsewhere(candidate.metadata_text.as_deref(), now)
            });
            for candidate in inner.take(call, candidates).await? {
                taken += 1;
                total.fetch_add(1, Ordering::Relaxed);
                add(groups, call.mode, &candidate);
            }
        }
        let found = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        if found < wanted || taken >= found {
            break;
        }
        wanted -= taken;
    }
    Ok(())
}

/// Takes the domains that the caller chose.
async fn chosen(
    run: &Run,
    domains: Vec<DomainRef>,
    items: &mpsc::Sender<Item>,
    groups: &mut BTreeMap<RegistrarId, Group>,
) -> Result<()> {
    let Run { inner, call, total } = run;
    let (ids, missing) = find(run, domains).await?;
    total.store((ids.len() + missing.len()) as u64, Ordering::Relaxed);
    for domain in missing {
        send(items, not_found(&domain)).await?;
    }
    for chunk in ids.chunks(CHUNK) {
        let mut left: HashSet<DomainId> = chunk.iter().copied().collect();
        // What changes between the look and the taking is looked at once more.
        for is_last in [false, true] {
            let ids: Vec<_> = left.iter().copied().collect();
            let mut wanted = Vec::with_capacity(ids.len());
            for candidate in inner.store.candidates(call.scope, &ids).await? {
                match call.candidate_skip_reason(&candidate, inner.clock.now()) {
                    None => wanted.push(candidate),
                    Some(reason) => {
                        left.remove(&candidate.id);
                        send(items, decide::passed_over(candidate, reason)).await?;
                    }
                }
            }
            let lost: Vec<_> = if is_last { wanted.clone() } else { Vec::new() };
            for candidate in inner.take(call, wanted).await? {
                left.remove(&candidate.id);
                add(groups, call.mode, &candidate);
            }
            for candidate in lost {
                if left.remove(&candidate.id) {
                    send(items, decide::passed_over(candidate, HELD)).await?;
                }
            }
            if left.is_empty() {
                break;
            }
        }
        for decided in run.absent(left).await? {
            send(items, decided).await?;
        }
    }
    Ok(())
}

fn add(groups: &mut BTreeMap<RegistrarId, Group>, mode: Mode, candidate: &Candidate) {
    // One without a registrar is passed over before.
    let Some(registrar) = candidate.registrar_id else { return };
    let marks = bookkeeping::marks(candidate.metadata_text.as_deref());
    let group = groups.entry(registrar).or_default();
    group.ids.push(candidate.id);
    group.reusable += u64::from(mode == Mode::StatusOnly || marks.has_evidence);
    group.identified += u64::from(marks.has_remote_id);
}

/// Finds domains by reference, each once; the second list has those that are not there.
async fn find(run: &Run, domains: Vec<DomainRef>) -> Result<(Vec<DomainId>, Vec<DomainRef>)> {
    let (mut ids, mut missing, mut seen) = (Vec::with_capacity(domains.len()), Vec::new(), HashSet::new());
    for chunk in domains.chunks(CHUNK) {
        let found = run.inner.store.resolve(run.call.scope, chunk).await?;
        for (domain, id) in chunk.iter().zip(found) {
            match id {
                Some(id) if seen.insert(id) => ids.push(id),
                Some(_) => {}
                None => missing.push(domain.clone()),
            }
        }
    }
    Ok((ids, missing))
}

fn not_found(domain: &DomainRef) -> Decided {
    let name = match domain {
        DomainRef::Id(id) => id.to_string(),
        DomainRef::Name(name) => name.to_string(),
    };
    decide::absent(domain, name, &no_domain(domain))
}

/// Hands a domain to the writer. A writer that is gone has told why itself.
async fn send(items: &mpsc::Sender<Item>, decided: Decided) -> Result<()> {
    items.send(Item { decided, account: None }).await.map_err(|_| Error::cancelled())
}

impl Run {
    pub(super) fn new(inner: Arc<Inner>, call: Call, total: u64) -> Self {
        Self { inner, call, total: AtomicU64::new(total) }
    }

    /// What is told of domains that were selected and could not be read: one holds a value that is not understood, the
    /// others were deleted meanwhile.
    pub(super) async fn absent(&self, ids: impl IntoIterator<Item = DomainId> + Send) -> Result<Vec<Decided>> {
        let mut left: Vec<DomainId> = ids.into_iter().collect();
        if left.is_empty() {
            return Ok(Vec::new());
        }
        left.sort_unstable();
        let mut decided = Vec::with_capacity(left.len());
        for domain in self.inner.store.unreadable(self.call.scope, &left).await? {
            left.retain(|id| *id != domain.id);
            let (id, name) = (DomainRef::Id(domain.id), domain.name.clone());
            decided.push(decide::absent(&id, name, &unreadable_domain(domain)));
        }
        decided.extend(left.into_iter().map(|id| not_found(&DomainRef::Id(id))));
        Ok(decided)
    }

    /// Reads a registrar's row.
    pub(super) async fn registrar(&self, id: RegistrarId) -> Result<crate::model::RegistrarRecord> {
        let record = self.inner.store.registrar(&RegistrarRef::Id(id)).await?;
        record.ok_or_else(|| Error::store(format!("domains name registrar {id}, which is not there")))
    }
}
