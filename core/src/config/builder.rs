//! A configuration from code.

use chrono_tz::Tz;
use secrecy::SecretString;

use super::{Config, DomainConfig, RegistrarConfig};
use crate::model::{PartnerId, UserId};

/// ```
/// # use domaindesk_sync::Config;
/// use domaindesk_sync::config::DatabaseConfig;
///
/// let config = Config::new(DatabaseConfig::sqlite("/srv/app.sqlite"))
///     .with_app_keys(["base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".into()])
///     .with_source("nightly");
/// assert_eq!(config.source, "nightly");
/// ```
impl Config {
    /// With other rules of a sync.
    #[must_use]
    pub fn with_domain(mut self, domain: DomainConfig) -> Self {
        self.domain = domain;
        self
    }

    /// With what holds for one registrar, by slug.
    #[must_use]
    pub fn with_registrar(mut self, slug: impl Into<String>, registrar: RegistrarConfig) -> Self {
        self.registrar.registrars.insert(slug.into(), registrar);
        self
    }

    /// With `app.key` and then `app.previous_keys`. A text that is no key fails with `config` when it is needed.
    #[must_use]
    pub fn with_app_keys(mut self, keys: impl IntoIterator<Item = SecretString>) -> Self {
        self.app_keys = keys.into_iter().collect();
        self
    }

    /// With the zone of the database's datetimes.
    #[must_use]
    pub fn with_timezone(mut self, timezone: Tz) -> Self {
        self.timezone = timezone;
        self
    }

    /// Confined to a partner (S1.6).
    #[must_use]
    pub fn with_partner(mut self, partner: PartnerId) -> Self {
        self.partner_id = Some(partner);
        self
    }

    /// With the source that audit rows name.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// With the user that audit rows name.
    #[must_use]
    pub fn with_user(mut self, user: UserId) -> Self {
        self.user_id = Some(user);
        self
    }
}
