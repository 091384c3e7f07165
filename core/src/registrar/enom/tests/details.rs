use super::*;
use crate::model::{ContactField, ContactType};

const INFO: &str = "GetDomainInfo";
const CONTACTS: &str = "GetContacts";
const EXPIRED: &str = "GetExpiredDomains";
const HOLD: &str = "GetRegistrationStatus";
const REGISTERED: (&str, &str) = (INFO, fixture!("domain_info/registered.xml"));
const FOUR: (&str, &str) = (CONTACTS, fixture!("contacts/four.xml"));
const ORDINARY: &[(&str, &str)] = &[REGISTERED, FOUR];
const HELD: &[(&str, &str)] = &[REGISTERED, FOUR, (HOLD, fixture!("registration_status/held.xml"))];
const FREE: &[(&str, &str)] = &[REGISTERED, FOUR, (HOLD, fixture!("registration_status/free.xml"))];

async fn read(answers: &'static [(&'static str, &'static str)], domain: &str) -> (Result<RemoteDomain>, Vec<Request>) {
    read_as(answers, domain, &context()).await
}

async fn read_as(
    answers: &'static [(&'static str, &'static str)],
    domain: &str,
    context: &CallContext,
) -> (Result<RemoteDomain>, Vec<Request>) {
    let server = serving(answers).await;
    let domain = account(&server).info(context, &name(domain)).await;
    (domain, server.requests())
}

async fn contacts_of(body: &'static str) -> (Contacts, Vec<String>) {
    let root = Element::parse(body.as_bytes()).unwrap();
    read::contacts(&root).unwrap()
}

#[tokio::test]
async fn a_domain_is_two_requests_and_comes_whole() {
    let (domain, requests) = read(ORDINARY, "example.com").await;
    let domain = domain.unwrap();
    assert_eq!(commands(&requests), [INFO, CONTACTS]);
    assert_eq!(asked(&requests[0]), pairs(&[("command", INFO), ("sld", "example"), ("tld", "com")]));
    assert_eq!(asked(&requests[1]), pairs(&[("command", CONTACTS), ("sld", "example"), ("tld", "com")]));

    assert_eq!(domain.name, name("example.com"));
    let status = (domain.status.words.as_str(), domain.status.meaning);
    assert_eq!(status, ("Registered", StatusMeaning::Known(DomainStatus::Active)));
    // 5:23 PM Pacific is the next day in UTC.
    assert_eq!(domain.expires_at, Field::Known(utc(2027, 1, 31, 1, 23)), "S3.8");
    // "Find the entry by its `name`, do not rely on it being first."
    let hosts: Vec<_> = domain.nameservers.known().unwrap().iter().collect();
    assert_eq!(hosts, ["ns1.example.net", "ns2.example.net"]);
    assert_eq!((domain.remote_id, domain.change_marker, domain.warnings), (None, None, Vec::new()));
}

#[test]
fn a_name_is_split_where_its_registry_does() {
    for (domain, sld, tld) in [
        ("example.com", "example", "com"),
        ("example.co.uk", "example", "co.uk"),
        ("example.uk", "example", "uk"),
        ("example.com.bd", "example", "com.bd"),
        ("example.org.au", "example", "org.au"),
        // Run like a registry, by a company.
        ("example.uk.com", "example", "uk.com"),
        // A suffix itself, and so a name of the one above it.
        ("co.uk", "co", "uk"),
        ("github.io", "github", "io"),
        // Not in the list.
        ("example.nonesuch", "example", "nonesuch"),
        ("bücher.example", "xn--bcher-kva", "example"),
        ("пример.рф", "xn--e1afmkfd", "xn--p1ai"),
        ("例.公司.cn", "xn--fsq", "xn--55qx5d.cn"),
    ] {
        assert_eq!(read::split(&name(domain)), (sld, tld), "{domain}");
    }
}

/// "`Billing` is the reseller account's own contact. The domain's billing contact is `AuxBilling`."
#[tokio::test]
async fn contacts_come_field_by_field_and_billing_is_aux_billing() {
    let (contacts, warnings) = contacts_of(fixture!("contacts/four.xml")).await;
    let firsts: Vec<_> =
        contacts.iter().map(|(kind, contact)| (kind.as_str(), contact.get(ContactField::FirstName).unwrap())).collect();
    assert_eq!(firsts, [("registrant", "Ada"), ("admin", "Anna"), ("tech", "Tim"), ("billing", "Bill")], "S3.6");
    assert_eq!(warnings, Vec::<String>::new());
    let told: Vec<_> = contacts.get(ContactType::Registrant).unwrap().iter().map(|(_, value)| value).collect();
    let wanted = [
        "Ada",
        "van Example",
        "R&D Ltd",
        "ada@example.com",
        "+1.5555550100",
        "1 Sample Street, Floor 2",
        "Sampletown",
        "WA",
        "98000",
        "US",
    ];
    assert_eq!(told, wanted);
}

/// "A role that was never set is empty or carries `None` … Treat as 'not sent'."
#[tokio::test]
async fn a_role_that_was_never_set_is_not_sent() {
    let (contacts, _) = contacts_of(fixture!("contacts/unset.xml")).await;
    let kinds: Vec<_> = contacts.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["registrant"], "S2.3");
}

/// "Never copy placeholders over real data." "the values are then not final"
#[tokio::test]
async fn placeholders_and_values_that_wait_for_a_confirmation_are_not_taken() {
    let (contacts, _) = contacts_of(fixture!("contacts/protected.xml")).await;
    assert_eq!(contacts.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["admin"], "S3.6");
    let (contacts, warnings) = contacts_of(fixture!("contacts/pending.xml")).await;
    assert!(contacts.get(ContactType::Registrant).is_none() && contacts.get(ContactType::Admin).is_some());
    assert_eq!(warnings.len(), 1, "S2.3 {warnings:?}");
}

#[tokio::test]
async fn thirteen_nameservers_and_other_letter_cases_are_read() {
    let (domain, _) = read(&[(INFO, fixture!("domain_info/thirteen.xml"))], "example.com").await;
    let domain = domain.unwrap();
    assert_eq!(domain.nameservers.known().unwrap().len(), 13, "S3.5");
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert_eq!(domain.warnings.len(), 1, "the contacts were refused: {:?}", domain.warnings);
}

#[tokio::test]
async fn what_is_not_sent_is_absent_and_a_date_alone_is_too_coarse_to_store() {
    let (domain, _) = read(&[(INFO, fixture!("domain_info/sparse.xml"))], "example.com").await;
    let domain = domain.unwrap();
    assert_eq!((domain.expires_at, domain.nameservers), (Field::Absent, Field::Absent), "S2.3");
    assert_eq!(domain.status.meaning, StatusMeaning::Absent, "S2.3");
    // "Store only values that came with a time"
    let (domain, _) = read(&[(INFO, fixture!("domain_info/date_only.xml"))], "example.com").await;
    let domain = domain.unwrap();
    assert!(matches!(&domain.expires_at, Field::Unreadable(text) if text.contains("no time")), "S3.8 {domain:?}");
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
}

#[tokio::test]
async fn an_answer_about_another_domain_or_none_is_refused() {
    for (domain, body) in [
        ("other.example", fixture!("domain_info/registered.xml")),
        ("example.com", fixture!("domain_info/no_name.xml")),
        ("example.com", fixture!("all_domains/one.xml")),
    ] {
        let answers: &'static [_] = Box::leak(Box::new([(INFO, body)]));
        let (answer, _) = read(answers, domain).await;
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::InvalidResponse, "S2.5 {domain}");
    }
}

#[tokio::test]
async fn an_expired_domain_is_one_more_request_and_the_list_is_kept_for_a_minute() {
    let answers: &[(&str, &str)] = &[
        (INFO, fixture!("domain_info/expired.xml")),
        (CONTACTS, fixture!("contacts/four.xml")),
        (EXPIRED, fixture!("expired_domains/stages.xml")),
    ];
    let server = serving(answers).await;
    let account = account(&server);
    for (seconds, asked) in [(0, 1), (59, 1), (60, 2), (0, 3)] {
        let context = CallContext::new(now() + TimeDelta::seconds(seconds));
        let domain = account.info(&context, &name("example.com")).await.unwrap();
        assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::GracePeriod));
        assert_eq!(domain.status.words, "Expired");
        let lists = server.requests().iter().filter(|request| command(request) == EXPIRED).count();
        assert_eq!(lists, asked, "after {seconds} s");
    }
    let (domain, _) = read(
        &[(INFO, fixture!("domain_info/expired.xml")), (EXPIRED, fixture!("expired_domains/none.xml"))],
        "example.com",
    )
    .await;
    let status = domain.unwrap().status;
    assert_eq!(
        (status.meaning, status.words.as_str()),
        (StatusMeaning::Unknown, "Expired"),
        "S2.5: a list is in flight"
    );
}

#[tokio::test]
async fn a_suspended_domain_is_lifted_only_when_it_is_told_to_be_free() {
    let suspended = || context().with_local_status(DomainStatus::Suspended);
    let known = StatusMeaning::Known;
    for (answers, meaning, words) in [
        (HELD, known(DomainStatus::Suspended), "Registered, held"),
        (FREE, known(DomainStatus::Active), "Registered"),
        // The command is refused: the status stays.
        (ORDINARY, StatusMeaning::Unknown, "Registered"),
    ] {
        let (domain, requests) = read_as(answers, "example.com", &suspended()).await;
        let domain = domain.unwrap();
        assert_eq!((domain.status.meaning, domain.status.words.as_str()), (meaning, words), "S3.7");
        assert_eq!(commands(&requests), [INFO, HOLD, CONTACTS]);
    }
    let (_, requests) = read_as(HELD, "example.com", &context().with_local_status(DomainStatus::Active)).await;
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn a_status_alone_takes_no_contacts_and_sees_a_hold() {
    let active = || context().with_local_status(DomainStatus::Active).with_status_only(true);
    for (answers, status, warns) in [
        (HELD, DomainStatus::Suspended, false),
        (FREE, DomainStatus::Active, false),
        // The command is refused: what the details say stands.
        (ORDINARY, DomainStatus::Active, true),
    ] {
        let (domain, requests) = read_as(answers, "example.com", &active()).await;
        let domain = domain.unwrap();
        assert_eq!(domain.status.meaning, StatusMeaning::Known(status), "S3.7");
        assert_eq!(commands(&requests), [INFO, HOLD], "S3.7");
        assert_eq!(!domain.warnings.is_empty(), warns, "S2.3 {:?}", domain.warnings);
    }
}

#[tokio::test]
async fn a_registrant_s_verification_suspends_and_its_announcement_does_not() {
    for (body, status) in [
        (fixture!("domain_info/suspended.xml"), DomainStatus::Suspended),
        (fixture!("domain_info/pending_suspension.xml"), DomainStatus::Active),
    ] {
        let answers: &'static [_] = Box::leak(Box::new([(INFO, body)]));
        let (domain, _) = read(answers, "example.com").await;
        assert_eq!(domain.unwrap().status.meaning, StatusMeaning::Known(status), "S3.1");
    }
}
