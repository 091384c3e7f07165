//! Whether a registrar's rate limit leaves enough requests for the freshness that the configuration promises: pure.
//!
//! Told before anything goes wrong: a batch waits for its budget and fails at nothing (S7.1), so that a limit that is too
//! low shows only as data that is older than anybody thinks.

use chrono::TimeDelta;
use serde::Serialize;

use crate::config::RateLimit;
use crate::registrar::{Capabilities, ListCapability};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Requests of a day at one registrar: what it takes, and what there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// The registrar's slug.
    pub registrar: String,
    /// Its domains that are watched: active, in grace or in redemption.
    pub domains: u64,
    /// The least that it takes to sync each of them in time.
    pub needed_per_day: u64,
    /// What the rate limit lets through; `None` where there is none, or none that is known.
    pub possible_per_day: Option<u64>,
    /// Whether that is enough.
    pub enough: bool,
    /// How old a domain's sync gets at the least, in hours, rounded up, where it is not enough.
    pub possible_interval_hours: Option<u64>,
    /// What a person should know, where it is not enough.
    pub warning: Option<String>,
}

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// How long a sync is good for.
    pub interval: TimeDelta,
    /// How long details are trusted while the list tells of no change.
    pub details: TimeDelta,
}

/// How many requests a rate limit lets through in a day.
pub fn possible_per_day(limit: RateLimit) -> u64 {
    u64::from(limit.max_attempts) * DAY / u64::from(limit.decay_seconds).max(1)
}

/// The least requests of a day that keep so many domains as fresh as promised, when nothing changes: the whole list each
/// interval where its rows tell everything, or what changed, and then every domain's details when they are no longer
/// trusted; otherwise every domain by name. A promise of zero is no promise.
pub fn needed_per_day(domains: u64, capabilities: &Capabilities, promise: Promise) -> u64 {
    let times = |each: u64, interval: TimeDelta| match u64::try_from(interval.num_seconds()) {
        Ok(seconds) if seconds > 0 => each.saturating_mul(DAY).div_ceil(seconds),
        _ => 0,
    };
    let by_name = times(domains, promise.interval);
    let Some(list) = &capabilities.list else { return by_name };
    let by_list = times(domains.div_ceil(u64::from(list.page_size.max(1))), promise.interval);
    match list {
        ListCapability { whole: true, .. } => by_name.min(by_list),
        ListCapability { change_marker: true, .. } if promise.details > promise.interval => {
            by_name.min(by_list + times(domains, promise.details))
        }
        ListCapability { .. } => by_name,
    }
}

/// Compares both for one registrar.
pub fn budget(
    registrar: &str,
    domains: u64,
    capabilities: &Capabilities,
    limit: Option<RateLimit>,
    promise: Promise,
) -> Budget {
    let needed_per_day = needed_per_day(domains, capabilities, promise);
    let possible_per_day = limit.map(possible_per_day);
    let short = possible_per_day.filter(|possible| *possible < needed_per_day);
    let possible_interval_hours = short.map(|possible| hours_for(needed_per_day, possible, promise.interval));
    let warning = short.zip(possible_interval_hours).map(|(possible, hours)| {
        format!(
            "{registrar}: {domains} domains every {} hours take at least {needed_per_day} requests a day, and its rate limit \
             lets {possible} through: a sync gets some {hours} hours old",
            promise.interval.num_hours()
        )
    });
    Budget {
        registrar: registrar.to_owned(),
        domains,
        needed_per_day,
        possible_per_day,
        enough: short.is_none(),
        possible_interval_hours,
        warning,
    }
}

/// What a person should know of a batch whose requests alone take longer than a sync is good for.
pub fn of_batch(registrar: &str, calls: u64, limit: RateLimit, interval: TimeDelta) -> Option<String> {
    let possible = possible_per_day(limit);
    let seconds = u64::try_from(interval.num_seconds()).ok().filter(|seconds| *seconds > 0)?;
    let in_time = possible.saturating_mul(seconds) / DAY;
    (calls > in_time).then(|| {
        let hours = calls.saturating_mul(24).div_ceil(possible.max(1));
        format!(
            "{registrar}: this batch takes some {calls} requests, and its rate limit lets {in_time} through in the {} hours \
             that a sync is good for: it takes some {hours} hours",
            interval.num_hours()
        )
    })
}

/// How many hours a pass takes that needs more than there is.
fn hours_for(needed: u64, possible: u64, interval: TimeDelta) -> u64 {
    let seconds = u64::try_from(interval.num_seconds()).unwrap_or(0);
    needed.saturating_mul(seconds).div_ceil(possible.max(1)).div_ceil(3_600)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: ListCapability = ListCapability {
        page_size: 500,
        change_marker: true,
        partial_status: true,
        whole: false,
        by_remote_id: Some(100),
    };

    fn promise(interval: i64, details: i64) -> Promise {
        Promise { interval: TimeDelta::hours(interval), details: TimeDelta::hours(details) }
    }

    #[test]
    fn what_is_needed_is_what_the_registrar_makes_of_the_promise() {
        let list = Capabilities { list: Some(LIST), ..Capabilities::default() };
        let blind =
            Capabilities { list: Some(ListCapability { change_marker: false, ..LIST }), ..Capabilities::default() };
        let whole = Capabilities {
            list: Some(ListCapability { change_marker: false, whole: true, ..LIST }),
            ..Capabilities::default()
        };
        let none = Capabilities::default();
        for (capabilities, domains, interval, details, needed) in [
            (&none, 100_000, 6, 168, 400_000),
            (&none, 100_000, 24, 168, 100_000),
            (&blind, 100_000, 6, 168, 400_000),
            // Four times 200 pages, and a seventh of the details.
            (&list, 100_000, 6, 168, 800 + 14_286),
            (&list, 100_000, 6, 0, 400_000),
            // Four times 200 pages, and nothing else whatever details are good for.
            (&whole, 100_000, 6, 0, 800),
            (&whole, 1, 6, 168, 4),
            // A list of a page is no gain for a domain or two.
            (&list, 1, 6, 168, 4),
            (&none, 0, 6, 168, 0),
            (&none, 100_000, 0, 168, 0),
        ] {
            assert_eq!(needed_per_day(domains, capabilities, promise(interval, details)), needed, "S7.1, S7.3");
        }
    }

    #[test]
    fn a_limit_that_is_too_low_is_told_with_numbers_and_one_that_is_not_is_silent() {
        let limit = |max_attempts| Some(RateLimit::per_minutes(max_attempts, 1));
        let told = |limit| budget("enom", 100_000, &Capabilities::default(), limit, promise(6, 168));
        let short = told(limit(60));
        assert_eq!(
            (short.needed_per_day, short.possible_per_day, short.enough),
            (400_000, Some(86_400), false),
            "S7.1"
        );
        assert_eq!(short.possible_interval_hours, Some(28), "S7.1");
        assert_eq!(
            short.warning.as_deref(),
            Some(
                "enom: 100000 domains every 6 hours take at least 400000 requests a day, and its rate limit lets 86400 \
                 through: a sync gets some 28 hours old"
            )
        );
        for enough in [told(limit(6_000)), told(None)] {
            assert!(enough.enough && enough.warning.is_none() && enough.possible_interval_hours.is_none());
        }
        let never = told(limit(0));
        assert!(!never.enough, "{never:?}");
    }

    #[test]
    fn a_batch_that_takes_longer_than_a_sync_is_good_for_says_so() {
        let limit = RateLimit::per_minutes(60, 1);
        let six = TimeDelta::hours(6);
        assert_eq!(of_batch("enom", 21_600, limit, six), None, "S7.1");
        let told = of_batch("enom", 100_000, limit, six).unwrap();
        assert!(told.contains("100000 requests") && told.contains("21600") && told.contains("28 hours"), "{told}");
        assert_eq!(of_batch("enom", 100_000, limit, TimeDelta::zero()), None, "no promise");
    }
}
