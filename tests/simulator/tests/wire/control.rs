//! The control plane.

use domaindesk_simulator::{Fault, FaultRule, Faults, RateLimit, Simulator, SimulatorConfig, Stats};
use serde_json::json;

use super::*;

async fn post(simulator: &RunningSimulator, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}{path}", simulator.control_url());
    let response = client().post(url).body(body.to_string()).send().await.unwrap();
    (response.status().as_u16(), super::json(response).await)
}

async fn get(simulator: &RunningSimulator, path: &str) -> Value {
    super::json(client().get(format!("{}{path}", simulator.control_url())).send().await.unwrap()).await
}

#[tokio::test]
async fn statistics_are_read_and_reset_and_do_not_count_the_control_plane() {
    let simulator = Simulator::start(SimulatorConfig::with_domains(20));
    client().get(list(&simulator)).send().await.unwrap();
    let stats: Stats = serde_json::from_value(get(&simulator, "stats").await).unwrap();
    assert_eq!((stats.requests, stats.of_path("domains/search.json")), (1, 1));
    assert_eq!(post(&simulator, "reset-stats", &json!({})).await.0, 200);
    assert_eq!(simulator.stats().requests, 0);
}

#[tokio::test]
async fn the_world_is_changed_as_in_process() {
    let simulator = Simulator::start(SimulatorConfig::with_domains(100));
    let (status, answer) = post(&simulator, "change", &json!({"fraction": 0.2, "seed": 4})).await;
    assert_eq!((status, answer["changed"].as_array().unwrap().len()), (200, 20));
    let name = simulator.with_world(|world| world.domain(5).unwrap().name);
    let edit = json!({"name": name, "current_status": "Suspended", "expires": 1_900_000_000, "nameservers": ["a.example", "b.example"]});
    assert_eq!(post(&simulator, "domain", &edit).await.0, 200);
    let domain = get(&simulator, &format!("domain?name={name}")).await;
    assert_eq!((&domain["current_status"], &domain["expires"]), (&json!("Suspended"), &json!(1_900_000_000)));
    let shown = super::json(client().get(details(&simulator, 5)).send().await.unwrap()).await;
    assert_eq!((&shown["endtime"], &shown["ns2"]), (&json!("1900000000"), &json!("b.example")));
    let page = get(&simulator, "domains?from=5&count=1").await;
    assert_eq!((&page["total"], &page["domains"][0]["name"]), (&json!(100), &json!(name)));
    assert_eq!(post(&simulator, "remove", &json!({"name": name})).await.0, 200);
    assert_eq!(post(&simulator, "remove", &json!({"name": name})).await.0, 404);
    assert_eq!(post(&simulator, "add", &json!({"name": name})).await.1["index"], 100);
    let price = json!({"product": "com", "table": "cost", "action": "renew", "price": "99.90"});
    assert_eq!(post(&simulator, "prices", &price).await.0, 200);
    let url = call(&simulator, "products/reseller-cost-price.json", "");
    let prices = super::json(client().get(url).send().await.unwrap()).await;
    assert_eq!(prices["domcno"]["renewdomain"]["2"], "99.90");
}

#[tokio::test]
async fn faults_and_limits_are_set_with_the_json_of_the_structs() {
    let simulator = Simulator::start(SimulatorConfig::with_domains(20));
    let faults = Faults::one(FaultRule::always(Fault::ServerError { status: 502 }).for_next(1));
    assert_eq!(post(&simulator, "faults", &serde_json::to_value(&faults).unwrap()).await.0, 200);
    assert_eq!(client().get(list(&simulator)).send().await.unwrap().status(), 502);
    let limit = serde_json::to_value(RateLimit::per_seconds(1, 60)).unwrap();
    assert_eq!(post(&simulator, "limit", &limit).await.0, 200);
    assert_eq!(client().get(list(&simulator)).send().await.unwrap().status(), 200);
    assert_eq!(client().get(list(&simulator)).send().await.unwrap().status(), 403);
    assert_eq!(post(&simulator, "limit", &Value::Null).await.0, 200);
    assert_eq!(client().get(list(&simulator)).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn mistakes_are_named() {
    let simulator = Simulator::start(SimulatorConfig::with_domains(1));
    for (path, body, status) in [
        ("nothing", json!({}), 404),
        ("change", json!({"fractoin": 1}), 400),
        ("faults", json!({"rules": [{"kind": "reste"}]}), 400),
        ("domain", json!({"current_status": "Active"}), 400),
        ("domain", json!({"name": "nothing.com"}), 404),
        ("stats?account=2", json!({}), 404),
    ] {
        let (found, answer) = post(&simulator, path, &body).await;
        assert_eq!(found, status, "{path} {body}");
        assert!(!answer["error"].as_str().unwrap().is_empty(), "{path} {body}");
    }
}
