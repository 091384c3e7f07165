//! The engine: selects, fetches, decides, writes and reports, over the two ports.
//!
//! A batch is three kinds of tasks with bounded channels between them: one that selects, one a registrar that asks,
//! one that writes. A slow database so slows the asking down, and memory is bounded by what is under way. Price: a
//! handle must be used inside a tokio runtime, on which these tasks are spawned.

mod account;
mod apply;
mod batch;
mod bookkeeping;
mod brake;
mod breaker;
mod call;
mod decide;
mod fetch;
mod hold;
mod port;
mod prices;
mod retry;
mod select;
mod single;
mod stats;
#[cfg(test)]
pub(crate) mod testing;
mod writer;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;

use account::Account;
use call::Call;
use port::Reads;

use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::diff::Mode;
use crate::explain::Explanation;
use crate::kept::KeptPlan;
use crate::model::{DomainId, DomainRef, PartnerId, RegistrarId, RegistrarRecord, RegistrarRef};
use crate::options::{IntoFlow, Selection, SyncOptions};
use crate::registrar::native::NATIVE;
use crate::registrar::{Capabilities, Registrar};
use crate::report::{BatchReport, DomainResult, DomainReview, PriceProgress, PriceReport, ProgressEvent, StatsReport};
use crate::store::{self, Detail, Store};
use crate::{Error, Result};

/// How soon a cancellation is seen.
const TICK: Duration = Duration::from_millis(50);

/// How far ahead expiring domains are looked for.
const MOST_DAYS: u32 = 36_500;

/// Open accounts, by registrar.
type Accounts = HashMap<RegistrarId, Arc<Account>>;

/// Keeps one DomainDesk database in step with its registrars.
///
/// Cheap to clone; clones share connections. Every method may be called at the same time as any other.
#[derive(Clone)]
pub struct RegistrarSync {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    store: Reads,
    own: RwLock<BTreeMap<String, Arc<dyn Registrar>>>,
    clock: Arc<dyn Clock>,
    accounts: Mutex<Accounts>,
    canceller: Canceller,
}

impl fmt::Debug for RegistrarSync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrarSync").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

/// Stops what a [`RegistrarSync`] is doing (S6.8). It only counts a number up, so a signal handler may use it.
#[derive(Clone, Debug, Default)]
pub struct Canceller {
    times: Arc<AtomicU64>,
    /// What cancels this one too, and how often that was used before.
    parent: Option<(Arc<AtomicU64>, u64)>,
}

/// Equal are those that stop the same.
impl PartialEq for Canceller {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.times, &other.times)
    }
}

impl Eq for Canceller {}

impl Canceller {
    /// Stops every call that is under way; later ones are not affected, but for those whose
    /// [option](SyncOptions::canceller) it is.
    pub fn cancel(&self) {
        self.times.fetch_add(1, Ordering::Relaxed);
    }

    /// Another one for a single call ([`SyncOptions::canceller`]), which is used whenever this one is from now on.
    #[must_use]
    pub fn child(&self) -> Self {
        let used = self.times.load(Ordering::Relaxed);
        Self { times: Arc::default(), parent: Some((Arc::clone(&self.times), used)) }
    }

    fn generation(&self) -> u64 {
        let own = self.times.load(Ordering::Relaxed);
        match &self.parent {
            Some((parent, before)) => own + parent.load(Ordering::Relaxed).saturating_sub(*before),
            None => own,
        }
    }

    /// Ends when `cancel` was called after `generation` was read.
    async fn cancelled_since(&self, generation: u64) {
        let mut tick = tokio::time::interval(TICK);
        while self.generation() == generation {
            tick.tick().await;
        }
    }
}

/// Told of a batch's domains as they are done (S8.3); any `FnMut(&ProgressEvent)` will do instead.
#[async_trait]
pub trait ProgressSink: Send {
    /// Takes some events, in order. Breaking stops the batch; no further event is told then.
    async fn progress(&mut self, events: Vec<ProgressEvent>) -> ControlFlow<()>;
}

/// A closure as a sink.
struct Callback<F>(F);

#[async_trait]
impl<F, R> ProgressSink for Callback<F>
where
    F: FnMut(&ProgressEvent) -> R + Send,
    R: IntoFlow,
{
    async fn progress(&mut self, events: Vec<ProgressEvent>) -> ControlFlow<()> {
        events.iter().try_for_each(|event| (self.0)(event).into_flow())
    }
}

/// Builds a [`RegistrarSync`] with parts of one's own.
pub struct Builder {
    config: Config,
    store: Option<Arc<dyn Store>>,
    own: BTreeMap<String, Arc<dyn Registrar>>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Builder {
    /// Uses this store instead of the configured database.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Uses this registrar for a slug, before a native one.
    #[must_use]
    pub fn registrar(mut self, slug: impl Into<String>, registrar: Arc<dyn Registrar>) -> Self {
        self.own.insert(slug.into(), registrar);
        self
    }

    /// Uses this clock instead of the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Connects to the database and checks that it is DomainDesk's.
    ///
    /// Fails with `store` where it cannot be reached or lacks a table or column.
    pub async fn connect(self) -> Result<RegistrarSync> {
        let store = match self.store {
            Some(store) => store,
            None => store::connect(&self.config.database, self.config.timezone).await?,
        };
        let inner = Inner {
            config: self.config,
            store: Reads::new(store),
            own: RwLock::new(self.own),
            clock: self.clock,
            accounts: Mutex::default(),
            canceller: Canceller::default(),
        };
        Ok(RegistrarSync { inner: Arc::new(inner) })
    }
}

impl RegistrarSync {
    /// Connects to the configured database. Nothing is sent to a registrar.
    ///
    /// Fails with `store` where the database cannot be reached or is not DomainDesk's.
    pub async fn connect(config: Config) -> Result<Self> {
        Self::builder(config).connect().await
    }

    /// Starts a handle with parts of one's own.
    pub fn builder(config: Config) -> Builder {
        Builder { config, store: None, own: BTreeMap::new(), clock: Arc::new(SystemClock) }
    }

    /// Uses a registrar of the caller's own for a slug from now on, before a native one.
    pub fn set_registrar(&self, slug: impl Into<String>, registrar: Arc<dyn Registrar>) {
        let mut own = self.inner.own.write().unwrap_or_else(PoisonError::into_inner);
        own.insert(slug.into(), registrar);
        drop(own);
        self.inner.accounts.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What the native registrars can do, by slug.
    pub fn registrars() -> BTreeMap<&'static str, Capabilities> {
        NATIVE.iter().map(|native| (native.slug, (native.capabilities)())).collect()
    }

    /// The configuration that it was made with.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Syncs one domain: status, expiry, nameservers and contacts.
    ///
    /// What the registrar answers is in the result, failures included. Fails with `not_found` where the application
    /// has no such domain, with `config` where its registrar cannot be used, with `store` where the database fails,
    /// and with `cancelled`.
    pub async fn sync_domain(&self, domain: impl Into<DomainRef>, options: &SyncOptions) -> Result<DomainResult> {
        self.inner.one(domain.into(), Mode::Full, options).await
    }

    /// Syncs the status of one domain and nothing else, whenever it was last synced (S3.7). Fails as
    /// [`sync_domain`](Self::sync_domain) does.
    pub async fn sync_domain_status(
        &self,
        domain: impl Into<DomainRef>,
        options: &SyncOptions,
    ) -> Result<DomainResult> {
        self.inner.one(domain.into(), Mode::StatusOnly, options).await
    }

    /// Syncs many domains. `on_progress` is called for each as it is done, between two polls of the returned future.
    ///
    /// A domain that fails is a result. Fails with `config` for options that cannot be, and with `store` where the
    /// database cannot be read; what was written until then stays.
    pub async fn sync_domains<F, R>(
        &self,
        selection: Selection,
        options: SyncOptions,
        on_progress: F,
    ) -> Result<BatchReport>
    where
        F: FnMut(&ProgressEvent) -> R + Send,
        R: IntoFlow,
    {
        self.sync_domains_to(selection, options, &mut Callback(on_progress)).await
    }

    /// As [`sync_domains`](Self::sync_domains), for a sink that takes its time.
    pub async fn sync_domains_to(
        &self,
        selection: Selection,
        options: SyncOptions,
        sink: &mut dyn ProgressSink,
    ) -> Result<BatchReport> {
        batch::run(Arc::clone(&self.inner), Mode::Full, selection, options, sink).await
    }

    /// Syncs the status of many domains and nothing else (S3.7). Fails as [`sync_domains`](Self::sync_domains) does.
    pub async fn sync_domain_statuses<F, R>(
        &self,
        selection: Selection,
        options: SyncOptions,
        on_progress: F,
    ) -> Result<BatchReport>
    where
        F: FnMut(&ProgressEvent) -> R + Send,
        R: IntoFlow,
    {
        self.sync_domain_statuses_to(selection, options, &mut Callback(on_progress)).await
    }

    /// As [`sync_domain_statuses`](Self::sync_domain_statuses), for a sink that takes its time.
    pub async fn sync_domain_statuses_to(
        &self,
        selection: Selection,
        options: SyncOptions,
        sink: &mut dyn ProgressSink,
    ) -> Result<BatchReport> {
        batch::run(Arc::clone(&self.inner), Mode::StatusOnly, selection, options, sink).await
    }

    /// Writes what a dry run kept (S8.4). No registrar is asked.
    ///
    /// A domain that is not any more what the plan was made from is skipped (`Changed since the plan was made`), and so
    /// is one that another process is syncing. What the safety brake held is flagged for review and held still. A
    /// domain that the dry run found as it was is noted as synced when the registrar was asked, not when the plan is
    /// applied. Of the options `partner_id`, `source`, `user_id`, `results`, `max_seconds` and `dry_run` count.
    ///
    /// Fails with `config` for a plan that cannot be, before anything is written, and with `store` where the database
    /// cannot be read; what was written until then stays.
    pub async fn apply<F, R>(&self, plan: &KeptPlan, options: SyncOptions, on_progress: F) -> Result<BatchReport>
    where
        F: FnMut(&ProgressEvent) -> R + Send,
        R: IntoFlow,
    {
        self.apply_to(plan, options, &mut Callback(on_progress)).await
    }

    /// As [`apply`](Self::apply), for a sink that takes its time.
    pub async fn apply_to(
        &self,
        plan: &KeptPlan,
        options: SyncOptions,
        sink: &mut dyn ProgressSink,
    ) -> Result<BatchReport> {
        apply::run(Arc::clone(&self.inner), plan, options, sink).await
    }

    /// Syncs the prices of a registrar's active TLDs (S5). `on_progress` is called for each TLD.
    ///
    /// Fails with `not_found` where there is no such registrar, with `config` where it cannot be used, and with
    /// `store` where the database fails. What the registrar answers is in the report.
    pub async fn sync_tld_prices<F, R>(
        &self,
        registrar: impl Into<RegistrarRef>,
        options: SyncOptions,
        on_progress: F,
    ) -> Result<PriceReport>
    where
        F: FnMut(&PriceProgress) -> R + Send,
        R: IntoFlow,
    {
        prices::run(&self.inner, registrar.into(), options, on_progress).await
    }

    /// The ids of at most `limit` domains that need a sync, the most urgent first (S1.3).
    pub async fn domains_needing_sync(&self, limit: u32, options: &SyncOptions) -> Result<Vec<DomainId>> {
        let call = Call::new(&self.inner, Mode::Full, options)?;
        self.inner.needing_sync(&call, limit).await
    }

    /// The ids of active domains with a registrar that expire within so many days, soonest first (S1.4).
    ///
    /// Fails with `config` for more than 36,500 days, beyond which a database's datetimes end.
    pub async fn expiring_domains(&self, days: u32, options: &SyncOptions) -> Result<Vec<DomainId>> {
        if days > MOST_DAYS {
            return Err(Error::config("days", format_args!("expected at most {MOST_DAYS}, got {days}")));
        }
        let call = Call::new(&self.inner, Mode::Full, options)?;
        self.inner.store.expiring_domains(call.scope, call.now, call.now + TimeDelta::days(days.into())).await
    }

    /// At most `limit` domains that ask a person to look (S6.4, S6.5, S6.7), by id. [`clear_review`](Self::clear_review)
    /// takes that back.
    pub async fn domains_needing_review(&self, limit: u32, options: &SyncOptions) -> Result<Vec<DomainReview>> {
        let call = Call::new(&self.inner, Mode::StatusOnly, options)?;
        let store = &self.inner.store;
        let ids = store.domains_needing_review(call.scope, limit).await?;
        let mut reviews = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(batch::CHUNK) {
            let domains = store.load(call.scope, chunk, Detail::Columns).await?;
            reviews.extend(domains.into_iter().map(bookkeeping::to_review));
        }
        reviews.sort_unstable_by_key(|review| review.id);
        Ok(reviews)
    }

    /// Numbers about the domains of the database, or of the handle's partner; and for each registrar whether its rate
    /// limit leaves enough requests for the configured freshness, with a warning in the log where it does not. Where
    /// intervals adapt, `needs_sync` and `recently_synced` go by the longest.
    pub async fn stats(&self) -> Result<StatsReport> {
        self.inner.stats().await
    }

    /// Says when a domain is due and why, what came of its last sync, whether it waits, is held, asks for a person or is
    /// being synced elsewhere, and what is known of the registrar's record. No registrar is asked. Of the options
    /// `partner_id` counts.
    ///
    /// Fails with `not_found` where the application has no such domain, and with `store` where the database fails.
    pub async fn explain(&self, domain: impl Into<DomainRef>, options: &SyncOptions) -> Result<Explanation> {
        self.inner.explain(domain.into(), options).await
    }

    /// Takes back that a person should look at a domain, and lets it be tried again at once (S6.4). Tells whether
    /// there was anything to take back.
    pub async fn clear_review(&self, domain: impl Into<DomainRef>) -> Result<bool> {
        self.inner.clear_review(domain.into()).await
    }

    /// Stops every call that is under way on this handle and its clones (S6.8).
    pub fn cancel(&self) {
        self.inner.canceller.cancel();
    }

    /// What stops the calls from elsewhere.
    pub fn canceller(&self) -> Canceller {
        self.inner.canceller.clone()
    }

    /// How many statements were sent to the database so far.
    pub fn statements(&self) -> u64 {
        self.inner.store.statements()
    }

    /// Closes the database connections. Later calls fail with `store`.
    pub async fn close(&self) {
        self.inner.store.close().await;
    }
}

impl Inner {
    /// The account of a registrar, opened at most once: its limits hold for all calls.
    fn account(&self, record: &RegistrarRecord) -> Result<Arc<Account>> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(&record.id)
            && account.is_of(record)
        {
            return Ok(Arc::clone(account));
        }
        let account = Arc::new(Account::open(record, &self.config, &own)?);
        accounts.insert(record.id, Arc::clone(&account));
        Ok(account)
    }

    /// The partner that a call is confined to (S1.6).
    fn partner(&self, asked: Option<PartnerId>) -> Result<Option<PartnerId>> {
        match (self.config.partner_id, asked) {
            (Some(own), Some(other)) if own != other => Err(Error::config(
                "options.partner_id",
                format_args!("this handle is confined to partner {own}, so it cannot work for partner {other}"),
            )),
            (own, asked) => Ok(own.or(asked)),
        }
    }
}
