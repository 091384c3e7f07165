//! GoDaddy: REST and JSON, with a key and its secret in a header.
//!
//! One request reads a domain whole, and one request reads a thousand domains whole: the list has all that the details
//! have. It is a history too, of all that the account ever had, so that rows of what ended prove nothing: what has no
//! living row is asked for by name. There is no price list.
//!
//! Price of the list: its pages follow from each other, each from the last name of the one before it, and none tells how
//! many there are.

mod error;
mod read;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use reqwest::header::HeaderName;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::http::{Answer, HttpClient, HttpDefaults};
use super::loose::Loose;
use super::told::{credential, no_list, unreadable, without_file};
use super::{CallContext, Capabilities, ListCapability, ListPage, ListRequest, Registrar};
use crate::config::{RateLimit, RegistrarConfig};
use crate::model::{DomainName, RemoteDomain};
use crate::{Error, ErrorKind, Result};

/// The production API.
const PRODUCTION: &str = "https://api.godaddy.com/";
/// The API's version, which is part of some printed addresses.
const VERSION: &str = "v1";
const DOMAINS: &str = "v1/domains";
/// The most rows that a page of the list holds.
const PAGE_SIZE: u32 = 1_000;
/// The vendor's limit is a request a second.
const CONCURRENCY: u32 = 2;
/// The status of an answer of which some parts could not be loaded.
const PARTIAL: u16 = 203;

/// An account at GoDaddy.
#[derive(Debug)]
pub struct GoDaddy {
    http: HttpClient,
    capabilities: Capabilities,
}

impl GoDaddy {
    /// 60 requests a minute for an endpoint. List and details count as two there and as one here.
    pub(crate) const RATE_LIMIT: &[RateLimit] = &[RateLimit::per_minutes(60, 1)];

    /// The account with these credentials: `api_key`, `api_secret`, and `shopper_id` for a sub-account's domains. `slug` is
    /// the registrar's in the application. Nothing is sent.
    ///
    /// Fails with `config` when a credential is missing, or the configuration cannot be used.
    pub fn new(slug: &str, credentials: &BTreeMap<String, SecretString>, config: &RegistrarConfig) -> Result<Self> {
        let (key, secret) = (credential(slug, credentials, "api_key")?, credential(slug, credentials, "api_secret")?);
        let authorization = SecretString::from(format!("sso-key {}:{}", key.expose_secret(), secret.expose_secret()));
        let base =
            Url::parse(PRODUCTION).map_err(|_| Error::new(ErrorKind::Internal, "the production base is no URL"))?;
        let defaults = HttpDefaults { base, rate_limit: Self::RATE_LIMIT.to_vec(), concurrency: CONCURRENCY };
        let config = without_file(config, VERSION);
        let mut parts = vec![key, secret];
        let shopper = credential(slug, credentials, "shopper_id").ok();
        parts.extend(shopper.clone());
        let mut http = HttpClient::with_authorization(slug, &config, defaults, authorization, parts)?;
        if let Some(shopper) = shopper {
            http = http.with_header(HeaderName::from_static("x-shopper-id"), "shopper_id", shopper.expose_secret())?;
        }
        let capabilities = Capabilities { max_in_flight: http.concurrency(), ..Self::abilities() };
        Ok(Self { http, capabilities })
    }

    /// What the API can do, whatever the account.
    pub fn abilities() -> Capabilities {
        let list = ListCapability {
            page_size: PAGE_SIZE,
            change_marker: false,
            partial_status: false,
            whole: true,
            by_remote_id: None,
        };
        Capabilities { list: Some(list), prices: false, contacts: true, max_in_flight: CONCURRENCY }
    }

    async fn ask(&self, context: &CallContext, path: &str, query: &[(&str, &str)]) -> Result<Answer> {
        let answer = self.http.get(context, path, query).await?;
        error::check(&answer)?;
        Ok(answer)
    }

    async fn details(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        let answer = self.ask(context, &format!("{DOMAINS}/{domain}"), &[]).await?;
        let told: read::Domain<'_> =
            serde_json::from_slice(&answer.body).map_err(|error| unreadable(&answer, &error))?;
        let mut remote = read::info(&told, domain, context.now())?;
        if answer.status == PARTIAL {
            remote
                .warnings
                .push("the registrar could not tell all of it (HTTP 203); what it left out stays".to_owned());
        }
        Ok(remote)
    }

    async fn page(&self, context: &CallContext, request: &ListRequest) -> Result<ListPage> {
        if !request.remote_ids.is_empty() {
            return Err(Error::new(ErrorKind::Internal, "the list cannot be asked for by id"));
        }
        let size = PAGE_SIZE.to_string();
        let mut query = vec![("limit", size.as_str())];
        if request.whole {
            query.push(("includes", "contacts,nameServers"));
        }
        if let Some(after) = &request.after {
            query.push(("marker", after));
        }
        let answer = self.ask(context, DOMAINS, &query).await.map_err(no_list)?;
        let told: Vec<Loose<read::Domain<'_>>> =
            serde_json::from_slice(&answer.body).map_err(|error| unreadable(&answer, &error))?;
        let list = read::list(&told, request.after.as_deref(), PAGE_SIZE as usize, context.now())?;
        if list.unreadable > 0 || answer.status == PARTIAL {
            tracing::warn!(
                host = self.http.host(),
                page = request.page,
                unreadable = list.unreadable,
                status = answer.status,
                "the registrar could not tell all of its list, or rows of it cannot be read"
            );
        }
        Ok(ListPage { rows: list.rows, total: None, next: list.next })
    }
}

#[async_trait]
impl Registrar for GoDaddy {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// One request.
    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        self.details(context, domain).await.map_err(|error| self.http.seal(error))
    }

    /// One request for a page, in the registrar's own order. Nameservers and contacts come where they are wanted.
    async fn list(&self, context: &CallContext, request: &ListRequest) -> Result<ListPage> {
        self.page(context, request).await.map_err(|error| self.http.seal(error))
    }
}
