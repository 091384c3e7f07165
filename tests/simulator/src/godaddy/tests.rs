//! By the sentences of the page; the numbers are its sections.

use super::*;
use crate::world::WorldConfig;

const NOW: i64 = 1_795_435_200;

fn account(domains: u64) -> Account {
    let world = World::generate(WorldConfig { seed: 5, domains, tlds: Vec::new(), now: NOW });
    Account::new("jane".to_owned(), "simulated".to_owned(), world)
}

fn ask(account: &mut Account, path: &str, query: &str) -> (u16, Value) {
    let answer = GoDaddy.answer(&Call::new("GET", path, query), account, Twist::default());
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

fn list(account: &mut Account, query: &str) -> Vec<Value> {
    let (status, body) = ask(account, "v1/domains", query);
    assert_eq!(status, 200, "{body}");
    body.as_array().unwrap().clone()
}

fn active(account: &Account) -> SimDomain {
    account.world.domains().find(|domain| domain.expires.is_some() && word(domain, NOW) == "ACTIVE").unwrap()
}

#[test]
fn details_have_everything_and_the_auth_code_unasked_1() {
    let mut account = account(50);
    let domain = active(&account);
    let (status, body) = ask(&mut account, &format!("v1/domains/{}", domain.name.to_uppercase()), "");
    assert_eq!((status, &body["domain"]), (200, &json!(domain.name)));
    assert_eq!(body["expires"], instant(domain.expires.unwrap(), domain.index));
    assert_eq!((&body["authCode"], &body["domainId"]), (&json!(domain.auth_code), &json!(domain.order_id as f64)));
    assert!(body["contactRegistrant"]["addressMailing"]["city"].is_string() && body["nameServers"].is_array());
    account.world.update(&domain.name, |domain| domain.nameservers.clear());
    let (status, body) = ask(&mut account, &format!("v1/domains/{}", domain.name), "");
    assert_eq!((status, &body["nameServers"]), (203, &Value::Null));
}

#[test]
fn pages_follow_from_the_last_name_and_show_every_row_once_2() {
    let mut account = account(250);
    let (mut names, mut query) = (Vec::new(), "limit=100".to_owned());
    loop {
        let page = list(&mut account, &query);
        names.extend(page.iter().map(|row| row["domain"].as_str().unwrap().to_owned()));
        if page.len() < 100 {
            break;
        }
        query = format!("limit=100&marker={}", names.last().unwrap());
    }
    assert!(names.is_sorted() && names.len() == 250, "{}", names.len());
    assert_eq!(list(&mut account, "").len(), 100);
    for wrong in ["limit=0", "limit=1001", "limit=x", "includes=secrets", "statusGroups=ALL"] {
        let (status, body) = ask(&mut account, "v1/domains", wrong);
        assert_eq!((status, &body["code"]), (422, &json!("INVALID_BODY")), "{wrong}");
    }
}

#[test]
fn a_row_has_what_was_asked_for_and_null_for_the_rest_2() {
    let mut account = account(20);
    let row = |account: &mut Account, query: &str| list(account, query).remove(0);
    let bare = row(&mut account, "limit=1");
    assert_eq!((&bare["nameServers"], bare.get("contactAdmin"), bare.get("authCode")), (&Value::Null, None, None));
    for whole in ["includes=contacts,nameServers", "includes=contacts&includes=nameServers"] {
        let row = row(&mut account, whole);
        assert!(row["nameServers"].is_array() && row["contactRegistrant"].is_object(), "{row}");
    }
    assert!(row(&mut account, "includes=authCode")["authCode"].is_string());
}

#[test]
fn the_list_is_a_history_and_a_name_can_be_in_it_twice_2() {
    let mut account = account(50);
    let name = active(&account).name;
    account.world.update(&name, |domain| domain.current_status = "Deleted".to_owned());
    account.world.add(&name);
    let rows: Vec<_> = list(&mut account, "limit=1000").into_iter().filter(|row| row["domain"] == name).collect();
    assert_eq!(rows.iter().map(|row| &row["status"]).collect::<Vec<_>>(), ["CANCELLED", "ACTIVE"]);
    assert!(rows[0]["deletedAt"].is_string() && rows[1].get("deletedAt").is_none());
    assert_eq!(ask(&mut account, &format!("v1/domains/{name}"), "").1["status"], "ACTIVE");
    let visible = list(&mut account, "limit=1000&statusGroups=VISIBLE&statuses=ACTIVE,CANCELLED");
    assert!(visible.iter().all(|row| row["status"] == "ACTIVE"));
}

#[test]
fn words_are_those_of_the_registrar_8() {
    let mut account = account(50);
    let name = active(&account).name;
    for (world, days, shown) in [
        ("Active", 10, "ACTIVE"),
        ("Active", -2, "ACTIVE"),
        ("Active", -10, "PARKED_EXPIRED"),
        ("Active", -40, "PENDING_EXPIRATION"),
        ("Suspended", 10, "HELD_SHOPPER"),
        ("Pending Delete Restorable", -40, "CANCELLED_REDEEMABLE"),
        ("InActive", 0, "PENDING_SETUP"),
        ("TRANSFERRED_OUT", 10, "TRANSFERRED_OUT"),
    ] {
        account.world.update(&name, |domain| {
            (domain.current_status, domain.expires) = (world.to_owned(), Some(NOW + days * DAY));
        });
        assert_eq!(ask(&mut account, &format!("v1/domains/{name}"), "").1["status"], shown, "{world} {days}");
    }
}

#[test]
fn refusals_have_a_status_and_a_code_5() {
    let mut account = account(5);
    let (status, body) = ask(&mut account, "v1/domains/none.example", "");
    assert_eq!((status, &body["code"]), (404, &json!("NOT_FOUND")));
    assert_eq!((GoDaddy.refuse_login().status, GoDaddy.over_limit().status), (401, 429));
    assert_eq!(ask(&mut account, "v1/domains/a/records", "").0, 404);
}
