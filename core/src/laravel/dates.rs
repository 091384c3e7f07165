//! Datetimes as Laravel writes them: `Y-m-d H:i:s`, the wall clock of `app.timezone`, no fraction, no zone.

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// An instant as the application's wall clock shows it: `2026-11-23 08:00:00`.
pub fn format(instant: DateTime<Utc>, timezone: Tz) -> String {
    instant.with_timezone(&timezone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads what an application may have left in a datetime column: Laravel's own form, one with a fraction, a day alone
/// (midnight), or ISO 8601 with an offset. `None` for anything else, `0000-00-00 00:00:00` included.
///
/// Where a wall clock happens twice or never, it is read as PHP 8.2 reads it: of two, the one whose offset holds at that
/// clock time in UTC (the second one east of Greenwich, the first one west); a skipped one with the offset that held
/// before (`02:30` becomes `03:30`).
pub fn parse(text: &str, timezone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.into());
    }
    if let Ok(instant) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z") {
        return Some(instant.into());
    }
    let wall = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    at(wall, timezone)
}

/// The instant at which a clock in a zone shows this.
fn at(wall: NaiveDateTime, timezone: Tz) -> Option<DateTime<Utc>> {
    match timezone.from_local_datetime(&wall) {
        MappedLocalTime::Single(instant) => Some(instant.with_timezone(&Utc)),
        MappedLocalTime::Ambiguous(first, second) => {
            let guess = timezone.offset_from_utc_datetime(&wall).fix();
            Some(if first.offset().fix() == guess { first } else { second }.with_timezone(&Utc))
        }
        MappedLocalTime::None => {
            // No zone ever skipped more than a day.
            let before = wall.checked_sub_signed(TimeDelta::days(1))?;
            let earlier = timezone.from_local_datetime(&before).earliest()?;
            Some(earlier.with_timezone(&Utc) + TimeDelta::days(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_that_is_found_in_tables_is_read() {
        for (text, timezone, wanted) in [
            ("2026-11-23 08:00:00", Tz::UTC, Some("2026-11-23T08:00:00Z")),
            ("2026-11-23 08:00:00.123456", Tz::UTC, Some("2026-11-23T08:00:00.123456Z")),
            ("2026-11-23", Tz::UTC, Some("2026-11-23T00:00:00Z")),
            ("2026-11-23T08:00:00.000000Z", Tz::Asia__Dhaka, Some("2026-11-23T08:00:00Z")),
            ("2026-11-23T08:00:00+06:00", Tz::UTC, Some("2026-11-23T02:00:00Z")),
            ("2026-11-23 08:00:00+00", Tz::UTC, Some("2026-11-23T08:00:00Z")),
            ("2026-11-23 08:00:00", Tz::Asia__Dhaka, Some("2026-11-23T02:00:00Z")),
            ("0000-00-00 00:00:00", Tz::UTC, None),
            ("", Tz::UTC, None),
            ("soon", Tz::UTC, None),
        ] {
            assert_eq!(parse(text, timezone), wanted.map(utc), "{text} {timezone}");
        }
    }

    // Seen with `new DateTime($text, new DateTimeZone($zone))` in PHP 8.2.
    #[test]
    fn daylight_saving_is_read_as_php_reads_it() {
        for (timezone, text, wanted) in [
            (Tz::Europe__Berlin, "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
            (Tz::Europe__Berlin, "2026-03-29 02:30:00", "2026-03-29T01:30:00Z"),
            (Tz::Europe__Berlin, "2026-10-25 01:59:59", "2026-10-24T23:59:59Z"),
            (Tz::Europe__Berlin, "2026-10-25 02:30:00", "2026-10-25T01:30:00Z"),
            (Tz::America__New_York, "2026-11-01 01:30:00", "2026-11-01T05:30:00Z"),
            (Tz::America__New_York, "2026-03-08 02:30:00", "2026-03-08T07:30:00Z"),
            (Tz::Australia__Sydney, "2026-04-05 02:30:00", "2026-04-04T16:30:00Z"),
        ] {
            assert_eq!(parse(text, timezone), Some(utc(wanted)), "S3.8 {timezone} {text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for timezone in [Tz::UTC, Tz::Asia__Dhaka, Tz::Europe__Berlin, Tz::America__St_Johns] {
            for hour in 0..8760 {
                let instant = utc("2026-01-01T00:00:00Z") + TimeDelta::hours(hour);
                let read = parse(&format(instant, timezone), timezone).unwrap();
                // The hour that happens twice reads as one of the two.
                assert!((instant - read).abs() <= TimeDelta::hours(1), "{timezone} {instant} {read}");
                assert_eq!(format(read, timezone), format(instant, timezone));
            }
        }
    }
}
