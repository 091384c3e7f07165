//! Asks one registrar for its domains of a batch: by list, by id, by name, as the plan says.

mod pages;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::account::Account;
use super::batch::{CHUNK, Run, joined};
use super::bookkeeping;
use super::brake::{Brake, Passed};
use super::breaker::Breaker;
use super::decide::{self, Decided};
use super::writer::Item;
use crate::budget;
use crate::diff::Mode;
use crate::due::Class;
use crate::explain::HELD_BACK;
use crate::model::{DomainId, LocalDomain, RegistrarId, RemoteDomain, StatusMeaning};
use crate::plan::{Judge, Method, Plan, Work, judge_row, plan};
use crate::registrar::{CallContext, ListCapability, ListRequest};
use crate::report::PlanReport;
use crate::store::Detail;
use crate::{Error, Result};

/// How many domains wait to be asked for by name before reading on.
const WAITING: usize = 256;

/// The domains of a batch at one registrar.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) ids: Vec<DomainId>,
    /// Those for which a list row may be enough.
    pub(super) reusable: u64,
    /// Those whose id at the registrar is known.
    pub(super) identified: u64,
}

/// A domain that is asked for by name, and the change marker of its list row.
type Wanted = (LocalDomain, Option<String>);

/// What is told of a registrar that was asked.
pub(super) struct Asked {
    pub(super) slug: String,
    /// How it was asked; `None` where the batch was stopped before it was clear.
    pub(super) plan: Option<PlanReport>,
    /// What was sent, and what had to wait.
    pub(super) counts: Counts,
    /// Why it was left alone, where it was.
    pub(super) stopped: Option<String>,
}

/// Counters of a registrar's share.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    /// Requests.
    pub(super) requests: u64,
    /// Those that were sent again after a failure.
    pub(super) retries: u64,
    /// How often something waited for its turn.
    pub(super) waits: u64,
    /// How long, all together.
    pub(super) waited: Duration,
    /// How often the account was paused.
    pub(super) pauses: u64,
}

/// One registrar's share of a batch.
struct Fetch {
    run: Arc<Run>,
    account: Arc<Account>,
    breaker: Mutex<Breaker>,
    out: mpsc::Sender<Item>,
    registrar_id: RegistrarId,
    counts: Mutex<Counts>,
    /// What the list proved, where it was read to its end.
    listed: Mutex<Option<String>>,
    brake: Mutex<Brake<Decided>>,
}

/// Asks until every domain is done or the batch is stopped; then what is under way is dropped (S6.8).
pub(super) async fn run(
    run: Arc<Run>,
    id: RegistrarId,
    group: Group,
    out: mpsc::Sender<Item>,
    mut stopped: watch::Receiver<bool>,
) -> Result<Option<Asked>> {
    let record = run.registrar(id).await?;
    let account = match run.inner.account(&record) {
        Ok(account) => account,
        Err(error) => {
            refuse(&run, &group.ids, &record.slug, &error, &out).await?;
            return Ok(None);
        }
    };
    let slug = account.slug.to_string();
    let rules = &run.inner.config.domain;
    let brake = if run.call.allow_mass_change {
        Brake::lifted()
    } else {
        Brake::new(group.ids.len(), rules.brake_percent, rules.brake_minimum)
    };
    let pauses = account.pauses();
    let fetch = Arc::new(Fetch {
        run,
        account,
        breaker: Mutex::default(),
        out,
        registrar_id: id,
        counts: Mutex::default(),
        listed: Mutex::default(),
        brake: Mutex::new(brake),
    });
    let plan = tokio::select! {
        plan = Arc::clone(&fetch).all(group) => Some(plan?),
        _ = stopped.wait_for(|stopped| *stopped) => None,
    };
    let mut counts = *fetch.counts();
    counts.pauses = fetch.account.pauses() - pauses;
    let plan = plan.map(|plan| PlanReport {
        warning: fetch.warning(&plan),
        method: plan.method.as_str().to_owned(),
        reason: plan.reason,
        expected: plan.calls,
        calls: counts.requests,
        list: fetch.listed.lock().unwrap_or_else(PoisonError::into_inner).take(),
    });
    let stopped = fetch.stopped();
    Ok(Some(Asked { slug, plan, counts, stopped }))
}

/// The account cannot be opened: its domains fail, and nothing is written of it, since the reason is on this side.
async fn refuse(run: &Run, ids: &[DomainId], slug: &str, error: &Error, out: &mpsc::Sender<Item>) -> Result<()> {
    let slug: Arc<str> = slug.into();
    for chunk in ids.chunks(CHUNK) {
        let locals = run.inner.store.load(run.call.scope, chunk, Detail::Columns).await?;
        let left = missing(chunk, &locals);
        let refused = locals.iter().map(|local| decide::refused(local, Some(&slug), error));
        for decided in refused.chain(run.absent(left).await?) {
            out.send(Item { decided, account: None }).await.map_err(|_| Error::cancelled())?;
        }
    }
    Ok(())
}

impl Fetch {
    /// Pages, rows and domains by name are worked on by tasks of their own, so that a page of rows does not hold up the
    /// answers that come in meanwhile. Dropped, all of them end.
    async fn all(self: Arc<Self>, group: Group) -> Result<Plan> {
        let capabilities = self.account.registrar.capabilities();
        let reusable = if self.run.call.mode == Mode::Full && self.run.call.force { 0 } else { group.reusable };
        let mut work = Work {
            mode: self.run.call.mode,
            wanted: group.ids.len() as u64,
            reusable,
            identified: group.identified.min(reusable),
            account: None,
        };
        let mut chosen = plan(capabilities, &work);
        let list = capabilities.list.clone();
        let first = match (&chosen.method, &list) {
            (Method::List, Some(_)) => self.page(self.request(1)).await,
            _ => None,
        };
        if let Some(page) = &first {
            // The account's size is known only by its first page.
            work.account = page.total.or_else(|| page.next.is_none().then_some(page.rows.len() as u64));
            chosen = plan(capabilities, &work);
        }
        if let Some(warning) = self.warning(&chosen) {
            tracing::warn!(registrar = &*self.account.slug, "{warning}");
        }
        let (details, to_ask) = mpsc::channel(WAITING);
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&self).ask_all(to_ask));
        let (method, fetch) = (chosen.method, Arc::clone(&self));
        // The only sender moves in, so that the asking ends when the reading does.
        tasks.spawn(async move {
            match (method, list, first) {
                (Method::List, Some(list), Some(first)) => fetch.by_list(&list, first, group.ids, &details).await,
                (Method::ByRemoteId, Some(list), _) => fetch.by_remote_id(&list, group.ids, &details).await,
                _ => fetch.by_name(&group.ids, &details).await,
            }
        });
        while let Some(ended) = tasks.join_next().await {
            joined(ended)?;
        }
        self.let_go().await?;
        Ok(chosen)
    }

    /// What a person should know of how long the requests of a plan take (S7.1).
    fn warning(&self, plan: &Plan) -> Option<String> {
        let limit = self.run.inner.rate_limit(&self.account.record)?;
        budget::of_batch(&self.account.slug, plan.calls, limit, self.run.call.rules.interval_of(Class::Watched))
    }

    /// Asks for domains by name, as many at once as the account allows.
    async fn ask_all(self: Arc<Self>, mut to_ask: mpsc::Receiver<Wanted>) -> Result<()> {
        let most = self.account.max_asked(self.run.call.concurrency);
        let mut asked = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                Some(ended) = asked.join_next() => joined(ended)?,
                wanted = to_ask.recv(), if asked.len() < most => {
                    let Some((local, marker)) = wanted else { break };
                    let fetch = Arc::clone(&self);
                    asked.spawn(async move {
                        let decided = fetch.ask(local, marker).await;
                        fetch.send(decided).await
                    });
                }
            }
        }
        while let Some(ended) = asked.join_next().await {
            joined(ended)?;
        }
        Ok(())
    }

    async fn ask(&self, local: LocalDomain, marker: Option<String>) -> Decided {
        if let Some(reason) = self.unavailable() {
            return decide::skipped(&local, Some(&self.account.slug), reason);
        }
        let start = Instant::now();
        let context = self.run.call.context(self.run.inner.clock.now(), local.status);
        let mut decided = self.run.inner.ask(&self.run.call, &self.account, &context, local, marker).await;
        self.count(&context, decided.result.attempts);
        decided.result.duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let outcome = match (&decided.result.error_code, &decided.result.error) {
            (Some(kind), Some(error)) => Err((*kind, error.as_str())),
            _ => Ok(()),
        };
        self.breaker().record(outcome);
        decided
    }

    /// Counts the requests of a piece of work that took so many attempts.
    fn count(&self, context: &CallContext, attempts: u32) {
        self.run.call.count_requests(context.requests());
        let mut counts = self.counts();
        counts.requests += context.requests();
        counts.retries += u64::from(attempts.saturating_sub(1));
        counts.waits += context.times_waited();
        counts.waited += context.waited();
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the account is left alone, once it is (S6.6).
    fn unavailable(&self) -> Option<String> {
        self.stopped().map(|reason| format!("Registrar unavailable: {reason}"))
    }

    fn stopped(&self) -> Option<String> {
        let stopped = self.breaker().open().map(str::to_owned);
        stopped.or_else(|| self.account.long_pause().map(|pause| pause.message().to_owned()))
    }

    /// Hands a domain on, past the safety brake (S6.7).
    async fn send(&self, decided: Decided) -> Result<()> {
        let is_worse = decided.is_worse();
        let passed = self.brake.lock().unwrap_or_else(PoisonError::into_inner).pass(decided, is_worse);
        for passed in passed {
            let decided = match passed {
                Passed::Free(decided) => decided,
                Passed::Held(decided) => decided.held(HELD_BACK, self.run.inner.clock.now()),
            };
            self.hand_on(decided).await?;
        }
        Ok(())
    }

    /// Hands on what waited at the brake, when no more comes.
    async fn let_go(&self) -> Result<()> {
        let waiting = self.brake.lock().unwrap_or_else(PoisonError::into_inner).end();
        for decided in waiting {
            self.hand_on(decided).await?;
        }
        Ok(())
    }

    async fn hand_on(&self, decided: Decided) -> Result<()> {
        let account = Some(Arc::clone(&self.account));
        self.out.send(Item { decided, account }).await.map_err(|_| Error::cancelled())
    }

    async fn by_name(&self, ids: &[DomainId], details: &mpsc::Sender<Wanted>) -> Result<()> {
        let call = &self.run.call;
        for chunk in ids.chunks(WAITING) {
            let locals = self.run.inner.store.load(call.scope, chunk, call.detail()).await?;
            self.tell_absent(missing(chunk, &locals)).await?;
            for local in locals {
                wanted(details, (local, None)).await?;
            }
        }
        Ok(())
    }

    async fn tell_absent(&self, ids: Vec<DomainId>) -> Result<()> {
        for decided in self.run.absent(ids).await? {
            self.send(decided).await?;
        }
        Ok(())
    }

    /// Picks the domains out of the list by the registrar's ids; the others are asked for by name.
    async fn by_remote_id(
        &self,
        list: &ListCapability,
        ids: Vec<DomainId>,
        details: &mpsc::Sender<Wanted>,
    ) -> Result<()> {
        let call = &self.run.call;
        let batch = list.by_remote_id.unwrap_or(1).max(1) as usize;
        for chunk in ids.chunks(batch) {
            let mut locals = self.run.inner.store.load(call.scope, chunk, call.detail()).await?;
            self.tell_absent(missing(chunk, &locals)).await?;
            let remote_ids: Vec<_> = locals.iter().filter_map(bookkeeping::remote_id).map(str::to_owned).collect();
            let page = if remote_ids.is_empty() {
                None
            } else {
                self.page(ListRequest { remote_ids, ..self.request(1) }).await
            };
            let mut left: HashSet<DomainId> = locals.iter().map(|local| local.id).collect();
            if let Some(page) = page {
                self.rows(list, page.rows, &mut left, Some(&mut locals), details).await?;
            }
            for local in locals {
                if left.contains(&local.id) {
                    wanted(details, (local, None)).await?;
                }
            }
        }
        Ok(())
    }

    /// Decides by rows what they are enough for, and hands on what needs a closer look. Takes those out of `left`.
    async fn rows(
        &self,
        list: &ListCapability,
        rows: Vec<RemoteDomain>,
        left: &mut HashSet<DomainId>,
        locals: Option<&mut Vec<LocalDomain>>,
        details: &mpsc::Sender<Wanted>,
    ) -> Result<()> {
        let call = &self.run.call;
        let loaded = match locals {
            Some(locals) => std::mem::take(locals),
            None => {
                let names: Vec<_> = rows.iter().flat_map(stored_names).collect();
                self.run.inner.store.load_by_name(call.scope, &names, call.detail()).await?
            }
        };
        let mut by_name: HashMap<String, LocalDomain> =
            loaded.into_iter().map(|local| (local.name.to_lowercase(), local)).collect();
        for row in rows {
            // A deleted order says nothing of a later one of the same name, which may follow on another page.
            if row.status.meaning == StatusMeaning::Gone {
                continue;
            }
            let Some(local) = stored_names(&row).into_iter().find_map(|name| by_name.remove(&name)) else { continue };
            if local.registrar_id != Some(self.registrar_id) || !left.remove(&local.id) {
                continue;
            }
            self.row(list, local, row, details).await?;
        }
        Ok(())
    }

    async fn row(
        &self,
        list: &ListCapability,
        local: LocalDomain,
        mut row: RemoteDomain,
        details: &mpsc::Sender<Wanted>,
    ) -> Result<()> {
        let inner = &self.run.inner;
        let call = &self.run.call;
        let evidence = bookkeeping::evidence(&local).filter(|_| !call.force);
        let now = inner.clock.now();
        let judge = Judge {
            mode: call.mode,
            partial_status: list.partial_status,
            whole: list.whole,
            evidence: evidence.as_ref(),
            fingerprint: bookkeeping::fingerprint,
            now,
            trust: TimeDelta::hours(inner.config.domain.details_interval_hours.into()),
        };
        match judge_row(&judge, &local, &row) {
            Err(_) => wanted(details, (local, row.change_marker)).await,
            Ok(meaning) => {
                row.status.meaning = meaning;
                let asked = decide::Asked {
                    mode: call.mode,
                    marker: row.change_marker.take(),
                    details: list.whole,
                    attempts: 0,
                };
                self.send(decide::answered(local, &self.account.slug, &row, &asked, now)).await
            }
        }
    }
}

/// Those of `ids` that were not loaded.
fn missing(ids: &[DomainId], loaded: &[LocalDomain]) -> Vec<DomainId> {
    if ids.len() == loaded.len() {
        return Vec::new();
    }
    let loaded: HashSet<DomainId> = loaded.iter().map(|local| local.id).collect();
    ids.iter().copied().filter(|id| !loaded.contains(id)).collect()
}

async fn wanted(details: &mpsc::Sender<Wanted>, wanted: Wanted) -> Result<()> {
    details.send(wanted).await.map_err(|_| Error::cancelled())
}

/// The names under which the application may have stored a domain: the A-label form, and the one for people.
fn stored_names(row: &RemoteDomain) -> Vec<String> {
    let ascii = row.name.as_str();
    if ascii.contains("xn--") { vec![ascii.to_owned(), row.name.to_unicode()] } else { vec![ascii.to_owned()] }
}
