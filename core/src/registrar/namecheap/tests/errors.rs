use super::super::super::http::Answer;
use super::*;

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, content_type: None, retry_after: None, body: body.as_bytes().to_vec() }
}

fn refusal(status: u16, body: &str) -> Error {
    error::read(&answer(status, body)).unwrap_err()
}

fn numbered(number: &str) -> Error {
    refusal(200, &fixture!("error/numbered.xml").replace("NUMBER", number))
}

#[test]
fn every_number_of_the_page_is_the_kind_that_it_says() {
    use ErrorKind::{Auth, Config, Network, NotFound, RateLimited, Rejected};
    let lines: [(ErrorKind, &[&str]); 6] = [
        (
            Auth,
            &[
                "1010101", "1011101", "1010102", "1011102", "1030408", "1016103", "1019103", "1017103", "1017101",
                "1017105", "1017410", "1017411", "1011150", "1017150",
            ],
        ),
        (Config, &["1010105", "1011105", "1010104"]),
        (NotFound, &["2019166", "2016166", "4011103", "3019510"]),
        (Rejected, &["2030166", "3016166", "2030280", "4019337", "4019329", "1", "", "NaN", "50001"]),
        (RateLimited, &["500000"]),
        (Network, &["1050900", "3031510", "3050900", "5019169", "5050169", "5050900", "5026312"]),
    ];
    for (kind, numbers) in lines {
        for number in numbers {
            let error = numbered(number);
            assert_eq!(error.kind(), kind, "S6.1 {number}");
            let native = error.native().unwrap();
            assert_eq!(native.code.as_deref().unwrap_or_default(), *number);
            assert_eq!(native.message, "Some text");
        }
    }
}

#[test]
fn an_address_that_is_not_allow_listed_is_named() {
    let error = refusal(200, fixture!("error/address.xml"));
    assert_eq!(error.kind(), ErrorKind::Auth);
    for part in ["allow-list", "198.51.100.9"] {
        assert!(error.message().contains(part), "{error}");
    }
}

#[test]
fn the_body_decides_before_the_http_status_does() {
    for status in [200, 400, 403, 405, 500, 503] {
        let error = refusal(status, fixture!("error/not_found.xml"));
        assert_eq!(error.kind(), ErrorKind::NotFound, "S6.2 HTTP {status}");
        assert!(error::read(&answer(status, fixture!("get_list/empty.xml"))).is_ok(), "S6.2 HTTP {status}");
    }
    // The junk result beside the error is not looked at.
    assert!(!refusal(200, fixture!("error/not_found.xml")).message().contains("junk"));
}

#[test]
fn of_several_errors_the_known_one_decides() {
    let error = refusal(200, fixture!("error/two.xml"));
    assert_eq!((error.kind(), error.native().unwrap().code.as_deref()), (ErrorKind::NotFound, Some("2016166")));
    let error = refusal(200, fixture!("error/no_reason.xml"));
    assert_eq!((error.kind(), error.native().unwrap().message.as_str()), (ErrorKind::Rejected, "no reason given"));
}

#[test]
fn a_used_up_budget_waits_for_the_minute_s_window() {
    let html = fixture!("error/method_not_allowed.html");
    for error in [refusal(405, html), refusal(405, ""), refusal(200, fixture!("error/too_many.xml"))] {
        assert_eq!(
            (error.kind(), error.retry_after()),
            (ErrorKind::RateLimited, Some(Duration::from_secs(60))),
            "S6.2"
        );
    }
}

#[test]
fn what_is_no_answer_of_the_api_is_told_by_its_status_and_kind() {
    use ErrorKind::{Auth, InvalidResponse, Network};
    for (line, status, body, kind) in [
        ("5xx", 502, "<html>Bad gateway</html>", Network),
        ("5xx", 500, "", Network),
        ("HTML body with 200", 200, "\n<!DOCTYPE html><html><head></head>", Network),
        ("HTML body with 200", 200, "<HTML><body>maintenance</body></HTML>", Network),
        ("empty body with 200", 200, " \r\n", Network),
        ("a refused address", 403, "<html>Forbidden</html>", Auth),
        ("nonsense", 200, "nonsense", InvalidResponse),
        ("nonsense", 200, "{\"status\":\"OK\"}", InvalidResponse),
        ("cut short", 200, &fixture!("get_list/one.xml")[..600], InvalidResponse),
        ("another root", 200, "<interface-response/>", InvalidResponse),
        ("no status", 200, "<ApiResponse/>", InvalidResponse),
        ("an odd status", 200, "<ApiResponse Status='MAYBE'/>", InvalidResponse),
    ] {
        assert_eq!(refusal(status, body).kind(), kind, "S6.2 {line}: {body}");
    }
}

#[tokio::test]
async fn no_secret_leaves_in_an_error() {
    let server = Server::start(|request| {
        let text =
            format!("{} {} {}", request.field("ApiKey").unwrap(), request.field("ApiUser").unwrap(), request.body);
        Reply::xml(200, fixture!("error/api_key.xml").replace("API Key is invalid", &text.replace('&', "&amp;")))
    })
    .await;
    let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
    assert_eq!((error.kind(), error.registrar()), (ErrorKind::Auth, Some("namecheap")));
    assert_silent(&format!("{error} {error:?} {error:#?} {:?}", error.native()));
}
