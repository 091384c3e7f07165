use super::status::{Moment, State};
use super::*;
use DomainStatus::{Active, Expired, GracePeriod, Redemption, Suspended};
use StatusMeaning::{Absent, AwaitingRegistration, Known, Unknown};

#[test]
fn every_line_of_the_table_of_statuses_is_the_status_that_it_says() {
    let stage = |word: &str| Some(Stage::read(word));
    let lines = [
        ("Registered", "Paid", Some(1), None, false, Known(Active)),
        ("REGISTERED", "paid", Some(1), None, false, Known(Active)),
        ("Registered", "Paid", Some(-1), None, false, Unknown),
        ("Registered", "Paid", Some(-1), stage("Expired"), false, Known(GracePeriod)),
        ("Expired", "Paid", Some(-1), stage("Expired"), false, Known(GracePeriod)),
        ("Expired", "Paid", Some(-29), stage("expired"), false, Known(GracePeriod)),
        ("Expired", "Paid", Some(-30), stage("Expired"), false, Known(Expired)),
        ("Expired", "Paid", Some(-1), None, false, Unknown),
        ("Expired", "Paid", Some(-35), stage("RGP"), false, Known(Redemption)),
        ("Expired", "Paid", Some(-60), stage("Extended RGP"), true, Known(Redemption)),
        ("Expired", "Paid", Some(-60), stage("Marinated"), false, Unknown),
        ("Processing", "Processing", None, None, false, AwaitingRegistration),
        ("Registered", "Processing", Some(1), None, false, AwaitingRegistration),
        ("Registered", "Paid", Some(1), None, true, Known(Suspended)),
        ("Registered", "Paid", Some(-1), stage("Expired"), true, Known(GracePeriod)),
        ("Registered", "Null", Some(1), None, false, Unknown),
        ("Registered", "", Some(1), None, false, Unknown),
        ("Registered", "Paid", None, None, false, Unknown),
        ("Hosted", "Paid", Some(1), None, false, Unknown),
        ("Null", "Null", Some(1), None, true, Unknown),
        ("Marinated", "Paid", Some(-1), None, false, Unknown),
        ("", "Paid", Some(1), None, false, Absent),
    ];
    for (registration, purchase, days, stage, is_held, meaning) in lines {
        let word = |word: &'static str| Some(word).filter(|word| !word.is_empty());
        let state = State {
            registration: word(registration),
            purchase: word(purchase),
            stage,
            is_held,
            end: days.map(|days| now() + TimeDelta::days(days)),
        };
        assert_eq!(status::read(&state, now(), 30), meaning, "S3.1, S3.2 {state:?}");
    }
}

/// "`M/D/YYYY h:mm:ss AM|PM`, no leading zeros, US order, no zone … Zone: US Pacific"
#[test]
fn a_wall_clock_is_pacific_time_with_its_summers() {
    for (text, instant) in [
        ("1/30/2027 5:23:00 PM", Some(utc(2027, 1, 31, 1, 23))),
        ("7/4/2027 5:23:00 PM", Some(utc(2027, 7, 5, 0, 23))),
        ("1/1/2027 12:05:00 AM", Some(utc(2027, 1, 1, 8, 5))),
        ("1/1/2027 12:05 pm", Some(utc(2027, 1, 1, 20, 5))),
        // The hour that comes twice, and the one that never comes.
        ("11/1/2026 1:30:00 AM", Some(utc(2026, 11, 1, 8, 30))),
        ("3/14/2027 2:30:00 AM", Some(utc(2027, 3, 14, 10, 30))),
        ("1/30/2027 17:23:00 PM", None),
        ("1/30/2027 0:23:00 AM", None),
        ("1/30/2027 5:23:00", None),
        ("1/30/2027 5:23:00 PM PST", None),
        ("30/1/2027 5:23:00 PM", None),
        ("1/30/2027 5:23:99 PM", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(Moment::read(text), instant.map(Moment::Instant), "S3.8 {text}");
    }
    // The last second of the day there.
    assert_eq!(Moment::read("1/30/2027"), Some(Moment::Day(utc(2027, 1, 31, 7, 59) + TimeDelta::seconds(59))));
}
