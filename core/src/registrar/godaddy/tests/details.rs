use super::*;
use crate::model::{ContactField, ContactType};

async fn read_as(status: u16, body: impl AsRef<[u8]> + Send + Sync + 'static, domain: &str) -> Result<RemoteDomain> {
    let server = Server::start(move |_| Reply::json(status, body.as_ref())).await;
    account(&server).info(&context(), &name(domain)).await
}

async fn read(body: &'static str) -> RemoteDomain {
    read_as(200, body, "example.com").await.unwrap()
}

#[tokio::test]
async fn a_domain_is_one_request_and_comes_whole() {
    let server = Server::start(|_| Reply::json(200, fixture!("info/ok.json"))).await;
    let domain = account(&server).info(&context(), &name("example.com")).await.unwrap();
    let requests = server.requests();
    assert_eq!((requests.len(), asked(&requests[0])), (1, ("v1/domains/example.com", Vec::new())));
    assert_eq!(domain.name, name("example.com"));
    assert_eq!(
        (domain.status.words.as_str(), domain.status.meaning),
        ("ACTIVE", StatusMeaning::Known(DomainStatus::Active))
    );
    assert_eq!(domain.expires_at, Field::Known(Utc.with_ymd_and_hms(2027, 5, 12, 19, 18, 4).unwrap()), "S3.4");
    let hosts: Vec<_> = domain.nameservers.known().unwrap().iter().collect();
    assert_eq!(hosts, ["ns1.example.net", "ns2.example.net"], "S3.5");
    let kinds: Vec<_> = domain.contacts.iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ContactType::ALL);
    let told: Vec<_> = domain.contacts.get(ContactType::Registrant).unwrap().iter().map(|(_, value)| value).collect();
    let wanted = [
        "Ada King",
        "Example",
        "Example Ltd",
        "ada@example.com",
        "+1.5555550100",
        "1 Sample Street, Floor 2",
        "Sampletown",
        "WA",
        "98000",
        "US",
    ];
    assert_eq!(told, wanted, "S3.6");
    let admin = domain.contacts.get(ContactType::Admin).unwrap();
    assert_eq!(admin.get(ContactField::LastName), Some("van Example"), "S3.6: no splitting");
    assert_eq!((&domain.remote_id, &domain.change_marker, &domain.warnings), (&None, &None, &Vec::new()));
    // "`authCode` comes unasked with the single call: drop it while decoding"
    assert_silent(&format!("{domain:?}"));
}

#[tokio::test]
async fn what_is_null_or_missing_is_absent() {
    let domain = read(fixture!("info/sparse.json")).await;
    assert_eq!((domain.expires_at, domain.nameservers), (Field::Absent, Field::Absent), "S2.3");
    assert_eq!(domain.contacts.iter().count(), 0, "S2.3");
    assert_eq!(domain.status.meaning, StatusMeaning::Kept, "S3.1");
    assert!(domain.warnings.is_empty());
}

#[tokio::test]
async fn thirteen_nameservers_and_odd_cases_are_read() {
    let domain = read(fixture!("info/thirteen.json")).await;
    assert_eq!(domain.nameservers.known().unwrap().len(), 13, "S3.5");
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
}

/// "203 is success (partial)."
#[tokio::test]
async fn a_203_is_an_answer_with_parts_missing() {
    let domain = read_as(203, fixture!("info/sparse.json"), "example.com").await.unwrap();
    assert!(domain.warnings[0].contains("203"), "S2.3 {:?}", domain.warnings);
}

/// "Names come in A-label form for IDN; … `GET /v1/domains/{domain}` wants the A-label."
#[tokio::test]
async fn an_international_name_is_asked_for_by_its_a_label() {
    let server = Server::start(|_| Reply::json(200, fixture!("info/idn.json"))).await;
    let domain = account(&server).info(&context(), &name("bücher.example")).await.unwrap();
    assert_eq!(asked(&server.requests()[0]).0, "v1/domains/xn--bcher-kva.example");
    let hosts: Vec<_> = domain.nameservers.known().unwrap().iter().collect();
    assert_eq!(hosts, ["ns1.xn--bcher-kva.example", "ns2.xn--bcher-kva.example"], "S3.5");
}

/// "`holdRegistrar: true` beside ACTIVE: the name does not resolve. Map to suspended only if the application wants it;
/// otherwise warn."
#[tokio::test]
async fn a_hold_beside_active_is_a_warning() {
    let domain = read(fixture!("info/held.json")).await;
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert!(domain.warnings[0].contains("holds"), "{:?}", domain.warnings);
}

#[tokio::test]
async fn dates_are_read_in_every_precision_and_zone() {
    for (text, wanted) in [
        ("2027-05-12T19:18:04.000Z", Some("2027-05-12T19:18:04Z")),
        ("2027-05-12T19:18:04Z", Some("2027-05-12T19:18:04Z")),
        ("2027-05-12T12:18:04.167-07:00", Some("2027-05-12T19:18:04.167Z")),
        ("2027-05-12T23:30:00-07:00", Some("2027-05-13T06:30:00Z")),
        ("2027-05-12T19:18:04.1670000", Some("2027-05-12T19:18:04.167Z")),
        ("2027-05-12T19:18:04", Some("2027-05-12T19:18:04Z")),
        ("2027-05-12", Some("2027-05-12T00:00:00Z")),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00.000Z", None),
        ("2038-05-12T19:18:04.000Z", None),
        ("12/05/2027", None),
        ("soon", None),
    ] {
        let body = format!(r#"{{"domain":"example.com","status":"ACTIVE","expires":"{text}"}}"#);
        let domain = read_as(200, body, "example.com").await.unwrap();
        match wanted {
            Some(wanted) => assert_eq!(domain.expires_at, Field::Known(wanted.parse().unwrap()), "S3.4 {text}"),
            None => {
                assert!(matches!(&domain.expires_at, Field::Unreadable(what) if what.contains(text)), "S3.4 {text}")
            }
        }
    }
}

#[tokio::test]
async fn an_answer_about_another_domain_or_none_is_refused() {
    for body in [r#"{"domain":"other.com","status":"ACTIVE"}"#, r#"{"status":"ACTIVE"}"#, r#"{"domain":"-"}"#] {
        let error = read_as(200, body, "example.com").await.unwrap_err();
        assert_eq!((error.kind(), error.registrar()), (ErrorKind::InvalidResponse, Some("godaddy")), "S2.5 {body}");
    }
}
