//! How many requests an account has under way at once: falls on trouble, recovers slowly. Pure (S7.4).

/// How much of the configured concurrency is used: additive increase, multiplicative decrease.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share {
    part: f64,
    /// Answers since the last fall. Requests that were under way when it fell tell the same trouble once more.
    calm: u32,
}

/// The least that is left.
const LEAST: f64 = 1.0 / 1024.0;
/// What an answer without trouble gives back: from a half to the whole in a hundred answers.
const STEP: f64 = 0.005;
/// How many answers come between two falls at least, where there was no success.
const APART: u32 = 4;

impl Default for Share {
    fn default() -> Self {
        Self { part: 1.0, calm: APART }
    }
}

impl Share {
    /// How many requests may be under way where so many are configured; at least one.
    pub(crate) fn of(self, configured: usize) -> usize {
        // Floors, and fits: a part of what is configured.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let part = (configured as f64 * self.part) as usize;
        part.clamp(1, configured.max(1))
    }

    /// An answer came in good order.
    pub(crate) fn rise(&mut self) {
        self.part = (self.part + STEP).min(1.0);
        self.calm = self.calm.saturating_add(1);
    }

    /// The registrar timed out, or its server failed.
    pub(crate) fn fall(&mut self) {
        if self.calm >= APART {
            self.part = (self.part / 2.0).max(LEAST);
            self.calm = 0;
        } else {
            self.calm += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn trouble_halves_it_and_good_answers_bring_it_back_slowly() {
        let mut share = Share::default();
        assert_eq!((share.of(16), share.of(1), share.of(0)), (16, 1, 1));
        share.fall();
        assert_eq!(share.of(16), 8, "S7.4");
        share.fall();
        assert_eq!(share.of(16), 8, "the same trouble, told again");
        for _ in 0..50 {
            share.rise();
        }
        assert_eq!(share.of(16), 12);
        for _ in 0..50 {
            share.rise();
        }
        assert_eq!(share.of(16), 16);
        for _ in 0..200 {
            share.fall();
        }
        assert_eq!(share.of(16), 1);
    }

    proptest! {
        #[test]
        fn it_stays_between_one_and_what_is_configured(configured in 0_usize..2_000, answers in prop::collection::vec(any::<bool>(), 0..500)) {
            let mut share = Share::default();
            for good in answers {
                if good { share.rise() } else { share.fall() }
                let allowed = share.of(configured);
                prop_assert!((1..=configured.max(1)).contains(&allowed));
            }
        }
    }
}
