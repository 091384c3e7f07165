//! Accounts, connections, limits, counting.

use std::time::{Duration, Instant};

use domaindesk_simulator::{AccountConfig, OverLimit, RateLimit, Simulator, SimulatorConfig, WorldConfig};

use super::*;

#[tokio::test]
async fn one_connection_serves_many_requests_and_all_are_counted() {
    let simulator = Simulator::start(SimulatorConfig { count_domains: true, ..SimulatorConfig::with_domains(20) });
    let client = client();
    for _ in 0..50 {
        assert_eq!(client.get(details(&simulator, 3)).send().await.unwrap().text().await.unwrap().find("{\""), Some(0));
    }
    client.get(list(&simulator)).send().await.unwrap().text().await.unwrap();
    let stats = simulator.stats();
    let name = simulator.with_world(|world| world.domain(3).unwrap().name);
    assert_eq!((stats.requests, stats.connections, stats.peak_simultaneous), (51, 1, 1));
    assert_eq!((stats.of_path("domains/details-by-name.json"), stats.of_path("domains/search.json")), (50, 1));
    assert_eq!(stats.by_domain.get(&name), Some(&50));
    simulator.reset_stats();
    assert_eq!(simulator.stats(), Default::default());
}

#[tokio::test]
async fn each_account_has_its_own_world_and_only_its_own_key() {
    let account = |login: &str, seed| AccountConfig {
        auth_userid: login.to_owned(),
        api_key: format!("key-{login}"),
        world: WorldConfig { seed, domains: 30, ..WorldConfig::default() },
    };
    let accounts = vec![account("1", 1), account("2", 2)];
    let simulator = Simulator::start(SimulatorConfig { accounts, ..SimulatorConfig::default() });
    let client = client();
    let ask = async |login: &str, key: &str| {
        let query = format!("auth-userid={login}&api-key={key}&no-of-records=10&page-no=1");
        client.get(format!("{}domains/search.json?{query}", simulator.url())).send().await.unwrap()
    };
    let (one, two) = (json(ask("1", "key-1").await).await, json(ask("2", "key-2").await).await);
    assert_eq!(one["recsonpage"], "10");
    assert_ne!(one, two);
    let crossed = ask("1", "key-2").await;
    assert_eq!(crossed.status(), 500);
    let error = json(crossed).await;
    assert_eq!(error["status"], "ERROR");
    assert!(error["message"].as_str().unwrap().contains("Invalid credentials"));
    assert_eq!(simulator.stats().unauthenticated, 1);
    // A new key invalidates the old at once.
    simulator.set_api_key("1", "fresh");
    assert_eq!(ask("1", "key-1").await.status(), 500);
    assert_eq!(ask("1", "fresh").await.status(), 200);
    assert_eq!(simulator.with_world_of("2", |world| world.len()), 30);
}

#[tokio::test]
async fn requests_over_the_limit_are_refused_and_counted() {
    let simulator = Simulator::start(SimulatorConfig {
        rate_limit: Some(RateLimit::per_seconds(3, 60)),
        ..SimulatorConfig::with_domains(20)
    });
    let client = client();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(client.get(list(&simulator)).send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 403, 403]);
    assert_eq!((simulator.stats().over_limit, simulator.stats().requests), (2, 5));
    let over = OverLimit::TooManyRequests { retry_after: Some("7".to_owned()) };
    simulator.set_rate_limit(Some(RateLimit { requests: 0, window_ms: 1_000, over }));
    let response = client.get(list(&simulator)).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    simulator.set_rate_limit(None);
    assert_eq!(client.get(list(&simulator)).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn connections_over_the_limit_are_dropped_and_the_peak_is_known() {
    let simulator = Simulator::start(SimulatorConfig {
        max_connections: Some(2),
        latency: Duration::from_millis(300),
        ..SimulatorConfig::with_domains(20)
    });
    let client = client();
    let requests: Vec<_> = (0..4).map(|_| tokio::spawn(client.get(list(&simulator)).send())).collect();
    let mut answered = 0;
    for request in requests {
        answered += u32::from(request.await.unwrap().is_ok());
    }
    let stats = simulator.stats();
    assert_eq!((answered, stats.peak_simultaneous), (2, 2));
    // A client may try a dropped connection again by itself.
    assert!(stats.connections_refused >= 2, "{stats:?}");
}

#[tokio::test]
async fn latency_delays_every_answer() {
    let simulator = Simulator::start(SimulatorConfig::with_domains(20));
    simulator.set_latency(Duration::from_millis(80), Duration::from_millis(10));
    let start = Instant::now();
    client().get(list(&simulator)).send().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(80));
}

#[test]
fn a_dropped_simulator_no_longer_listens() {
    let simulator = Simulator::start(SimulatorConfig::with_domains(1));
    let address = simulator.address();
    assert!(std::net::TcpStream::connect(address).is_ok());
    drop(simulator);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_million_domains_are_listed_and_read_by_a_blocking_caller() {
    use std::io::{BufRead, BufReader, Read, Write};
    let simulator = Simulator::start(SimulatorConfig::with_domains(1_000_000));
    let mut stream = std::net::TcpStream::connect(simulator.address()).unwrap();
    let query = "no-of-records=10&page-no=90000&order-by=orderid+asc";
    write!(stream, "GET /api/domains/search.json?{LOGIN}&{query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 200 OK\r\n");
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("\"recsonpage\":\"10\""));
}
