//! The store in two halves: one that reads, which everybody has, and one that writes, which only a call has that may.
//!
//! A dry run has no way to write since it is never given the second half (S8.4). Price: what the store can do is
//! written down once more here.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::Result;
use crate::model::{DomainId, DomainRef, LocalDomain, RegistrarId, RegistrarRecord, RegistrarRef, TldPrices};
use crate::report::StatsReport;
use crate::store::{
    Candidate, Detail, DomainWrite, DueQuery, MetadataSwap, PriceWrite, Scope, Store, UnreadableDomain, WriteContext,
    WriteOutcome,
};

/// The half that reads.
#[derive(Debug)]
pub(super) struct Reads(Arc<dyn Store>);

/// The half that writes.
#[derive(Debug)]
pub(super) struct Writes(Arc<dyn Store>);

impl Reads {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }

    /// The other half, for a call that is no dry run.
    pub(super) fn writes(&self, dry_run: bool) -> Option<Writes> {
        (!dry_run).then(|| Writes(Arc::clone(&self.0)))
    }

    pub(super) async fn resolve(&self, scope: Scope, domains: &[DomainRef]) -> Result<Vec<Option<DomainId>>> {
        self.0.resolve(scope, domains).await
    }

    pub(super) async fn candidates(&self, scope: Scope, ids: &[DomainId]) -> Result<Vec<Candidate>> {
        self.0.candidates(scope, ids).await
    }

    pub(super) async fn load(&self, scope: Scope, ids: &[DomainId], detail: Detail) -> Result<Vec<LocalDomain>> {
        self.0.load(scope, ids, detail).await
    }

    pub(super) async fn load_by_name(
        &self,
        scope: Scope,
        names: &[String],
        detail: Detail,
    ) -> Result<Vec<LocalDomain>> {
        self.0.load_by_name(scope, names, detail).await
    }

    pub(super) async fn unreadable(&self, scope: Scope, ids: &[DomainId]) -> Result<Vec<UnreadableDomain>> {
        self.0.unreadable(scope, ids).await
    }

    pub(super) async fn domains_needing_sync(&self, scope: Scope, query: &DueQuery) -> Result<Vec<DomainId>> {
        self.0.domains_needing_sync(scope, query).await
    }

    pub(super) async fn expiring_domains(
        &self,
        scope: Scope,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<DomainId>> {
        self.0.expiring_domains(scope, from, until).await
    }

    pub(super) async fn changed_domains(&self, scope: Scope, since: DateTime<Utc>, rows: u32) -> Result<Vec<DomainId>> {
        self.0.changed_domains(scope, since, rows).await
    }

    pub(super) async fn domains_by_registrar(&self, scope: Scope) -> Result<Vec<(RegistrarId, u64)>> {
        self.0.domains_by_registrar(scope).await
    }

    pub(super) async fn domains_needing_review(&self, scope: Scope, limit: u32) -> Result<Vec<DomainId>> {
        self.0.domains_needing_review(scope, limit).await
    }

    pub(super) async fn stats(&self, scope: Scope, query: &DueQuery) -> Result<StatsReport> {
        self.0.stats(scope, query).await
    }

    pub(super) async fn registrar(&self, registrar: &RegistrarRef) -> Result<Option<RegistrarRecord>> {
        self.0.registrar(registrar).await
    }

    pub(super) async fn tlds(&self, registrar: RegistrarId, today: NaiveDate) -> Result<Vec<TldPrices>> {
        self.0.tlds(registrar, today).await
    }

    pub(super) fn statements(&self) -> u64 {
        self.0.statements()
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

impl Writes {
    pub(super) async fn swap_metadata(&self, swaps: &[MetadataSwap]) -> Result<Vec<DomainId>> {
        self.0.swap_metadata(swaps).await
    }

    pub(super) async fn write(&self, context: &WriteContext, writes: &[DomainWrite]) -> Result<Vec<WriteOutcome>> {
        self.0.write(context, writes).await
    }

    pub(super) async fn write_prices(
        &self,
        registrar: RegistrarId,
        now: DateTime<Utc>,
        prices: &[PriceWrite],
    ) -> Result<()> {
        self.0.write_prices(registrar, now, prices).await
    }
}
