//! Rows by the hundred. SQLite: one prepared statement a table, as many rows in it as are worth it. MariaDB: statements
//! of about a megabyte. PostgreSQL: `COPY`.

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe};

use crate::database::{Engine, Link};

/// Values in one statement of SQLite: enough that its overhead does not show, far below its limit of 32,766.
const VALUES: usize = 3_000;

/// Bytes sent to a server at once: far below MariaDB's `max_allowed_packet`, which is 16 MiB unless changed.
const BYTES: usize = 1 << 20;

/// A value of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field<'v> {
    Null,
    Number(i64),
    Text(&'v str),
}

impl From<i64> for Field<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'v> From<&'v str> for Field<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

impl<'v> From<Option<&'v str>> for Field<'v> {
    fn from(text: Option<&'v str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

/// Gathers the rows of one table and writes them many at a time.
pub(crate) struct Inserter {
    /// All that comes before the rows.
    head: String,
    columns: usize,
    /// Values of the row that is being gathered.
    in_row: usize,
    pending: Pending,
}

/// The rows that are not written yet.
enum Pending {
    Sqlite { values: SqliteArguments, rows_in_statement: usize, statement: String },
    MariaDb(String),
    Postgres(String),
}

impl Inserter {
    /// For the given columns of a table.
    pub(crate) fn new(engine: Engine, table: &str, columns: &[&str]) -> Self {
        let names = columns.iter().map(|column| engine.quote(column)).collect::<Vec<_>>().join(", ");
        let (table, columns) = (engine.quote(table), columns.len());
        let insert = format!("INSERT INTO {table} ({names}) VALUES ");
        let (head, pending) = match engine {
            Engine::Sqlite => {
                let rows_in_statement = VALUES / columns;
                let statement = statement(&insert, columns, rows_in_statement);
                (insert, Pending::Sqlite { values: SqliteArguments::default(), rows_in_statement, statement })
            }
            Engine::MariaDb => (insert, Pending::MariaDb(String::new())),
            Engine::Postgres => (format!("COPY {table} ({names}) FROM STDIN"), Pending::Postgres(String::new())),
        };
        Self { head, columns, in_row: 0, pending }
    }

    /// The next value, in the order of the columns.
    pub(crate) fn push<'v>(&mut self, value: impl Into<Field<'v>>) -> &mut Self {
        let is_first = self.in_row == 0;
        self.in_row += 1;
        let value = value.into();
        match &mut self.pending {
            Pending::Sqlite { values, .. } => {
                let added = match value {
                    Field::Null => values.add(None::<i64>),
                    Field::Number(number) => values.add(number),
                    Field::Text(text) => values.add(text.to_owned()),
                };
                added.expect("texts and numbers are encoded without fail");
            }
            Pending::MariaDb(rows) => {
                rows.push_str(match (is_first, rows.is_empty()) {
                    (true, true) => "(",
                    (true, false) => ",(",
                    (false, _) => ",",
                });
                match value {
                    Field::Null => rows.push_str("NULL"),
                    Field::Number(number) => rows.push_str(&number.to_string()),
                    Field::Text(text) => {
                        rows.push('\'');
                        push_escaped(rows, text, |c| match c {
                            '\'' => Some("''"),
                            '\\' => Some(r"\\"),
                            _ => None,
                        });
                        rows.push('\'');
                    }
                }
            }
            Pending::Postgres(rows) => {
                if !is_first {
                    rows.push('\t');
                }
                match value {
                    Field::Null => rows.push_str(r"\N"),
                    Field::Number(number) => rows.push_str(&number.to_string()),
                    Field::Text(text) => push_escaped(rows, text, |c| match c {
                        '\\' => Some(r"\\"),
                        '\t' => Some(r"\t"),
                        '\n' => Some(r"\n"),
                        '\r' => Some(r"\r"),
                        _ => None,
                    }),
                }
            }
        }
        self
    }

    /// To be called after each row: writes the rows when there are enough of them.
    pub(crate) async fn end_row(&mut self, link: &mut Link) {
        assert_eq!(self.in_row, self.columns, "a row of {} is not complete", self.head);
        self.in_row = 0;
        let is_full = match &mut self.pending {
            Pending::Sqlite { values, rows_in_statement, .. } => values.len() == *rows_in_statement * self.columns,
            Pending::MariaDb(rows) => {
                rows.push(')');
                rows.len() > BYTES
            }
            Pending::Postgres(rows) => {
                rows.push('\n');
                rows.len() > BYTES
            }
        };
        if is_full {
            self.write(link).await;
        }
    }

    /// Writes the rows that are left.
    pub(crate) async fn finish(mut self, link: &mut Link) {
        let is_empty = match &self.pending {
            Pending::Sqlite { values, .. } => values.len() == 0,
            Pending::MariaDb(rows) | Pending::Postgres(rows) => rows.is_empty(),
        };
        if !is_empty {
            self.write(link).await;
        }
    }

    async fn write(&mut self, link: &mut Link) {
        let written = match (&mut self.pending, link) {
            (Pending::Sqlite { values, rows_in_statement, statement: full }, Link::Sqlite(connection)) => {
                let rows = values.len() / self.columns;
                let is_full = rows == *rows_in_statement;
                let sql = if is_full { full.clone() } else { statement(&self.head, self.columns, rows) };
                bind_and_run(connection, sql, is_full, std::mem::take(values)).await
            }
            (Pending::MariaDb(rows), link @ Link::MariaDb(_)) => {
                let sql = format!("{}{rows}", self.head);
                rows.clear();
                link.execute(&sql).await.map(drop)
            }
            (Pending::Postgres(rows), Link::Postgres(connection)) => copy(connection, &self.head, rows).await,
            _ => unreachable!("an inserter is made for the engine of its connection"),
        };
        written.unwrap_or_else(|error| panic!("{}: {error}", self.head));
    }
}

async fn bind_and_run(
    connection: &mut SqliteConnection,
    sql: String,
    persistent: bool,
    values: SqliteArguments,
) -> Result<(), sqlx::Error> {
    sqlx::query_with(AssertSqlSafe(sql), values).persistent(persistent).execute(connection).await.map(drop)
}

async fn copy(connection: &mut PgConnection, head: &str, rows: &mut String) -> Result<(), sqlx::Error> {
    let mut copying = connection.copy_in_raw(head).await?;
    copying.send(std::mem::take(rows).into_bytes()).await?;
    copying.finish().await.map(drop)
}

fn statement(head: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    format!("{head}{}", vec![row; rows].join(","))
}

fn push_escaped(target: &mut String, text: &str, escape: fn(char) -> Option<&'static str>) {
    for c in text.chars() {
        match escape(c) {
            Some(escaped) => target.push_str(escaped),
            None => target.push(c),
        }
    }
}
