//! The rate limit of one account: a queue, never an error (S7.1).

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use crate::config::RateLimit;

/// How much longer than configured a window is taken to be. A request that left first may arrive later than one that
/// left a little after it, so that the registrar's window holds what two of ours do.
const MARGIN: Duration = Duration::from_secs(1);

/// Lets requests through so that no window of the limit's length, wherever it starts, holds more than it allows.
pub(super) struct Limiter {
    limit: RateLimit,
    gcra: RateLimiter<NotKeyed, InMemoryState, RuntimeClock, NoOpMiddleware<Duration>>,
    clock: RuntimeClock,
}

impl Limiter {
    /// A limiter with its whole burst at hand; `None` for a limit that would let nothing through, ever.
    pub(super) fn new(limit: RateLimit) -> Option<Self> {
        let clock = RuntimeClock { start: Instant::now() };
        let gcra = RateLimiter::direct_with_clock(quota(limit)?, clock.clone());
        Some(Self { limit, gcra, clock })
    }

    /// Waits until one more request may leave, and takes its place.
    pub(super) async fn ready(&self) {
        while let Err(not_until) = self.gcra.check() {
            tokio::time::sleep(not_until.wait_time_from(self.clock.now())).await;
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.limit.fmt(f)
    }
}

/// The quota that keeps every window of length `W` at `N` requests or fewer.
///
/// A GCRA with burst `B` and interval `T` lets `n` requests through in a span `s` only if `(n - B) * T <= s`. The
/// customary burst of `N` with `T = W / N` therefore lets nearly `2 * N` through in a window that starts with a rested
/// limiter. With `T = W / (N - B + 1)` a span shorter than `W` holds `N` at most. The burst is a tenth of the limit:
/// enough that a single call never waits, and it costs a tenth of the sustained rate at most.
fn quota(limit: RateLimit) -> Option<Quota> {
    let requests = NonZeroU32::new(limit.max_attempts)?;
    let minutes = NonZeroU32::new(limit.decay_minutes)?;
    let window = Duration::from_secs(u64::from(minutes.get()) * 60) + MARGIN;
    let burst = NonZeroU32::new(requests.get() / 10).unwrap_or(NonZeroU32::MIN);
    let nanos = window.as_nanos().div_ceil(u128::from(requests.get() - burst.get() + 1));
    let interval = Duration::from_nanos(u64::try_from(nanos).ok()?);
    Some(Quota::with_period(interval)?.allow_burst(burst))
}

/// The runtime's clock, so that waiting and measuring agree, also where a test stops it.
#[derive(Clone, Debug)]
struct RuntimeClock {
    start: Instant,
}

impl Clock for RuntimeClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use governor::clock::FakeRelativeClock;
    use proptest::prelude::*;

    use super::*;

    /// The most moments within any span shorter than `window`.
    fn fullest(moments: &[Duration], window: Duration) -> usize {
        let mut first = 0;
        let mut most = 0;
        for (last, moment) in moments.iter().enumerate() {
            while *moment - moments[first] >= window {
                first += 1;
            }
            most = most.max(last - first + 1);
        }
        most
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_the_limit(
            max_attempts in 1_u32..200,
            decay_minutes in 1_u32..5,
            pauses in prop::collection::vec(0_u64..20_000, 1..600),
        ) {
            let clock = FakeRelativeClock::default();
            let gcra = RateLimiter::direct_with_clock(
                quota(RateLimit { max_attempts, decay_minutes }).unwrap(),
                clock.clone(),
            );
            let mut now = Duration::ZERO;
            let mut sent = Vec::new();
            for pause in pauses {
                let pause = Duration::from_millis(pause);
                clock.advance(pause);
                now += pause;
                // As greedy as can be: everything that gets through at this moment.
                while gcra.check().is_ok() {
                    sent.push(now);
                }
            }
            let window = Duration::from_secs(u64::from(decay_minutes) * 60);
            prop_assert!(fullest(&sent, window) <= max_attempts as usize, "S7.1");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_of_requests_waits_for_its_budget_and_uses_nearly_all_of_it() {
        let limiter = Limiter::new(RateLimit { max_attempts: 60, decay_minutes: 1 }).unwrap();
        let start = Instant::now();
        let mut sent = Vec::new();
        for _ in 0..180 {
            limiter.ready().await;
            sent.push(start.elapsed());
        }
        assert_eq!(sent[5], Duration::ZERO, "the burst goes at once");
        assert!(fullest(&sent, Duration::from_secs(60)) <= 60, "S7.1");
        let needed = sent[179];
        assert!(needed < Duration::from_secs(200), "180 requests took {needed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_one_leaves_a_whole_window_between_two_requests() {
        let limiter = Limiter::new(RateLimit { max_attempts: 1, decay_minutes: 2 }).unwrap();
        limiter.ready().await;
        let first = Instant::now();
        limiter.ready().await;
        assert!(first.elapsed() >= Duration::from_secs(120), "S7.1");
    }

    #[test]
    fn a_limit_of_nothing_is_no_limit_to_work_under() {
        assert!(Limiter::new(RateLimit { max_attempts: 0, decay_minutes: 1 }).is_none());
        assert!(Limiter::new(RateLimit { max_attempts: 1, decay_minutes: 0 }).is_none());
    }
}
