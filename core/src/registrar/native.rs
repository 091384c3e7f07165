//! The registrars that need nothing brought along: one row for each slug.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::btcl::Btcl;
use super::enom::Enom;
use super::godaddy::GoDaddy;
use super::mock::Mock;
use super::namecheap::Namecheap;
use super::resellerclub::ResellerClub;
use super::{Capabilities, Registrar};
use crate::Result;
use crate::config::{RateLimit, RegistrarConfig};
use crate::laravel;
use crate::model::RegistrarRecord;

/// Opens an account: slug, credentials, configuration. Nothing is sent.
type Open = fn(&str, &BTreeMap<String, SecretString>, &RegistrarConfig) -> Result<Arc<dyn Registrar>>;

/// An adapter under one of its slugs.
pub(crate) struct Native {
    /// The registrar's slug in the application.
    pub(crate) slug: &'static str,
    /// Opens an account.
    pub(crate) open: Open,
    /// What its API can do, whatever the account.
    pub(crate) capabilities: fn() -> Capabilities,
    /// Whether an account is opened by credentials.
    pub(crate) takes_credentials: bool,
    /// The limits that its documentation asks for.
    pub(crate) rate_limit: &'static [RateLimit],
}

macro_rules! natives {
    ($($slug:literal => $adapter:ident $(without $nothing:ident)?,)+) => {
        &[$(Native {
            slug: $slug,
            open: |slug, credentials, config| Ok(Arc::new(<$adapter>::new(slug, credentials, config)?)),
            capabilities: <$adapter>::abilities,
            takes_credentials: <[&str]>::is_empty(&[$(stringify!($nothing))?]),
            rate_limit: <$adapter>::RATE_LIMIT,
        }),+]
    };
}

/// Every adapter.
pub(crate) const NATIVE: &[Native] = natives! {
    "btcl" => Btcl,
    "enom" => Enom,
    "godaddy" => GoDaddy,
    "logicboxes" => ResellerClub,
    "mock" => Mock without credentials,
    "namecheap" => Namecheap,
    "resellerclub" => ResellerClub,
};

/// The adapter for a slug.
pub(crate) fn find(slug: &str) -> Option<&'static Native> {
    NATIVE.iter().find(|native| native.slug == slug)
}

/// The adapter that an account is opened by: the one that its configuration names, else that of its slug, else that of the
/// application's class for it. So one registrar may have any number of accounts, each under a slug of its own.
pub(crate) fn of(record: &RegistrarRecord, config: &RegistrarConfig) -> Option<&'static Native> {
    match &config.driver {
        Some(driver) => find(driver),
        None => find(&record.slug).or_else(|| find(&laravel::api_class::slug(record.api_class.as_deref()?)?)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_list_carries_is_told_by_the_words_of_results() {
        let told = |slug: &str| serde_json::to_value((find(slug).unwrap().capabilities)()).unwrap();
        let club = told("resellerclub");
        assert_eq!(club["list"]["row"], json!(["status", "expires_at", "change_marker"]), "S7.3");
        assert_eq!((&club["list"]["incremental"], &club["list"]["page_size"]), (&json!(true), &json!(500)));
        let godaddy = told("godaddy");
        assert_eq!(godaddy["list"]["row"], json!(["status", "expires_at", "nameservers", "contacts"]), "S7.3");
        assert_eq!((&told("namecheap")["list"]["incremental"], &told("btcl")["list"]), (&json!(false), &json!(null)));
    }

    #[test]
    fn an_account_is_opened_by_its_driver_its_slug_or_its_class() {
        let record = |slug: &str, api_class: Option<&str>| RegistrarRecord {
            id: crate::model::RegistrarId(1),
            name: "Any".to_owned(),
            slug: slug.to_owned(),
            api_class: api_class.map(str::to_owned),
            credentials: None,
            is_active: true,
            last_sync_at: None,
        };
        let config =
            |driver: Option<&str>| RegistrarConfig { driver: driver.map(str::to_owned), ..RegistrarConfig::default() };
        let class = Some(r"App\Services\Registrar\EnomRegistrar");
        for (slug, class, driver, opened) in [
            ("btcl", None, None, Some("btcl")),
            ("btcl", class, None, Some("btcl")),
            ("second", class, None, Some("enom")),
            ("second", class, Some("godaddy"), Some("godaddy")),
            ("second", Some("Homegrown"), None, None),
            ("second", None, None, None),
        ] {
            let native = of(&record(slug, class), &config(driver)).map(|native| native.slug);
            assert_eq!(native, opened, "{slug} {class:?} {driver:?}");
        }
    }
}
