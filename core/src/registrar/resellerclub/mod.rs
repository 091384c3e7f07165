//! ResellerClub, and every other brand of the LogicBoxes platform: one API, one adapter.
//!
//! One request reads a domain whole, contacts included. The list shows the life cycle and the end of a domain but none
//! of its holds, so it can make a status worse and not better (S3.7). Prices come as one table of the whole catalogue,
//! by product and not by TLD; which product a TLD is, is asked once and remembered.
//!
//! Price of one adapter for all brands: the slug decides nothing but the name in errors and settings.

mod error;
mod prices;
mod read;
mod status;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use super::http::{Answer, HttpClient, HttpDefaults};
use super::told::credential;
use super::{CallContext, Capabilities, ListCapability, ListPage, ListRequest, PriceList, PriceRequest, Registrar};
use crate::config::{RateLimit, RegistrarConfig};
use crate::model::{ContactType, Currency, DomainName, RemoteDomain, TldRecord};
use crate::{Error, ErrorKind, Result};

/// The production API, which all brands share.
const PRODUCTION: &str = "https://httpapi.com/api/";
/// The most rows that a page of the list holds.
const PAGE_SIZE: u32 = 500;
/// How many orders one request picks. The limit of the URL is not documented; this many are known to pass.
const ORDERS: u32 = 100;
/// The vendor publishes no limit, and blocks an address for 24 hours that asks more than is "reasonable": so many
/// requests a minute, and so many at once, are taken to be.
const CONCURRENCY: u32 = 2;
/// How often one call for prices splits a refused look-up to find the TLD that it was refused for.
const SPLITS: usize = 8;

/// An account at ResellerClub or another brand of the platform.
#[derive(Debug)]
pub struct ResellerClub {
    http: HttpClient,
    /// Without its credentials.
    config: RegistrarConfig,
    capabilities: Capabilities,
    product_keys: Mutex<HashMap<DomainName, String>>,
}

impl ResellerClub {
    /// What is taken to be reasonable: the vendor publishes no limit.
    pub(crate) const RATE_LIMIT: &[RateLimit] = &[RateLimit::per_minutes(60, 1)];

    /// The account with these credentials, `auth_userid` and `api_key`. `slug` is the registrar's in the application,
    /// `resellerclub` or `logicboxes`. Nothing is sent.
    ///
    /// Fails with `config` when a credential is missing, or the configuration cannot be used.
    pub fn new(slug: &str, credentials: &BTreeMap<String, SecretString>, config: &RegistrarConfig) -> Result<Self> {
        let secret_query = vec![
            ("auth-userid".to_owned(), credential(slug, credentials, "auth_userid")?),
            ("api-key".to_owned(), credential(slug, credentials, "api_key")?),
        ];
        let base =
            Url::parse(PRODUCTION).map_err(|_| Error::new(ErrorKind::Internal, "the production base is no URL"))?;
        let defaults = HttpDefaults { base, rate_limit: Self::RATE_LIMIT.to_vec(), concurrency: CONCURRENCY };
        let http = HttpClient::new(slug, config, defaults, secret_query)?;
        Ok(Self {
            capabilities: Capabilities { max_in_flight: http.concurrency(), ..Self::abilities() },
            http,
            config: RegistrarConfig { credentials: BTreeMap::new(), ..config.clone() },
            product_keys: Mutex::default(),
        })
    }

    /// What the API can do, whatever the account.
    pub fn abilities() -> Capabilities {
        let list = ListCapability {
            page_size: PAGE_SIZE,
            change_marker: true,
            partial_status: true,
            whole: false,
            by_remote_id: Some(ORDERS),
        };
        Capabilities { list: Some(list), prices: true, contacts: true, max_in_flight: CONCURRENCY }
    }

    /// Sends a request and reads its answer, unless the answer is an error.
    async fn ask(&self, context: &CallContext, path: &str, query: &[(&str, &str)]) -> Result<Answer> {
        let answer = self.http.get(context, path, query).await?;
        match error::read(&answer) {
            None => Ok(answer),
            Some(error) => Err(self.http.seal(error)),
        }
    }

    /// A JSON error told by its place: its text would quote the answer.
    fn unreadable(&self, error: serde_json::Error) -> Error {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Eof => "ends too early",
            serde_json::error::Category::Data => "has another shape than the API's",
            _ => "is no JSON",
        };
        self.http.error(ErrorKind::InvalidResponse, format!("the answer {what} ({place})"))
    }

    /// Reads an answer as what was asked for. Only one that does not tell it is looked through for an error, so that
    /// nearly every body is read once.
    fn read<'a, T: wire::Told + serde::Deserialize<'a>>(&self, answer: &'a Answer) -> Result<T> {
        let value = serde_json::from_slice::<T>(&answer.body);
        if (200..300).contains(&answer.status) && value.as_ref().is_ok_and(T::is_told) {
            return value.map_err(|error| self.unreadable(error));
        }
        match error::read(answer) {
            Some(error) => Err(self.http.seal(error)),
            None => value.map_err(|error| self.unreadable(error)),
        }
    }

    /// Adds the contacts that the details told by id alone: each id is asked for once.
    async fn add_contacts(
        &self,
        context: &CallContext,
        domain: &mut RemoteDomain,
        missing: &[(ContactType, &str)],
    ) -> Result<()> {
        let mut known: HashMap<&str, Option<crate::model::Contact>> = HashMap::new();
        for (kind, id) in missing {
            if !known.contains_key(id) {
                let contact = match self.contact(context, id).await {
                    Ok(contact) => Some(contact),
                    // What may pass later is worth another try of the whole domain; a contact that is not to be had
                    // is left as it is locally (S2.3).
                    Err(error) if error.kind().is_retryable() || error.kind() == ErrorKind::Auth => {
                        return Err(error);
                    }
                    Err(error) => {
                        domain.warnings.push(format!("contacts.{kind}: {error}; the local value stays"));
                        None
                    }
                };
                known.insert(id, contact);
            }
            if let Some(Some(contact)) = known.get(id) {
                domain.contacts.set(*kind, contact.clone());
            }
        }
        Ok(())
    }

    async fn contact(&self, context: &CallContext, id: &str) -> Result<crate::model::Contact> {
        let answer = self.http.get(context, "contacts/details.json", &[("contact-id", id)]).await?;
        let person: wire::Person<'_> = self.read(&answer)?;
        if person.contactid.get() != Some(id) {
            return Err(self
                .http
                .error(ErrorKind::InvalidResponse, format!("the answer to contact {id} is about another")));
        }
        if person.currentstatus.get().is_some_and(|status| status.eq_ignore_ascii_case("Deleted")) {
            return Err(self.http.error(ErrorKind::NotFound, format!("contact {id} is deleted")));
        }
        Ok(read::contact(&person))
    }

    /// The product keys of these suffixes, as far as they can be learned, and why where they cannot: one request for
    /// each chunk of those that are not known yet.
    async fn learn_products(
        &self,
        context: &CallContext,
        suffixes: &[DomainName],
    ) -> Result<HashMap<DomainName, Error>> {
        let unknown: Vec<&DomainName> = {
            let known = self.product_keys.lock().unwrap_or_else(PoisonError::into_inner);
            suffixes.iter().filter(|suffix| !known.contains_key(*suffix)).collect()
        };
        let mut failures = HashMap::new();
        let mut splits = 0;
        let mut chunks: Vec<&[&DomainName]> = unknown.chunks(prices::CHUNK).rev().collect();
        while let Some(chunk) = chunks.pop() {
            match self.look_up_products(context, chunk).await {
                Ok(keys) => self.product_keys.lock().unwrap_or_else(PoisonError::into_inner).extend(keys),
                // One TLD that the registrar will not hear of must not stop the others (S5.6).
                Err(error) if error.kind() == ErrorKind::Rejected && chunk.len() > 1 && splits < SPLITS => {
                    splits += 1;
                    let (first, second) = chunk.split_at(chunk.len() / 2);
                    chunks.extend([second, first]);
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::Rejected | ErrorKind::NotFound | ErrorKind::InvalidResponse
                    ) =>
                {
                    for suffix in chunk {
                        let error =
                            Error::new(error.kind(), format!("the product of .{suffix} cannot be looked up: {error}"));
                        failures.insert((*suffix).clone(), error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(failures)
    }

    async fn look_up_products(
        &self,
        context: &CallContext,
        suffixes: &[&DomainName],
    ) -> Result<Vec<(DomainName, String)>> {
        let mut query = vec![("domain-name", prices::LABEL)];
        query.extend(suffixes.iter().map(|suffix| ("tlds", suffix.as_str())));
        let answer = self.ask(context, "domains/available.json", &query).await?;
        prices::product_keys(&answer.body, suffixes).map_err(|error| self.unreadable(error))
    }

    async fn currency(&self, context: &CallContext) -> Result<Option<Currency>> {
        let answer = self.ask(context, "resellers/details.json", &[]).await?;
        let told = prices::currency(&answer.body, self.config.price_source).map_err(|error| self.unreadable(error))?;
        told.transpose().map_err(|error| self.http.seal(error))
    }
}

#[async_trait]
impl Registrar for ResellerClub {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// One request, and one more for each contact that the answer has the id of and no more.
    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        let query = [("domain-name", domain.as_str()), ("options", "All")];
        let answer = self.http.get(context, "domains/details-by-name.json", &query).await?;
        let details: wire::Details<'_> = self.read(&answer)?;
        let mut remote =
            read::details(&details, domain, &self.config, context.now()).map_err(|error| self.http.seal(error))?;
        let missing = read::missing_contacts(&details);
        self.add_contacts(context, &mut remote, &missing).await?;
        Ok(remote)
    }

    /// One request for a page. The highest order comes first, so that of a name that was deleted and registered again
    /// the present order is the first.
    ///
    /// A row that names no domain is left out, and counts in the total all the same: whoever adds up sees that the list
    /// is not complete (S6.5).
    async fn list(&self, context: &CallContext, request: &ListRequest) -> Result<ListPage> {
        if request.remote_ids.len() > ORDERS as usize {
            return Err(self.http.error(ErrorKind::Internal, format!("one request picks at most {ORDERS} orders")));
        }
        let (size, page) = (PAGE_SIZE.to_string(), request.page.max(1).to_string());
        let mut query =
            vec![("no-of-records", size.as_str()), ("page-no", page.as_str()), ("order-by", "orderid desc")];
        query.extend(request.remote_ids.iter().map(|id| ("order-id", id.as_str())));
        let answer = self.http.get(context, "domains/search.json", &query).await?;

        let search: wire::Search<'_> = self.read(&answer)?;
        let number = |key: &str, value: &wire::Scalar<'_>| {
            let number = value.get().and_then(|text| text.parse::<u64>().ok());
            number.ok_or_else(|| {
                self.http.error(ErrorKind::InvalidResponse, format!("the answer is no page of a list: it has no {key}"))
            })
        };
        let on_page = number("recsonpage", &search.recsonpage)?;
        let total = number("recsindb", &search.recsindb)?;
        let before = u64::from(request.page.max(1) - 1) * u64::from(PAGE_SIZE);
        if search.rows.is_empty() && total > before {
            let text =
                format!("the answer is an empty page of a list that goes on: {before} rows before it, {total} in all");
            return Err(self.http.error(ErrorKind::InvalidResponse, text));
        }
        let rows: Vec<_> =
            search.rows.iter().filter_map(|(_, row)| read::row(row, &self.config, context.now())).collect();
        if (rows.len() as u64) < on_page {
            let unreadable = on_page - rows.len() as u64;
            tracing::warn!(
                host = self.http.host(),
                page = request.page,
                unreadable,
                "rows of the registrar's list cannot be read"
            );
        }
        Ok(ListPage { rows, total: Some(total), next: None })
    }

    /// One request for the table, one for each chunk of TLDs whose product is not known yet, one for the currency.
    async fn prices(&self, context: &CallContext, request: &PriceRequest) -> Result<PriceList> {
        let mut list = PriceList::default();
        let mut wanted: Vec<(&TldRecord, DomainName)> = Vec::new();
        for tld in &request.tlds {
            match DomainName::parse_host(tld.extension.trim_start_matches('.')) {
                Ok(suffix) => wanted.push((tld, suffix)),
                Err(error) => list.failures.push((tld.extension.clone(), self.http.seal(error.into()))),
            }
        }
        if wanted.is_empty() {
            return Ok(list);
        }

        let answer = self.ask(context, prices::path(self.config.price_source), &[]).await?;
        let catalogue = prices::Catalogue::parse(&answer.body).map_err(|error| self.unreadable(error))?;
        let suffixes: Vec<_> = wanted.iter().map(|(_, suffix)| suffix.clone()).collect();
        let mut failures = self.learn_products(context, &suffixes).await?;
        list.currency = self.currency(context).await?;

        let products = self.product_keys.lock().unwrap_or_else(PoisonError::into_inner);
        for (tld, suffix) in wanted {
            let (quotes, problem) = match products.get(&suffix) {
                Some(key) => catalogue.quotes(tld, key),
                None => (Vec::new(), Some(failures.remove(&suffix).unwrap_or_else(|| no_product(tld)))),
            };
            list.quotes.extend(quotes);
            if let Some(problem) = problem {
                list.failures.push((tld.extension.clone(), self.http.seal(problem)));
            }
        }
        Ok(list)
    }
}

fn no_product(tld: &TldRecord) -> Error {
    let text =
        format!("the registrar tells no product for .{}: it is not sold there, or not to this account", tld.extension);
    Error::new(ErrorKind::NotFound, text)
}
