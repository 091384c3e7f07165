//! Numbers about the domains, and whether the registrars' rate limits do for them.

use std::sync::PoisonError;

use chrono::TimeDelta;

use super::Inner;
use super::call::Call;
use crate::Result;
use crate::budget::{Promise, budget, possible_per_day};
use crate::config::RateLimit;
use crate::diff::Mode;
use crate::due::Class;
use crate::model::{RegistrarRecord, RegistrarRef};
use crate::options::SyncOptions;
use crate::registrar::Capabilities;
use crate::registrar::native::{self, Native};
use crate::report::StatsReport;

impl Inner {
    /// The numbers of `stats`.
    pub(super) async fn stats(&self) -> Result<StatsReport> {
        let call = Call::new(self, Mode::Full, &SyncOptions::default())?;
        let mut report = self.store.stats(call.scope, &call.due(u32::MAX)).await?;
        let promise = Promise {
            interval: call.rules.interval_of(Class::Watched),
            details: TimeDelta::hours(self.config.domain.details_interval_hours.into()),
        };
        for (id, domains) in self.store.domains_by_registrar(call.scope).await? {
            // One without a row, or that nobody speaks to, has no budget.
            let Some(record) = self.store.registrar(&RegistrarRef::Id(id)).await? else { continue };
            let Some(abilities) = self.abilities(&record) else { continue };
            let budget = budget(&record.slug, domains, &abilities, self.rate_limit(&record), promise);
            if let Some(warning) = &budget.warning {
                tracing::warn!(registrar = record.slug, "{warning}");
            }
            report.budget.push(budget);
        }
        report.budget.sort_by(|one, other| one.registrar.cmp(&other.registrar));
        Ok(report)
    }

    /// What speaks to a registrar can do; `None` where nothing does.
    pub(super) fn abilities(&self, record: &RegistrarRecord) -> Option<Capabilities> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        match own.get(&record.slug) {
            Some(own) => Some(own.capabilities().clone()),
            None => self.native(record).map(|native| (native.capabilities)()),
        }
    }

    fn native(&self, record: &RegistrarRecord) -> Option<&'static Native> {
        native::of(record, self.config.registrar.get(&record.slug))
    }

    /// The tightest rate limit that holds for a registrar. One of the caller's own limits itself, and nobody knows how.
    pub(super) fn rate_limit(&self, record: &RegistrarRecord) -> Option<RateLimit> {
        if self.own.read().unwrap_or_else(PoisonError::into_inner).contains_key(&record.slug) {
            return None;
        }
        let limits = self.native(record)?.limits(&self.config.registrar.get(&record.slug).rate_limit);
        limits.into_iter().min_by_key(|limit| possible_per_day(*limit))
    }
}
