//! The safety brake (S6.7): one wrong answer of a registrar must not mark a thousand domains expired. Pure decisions.

use crate::model::DomainStatus;

/// Statuses that are worse than what they replace, where many at once are more likely a mistake than the truth.
const WORSE: [DomainStatus; 4] =
    [DomainStatus::Expired, DomainStatus::Suspended, DomainStatus::Redemption, DomainStatus::TransferredOut];

/// Whether a move from one status to another counts for the brake.
pub(super) fn is_worse(from: DomainStatus, to: DomainStatus) -> bool {
    WORSE.contains(&to) && to.gravity() > from.gravity()
}

/// What becomes of something that passes the brake.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passed<T> {
    /// It may be written.
    Free(T),
    /// The brake holds it.
    Held(T),
}

/// Keeps back what gets worse until it is sure that it is not too much.
#[derive(Debug)]
pub(super) struct Brake<T> {
    /// So many are too many; `None` where nothing is.
    most: Option<usize>,
    waiting: Vec<T>,
    tripped: bool,
}

impl<T> Brake<T> {
    /// For one registrar's share of a batch. It trips when more than `percent` of `domains`, and at least `minimum`, get
    /// worse. Price: what gets worse waits until the share is done, up to as many as it takes to trip.
    pub(super) fn new(domains: usize, percent: u32, minimum: u32) -> Self {
        let share = domains.saturating_mul(percent as usize) / 100;
        Self { most: Some((share + 1).max(minimum as usize)), waiting: Vec::new(), tripped: false }
    }

    /// A brake that a person has lifted.
    pub(super) fn lifted() -> Self {
        Self { most: None, waiting: Vec::new(), tripped: false }
    }

    /// Takes one, and lets go of those that are decided: perhaps none, perhaps many.
    pub(super) fn pass(&mut self, one: T, is_worse: bool) -> Vec<Passed<T>> {
        match self.most {
            Some(most) if is_worse => {
                self.waiting.push(one);
                self.tripped |= self.waiting.len() >= most;
                if self.tripped { self.waiting.drain(..).map(Passed::Held).collect() } else { Vec::new() }
            }
            _ => vec![Passed::Free(one)],
        }
    }

    /// Lets go of the rest, when no more come.
    pub(super) fn end(&mut self) -> Vec<T> {
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn worse_are_the_statuses_of_the_rule_and_only_from_a_better_one() {
        use DomainStatus::*;
        for (from, to, worse) in [
            (Active, Expired, true),
            (Active, Suspended, true),
            (GracePeriod, Redemption, true),
            (Expired, TransferredOut, true),
            (Active, GracePeriod, false),
            (Expired, Active, false),
            (Redemption, Expired, false),
            (Suspended, Suspended, false),
        ] {
            assert_eq!(is_worse(from, to), worse, "S6.7 {from} to {to}");
        }
    }

    /// How many of `worse` among `domains` are held.
    fn held(mut brake: Brake<usize>, domains: usize, worse: usize) -> usize {
        let passed: Vec<_> = (0..domains).flat_map(|one| brake.pass(one, one < worse)).collect();
        let held = passed.iter().filter(|passed| matches!(passed, Passed::Held(_))).count();
        assert_eq!(passed.len() + brake.end().len(), domains, "none is lost");
        held
    }

    #[test]
    fn more_than_a_fifth_and_at_least_ten_are_held_all_of_them() {
        for (domains, worse, wanted) in [
            (100, 20, 0),
            (100, 21, 21),
            (20, 9, 0),
            (20, 10, 10),
            (10_000, 2_000, 0),
            (10_000, 2_001, 2_001),
            (5, 5, 0),
        ] {
            assert_eq!(held(Brake::new(domains, 20, 10), domains, worse), wanted, "S6.7 {worse} of {domains}");
        }
        assert_eq!(held(Brake::lifted(), 100, 100), 0, "S6.7: a person allowed it");
    }

    proptest! {
        #[test]
        fn it_holds_all_or_none_and_by_the_rule(domains in 1_usize..500, percent in 0_u32..=100, minimum in 1_u32..50, order in prop::collection::vec(any::<bool>(), 1..500)) {
            let mut brake = Brake::new(domains, percent, minimum);
            let order = &order[..order.len().min(domains)];
            let worse = order.iter().filter(|worse| **worse).count();
            let held = order.iter().enumerate().flat_map(|(one, worse)| brake.pass(one, *worse));
            let held = held.filter(|passed| matches!(passed, Passed::Held(_))).count();
            let trips = worse >= minimum as usize && worse * 100 > domains * percent as usize;
            prop_assert_eq!(held, if trips { worse } else { 0 });
            prop_assert_eq!(brake.end().len(), worse - held);
        }
    }
}
