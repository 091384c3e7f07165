use super::*;

async fn read(all: &'static str, expired: &'static str) -> (Result<ListPage>, Vec<Request>) {
    let server = Server::start(move |request| match command(request).as_str() {
        "GetAllDomains" => Reply::xml(200, all),
        _ => Reply::xml(200, expired),
    })
    .await;
    let page = account(&server).list(&context(), &ListRequest { page: 1, ..ListRequest::default() }).await;
    (page, server.requests())
}

#[tokio::test]
async fn the_whole_account_is_two_requests() {
    let (page, requests) = read(fixture!("all_domains/one.xml"), fixture!("expired_domains/none.xml")).await;
    let page = page.unwrap();
    assert_eq!(commands(&requests), ["GetAllDomains", "GetExpiredDomains"], "S7.3");
    assert_eq!(asked(&requests[0]), pairs(&[("command", "GetAllDomains")]));
    assert_eq!((page.rows.len(), page.total), (1, Some(1)));
    let row = &page.rows[0];
    assert_eq!((row.name.as_str(), row.status.words.as_str()), ("example.com", "Registered"));
    assert_eq!(row.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert_eq!(row.expires_at, Field::Known(utc(2027, 1, 31, 1, 23)));

    let server = serving(&[]).await;
    let second = account(&server).list(&context(), &ListRequest { page: 2, ..ListRequest::default() }).await;
    assert_eq!((second.unwrap(), server.requests().len()), (ListPage::default(), 0));
}

#[tokio::test]
async fn the_list_of_expired_domains_stands_in_for_the_status() {
    let (page, _) = read(fixture!("all_domains/odd.xml"), fixture!("expired_domains/stages.xml")).await;
    let page = page.unwrap();
    let told: Vec<_> =
        page.rows.iter().map(|row| (row.name.as_str(), row.status.words.as_str(), row.status.meaning)).collect();
    use DomainStatus::{Active, Expired, GracePeriod, Redemption};
    use StatusMeaning::{Known, NeedsDetails, Unknown};
    let wanted = [
        // The expired list says so, whatever date the other one has.
        ("example.com", "Expired", Known(GracePeriod)),
        ("example.co.uk", "Registered", Known(Active)),
        ("late.com", "Expired", Known(GracePeriod)),
        ("later.com", "Expired", Known(Expired)),
        ("gone.com", "RGP", Known(Redemption)),
        ("passed.com", "", NeedsDetails),
        ("unread.com", "", NeedsDetails),
        ("xn--bcher-kva.com", "Registered", Known(Active)),
        // In the list of expired domains alone.
        ("late-example.com", "Extended RGP", Known(Redemption)),
        ("odd.com", "Marinated", Unknown),
    ];
    assert_eq!(told, wanted, "S3.1, S3.2");
    assert!(matches!(&page.rows[1].expires_at, Field::Unreadable(_)), "S3.8: a date without a time");
    assert_eq!(page.total, Some(12), "S6.5: the row without a name counts");
}

/// "fewer = cut answer = discard it"
#[tokio::test]
async fn a_list_that_was_cut_or_is_none_is_discarded() {
    let none = fixture!("expired_domains/none.xml");
    for (all, expired) in [
        (fixture!("all_domains/cut.xml"), none),
        (fixture!("domain_info/registered.xml"), none),
        (fixture!("all_domains/one.xml"), fixture!("domain_info/registered.xml")),
        (fixture!("all_domains/one.xml"), fixture!("all_domains/cut.xml")),
    ] {
        let (page, _) = read(all, expired).await;
        assert_eq!(page.unwrap_err().kind(), ErrorKind::InvalidResponse, "S6.5");
    }
    let (page, _) = read(fixture!("all_domains/none.xml"), none).await;
    assert_eq!(page.unwrap(), ListPage { rows: Vec::new(), total: Some(0), next: None });
}
