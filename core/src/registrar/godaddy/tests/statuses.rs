#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

use chrono::TimeZone as _;

use super::*;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 2, 43, 43).unwrap()
}

fn said(word: &str, row: bool, deleted: bool, days_left: Option<i64>) -> StatusMeaning {
    let end = days_left.map(|days| now() + chrono::TimeDelta::days(days));
    read(State { word: Some(word), row, deleted, end }, now()).meaning
}

#[test]
fn each_of_the_225_words_means_what_the_page_s_table_says() {
    let table: [(&str, StatusMeaning, usize); 10] = [
        ("ACTIVE", Known(Active), 1),
        (KEPT, Kept, 69),
        (AWAITING, AwaitingRegistration, 42),
        (TRANSFERRING, Known(PendingTransfer), 21),
        (EXPIRED, Known(Expired), 3),
        ("PARKED_EXPIRED", Known(GracePeriod), 1),
        (REDEMPTION, Known(Redemption), 19),
        (SUSPENDED, Known(Suspended), 14),
        (LEFT, Known(TransferredOut), 4),
        (UNCLEAR, Unknown, 49),
    ];
    let mut all = vec!["CANCELLED", "CANCELLED_HELD"];
    for (words, meaning, count) in table {
        let words: Vec<_> = words.split_ascii_whitespace().collect();
        assert_eq!(words.len(), count, "{meaning:?}");
        for word in &words {
            assert_eq!(said(word, false, false, Some(30)), meaning, "S3.1 {word}");
            assert_eq!(said(&word.to_lowercase(), false, false, None), meaning, "S3.1 {word}");
        }
        all.extend(words);
    }
    for word in ["CANCELLED", "CANCELLED_HELD"] {
        assert_eq!(said(word, false, false, None), Gone, "S2.5: a person looks at {word}");
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 225);
}

#[test]
fn a_word_that_nobody_knows_is_unknown_whatever_its_prefix() {
    for word in ["UNKNOWN", "PENDING_MARINADE", "ACTIVE_ISH", "EXPIRED", "TRANSFERRED", "HELD"] {
        assert_eq!(said(word, false, false, Some(-3)), Unknown, "S3.1 {word}");
    }
}

/// "ACTIVE with `expires` in the past happens in the first days (auto-renew attempts): grace_period."
#[test]
fn an_active_domain_past_its_end_is_in_its_grace_period() {
    for row in [false, true] {
        assert_eq!(said("ACTIVE", row, false, Some(-1)), Known(GracePeriod));
        assert_eq!(said("ACTIVE", row, false, Some(1)), Known(Active));
        assert_eq!(said("PENDING_DNS", row, false, Some(-1)), Kept);
        assert_eq!(said("CONFISCATED", row, false, Some(-1)), Known(Suspended));
    }
}

#[test]
fn a_row_of_what_ended_says_nothing_and_the_details_do() {
    for word in LEFT.split_ascii_whitespace() {
        assert_eq!((said(word, true, false, None), said(word, false, true, None)), (Gone, Known(TransferredOut)));
    }
    assert_eq!(said("CANCELLED_REDEEMABLE", true, true, None), Gone, "S2.5");
    assert_eq!(said("CANCELLED_REDEEMABLE", true, false, None), Known(Redemption));
    let silent = |row| read(State { word: None, row, deleted: false, end: None }, now());
    assert_eq!((silent(true).meaning, silent(false).meaning), (NeedsDetails, Absent), "S2.3");
}

#[test]
fn long_words_are_cut() {
    let words = read(State { word: Some(&"X".repeat(1_000)), row: false, deleted: false, end: None }, now()).words;
    assert_eq!(words.len(), MAX_WORDS);
}

#[test]
fn a_domain_about_to_leave_is_told_of() {
    assert!(leaving("PENDING_TRANSFER_OUT").is_some() && leaving("PENDING_UPDATE_OWNERSHIP_HELD").is_some());
    assert!(leaving("PENDING_UPDATE").is_none() && leaving("ACTIVE").is_none());
}
