//! Who is syncing a domain at present (S7.5), kept in front of everything else in `sync_metadata`.
//!
//! It ends by itself: whoever dies holds a domain for no longer than `until`.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::value::RawValue;

/// The key in `sync_metadata`.
pub(crate) const KEY: &str = "lease";

/// What a metadata with a lease starts with.
const OPENING: &str = r#"{"lease":{"by":""#;
const MIDDLE: &str = r#"","until":""#;
const CLOSING: &str = r#""}"#;

/// Hexadecimal digits of a holder.
const BY: usize = 16;
/// `2026-11-23T02:43:43+00:00`.
const UNTIL: usize = 25;

/// A batch's or a single sync's hold on a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The holder: sixteen hexadecimal digits, another number for each call.
    by: String,
    /// When it ends, unless it is renewed.
    until: DateTime<Utc>,
}

impl Lease {
    /// A lease for the holder of this number.
    pub fn new(holder: u64, until: DateTime<Utc>) -> Self {
        Self { by: format!("{holder:016x}"), until }
    }

    /// The lease in a `sync_metadata`, where one is there as this library writes it.
    pub fn read(metadata: &str) -> Option<Self> {
        let (lease, _) = split(metadata)?;
        Some(lease)
    }

    /// Whether it still holds.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        now < self.until
    }

    /// When it ends, unless it is renewed.
    pub fn until(&self) -> DateTime<Utc> {
        self.until
    }

    /// Whether both are of one holder.
    pub fn is_of(&self, other: &Self) -> bool {
        self.by == other.by
    }

    /// A `sync_metadata` with this lease, instead of the one that it has.
    ///
    /// One that is no JSON object, such as the empty array that PHP makes of an empty one, is left out: the next sync
    /// would make it anew.
    pub fn put(&self, metadata: Option<&str>) -> String {
        let rest = metadata.map_or(Cow::Borrowed(""), without).into_owned();
        let is_object = serde_json::from_str::<&RawValue>(&rest).is_ok() && rest.starts_with('{');
        let members = if is_object { rest.trim()[1..].trim_start() } else { "}" };
        let until = self.until.to_rfc3339_opts(SecondsFormat::Secs, false);
        let comma = if members == "}" { "" } else { "," };
        format!("{OPENING}{}{MIDDLE}{until}{CLOSING}{comma}{members}", self.by)
    }
}

/// A `sync_metadata` without the lease that it may have.
pub(crate) fn without(metadata: &str) -> Cow<'_, str> {
    match split(metadata) {
        None => Cow::Borrowed(metadata),
        Some((_, members)) => Cow::Owned(format!("{{{}", members.strip_prefix(',').unwrap_or(members))),
    }
}

/// A `sync_metadata` whose lease ends without anything else to note; NULL where there was nothing else.
pub(crate) fn end(metadata: &str) -> Option<String> {
    let rest = without(metadata);
    (rest != "{}").then(|| rest.into_owned())
}

/// Whether two metadata are the same, but for the time to which one holder's lease was renewed.
pub(crate) fn same_but_for_time(one: Option<&str>, other: Option<&str>) -> bool {
    if one == other {
        return true;
    }
    match (one.and_then(split), other.and_then(split)) {
        (Some((one, rest)), Some((other, other_rest))) => one.is_of(&other) && rest == other_rest,
        _ => false,
    }
}

/// The lease, and what follows its object.
fn split(metadata: &str) -> Option<(Lease, &str)> {
    let rest = metadata.strip_prefix(OPENING)?;
    let (by, rest) = rest.split_at_checked(BY)?;
    let (until, rest) = rest.strip_prefix(MIDDLE)?.split_at_checked(UNTIL)?;
    let members = rest.strip_prefix(CLOSING)?;
    let until = DateTime::parse_from_rfc3339(until).ok()?.to_utc();
    Some((Lease { by: by.to_owned(), until }, members))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_lease_stands_first_and_goes_without_a_trace() {
        let lease = Lease::new(0xdead_beef, at("2026-11-23T02:43:43Z"));
        for before in [r#"{"a":1,"b":{"lease":2}}"#, "{}", r#"{"theirs":"\u00e9"}"#] {
            let with = lease.put(Some(before));
            assert!(
                with.starts_with(r#"{"lease":{"by":"00000000deadbeef","until":"2026-11-23T02:43:43+00:00"}"#),
                "S7.5 {with}"
            );
            assert_eq!(Lease::read(&with), Some(lease.clone()));
            assert_eq!(without(&with), before);
            let value: Value = serde_json::from_str(&with).unwrap();
            let mut rest = value.as_object().cloned().unwrap();
            rest.remove(KEY);
            assert_eq!(Value::Object(rest), serde_json::from_str::<Value>(before).unwrap(), "{with}");
        }
    }

    #[test]
    fn another_lease_takes_the_place_of_the_first() {
        let first = Lease::new(1, at("2026-11-23T02:43:43Z"));
        let second = Lease::new(2, at("2026-11-23T03:00:00Z"));
        let with = second.put(Some(&first.put(Some(r#"{"a":1}"#))));
        assert_eq!(with, second.put(Some(r#"{"a":1}"#)));
        assert!(!second.is_of(&first) && second.is_of(&Lease::new(2, at("2027-01-01T00:00:00Z"))));
    }

    #[test]
    fn what_is_no_object_is_made_one() {
        let lease = Lease::new(1, at("2026-11-23T02:43:43Z"));
        for before in [None, Some(""), Some("[]"), Some("{broken"), Some("7"), Some("null")] {
            let with = lease.put(before);
            assert_eq!((&*without(&with), end(&with)), ("{}", None), "{before:?}");
            assert!(serde_json::from_str::<Value>(&with).unwrap().is_object());
        }
    }

    #[test]
    fn a_renewed_lease_changes_nothing_and_another_one_does() {
        let text = |holder, until, rest| Some(Lease::new(holder, at(until)).put(Some(rest)));
        let before = text(1, "2026-11-23T02:43:43Z", r#"{"a":1}"#);
        let same = |other: Option<String>| same_but_for_time(before.as_deref(), other.as_deref());
        assert!(same(text(1, "2026-11-23T03:00:00Z", r#"{"a":1}"#)), "S2.4");
        assert!(!same(text(2, "2026-11-23T03:00:00Z", r#"{"a":1}"#)), "S7.5");
        assert!(!same(text(1, "2026-11-23T03:00:00Z", r#"{"a":2}"#)), "S2.4");
        assert!(!same(None) && !same(Some(r#"{"a":1}"#.to_owned())));
        assert!(same_but_for_time(None, None));
    }

    #[test]
    fn it_holds_until_its_end() {
        let lease = Lease::new(1, at("2026-11-23T02:43:43Z"));
        assert!(lease.holds(at("2026-11-23T02:43:42Z")));
        assert!(!lease.holds(at("2026-11-23T02:43:43Z")));
    }

    #[test]
    fn what_only_looks_like_a_lease_is_none() {
        for text in [
            r#"{"lease":7}"#,
            r#"{"lease":{"by":"x","until":"2026-11-23T02:43:43+00:00"}}"#,
            r#"{"lease":{"by":"00000000deadbeef","until":"2026-11-23T02:43:4é+00:00"}}"#,
            r#"{"lease":{"by":"0000000000000000"#,
        ] {
            assert_eq!(Lease::read(text), None, "{text}");
            assert_eq!(without(text), text);
        }
    }
}
