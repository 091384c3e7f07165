//! The application's tables, as its Laravel migrations make them: one SQL file per dialect under `schema/`.

use std::fs::OpenOptions;
use std::path::Path;

use crate::database::{Engine, Link, Target, wait_for};

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

/// The statements that make the schema. `prefix` is the Laravel connection's table prefix, often empty.
///
/// # Panics
/// When the prefix holds anything but letters, digits and underscores.
pub fn sql(engine: Engine, prefix: &str) -> String {
    assert!(prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "`{prefix}` is no table prefix");
    let statements = match engine {
        Engine::Sqlite => include_str!("../schema/sqlite.sql"),
        Engine::MariaDb => include_str!("../schema/mysql.sql"),
        Engine::Postgres => include_str!("../schema/pgsql.sql"),
    };
    statements.replace("{prefix}", prefix)
}

/// The statement by which an operator makes `registrars.credentials` take encrypted texts; `None` where it does anyway.
pub fn credentials_as_text(engine: Engine, prefix: &str) -> Option<String> {
    match engine {
        Engine::Sqlite => None,
        Engine::MariaDb => Some(format!("ALTER TABLE `{prefix}registrars` MODIFY credentials longtext NULL")),
        Engine::Postgres => Some(format!("ALTER TABLE \"{prefix}registrars\" ALTER credentials TYPE text")),
    }
}

/// Makes the schema in the SQLite file at `path`, which is created when it is missing.
///
/// # Panics
/// When the file cannot be opened or a table exists already.
pub fn create(path: &Path, prefix: &str) {
    create_in(&Target::from(path), prefix);
}

/// Makes the schema in a database, which is created when it is a SQLite file that is missing.
///
/// # Panics
/// When the database cannot be opened or a table exists already.
pub fn create_in(target: &Target, prefix: &str) {
    if let Target::Sqlite(path) = target {
        // Not truncated: whatever is there already is refused below.
        let opened = OpenOptions::new().append(true).create(true).open(path);
        opened.unwrap_or_else(|error| panic!("open {}: {error}", path.display()));
    }
    let sql = sql(target.engine(), prefix);
    wait_for(async || {
        let mut link = Link::open(target).await.unwrap_or_else(|error| panic!("open the database: {error}"));
        link.execute(&sql).await.unwrap_or_else(|error| panic!("create the schema: {error}"));
        link.close().await.expect("close the database");
    });
}
