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
