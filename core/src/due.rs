//! When a domain is due, and by which rule: pure (S1.1, S1.3).
//!
//! The fixed interval gives every domain the same number of hours. The adaptive one (`domain.sync_interval` is
//! `adaptive`) asks more often where something is likely to happen: close to expiry and after it, and while a domain has
//! changed lately. What has been as it is for long stays so for a while: as HTTP caches do (RFC 9111, 4.2.2), a tenth of
//! the time since the last change is taken, within the bounds.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::config::{DomainConfig, SyncInterval};
use crate::model::{DomainStatus, LocalDomain};

/// The key in `sync_metadata` that tells when a sync last found a change.
pub(crate) const CHANGED_AT: &str = "changed_at";

/// Which part of the time since the last change an adaptive interval is.
const PART: i32 = 10;

/// The classes of S1.3: the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 1: expires within `priority_sync_days`, or has expired.
    ExpiresSoon,
    /// 2: expires within twice that.
    ExpiresLater,
    /// 3: was never synced.
    NeverSynced,
    /// 4: any other that is watched.
    Watched,
    /// 5: expired or suspended, looked at so that it heals.
    Healing,
}

impl Class {
    /// The number that S1.3 gives it.
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// What decides when a domain is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `sync_interval_hours`.
    pub interval: TimeDelta,
    /// `heal_interval_hours`.
    pub heal_interval: TimeDelta,
    /// `priority_sync_days`.
    pub priority: TimeDelta,
    /// The shortest and the longest adaptive interval, where intervals adapt.
    pub adaptive: Option<(TimeDelta, TimeDelta)>,
}

/// What of a domain decides when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// `domains.status`.
    pub status: DomainStatus,
    /// `domains.expires_at`.
    pub expires_at: Option<DateTime<Utc>>,
    /// `domains.last_synced_at`.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// When a sync last found a change, where one did.
    pub changed_at: Option<DateTime<Utc>>,
}

impl From<&LocalDomain> for Look {
    fn from(local: &LocalDomain) -> Self {
        Self {
            status: local.status,
            expires_at: local.expires_at,
            last_synced_at: local.last_synced_at,
            changed_at: local.metadata_instant(CHANGED_AT),
        }
    }
}

impl Rules {
    /// The rules of a configuration.
    pub fn of(config: &DomainConfig) -> Self {
        let hours = |hours: u32| TimeDelta::hours(hours.into());
        let adaptive = match config.sync_interval {
            SyncInterval::Fixed => None,
            SyncInterval::Adaptive => Some((hours(config.adaptive_min_hours), hours(config.adaptive_max_hours))),
        };
        Self {
            interval: hours(config.sync_interval_hours),
            heal_interval: hours(config.heal_interval_hours),
            priority: TimeDelta::days(config.priority_sync_days.into()),
            adaptive,
        }
    }

    /// The class of a domain; `None` where its status takes it out of every selection.
    pub fn class(&self, look: &Look, now: DateTime<Utc>) -> Option<Class> {
        match look.status {
            DomainStatus::Active | DomainStatus::GracePeriod | DomainStatus::Redemption => {}
            DomainStatus::Expired | DomainStatus::Suspended => return Some(Class::Healing),
            _ => return None,
        }
        Some(match look.expires_at.map(|at| at - now) {
            Some(left) if left <= self.priority => Class::ExpiresSoon,
            Some(left) if left <= self.priority * 2 => Class::ExpiresLater,
            _ if look.last_synced_at.is_none() => Class::NeverSynced,
            _ => Class::Watched,
        })
    }

    /// How long a sync is good for, of a whole class: the longest of any of it.
    pub fn interval_of(&self, class: Class) -> TimeDelta {
        match (class, self.adaptive) {
            (Class::Healing, _) => self.heal_interval,
            (_, None) => self.interval,
            (Class::ExpiresSoon, Some((shortest, _))) => shortest,
            (Class::ExpiresLater, Some((shortest, longest))) => self.interval.clamp(shortest, longest),
            (Class::NeverSynced | Class::Watched, Some((_, longest))) => longest,
        }
    }

    /// How long a sync of this very domain is good for.
    pub fn interval(&self, look: &Look, class: Class) -> TimeDelta {
        match (class, self.adaptive, look.changed_at, look.last_synced_at) {
            (Class::ExpiresLater | Class::Watched, Some((shortest, longest)), Some(changed_at), Some(synced_at)) => {
                ((synced_at - changed_at) / PART).clamp(shortest, longest).min(self.interval_of(class))
            }
            _ => self.interval_of(class),
        }
    }

    /// The shortest that any sync of a watched domain is good for: sooner, nobody is asked again without `force`.
    pub fn shortest(&self) -> TimeDelta {
        self.adaptive.map_or(self.interval, |(shortest, _)| shortest.min(self.interval))
    }

    /// How long ago a change may be for its domain to be due sooner than the quiet ones.
    pub fn memory(&self) -> Option<TimeDelta> {
        self.adaptive.map(|(_, longest)| longest * PART)
    }

    /// When a domain is due by its interval; `None` where no selection takes it. A moment of the past, or never synced,
    /// means at once.
    pub fn due_at(&self, look: &Look, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let class = self.class(look, now)?;
        let Some(synced_at) = look.last_synced_at else { return Some(now) };
        let due = synced_at + self.interval(look, class);
        // A domain that comes close to its expiry, or expires, is due by the shorter interval from then on.
        let sooner = [(self.priority, Class::ExpiresSoon), (self.priority * 2, Class::ExpiresLater)]
            .into_iter()
            .filter(|(_, nearer)| class != Class::Healing && *nearer < class)
            .filter_map(|(ahead, nearer)| {
                Some((look.expires_at? - ahead).max(synced_at + self.interval(look, nearer)))
            });
        Some(sooner.fold(due, DateTime::min))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn rules(adaptive: bool) -> Rules {
        let sync_interval = if adaptive { SyncInterval::Adaptive } else { SyncInterval::Fixed };
        Rules::of(&DomainConfig { sync_interval, ..DomainConfig::default() })
    }

    fn look(status: DomainStatus, expires: Option<i64>, synced: Option<i64>, changed: Option<i64>) -> Look {
        let days = |days: i64| now() + TimeDelta::days(days);
        let hours = |hours: i64| now() - TimeDelta::hours(hours);
        Look {
            status,
            expires_at: expires.map(days),
            last_synced_at: synced.map(hours),
            changed_at: changed.map(|ago| now() - TimeDelta::hours(ago)),
        }
    }

    #[test]
    fn the_class_and_the_hours_are_those_of_the_table() {
        use Class::*;
        use DomainStatus::*;
        // Status, days to expiry, hours since the last sync and since the last change: class, hours fixed and adaptive.
        for (status, expires, synced, changed, class, fixed, adaptive) in [
            (Active, Some(30), Some(1), None, Some(ExpiresSoon), 6, 2),
            (Active, Some(-3), Some(1), None, Some(ExpiresSoon), 6, 2),
            (GracePeriod, Some(-3), Some(1), None, Some(ExpiresSoon), 6, 2),
            (Redemption, Some(-40), Some(1), None, Some(ExpiresSoon), 6, 2),
            (Active, Some(31), Some(1), None, Some(ExpiresLater), 6, 6),
            (Active, Some(60), Some(1), None, Some(ExpiresLater), 6, 6),
            (Active, Some(61), Some(1), None, Some(Watched), 6, 48),
            (Active, None, Some(1), None, Some(Watched), 6, 48),
            (Active, Some(200), None, None, Some(NeverSynced), 6, 48),
            // Changed an hour before the last sync, a hundred hours, and long ago.
            (Active, Some(200), Some(1), Some(2), Some(Watched), 6, 2),
            (Active, Some(200), Some(1), Some(101), Some(Watched), 6, 10),
            (Active, Some(200), Some(1), Some(9_001), Some(Watched), 6, 48),
            (Expired, Some(-3), Some(1), Some(1), Some(Healing), 24, 24),
            (Suspended, Some(200), Some(1), None, Some(Healing), 24, 24),
            (TransferredOut, Some(200), Some(1), None, None, 0, 0),
            (PendingTransfer, Some(3), None, None, None, 0, 0),
        ] {
            let look = look(status, expires, synced, changed);
            for (adapts, hours) in [(false, fixed), (true, adaptive)] {
                let rules = rules(adapts);
                assert_eq!(rules.class(&look, now()), class, "S1.3 {look:?}");
                if let Some(class) = class {
                    assert_eq!(rules.interval(&look, class).num_hours(), hours, "S1.3 {adapts} {look:?}");
                }
            }
        }
        assert_eq!((Class::ExpiresSoon.number(), Class::Healing.number()), (1, 5), "S1.3");
    }

    #[test]
    fn a_domain_that_comes_close_to_its_expiry_is_due_by_then() {
        let rules = rules(true);
        let soon = |days| rules.due_at(&look(DomainStatus::Active, Some(days), Some(0), None), now()).unwrap() - now();
        assert_eq!(soon(200), TimeDelta::hours(48));
        assert_eq!(soon(61), TimeDelta::days(1), "it is in class 2 then, and was not synced for its six hours");
        assert_eq!(soon(31), TimeDelta::hours(6));
        assert_eq!(soon(30), TimeDelta::hours(2));
        let never = look(DomainStatus::Active, None, None, None);
        assert_eq!(rules.due_at(&never, now()), Some(now()), "S1.3");
        assert_eq!(rules.due_at(&look(DomainStatus::TransferFailed, None, None, None), now()), None, "S1.3");
    }

    proptest! {
        #[test]
        fn what_is_due_at_a_time_is_due_then_and_not_before(
            expires in prop::option::of(-100_i64..500), synced in 0_i64..200, changed in prop::option::of(0_i64..2_000), adapts: bool,
        ) {
            let rules = rules(adapts);
            let look = look(DomainStatus::Active, expires, Some(synced), changed.map(|ago| ago + synced));
            let synced_at = look.last_synced_at.unwrap();
            let is_due = |at| synced_at + rules.interval(&look, rules.class(&look, at).unwrap()) <= at;
            let due = rules.due_at(&look, now()).unwrap();
            let later = due.max(now());
            prop_assert!(is_due(later), "due at {due}");
            if due > now() {
                prop_assert!(!is_due(due - TimeDelta::seconds(1)), "due before {due}");
            }
            prop_assert!(due - synced_at >= rules.shortest() && rules.memory().is_some() == adapts);
        }
    }
}
