//! Namecheap: one address, the operation is a parameter, every answer is XML.
//!
//! Two requests read a domain: what `getInfo` tells, and its contacts. A third is made only where the account does not
//! have the domain: it may be on its way in. The list tells expiry and holds as the details do, so that a status-only
//! sync needs nothing else; nothing in it tells of nameservers and contacts, and nothing changes with an edit, so that
//! it saves a full sync nothing. Prices come as one catalogue.
//!
//! Price of asking for the information before the contacts: two round trips, but one request for a name that is not there.

mod error;
mod prices;
mod read;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::http::{HttpClient, HttpDefaults};
use super::told::{credential, without_file};
use super::xml::Element;
use super::{CallContext, Capabilities, ListCapability, ListPage, ListRequest, PriceList, PriceRequest, Registrar};
use crate::config::{RateLimit, RegistrarConfig};
use crate::model::{Contacts, Currency, DomainName, DomainStatus, RemoteDomain, StatusMeaning};
use crate::{Error, ErrorKind, Result};

/// The production API.
const PRODUCTION: &str = "https://api.namecheap.com/";
/// What is asked there, whatever the operation.
const ENDPOINT: &str = "xml.response";
/// The most rows that a page of the list holds.
const PAGE_SIZE: u32 = 100;
const CONCURRENCY: u32 = 2;
/// The longest term that a search takes.
const MAX_SEARCH: usize = 70;

/// An account at Namecheap.
#[derive(Debug)]
pub struct Namecheap {
    http: HttpClient,
    /// Not the caller's address but its copy in every request, which has to be one.
    client_ip: Ipv4Addr,
    /// Without its credentials.
    config: RegistrarConfig,
    capabilities: Capabilities,
}

impl Namecheap {
    /// 20 requests a minute, 700 an hour and 8,000 a day for a whole key.
    pub(crate) const RATE_LIMIT: &[RateLimit] =
        &[RateLimit::per_minutes(20, 1), RateLimit::per_minutes(700, 60), RateLimit::per_minutes(8_000, 1_440)];

    /// The account with these credentials: `api_user`, `api_key`, `client_ip` (the IPv4 address that is allow-listed),
    /// and `username` where it is another than `api_user`. `client_ip` may also be in the configuration. `slug` is the
    /// registrar's in the application. Nothing is sent.
    ///
    /// Fails with `config` when a credential is missing, `client_ip` is no IPv4 address, or the configuration cannot be
    /// used.
    pub fn new(slug: &str, credentials: &BTreeMap<String, SecretString>, config: &RegistrarConfig) -> Result<Self> {
        let api_user = credential(slug, credentials, "api_user")?;
        let username = credential(slug, credentials, "username").unwrap_or_else(|_| api_user.clone());
        let (client_ip, place) = match (credential(slug, credentials, "client_ip"), &config.client_ip) {
            (Err(_), Some(configured)) => (SecretString::from(configured.trim()), "client_ip"),
            (own, _) => (own?, "credentials.client_ip"),
        };
        let client_ip = client_ip.expose_secret().parse().map_err(|_| {
            let key = format!("registrar.registrars.{slug}.{place}");
            Error::config(&key, "must be the IPv4 address of this machine, such as 203.0.113.7").with_registrar(slug)
        })?;
        let secrets = vec![
            ("ApiUser".to_owned(), api_user),
            ("ApiKey".to_owned(), credential(slug, credentials, "api_key")?),
            ("UserName".to_owned(), username),
        ];
        let base =
            Url::parse(PRODUCTION).map_err(|_| Error::new(ErrorKind::Internal, "the production base is no URL"))?;
        let defaults = HttpDefaults { base, rate_limit: Self::RATE_LIMIT.to_vec(), concurrency: CONCURRENCY };
        let config = RegistrarConfig { credentials: BTreeMap::new(), ..without_file(config, ENDPOINT) };
        // The allow-list holds IPv4 addresses only.
        let http = HttpClient::new(slug, &config, defaults, secrets)?.over_ipv4(&config)?;
        let capabilities = Capabilities { max_in_flight: http.concurrency(), ..Self::abilities() };
        Ok(Self { http, client_ip, config, capabilities })
    }

    /// What the API can do, whatever the account.
    pub fn abilities() -> Capabilities {
        let list = ListCapability {
            page_size: PAGE_SIZE,
            change_marker: false,
            partial_status: false,
            whole: false,
            by_remote_id: None,
        };
        Capabilities { list: Some(list), prices: true, contacts: true, max_in_flight: CONCURRENCY }
    }

    /// Sends a command and reads its answer, unless the answer is an error.
    async fn ask(&self, context: &CallContext, command: &str, parameters: &[(&str, &str)]) -> Result<Element> {
        let client_ip = self.client_ip.to_string();
        let mut form = vec![("Command", command), ("ClientIp", client_ip.as_str())];
        form.extend_from_slice(parameters);
        let answer = self.http.post_form(context, ENDPOINT, &form).await?;
        error::read(&answer).map_err(|error| self.http.seal(error))
    }

    /// The contacts, and a warning where the registrar will not tell them.
    ///
    /// What may pass later is worth another try of the whole domain; contacts that are not to be had stay as they are
    /// locally (S2.3).
    async fn contacts(&self, context: &CallContext, domain: &DomainName) -> Result<(Contacts, Option<String>)> {
        let answer = self.ask(context, "namecheap.domains.getContacts", &[("DomainName", domain.as_str())]).await;
        match answer.and_then(|root| read::contacts(&root, domain).map_err(|error| self.http.seal(error))) {
            Ok(contacts) => Ok((contacts, None)),
            Err(error) if matches!(error.kind(), ErrorKind::Rejected | ErrorKind::NotFound) => {
                Ok((Contacts::default(), Some(format!("contacts: {error}; the local ones stay"))))
            }
            Err(error) => Err(error),
        }
    }

    /// The domain as one on its way into the account, where it is one.
    async fn arriving(&self, context: &CallContext, domain: &DomainName) -> Result<Option<RemoteDomain>> {
        let name = domain.as_str();
        let term = &name[..name.len().min(MAX_SEARCH)];
        let parameters =
            [("ListType", "ALL"), ("SearchTerm", term), ("PageSize", "100"), ("SortBy", "TRANSFERDATE_DESC")];
        match self.ask(context, "namecheap.domains.transfer.getList", &parameters).await {
            Ok(root) => Ok(read::arriving(&root, domain)),
            // That the account does not have the domain is known all the same.
            Err(error) if matches!(error.kind(), ErrorKind::Rejected | ErrorKind::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The currency that the account pays in, where it tells.
    async fn currency(&self, context: &CallContext) -> Result<Option<Currency>> {
        let root = self.ask(context, "namecheap.users.getBalances", &[]).await?;
        let told = root
            .at(&["CommandResponse", "UserGetBalancesResult"])
            .and_then(|balances| balances.attribute("Currency"))
            .map(str::parse);
        told.transpose().map_err(|error| self.http.seal(error))
    }
}

#[async_trait]
impl Registrar for Namecheap {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Two requests, and one where only the status is wanted; also two where the account does not have the domain, which may
    /// be on its way in, and one where it is still being registered.
    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        let answer = self.ask(context, "namecheap.domains.getInfo", &[("DomainName", domain.as_str())]).await;
        let root = match answer {
            Ok(root) => root,
            // An order that is not carried out yet is nowhere to be seen: its status stays.
            Err(error)
                if error.kind() == ErrorKind::NotFound
                    && context.local_status() == Some(DomainStatus::PendingRegistration) =>
            {
                return Ok(read::expected(domain, "not in the account yet", StatusMeaning::AwaitingRegistration));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return self.arriving(context, domain).await?.ok_or(error);
            }
            Err(error) => return Err(error),
        };
        let mut remote =
            read::info(&root, domain, &self.config, context.now()).map_err(|error| self.http.seal(error))?;
        if !context.status_only() {
            let (contacts, warning) = self.contacts(context, domain).await?;
            remote.contacts = contacts;
            remote.warnings.extend(warning);
        }
        Ok(remote)
    }

    /// One request for a page, in the order of names, which no edit changes.
    ///
    /// A row that names no domain is left out, and counts in the total all the same: whoever adds up sees that the list
    /// is not complete (S6.5).
    async fn list(&self, context: &CallContext, request: &ListRequest) -> Result<ListPage> {
        if !request.remote_ids.is_empty() {
            return Err(self.http.error(ErrorKind::Internal, "the list cannot be asked for by id".to_owned()));
        }
        let wanted = request.page.max(1);
        let (page, size) = (wanted.to_string(), PAGE_SIZE.to_string());
        let parameters = [("ListType", "ALL"), ("Page", &*page), ("PageSize", &*size), ("SortBy", "NAME")];
        let root = self.ask(context, "namecheap.domains.getList", &parameters).await?;
        let list =
            read::list(&root, wanted, PAGE_SIZE, &self.config, context.now()).map_err(|error| self.http.seal(error))?;
        if list.unreadable > 0 {
            tracing::warn!(
                host = self.http.host(),
                page = wanted,
                unreadable = list.unreadable,
                "rows of the registrar's list cannot be read"
            );
        }
        Ok(ListPage { rows: list.rows, total: Some(list.total), next: None })
    }

    /// One request for the catalogue, and one for the currency where the catalogue does not tell it.
    async fn prices(&self, context: &CallContext, request: &PriceRequest) -> Result<PriceList> {
        let parameters = [("ProductType", "DOMAIN"), ("ProductCategory", "DOMAINS")];
        let root = self.ask(context, "namecheap.users.getPricing", &parameters).await?;
        let catalogue = prices::Catalogue::read(&root).map_err(|error| self.http.seal(error))?;
        let account = if catalogue.lacks_currency(&request.tlds) { self.currency(context).await? } else { None };
        let mut list = catalogue.quotes(&request.tlds, self.config.discounted_prices, account);
        let failures = std::mem::take(&mut list.failures);
        list.failures = failures.into_iter().map(|(tld, error)| (tld, self.http.seal(error))).collect();
        Ok(list)
    }
}
