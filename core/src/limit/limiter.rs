//! The rate limit of one account: a queue, never an error (S7.1).

use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::repeats::{MOST, RepeatGuard};
use super::shared::{Shared, Turn};
use super::windows::{Full, Urgency, Windows};
use crate::config::RateLimit;
use crate::registrar::CallContext;
use crate::{Error, ErrorKind, Result};

/// Lets requests through as the account's limits allow; a person's goes before those of a batch.
pub(crate) struct Limiter {
    limits: Vec<RateLimit>,
    windows: Mutex<Windows>,
    guard: Mutex<RepeatGuard>,
    answered: Notify,
    /// Where other processes ask too. While it is there its word counts, and `windows` only notes what was sent.
    shared: Option<Shared>,
}

/// A person who waits for a place, which a batch leaves to one.
struct WaitingPerson<'a>(&'a Limiter);

impl<'a> WaitingPerson<'a> {
    fn new(limiter: &'a Limiter) -> Self {
        limiter.windows().person_comes();
        Self(limiter)
    }
}

impl Drop for WaitingPerson<'_> {
    fn drop(&mut self) {
        self.0.windows().person_goes();
        // What was left to the person may be a batch's.
        self.0.answered.notify_waiters();
    }
}

/// A request that was let through. Its place comes free so long after it is dropped as the window is long.
#[must_use]
pub(crate) struct Place<'a> {
    limiter: &'a Limiter,
    /// What the shared limits know the request by.
    shared: Option<String>,
}

impl Limiter {
    /// A limiter whose windows are all free. Without limits it lets everything through.
    pub(crate) fn new(limits: Vec<RateLimit>) -> Self {
        Self {
            windows: Mutex::new(Windows::new(&limits, Instant::now())),
            limits,
            guard: Mutex::default(),
            answered: Notify::new(),
            shared: None,
        }
    }

    /// Limits that are shared. Its own, which hold while the others cannot be asked, are `percent` of them.
    pub(crate) fn sharing(limits: Vec<RateLimit>, shared: Shared, percent: u32) -> Self {
        let part = |limit: &RateLimit| RateLimit {
            max_attempts: (limit.max_attempts.saturating_mul(percent) / 100).max(1),
            ..*limit
        };
        let own: Vec<_> = limits.iter().map(part).collect();
        Self {
            limits,
            windows: Mutex::new(Windows::new(&own, Instant::now())),
            shared: Some(shared),
            ..Self::new(Vec::new())
        }
    }

    /// Waits until one more request may leave. `what` tells the request from others and holds no credentials.
    ///
    /// Fails with `rejected` where the same request was sent too often in a row, which some registrars punish.
    pub(crate) async fn admit(&self, context: &CallContext, what: impl Hash) -> Result<Place<'_>> {
        if !self.guard.lock().unwrap_or_else(PoisonError::into_inner).admits(what) {
            let message = format!(
                "the same request was about to be sent for the {}th time in a row: is something asking in a circle?",
                MOST + 1
            );
            return Err(Error::new(ErrorKind::Rejected, message));
        }
        let place = |shared| Ok(Place { limiter: self, shared });
        if self.limits.is_empty() {
            return place(None);
        }
        let mut waiting = None;
        let mut person = None;
        // Whoever looks first when a place is free has it. A queue would stand still where one in it is not polled.
        loop {
            let answered = self.answered.notified();
            let until = match self.try_admit(context.urgency()).await {
                Ok(shared) => return place(shared),
                Err(Full { until }) => until,
            };
            waiting.get_or_insert_with(|| context.wait());
            if context.urgency() == Urgency::Person {
                person.get_or_insert_with(|| WaitingPerson::new(self));
            }
            match until {
                Some(until) => tokio::select! {
                    () = sleep_until(until) => {}
                    () = answered => {}
                },
                None => answered.await,
            }
        }
    }

    /// Takes a place; what the shared limits know it by, where they gave it.
    async fn try_admit(&self, urgency: Urgency) -> Result<Option<String>, Full> {
        let Some(shared) = &self.shared else { return self.take(urgency).map(|()| None) };
        let is_settling = shared.is_settling();
        if is_settling {
            self.take(urgency)?;
        }
        match shared.take(urgency).await {
            Turn::Taken(request) => {
                if !is_settling {
                    self.windows().note(Instant::now());
                }
                Ok(Some(request))
            }
            Turn::Wait(wait) => {
                if is_settling {
                    self.windows().undo();
                }
                Err(Full { until: Some(Instant::now() + wait) })
            }
            Turn::Gone(_) if is_settling => Ok(None),
            // What the others have sent is not known: a batch waits until it is forgotten.
            Turn::Gone(since) if urgency == Urgency::Batch && Instant::now() < since + shared.memory() => {
                Err(Full { until: Some(since + shared.memory()) })
            }
            Turn::Gone(_) => self.take(urgency).map(|()| None),
        }
    }

    fn take(&self, urgency: Urgency) -> Result<(), Full> {
        self.windows().take(Instant::now(), urgency)
    }

    fn windows(&self) -> MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let limiter = self.limiter;
        if !limiter.limits.is_empty() {
            limiter.windows().answered(Instant::now());
            limiter.answered.notify_waiters();
        }
        if let (Some(shared), Some(request)) = (&limiter.shared, &self.shared) {
            shared.answered(request);
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.limits.fmt(f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    fn limiter(max_attempts: u32) -> Arc<Limiter> {
        Arc::new(Limiter::new(vec![RateLimit::per_minutes(max_attempts, 1)]))
    }

    fn context() -> CallContext {
        CallContext::new(chrono::Utc::now())
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_of_tasks_waits_and_a_person_goes_first() {
        let limiter = limiter(10);
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..30 {
            let limiter = Arc::clone(&limiter);
            tasks.spawn(async move {
                drop(limiter.admit(&context(), number).await.unwrap());
                (number, start.elapsed())
            });
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
        let person = context().urgent();
        let asked = Instant::now();
        drop(limiter.admit(&person, "person").await.unwrap());
        assert!(asked.elapsed() < Duration::from_secs(1), "S7.1 {:?}", asked.elapsed());
        let mut order = Vec::new();
        while let Some(done) = tasks.join_next().await {
            order.push(done.unwrap());
        }
        assert!(order.is_sorted_by_key(|(_, at)| *at) && order.len() == 30);
        assert!(start.elapsed() > Duration::from_secs(119), "S7.1: 31 requests of 10 a minute");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_noted_and_one_that_is_given_up_leaves_no_trace() {
        let limiter = limiter(1);
        let first = context();
        drop(limiter.admit(&first, 1).await.unwrap());
        assert_eq!(first.waited(), Duration::ZERO);
        let second = context();
        let given_up = tokio::time::timeout(Duration::from_secs(10), limiter.admit(&second, 2)).await;
        assert!(given_up.is_err());
        assert_eq!(second.waited(), Duration::from_secs(10));
        let third = context();
        drop(limiter.admit(&third, 3).await.unwrap());
        assert!(third.waited() < Duration::from_secs(51), "{:?}", third.waited());
    }

    #[tokio::test]
    async fn without_a_limit_nothing_waits_but_a_circle_is_stopped() {
        let limiter = Limiter::new(Vec::new());
        for _ in 0..MOST {
            drop(limiter.admit(&context(), "same").await.unwrap());
        }
        assert_eq!(limiter.admit(&context(), "same").await.err().unwrap().kind(), ErrorKind::Rejected, "S7.1");
        assert!(limiter.admit(&context(), "another").await.is_ok());
    }
}
