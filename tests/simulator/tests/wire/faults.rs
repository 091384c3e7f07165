//! Each fault as it arrives.

use std::error::Error;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use domaindesk_simulator::{Fault, FaultRule, Faults, Simulator, SimulatorConfig};

use super::*;

fn start() -> RunningSimulator {
    Simulator::start(SimulatorConfig::with_domains(40))
}

fn is_caused_by(error: &(dyn Error + 'static), kind: ErrorKind) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == kind) {
            return true;
        }
        next = error.source();
    }
    false
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let simulator = start();
    simulator.set_faults(Fault::Reset);
    let error = client().get(list(&simulator)).send().await.unwrap_err();
    assert!(is_caused_by(&error, ErrorKind::ConnectionReset), "{error:?}");
    assert!(simulator.stats().faults >= 1);
}

#[tokio::test]
async fn a_reset_while_answering_follows_half_a_body() {
    let simulator = start();
    simulator.set_faults(Fault::ResetWhileAnswering);
    let mut response = client().get(list(&simulator)).send().await.unwrap();
    let length = response.content_length().unwrap();
    let mut received = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => received += bytes.len() as u64,
            Ok(None) => panic!("a whole body"),
            Err(error) => break error,
        }
    };
    assert!(is_caused_by(&error, ErrorKind::ConnectionReset), "{error:?}");
    assert_eq!(received, length / 2);
}

#[tokio::test]
async fn over_http_2_the_same_answers_come_and_a_reset_ends_the_connection() {
    let simulator = start();
    let client = builder().http2_prior_knowledge().build().unwrap();
    let requests = (0..20).map(|index| tokio::spawn(client.get(details(&simulator, index)).send()));
    for (index, request) in (0..).zip(requests.collect::<Vec<_>>()) {
        let value = json(request.await.unwrap().unwrap()).await;
        let name = simulator.with_world(|world| world.domain(index).unwrap().name);
        assert_eq!(value["domainname"].as_str().unwrap(), name);
    }
    let stats = simulator.stats();
    assert_eq!((stats.http2_requests, stats.connections), (20, 1));
    simulator.set_faults(Fault::Truncated);
    let response = client.get(list(&simulator)).send().await.unwrap();
    assert!(response.bytes().await.is_err());
    simulator.set_faults(Fault::Reset);
    assert!(client.get(list(&simulator)).send().await.is_err());
    simulator.clear_faults();
    client.get(list(&simulator)).send().await.unwrap();
    assert!(simulator.stats().connections >= 2);
}

#[tokio::test]
async fn a_close_without_an_answer_is_no_reset() {
    let simulator = start();
    simulator.set_faults(Fault::CloseWithoutAnswer);
    let error = client().get(list(&simulator)).send().await.unwrap_err();
    assert!(!is_caused_by(&error, ErrorKind::ConnectionReset), "{error:?}");
    assert!(format!("{error:?}").contains("IncompleteMessage"), "{error:?}");
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_it_says() {
    let simulator = start();
    simulator.set_faults(Fault::Truncated);
    let mut response = client().get(list(&simulator)).send().await.unwrap();
    let length = response.content_length().unwrap();
    let mut received = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => received += bytes.len() as u64,
            Ok(None) => panic!("a whole body"),
            Err(error) => break error,
        }
    };
    assert!(!error.is_timeout(), "{error:?}");
    assert_eq!(received, length / 2);
}

#[tokio::test]
async fn a_stalled_and_a_never_ending_body_run_into_the_clients_time_out() {
    let simulator = start();
    let client = builder().timeout(Duration::from_millis(400)).build().unwrap();
    for fault in [Fault::Stall, Fault::NeverEnding] {
        simulator.set_faults(fault.clone());
        let mut response = client.get(list(&simulator)).send().await.unwrap();
        let mut pieces = 0;
        let error = loop {
            match response.chunk().await {
                Ok(Some(_)) => pieces += 1,
                Ok(None) => panic!("{fault:?}: the body ended"),
                Err(error) => break error,
            }
        };
        assert!(error.is_timeout() && pieces >= 1, "{fault:?}: {error:?}");
        assert!(fault == Fault::Stall || pieces > 5, "{pieces}");
    }
}

#[tokio::test]
async fn a_slow_drip_is_slow_and_whole() {
    let simulator = start();
    let whole = client().get(details(&simulator, 0)).send().await.unwrap().bytes().await.unwrap();
    simulator.set_faults(Fault::SlowDrip { bytes: 300, every_ms: 10 });
    let start = Instant::now();
    let dripped = client().get(details(&simulator, 0)).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(dripped, whole);
    assert!(start.elapsed() >= Duration::from_millis(10 * (whole.len() as u64 / 300)));
}

#[tokio::test]
async fn bodies_that_are_not_what_they_should_be() {
    let simulator = start();
    let ask = async |fault: Fault| {
        simulator.set_faults(fault);
        let response = client().get(list(&simulator)).send().await.unwrap();
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        (response.status().as_u16(), kind, response.bytes().await.unwrap())
    };
    let (status, kind, body) = ask(Fault::Garbage).await;
    assert!(status == 200 && kind.contains("json") && std::str::from_utf8(&body).is_err());
    let (status, _, body) = ask(Fault::WrongShape).await;
    assert!(status == 200 && serde_json::from_slice::<Value>(&body).unwrap().is_array());
    let (status, kind, body) = ask(Fault::HtmlOk).await;
    assert!(status == 200 && kind.contains("html") && body.starts_with(b"<!DOCTYPE html>"));
    let (status, _, body) = ask(Fault::EmptyBody).await;
    assert!(status == 200 && body.is_empty());
    let (status, _, body) = ask(Fault::HugeBody { bytes: 3_000_000 }).await;
    assert!(status == 200 && body.len() >= 3_000_000 && serde_json::from_slice::<Value>(&body).is_ok());
}

#[tokio::test]
async fn statuses_that_refuse() {
    let simulator = start();
    let ask = async |fault: Fault| {
        simulator.set_faults(fault);
        let response = client().get(list(&simulator)).send().await.unwrap();
        let after = response.headers().get("retry-after").map(|text| text.to_str().unwrap().to_owned());
        (response.status().as_u16(), after, response.text().await.unwrap())
    };
    let (status, after, _) = ask(Fault::TooManyRequests { retry_after: None }).await;
    assert_eq!((status, after), (429, None));
    let (status, after, _) = ask(Fault::TooManyRequests { retry_after: Some("2".to_owned()) }).await;
    assert_eq!((status, after.as_deref()), (429, Some("2")));
    let (status, _, body) = ask(Fault::ForbiddenPage).await;
    assert!(status == 403 && body.contains("error code: 1020"));
    let error = r#"{"status":"Failed","actionstatus":"Failed","actionstatusdesc":"x"}"#;
    let (status, _, body) = ask(Fault::Verbatim { status: 200, body: error.to_owned() }).await;
    assert_eq!((status, body.as_str()), (200, error));
    for code in [500, 502, 503, 504] {
        let (status, _, body) = ask(Fault::ServerError { status: code }).await;
        assert!(status == code && body.contains("<html>"));
    }
}

#[tokio::test]
async fn content_of_another_domain_or_another_world() {
    let simulator = start();
    let first = simulator.with_world(|world| world.domain(0).unwrap().name);
    let ask = async |fault: Fault, url: String| {
        simulator.set_faults(fault);
        json(client().get(url).send().await.unwrap()).await
    };
    let value = ask(Fault::OtherDomain, details(&simulator, 0)).await;
    assert_ne!(value["domainname"].as_str().unwrap(), first);
    let value = ask(Fault::EverythingExpired, details(&simulator, 0)).await;
    let now = simulator.with_world(|world| world.now());
    assert_eq!(value["endtime"].as_str().unwrap(), (now - 8_640_000).to_string());
    let value = ask(Fault::EmptyList, list(&simulator)).await;
    assert_eq!(value["recsindb"], "0");
    let value = ask(Fault::WrongTotal, list(&simulator)).await;
    assert_ne!(value["recsindb"], value["recsonpage"]);
}

#[tokio::test]
async fn one_page_of_a_list_is_missing_while_the_total_stays() {
    let simulator = start();
    simulator.set_faults(Faults::one(FaultRule::always(Fault::EmptyPage).starting_after(1).for_next(1)));
    let mut pages = Vec::new();
    let mut totals = Vec::new();
    for page in 1..=4 {
        let query = format!("no-of-records=10&page-no={page}");
        let url = call(&simulator, "domains/search.json", &query);
        let value = json(client().get(url).send().await.unwrap()).await;
        pages.push(value["recsonpage"].as_str().unwrap().to_owned());
        totals.push(value["recsindb"].as_str().unwrap().to_owned());
        assert_eq!(value.get("1").is_some(), page != 2);
    }
    assert_eq!(pages[1], "0");
    assert_eq!(pages[0], "10");
    assert!(totals.iter().all(|total| *total == totals[0] && total != "0"), "{totals:?}");
}

#[tokio::test]
async fn a_fault_befalls_only_the_requests_that_it_is_meant_for() {
    let simulator = start();
    let first = simulator.with_world(|world| world.domain(0).unwrap().name);
    simulator.set_faults(Faults::of([
        FaultRule::always(Fault::ServerError { status: 503 }).for_domain(&first),
        FaultRule::always(Fault::ForbiddenPage).on_path("domains/search.json").for_next(1),
    ]));
    let client = client();
    let status = async |url: String| client.get(url).send().await.unwrap().status().as_u16();
    assert_eq!(status(details(&simulator, 0)).await, 503);
    assert_eq!(status(details(&simulator, 1)).await, 200);
    assert_eq!((status(list(&simulator)).await, status(list(&simulator)).await), (403, 200));
    // By its order id it is the same domain.
    let order = simulator.with_world(|world| world.domain(0).unwrap().order_id);
    assert_eq!(status(call(&simulator, "domains/details.json", &format!("order-id={order}&options=All"))).await, 503);
    simulator.clear_faults();
    assert_eq!(status(details(&simulator, 0)).await, 200);
    assert_eq!(simulator.stats().faults, 3);
}
