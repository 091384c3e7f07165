//! The class `DomainDesk\Sync\RegistrarSync`.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use domaindesk_sync::log::LogLine;
use domaindesk_sync::registrar::host::HostRegistrar;
use domaindesk_sync::report::{DomainResult, DomainSummary, PriceReport};
use domaindesk_sync::store::host::HostStore;
use domaindesk_sync::{Config, DomainId, DomainRef, Error, KeptPlan, RegistrarRef, Selection, SyncOptions};
use ext_php_rs::convert::IntoZvalDyn;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::prelude::*;
use ext_php_rs::types::{ZendCallable, ZendHashTable, Zval};
use serde_json::Value;

use crate::convert::{Report, json, zval};
use crate::exceptions::{self, NotFound, type_error, value_error};
use crate::host::{Host, has_method};
use crate::pdo;
use crate::runtime;
use crate::wait::{Payload, pending, wait};

/// Keeps DomainDesk's records in step with its registrars.
#[php_class]
#[php(name = "DomainDesk\\Sync\\RegistrarSync")]
#[php(flags = ClassFlags::Final.union(ClassFlags::NoDynamicProperties))]
#[php(implements(ce = crate::signatures::interface, stub = "DomainDesk\\Sync\\RegistrarSyncInterface"))]
pub struct RegistrarSync {
    sync: ManuallyDrop<domaindesk_sync::RegistrarSync>,
    logger: RefCell<Option<Zval>>,
    host: Host,
}

impl Drop for RegistrarSync {
    fn drop(&mut self) {
        // A forked child leaves connections alone: they are its parent's. So does a process that has ended its threads.
        if runtime::is_here()
            && let Ok(handle) = runtime::handle()
        {
            // SAFETY: it is dropped nowhere else, and not used after.
            let sync = unsafe { ManuallyDrop::take(&mut self.sync) };
            handle.spawn(async move { sync.close().await });
        }
    }
}

#[php_impl]
impl RegistrarSync {
    /// Connects to the database that `$config` names; the application's own config arrays will do. With a PDO connection,
    /// works over that one instead.
    #[php(optional = connection)]
    pub fn __construct(config: &ZendHashTable, connection: Option<&Zval>) -> PhpResult<Self> {
        let config = json(config, "").map_err(|problem| value_error("__construct", "config", problem))?;
        let connection = connection.map(Zval::dereference).filter(|connection| !connection.is_null());
        if let Some(other) = connection.filter(|connection| !pdo::is_connection(connection)) {
            return Err(type_error("__construct", "connection", "?PDO", other));
        }
        let read = if connection.is_some() { Config::for_host_connection } else { Config::from_value };
        Self::connect(read(config), connection.map(Zval::shallow_clone))
    }

    /// As the constructor, from the environment; `$overrides` come first.
    #[php(optional = overrides)]
    pub fn from_env(overrides: Option<&ZendHashTable>) -> PhpResult<Self> {
        let overrides = match overrides {
            Some(overrides) => json(overrides, "").map_err(|problem| value_error("fromEnv", "overrides", problem))?,
            None => Value::Object(serde_json::Map::new()),
        };
        Self::connect(Config::from_env_with(|name| std::env::var(name).ok(), overrides), None)
    }

    /// Syncs one domain.
    #[php(defaults(force = false))]
    pub fn sync_domain(&self, domain: &Zval, force: bool, options: Option<&ZendHashTable>) -> PhpResult<Report> {
        let domain = domain_ref("syncDomain", "domain", domain)?;
        let options = sync_options("syncDomain", options, Some(force))?;
        let sync = self.handle();
        self.one(move |_| async move { sync.sync_domain(domain, &options).await })
    }

    /// Syncs many domains.
    #[php(optional = domains)]
    #[php(defaults(force = false))]
    pub fn sync_domains(
        &self,
        domains: Option<&ZendHashTable>,
        force: bool,
        progress: Option<ZendCallable>,
        options: Option<&ZendHashTable>,
    ) -> PhpResult<Report> {
        let selection = selection("syncDomains", domains)?;
        let options = sync_options("syncDomains", options, Some(force))?;
        let sync = self.handle();
        self.many(progress, move |mut asker| async move { sync.sync_domains_to(selection, options, &mut asker).await })
    }

    /// Syncs the status of one domain.
    #[php(optional = options)]
    pub fn sync_domain_status(&self, domain: &Zval, options: Option<&ZendHashTable>) -> PhpResult<Report> {
        let domain = domain_ref("syncDomainStatus", "domain", domain)?;
        let options = sync_options("syncDomainStatus", options, None)?;
        let sync = self.handle();
        self.one(move |_| async move { sync.sync_domain_status(domain, &options).await })
    }

    /// Syncs the status of many domains.
    #[php(optional = domains)]
    pub fn sync_domain_statuses(
        &self,
        domains: Option<&ZendHashTable>,
        progress: Option<ZendCallable>,
        options: Option<&ZendHashTable>,
    ) -> PhpResult<Report> {
        let selection = selection("syncDomainStatuses", domains)?;
        let options = sync_options("syncDomainStatuses", options, None)?;
        let sync = self.handle();
        self.many(progress, move |mut asker| async move {
            sync.sync_domain_statuses_to(selection, options, &mut asker).await
        })
    }

    /// Writes what a dry run returned.
    #[php(optional = progress)]
    pub fn apply(
        &self,
        plan: &ZendHashTable,
        progress: Option<ZendCallable>,
        options: Option<&ZendHashTable>,
    ) -> PhpResult<Report> {
        let plan = kept_plan("apply", plan)?;
        let options = sync_options("apply", options, None)?;
        let sync = self.handle();
        self.many(progress, move |mut asker| async move { sync.apply_to(&plan, options, &mut asker).await })
    }

    /// What a dry run returned, as a table in plain text.
    pub fn describe(plan: &ZendHashTable) -> PhpResult<String> {
        Ok(kept_plan("describe", plan)?.to_string())
    }

    /// When a domain is due and why.
    pub fn explain(&self, domain: &Zval) -> PhpResult<Report> {
        let domain = domain_ref("explain", "domain", domain)?;
        let sync = self.handle();
        self.read(move |_| async move { sync.explain(domain, &SyncOptions::default()).await })
    }

    /// Syncs the prices of a registrar's TLDs.
    #[php(optional = progress)]
    #[php(defaults(force = false))]
    pub fn sync_tld_prices(
        &self,
        registrar: &Zval,
        progress: Option<ZendCallable>,
        force: bool,
        options: Option<&ZendHashTable>,
    ) -> PhpResult<Report> {
        let registrar = registrar_ref(registrar)?;
        let options = sync_options("syncTldPrices", options, Some(force))?;
        let sync = self.handle();
        let mut answer = |payload| match (&progress, payload) {
            (Some(progress), Payload::Tld(event)) => {
                call(progress, &[&zval(&event).map_err(|error| exceptions::of_conversion(&error))?])
            }
            _ => Ok(true),
        };
        let canceller = self.sync.canceller();
        let work = move |asker: crate::wait::Asker| async move {
            sync.sync_tld_prices(registrar, options, |event| asker.ask_blocking(Payload::Tld(event.clone()))).await
        };
        let report: PriceReport = wait(&self.host, work, || canceller.cancel(), &mut answer)?
            .map_err(|error| exceptions::of(&error, NotFound::Registrar))?;
        self.log(LogLine::of_prices(&report))?;
        report_of(&report)
    }

    /// The ids of the domains that need a sync, the most urgent first.
    #[php(defaults(limit = 100))]
    pub fn get_domains_needing_sync(&self, limit: i64, options: Option<&ZendHashTable>) -> PhpResult<Report> {
        let limit = count("limit", limit)?;
        let options = sync_options("getDomainsNeedingSync", options, None)?;
        let sync = self.handle();
        self.read(move |_| async move { sync.domains_needing_sync(limit, &options).await })
    }

    /// The domains that a person should look at, by id.
    #[php(optional = options)]
    pub fn get_domains_needing_review(&self, options: Option<&ZendHashTable>) -> PhpResult<Report> {
        let options = sync_options("getDomainsNeedingReview", options, None)?;
        let limit = options.limit.unwrap_or(100);
        let sync = self.handle();
        self.read(move |_| async move { sync.domains_needing_review(limit, &options).await })
    }

    /// The ids of the active domains that expire soon, soonest first.
    #[php(defaults(days = 30))]
    pub fn get_expiring_domains(&self, days: i64, options: Option<&ZendHashTable>) -> PhpResult<Report> {
        let days = count("days", days)?;
        let options = sync_options("getExpiringDomains", options, None)?;
        let sync = self.handle();
        self.read(move |_| async move { sync.expiring_domains(days, &options).await })
    }

    /// Numbers about the domains.
    pub fn get_stats(&self) -> PhpResult<Report> {
        let sync = self.handle();
        self.read(move |_| async move { sync.stats().await })
    }

    /// Takes back that a person should look at a domain.
    pub fn clear_review(&self, domain: &Zval) -> PhpResult<bool> {
        let domain = domain_ref("clearReview", "domain", domain)?;
        let sync = self.handle();
        self.result(move |_| async move { sync.clear_review(domain).await })
    }

    /// Stops what this object is doing.
    pub fn cancel(&self) {
        self.sync.cancel();
    }

    /// Calls `$logger` with level, message and context for every log line; `null` calls nobody.
    pub fn set_logger(&self, logger: &Zval) -> PhpResult<()> {
        let logger = logger.dereference();
        if !logger.is_null() && !logger.is_callable() {
            return Err(type_error("setLogger", "logger", "?callable", logger));
        }
        *self.logger.borrow_mut() = (!logger.is_null()).then(|| logger.shallow_clone());
        Ok(())
    }

    /// Uses a registrar written in PHP for a slug, before a native one.
    pub fn set_registrar(&self, slug: &str, registrar: &Zval) -> PhpResult<()> {
        let registrar = registrar.dereference();
        if registrar.object().is_none() {
            return Err(type_error("setRegistrar", "registrar", "object", registrar));
        }
        if !has_method(registrar, "getInfo") {
            return Err(value_error("setRegistrar", "registrar", "must have a method getInfo(string $domain)"));
        }
        let prices = has_method(registrar, "getTldPricing");
        let host = self.host.registrar(slug, registrar.shallow_clone());
        // PHP's thread answers one question at a time.
        self.sync.set_registrar(slug, Arc::new(HostRegistrar::new(host, prices, 1)));
        Ok(())
    }

    /// What the native registrars can do, by slug.
    pub fn registrars() -> PhpResult<Report> {
        report_of(&domaindesk_sync::RegistrarSync::registrars())
    }

    /// The extension's version.
    pub fn version() -> &'static str {
        domaindesk_sync::VERSION
    }
}

impl RegistrarSync {
    fn connect(config: Result<Config, Error>, connection: Option<Zval>) -> PhpResult<Self> {
        let of = |error: Error| exceptions::of(&error, NotFound::Domain);
        let config = config.map_err(of)?;
        let host = Host::new(connection);
        let database = host.database().map_err(of)?;
        let work = |_| async move {
            let Some((connection, database)) = database else {
                return domaindesk_sync::RegistrarSync::connect(config).await;
            };
            let (prefix, timezone) = (&config.database.prefix, config.timezone);
            let store = HostStore::connect(connection, database, prefix, timezone).await?;
            domaindesk_sync::RegistrarSync::builder(config).store(Arc::new(store)).connect().await
        };
        let connected = wait(&host, work, || (), &mut |_| Ok(true))?;
        let sync = connected.map_err(of)?;
        Ok(Self { sync: ManuallyDrop::new(sync), logger: RefCell::new(None), host })
    }

    fn handle(&self) -> domaindesk_sync::RegistrarSync {
        domaindesk_sync::RegistrarSync::clone(&self.sync)
    }
}

/// How the calls go, whatever they are.
impl RegistrarSync {
    /// Runs work that asks nothing.
    fn result<T, F>(&self, work: impl FnOnce(crate::wait::Asker) -> F) -> PhpResult<T>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Send + 'static,
    {
        let canceller = self.sync.canceller();
        let done = wait(&self.host, work, || canceller.cancel(), &mut |_| Ok(true))?;
        done.map_err(|error| exceptions::of(&error, NotFound::Domain))
    }

    fn read<T, F>(&self, work: impl FnOnce(crate::wait::Asker) -> F) -> PhpResult<Report>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: serde::Serialize + Send + 'static,
    {
        report_of(&self.result(work)?)
    }

    fn one<F>(&self, work: impl FnOnce(crate::wait::Asker) -> F) -> PhpResult<Report>
    where
        F: Future<Output = Result<DomainResult, Error>> + Send + 'static,
    {
        let result = self.result(work)?;
        if self.has_logger() {
            let about = DomainSummary { id: result.id, name: result.domain.clone(), partner_id: None, registrar: None };
            self.log(LogLine::of_domain(&about, &result))?;
        }
        report_of(&result)
    }

    fn many<F>(
        &self,
        progress: Option<ZendCallable<'_>>,
        work: impl FnOnce(crate::wait::Asker) -> F,
    ) -> PhpResult<Report>
    where
        F: Future<Output = Result<domaindesk_sync::report::BatchReport, Error>> + Send + 'static,
    {
        let mut answer = |payload| {
            let Payload::Domains(events) = payload else { return Ok(true) };
            for event in events {
                if self.has_logger() {
                    self.log(LogLine::of_domain(&event.domain, &event.result))?;
                }
                if let Some(progress) = &progress {
                    let (domain, result) = (array(&event.domain)?, array(&event.result)?);
                    if !call(progress, &[&domain, &result])? {
                        return Ok(false);
                    }
                }
            }
            Ok(true)
        };
        let canceller = self.sync.canceller();
        let report = wait(&self.host, work, || canceller.cancel(), &mut answer)?;
        let report = report.map_err(|error| exceptions::of(&error, NotFound::Domain))?;
        if self.has_logger() {
            self.log(LogLine::of_batch(&report))?;
        }
        report_of(&report)
    }

    fn has_logger(&self) -> bool {
        self.logger.borrow().is_some()
    }

    fn log(&self, lines: Vec<LogLine>) -> PhpResult<()> {
        // Copied out, so that nothing is borrowed while PHP code runs.
        let logger = self.logger.borrow().as_ref().map(Zval::shallow_clone);
        let Some(logger) = logger else { return Ok(()) };
        let logger = ZendCallable::new_owned(logger).map_err(|error| exceptions::of_conversion(&error))?;
        for line in lines {
            let context = array(&line.context)?;
            call(&logger, &[&line.level.as_str(), &line.message, &context])?;
        }
        Ok(())
    }
}

/// Calls PHP code; whether it did not answer `false`. What it throws stays pending.
fn call(callable: &ZendCallable<'_>, arguments: &[&dyn IntoZvalDyn]) -> PhpResult<bool> {
    callable.try_call(arguments.to_vec()).map(|answer| !answer.is_false()).map_err(|_| pending())
}

fn array<T: serde::Serialize + ?Sized>(value: &T) -> PhpResult<Zval> {
    zval(value).map_err(|error| exceptions::of_conversion(&error))
}

fn report_of<T: serde::Serialize + ?Sized>(value: &T) -> PhpResult<Report> {
    Report::new(value).map_err(|error| exceptions::of_conversion(&error))
}

/// A domain by id or name; `argument` names it.
fn domain_ref(method: &str, argument: &str, domain: &Zval) -> PhpResult<DomainRef> {
    let domain = domain.dereference();
    if let Some(id) = domain.long() {
        return Ok(DomainRef::Id(DomainId(id)));
    }
    let Some(text) = domain.zend_str() else { return Err(type_error(method, argument, "int|string", domain)) };
    let text = text.as_str().map_err(|_| value_error(method, argument, "is not valid UTF-8"))?;
    DomainRef::parse(text).map_err(|error| wrong(argument, error))
}

/// A value that cannot be, as the engine says it of its configuration.
fn wrong(argument: &str, problem: impl std::fmt::Display) -> PhpException {
    exceptions::of(&Error::config(argument, problem), NotFound::Domain)
}

fn selection(method: &str, domains: Option<&ZendHashTable>) -> PhpResult<Selection> {
    let Some(domains) = domains else { return Ok(Selection::NeedingSync) };
    let mut list = Vec::with_capacity(domains.len());
    // The iterator's own keys panic where they are not valid UTF-8.
    let mut entries = domains.iter();
    while let Some((_, domain)) = entries.next_zval() {
        let place = list.len();
        list.push(domain_ref(method, &format!("domains[{place}]"), domain)?);
    }
    Ok(Selection::Domains(list))
}

fn registrar_ref(registrar: &Zval) -> PhpResult<RegistrarRef> {
    let registrar = registrar.dereference();
    if let Some(id) = registrar.long() {
        return Ok(RegistrarRef::from(id));
    }
    match registrar.zend_str().map(|text| text.as_str()) {
        Some(Ok(slug)) => Ok(RegistrarRef::from(slug)),
        Some(Err(_)) => Err(value_error("syncTldPrices", "registrar", "is not valid UTF-8")),
        None => Err(type_error("syncTldPrices", "registrar", "int|string", registrar)),
    }
}

fn sync_options(method: &str, options: Option<&ZendHashTable>, force: Option<bool>) -> PhpResult<SyncOptions> {
    let value = match options {
        Some(options) => json(options, "").map_err(|problem| value_error(method, "options", problem))?,
        None => Value::Object(serde_json::Map::new()),
    };
    let mut options = SyncOptions::from_value(value).map_err(|error| exceptions::of(&error, NotFound::Domain))?;
    options.force |= force.unwrap_or(false);
    Ok(options)
}

/// What a dry run returned, or its `kept_plan` alone.
fn kept_plan(method: &str, plan: &ZendHashTable) -> PhpResult<KeptPlan> {
    let plan = json(plan, "").map_err(|problem| value_error(method, "plan", problem))?;
    KeptPlan::from_value(plan).map_err(|error| exceptions::of(&error, NotFound::Domain))
}

fn count(argument: &str, number: i64) -> PhpResult<u32> {
    u32::try_from(number)
        .map_err(|_| wrong(argument, format_args!("expected a number from 0 to {}, got {number}", u32::MAX)))
}
