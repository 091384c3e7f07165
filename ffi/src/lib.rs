//! The C ABI of domaindesk-sync: conversion only. `include/domaindesk_sync.h` is generated from here, and the comments
//! on exported items are written for its readers: its first page says what holds for every pointer.

#![allow(non_camel_case_types)] // the names are C's
#![allow(clippy::missing_safety_doc)] // each comment is the contract, together with the header's first page
#![deny(clippy::indexing_slicing, clippy::print_stdout, clippy::print_stderr)]

mod batch;
mod boundary;
mod calls;
mod connection;
mod error;
mod handle;
mod host;
mod job;
mod options;
mod runtime;
mod version;
mod wait;

pub use batch::*;
pub use boundary::dds_string_free;
pub use calls::*;
pub use connection::*;
pub use error::*;
pub use handle::*;
pub use host::*;
pub use job::*;
pub use options::*;
pub use version::*;
