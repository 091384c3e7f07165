//! A server of a few lines for the tests of the client and of the adapters: real TCP, written answers, every fault.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use url::Url;

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(in crate::registrar) enum Reply {
    /// Sends these bytes as they are and waits for the next request.
    Bytes(Vec<u8>),
    /// Sends these bytes and closes the connection.
    BytesThenClose(Vec<u8>),
    /// Sends these bytes, then nothing, and keeps the connection.
    BytesThenSilence(Vec<u8>),
    /// Sends these bytes, and then more of a body for as long as anyone listens.
    BytesThenEndless(Vec<u8>),
}

impl Reply {
    /// An answer of this status with this JSON.
    pub(in crate::registrar) fn json(status: u16, body: impl AsRef<[u8]>) -> Self {
        Self::with(status, "Content-Type: application/json\r\n", body)
    }

    /// An answer of this status with this XML.
    pub(in crate::registrar) fn xml(status: u16, body: impl AsRef<[u8]>) -> Self {
        Self::with(status, "Content-Type: text/xml; charset=utf-8\r\n", body)
    }

    /// An answer of this status with these header lines, each ended by CR LF, and this body.
    pub(in crate::registrar) fn with(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut bytes = head(status, headers, body.len());
        bytes.extend_from_slice(body);
        Self::Bytes(bytes)
    }
}

/// Status line and headers of an answer whose body has `length` bytes.
pub(in crate::registrar) fn head(status: u16, headers: &str, length: usize) -> Vec<u8> {
    format!("HTTP/1.1 {status} Status\r\n{headers}Content-Length: {length}\r\n\r\n").into_bytes()
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(in crate::registrar) struct Request {
    /// Path and query as sent.
    pub(in crate::registrar) target: String,
    /// Request line and headers.
    pub(in crate::registrar) head: String,
    /// What came behind them.
    pub(in crate::registrar) body: String,
}

impl Request {
    /// The path alone.
    pub(in crate::registrar) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// The parameters in the order in which they came.
    pub(in crate::registrar) fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The fields of a form in the order in which they came.
    pub(in crate::registrar) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    /// The first value of a field of a form.
    pub(in crate::registrar) fn field(&self, name: &str) -> Option<String> {
        self.form().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The first value of a parameter.
    pub(in crate::registrar) fn value(&self, name: &str) -> Option<String> {
        self.query().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

#[derive(Debug, Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    connections: AtomicUsize,
}

/// A server on a free port of the loopback interface. It ends with this value.
#[derive(Debug)]
pub(in crate::registrar) struct Server {
    /// Its address, with the path `/api/`.
    pub(in crate::registrar) url: Url,
    seen: Arc<Seen>,
    task: AbortHandle,
}

impl Server {
    /// Starts one that answers as `reply` says.
    pub(in crate::registrar) async fn start(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_slow(Duration::ZERO, reply).await
    }

    /// As [`start`](Self::start), but each answer takes its time.
    pub(in crate::registrar) async fn start_slow(
        delay: Duration,
        reply: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = Url::parse(&format!("http://{}/api/", listener.local_addr().unwrap())).unwrap();
        let seen = Arc::new(Seen::default());
        let reply = Arc::new(reply);
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                // The set ends its connections with itself.
                let mut connections = JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    seen.connections.fetch_add(1, Ordering::SeqCst);
                    let (seen, reply) = (Arc::clone(&seen), Arc::clone(&reply));
                    connections.spawn(async move {
                        // An error here is a client that hung up, which the test sees from its own side.
                        let _ = serve(stream, &seen, delay, &*reply).await;
                    });
                }
            }
        });
        Self { url, seen, task: task.abort_handle() }
    }

    /// The requests so far.
    pub(in crate::registrar) fn requests(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// How many connections were made.
    pub(in crate::registrar) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Seen,
    delay: Duration,
    reply: &(impl Fn(&Request) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
        buffer.drain(..end);
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.trim().parse().unwrap());
        while buffer.len() < length {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        let body = String::from_utf8_lossy(&buffer[..length]).into_owned();
        buffer.drain(..length);
        let request = Request { target, head, body };
        let answer = reply(&request);
        seen.requests.lock().unwrap().push(request);

        tokio::time::sleep(delay).await;

        match answer {
            Reply::Bytes(bytes) => stream.write_all(&bytes).await?,
            Reply::BytesThenClose(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Reply::BytesThenSilence(bytes) => {
                stream.write_all(&bytes).await?;
                // Until the client gives up, which ends the read.
                let _ = stream.read(&mut [0; 1]).await;
                return Ok(());
            }
            Reply::BytesThenEndless(bytes) => {
                stream.write_all(&bytes).await?;
                let chunk = [b' '; 16 * 1024];
                loop {
                    stream.write_all(&chunk).await?;
                }
            }
        }
    }
}
