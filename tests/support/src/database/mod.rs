//! A temporary database with the application's schema in it, on any of the three engines, and blocking look-ups for
//! assertions.

mod engine;
mod link;
mod session;
mod values;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::schema;
use crate::servers::{Access, MariaDb, Postgres, Tls};

pub use engine::Engine;
pub(crate) use link::Link;
pub use link::Target;
pub use session::Session;

/// One runtime for all blocking look-ups, since starting one costs more than a look-up.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("start a runtime for look-ups")
});

/// Runs asynchronous work to its end from anywhere, also from inside an asynchronous test: it waits on a thread of its
/// own, since a runtime's thread must not wait for another runtime.
pub(crate) fn wait_for<T: Send>(work: impl AsyncFnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| RUNTIME.block_on(work()));
        waiting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// How SQLite keeps its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalMode {
    /// A rollback journal that is deleted after each transaction: what a new file has.
    Delete,
    /// A write-ahead log, as an application with several processes sets it.
    Wal,
}

/// What a temporary database is made with.
#[derive(Clone, Debug, Default)]
pub struct DatabaseOptions {
    /// The Laravel connection's table prefix.
    pub prefix: String,
    /// SQLite: the journal mode written into the file; `None` leaves what SQLite does by itself.
    pub journal_mode: Option<JournalMode>,
    /// PostgreSQL: the schema that the tables are in, as in the Laravel connection's `search_path`; `public` when `None`.
    pub search_path: Option<String>,
}

/// A database with the application's schema, empty otherwise. It goes when this is dropped.
#[derive(Debug)]
pub struct TempDatabase {
    folder: TempDir,
    place: Place,
    target: Target,
    options: DatabaseOptions,
}

#[derive(Debug)]
enum Place {
    File(PathBuf),
    Server { access: Access, name: String },
}

impl TempDatabase {
    /// An empty SQLite database without a table prefix.
    pub fn new() -> Self {
        Self::create(DatabaseOptions::default())
    }

    /// An empty SQLite database made as `options` say.
    pub fn create(options: DatabaseOptions) -> Self {
        let folder = temporary_folder();
        let path = folder.path().join("database.sqlite");
        schema::create(&path, &options.prefix);
        let database = Self { folder, target: Target::Sqlite(path.clone()), place: Place::File(path), options };
        if let Some(mode) = database.options.journal_mode {
            database.query(match mode {
                JournalMode::Delete => "PRAGMA journal_mode = delete",
                JournalMode::Wal => "PRAGMA journal_mode = wal",
            });
        }
        database
    }

    /// An empty database on an engine: in a file, or on the server that all tests of this process share.
    pub fn on(engine: Engine, options: DatabaseOptions) -> Self {
        match engine {
            Engine::Sqlite => Self::create(options),
            Engine::MariaDb => Self::on_mariadb(MariaDb::shared(), options),
            Engine::Postgres => Self::on_postgres(Postgres::shared(), options),
        }
    }

    /// An empty database on a MariaDB of one's own.
    pub fn on_mariadb(server: &MariaDb, options: DatabaseOptions) -> Self {
        let (access, name) = (server.access().clone(), fresh_name());
        let lobby = Target::MariaDb(access.mariadb_by_socket());
        let target = Target::MariaDb(access.mariadb_by_socket().database(&name));
        on_link(&lobby, async |link| {
            let sql = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
            must(link.execute(&sql).await, &sql);
        });
        Self::furnish(access, name, target, options)
    }

    /// An empty database on a PostgreSQL of one's own.
    pub fn on_postgres(server: &Postgres, options: DatabaseOptions) -> Self {
        let (access, name) = (server.access().clone(), fresh_name());
        let lobby = Target::Postgres(access.postgres_by_socket());
        let connect = access.postgres_by_socket().database(&name);
        let (target, schema) = match &options.search_path {
            Some(path) => {
                (Target::Postgres(connect.options([("search_path", path)])), Some(Engine::Postgres.quote(path)))
            }
            None => (Target::Postgres(connect), None),
        };
        on_link(&lobby, async |link| {
            let sql = format!("CREATE DATABASE {name} TEMPLATE template0");
            must(link.execute(&sql).await, &sql);
        });
        if let Some(schema) = schema {
            on_link(&target, async |link| {
                let sql = format!("CREATE SCHEMA {schema}");
                must(link.execute(&sql).await, &sql);
            });
        }
        Self::furnish(access, name, target, options)
    }

    fn furnish(access: Access, name: String, target: Target, options: DatabaseOptions) -> Self {
        let folder = temporary_folder();
        let database = Self { folder, place: Place::Server { access, name }, target, options };
        schema::create_in(&database.target, &database.options.prefix);
        database
    }

    /// Which engine it is on.
    pub fn engine(&self) -> Engine {
        self.target.engine()
    }

    /// An identifier in the engine's quotes, for columns such as `order`.
    pub fn quote(&self, name: &str) -> String {
        self.engine().quote(name)
    }

    /// SQLite's database file.
    ///
    /// # Panics
    /// On the other engines, which have none.
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::File(path) => path,
            Place::Server { name, .. } => panic!("{name} on {} is no file", self.engine()),
        }
    }

    /// A temporary folder that goes with the database, SQLite's file in it: a place for further files of the same test.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database's name on its server; on SQLite the file's path.
    pub fn name(&self) -> String {
        match &self.place {
            Place::File(path) => path.display().to_string(),
            Place::Server { name, .. } => name.clone(),
        }
    }

    /// How its server is reached; `None` on SQLite.
    pub fn access(&self) -> Option<&Access> {
        match &self.place {
            Place::File(_) => None,
            Place::Server { access, .. } => Some(access),
        }
    }

    /// As a database URL: the file, or the server over TCP. Where the server has TLS, the URL says to check its
    /// certificate, in the words of the engine's own clients (`ssl-mode` and `ssl-ca`, `sslmode` and `sslrootcert`). A
    /// search path does not stand in it.
    pub fn url(&self) -> String {
        let Place::Server { access, name } = &self.place else {
            return format!("sqlite://{}", self.path().display());
        };
        let Access { host, port, username, password, .. } = access;
        let (scheme, mode, ca) = match self.engine() {
            Engine::Postgres => ("postgres", "sslmode=verify-full", "sslrootcert"),
            _ => ("mysql", "ssl-mode=VERIFY_IDENTITY", "ssl-ca"),
        };
        let tls = access.ca.as_ref().map(|path| format!("?{mode}&{ca}={}", path.display())).unwrap_or_default();
        format!("{scheme}://{username}:{password}@{host}:{port}/{name}{tls}")
    }

    /// The Laravel connection's table prefix.
    pub fn prefix(&self) -> &str {
        &self.options.prefix
    }

    /// A table's name with the prefix.
    pub fn table(&self, name: &str) -> String {
        format!("{}{name}", self.options.prefix)
    }

    /// The connection as it stands in the application's `config/database.php`, a server's over TCP.
    pub fn laravel_connection(&self) -> Value {
        let prefix = self.prefix();
        let Place::Server { access, name } = &self.place else {
            return json!({
                "driver": "sqlite",
                "url": null,
                "database": self.path(),
                "prefix": prefix,
                "prefix_indexes": true,
                "foreign_key_constraints": true,
            });
        };
        let Access { host, port, username, password, .. } = access;
        // A text, as `env('DB_PORT')` gives it.
        let port = port.to_string();
        let mut connection = match self.engine() {
            Engine::Postgres => json!({
                "driver": "pgsql",
                "url": null,
                "host": host,
                "port": port,
                "database": name,
                "username": username,
                "password": password,
                "charset": "utf8",
                "prefix": prefix,
                "prefix_indexes": true,
                "search_path": self.options.search_path.as_deref().unwrap_or("public"),
                "sslmode": if access.tls == Tls::Off { "prefer" } else { "verify-full" },
            }),
            _ => json!({
                "driver": "mysql",
                "url": null,
                "host": host,
                "port": port,
                "database": name,
                "username": username,
                "password": password,
                "unix_socket": "",
                "charset": "utf8mb4",
                "collation": "utf8mb4_unicode_ci",
                "prefix": prefix,
                "prefix_indexes": true,
                "strict": true,
                "engine": null,
                "options": [],
            }),
        };
        match (self.engine(), &access.ca) {
            (_, None) => {}
            (Engine::Postgres, Some(ca)) => connection["sslrootcert"] = json!(ca),
            // The numbers of PDO::MYSQL_ATTR_SSL_CA and PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT, as keys of a PHP array.
            (_, Some(ca)) => connection["options"] = json!({"1009": ca, "1014": true}),
        }
        connection
    }

    /// As [`laravel_connection`](Self::laravel_connection), over the server's socket.
    pub fn laravel_connection_by_socket(&self) -> Value {
        let mut connection = self.laravel_connection();
        if let Place::Server { access, .. } = &self.place {
            match self.engine() {
                Engine::Postgres => connection["host"] = json!(access.socket),
                _ => connection["unix_socket"] = json!(access.socket),
            }
        }
        connection
    }

    /// Makes `registrars.credentials` take any text, as an operator has to before credentials can be stored encrypted:
    /// a base64 text is no JSON, and MariaDB and PostgreSQL look. SQLite does not.
    pub fn credentials_as_text(&self) {
        if let Some(sql) = schema::credentials_as_text(self.engine(), self.prefix()) {
            self.execute(&sql);
        }
    }

    /// All rows of a statement that answers.
    ///
    /// Integers and floats are numbers, booleans 0 and 1, and null is null. Decimals are texts on the servers (`12.90`)
    /// and numbers on SQLite, which has no such type; the sum of integers is a decimal on MariaDB. Instants are texts
    /// (`2026-11-23 02:43:43`), read on MariaDB in the server's own time zone, days are `2026-11-23`, and JSON is the
    /// text that was stored. SQLite goes by the storage class of each value. A PostgreSQL session is in UTC, as sqlx
    /// has it.
    ///
    /// # Panics
    /// When the statement fails or a SQLite value is a blob, which the schema has none of.
    pub fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        on_link(&self.target, async |link| must(link.query(sql).await, sql))
    }

    /// The only row of a SELECT.
    ///
    /// # Panics
    /// As [`query`](Self::query), and when there is not exactly one row.
    pub fn row(&self, sql: &str) -> Vec<Value> {
        let mut rows = self.query(sql);
        assert!(rows.len() == 1, "{sql}: {} rows where one was wanted", rows.len());
        rows.remove(0)
    }

    /// The only value of the only row of a SELECT.
    ///
    /// # Panics
    /// As [`row`](Self::row), and when the row has more than one column.
    pub fn one(&self, sql: &str) -> Value {
        let mut row = self.row(sql);
        assert!(row.len() == 1, "{sql}: {} columns where one was wanted", row.len());
        row.remove(0)
    }

    /// How many rows a table has (name without prefix).
    pub fn count(&self, table: &str) -> u64 {
        let sql = format!("SELECT COUNT(*) FROM {}", self.quote(&self.table(table)));
        self.one(&sql).as_u64().unwrap_or_else(|| panic!("{sql}: no number"))
    }

    /// Runs a statement that changes something; the number of rows it touched.
    ///
    /// # Panics
    /// When the statement fails; [`try_execute`](Self::try_execute) gives the error instead.
    pub fn execute(&self, sql: &str) -> u64 {
        must(self.try_execute(sql), sql)
    }

    /// As [`execute`](Self::execute), for statements that the schema is expected to refuse.
    pub fn try_execute(&self, sql: &str) -> Result<u64, sqlx::Error> {
        on_link(&self.target, async |link| link.execute(sql).await)
    }
}

impl Drop for TempDatabase {
    fn drop(&mut self) {
        let Place::Server { access, name } = &self.place else { return };
        let lobby = match self.engine() {
            Engine::Postgres => Target::Postgres(access.postgres_by_socket()),
            _ => Target::MariaDb(access.mariadb_by_socket()),
        };
        let dropped = wait_for(async || match Link::open(&lobby).await {
            Ok(link) => drop_from_server(link, name).await,
            // A server that is gone took the database with it.
            Err(_) => Ok(()),
        });
        // A second panic would hide the first.
        if !std::thread::panicking() {
            must(dropped, "drop the database");
        }
    }
}

/// Ends the connections that the test left open, which would keep the database, and drops it.
async fn drop_from_server(mut link: Link, name: &str) -> Result<(), sqlx::Error> {
    if matches!(link, Link::MariaDb(_)) {
        let left = link.query(&format!("SELECT id FROM information_schema.processlist WHERE db = '{name}'")).await?;
        for row in left {
            match link.execute(&format!("KILL {}", row[0])).await {
                // 1094: it ended by itself meanwhile.
                Err(error) if !error.to_string().contains("1094") => return Err(error),
                _ => {}
            }
        }
        link.execute(&format!("DROP DATABASE {name}")).await?;
    } else {
        link.execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
    }
    link.close().await
}

impl Default for TempDatabase {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&TempDatabase> for Target {
    fn from(database: &TempDatabase) -> Self {
        database.target.clone()
    }
}

fn temporary_folder() -> TempDir {
    TempDir::with_prefix("domaindesk-").expect("make a temporary folder")
}

/// A database's name that no other test of this process has.
fn fresh_name() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    format!("domaindesk_{}", COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// Opens a connection for one piece of work and closes it again, so that no look-up holds a lock that a test is about.
fn on_link<T: Send>(target: &Target, work: impl AsyncFnOnce(&mut Link) -> T + Send) -> T {
    wait_for(async || {
        let mut link = must(Link::open(target).await, "connect to the database");
        let result = work(&mut link).await;
        must(link.close().await, "close the connection");
        result
    })
}

fn must<T>(result: Result<T, sqlx::Error>, what: &str) -> T {
    result.unwrap_or_else(|error| panic!("{what}: {error}"))
}
