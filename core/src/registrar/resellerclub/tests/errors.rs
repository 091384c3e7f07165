use super::*;

fn answer(status: u16, body: &str) -> Answer {
    let content_type = if body.starts_with('{') { "application/json" } else { "text/html" };
    Answer { status, content_type: Some(content_type.to_owned()), retry_after: None, body: body.as_bytes().to_vec() }
}

#[test]
fn every_line_of_the_page_is_the_kind_that_it_says() {
    let lines = [
        ("`Website doesn't exist for`", fixture!("error/website_does_not_exist.json"), ErrorKind::NotFound),
        (
            "`is currently available for Registration`",
            fixture!("error/available_for_registration.json"),
            ErrorKind::NotFound,
        ),
        ("`No Entity found for Entityid`", fixture!("error/no_entity_found.json"), ErrorKind::NotFound),
        ("`Invalid contact-id`", fixture!("error/invalid_contact_id.json"), ErrorKind::NotFound),
        ("`Authentication`", fixture!("error/required_authentication.json"), ErrorKind::Auth),
        ("`Invalid credentials`", fixture!("error/invalid_credentials.json"), ErrorKind::Auth),
        ("`Access Denied`", fixture!("error/access_denied.json"), ErrorKind::Auth),
        ("`You are not authorized`", fixture!("error/not_authorized.json"), ErrorKind::Auth),
        ("`You are not allowed to perform this action`", fixture!("error/not_allowed.json"), ErrorKind::Rejected),
        ("`{field=…, field=…}`", fixture!("error/validation.json"), ErrorKind::Rejected),
        (
            "`There is already a pending action on this domain`",
            fixture!("error/pending_action.json"),
            ErrorKind::Rejected,
        ),
        ("any other JSON error", fixture!("error/other.json"), ErrorKind::Rejected),
        ("`{\"status\":\"Failed\",…}`", fixture!("error/action_failed.json"), ErrorKind::Rejected),
        ("`{\"errorvalue\":{\"error\":\"…\"}}`", fixture!("error/error_value.json"), ErrorKind::Rejected),
        ("an error without a reason", fixture!("error/no_reason.json"), ErrorKind::Rejected),
    ];
    for (line, body, kind) in lines {
        // The body decides, whatever the HTTP status.
        for status in [200, 400, 403, 500, 503] {
            let error = error::read(&answer(status, body)).unwrap_or_else(|| panic!("{line}: no error"));
            assert_eq!(error.kind(), kind, "S6.2 {line} with HTTP {status}");
            assert!(!error.kind().is_retryable(), "S6.2 {line}");
            assert_eq!(error.native().unwrap().code, Some(status.to_string()), "{line}");
        }
    }
}

#[test]
fn what_is_no_json_is_told_by_its_status() {
    for (line, status, body, kind) in [
        ("HTTP 403, body not JSON", 403, fixture!("error/forbidden.html"), ErrorKind::Auth),
        ("`error code: 1020`, HTTP 403", 403, fixture!("error/code_1020.txt"), ErrorKind::Auth),
        ("`error code: 1020`", 200, fixture!("error/code_1020.txt"), ErrorKind::Auth),
        ("HTTP 403 without a body", 403, "", ErrorKind::Auth),
        ("HTML, HTTP 502", 502, fixture!("error/gateway.html"), ErrorKind::Network),
        ("HTML, HTTP 503", 503, fixture!("error/gateway.html"), ErrorKind::Network),
        ("HTML, HTTP 504", 504, fixture!("error/gateway.html"), ErrorKind::Network),
        ("HTTP 5xx whose body is no JSON object", 500, "[1]", ErrorKind::Network),
        ("HTTP 5xx whose object has no `status`", 500, fixture!("error/no_status.json"), ErrorKind::Network),
        ("HTTP 5xx whose object is cut short", 500, r#"{"status":"ERROR","mess"#, ErrorKind::Network),
        ("HTTP 401", 401, "", ErrorKind::Auth),
        ("HTTP 404", 404, "<html>", ErrorKind::InvalidResponse),
        ("HTML, HTTP 200", 200, "<html>maintenance</html>", ErrorKind::InvalidResponse),
        ("nothing, HTTP 200", 200, "  \n", ErrorKind::InvalidResponse),
        ("a bare number where an object was asked for", 200, "84372632", ErrorKind::InvalidResponse),
    ] {
        let error = error::read(&answer(status, body)).unwrap_or_else(|| panic!("{line}: no error"));
        assert_eq!(error.kind(), kind, "S6.2 {line}");
    }
    let refused = error::read(&answer(403, fixture!("error/forbidden.html"))).unwrap();
    assert!(refused.message().contains("allow-list its public IP address"), "{refused}");
}

#[test]
fn a_status_of_an_unknown_word_is_an_error_where_the_http_status_says_so() {
    let body = r#"{"status":"LIMITED","message":"Not today"}"#;
    assert_eq!(error::read(&answer(500, body)).unwrap().kind(), ErrorKind::Rejected, "S6.2");
    assert!(error::read(&answer(200, body)).is_none());
}

#[test]
fn what_is_no_error_is_none() {
    for body in [
        fixture!("details_by_name/active.json"),
        fixture!("search/empty.json"),
        fixture!("price_table/customer.json"),
        fixture!("error/no_status.json"),
        r#"{"status":"Success","error":"NoError"}"#,
        r#"{"error":"NoError","domainname":"example.com"}"#,
        r#"{"domainname":"example.com","privacydetails":{"status":"error","error":"no privacy"}}"#,
        r#"{"status":{"status":"error"}}"#,
        "\r\n {\"a\":1} ",
    ] {
        assert!(error::read(&answer(200, body)).is_none(), "{body}");
    }
}

#[test]
fn the_registrars_words_are_kept_and_made_readable() {
    let error = error::read(&answer(500, fixture!("error/validation.json"))).unwrap();
    assert_eq!(error.message(), "the registrar refused: no-of-records=must be at least 10, page-no=Required");
    assert_eq!(error.native().unwrap().message, "{no-of-records=must be at least 10, page-no=Required}", "S6.1");

    let error =
        error::read(&answer(200, r#"{"status":"error","error":"NoError","actionstatusdesc":"Order locked"}"#)).unwrap();
    assert_eq!(error.native().unwrap().message, "Order locked");
}

#[test]
fn a_domain_named_like_an_error_does_not_make_it_one() {
    for domain in ["authentication.com", "invalid-credentials.example"] {
        let body = format!(r#"{{"status":"ERROR","message":"Website doesn\u2019t exist for {domain}"}}"#);
        assert_eq!(error::read(&answer(500, &body)).unwrap().kind(), ErrorKind::NotFound, "S6.5 {domain}");
    }
}

#[tokio::test]
async fn an_unknown_domain_is_not_found_and_one_request() {
    let server = Server::start(|_| Reply::json(500, fixture!("error/website_does_not_exist.json"))).await;
    let context = context();
    let error = account(&server).info(&context, &name("example.com")).await.unwrap_err();
    assert_eq!((error.kind(), error.registrar()), (ErrorKind::NotFound, Some("resellerclub")), "S6.5");
    assert_eq!(error.native().unwrap().message, "Website doesn't exist for example.com");
    assert_eq!(context.requests(), 1);
}

#[tokio::test]
async fn credentials_that_the_registrar_echoes_are_hidden() {
    let echo =
        format!("Access Denied for reseller {USER} with key {KEY}, that is api-key=SECRET%2F%C3%A9-0123456789abcdef");
    let body = serde_json::json!({"status": "ERROR", "message": echo}).to_string();
    let server = Server::start(move |_| Reply::json(500, &body)).await;
    let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.native().unwrap().message.contains("[hidden]"));
    assert_silent(&format!("{error} {error:?} {error:#?}"));
}

#[tokio::test]
async fn an_answer_that_is_broken_json_is_told_by_its_place_and_not_by_its_text() {
    let server = Server::start(|_| Reply::json(200, r#"{"domsecret": "AUTH-CODE-1" "domainname": 1}"#)).await;
    let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.message(), "the answer is no JSON (line 1, column 29)");
    assert_silent(&format!("{error:?}"));
}

#[tokio::test]
async fn a_request_to_slow_down_says_how_long() {
    let server = Server::start(|_| Reply::with(429, "Retry-After: 30\r\n", "")).await;
    let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(30))), "S6.2");
}
