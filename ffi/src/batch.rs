//! Calls about many domains or TLDs, with progress.

use std::ffi::{CStr, c_char, c_void};

use domaindesk_sync::{Error, KeptPlan, Selection};

use crate::boundary::{Out, c_text, call, enter, text};
use crate::calls::{domain_ref, registrar_ref};
use crate::error::{Failure, dds_code, dds_error};
use crate::handle::dds_sync;
use crate::options::{dds_options, read};
use crate::wait::Teller;

/// Told of every domain, or TLD, as it is done: on the thread that made the call, one event at a time.
///
/// `event_json` is an object: "domain" (with "id", "name", "partner_id", "registrar"), "result" (as of dds_sync_domain()),
/// "done" and "total"; of prices "tld", "changes", "error", "done" and "total". The text is lent for the length of the
/// callback only. `user_data` is what the call was given; the library does not look at it.
///
/// Returning 0 goes on. Anything else stops the batch, and the callback is not called again. A batch goes no faster than
/// its callback: work waits while it runs.
///
/// The callback may call any function of the library, on the same handle too, but for dds_sync_free() on that handle. It
/// must come back by returning: not by longjmp(), nor by a C++ exception.
pub type dds_progress_fn = Option<unsafe extern "C" fn(event_json: *const c_char, user_data: *mut c_void) -> i32>;

/// The domains of a list; none at all are those that need a sync.
///
/// # Safety
/// `domains` is NULL or points at `count` pointers, each NULL or a text.
pub(crate) unsafe fn selection(domains: *const *const c_char, count: usize) -> Result<Selection, Failure> {
    if domains.is_null() {
        return if count == 0 { Ok(Selection::NeedingSync) } else { Err(Failure::Null("domains".into())) };
    }
    if count > isize::MAX as usize / size_of::<*const c_char>() {
        return Err(Error::config("count", format_args!("no list can have {count} domains")).into());
    }
    // SAFETY: not NULL, and so `count` pointers, by the caller's promise; no more than an object can have.
    let domains = unsafe { std::slice::from_raw_parts(domains, count) };
    let read = domains.iter().enumerate().map(|(place, domain)| {
        // SAFETY: NULL or a text, by the caller's promise.
        let domain = unsafe { text(*domain, format!("domains[{place}]")) }?;
        domain_ref(domain).map_err(|error| Error::config(&format!("domains[{place}]"), error).into())
    });
    Ok(Selection::Domains(read.collect::<Result<_, Failure>>()?))
}

/// Calls `body` with the host's callback as the work's listener; with none where there is no callback.
fn listening<T>(
    progress: dds_progress_fn,
    user_data: *mut c_void,
    body: impl FnOnce(Option<&mut dyn FnMut(&CStr) -> bool>) -> T,
) -> T {
    match progress {
        None => body(None),
        Some(progress) => body(Some(&mut |event: &CStr| {
            // SAFETY: the host's own function, called on its thread with its own data, as the header says.
            unsafe { progress(event.as_ptr(), user_data) == 0 }
        })),
    }
}

/// Syncs many domains.
///
/// `domains` points at `count` texts, each a name, or `#` and an id. NULL with a count of 0 means the domains that need a
/// sync, the most urgent first, at most options->limit; a list that is not NULL and has a count of 0 is an empty batch.
/// `options`, `progress` and `error` may be NULL; `user_data` is handed to `progress`. On success *result_json receives an
/// object that the caller frees with dds_string_free(); on failure NULL. The object has "stats" ("total", "synced",
/// "failed", "skipped", "held", "changes", "api_calls", "duration_ms"), "results" by domain name (each as of
/// dds_sync_domain()), "cancelled", "dry_run" and "plan". That of a dry run has "kept_plan" too, which dds_apply_plan()
/// takes.
///
/// A domain that fails, one that is not in the database too, is told in the object, and the call returns DDS_OK. So it does
/// for a batch that was stopped, by its callback or by dds_cancel(), with "cancelled": true and what was done until then.
///
/// Any thread may call it, several at one time on one handle. It blocks until the batch is done or stopped.
///
/// DDS_ERR_CONFIG: an argument is wrong, or a text in the list is no name; the message tells its place, as in `domains[3]`.
/// DDS_ERR_STORE: the database failed; what was written until then stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_domains(
    sync: *mut dds_sync,
    domains: *const *const c_char,
    count: usize,
    options: *const dds_options,
    progress: dds_progress_fn,
    user_data: *mut c_void,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or a list, as the header says.
        let selection = unsafe { selection(domains, count) }?;
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        listening(progress, user_data, |host| {
            let work =
                |mut teller: Teller| async move { engine.sync_domains_to(selection, options, &mut teller).await };
            sync.run_telling(work, host)
        })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Syncs the status of many domains and nothing else, whenever they were last synced. Where the registrar has a list, some
/// hundred domains cost one request. Arguments, result and codes are those of dds_sync_domains().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_domain_statuses(
    sync: *mut dds_sync,
    domains: *const *const c_char,
    count: usize,
    options: *const dds_options,
    progress: dds_progress_fn,
    user_data: *mut c_void,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or a list, as the header says.
        let selection = unsafe { selection(domains, count) }?;
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        listening(progress, user_data, |host| {
            let work = |mut teller: Teller| async move {
                engine.sync_domain_statuses_to(selection, options, &mut teller).await
            };
            sync.run_telling(work, host)
        })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Writes what a dry run kept. No registrar is asked.
///
/// `plan_json` is the object that dds_sync_domains() or dds_sync_domain_statuses() gave for a dry run, or its "kept_plan"
/// alone; domains may have been taken out of its "domains". `options`, `progress` and `error` may be NULL; `user_data` is
/// handed to `progress`. On success *result_json receives an object as of dds_sync_domains() that the caller frees with
/// dds_string_free(); on failure NULL.
///
/// A domain that is not any more what the plan was made from is skipped, with "reason" `Changed since the plan was made`;
/// one that another process is syncing is skipped too. What the safety brake held is held still, whatever the options say.
/// A plan holds no secret, but contacts, which are personal data.
///
/// Any thread may call it, several at one time on one handle. It blocks until the plan is applied or stopped.
///
/// DDS_ERR_CONFIG: an argument is wrong, or the text is no plan; nothing was written. DDS_ERR_STORE: the database failed;
/// what was written until then stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_apply_plan(
    sync: *mut dds_sync,
    plan_json: *const c_char,
    options: *const dds_options,
    progress: dds_progress_fn,
    user_data: *mut c_void,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or a text, as the header says.
        let plan = KeptPlan::from_json(unsafe { text(plan_json, "plan_json") }?)?;
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        listening(progress, user_data, |host| {
            let work = |mut teller: Teller| async move { engine.apply_to(&plan, options, &mut teller).await };
            sync.run_telling(work, host)
        })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Shows what a dry run kept: a table of the changes in plain text, a line with the numbers at its end.
///
/// `plan_json` is as for dds_apply_plan(). `error` may be NULL. On success *table receives a text that the caller frees
/// with dds_string_free(); on failure NULL. Any thread may call it; no handle and no database is needed. A program that
/// shows it may end with the plan's "exit_code": 0 when there was nothing to do, 2 when there are changes, 1 when a domain
/// failed or the dry run stopped before its end.
///
/// DDS_ERR_CONFIG: an argument is wrong, or the text is no plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_describe_plan(
    plan_json: *const c_char,
    table: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = || {
        // SAFETY: NULL or a place for a pointer, as the header says.
        let out = unsafe { Out::new(table, "table") }?;
        // SAFETY: NULL or a text, as the header says.
        let plan = KeptPlan::from_json(unsafe { text(plan_json, "plan_json") }?)?;
        out.give(c_text(plan.to_string()).into_raw());
        Ok(())
    };
    // SAFETY: NULL or a place for a pointer, as the header says.
    unsafe { enter(error, body) }
}

/// Syncs the prices of a registrar's active TLDs. Without options->force, prices that were synced within the interval are
/// skipped.
///
/// `registrar` is its slug, or `#` and its id. `options`, `progress` and `error` may be NULL; `progress` is told of every
/// TLD, with `user_data`. On success *result_json receives an object that the caller frees with dds_string_free(); on
/// failure NULL. The object has "registrar", "success", "stats", "changes", "alerts", "held", "errors", "warnings",
/// "cancelled" and "dry_run", and where they apply "skipped", "reason", "error", "error_code" and "currency". What the
/// registrar refuses is told there, and the call returns DDS_OK. Prices are written at the end: a price sync that its
/// callback stops has written none.
///
/// Any thread may call it, several at one time on one handle. It blocks until the prices are done or stopped.
///
/// DDS_ERR_NOT_FOUND: there is no such registrar in the database. DDS_ERR_CONFIG: an argument is wrong, or the registrar
/// cannot be used. DDS_ERR_STORE: the database failed. DDS_ERR_CANCELLED: dds_cancel() was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_tld_prices(
    sync: *mut dds_sync,
    registrar: *const c_char,
    options: *const dds_options,
    progress: dds_progress_fn,
    user_data: *mut c_void,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or a text, as the header says.
        let registrar = registrar_ref(unsafe { text(registrar, "registrar") }?)?;
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        listening(progress, user_data, |host| {
            let work = |teller: Teller| async move {
                engine.sync_tld_prices(registrar, options, |event| teller.tld(event)).await
            };
            sync.run_telling(work, host)
        })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}
