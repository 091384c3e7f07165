//! How many requests may be sent again: an outage must not multiply the load. Pure (S6.2).

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How far back requests count.
const SPAN: Duration = Duration::from_secs(60);
/// Of so many requests one may be sent again …
const OF: u32 = 5;
/// … and so many more in any case, so that a single call has its attempts.
const ALLOWANCE: u32 = 20;

/// What an account sent in the last minute, second by second.
#[derive(Debug, Default)]
pub(crate) struct RetryBudget {
    seconds: VecDeque<(Instant, u32, u32)>,
}

impl RetryBudget {
    /// A first attempt was made.
    pub(crate) fn sent(&mut self, now: Instant) {
        self.second(now).1 += 1;
    }

    /// Whether there may be one more attempt; it counts as made.
    pub(crate) fn again(&mut self, now: Instant) -> bool {
        let (sent, again) = self.last_minute(now);
        if again >= sent / OF + ALLOWANCE {
            return false;
        }
        self.second(now).2 += 1;
        true
    }

    fn last_minute(&mut self, now: Instant) -> (u32, u32) {
        while self.seconds.front().is_some_and(|(start, ..)| *start + SPAN <= now) {
            self.seconds.pop_front();
        }
        self.seconds.iter().fold((0, 0), |(sent, again), second| (sent + second.1, again + second.2))
    }

    fn second(&mut self, now: Instant) -> &mut (Instant, u32, u32) {
        let is_over = self.seconds.back().is_none_or(|(start, ..)| *start + Duration::from_secs(1) <= now);
        if is_over {
            self.seconds.push_back((now, 0, 0));
        }
        let last = self.seconds.len() - 1;
        &mut self.seconds[last]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_costs_little_more_than_the_requests_themselves() {
        let mut budget = RetryBudget::default();
        let start = Instant::now();
        let mut again = 0;
        for request in 0..1_000_u64 {
            let now = start + Duration::from_millis(request * 10);
            budget.sent(now);
            for _ in 0..2 {
                again += u32::from(budget.again(now));
            }
        }
        assert!((200..=220).contains(&again), "S6.2: {again} of 1,000");
    }

    #[test]
    fn a_quiet_account_has_all_attempts_and_the_past_is_forgotten() {
        let mut budget = RetryBudget::default();
        let mut now = Instant::now();
        for _ in 0..10 {
            budget.sent(now);
            assert!(budget.again(now) && budget.again(now), "S6.2");
        }
        budget.sent(now);
        assert!(budget.again(now) && budget.again(now) && !budget.again(now), "S6.2");
        now += SPAN;
        budget.sent(now);
        assert!(budget.again(now), "S6.2: a minute later");
    }
}
