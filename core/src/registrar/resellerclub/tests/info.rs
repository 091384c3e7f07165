use serde_json::json;

use super::*;
use crate::model::{Contact, ContactField, ContactType, DomainStatus, Field, StatusMeaning};

/// Reads a domain from a server that answers its details with this.
async fn read(domain: &str, body: impl Into<String>) -> Result<RemoteDomain> {
    let body = body.into();
    let server = Server::start(move |_| Reply::json(200, &body)).await;
    account(&server).info(&context(), &name(domain)).await
}

fn jane() -> Contact {
    Contact::default()
        .with(ContactField::FirstName, "Jane")
        .with(ContactField::LastName, "Doe")
        .with(ContactField::Organization, "Example Ltd")
        .with(ContactField::Email, "jane@example.com")
        .with(ContactField::Phone, "+44.2079460000")
        .with(ContactField::Address, "1 High Street, Floor 2")
        .with(ContactField::City, "London")
        .with(ContactField::State, "Greater London")
        .with(ContactField::PostalCode, "EC1A 1AA")
        .with(ContactField::Country, "GB")
}

fn hosts(domain: &RemoteDomain) -> Vec<&str> {
    domain.nameservers.known().unwrap().iter().collect()
}

#[tokio::test]
async fn one_request_reads_a_domain_whole() {
    let server = Server::start(|_| Reply::json(200, fixture!("details_by_name/active.json"))).await;
    let context = context();
    let domain = account(&server).info(&context, &name("example.com")).await.unwrap();

    assert_eq!(domain.name, name("example.com"));
    assert_eq!(domain.remote_id.as_deref(), Some("84372632"));
    assert_eq!(domain.status.words, "Active");
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert_eq!(domain.expires_at, Field::Known(Utc.with_ymd_and_hms(2027, 11, 15, 22, 13, 20).unwrap()));
    assert_eq!(hosts(&domain), ["ns1.example.net", "ns2.example.net"]);
    for kind in ContactType::ALL {
        assert_eq!(domain.contacts.get(kind), Some(&jane()), "{kind}");
    }
    assert_eq!((domain.change_marker.as_deref(), domain.warnings.as_slice()), (None, [].as_slice()));
    assert_silent(&format!("{domain:?}"));

    let requests = server.requests();
    assert_eq!((context.requests(), requests.len()), (1, 1));
    assert_eq!(requests[0].path(), "/api/domains/details-by-name.json");
    assert_eq!(asked(&requests[0]), pairs(&[("domain-name", "example.com"), ("options", "All")]));
}

#[tokio::test]
async fn an_expired_domain_on_hold_is_in_its_grace_period_with_all_its_nameservers_in_order() {
    let domain = read("example.com", fixture!("details_by_name/expired_on_hold.json")).await.unwrap();
    assert_eq!(domain.status.words, "Active, renewhold");
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::GracePeriod), "S3.2");
    assert_eq!(domain.expires_at, Field::Known(Utc.with_ymd_and_hms(2025, 11, 14, 22, 13, 20).unwrap()));
    let wanted: Vec<_> = (1..=11).map(|number| format!("ns{number}.parking.example.net")).collect();
    assert_eq!(hosts(&domain), wanted, "S3.5: by number, not by text");
}

#[tokio::test]
async fn the_configured_grace_days_of_a_tld_decide_between_grace_and_expired() {
    let ended = changed(
        fixture!("details_by_name/active.json"),
        &json!({"endtime": (now().timestamp() - 40 * 86_400).to_string()}),
    );
    for (days, status) in [(None, DomainStatus::Expired), (Some(45), DomainStatus::GracePeriod)] {
        let body = ended.clone();
        let server = Server::start(move |_| Reply::json(200, &body)).await;
        let mut config = config(&server);
        config.grace_days_by_tld.extend(days.map(|days| ("com".to_owned(), days)));
        let account = ResellerClub::new("resellerclub", &credentials(), &config).unwrap();
        let domain = account.info(&context(), &name("example.com")).await.unwrap();
        assert_eq!(domain.status.meaning, StatusMeaning::Known(status), "S3.1 {days:?}");
    }
}

#[tokio::test]
async fn contacts_that_come_as_ids_are_fetched_once_each() {
    let server = Server::start(|request| match (request.path(), request.value("contact-id").as_deref()) {
        ("/api/domains/details-by-name.json", _) => Reply::json(200, fixture!("details_by_name/pending_transfer.json")),
        ("/api/contacts/details.json", Some("70000001")) => Reply::json(200, fixture!("contact/jane.json")),
        ("/api/contacts/details.json", Some("70000002")) => Reply::json(200, fixture!("contact/deleted.json")),
        _ => Reply::json(500, r#"{"status":"ERROR","message":"Invalid contact-id"}"#),
    })
    .await;
    let context = context();
    let domain = account(&server).info(&context, &name("example.com")).await.unwrap();

    assert_eq!(domain.status.words, "InActive, AddTransferDomain");
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::PendingTransfer), "S3.3");
    assert_eq!((domain.expires_at, domain.nameservers), (Field::Absent, Field::Absent), "S2.3");
    let registrant = jane().with(ContactField::Address, "1 High Street");
    assert_eq!(domain.contacts.get(ContactType::Registrant), Some(&registrant));
    assert_eq!(domain.contacts.get(ContactType::Admin), Some(&registrant));
    assert_eq!(domain.contacts.get(ContactType::Tech), None, "a deleted contact is no contact");
    assert_eq!(domain.contacts.get(ContactType::Billing), None, "-1 is no id");
    assert_eq!(domain.warnings, ["contacts.tech: contact 70000002 is deleted; the local value stays"], "S2.3");
    assert_eq!(context.requests(), 3, "the details, and each of two contacts once");
}

#[tokio::test]
async fn a_contact_that_cannot_be_reached_fails_the_domain_so_that_it_is_tried_again() {
    let server = Server::start(|request| match request.path() {
        "/api/domains/details-by-name.json" => Reply::json(200, fixture!("details_by_name/pending_transfer.json")),
        _ => Reply::with(504, "Content-Type: text/html\r\n", fixture!("error/gateway.html")),
    })
    .await;
    let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "S6.2");
}

#[tokio::test]
async fn an_answer_about_another_contact_is_not_used() {
    let server = Server::start(|request| match request.path() {
        "/api/domains/details-by-name.json" => {
            let ids = json!({"registrantcontactid": "70000009", "admincontactid": "", "techcontactid": "0", "billingcontactid": null});
            Reply::json(200, changed(fixture!("details_by_name/pending_transfer.json"), &ids))
        }
        _ => Reply::json(200, fixture!("contact/jane.json")),
    })
    .await;
    let context = context();
    let domain = account(&server).info(&context, &name("example.com")).await.unwrap();
    assert_eq!(domain.contacts.iter().count(), 0, "S2.5");
    assert_eq!((context.requests(), domain.warnings.len()), (2, 1));
}

#[tokio::test]
async fn an_answer_full_of_oddities_reads_as_what_it_means() {
    let domain = read("example.co.uk", fixture!("details_by_name/sparse.json")).await.unwrap();
    assert_eq!((domain.name.as_str(), domain.remote_id.as_deref()), ("example.co.uk", Some("84372633")));
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert_eq!(domain.expires_at, Field::Known(DateTime::from_timestamp(1_826_316_800, 0).unwrap()));
    assert_eq!(hosts(&domain), ["ns1.example.net"]);
    let registrant = domain.contacts.get(ContactType::Registrant).unwrap();
    assert_eq!(registrant.get(ContactField::Phone), Some("+44.2079460000"), "the code is not told twice");
    assert_eq!(registrant.get(ContactField::Address), Some("1 High Street"));
    for field in [ContactField::Organization, ContactField::State] {
        assert_eq!(registrant.get(field), None, "S2.3 {field:?}");
    }
    assert_eq!(domain.contacts.iter().count(), 1);
    assert!(domain.warnings.is_empty());
}

#[tokio::test]
async fn while_privacy_is_on_the_service_never_stands_for_the_person() {
    let domain = read("example.com", fixture!("details_by_name/private.json")).await.unwrap();
    assert_eq!(domain.contacts.get(ContactType::Registrant), Some(&jane()), "S3.6");
    assert_eq!(domain.contacts.get(ContactType::Billing), None, "S3.6");
}

#[tokio::test]
async fn an_answer_about_another_domain_or_none_changes_nothing() {
    let active = fixture!("details_by_name/active.json");
    for (body, part) in [
        (changed(active, &json!({"domainname": "example.org"})), "`example.org`"),
        (changed(active, &json!({"domainname": "example.com.evil.test"})), "`example.com.evil.test`"),
        (changed(active, &json!({"domainname": "not a name"})), "`not a name`"),
        (changed(active, &json!({"domainname": null, "description": "example.net"})), "`example.net`"),
        (changed(active, &json!({"domainname": [], "description": ""})), "names no domain"),
        ("{}".to_owned(), "names no domain"),
    ] {
        let error = read("example.com", body).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.registrar()),
            (ErrorKind::InvalidResponse, Some("resellerclub")),
            "S2.5 {error}"
        );
        assert!(error.message().contains(part), "{error}");
    }
    let by_description = changed(active, &json!({"domainname": null, "description": "EXAMPLE.com."}));
    assert_eq!(read("example.com", by_description).await.unwrap().name, name("example.com"));
    let unicode = changed(active, &json!({"domainname": "Bücher.example"}));
    assert_eq!(read("xn--bcher-kva.example", unicode).await.unwrap().name, name("xn--bcher-kva.example"));
}

#[tokio::test]
async fn an_end_that_makes_no_sense_is_reported_and_leaves_the_rest() {
    let over_eleven_years = (now().timestamp() + 4020 * 86_400).to_string();
    for end in [
        "0",
        "1",
        "86399",
        "-62135596800",
        "-1",
        "soon",
        "1826316800000",
        "99999999999999999999",
        "2027-11-16",
        &over_eleven_years,
    ] {
        let body = changed(fixture!("details_by_name/active.json"), &json!({"endtime": end}));
        let domain = read("example.com", body).await.unwrap();
        assert!(
            matches!(&domain.expires_at, Field::Unreadable(text) if text.contains(end)),
            "S3.4 {end}: {:?}",
            domain.expires_at
        );
        assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active), "S2.3 {end}");
        assert_eq!(hosts(&domain).len(), 2);
    }
    for end in [json!(""), json!(null), json!({}), json!("  ")] {
        let body = changed(fixture!("details_by_name/active.json"), &json!({"endtime": end}));
        assert_eq!(read("example.com", body).await.unwrap().expires_at, Field::Absent, "S2.3 {end}");
    }
    let ten_years = now().timestamp() + 3652 * 86_400;
    let body = changed(fixture!("details_by_name/active.json"), &json!({"endtime": ten_years}));
    assert_eq!(read("example.com", body).await.unwrap().expires_at.known().unwrap().timestamp(), ten_years);
}

#[tokio::test]
async fn nameservers_count_whole_or_not_at_all() {
    let active = fixture!("details_by_name/active.json");
    for (changes, part) in [
        (json!({"ns2": "not a host"}), "not a host"),
        (json!({"noOfNameServers": "4"}), "2 of 4"),
        (json!({"ns2": ""}), "1 of 2"),
    ] {
        let domain = read("example.com", changed(active, &changes)).await.unwrap();
        assert!(
            matches!(&domain.nameservers, Field::Unreadable(text) if text.contains(part)),
            "S2.5 {changes}: {:?}",
            domain.nameservers
        );
    }
    let none =
        read("example.com", changed(active, &json!({"ns1": "", "ns2": null, "noOfNameServers": "0"}))).await.unwrap();
    assert_eq!(none.nameservers, Field::Absent, "S2.3");
    let other_keys = json!({"ns": "a.example", "nsx": "b.example", "ns1a": "c.example", "ns+3": "d.example", "noOfNameServers": "x"});
    assert_eq!(
        hosts(&read("example.com", changed(active, &other_keys)).await.unwrap()),
        ["ns1.example.net", "ns2.example.net"]
    );
}

#[tokio::test]
async fn a_registrant_who_has_not_verified_is_a_warning() {
    let body = changed(
        fixture!("details_by_name/active.json"),
        &json!({"currentstatus": "Pending Verification", "raaVerificationStatus": "Pending"}),
    );
    let domain = read("example.com", body).await.unwrap();
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active), "S3.1");
    assert_eq!(domain.warnings.len(), 1);
}

#[tokio::test]
async fn phone_numbers_are_joined_from_code_and_number() {
    for (code, number, phone) in [
        ("44", "2079460000", Some("+44.2079460000")),
        ("44", "442079460000", Some("+44.2079460000")),
        ("+44", "+442079460000", Some("+44.2079460000")),
        ("0044", "00442079460000", Some("+44.2079460000")),
        ("880", "8801711000000", Some("+880.1711000000")),
        ("354", "3545812345", Some("+354.5812345")),
        ("1", "12025550123", Some("+1.2025550123")),
        // Mobile numbers of Kazakhstan and Italy start with the digits of their code.
        ("7", "7012345678", Some("+7.7012345678")),
        ("39", "3921234567", Some("+39.3921234567")),
        ("", "2079460000", Some("2079460000")),
        ("44", "", None),
    ] {
        let mut person = json!({"name": "Jane Doe", "telnocc": code, "telno": number});
        person["contactid"] = json!("70000001");
        let body = changed(fixture!("details_by_name/active.json"), &json!({"registrantcontact": person}));
        let domain = read("example.com", body).await.unwrap();
        let registrant = domain.contacts.get(ContactType::Registrant).unwrap();
        assert_eq!(registrant.get(ContactField::Phone), phone, "{code} {number}");
    }
}
