//! A host's own registrars and its own database connection: tables of functions.

use std::ffi::{c_char, c_void};
use std::fmt;
use std::mem::MaybeUninit;
use std::sync::Arc;

use async_trait::async_trait;
use domaindesk_sync::registrar::host::{HostRegistrar, RegistrarHost};
use domaindesk_sync::{Error, ErrorKind};
use serde_json::Value;

use crate::boundary::{c_text, enter, text};
use crate::error::{Failure, dds_code, dds_error};
use crate::handle::{dds_sync, usable};

/// Where a function of the program's puts what it answers: dds_answer_set().
pub struct dds_answer(Option<Result<String, ()>>);

/// Answers with a text, which is copied. The last text counts; NULL takes it back.
///
/// `answer` is the argument of a function of a dds_registrar or dds_connection, good until that function returns. Only the
/// thread that the function runs on may call it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_answer_set(answer: *mut dds_answer, answer_text: *const c_char) {
    // SAFETY: NULL or the argument of a function that has not returned, as the header says.
    let Some(answer) = (unsafe { answer.as_mut() }) else { return };
    answer.0 = if answer_text.is_null() {
        None
    } else {
        // SAFETY: not NULL, and so a NUL-terminated text, as the header says.
        Some(unsafe { text(answer_text, "text") }.map(str::to_owned).map_err(|_| ()))
    };
}

impl dds_answer {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// The text that was set; `what` is for the error.
    pub(crate) fn take(self, what: &str) -> Result<Option<String>, Error> {
        self.0.transpose().map_err(|()| Error::invalid_response(format!("the answer of {what} is not valid UTF-8")))
    }
}

/// A registrar of the program's own: dds_sync_set_registrar(). Set what is not used to 0: dds_registrar r = {0};
///
/// The functions run on threads of the library's, up to `max_in_flight` of them at a time. They may block, and may call
/// any function of the library but dds_sync_free() of the handle that they serve.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct dds_registrar {
    /// sizeof(dds_registrar).
    pub struct_size: usize,
    /// Handed to the functions.
    pub user_data: *mut c_void,
    /// Called once with `user_data` when the library lets go of the registrar, on any thread: when another takes its place,
    /// and at the latest in dds_sync_free(). May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
    /// Tells of one domain, by its name in lower case and A-labels: dds_answer_set() with a JSON object, {"status": "active",
    /// "expires_at": "2027-01-31T00:00:00Z", "nameservers": [...], "contacts": {"registrant": {"email": ...}, ...}}, where
    /// what is not told stays as it is; or {"success": false, "message": ..., "error_code": "not_found", "retry_after":
    /// seconds}. "status" is a word such as "active", "expired", "suspended", or a list of EPP statuses.
    pub info: Option<unsafe extern "C" fn(user_data: *mut c_void, domain: *const c_char, answer: *mut dds_answer)>,
    /// Tells the prices of one TLD: {"currency": "USD", "register": {"1": "9.99", "2": "19.98"}, "renew": ..., "transfer": ...},
    /// totals by years. NULL where the registrar tells no prices.
    pub prices: Option<unsafe extern "C" fn(user_data: *mut c_void, tld: *const c_char, answer: *mut dds_answer)>,
    /// How many calls may be under way at a time. 0 means 1.
    pub max_in_flight: u32,
}

/// What a registrar's functions are called with.
#[derive(Debug)]
struct Own(dds_registrar);

// SAFETY: the header says that the functions run on any thread, several at a time, with the same user data.
unsafe impl Send for Own {}
// SAFETY: as above.
unsafe impl Sync for Own {}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(destroy) = self.0.destroy {
            // SAFETY: the program's own function with its own data, once, as the header says.
            unsafe { destroy(self.0.user_data) };
        }
    }
}

type Ask = unsafe extern "C" fn(*mut c_void, *const c_char, *mut dds_answer);

/// A registrar of the program's as the engine asks it.
struct ForeignRegistrar(Arc<Own>);

impl fmt::Debug for ForeignRegistrar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForeignRegistrar").finish_non_exhaustive()
    }
}

impl ForeignRegistrar {
    async fn ask(
        &self,
        pick: fn(&dds_registrar) -> Option<Ask>,
        what: &'static str,
        about: &str,
    ) -> Result<Value, Error> {
        let (own, about) = (Arc::clone(&self.0), c_text(about.to_owned()));
        // It may block, which the threads of the engine must not.
        let asked = tokio::task::spawn_blocking(move || {
            let mut answer = dds_answer::new();
            let ask = pick(&own.0)
                .ok_or_else(|| Error::new(ErrorKind::Unsupported, format!("the registrar has no {what}")))?;
            // SAFETY: the program's own function with its own data, a text and a place that live until it returns.
            unsafe { ask(own.0.user_data, about.as_ptr(), &raw mut answer) };
            answer.take(what)
        });
        let answer =
            asked.await.map_err(|error| Error::new(ErrorKind::Internal, "the call was given up").with_source(error))?;
        let json = answer?.ok_or_else(|| Error::invalid_response(format!("{what} of the registrar set no answer")))?;
        serde_json::from_str(&json)
            .map_err(|error| Error::invalid_response(format!("the answer of {what} is not JSON: {error}")))
    }
}

#[async_trait]
impl RegistrarHost for ForeignRegistrar {
    async fn info(&self, domain: &str) -> Result<Value, Error> {
        self.ask(|own| own.info, "info", domain).await
    }

    async fn prices(&self, tld: &str) -> Result<Value, Error> {
        self.ask(|own| own.prices, "prices", tld).await
    }
}

/// Reads a struct whose first member is its size. `smallest` is where its first version ends.
///
/// # Safety
/// `given` is NULL or points at as many bytes as its first member says, and zeroes are valid for every member of `T`.
pub(crate) unsafe fn sized<T: Copy>(given: *const T, name: &'static str, smallest: usize) -> Result<T, Failure> {
    if given.is_null() {
        return Err(Failure::Null(name.into()));
    }
    // SAFETY: not NULL, and so at least its first member is there, by the caller's promise.
    let size = unsafe { given.cast::<usize>().read_unaligned() };
    // A size that is none of a struct's is a mistake, and no larger version to come.
    if !(smallest..=4096).contains(&size) {
        let problem = format_args!("expected its size, which is {} here, got {size}", size_of::<T>());
        return Err(Error::config(&format!("{name}.struct_size"), problem).into());
    }
    let mut own = MaybeUninit::<T>::zeroed();
    // SAFETY: the caller gives `size` readable bytes, and no more than `own` has room for are copied; what is not, is zero.
    Ok(unsafe {
        std::ptr::copy_nonoverlapping(given.cast::<u8>(), own.as_mut_ptr().cast::<u8>(), size.min(size_of::<T>()));
        own.assume_init()
    })
}

/// Uses a registrar of the program's own for a slug (registrars.slug) from now on, before a native one.
///
/// `registrar` is copied, so it need not outlive the call; `info` in it must not be NULL. `error` may be NULL. Any thread may
/// call it; calls that are under way go on with what they began with. Where it fails `destroy` is not called.
///
/// DDS_ERR_CONFIG: `struct_size` is wrong, or the slug is empty. DDS_ERR_NULL_POINTER: `info` is NULL too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_set_registrar(
    sync: *mut dds_sync,
    slug: *const c_char,
    registrar: *const dds_registrar,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = || {
        // SAFETY: NULL or a handle, as the header says.
        let sync = unsafe { usable(sync) }?;
        // SAFETY: NULL or a text, as the header says.
        let slug = unsafe { text(slug, "slug") }?;
        // SAFETY: NULL or a struct that begins with its size, as the header says; NULL and 0 are valid in each place.
        let own = unsafe { sized(registrar, "registrar", size_of::<dds_registrar>()) }?;
        if own.info.is_none() {
            return Err(Failure::Null("registrar.info".into()));
        }
        if slug.is_empty() {
            return Err(Error::config("slug", "expected the slug of a registrar").into());
        }
        let (prices, most) = (own.prices.is_some(), own.max_in_flight.max(1));
        let host = Arc::new(ForeignRegistrar(Arc::new(Own(own))));
        sync.engine().set_registrar(slug, Arc::new(HostRegistrar::new(host, prices, most)));
        Ok(())
    };
    // SAFETY: NULL or a place for a pointer, as the header says.
    unsafe { enter(error, body) }
}
