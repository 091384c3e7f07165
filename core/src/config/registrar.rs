//! `config/registrar.php`: the defaults, and what a registrar has of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::SecretString;
use url::Url;

use crate::model::Currency;

/// `config/registrar.php`.
#[derive(Clone, Debug, Default)]
pub struct RegistrarsConfig {
    /// What holds for a registrar that says nothing of its own.
    pub defaults: RegistrarConfig,
    /// The registrars by slug, each already completed from the defaults.
    pub registrars: BTreeMap<String, RegistrarConfig>,
}

impl RegistrarsConfig {
    /// What holds for a slug.
    pub fn get(&self, slug: &str) -> &RegistrarConfig {
        self.registrars.get(slug).unwrap_or(&self.defaults)
    }
}

/// What holds for one registrar.
#[derive(Clone)]
pub struct RegistrarConfig {
    /// The base of its API. The registrar's own production address unless given.
    pub api_url: Option<Url>,
    /// How long one request may take. 30 s.
    pub timeout: Duration,
    /// How many requests in how long.
    pub rate_limit: RateLimitSetting,
    /// How a request that may succeed later is tried again (S6.2).
    pub retry: RetryConfig,
    /// Simultaneous requests. The registrar's own default unless given.
    pub concurrency: Option<u32>,
    /// The currency that prices must be in (S5.4).
    pub currency: Option<Currency>,
    /// What one unit of another currency is worth in `currency` (S5.4).
    pub exchange_rates: BTreeMap<Currency, Decimal>,
    /// Credentials, for databases whose column cannot hold them. The database's come first.
    pub credentials: BTreeMap<String, SecretString>,
    /// Which of its price tables is synced.
    pub price_source: PriceSource,
    /// How many days after expiry a domain is in its grace period. 30.
    pub grace_days: u32,
    /// As `grace_days`, for single TLDs.
    pub grace_days_by_tld: BTreeMap<String, u32>,
}

impl RegistrarConfig {
    /// How many days after expiry a domain of this name is in its grace period: by the longest suffix that is
    /// configured.
    pub fn grace_days_for(&self, name: &str) -> u32 {
        let mut rest = name;
        while let Some((_, suffix)) = rest.split_once('.') {
            if let Some(days) = self.grace_days_by_tld.get(suffix) {
                return *days;
            }
            rest = suffix;
        }
        self.grace_days
    }
}

impl Default for RegistrarConfig {
    fn default() -> Self {
        Self {
            api_url: None,
            timeout: Duration::from_secs(30),
            rate_limit: RateLimitSetting::RegistrarDefault,
            retry: RetryConfig::default(),
            concurrency: None,
            currency: None,
            exchange_rates: BTreeMap::new(),
            credentials: BTreeMap::new(),
            price_source: PriceSource::default(),
            grace_days: 30,
            grace_days_by_tld: BTreeMap::new(),
        }
    }
}

impl fmt::Debug for RegistrarConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrarConfig")
            .field("api_host", &self.api_url.as_ref().and_then(Url::host_str))
            .field("timeout", &self.timeout)
            .field("rate_limit", &self.rate_limit)
            .field("retry", &self.retry)
            .field("credentials", &self.credentials.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Which limit holds for an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateLimitSetting {
    /// The one that the registrar's documentation asks for.
    #[default]
    RegistrarDefault,
    /// None.
    Unlimited,
    /// This one.
    Limited(RateLimit),
}

/// So many requests in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests.
    pub max_attempts: u32,
    /// Minutes.
    pub decay_minutes: u32,
}

/// Exponential backoff (S6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    /// Attempts in all, the first included. 3.
    pub max_attempts: u32,
    /// How long before the second attempt; it doubles each time, with jitter. 1 s.
    pub delay: Duration,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self { max_attempts: 3, delay: Duration::from_secs(1) }
    }
}

/// Which price table of a registrar is synced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PriceSource {
    /// What the account pays.
    #[default]
    Cost,
    /// What the account's customers pay.
    Customer,
    /// What the account's sub-resellers pay.
    Reseller,
}
