//! Which library this is.

use std::ffi::c_char;

/// The first number of the version of this header; dds_version() tells the library's.
pub const DDS_VERSION_MAJOR: u32 = 0;
/// The second number of the version of this header.
pub const DDS_VERSION_MINOR: u32 = 1;
/// The third number of the version of this header.
pub const DDS_VERSION_PATCH: u32 = 0;
/// The version of the ABI that this header describes; dds_abi_version() tells the library's.
pub const DDS_ABI_VERSION: u32 = 0;

/// The version of the library, such as "0.1.0". The text is static: it is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn dds_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The version of the library's ABI. It is the number in the soname, and changes when a compiled program could no longer
/// use the library: compare it with DDS_ABI_VERSION where the library is loaded by dlopen().
#[unsafe(no_mangle)]
pub extern "C" fn dds_abi_version() -> u32 {
    DDS_ABI_VERSION
}
