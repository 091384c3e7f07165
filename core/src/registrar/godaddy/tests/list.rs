use super::*;
use crate::model::ContactType;

async fn read(
    status: u16,
    body: impl AsRef<[u8]> + Send + Sync + 'static,
    request: ListRequest,
) -> (Result<ListPage>, Vec<Request>) {
    let server = Server::start(move |_| Reply::json(status, body.as_ref())).await;
    let page = account(&server).list(&context(), &request).await;
    (page, server.requests())
}

fn whole() -> ListRequest {
    ListRequest { page: 1, whole: true, ..ListRequest::default() }
}

#[tokio::test]
async fn a_page_is_one_request_for_a_thousand_whole_rows() {
    let (page, requests) = read(200, fixture!("list/whole.json"), whole()).await;
    let wanted = [("limit", "1000"), ("includes", "contacts,nameServers")];
    assert_eq!((requests.len(), asked(&requests[0])), (1, ("v1/domains", pairs(&wanted))));
    let page = page.unwrap();
    assert_eq!((page.rows.len(), page.total, page.next), (2, None, None));
    let row = &page.rows[0];
    assert_eq!((row.name.as_str(), row.nameservers.known().unwrap().len()), ("example.com", 2));
    assert_eq!(row.contacts.iter().count(), ContactType::ALL.len());
    assert_eq!(page.rows[1].status.meaning, StatusMeaning::Gone);
}

/// "Without them `nameServers` is `null` and contacts are missing: that is "not asked", not "none". Never ask for
/// `authCode`."
#[tokio::test]
async fn a_list_of_statuses_asks_for_nothing_else() {
    let request = ListRequest { page: 3, after: Some("m.example".to_owned()), ..ListRequest::default() };
    let (page, requests) = read(200, fixture!("list/bare.json"), request).await;
    assert_eq!(asked(&requests[0]).1, pairs(&[("limit", "1000"), ("marker", "m.example")]));
    let row = &page.unwrap().rows[0];
    assert_eq!((&row.nameservers, row.contacts.iter().count()), (&Field::Absent, 0), "S2.3");
    assert_eq!(row.status.meaning, StatusMeaning::Known(DomainStatus::Active));
}

#[tokio::test]
async fn rows_say_what_a_row_can_say() {
    let (page, _) = read(203, fixture!("list/odd.json"), whole()).await;
    let page = page.unwrap();
    let told: Vec<_> =
        page.rows.iter().map(|row| (row.name.as_str(), row.status.words.as_str(), row.status.meaning)).collect();
    use DomainStatus::{Active, GracePeriod, Suspended};
    use StatusMeaning::{Gone, Kept, Known, NeedsDetails, Unknown};
    // "prefer the entry without `deletedAt`, then the greater `createdAt`"; "stale entries … confirm with
    // `GET /v1/domains/{domain}` before writing transferred_out"
    let wanted = [
        ("again.com", "TRANSFERRED_OUT", Gone),
        ("again.com", "ACTIVE", Known(Active)),
        ("again.com", "CANCELLED", Gone),
        ("twice.com", "HELD_DISPUTED", Known(Suspended)),
        ("left.com", "EXPIRED_REASSIGNED", Gone),
        ("deleted.com", "CANCELLED_REDEEMABLE", Gone),
        ("silent.com", "", NeedsDetails),
        ("ended.com", "ACTIVE", Known(GracePeriod)),
        ("zero.com", "ACTIVE", Known(Active)),
        ("going.com", "PENDING_TRANSFER_OUT_ACK", Kept),
        ("xn--bcher-kva.example", "Marinated", Unknown),
    ];
    assert_eq!(told, wanted, "S2.5, S3.1");
    assert!(page.rows[9].warnings[0].contains("another registrar"), "{:?}", page.rows[9].warnings);
    assert!(matches!(&page.rows[8].expires_at, Field::Unreadable(_)), "S3.4");
}

fn full(last: &str) -> String {
    let rows = (0..999).map(|number| format!(r#"{{"domain":"d{number:04}.example","status":"ACTIVE"}}"#));
    format!("[{},{last}]", rows.collect::<Vec<_>>().join(","))
}

/// "the last domain name of the previous page … stop at a page shorter than `limit` (or empty). Guard: stop if the page's
/// last name equals the marker."
#[tokio::test]
async fn a_full_page_says_where_the_next_begins() {
    let next = |page: Result<ListPage>| page.map(|page| page.next);
    let (page, _) = read(200, full(r#"{"domain":"Last.example","status":"UPDATED_OWNERSHIP"}"#), whole()).await;
    assert_eq!(next(page).unwrap().as_deref(), Some("Last.example"));
    let same = ListRequest { after: Some("Last.example".to_owned()), ..whole() };
    let (page, _) = read(200, full(r#"{"domain":"Last.example"}"#), same).await;
    assert_eq!(next(page).unwrap(), None);
    let (page, _) = read(200, "[]", whole()).await;
    assert_eq!(page.unwrap(), ListPage::default());
    let (page, _) = read(200, full("null"), whole()).await;
    assert_eq!(page.unwrap_err().kind(), ErrorKind::InvalidResponse, "S6.5");
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_refused() {
    for (status, body) in
        [(200, "{}"), (200, r#"{"code":"X"}"#), (200, "null"), (200, "[{]"), (404, fixture!("error/not_found.json"))]
    {
        let (page, _) = read(status, body, whole()).await;
        let error = page.unwrap_err();
        assert_eq!((error.kind(), error.registrar()), (ErrorKind::InvalidResponse, Some("godaddy")), "S6.5 {body}");
    }
    let by_id = ListRequest { remote_ids: vec!["1".to_owned()], ..whole() };
    assert_eq!(read(200, "[]", by_id).await.0.unwrap_err().kind(), ErrorKind::Internal);
}
