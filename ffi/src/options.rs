//! Options of a call, in a struct that can grow.

use std::ffi::c_char;
use std::mem::{MaybeUninit, offset_of};

use domaindesk_sync::{Error, SyncOptions};
use serde_json::{Map, Value};

use crate::boundary::text;
use crate::error::Failure;

/// For dds_options.results: the report keeps every domain's result.
pub const DDS_RESULTS_ALL: i32 = 0;
/// For dds_options.results: the report keeps the results of domains that changed, failed or are held.
pub const DDS_RESULTS_CHANGED: i32 = 1;
/// For dds_options.results: the report keeps the numbers only.
pub const DDS_RESULTS_NONE: i32 = 2;

/// Options of a call. Start from DDS_OPTIONS_INIT or dds_options_init(): both set every member to its default. A wrong
/// value is refused with DDS_ERR_CONFIG, and nothing is done.
///
/// The struct only ever grows at its end. A program passes the size it was compiled with, and the library reads the
/// members within that size.
#[repr(C)]
#[derive(Debug)]
pub struct dds_options {
    /// sizeof(dds_options).
    pub struct_size: usize,
    /// 1: sync domains even when they were synced recently. 0 or 1, nothing else.
    pub force: i32,
    /// 1: do everything but write. 0 or 1, nothing else.
    pub dry_run: i32,
    /// 1: lift the safety brake, which holds back moves to a worse status when a large part of a batch would make one.
    /// 0 or 1, nothing else.
    pub allow_mass_change: i32,
    /// Which results the report of a batch keeps: DDS_RESULTS_ALL, DDS_RESULTS_CHANGED or DDS_RESULTS_NONE. Progress
    /// tells of every domain all the same.
    pub results: i32,
    /// Simultaneous requests per registrar account, at most 1024. 0: as configured.
    pub concurrency: u32,
    /// The most domains that a batch without a list takes. 0: sync_batch_size of the configuration.
    pub limit: u32,
    /// Only this partner's domains. 0: the partner of the configuration, or all.
    pub partner_id: i64,
    /// The user that audit rows name. 0: as configured.
    pub user_id: i64,
    /// What audit rows name as source: manual, scheduled, queue, or a word of the program's own. NULL: as configured.
    pub source: *const c_char,
    /// How many seconds a batch may take: then it stops, and its report says how many domains are "left". 0: no limit.
    pub max_seconds: u32,
}

/// The size of the first version of the struct: there is no smaller one.
const SMALLEST: usize = offset_of!(dds_options, source) + size_of::<*const c_char>();

/// More than any version will ever be: a greater size is a member that was never set.
const LARGEST: usize = 4096;

/// Sets options to their defaults, as DDS_OPTIONS_INIT does; for languages without the C preprocessor.
///
/// `size` is sizeof(dds_options), and `options` has room for as much. NULL, and a size that no version of the struct has,
/// do nothing. Any thread may call it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_options_init(options: *mut dds_options, size: usize) {
    if options.is_null() || !(SMALLEST..=LARGEST).contains(&size) {
        return;
    }
    // SAFETY: the caller gives room for `size` bytes, which holds the first member.
    unsafe {
        options.cast::<u8>().write_bytes(0, size);
        options.cast::<usize>().write_unaligned(size);
    }
}

/// Reads options; NULL means every default.
///
/// # Safety
/// `options` is NULL or points at as many bytes as its first member says, and `source` in it is NULL or a text.
pub(crate) unsafe fn read(options: *const dds_options) -> Result<SyncOptions, Failure> {
    if options.is_null() {
        return Ok(SyncOptions::default());
    }
    // SAFETY: not NULL, and so at least its first member is there, by the caller's promise.
    let size = unsafe { options.cast::<usize>().read_unaligned() };
    if !(SMALLEST..=LARGEST).contains(&size) {
        let wanted = size_of::<dds_options>();
        let problem =
            format_args!("expected sizeof(dds_options), which is {wanted} here, got {size}: use DDS_OPTIONS_INIT");
        return Err(Error::config("options.struct_size", problem).into());
    }
    let mut own = MaybeUninit::<dds_options>::zeroed();
    // SAFETY: the caller gives `size` readable bytes, and no more than `own` has room for are copied. Every pattern of
    // bytes, zeroes included, is a valid `dds_options`.
    let own = unsafe {
        let known = size.min(size_of::<dds_options>());
        std::ptr::copy_nonoverlapping(options.cast::<u8>(), own.as_mut_ptr().cast::<u8>(), known);
        own.assume_init()
    };
    let source = if own.source.is_null() {
        None
    } else {
        // SAFETY: not NULL, and so a text, by the caller's promise.
        Some(unsafe { text(own.source, "options.source") }?)
    };
    Ok(SyncOptions::from_value(Value::Object(values(&own, source)?))?)
}

/// The options as the engine reads them: what is at its default is not there.
fn values(own: &dds_options, source: Option<&str>) -> Result<Map<String, Value>, Error> {
    let mut map = Map::new();
    for (key, value) in [("force", own.force), ("dry_run", own.dry_run), ("allow_mass_change", own.allow_mass_change)] {
        let flag = match value {
            0 => false,
            1 => true,
            other => {
                return Err(Error::config(&format!("options.{key}"), format_args!("expected 0 or 1, got {other}")));
            }
        };
        map.insert(key.to_owned(), flag.into());
    }
    let results = match own.results {
        DDS_RESULTS_ALL => "all",
        DDS_RESULTS_CHANGED => "changed",
        DDS_RESULTS_NONE => "none",
        other => {
            let problem =
                format_args!("expected DDS_RESULTS_ALL, DDS_RESULTS_CHANGED or DDS_RESULTS_NONE, got {other}");
            return Err(Error::config("options.results", problem));
        }
    };
    map.insert("results".to_owned(), results.into());
    let numbers = [
        ("concurrency", i64::from(own.concurrency)),
        ("limit", i64::from(own.limit)),
        ("max_seconds", i64::from(own.max_seconds)),
        ("partner_id", own.partner_id),
        ("user_id", own.user_id),
    ];
    for (key, number) in numbers.into_iter().filter(|(_, number)| *number != 0) {
        map.insert(key.to_owned(), number.into());
    }
    if let Some(source) = source {
        map.insert("source".to_owned(), source.into());
    }
    Ok(map)
}
