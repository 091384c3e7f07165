//! What stands before every call of a registrar: how many at once, whether the account is paused, whether to try again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::budget::RetryBudget;
use super::share::Share;
use super::windows::Urgency;
use crate::registrar::CallContext;
use crate::{Error, ErrorKind};

/// One account's gate, for all calls of the process.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    free: Notify,
    pauses: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    share: Share,
    paused_until: Option<Instant>,
    budget: RetryBudget,
}

/// What one call wants of the gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// The most requests that may be under way at the account when it starts.
    pub(crate) most: usize,
    /// The longest that it waits for a pause to end. Waiting for a slot or for budget has no end (S7.1).
    pub(crate) patience: Duration,
}

/// A call that is under way.
#[must_use]
#[derive(Debug)]
pub(crate) struct Slot<'a>(&'a Gate);

impl Gate {
    /// Waits for a slot, and for the end of a pause.
    ///
    /// Fails with `rate_limited` where the account is paused for longer than the call is patient.
    pub(crate) async fn enter(&self, terms: Terms, context: &CallContext) -> Result<Slot<'_>, Error> {
        loop {
            let slot = self.slot(terms, context).await;
            let Some(until) = self.paused_until() else { return Ok(slot) };
            drop(slot);
            let left = until.saturating_duration_since(Instant::now());
            if left > terms.patience {
                return Err(self.paused(left));
            }
            let _waiting = context.wait();
            sleep_until(until).await;
        }
    }

    async fn slot(&self, terms: Terms, context: &CallContext) -> Slot<'_> {
        if self.try_enter(terms, context.urgency()) {
            return Slot(self);
        }
        let _waiting = context.wait();
        // Whoever looks first when a slot is free has it. A queue would stand still where one in it is not polled.
        loop {
            let free = self.free.notified();
            if self.try_enter(terms, context.urgency()) {
                return Slot(self);
            }
            free.await;
        }
    }

    fn try_enter(&self, terms: Terms, urgency: Urgency) -> bool {
        let mut state = self.state();
        let most = state.share.of(terms.most);
        // One place more than a batch may fill is a person's.
        let enters = match urgency {
            Urgency::Batch => state.under_way < most,
            Urgency::Person => state.under_way <= most,
        };
        state.under_way += usize::from(enters);
        enters
    }

    /// Leaves the account alone for a while: whatever wants to be sent waits. A longer pause is not cut short.
    pub(crate) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut state = self.state();
        if state.paused_until.is_none_or(|before| before < until) {
            if state.paused_until.is_none_or(|before| before <= Instant::now()) {
                self.pauses.fetch_add(1, Ordering::Relaxed);
            }
            state.paused_until = Some(until);
        }
    }

    /// Why the account is left alone, where that takes longer than a call is patient.
    pub(crate) fn long_pause(&self, patience: Duration) -> Option<Error> {
        let left = self.paused_until()?.saturating_duration_since(Instant::now());
        (left > patience).then(|| self.paused(left))
    }

    fn paused(&self, left: Duration) -> Error {
        let seconds = left.as_secs() + 1;
        let message = format!("the registrar asked to be left alone for another {seconds} s");
        Error::new(ErrorKind::RateLimited, message).with_retry_after(left)
    }

    fn paused_until(&self) -> Option<Instant> {
        self.state().paused_until.filter(|until| *until > Instant::now())
    }

    /// Takes in what came of a request.
    pub(crate) fn note(&self, outcome: Result<(), ErrorKind>) {
        let mut state = self.state();
        match outcome {
            Err(ErrorKind::Timeout | ErrorKind::Network) => state.share.fall(),
            Ok(()) | Err(_) => state.share.rise(),
        }
    }

    /// A first attempt is made.
    pub(crate) fn first(&self) {
        self.state().budget.sent(Instant::now());
    }

    /// Whether there may be one more attempt. A person's call has its attempts in any case.
    pub(crate) fn again(&self, urgency: Urgency) -> bool {
        self.state().budget.again(Instant::now()) || urgency == Urgency::Person
    }

    /// How often the account was paused so far.
    pub(crate) fn pauses(&self) -> u64 {
        self.pauses.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
        self.0.free.notify_waiters();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use std::sync::Arc;

    use super::*;

    const TERMS: Terms = Terms { most: 2, patience: Duration::from_secs(120) };

    fn context() -> CallContext {
        CallContext::new(chrono::Utc::now())
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_fills_its_places_and_a_person_has_one_more() {
        let gate = Arc::new(Gate::default());
        let (batch, person) = (context(), context().urgent());
        let slots = [gate.enter(TERMS, &batch).await.unwrap(), gate.enter(TERMS, &batch).await.unwrap()];
        let third = tokio::time::timeout(Duration::from_secs(5), gate.enter(TERMS, &batch)).await;
        assert!(third.is_err(), "S7.4");
        let kept = tokio::time::timeout(Duration::from_millis(1), gate.enter(TERMS, &person)).await;
        assert!(kept.unwrap().is_ok(), "S7.1");
        drop(slots);
        assert!(gate.enter(TERMS, &batch).await.is_ok());
        // Calls with caps of their own share the account's places.
        let wide = Terms { most: 4, ..TERMS };
        let slots = [gate.enter(wide, &batch).await.unwrap(), gate.enter(wide, &batch).await.unwrap()];
        assert!(tokio::time::timeout(Duration::from_secs(5), gate.enter(TERMS, &batch)).await.is_err(), "S7.4");
        assert!(gate.enter(wide, &batch).await.is_ok(), "S7.4");
        drop(slots);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_waited_for_and_a_long_one_is_told() {
        let gate = Gate::default();
        gate.pause(Duration::from_secs(60));
        gate.pause(Duration::from_secs(30));
        assert_eq!((gate.pauses(), gate.long_pause(TERMS.patience).is_none()), (1, true));
        let (start, context) = (Instant::now(), context());
        drop(gate.enter(TERMS, &context).await.unwrap());
        assert_eq!(start.elapsed().as_secs(), 60, "S6.2: never sooner than it asked for");
        assert_eq!(context.waited().as_secs(), 60);
        gate.pause(Duration::from_secs(3_600));
        let start = Instant::now();
        let error = gate.enter(TERMS, &context).await.err().unwrap();
        assert_eq!((error.kind(), error.retry_after().unwrap().as_secs()), (ErrorKind::RateLimited, 3_600));
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert!(gate.long_pause(TERMS.patience).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn trouble_takes_places_away_until_answers_come_again() {
        let gate = Gate::default();
        let terms = Terms { most: 8, ..TERMS };
        let context = context();
        gate.note(Err(ErrorKind::Timeout));
        let slots = [(); 4].map(|()| gate.try_enter(terms, Urgency::Batch).then_some(Slot(&gate)).unwrap());
        assert!(!gate.try_enter(terms, Urgency::Batch), "S7.4");
        drop(slots);
        for _ in 0..200 {
            gate.note(Ok(()));
        }
        let slots = [(); 8].map(|()| gate.try_enter(terms, Urgency::Batch).then_some(Slot(&gate)).unwrap());
        drop(slots);
        drop(gate.enter(terms, &context).await.unwrap());
    }
}
