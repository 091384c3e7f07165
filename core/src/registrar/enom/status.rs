//! The vocabularies of a domain's state, what they mean together, and the dates that they are read by.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::America::Los_Angeles;

use crate::model::{DomainStatus, StatusMeaning};
use crate::registrar::told::grace_end;

/// How far an expired domain has expired (`GetExpiredDomains`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// `Expired`: renewable at the normal price.
    Expired,
    /// `RGP`: restorable at a fee.
    Redemption,
    /// `Extended RGP`: at a higher one, perhaps.
    ExtendedRedemption,
    /// Any other word.
    Unknown(String),
}

impl Stage {
    pub(super) fn read(word: &str) -> Self {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        if is("Expired") {
            Self::Expired
        } else if is("RGP") {
            Self::Redemption
        } else if is("Extended RGP") {
            Self::ExtendedRedemption
        } else {
            Self::Unknown(word.chars().take(200).collect())
        }
    }

    /// The word, as the registrar writes it.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Expired => "Expired",
            Self::Redemption => "RGP",
            Self::ExtendedRedemption => "Extended RGP",
            Self::Unknown(word) => word,
        }
    }

    /// What it means for a registration that ended then.
    pub(super) fn meaning(&self, end: Option<DateTime<Utc>>, now: DateTime<Utc>, grace_days: u32) -> StatusMeaning {
        match self {
            Self::Expired => {
                let is_over = end.is_some_and(|end| now >= grace_end(end, grace_days));
                StatusMeaning::Known(if is_over { DomainStatus::Expired } else { DomainStatus::GracePeriod })
            }
            Self::Redemption | Self::ExtendedRedemption => StatusMeaning::Known(DomainStatus::Redemption),
            Self::Unknown(_) => StatusMeaning::Unknown,
        }
    }
}

/// What an answer about one domain says of its state.
#[derive(Clone, Debug, Default)]
pub(super) struct State<'a> {
    pub(super) registration: Option<&'a str>,
    pub(super) purchase: Option<&'a str>,
    /// Its stage, where it is among the expired domains.
    pub(super) stage: Option<Stage>,
    /// Whether Enom, or the verification of the registrant, holds it back.
    pub(super) is_held: bool,
    /// The end of the registration, where it is readable.
    pub(super) end: Option<DateTime<Utc>>,
}

/// What the words mean. The gravest that applies wins (S3.2).
pub(super) fn read(state: &State<'_>, now: DateTime<Utc>, grace_days: u32) -> StatusMeaning {
    let is = |word: Option<&str>, other: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(other));
    let has_ended = state.end.is_some_and(|end| end <= now);
    let (registration, purchase) = (state.registration, state.purchase);
    if is(registration, "Expired") || is(registration, "Registered") && has_ended {
        // Without a stage a renewal, or the list, is in flight.
        return state.stage.as_ref().map_or(StatusMeaning::Unknown, |stage| stage.meaning(state.end, now, grace_days));
    }
    if is(registration, "Processing") || is(registration, "Registered") && is(purchase, "Processing") {
        return StatusMeaning::AwaitingRegistration;
    }
    match registration {
        None => StatusMeaning::Absent,
        Some(_) if !is(registration, "Registered") => StatusMeaning::Unknown,
        Some(_) if state.is_held => StatusMeaning::Known(DomainStatus::Suspended),
        Some(_) if is(purchase, "Paid") && state.end.is_some() => StatusMeaning::Known(DomainStatus::Active),
        Some(_) => StatusMeaning::Unknown,
    }
}

/// A date of the API, in US Pacific time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// With a time: an instant.
    Instant(DateTime<Utc>),
    /// Without: a day there, of which the last moment is told. It is too coarse to store.
    Day(DateTime<Utc>),
}

impl Moment {
    /// Reads `M/D/YYYY`, with or without `h:mm:ss AM|PM`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split_whitespace();
        let day = day(parts.next()?)?;
        match (parts.next(), parts.next(), parts.next()) {
            (None, None, None) => {
                let end = day.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::seconds(86_399))?;
                Some(Self::Day(pacific(end)?))
            }
            (Some(time), Some(half), None) => Some(Self::Instant(pacific(day.and_time(time_of_day(time, half)?))?)),
            _ => None,
        }
    }

    /// The instant, or the day's last.
    pub(super) fn end(self) -> DateTime<Utc> {
        match self {
            Self::Instant(end) | Self::Day(end) => end,
        }
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('/').map(str::parse::<u32>);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Ok(month)), Some(Ok(day)), Some(Ok(year)), None) => {
            NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
        }
        _ => None,
    }
}

fn time_of_day(text: &str, half: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':').map(str::parse::<u32>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().unwrap_or(Ok(0)).ok()?;
    let after_noon = match half.to_ascii_uppercase().as_str() {
        "AM" => 0,
        "PM" => 12,
        _ => return None,
    };
    if parts.next().is_some() || !(1..=12).contains(&hour) {
        return None;
    }
    NaiveTime::from_hms_opt(hour % 12 + after_noon, minute, second)
}

/// The instant of a wall clock there. Of an hour that comes twice in autumn the first, of one that spring leaves out the
/// one behind it.
fn pacific(wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    match Los_Angeles.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        LocalResult::None => Some(Los_Angeles.from_local_datetime(&(wall + TimeDelta::hours(1))).earliest()?.to_utc()),
    }
}
