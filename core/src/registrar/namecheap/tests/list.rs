use super::*;

async fn read(body: &'static str, page: u32) -> (Result<ListPage>, Vec<Request>) {
    let server = Server::start(move |_| Reply::xml(200, body)).await;
    let page = account(&server).list(&context(), &ListRequest { page, ..ListRequest::default() }).await;
    (page, server.requests())
}

#[tokio::test]
async fn a_page_is_one_request_for_a_hundred_rows_in_the_order_of_names() {
    let (page, requests) = read(fixture!("get_list/one.xml"), 1).await;
    let page = page.unwrap();
    let wanted = [
        ("Command", "namecheap.domains.getList"),
        ("ListType", "ALL"),
        ("Page", "1"),
        ("PageSize", "100"),
        ("SortBy", "NAME"),
    ];
    assert_eq!((requests.len(), asked(&requests[0])), (1, pairs(&wanted)));
    assert_eq!((page.rows.len(), page.total), (1, Some(1)));
    let row = &page.rows[0];
    assert_eq!((row.name.as_str(), row.status.words.as_str()), ("example.com", "Ok"));
    assert_eq!(row.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert_eq!(row.expires_at, Field::Known(Utc.with_ymd_and_hms(2026, 11, 26, 0, 0, 0).unwrap()));
    assert_eq!((&row.nameservers, row.contacts.iter().count(), &row.change_marker), (&Field::Absent, 0, &None));
}

#[tokio::test]
async fn rows_say_what_a_row_can_say() {
    let (page, _) = read(fixture!("get_list/odd.xml"), 1).await;
    let page = page.unwrap();
    let told: Vec<_> =
        page.rows.iter().map(|row| (row.name.as_str(), row.status.words.as_str(), row.status.meaning)).collect();
    use DomainStatus::{Active, Expired, GracePeriod, Suspended};
    use StatusMeaning::{Known, NeedsDetails};
    let wanted = [
        ("shouting.com", "Ok", Known(Active)),
        ("ended.com", "Expired", Known(GracePeriod)),
        ("long-ended.com", "Expired, Locked", Known(Expired)),
        // "It marks a hold by Namecheap", not the lock against transfers.
        ("held.co.uk", "Locked", Known(Suspended)),
        ("passed.com", "Ok", Known(GracePeriod)),
        ("silent.com", "", NeedsDetails),
        ("xn--bcher-kva.com", "Ok", Known(Active)),
    ];
    assert_eq!(told, wanted, "S3.1, S3.2");
    assert!(matches!(&page.rows[6].expires_at, Field::Unreadable(text) if text.contains("0001")), "S3.4");
    assert_eq!(page.total, Some(108), "S6.5: the row without a name counts");
}

#[tokio::test]
async fn an_empty_account_is_an_answer_and_an_empty_page_before_the_end_is_none() {
    let (page, _) = read(fixture!("get_list/empty.xml"), 1).await;
    assert_eq!(page.unwrap(), ListPage { rows: Vec::new(), total: Some(0), next: None });
    for (total, current, page) in [("101", "2", 2), ("1", "1", 1), ("18446744073709551615", "7", 7)] {
        let body = fixture!("get_list/empty.xml")
            .replace("<TotalItems>0", &format!("<TotalItems>{total}"))
            .replace("<CurrentPage>1", &format!("<CurrentPage>{current}"));
        let (answer, _) = read(body.leak(), page).await;
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::InvalidResponse, "S6.5 {total}");
    }
}

#[tokio::test]
async fn another_page_than_the_one_that_was_asked_for_is_refused() {
    let (page, _) = read(fixture!("get_list/one.xml"), 2).await;
    assert_eq!(page.unwrap_err().kind(), ErrorKind::InvalidResponse, "S6.5: the list would never end");
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_refused() {
    for body in [
        "<ApiResponse Status='OK'/>",
        "<ApiResponse Status='OK'><CommandResponse><DomainGetListResult/></CommandResponse></ApiResponse>",
        "<ApiResponse Status='OK'><CommandResponse><Paging><TotalItems>0</TotalItems></Paging></CommandResponse></ApiResponse>",
        "<ApiResponse Status='OK'><CommandResponse><DomainGetListResult/><Paging><TotalItems>many</TotalItems></Paging></CommandResponse></ApiResponse>",
    ] {
        let (page, _) = read(body, 1).await;
        let error = page.unwrap_err();
        assert_eq!((error.kind(), error.registrar()), (ErrorKind::InvalidResponse, Some("namecheap")), "S6.5 {body}");
    }
}
