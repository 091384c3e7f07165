//! What SQLite has of its own.

mod connect;
mod locks;
mod values;
