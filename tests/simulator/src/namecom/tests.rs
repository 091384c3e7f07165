//! By the sentences of the page.

use super::*;
use crate::world::WorldConfig;

const NOW: i64 = 1_795_435_200;

fn account(domains: u64) -> Account {
    let world = World::generate(WorldConfig { seed: 5, domains, tlds: Vec::new(), now: NOW });
    Account::new("jane".to_owned(), "simulated".to_owned(), world)
}

fn ask(account: &mut Account, path: &str, query: &str) -> (u16, Value) {
    let answer = NameCom.answer(&Call::new("GET", path, query), account, Twist::default());
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

fn ok(account: &mut Account, path: &str, query: &str) -> Value {
    let (status, body) = ask(account, path, query);
    assert_eq!(status, 200, "{body}");
    body
}

fn active(account: &Account) -> SimDomain {
    account.world.domains().find(|domain| domain.current_status == "Active" && domain.expires > Some(NOW)).unwrap()
}

#[test]
fn details_have_everything_but_a_status() {
    let mut account = account(50);
    let domain = active(&account);
    let body = ok(&mut account, &format!("v4/domains/{}", domain.name.to_uppercase()), "");
    assert_eq!(body["domainName"], domain.name);
    assert_eq!(body["expireDate"], instant(domain.expires.unwrap()));
    assert!(body["contacts"]["registrant"]["address1"].is_string() && body["nameservers"].is_array());
    assert!(body["renewalPrice"].is_f64() && body.get("status").is_none());
    assert_eq!(instant(NOW), "2026-11-23T12:00:00Z");
}

#[test]
fn fields_equal_to_their_default_are_left_out() {
    let mut account = account(50);
    let name = active(&account).name;
    account.world.update(&name, |domain| {
        domain.order_status.clear();
        (domain.privacy, domain.auto_renew) = (false, false);
        domain.contacts[0].company.clear();
        domain.nameservers.clear();
    });
    let body = ok(&mut account, &format!("v4/domains/{name}"), "");
    for key in ["locked", "privacyEnabled", "autorenewEnabled", "nameservers"] {
        assert_eq!(body.get(key), None, "{key}");
    }
    assert_eq!(body["contacts"]["registrant"].get("companyName"), None);
}

#[test]
fn the_list_has_pages_whose_last_says_nothing_of_others() {
    let mut account = account(250);
    let there = account.world.domains().filter(|domain| is_here(&domain.current_status)).count();
    let mut names = Vec::new();
    for page in 1..=3 {
        let body = ok(&mut account, "v4/domains", &format!("perPage=100&page={page}"));
        let more = (page < 3).then(|| (json!(page + 1), json!(3)));
        assert_eq!(body.get("nextPage").cloned().zip(body.get("lastPage").cloned()), more);
        names.extend(body["domains"].as_array().unwrap().iter().map(|row| row["domainName"].to_string()));
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), there);
    let all = ok(&mut account, "v4/domains", "");
    let rows = all["domains"].as_array().unwrap();
    assert!(rows.len() == there && all.get("nextPage").is_none(), "1000 = default and maximum");
    assert!(rows.iter().all(|row| row.get("nameservers").is_none() && row.get("contacts").is_none()));
    for wrong in ["perPage=1001", "perPage=0", "page=0", "page=x"] {
        assert_eq!(ask(&mut account, "v4/domains", wrong).0, 400, "{wrong}");
    }
    assert_eq!(ok(&mut account, "v4/domains", "page=9"), json!({}));
}

#[test]
fn what_is_not_in_the_account_is_404_and_what_arrives_is_a_transfer() {
    let mut account = account(50);
    let name = active(&account).name;
    let listed = |account: &mut Account| ok(account, "v4/domains", "").to_string().contains(&format!("\"{name}\""));
    for (word, here) in [("Deleted", false), ("InActive", false), ("Suspended", true), ("Active", true)] {
        account.world.update(&name, |domain| {
            domain.current_status = word.to_owned();
            domain.action_type = Some("AddTransferDomain".to_owned());
        });
        let (status, body) = ask(&mut account, &format!("v4/domains/{name}"), "");
        assert_eq!((status == 200, listed(&mut account)), (here, here), "{word}: {body}");
        let arriving = ok(&mut account, "v4/transfers", "").to_string().contains(&format!("\"{name}\""));
        assert_eq!(arriving, word == "InActive");
    }
    let (status, body) = ask(&mut account, "v4/domains/none.example", "");
    assert_eq!((status, body), (404, json!({"message": "Not Found"})));
    assert_eq!((NameCom.refuse_login().status, NameCom.over_limit().status), (401, 429));
}

#[test]
fn prices_are_totals_of_25_tlds_a_page_and_a_promotion_has_its_ordinary_price_beside_it() {
    let mut account = account(5);
    let body = ok(&mut account, "core/v1/tldpricing", "");
    assert_eq!(body["pricing"].as_array().unwrap().len(), 25, "default page 25");
    assert_eq!((&body["from"], &body["to"], &body["totalCount"]), (&json!(1), &json!(25), &json!(30)));
    assert_eq!((&body["nextPage"], &body["lastPage"]), (&json!(2), &json!(2)));
    assert_eq!(ok(&mut account, "core/v1/tldpricing", "page=2")["pricing"].as_array().unwrap().len(), 5);
    let body = ok(&mut account, "core/v1/tldpricing", "duration=2&tlds[]=com&tlds%5B%5D=info&tlds[]=none");
    let rows = body["pricing"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let wanted = json!({
        "tld": "com", "duration": 2, "registrationPrice": 13.18, "registrationOriginalPrice": 21.98,
        "renewalPrice": 23.98, "transferInPrice": 10.99, "domainRestorationPrice": 80.0
    });
    assert_eq!(rows[0], wanted);
    assert_eq!((&rows[1]["registrationPrice"], rows[1].get("registrationOriginalPrice")), (&json!(37.98), None));
    let many = (0..26).map(|number| format!("tlds[]=t{number}")).collect::<Vec<_>>().join("&");
    for wrong in ["duration=0", "duration=11", "perPage=0", many.as_str()] {
        assert_eq!(ask(&mut account, "core/v1/tldpricing", wrong).0, 400, "{wrong}");
    }
}
