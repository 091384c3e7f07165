//! By the sentences of the page; the numbers are its sections.

use serde_json::{Value, json};

use super::*;
use crate::world::{PriceAction, PriceTable, PriceText, SimDomain, WorldConfig};

const NOW: i64 = 1_795_435_200;

fn account(domains: u64) -> Account {
    let world = World::generate(WorldConfig {
        seed: 5,
        domains,
        tlds: Vec::new(),
        now: NOW,
    });
    Account::new("777".to_owned(), "simulated".to_owned(), world)
}

fn ask_text(account: &mut Account, path: &str, query: &str, twist: Twist) -> (u16, String) {
    let answer = ResellerClub.answer(&Call::new("GET", path, query), account, twist);
    (answer.status, String::from_utf8(answer.body).unwrap())
}

fn ask(account: &mut Account, path: &str, query: &str) -> Value {
    let (status, text) = ask_text(account, path, query, Twist::default());
    assert_eq!(status, 200, "{path}?{query}: {text}");
    serde_json::from_str(&text).unwrap()
}

fn refusal(account: &mut Account, path: &str, query: &str) -> String {
    let (status, text) = ask_text(account, path, query, Twist::default());
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (status, &value["status"]),
        (500, &json!("ERROR")),
        "{path}?{query}: {text}"
    );
    value["message"].as_str().unwrap().to_owned()
}

fn details(account: &mut Account, name: &str) -> Value {
    ask(
        account,
        "domains/details-by-name.json",
        &format!("domain-name={name}&options=All"),
    )
}

fn find(account: &Account, what: &str, fits: impl Fn(&SimDomain) -> bool) -> SimDomain {
    account
        .world
        .domains()
        .find(|domain| fits(domain))
        .unwrap_or_else(|| panic!("a world without {what}"))
}

fn of_tld(extension: &'static str) -> impl Fn(&SimDomain) -> bool {
    move |domain| !domain.is_pending() && domain.tld().unwrap().extension == extension
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn details_have_every_key_of_the_field_map_1() {
    let mut account = account(500);
    let domain = find(&account, "an ordinary domain", |domain| {
        domain.current_status == "Active" && domain.raa.is_some() && of_tld("com")(domain)
    });
    let value = details(&mut account, &domain.name);
    assert_eq!(value["domainname"], json!(domain.name));
    assert_eq!(value["description"], json!(domain.name));
    assert_eq!(value["currentstatus"], json!("Active"));
    assert_eq!(value["endtime"], json!(domain.expires.unwrap().to_string()));
    assert_eq!(value["creationtime"], json!(domain.created.to_string()));
    assert_eq!(value["productkey"], json!("domcno"));
    assert_eq!(
        value["noOfNameServers"],
        json!(domain.nameservers.len().to_string())
    );
    for (place, host) in domain.nameservers.iter().enumerate() {
        assert_eq!(value[format!("ns{}", place + 1)], json!(host));
    }
    assert_eq!(value["orderstatus"], json!(domain.order_status));
    assert_eq!(value["recurring"], json!(domain.auto_renew.to_string()));
    assert_eq!(
        value["isprivacyprotected"],
        json!(domain.privacy.to_string())
    );
    assert_eq!(value["domsecret"], json!(domain.auth_code));
    assert_eq!(
        value["registrantcontact"]["emailaddr"],
        json!(domain.contacts[0].email)
    );
    assert_eq!(
        value["billingcontactid"],
        json!(domain.contacts[3].contact_id.to_string())
    );
    assert!(
        value.get("status").is_none(),
        "(5): a success has no status"
    );
}

#[test]
fn every_scalar_is_a_string_10() {
    fn check(value: &Value) {
        match value {
            Value::Object(object) => object.values().for_each(check),
            Value::Array(list) => list.iter().for_each(check),
            Value::String(_) => (),
            other => panic!("{other}"),
        }
    }
    let mut account = account(50);
    let names: Vec<String> = account.world.domains().map(|domain| domain.name).collect();
    for name in names {
        check(&details(&mut account, &name));
    }
    check(&ask(
        &mut account,
        "domains/search.json",
        "no-of-records=50&page-no=1",
    ));
}

#[test]
fn details_by_order_id_are_the_same_answer_and_the_order_id_is_a_bare_number_1() {
    let mut account = account(50);
    let domain = account.world.domain(11).unwrap();
    let by_order = ask(
        &mut account,
        "domains/details.json",
        &format!("order-id={}&options=All", domain.order_id),
    );
    assert_eq!(by_order, details(&mut account, &domain.name));
    let number = ask(
        &mut account,
        "domains/orderid.json",
        &format!("domain-name={}", domain.name),
    );
    assert_eq!(number, json!(domain.order_id));
}

#[test]
fn options_are_required_case_sensitive_and_repeated_1() {
    let mut account = account(50);
    let name = find(&account, "a .com", of_tld("com")).name;
    let path = "domains/details-by-name.json";
    for options in [
        "",
        "&options=",
        "&options=all",
        "&options=OrderDetails,NsDetails",
        "&options[]=All",
    ] {
        let message = refusal(&mut account, path, &format!("domain-name={name}{options}"));
        assert!(message.starts_with("{options="), "{message}");
    }
    let some = ask(
        &mut account,
        path,
        &format!("domain-name={name}&options=OrderDetails&options=NsDetails"),
    );
    let there = keys(&some);
    assert!(
        there.contains(&"orderstatus") && there.contains(&"ns1") && there.contains(&"classkey"),
        "{there:?}"
    );
    // OrderDetails has no currentstatus; contacts come with All.
    for absent in [
        "currentstatus",
        "domainstatus",
        "registrantcontact",
        "registrantcontactid",
    ] {
        assert!(!there.contains(&absent), "{absent}");
    }
    let ids = ask(
        &mut account,
        path,
        &format!("domain-name={name}&options=ContactIds"),
    );
    assert!(ids.get("techcontactid").is_some() && ids.get("techcontact").is_none());
}

#[test]
fn what_is_missing_comes_as_http_500_with_a_json_error_5() {
    let mut account = account(50);
    let by_name = refusal(
        &mut account,
        "domains/details-by-name.json",
        "domain-name=nothing.com&options=All",
    );
    assert_eq!(by_name, "Website doesn't exist for nothing.com");
    assert_eq!(
        refusal(
            &mut account,
            "domains/orderid.json",
            "domain-name=nothing.com"
        ),
        by_name
    );
    for (path, query) in [
        ("domains/details.json", "order-id=84372632&options=All"),
        ("domains/locks.json", "order-id=84372632"),
        ("contacts/details.json", "contact-id=99999999"),
    ] {
        assert!(
            refusal(&mut account, path, query).starts_with("No Entity found for Entityid"),
            "{path}"
        );
    }
    assert_eq!(
        refusal(&mut account, "contacts/details.json", "contact-id=-1"),
        "Invalid contact-id"
    );
}

#[test]
fn keys_vanish_on_pending_orders_10() {
    let mut account = account(5_000);
    let transfer = find(&account, "a transfer", |domain| {
        domain.action_type.as_deref() == Some("AddTransferDomain")
    });
    let value = details(&mut account, &transfer.name);
    assert_eq!(
        (&value["currentstatus"], &value["actiontype"]),
        (&json!("InActive"), &json!("AddTransferDomain"))
    );
    for absent in [
        "creationtime",
        "endtime",
        "domsecret",
        "orderstatus",
        "domainstatus",
        "registrantcontact",
        "techcontact",
    ] {
        assert!(value.get(absent).is_none(), "{absent}");
    }
    assert!(value.get("registrantcontactid").is_some());
    assert_eq!(value["actionstatus"], json!("Pending"));
    let new = find(&account, "a registration", |domain| {
        domain.action_type.as_deref() == Some("AddNewDomain")
    });
    assert!(
        details(&mut account, &new.name)
            .get("registrantcontact")
            .is_some()
    );
    let expired = find(&account, "renewhold", |domain| {
        domain.domain_status == ["renewhold"]
    });
    let value = details(&mut account, &expired.name);
    assert_eq!(
        (&value["currentstatus"], value.get("raaVerificationStatus")),
        (&json!("Active"), None)
    );
}

#[test]
fn some_registries_know_fewer_contacts_10() {
    let mut account = account(5_000);
    let british = find(&account, "a .co.uk", of_tld("co.uk")).name;
    let value = details(&mut account, &british);
    assert_eq!(value["admincontactid"], json!("-1"));
    assert!(value["registrantcontact"].is_object());
    assert_eq!(
        (
            &value["admincontact"],
            &value["techcontact"],
            value.get("billingcontact")
        ),
        (&json!([]), &json!({}), None)
    );
    let canadian = find(&account, "a .ca", of_tld("ca")).name;
    let value = details(&mut account, &canadian);
    assert!(value.get("billingcontact").is_none() && value.get("billingcontactid").is_none());
    assert!(value["admincontact"].is_object());
}

#[test]
fn privacy_brings_its_own_contacts_beside_the_real_ones_1() {
    let mut account = account(1_000);
    let domain = find(&account, "privacy", |domain| {
        domain.privacy && !domain.is_pending()
    });
    let value = details(&mut account, &domain.name);
    assert_eq!(value["isprivacyprotected"], json!("true"));
    assert_eq!(
        value["registrantcontact"]["name"],
        json!(domain.contacts[0].name)
    );
    assert_eq!(
        value["privacy-registrantcontact"]["name"],
        json!("Domain Admin")
    );
    assert!(value.get("privacyprotectendtime").is_some());
}

#[test]
fn empty_objects_come_in_both_forms_10() {
    let mut account = account(2);
    let names: Vec<String> = account.world.domains().map(|domain| domain.name).collect();
    assert_eq!(details(&mut account, &names[0])["cns"], json!({}));
    assert_eq!(details(&mut account, &names[1])["cns"], json!([]));
}

#[test]
fn thirteen_nameservers_are_flat_keys_in_no_numeric_order_1() {
    let mut account = account(2_000);
    let domain = find(&account, "13 nameservers", |domain| {
        domain.nameservers.len() == 13
    });
    let query = format!("domain-name={}&options=NsDetails", domain.name);
    let (_, text) = ask_text(
        &mut account,
        "domains/details-by-name.json",
        &query,
        Twist::default(),
    );
    let place = |key: &str| text.find(&format!("\"{key}\":")).unwrap();
    assert!(place("ns10") < place("ns2") && place("ns1") < place("ns10"));
}

#[test]
fn a_list_has_numbered_keys_in_no_numeric_order_and_both_totals_2() {
    let mut account = account(300);
    let query = "no-of-records=100&page-no=1&order-by=orderid+asc";
    let (_, text) = ask_text(&mut account, "domains/search.json", query, Twist::default());
    assert!(text.find("\"100\":").unwrap() < text.find("\"2\":").unwrap());
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["recsonpage"], json!("100"));
    let shown = account
        .world
        .domains()
        .filter(|domain| domain.current_status != "Deleted")
        .count();
    assert_eq!(value["recsindb"], json!(shown.to_string()));
    let row = &value["1"];
    let domain = account.world.domain(0).unwrap();
    assert_eq!(row["entity.description"], json!(domain.name));
    assert_eq!(row["entity.currentstatus"], json!(domain.current_status));
    assert_eq!(
        row["orders.endtime"],
        json!(domain.expires.unwrap().to_string())
    );
    assert_eq!(row["entitytype.entitytypekey"], json!(domain.product_key));
    for absent in ["ns1", "orderstatus", "domainstatus", "actiontype"] {
        assert!(row.get(absent).is_none());
    }
}

fn rows(value: &Value) -> Vec<&Value> {
    let mut rows: Vec<(u32, &Value)> = value
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(key, row)| Some((key.parse().ok()?, row)))
        .collect();
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}

#[test]
fn pages_by_order_id_show_every_domain_once_2() {
    let mut account = account(1_234);
    account.world.list_shows_deleted = true;
    let mut orders = Vec::new();
    for page in 1..=3 {
        let query = format!("no-of-records=500&page-no={page}&order-by=orderid%20asc");
        let value = ask(&mut account, "domains/search.json", &query);
        orders.extend(rows(&value).iter().map(|row| {
            row["orders.orderid"]
                .as_str()
                .unwrap()
                .parse::<u64>()
                .unwrap()
        }));
    }
    assert_eq!(
        orders,
        account
            .world
            .domains()
            .map(|domain| domain.order_id)
            .collect::<Vec<_>>()
    );
    let beyond = ask(
        &mut account,
        "domains/search.json",
        "no-of-records=500&page-no=4",
    );
    assert_eq!(
        (&beyond["recsonpage"], rows(&beyond).len()),
        (&json!("0"), 0)
    );
}

#[test]
fn by_timestamp_the_latest_change_is_first_2() {
    let mut account = account(200);
    let query = "no-of-records=10&page-no=1&order-by=timestamp+desc";
    let before = ask(&mut account, "domains/search.json", query);
    let stamps: Vec<&str> = rows(&before)
        .iter()
        .map(|row| row["orders.timestamp"].as_str().unwrap())
        .collect();
    assert!(
        stamps.windows(2).all(|pair| pair[0] >= pair[1]),
        "{stamps:?}"
    );
    let name = find(&account, "an active one", |domain| {
        domain.current_status == "Active"
    })
    .name;
    account
        .world
        .update(&name, |domain| domain.nameservers.truncate(1));
    let after = ask(&mut account, "domains/search.json", query);
    assert_eq!(rows(&after)[0]["entity.description"], json!(name));
}

#[test]
fn a_list_is_filtered_by_order_ids_and_statuses_2() {
    let mut account = account(3_000);
    let deleted = find(&account, "a deleted one", |domain| {
        domain.current_status == "Deleted"
    });
    let active = find(&account, "an active one", |domain| {
        domain.current_status == "Active"
    });
    let orders = format!(
        "no-of-records=10&page-no=1&order-id={}&order-id={}&order-id=1",
        deleted.order_id, active.order_id
    );
    let value = ask(&mut account, "domains/search.json", &orders);
    assert_eq!(
        (&value["recsindb"], &value["1"]["entity.description"]),
        (&json!("1"), &json!(active.name))
    );
    let value = ask(
        &mut account,
        "domains/search.json",
        &format!("{orders}&status=Deleted&status=Archived"),
    );
    assert_eq!(
        (&value["recsindb"], &value["1"]["entity.description"]),
        (&json!("1"), &json!(deleted.name))
    );
    let value = ask(
        &mut account,
        "domains/search.json",
        "no-of-records=10&page-no=1&order-id=1",
    );
    assert_eq!(value, json!({"recsonpage": "0", "recsindb": "0"}));
}

#[test]
fn list_parameters_are_required_and_bounded_2() {
    let mut account = account(20);
    for query in [
        "page-no=1",
        "no-of-records=10",
        "no-of-records=9&page-no=1",
        "no-of-records=501&page-no=1",
        "no-of-records=10&page-no=0",
        "no-of-records=ten&page-no=1",
        "no-of-records=10&page-no=1&order-by=name",
        "no-of-records=10&page-no=1&order-by=orderid+up",
    ] {
        let message = refusal(&mut account, "domains/search.json", query);
        assert!(
            message.starts_with('{') && message.ends_with('}'),
            "{message}"
        );
    }
}

#[test]
fn rows_of_pending_orders_lack_expiry_and_privacy_2() {
    let mut account = account(5_000);
    let value = ask(
        &mut account,
        "domains/search.json",
        "no-of-records=10&page-no=1&status=InActive",
    );
    let row = &value["1"];
    assert!(row.get("orders.endtime").is_none() && row.get("orders.privacyprotection").is_none());
    assert!(row.get("orders.timestamp").is_some());
}

#[test]
fn a_timestamp_is_postgresql_text_with_up_to_six_digits_9() {
    assert_eq!(
        timestamp((1_732_916_998, 182_670)),
        "2024-11-29 21:49:58.18267+00"
    );
    assert_eq!(timestamp((1_709_164_800, 0)), "2024-02-29 00:00:00+00");
    assert_eq!(timestamp((0, 1)), "1970-01-01 00:00:00.000001+00");
    assert_eq!(
        timestamp((1_767_225_599, 999_999)),
        "2025-12-31 23:59:59.999999+00"
    );
}

#[test]
fn locks_are_real_booleans_1() {
    let mut account = account(100);
    let locked = find(&account, "a locked one", |domain| {
        domain.order_status.contains(&"transferlock".to_owned())
    });
    let value = ask(
        &mut account,
        "domains/locks.json",
        &format!("order-id={}", locked.order_id),
    );
    assert_eq!(value, json!({"transferlock": true, "customerlock": false}));
}

#[test]
fn prices_are_numbers_or_strings_by_product_and_by_slab_3() {
    let mut account = account(1);
    let customer = ask(&mut account, "products/customer-price.json", "");
    assert_eq!(customer["domcno"]["addnewdomain"]["1"], json!(14.28));
    assert_eq!(customer["domcno"]["restoredomain"]["1"], json!(104.0));
    let cost = ask(&mut account, "products/reseller-cost-price.json", "");
    assert_eq!(cost["domcno"]["renewdomain"]["10"], json!("11.99"));
    assert_eq!(
        cost["thirdleveldotuk"]["addtransferdomain"],
        json!({"1": "6.99"})
    );
    let slab = ask(&mut account, "products/reseller-price.json", "");
    assert_eq!(
        slab["domcno"]["0"]["pricing"]["addnewdomain"]["1"],
        json!("12.08")
    );
    assert_eq!(slab["domcno"]["privacy-protection"], json!("0.0"));
    assert!(
        cost.get("hosting")
            .is_some_and(|junk| junk.get("addnewdomain").is_none())
    );
    account.world.prices.text = PriceText::Numbers;
    account.world.set_price(
        "com",
        PriceTable::Cost,
        PriceAction::Renew,
        None,
        Some("12.345"),
    );
    let cost = ask(&mut account, "products/reseller-cost-price.json", "");
    assert_eq!(cost["domcno"]["renewdomain"]["3"], json!(12.345));
}

#[test]
fn availability_is_keyed_by_the_full_name_and_tells_the_product_key_3() {
    let mut account = account(500);
    let ours = find(&account, "a .co.uk", of_tld("co.uk")).name;
    let label = ours.split('.').next().unwrap().to_owned();
    let query = format!("domain-name={label}&tlds=co.uk&tlds=com&tlds=nosuchtld");
    let value = ask(&mut account, "domains/available.json", &query);
    assert_eq!(
        value[&ours],
        json!({"classkey": "thirdleveldotuk", "status": "regthroughus"})
    );
    assert_eq!(value[format!("{label}.com")]["classkey"], json!("domcno"));
    assert_eq!(
        value[format!("{label}.nosuchtld")],
        json!({"status": "unknown"})
    );
    let products = ask(&mut account, "products/details.json", "");
    assert_eq!(
        products["thirdleveldotuk"]["tldlist"],
        json!(["co.uk", "org.uk"])
    );
}

#[test]
fn the_account_tells_both_currencies_3() {
    let mut account = account(1);
    account.world.currency = "GBP".to_owned();
    let value = ask(&mut account, "resellers/details.json", "");
    assert_eq!(
        (
            &value["sellingcurrencysymbol"],
            &value["parentsellingcurrencysymbol"]
        ),
        (&json!("GBP"), &json!("USD"))
    );
}

#[test]
fn a_contact_is_read_by_its_id_1() {
    let mut account = account(10);
    let contact = account.world.domain(4).unwrap().contacts[0].clone();
    let value = ask(
        &mut account,
        "contacts/details.json",
        &format!("contact-id={}", contact.contact_id),
    );
    assert_eq!(
        (&value["name"], &value["currentstatus"]),
        (&json!(contact.name), &json!("Active"))
    );
    assert_eq!(value.get("address3"), None);
}

#[test]
fn actions_under_way_are_numbered_rows_2() {
    let mut account = account(5_000);
    let transfer = find(&account, "a transfer", |domain| {
        domain.action_type.as_deref() == Some("AddTransferDomain")
    });
    let query = format!(
        "no-of-records=10&page-no=1&order-id={}&order-id=80000003",
        transfer.order_id
    );
    let value = ask(&mut account, "actions/search-current.json", &query);
    assert_eq!(
        (&value["recsindb"], &value["1"]["actiontype"]),
        (&json!("1"), &json!("AddTransferDomain"))
    );
    assert_eq!(value["1"]["entityid"], json!(transfer.order_id.to_string()));
    let all = ask(
        &mut account,
        "actions/search-current.json",
        "no-of-records=500&page-no=1",
    );
    let pending = account
        .world
        .domains()
        .filter(|domain| domain.action_type.is_some())
        .count();
    assert_eq!(
        (rows(&all).len(), &all["recsindb"]),
        (pending, &json!(pending.to_string()))
    );
}

#[test]
fn faults_of_content_change_the_answer_and_not_its_form() {
    let mut account = account(100);
    let name = find(&account, "an active one", |domain| {
        domain.current_status == "Active"
    })
    .name;
    let mut twisted = |path: &str, query: &str, twist| -> Value {
        serde_json::from_str(&ask_text(&mut account, path, query, twist).1).unwrap()
    };
    let (path, query) = (
        "domains/details-by-name.json",
        format!("domain-name={name}&options=All"),
    );
    let other = twisted(
        path,
        &query,
        Twist {
            other_domain: true,
            ..Twist::default()
        },
    );
    assert!(other["domainname"].is_string() && other["domainname"] != json!(name));
    let expired = twisted(
        path,
        &query,
        Twist {
            everything_expired: true,
            ..Twist::default()
        },
    );
    assert_eq!(expired["endtime"], json!((NOW - 864_000).to_string()));
    let (path, query) = ("domains/search.json", "no-of-records=100&page-no=1");
    let total = twisted(
        path,
        query,
        Twist {
            wrong_total: true,
            ..Twist::default()
        },
    );
    let number = |value: &Value| value.as_str().unwrap().parse::<usize>().unwrap();
    assert_eq!(number(&total["recsindb"]), rows(&total).len() + 7);
    let empty = twisted(
        path,
        query,
        Twist {
            empty_list: true,
            ..Twist::default()
        },
    );
    assert_eq!(empty, json!({"recsonpage": "0", "recsindb": "0"}));
    let expired = twisted(
        path,
        query,
        Twist {
            everything_expired: true,
            ..Twist::default()
        },
    );
    assert_eq!(
        expired["1"]["orders.endtime"],
        json!((NOW - 864_000).to_string())
    );
}

#[test]
fn unknown_paths_and_writes_are_refused() {
    let mut account = account(1);
    assert_eq!(
        ask_text(&mut account, "domains/nothing.json", "", Twist::default()).0,
        404
    );
    let call = Call::new("POST", "domains/search.json", "");
    assert_eq!(
        ResellerClub
            .answer(&call, &mut account, Twist::default())
            .status,
        405
    );
}
