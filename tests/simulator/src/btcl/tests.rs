//! By the sentences of the page; the numbers are its sections.

use super::*;
use crate::world::WorldConfig;

const NOW: i64 = 1_795_435_200;

fn account() -> Account {
    let world = World::generate(WorldConfig { seed: 5, domains: 50, tlds: vec!["com.bd".to_owned()], now: NOW });
    Account::new("jane".to_owned(), "simulated".to_owned(), world)
}

fn ask(account: &mut Account, path: &str, body: &Value) -> Value {
    let body = body.to_string();
    let call = Call::new("POST", path, "").with_body(body.as_bytes());
    serde_json::from_slice(&Btcl.answer(&call, account, Twist::default()).body).unwrap()
}

fn active(account: &Account) -> SimDomain {
    account.world.domains().find(|domain| domain.current_status == "Active" && domain.expires > Some(NOW)).unwrap()
}

#[test]
fn a_domain_has_dates_day_first_and_no_status_of_its_own_1_9() {
    let mut account = account();
    let domain = active(&account);
    account.world.update(&domain.name, |domain| {
        (domain.expires, domain.nameservers) = (Some(NOW), vec!["ns1.example".to_owned(), "ns2.example".to_owned()]);
    });
    let body = ask(&mut account, "domain_info.do", &json!({"domain": domain.name.to_uppercase()}));
    assert_eq!((&body["domain"], &body["expiryDate"]), (&json!(domain.name), &json!("23/11/2026")));
    assert_eq!((&body["responseCode"], &body["clientNid"]), (&json!(2000), &json!(nid(&domain))));
    assert!(body["tertiaryDns"].as_str().unwrap_or_default().is_empty() && nid(&domain).len() == 13);
}

#[test]
fn what_is_not_registered_here_is_a_code_5_8() {
    let mut account = account();
    let name = active(&account).name;
    for (word, code) in [
        ("Deleted", 4_004),
        ("Pending Delete Restorable", 4_005),
        ("Foreign", 4_009),
        ("Suspended", 4_011),
        ("InActive", 4_011),
        ("Active", 2_000),
    ] {
        account.world.update(&name, |domain| domain.current_status = word.to_owned());
        assert_eq!(ask(&mut account, "domain_info.do", &json!({"domain": name}))["responseCode"], code, "{word}");
    }
    assert_eq!(ask(&mut account, "domain_info.do", &json!({"domain": "none.bd"}))["responseCode"], 4_004);
    assert_eq!(ask(&mut account, "domain_availability.do", &json!({"domain": name}))["response_code"], 2_001);
    // "an empty PHP array becomes `[]`, which may be refused as 4012"
    assert_eq!(ask(&mut account, "balance.do", &json!([]))["responseCode"], 4_012);
    assert_eq!(ask(&mut account, "balance.do", &json!({})), json!({"balance": 485_280.0, "responseCode": 2000}));
}

#[test]
fn rates_are_floats_for_a_name_and_years_3() {
    let mut account = account();
    let mut rates = |domain: &str, years: u32| {
        ask(&mut account, "domain_rates.do", &json!({"domain": domain, "year": years})).to_string()
    };
    let one = rates("sample.com.bd", 1);
    assert!(one.contains(r#""regRate":22.5,"renewRate":23.5"#), "{one}");
    assert!(rates("sample.com.bd", 2).contains(r#""regRate":45.0,"renewRate":47.0"#));
    assert!(rates("sample.com", 1).contains("4014") && rates("sample.com.bd", 11).contains("4006"));
}
