//! What `@Status`, `IsExpired`, `IsLocked` and the end of a registration mean together.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{DomainStatus, RemoteStatus, StatusMeaning};
use crate::registrar::told::grace_end;

/// What an answer says of the state of a domain.
#[derive(Clone, Copy, Debug)]
pub(super) enum State<'a> {
    /// `@Status` of the details.
    Details(Option<&'a str>),
    /// `IsExpired` and `IsLocked` of a list row.
    Row { expired: Option<bool>, locked: Option<bool> },
}

/// The status. The first line of the page's table that fits decides; that is S3.2's order, by which `Expired` comes
/// before `Locked`. `end` is the day of the expiry, `grace_days` the time after it at the normal price.
pub(super) fn read(state: State<'_>, end: Option<DateTime<Utc>>, now: DateTime<Utc>, grace_days: u32) -> RemoteStatus {
    let (expired, locked, ok) = match state {
        State::Details(word) => {
            let is = |other: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(other));
            (is("Expired"), is("Locked"), is("Ok"))
        }
        State::Row { expired, locked } => {
            (expired == Some(true), locked == Some(true), expired == Some(false) && locked == Some(false))
        }
    };
    // A date is a whole day: it has passed when the day has.
    let has_passed = end.is_some_and(|end| end + TimeDelta::days(1) <= now);
    // A word that nobody knows leaves the local status alone whatever the date is (S3.1).
    let meaning = if expired || has_passed && (ok || locked) {
        let is_in_grace = end.is_some_and(|end| now < grace_end(end, grace_days));
        StatusMeaning::Known(if is_in_grace { DomainStatus::GracePeriod } else { DomainStatus::Expired })
    } else if locked {
        StatusMeaning::Known(DomainStatus::Suspended)
    } else if ok {
        StatusMeaning::Known(DomainStatus::Active)
    } else {
        match state {
            State::Details(None) => StatusMeaning::Absent,
            State::Details(Some(_)) => StatusMeaning::Unknown,
            State::Row { .. } => StatusMeaning::NeedsDetails,
        }
    };
    let words = match state {
        State::Details(word) => word.unwrap_or_default().chars().take(200).collect(),
        // In the words of the details, so that row and details of one state leave the same.
        State::Row { .. } => match (expired, locked, ok) {
            (true, true, _) => "Expired, Locked".to_owned(),
            (true, false, _) => "Expired".to_owned(),
            (false, true, _) => "Locked".to_owned(),
            (false, false, true) => "Ok".to_owned(),
            (false, false, false) => String::new(),
        },
    };
    RemoteStatus { words, meaning }
}

/// A date of the API: month first, without zone, a time of day sometimes behind it. It means midnight UTC (S3.4).
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    let mut parts = text.split_whitespace().next()?.split('/').map(str::parse::<u32>);
    let (Some(Ok(month)), Some(Ok(day)), Some(Ok(year)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let day = chrono::NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(day.and_time(chrono::NaiveTime::MIN).and_utc())
}
