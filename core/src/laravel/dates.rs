//! Datetimes as Eloquent keeps them: `Y-m-d H:i:s`, the wall clock of `app.timezone`, no fraction and no zone.
//!
//! A wall clock that is shown twice or never, around a change of the clocks, means here what it means to the
//! application: PHP's rules are followed (timelib's `do_adjust_timezone`), so that both read the same row as the same
//! instant.

use chrono::{
    DateTime, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::{GapInfo, Tz};

const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// What Eloquent would write for an instant. A fraction of a second is cut off.
pub fn format(instant: DateTime<Utc>, timezone: Tz) -> String {
    instant.with_timezone(&timezone).format(FORMAT).to_string()
}

/// Reads what an application of PHP's leaves in a datetime column; `None` for anything else.
///
/// That is `2026-11-23 10:00:00` and, as Carbon reads it too, with a fraction, without seconds, with a `T`, with a zone
/// of its own (`Z`, `+05:30`), a day alone (its midnight), or the seconds since 1970 as a number.
///
/// A wall clock that the zone skips counts from before the change, so `02:30` in a gap of an hour is the instant called
/// `03:30`. One that it shows twice is the later instant where the zone is at or east of UTC (Berlin, Dhaka), the
/// earlier one west of it (New York).
pub fn parse(text: &str, timezone: Tz) -> Option<DateTime<Utc>> {
    if let Some(local) = plain(text.as_bytes()) {
        return instant(local, timezone);
    }
    let text = text.trim();
    if is_integer(text) {
        return DateTime::from_timestamp(text.parse().ok()?, 0);
    }
    let date = date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return instant(date.and_time(NaiveTime::MIN), timezone);
    }
    let rest = rest.strip_prefix([' ', 'T', 't'])?;
    let (clock, zone) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let local = wall_clock(date, clock.trim_end())?;
    match zone {
        "" => instant(local, timezone),
        "Z" | "z" => Some(local.and_utc()),
        offset => {
            let offset = fixed_offset(offset)?;
            offset.from_local_datetime(&local).single().map(Into::into)
        }
    }
}

/// What Eloquent writes in a column of days on SQLite (`tld_prices.effective_date`): the midnight is written too.
pub fn format_day(day: NaiveDate) -> String {
    day.and_time(NaiveTime::MIN).format(FORMAT).to_string()
}

/// Reads a column of days, with or without a time, which counts for nothing; `None` for anything else.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let rest = text.get(10..)?;
    if rest.is_empty() || rest.starts_with([' ', 'T', 't']) { date(text.get(..10)?) } else { None }
}

/// `2026-11-23 10:00:00` and nothing else: what nearly every column holds, read without a parser.
fn plain(text: &[u8]) -> Option<NaiveDateTime> {
    const SHAPE: &[u8; 19] = b"0000-00-00 00:00:00";
    let shaped = text.len() == SHAPE.len()
        && text
            .iter()
            .zip(SHAPE)
            .all(|(byte, shape)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape });
    if !shaped {
        return None;
    }
    let number =
        |from: usize, to: usize| text[from..to].iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let year = i32::try_from(number(0, 4)).ok()?;
    NaiveDate::from_ymd_opt(year, number(5, 7), number(8, 10))?.and_hms_opt(
        number(11, 13),
        number(14, 16),
        number(17, 19),
    )
}

/// A run of digits, with a minus or without.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2026-11-23`: chrono alone would also take a sign, spaces and other numbers of digits.
fn date(text: &str) -> Option<NaiveDate> {
    let shaped = text.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !shaped {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn wall_clock(date: NaiveDate, clock: &str) -> Option<NaiveDateTime> {
    let time =
        NaiveTime::parse_from_str(clock, "%H:%M:%S%.f").or_else(|_| NaiveTime::parse_from_str(clock, "%H:%M")).ok()?;
    let local = date.and_time(time);
    match time.nanosecond().checked_sub(1_000_000_000) {
        None => Some(local),
        // chrono's leap second; to PHP `23:59:60` is the next day's midnight.
        Some(nanos) => local.with_nanosecond(nanos)?.checked_add_signed(TimeDelta::seconds(1)),
    }
}

/// `+05:30`, `+0530` or `+05`.
fn fixed_offset(text: &str) -> Option<FixedOffset> {
    if text.len() == 3 { format!("{text}00").parse().ok() } else { text.parse().ok() }
}

/// The instant at which a zone's clocks show `local`, as PHP chooses it.
fn instant(local: NaiveDateTime, timezone: Tz) -> Option<DateTime<Utc>> {
    if timezone == Tz::UTC {
        return Some(local.and_utc());
    }
    let offset = match timezone.offset_from_local_datetime(&local) {
        LocalResult::Single(offset) => offset,
        LocalResult::Ambiguous(earlier, later) => {
            // timelib starts from the offset in force at that time of day in UTC, and either offset satisfies it.
            let guess = timezone.offset_from_utc_datetime(&local);
            if guess.fix() == later.fix() { later } else { earlier }
        }
        LocalResult::None => GapInfo::new(&local, &timezone)?.begin?.1,
    };
    let shift = TimeDelta::seconds(offset.fix().local_minus_utc().into());
    Some(local.checked_sub_signed(shift)?.and_utc())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Tz {
        name.parse().unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().into()
    }

    /// Each line as PHP 8.2 has it: `new DateTime($text, new DateTimeZone($zone))` in UTC.
    #[test]
    fn every_spelling_means_what_it_means_to_php() {
        for (text, timezone, wanted) in [
            ("2026-11-23 00:00:00", "Asia/Dhaka", "2026-11-22T18:00:00.000000Z"),
            ("2026-11-23", "Asia/Dhaka", "2026-11-22T18:00:00.000000Z"),
            ("2026-11-23T10:00:00", "Asia/Dhaka", "2026-11-23T04:00:00.000000Z"),
            ("2026-11-23T00:00:00+02:00", "Asia/Dhaka", "2026-11-22T22:00:00.000000Z"),
            ("2026-11-23 10:00:00.123456", "Asia/Dhaka", "2026-11-23T04:00:00.123456Z"),
            ("2026-11-23T10:00:00.000000Z", "Asia/Dhaka", "2026-11-23T10:00:00.000000Z"),
            ("2026-11-23 10:00:00Z", "Asia/Dhaka", "2026-11-23T10:00:00.000000Z"),
            ("2026-11-23 10:05", "UTC", "2026-11-23T10:05:00.000000Z"),
            ("2026-11-23 23:59:60", "UTC", "2026-11-24T00:00:00.000000Z"),
            ("2026-11-23 10:00:00+0530", "UTC", "2026-11-23T04:30:00.000000Z"),
            ("2026-11-23 10:00:00+05", "UTC", "2026-11-23T05:00:00.000000Z"),
            ("2026-11-23 10:00:00 +05:30", "UTC", "2026-11-23T04:30:00.000000Z"),
            ("2038-01-19 03:14:08", "Europe/Berlin", "2038-01-19T02:14:08.000000Z"),
            ("2050-07-01 12:00:00", "Europe/Berlin", "2050-07-01T10:00:00.000000Z"),
        ] {
            assert_eq!(parse(text, zone(timezone)), Some(utc(wanted)), "{text} {timezone}");
        }
    }

    /// As above; PHP goes on counting from before the change.
    #[test]
    fn a_wall_clock_that_was_skipped_counts_from_before_the_change() {
        for (text, timezone, wanted) in [
            ("2026-03-29 02:00:00", "Europe/Berlin", "2026-03-29T01:00:00Z"),
            ("2026-03-29 02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
            ("2026-03-29 03:00:00", "Europe/Berlin", "2026-03-29T01:00:00Z"),
            ("2050-03-27 02:30:00", "Europe/Berlin", "2050-03-27T01:30:00Z"),
            ("2026-03-29 01:30:00", "Europe/London", "2026-03-29T01:30:00Z"),
            ("2026-03-08 02:30:00", "America/New_York", "2026-03-08T07:30:00Z"),
            ("2026-10-04 02:15:00", "Australia/Lord_Howe", "2026-10-03T15:45:00Z"),
            ("2009-06-19 23:30:00", "Asia/Dhaka", "2009-06-19T17:30:00Z"),
            ("2011-12-30 12:00:00", "Pacific/Apia", "2011-12-30T22:00:00Z"),
        ] {
            assert_eq!(parse(text, zone(timezone)), Some(utc(wanted)), "{text} {timezone}");
        }
    }

    /// As above. Which of the two PHP takes depends on the side of UTC that the zone is on.
    #[test]
    fn a_wall_clock_shown_twice_is_the_later_one_east_of_utc_and_the_earlier_one_west_of_it() {
        for (text, timezone, wanted) in [
            ("2026-10-25 02:00:00", "Europe/Berlin", "2026-10-25T01:00:00Z"),
            ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25T01:30:00Z"),
            ("2026-10-25 03:00:00", "Europe/Berlin", "2026-10-25T02:00:00Z"),
            ("2009-12-31 23:30:00", "Asia/Dhaka", "2009-12-31T17:30:00Z"),
            ("2026-04-05 01:45:00", "Australia/Lord_Howe", "2026-04-04T15:15:00Z"),
            ("2026-11-01 01:30:00", "America/New_York", "2026-11-01T05:30:00Z"),
        ] {
            assert_eq!(parse(text, zone(timezone)), Some(utc(wanted)), "{text} {timezone}");
        }
    }

    #[test]
    fn seconds_since_1970_are_read_as_eloquent_reads_a_number() {
        assert_eq!(parse("1795428000", zone("Asia/Dhaka")), Some(utc("2026-11-23T10:00:00Z")));
        assert_eq!(parse("-1", Tz::UTC), Some(utc("1969-12-31T23:59:59Z")));
        assert_eq!(parse("99999999999999999999", Tz::UTC), None);
    }

    #[test]
    fn what_is_no_datetime_is_none_and_no_guess() {
        for text in [
            "",
            " ",
            "-",
            "null",
            "0000-00-00 00:00:00",
            "2026-02-30 00:00:00",
            "2026-11-23 25:00:00",
            "2026-11-23 10:00:00 Dhaka",
            "2026-11-23 10:00:00+",
            "2026-11-23 10:00:00+99:99",
            "2026-11-23x10:00:00",
            "2026-11-23 ",
            "23.11.2026",
            "+2026-11-2",
            "2026-11-2 ",
            "2026-11-23 10:00:00Zulu",
            "২০২৬-১১-২৩",
        ] {
            let wanted = (text == "2026-11-23 ").then(|| utc("2026-11-23T00:00:00Z"));
            assert_eq!(parse(text, Tz::UTC), wanted, "{text:?}");
        }
    }

    #[test]
    fn an_instant_is_written_as_the_wall_clock_of_the_zone() {
        let instant = utc("2026-11-22T18:00:00.999Z");
        assert_eq!(format(instant, Tz::UTC), "2026-11-22 18:00:00");
        assert_eq!(format(instant, zone("Asia/Dhaka")), "2026-11-23 00:00:00");
        assert_eq!(format(instant, zone("America/St_Johns")), "2026-11-22 14:30:00");
    }

    #[test]
    fn a_day_is_written_with_its_midnight_and_read_with_or_without_a_time() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(format_day(day), "2026-11-23 00:00:00");
        for text in ["2026-11-23", "2026-11-23 00:00:00", "2026-11-23T23:59:59Z", " 2026-11-23 "] {
            assert_eq!(parse_day(text), Some(day), "{text}");
        }
        for text in ["", "2026-11-234", "2026-13-01", "0000-00-00", "today"] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in 0_i64..4_102_444_800, place in 0..chrono_tz::TZ_VARIANTS.len()) {
            let timezone = chrono_tz::TZ_VARIANTS[place];
            let written = format(DateTime::from_timestamp(seconds, 0).unwrap(), timezone);
            let read = parse(&written, timezone).unwrap();
            // A wall clock shown twice may be read as the other instant, but never as another wall clock.
            prop_assert_eq!(format(read, timezone), written);
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC*", digits in "[-+0-9 :.TZ]{0,40}") {
            for text in [text, digits] {
                let _ = parse(&text, zone("Europe/Berlin"));
                let _ = parse_day(&text);
            }
        }
    }
}
