//! Stops a call that is made over and over: some registrars block an account for that. Pure (S7.1).

use std::hash::{DefaultHasher, Hash, Hasher};

/// So many identical requests in a row, and no more. Openprovider blocks an account after 300.
pub(crate) const MOST: u32 = 250;

/// The last request, and how often it came in a row.
#[derive(Debug, Default)]
pub(crate) struct RepeatGuard {
    last: u64,
    times: u32,
}

impl RepeatGuard {
    /// Whether a request may be sent; `what` tells one from another and holds no credentials.
    pub(crate) fn admits(&mut self, what: impl Hash) -> bool {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        let this = hasher.finish();
        if this != self.last {
            (self.last, self.times) = (this, 0);
        }
        self.times = self.times.saturating_add(1);
        self.times <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_identical_requests_in_a_row_count() {
        let mut guard = RepeatGuard::default();
        for _ in 0..10 {
            assert!((0..MOST).all(|_| guard.admits(("details", "a.example"))));
            assert!(!guard.admits(("details", "a.example")), "S7.1");
            assert!(guard.admits(("details", "b.example")));
        }
        assert!((0..10_000).all(|number| guard.admits(number % 2)));
    }
}
