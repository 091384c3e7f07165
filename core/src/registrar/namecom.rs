//! Name.com: REST and JSON, with a user name and a token.
//!
//! One request reads a domain whole, and one request reads a thousand names with the day of their end. No answer has a
//! status: it follows from that day. Fields that are equal to their default are left out, so that a text that is missing
//! is one that was not told. Prices are those of the newer Core API, for 25 TLDs a request.
//!
//! Price of the missing status: nothing tells of a hold or of a redemption, so that neither is ever set, nor lifted while
//! the day of the end does not speak against it. A row does not know the local status, so that it never lifts one.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::http::{Answer, HttpClient, HttpDefaults, server_error};
use super::loose::{Loose, Scalar, Words};
use super::told::{self, basic, credential, decimal, no_list, object, shown, without_file};
use super::{CallContext, Capabilities, ListCapability, ListPage, ListRequest, PriceList, PriceRequest, Registrar};
use crate::config::{RateLimit, RegistrarConfig};
use crate::model::{
    Contact, ContactField, ContactType, Contacts, Currency, DomainName, DomainStatus, Field, PriceAction, PriceQuote,
    RemoteDomain, RemoteStatus, StatusMeaning, TldRecord,
};
use crate::{Error, ErrorKind, Result};

/// The production API. The Core API is beside the other one.
const PRODUCTION: &str = "https://api.name.com/";
/// The API's version, which is part of printed addresses.
const VERSION: &str = "v4";
const DOMAINS: &str = "v4/domains";
const TRANSFERS: &str = "v4/transfers";
const PRICES: &str = "core/v1/tldpricing";
/// The most rows that a page of a list holds.
const PAGE_SIZE: u32 = 1_000;
/// The most TLDs whose prices can be asked for at once: as many as a page of prices holds where nobody says.
const TLDS_AT_ONCE: usize = 25;
/// Far from what 20 requests a second would bear.
const CONCURRENCY: u32 = 4;
/// The currency of all prices. No answer names it.
const CURRENCY: &str = "USD";
/// How long to keep away where an answer over the limit does not say it: the limits are not documented.
const PAUSE: Duration = Duration::from_secs(60);

/// An account at Name.com.
#[derive(Debug)]
pub struct NameCom {
    http: HttpClient,
    /// Without its credentials.
    config: RegistrarConfig,
    currency: Currency,
    capabilities: Capabilities,
}

impl NameCom {
    /// 20 requests a second and 3,000 an hour are quoted widely and verified by nobody: half of the first, and the other.
    pub(crate) const RATE_LIMIT: &[RateLimit] =
        &[RateLimit { max_attempts: 10, decay_seconds: 1 }, RateLimit::per_minutes(3_000, 60)];

    /// The account with these credentials: `username` and `token`. `slug` is the registrar's in the application. Nothing
    /// is sent.
    ///
    /// Fails with `config` when a credential is missing, or the configuration cannot be used.
    pub fn new(slug: &str, credentials: &BTreeMap<String, SecretString>, config: &RegistrarConfig) -> Result<Self> {
        let (user, token) = (credential(slug, credentials, "username")?, credential(slug, credentials, "token")?);
        let (authorization, parts) = basic(user, token);
        let base =
            Url::parse(PRODUCTION).map_err(|_| Error::new(ErrorKind::Internal, "the production base is no URL"))?;
        let defaults = HttpDefaults { base, rate_limit: Self::RATE_LIMIT.to_vec(), concurrency: CONCURRENCY };
        let config = RegistrarConfig { credentials: BTreeMap::new(), ..without_file(config, VERSION) };
        let http = HttpClient::with_authorization(slug, &config, defaults, authorization, parts)?;
        let capabilities = Capabilities { max_in_flight: http.concurrency(), ..Self::abilities() };
        Ok(Self { http, config, currency: CURRENCY.parse()?, capabilities })
    }

    /// What the API can do, whatever the account.
    pub fn abilities() -> Capabilities {
        let list = ListCapability {
            page_size: PAGE_SIZE,
            change_marker: false,
            // Neither rows nor details show holds, but only who asks for details says what they may not lift (S3.7).
            partial_status: true,
            whole: false,
            by_remote_id: None,
        };
        Capabilities { list: Some(list), prices: true, contacts: true, max_in_flight: CONCURRENCY }
    }

    async fn ask(&self, context: &CallContext, path: &str, query: &[(&str, &str)]) -> Result<Answer> {
        let answer = self.http.get(context, path, query).await?;
        check(&answer)?;
        Ok(answer)
    }

    async fn details(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        let answer = match self.ask(context, &format!("{DOMAINS}/{domain}"), &[]).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return self.arriving(context, domain, error).await,
            answer => answer?,
        };
        let told: Domain<'_> = object(&answer)?;
        let named =
            told.domain_name.get().ok_or_else(|| Error::invalid_response("the answer names no domain".to_owned()))?;
        match DomainName::parse(named) {
            Ok(name) if name == *domain => {
                Ok(self.read(&told, name, context.now(), Seen::Whole(context.local_status())))
            }
            _ => Err(Error::invalid_response(format!("the answer to {domain} is about {}", shown(named)))),
        }
    }

    /// A domain that the account does not have: on its way in, where the application knows of a transfer and the list of
    /// them does too; otherwise not there.
    async fn arriving(&self, context: &CallContext, domain: &DomainName, absent: Error) -> Result<RemoteDomain> {
        if !context.local_status().is_some_and(DomainStatus::is_transfer_flow) {
            return Err(absent);
        }
        let mut page = 1;
        loop {
            let (number, size) = (page.to_string(), PAGE_SIZE.to_string());
            let answer =
                self.ask(context, TRANSFERS, &[("perPage", &size), ("page", &number)]).await.map_err(no_list)?;
            let told: Transfers<'_> = object(&answer)?;
            let is_it = |name: &str| DomainName::parse(name).ok().as_ref() == Some(domain);
            if let Some(Loose(found)) = told.transfers.iter().find(|row| row.0.domain_name.get().is_some_and(is_it)) {
                let words = found.status.get().unwrap_or_default();
                let is_pending = words.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("pending"));
                let pending = StatusMeaning::Known(DomainStatus::PendingTransfer);
                let meaning = if is_pending { pending } else { StatusMeaning::Unknown };
                let status = RemoteStatus { words: words.chars().take(200).collect(), meaning };
                return Ok(RemoteDomain::new(domain.clone(), status));
            }
            let Some(next) = next_page(&told.next_page, page) else { return Err(absent) };
            page = next;
        }
    }

    async fn page(&self, context: &CallContext, request: &ListRequest) -> Result<ListPage> {
        if !request.remote_ids.is_empty() {
            return Err(Error::new(ErrorKind::Internal, "the list cannot be asked for by id"));
        }
        let page = match &request.after {
            Some(after) => after.parse().map_err(|_| Error::new(ErrorKind::Internal, "a page has a number"))?,
            None => request.page.max(1),
        };
        let (number, size) = (page.to_string(), PAGE_SIZE.to_string());
        let answer = self.ask(context, DOMAINS, &[("perPage", &size), ("page", &number)]).await.map_err(no_list)?;
        let told: Listed<'_> = object(&answer)?;
        let next = next_page(&told.next_page, page);
        let rows = told.domains.as_deref().unwrap_or_default();
        let row = |Loose(domain): &Loose<Domain<'_>>| {
            let name = DomainName::parse(domain.domain_name.get()?).ok()?;
            Some(self.read(domain, name, context.now(), Seen::Row))
        };
        let read: Vec<_> = rows.iter().filter_map(row).collect();
        let unreadable = rows.len() - read.len();
        if unreadable > 0 {
            tracing::warn!(host = self.http.host(), page, unreadable, "rows of the list name no domain");
        }
        // `lastPage` counts pages and not rows; the only page of all, and none but that, is counted by its rows (S6.5).
        let is_all = page == 1 && next.is_none() && told.domains.is_some();
        Ok(ListPage { total: is_all.then_some(rows.len() as u64), rows: read, next: next.map(|page| page.to_string()) })
    }

    fn read(&self, told: &Domain<'_>, name: DomainName, now: DateTime<Utc>, seen: Seen) -> RemoteDomain {
        let expires_at = match told.expire_date.get() {
            None => Field::Absent,
            Some(text) => match DateTime::parse_from_rfc3339(text).map(|end| end.to_utc()) {
                Ok(end) if told::can_end(end, now) => Field::Known(end),
                _ => Field::Unreadable(format!("expireDate {}", shown(text))),
            },
        };
        let grace_days = self.config.grace_days_for(name.as_str());
        let (words, meaning) = status(expires_at.known().copied(), grace_days, seen, now);
        let mut warnings = Vec::new();
        if let (StatusMeaning::Kept, Seen::Whole(Some(local))) = (meaning, seen) {
            warnings.push(format!(
                "the registrar's API tells of no holds and no redemption: `{local}` stays until a person changes it"
            ));
        }
        RemoteDomain {
            expires_at,
            nameservers: told::nameservers(&told.nameservers.iter().collect::<Vec<_>>()),
            contacts: contacts(&told.contacts.0),
            warnings,
            ..RemoteDomain::new(name, RemoteStatus { words, meaning })
        }
    }

    /// The figures of these TLDs for so many years, or what is wrong with them, by TLD; none for one that is not sold.
    ///
    /// What the registrar refuses for several at once is asked for by halves, so that the one that it does not take stops no
    /// other (S5.6).
    async fn figures(&self, context: &CallContext, tlds: &[DomainName], years: u8) -> Result<Table> {
        let mut table = Table::new();
        let mut to_ask: Vec<&[DomainName]> = tlds.chunks(TLDS_AT_ONCE).rev().collect();
        while let Some(some) = to_ask.pop() {
            match (self.some_figures(context, some, years).await, some) {
                (Ok(told), _) => table.extend(told),
                (Err(error), [only]) if error.kind() == ErrorKind::Rejected => {
                    table.insert(only.clone(), Err(error));
                }
                (Err(error), _) if error.kind() == ErrorKind::Rejected => {
                    let (first, second) = some.split_at(some.len() / 2);
                    to_ask.extend([second, first]);
                }
                (Err(error), _) => return Err(error),
            }
        }
        Ok(table)
    }

    async fn some_figures(&self, context: &CallContext, tlds: &[DomainName], years: u8) -> Result<Table> {
        let (duration, size) = (years.to_string(), TLDS_AT_ONCE.to_string());
        let mut query = vec![("duration", duration.as_str()), ("perPage", size.as_str())];
        query.extend(tlds.iter().map(|tld| ("tlds[]", tld.as_str())));
        let answer = self.ask(context, PRICES, &query).await.map_err(no_list)?;
        let told: Prices<'_> = object(&answer)?;
        let mut table = Table::new();
        for Loose(row) in told.pricing.iter().flatten() {
            let Some(Ok(tld)) = row.tld.get().map(|tld| DomainName::parse_host(tld.trim_start_matches('.'))) else {
                continue;
            };
            if tlds.contains(&tld) {
                table.insert(tld, row.figures(years));
            }
        }
        if told.pricing.is_none() || told.next_page.get().is_some() {
            for tld in tlds.iter().filter(|tld| !table.contains_key(tld)).cloned().collect::<Vec<_>>() {
                let text = format!("the prices of {years} years break off before .{tld}");
                table.insert(tld, Err(Error::invalid_response(text)));
            }
        }
        Ok(table)
    }

    async fn price_list(&self, context: &CallContext, request: &PriceRequest) -> Result<PriceList> {
        let mut list = PriceList { currency: Some(self.currency), ..PriceList::default() };
        let mut tlds = Vec::with_capacity(request.tlds.len());
        for tld in &request.tlds {
            match DomainName::parse_host(tld.extension.trim_start_matches('.')) {
                Ok(suffix) => tlds.push((tld, suffix)),
                Err(error) => list.failures.push((tld.extension.clone(), self.http.seal(error.into()))),
            }
        }
        let all: Vec<_> = tlds.iter().map(|(_, suffix)| suffix.clone()).collect();
        let mut one = self.figures(context, &all, 1).await?;
        let is_longer =
            |(tld, suffix): &&(&TldRecord, DomainName)| tld.max_years > 1 && matches!(one.get(suffix), Some(Ok(_)));
        let longer: Vec<_> = tlds.iter().filter(is_longer).map(|(_, suffix)| suffix.clone()).collect();
        let mut two = self.figures(context, &longer, 2).await?;
        for (tld, suffix) in tlds {
            let quotes = match one.remove(&suffix) {
                Some(one) => one.and_then(|one| quotes(tld, one, two.remove(&suffix).transpose()?.unwrap_or_default())),
                None => {
                    Err(Error::not_found(format!("the registrar tells no price for .{suffix}: it is not sold there")))
                }
            };
            match quotes {
                Ok(quotes) => list.quotes.extend(quotes),
                Err(error) => list.failures.push((tld.extension.clone(), self.http.seal(error))),
            }
        }
        Ok(list)
    }
}

#[async_trait]
impl Registrar for NameCom {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// One request; for a domain that is not there and that the application takes to be in a transfer, one more.
    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        self.details(context, domain).await.map_err(|error| self.http.seal(error))
    }

    /// One request for a page, without nameservers and contacts. Each page but the last says which is next.
    async fn list(&self, context: &CallContext, request: &ListRequest) -> Result<ListPage> {
        self.page(context, request).await.map_err(|error| self.http.seal(error))
    }

    /// Two requests for 25 TLDs: for one year and for two.
    async fn prices(&self, context: &CallContext, request: &PriceRequest) -> Result<PriceList> {
        self.price_list(context, request).await.map_err(|error| self.http.seal(error))
    }
}

/// A domain, in the list and alone. Of what is left out where it is false or zero nothing is needed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Domain<'a> {
    #[serde(borrow)]
    domain_name: Scalar<'a>,
    #[serde(borrow)]
    expire_date: Scalar<'a>,
    #[serde(borrow)]
    nameservers: Words<'a>,
    #[serde(borrow)]
    contacts: Loose<People<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct People<'a> {
    #[serde(borrow)]
    registrant: Loose<Person<'a>>,
    #[serde(borrow)]
    admin: Loose<Person<'a>>,
    #[serde(borrow)]
    tech: Loose<Person<'a>>,
    #[serde(borrow)]
    billing: Loose<Person<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Person<'a> {
    #[serde(borrow)]
    first_name: Scalar<'a>,
    #[serde(borrow)]
    last_name: Scalar<'a>,
    #[serde(borrow)]
    company_name: Scalar<'a>,
    #[serde(borrow)]
    address1: Scalar<'a>,
    #[serde(borrow)]
    address2: Scalar<'a>,
    #[serde(borrow)]
    city: Scalar<'a>,
    #[serde(borrow)]
    state: Scalar<'a>,
    #[serde(borrow)]
    zip: Scalar<'a>,
    #[serde(borrow)]
    country: Scalar<'a>,
    #[serde(borrow)]
    phone: Scalar<'a>,
    #[serde(borrow)]
    email: Scalar<'a>,
}

/// A page of the list. One without domains has none, or is no page of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Listed<'a> {
    #[serde(borrow)]
    domains: Option<Vec<Loose<Domain<'a>>>>,
    #[serde(borrow)]
    next_page: Scalar<'a>,
}

/// A page of transfers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Transfers<'a> {
    #[serde(borrow)]
    transfers: Vec<Loose<Transfer<'a>>>,
    #[serde(borrow)]
    next_page: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Transfer<'a> {
    #[serde(borrow)]
    domain_name: Scalar<'a>,
    #[serde(borrow)]
    status: Scalar<'a>,
}

/// A page of prices.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Prices<'a> {
    #[serde(borrow)]
    pricing: Option<Vec<Loose<Price<'a>>>>,
    #[serde(borrow)]
    next_page: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Price<'a> {
    #[serde(borrow)]
    tld: Scalar<'a>,
    #[serde(borrow)]
    duration: Scalar<'a>,
    #[serde(borrow)]
    registration_price: Option<&'a RawValue>,
    #[serde(borrow)]
    registration_original_price: Option<&'a RawValue>,
    #[serde(borrow)]
    renewal_price: Option<&'a RawValue>,
    #[serde(borrow)]
    transfer_in_price: Option<&'a RawValue>,
}

/// The figures of a TLD for some years; `None` where an action has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    register: Option<Decimal>,
    renew: Option<Decimal>,
    transfer: Option<Decimal>,
}

type Table = HashMap<DomainName, Result<Figures>>;

impl Price<'_> {
    /// A price beside an ordinary one is a promotion (S5.4). Fails with `invalid_response` for a figure that is none, and for
    /// those of other years.
    fn figures(&self, years: u8) -> Result<Figures> {
        if let Some(told) = self.duration.get()
            && told != years.to_string()
        {
            return Err(Error::invalid_response(format!("the prices of {years} years are those of {}", shown(told))));
        }
        let ordinary = decimal(self.registration_original_price)?;
        Ok(Figures {
            register: ordinary.map_or_else(|| decimal(self.registration_price), |price| Ok(Some(price)))?,
            renew: decimal(self.renewal_price)?,
            transfer: decimal(self.transfer_in_price)?,
        })
    }
}

/// What a figure of two years covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Covers {
    /// A year of them.
    Year,
    /// Both.
    Both,
}

/// The prices of a TLD by its figures for one year and for two.
///
/// It is not documented whether a figure of two years is a total. One that is the figure of one year is a price of a year; one
/// that is twice that, or a first year and a renewal, is a total: either way it is known what a further year costs. What is
/// neither, or says otherwise than the other action, says nothing that can be relied on, and the price of one year is all that
/// is known. Fails with `invalid_response` where that leaves nothing.
fn quotes(tld: &TldRecord, one: Figures, two: Figures) -> Result<Vec<PriceQuote>> {
    let further = |first: Option<Decimal>, second: Option<Decimal>| {
        let (first, second) = (first?, second?);
        match one.renew {
            _ if second == first => Some((Covers::Year, first)),
            _ if second == first * Decimal::TWO => Some((Covers::Both, first)),
            Some(renew) if second == first + renew => Some((Covers::Both, renew)),
            _ => None,
        }
    };
    let mut register = further(one.register, two.register);
    let mut renew = further(one.renew, two.renew);
    if register.zip(renew).is_some_and(|((one, _), (other, _))| one != other) {
        (register, renew) = (None, None);
    }
    if tld.max_years > 1 && (two.register.is_some() && register.is_none() || two.renew.is_some() && renew.is_none()) {
        tracing::warn!(tld = %tld.extension, ?one, ?two, "prices of several years that cannot be relied on are held back");
    }
    let mut quotes = Vec::new();
    for (action, first, further) in [
        (PriceAction::Register, one.register, register),
        (PriceAction::Renew, one.renew, renew),
        // A transfer adds one year.
        (PriceAction::Transfer, one.transfer, None),
    ] {
        let Some(first) = first else { continue };
        let further = further.map(|(_, price)| price);
        for years in tld.min_years.max(1)..=tld.max_years.min(if further.is_some() { 10 } else { 1 }) {
            let price = first + further.unwrap_or_default() * Decimal::from(years - 1);
            quotes.push(PriceQuote { tld: tld.extension.clone(), action, years, price });
        }
    }
    if quotes.is_empty() {
        let text = format!(
            "of the prices for .{} none can be relied on: {one:?} for one year, {two:?} for two",
            tld.extension
        );
        return Err(Error::invalid_response(text));
    }
    Ok(quotes)
}

/// Where a domain was seen, and what the application takes it for.
#[derive(Clone, Copy, Debug)]
enum Seen {
    Row,
    Whole(Option<DomainStatus>),
}

/// The status by the end, and words for it: there are none of the registrar's.
///
/// The end proves that a term runs, or that it is over. It does not prove that a hold was lifted, nor that a domain came back
/// from redemption, which the API never tells (S2.3).
fn status(end: Option<DateTime<Utc>>, grace_days: u32, seen: Seen, now: DateTime<Utc>) -> (String, StatusMeaning) {
    use DomainStatus::{Active, GracePeriod, Redemption, Suspended};
    let (words, meaning) = match (end, seen) {
        (None, Seen::Row) => ("", StatusMeaning::NeedsDetails),
        (None, _) => ("", StatusMeaning::Absent),
        (Some(end), Seen::Whole(Some(Suspended))) if end >= now => ("registered", StatusMeaning::Kept),
        (Some(end), _) if end >= now => ("registered", StatusMeaning::Known(Active)),
        // What comes after is told by nobody: not by a row, and not by the details.
        (Some(end), _) if now >= told::grace_end(end, grace_days) => ("past its grace period", StatusMeaning::Gone),
        (_, Seen::Whole(Some(Redemption))) => ("expired", StatusMeaning::Kept),
        _ => ("expired", StatusMeaning::Known(GracePeriod)),
    };
    (words.to_owned(), meaning)
}

fn contacts(people: &People<'_>) -> Contacts {
    let mut contacts = Contacts::default();
    for (kind, Loose(person)) in [
        (ContactType::Registrant, &people.registrant),
        (ContactType::Admin, &people.admin),
        (ContactType::Tech, &people.tech),
        (ContactType::Billing, &people.billing),
    ] {
        let lines: Vec<_> = [&person.address1, &person.address2].into_iter().filter_map(Scalar::get).collect();
        let text = |field: &Scalar<'_>| field.get().unwrap_or_default().to_owned();
        let fields = [
            (ContactField::FirstName, text(&person.first_name)),
            (ContactField::LastName, text(&person.last_name)),
            (ContactField::Organization, text(&person.company_name)),
            (ContactField::Email, text(&person.email)),
            (ContactField::Phone, text(&person.phone)),
            (ContactField::Address, lines.join(", ")),
            (ContactField::City, text(&person.city)),
            (ContactField::State, text(&person.state)),
            (ContactField::PostalCode, text(&person.zip)),
            (ContactField::Country, text(&person.country)),
        ];
        let contact = fields.iter().fold(Contact::default(), |contact, (field, value)| contact.with(*field, value));
        if contact != Contact::default() {
            contacts.set(kind, contact);
        }
    }
    contacts
}

/// The page after this one, where there is one.
fn next_page(told: &Scalar<'_>, page: u32) -> Option<u32> {
    told.get()?.parse().ok().filter(|next| *next > page)
}

/// The body of a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal<'a> {
    #[serde(borrow)]
    message: Scalar<'a>,
    #[serde(borrow)]
    details: Scalar<'a>,
}

/// Fails where an answer is a refusal: by its HTTP status, where the body has the API's words (S6.2).
///
/// They are kept as they are, so the credentials may be among them: seal the error before it leaves.
fn check(answer: &Answer) -> Result<()> {
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    let refusal = serde_json::from_slice::<Loose<Refusal<'_>>>(&answer.body).unwrap_or_default().0;
    let code = Some(answer.status.to_string());
    let (kind, what) = match (answer.status, refusal.message.get()) {
        (429, _) => (ErrorKind::RateLimited, "too many requests"),
        // A 404 without the API's words is another server's: it says nothing of a domain.
        (_, None) => return Err(server_error(answer)),
        (401, _) => {
            (ErrorKind::Auth, "the registrar refused the credentials (username, token); its test system has others")
        }
        (403, _) => (
            ErrorKind::Auth,
            "the registrar gives no access: a token may be tied to addresses, and an account with two factors has to allow its API",
        ),
        (404, _) => (ErrorKind::NotFound, "the account does not have it"),
        (408, _) => (ErrorKind::Timeout, "the registrar's server gave up waiting"),
        (500.., _) => (ErrorKind::Network, "the registrar's system failed"),
        _ => (ErrorKind::Rejected, "the registrar refused"),
    };
    let said: Vec<_> = [&refusal.message, &refusal.details].into_iter().filter_map(Scalar::get).collect();
    let text = if said.is_empty() { "no reason given".to_owned() } else { said.join("; ") };
    let error = Error::new(kind, format!("{what}: {text}")).with_native(code, text);
    let pause = answer.retry_after.or((kind == ErrorKind::RateLimited).then_some(PAUSE));
    Err(pause.into_iter().fold(error, Error::with_retry_after))
}
