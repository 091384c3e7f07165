//! When an account is left alone for the rest of a batch: a pure machine of states (S6.6).

use crate::ErrorKind;

/// So many failures of network kind in a row stop an account.
const IN_A_ROW: u32 = 5;

/// The state of one account within one batch.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    in_a_row: u32,
    open: Option<String>,
}

impl Breaker {
    /// Why the account is left alone, once it is.
    pub(super) fn open(&self) -> Option<&str> {
        self.open.as_deref()
    }

    /// Takes in what came of a request.
    pub(super) fn record(&mut self, outcome: Result<(), (ErrorKind, &str)>) {
        match outcome {
            Ok(()) => self.in_a_row = 0,
            Err((ErrorKind::Auth, message)) => self.trip(message),
            Err((ErrorKind::Network | ErrorKind::Timeout, message)) => {
                self.in_a_row += 1;
                if self.in_a_row >= IN_A_ROW {
                    self.trip(message);
                }
            }
            // Any other answer came from a registrar that is there.
            Err(_) => self.in_a_row = 0,
        }
    }

    fn trip(&mut self, message: &str) {
        self.open.get_or_insert_with(|| message.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refusal_of_the_credentials_stops_the_account() {
        let mut breaker = Breaker::default();
        breaker.record(Err((ErrorKind::Auth, "bad key")));
        assert_eq!(breaker.open(), Some("bad key"), "S6.6");
    }

    #[test]
    fn five_network_failures_stop_it_only_in_a_row() {
        let mut breaker = Breaker::default();
        for kind in [ErrorKind::Network, ErrorKind::Timeout, ErrorKind::Network, ErrorKind::Network] {
            breaker.record(Err((kind, "down")));
        }
        breaker.record(Err((ErrorKind::NotFound, "not there")));
        for _ in 0..4 {
            breaker.record(Err((ErrorKind::Network, "down")));
        }
        assert_eq!(breaker.open(), None, "S6.6");
        breaker.record(Err((ErrorKind::Network, "down")));
        assert_eq!(breaker.open(), Some("down"), "S6.6");
    }
}
