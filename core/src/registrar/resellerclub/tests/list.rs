use super::*;
use crate::model::{DomainStatus, Field, StatusMeaning};

async fn read(body: &'static str, request: &ListRequest) -> (Result<ListPage>, Vec<Request>) {
    let server = Server::start(move |_| Reply::json(200, body)).await;
    let page = account(&server).list(&context(), request).await;
    (page, server.requests())
}

#[tokio::test]
async fn a_page_is_one_request_for_five_hundred_rows_from_the_highest_order_down() {
    let (page, requests) =
        read(fixture!("search/two_rows.json"), &ListRequest { page: 3, ..ListRequest::default() }).await;
    let page = page.unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].path(), "/api/domains/search.json");
    assert_eq!(asked(&requests[0]), pairs(&[("no-of-records", "500"), ("page-no", "3"), ("order-by", "orderid desc")]));

    assert_eq!(page.total, Some(2));
    let [first, second] = page.rows.as_slice() else { panic!("{page:?}") };
    assert_eq!((first.name.as_str(), first.remote_id.as_deref()), ("example.co.uk", Some("84372633")));
    assert_eq!((second.name.as_str(), second.remote_id.as_deref()), ("example.com", Some("84372632")));
    assert_eq!(second.status.words, "Active");
    assert_eq!(second.status.meaning, StatusMeaning::Known(DomainStatus::Active));
    assert_eq!(second.expires_at, Field::Known(DateTime::from_timestamp(1_826_316_800, 0).unwrap()));
    assert_eq!(second.change_marker.as_deref(), Some("2024-11-29 21:49:58.18267+00"));
    assert_eq!(second.nameservers, Field::Absent);
    assert_eq!(second.contacts.iter().count(), 0);
}

#[tokio::test]
async fn chosen_orders_are_asked_for_by_repeating_the_parameter() {
    let request = ListRequest { page: 0, remote_ids: vec!["12".to_owned(), "34".to_owned()], ..ListRequest::default() };
    let (page, requests) = read(fixture!("search/empty.json"), &request).await;
    assert_eq!(page.unwrap(), ListPage { rows: Vec::new(), total: Some(0), next: None });
    let wanted = [
        ("no-of-records", "500"),
        ("page-no", "1"),
        ("order-by", "orderid desc"),
        ("order-id", "12"),
        ("order-id", "34"),
    ];
    assert_eq!(asked(&requests[0]), pairs(&wanted));

    let too_many = ListRequest { page: 1, remote_ids: vec!["1".to_owned(); 101], ..ListRequest::default() };
    let (page, requests) = read(fixture!("search/empty.json"), &too_many).await;
    assert_eq!((page.unwrap_err().kind(), requests.len()), (ErrorKind::Internal, 0));
}

#[tokio::test]
async fn rows_come_by_number_and_say_what_a_row_can_say() {
    let (page, _) = read(fixture!("search/odd_rows.json"), &ListRequest { page: 1, ..ListRequest::default() }).await;
    let page = page.unwrap();
    let read: Vec<_> = page
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.remote_id.as_deref().unwrap(), row.status.meaning))
        .collect();
    use StatusMeaning::{Gone, Known, NeedsDetails, Unknown};
    let wanted = [
        ("shouting.example", "20", Known(DomainStatus::Active)),
        ("again.example", "19", Known(DomainStatus::Active)),
        ("again.example", "18", Gone),
        ("stopped.example", "17", Known(DomainStatus::Suspended)),
        ("restorable.example", "16", Known(DomainStatus::Redemption)),
        ("ended.example", "15", Known(DomainStatus::Expired)),
        ("odd.example", "14", Unknown),
        ("waiting.example", "11", NeedsDetails),
        ("xn--bcher-kva.example", "10", Known(DomainStatus::Active)),
        ("archived.example", "3", Gone),
    ];
    assert_eq!(read, wanted, "S3.1");
    let odd = &page.rows[6];
    assert_eq!((odd.status.words.as_str(), odd.change_marker.as_deref()), ("Marinated", None));
    assert_eq!(odd.expires_at, Field::Unreadable("endtime `0`".to_owned()), "S3.4");
    assert_eq!(page.rows[7].expires_at, Field::Absent, "S2.3");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_leaves_the_page_short_of_its_total() {
    let (page, _) = read(fixture!("search/odd_rows.json"), &ListRequest { page: 1, ..ListRequest::default() }).await;
    let page = page.unwrap();
    assert_eq!((page.rows.len(), page.total), (10, Some(1012)), "S6.5: 12 are on the page");
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_refused() {
    for body in [
        "{}",
        r#"{"recsonpage":"0"}"#,
        r#"{"recsindb":"0"}"#,
        r#"{"recsonpage":"many","recsindb":"0"}"#,
        "[]",
        r#"{"recsonpage":"1","recsin"#,
        "",
    ] {
        let (page, _) = read(body, &ListRequest { page: 1, ..ListRequest::default() }).await;
        let error = page.unwrap_err();
        assert_eq!(
            (error.kind(), error.registrar()),
            (ErrorKind::InvalidResponse, Some("resellerclub")),
            "S6.5 {body}: {error}"
        );
    }
}

#[tokio::test]
async fn an_empty_page_before_the_end_is_refused_so_that_nobody_pages_on_for_ever() {
    let body = r#"{"recsonpage":"0","recsindb":"18446744073709551615"}"#;
    let (page, _) = read(body, &ListRequest { page: 7, ..ListRequest::default() }).await;
    assert_eq!(page.unwrap_err().kind(), ErrorKind::InvalidResponse, "S6.5");

    // Behind the end there is nothing, and that is an answer.
    let body = r#"{"recsonpage":"0","recsindb":"500"}"#;
    let (page, _) = read(body, &ListRequest { page: 2, ..ListRequest::default() }).await;
    assert_eq!(page.unwrap(), ListPage { rows: Vec::new(), total: Some(500), next: None });
}
