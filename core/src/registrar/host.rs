//! A registrar that the host answers for: a class of the application's own, or a table of C functions.
//!
//! Answers are JSON of one shape, `{"success": true, "data": {…}}` or the data alone:
//!
//! - of a domain: `status` (a word, or a list of EPP statuses), `expires_at` (RFC 3339, `2027-01-31 12:00:00` or `2027-01-31`
//!   in UTC, or seconds since 1970), `nameservers` (a list, or a text with commas), `contacts` (by role `registrant`,
//!   `admin`, `tech`, `billing`, each with the columns of `domain_contacts`, or `name` for both names);
//! - of a TLD: `currency`, and `register`, `renew` and `transfer`, each the price of one year or totals by years
//!   (`{"1": "9.99", "2": "19.98"}`).
//!
//! A key that is not there, `null` or empty leaves what is known as it is (S2.3). Common other spellings of the keys are
//! understood: `expiry_date`, `name_servers`, `zip` and the like.
//!
//! A refusal is `{"success": false, "message": …}`, with `error_code` if there is one: a kind of S6.1 (`not_found`), or an HTTP
//! status; and `retry_after` in seconds.

mod read;
mod status;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::{CallContext, Capabilities, PriceList, PriceRequest, Registrar};
use crate::model::{DomainName, RemoteDomain};
use crate::{Error, ErrorKind, Result};

/// What a registrar's code means: a kind of S6.1 by its word (`not_found`), or an HTTP status.
pub fn kind_of(code: &str) -> Option<ErrorKind> {
    read::kind(code)
}

/// What a host answers. An error means that there is no answer at all.
#[async_trait]
pub trait RegistrarHost: fmt::Debug + Send + Sync + 'static {
    /// About one domain, by its name in A-labels.
    async fn info(&self, domain: &str) -> Result<Value>;

    /// About the prices of one TLD, without a leading dot.
    async fn prices(&self, _tld: &str) -> Result<Value> {
        Err(Error::new(ErrorKind::Unsupported, "Registrar does not support price syncing"))
    }
}

/// A registrar over what a host answers.
#[derive(Debug)]
pub struct HostRegistrar {
    host: Arc<dyn RegistrarHost>,
    capabilities: Capabilities,
}

impl HostRegistrar {
    /// A registrar that asks `host` at most `max_in_flight` things at once. `prices` says whether it can be asked for prices.
    pub fn new(host: Arc<dyn RegistrarHost>, prices: bool, max_in_flight: u32) -> Self {
        Self { host, capabilities: Capabilities { list: None, prices, contacts: true, max_in_flight } }
    }
}

#[async_trait]
impl Registrar for HostRegistrar {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        context.count_request();
        let answer = self.host.info(domain.as_str()).await?;
        read::info(&answer, domain, context.now())
    }

    async fn prices(&self, context: &CallContext, request: &PriceRequest) -> Result<PriceList> {
        let mut list = PriceList::default();
        for tld in &request.tlds {
            context.count_request();
            let answer = self.host.prices(&tld.extension).await;
            match answer.and_then(|answer| read::prices(&answer, tld, &mut list)) {
                Ok(()) => {}
                // What is said of one TLD fails that one (S5.6); the rest is said of the account.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::NotFound | ErrorKind::Rejected | ErrorKind::InvalidResponse | ErrorKind::Unsupported
                    ) =>
                {
                    list.failures.push((tld.extension.clone(), error));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(list)
    }
}
