//! `config/registrar.php`: the defaults, and what a registrar has of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::SecretString;
use url::Url;

use super::reader::Reader;
use super::{AccessConfig, MockConfig, RedisConfig};
use crate::Result;
use crate::model::{Currency, DomainName};
use crate::registrar::native::{self, NATIVE};

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
    /// The slug of the registrar that this is an account at, where it is not that of the account's own slug.
    pub driver: Option<String>,
    /// The base of its API. The registrar's own production address unless given.
    pub api_url: Option<Url>,
    /// The way to its server, and how each side proves who it is.
    pub access: AccessConfig,
    /// How long one request may take. 30 s.
    pub timeout: Duration,
    /// How many requests in how long.
    pub rate_limit: RateLimitSetting,
    /// Where the limit is shared with other processes and machines (S7.1); the process's own unless given.
    pub redis: Option<RedisConfig>,
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
    /// The address that the registrar is told its caller has (Namecheap). The credentials' own comes first.
    pub client_ip: Option<String>,
    /// Which of its price tables is synced.
    pub price_source: PriceSource,
    /// Whether a price below the regular one, by a promotion or the account's discount, counts as the price (S5.4). No.
    pub discounted_prices: bool,
    /// How many days after expiry a domain is in its grace period. 30.
    pub grace_days: u32,
    /// As `grace_days`, for single TLDs.
    pub grace_days_by_tld: BTreeMap<String, u32>,
    /// How it behaves where it is the one for development.
    pub mock: MockConfig,
}

impl RegistrarsConfig {
    /// Reads the file. An address and credentials belong to one registrar, so `defaults` has none: what is meant for one
    /// registrar never reaches another.
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self> {
        AccessConfig::refuse_certificates(&reader.get("defaults")?)?;
        let mut defaults = RegistrarConfig::default().with(&reader.get("defaults")?)?;
        if let RateLimitSetting::Limited(limits) = defaults.rate_limit {
            defaults.rate_limit = RateLimitSetting::General(limits);
        }
        let registrars = reader.get("registrars")?.entries()?;
        let registrars = registrars
            .into_iter()
            .map(|(slug, own)| Ok((slug.to_owned(), defaults.clone().with(&own)?.with_access(&own)?)));
        Ok(Self { registrars: registrars.collect::<Result<_>>()?, defaults })
    }

    /// With limits that meet in a Redis.
    #[must_use]
    pub fn sharing(mut self, redis: Option<RedisConfig>) -> Self {
        for registrar in self.registrars.values_mut().chain([&mut self.defaults]) {
            registrar.redis.clone_from(&redis);
        }
        self
    }
}

impl RegistrarConfig {
    /// With what a section says of its own.
    fn with(mut self, reader: &Reader<'_>) -> Result<Self> {
        if let Some(timeout) = reader.get("timeout")?.seconds(3_600)? {
            self.timeout = timeout;
        }
        self.rate_limit = rate_limit(reader, std::mem::take(&mut self.rate_limit))?;
        let retry = reader.get("retry")?;
        if let Some(attempts) = retry.get("max_attempts")?.whole("a number of attempts", 1..=100)? {
            self.retry.max_attempts = attempts;
        }
        if retry.get("enabled")?.flag()? == Some(false) {
            self.retry.max_attempts = 1;
        }
        for key in ["delay", "delay_ms"] {
            if let Some(milliseconds) = retry.get(key)?.whole("a whole number of milliseconds", 0..=3_600_000)? {
                self.retry.delay = Duration::from_millis(milliseconds.into());
            }
        }
        if let Some(requests) = reader.get("concurrency")?.whole("a number of simultaneous requests", 1..=1_024)? {
            self.concurrency = Some(requests);
        }
        self.read_prices(reader)?;
        self.mock = self.mock.with(reader)?;
        self.access = self.access.with_way(reader)?;
        let grace = reader.get("grace_days")?;
        const DAYS: &str = "a whole number of days";
        if grace.value().is_some_and(serde_json::Value::is_object) {
            for (tld, own) in grace.entries()? {
                let Some(days) = own.whole(DAYS, 0..=365)? else { continue };
                if tld == "default" {
                    self.grace_days = days;
                } else {
                    // As names are compared with it: lower case, A-labels.
                    let suffix = DomainName::parse_host(tld.trim().trim_start_matches('.'));
                    let suffix = suffix.map_err(|_| own.wrong_secret("a TLD as key, such as com or co.uk"))?;
                    self.grace_days_by_tld.insert(suffix.as_str().to_owned(), days);
                }
            }
        } else if let Some(days) = grace.whole(DAYS, 0..=365)? {
            self.grace_days = days;
        }
        Ok(self)
    }

    /// With where the registrar is and how it is entered.
    fn with_access(mut self, reader: &Reader<'_>) -> Result<Self> {
        let driver = reader.get("driver")?;
        if let Some(slug) = driver.text()? {
            if native::find(&slug).is_none() {
                let there: Vec<_> = NATIVE.iter().map(|native| native.slug).collect();
                return Err(driver.wrong(format_args!("one of {}", there.join(", "))));
            }
            self.driver = Some(slug);
        }
        let url = reader.get("api_url")?;
        if let Some(text) = url.text().map_err(|_| url.wrong_secret("an address"))? {
            self.api_url = Some(api_url(&url, &text)?);
        }
        self.access = self.access.with_certificates(reader)?;
        self.client_ip = reader.get("client_ip")?.text()?;
        for (name, value) in reader.get("credentials")?.entries()? {
            if let Some(text) = value.text().map_err(|_| value.wrong_secret("a text"))? {
                self.credentials.insert(name.to_owned(), text.into());
            }
        }
        Ok(self)
    }

    fn read_prices(&mut self, reader: &Reader<'_>) -> Result<()> {
        const CODE: &str = "an ISO 4217 currency code, such as USD";
        let currency = reader.get("currency")?;
        if let Some(code) = currency.text()? {
            let own = Some(code.parse().map_err(|_| currency.wrong(CODE))?);
            if self.currency != own {
                // The defaults' rates are worth so much in the defaults' currency.
                self.exchange_rates.clear();
            }
            self.currency = own;
        }
        for (code, rate) in reader.get("exchange_rates")?.entries()? {
            let currency = code.parse().map_err(|_| rate.wrong_secret(format_args!("{CODE} as key")))?;
            let Some(value) = rate.decimal("a rate above 0")? else { continue };
            if value.is_zero() {
                return Err(rate.wrong("a rate above 0"));
            }
            self.exchange_rates.insert(currency, value);
        }
        if let Some(discounted) = reader.get("discounted_prices")?.flag()? {
            self.discounted_prices = discounted;
        }
        let source = reader.get("price_source")?;
        match source.text()?.as_deref() {
            None => {}
            Some("cost") => self.price_source = PriceSource::Cost,
            Some("customer") => self.price_source = PriceSource::Customer,
            Some("reseller") => self.price_source = PriceSource::Reseller,
            Some(_) => return Err(source.wrong("`cost`, `customer` or `reseller`")),
        }
        Ok(())
    }

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
            driver: None,
            api_url: None,
            access: AccessConfig::default(),
            timeout: Duration::from_secs(30),
            rate_limit: RateLimitSetting::RegistrarDefault,
            redis: None,
            retry: RetryConfig::default(),
            concurrency: None,
            currency: None,
            exchange_rates: BTreeMap::new(),
            credentials: BTreeMap::new(),
            client_ip: None,
            price_source: PriceSource::default(),
            discounted_prices: false,
            grace_days: 30,
            grace_days_by_tld: BTreeMap::new(),
            mock: MockConfig::default(),
        }
    }
}

impl fmt::Debug for RegistrarConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrarConfig")
            .field("driver", &self.driver)
            .field("api_host", &self.api_url.as_ref().and_then(Url::host_str))
            .field("access", &self.access)
            .field("timeout", &self.timeout)
            .field("rate_limit", &self.rate_limit)
            .field("redis", &self.redis)
            .field("retry", &self.retry)
            .field("credentials", &self.credentials.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Which limit holds for an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RateLimitSetting {
    /// The one that the registrar's documentation asks for.
    #[default]
    RegistrarDefault,
    /// None.
    Unlimited,
    /// These, which hold at once.
    Limited(Vec<RateLimit>),
    /// These, which `defaults` has for all registrars. Where a vendor's terms allow less, that holds too.
    General(Vec<RateLimit>),
}

/// So many requests in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests.
    pub max_attempts: u32,
    /// How long the window is, in seconds.
    pub decay_seconds: u32,
}

impl RateLimit {
    /// So many requests in any window of so many minutes.
    pub const fn per_minutes(max_attempts: u32, minutes: u32) -> Self {
        Self { max_attempts, decay_seconds: minutes * 60 }
    }
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

/// A section's limit, or several that hold at once; `inherited` where it has none. `null` or `false`, also as a text, lifts
/// it.
fn rate_limit(reader: &Reader<'_>, inherited: RateLimitSetting) -> Result<RateLimitSetting> {
    let limit = reader.get("rate_limit")?;
    match limit.value() {
        Some(serde_json::Value::Array(several)) if several.iter().any(serde_json::Value::is_object) => {
            let limits = several.iter().enumerate().map(|(place, one)| {
                let one = limit.at(place, one);
                let attempts = one.get("max_attempts")?;
                let max_attempts = attempts.whole("a number of requests", 1..=1_000_000)?;
                let max_attempts = max_attempts.ok_or_else(|| attempts.wrong("a number of requests"))?;
                Ok(RateLimit { max_attempts, decay_seconds: decay_seconds(&one)?.unwrap_or(60) })
            });
            return limits.collect::<Result<_>>().map(RateLimitSetting::Limited);
        }
        None if reader.has("rate_limit")? => return Ok(RateLimitSetting::Unlimited),
        None => return Ok(inherited),
        Some(serde_json::Value::Object(_) | serde_json::Value::Array(_)) => {}
        Some(_) if limit.flag().is_ok_and(|flag| flag == Some(false)) => return Ok(RateLimitSetting::Unlimited),
        Some(_) => return Err(limit.wrong("an array with max_attempts and decay_minutes, or false for no limit")),
    }
    let attempts = limit.get("max_attempts")?;
    let before = match &inherited {
        RateLimitSetting::Limited(limits) | RateLimitSetting::General(limits) if limits.len() == 1 => {
            limits.first().copied()
        }
        _ => None,
    };
    let max_attempts =
        attempts.whole("a number of requests", 1..=1_000_000)?.or(before.map(|limit| limit.max_attempts));
    let decay_seconds = decay_seconds(&limit)?.or(before.map(|limit| limit.decay_seconds));
    match max_attempts {
        Some(max_attempts) => {
            let decay_seconds = decay_seconds.unwrap_or(60);
            Ok(RateLimitSetting::Limited(vec![RateLimit { max_attempts, decay_seconds }]))
        }
        None if decay_seconds.is_some() => Err(attempts.wrong("a number of requests beside decay_minutes")),
        None => Ok(inherited),
    }
}

/// The length of a limit's window: `decay_seconds`, or `decay_minutes` as the application has it.
fn decay_seconds(limit: &Reader<'_>) -> Result<Option<u32>> {
    let seconds = limit.get("decay_seconds")?;
    let minutes = limit.get("decay_minutes")?.whole("a whole number of minutes", 1..=1_440)?;
    match seconds.whole("a whole number of seconds", 1..=86_400)? {
        Some(_) if minutes.is_some() => Err(seconds.wrong("either decay_seconds or decay_minutes")),
        Some(seconds) => Ok(Some(seconds)),
        None => Ok(minutes.map(|minutes| minutes * 60)),
    }
}

/// An address that requests can be sent to: http or https, without credentials or a query.
fn api_url(reader: &Reader<'_>, text: &str) -> Result<Url> {
    // Not shown: it may hold credentials.
    let wrong = || reader.wrong_secret("an address such as https://api.example.com/, without credentials or a query");
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if plain && matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(wrong()) }
}
