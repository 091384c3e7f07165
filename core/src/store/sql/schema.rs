//! Which tables and columns the library needs, checked once at the start so that a wrong database is named at once.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;

use super::template::Dialect;
use crate::{Error, Result};

/// A connection to look around with.
#[async_trait]
pub(crate) trait Asks: Send {
    /// The rows of a SELECT, each column a text. Every parameter stands in it once.
    async fn rows(&mut self, sql: &'static str, args: &[&str]) -> Result<Vec<Vec<Option<String>>>>;
}

/// The pairs of a SELECT with two columns.
pub(crate) fn pairs(rows: Vec<Vec<Option<String>>>) -> impl Iterator<Item = (String, String)> {
    rows.into_iter().filter_map(|row| match <[Option<String>; 2]>::try_from(row) {
        Ok([Some(first), Some(second)]) => Some((first, second)),
        _ => None,
    })
}

/// The first column of a SELECT.
pub(crate) fn firsts(rows: Vec<Vec<Option<String>>>) -> impl Iterator<Item = Option<String>> {
    rows.into_iter().map(|row| row.into_iter().next().flatten())
}

/// The tables, each with the columns that are read or written.
const NEEDED: [(&str, &str); 7] = [
    ("domains", "id name partner_id registrar_id status expires_at last_synced_at sync_metadata updated_at deleted_at"),
    ("domain_nameservers", "domain_id nameserver order created_at updated_at"),
    (
        "domain_contacts",
        "id domain_id type first_name last_name organization email phone address city state postal_code country \
         created_at updated_at",
    ),
    ("registrars", "id name slug api_class credentials is_active last_sync_at updated_at"),
    ("tlds", "id registrar_id extension min_years max_years is_active"),
    ("tld_prices", "id tld_id action years price effective_date created_at updated_at"),
    ("audit_logs", "user_id partner_id action auditable_type auditable_id old_values new_values created_at updated_at"),
];

/// What an application's schema may have or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extras {
    /// `audit_logs.source` (S4.3).
    pub(crate) audit_source: bool,
    /// An index that starts with `domains.last_synced_at`, which an operator may have added: the longest unsynced domains
    /// are found by it without a look at the others (S1.3).
    pub(crate) synced_index: Option<SyncedIndex>,
}

/// An index that starts with `domains.last_synced_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SyncedIndex {
    /// Whether domains of the same `last_synced_at` stand in it in the order of their ids.
    pub(crate) is_total: bool,
}

impl SyncedIndex {
    /// The best of some indexes, given by their second column; `None` where there is none. `keeps_ids` is whether equal
    /// entries of any index stand in the order of the ids.
    pub(crate) fn best(seconds: impl IntoIterator<Item = Option<String>>, keeps_ids: bool) -> Option<Self> {
        let totals = seconds.into_iter().map(|second| second.map_or(keeps_ids, |column| column == "id"));
        totals.max().map(|is_total| Self { is_total })
    }
}

/// Checks the columns of a database, given as table (with its prefix) and column.
pub(crate) fn check(dialect: &Dialect, columns: impl IntoIterator<Item = (String, String)>) -> Result<Extras> {
    let mut tables: HashMap<String, HashSet<String>> = HashMap::new();
    for (table, column) in columns {
        tables.entry(table).or_default().insert(column);
    }
    for (name, needed) in NEEDED {
        let table = dialect.table(name);
        let Some(there) = tables.get(&table) else {
            return Err(Error::store(format!("this is not a DomainDesk database: table `{table}` is missing")));
        };
        if let Some(column) = needed.split_whitespace().find(|column| !there.contains(*column)) {
            return Err(Error::store(format!(
                "table `{table}` lacks column `{column}`: run the application's migrations"
            )));
        }
    }
    let audit = tables.get(&dialect.table("audit_logs"));
    let audit_source = audit.is_some_and(|columns| columns.contains("source"));
    Ok(Extras { audit_source, ..Extras::default() })
}
