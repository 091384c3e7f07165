//! The list.

use super::*;

#[test]
fn a_list_has_numbered_keys_in_no_numeric_order_and_both_totals_2() {
    let mut account = account(300);
    let query = "no-of-records=100&page-no=1&order-by=orderid+asc";
    let (_, text) = ask_text(&mut account, "domains/search.json", query, Twist::default());
    assert!(text.find("\"100\":").unwrap() < text.find("\"2\":").unwrap());
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["recsonpage"], json!("100"));
    let shown = account.world.domains().filter(|domain| domain.current_status != "Deleted").count();
    assert_eq!(value["recsindb"], json!(shown.to_string()));
    let row = &value["1"];
    let domain = account.world.domain(0).unwrap();
    assert_eq!(row["entity.description"], json!(domain.name));
    assert_eq!(row["entity.currentstatus"], json!(domain.current_status));
    assert_eq!(row["orders.endtime"], json!(domain.expires.unwrap().to_string()));
    assert_eq!(row["entitytype.entitytypekey"], json!(domain.product_key));
    for absent in ["ns1", "orderstatus", "domainstatus", "actiontype"] {
        assert!(row.get(absent).is_none());
    }
}

#[test]
fn pages_by_order_id_show_every_domain_once_2() {
    let mut account = account(1_234);
    account.world.list_shows_deleted = true;
    let mut orders = Vec::new();
    for page in 1..=3 {
        let query = format!("no-of-records=500&page-no={page}&order-by=orderid%20asc");
        let value = ask(&mut account, "domains/search.json", &query);
        orders.extend(rows(&value).iter().map(|row| row["orders.orderid"].as_str().unwrap().parse::<u64>().unwrap()));
    }
    assert_eq!(orders, account.world.domains().map(|domain| domain.order_id).collect::<Vec<_>>());
    let beyond = ask(&mut account, "domains/search.json", "no-of-records=500&page-no=4");
    assert_eq!((&beyond["recsonpage"], rows(&beyond).len()), (&json!("0"), 0));
}

#[test]
fn by_timestamp_the_latest_change_is_first_2() {
    let mut account = account(200);
    let query = "no-of-records=10&page-no=1&order-by=timestamp+desc";
    let before = ask(&mut account, "domains/search.json", query);
    let stamps: Vec<&str> = rows(&before).iter().map(|row| row["orders.timestamp"].as_str().unwrap()).collect();
    assert!(stamps.windows(2).all(|pair| pair[0] >= pair[1]), "{stamps:?}");
    let name = find(&account, "an active one", |domain| domain.current_status == "Active").name;
    account.world.update(&name, |domain| domain.nameservers.truncate(1));
    let after = ask(&mut account, "domains/search.json", query);
    assert_eq!(rows(&after)[0]["entity.description"], json!(name));
}

#[test]
fn a_list_is_filtered_by_order_ids_and_statuses_2() {
    let mut account = account(3_000);
    let deleted = find(&account, "a deleted one", |domain| domain.current_status == "Deleted");
    let active = find(&account, "an active one", |domain| domain.current_status == "Active");
    let orders =
        format!("no-of-records=10&page-no=1&order-id={}&order-id={}&order-id=1", deleted.order_id, active.order_id);
    let value = ask(&mut account, "domains/search.json", &orders);
    assert_eq!((&value["recsindb"], &value["1"]["entity.description"]), (&json!("1"), &json!(active.name)));
    let value = ask(&mut account, "domains/search.json", &format!("{orders}&status=Deleted&status=Archived"));
    assert_eq!((&value["recsindb"], &value["1"]["entity.description"]), (&json!("1"), &json!(deleted.name)));
    let value = ask(&mut account, "domains/search.json", "no-of-records=10&page-no=1&order-id=1");
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
        assert!(message.starts_with('{') && message.ends_with('}'), "{message}");
    }
}

#[test]
fn rows_of_pending_orders_lack_expiry_and_privacy_2() {
    let mut account = account(5_000);
    let value = ask(&mut account, "domains/search.json", "no-of-records=10&page-no=1&status=InActive");
    let row = &value["1"];
    assert!(row.get("orders.endtime").is_none() && row.get("orders.privacyprotection").is_none());
    assert!(row.get("orders.timestamp").is_some());
}

#[test]
fn a_list_has_several_orders_at_once_2() {
    let mut account = account(400);
    let query = "no-of-records=500&page-no=1&order-by=customerid+desc&order-by=endtime+asc";
    let value = ask(&mut account, "domains/search.json", query);
    let number = |row: &Value, key: &str| row[key].as_str().map_or(i64::MAX, |text| text.parse().unwrap());
    let found: Vec<(i64, i64)> =
        rows(&value).iter().map(|row| (-number(row, "entity.customerid"), number(row, "orders.endtime"))).collect();
    assert!(found.len() > 390 && found.is_sorted());
    assert!(found.windows(2).any(|pair| pair[0].0 == pair[1].0), "no customer has two domains");
}
