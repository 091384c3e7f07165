//! One HTTP client for every adapter: kept alive, bounded in time, size and number, and silent about secrets.
//!
//! An adapter hands over a path and a query; the client adds the credentials itself, so that no adapter ever builds a
//! text that holds them. Every failure names the registrar and the host, never a URL with its query.
//!
//! Price of that silence: an error has no `source`. What the transport said is put into the message as text, cleaned,
//! because the error types below print the URL that they failed for.
//!
//! One client is one account: its connections and its rate limit are shared by everything that uses it.

mod form;
mod json;
mod secrets;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
mod transport;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use secrecy::SecretString;
use url::Url;

pub(crate) use self::secrets::Secrets;
use self::transport::{Transport, root_cause};
use super::CallContext;
use crate::config::{ProxySetting, RateLimit, RateLimitSetting, RegistrarConfig};
use crate::limit::{Limiter, Shared};
use crate::{Error, ErrorKind, Result};

/// The most that an answer may hold, unpacked. The largest known is a price catalogue of some hundred kilobytes.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// How long a connection may take to come about, where the request as a whole may take longer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait that a registrar can ask for: the longest known block lasts 24 hours.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// How much of a registrar's own words is kept, in characters.
const MAX_NATIVE: usize = 500;
/// How long a message may be, in characters.
const MAX_MESSAGE: usize = 1000;

const USER_AGENT: &str = concat!("domaindesk-sync/", env!("CARGO_PKG_VERSION"));

/// What an adapter knows of its registrar; the configuration comes first.
#[derive(Clone, Debug)]
pub struct HttpDefaults {
    /// The production base of the API.
    pub base: Url,
    /// The registrar's limits, which hold at once.
    pub rate_limit: Vec<RateLimit>,
    /// Simultaneous requests.
    pub concurrency: u32,
}

/// A client for one account at one registrar.
pub struct HttpClient {
    registrar: String,
    base: Url,
    host: String,
    timeout: Duration,
    secrets: Secrets,
    /// What goes with every request.
    headers: HeaderMap,
    /// Whether the adapter says what an HTTP status means, that of too many requests included.
    judged_by_body: bool,
    client: reqwest::Client,
    /// The proxy that is configured: host and port.
    proxy: Option<String>,
    concurrency: u32,
    limiter: Limiter,
    max_body: usize,
}

/// An answer with its whole body. The status says little before the body was read (S6.2).
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// How long the registrar asked to be left alone.
    pub retry_after: Option<Duration>,
    /// The body, unpacked.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    /// Without the body, which may hold an auth code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("retry_after", &self.retry_after)
            .field("bytes", &self.body.len())
            .finish()
    }
}

impl HttpClient {
    /// Builds the client of one account. `secret_query` is added to the query of every request.
    ///
    /// Fails with `config` for an `api_url` that is no plain HTTP address, for a rate limit of nothing, for certificates that
    /// cannot be used, for a source address that is not this machine's, and where the machine has no root certificates to
    /// check a server's by.
    pub fn new(
        registrar: &str,
        config: &RegistrarConfig,
        defaults: HttpDefaults,
        secret_query: Vec<(String, SecretString)>,
    ) -> Result<Self> {
        Self::build(registrar, config, defaults, Secrets::new(secret_query), HeaderMap::new())
    }

    fn build(
        registrar: &str,
        config: &RegistrarConfig,
        defaults: HttpDefaults,
        secrets: Secrets,
        headers: HeaderMap,
    ) -> Result<Self> {
        let setting = |key: &str, problem: &str| {
            Error::config(&format!("registrar.registrars.{registrar}.{key}"), problem).with_registrar(registrar)
        };

        let base = usable_base(config.api_url.clone().unwrap_or(defaults.base))
            .map_err(|problem| setting("api_url", problem))?;
        let host = base.host_str().unwrap_or_default().to_owned();
        let is_plain = base.scheme() == "http";
        if is_plain && !is_loopback(&base) {
            tracing::warn!(registrar, host, "api_url is not https: the credentials cross the network readable");
        }

        let rate_limit = match &config.rate_limit {
            RateLimitSetting::RegistrarDefault => defaults.rate_limit,
            RateLimitSetting::Unlimited => Vec::new(),
            RateLimitSetting::Limited(limits) | RateLimitSetting::General(limits) => limits.clone(),
        };
        if rate_limit.iter().any(|limit| limit.max_attempts == 0 || limit.decay_seconds == 0) {
            return Err(setting("rate_limit", "max_attempts and its time must each be at least 1"));
        }
        let concurrency = config.concurrency.unwrap_or(defaults.concurrency).clamp(1, 1024);
        let (proxy, of_the_way) = match &config.access.proxy {
            ProxySetting::Through(proxy) => (Some(proxy.place().to_owned()), proxy.secrets()),
            ProxySetting::Environment | ProxySetting::Direct => (None, Vec::new()),
        };
        let secrets = secrets.and_of_the_way(of_the_way);

        let shared = config.redis.as_ref().filter(|_| !rate_limit.is_empty()).and_then(|redis| {
            let account = format!("{host} {}", secrets.identity());
            Some((Shared::new(redis, registrar, &account, &rate_limit)?, redis.fallback_percent))
        });
        let limiter = match shared {
            Some((shared, percent)) => Limiter::sharing(rate_limit, shared, percent),
            None => Limiter::new(rate_limit),
        };
        Ok(Self {
            client: Transport { config, concurrency, is_plain, ipv4_only: false }
                .build()
                .map_err(|(key, problem)| setting(key, &problem))?,
            proxy,
            registrar: registrar.to_owned(),
            base,
            host,
            timeout: config.timeout,
            secrets,
            headers,
            judged_by_body: false,
            concurrency,
            limiter,
            max_body: MAX_BODY,
        })
    }

    /// The host that it talks to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How many requests may be under way at once where a call asks for no other number.
    pub fn concurrency(&self) -> u32 {
        self.concurrency
    }

    /// Sends one GET request, once the account has budget for it, and reads the answer whole.
    ///
    /// The wait for budget is not part of any time-out (S7.1). Fails with
    /// - `network` when there is no connection, or it breaks before the answer is complete;
    /// - `timeout` when the answer is not complete in time;
    /// - `rate_limited` for HTTP 429, and for 503 with a `Retry-After`;
    /// - `invalid_response` for a redirect, since no registrar's API has one, and for an answer of more than 32 MiB.
    ///
    /// What else an HTTP status means is the adapter's to say, after it looked into the body (S6.2).
    pub async fn get(&self, context: &CallContext, path: &str, query: &[(&str, &str)]) -> Result<Answer> {
        let url = self.url(path, query)?;
        // Without the credentials, which the URL has.
        let what = (path, query);
        self.send(context, what, self.client.get(url)).await
    }

    /// Sends a request, once there is budget for it, and reads the answer whole. `what` tells it from others.
    async fn send(
        &self,
        context: &CallContext,
        what: impl std::hash::Hash,
        request: reqwest::RequestBuilder,
    ) -> Result<Answer> {
        // Held until the answer is whole: only then it is sure that the request has arrived.
        let _place = self.limiter.admit(context, what).await.map_err(|error| self.seal(error))?;
        context.count_request();

        let mut response = request.headers(self.headers.clone()).send().await.map_err(|error| self.broken(error))?;
        let status = response.status();
        let retry_after = retry_after(response.headers(), context.now());
        self.refuse_early(status, retry_after)?;

        let announced = response.content_length().unwrap_or(0);
        if announced > self.max_body as u64 {
            return Err(self.too_large());
        }
        let content_type = header(response.headers(), CONTENT_TYPE).map(str::to_owned);
        // The announced length is a hint: a server that lies about it gets no memory for it.
        let mut body = Vec::with_capacity(announced.min(1024 * 1024) as usize);
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(error))? {
            if body.len() + chunk.len() > self.max_body {
                return Err(self.too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: status.as_u16(), content_type, retry_after, body })
    }

    /// An error that names the registrar and holds no secret.
    pub fn error(&self, kind: ErrorKind, message: String) -> Error {
        self.seal(Error::new(kind, message))
    }

    /// Names the registrar in an error, takes the credentials out of its texts, and shortens what is too long to read.
    pub fn seal(&self, error: Error) -> Error {
        let clean = |text: &str, most: usize| self.secrets.scrub(text).chars().take(most).collect::<String>();
        let mut sealed =
            Error::new(error.kind(), clean(error.message(), MAX_MESSAGE)).with_registrar(self.registrar.as_str());
        if let Some(native) = error.native() {
            sealed = sealed.with_native(native.code.clone(), clean(&native.message, MAX_NATIVE));
        }
        match error.retry_after() {
            Some(wait) => sealed.with_retry_after(wait),
            None => sealed,
        }
    }

    /// The address of a call, credentials included: for the transport alone.
    fn url(&self, path: &str, query: &[(&str, &str)]) -> Result<Url> {
        let mut url =
            self.base.join(path).map_err(|_| self.error(ErrorKind::Internal, format!("`{path}` is no path")))?;
        {
            let mut pairs = url.query_pairs_mut();
            pairs.extend_pairs(query);
            self.secrets.append_to(&mut pairs);
        }
        if url.query() == Some("") {
            url.set_query(None);
        }
        Ok(url)
    }

    fn refuse_early(&self, status: StatusCode, retry_after: Option<Duration>) -> Result<()> {
        if status.is_redirection() {
            let message = format!(
                "{}: the answer is a redirect (HTTP {}), which is not followed; is api_url right?",
                self.host,
                status.as_u16()
            );
            return Err(self.error(ErrorKind::InvalidResponse, message));
        }
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            // No registrar says this: without a configured proxy it is the environment's.
            let proxy = self.proxy.as_ref().map_or_else(|| "a proxy".to_owned(), |proxy| format!("the proxy {proxy}"));
            let message =
                format!("{}: {proxy} wants a user and a password, or others than it was given (HTTP 407)", self.host);
            return Err(self.error(ErrorKind::Network, message));
        }
        if self.judged_by_body {
            return Ok(());
        }
        let throttled = status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::SERVICE_UNAVAILABLE && retry_after.is_some();
        if !throttled {
            return Ok(());
        }
        let error =
            self.error(ErrorKind::RateLimited, format!("{}: too many requests (HTTP {})", self.host, status.as_u16()));
        Err(match retry_after {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        })
    }

    fn too_large(&self) -> Error {
        let limit = self.max_body / 1024;
        self.error(ErrorKind::InvalidResponse, format!("{}: the answer is larger than {limit} KiB", self.host))
    }

    /// A failure of the transport, told without its URL.
    fn broken(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        let host = &self.host;
        let cause = match &self.proxy {
            // Without TLS each connection is the proxy's, also when the answer breaks off.
            Some(proxy) if error.is_connect() || self.base.scheme() == "http" => {
                format!("through the proxy {proxy}: {}", root_cause(&error))
            }
            _ => root_cause(&error),
        };
        if error.is_timeout() {
            let what = if error.is_connect() { "no connection" } else { "no complete answer" };
            return self
                .error(ErrorKind::Timeout, format!("{host}: {what} in time (limit {:?}): {cause}", self.timeout));
        }
        let (kind, what) = if error.is_builder() {
            (ErrorKind::Internal, "the request cannot be built")
        } else if error.is_connect() {
            (ErrorKind::Network, "no connection")
        } else if error.is_decode() || error.is_body() {
            (ErrorKind::Network, "the answer broke off")
        } else {
            (ErrorKind::Network, "the connection failed")
        };
        self.error(kind, format!("{host}: {what}: {cause}"))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("registrar", &self.registrar)
            .field("host", &self.host)
            .field("timeout", &self.timeout)
            .field("concurrency", &self.concurrency)
            .field("limiter", &self.limiter)
            .finish_non_exhaustive()
    }
}

/// What an HTTP status means where the body says nothing (S6.2): 5xx and 408 may pass, 401 and 403 refuse the account,
/// anything else is no answer to the question. [`HttpClient::seal`] adds the registrar.
pub fn server_error(answer: &Answer) -> Error {
    let status = StatusCode::from_u16(answer.status).ok();
    let reason = status.and_then(|status| status.canonical_reason()).unwrap_or("no known status");
    let (kind, what) = match answer.status {
        500.. => (ErrorKind::Network, "the registrar's server failed"),
        408 => (ErrorKind::Timeout, "the registrar's server gave up waiting"),
        401 | 403 => (ErrorKind::Auth, "the registrar refused the credentials or this machine's address"),
        404 => (ErrorKind::InvalidResponse, "the registrar's server has no such API; is api_url right?"),
        _ => (ErrorKind::InvalidResponse, "the registrar's answer cannot be understood"),
    };
    let error = Error::new(kind, format!("{what} (HTTP {} {reason})", answer.status));
    let error = error.with_native(Some(answer.status.to_string()), reason);
    match answer.retry_after {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// A base under which paths can be joined, or what is wrong with it. The address itself is not repeated: it may hold
/// a password.
fn usable_base(mut base: Url) -> Result<Url, &'static str> {
    if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none_or(str::is_empty) {
        return Err("must be an address such as https://host/path/");
    }
    if !base.username().is_empty() || base.password().is_some() {
        return Err("must not hold a user name or password");
    }
    if base.query().is_some() || base.fragment().is_some() {
        return Err("must not hold a `?` or `#`");
    }
    if !base.path().ends_with('/') {
        let path = format!("{}/", base.path());
        base.set_path(&path);
    }
    Ok(base)
}

fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
}

/// The header `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3). A date is measured by the server's own clock
/// where it tells it, so that a wrong clock on either side does no harm.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = header(headers, RETRY_AFTER)?;
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = DateTime::parse_from_rfc2822(value).ok()?;
            let now =
                header(headers, DATE).and_then(|date| DateTime::parse_from_rfc2822(date).ok()).map_or(now, Into::into);
            (until.to_utc() - now).to_std().unwrap_or(Duration::ZERO)
        }
    };
    Some(wait.min(MAX_RETRY_AFTER))
}
