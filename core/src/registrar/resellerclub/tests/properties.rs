//! Whatever a server sends, nothing panics, and nothing is ever told of another domain than the one asked for.

use proptest::prelude::*;

use super::*;

const DETAILS: [&str; 5] = [
    fixture!("details_by_name/active.json"),
    fixture!("details_by_name/expired_on_hold.json"),
    fixture!("details_by_name/pending_transfer.json"),
    fixture!("details_by_name/private.json"),
    fixture!("details_by_name/sparse.json"),
];

/// The way of an answer through the adapter, without the wire.
fn read_details(body: &[u8], status: u16, asked: &DomainName) -> Result<RemoteDomain> {
    let answer = Answer { status, content_type: None, retry_after: None, body: body.to_vec() };
    if let Some(error) = error::read(&answer) {
        return Err(error);
    }
    let details: wire::Details<'_> =
        serde_json::from_slice(&answer.body).map_err(|_| Error::invalid_response("unreadable"))?;
    for (_, id) in read::missing_contacts(&details) {
        assert!(id.bytes().all(|byte| byte.is_ascii_digit()), "{id} goes into a request");
    }
    read::details(&details, asked, &RegistrarConfig::default(), now())
}

fn read_everything(body: &[u8], status: u16) {
    let asked = name("example.com");
    if let Ok(domain) = read_details(body, status, &asked) {
        assert_eq!(domain.name, asked, "S2.5");
    }
    if let Ok(search) = serde_json::from_slice::<wire::Search<'_>>(body) {
        for (_, row) in &search.rows {
            let _ = read::row(row, &RegistrarConfig::default(), now());
        }
    }
    if let Ok(person) = serde_json::from_slice::<wire::Person<'_>>(body) {
        let _ = read::contact(&person);
    }
    if let Ok(catalogue) = prices::Catalogue::parse(body) {
        let tld = TldRecord { id: crate::model::TldId(1), extension: "com".to_owned(), min_years: 0, max_years: 255 };
        let _ = catalogue.quotes(&tld, "domcno");
    }
    let suffix = DomainName::parse_host("com").unwrap();
    let _ = prices::product_keys(body, &[&suffix]);
    let _ = prices::currency(body, PriceSource::Cost);
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["example.com", "example.org", "Active", "1826316800", "ERROR", "0", "-1", "true"])
            .prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "domainname",
        "description",
        "orderid",
        "currentstatus",
        "endtime",
        "orderstatus",
        "domainstatus",
        "actiontype",
        "ns1",
        "ns2",
        "ns99999999999999999999",
        "noOfNameServers",
        "registrantcontact",
        "registrantcontactid",
        "telnocc",
        "telno",
        "name",
        "status",
        "message",
        "error",
        "errorvalue",
        "recsonpage",
        "recsindb",
        "1",
        "2",
        "entity.description",
        "orders.endtime",
        "domcno",
        "addnewdomain",
        "pricing",
        "domaindeskpricecheck.com",
        "classkey",
        "sellingcurrencysymbol",
        "parentsellingcurrencysymbol",
    ]);
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..12).prop_map(|entries| Value::Object(
                entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_json_never_panics_and_never_names_another_domain(value in json(), status in prop::sample::select(vec![200_u16, 403, 500])) {
        read_everything(value.to_string().as_bytes(), status);
    }

    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
        read_everything(&body, status);
    }

    #[test]
    fn damaged_answers_never_panic_and_never_name_another_domain(
        which in 0..DETAILS.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut body = DETAILS[which].as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        read_everything(&body, 200);
    }

    #[test]
    fn an_answer_with_any_one_value_replaced_tells_of_the_asked_domain_or_of_none(
        which in 0..DETAILS.len(),
        key in any::<prop::sample::Index>(),
        value in json(),
    ) {
        let mut answer: Value = serde_json::from_str(DETAILS[which]).unwrap();
        let keys: Vec<String> = answer.as_object().unwrap().keys().cloned().collect();
        answer[&keys[key.index(keys.len())]] = value;
        read_everything(answer.to_string().as_bytes(), 200);
    }

    #[test]
    fn an_answer_about_another_domain_is_always_refused(other in "[a-z]{1,10}\\.(com|org|co\\.uk)", which in 0..DETAILS.len()) {
        prop_assume!(other != "example.com");
        let body = changed(DETAILS[which], &serde_json::json!({"domainname": other}));
        let error = read_details(body.as_bytes(), 200, &name("example.com")).unwrap_err();
        prop_assert_eq!(error.kind(), ErrorKind::InvalidResponse, "S2.5");
    }
}
