use super::super::super::http::Answer;
use super::*;

fn refusal(status: u16, body: &str) -> Error {
    let body = body.as_bytes().to_vec();
    error::check(&Answer { status, content_type: None, retry_after: None, body }).unwrap_err()
}

#[test]
fn every_line_of_the_page_s_table_is_the_kind_that_it_says() {
    use ErrorKind::{Auth, Network, NotFound, RateLimited, Rejected, Timeout};
    for (status, code, kind) in [
        (400, "SOMETHING", Rejected),
        (400, "MALFORMED_CREDENTIALS", Auth),
        (401, "UNABLE_TO_AUTHENTICATE", Auth),
        (401, "MALFORMED_CREDENTIALS", Auth),
        (403, "ACCESS_DENIED", Auth),
        (404, "NOT_FOUND", NotFound),
        (404, "UNKNOWN_DOMAIN", NotFound),
        (408, "SOMETHING", Timeout),
        (409, "SOMETHING", Rejected),
        (422, "INVALID_BODY", Rejected),
        (422, "UNSUPPORTED_TLD", Rejected),
        (429, "TOO_MANY_REQUESTS", RateLimited),
        (500, "INTERNAL", Network),
        (502, "INTERNAL", Network),
        (503, "NOT_FOUND", Network),
        (504, "INTERNAL", Network),
    ] {
        let error = refusal(status, &format!(r#"{{"code":"{code}","message":"Some text"}}"#));
        assert_eq!(error.kind(), kind, "S6.1 {status} {code}");
        let native = error.native().unwrap();
        assert_eq!((native.code.as_deref(), native.message.as_str()), (Some(code), "Some text"));
        assert!(error.message().contains("Some text"), "{error}");
    }
}

/// "The body of a 403 or 5xx may not be JSON: decide by HTTP status first, decode second."
#[test]
fn a_refusal_without_the_api_s_words_is_told_by_its_status() {
    use ErrorKind::{Auth, InvalidResponse, Network, RateLimited};
    for body in ["", "<html>Sorry</html>", "[]", "{}", r#"{"code":null}"#, "\u{0}"] {
        for (status, kind) in [
            (403, Auth),
            (401, Auth),
            (500, Network),
            (502, Network),
            (503, Network),
            (504, Network),
            (429, RateLimited),
            // Any server has such a page: it says nothing of a domain (S2.5).
            (404, InvalidResponse),
        ] {
            assert_eq!(refusal(status, body).kind(), kind, "S6.2 {status} {body}");
        }
    }
}

#[test]
fn which_credentials_and_which_access_are_wrong_is_said() {
    let error = refusal(401, fixture!("error/credentials.json"));
    assert!(error.message().contains("api_secret") && error.message().contains("test"), "{error}");
    let error = refusal(403, fixture!("error/access.json"));
    assert!(error.message().contains("key may be right") && error.message().contains("shopper"), "{error}");
    let error = refusal(422, fixture!("error/fields.json"));
    assert!(error.message().contains("body.limit is not a valid value"), "{error}");
}

/// "`retryAfterSec` in the body counts more than a missing `Retry-After` header; without both wait 60 s."
#[test]
fn the_wait_is_that_of_the_body_or_the_header_or_a_window() {
    let wait = |header: Option<u64>, body: &str| {
        let answer = Answer {
            status: 429,
            content_type: None,
            retry_after: header.map(Duration::from_secs),
            body: body.as_bytes().to_vec(),
        };
        error::check(&answer).unwrap_err().retry_after().unwrap().as_secs_f64()
    };
    let body = fixture!("error/too_many.json");
    assert_eq!((wait(None, body), wait(Some(7), body)), (30.0, 30.0), "S6.2");
    let silent = body.replace(": 30", ": null");
    assert_eq!((wait(None, &silent), wait(Some(7), &silent)), (60.0, 7.0), "S6.2");
    assert_eq!((wait(None, "<html>"), wait(Some(7), "<html>")), (60.0, 7.0), "S6.2");
    for (odd, seconds) in [("\"2.5\"", 2.5), ("1e300", 86_400.0), ("-1", 60.0), ("\"NaN\"", 60.0)] {
        assert_eq!(wait(None, &body.replace("30", odd)), seconds, "{odd}");
    }
}

#[tokio::test]
async fn what_is_no_answer_of_the_api_is_told_by_its_kind() {
    use ErrorKind::{InvalidResponse, Network};
    for (body, kind) in [
        ("", Network),
        (" \r\n", Network),
        ("\n<!DOCTYPE html><html>", Network),
        ("nonsense", InvalidResponse),
        (&fixture!("info/ok.json")[..400], InvalidResponse),
        ("[]", InvalidResponse),
    ] {
        let server = Server::start(move |_| Reply::json(200, body)).await;
        let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "S6.2 {body}");
    }
}

#[tokio::test]
async fn no_secret_leaves_in_an_error() {
    let server = Server::start(|request| {
        let text = request.head.replace(['\r', '\n'], " ");
        Reply::json(401, fixture!("error/credentials.json").replace("Unauthorized", &text))
    })
    .await;
    let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
    assert_eq!((error.kind(), error.registrar()), (ErrorKind::Auth, Some("godaddy")));
    assert!(error.message().contains("[hidden]"), "{error}");
    assert_silent(&format!("{error} {error:?} {error:#?} {:?}", error.native()));
}
