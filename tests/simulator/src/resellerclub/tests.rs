//! By the sentences of the page; the numbers are its sections.

mod details;
mod list;
mod other;

use serde_json::{Value, json};

use super::*;
use crate::world::{PriceAction, PriceTable, PriceText, SimDomain, WorldConfig};

const NOW: i64 = 1_795_435_200;

fn account(domains: u64) -> Account {
    let world = World::generate(WorldConfig { seed: 5, domains, tlds: Vec::new(), now: NOW });
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
    assert_eq!((status, &value["status"]), (500, &json!("ERROR")), "{path}?{query}: {text}");
    value["message"].as_str().unwrap().to_owned()
}

fn details(account: &mut Account, name: &str) -> Value {
    ask(account, "domains/details-by-name.json", &format!("domain-name={name}&options=All"))
}

fn find(account: &Account, what: &str, fits: impl Fn(&SimDomain) -> bool) -> SimDomain {
    account.world.domains().find(|domain| fits(domain)).unwrap_or_else(|| panic!("a world without {what}"))
}

fn of_tld(extension: &'static str) -> impl Fn(&SimDomain) -> bool {
    move |domain| !domain.is_pending() && domain.tld().unwrap().extension == extension
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn rows(value: &Value) -> Vec<&Value> {
    let mut rows: Vec<(u32, &Value)> =
        value.as_object().unwrap().iter().filter_map(|(key, row)| Some((key.parse().ok()?, row))).collect();
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}
