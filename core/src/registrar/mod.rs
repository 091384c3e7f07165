//! The port to registrars, and the adapters behind it.
//!
//! An adapter says what to send and how to read the answer, nothing else: time, retries, limits and the decision what
//! to do with an answer are the engine's. Abilities are declared, never discovered by failing. [`adding`] tells how one is
//! made.

#[doc = include_str!("adding.md")]
pub mod adding {}
pub mod btcl;
mod context;
pub mod enom;
pub mod godaddy;
pub mod host;
pub mod http;
mod loose;
pub mod mock;
pub mod namecheap;
pub mod namecom;
pub(crate) mod native;
#[cfg(test)]
mod recorded;
pub mod resellerclub;
mod told;
mod xml;

use std::fmt;

use async_trait::async_trait;

pub use self::context::CallContext;

use crate::model::{Currency, DomainName, PriceQuote, RemoteDomain, TldRecord};
use crate::{Error, ErrorKind, Result};

/// A company whose API tells of domains: one account at it.
///
/// A host may bring its own. Methods borrow a [`CallContext`], which tells the time and counts the requests.
#[async_trait]
pub trait Registrar: fmt::Debug + Send + Sync + 'static {
    /// What this registrar can do and how cheaply; decides the plan.
    fn capabilities(&self) -> &Capabilities;

    /// Reads one domain by name, whole: one request where the API allows it.
    ///
    /// Fails with `not_found` when the registrar says that the account holds no such domain, and with the other kinds
    /// of S6.1 for what else it says or does.
    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain>;

    /// Reads one page of the account's domains, in an order that does not change while domains are edited.
    async fn list(&self, _context: &CallContext, _request: &ListRequest) -> Result<ListPage> {
        Err(Error::new(ErrorKind::Unsupported, "registrar does not support listing domains"))
    }

    /// Reads the prices of TLDs (S5).
    async fn prices(&self, _context: &CallContext, _request: &PriceRequest) -> Result<PriceList> {
        Err(Error::new(ErrorKind::Unsupported, "Registrar does not support price syncing"))
    }
}

/// What a registrar can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Capabilities {
    /// How it lists the account's domains, where it does.
    pub list: Option<ListCapability>,
    /// Whether it tells prices.
    pub prices: bool,
    /// Whether one domain's answer carries its contacts.
    pub contacts: bool,
    /// How many requests may be under way at once: the configured number, or the registrar's own default. 0 counts
    /// as 1.
    pub max_in_flight: u32,
}

/// How a registrar lists domains. Serialised it also says what a row carries (`row`) and whether the list alone shows what
/// changed (`incremental`).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(into = "ListTold")]
pub struct ListCapability {
    /// The most rows that a page holds.
    pub page_size: u32,
    /// Whether a row has a text that changes with every edit, so that an unchanged row needs no closer look.
    pub change_marker: bool,
    /// Whether a row lacks holds that the details have, so that it lifts no domain out of a worse status (S3.7).
    pub partial_status: bool,
    /// Whether a row tells all that one domain's answer tells: nameservers and contacts too. Then nothing is asked for by
    /// name but what the list does not have.
    pub whole: bool,
    /// How many domains one request can pick by the registrar's own ids, where it can.
    pub by_remote_id: Option<u32>,
}

impl ListCapability {
    /// Whether the list alone shows what changed, so that a full sync of domains that did not costs its pages and no
    /// request more.
    pub const fn incremental(&self) -> bool {
        self.change_marker || self.whole
    }

    /// What a row carries, in the words of results.
    pub fn row(&self) -> Vec<&'static str> {
        let marker = self.change_marker.then_some("change_marker");
        let rest = if self.whole { &["nameservers", "contacts"][..] } else { &[] };
        ["status", "expires_at"].into_iter().chain(marker).chain(rest.iter().copied()).collect()
    }
}

/// What is told of a [`ListCapability`].
#[derive(serde::Serialize)]
struct ListTold {
    page_size: u32,
    row: Vec<&'static str>,
    incremental: bool,
    change_marker: bool,
    partial_status: bool,
    whole: bool,
    by_remote_id: Option<u32>,
}

impl From<ListCapability> for ListTold {
    fn from(list: ListCapability) -> Self {
        let (row, incremental) = (list.row(), list.incremental());
        let ListCapability { page_size, change_marker, partial_status, whole, by_remote_id } = list;
        Self { page_size, row, incremental, change_marker, partial_status, whole, by_remote_id }
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// The page, from 1.
    pub page: u32,
    /// Only these, by the registrar's own ids (at most [`ListCapability::by_remote_id`]); empty means all.
    pub remote_ids: Vec<String>,
    /// Where the page begins: [`ListPage::next`] of the one before it, where that had one.
    pub after: Option<String>,
    /// Whether nameservers and contacts are wanted too, where a row can tell them ([`ListCapability::whole`]).
    pub whole: bool,
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListPage {
    /// Its rows, in the registrar's order.
    pub rows: Vec<RemoteDomain>,
    /// How many rows all pages hold together, where the registrar says so.
    pub total: Option<u64>,
    /// Where the next page begins, if there is one and pages follow from each other instead of being numbered.
    pub next: Option<String>,
}

/// Which prices are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceRequest {
    /// The TLDs and the years that each is sold for.
    pub tlds: Vec<TldRecord>,
}

/// What a registrar quotes.
#[derive(Debug, Default)]
pub struct PriceList {
    /// The currency of every quote, where the registrar tells it.
    pub currency: Option<Currency>,
    /// The quotes, totals over the years.
    pub quotes: Vec<PriceQuote>,
    /// TLDs that could not be quoted, and why (S5.6).
    pub failures: Vec<(String, Error)>,
}
