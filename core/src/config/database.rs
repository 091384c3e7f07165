//! Laravel's connection array, or a URL.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Which database, and how to reach it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// Which kind of database.
    pub driver: Driver,
    /// What every table's name starts with.
    pub prefix: String,
}

/// The kinds of database.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Driver {
    /// A SQLite file.
    Sqlite {
        /// The file. It must be there: the library makes no database.
        path: PathBuf,
        /// Whether foreign keys are enforced on the library's connections, as Laravel's `foreign_key_constraints`.
        foreign_key_constraints: bool,
        /// How long a writer waits for another. 60 s unless given.
        busy_timeout: Duration,
    },
}

impl DatabaseConfig {
    /// A SQLite file with Laravel's defaults.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self {
            driver: Driver::Sqlite {
                path: path.into(),
                foreign_key_constraints: true,
                busy_timeout: Duration::from_secs(60),
            },
            prefix: String::new(),
        }
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.driver {
            Driver::Sqlite { path, .. } => f.debug_struct("Sqlite").field("path", path).field("prefix", &self.prefix).finish(),
        }
    }
}
