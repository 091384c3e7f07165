use super::super::super::http::Answer;
use super::*;

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, content_type: None, retry_after: None, body: body.as_bytes().to_vec() }
}

fn refusal(status: u16, body: &str) -> Refusal {
    error::check(&answer(status, body)).unwrap_err()
}

async fn asked_for(code: u32, local: Option<DomainStatus>) -> Result<RemoteDomain> {
    let body = fixture!("error/code.json").replace("4999", &code.to_string());
    let server = Server::start(move |_| Reply::json(400, &body)).await;
    let context = match local {
        Some(status) => context().with_local_status(status),
        None => context(),
    };
    account(&server).info(&context, &name("example.com.bd")).await
}

#[test]
fn every_code_of_the_document_is_the_kind_that_the_page_says() {
    use ErrorKind::{Auth, Internal, Network, NotFound, Rejected};
    let lines: [(ErrorKind, &[u32]); 5] = [
        (
            Rejected,
            &[
                2001, 2004, 2005, 4000, 4001, 4002, 4003, 4005, 4006, 4007, 4008, 4010, 4011, 4013, 4014, 4020, 4030,
                4999, 1, 0,
            ],
        ),
        // "it is not an authentication failure and must not trip the breaker"
        (NotFound, &[4004, 4009]),
        (Internal, &[4012]),
        (Auth, &[4015, 4016]),
        (Network, &[5000]),
    ];
    for (kind, codes) in lines {
        for code in codes {
            // Under both names, as a number or a text, whatever the HTTP status.
            for (key, value, status) in [
                ("responseCode", code.to_string(), 200),
                ("response_code", code.to_string(), 400),
                ("responseCode", format!("\"{code}\""), 500),
                ("response_code", format!("{code}.0"), 401),
            ] {
                let body = format!(r#"{{"status": "error", "{key}": {value}, "message": "Some text"}}"#);
                let refused = refusal(status, &body);
                assert_eq!((refused.error.kind(), refused.code), (kind, Some(*code)), "S6.2 {code} {key} {status}");
                let native = refused.error.native().unwrap();
                assert_eq!((native.code.clone(), native.message.as_str()), (Some(code.to_string()), "Some text"));
            }
        }
    }
}

/// "success ⇔ the code is 2000. `status` only when no code is there at all; neither → `invalid_response`."
#[test]
fn the_code_decides_then_the_status_then_the_http_status() {
    for (http, body) in [
        (200, r#"{"balance": 485280.0, "responseCode": 2000}"#),
        (500, r#"{"status": "error", "response_code": "2000"}"#),
        (200, r#"{"status": "success"}"#),
    ] {
        assert!(error::check(&answer(http, body)).is_ok(), "S6.2 {http} {body}");
    }
    use ErrorKind::{Auth, InvalidResponse, Network, RateLimited, Rejected};
    for (http, body, kind) in [
        (200, r#"{"currentBalanace": 0.0, "billAmt": 0.0, "responseCode": 4030}"#, Rejected),
        (200, r#"{"status": "error", "message": "x"}"#, Rejected),
        (200, "{}", InvalidResponse),
        (200, "[]", InvalidResponse),
        (200, r#"{"responseCode": "many"}"#, InvalidResponse),
        (200, "nonsense", InvalidResponse),
        (200, "", Network),
        (200, "<html>down</html>", Network),
        (401, "{}", Auth),
        (403, "<html>", Auth),
        (404, "", Rejected),
        (429, "", RateLimited),
        (422, "{}", Rejected),
        (500, "<html>", Network),
        (503, "{}", Network),
    ] {
        assert_eq!(refusal(http, body).error.kind(), kind, "S6.2 {http} {body}");
    }
}

#[tokio::test]
async fn what_a_refusal_says_of_a_domain_is_the_page_s_table() {
    use StatusMeaning::{AwaitingRegistration, Known};
    let pending = Some(DomainStatus::PendingRegistration);
    let domain = asked_for(4005, None).await.unwrap();
    assert_eq!(domain.status.meaning, Known(DomainStatus::Redemption), "S2.5");
    assert_eq!((domain.status.words.as_str(), &domain.expires_at), ("4005 Some text", &Field::Absent), "S2.3");
    // Unknown, but for a domain that is about to be registered.
    assert_eq!(asked_for(4011, None).await.unwrap().status.meaning, AwaitingRegistration);
    assert_eq!(asked_for(4004, pending).await.unwrap().status.meaning, AwaitingRegistration);
    for (code, local) in [(4004, None), (4009, None), (4009, pending)] {
        let error = asked_for(code, local).await.unwrap_err();
        assert_eq!((error.kind(), error.registrar()), (ErrorKind::NotFound, Some("btcl")), "S6.5 {code}");
    }
    assert!(asked_for(4009, None).await.unwrap_err().message().contains("transferred"), "a hint");
    for code in [2001, 4010, 4013, 4015, 5000] {
        assert!(asked_for(code, pending).await.is_err(), "{code}");
    }
}

#[tokio::test]
async fn no_secret_leaves_in_an_error() {
    let server = Server::start(|request| {
        let text = request.head.replace(['\r', '\n', '"'], " ");
        Reply::json(200, format!(r#"{{"responseCode": 4015, "message": "{text} {USER} {PASSWORD}"}}"#))
    })
    .await;
    let error = account(&server).info(&context(), &name("example.com.bd")).await.unwrap_err();
    assert_eq!((error.kind(), error.registrar()), (ErrorKind::Auth, Some("btcl")));
    assert_silent(&format!("{error} {error:?} {error:#?} {:?}", error.native()));
}
