//! What one piece of work carries along to the registrar.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::limit::Urgency;
use crate::model::DomainStatus;

/// What one piece of work carries along to the registrar.
#[derive(Debug)]
pub struct CallContext {
    now: DateTime<Utc>,
    local_status: Option<DomainStatus>,
    status_only: bool,
    requests: AtomicU64,
    urgency: Urgency,
    waits: Mutex<Waits>,
}

/// How long a piece of work has waited for its turn.
#[derive(Debug, Default)]
struct Waits {
    times: u64,
    total: Duration,
    /// Since when it waits, and in how many places at once.
    current: Option<(Instant, u32)>,
}

/// As long as it lives, the work waits for its turn.
#[must_use]
pub(crate) struct Waiting<'a>(&'a CallContext);

impl CallContext {
    /// A context for work that happens at `now`, as part of a batch.
    pub fn new(now: DateTime<Utc>) -> Self {
        let (requests, urgency, waits) = (AtomicU64::new(0), Urgency::Batch, Mutex::default());
        Self { now, local_status: None, status_only: false, requests, urgency, waits }
    }

    /// For a domain that has this status in the application.
    #[must_use]
    pub fn with_local_status(self, status: DomainStatus) -> Self {
        Self { local_status: Some(status), ..self }
    }

    /// The status that the application has, where the work is about one domain: an adapter whose usual requests do not
    /// show what holds a domain back makes a further one before it lifts it out of such a status (S3.7).
    pub fn local_status(&self) -> Option<DomainStatus> {
        self.local_status
    }

    /// For work that wants the status of a domain and nothing else of it, where that is so.
    #[must_use]
    pub fn with_status_only(self, status_only: bool) -> Self {
        Self { status_only, ..self }
    }

    /// Whether nothing but the status is wanted (S3.7): an adapter leaves out what takes requests of its own, such as
    /// contacts.
    pub fn status_only(&self) -> bool {
        self.status_only
    }

    /// The same for work that a person waits for, which goes before that of batches (S7.1).
    #[must_use]
    pub fn urgent(self) -> Self {
        Self { urgency: Urgency::Person, ..self }
    }

    /// The time at which the work started, by which an adapter decides what has expired.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Counts one request to the registrar. Every adapter calls it for each request that it sends.
    pub fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests were sent.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// How long the work has waited for its turn, what it waits now included: that is no part of any time-out.
    pub fn waited(&self) -> Duration {
        let waits = self.waits();
        waits.total + waits.current.map_or(Duration::ZERO, |(since, _)| since.elapsed())
    }

    /// How often it had to wait.
    pub(crate) fn times_waited(&self) -> u64 {
        self.waits().times
    }

    pub(crate) fn urgency(&self) -> Urgency {
        self.urgency
    }

    pub(crate) fn wait(&self) -> Waiting<'_> {
        let mut waits = self.waits();
        waits.current = match waits.current {
            None => {
                waits.times += 1;
                Some((Instant::now(), 1))
            }
            Some((since, places)) => Some((since, places + 1)),
        };
        drop(waits);
        Waiting(self)
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waits = self.0.waits();
        if let Some((since, places)) = waits.current {
            if places > 1 {
                waits.current = Some((since, places - 1));
            } else {
                waits.current = None;
                waits.total += since.elapsed();
            }
        }
    }
}
