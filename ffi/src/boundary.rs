//! The border itself: no panic leaves, no NULL is followed, every failure becomes an error object.

use std::any::Any;
use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use serde::Serialize;

use crate::error::{DDS_OK, Failure, dds_code, dds_error};
use crate::handle::{dds_sync, usable};

/// Runs the body of an exported function. A failure, a panic included, becomes the code and the object in `*error`.
///
/// # Safety
/// `error` is NULL or a place for a pointer.
pub(crate) unsafe fn enter(error: *mut *mut dds_error, body: impl FnOnce() -> Result<(), Failure>) -> dds_code {
    let failure = catch(body).err();
    let code = failure.as_ref().map_or(DDS_OK, Failure::code);
    if !error.is_null() {
        let object = failure.map_or(ptr::null_mut(), |failure| Box::into_raw(Box::new(dds_error::from(failure))));
        // SAFETY: not NULL, and so a place for a pointer, by the caller's promise.
        unsafe { error.write(object) };
    }
    code
}

/// The frame of the functions that do something with a handle and give JSON.
///
/// # Safety
/// `sync` is NULL or a handle that was not freed; `result_json` and `error` are NULL or places for a pointer.
pub(crate) unsafe fn call<T: Serialize>(
    sync: *mut dds_sync,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
    body: impl FnOnce(&dds_sync) -> Result<T, Failure>,
) -> dds_code {
    let body = || {
        // SAFETY: the caller's promise.
        let out = unsafe { Out::new(result_json, "result_json") }?;
        // SAFETY: the caller's promise.
        let sync = unsafe { usable(sync) }?;
        let result = sync.guard(|| body(sync))?;
        out.give(json(&result)?.into_raw());
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { enter(error, body) }
}

/// Runs `body`; a panic in it becomes a failure.
pub(crate) fn catch<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(Failure::of_panic(&*panic)))
}

impl Failure {
    /// What a panic said.
    pub(crate) fn of_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self::Panic(text.unwrap_or_else(|| "no message".to_owned()))
    }
}

/// A place for a pointer that the caller is given; NULL until then.
pub(crate) struct Out<T>(*mut *mut T);

impl<T> Out<T> {
    /// Sets the place to NULL; fails where there is none.
    ///
    /// # Safety
    /// `out` is NULL or a place for a pointer while this lives.
    pub(crate) unsafe fn new(out: *mut *mut T, name: &'static str) -> Result<Self, Failure> {
        if out.is_null() {
            return Err(Failure::Null(name.into()));
        }
        // SAFETY: not NULL, and so a place for a pointer, by the caller's promise.
        unsafe { out.write(ptr::null_mut()) };
        Ok(Self(out))
    }

    /// Hands a value out.
    pub(crate) fn give(self, value: *mut T) {
        // SAFETY: `new` was promised a place for a pointer, and has checked it.
        unsafe { self.0.write(value) };
    }
}

/// Reads a text that the caller lends. `name` is for the message.
///
/// # Safety
/// `text` is NULL or a NUL-terminated text that stays as it is during `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: impl Into<Cow<'static, str>>) -> Result<&'a str, Failure> {
    if text.is_null() {
        return Err(Failure::Null(name.into()));
    }
    // SAFETY: not NULL, and so a NUL-terminated text, by the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| Failure::Utf8(name.into()))
}

/// A text of ours for C. A NUL inside cannot be told to C and is left out.
pub(crate) fn c_text(mut text: String) -> CString {
    text.retain(|character| character != '\0');
    CString::new(text).unwrap_or_default()
}

/// A value as JSON for C.
pub(crate) fn json(value: &impl Serialize) -> Result<CString, Failure> {
    let json = serde_json::to_string(value).map_err(|error| {
        let kind = domaindesk_sync::ErrorKind::Internal;
        domaindesk_sync::Error::new(kind, "a result could not be written as JSON").with_source(error)
    })?;
    Ok(c_text(json))
}

/// Frees a text that a function of this library handed out, once. NULL does nothing.
///
/// Any thread may call it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_string_free(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: it was made by `CString::into_raw` in `call`, and is not used after, as the header says.
        drop(unsafe { CString::from_raw(text) });
    }
}
