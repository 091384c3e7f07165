//! The three databases that Laravel applications have.

use std::fmt;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server; MySQL's protocol.
    MariaDb,
    /// A server.
    Postgres,
}

impl Engine {
    /// All of them, for tests that hold for each.
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::MariaDb, Self::Postgres];

    /// An identifier in this engine's quotes.
    pub fn quote(self, name: &str) -> String {
        let mark = match self {
            Self::MariaDb => '`',
            Self::Sqlite | Self::Postgres => '"',
        };
        let doubled = name.replace(mark, &format!("{mark}{mark}"));
        format!("{mark}{doubled}{mark}")
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::MariaDb => "MariaDB",
            Self::Postgres => "PostgreSQL",
        })
    }
}
