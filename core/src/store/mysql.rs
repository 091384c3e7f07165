//! The application's database on MariaDB or MySQL.
//!
//! Datetimes are `timestamp` columns, which the server converts with the session's time zone, so sessions have the one
//! that the application's have: the connection's `timezone` setting, or the server's default. The session's `sql_mode` is
//! strict whatever the application's is: what does not fit is refused and never cut off.
//!
//! Transactions are READ COMMITTED: the rows of `domains` are locked first, and what is read then is what others have
//! committed until then, children included; under REPEATABLE READ it would be what they had committed before the first
//! chunk. It also locks no gaps, so that processes that write different domains do not meet.

mod statements;

use std::path::Path;

use async_trait::async_trait;
use chrono_tz::Tz;
use secrecy::ExposeSecret;
use sqlx::mysql::{
    MySql, MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlRow, MySqlSslMode,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use super::sql::server::{Endpoint, LOCK_WAIT, Server, ServerLink, connection_failure};
use super::sql::{
    Arg, Asks, Dialect, Extras, Failure, Sql, SqlStore, Statements, SyncedIndex, check, firsts, pairs, store_over_sql,
};
use crate::config::{DatabaseConfig, Driver, MysqlServer, TlsMode};
use crate::{Error, ErrorKind, Result};
use statements::Naming;

/// A database of MariaDB's or MySQL's with the application's tables.
#[derive(Debug)]
pub struct MysqlStore(SqlStore<ServerLink<Mysql>>);

store_over_sql!(MysqlStore);

/// A server of MariaDB or MySQL.
#[derive(Debug)]
struct Mysql;

impl MysqlStore {
    /// Connects to the application's database. `timezone` is `app.timezone`, the wall clock of its datetimes.
    ///
    /// Fails when no server answers, when it is older than MariaDB 10.6 or MySQL 8.0, when it refuses the user or does not
    /// know the database, and when a table or column of the application's is missing. Nothing in it is changed.
    pub async fn connect(config: &DatabaseConfig, timezone: Tz) -> Result<Self> {
        let Driver::Mysql(servers) = &config.driver else {
            return Err(Error::new(ErrorKind::Internal, "a MySQL store was asked for another database"));
        };
        let dialect = Dialect { prefix: config.prefix.clone(), quote: '`', mark: '?', numbered: false };
        let endpoints = || servers.write.iter().map(endpoint).collect::<Vec<_>>();
        let (first, mut probe) = ServerLink::probe(&Mysql, &endpoints()).await?;
        let checked = look_around(&mut probe, &dialect).await;
        // What was found out counts more than how closing went.
        probe.close().await.ok();
        let statements = checked?;
        let link = ServerLink::new(Mysql, endpoints, first, servers.read.iter().map(endpoint).collect())?;
        Ok(Self(SqlStore::new(link, statements, timezone)))
    }
}

/// Where PHP's client finds the socket of the server on `localhost`, which it never asks for over TCP.
const LOCAL_SOCKETS: [&str; 3] = ["/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"];

fn endpoint(server: &MysqlServer) -> Endpoint<MySqlConnectOptions> {
    let mode = match server.tls.mode {
        TlsMode::Disabled => MySqlSslMode::Disabled,
        TlsMode::Preferred => MySqlSslMode::Preferred,
        TlsMode::Required => MySqlSslMode::Required,
        TlsMode::VerifyCa => MySqlSslMode::VerifyCa,
        TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
    };
    let mut options = MySqlConnectOptions::new()
        .host(&server.host)
        .port(server.port)
        .username(&server.username)
        .database(&server.database)
        .charset(&server.charset)
        .ssl_mode(mode)
        // UTC would be sqlx's choice.
        .timezone(server.timezone.clone())
        // The session's mode is set as a whole.
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .disable_statement_logging();
    let socket = socket(server, &LOCAL_SOCKETS);
    if let Some(path) = socket {
        options = options.socket(path);
    }
    if let Some(password) = &server.password {
        options = options.password(password.expose_secret());
    }
    if let Some(collation) = &server.collation {
        options = options.collation(collation);
    }
    if let Some(file) = &server.tls.ca {
        options = options.ssl_ca(file);
    }
    if let Some(file) = &server.tls.cert {
        options = options.ssl_client_cert(file);
    }
    if let Some(file) = &server.tls.key {
        options = options.ssl_client_key(file);
    }
    let name = match socket {
        Some(path) => format!("`{}`", path.display()),
        None => format!("`{}:{}`", server.host, server.port),
    };
    Endpoint { name, options }
}

fn socket<'a>(server: &'a MysqlServer, known: &'a [&'a str]) -> Option<&'a Path> {
    let local = || known.iter().map(Path::new).find(|path| path.exists());
    server.unix_socket.as_deref().or_else(|| if server.host == "localhost" { local() } else { None })
}

/// Checks the server and the schema; the statements that suit them.
pub(super) async fn look_around(asks: &mut impl Asks, dialect: &Dialect) -> Result<Statements> {
    check_version(&firsts(asks.rows("SELECT VERSION()", &[]).await?).next().flatten().unwrap_or_default())?;
    let columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()";
    let extras = check(dialect, pairs(asks.rows(columns, &[]).await?))?;
    let domains = dialect.table("domains");
    let naming = "SELECT character_set_name, collation_name FROM information_schema.columns \
         WHERE table_schema = DATABASE() AND table_name = ? AND column_name = 'name'";
    let (charset, collation) = pairs(asks.rows(naming, &[&domains]).await?)
        .next()
        .filter(|(charset, collation)| {
            [charset, collation]
                .iter()
                .all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        })
        .filter(|(charset, _)| !charset.is_empty())
        .ok_or_else(|| Error::store(format!("column `name` of table `{domains}` holds no text")))?;
    // Every index ends with the id. One that is set aside is not seen here to be so; then it is only of no use.
    let indexes = "SELECT n.column_name FROM information_schema.statistics AS s \
         LEFT JOIN information_schema.statistics AS n ON n.table_schema = s.table_schema AND n.table_name = s.table_name \
         AND n.index_name = s.index_name AND n.seq_in_index = 2 WHERE s.table_schema = DATABASE() AND s.table_name = ? \
         AND s.seq_in_index = 1 AND s.column_name = 'last_synced_at' AND s.index_type = 'BTREE' AND s.collation = 'A'";
    let seconds = firsts(asks.rows(indexes, &[&domains]).await?);
    let extras = Extras { synced_index: SyncedIndex::best(seconds, true), ..extras };
    Ok(statements::statements(dialect, extras, &Naming { charset, collation }))
}

#[async_trait]
impl Asks for MySqlConnection {
    async fn rows(&mut self, sql: &'static str, args: &[&str]) -> Result<Vec<Vec<Option<String>>>> {
        let query = args.iter().fold(sqlx::query(sql), |query, arg| query.bind((*arg).to_owned()));
        let rows = query.fetch_all(&mut *self).await.map_err(|error| Mysql::failure(error).into_error())?;
        Ok(rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect())
    }
}

fn check_version(version: &str) -> Result<()> {
    let (name, oldest) = if version.contains("MariaDB") { ("MariaDB", (10, 6)) } else { ("MySQL", (8, 0)) };
    let mut parts = version.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
    let found: (u32, u32) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if found < oldest {
        let (major, minor) = oldest;
        return Err(Error::store(format!(
            "the database server is {name} {version}: MariaDB 10.6 or MySQL 8.0 is needed, and this is older than {major}.{minor}"
        )));
    }
    Ok(())
}

#[async_trait]
impl Server for Mysql {
    type Db = MySql;

    const BEGIN: &'static str = "START TRANSACTION";

    async fn set_up(&self, connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
        // MariaDB cuts the answer of JSON_ARRAYAGG off at group_concat_max_len.
        let settings = format!(
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION group_concat_max_len = 16777216, \
             SESSION innodb_lock_wait_timeout = {LOCK_WAIT}"
        );
        sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut *connection).await?;
        let isolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
        sqlx::raw_sql(isolation).execute(connection).await.map(|_| ())
    }

    async fn fetch(connection: &mut MySqlConnection, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>, Failure> {
        let rows = query(sql, args)?.fetch_all(connection).await.map_err(Self::failure)?;
        let columns = |row: &MySqlRow| (0..row.len()).map(|at| text(row, at)).collect();
        Ok(vec![records(rows.iter().map(columns))])
    }

    async fn execute(connection: &mut MySqlConnection, sql: &Sql, args: &[(&str, Arg)]) -> Result<u64, Failure> {
        // sqlx asks the server to count the rows found, and not only those that changed.
        let done = query(sql, args)?.execute(connection).await.map_err(Self::failure)?;
        Ok(done.rows_affected())
    }

    async fn control(connection: &mut MySqlConnection, sql: &'static str) -> Result<(), Failure> {
        sqlx::raw_sql(sql).execute(connection).await.map_err(Self::failure)?;
        Ok(())
    }

    fn failure(error: sqlx::Error) -> Failure {
        let known = error.as_database_error().and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>());
        match known {
            Some(known) => refusal(known.number(), known.code().unwrap_or_default(), known.message())(error),
            None => connection_failure(error),
        }
    }
}

/// The records of a SELECT as one text.
pub(super) fn records(rows: impl Iterator<Item = Vec<Option<String>>>) -> String {
    let mut all = String::from("[");
    for row in rows {
        if all.len() > 1 {
            all.push(',');
        }
        let mut columns = row.into_iter();
        all.push_str(columns.next().flatten().as_deref().unwrap_or("null"));
        // Further columns are the last of the record's values; NULL is no child at all.
        for child in columns {
            all.truncate(all.strip_suffix(']').unwrap_or(&all).len());
            all.push(',');
            all.push_str(child.as_deref().unwrap_or("[]"));
            all.push(']');
        }
    }
    all.push(']');
    all
}

type Query = sqlx::query::Query<'static, MySql, MySqlArguments>;

fn query(sql: &Sql, args: &[(&str, Arg)]) -> Result<Query> {
    // The texts are this module's own; the prefix in them is quoted.
    let mut query = sqlx::query(AssertSqlSafe(sql.text.clone()));
    for arg in sql.bind(args)? {
        query = match arg {
            Arg::Int(number) => query.bind(number),
            Arg::Text(text) => query.bind(text),
        };
    }
    Ok(query)
}

/// A column as text, whatever the server calls its type. Bytes that are no UTF-8 should not cost the other rows.
fn text(row: &MySqlRow, at: usize) -> Option<String> {
    let bytes: Option<Vec<u8>> = row.try_get_unchecked(at).ok()?;
    Some(String::from_utf8(bytes?).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

// https://mariadb.com/kb/en/mariadb-error-code-reference/, https://dev.mysql.com/doc/mysql-errors/8.4/en/
const DB_ACCESS_DENIED: u16 = 1044;
const ACCESS_DENIED: u16 = 1045;
const NO_SUCH_DATABASE: u16 = 1049;
const SHUTDOWN: u16 = 1053;
const DUPLICATE: u16 = 1062;
const RECORD_CHANGED: u16 = 1020;
const LOCK_WAIT_TIMEOUT: u16 = 1205;
const DEADLOCK: u16 = 1213;
const WRONG_VALUE: u16 = 1292;
const UNKNOWN_ZONE: u16 = 1298;
const UNKNOWN_COLLATION: u16 = 1273;
const WRONG_TEXT: u16 = 1366;
const TRIGGER: u16 = 1644;
const KILLED: u16 = 1927;
const READ_ONLY: [u16; 3] = [1290, 1792, 1836];

/// What a refusal of the server's is. Its own words are kept where they name tables, columns and users only.
fn refusal(number: u16, state: &str, message: &str) -> impl FnOnce(sqlx::Error) -> Failure + use<> {
    let column = message.rsplit_once(" for column ").map_or("a column", |(_, tail)| {
        let end = tail.find(" at row").unwrap_or(tail.len());
        tail.get(..end).unwrap_or("a column")
    });
    let words = match number {
        ACCESS_DENIED | DB_ACCESS_DENIED => format!("the database server refuses the user: {message}"),
        NO_SUCH_DATABASE => format!("the database server has no such database: {message}"),
        UNKNOWN_ZONE => format!(
            "the database server does not know the connection's `timezone`: {message}; load its time zone tables, or \
             give an offset such as +00:00"
        ),
        UNKNOWN_COLLATION => format!("the database server does not know the connection's `collation`: {message}"),
        LOCK_WAIT_TIMEOUT => {
            format!("a row is locked: another transaction holds the lock (waited for {LOCK_WAIT} s)")
        }
        number if READ_ONLY.contains(&number) => format!("the database is read-only: {message}"),
        DUPLICATE => {
            let key = message.rsplit_once(" for key ").map_or("a unique key", |(_, key)| key);
            format!("there is such a row already, for key {key}")
        }
        WRONG_VALUE => format!(
            "a value does not fit {column}; a `timestamp` column holds none after 2038-01-19 03:14:07 UTC and none that \
             the session's time zone skips: make the column a `datetime`"
        ),
        WRONG_TEXT => format!("a value does not fit {column}"),
        _ => format!("the database server says: {message} (error {number})"),
    };
    // Data that the server refuses: its words may hold a value, and so does what sqlx keeps of them.
    let row = match number {
        DUPLICATE | WRONG_VALUE | WRONG_TEXT | TRIGGER => true,
        // Rows that need a default, or truncated values; checks that MySQL gives no class.
        1265 | 1364 | 3819 => true,
        _ => state.starts_with("22") || state.starts_with("23") || state.starts_with("45"),
    };
    let lost = matches!(number, SHUTDOWN | KILLED);
    let conflict = matches!(number, DEADLOCK | LOCK_WAIT_TIMEOUT | RECORD_CHANGED);
    move |error| match (row, conflict) {
        (true, _) => Failure::Row(Error::store(words)),
        (_, true) => Failure::Conflict(Error::store(words).with_source(error)),
        _ if lost => Failure::Lost(Error::store(words).with_source(error)),
        _ => Failure::Transaction(Error::store(words).with_source(error)),
    }
}

#[cfg(test)]
mod tests;
