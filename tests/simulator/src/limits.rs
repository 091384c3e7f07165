//! How much an account may ask for, and how a request over it is answered.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Requests per window, for each account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// So many requests …
    pub requests: usize,
    /// … in any window of this many milliseconds.
    pub window_ms: u64,
    /// How a request over it is answered.
    #[serde(default)]
    pub over: OverLimit,
}

/// The answer to a request over the limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverLimit {
    /// The registrar's own page: 403 as for a blocked address, 405 at Namecheap.
    #[default]
    ForbiddenPage,
    /// 429 with or without `retry-after`.
    TooManyRequests {
        /// The header's text.
        retry_after: Option<String>,
    },
}

impl RateLimit {
    /// So many requests in so many seconds, the 403 page beyond.
    pub fn per_seconds(requests: usize, seconds: u64) -> Self {
        Self { requests, window_ms: seconds * 1_000, over: OverLimit::default() }
    }
}

/// A sliding window for each login.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    windows: HashMap<String, VecDeque<Instant>>,
}

impl Limiter {
    /// Whether one more request of this login is within the limit. One that is not takes no room.
    pub(crate) fn allows(&mut self, limit: &RateLimit, login: &str, now: Instant) -> bool {
        if !self.windows.contains_key(login) {
            self.windows.insert(login.to_owned(), VecDeque::new());
        }
        let Some(window) = self.windows.get_mut(login) else {
            return false;
        };
        let length = Duration::from_millis(limit.window_ms);
        while window.front().is_some_and(|first| now.duration_since(*first) >= length) {
            window.pop_front();
        }
        let allowed = window.len() < limit.requests;
        if allowed {
            window.push_back(now);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_slides_and_each_login_has_its_own() {
        let limit = RateLimit::per_seconds(2, 1);
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut limiter = Limiter::default();
        let mut ask = |login, ms| limiter.allows(&limit, login, at(ms));
        assert!(ask("a", 0) && ask("a", 600));
        assert!(!ask("a", 900));
        assert!(ask("b", 900));
        assert!(ask("a", 1_000));
        assert!(!ask("a", 1_500));
        assert!(ask("a", 1_600));
    }
}
