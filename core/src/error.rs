//! What can go wrong, in the words that every face of the library uses (S6.1).

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What kind of failure it is, and so what a caller can do about it.
///
/// Results, log lines, C codes and PHP exceptions use these words (S6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The registrar refused the credentials or the address. Retrying does not help: fix the account.
    Auth,
    /// The registrar asked for fewer requests. [`Error::retry_after`] says when, where it told.
    RateLimited,
    /// The registrar, or the database, does not know what was asked for.
    NotFound,
    /// No answer within the time allowed. It may come later.
    Timeout,
    /// The connection failed, or the registrar's server did. It may work later.
    Network,
    /// The answer could not be understood, so nothing of it was used.
    InvalidResponse,
    /// The registrar understood and said no. Its own words are in [`Error::native`].
    Rejected,
    /// This registrar has no such ability.
    Unsupported,
    /// The database failed, or is not what it should be.
    Store,
    /// The configuration or an argument is wrong. The message names the key and what would be right.
    Config,
    /// The caller stopped the work.
    Cancelled,
    /// A defect of this library. Please report it.
    Internal,
}

impl ErrorKind {
    /// Every kind, in the order of S6.1.
    pub const ALL: [Self; 12] = [
        Self::Auth,
        Self::RateLimited,
        Self::NotFound,
        Self::Timeout,
        Self::Network,
        Self::InvalidResponse,
        Self::Rejected,
        Self::Unsupported,
        Self::Store,
        Self::Config,
        Self::Cancelled,
        Self::Internal,
    ];

    /// The word that stands for it in results, logs and all faces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::RateLimited => "rate_limited",
            Self::NotFound => "not_found",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::InvalidResponse => "invalid_response",
            Self::Rejected => "rejected",
            Self::Unsupported => "unsupported",
            Self::Store => "store",
            Self::Config => "config",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    /// Whether the same request may succeed if it is sent again within the call (S6.2).
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Timeout | Self::Network | Self::RateLimited)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The registrar's own code and words for a refusal, kept as it sent them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NativeError {
    /// Its code, where it has one; an HTTP status otherwise.
    pub code: Option<String>,
    /// Its message.
    pub message: String,
}

/// A failure: its kind, a sentence that says what failed and what to do, and where it came from.
///
/// Neither `Display` nor `Debug` ever shows a secret (S6.9): what is put in here has been cleaned before.
#[derive(thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    registrar: Option<String>,
    native: Option<NativeError>,
    retry_after: Option<Duration>,
    source: Option<BoxError>,
}

impl Error {
    /// A failure of `kind`, told in one sentence: lower case, no full stop, no secret.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            registrar: None,
            native: None,
            retry_after: None,
            source: None,
        }))
    }

    /// A wrong configuration value: `path` names the key, `problem` says what is wrong and what would be right.
    pub fn config(path: &str, problem: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Config, format!("config `{path}`: {problem}"))
    }

    /// A failure of the database.
    pub fn store(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Store, message)
    }

    /// A domain, registrar or TLD that is not there.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// An answer that could not be understood.
    pub fn invalid_response(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidResponse, message)
    }

    /// The caller stopped the work.
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "cancelled by the caller")
    }

    /// Names the registrar that it concerns, by slug.
    #[must_use]
    pub fn with_registrar(mut self, slug: impl Into<String>) -> Self {
        self.0.registrar = Some(slug.into());
        self
    }

    /// Keeps the registrar's own code and message.
    #[must_use]
    pub fn with_native(mut self, code: Option<String>, message: impl Into<String>) -> Self {
        self.0.native = Some(NativeError { code, message: message.into() });
        self
    }

    /// Says how long the registrar asked to be left alone.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Keeps the cause. It must not hold a secret.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same with its texts cleaned. The cause, which cannot be, goes.
    #[must_use]
    pub(crate) fn cleaned(mut self, clean: impl Fn(&str) -> String) -> Self {
        self.0.message = clean(&self.0.message).into();
        if let Some(native) = &mut self.0.native {
            native.message = clean(&native.message);
        }
        self.0.source = None;
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence that `Display` prints.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The slug of the registrar that it concerns.
    pub fn registrar(&self) -> Option<&str> {
        self.0.registrar.as_deref()
    }

    /// The registrar's own code and message.
    pub fn native(&self) -> Option<&NativeError> {
        self.0.native.as_ref()
    }

    /// How long the registrar asked to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The cause, where there is one.
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_spelled_as_it_serialises() {
        for kind in ErrorKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str(), "S6.1");
        }
    }

    #[test]
    fn an_error_stays_small_so_that_results_stay_small() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn only_what_may_pass_by_itself_is_tried_again() {
        let again: Vec<_> = ErrorKind::ALL.into_iter().filter(|k| k.is_retryable()).collect();
        assert_eq!(again, [ErrorKind::RateLimited, ErrorKind::Timeout, ErrorKind::Network], "S6.2");
    }
}
