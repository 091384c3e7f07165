//! Whatever crosses the border, no call ends the program: random texts, bytes that are no UTF-8, sizes and numbers that are
//! none. `DDS_FUZZ_CASES` says how many inputs there are: `cargo xtask fuzz`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

use domaindesk_support::TempDatabase;
use domaindesk_sync_ffi as dds;
use proptest::prelude::*;
use serde_json::json;

fn runs() -> ProptestConfig {
    let cases = std::env::var("DDS_FUZZ_CASES").map_or(400, |cases| cases.parse().expect("DDS_FUZZ_CASES is a number"));
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A text for C, of any bytes but NUL.
fn text() -> impl Strategy<Value = CString> {
    let bytes = prop_oneof![
        prop::collection::vec(1_u8..=255, 0..60),
        prop::sample::select(
            &[
                "{}",
                "#1",
                "#-1",
                "#99999999999999999999",
                "example.com",
                "[]",
                "{\"database\":\"sqlite:/x\"}",
                "\u{202e}",
                "xn--a",
                "{\"version\":1,\"made_at\":\"x\",\"domains\":[]}",
            ][..]
        )
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    bytes.prop_map(|bytes| CString::new(bytes).unwrap())
}

/// Frees what a call handed out, and tells whether code and error agree.
fn settle(code: dds::dds_code, result: *mut c_char, error: *mut dds::dds_error) -> bool {
    // SAFETY: both are NULL or what a call has handed out, and are freed once.
    unsafe {
        let agrees = dds::dds_error_code(error) == code && (code == dds::DDS_OK) == error.is_null();
        dds::dds_string_free(result);
        dds::dds_error_free(error);
        // No input is a defect of the library's.
        agrees && code != dds::DDS_ERR_PANIC
    }
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn texts_of_any_kind(one in text(), other in text()) {
        let (mut sync, mut error, mut result) = (null_mut(), null_mut(), null_mut());
        // SAFETY: texts that live through the calls, and places of this frame.
        let code = unsafe { dds::dds_sync_new(one.as_ptr(), &raw mut sync, &raw mut error) };
        // SAFETY: NULL, or the handle of the call above.
        unsafe { dds::dds_sync_free(sync) };
        prop_assert!(settle(code, null_mut(), error));
        // SAFETY: as above.
        let code = unsafe { dds::dds_describe_plan(other.as_ptr(), &raw mut result, &raw mut error) };
        prop_assert!(settle(code, result, error));
    }
}

/// A handle, for all inputs of a test.
struct Handle {
    sync: *mut dds::dds_sync,
    _database: TempDatabase,
}

impl Handle {
    fn new() -> Self {
        let database = TempDatabase::new();
        let config = CString::new(json!({"database": database.url()}).to_string()).unwrap();
        let mut sync = null_mut();
        // SAFETY: a text that lives through the call, and a place of this frame.
        let code = unsafe { dds::dds_sync_new(config.as_ptr(), &raw mut sync, null_mut()) };
        assert_eq!(code, dds::DDS_OK);
        Self { sync, _database: database }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: a handle that is freed once.
        unsafe { dds::dds_sync_free(self.sync) };
    }
}

#[test]
fn options_and_arguments_of_any_kind() {
    let handle = Handle::new();
    let size = size_of::<dds::dds_options>();
    let options = (any::<Option<u16>>(), prop::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], size));
    let mut runner = proptest::test_runner::TestRunner::new(runs());
    let done = runner.run(&(text(), text(), options, any::<i32>()), |(domain, plan, (said, bytes), number)| {
        let mut options = MaybeUninit::<dds::dds_options>::zeroed();
        // SAFETY: room for as many bytes; every pattern is valid but for the pointer, which is set below.
        let options = unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), options.as_mut_ptr().cast::<u8>(), size);
            let mut options = options.assume_init();
            options.struct_size = said.map_or(size, usize::from).min(size);
            options.source = null();
            options
        };
        let (mut result, mut error, mut job) = (null_mut(), null_mut(), null_mut());
        let sync = handle.sync;
        // SAFETY: a handle, texts and options that live through the calls, and places of this frame.
        unsafe {
            let code = dds::dds_sync_domain(sync, domain.as_ptr(), &raw const options, &raw mut result, &raw mut error);
            prop_assert!(settle(code, result, error));
            let list = [domain.as_ptr(), plan.as_ptr()];
            let code = dds::dds_sync_domains(
                sync,
                list.as_ptr(),
                2,
                &raw const options,
                None,
                null_mut(),
                &raw mut result,
                &raw mut error,
            );
            prop_assert!(settle(code, result, error));
            let code = dds::dds_apply_plan(
                sync,
                plan.as_ptr(),
                &raw const options,
                None,
                null_mut(),
                &raw mut result,
                &raw mut error,
            );
            prop_assert!(settle(code, result, error));
            let code = dds::dds_explain(sync, domain.as_ptr(), &raw const options, &raw mut result, &raw mut error);
            prop_assert!(settle(code, result, error));
            let code = dds::dds_job_sync_domain(
                sync,
                domain.as_ptr(),
                number,
                &raw const options,
                &raw mut job,
                &raw mut error,
            );
            prop_assert!(settle(code, null_mut(), error));
            if !job.is_null() {
                let code = dds::dds_job_result(job, &raw mut result, &raw mut error);
                prop_assert!(settle(code, result, error));
            }
            dds::dds_job_free(job);
        }
        Ok(())
    });
    done.unwrap_or_else(|failure| panic!("{failure}"));
}
