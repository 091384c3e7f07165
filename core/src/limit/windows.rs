//! How many requests fit into the windows of an account's limits: pure (S7.1).
//!
//! A sliding window counts exactly, which the customary token bucket (GCRA) does not: one that never lets a window overflow
//! leaves a tenth of the budget unused. What it costs is a note of every request of the window, some kilobytes.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::config::RateLimit;

/// How long a person may have to wait for the place that is kept for one, at most.
const PATIENCE: Duration = Duration::from_millis(900);

/// How much later a request that was given up may still arrive.
const LATE: Duration = Duration::from_millis(50);

/// All limits of an account; they hold at once.
#[derive(Debug)]
pub(crate) struct Windows {
    windows: Vec<Window>,
    /// How many persons wait. As many places are theirs as soon as they come free.
    persons: usize,
}

/// One limit, and what was sent under it.
#[derive(Debug)]
struct Window {
    most: usize,
    length: Duration,
    /// Requests that left and are not answered. They hold their places however long they take: when they arrive is not
    /// known before the answer.
    under_way: usize,
    /// When the others were answered, in order. Each holds its place for the window's length from then on.
    answered: VecDeque<Instant>,
    /// When the next request of a batch is due after the first half, so that places come free evenly and not in crowds.
    due: Instant,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// A batch, which leaves a place to a person.
    Batch,
    /// A person, who waits for one domain.
    Person,
}

/// There is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// When it is worth to look again; `None` where only an answer can tell.
    pub(crate) until: Option<Instant>,
}

impl Windows {
    /// Windows that are all free.
    pub(crate) fn new(limits: &[RateLimit], now: Instant) -> Self {
        let window = |limit: &RateLimit| Window {
            most: limit.max_attempts as usize,
            length: Duration::from_secs(limit.decay_seconds.into()) + LATE,
            under_way: 0,
            answered: VecDeque::new(),
            due: now,
        };
        Self { windows: limits.iter().map(window).collect(), persons: 0 }
    }

    /// A person begins to wait.
    pub(crate) fn person_comes(&mut self) {
        self.persons += 1;
    }

    /// A person waits no longer.
    pub(crate) fn person_goes(&mut self) {
        self.persons = self.persons.saturating_sub(1);
    }

    /// Takes a place in every window, or in none.
    pub(crate) fn take(&mut self, now: Instant, urgency: Urgency) -> Result<(), Full> {
        let mut full: Option<Full> = None;
        for window in &mut self.windows {
            if let Err(this) = window.look(now, urgency, self.persons) {
                // The latest tells the most; one that cannot tell leaves it to the others.
                let until = full.and_then(|full| full.until).max(this.until);
                full = Some(Full { until });
            }
        }
        if let Some(full) = full {
            return Err(full);
        }
        for window in &mut self.windows {
            window.leave(now, urgency);
        }
        Ok(())
    }

    /// A request leaves on the word of somebody else.
    pub(crate) fn note(&mut self, now: Instant) {
        for window in &mut self.windows {
            window.leave(now, Urgency::Person);
        }
    }

    /// A place that was taken is not used after all.
    pub(crate) fn undo(&mut self) {
        for window in &mut self.windows {
            window.under_way = window.under_way.saturating_sub(1);
        }
    }

    /// A request was answered, or given up.
    pub(crate) fn answered(&mut self, now: Instant) {
        for window in &mut self.windows {
            window.under_way = window.under_way.saturating_sub(1);
            window.answered.push_back(now);
        }
    }
}

impl Window {
    fn look(&mut self, now: Instant, urgency: Urgency, persons: usize) -> Result<(), Full> {
        while self.answered.front().is_some_and(|answered| *answered + self.length <= now) {
            self.answered.pop_front();
        }
        let room = self.most.saturating_sub(self.under_way + self.answered.len());
        let next = self.answered.front().map(|answered| *answered + self.length);
        if room == 0 {
            return Err(Full { until: next });
        }
        if urgency == Urgency::Person {
            return Ok(());
        }
        // Where there is but one place, one that waits and is not polled must not keep it from all others.
        if room <= persons.min(self.most.saturating_sub(1)) {
            return Err(Full { until: next });
        }
        // The last place is a person's, unless another comes free before a person gets impatient.
        if room == 1 && self.most > 1 && next.is_none_or(|next| now + PATIENCE < next) {
            return Err(Full { until: next.map(|next| next - PATIENCE) });
        }
        if self.due > now && room * 2 <= self.most { Err(Full { until: Some(self.due) }) } else { Ok(()) }
    }

    fn leave(&mut self, now: Instant, urgency: Urgency) {
        self.under_way += 1;
        if urgency == Urgency::Batch {
            // A little faster than the places come free, so that this never is what is waited for in the long run.
            let pace = self.length.saturating_sub(PATIENCE) / u32::try_from(self.most).unwrap_or(u32::MAX).max(1);
            self.due = self.due.max(now.checked_sub(pace).unwrap_or(now)) + pace;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limit(max_attempts: u32, decay_minutes: u32) -> RateLimit {
        RateLimit::per_minutes(max_attempts, decay_minutes)
    }

    /// The most arrivals within any span shorter than `window`.
    fn fullest(arrivals: &[Instant], window: Duration) -> usize {
        let mut sorted = arrivals.to_vec();
        sorted.sort_unstable();
        let (mut first, mut most) = (0, 0);
        for last in 0..sorted.len() {
            while sorted[last] - sorted[first] >= window {
                first += 1;
            }
            most = most.max(last - first + 1);
        }
        most
    }

    /// A greedy batch whose requests arrive some way between their leaving and their answer. When they left.
    fn drive(
        limits: &[RateLimit],
        span: Duration,
        answer: Duration,
        person: Option<Duration>,
    ) -> (Vec<Instant>, Vec<Duration>) {
        let start = Instant::now();
        let mut windows = Windows::new(limits, start);
        let (mut now, mut left, mut waits) = (start, Vec::new(), Vec::new());
        let mut answers: VecDeque<Instant> = VecDeque::new();
        let mut asks = person.map(|every| start + every);
        while now < start + span {
            while answers.front().is_some_and(|at| *at <= now) {
                windows.answered(answers.pop_front().unwrap());
            }
            let waits_now = asks.is_some_and(|ask| ask <= now);
            if waits_now && windows.persons == 0 {
                windows.person_comes();
            }
            let step = loop {
                match windows.take(now, Urgency::Batch) {
                    Ok(()) => {
                        left.push(now);
                        answers.push_back(now + answer);
                    }
                    Err(full) => break full.until.unwrap_or(now + Duration::from_secs(3_600)),
                }
            };
            // The batch looks first, and the person has the place all the same.
            if let (Some(ask), Some(every), true) = (asks, person, waits_now)
                && windows.take(now, Urgency::Person).is_ok()
            {
                windows.person_goes();
                waits.push(now - ask);
                left.push(now);
                answers.push_back(now + answer);
                asks = Some(ask + every);
            }
            let step = answers.front().map_or(step, |at| step.min(*at));
            let step = asks.map_or(step, |ask| if ask > now { step.min(ask) } else { now });
            now = step.max(now + Duration::from_millis(5));
        }
        (left, waits)
    }

    #[test]
    fn a_batch_uses_nearly_all_of_the_budget_and_never_more() {
        for (limits, span, budget) in [
            (vec![limit(60, 1)], 3_600, 60.0 * 60.0),
            (vec![limit(20, 1)], 3_600, 20.0 * 60.0 * 0.97),
            (vec![limit(600, 1)], 3_600, 600.0 * 60.0),
            (vec![limit(20, 1), limit(700, 60)], 24 * 3_600, 700.0 * 24.0),
            (vec![limit(20, 1), limit(700, 60), limit(8_000, 1_440)], 3 * 86_400, 24_000.0),
        ] {
            let (left, _) = drive(&limits, Duration::from_secs(span), Duration::from_millis(100), None);
            for limit in &limits {
                let window = Duration::from_secs(limit.decay_seconds.into());
                assert!(fullest(&left, window) <= limit.max_attempts as usize, "S7.1 {limits:?}");
            }
            let used = left.len() as f64 / budget;
            assert!(used >= 0.98, "S7.1: {used} of the budget of {limits:?}");
        }
    }

    #[test]
    fn a_person_waits_under_a_second_while_a_batch_runs() {
        for (limits, every) in
            [(vec![limit(60, 1)], 70), (vec![limit(20, 1)], 70), (vec![limit(20, 1), limit(700, 60)], 600)]
        {
            let span = Duration::from_secs(2 * 3_600);
            let (left, waits) = drive(&limits, span, Duration::from_millis(100), Some(Duration::from_secs(every)));
            let longest = waits.iter().max().unwrap();
            assert!(*longest < Duration::from_secs(1), "S7.1 {limits:?}: {longest:?}");
            for limit in &limits {
                let window = Duration::from_secs(limit.decay_seconds.into());
                assert!(fullest(&left, window) <= limit.max_attempts as usize, "S7.1 {limits:?}");
            }
        }
    }

    #[test]
    fn a_limit_of_one_is_one_a_window() {
        let (left, _) = drive(&[limit(1, 1)], Duration::from_secs(600), Duration::from_millis(10), None);
        assert_eq!(left.len(), 10, "S7.1");
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_its_limit_wherever_a_request_arrives(
            most in 1_u32..40,
            minutes in 1_u32..3,
            steps in prop::collection::vec((0_u64..4_000, 0_u64..9_000, 0_u64..=100, any::<bool>()), 1..400),
        ) {
            let start = Instant::now();
            let mut windows = Windows::new(&[limit(most, minutes)], start);
            let (mut now, mut arrivals) = (start, Vec::new());
            let mut answers = std::collections::BinaryHeap::new();
            for (pause, answer, part, person) in steps {
                now += Duration::from_millis(pause);
                while answers.peek().is_some_and(|std::cmp::Reverse(at)| *at <= now) {
                    let std::cmp::Reverse(at) = answers.pop().unwrap();
                    windows.answered(at);
                }
                let urgency = if person { Urgency::Person } else { Urgency::Batch };
                while windows.take(now, urgency).is_ok() {
                    arrivals.push(now + Duration::from_millis(answer * part / 100));
                    answers.push(std::cmp::Reverse(now + Duration::from_millis(answer)));
                }
            }
            let window = Duration::from_secs(u64::from(minutes) * 60);
            prop_assert!(fullest(&arrivals, window) <= most as usize, "S7.1");
        }
    }
}
