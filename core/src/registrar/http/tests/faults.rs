//! Every way in which a server can fail to answer.

use super::super::testing::head;
use super::*;

/// The error of one request to a server that answers so.
async fn failure(reply: Reply) -> Error {
    let server = Server::start(move |_| reply.clone()).await;
    let error = get(&client(&server.url)).await.unwrap_err();
    assert_eq!(error.registrar(), Some("testregistrar"));
    assert_silent(&error);
    error
}

#[tokio::test]
async fn a_connection_that_nobody_accepts_is_a_network_failure_that_names_the_host() {
    let server = Server::start(|_| Reply::json(200, "{}")).await;
    let url = server.url.clone();
    drop(server);
    // The listener's task ends a moment after its handle.
    let error = loop {
        match get(&client(&url)).await {
            Err(error) if error.message().contains("refused") => break error,
            _ => tokio::task::yield_now().await,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Network, "S6.1 {error}");
    assert!(error.message().starts_with("127.0.0.1: no connection: Connection refused"), "{error}");
    assert_silent(&error);
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_a_network_failure() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let speaker = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut stream, _) = listener.accept().await.unwrap();
        assert_ne!(stream.read(&mut [0; 1024]).await.unwrap(), 0);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    });
    let base = Url::parse(&format!("https://127.0.0.1:{port}/")).unwrap();
    let error = get(&client(&base)).await.unwrap_err();
    speaker.await.unwrap();
    assert_eq!(error.kind(), ErrorKind::Network, "S6.1 {error}");
    assert!(error.message().contains("no connection"), "{error}");
    assert_silent(&error);
}

#[tokio::test]
async fn a_connection_that_closes_before_or_within_the_answer_is_a_network_failure() {
    for reply in [
        Reply::BytesThenClose(Vec::new()),
        Reply::BytesThenClose(b"HTTP/1.1 200 OK\r\nConte".to_vec()),
        Reply::BytesThenClose([head(200, "", 100), b"{\"half".to_vec()].concat()),
        Reply::BytesThenClose(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"hal".to_vec()),
        Reply::BytesThenClose(b"this is no HTTP at all\r\n\r\n".to_vec()),
    ] {
        let shown = format!("{reply:?}");
        let error = failure(reply).await;
        assert_eq!(error.kind(), ErrorKind::Network, "S6.1 {error} after {shown}");
        assert!(error.message().starts_with("127.0.0.1: "), "{error}");
    }
}

#[tokio::test]
async fn a_packed_answer_that_is_cut_short_is_a_network_failure() {
    // The first bytes of a gzip stream.
    let packed = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56];
    let error = failure(Reply::with(200, "Content-Encoding: gzip\r\n", packed)).await;
    assert_eq!(error.kind(), ErrorKind::Network, "S6.1 {error}");
}

#[tokio::test]
async fn silence_before_or_within_the_answer_is_a_time_out() {
    for reply in [
        Reply::BytesThenSilence(Vec::new()),
        Reply::BytesThenSilence([head(200, "", 100), b"{\"half".to_vec()].concat()),
    ] {
        let started = std::time::Instant::now();
        let error = failure(reply).await;
        assert_eq!(error.kind(), ErrorKind::Timeout, "S6.1 {error}");
        assert!(error.message().contains("400ms"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn an_answer_over_the_size_limit_is_given_up_where_the_limit_is() {
    let announced = Reply::BytesThenSilence(head(200, "", 50 * 1024 * 1024));
    let endless = Reply::BytesThenEndless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec());
    for reply in [announced, endless] {
        let server = Server::start(move |_| reply.clone()).await;
        let config = RegistrarConfig { timeout: Duration::from_secs(30), ..config(&server.url) };
        let mut client = client_of(&config).unwrap();
        assert_eq!(client.max_body, 32 * 1024 * 1024);
        client.max_body = 1024 * 1024;
        let error = get(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "S6.1 {error}");
        assert!(error.message().contains("larger than 1024 KiB"), "{error}");
        assert_silent(&error);
    }
}

#[tokio::test]
async fn an_endless_answer_below_the_size_limit_ends_with_the_time_allowed() {
    // Within the time allowed fewer bytes arrive than the limit admits, since each comes alone and late.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let dripper = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut stream, _) = listener.accept().await.unwrap();
        assert_ne!(stream.read(&mut [0; 1024]).await.unwrap(), 0);
        let mut bytes = b"HTTP/1.1 200 OK\r\n\r\n".as_slice();
        while stream.write_all(bytes).await.is_ok() {
            bytes = b" ";
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let error = get(&client(&url)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "S6.1 {error}");
    assert_silent(&error);
    dripper.await.unwrap();
}

#[tokio::test]
async fn a_request_to_slow_down_is_rate_limited_and_says_how_long() {
    let date = "Date: Mon, 23 Nov 2026 02:00:00 GMT\r\nRetry-After: Mon, 23 Nov 2026 02:01:30 GMT\r\n";
    for (status, headers, wait) in [
        (429, "", None),
        (429, "Retry-After: 7\r\n", Some(7)),
        (503, "Retry-After: 120\r\n", Some(120)),
        (429, date, Some(90)),
        (429, "Retry-After: Mon, 23 Nov 2026 02:44:43 GMT\r\n", Some(60)),
        (429, "Retry-After: Mon, 23 Nov 2020 02:44:43 GMT\r\n", Some(0)),
        (429, "Retry-After: soon\r\n", None),
        (429, "Retry-After: 18446744073709551615\r\n", Some(86_400)),
    ] {
        let error = failure(Reply::with(status, headers, "busy")).await;
        assert_eq!(error.kind(), ErrorKind::RateLimited, "S6.1 {headers}");
        assert_eq!(error.retry_after().map(|wait| wait.as_secs()), wait, "S6.2 {headers}");
    }
}

#[tokio::test]
async fn an_overload_without_a_wait_is_left_to_the_adapter() {
    let server = Server::start(|_| Reply::with(503, "", "<html>busy</html>")).await;
    let client = client(&server.url);
    let answer = get(&client).await.unwrap();
    assert_eq!(server_error(&answer).kind(), ErrorKind::Network, "S6.2");
}

#[tokio::test]
async fn a_redirect_is_refused_and_never_followed() {
    let elsewhere = Server::start(|_| Reply::json(200, "{}")).await;
    let target = elsewhere.url.clone();
    let error = failure(Reply::with(302, &format!("Location: {target}?api-key={KEY}\r\n"), "")).await;
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "S6.1 {error}");
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_status_without_a_telling_body_says_whether_to_come_back() {
    let client = client(&Url::parse("http://127.0.0.1:9/").unwrap());
    for (status, kind) in [
        (500, ErrorKind::Network),
        (502, ErrorKind::Network),
        (504, ErrorKind::Network),
        (408, ErrorKind::Timeout),
        (401, ErrorKind::Auth),
        (403, ErrorKind::Auth),
        (404, ErrorKind::InvalidResponse),
        (418, ErrorKind::InvalidResponse),
        (200, ErrorKind::InvalidResponse),
    ] {
        let answer = Answer { status, content_type: None, retry_after: None, body: KEY.as_bytes().to_vec() };
        let error = client.seal(server_error(&answer));
        assert_eq!(error.kind(), kind, "S6.2 {status}");
        assert_eq!(error.native().unwrap().code, Some(status.to_string()));
        assert_silent(&error);
    }
}

#[tokio::test]
async fn a_packed_answer_is_unpacked_and_measured_unpacked() {
    // `{"a":1}`, and a hundred thousand spaces, as gzip.
    const SMALL: [u8; 27] =
        [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 74, 84, 178, 50, 172, 5, 0, 175, 172, 27, 86, 7, 0, 0, 0];
    const BOMB: [u8; 133] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 42, 235, 159, 210, 26, 30, 64, 1, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 175, 6, 45, 240, 121, 202, 160, 134, 1, 0,
    ];
    let server = Server::start(|_| Reply::with(200, "Content-Encoding: gzip\r\n", SMALL)).await;
    assert_eq!(get(&client(&server.url)).await.unwrap().body, br#"{"a":1}"#);

    let server = Server::start(|_| Reply::with(200, "Content-Encoding: gzip\r\n", BOMB)).await;
    let mut client = client(&server.url);
    assert_eq!(get(&client).await.unwrap().body.len(), 100_000);
    client.max_body = 2 * BOMB.len();
    assert_eq!(get(&client).await.unwrap_err().kind(), ErrorKind::InvalidResponse);
}
