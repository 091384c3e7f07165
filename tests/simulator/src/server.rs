//! One request after the other: counted, held against limits, met by faults, answered.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::account::Account;
use crate::call::{Answer, Call, Twist};
use crate::control;
use crate::faults::{Fate, Fault, FaultEngine};
use crate::limits::{Limiter, OverLimit, RateLimit};
use crate::registrar::Registrar;
use crate::stats::Stats;
use crate::wire::{Connection, SimBody, Step};

/// Everything that changes.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) accounts: Vec<Account>,
    pub(crate) faults: FaultEngine,
    pub(crate) limit: Option<RateLimit>,
    pub(crate) limiter: Limiter,
    pub(crate) stats: Stats,
    pub(crate) simultaneous: u64,
    pub(crate) latency: (Duration, Duration),
    pub(crate) chance: fastrand::Rng,
}

/// One server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) registrar: Box<dyn Registrar>,
    pub(crate) state: Mutex<State>,
    pub(crate) connections: AtomicUsize,
    pub(crate) max_connections: Option<usize>,
    pub(crate) http1_only: bool,
    pub(crate) count_domains: bool,
    pub(crate) follow_wall_clock: bool,
}

impl Server {
    /// A test that panicked inside `with_world` must not hide behind a poisoned lock.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why there is no answer.
#[derive(Debug)]
struct NoAnswer;

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection ends without an answer")
    }
}

impl std::error::Error for NoAnswer {}

/// Accepts connections for ever.
pub(crate) async fn accept(listener: TcpListener, server: Arc<Server>, tls: Option<TlsAcceptor>) -> Infallible {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // A client that gave up before it was accepted, or no free descriptor for a moment.
            Err(error) => {
                eprintln!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            }
        };
        tokio::spawn(serve(stream, Arc::clone(&server), tls.clone()));
    }
}

/// Counts open connections down when it goes.
struct Open(Arc<Server>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn serve(stream: TcpStream, server: Arc<Server>, tls: Option<TlsAcceptor>) {
    let open = server.connections.fetch_add(1, Ordering::Relaxed) + 1;
    let _open = Open(Arc::clone(&server));
    if server.max_connections.is_some_and(|most| open > most) {
        server.state().stats.connections_refused += 1;
        return;
    }
    let from = stream.peer_addr().map_or_else(|_| "unknown".to_owned(), |peer| peer.ip().to_string());
    {
        let stats = &mut server.state().stats;
        stats.connections += 1;
        *stats.connections_from.entry(from).or_default() += 1;
    }
    // Small answers must not wait for the client's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        eprintln!("cannot switch delays off: {error}");
    }
    let reset = Arc::new(AtomicBool::new(false));
    let connection = Connection { stream, reset: Arc::clone(&reset) };
    match tls {
        None => talk(connection, server, reset).await,
        // A client that does not trust the certificate ends the handshake; that is the point of it.
        Some(tls) => {
            if let Ok(connection) = tls.accept(connection).await {
                talk(connection, server, reset).await;
            }
        }
    }
}

async fn talk<S>(stream: S, server: Arc<Server>, reset: Arc<AtomicBool>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // An idle connection stays as long as the client wants it.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None);
    builder.http2().timer(TokioTimer::new());
    // HTTP/2 shows by the client's first bytes, whether the handshake agreed on it or not.
    let builder = match server.http1_only {
        true => builder.http1_only(),
        false => builder,
    };
    let service = service_fn(move |request| respond(Arc::clone(&server), Arc::clone(&reset), request));
    let ended = builder.serve_connection(TokioIo::new(stream), service).await;
    // Clients go away in the middle of an answer, and faults end connections: the client's test is what judges that.
    drop(ended);
}

/// Counts simultaneous requests down when it goes, also when the client went first.
struct Busy<'s>(&'s Server);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.state().simultaneous -= 1;
    }
}

async fn respond(
    server: Arc<Server>,
    reset: Arc<AtomicBool>,
    request: Request<Incoming>,
) -> Result<Response<SimBody>, NoAnswer> {
    if request.uri().path().starts_with(control::BASE) {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| NoAnswer)?.to_bytes();
        return Ok(whole(control::answer(&server, head.method.as_str(), &head.uri, &body)));
    }
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| NoAnswer)?.to_bytes();
    let (answer, fate) = {
        let mut state = server.state();
        state.simultaneous += 1;
        state.stats.peak_simultaneous = state.stats.peak_simultaneous.max(state.simultaneous);
        decide(&server, &mut state, &head, &body)
    };
    let _busy = Busy(&server);
    if !fate.latency.is_zero() {
        tokio::time::sleep(fate.latency).await;
    }
    break_it(answer, fate.fault, &reset)
}

/// The body where it is a form.
fn form<'b>(head: &Parts, body: &'b [u8]) -> &'b [u8] {
    let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") { body } else { &[] }
}

/// The header `Authorization`, with the user and the password of `Basic` readable.
fn authorization(head: &Parts) -> String {
    let header = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(encoded) = header.strip_prefix("Basic ") else {
        return header.to_owned();
    };
    let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|pair| String::from_utf8(pair).ok());
    format!("Basic {}", decoded.unwrap_or_default())
}

/// The answer, and what befalls it on the wire.
fn decide(server: &Server, state: &mut State, head: &Parts, body: &[u8]) -> (Answer, Fate) {
    let uri = &head.uri;
    let path = uri.path().strip_prefix(server.registrar.base());
    let method = head.method.as_str();
    let authorization = authorization(head);
    let call = Call::new(method, path.unwrap_or(uri.path()), uri.query().unwrap_or_default())
        .with_form(form(head, body))
        .with_body(body)
        .with_authorization(&authorization);
    let operation = server.registrar.operation(&call);
    state.stats.count(operation);
    state.stats.http2_requests += u64::from(head.version == Version::HTTP_2);
    let late = {
        let (fixed, jitter) = state.latency;
        fixed + jitter.mul_f64(state.chance.f64())
    };
    let fate = Fate { latency: late, fault: None };
    if path.is_none() {
        return (Answer::html(404, "<html><body>Not Found</body></html>"), fate);
    }
    let login = server.registrar.login(&call);
    if let Some(limit) = &state.limit
        && !state.limiter.allows(limit, login, Instant::now())
    {
        state.stats.over_limit += 1;
        let answer = match &limit.over {
            OverLimit::ForbiddenPage => server.registrar.over_limit(),
            OverLimit::TooManyRequests { retry_after } => Answer::too_many_requests(retry_after.clone()),
        };
        return (answer, fate);
    }
    let secret = server.registrar.secret(&call);
    let found = state.accounts.iter_mut().find(|account| account.login == login && account.secret == secret);
    let subject = match &found {
        Some(account) if server.count_domains || state.faults.needs_domain() => {
            server.registrar.subject(&call, &account.world)
        }
        _ => None,
    };
    if let (true, Some(name)) = (server.count_domains, &subject) {
        *state.stats.by_domain.entry(name.clone()).or_default() += 1;
    }
    let mut fate = state.faults.decide(operation, subject.as_deref());
    fate.latency += late;
    state.stats.faults += u64::from(fate.fault.is_some());
    let Some(account) = found else {
        state.stats.unauthenticated += 1;
        return (server.registrar.refuse_login(), fate);
    };
    let twist = Twist {
        other_domain: fate.fault == Some(Fault::OtherDomain),
        everything_expired: fate.fault == Some(Fault::EverythingExpired),
        empty_list: fate.fault == Some(Fault::EmptyList),
        empty_page: fate.fault == Some(Fault::EmptyPage),
        wrong_total: fate.fault == Some(Fault::WrongTotal),
    };
    (server.registrar.answer(&call, account, twist), fate)
}

fn response(answer: &Answer, body: SimBody) -> Response<SimBody> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("an HTTP status");
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if let Some(text) = &answer.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from_str(text).expect("retry-after is a header's text"));
    }
    response
}

fn whole(mut answer: Answer) -> Response<SimBody> {
    let body = Bytes::from(std::mem::take(&mut answer.body));
    response(&answer, SimBody::Whole(Some(body)))
}

/// A body in steps with the length that it should have.
fn stepwise(mut answer: Answer, steps: impl FnOnce(Bytes) -> Vec<Step>) -> Response<SimBody> {
    let body = Bytes::from(std::mem::take(&mut answer.body));
    let length = body.len();
    let mut response = response(&answer, SimBody::script(steps(body)));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// Long enough that what was sent before has left.
const SENT: Duration = Duration::from_millis(20);

fn break_it(answer: Answer, fault: Option<Fault>, reset: &Arc<AtomicBool>) -> Result<Response<SimBody>, NoAnswer> {
    let half = |body: &Bytes| body.slice(..body.len() / 2);
    Ok(match fault {
        None
        | Some(
            Fault::Latency { .. }
            | Fault::OtherDomain
            | Fault::EverythingExpired
            | Fault::EmptyList
            | Fault::EmptyPage
            | Fault::WrongTotal,
        ) => whole(answer),
        Some(Fault::Reset) => {
            reset.store(true, Ordering::Relaxed);
            return Err(NoAnswer);
        }
        Some(Fault::CloseWithoutAnswer) => return Err(NoAnswer),
        Some(Fault::Truncated) => stepwise(answer, |body| vec![Step::Send(half(&body)), Step::Wait(SENT), Step::Break]),
        Some(Fault::ResetWhileAnswering) => {
            let reset = Step::Reset(Arc::clone(reset));
            stepwise(answer, |body| vec![Step::Send(half(&body)), Step::Wait(SENT), reset])
        }
        Some(Fault::Stall) => stepwise(answer, |body| vec![Step::Send(half(&body)), Step::Hang]),
        Some(Fault::NeverEnding) => {
            let first = Step::Send(Bytes::from(answer.body.clone()));
            let spaces = Step::Repeat(Bytes::from_static(&[b' '; 1_024]), Duration::from_millis(10));
            response(&answer, SimBody::script([first, spaces]))
        }
        Some(Fault::SlowDrip { bytes, every_ms }) => stepwise(answer, |body| {
            let pieces = body.chunks(bytes.max(1)).map(Bytes::copy_from_slice);
            pieces.flat_map(|piece| [Step::Send(piece), Step::Wait(Duration::from_millis(every_ms))]).collect()
        }),
        Some(Fault::Garbage) => {
            let mut chance = fastrand::Rng::with_seed(7);
            let mut bytes: Vec<u8> = (0..512).map(|_| chance.u8(..)).collect();
            // Never UTF-8, whatever the others are.
            bytes[0] = 0xff;
            whole(Answer::json(200, bytes))
        }
        Some(Fault::WrongShape) => whole(Answer::json(200, r#"[["unexpected", 1], null, {"data": []}]"#)),
        Some(Fault::HtmlOk) => whole(Answer::html(
            200,
            "<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head><body><h1>We are back soon</h1></body></html>",
        )),
        Some(Fault::TooManyRequests { retry_after }) => whole(Answer::too_many_requests(retry_after)),
        Some(Fault::ForbiddenPage) => whole(Answer::forbidden_page()),
        Some(Fault::ServerError { status }) => whole(Answer::server_error(status)),
        Some(Fault::EmptyBody) => whole(Answer::json(200, "")),
        Some(Fault::Verbatim { status, body }) => whole(Answer::json(status, body)),
        Some(Fault::HugeBody { bytes }) => huge(bytes),
    })
}

/// A JSON object of about this size, made while it is sent.
fn huge(bytes: usize) -> Response<SimBody> {
    const PIECE: usize = 64 * 1_024;
    let filling = Bytes::from(vec![b'x'; PIECE]);
    let mut steps = vec![Step::Send(Bytes::from_static(b"{\"padding\":\""))];
    steps.extend((0..bytes.div_ceil(PIECE)).map(|_| Step::Send(filling.clone())));
    steps.push(Step::Send(Bytes::from_static(b"\"}")));
    response(&Answer::json(200, ""), SimBody::script(steps))
}

/// A listener on the loopback address; port 0 is any free one.
pub(crate) fn listen(port: u16) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
