use super::*;
use crate::model::ContactField;

const INFO: &str = "domains.getInfo";
const CONTACTS: &str = "domains.getContacts";
const TRANSFERS: &str = "domains.transfer.getList";

async fn read(answers: &'static [(&'static str, &'static str)], domain: &str) -> (Result<RemoteDomain>, Vec<Request>) {
    let server = serving(answers).await;
    let domain = account(&server).info(&context(), &name(domain)).await;
    (domain, server.requests())
}

fn day(year: i32, month: u32, day: u32) -> Field<DateTime<Utc>> {
    Field::Known(Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).unwrap())
}

#[tokio::test]
async fn a_domain_is_two_requests_and_comes_whole() {
    let (domain, requests) =
        read(&[(INFO, fixture!("get_info/ok.xml")), (CONTACTS, fixture!("get_contacts/four.xml"))], "example.com")
            .await;
    let domain = domain.unwrap();
    assert_eq!(requests.len(), 2);
    let wanted = |command| pairs(&[("Command", command), ("DomainName", "example.com")]);
    assert_eq!(asked(&requests[0]), wanted("namecheap.domains.getInfo"));
    assert_eq!(asked(&requests[1]), wanted("namecheap.domains.getContacts"));

    assert_eq!(domain.name, name("example.com"));
    assert_eq!(
        (domain.status.words.as_str(), domain.status.meaning),
        ("Ok", StatusMeaning::Known(DomainStatus::Active))
    );
    // "the domain's own, not Whoisguard/ExpiredDate nor PremiumDnsSubscription/ExpirationDate"
    assert_eq!(domain.expires_at, day(2026, 11, 26), "S3.4");
    let hosts: Vec<_> = domain.nameservers.known().unwrap().iter().collect();
    assert_eq!(hosts, ["ns1.example.net", "ns2.example.net"]);
    assert_eq!((domain.remote_id, domain.change_marker, domain.warnings), (None, None, Vec::new()));
}

#[tokio::test]
async fn contacts_come_field_by_field_and_billing_is_aux_billing() {
    let (domain, _) =
        read(&[(INFO, fixture!("get_info/ok.xml")), (CONTACTS, fixture!("get_contacts/four.xml"))], "example.com")
            .await;
    let contacts = domain.unwrap().contacts;
    use crate::model::ContactType::{Admin, Billing, Registrant, Tech};
    for (kind, first) in [(Registrant, "Jane"), (Admin, "Anna"), (Tech, "Tim"), (Billing, "Bill")] {
        let contact = contacts.get(kind).unwrap();
        assert_eq!(contact.get(ContactField::FirstName), Some(first), "{kind}");
        assert_eq!(contact.get(ContactField::LastName), Some("van Doe"), "S3.6: no splitting");
    }
    let told: Vec<_> = contacts.get(Registrant).unwrap().iter().map(|(_, value)| value).collect();
    let wanted = [
        "Jane",
        "van Doe",
        "R&D Ltd",
        "jane@example.com",
        "+1.5555550100",
        "1 High Street, Floor 2",
        "Phoenix",
        "AZ",
        "85284",
        "US",
    ];
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn only_the_four_direct_children_are_contacts() {
    let (domain, _) =
        read(&[(INFO, fixture!("get_info/ok.xml")), (CONTACTS, fixture!("get_contacts/private.xml"))], "example.com")
            .await;
    let contacts = domain.unwrap().contacts;
    let told: Vec<_> =
        contacts.iter().map(|(kind, contact)| (kind.as_str(), contact.get(ContactField::FirstName).unwrap())).collect();
    assert_eq!(told, [("registrant", "Jane"), ("tech", "Solo")], "S3.6");
}

#[tokio::test]
async fn thirteen_nameservers_odd_cases_and_no_namespace_are_read() {
    let (domain, _) = read(
        &[(INFO, fixture!("get_info/thirteen.xml")), (CONTACTS, fixture!("get_contacts/four.xml"))],
        "example.com",
    )
    .await;
    let domain = domain.unwrap();
    assert_eq!(domain.nameservers.known().unwrap().len(), 13, "S3.5");
    assert_eq!(domain.expires_at, day(2027, 4, 3), "month first, always; a time is dropped");
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
}

/// "`IsOwner="false"`: the domain is only shared with, or only DNS-hosted in, this account … Treat such an answer as not
/// our registration: unknown, flag; never take its dates."
#[tokio::test]
async fn a_domain_that_is_only_shared_with_the_account_is_not_the_account_s() {
    let (domain, requests) = read(&[(INFO, fixture!("get_info/shared.xml"))], "example.com").await;
    let error = domain.unwrap_err();
    assert_eq!((error.kind(), requests.len()), (ErrorKind::NotFound, 1), "S2.5 {error}");
    assert!(error.message().contains("shared"), "{error}");
}

/// "For a name that merely uses FreeDNS, `@Status` and `ExpiredDate` are absent."
#[tokio::test]
async fn a_name_that_merely_uses_free_dns_is_not_the_account_s() {
    let (domain, requests) = read(&[(INFO, fixture!("get_info/free_dns.xml"))], "example.com").await;
    let error = domain.unwrap_err();
    assert_eq!((error.kind(), requests.len()), (ErrorKind::NotFound, 1), "S2.5 {error}");
    assert!(error.message().contains("DNS"), "{error}");
}

#[tokio::test]
async fn what_is_not_sent_is_absent() {
    let (domain, _) = read(&[(INFO, fixture!("get_info/sparse.xml"))], "example.com").await;
    let domain = domain.unwrap();
    assert_eq!((domain.expires_at, domain.nameservers), (Field::Absent, Field::Absent), "S2.3");
    assert_eq!(domain.contacts, Contacts::default(), "S2.3");
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert_eq!(domain.warnings.len(), 1, "the contacts were refused: {:?}", domain.warnings);
}

#[tokio::test]
async fn a_name_is_asked_for_whole_and_as_an_a_label() {
    for (domain, sent) in [
        ("example.co.uk", "example.co.uk"),
        ("example.com.bd", "example.com.bd"),
        ("bücher.example", "xn--bcher-kva.example"),
    ] {
        let (_, requests) = read(&[], domain).await;
        assert_eq!(requests[0].field("DomainName").as_deref(), Some(sent));
    }
    let (domain, _) = read(&[(INFO, fixture!("get_info/idn.xml"))], "bücher.example").await;
    assert_eq!(domain.unwrap().name.as_str(), "xn--bcher-kva.example");
}

#[tokio::test]
async fn an_answer_about_another_domain_is_refused() {
    let (domain, _) = read(&[(INFO, fixture!("get_info/ok.xml"))], "other.example").await;
    assert_eq!(domain.unwrap_err().kind(), ErrorKind::InvalidResponse, "S2.5");
    let four = fixture!("get_contacts/four.xml");
    let server = Server::start(move |request| match command(request).as_str() {
        INFO => Reply::xml(200, fixture!("get_info/ok.xml")),
        _ => Reply::xml(200, four.replace("Domain=\"example.com\"", "Domain=\"other.example\"")),
    })
    .await;
    let domain = account(&server).info(&context(), &name("example.com")).await;
    assert_eq!(domain.unwrap_err().kind(), ErrorKind::InvalidResponse, "S2.5");
}

#[tokio::test]
async fn a_failure_of_the_contacts_that_may_pass_fails_the_domain() {
    let server = Server::start(|request| match command(request).as_str() {
        INFO => Reply::xml(200, fixture!("get_info/ok.xml")),
        _ => Reply::with(405, "Content-Type: text/html\r\n", fixture!("error/method_not_allowed.html")),
    })
    .await;
    let domain = account(&server).info(&context(), &name("example.com")).await;
    assert_eq!(domain.unwrap_err().kind(), ErrorKind::RateLimited, "S6.2");
}

#[tokio::test]
async fn a_domain_that_is_not_there_may_be_on_its_way_in() {
    let (domain, requests) = read(&[(TRANSFERS, fixture!("transfer_list/in_progress.xml"))], "example.org").await;
    let domain = domain.unwrap();
    assert_eq!(
        domain.status.meaning,
        StatusMeaning::Known(DomainStatus::PendingTransfer),
        "the latest transfer of the name"
    );
    assert_eq!(domain.status.words, "transfer INPROGRESS");
    assert_eq!(domain.expires_at, Field::Absent);
    let wanted = [
        ("Command", "namecheap.domains.transfer.getList"),
        ("ListType", "ALL"),
        ("SearchTerm", "example.org"),
        ("PageSize", "100"),
        ("SortBy", "TRANSFERDATE_DESC"),
    ];
    assert_eq!((requests.len(), asked(&requests[1])), (2, pairs(&wanted)));

    for transfers in [fixture!("transfer_list/empty.xml"), fixture!("error/numbered.xml")] {
        let answers: &'static [_] = Box::leak(Box::new([(TRANSFERS, transfers)]));
        let (domain, _) = read(answers, "example.org").await;
        assert_eq!(domain.unwrap_err().kind(), ErrorKind::NotFound, "S6.5");
    }
}

/// "local `pending_registration`, name not (yet) in the list: leave"
#[tokio::test]
async fn a_registration_that_is_not_carried_out_yet_is_left_alone() {
    let server = serving(&[]).await;
    for (status, requests) in [(DomainStatus::PendingRegistration, 1), (DomainStatus::Active, 3)] {
        let context = context().with_local_status(status);
        let domain = account(&server).info(&context, &name("example.com")).await;
        match status {
            DomainStatus::Active => assert_eq!(domain.unwrap_err().kind(), ErrorKind::NotFound, "S6.5"),
            _ => assert_eq!(domain.unwrap().status.meaning, StatusMeaning::AwaitingRegistration, "S2.5"),
        }
        assert_eq!(server.requests().len(), requests);
    }
}

#[tokio::test]
async fn a_status_alone_takes_one_request() {
    let server = serving(&[(INFO, fixture!("get_info/ok.xml"))]).await;
    let domain = account(&server).info(&context().with_status_only(true), &name("example.com")).await.unwrap();
    assert_eq!(domain.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert_eq!((command(&server.requests()[0]).as_str(), server.requests().len()), (INFO, 1), "S3.7");
    assert_eq!((domain.contacts.iter().count(), domain.warnings.len()), (0, 0), "S2.3");
}

#[test]
fn a_transfer_is_under_way_by_its_number_or_its_word() {
    for (id, word, is_under_way, warns) in [
        ("14", "INPROGRESS", true, false),
        ("-1", "", true, false),
        ("9", "Waiting for the registry", true, false),
        ("3", "WaitingForEPP", true, false),
        ("22", "CANCELLED", false, false),
        ("5", "COMPLETED", false, false),
        ("2", "", false, false),
        ("7", "", false, false),
        ("99", "", false, false),
        ("", "", false, false),
        // "trust the word over the id when they contradict, and flag"
        ("5", "Transfer in progress", true, true),
        ("14", "CANCELLED", false, false),
    ] {
        let xml = format!(
            "<ApiResponse><CommandResponse><TransferGetListResult><Transfer DomainName='Example.org' StatusID='{id}' \
             Status='{word}'/></TransferGetListResult></CommandResponse></ApiResponse>"
        );
        let root = Element::parse(xml.as_bytes()).unwrap();
        let arriving = read::arriving(&root, &name("example.org"));
        assert_eq!(arriving.is_some(), is_under_way, "{id} {word}");
        assert_eq!(arriving.is_some_and(|domain| !domain.warnings.is_empty()), warns, "{id} {word}");
    }
}

/// The lines of the page's table, by the word and the expiry of the details.
#[test]
fn every_line_of_the_table_of_statuses_is_the_status_that_it_says() {
    use DomainStatus::{Active, Expired, GracePeriod, Suspended};
    use StatusMeaning::{Absent, Known, Unknown};
    let lines = [
        ("Expired", "11/1/2026", Known(GracePeriod)),
        ("expired", "10/25/2026", Known(GracePeriod)),
        ("Expired", "10/23/2026", Known(Expired)),
        // Some ccTLDs are treated as expired days before the date.
        ("Expired", "11/25/2026", Known(GracePeriod)),
        ("Expired", "", Known(Expired)),
        ("Ok", "11/21/2026", Known(GracePeriod)),
        ("Locked", "9/1/2026", Known(Expired)),
        ("Locked", "11/26/2027", Known(Suspended)),
        ("LOCKED", "", Known(Suspended)),
        ("Ok", "11/26/2026", Known(Active)),
        ("OK", "", Known(Active)),
        // A date is a whole day.
        ("Ok", "11/23/2026", Known(Active)),
        ("Ok", "11/22/2026", Known(GracePeriod)),
        ("Marinated", "11/26/2026", Unknown),
        ("Marinated", "1/1/2026", Unknown),
        ("", "11/26/2026", Absent),
    ];
    for (word, expires, meaning) in lines {
        let end = status::date(expires);
        let told = status::read(status::State::Details(Some(word).filter(|word| !word.is_empty())), end, now(), 30);
        assert_eq!((told.meaning, told.words.as_str()), (meaning, word), "S3.1, S3.2 {word} {expires}");
    }
    assert_eq!(
        status::read(status::State::Details(Some("Expired")), status::date("9/1/2026"), now(), u32::MAX).meaning,
        Known(GracePeriod)
    );
}

#[test]
fn dates_are_month_first_and_mean_midnight_utc() {
    for (text, date) in [
        ("11/26/2021", Some("2021-11-26T00:00:00Z")),
        ("4/30/2021", Some("2021-04-30T00:00:00Z")),
        ("4/30/2021 11:31:13 AM", Some("2021-04-30T00:00:00Z")),
        ("04/05/2021", Some("2021-04-05T00:00:00Z")),
        ("30/4/2021", None),
        ("2/29/2027", None),
        ("0001-01-01T00:00:00", None),
        ("4/30", None),
        ("4/30/2021/1", None),
        ("-4/30/2021", None),
        ("", None),
    ] {
        assert_eq!(status::date(text), date.map(|date| date.parse().unwrap()), "S3.4 {text}");
    }
}
