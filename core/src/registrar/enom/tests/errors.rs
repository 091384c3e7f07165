use super::super::super::http::Answer;
use super::*;

fn refusal(status: u16, body: &str) -> Broken {
    let answer = Answer { status, content_type: None, retry_after: None, body: body.as_bytes().to_vec() };
    error::read(&answer).unwrap_err()
}

fn refused(status: u16, body: &str) -> Error {
    match refusal(status, body) {
        Broken::Refused(error) => error,
        Broken::Unreadable(error) => panic!("unreadable: {error}"),
    }
}

#[test]
fn every_signal_of_the_page_is_the_kind_that_it_says() {
    use ErrorKind::{Auth, Network, NotFound, Rejected};
    for (text, kind) in [
        ("Bad User name or Password", Auth),
        ("User not permitted from this IP address - 198.51.100.9", Auth),
        ("Domain name not found", NotFound),
        ("No results found", NotFound),
        ("The domain does not belong to this account", NotFound),
        ("The registry had a TIMEOUT", Network),
        ("Please try again in a few minutes", Network),
        ("Something else", Rejected),
    ] {
        assert_eq!(refused(200, &fixture!("error/text.xml").replace("TEXT", text)).kind(), kind, "S6.1 {text}");
    }
    for (number, kind) in [
        ("304155", Auth),
        ("713254", Auth),
        ("620397", Network),
        ("210701", Network),
        ("316153", Rejected),
        ("540310", Rejected),
        ("2", Rejected),
        ("6e5555", Rejected),
    ] {
        let error = refused(200, &fixture!("error/numbered.xml").replace("NUMBER", number));
        assert_eq!((error.kind(), error.native().unwrap().code.as_deref()), (kind, Some(number)), "S6.1 {number}");
    }
    for (code, text, kind) in [
        ("554", "Command blocked", NotFound),
        ("531", "Authorization error", NotFound),
        ("545", "Object does not exist", NotFound),
        ("541", "Parameter value policy error", Rejected),
        ("421", "Command failed due to server error. Client should try again", Network),
    ] {
        let error = refused(200, &fixture!("error/rrp.xml").replace("CODE", code).replace("TEXT", text));
        assert_eq!((error.kind(), error.native().unwrap().message.as_str()), (kind, text), "S6.1 {text}");
    }
    for code in ["200", "210", "211"] {
        let body = fixture!("error/rrp.xml").replace("CODE", code).replace("TEXT", "Command completed successfully");
        let answer = Answer { status: 200, content_type: None, retry_after: None, body: body.into_bytes() };
        assert!(error::read(&answer).is_ok(), "{code}");
    }
}

#[test]
fn the_samples_of_the_page_are_told_apart() {
    let error = refused(200, fixture!("error/not_found.xml"));
    let native = error.native().unwrap();
    assert_eq!(
        (error.kind(), native.code.as_deref(), native.message.as_str()),
        (ErrorKind::NotFound, Some("316153"), "Domain name not found")
    );
    assert_eq!(refused(200, fixture!("error/system.xml")).kind(), ErrorKind::Network);
    let password = refused(200, fixture!("error/password.xml"));
    assert!(password.message().contains("uid, pw") && password.kind() == ErrorKind::Auth, "{password}");
    // "say so: it is not the password"
    let address = refused(200, fixture!("error/address.xml"));
    assert!(
        address.message().contains("address, not the password") && address.message().contains("198.51.100.9"),
        "{address}"
    );
}

#[test]
fn an_answer_that_is_not_done_is_cut_off() {
    let whole = fixture!("domain_info/registered.xml");
    for body in [whole.replace("<Done>true</Done>", ""), whole.replace("<Done>true", "<Done>false")] {
        assert_eq!(refused(200, &body).kind(), ErrorKind::Network, "S6.2");
    }
    let body = whole.replace("<ErrCount>0</ErrCount>", "");
    assert_eq!(refused(200, &body).kind(), ErrorKind::InvalidResponse);
    assert_eq!(
        refused(200, &fixture!("error/not_found.xml").replace("ErrCount", "errcount")).kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn the_body_decides_before_the_http_status_does() {
    for status in [200, 403, 500] {
        assert_eq!(refused(status, fixture!("error/not_found.xml")).kind(), ErrorKind::NotFound, "S6.2 HTTP {status}");
    }
    assert_eq!(refused(503, "<html>maintenance</html>").kind(), ErrorKind::Network, "S6.2");
    assert_eq!(refused(403, "<html>forbidden</html>").kind(), ErrorKind::Auth, "S6.2");
}

/// "on an XML error retry once, then `invalid_response`"
#[tokio::test]
async fn what_is_no_xml_is_asked_for_once_more() {
    for body in [
        "",
        "<html>maintenance</html>",
        "nonsense",
        "<ApiResponse/>",
        "<interface-response><a>R & D</a></interface-response>",
    ] {
        assert!(matches!(refusal(200, body), Broken::Unreadable(_)), "{body}");
        let server = Server::start(move |_| Reply::xml(200, body)).await;
        let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
        assert_eq!((error.kind(), server.requests().len()), (ErrorKind::InvalidResponse, 2), "S6.1 {body}");
    }
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let is_first = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        match (is_first, command(request).as_str()) {
            (true, _) => Reply::xml(200, "<interface-response>R & D"),
            (false, "GetDomainInfo") => Reply::xml(200, fixture!("domain_info/registered.xml")),
            (false, _) => Reply::xml(200, fixture!("contacts/four.xml")),
        }
    })
    .await;
    assert!(account(&server).info(&context(), &name("example.com")).await.is_ok());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn no_secret_leaves_in_an_error() {
    let server = Server::start(|request| {
        let text = format!("{} {} {}", request.field("pw").unwrap(), request.field("uid").unwrap(), request.body);
        Reply::xml(
            200,
            fixture!("error/password.xml")
                .replace("Bad User name", &format!("Bad User name {}", text.replace('&', "&amp;"))),
        )
    })
    .await;
    let error = account(&server).info(&context(), &name("example.com")).await.unwrap_err();
    assert_eq!((error.kind(), error.registrar()), (ErrorKind::Auth, Some("enom")));
    assert_silent(&format!("{error} {error:?} {error:#?} {:?}", error.native()));
}
