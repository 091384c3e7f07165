//! Which domains are due, and how many there are of each kind (S1.3 to S1.5).

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::rows::records;
use super::statements::{Near, NearClass, Scoped};
use super::{Arg, Link, Sql, SqlStore};
use crate::laravel::dates;
use crate::model::{DomainId, RegistrarId};
use crate::report::StatsReport;
use crate::store::{DueQuery, Scope};
use crate::{Error, ErrorKind, Result};

/// So many domains for each that is wanted are looked at before all of a class are, and at least so many.
///
/// Of an even portfolio one in twelve expires within 30 days, so that the first 500 of class 1 are among the 6,000 that wait
/// the longest. Price: some milliseconds for nothing where they are not.
const NEAR_TIMES: i64 = 20;
const NEAR_LEAST: i64 = 10_000;

/// Those that wait the longest. A bound that is missing is the end.
struct Nearest<'a> {
    never_until: Option<i64>,
    synced_until: Option<String>,
    classes: &'a [NearClass],
}

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
        let mut nearest = match &self.statements.near {
            Some(near) if scope.partner_id.is_none() && query.near_intervals.is_none() && limit > 0 => {
                Some(self.nearest(near, query).await?)
            }
            _ => None,
        };
        // The first two are classes 1 and 2; every later one has the interval of the rest.
        let intervals =
            query.near_intervals.unwrap_or([query.interval; 2]).into_iter().chain(std::iter::repeat(query.interval));
        for ((place, class), interval) in self.statements.due.iter().enumerate().zip(intervals) {
            if due.len() >= limit {
                break;
            }
            let room = limit - due.len();
            let near = nearest.as_ref().and_then(|nearest| Some((nearest, nearest.classes.get(place)?)));
            let found = match near {
                Some((nearest, class)) => self.due_near(nearest, class, query, room).await?,
                None => None,
            };
            let ids = match found {
                Some(ids) => ids,
                None => {
                    // What is urgent is not among those that wait the longest: the next class is no different.
                    nearest = None;
                    let mut args = self.due_args(&DueQuery { interval, ..*query })?;
                    args.push(partner(scope));
                    self.due_ids(class.of(scope), args, room).await?
                }
            };
            due.extend(ids.into_iter().map(DomainId).filter(|id| seen.insert(*id)));
        }
        Ok(due)
    }

    async fn due_ids(&self, sql: &Sql, mut args: Vec<(&'static str, Arg)>, limit: usize) -> Result<Vec<i64>> {
        args.push(("limit", i64::try_from(limit).unwrap_or(i64::MAX).into()));
        records(&self.look(sql, &args).await?)
    }

    /// How far those that wait the longest reach.
    async fn nearest<'a>(&self, near: &'a Near, query: &DueQuery) -> Result<Nearest<'a>> {
        let mut args = self.due_args(query)?;
        let size = i64::from(query.limit).saturating_mul(NEAR_TIMES).max(NEAR_LEAST);
        args.push(("near", size.into()));
        let never = records::<i64>(&self.look(&near.never_until, &args).await?)?;
        let synced = records::<String>(&self.look(&near.synced_until, &args).await?)?;
        Ok(Nearest {
            never_until: never.into_iter().next(),
            synced_until: synced.into_iter().next(),
            classes: &near.classes,
        })
    }

    /// The first of a class, `None` where there may be more of it beyond those that wait the longest.
    async fn due_near(
        &self,
        nearest: &Nearest<'_>,
        class: &NearClass,
        query: &DueQuery,
        limit: usize,
    ) -> Result<Option<Vec<i64>>> {
        let mut args = self.due_args(query)?;
        args.push(("never_until", nearest.never_until.unwrap_or(i64::MAX).into()));
        let mut ids = self.due_ids(&class.never, args, limit).await?;
        if ids.len() >= limit {
            return Ok(Some(ids));
        }
        if nearest.never_until.is_some() {
            return Ok(None);
        }
        let mut args = self.due_args(query)?;
        let until = match &nearest.synced_until {
            Some(until) => until.as_str().into(),
            // The first of the parameters: that before which a domain is due.
            None => args[0].1.clone(),
        };
        args.push(("synced_until", until));
        ids.extend(self.due_ids(&class.synced, args, limit - ids.len()).await?);
        Ok((ids.len() >= limit || nearest.synced_until.is_none()).then_some(ids))
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
