//! The table of what differs and what does not, by the rules of S3.

use proptest::prelude::*;

use super::*;
use crate::model::{Contacts, DomainName, RemoteStatus};
use crate::sync::testing::{jane, local, remote};

fn status(words: &str, meaning: StatusMeaning) -> RemoteStatus {
    RemoteStatus { words: words.to_owned(), meaning }
}

#[test]
fn what_is_in_step_is_no_change() {
    let found = diff(&local("example.com"), &remote("example.com"), Mode::Full);
    assert_eq!(found, Diff::default());
}

#[test]
fn the_registrar_decides_the_status_where_its_words_are_known() {
    use DomainStatus::*;
    for (here, meaning, wanted, rule) in [
        (Active, StatusMeaning::Known(Expired), Some(Expired), "S2.1"),
        (Expired, StatusMeaning::Known(Active), Some(Active), "S2.6"),
        (Active, StatusMeaning::Unknown, None, "S3.1"),
        (Suspended, StatusMeaning::Unknown, None, "S3.1"),
        (Suspended, StatusMeaning::Absent, None, "S2.3"),
        (Suspended, StatusMeaning::Kept, None, "done to a domain as it is"),
        (Active, StatusMeaning::Gone, None, "S2.5"),
        (PendingRegistration, StatusMeaning::AwaitingRegistration, None, "in step"),
        (Active, StatusMeaning::AwaitingRegistration, None, "a registered domain does not go back"),
        (PendingTransfer, StatusMeaning::Known(Active), None, "S3.3"),
        (TransferInProgress, StatusMeaning::Known(Expired), None, "S3.3"),
        (TransferApproved, StatusMeaning::Known(Active), None, "S3.3"),
        (TransferFailed, StatusMeaning::Known(Active), Some(Active), "S2.1"),
    ] {
        let mut here_domain = local("example.com");
        here_domain.status = here;
        let mut there = remote("example.com");
        there.status = status("words", meaning);
        let found = diff(&here_domain, &there, Mode::StatusOnly);
        assert_eq!(found.status, wanted, "{rule}: {here} {meaning:?}");
        assert_eq!(found.transfer_in_progress, here.is_transfer_flow(), "S3.3");
        assert_eq!(found.changes.is_empty(), wanted.is_none(), "{rule}");
    }
}

#[test]
fn unknown_words_are_kept_and_told() {
    let mut there = remote("example.com");
    there.status = status("Quarantined", StatusMeaning::Unknown);
    let found = diff(&local("example.com"), &there, Mode::Full);
    assert_eq!(found.unknown_status.as_deref(), Some("Quarantined"), "S3.1");
    assert!(found.warnings[0].contains("Quarantined"), "S3.1");
}

#[test]
fn expiry_is_compared_by_the_day() {
    for (there, changed) in [
        ("2027-11-14T00:00:00Z", false),
        ("2027-11-14T23:59:59Z", false),
        ("2027-11-15T00:00:00Z", true),
        ("2028-11-14T22:13:20Z", true),
    ] {
        let mut domain = remote("example.com");
        domain.expires_at = Field::Known(there.parse().unwrap());
        let found = diff(&local("example.com"), &domain, Mode::Full);
        assert_eq!(found.expires_at, changed.then(|| there.parse().unwrap()), "S3.4 {there}");
    }
    let mut domain = remote("example.com");
    domain.expires_at = Field::Known("2028-11-14T22:13:20Z".parse().unwrap());
    let found = diff(&local("example.com"), &domain, Mode::Full);
    let change = found.changes.get("expires_at").unwrap();
    assert_eq!((&change.old, &change.new), (&json!("2027-11-14"), &json!("2028-11-14")), "S4.3");
}

#[test]
fn what_was_not_sent_or_not_readable_stays() {
    let mut there = remote("example.com");
    there.expires_at = Field::Unreadable("endtime 0".into());
    there.nameservers = Field::Known(Nameservers::default());
    there.contacts = Contacts::default();
    let found = diff(&local("example.com"), &there, Mode::Full);
    assert!(found.changes.is_empty(), "S2.3");
    assert_eq!(found.warnings, ["expires_at is unreadable: endtime 0; the local one stays"], "S2.3");
}

#[test]
fn nameservers_differ_as_sets_whatever_their_number() {
    let hosts: Vec<String> = (1..=13).map(|n| format!("ns{n}.example.org")).collect();
    let mut there = remote("example.com");
    there.nameservers = Field::Known(Nameservers::parse(["NS2.example.net.", "ns1.example.net"]).0);
    assert!(diff(&local("example.com"), &there, Mode::Full).changes.is_empty(), "S3.5");
    there.nameservers = Field::Known(Nameservers::parse(&hosts).0);
    let found = diff(&local("example.com"), &there, Mode::Full);
    assert_eq!(found.nameservers.unwrap().iter().collect::<Vec<_>>(), hosts, "S3.5: 13 of them");
    there.nameservers = Field::Known(Nameservers::parse((1..=14).map(|n| format!("ns{n}.example.org"))).0);
    let found = diff(&local("example.com"), &there, Mode::Full);
    assert!(found.nameservers.is_none() && found.warnings.len() == 1, "S2.3");
}

#[test]
fn contacts_are_compared_by_field() {
    for (field, value, changed) in [
        (ContactField::City, "Leeds", true),
        (ContactField::City, "London", false),
        (ContactField::Email, "Jane@Example.com", false),
        (ContactField::Phone, "+442079460000", false),
        (ContactField::Phone, "+44.2079460001", true),
        (ContactField::Country, "gb", false),
        (ContactField::Country, "United Kingdom", false),
        (ContactField::Organization, "REDACTED FOR PRIVACY", false),
    ] {
        let mut there = remote("example.com");
        there.contacts.set(ContactType::Registrant, jane().with(field, value));
        let found = diff(&local("example.com"), &there, Mode::Full);
        assert_eq!(!found.changes.is_empty(), changed, "S3.6 {field:?} {value}");
    }
}

#[test]
fn a_contact_that_is_not_there_is_added_only_when_it_is_whole() {
    let mut there = remote("example.com");
    there.contacts.set(ContactType::Tech, jane());
    let found = diff(&local("example.com"), &there, Mode::Full);
    assert!(matches!(&found.contacts[..], [ContactWrite::Insert { kind: ContactType::Tech, .. }]), "S3.6");
    let mut partial = jane();
    partial.set(ContactField::Phone, "");
    there.contacts.set(ContactType::Tech, partial);
    let found = diff(&local("example.com"), &there, Mode::Full);
    assert!(found.contacts.is_empty(), "S2.3: no phone is invented");
    assert_eq!(found.warnings, ["contacts.tech is not added: the registrar sent no phone"]);
}

#[test]
fn a_status_only_sync_looks_at_nothing_else() {
    let mut there = remote("example.com");
    there.expires_at = Field::Known("2028-11-14T22:13:20Z".parse().unwrap());
    there.nameservers = Field::Known(Nameservers::parse(["ns9.example.org"]).0);
    assert_eq!(diff(&local("example.com"), &there, Mode::StatusOnly), Diff::default(), "S3.7");
}

fn any_status() -> impl Strategy<Value = DomainStatus> {
    prop::sample::select(DomainStatus::ALL.to_vec())
}

fn any_contact() -> impl Strategy<Value = Contact> {
    prop::collection::vec("[a-zA-Z]{1,12}", ContactField::ALL.len()).prop_map(|values| {
        let mut contact = Contact::default();
        for (field, value) in ContactField::ALL.into_iter().zip(&values) {
            contact.set(field, value);
        }
        contact.with(ContactField::Country, "BD").with(ContactField::Phone, "+880.1700000000")
    })
}

fn any_local() -> impl Strategy<Value = LocalDomain> {
    let hosts = prop::collection::vec("ns[0-9]{1,2}\\.[a-z]{2,6}\\.net", 0..14);
    (any_status(), prop::option::of(0i64..4_000_000_000), hosts, prop::option::of(any_contact())).prop_map(
        |(status, expires, hosts, contact)| LocalDomain {
            status,
            expires_at: expires.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
            nameservers: hosts,
            contacts: contact
                .map(|contact| LocalContact { id: 7, kind: ContactType::Admin, contact })
                .into_iter()
                .collect(),
            ..local("example.com")
        },
    )
}

fn any_remote() -> impl Strategy<Value = RemoteDomain> {
    any_local().prop_map(|like| {
        let mut contacts = Contacts::default();
        for row in &like.contacts {
            contacts.set(row.kind, row.contact.clone());
        }
        RemoteDomain {
            name: DomainName::parse("example.com").unwrap(),
            status: status("words", StatusMeaning::Known(like.status)),
            expires_at: like.expires_at.map_or(Field::Absent, Field::Known),
            nameservers: Field::Known(Nameservers::parse(&like.nameservers).0),
            contacts,
            ..remote("example.com")
        }
    })
}

proptest! {
    #[test]
    fn what_was_written_is_in_step_the_next_time(here in any_local(), there in any_remote()) {
        let first = diff(&here, &there, Mode::Full);
        let after = first.apply(&here);
        prop_assert!(diff(&after, &there, Mode::Full).changes.is_empty(), "{first:?}");
    }

    #[test]
    fn every_change_is_told_once_with_two_different_values(here in any_local(), there in any_remote()) {
        let found = diff(&here, &there, Mode::Full);
        let mut fields: Vec<_> = found.changes.0.iter().map(|change| change.field.clone()).collect();
        prop_assert!(found.changes.0.iter().all(|change| change.old != change.new));
        fields.sort();
        fields.dedup();
        prop_assert_eq!(fields.len(), found.changes.len());
    }
}
