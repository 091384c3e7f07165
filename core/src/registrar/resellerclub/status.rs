//! The four vocabularies of a domain's state, and what they mean together.

use chrono::{DateTime, Utc};

use super::wire::Words;
use crate::model::{DomainStatus, RemoteStatus, StatusMeaning};
use crate::registrar::told::grace_end;

/// Locks, which are no status (S3.2).
const LOCKS: [&str; 4] = ["transferlock", "resellerlock", "customerlock", "sixtydaylock"];
/// How much of the words is kept.
const MAX_WORDS: usize = 200;

/// What an answer says of the state of a domain.
#[derive(Clone, Copy, Debug)]
pub(super) struct State<'a> {
    /// `currentstatus`: the life cycle of the order.
    pub(super) current: Option<&'a str>,
    /// `orderstatus`: locks, and the suspension by the reseller.
    pub(super) order: &'a Words<'a>,
    /// `domainstatus`: holds of the system.
    pub(super) domain: &'a Words<'a>,
    /// `raaVerificationStatus`: of the registrant's address.
    pub(super) raa: Option<&'a str>,
    /// `actiontype`: what is under way.
    pub(super) action: Option<&'a str>,
    /// The end of the registration, where it is readable.
    pub(super) end: Option<DateTime<Utc>>,
    /// Whether it is a row of the list, which has the life cycle and the end and no more.
    pub(super) is_row: bool,
}

/// The status, and what a person should know about it.
///
/// `grace_days` after its end a registration is in its grace period. The first line of the table that fits decides;
/// the order of its lines is S3.2's.
pub(super) fn read(state: &State<'_>, now: DateTime<Utc>, grace_days: u32) -> (RemoteStatus, Option<&'static str>) {
    let (meaning, warning) = meaning(state, now, grace_days);
    (RemoteStatus { words: words(state), meaning }, warning)
}

fn meaning(state: &State<'_>, now: DateTime<Utc>, grace_days: u32) -> (StatusMeaning, Option<&'static str>) {
    use StatusMeaning::{Absent, AwaitingRegistration, Gone, Known, NeedsDetails, Unknown};

    let current = state.current.unwrap_or_default();
    let is = |word: &str| current.eq_ignore_ascii_case(word);
    let is_live = is("Active") || is("Suspended") || is("Pending Verification") || is("Failed Verification");
    let has_ended = state.end.is_some_and(|end| end <= now);

    let meaning = if is("Deleted") || is("Archived") {
        Gone
    } else if is("Pending Delete Restorable") {
        Known(DomainStatus::Redemption)
    } else if is("QueuedForDeletion") {
        // Past redemption, or about to enter it: no source tells which.
        Unknown
    } else if is("InActive") {
        if state.is_row {
            NeedsDetails
        } else if state.action.is_some_and(|action| action.eq_ignore_ascii_case("AddTransferDomain")) {
            Known(DomainStatus::PendingTransfer)
        } else {
            AwaitingRegistration
        }
    } else if is_live && has_ended {
        let is_in_grace =
            state.domain.has("renewhold") || state.end.is_some_and(|end| now < grace_end(end, grace_days));
        Known(if is_in_grace { DomainStatus::GracePeriod } else { DomainStatus::Expired })
    } else if is("Suspended")
        || state.order.has("resellersuspend")
        || state.raa.is_some_and(|raa| raa.eq_ignore_ascii_case("Suspended"))
        || is("Failed Verification")
    {
        Known(DomainStatus::Suspended)
    } else if is("Active") {
        Known(DomainStatus::Active)
    } else if is("Pending Verification") && state.end.is_some() {
        return (Known(DomainStatus::Active), Some("the registrant has not verified the email address"));
    } else if current.is_empty() {
        Absent
    } else {
        Unknown
    };
    (meaning, None)
}

/// The words for a person: the life cycle, then whatever holds the domain.
fn words(state: &State<'_>) -> String {
    let mut words: Vec<&str> = state.current.into_iter().collect();
    if state.current.is_some_and(|current| current.eq_ignore_ascii_case("InActive")) {
        words.extend(state.action);
    }
    let holds = state.domain.iter().chain(state.order.iter());
    words.extend(holds.filter(|word| !LOCKS.iter().any(|lock| lock.eq_ignore_ascii_case(word))));
    if state.raa.is_some_and(|raa| raa.eq_ignore_ascii_case("Suspended")) {
        words.push("registrant verification suspended");
    }
    words.join(", ").chars().take(MAX_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone as _};

    use super::*;
    use StatusMeaning::*;

    const GRACE_DAYS: u32 = 30;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 23, 2, 43, 43).unwrap()
    }

    fn days(days: i64) -> Option<DateTime<Utc>> {
        Some(now() + TimeDelta::days(days))
    }

    /// A line of the page's table: its words, and answers that it is about.
    struct Line {
        line: &'static str,
        current: &'static str,
        order: &'static [&'static str],
        domain: &'static [&'static str],
        raa: &'static str,
        action: &'static str,
        end: Option<DateTime<Utc>>,
        is_row: bool,
        meaning: StatusMeaning,
        words: &'static str,
    }

    impl Line {
        fn new(line: &'static str, current: &'static str, end: Option<DateTime<Utc>>, meaning: StatusMeaning) -> Self {
            Self {
                line,
                current,
                order: &[],
                domain: &[],
                raa: "",
                action: "",
                end,
                is_row: false,
                meaning,
                words: current,
            }
        }

        fn check(&self) -> Option<&'static str> {
            let word = |text: &'static str| (!text.is_empty()).then_some(text);
            let state = State {
                current: word(self.current),
                order: &Words::from(self.order),
                domain: &Words::from(self.domain),
                raa: word(self.raa),
                action: word(self.action),
                end: self.end,
                is_row: self.is_row,
            };
            let (status, warning) = read(&state, now(), GRACE_DAYS);
            assert_eq!(status.meaning, self.meaning, "S3.1: {} ({state:?})", self.line);
            assert_eq!(status.words, self.words, "{}", self.line);
            warning
        }
    }

    #[test]
    fn every_line_of_the_table_means_what_the_page_says() {
        use DomainStatus::*;
        let deleted = "`currentstatus` `Deleted`/`Archived`";
        let in_grace = "`Active`, `Suspended`, `Pending Verification` or `Failed Verification`, `endtime` past, and (`renewhold` or within the grace days)";
        let expired = "the same words, `endtime` past, otherwise";
        let suspended = "`Suspended`, `endtime` in the future or absent";
        let held = "`orderstatus` has `resellersuspend`, or `raaVerificationStatus` = `Suspended`";
        let inactive = "`InActive`, other or no `actiontype`";
        let else_ = "anything else";

        let lines = [
            Line::new(deleted, "Deleted", days(100), Gone),
            Line::new(deleted, "Archived", days(-100), Gone),
            Line::new("`Pending Delete Restorable`", "Pending Delete Restorable", days(-50), Known(Redemption)),
            Line::new("`QueuedForDeletion`", "QueuedForDeletion", days(-50), Unknown),
            Line {
                action: "AddTransferDomain",
                words: "InActive, AddTransferDomain",
                ..Line::new(
                    "`InActive` and `actiontype` = `AddTransferDomain`",
                    "InActive",
                    None,
                    Known(PendingTransfer),
                )
            },
            Line {
                action: "AddNewDomain",
                words: "InActive, AddNewDomain",
                ..Line::new(inactive, "InActive", None, AwaitingRegistration)
            },
            Line::new(inactive, "InActive", days(100), AwaitingRegistration),
            Line { is_row: true, ..Line::new("`InActive` in a list row", "InActive", None, NeedsDetails) },
            Line {
                domain: &["renewhold"],
                words: "Active, renewhold",
                ..Line::new(in_grace, "Active", days(-200), Known(GracePeriod))
            },
            Line::new(in_grace, "Active", days(-29), Known(GracePeriod)),
            Line::new(in_grace, "Active", days(0), Known(GracePeriod)),
            Line::new(in_grace, "Suspended", days(-1), Known(GracePeriod)),
            Line::new(in_grace, "Pending Verification", days(-1), Known(GracePeriod)),
            Line::new(in_grace, "Failed Verification", days(-1), Known(GracePeriod)),
            Line {
                order: &["resellersuspend"],
                words: "Active, resellersuspend",
                ..Line::new(in_grace, "Active", days(-1), Known(GracePeriod))
            },
            Line::new(expired, "Active", days(-30), Known(Expired)),
            Line::new(expired, "Suspended", days(-31), Known(Expired)),
            Line::new(expired, "Pending Verification", days(-31), Known(Expired)),
            Line::new(expired, "Failed Verification", days(-31), Known(Expired)),
            Line::new(suspended, "Suspended", days(1), Known(Suspended)),
            Line::new(suspended, "Suspended", None, Known(Suspended)),
            Line {
                order: &["transferlock", "resellersuspend"],
                words: "Active, resellersuspend",
                ..Line::new(held, "Active", days(1), Known(Suspended))
            },
            Line {
                raa: "Suspended",
                words: "Active, registrant verification suspended",
                ..Line::new(held, "Active", days(1), Known(Suspended))
            },
            Line::new("`Failed Verification`", "Failed Verification", days(1), Known(Suspended)),
            Line::new("`Failed Verification`", "Failed Verification", None, Known(Suspended)),
            Line::new("`Active`, `endtime` in the future", "Active", days(1), Known(Active)),
            Line {
                order: &["transferlock", "resellerlock"],
                domain: &["sixtydaylock"],
                raa: "Verified",
                action: "ModContact",
                ..Line::new("`Active`, `endtime` in the future", "Active", days(1), Known(Active))
            },
            Line::new("`Active` without `endtime`", "Active", None, Known(Active)),
            Line::new(else_, "Pending Verification", None, Unknown),
            Line::new(else_, "Expired", days(1), Unknown),
            Line::new(else_, "Cancelled", days(-1), Unknown),
            Line {
                domain: &["renewhold"],
                words: "Frozen, renewhold",
                ..Line::new(else_, "Frozen", days(-1), Unknown)
            },
            Line::new("no word at all", "", days(1), Absent),
        ];
        for line in lines {
            assert_eq!(line.check(), None, "{}", line.line);
        }

        let pending = Line::new(
            "`Pending Verification`, `endtime` in the future",
            "Pending Verification",
            days(1),
            Known(Active),
        );
        assert!(pending.check().is_some_and(|warning| warning.contains("verified")), "{}", pending.line);
    }

    #[test]
    fn words_are_compared_in_whatever_case() {
        for (current, meaning) in [
            ("active", Known(DomainStatus::Active)),
            ("INACTIVE", AwaitingRegistration),
            ("pending delete restorable", Known(DomainStatus::Redemption)),
            ("deleted", Gone),
        ] {
            Line::new("compare all these words case-insensitively", current, days(1), meaning).check();
        }
        Line {
            order: &["ResellerSuspend"],
            words: "Active, ResellerSuspend",
            ..Line::new("the same", "Active", days(1), Known(DomainStatus::Suspended))
        }
        .check();
        Line {
            domain: &["RenewHold"],
            words: "Active, RenewHold",
            ..Line::new("the same", "Active", days(-99), Known(DomainStatus::GracePeriod))
        }
        .check();
    }

    #[test]
    fn a_grace_period_without_end_overflows_nothing() {
        let words = Words::default();
        let state = State {
            current: Some("Active"),
            order: &words,
            domain: &words,
            raa: None,
            action: None,
            end: days(-9999),
            is_row: true,
        };
        assert_eq!(read(&state, now(), u32::MAX).0.meaning, Known(DomainStatus::GracePeriod));
    }
}
