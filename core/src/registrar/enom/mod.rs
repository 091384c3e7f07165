//! Enom: commands to one address, XML answers with HTTP 200 whether they succeed or not.
//!
//! Two requests read a domain: its information and its contacts. Where it has expired, a third tells how far: the list
//! of expired domains, which is one answer for the whole account and is kept for a minute. The list of all domains is one
//! answer, too, and that of the expired ones stands in for the status word that it lacks.
//!
//! Neither shows that Enom holds a domain back (`RegistrarHold`). So a domain that the application has as suspended is
//! asked for once more before it is told to be active; price: a hold that is new goes unseen until Enom's word changes.
//!
//! Price of lists that are not paged: a large account's takes long, and when it times out every domain is asked for by
//! name.

mod error;
mod prices;
mod read;
mod status;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use secrecy::SecretString;
use url::Url;

use self::error::Broken;
use self::status::Stage;
use super::http::{HttpClient, HttpDefaults};
use super::told::{credential, without_file};
use super::xml::Element;
use super::{CallContext, Capabilities, ListCapability, ListPage, ListRequest, PriceList, PriceRequest, Registrar};
use crate::config::{PriceSource, RateLimit, RegistrarConfig};
use crate::model::{DomainName, DomainStatus, RemoteDomain, StatusMeaning};
use crate::{Error, ErrorKind, Result};

/// The production API.
const PRODUCTION: &str = "https://reseller.enom.com/";
/// What is asked there, whatever the command.
const ENDPOINT: &str = "interface.asp";
/// The list is one answer; this many rows are more than one can hold.
const PAGE_SIZE: u32 = 1_000_000;
const CONCURRENCY: u32 = 1;
/// How long the list of expired domains is good for.
const STAGES_LAST: TimeDelta = TimeDelta::minutes(1);

/// The expired domains of an account, and when they were asked for.
type Stages = (DateTime<Utc>, Arc<HashMap<DomainName, Stage>>);

/// An account at Enom.
#[derive(Debug)]
pub struct Enom {
    http: HttpClient,
    /// Without its credentials.
    config: RegistrarConfig,
    capabilities: Capabilities,
    stages: Mutex<Option<Stages>>,
}

impl Enom {
    /// The vendor publishes no limit: one request at a time and one a second do no harm.
    pub(crate) const RATE_LIMIT: &[RateLimit] = &[RateLimit::per_minutes(60, 1)];

    /// The account with these credentials: `uid`, and `pw`, which is the password or an API token. `slug` is the
    /// registrar's in the application. Nothing is sent.
    ///
    /// Fails with `config` when a credential is missing, or the configuration cannot be used.
    pub fn new(slug: &str, credentials: &BTreeMap<String, SecretString>, config: &RegistrarConfig) -> Result<Self> {
        let secrets = ["uid", "pw"].map(|key| Ok((key.to_owned(), credential(slug, credentials, key)?)));
        let secrets = secrets.into_iter().collect::<Result<Vec<_>>>()?;
        let base =
            Url::parse(PRODUCTION).map_err(|_| Error::new(ErrorKind::Internal, "the production base is no URL"))?;
        let defaults = HttpDefaults { base, rate_limit: Self::RATE_LIMIT.to_vec(), concurrency: CONCURRENCY };
        let config = RegistrarConfig { credentials: BTreeMap::new(), ..without_file(config, ENDPOINT) };
        // The allow-list holds IPv4 addresses only.
        let http = HttpClient::new(slug, &config, defaults, secrets)?.over_ipv4(&config)?;
        let capabilities = Capabilities { max_in_flight: http.concurrency(), ..Self::abilities() };
        Ok(Self { http, config, capabilities, stages: Mutex::default() })
    }

    /// What the API can do, whatever the account.
    pub fn abilities() -> Capabilities {
        let list = ListCapability {
            page_size: PAGE_SIZE,
            change_marker: false,
            partial_status: true,
            whole: false,
            by_remote_id: None,
        };
        Capabilities { list: Some(list), prices: true, contacts: true, max_in_flight: CONCURRENCY }
    }

    /// Sends a command and reads its answer, unless the answer is an error.
    ///
    /// An answer that is no XML is asked for once more: texts with a bare `&` and pages of maintenance come and go.
    async fn ask(&self, context: &CallContext, command: &str, parameters: &[(&str, &str)]) -> Result<Element> {
        let mut form = vec![("command", command), ("responsetype", "xml")];
        form.extend_from_slice(parameters);
        let answer = self.http.post_form(context, ENDPOINT, &form).await?;
        let read = match error::read(&answer) {
            Err(Broken::Unreadable(_)) => error::read(&self.http.post_form(context, ENDPOINT, &form).await?),
            read => read,
        };
        read.map_err(|broken| self.http.seal(broken.into()))
    }

    /// As [`ask`](Self::ask), about one domain, whose name is split as its registry does.
    async fn ask_about(&self, context: &CallContext, command: &str, domain: &DomainName) -> Result<Element> {
        let (sld, tld) = read::split(domain);
        self.ask(context, command, &[("sld", sld), ("tld", tld)]).await
    }

    /// How far the account's expired domains have expired.
    async fn stages(&self, context: &CallContext, fresh: bool) -> Result<Arc<HashMap<DomainName, Stage>>> {
        let now = context.now();
        let lock = || self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = lock().clone().filter(|(at, _)| !fresh && (TimeDelta::zero()..STAGES_LAST).contains(&(now - *at)));
        if let Some((_, stages)) = kept {
            return Ok(stages);
        }
        let root = self.ask(context, "GetExpiredDomains", &[]).await?;
        let stages = Arc::new(read::stages(&root).map_err(|error| self.http.seal(error))?);
        *lock() = Some((now, Arc::clone(&stages)));
        Ok(stages)
    }

    /// Whether Enom holds the domain back.
    async fn is_held(&self, context: &CallContext, domain: &DomainName) -> Result<bool> {
        let root = self.ask_about(context, "GetRegistrationStatus", domain).await?;
        read::hold(&root).ok_or_else(|| {
            let text = format!("the answer to {domain} does not tell whether it is held");
            self.http.error(ErrorKind::InvalidResponse, text)
        })
    }
}

#[async_trait]
impl Registrar for Enom {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Two requests; one more for a domain that has expired, or that the application has as suspended. Where only the status
    /// is wanted, one for the details and one for how far it has expired, or whether it is held.
    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        let seal = |error| self.http.seal(error);
        let root = self.ask_about(context, "GetDomainInfo", domain).await?;
        let mut info = read::info(&root, domain, context.now()).map_err(seal)?;
        if info.needs_stage(context.now()) {
            info.stage = self.stages(context, false).await?.get(domain).cloned();
        }
        let mut unproven = None;
        let is_suspended = context.local_status() == Some(DomainStatus::Suspended);
        if info.is_active(context.now()) && (is_suspended || context.status_only()) {
            match self.is_held(context, domain).await {
                Ok(is_held) => info.is_held = is_held,
                Err(error) if error.kind().is_retryable() || error.kind() == ErrorKind::Auth => return Err(error),
                Err(error) => unproven = Some(error),
            }
        }
        let mut remote = info.finish(context.now(), self.config.grace_days_for(domain.as_str()));
        if let Some(error) = unproven {
            if is_suspended {
                remote.status.meaning = StatusMeaning::Unknown;
            }
            remote.warnings.push(format!("whether the registrar holds the domain back is not known: {error}"));
        }
        if context.status_only() {
            return Ok(remote);
        }
        match self.ask_about(context, "GetContacts", domain).await.and_then(|root| read::contacts(&root).map_err(seal))
        {
            Ok((contacts, warnings)) => {
                remote.contacts = contacts;
                remote.warnings.extend(warnings);
            }
            // Contacts that are not to be had stay as they are locally (S2.3).
            Err(error) if matches!(error.kind(), ErrorKind::Rejected | ErrorKind::NotFound) => {
                remote.warnings.push(format!("contacts: {error}; the local ones stay"));
            }
            Err(error) => return Err(error),
        }
        Ok(remote)
    }

    /// Two requests for the whole account: all domains, and how far the expired ones have expired.
    async fn list(&self, context: &CallContext, request: &ListRequest) -> Result<ListPage> {
        if !request.remote_ids.is_empty() {
            return Err(self.http.error(ErrorKind::Internal, "the list cannot be asked for by id".to_owned()));
        }
        if request.page > 1 {
            // All there is was on the first.
            return Ok(ListPage::default());
        }
        let root = self.ask(context, "GetAllDomains", &[]).await?;
        let all = read::all(&root).map_err(|error| self.http.seal(error))?;
        let stages = self.stages(context, true).await?;
        Ok(read::rows(&all, &stages, context.now(), |name| self.config.grace_days_for(name)))
    }

    /// One request for each bracket of years that is wanted: 1, 2 to 4, 5 to 9, 10.
    async fn prices(&self, context: &CallContext, request: &PriceRequest) -> Result<PriceList> {
        if self.config.price_source == PriceSource::Reseller {
            let text =
                "price_source `reseller`: the registrar lists no prices for sub-resellers; use `cost` or `customer`";
            return Err(self.http.error(ErrorKind::Config, text.to_owned()));
        }
        let mut tables: BTreeMap<u8, prices::Table> = BTreeMap::new();
        for bracket in prices::brackets(&request.tlds) {
            let years = bracket.to_string();
            let root = self.ask(context, "PE_GetRetailPricing", &[("TLDOnly", "1"), ("Years", &years)]).await?;
            let table = prices::Table::read(&root, self.config.price_source).map_err(|error| self.http.seal(error))?;
            tables.insert(bracket, table);
        }
        // No field tells it; the registrar bills in US dollars.
        let mut list = PriceList { currency: Some("USD".parse()?), ..PriceList::default() };
        for tld in &request.tlds {
            match prices::quotes(tld, &tables) {
                Ok(quotes) => list.quotes.extend(quotes),
                Err(error) => list.failures.push((tld.extension.clone(), self.http.seal(error))),
            }
        }
        Ok(list)
    }
}

/// An amount, which may have commas between its thousands.
fn amount(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(&text.replace(',', "")).ok()
}
