//! The application's tables, as its Laravel migrations make them: one SQL file per dialect under `schema/`.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::database::wait_for;

/// The tables without their prefix, parents before children.
pub const TABLES: [&str; 9] = [
    "partners",
    "users",
    "audit_logs",
    "registrars",
    "tlds",
    "tld_prices",
    "domains",
    "domain_nameservers",
    "domain_contacts",
];

/// The statements that make the schema on SQLite. `prefix` is the Laravel connection's table prefix, often empty.
///
/// # Panics
/// When the prefix holds anything but letters, digits and underscores.
pub fn sqlite(prefix: &str) -> String {
    assert!(prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "`{prefix}` is no table prefix");
    include_str!("../schema/sqlite.sql").replace("{prefix}", prefix)
}

/// Makes the schema in the SQLite file at `path`, which is created when it is missing.
///
/// # Panics
/// When the file cannot be opened or a table exists already.
pub fn create(path: &Path, prefix: &str) {
    let sql = sqlite(prefix);
    wait_for(async || {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut connection = options.connect().await.unwrap_or_else(|error| panic!("open {}: {error}", path.display()));
        let created = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
        created.unwrap_or_else(|error| panic!("create the schema in {}: {error}", path.display()));
        connection.close().await.expect("close the database");
    });
}
