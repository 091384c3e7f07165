//! Calls about one domain, and small ones.

use std::ffi::c_char;

use domaindesk_sync::{DomainRef, Error, RegistrarRef};

use crate::boundary::{call, enter, text};
use crate::error::{Failure, dds_code, dds_error};
use crate::handle::{dds_sync, usable};
use crate::options::{dds_options, read};

/// Reads how a caller names a domain: by name, or `#` and its id.
pub(crate) fn domain_ref(domain: &str) -> Result<DomainRef, Error> {
    match domain.strip_prefix('#') {
        Some(id) => Ok(DomainRef::from(positive("domain", "a name, or `#` and an id", id)?)),
        None => DomainRef::parse(domain),
    }
}

/// Reads how a caller names a registrar: by slug, or `#` and its id.
pub(crate) fn registrar_ref(registrar: &str) -> Result<RegistrarRef, Error> {
    match registrar.strip_prefix('#') {
        Some(id) => Ok(RegistrarRef::from(positive("registrar", "a slug, or `#` and an id", id)?)),
        None => Ok(RegistrarRef::from(registrar)),
    }
}

fn positive(name: &str, wanted: &str, id: &str) -> Result<i64, Error> {
    let number = id.parse().ok().filter(|number| *number > 0 && id.bytes().all(|digit| digit.is_ascii_digit()));
    number.ok_or_else(|| Error::config(name, format_args!("expected {wanted} above 0, got {:?}", format!("#{id}"))))
}

/// Syncs one domain: status, expiry, nameservers and contacts.
///
/// `domain` is its name, or `#` and its id: "example.com", "#42". `options` and `error` may be NULL. On success
/// *result_json receives an object that the caller frees with dds_string_free(); on failure NULL. The object has "domain",
/// "success", "duration_ms", "attempts" and "warnings" always, and "changes" and "info", or "skipped" and "reason", or
/// "error" and "error_code". What the registrar refuses is told there, with "success": false, and the call returns DDS_OK.
///
/// Any thread may call it, several at one time on one handle. It blocks until the domain is done, at most the configured
/// "sync_timeout".
///
/// DDS_ERR_NOT_FOUND: there is no such domain in the database. DDS_ERR_CONFIG: an argument is wrong, or the domain's
/// registrar cannot be used. DDS_ERR_STORE: the database failed, and nothing of the domain was written.
/// DDS_ERR_CANCELLED: dds_cancel() was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_domain(
    sync: *mut dds_sync,
    domain: *const c_char,
    options: *const dds_options,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or a text, as the header says.
        let domain = domain_ref(unsafe { text(domain, "domain") }?)?;
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        sync.run(async move { engine.sync_domain(domain, &options).await })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Syncs the status of one domain and nothing else, whenever it was last synced. Arguments, result and codes are those of
/// dds_sync_domain().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_domain_status(
    sync: *mut dds_sync,
    domain: *const c_char,
    options: *const dds_options,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or a text, as the header says.
        let domain = domain_ref(unsafe { text(domain, "domain") }?)?;
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        sync.run(async move { engine.sync_domain_status(domain, &options).await })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Lists the ids of at most `limit` domains that need a sync, the most urgent first.
///
/// Of `options`, which may be NULL, only "partner_id" counts. `error` may be NULL. On success *result_json receives a list
/// of numbers that the caller frees with dds_string_free(); on failure NULL. Any thread may call it, several at one time on
/// one handle. It blocks until the database has answered.
///
/// DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the database failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_domains_needing_sync(
    sync: *mut dds_sync,
    limit: u32,
    options: *const dds_options,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        sync.run(async move { engine.domains_needing_sync(limit, &options).await })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Lists at most `limit` domains that ask a person to look, by id: objects with "domain", "id", "partner_id", "reason",
/// "since", "error_code" and "attempts". dds_clear_review() takes that back.
///
/// Of `options`, which may be NULL, only "partner_id" counts. `error` may be NULL. On success *result_json receives a list
/// that the caller frees with dds_string_free(); on failure NULL. Any thread may call it, several at one time on one
/// handle. It blocks until the database has answered.
///
/// DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the database failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_domains_needing_review(
    sync: *mut dds_sync,
    limit: u32,
    options: *const dds_options,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        sync.run(async move { engine.domains_needing_review(limit, &options).await })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Lists the ids of the active domains with a registrar that expire within `days` days from now, soonest first.
///
/// `days` is at most 36500. Of `options`, which may be NULL, only "partner_id" counts. `error` may be NULL. On success
/// *result_json receives a list of numbers that the caller frees with dds_string_free(); on failure NULL. Any thread may
/// call it, several at one time on one handle. It blocks until the database has answered.
///
/// DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the database failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_expiring_domains(
    sync: *mut dds_sync,
    days: u32,
    options: *const dds_options,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        sync.run(async move { engine.expiring_domains(days, &options).await })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Tells numbers about the domains of the database, or of the handle's partner.
///
/// `error` may be NULL. On success *result_json receives an object that the caller frees with dds_string_free(); on failure
/// NULL. The object has "total", "with_registrar", "never_synced", "recently_synced", "needs_sync", "expiring_soon",
/// "failed", "needs_review", "by_status", "last_synced_at", and "budget": for each registrar whether its rate limit leaves
/// enough requests for the configured freshness. Any thread may call it, several at one time on one handle. It blocks until
/// the database has answered.
///
/// DDS_ERR_STORE: the database failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_stats(
    sync: *mut dds_sync,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        let engine = sync.engine();
        sync.run(async move { engine.stats().await })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Says when a domain is due and why, without a call to its registrar.
///
/// `domain` is its name, or `#` and its id. Of `options`, which may be NULL, only "partner_id" counts. `error` may be NULL.
/// On success *result_json receives an object that the caller frees with dds_string_free(); on failure NULL. The object has
/// "domain", "id", "partner_id", "status", "expires_at", "registrar" ("id", "slug", "known", "active"), "due", "due_at",
/// "reason", "class", "interval_seconds", "last_synced_at", "last_outcome", "skipped", "failure", "held", "needs_review",
/// "review_reason", "review_since", "leased_until" and "evidence". Any thread may call it, several at one time on one
/// handle. It blocks until the database has answered.
///
/// DDS_ERR_NOT_FOUND: there is no such domain in the database. DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the
/// database failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_explain(
    sync: *mut dds_sync,
    domain: *const c_char,
    options: *const dds_options,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = |sync: &dds_sync| {
        // SAFETY: NULL or a text, as the header says.
        let domain = domain_ref(unsafe { text(domain, "domain") }?)?;
        // SAFETY: NULL or options, as the header says.
        let options = unsafe { read(options) }?;
        let engine = sync.engine();
        sync.run(async move { engine.explain(domain, &options).await })
    };
    // SAFETY: the pointers are as the header says.
    unsafe { call(sync, result_json, error, body) }
}

/// Takes back that a person should look at a domain, and lets it be tried again at once.
///
/// `domain` is its name, or `#` and its id. `cleared` may be NULL; otherwise *cleared receives 1 where there was something
/// to take back, 0 where there was not, and 0 on failure. `error` may be NULL. Any thread may call it, several at one time
/// on one handle. It blocks until the database has answered.
///
/// DDS_ERR_NOT_FOUND: there is no such domain in the database. DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the
/// database failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_clear_review(
    sync: *mut dds_sync,
    domain: *const c_char,
    cleared: *mut i32,
    error: *mut *mut dds_error,
) -> dds_code {
    let put = |value: i32| {
        if !cleared.is_null() {
            // SAFETY: not NULL, and so a place for a number, as the header says.
            unsafe { cleared.write(value) };
        }
    };
    let body = || {
        put(0);
        // SAFETY: NULL or a handle, as the header says.
        let sync = unsafe { usable(sync) }?;
        let done: Result<bool, Failure> = sync.guard(|| {
            // SAFETY: NULL or a text, as the header says.
            let domain = domain_ref(unsafe { text(domain, "domain") }?)?;
            let engine = sync.engine();
            sync.run(async move { engine.clear_review(domain).await })
        });
        put(i32::from(done?));
        Ok(())
    };
    // SAFETY: NULL or a place for a pointer, as the header says.
    unsafe { enter(error, body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domaindesk_sync::ErrorKind;

    #[test]
    fn a_domain_is_a_name_or_a_number_sign_and_an_id() {
        assert_eq!(domain_ref("#42").unwrap(), DomainRef::from(42));
        assert_eq!(domain_ref("Example.COM.").unwrap().to_string(), "example.com");
        assert_eq!(registrar_ref("#3").unwrap(), RegistrarRef::from(3));
        assert_eq!(registrar_ref("enom").unwrap(), RegistrarRef::from("enom"));
        for wrong in ["", "#", "#0", "#-1", "#+1", "# 1", "#1x", "#99999999999999999999", "com", "a..b"] {
            assert_eq!(domain_ref(wrong).unwrap_err().kind(), ErrorKind::Config, "{wrong}");
        }
        assert_eq!(registrar_ref("#x").unwrap_err().kind(), ErrorKind::Config);
    }
}
