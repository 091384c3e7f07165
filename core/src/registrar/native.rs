//! The registrars that need nothing brought along: one row for each slug.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Capabilities, Registrar};
use crate::Result;
use crate::config::{RateLimit, RateLimitSetting, RegistrarConfig};
use crate::laravel;
use crate::model::RegistrarRecord;

/// Opens an account: slug, credentials, configuration. Nothing is sent.
type Open = fn(&str, &BTreeMap<String, SecretString>, &RegistrarConfig) -> Result<Arc<dyn Registrar>>;

/// An adapter under one of its slugs.
pub(crate) struct Native {
    /// The registrar's slug in the application.
    pub(crate) slug: &'static str,
    /// Opens an account.
    open: Open,
    /// What its API can do, whatever the account.
    pub(crate) capabilities: fn() -> Capabilities,
    /// The credentials that an account is not opened without; others may be taken too.
    pub(crate) credentials: &'static [&'static str],
    /// The limits that its documentation asks for.
    pub(crate) rate_limit: &'static [RateLimit],
    /// Whether these are the vendor's terms, and not a guess at what its servers bear.
    is_firm: bool,
}

impl Native {
    /// Whether it is reached over a network, at an address of its own: what takes no credentials is not.
    pub(crate) fn has_address(&self) -> bool {
        !self.credentials.is_empty()
    }

    /// The limits that hold for an account with this setting.
    pub(crate) fn limits(&self, setting: &RateLimitSetting) -> Vec<RateLimit> {
        match setting {
            RateLimitSetting::RegistrarDefault => self.rate_limit.to_vec(),
            RateLimitSetting::Unlimited => Vec::new(),
            // What is meant for all registrars is no leave to ask one of them for more than it allows.
            RateLimitSetting::General(limits) if self.is_firm => [limits, self.rate_limit].concat(),
            RateLimitSetting::Limited(limits) | RateLimitSetting::General(limits) => limits.clone(),
        }
    }

    /// Opens an account, within its limits. Nothing is sent.
    pub(crate) fn account(
        &self,
        slug: &str,
        credentials: &BTreeMap<String, SecretString>,
        config: &RegistrarConfig,
    ) -> Result<Arc<dyn Registrar>> {
        match &config.rate_limit {
            setting @ RateLimitSetting::General(_) => {
                let rate_limit = RateLimitSetting::Limited(self.limits(setting));
                (self.open)(slug, credentials, &RegistrarConfig { rate_limit, ..config.clone() })
            }
            _ => (self.open)(slug, credentials, config),
        }
    }
}

macro_rules! natives {
    ($($slug:literal => $module:ident::$adapter:ident [$($key:literal),*] $($firm:ident)?,)+) => {
        &[$(Native {
            slug: $slug,
            open: |slug, credentials, config| {
                Ok(Arc::new(super::$module::$adapter::new(slug, credentials, config)?))
            },
            capabilities: super::$module::$adapter::abilities,
            credentials: &[$($key),*],
            rate_limit: super::$module::$adapter::RATE_LIMIT,
            is_firm: !<[&str]>::is_empty(&[$(stringify!($firm))?]),
        }),+]
    };
}

/// Every adapter: its slug, its type, and the credentials that it needs. The environment variable of its address follows
/// from the slug, which is why a slug has nothing but small letters and digits. `firm` where its limits are its terms.
pub(crate) const NATIVE: &[Native] = natives! {
    "btcl" => btcl::Btcl ["username", "password"],
    "enom" => enom::Enom ["uid", "pw"],
    "godaddy" => godaddy::GoDaddy ["api_key", "api_secret"] firm,
    "logicboxes" => resellerclub::ResellerClub ["auth_userid", "api_key"],
    "mock" => mock::Mock [],
    "namecheap" => namecheap::Namecheap ["api_user", "api_key", "client_ip"] firm,
    "namecom" => namecom::NameCom ["username", "token"],
    "resellerclub" => resellerclub::ResellerClub ["auth_userid", "api_key"],
};

/// The adapter for a slug.
pub(crate) fn find(slug: &str) -> Option<&'static Native> {
    NATIVE.iter().find(|native| native.slug == slug)
}

/// The adapter that an account is opened by: the one that its configuration names, else that of the application's class for
/// it, else that of its slug, as the application does. So one registrar may have any number of accounts, each under a slug of
/// its own.
pub(crate) fn of(record: &RegistrarRecord, config: &RegistrarConfig) -> Option<&'static Native> {
    match &config.driver {
        Some(driver) => find(driver),
        None => {
            let class = record.api_class.as_deref().and_then(laravel::api_class::slug);
            class.and_then(|slug| find(&slug)).or_else(|| find(&record.slug))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop
mod tests {
    use serde_json::json;

    use super::super::namecheap;
    use super::*;
    use crate::ErrorKind;

    /// Takes for an address what asks for one.
    const VALUE: &str = "127.0.0.1";

    fn open(native: &Native, keys: &[&str]) -> Result<Arc<dyn Registrar>> {
        let credentials = keys.iter().map(|key| ((*key).to_owned(), SecretString::from(VALUE))).collect();
        (native.open)(native.slug, &credentials, &RegistrarConfig::default())
    }

    #[test]
    fn an_account_is_opened_by_the_credentials_of_its_row_and_not_without_any_of_them() {
        for native in NATIVE {
            let slug = native.slug;
            assert_eq!(open(native, native.credentials).unwrap().capabilities(), &(native.capabilities)(), "{slug}");
            for missing in native.credentials {
                let others: Vec<_> = native.credentials.iter().copied().filter(|key| key != missing).collect();
                let error = open(native, &others).unwrap_err();
                assert_eq!((error.kind(), error.registrar()), (ErrorKind::Config, Some(slug)), "S6.1 {missing}");
                assert!(error.message().contains(missing), "{slug} {error}");
            }
        }
    }

    #[test]
    fn slugs_are_in_order_and_make_names_of_variables() {
        assert!(NATIVE.is_sorted_by(|one, next| one.slug < next.slug));
        for native in NATIVE {
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            assert!(native.slug.bytes().all(is_plain), "{}", native.slug);
        }
    }

    #[test]
    fn the_readme_has_a_row_for_each_with_its_credentials_and_its_variable() {
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
        let (_, rows) = readme.split_once("## Registrars").unwrap();
        for native in NATIVE {
            let slug = format!("`{}`", native.slug);
            let row = rows.lines().find(|line| line.split('|').nth(1).is_some_and(|cell| cell.contains(&slug)));
            let cells: Vec<_> = row.unwrap_or_else(|| panic!("README.md has no row for {slug}")).split('|').collect();
            for key in native.credentials {
                assert!(cells.get(2).is_some_and(|cell| cell.contains(&format!("`{key}`"))), "{slug} {key}");
            }
            let variable = format!("`{}_API_URL`", native.slug.to_ascii_uppercase());
            assert_eq!(readme.contains(&variable), native.has_address(), "{variable}");
        }
    }

    #[test]
    fn a_limit_for_all_registrars_is_no_leave_to_ask_one_for_more_than_its_terms_allow() {
        let (all, own) = (RateLimit::per_minutes(60, 1), RateLimit::per_minutes(90, 1));
        let limits = |slug: &str, setting: &RateLimitSetting| find(slug).unwrap().limits(setting);
        let general = RateLimitSetting::General(vec![all]);
        for (slug, beside) in [("namecheap", namecheap::Namecheap::RATE_LIMIT), ("enom", &[]), ("resellerclub", &[])] {
            assert_eq!(limits(slug, &general), [&[all], beside].concat(), "S7.1 {slug}");
            assert_eq!(limits(slug, &RateLimitSetting::Limited(vec![own])), [own], "S7.1 {slug}");
            assert_eq!(limits(slug, &RateLimitSetting::Unlimited), [], "S7.1 {slug}");
            assert_eq!(limits(slug, &RateLimitSetting::RegistrarDefault), find(slug).unwrap().rate_limit, "{slug}");
        }
        let config = RegistrarConfig { rate_limit: general, ..RegistrarConfig::default() };
        let keys = ["api_user", "api_key", "client_ip"].map(|key| (key.to_owned(), SecretString::from(VALUE)));
        let account = find("namecheap").unwrap().account("namecheap", &keys.into(), &config).unwrap();
        let printed = format!("{account:?}");
        for limit in
            ["max_attempts: 60, decay_seconds: 60", "max_attempts: 20, decay_seconds: 60", "decay_seconds: 86400"]
        {
            assert!(printed.contains(limit), "S7.1 {limit}: {printed}");
        }
    }

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
    fn an_account_is_opened_by_its_driver_its_class_or_its_slug() {
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
            ("btcl", class, None, Some("enom")),
            ("btcl", Some("Homegrown"), None, Some("btcl")),
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
