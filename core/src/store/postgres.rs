//! The application's database on PostgreSQL.
//!
//! Tables are looked for in the connection's `search_path`. Datetimes have no zone and are the application's wall clock,
//! so the session's time zone touches none of them. Columns of type `json` keep a text as it was written, which is what
//! local changes are found by; of type `jsonb` they would be as good.

mod statements;

use async_trait::async_trait;
use chrono_tz::Tz;
use secrecy::ExposeSecret;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgDatabaseError, PgRow, PgSslMode, Postgres};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use super::sql::server::{Endpoint, LOCK_WAIT, Server, ServerLink, connection_failure};
use super::sql::{
    Arg, Asks, Dialect, Extras, Failure, Sql, SqlStore, Statements, SyncedIndex, check, firsts, pairs, store_over_sql,
};
use crate::config::{DatabaseConfig, Driver, PostgresServer, TlsMode};
use crate::{Error, ErrorKind, Result};

/// The oldest PostgreSQL that the library promises to work with.
const OLDEST: i32 = 120_000;

/// A database of PostgreSQL's with the application's tables.
#[derive(Debug)]
pub struct PostgresStore(SqlStore<ServerLink<Pg>>);

store_over_sql!(PostgresStore);

/// A server of PostgreSQL, and what its sessions are set to.
#[derive(Debug)]
struct Pg {
    /// As PostgreSQL writes it; empty for the user's default.
    search_path: String,
    timezone: Option<String>,
}

impl PostgresStore {
    /// Connects to the application's database. `timezone` is `app.timezone`, the wall clock of its datetimes.
    ///
    /// Fails when no server answers, when it is older than PostgreSQL 12, when it refuses the user or does not know the
    /// database, and when a table or column of the application's is missing. Nothing in it is changed.
    pub async fn connect(config: &DatabaseConfig, timezone: Tz) -> Result<Self> {
        let Driver::Postgres(servers) = &config.driver else {
            return Err(Error::new(ErrorKind::Internal, "a PostgreSQL store was asked for another database"));
        };
        let dialect = Dialect { prefix: config.prefix.clone(), quote: '"', mark: '$', numbered: true };
        let endpoints = || servers.write.iter().map(endpoint).collect::<Vec<_>>();
        let first = servers.write.first();
        let session = Pg {
            search_path: first.map(search_path).unwrap_or_default(),
            timezone: first.and_then(|server| server.timezone.clone()),
        };
        let (first, mut probe) = ServerLink::probe(&session, &endpoints()).await?;
        let checked = look_around(&mut probe, &dialect).await;
        // What was found out counts more than how closing went.
        probe.close().await.ok();
        let statements = checked?;
        let link = ServerLink::new(session, endpoints, first, servers.read.iter().map(endpoint).collect())?;
        Ok(Self(SqlStore::new(link, statements, timezone)))
    }
}

fn search_path(server: &PostgresServer) -> String {
    let quoted = server.search_path.iter().map(|schema| format!("\"{}\"", schema.replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(", ")
}

fn endpoint(server: &PostgresServer) -> Endpoint<PgConnectOptions> {
    let local = server.host.starts_with('/');
    let mode = match server.tls.mode {
        // A socket has no encryption, and libpq asks for none.
        _ if local => PgSslMode::Disable,
        TlsMode::Disabled => PgSslMode::Disable,
        TlsMode::Preferred => PgSslMode::Prefer,
        TlsMode::Required => PgSslMode::Require,
        TlsMode::VerifyCa => PgSslMode::VerifyCa,
        TlsMode::VerifyFull => PgSslMode::VerifyFull,
    };
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(&server.host)
        .port(server.port)
        .username(&server.username)
        .database(&server.database)
        .application_name("domaindesk-sync")
        .ssl_mode(mode)
        .disable_statement_logging();
    if let Some(password) = &server.password {
        options = options.password(password.expose_secret());
    }
    if let Some(file) = &server.tls.ca {
        options = options.ssl_root_cert(file);
    }
    if let Some(file) = &server.tls.cert {
        options = options.ssl_client_cert(file);
    }
    if let Some(file) = &server.tls.key {
        options = options.ssl_client_key(file);
    }
    Endpoint { name: format!("`{}:{}`", server.host, server.port), options }
}

/// Checks the server and the schema; the statements that suit them.
pub(super) async fn look_around(asks: &mut impl Asks, dialect: &Dialect) -> Result<Statements> {
    let version = "SELECT current_setting('server_version_num'), current_setting('server_version')";
    let (number, name) = pairs(asks.rows(version, &[]).await?).next().unwrap_or_default();
    if number.parse::<i32>().unwrap_or_default() < OLDEST {
        let oldest = OLDEST / 10_000;
        return Err(Error::store(format!("the database server is PostgreSQL {name}: {oldest} or newer is needed")));
    }
    // Only what is found without a schema's name, as the statements look for it.
    let columns = "SELECT c.relname::text, a.attname::text FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid \
         WHERE c.relkind IN ('r', 'p', 'v', 'f') AND pg_table_is_visible(c.oid) AND a.attnum > 0 \
         AND NOT a.attisdropped AND c.relnamespace <> 'pg_catalog'::regnamespace";
    let extras = check(dialect, pairs(asks.rows(columns, &[]).await?))?;
    let indexes = "SELECT (SELECT b.attname::text FROM pg_attribute AS b WHERE b.attrelid = c.oid \
         AND i.indnkeyatts > 1 AND b.attnum = i.indkey[1]) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_attribute AS a \
         ON a.attrelid = c.oid AND a.attnum = i.indkey[0] JOIN pg_class AS n ON n.oid = i.indexrelid \
         JOIN pg_am AS m ON m.oid = n.relam WHERE c.relname = $1 AND pg_table_is_visible(c.oid) AND i.indisvalid \
         AND i.indpred IS NULL AND m.amname = 'btree' AND a.attname = 'last_synced_at'";
    let seconds = firsts(asks.rows(indexes, &[&dialect.table("domains")]).await?);
    // Equal entries stand in the order of the rows' places.
    let extras = Extras { synced_index: SyncedIndex::best(seconds, false), ..extras };
    Ok(statements::statements(dialect, extras))
}

#[async_trait]
impl Asks for PgConnection {
    async fn rows(&mut self, sql: &'static str, args: &[&str]) -> Result<Vec<Vec<Option<String>>>> {
        let query = args.iter().fold(sqlx::query(sql), |query, arg| query.bind((*arg).to_owned()));
        let rows = query.fetch_all(&mut *self).await;
        let columns = |row: &PgRow| (0..row.len()).map(|at| row.try_get(at)).collect();
        let texts = rows.and_then(|rows| rows.iter().map(columns).collect());
        texts.map_err(|error| Pg::failure(error).into_error())
    }
}

#[async_trait]
impl Server for Pg {
    type Db = Postgres;

    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

    // Immediate checks what is pending; deferred lets the next part be whole before it is checked.
    const KEEP: &'static str = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; RELEASE SAVEPOINT domain";

    async fn set_up(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let mut settings = vec![("lock_timeout", format!("{LOCK_WAIT}s"))];
        if !self.search_path.is_empty() {
            settings.push(("search_path", self.search_path.clone()));
        }
        if let Some(timezone) = &self.timezone {
            settings.push(("timezone", timezone.clone()));
        }
        for (name, value) in settings {
            let set = sqlx::query("SELECT set_config($1, $2, false)").bind(name).bind(value);
            set.execute(&mut *connection).await?;
        }
        Ok(())
    }

    async fn fetch(connection: &mut PgConnection, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>, Failure> {
        let rows = query(sql, args)?.fetch_all(connection).await.map_err(Self::failure)?;
        // NULL where an aggregate has seen no row.
        let texts = rows.iter().map(|row| row.try_get::<Option<String>, _>(0)).filter_map(Result::transpose);
        texts.collect::<Result<_, _>>().map_err(Self::failure)
    }

    async fn execute(connection: &mut PgConnection, sql: &Sql, args: &[(&str, Arg)]) -> Result<u64, Failure> {
        let done = query(sql, args)?.execute(connection).await.map_err(Self::failure)?;
        Ok(done.rows_affected())
    }

    async fn control(connection: &mut PgConnection, sql: &'static str) -> Result<(), Failure> {
        sqlx::raw_sql(sql).execute(connection).await.map_err(Self::failure)?;
        Ok(())
    }

    fn failure(error: sqlx::Error) -> Failure {
        let known = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
        match known {
            Some(known) => refusal(known)(error),
            None => connection_failure(error),
        }
    }
}

type Query = sqlx::query::Query<'static, Postgres, PgArguments>;

fn query(sql: &Sql, args: &[(&str, Arg)]) -> Result<Query> {
    // The texts are this module's own; the prefix in them is quoted.
    let mut query = sqlx::query(AssertSqlSafe(sql.text.clone()));
    for arg in sql.bind(args)? {
        query = match arg {
            Arg::Int(number) => query.bind(number),
            Arg::Text(text) => query.bind(text.to_string()),
        };
    }
    Ok(query)
}

/// What a refusal of the server's is. Its own words are kept where they name tables, columns and users only.
fn refusal(error: &PgDatabaseError) -> impl FnOnce(sqlx::Error) -> Failure + use<> {
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    let (code, message) = (error.code(), error.message());
    let class = code.get(..2).unwrap_or_default();
    let words = match code {
        "28P01" | "28000" => format!("the database server refuses the user: {message}"),
        "3D000" => format!("the database server has no such database: {message}"),
        "55P03" => format!("a row is locked: another transaction holds the lock (waited for {LOCK_WAIT} s)"),
        "25006" => format!("the database is read-only: {message}"),
        // Only of what a session is set to.
        "22023" => format!("the database server does not take a setting of the connection: {message}"),
        // Too long for a column: no value in it.
        "22001" => format!("the database server says: {message}"),
        _ if class == "22" => {
            let column = error.column().map(|column| format!(" `{column}`")).unwrap_or_default();
            format!("a value does not fit its column{column} (SQLSTATE {code})")
        }
        _ => format!("the database server says: {message} (SQLSTATE {code})"),
    };
    // Data that the server refuses, or a trigger does: what sqlx keeps of it holds the row.
    let row = matches!(class, "22" | "23" | "P0" | "44") && code != "22023";
    // The server ends the connection: it is being stopped, or one of its processes died.
    let lost = matches!(code, "57P01" | "57P02");
    let conflict = matches!(code, "40001" | "40P01" | "55P03");
    move |error| match (row, conflict) {
        (true, _) => Failure::Row(Error::store(words)),
        (_, true) => Failure::Conflict(Error::store(words).with_source(error)),
        _ if lost => Failure::Lost(Error::store(words).with_source(error)),
        _ => Failure::Transaction(Error::store(words).with_source(error)),
    }
}

#[cfg(test)]
mod tests;
