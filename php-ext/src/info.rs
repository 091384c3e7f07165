//! What phpinfo() says.

use ext_php_rs::zend::ModuleEntry;
use ext_php_rs::{info_table_end, info_table_row, info_table_start};

use crate::runtime;

/// Prints the extension's section.
pub(crate) extern "C" fn print(_module: *mut ModuleEntry) {
    info_table_start!();
    info_table_row!("domaindesk_sync", "enabled");
    info_table_row!("Version", domaindesk_sync::VERSION);
    info_table_row!("SQLite library", "the system's, shared with PHP");
    info_table_row!(
        "Native registrars",
        domaindesk_sync::RegistrarSync::registrars().into_keys().collect::<Vec<_>>().join(", ")
    );
    info_table_row!("Threads", runtime::state());
    info_table_row!(runtime::WORKER_THREADS, runtime::worker_threads().to_string());
    info_table_end!();
}
