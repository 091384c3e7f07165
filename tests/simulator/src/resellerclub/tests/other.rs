//! Prices and the small calls.

use super::*;

#[test]
fn a_timestamp_is_postgresql_text_with_up_to_six_digits_9() {
    assert_eq!(timestamp((1_732_916_998, 182_670)), "2024-11-29 21:49:58.18267+00");
    assert_eq!(timestamp((1_709_164_800, 0)), "2024-02-29 00:00:00+00");
    assert_eq!(timestamp((0, 1)), "1970-01-01 00:00:00.000001+00");
    assert_eq!(timestamp((1_767_225_599, 999_999)), "2025-12-31 23:59:59.999999+00");
}

#[test]
fn locks_are_real_booleans_1() {
    let mut account = account(100);
    let locked = find(&account, "a locked one", |domain| domain.order_status.contains(&"transferlock".to_owned()));
    let value = ask(&mut account, "domains/locks.json", &format!("order-id={}", locked.order_id));
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
    assert_eq!(cost["thirdleveldotuk"]["addtransferdomain"], json!({"1": "6.99"}));
    let slab = ask(&mut account, "products/reseller-price.json", "");
    assert_eq!(slab["domcno"]["0"]["pricing"]["addnewdomain"]["1"], json!("12.08"));
    assert_eq!(slab["domcno"]["privacy-protection"], json!("0.0"));
    assert!(cost.get("hosting").is_some_and(|junk| junk.get("addnewdomain").is_none()));
    account.world.prices.text = PriceText::Numbers;
    account.world.set_price("com", PriceTable::Cost, PriceAction::Renew, None, Some("12.345"));
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
    assert_eq!(value[&ours], json!({"classkey": "thirdleveldotuk", "status": "regthroughus"}));
    assert_eq!(value[format!("{label}.com")]["classkey"], json!("domcno"));
    assert_eq!(value[format!("{label}.nosuchtld")], json!({"status": "unknown"}));
    let products = ask(&mut account, "products/details.json", "");
    assert_eq!(products["thirdleveldotuk"]["tldlist"], json!(["co.uk", "org.uk"]));
}

#[test]
fn the_account_tells_both_currencies_3() {
    let mut account = account(1);
    account.world.currency = "GBP".to_owned();
    let value = ask(&mut account, "resellers/details.json", "");
    assert_eq!(
        (&value["sellingcurrencysymbol"], &value["parentsellingcurrencysymbol"]),
        (&json!("GBP"), &json!("USD"))
    );
}

#[test]
fn a_contact_is_read_by_its_id_1() {
    let mut account = account(10);
    let contact = account.world.domain(4).unwrap().contacts[0].clone();
    let value = ask(&mut account, "contacts/details.json", &format!("contact-id={}", contact.contact_id));
    assert_eq!((&value["name"], &value["currentstatus"]), (&json!(contact.name), &json!("Active")));
    assert_eq!(value.get("address3"), None);
}

#[test]
fn actions_under_way_are_numbered_rows_2() {
    let mut account = account(5_000);
    let transfer = find(&account, "a transfer", |domain| domain.action_type.as_deref() == Some("AddTransferDomain"));
    let query = format!("no-of-records=10&page-no=1&order-id={}&order-id=80000003", transfer.order_id);
    let value = ask(&mut account, "actions/search-current.json", &query);
    assert_eq!((&value["recsindb"], &value["1"]["actiontype"]), (&json!("1"), &json!("AddTransferDomain")));
    assert_eq!(value["1"]["entityid"], json!(transfer.order_id.to_string()));
    let all = ask(&mut account, "actions/search-current.json", "no-of-records=500&page-no=1");
    let pending = account.world.domains().filter(|domain| domain.action_type.is_some()).count();
    assert_eq!((rows(&all).len(), &all["recsindb"]), (pending, &json!(pending.to_string())));
}

#[test]
fn faults_of_content_change_the_answer_and_not_its_form() {
    let mut account = account(100);
    let name = find(&account, "an active one", |domain| domain.current_status == "Active").name;
    let mut twisted = |path: &str, query: &str, twist| -> Value {
        serde_json::from_str(&ask_text(&mut account, path, query, twist).1).unwrap()
    };
    let (path, query) = ("domains/details-by-name.json", format!("domain-name={name}&options=All"));
    let other = twisted(path, &query, Twist { other_domain: true, ..Twist::default() });
    assert!(other["domainname"].is_string() && other["domainname"] != json!(name));
    let expired = twisted(path, &query, Twist { everything_expired: true, ..Twist::default() });
    assert_eq!(expired["endtime"], json!((NOW - 8_640_000).to_string()));
    let (path, query) = ("domains/search.json", "no-of-records=100&page-no=1");
    let total = twisted(path, query, Twist { wrong_total: true, ..Twist::default() });
    let number = |value: &Value| value.as_str().unwrap().parse::<usize>().unwrap();
    assert_eq!(number(&total["recsindb"]), rows(&total).len() + 7);
    let empty = twisted(path, query, Twist { empty_list: true, ..Twist::default() });
    assert_eq!(empty, json!({"recsonpage": "0", "recsindb": "0"}));
    let expired = twisted(path, query, Twist { everything_expired: true, ..Twist::default() });
    assert_eq!(expired["1"]["orders.endtime"], json!((NOW - 8_640_000).to_string()));
}

#[test]
fn unknown_paths_and_writes_are_refused() {
    let mut account = account(1);
    assert_eq!(ask_text(&mut account, "domains/nothing.json", "", Twist::default()).0, 404);
    let call = Call::new("POST", "domains/search.json", "");
    assert_eq!(ResellerClub.answer(&call, &mut account, Twist::default()).status, 405);
}
