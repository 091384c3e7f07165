//! Which domains are due, and how many there are of each kind (S1.3 to S1.5).

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::rows::records;
use super::statements::Scoped;
use super::{Arg, Link, Sql, SqlStore};
use crate::laravel::dates;
use crate::model::{DomainId, RegistrarId};
use crate::report::StatsReport;
use crate::store::{DueQuery, Scope};
use crate::{Error, ErrorKind, Result};

impl Scoped {
    fn of(&self, scope: Scope) -> &Sql {
        if scope.partner_id.is_some() { &self.partner } else { &self.all }
    }
}

fn partner(scope: Scope) -> (&'static str, Arg) {
    ("partner", scope.partner_id.map(|id| id.0).into())
}

impl<L: Link> SqlStore<L> {
    /// Due domains, class by class until there are enough: the later classes cost the most and are seldom asked.
    pub(crate) async fn due(&self, scope: Scope, query: &DueQuery) -> Result<Vec<DomainId>> {
        let limit = query.limit as usize;
        let mut due = Vec::new();
        // A domain that another process syncs meanwhile may move from one class to another.
        let mut seen = HashSet::new();
        // The first two are classes 1 and 2; every later one has the interval of the rest.
        let near = query.near_intervals.unwrap_or([query.interval; 2]);
        let intervals = near.into_iter().chain(std::iter::repeat(query.interval));
        for (class, interval) in self.statements.due.iter().zip(intervals) {
            if due.len() >= limit {
                break;
            }
            let mut args = self.due_args(&DueQuery { interval, ..*query })?;
            args.push(partner(scope));
            args.push(("limit", i64::try_from(limit - due.len()).unwrap_or(i64::MAX).into()));
            let texts = self.look(class.of(scope), &args).await?;
            let ids = records::<i64>(&texts)?.into_iter().map(DomainId);
            due.extend(ids.filter(|id| seen.insert(*id)));
        }
        Ok(due)
    }

    /// Active domains that expire within a time.
    pub(crate) async fn expiring(
        &self,
        scope: Scope,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<DomainId>> {
        let args = [("from", self.wall_clock(from).into()), ("until", self.wall_clock(until).into()), partner(scope)];
        let texts = self.look(self.statements.expiring.of(scope), &args).await?;
        let ids = records::<i64>(&texts)?;
        Ok(ids.into_iter().map(DomainId).collect())
    }

    /// Domains that a person is asked to look at.
    pub(crate) async fn for_review(&self, scope: Scope, limit: u32) -> Result<Vec<DomainId>> {
        let args = [("limit", i64::from(limit).into()), partner(scope)];
        let texts = self.look(self.statements.review.of(scope), &args).await?;
        Ok(records::<i64>(&texts)?.into_iter().map(DomainId).collect())
    }

    /// Domains that a sync changed lately.
    pub(crate) async fn changed(&self, scope: Scope, since: DateTime<Utc>, rows: u32) -> Result<Vec<DomainId>> {
        let args = [("since", self.wall_clock(since).into()), ("limit", i64::from(rows).into()), partner(scope)];
        let texts = self.look(self.statements.changed.of(scope), &args).await?;
        Ok(records::<i64>(&texts)?.into_iter().map(DomainId).collect())
    }

    /// Counts watched domains by registrar.
    pub(crate) async fn by_registrar(&self, scope: Scope) -> Result<Vec<(RegistrarId, u64)>> {
        let texts = self.look(self.statements.by_registrar.of(scope), &[partner(scope)]).await?;
        Ok(records::<(i64, u64)>(&texts)?.into_iter().map(|(id, count)| (RegistrarId(id), count)).collect())
    }

    /// Counts domains.
    pub(crate) async fn count(&self, scope: Scope, query: &DueQuery) -> Result<StatsReport> {
        #[derive(serde::Deserialize)]
        struct Row {
            status: String,
            total: u64,
            with_registrar: u64,
            never_synced: u64,
            recently_synced: u64,
            needs_sync: u64,
            expiring_soon: u64,
            failed: u64,
            needs_review: u64,
            last_synced_at: Option<String>,
        }
        let mut args = self.due_args(query)?;
        args.push(("now", self.wall_clock(query.now).into()));
        args.push(partner(scope));
        let texts = self.look(self.statements.stats.of(scope), &args).await?;
        let mut report = StatsReport::default();
        let mut by_status = BTreeMap::new();
        for row in records::<Row>(&texts)? {
            report.total += row.total;
            report.with_registrar += row.with_registrar;
            report.never_synced += row.never_synced;
            report.recently_synced += row.recently_synced;
            report.needs_sync += row.needs_sync;
            report.expiring_soon += row.expiring_soon;
            report.failed += row.failed;
            report.needs_review += row.needs_review;
            let latest = row.last_synced_at.and_then(|text| dates::parse(&text, self.timezone));
            report.last_synced_at = report.last_synced_at.max(latest);
            by_status.insert(row.status, row.total);
        }
        report.by_status = by_status;
        Ok(report)
    }

    /// The parameters that tell what is due.
    fn due_args(&self, query: &DueQuery) -> Result<Vec<(&'static str, Arg)>> {
        let shifted = |delta: Option<TimeDelta>| {
            let instant = delta.and_then(|delta| query.now.checked_add_signed(delta));
            let instant = instant.ok_or_else(|| {
                Error::new(ErrorKind::Config, "an interval or a number of days is too large for a date")
            })?;
            Ok::<_, Error>(Arg::from(self.wall_clock(instant)))
        };
        Ok(vec![
            ("synced_before", shifted(Some(-query.interval))?),
            ("healed_before", shifted(Some(-query.heal_interval))?),
            ("soon", shifted(TimeDelta::try_days(query.priority_days))?),
            ("later", shifted(TimeDelta::try_days(query.priority_days.saturating_mul(2)))?),
            ("moment", query.now.to_rfc3339_opts(SecondsFormat::Secs, false).into()),
            ("instant", query.now.format("%Y-%m-%d %H:%M:%S").to_string().into()),
        ])
    }
}
