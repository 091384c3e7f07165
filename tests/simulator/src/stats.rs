//! What the simulator saw.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Counts since the start or the last reset. Requests to the control plane are not in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// All requests, those over a limit included.
    pub requests: u64,
    /// Those of them that came over HTTP/2.
    pub http2_requests: u64,
    /// By path below the base: `domains/search.json`.
    pub by_path: BTreeMap<String, u64>,
    /// TCP connections accepted; the control plane's are among them.
    pub connections: u64,
    /// The same by the address that they came from.
    pub connections_from: BTreeMap<String, u64>,
    /// Connections dropped because too many were open.
    pub connections_refused: u64,
    /// The most requests that were being answered at one time.
    pub peak_simultaneous: u64,
    /// Requests answered as over the rate limit.
    pub over_limit: u64,
    /// Requests with credentials of no account.
    pub unauthenticated: u64,
    /// Requests that met a fault other than latency.
    pub faults: u64,
    /// Requests by the domain they are about, if counting these is switched on.
    pub by_domain: BTreeMap<String, u64>,
}

impl Stats {
    /// Requests to this path below the base.
    pub fn of_path(&self, path: &str) -> u64 {
        self.by_path.get(path).copied().unwrap_or_default()
    }

    pub(crate) fn count(&mut self, path: &str) {
        self.requests += 1;
        match self.by_path.get_mut(path) {
            Some(count) => *count += 1,
            None => {
                self.by_path.insert(path.to_owned(), 1);
            }
        }
    }
}
