//! The databases that are measured on: SQLite files, and databases of private servers that commit as in production.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use domaindesk_support::{DatabaseOptions, Engine, MariaDb, Postgres, ServerOptions, TempDatabase};
use serde::Serialize;

use crate::usage;

/// A kind of database, by the word for it on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    Sqlite,
    Mariadb,
    Postgres,
}

/// How SQLite keeps its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Journal {
    /// SQLite's own default.
    Delete,
    /// A write-ahead log; the PHP peers then also use `synchronous = NORMAL`, the engine leaves what the file has.
    Wal,
}

impl Journal {
    /// In the table.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Delete => "default journal",
            Self::Wal => "WAL",
        }
    }
}

/// The longest to wait until a server has written what a copy left in its memory.
const SETTLING: Duration = Duration::from_secs(120);

/// Pages that InnoDB may keep unwritten and still counts as settled.
const FEW_PAGES: u64 = 100;

impl Place {
    /// Its name.
    pub(crate) fn engine(self) -> Engine {
        match self {
            Self::Sqlite => Engine::Sqlite,
            Self::Mariadb => Engine::MariaDb,
            Self::Postgres => Engine::Postgres,
        }
    }

    /// Whether it is a server.
    pub(crate) fn is_server(self) -> bool {
        self != Self::Sqlite
    }

    /// An empty database with the application's schema.
    pub(crate) fn create(self) -> TempDatabase {
        match self {
            Self::Sqlite => TempDatabase::new(),
            Self::Mariadb => TempDatabase::on_mariadb(mariadb(), DatabaseOptions::default()),
            Self::Postgres => TempDatabase::on_postgres(postgres(), DatabaseOptions::default()),
        }
    }

    /// A database with the same rows, ids and sequences. It is written to the disk when this returns, so that nobody who
    /// is measured on it pays for the copy.
    pub(crate) fn copy(self, from: &TempDatabase, journal: Option<Journal>) -> TempDatabase {
        match self {
            Self::Sqlite => {
                let copy = TempDatabase::new();
                std::fs::copy(from.path(), copy.path()).expect("copy the database");
                if journal == Some(Journal::Wal) {
                    copy.query("PRAGMA journal_mode = wal");
                }
                copy
            }
            Self::Mariadb => {
                let copy = self.create();
                // As it was altered where it comes from.
                copy.credentials_as_text();
                // One text, since each call has a session of its own.
                let mut sql = "SET foreign_key_checks = 0, unique_checks = 0;".to_owned();
                let tables = from.query(&format!(
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = '{}'",
                    from.name()
                ));
                let tables: Vec<_> = tables.iter().map(|row| row[0].as_str().expect("a name is a text")).collect();
                for table in &tables {
                    sql += &format!("INSERT INTO `{table}` SELECT * FROM `{}`.`{table}`;", from.name());
                }
                copy.execute(&sql);
                settle(&copy);
                copy
            }
            Self::Postgres => {
                let copy = self.create();
                let (name, lobby) = (copy.name(), self.create());
                lobby.execute(&format!("DROP DATABASE {name}"));
                lobby.execute(&format!("CREATE DATABASE {name} TEMPLATE {} STRATEGY file_copy", from.name()));
                settle(&copy);
                copy
            }
        }
    }

    /// CPU time of the server's processes so far; `None` where there is no server.
    pub(crate) fn server_cpu(self) -> Option<f64> {
        let pid = match self {
            Self::Sqlite => return None,
            Self::Mariadb => mariadb().pid(),
            Self::Postgres => postgres().pid(),
        };
        Some(usage::cpu_of_tree(pid.expect("the server runs")))
    }
}

/// Lets a server do at once what it would do by itself in the time to come: statistics for its plans, and writing what
/// changed in memory.
pub(crate) fn settle(database: &TempDatabase) {
    match database.engine() {
        Engine::Sqlite => {}
        Engine::MariaDb => {
            database.query("ANALYZE TABLE domains, domain_nameservers, domain_contacts");
            // As fast as the disk takes it, not as gently as beside other work.
            database.execute(
                "SET GLOBAL innodb_io_capacity_max = 50000, innodb_io_capacity = 50000, \
                 innodb_max_dirty_pages_pct_lwm = 0, innodb_max_dirty_pages_pct = 0",
            );
            let deadline = Instant::now() + SETTLING;
            while mariadb_dirty_pages(database) > FEW_PAGES {
                assert!(Instant::now() < deadline, "MariaDB does not come to rest");
                std::thread::sleep(Duration::from_millis(50));
            }
            database.execute(
                "SET GLOBAL innodb_max_dirty_pages_pct = DEFAULT, innodb_max_dirty_pages_pct_lwm = DEFAULT, \
                 innodb_io_capacity = DEFAULT, innodb_io_capacity_max = DEFAULT",
            );
        }
        Engine::Postgres => {
            database.execute("VACUUM ANALYZE");
            database.execute("CHECKPOINT");
        }
    }
}

fn mariadb_dirty_pages(database: &TempDatabase) -> u64 {
    let row = database.row("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'");
    row[1].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{row:?} is no number of pages"))
}

/// As in production: a commit waits for the disk.
fn durable() -> ServerOptions {
    ServerOptions { durable: true, ..ServerOptions::default() }
}

/// Started when it is asked for, and ended with the process.
fn mariadb() -> &'static MariaDb {
    static SERVER: OnceLock<MariaDb> = OnceLock::new();
    SERVER.get_or_init(|| MariaDb::start_with(durable()))
}

/// As [`mariadb`].
fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start_with(durable()))
}
