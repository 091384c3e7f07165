//! The PHP extension `domaindesk_sync`: conversion and waiting, nothing else.
//!
//! The PHP thread only waits, in slices, so that signals, timeouts and Ctrl-C work; the engine runs on threads of its
//! own, started at first use and keyed by the process. Price: a value crosses two threads, some microseconds a call.
#![deny(clippy::indexing_slicing, clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs)] // the module macro makes a public function of its own; what PHP sees is documented in stubs/
#![allow(elided_lifetimes_in_paths)] // the class macro gives callables a lifetime of its own

mod convert;
mod exceptions;
mod host;
mod info;
mod pdo;
mod php_registrar;
mod runtime;
mod signatures;
mod sync;
mod wait;

use ext_php_rs::prelude::*;

/// What PHP asks for when it loads the extension. Nothing is started here.
#[php_module]
pub fn get_module(module: ModuleBuilder<'_>) -> ModuleBuilder<'_> {
    module
        .name("domaindesk_sync")
        .version(domaindesk_sync::VERSION)
        .class::<sync::RegistrarSync>()
        .startup_function(exceptions::startup)
        .request_startup_function(signatures::request_startup)
        .shutdown_function(runtime::module_shutdown)
        .info_function(info::print)
}
