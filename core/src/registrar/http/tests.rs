#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop

use std::fmt::Write as _;

use chrono::TimeZone as _;
use futures_util::future::join_all;

use super::testing::{Reply, Server, head};
use super::*;

const KEY: &str = "k/é+SECRET-0123456789";
const USER: &str = "123456";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 2, 43, 43).unwrap()
}

fn context() -> CallContext {
    CallContext::new(now())
}

fn config(base: &Url) -> RegistrarConfig {
    RegistrarConfig {
        api_url: Some(base.clone()),
        timeout: Duration::from_millis(400),
        rate_limit: RateLimitSetting::Unlimited,
        ..RegistrarConfig::default()
    }
}

fn client_of(config: &RegistrarConfig, concurrency: Option<u32>) -> Result<HttpClient> {
    let defaults = HttpDefaults {
        base: Url::parse("https://api.registrar.example/").unwrap(),
        rate_limit: None,
        concurrency: 2,
    };
    let secrets = vec![
        ("auth-userid".to_owned(), USER.into()),
        ("api-key".to_owned(), SecretString::from(KEY)),
    ];
    HttpClient::new("testregistrar", config, defaults, secrets, concurrency)
}

fn client(base: &Url) -> HttpClient {
    client_of(&config(base), None).unwrap()
}

async fn get(client: &HttpClient) -> Result<Answer> {
    client
        .get(
            &context(),
            "domains/search.json",
            &[("order-by", "orderid desc")],
        )
        .await
}

/// The error of one request to a server that answers so.
async fn failure(reply: Reply) -> Error {
    let server = Server::start(move |_| reply.clone()).await;
    let error = get(&client(&server.url)).await.unwrap_err();
    assert_eq!(error.registrar(), Some("testregistrar"));
    assert_silent(&error);
    error
}

/// Asserts that nothing that can be printed of an error holds the key, the user or a query.
fn assert_silent(error: &Error) {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        write!(text, " {error} {error:?}").unwrap();
        cause = error.source();
    }
    if let Some(cause) = error.cause() {
        write!(text, " {cause} {cause:?}").unwrap();
    }
    for secret in [
        KEY,
        "SECRET",
        "k%2F%C3%A9",
        USER,
        "api-key",
        "order-by",
        "domains/",
    ] {
        assert!(!text.contains(secret), "S6.9: `{secret}` in {text}");
    }
}

#[tokio::test]
async fn a_request_carries_the_query_and_the_credentials_and_says_who_asks() {
    let server = Server::start(|_| Reply::json(200, r#"{"a":1}"#)).await;
    let client = client(&server.url);
    let context = context();
    let answer = client
        .get(
            &context,
            "domains/search.json",
            &[("order-by", "orderid desc"), ("name", "bücher&co")],
        )
        .await
        .unwrap();

    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (200, br#"{"a":1}"#.as_slice())
    );
    assert_eq!(answer.content_type.as_deref(), Some("application/json"));
    assert_eq!(context.requests(), 1);
    let request = server.requests().remove(0);
    assert_eq!(request.path(), "/api/domains/search.json");
    let wanted = [
        ("order-by", "orderid desc"),
        ("name", "bücher&co"),
        ("auth-userid", USER),
        ("api-key", KEY),
    ];
    assert_eq!(
        request.query(),
        wanted.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let head = request.head.to_lowercase();
    assert!(
        head.contains(&format!(
            "user-agent: domaindesk-sync/{}\r\n",
            env!("CARGO_PKG_VERSION")
        )),
        "{head}"
    );
    assert!(head.contains("accept-encoding: gzip"), "{head}");
}

#[tokio::test]
async fn a_base_without_a_trailing_slash_is_the_same_base() {
    let server = Server::start(|_| Reply::json(200, "{}")).await;
    let base = Url::parse(server.url.as_str().trim_end_matches('/')).unwrap();
    get(&client(&base)).await.unwrap();
    assert_eq!(server.requests()[0].path(), "/api/domains/search.json");
}

#[tokio::test]
async fn one_connection_serves_request_after_request() {
    let server = Server::start(|_| Reply::json(200, "{}")).await;
    let client = client(&server.url);
    for _ in 0..20 {
        get(&client).await.unwrap();
    }
    assert_eq!(
        (server.connections(), server.requests().len()),
        (1, 20),
        "S7.4"
    );
}

#[tokio::test]
async fn requests_at_once_stay_within_the_configured_number() {
    for (configured, asked, wanted) in [(None, None, 2), (Some(3), None, 3), (Some(3), Some(1), 1)]
    {
        let server =
            Server::start_slow(Duration::from_millis(20), |_| Reply::json(200, "{}")).await;
        let config = RegistrarConfig {
            concurrency: configured,
            timeout: Duration::from_secs(10),
            ..config(&server.url)
        };
        let client = client_of(&config, asked).unwrap();
        for result in join_all((0..12).map(|_| get(&client))).await {
            result.unwrap();
        }
        assert_eq!(
            server.most_at_once(),
            wanted,
            "S7.4 configured {configured:?}, asked {asked:?}"
        );
    }
}

#[tokio::test]
async fn the_wait_for_a_slot_is_not_part_of_the_time_allowed() {
    let server = Server::start_slow(Duration::from_millis(100), |_| Reply::json(200, "{}")).await;
    let client = client_of(&config(&server.url), Some(1)).unwrap();
    // Eight in a row take twice what one may.
    for result in join_all((0..8).map(|_| get(&client))).await {
        result.unwrap();
    }
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
    assert!(
        error
            .message()
            .starts_with("127.0.0.1: no connection: Connection refused"),
        "{error}"
    );
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
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
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
        Reply::BytesThenClose(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"hal".to_vec(),
        ),
        Reply::BytesThenClose(b"this is no HTTP at all\r\n\r\n".to_vec()),
    ] {
        let shown = format!("{reply:?}");
        let error = failure(reply).await;
        assert_eq!(
            error.kind(),
            ErrorKind::Network,
            "S6.1 {error} after {shown}"
        );
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
        let config = RegistrarConfig {
            timeout: Duration::from_secs(30),
            ..config(&server.url)
        };
        let mut client = client_of(&config, None).unwrap();
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
    let date =
        "Date: Mon, 23 Nov 2026 02:00:00 GMT\r\nRetry-After: Mon, 23 Nov 2026 02:01:30 GMT\r\n";
    for (status, headers, wait) in [
        (429, "", None),
        (429, "Retry-After: 7\r\n", Some(7)),
        (503, "Retry-After: 120\r\n", Some(120)),
        (429, date, Some(90)),
        (
            429,
            "Retry-After: Mon, 23 Nov 2026 02:44:43 GMT\r\n",
            Some(60),
        ),
        (
            429,
            "Retry-After: Mon, 23 Nov 2020 02:44:43 GMT\r\n",
            Some(0),
        ),
        (429, "Retry-After: soon\r\n", None),
        (429, "Retry-After: 18446744073709551615\r\n", Some(86_400)),
    ] {
        let error = failure(Reply::with(status, headers, "busy")).await;
        assert_eq!(error.kind(), ErrorKind::RateLimited, "S6.1 {headers}");
        assert_eq!(
            error.retry_after().map(|wait| wait.as_secs()),
            wait,
            "S6.2 {headers}"
        );
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
    let error = failure(Reply::with(
        302,
        &format!("Location: {target}?api-key={KEY}\r\n"),
        "",
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "S6.1 {error}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn the_limit_of_an_account_holds_over_everything_that_uses_its_client() {
    let server = Server::start(|_| Reply::json(200, "{}")).await;
    let limit = RateLimit {
        max_attempts: 20,
        decay_minutes: 1,
    };
    let config = RegistrarConfig {
        rate_limit: RateLimitSetting::Limited(limit),
        ..config(&server.url)
    };
    let client = client_of(&config, Some(8)).unwrap();
    let context = context();
    let burst = tokio::time::timeout(
        Duration::from_millis(300),
        join_all((0..8).map(|_| client.get(&context, "domains/search.json", &[]))),
    );
    assert!(
        burst.await.is_err(),
        "S7.1: the third has to wait for about three seconds"
    );
    assert_eq!(
        (context.requests(), server.requests().len()),
        (2, 2),
        "S7.1"
    );
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
        let answer = Answer {
            status,
            content_type: None,
            retry_after: None,
            body: KEY.as_bytes().to_vec(),
        };
        let error = client.seal(server_error(&answer));
        assert_eq!(error.kind(), kind, "S6.2 {status}");
        assert_eq!(error.native().unwrap().code, Some(status.to_string()));
        assert_silent(&error);
    }
}

#[test]
fn an_echoed_key_is_taken_out_of_an_error() {
    let client = client(&Url::parse("http://127.0.0.1:9/").unwrap());
    let error = Error::new(ErrorKind::Rejected, format!("refused {KEY}"))
        .with_native(None, format!("no {KEY} {}", "x".repeat(900)));
    let error = client.seal(error);
    assert_eq!(
        (error.message(), error.registrar()),
        ("refused [hidden]", Some("testregistrar")),
        "S6.9"
    );
    assert_eq!(error.native().unwrap().message.len(), MAX_NATIVE);
    assert_silent(&error);
}

#[test]
fn debug_output_of_client_and_answer_hides_keys_and_bodies() {
    let client = client(&Url::parse("http://127.0.0.1:9/").unwrap());
    let answer = Answer {
        status: 200,
        content_type: None,
        retry_after: None,
        body: b"domsecret".to_vec(),
    };
    let text = format!("{client:?} {answer:?}");
    assert!(text.contains("127.0.0.1"), "{text}");
    for secret in [KEY, USER, "domsecret"] {
        assert!(!text.contains(secret), "S6.9 {text}");
    }
}

#[test]
fn a_base_that_cannot_be_one_is_refused_by_its_key_without_being_repeated() {
    for text in [
        "ftp://registrar.example/",
        "https://me:hunter2@registrar.example/",
        "https://registrar.example/?hunter2",
        "data:hunter2",
    ] {
        let config = config(&Url::parse(text).unwrap());
        let error = client_of(&config, None).unwrap_err();
        assert_eq!(
            (error.kind(), error.registrar()),
            (ErrorKind::Config, Some("testregistrar")),
            "{text}"
        );
        assert!(
            error
                .message()
                .contains("registrar.registrars.testregistrar.api_url"),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("hunter2"), "S6.9 {error}");
    }
}

#[test]
fn a_limit_of_nothing_is_refused() {
    let limit = RateLimit {
        max_attempts: 0,
        decay_minutes: 1,
    };
    let config = RegistrarConfig {
        rate_limit: RateLimitSetting::Limited(limit),
        ..RegistrarConfig::default()
    };
    let error = client_of(&config, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("rate_limit"), "{error}");
}
