//! The registrar's desk: where a test does something while the registrar is being asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domaindesk_sync::registrar::resellerclub::ResellerClub;
use domaindesk_sync::registrar::{
    CallContext, Capabilities, ListPage, ListRequest, PriceList, PriceRequest, Registrar,
};
use domaindesk_sync::{Config, DomainName, Result};
use serde_json::json;

use crate::House;

/// What happens while a domain is asked for: its name, and how often it was asked for until then, from 1.
type Meanwhile = Box<dyn FnMut(&str, u32) + Send>;

/// The simulated registrar through the engine's own adapter. What a test does meanwhile is done when the answer is made
/// and not yet given.
pub struct Desk {
    registrar: ResellerClub,
    meanwhile: Mutex<(Meanwhile, HashMap<String, u32>)>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Desk").field(&self.registrar).finish()
    }
}

impl Desk {
    /// The desk of a house's registrar, for a runtime of several threads.
    pub fn of(house: &House, meanwhile: impl FnMut(&str, u32) + Send + 'static) -> Arc<Self> {
        let mut config = house.config.clone();
        config["registrar"]["registrars"]["resellerclub"]["credentials"] =
            json!({"auth_userid": "777", "api_key": "simulated"});
        let config = Config::from_value(config).unwrap();
        let config = config.registrar.get("resellerclub");
        let registrar = ResellerClub::new("resellerclub", &config.credentials, config).unwrap();
        Arc::new(Self { registrar, meanwhile: Mutex::new((Box::new(meanwhile), HashMap::new())) })
    }

    fn asked(&self, name: &DomainName) {
        // The engine has to go on meanwhile: it may hold the lock that a test's edit waits for.
        tokio::task::block_in_place(|| self.do_meanwhile(name));
    }

    fn do_meanwhile(&self, name: &DomainName) {
        let mut guard = self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner);
        let (meanwhile, times) = &mut *guard;
        let times = times.entry(name.as_str().to_owned()).or_default();
        *times += 1;
        meanwhile(name.as_str(), *times);
    }
}

#[async_trait]
impl Registrar for Desk {
    fn capabilities(&self) -> &Capabilities {
        self.registrar.capabilities()
    }

    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<domaindesk_sync::model::RemoteDomain> {
        let answer = self.registrar.info(context, domain).await;
        self.asked(domain);
        answer
    }

    async fn list(&self, context: &CallContext, request: &ListRequest) -> Result<ListPage> {
        let page = self.registrar.list(context, request).await?;
        page.rows.iter().for_each(|row| self.asked(&row.name));
        Ok(page)
    }

    async fn prices(&self, context: &CallContext, request: &PriceRequest) -> Result<PriceList> {
        self.registrar.prices(context, request).await
    }
}
