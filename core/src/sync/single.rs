//! One domain, start to end.

use std::sync::Arc;
use std::time::Instant;

use super::account::Account;
use super::call::Call;
use super::decide::{self, Asked, Decided};
use super::hold::HELD;
use super::port::Writes;
use super::{Inner, bookkeeping};
use crate::diff::Mode;
use crate::due::Rules;
use crate::explain::{Explanation, RegistrarView, explain};
use crate::laravel;
use crate::log;
use crate::model::{DomainId, DomainName, DomainRef, LocalDomain, RegistrarRef};
use crate::options::SyncOptions;
use crate::registrar::CallContext;
use crate::report::DomainResult;
use crate::store::{Detail, DomainWrite, UnreadableDomain, WriteOutcome};
use crate::{Error, ErrorKind, Result};

/// What a result says when the application was faster twice (S2.4).
pub(super) const CHANGED_LOCALLY: &str = "Changed locally during sync";

impl Inner {
    /// Syncs one domain.
    pub(super) async fn one(&self, domain: DomainRef, mode: Mode, options: &SyncOptions) -> Result<DomainResult> {
        let call = Call::new(self, mode, options)?;
        let result = tokio::select! {
            result = self.attend(&call, &domain) => result,
            () = call.cancelled(self) => Err(Error::cancelled()),
        };
        self.give_back(&call).await;
        result
    }

    async fn attend(&self, call: &Call, domain: &DomainRef) -> Result<DomainResult> {
        let start = Instant::now();
        let id = self.find(call, domain).await?;
        for again in [false, true] {
            let local = self.load_one(call, id, domain).await?;
            if !again && let Some(reason) = call.skip_reason(local.registrar_id, local.last_synced_at, None) {
                return Ok(timed(decide::skipped(&local, None, reason).result, start));
            }
            if !call.force && call.hold.is_elsewhere(local.metadata_text.as_deref(), self.clock.now()) {
                return Ok(timed(decide::skipped(&local, None, HELD).result, start));
            }
            let account = self.account_of(&local).await?;
            let Some(local) = self.take_one(call, local).await? else { continue };
            let context = call.context(self.clock.now(), local.status).urgent();
            let mut decided = self.ask(call, &account, &context, local, None).await;
            decided.result.dry_run = call.is_dry_run();
            if let Some(writes) = &call.writes
                && let Some(write) = decided.write.take()
            {
                match self.write_one(call, writes, write).await? {
                    WriteOutcome::Written => call.hold.forget([id]),
                    WriteOutcome::ChangedLocally if !again => continue,
                    WriteOutcome::ChangedLocally => {
                        let result = DomainResult::skipped(decided.result.domain, Some(id), CHANGED_LOCALLY);
                        return Ok(timed(result, start));
                    }
                    WriteOutcome::Failed(error) => return Err(error),
                }
            }
            log::domain(&decided.summary, &decided.result);
            return Ok(timed(decided.result, start));
        }
        let local = self.load_one(call, id, domain).await?;
        Ok(timed(decide::skipped(&local, None, CHANGED_LOCALLY).result, start))
    }

    /// Takes a domain for a call (S7.5); `None` where it has changed since it was read.
    async fn take_one(&self, call: &Call, mut local: LocalDomain) -> Result<Option<LocalDomain>> {
        let Some(writes) = &call.writes else { return Ok(Some(local)) };
        let swap = call.hold.swap(local.id, local.metadata_text.take(), self.clock.now());
        if writes.swap_metadata(std::slice::from_ref(&swap)).await?.is_empty() {
            return Ok(None);
        }
        call.hold.remember([local.id]);
        local.metadata_text = swap.after;
        Ok(Some(local))
    }

    async fn find(&self, call: &Call, domain: &DomainRef) -> Result<DomainId> {
        let found = self.store.resolve(call.scope, std::slice::from_ref(domain)).await?;
        found.into_iter().next().flatten().ok_or_else(|| no_domain(domain))
    }

    async fn load_one(&self, call: &Call, id: DomainId, domain: &DomainRef) -> Result<LocalDomain> {
        let found = self.store.load(call.scope, &[id], call.detail()).await?;
        if let Some(local) = found.into_iter().next() {
            return Ok(local);
        }
        let unreadable = self.store.unreadable(call.scope, &[id]).await?;
        Err(unreadable.into_iter().next().map_or_else(|| no_domain(domain), unreadable_domain))
    }

    async fn account_of(&self, local: &LocalDomain) -> Result<Arc<Account>> {
        let id = local.registrar_id.ok_or_else(|| Error::store("the domain's registrar vanished during the sync"))?;
        let record = self.store.registrar(&RegistrarRef::Id(id)).await?;
        let record = record
            .ok_or_else(|| Error::store(format!("domain {} names registrar {id}, which is not there", local.name)))?;
        self.account(&record)
    }

    /// Asks the registrar for one domain by name, and decides.
    pub(super) async fn ask(
        &self,
        call: &Call,
        account: &Account,
        context: &CallContext,
        local: LocalDomain,
        marker: Option<String>,
    ) -> Decided {
        let name = match DomainName::parse(&local.name) {
            Ok(name) => name,
            Err(error) => return decide::refused(&local, Some(&account.slug), &error.into()),
        };
        let (answer, attempts) =
            account.call(call.concurrency, context, || account.registrar.info(context, &name)).await;
        let asked = Asked { mode: call.mode, marker, details: true, attempts };
        match answer {
            Ok(remote) if remote.name == name => {
                decide::answered(local, &account.slug, &remote, &asked, self.clock.now())
            }
            Ok(remote) => {
                // S2.5: an answer about another domain says nothing of this one.
                let error =
                    Error::invalid_response(format!("asked for {name}, the registrar answered for {}", remote.name));
                decide::failed(local, &account.slug, &error, &asked, &self.config.domain, self.clock.now())
            }
            Err(error) if error.kind() == ErrorKind::Config => decide::refused(&local, Some(&account.slug), &error),
            Err(error) => decide::failed(local, &account.slug, &error, &asked, &self.config.domain, self.clock.now()),
        }
    }

    async fn write_one(&self, call: &Call, writes: &Writes, write: DomainWrite) -> Result<WriteOutcome> {
        let outcomes = writes.write(&call.write_at(self.clock.now()), &[write]).await?;
        outcomes.into_iter().next().ok_or_else(|| Error::new(ErrorKind::Internal, "the store told nothing of a write"))
    }

    /// Does a domain over that changed locally while the registrar was asked (S2.4).
    pub(super) async fn again(&self, call: &Call, account: &Account, id: DomainId) -> Result<Option<Decided>> {
        let Some(local) = self.store.load(call.scope, &[id], call.detail()).await?.into_iter().next() else {
            return Ok(None);
        };
        // What this account says of a domain that has moved to another registrar is nothing.
        if local.registrar_id != Some(account.registrar_id)
            || call.hold.is_elsewhere(local.metadata_text.as_deref(), self.clock.now())
        {
            return Ok(None);
        }
        let context = call.context(self.clock.now(), local.status);
        let mut decided = self.ask(call, account, &context, local, None).await;
        call.count_requests(context.requests());
        if let Some(writes) = &call.writes
            && let Some(write) = decided.write.take()
        {
            match self.write_one(call, writes, write).await? {
                WriteOutcome::Written => call.hold.forget([id]),
                WriteOutcome::ChangedLocally => {
                    let name = decided.result.domain.clone();
                    decided.result = DomainResult::skipped(name, Some(id), CHANGED_LOCALLY);
                }
                WriteOutcome::Failed(error) => {
                    decided.result = DomainResult::failed(decided.result.domain.clone(), Some(id), &error);
                }
            }
        }
        Ok(Some(decided))
    }

    /// Tells what is known of a domain's syncs, without a call to its registrar.
    pub(super) async fn explain(&self, domain: DomainRef, options: &SyncOptions) -> Result<Explanation> {
        let call = Call::new(self, Mode::StatusOnly, options)?;
        let id = self.find(&call, &domain).await?;
        let local = self.load_one(&call, id, &domain).await?;
        let registrar = match local.registrar_id {
            None => None,
            Some(id) => {
                let record = self.store.registrar(&RegistrarRef::Id(id)).await?;
                let known = record.as_ref().is_some_and(|record| self.abilities(record).is_some());
                let active = record.as_ref().is_some_and(|record| record.is_active);
                Some(RegistrarView { id, slug: record.map(|record| record.slug), known, active })
            }
        };
        Ok(explain(&local, registrar, &Rules::of(&self.config.domain), call.now))
    }

    /// Takes back what asks a person to look (S6.4).
    pub(super) async fn clear_review(&self, domain: DomainRef) -> Result<bool> {
        let call = Call::new(self, Mode::StatusOnly, &SyncOptions::default())?;
        let writes = call.writes.as_ref().ok_or_else(|| Error::new(ErrorKind::Internal, "a call cannot write"))?;
        let id = self.find(&call, &domain).await?;
        for _ in 0..2 {
            let local = self.load_one(&call, id, &domain).await?;
            let mut metadata = local.metadata.clone().unwrap_or_default();
            let mut removed = false;
            for key in bookkeeping::REVIEW_KEYS.into_iter().chain(["attempts", "next_attempt_at"]) {
                removed |= metadata.shift_remove(key).is_some();
            }
            if !removed {
                return Ok(false);
            }
            let write = DomainWrite {
                before: local,
                read: Detail::Columns,
                status: None,
                expires_at: None,
                nameservers: None,
                contacts: Vec::new(),
                synced_at: None,
                metadata: laravel::json::encode(&metadata.into()),
                audits: Vec::new(),
            };
            match self.write_one(&call, writes, write).await? {
                WriteOutcome::Written => return Ok(true),
                WriteOutcome::ChangedLocally => {}
                WriteOutcome::Failed(error) => return Err(error),
            }
        }
        Err(Error::store("the domain changes all the time: try again"))
    }
}

fn timed(mut result: DomainResult, start: Instant) -> DomainResult {
    result.duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    result
}

/// Why a domain that is there cannot be synced.
pub(super) fn unreadable_domain(domain: UnreadableDomain) -> Error {
    let UnreadableDomain { id, name, error } = domain;
    Error::new(error.kind(), format!("domain {name} (id {id}) cannot be read: {}", error.message())).with_source(error)
}

pub(super) fn no_domain(domain: &DomainRef) -> Error {
    Error::not_found(format!("no domain {domain} in the application's database"))
}
