//! The prices of one registrar's TLDs.

use std::collections::HashMap;
use std::time::Instant;

use super::Inner;
use super::call::Call;
use crate::diff::Mode;
use crate::log;
use crate::model::{PriceQuote, RegistrarRecord, RegistrarRef, TldPrices};
use crate::options::{IntoFlow, SyncOptions};
use crate::pricing::{PriceRules, diff_prices};
use crate::registrar::{CallContext, PriceList, PriceRequest};
use crate::report::{PriceChange, PriceProgress, PriceReport, PriceStats, TldError};
use crate::{Error, ErrorKind, Result};

/// Syncs the prices of a registrar.
pub(super) async fn run<F, R>(
    inner: &Inner,
    registrar: RegistrarRef,
    options: SyncOptions,
    on_progress: F,
) -> Result<PriceReport>
where
    F: FnMut(&PriceProgress) -> R + Send,
    R: IntoFlow,
{
    let start = Instant::now();
    let call = Call::new(inner, Mode::Full, &options)?;
    let mut report = tokio::select! {
        report = sync(inner, &call, &registrar, on_progress) => report?,
        () = call.cancelled(inner) => return Err(Error::cancelled()),
    };
    report.stats.api_calls = call.requests();
    report.stats.duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    log::prices(&report);
    Ok(report)
}

async fn sync<F, R>(inner: &Inner, call: &Call, registrar: &RegistrarRef, mut on_progress: F) -> Result<PriceReport>
where
    F: FnMut(&PriceProgress) -> R + Send,
    R: IntoFlow,
{
    let record = inner.store.registrar(registrar).await?;
    let record =
        record.ok_or_else(|| Error::not_found(format!("no registrar {registrar} in the application's database")))?;
    let mut report = PriceReport {
        registrar: record.slug.clone(),
        success: true,
        dry_run: call.is_dry_run(),
        ..PriceReport::default()
    };
    if !call.force && record.last_sync_at.is_some_and(|at| call.now - at < call.rules.interval) {
        report.skipped = true;
        report.reason = Some("Recently synced".to_owned());
        return Ok(report);
    }
    let today = call.now.with_timezone(&inner.config.timezone).date_naive();
    let tlds = inner.store.tlds(record.id, today).await?;
    report.stats.total = tlds.len() as u64;
    let list = match ask(inner, call, &record, &tlds).await {
        Ok(list) => list,
        Err(error) if error.kind() == ErrorKind::Config => return Err(error),
        Err(error) => {
            report.success = false;
            report.stats.failed = report.stats.total;
            report.error_code = Some(error.kind());
            report.error = Some(error.to_string());
            return Ok(report);
        }
    };
    report.currency = list.currency;

    let mut quotes: HashMap<&str, Vec<&PriceQuote>> = HashMap::new();
    for quote in &list.quotes {
        quotes.entry(quote.tld.as_str()).or_default().push(quote);
    }
    let failures: HashMap<&str, &Error> = list.failures.iter().map(|(tld, error)| (tld.as_str(), error)).collect();
    let settings = inner.config.registrar.get(&record.slug);
    let rules = PriceRules {
        alert_threshold: inner.config.domain.price_change_alert_threshold,
        currency: settings.currency,
        exchange_rates: &settings.exchange_rates,
    };
    let rate = rules.rate(list.currency);
    let mut writes = Vec::new();
    for tld in &tlds {
        let extension = tld.tld.extension.as_str();
        let failure = failures.get(extension).copied().or(rate.as_ref().err());
        let (changes, error) = match (failure, &rate) {
            (Some(error), _) => (Vec::new(), Some(tld_error(extension, error))),
            (None, Ok(rate)) => {
                let diff = diff_prices(tld, quotes.get(extension).map_or(&[][..], Vec::as_slice), *rate, &rules);
                writes.extend(diff.writes);
                report.alerts.extend(diff.alerts);
                report.held.extend(diff.held);
                (diff.changes, None)
            }
            (None, Err(error)) => (Vec::new(), Some(tld_error(extension, error))),
        };
        if !tell(&mut report, extension, changes, error, &mut on_progress) {
            // Nothing is written before the end, so nothing was done.
            report.cancelled = true;
            report.success = false;
            let (total, api_calls) = (report.stats.total, report.stats.api_calls);
            report.stats = PriceStats { total, skipped: total, api_calls, ..PriceStats::default() };
            report.changes.clear();
            report.alerts.clear();
            report.held.clear();
            return Ok(report);
        }
    }
    report.stats.alerts = report.alerts.len() as u64;
    report.stats.held = report.held.len() as u64;
    report.success = report.errors.is_empty();
    if let Some(store) = &call.writes {
        store.write_prices(record.id, call.write_at(inner.clock.now()).now, &writes).await?;
    }
    Ok(report)
}

async fn ask(inner: &Inner, call: &Call, record: &RegistrarRecord, tlds: &[TldPrices]) -> Result<PriceList> {
    let account = inner.account(record)?;
    if !account.registrar.capabilities().prices {
        return Err(Error::new(ErrorKind::Unsupported, "Registrar does not support price syncing")
            .with_registrar(&*account.slug));
    }
    let context = CallContext::new(inner.clock.now());
    let request = PriceRequest { tlds: tlds.iter().map(|tld| tld.tld.clone()).collect() };
    let (list, _) = account.call(None, &context, || account.registrar.prices(&context, &request)).await;
    call.count_requests(context.requests());
    list
}

/// Counts one TLD and tells of it; whether to go on.
fn tell<F, R>(
    report: &mut PriceReport,
    tld: &str,
    changes: Vec<PriceChange>,
    error: Option<TldError>,
    on_progress: &mut F,
) -> bool
where
    F: FnMut(&PriceProgress) -> R,
    R: IntoFlow,
{
    let stats = &mut report.stats;
    match &error {
        Some(error) => {
            stats.failed += 1;
            report.errors.push(error.clone());
        }
        None => stats.synced += 1,
    }
    stats.changes += changes.len() as u64;
    report.changes.extend(changes.iter().cloned());
    let done = stats.synced + stats.failed;
    let event = PriceProgress { tld: tld.to_owned(), changes, error, done, total: stats.total };
    on_progress(&event).into_flow().is_continue()
}

fn tld_error(tld: &str, error: &Error) -> TldError {
    TldError { tld: tld.to_owned(), error: error.to_string(), error_code: error.kind() }
}
