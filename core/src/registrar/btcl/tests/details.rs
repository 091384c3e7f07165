use super::*;
use crate::model::{ContactField, ContactType};

async fn read_with(body: String, change: impl FnOnce(&mut RegistrarConfig)) -> RemoteDomain {
    let server = Server::start(move |_| Reply::json(200, &body)).await;
    account_with(&server, change).info(&context(), &name("example.com.bd")).await.unwrap()
}

async fn read(body: &str) -> RemoteDomain {
    read_with(body.to_owned(), |_| ()).await
}

fn ending(date: &str) -> String {
    fixture!("info/ok.json").replace("05/11/2028", date)
}

#[tokio::test]
async fn a_domain_is_one_request_and_comes_with_its_registrant() {
    let server = Server::start(|_| Reply::json(200, fixture!("info/ok.json"))).await;
    let domain = account(&server).info(&context(), &name("example.com.bd")).await.unwrap();
    let requests = server.requests();
    assert_eq!((requests.len(), asked(&requests[0])), (1, ("domain_info.do", json!({"domain": "example.com.bd"}))));
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    // "Day first: `05/11/2025` is 5 November."
    assert_eq!(domain.expires_at, Field::Known(Utc.with_ymd_and_hms(2028, 11, 5, 0, 0, 0).unwrap()), "S3.4");
    let hosts: Vec<_> = domain.nameservers.known().unwrap().iter().collect();
    assert_eq!(hosts, ["ns1.example.net", "ns2.example.net", "ns3.example.net"], "S3.5");
    let kinds: Vec<_> = domain.contacts.iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [ContactType::Registrant], "S2.3");
    let registrant = domain.contacts.get(ContactType::Registrant).unwrap();
    let told: Vec<_> = registrant.iter().map(|(_, value)| value).collect();
    let wanted = ["Jane van", "Doe", "jane@example.com", "+8801234567890", "1 High Street, Dhaka, Bangladesh"];
    assert_eq!(told, wanted, "S3.6: the name is split at its last space, the address is not");
    assert_eq!(registrant.get(ContactField::City), None, "S2.3");
    assert!(domain.warnings.is_empty());
}

/// "`clientNid` is the registrant's national identity number: … drop it when parsing."
#[tokio::test]
async fn the_national_identity_number_is_nowhere() {
    assert!(fixture!("info/ok.json").contains("NID1234"));
    assert_silent(&format!("{:?}", read(fixture!("info/ok.json")).await));
    let server = Server::start(|_| Reply::json(200, fixture!("info/ok.json").replace("example.com.bd", "-"))).await;
    let error = account(&server).info(&context(), &name("example.com.bd")).await.unwrap_err();
    assert_silent(&format!("{error} {error:?}"));
}

#[tokio::test]
async fn the_status_follows_from_the_day_of_the_end() {
    use DomainStatus::{Active, Expired, GracePeriod};
    for (date, days, wanted) in [
        ("24/11/2026", 0, Active),
        // "the end of the expiry day": today is not over.
        ("23/11/2026", 0, Active),
        ("22/11/2026", 0, Expired),
        ("22/11/2026", 30, GracePeriod),
        ("20/10/2026", 30, Expired),
    ] {
        let domain = read_with(ending(date), |config| {
            config.grace_days = 90;
            if days > 0 {
                config.grace_days_by_tld.insert("bd".to_owned(), days);
            }
        })
        .await;
        assert_eq!(domain.status.meaning, StatusMeaning::Known(wanted), "{date} {days}");
    }
}

#[tokio::test]
async fn dates_are_day_first_always() {
    for (date, wanted) in [
        ("05/11/2028", Some((2028, 11, 5))),
        ("5/1/2028", Some((2028, 1, 5))),
        ("31/12/2027", Some((2027, 12, 31))),
        ("29/02/2028", Some((2028, 2, 29))),
        ("29/02/2027", None),
        ("11/25/2028", None),
        ("05/11/28", None),
        ("2028-11-05", None),
        ("05/11/2028 10:00:00", None),
        ("+5/11/2028", None),
        ("01/01/1970", None),
        ("01/01/2038", None),
        ("soon", None),
    ] {
        let domain = read(&ending(date)).await;
        match wanted {
            Some((year, month, day)) => {
                let wanted = Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).unwrap();
                assert_eq!(domain.expires_at, Field::Known(wanted), "S3.4 {date}");
            }
            None => {
                assert!(matches!(&domain.expires_at, Field::Unreadable(text) if text.contains("expiryDate")), "{date}");
                assert_eq!(domain.status.meaning, StatusMeaning::Absent, "S2.3: the status is left alone too");
            }
        }
    }
}

/// "With two, `tertiaryDns` is absent, `null` or `""`: accept all."
#[tokio::test]
async fn what_is_empty_null_or_missing_is_absent() {
    for tertiary in ["null", "\"\"", "\" \""] {
        let domain =
            read(&fixture!("info/sparse.json").replace("null,\n  \"client", &format!("{tertiary},\n  \"client"))).await;
        assert_eq!(domain.nameservers.known().unwrap().len(), 2, "S3.5 {tertiary}");
        assert_eq!((domain.expires_at, domain.contacts.iter().count()), (Field::Absent, 0), "S2.3");
        assert_eq!(domain.status.meaning, StatusMeaning::Absent, "S2.3");
    }
    let domain = read(r#"{"responseCode": 2000}"#).await;
    assert_eq!(domain.nameservers, Field::Absent, "S2.3");
}

#[tokio::test]
async fn an_answer_about_another_domain_is_refused() {
    for other in ["other.com.bd", "com.bd", "NS Record updated"] {
        let body = fixture!("info/ok.json").replace("example.com.bd", other);
        let server = Server::start(move |_| Reply::json(200, &body)).await;
        let error = account(&server).info(&context(), &name("example.com.bd")).await.unwrap_err();
        assert_eq!((error.kind(), error.registrar()), (ErrorKind::InvalidResponse, Some("btcl")), "S2.5 {other}");
    }
}

#[tokio::test]
async fn names_below_every_suffix_of_the_registry_are_asked_for_whole() {
    // By the public suffix list whatever stands before `.bd` is a suffix; the API sells names there all the same.
    assert_eq!(psl::suffix_str("example.com.bd"), Some("com.bd"));
    for domain in ["example.com.bd", "example.bd", "example.edu.bd", "xn--example-6be.bd", "EXAMPLE.Org.BD"] {
        let server = Server::start(|request| {
            let asked: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            let asked = asked["domain"].as_str().unwrap().to_uppercase();
            Reply::json(200, fixture!("info/ok.json").replace("example.com.bd", &asked))
        })
        .await;
        let told = account(&server).info(&context(), &name(domain)).await.unwrap();
        assert_eq!(told.name, name(domain));
        assert_eq!(asked(&server.requests()[0]).1, json!({"domain": name(domain).as_str()}));
    }
}
