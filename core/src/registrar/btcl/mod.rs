//! BTCL, the registry of `.bd`: its API for resellers, JSON by POST.
//!
//! One request reads a domain, and nothing reads several. No answer has a status: it follows from the day of the end, and
//! from the codes by which a question about a domain is refused. Prices are told for a name, a number of years at a time.
//!
//! Price of the missing status: a suspended domain and one that is not registered yet are the same here, so that both
//! leave the local status alone.

mod error;
mod prices;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use self::error::Refusal;
use self::prices::{Figures, Rates};
use super::http::{Answer, HttpClient, HttpDefaults};
use super::told::{basic, credential};
use super::{CallContext, Capabilities, PriceList, PriceRequest, Registrar};
use crate::config::{RateLimit, RegistrarConfig};
use crate::model::{Currency, DomainName, DomainStatus, PriceQuote, RemoteDomain, StatusMeaning, TldRecord};
use crate::{Error, ErrorKind, Result};

/// The API's address as its document has it.
const PRODUCTION: &str = "https://141.lyre.us/rsdom/";
/// Nothing is documented; one at a time does no harm.
const CONCURRENCY: u32 = 1;
/// A label that is neither reserved nor forbidden nor priced by its length.
const SAMPLE: &str = "pricesampling";
/// The currency of all figures. No answer names it.
const CURRENCY: &str = "BDT";

/// A reseller's account at BTCL.
#[derive(Debug)]
pub struct Btcl {
    http: HttpClient,
    /// Without its credentials.
    config: RegistrarConfig,
    currency: Currency,
    capabilities: Capabilities,
}

impl Btcl {
    /// A judgement: no limit is documented.
    pub(crate) const RATE_LIMIT: &[RateLimit] = &[RateLimit::per_minutes(30, 1)];

    /// The account with these credentials: `username` and `password`, which are the API's key and secret. `slug` is the
    /// registrar's in the application. Nothing is sent.
    ///
    /// Fails with `config` when a credential is missing, or the configuration cannot be used.
    pub fn new(slug: &str, credentials: &BTreeMap<String, SecretString>, config: &RegistrarConfig) -> Result<Self> {
        let (user, password) = (credential(slug, credentials, "username")?, credential(slug, credentials, "password")?);
        let (authorization, parts) = basic(user, password);
        let base =
            Url::parse(PRODUCTION).map_err(|_| Error::new(ErrorKind::Internal, "the production base is no URL"))?;
        let defaults = HttpDefaults { base, rate_limit: Self::RATE_LIMIT.to_vec(), concurrency: CONCURRENCY };
        let config = RegistrarConfig { credentials: BTreeMap::new(), ..config.clone() };
        let http = HttpClient::with_authorization(slug, &config, defaults, authorization, parts)?;
        let capabilities = Capabilities { max_in_flight: http.concurrency(), ..Self::abilities() };
        Ok(Self { http, config, currency: CURRENCY.parse()?, capabilities })
    }

    /// What the API can do, whatever the account.
    pub fn abilities() -> Capabilities {
        Capabilities { list: None, prices: true, contacts: true, max_in_flight: CONCURRENCY }
    }

    /// Sends a request and reads its answer, unless the answer is a refusal, which is not sealed yet.
    async fn ask(&self, context: &CallContext, path: &str, body: serde_json::Value) -> Result<Answer, Refusal> {
        let answer = self.http.post_json(context, path, &body).await;
        let answer = answer.map_err(|error| Refusal { code: None, error })?;
        error::check(&answer)?;
        Ok(answer)
    }

    async fn details(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        let answer = match self.ask(context, "domain_info.do", json!({"domain": domain.as_str()})).await {
            Ok(answer) => answer,
            Err(Refusal { code: Some(code), error }) => return refused(context, domain, code, error),
            Err(Refusal { error, .. }) => return Err(error),
        };
        let told: read::Domain<'_> = serde_json::from_slice(&answer.body).map_err(unreadable)?;
        read::info(&told, domain, &self.config, context.now())
    }

    /// The rates for so many years; `None` where there are none.
    async fn rates(&self, context: &CallContext, name: &str, years: u8) -> Result<Option<Figures>> {
        match self.ask(context, "domain_rates.do", json!({"domain": name, "year": years})).await {
            Ok(answer) => serde_json::from_slice::<Rates<'_>>(&answer.body).map_err(unreadable)?.figures().map(Some),
            Err(Refusal { code: Some(error::NO_RATE), .. }) => Ok(None),
            Err(Refusal { error, .. }) => Err(error),
        }
    }

    /// Two requests, and one for a TLD that is sold for a year only.
    async fn tld(&self, context: &CallContext, tld: &TldRecord) -> Result<Vec<PriceQuote>> {
        let extension = tld.extension.trim_start_matches('.');
        let name = DomainName::parse(&format!("{SAMPLE}.{extension}"))?;
        let one = self.rates(context, name.as_str(), 1).await?.ok_or_else(|| {
            Error::not_found(format!("the registrar tells no price for .{extension}: it is not sold there"))
        })?;
        let two = if tld.max_years > 1 { self.rates(context, name.as_str(), 2).await? } else { None };
        prices::quotes(tld, one, two)
    }
}

/// What a refusal to tell of a domain tells of it.
fn refused(context: &CallContext, domain: &DomainName, code: u32, error: Error) -> Result<RemoteDomain> {
    let is_expected = context.local_status() == Some(DomainStatus::PendingRegistration);
    let meaning = match code {
        error::RESTORABLE => StatusMeaning::Known(DomainStatus::Redemption),
        // Unknown for any domain that is not about to be registered.
        error::NOT_ACTIVE => StatusMeaning::AwaitingRegistration,
        error::NOT_FOUND if is_expected => StatusMeaning::AwaitingRegistration,
        _ => return Err(error),
    };
    let text = error.native().map_or("", |native| native.message.as_str());
    let words: String = format!("{code} {text}").chars().take(200).collect();
    Ok(read::known_by_status(domain, &words, meaning))
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::invalid_response(format!("the answer cannot be read: {error}"))
}

#[async_trait]
impl Registrar for Btcl {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// One request.
    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        self.details(context, domain).await.map_err(|error| self.http.seal(error))
    }

    /// Two requests for a TLD, one after the other. One that cannot be told does not stop the others (S5.6); what holds for
    /// the whole account does, and so does a registrar that fails twice running.
    async fn prices(&self, context: &CallContext, request: &PriceRequest) -> Result<PriceList> {
        use ErrorKind::{InvalidResponse, Network, NotFound, Rejected, Timeout};
        let mut list = PriceList { currency: Some(self.currency), ..PriceList::default() };
        let mut has_failed = false;
        for tld in &request.tlds {
            match self.tld(context, tld).await.map_err(|error| self.http.seal(error)) {
                Ok(quotes) => {
                    has_failed = false;
                    list.quotes.extend(quotes);
                }
                Err(error) => {
                    let is_down = matches!(error.kind(), Network | Timeout);
                    let is_own = matches!(error.kind(), Rejected | NotFound | InvalidResponse);
                    if !is_own && !is_down || is_down && has_failed {
                        return Err(error);
                    }
                    has_failed = is_down;
                    list.failures.push((tld.extension.clone(), error));
                }
            }
        }
        // A registrar that is down for the only TLD is down.
        match list.failures.pop() {
            Some((_, error)) if has_failed && request.tlds.len() == 1 => Err(error),
            last => {
                list.failures.extend(last);
                Ok(list)
            }
        }
    }
}
