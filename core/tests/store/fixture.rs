//! A database with two partners and two registrars, and short ways to put domains into it and to look at them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine, TempDatabase};
use domaindesk_sync::config::{Config, DatabaseConfig};
use domaindesk_sync::model::{LocalDomain, PartnerId};
use domaindesk_sync::store::{self, Detail, DomainWrite, DueQuery, Scope, Store, WriteContext, WriteOutcome};
use domaindesk_sync::{DomainId, Result};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions};

/// The present of all tests.
pub(crate) const NOW: &str = "2026-11-23T02:43:43Z";

pub(crate) const EVERYBODY: Scope = Scope { partner_id: None };

pub(crate) fn partner(id: i64) -> Scope {
    Scope { partner_id: Some(PartnerId(id)) }
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn now() -> DateTime<Utc> {
    at(NOW)
}

/// Ids 1 and 2: partners, and registrars `resellerclub` and `btcl`. User 1.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) db: TempDatabase,
    pub(crate) store: Arc<dyn Store>,
}

impl Fixture {
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::with(engine, DatabaseOptions::default(), Tz::UTC).await
    }

    pub(crate) async fn sqlite() -> Self {
        Self::new(Engine::Sqlite).await
    }

    pub(crate) async fn with(engine: Engine, options: DatabaseOptions, timezone: Tz) -> Self {
        Self::in_database(TempDatabase::on(engine, options), timezone).await
    }

    pub(crate) async fn in_database(db: TempDatabase, timezone: Tz) -> Self {
        db.credentials_as_text();
        for (table, columns, rows) in [
            (
                "partners",
                "id, name, email, slug",
                "(1, 'One', 'one@one.example', 'one'), (2, 'Two', 'two@two.example', 'two')",
            ),
            ("users", "id, name, email", "(1, 'Ann', 'ann@one.example')"),
            (
                "registrars",
                "id, name, slug, credentials, is_active, last_sync_at",
                "(1, 'ResellerClub', 'resellerclub', 'eyJpdiI6', true, NULL), (2, 'BTCL', 'btcl', NULL, false, '2026-11-22 01:02:03')",
            ),
        ] {
            let table = db.table(table);
            db.execute(&format!("INSERT INTO {table} ({columns}) VALUES {rows}"));
        }
        let store = connect(&db, timezone).await;
        Self { db, store }
    }

    /// Runs a statement; `"order"` is quoted as the engine does.
    pub(crate) fn run(&self, sql: &str) -> u64 {
        self.db.execute(&self.sql(sql))
    }

    /// The rows of a SELECT, as [`run`](Self::run) does.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        self.db.query(&self.sql(sql))
    }

    fn sql(&self, sql: &str) -> String {
        sql.replace("\"order\"", &self.db.quote("order"))
    }

    /// A text as the engine's SQL has it.
    pub(crate) fn literal(&self, text: &str) -> String {
        let text = text.replace('\'', "''");
        // A backslash escapes there.
        if self.db.engine() == Engine::MariaDb {
            format!("'{}'", text.replace('\\', "\\\\"))
        } else {
            format!("'{text}'")
        }
    }

    /// How many statements of a chunk's write lock it: SQLite's transactions have all of the file.
    pub(crate) fn locks(&self) -> u64 {
        u64::from(self.db.engine() != Engine::Sqlite)
    }

    /// Lets the database go on after the ids that were given by hand.
    pub(crate) fn after_ids(&self, table: &str) {
        if self.db.engine() == Engine::Postgres {
            let table = self.db.table(table);
            self.db.query(&format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"));
        }
    }

    /// Gives a domain a status that is none of the application's, past what its schema admits.
    pub(crate) fn unknown_status(&self, id: i64) {
        let admit = match self.db.engine() {
            Engine::Sqlite => "PRAGMA ignore_check_constraints = 1",
            Engine::MariaDb => "ALTER TABLE domains MODIFY status varchar(255) NOT NULL",
            Engine::Postgres => "ALTER TABLE domains DROP CONSTRAINT IF EXISTS domains_status_check",
        };
        self.run(&format!("{admit}; UPDATE domains SET status = 'parked' WHERE id = {id}"));
    }

    /// Makes the database refuse rows of a table. `timing` is such as `BEFORE UPDATE`.
    pub(crate) fn refuse(&self, timing: &str, table: &str, condition: &str, message: &str) {
        self.run(&match self.db.engine() {
            Engine::Sqlite => format!(
                "CREATE TRIGGER refuse {timing} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ),
            Engine::MariaDb => format!(
                "CREATE TRIGGER refuse {timing} ON {table} FOR EACH ROW IF {condition} THEN \
                 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{message}'; END IF"
            ),
            Engine::Postgres => format!(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN \
                 RAISE EXCEPTION '{message}'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$; \
                 CREATE TRIGGER refuse {timing} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
            ),
        });
    }

    /// Adds a domain of client 1, partner 1 and registrar 1, active, never synced, until 2027-06-01 07:00:00. `set`
    /// changes that, as in an UPDATE.
    pub(crate) fn domain(&self, id: i64, name: &str, set: &str) {
        let table = self.db.table("domains");
        self.db.execute(&format!(
            "INSERT INTO {table} (id, name, client_id, partner_id, registrar_id, status, expires_at, created_at, updated_at) \
             VALUES ({id}, '{name}', 1, 1, 1, 'active', '2027-06-01 07:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
        if !set.is_empty() {
            self.db.execute(&format!("UPDATE {table} SET {set} WHERE id = {id}"));
        }
    }

    /// Adds many domains `d1.example` … with ids from 1.
    pub(crate) fn domains(&self, count: i64) {
        let table = self.db.table("domains");
        let row = |id| format!("({id}, 'd{id}.example', 1, 1, 1, 'active', '2027-06-01 07:00:00')");
        let rows: Vec<_> = (1..=count).map(row).collect();
        self.db.execute(&format!(
            "INSERT INTO {table} (id, name, client_id, partner_id, registrar_id, status, expires_at) VALUES {}",
            rows.join(", ")
        ));
    }

    pub(crate) fn nameservers(&self, domain: i64, hosts: &[&str]) {
        let table = self.db.table("domain_nameservers");
        for (index, host) in hosts.iter().enumerate() {
            self.run(&format!(
                "INSERT INTO {table} (domain_id, nameserver, \"order\", created_at, updated_at) \
                 VALUES ({domain}, '{host}', {}, '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
                index + 1
            ));
        }
    }

    /// Adds a contact of Jane Doe, London, without organization and state.
    pub(crate) fn contact(&self, id: i64, domain: i64, kind: &str) {
        let table = self.db.table("domain_contacts");
        self.db.execute(&format!(
            "INSERT INTO {table} (id, domain_id, type, first_name, last_name, email, phone, address, city, postal_code, country, \
             created_at, updated_at) VALUES ({id}, {domain}, '{kind}', 'Jane', 'Doe', 'jane@one.example', '+44.2079460000', \
             '1 High Street', 'London', 'SW1A 1AA', 'GB', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
        self.after_ids("domain_contacts");
    }

    /// One domain, which must be there.
    pub(crate) async fn load(&self, id: i64, detail: Detail) -> LocalDomain {
        let mut found = self.store.load(EVERYBODY, &[DomainId(id)], detail).await.unwrap();
        assert_eq!(found.len(), 1, "domain {id}");
        found.remove(0)
    }

    /// Columns of a domain as they are stored.
    pub(crate) fn columns(&self, id: i64, columns: &str) -> Vec<Value> {
        let table = self.db.table("domains");
        self.db.row(&format!("SELECT {columns} FROM {table} WHERE id = {id}"))
    }

    pub(crate) async fn write(&self, writes: &[DomainWrite]) -> Vec<WriteOutcome> {
        self.store.write(&context(), writes).await.unwrap()
    }
}

/// The database as the application's own array describes it.
pub(crate) fn config(db: &TempDatabase) -> DatabaseConfig {
    from_array(db.laravel_connection())
}

pub(crate) fn from_array(connection: Value) -> DatabaseConfig {
    Config::from_value(json!({ "database": connection })).unwrap().database
}

pub(crate) async fn connect(db: &TempDatabase, timezone: Tz) -> Arc<dyn Store> {
    try_connect(&config(db), timezone).await.unwrap()
}

pub(crate) async fn try_connect(config: &DatabaseConfig, timezone: Tz) -> Result<Arc<dyn Store>> {
    store::connect(config, timezone).await
}

/// A connection of the application's own to a server.
pub(crate) enum Session {
    MariaDb(sqlx::MySqlConnection),
    Postgres(sqlx::PgConnection),
}

impl Session {
    pub(crate) async fn open(db: &TempDatabase) -> Self {
        let access = db.access().unwrap();
        match db.engine() {
            Engine::Postgres => {
                Self::Postgres(access.postgres_by_socket().database(&db.name()).connect().await.unwrap())
            }
            _ => Self::MariaDb(access.mariadb_by_socket().database(&db.name()).connect().await.unwrap()),
        }
    }

    /// Runs statements of PostgreSQL's or of MariaDB's.
    pub(crate) async fn run(&mut self, postgres: &str, mariadb: &str) {
        let done = match self {
            Self::Postgres(connection) => {
                sqlx::raw_sql(AssertSqlSafe(postgres.to_owned())).execute(connection).await.map(|_| ())
            }
            Self::MariaDb(connection) => {
                sqlx::raw_sql(AssertSqlSafe(mariadb.to_owned())).execute(connection).await.map(|_| ())
            }
        };
        done.unwrap_or_else(|error| panic!("{postgres} / {mariadb}: {error}"));
    }

    /// Runs a statement that is the same on both.
    pub(crate) async fn same(&mut self, sql: &str) {
        self.run(sql, sql).await;
    }
}

pub(crate) fn context() -> WriteContext {
    WriteContext { now: now(), user_id: None, source: "manual".to_owned() }
}

/// Bookkeeping after a success and nothing else.
pub(crate) fn bookkeeping(before: LocalDomain, read: Detail) -> DomainWrite {
    DomainWrite {
        before,
        read,
        status: None,
        expires_at: None,
        nameservers: None,
        contacts: Vec::new(),
        synced_at: Some(now()),
        metadata: r#"{"synced_at":"2026-11-23T02:43:43+00:00"}"#.to_owned(),
        audits: Vec::new(),
    }
}

/// The application's defaults.
pub(crate) fn query(limit: u32) -> DueQuery {
    DueQuery {
        now: now(),
        interval: TimeDelta::hours(6),
        near_intervals: None,
        heal_interval: TimeDelta::hours(24),
        priority_days: 30,
        limit,
    }
}

/// One word for each outcome.
pub(crate) fn words(outcomes: &[WriteOutcome]) -> Vec<&'static str> {
    outcomes
        .iter()
        .map(|outcome| match outcome {
            WriteOutcome::Written => "written",
            WriteOutcome::ChangedLocally => "changed",
            WriteOutcome::Failed(_) => "failed",
        })
        .collect()
}
