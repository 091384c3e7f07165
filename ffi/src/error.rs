//! Errors as C sees them: a fixed number, and an object that tells the rest.

use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char};
use std::ptr;

use domaindesk_sync::{Error, ErrorKind};

use crate::boundary::c_text;

/// The outcome of a call: DDS_OK, or one of the DDS_ERR_ numbers. Numbers are never changed or used again, and there may be
/// more of them in later versions.
pub type dds_code = i32;

/// Declares the numbers, and the function that names them.
macro_rules! codes {
    ($($name:ident),+ $(,)?) => {
        /// The name of a number.
        const fn name_of(code: dds_code) -> &'static CStr {
            match code {
                $($name => {
                    const NAME: &CStr = c_name(concat!(stringify!($name), "\0"));
                    NAME
                })+
                _ => c"unknown",
            }
        }

        #[cfg(test)]
        const CODES: &[(dds_code, &str)] = &[$(($name, stringify!($name))),+];
    };
}

/// A text that ends with its only NUL, as C has it.
const fn c_name(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(name) => name,
        Err(_) => c"unknown",
    }
}

/// It worked.
pub const DDS_OK: dds_code = 0;
/// The configuration or an argument is wrong; the message names it and says what would be right.
pub const DDS_ERR_CONFIG: dds_code = 10;
/// The database failed, or is not what it should be.
pub const DDS_ERR_STORE: dds_code = 20;
/// There is no such domain or registrar in the database, or it belongs to another partner.
pub const DDS_ERR_NOT_FOUND: dds_code = 30;
/// The registrar refused the credentials or the address.
pub const DDS_ERR_AUTH: dds_code = 40;
/// The registrar asked for fewer requests; dds_error_retry_after_ms() tells when.
pub const DDS_ERR_RATE_LIMITED: dds_code = 50;
/// The registrar did not answer in time.
pub const DDS_ERR_TIMEOUT: dds_code = 60;
/// The connection to the registrar failed, or its server did.
pub const DDS_ERR_NETWORK: dds_code = 70;
/// The registrar's answer could not be understood.
pub const DDS_ERR_INVALID_RESPONSE: dds_code = 80;
/// The registrar said no; dds_error_registrar_code() has its own code.
pub const DDS_ERR_REJECTED: dds_code = 90;
/// The registrar has no such ability.
pub const DDS_ERR_UNSUPPORTED: dds_code = 100;
/// dds_cancel() stopped the call.
pub const DDS_ERR_CANCELLED: dds_code = 110;
/// A defect of the library. Please report it.
pub const DDS_ERR_INTERNAL: dds_code = 120;
/// A pointer that must not be NULL is NULL; the message names the argument.
pub const DDS_ERR_NULL_POINTER: dds_code = 200;
/// A text is not valid UTF-8; the message names the argument.
pub const DDS_ERR_INVALID_UTF8: dds_code = 210;
/// A defect of the library that was caught at its border. The handle can only be freed. Please report it.
pub const DDS_ERR_PANIC: dds_code = 220;
/// An earlier call on this handle ended with DDS_ERR_PANIC: free it and make another.
pub const DDS_ERR_POISONED: dds_code = 230;
/// This process is a fork of one that had used the library before.
pub const DDS_ERR_FORKED: dds_code = 240;

codes!(
    DDS_OK,
    DDS_ERR_CONFIG,
    DDS_ERR_STORE,
    DDS_ERR_NOT_FOUND,
    DDS_ERR_AUTH,
    DDS_ERR_RATE_LIMITED,
    DDS_ERR_TIMEOUT,
    DDS_ERR_NETWORK,
    DDS_ERR_INVALID_RESPONSE,
    DDS_ERR_REJECTED,
    DDS_ERR_UNSUPPORTED,
    DDS_ERR_CANCELLED,
    DDS_ERR_INTERNAL,
    DDS_ERR_NULL_POINTER,
    DDS_ERR_INVALID_UTF8,
    DDS_ERR_PANIC,
    DDS_ERR_POISONED,
    DDS_ERR_FORKED,
);

/// The name of a number, such as "DDS_ERR_STORE"; "unknown" for a number that is none. The text is static: it is never
/// freed. Any thread may call it.
#[unsafe(no_mangle)]
pub extern "C" fn dds_code_name(code: i32) -> *const c_char {
    name_of(code).as_ptr()
}

/// What failed, and what to do about it. No secret is in it. It never changes, so any threads may read it at one time.
#[derive(Debug)]
pub struct dds_error {
    code: dds_code,
    kind: CString,
    message: CString,
    registrar: Option<CString>,
    registrar_code: Option<CString>,
    retry_after_ms: u64,
}

/// A failure on its way out.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The engine's.
    Core(Error),
    /// This argument is NULL.
    Null(Cow<'static, str>),
    /// This argument is no UTF-8.
    Utf8(Cow<'static, str>),
    /// A panic, and what it said.
    Panic(String),
    /// The handle has seen a panic.
    Poisoned,
    /// The process is a fork.
    Forked,
    /// The threads ended before the work did.
    Ended,
    /// The system gives no threads.
    Threads(std::io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl Failure {
    pub(crate) fn code(&self) -> dds_code {
        match self {
            Self::Core(error) => code_of(error.kind()),
            Self::Null(_) => DDS_ERR_NULL_POINTER,
            Self::Utf8(_) => DDS_ERR_INVALID_UTF8,
            Self::Panic(_) => DDS_ERR_PANIC,
            Self::Poisoned => DDS_ERR_POISONED,
            Self::Forked => DDS_ERR_FORKED,
            Self::Ended | Self::Threads(_) => DDS_ERR_INTERNAL,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Core(error) => match error.cause() {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            },
            Self::Null(name) => format!("argument `{name}` is NULL"),
            Self::Utf8(name) => format!("argument `{name}` is not valid UTF-8"),
            Self::Panic(what) => {
                format!("the library is at fault ({what}): free the handle, and please report this")
            }
            Self::Poisoned => "an earlier call on this handle ended in a fault of the library: free it".to_owned(),
            Self::Forked => "this process is a fork of one that had used the library, so its threads and connections \
                             are not here: fork first, or start another program"
                .to_owned(),
            Self::Ended => "the handle was freed while a call was under way".to_owned(),
            Self::Threads(error) => format!("the system gives no threads: {error}"),
        }
    }

    /// The word of S6.1 for it.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Core(error) => error.kind(),
            Self::Null(_) | Self::Utf8(_) | Self::Forked | Self::Ended => ErrorKind::Config,
            Self::Panic(_) | Self::Poisoned | Self::Threads(_) => ErrorKind::Internal,
        }
    }
}

fn code_of(kind: ErrorKind) -> dds_code {
    match kind {
        ErrorKind::Auth => DDS_ERR_AUTH,
        ErrorKind::RateLimited => DDS_ERR_RATE_LIMITED,
        ErrorKind::NotFound => DDS_ERR_NOT_FOUND,
        ErrorKind::Timeout => DDS_ERR_TIMEOUT,
        ErrorKind::Network => DDS_ERR_NETWORK,
        ErrorKind::InvalidResponse => DDS_ERR_INVALID_RESPONSE,
        ErrorKind::Rejected => DDS_ERR_REJECTED,
        ErrorKind::Unsupported => DDS_ERR_UNSUPPORTED,
        ErrorKind::Store => DDS_ERR_STORE,
        ErrorKind::Config => DDS_ERR_CONFIG,
        ErrorKind::Cancelled => DDS_ERR_CANCELLED,
        // A kind that this ABI does not know yet.
        _ => DDS_ERR_INTERNAL,
    }
}

impl From<Failure> for dds_error {
    fn from(failure: Failure) -> Self {
        let code = failure.code();
        let message = c_text(failure.message());
        let kind = failure.kind().as_str();
        let core = match &failure {
            Failure::Core(error) => Some(error),
            _ => None,
        };
        let wait = core.and_then(Error::retry_after).map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        Self {
            code,
            kind: c_text(kind.to_owned()),
            message,
            registrar: core.and_then(Error::registrar).map(|slug| c_text(slug.to_owned())),
            registrar_code: core.and_then(Error::native).and_then(|native| native.code.clone()).map(c_text),
            retry_after_ms: wait.unwrap_or(0),
        }
    }
}

/// A text of an error; what C gets where there is none.
fn borrowed(text: Option<&CString>, none: *const c_char) -> *const c_char {
    text.map_or(none, |text| text.as_ptr())
}

/// The number of an error, the same that the call returned. DDS_OK for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_error_code(error: *const dds_error) -> dds_code {
    // SAFETY: NULL or an error that was not freed, as the header says.
    unsafe { error.as_ref() }.map_or(DDS_OK, |error| error.code)
}

/// What failed and what to do about it, in one sentence. An empty text for NULL, never NULL.
///
/// The text belongs to the error and stays until dds_error_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_error_message(error: *const dds_error) -> *const c_char {
    // SAFETY: NULL or an error that was not freed, as the header says.
    borrowed(unsafe { error.as_ref() }.map(|error| &error.message), c"".as_ptr())
}

/// The kind of failure, as the word that results and logs use for it: auth, rate_limited, not_found, timeout, network,
/// invalid_response, rejected, unsupported, store, config, cancelled or internal. An empty text for NULL, never NULL.
///
/// The text belongs to the error and stays until dds_error_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_error_kind(error: *const dds_error) -> *const c_char {
    // SAFETY: NULL or an error that was not freed, as the header says.
    borrowed(unsafe { error.as_ref() }.map(|error| &error.kind), c"".as_ptr())
}

/// The slug of the registrar that it concerns; NULL where it concerns none, and for NULL.
///
/// The text belongs to the error and stays until dds_error_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_error_registrar(error: *const dds_error) -> *const c_char {
    // SAFETY: NULL or an error that was not freed, as the header says.
    borrowed(unsafe { error.as_ref() }.and_then(|error| error.registrar.as_ref()), ptr::null())
}

/// The registrar's own code for it; NULL where it gave none, and for NULL.
///
/// The text belongs to the error and stays until dds_error_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_error_registrar_code(error: *const dds_error) -> *const c_char {
    // SAFETY: NULL or an error that was not freed, as the header says.
    borrowed(unsafe { error.as_ref() }.and_then(|error| error.registrar_code.as_ref()), ptr::null())
}

/// How many milliseconds the registrar asked to be left alone; 0 where it did not, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_error_retry_after_ms(error: *const dds_error) -> u64 {
    // SAFETY: NULL or an error that was not freed, as the header says.
    unsafe { error.as_ref() }.map_or(0, |error| error.retry_after_ms)
}

/// Frees an error and its texts, once. NULL does nothing. Any thread may call it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_error_free(error: *mut dds_error) {
    if !error.is_null() {
        // SAFETY: it was made by `Box::into_raw` in `boundary::enter`, and is not used after, as the header says.
        drop(unsafe { Box::from_raw(error) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_number_of_its_own_and_every_number_a_name() {
        let mut numbers: Vec<_> = ErrorKind::ALL.into_iter().map(code_of).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), ErrorKind::ALL.len(), "S6.1");
        for (code, name) in CODES {
            assert_eq!(name_of(*code).to_str(), Ok(*name));
        }
        assert_eq!(name_of(-1), c"unknown");
    }

    #[test]
    fn a_number_s_name_is_the_kind_s_word() {
        for kind in ErrorKind::ALL {
            let name = format!("DDS_ERR_{}", kind.as_str().to_uppercase());
            assert_eq!(name_of(code_of(kind)).to_str(), Ok(name.as_str()), "S6.1");
        }
    }

    #[test]
    fn what_the_registrar_said_crosses_the_border() {
        let error = Error::new(ErrorKind::RateLimited, "too\0 many")
            .with_registrar("resellerclub")
            .with_native(Some("1020".to_owned()), "slow down")
            .with_retry_after(std::time::Duration::from_millis(2500));
        let error = dds_error::from(Failure::Core(error));
        assert_eq!((error.code, error.retry_after_ms), (DDS_ERR_RATE_LIMITED, 2500));
        assert_eq!((error.kind.as_c_str(), error.message.as_c_str()), (c"rate_limited", c"too many"));
        assert_eq!(
            (error.registrar.as_deref(), error.registrar_code.as_deref()),
            (Some(c"resellerclub"), Some(c"1020"))
        );
    }
}
