//! How soon a change at the registrar is seen, and what that costs: a year of a made-up portfolio, without I/O.
//!
//! The intervals are those of the engine's own rules (`domaindesk_sync::due`); time goes by in minutes, and numbers are the
//! same for the same seed. Each look at a domain is one request, as with a registrar without a list.
//!
//! What happens at the registrar is assumed: expiries are spread evenly over the year. Four of five domains are renewed, half
//! of these in the thirty days before their expiry, the rest in the day after it; the others expire, go into grace,
//! redemption and away. Every sixth domain has an owner who works on it once a year: one to five edits in three days. One
//! in two hundred is suspended for some days.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use comfy_table::{CellAlignment, Table, TableStyle};
use domaindesk_sync::DomainStatus;
use domaindesk_sync::config::{DomainConfig, SyncInterval};
use domaindesk_sync::due::{Look, Rules};

/// Minutes.
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// What the schedule of the service that the library replaces takes.
const SEED_DAILY: usize = 200;
const SEED_WEEKLY: usize = 500;
/// How far ahead that service looks for expiries, and what counts as checked before one.
const AHEAD: i64 = 30 * DAY;

/// What is simulated.
#[derive(Clone, Debug, Args)]
pub(crate) struct Freshness {
    /// How many domains there are.
    #[arg(long, default_value_t = 100_000)]
    domains: u32,
    /// Another number is another portfolio.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Freshness {
    /// Simulates, and shows a table.
    pub(crate) fn show(&self) -> String {
        let portfolio = portfolio(self.domains, self.seed);
        let mut table = Table::new();
        table.load_style(TableStyle::new());
        table.set_header([
            "schedule",
            "requests",
            "a day",
            "delay median",
            "p95",
            "max",
            "changes",
            "unseen",
            "expired unchecked",
        ]);
        for index in 1..9 {
            if let Some(column) = table.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for (name, outcome) in compare(&portfolio) {
            let hours = |minutes: i64| format!("{:.1} h", minutes as f64 / HOUR as f64);
            let percent = 100.0 * outcome.unchecked as f64 / outcome.expiries.max(1) as f64;
            table.add_row([
                name,
                outcome.requests.to_string(),
                (outcome.requests / 365).to_string(),
                hours(outcome.delay(0.5)),
                hours(outcome.delay(0.95)),
                hours(outcome.delay(1.0)),
                outcome.delays.len().to_string(),
                outcome.unseen.to_string(),
                format!("{percent:.1} %"),
            ]);
        }
        format!("{} domains for a year, seed {}\n\n{table}", self.domains, self.seed)
    }
}

/// Every schedule on the same portfolio.
fn compare(portfolio: &[Domain]) -> Vec<(String, Outcome)> {
    let config = DomainConfig::default();
    let adaptive = Rules::of(&DomainConfig { sync_interval: SyncInterval::Adaptive, ..config.clone() });
    let fixed = Rules::of(&config);
    let adapted = by_rules(portfolio, &adaptive);
    // So often that it takes as many requests as the adaptive one.
    let minutes = i64::try_from(portfolio.len()).unwrap() * YEAR / adapted.requests.max(1);
    let equal = Rules { interval: TimeDelta::minutes(minutes), ..fixed };
    vec![
        ("fixed, every 6 hours".to_owned(), by_rules(portfolio, &fixed)),
        ("adaptive, 2 to 48 hours".to_owned(), adapted),
        (format!("fixed, every {:.1} hours", minutes as f64 / HOUR as f64), by_rules(portfolio, &equal)),
        ("200 a day that expire, 500 a week".to_owned(), by_seed(portfolio)),
    ]
}

/// Numbers that are the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to and without `most`.
    fn below(&mut self, most: i64) -> i64 {
        i64::try_from(self.next() % u64::try_from(most).unwrap()).unwrap()
    }

    fn one_in(&mut self, times: i64) -> bool {
        self.below(times) == 0
    }
}

/// A domain as the registrar has it from a minute on.
#[derive(Clone, Copy, Debug)]
struct State {
    from: i64,
    status: DomainStatus,
    expires: i64,
}

/// A domain's year: its first state, and every change after it. The minute of the first look differs from domain to domain.
#[derive(Clone, Debug)]
struct Domain {
    states: Vec<State>,
    phase: i64,
}

fn portfolio(domains: u32, seed: u64) -> Vec<Domain> {
    let mut dice = Dice(seed);
    (0..domains).map(|_| domain(&mut dice)).collect()
}

fn domain(dice: &mut Dice) -> Domain {
    use DomainStatus::{Active, Expired, GracePeriod, Redemption, Suspended, TransferredOut};
    let expires = dice.below(YEAR);
    let phase = dice.below(6 * HOUR);
    // When, and what becomes of status and expiry; an edit changes neither.
    let mut changes: Vec<(i64, Option<DomainStatus>, Option<i64>)> = Vec::new();
    if dice.one_in(5) {
        changes.extend([
            (expires, Some(GracePeriod), None),
            (expires + 30 * DAY, Some(Redemption), None),
            (expires + 60 * DAY, Some(if dice.one_in(2) { Expired } else { TransferredOut }), None),
        ]);
    } else if dice.one_in(2) {
        changes.push((expires - dice.below(AHEAD), None, Some(expires + YEAR)));
    } else {
        changes.push((expires, Some(GracePeriod), None));
        changes.push((expires + 1 + dice.below(DAY), Some(Active), Some(expires + YEAR)));
    }
    if dice.one_in(6) {
        let start = dice.below(YEAR);
        let edits = 1 + dice.below(5);
        changes.extend((0..edits).map(|_| (start + dice.below(3 * DAY), None, None)));
    }
    if dice.one_in(200) {
        // Not while it expires, which is a story of its own.
        let start = (expires + YEAR / 2) % YEAR;
        changes.push((start, Some(Suspended), None));
        changes.push((start + 1 + dice.below(5 * DAY), Some(Active), None));
    }
    // Nothing happens to a domain that is gone.
    let gone = changes.iter().find(|(_, status, _)| matches!(status, Some(Expired | TransferredOut)));
    let end = gone.map_or(YEAR, |(at, ..)| (at + 1).min(YEAR));
    changes.retain(|(at, ..)| (1..end).contains(at));
    changes.sort_by_key(|(at, ..)| *at);
    let mut state = State { from: 0, status: Active, expires };
    let mut states = vec![state];
    for (from, status, expires) in changes {
        state = State { from, status: status.unwrap_or(state.status), expires: expires.unwrap_or(state.expires) };
        states.push(state);
    }
    Domain { states, phase }
}

/// What came of a year.
#[derive(Clone, Debug, Default)]
struct Outcome {
    requests: i64,
    /// Minutes from each change to the look that saw it, and of those that no look saw to the end of the year.
    delays: Vec<i64>,
    unseen: i64,
    /// Expiries of domains that were not renewed before.
    expiries: i64,
    /// Those of them with no look in the thirty days before.
    unchecked: i64,
}

impl Outcome {
    /// The delay that this part of the changes does not exceed. The delays are sorted.
    fn delay(&self, part: f64) -> i64 {
        let last = self.delays.len().saturating_sub(1);
        self.delays.get((last as f64 * part).round() as usize).copied().unwrap_or(0)
    }
}

/// One domain while a year goes by, as the application knows it.
struct Watch<'a> {
    domain: &'a Domain,
    /// How many of its states were seen.
    seen: usize,
    last: i64,
    changed: Option<i64>,
}

impl<'a> Watch<'a> {
    /// A domain that is in step at the start.
    fn new(domain: &'a Domain) -> Self {
        Self { domain, seen: 1, last: domain.phase - 6 * HOUR, changed: None }
    }

    fn known(&self) -> State {
        self.domain.states[self.seen - 1]
    }

    /// Looks at it.
    fn look(&mut self, now: i64, outcome: &mut Outcome) {
        outcome.requests += 1;
        // The expiries between the last look and this one were not before either.
        self.pass(now, outcome);
        while let Some(state) = self.domain.states.get(self.seen).filter(|state| state.from <= now) {
            outcome.delays.push(now - state.from);
            self.seen += 1;
            self.changed = Some(now);
        }
        self.last = now;
    }

    /// Counts an expiry since the last look.
    fn pass(&self, now: i64, outcome: &mut Outcome) {
        let states = &self.domain.states;
        let expired = states[1..].iter().zip(states).find(|(state, before)| state.from == before.expires);
        if let Some((state, _)) = expired.filter(|(state, _)| (self.last + 1..=now).contains(&state.from)) {
            outcome.expiries += 1;
            outcome.unchecked += i64::from(self.last < state.from - AHEAD);
        }
    }

    /// Counts what the year left.
    fn end(&self, outcome: &mut Outcome) {
        self.pass(YEAR, outcome);
        let left = &self.domain.states[self.seen..];
        outcome.unseen += i64::try_from(left.len()).unwrap();
        outcome.delays.extend(left.iter().map(|state| YEAR - state.from));
    }
}

/// Looks whenever the rules say so.
fn by_rules(portfolio: &[Domain], rules: &Rules) -> Outcome {
    let start = DateTime::<Utc>::UNIX_EPOCH;
    let at = |minute: i64| start + TimeDelta::minutes(minute);
    let mut outcome = Outcome::default();
    for domain in portfolio {
        let mut watch = Watch::new(domain);
        let mut now = domain.phase;
        while now < YEAR {
            watch.look(now, &mut outcome);
            let known = watch.known();
            let look = Look {
                status: known.status,
                expires_at: Some(at(known.expires)),
                last_synced_at: Some(at(now)),
                changed_at: watch.changed.map(at),
            };
            // What has gone for good is not asked for again.
            let Some(due) = rules.due_at(&look, at(now)) else { break };
            now = (due - start).num_minutes().max(now + 1);
        }
        watch.end(&mut outcome);
    }
    outcome.delays.sort_unstable();
    outcome
}

/// Looks as the service did that the library replaces: each day at the two hundred domains that expire first within thirty
/// days, each week at the five hundred that were looked at the longest ago.
fn by_seed(portfolio: &[Domain]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut watches: Vec<Watch<'_>> = portfolio.iter().map(Watch::new).collect();
    let key = |watch: &Watch<'_>| watch.known().expires;
    let mut expiring: BTreeSet<(i64, usize)> = watches.iter().enumerate().map(|(id, watch)| (key(watch), id)).collect();
    let mut oldest: BTreeSet<(i64, usize)> = watches.iter().enumerate().map(|(id, watch)| (watch.last, id)).collect();
    for now in (0..YEAR).step_by(DAY as usize) {
        let soon = expiring.range((now, 0)..(now + AHEAD, 0)).take(SEED_DAILY).map(|(_, id)| *id);
        let mut looked: Vec<usize> = soon.collect();
        if now % (7 * DAY) == 0 {
            looked.extend(oldest.iter().take(SEED_WEEKLY).map(|(_, id)| *id));
        }
        for id in looked {
            let watch = &mut watches[id];
            expiring.remove(&(key(watch), id));
            oldest.remove(&(watch.last, id));
            watch.look(now, &mut outcome);
            expiring.insert((key(watch), id));
            oldest.insert((watch.last, id));
        }
    }
    watches.iter().for_each(|watch| watch.end(&mut outcome));
    outcome.delays.sort_unstable();
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adaptive_interval_sees_changes_sooner_than_a_fixed_one_of_as_many_requests() {
        let portfolio = portfolio(5_000, 1);
        let outcomes = compare(&portfolio);
        let [(_, fixed), (_, adaptive), (_, equal), (_, seed)] = outcomes.as_slice() else { panic!() };
        let changes: usize = portfolio.iter().map(|domain| domain.states.len() - 1).sum();
        for (name, outcome) in &outcomes {
            let shown = format!("{name}: {} {} {}", outcome.requests, outcome.delay(0.5), outcome.delay(0.95));
            assert_eq!(outcome.delays.len(), changes, "every change is counted once: {shown}");
        }
        assert!(adaptive.requests * 3 < fixed.requests * 2, "{} of {}", adaptive.requests, fixed.requests);
        let off = (equal.requests - adaptive.requests).abs() * 10;
        assert!(off < adaptive.requests, "about as many requests: {} and {}", equal.requests, adaptive.requests);
        assert!(adaptive.delay(0.5) * 2 < equal.delay(0.5), "{} and {}", adaptive.delay(0.5), equal.delay(0.5));
        assert!(adaptive.delay(0.5) * 2 < fixed.delay(0.5), "most are seen sooner than by more requests");
        assert!(adaptive.delay(0.95) > equal.delay(0.95), "the price: what a quiet domain does is seen later");
        assert!(adaptive.delay(1.0) <= 48 * HOUR && fixed.delay(1.0) <= 24 * HOUR, "S1.3: the bounds hold");
        assert_eq!((fixed.unchecked, adaptive.unchecked), (0, 0), "S1.3: nothing expires unchecked");
        assert!(seed.delay(0.5) > 24 * HOUR, "{}", seed.delay(0.5));
    }

    #[test]
    fn the_schedule_that_the_library_replaces_lets_a_quarter_of_a_large_portfolio_expire_unchecked() {
        let outcome = by_seed(&portfolio(100_000, 1));
        let percent = outcome.unchecked * 100 / outcome.expiries;
        assert!((20..35).contains(&percent), "{percent} % of {}", outcome.expiries);
        assert!(i64::try_from(outcome.delays.len()).unwrap() > outcome.unseen && outcome.unseen > 0);
    }
}
