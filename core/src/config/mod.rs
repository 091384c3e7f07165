//! One configuration from JSON, from the environment or from code: the application's own config files as they are.
//!
//! A wrong value is refused with its path and what would be right. Numbers may be texts, since Laravel's `env()` gives
//! texts. Unknown keys are ignored, since the application's files hold more than is read here.

mod database;
mod registrar;

use chrono_tz::Tz;
use secrecy::SecretString;

use crate::model::{PartnerId, UserId};

pub use database::{DatabaseConfig, Driver};
pub use registrar::{PriceSource, RateLimit, RateLimitSetting, RegistrarConfig, RegistrarsConfig, RetryConfig};

/// Everything that the library is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The application's database.
    pub database: DatabaseConfig,
    /// `config/domain.php`.
    pub domain: DomainConfig,
    /// `config/registrar.php`.
    pub registrar: RegistrarsConfig,
    /// `app.key` and then `app.previous_keys`: they open encrypted columns. Texts such as `base64:…`.
    pub app_keys: Vec<SecretString>,
    /// `app.timezone`: the wall clock that the database's datetimes are in. UTC unless changed.
    pub timezone: Tz,
    /// Confines every call to this partner (S1.6).
    pub partner_id: Option<PartnerId>,
    /// What audit rows name as source where there is room. `manual` unless given.
    pub source: String,
    /// What audit rows name as user.
    pub user_id: Option<UserId>,
}

/// `config/domain.php`, as far as a sync reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainConfig {
    /// How long a sync is good for, in hours (S1.1). 6.
    pub sync_interval_hours: u32,
    /// How many domains a batch takes when nobody says. 100.
    pub sync_batch_size: u32,
    /// Domains that expire within this many days come first (S1.3). 30.
    pub priority_sync_days: u32,
    /// How long an expired or suspended domain's sync is good for, in hours (S1.3). 24.
    pub heal_interval_hours: u32,
    /// How long one domain may take, retries included, in seconds (S6.2). 120.
    pub sync_timeout: u32,
    /// How many more attempts a failed domain gets before a person is asked (S6.4). 3.
    pub sync_retries: u32,
    /// How long before the first of them, in seconds; it doubles each time (S6.4). 300.
    pub sync_retry_delay: u32,
    /// A price change above this many percent is a warning (S5.3). 10.
    pub price_change_alert_threshold: rust_decimal::Decimal,
    /// Above this many domains a caller may prefer a queue; the library only tells. 50.
    pub auto_queue_threshold: u32,
    /// A full sync trusts the registrar's list for at most this many hours before it reads a domain's details all the
    /// same. 168; 0 reads them every time.
    pub details_interval_hours: u32,
}

impl Default for DomainConfig {
    fn default() -> Self {
        Self {
            sync_interval_hours: 6,
            sync_batch_size: 100,
            priority_sync_days: 30,
            heal_interval_hours: 24,
            sync_timeout: 120,
            sync_retries: 3,
            sync_retry_delay: 300,
            price_change_alert_threshold: rust_decimal::Decimal::TEN,
            auto_queue_threshold: 50,
            details_interval_hours: 168,
        }
    }
}

impl Config {
    /// A configuration of defaults for a database.
    pub fn new(database: DatabaseConfig) -> Self {
        Self {
            database,
            domain: DomainConfig::default(),
            registrar: RegistrarsConfig::default(),
            app_keys: Vec::new(),
            timezone: Tz::UTC,
            partner_id: None,
            source: "manual".to_owned(),
            user_id: None,
        }
    }
}
