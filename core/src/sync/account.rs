//! One account at one registrar, opened from its row and its configuration, and kept open.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::retry::{Again, retry};
use crate::config::{Config, RetryConfig};
use crate::laravel::encryption::Encrypter;
use crate::limit::{Gate, Terms};
use crate::model::{RegistrarId, RegistrarRecord};
use crate::registrar::http::Secrets;
use crate::registrar::native::{self, NATIVE};
use crate::registrar::{CallContext, Registrar};
use crate::{Error, ErrorKind, Result};

/// An open account.
pub(super) struct Account {
    /// Whose account it is.
    pub(super) registrar_id: RegistrarId,
    pub(super) slug: Arc<str>,
    pub(super) registrar: Arc<dyn Registrar>,
    pub(super) retry: RetryConfig,
    pub(super) timeout: Duration,
    /// What all calls of the process pass on their way to it.
    gate: Gate,
    /// What the errors of a registrar of the host's own may hold, which native ones have cleaned themselves.
    secrets: Option<Secrets>,
    /// What it was opened with; when the row says otherwise it is opened anew.
    pub(super) record: RegistrarRecord,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("slug", &self.slug).field("registrar", &self.registrar).finish_non_exhaustive()
    }
}

impl Account {
    /// Opens the account of a registrar. Nothing is sent.
    ///
    /// Fails with `config` where no registrar of that slug is there, or its credentials are missing or cannot be
    /// opened.
    pub(super) fn open(
        record: &RegistrarRecord,
        config: &Config,
        own: &BTreeMap<String, Arc<dyn Registrar>>,
    ) -> Result<Self> {
        let slug = record.slug.as_str();
        let settings = config.registrar.get(slug);
        let mut secrets = None;
        let registrar: Arc<dyn Registrar> = if let Some(own) = own.get(slug) {
            // Which it need not have: then there is nothing to be hidden.
            secrets = credentials(record, config).ok().map(|all| Secrets::new(all.into_iter().collect()));
            Arc::clone(own)
        } else if let Some(native) = native::of(record, settings) {
            let is_open = native.credentials.is_empty();
            let credentials = if is_open { BTreeMap::new() } else { credentials(record, config)? };
            native.account(slug, &credentials, settings)?
        } else {
            let mut there: Vec<&str> =
                NATIVE.iter().map(|native| native.slug).chain(own.keys().map(String::as_str)).collect();
            there.sort_unstable();
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "no registrar for slug `{slug}`: there are {}; name one of them in config \
                     `registrar.registrars.{slug}.driver`, or set your own for it",
                    there.join(", ")
                ),
            )
            .with_registrar(slug));
        };
        Ok(Self {
            registrar_id: record.id,
            slug: slug.into(),
            gate: Gate::default(),
            registrar,
            secrets,
            retry: settings.retry,
            timeout: Duration::from_secs(config.domain.sync_timeout.into()),
            record: record.clone(),
        })
    }

    /// Whether the row still says what the account was opened with.
    pub(super) fn is_of(&self, record: &RegistrarRecord) -> bool {
        let text = |secret: &Option<SecretString>| secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        self.record.slug == record.slug
            && self.record.api_class == record.api_class
            && text(&self.record.credentials) == text(&record.credentials)
    }

    /// How many requests may be under way at once for a call that asks for so many, or for the registrar's number.
    pub(super) fn max_in_flight(&self, asked: Option<u32>) -> usize {
        asked.unwrap_or(self.registrar.capabilities().max_in_flight).max(1) as usize
    }

    /// How many domains are worked on at once: some more than requests may be under way, so that the next request
    /// starts while an answer is still being compared.
    pub(super) fn max_asked(&self, asked: Option<u32>) -> usize {
        self.max_in_flight(asked) + self.max_in_flight(asked) / 4 + 1
    }

    /// Why the account is left alone for longer than a domain may wait.
    pub(super) fn long_pause(&self) -> Option<Error> {
        self.gate.long_pause(self.timeout)
    }

    /// How often it was paused since it was opened.
    pub(super) fn pauses(&self) -> u64 {
        self.gate.pauses()
    }

    /// Sends a request, once there is room for it (S7.4), with the account's retries (S6.2); tells how often it was
    /// sent. What asks to be left alone is left alone, by all calls.
    pub(super) async fn call<T, F>(
        &self,
        asked: Option<u32>,
        context: &CallContext,
        mut send: impl FnMut() -> F,
    ) -> (Result<T>, u32)
    where
        F: Future<Output = Result<T>>,
    {
        let terms = Terms { most: self.max_in_flight(asked), patience: self.timeout };
        self.gate.first();
        let send = || {
            let sent = send();
            async {
                let slot = self.gate.enter(terms, context).await?;
                let answer = sent.await;
                drop(slot);
                self.gate.note(answer.as_ref().map(|_| ()).map_err(Error::kind));
                answer
            }
        };
        let again = |error: &Error, wait: Duration| {
            if error.kind() == ErrorKind::RateLimited {
                self.gate.pause(wait);
            }
            if self.gate.again(context.urgency()) { Again::After(wait) } else { Again::No }
        };
        let (result, attempts) = retry(self.retry, self.timeout, context, again, send).await;
        let named = |error: Error| {
            let error = match &self.secrets {
                Some(secrets) => error.cleaned(|text| secrets.scrub(text)),
                None => error,
            };
            if error.registrar().is_some() { error } else { error.with_registrar(&*self.slug) }
        };
        (result.map_err(named), attempts)
    }
}

/// The credentials of a registrar: those of its row, else those of the configuration.
fn credentials(record: &RegistrarRecord, config: &Config) -> Result<BTreeMap<String, SecretString>> {
    let configured = &config.registrar.get(&record.slug).credentials;
    let stored = record.credentials.as_ref().map(ExposeSecret::expose_secret).filter(|text| !text.trim().is_empty());
    let Some(stored) = stored else {
        if configured.is_empty() {
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "registrar `{0}` has no credentials: fill registrars.credentials of id {1}, or config `registrar.registrars.{0}.credentials`",
                    record.slug, record.id
                ),
            )
            .with_registrar(&*record.slug));
        }
        return Ok(configured.clone());
    };
    let opened = Encrypter::new(&config.app_keys).and_then(|encrypter| encrypter.credentials(stored));
    match opened {
        Ok(credentials) => Ok(credentials),
        Err(_) if !configured.is_empty() => Ok(configured.clone()),
        Err(error) => Err(Error::new(
            ErrorKind::Config,
            format!("credentials of registrar `{}` (registrars.credentials, id {}): {error}", record.slug, record.id),
        )
        .with_registrar(&*record.slug)),
    }
}
