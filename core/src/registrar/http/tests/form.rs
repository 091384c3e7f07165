use super::*;

async fn post(client: &HttpClient) -> Result<Answer> {
    client.post_form(&context(), "xml.response", &[("Command", "a.b c"), ("Name", "bücher&co")]).await
}

#[tokio::test]
async fn a_form_has_the_credentials_and_the_url_has_none() {
    let server = Server::start(|_| Reply::xml(200, "<a/>")).await;
    let client = client(&server.url);
    let context = context();
    let answer =
        client.post_form(&context, "xml.response", &[("Command", "a.b c"), ("Name", "bücher&co")]).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice(), context.requests()), (200, &b"<a/>"[..], 1));
    let request = &server.requests()[0];
    assert!(request.head.starts_with("POST /api/xml.response HTTP/1.1\r\n"), "S6.9 {}", request.head);
    assert!(request.head.to_lowercase().contains("content-type: application/x-www-form-urlencoded\r\n"));
    let wanted = [("Command", "a.b c"), ("Name", "bücher&co"), ("auth-userid", USER), ("api-key", KEY)];
    assert_eq!(request.form(), wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_form_keeps_its_connection_and_its_rules() {
    let server = Server::start(|_| Reply::xml(200, "<a/>")).await;
    let client = client(&server.url);
    for _ in 0..3 {
        post(&client).await.unwrap();
    }
    assert_eq!(server.connections(), 1, "S7.4");
    let server = Server::start(|_| Reply::with(429, "Retry-After: 7\r\n", "")).await;
    let error = post(&self::client(&server.url)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(7))), "S6.2");
    let server = Server::start(|_| Reply::with(302, "Location: /elsewhere\r\n", "")).await;
    let error = post(&self::client(&server.url)).await.unwrap_err();
    assert_eq!((error.kind(), server.requests().len()), (ErrorKind::InvalidResponse, 1), "no form is sent elsewhere");
    assert_silent(&error);
}

#[tokio::test]
async fn a_client_over_ipv4_reaches_nothing_else() {
    let server = Server::start(|_| Reply::xml(200, "<a/>")).await;
    assert!(post(&client(&server.url).over_ipv4(&config(&server.url)).unwrap()).await.is_ok());
    // One that takes connections and never answers. Where a machine has no IPv6 nothing can be reached by it anyway.
    let listener = std::net::TcpListener::bind("[::1]:0").ok();
    let port = listener.as_ref().map_or(1, |listener| listener.local_addr().unwrap().port());
    let address = Url::parse(&format!("http://[::1]:{port}/api/")).unwrap();
    let error = post(&client(&address).over_ipv4(&config(&address)).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert_silent(&error);
    let error = post(&client(&address)).await.unwrap_err();
    let reached = if listener.is_some() { ErrorKind::Timeout } else { ErrorKind::Network };
    assert_eq!(error.kind(), reached, "without it the other one is reached");
}
