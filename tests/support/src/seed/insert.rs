//! Rows by the hundred: one prepared statement a table, as many rows in it as are worth it.

use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe, Encode, Type};

/// Values in one statement: enough that its overhead does not show, far below SQLite's limit of 32,766.
const VALUES: usize = 3_000;

/// Gathers the rows of one table and writes them many at a time.
pub(crate) struct Inserter {
    head: String,
    columns: usize,
    rows_in_statement: usize,
    statement: String,
    values: SqliteArguments,
}

impl Inserter {
    /// For the given columns of a table.
    pub(crate) fn new(table: &str, columns: &[&str]) -> Self {
        let head = format!("INSERT INTO \"{table}\" (\"{}\") VALUES ", columns.join("\", \""));
        let rows_in_statement = VALUES / columns.len();
        let statement = statement(&head, columns.len(), rows_in_statement);
        Self { head, columns: columns.len(), rows_in_statement, statement, values: SqliteArguments::default() }
    }

    /// The next value, in the order of the columns.
    pub(crate) fn push<'t, T: Encode<'t, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        self.values.add(value).expect("texts and numbers are encoded without fail");
        self
    }

    /// To be called after each row: writes the rows when there are enough of them.
    pub(crate) async fn end_row(&mut self, connection: &mut SqliteConnection) {
        debug_assert_eq!(self.values.len() % self.columns, 0, "a row of {} is not complete", self.head);
        if self.values.len() == self.rows_in_statement * self.columns {
            run(sqlx::query_with(AssertSqlSafe(self.statement.clone()), std::mem::take(&mut self.values)), connection)
                .await;
        }
    }

    /// Writes the rows that are left.
    pub(crate) async fn finish(mut self, connection: &mut SqliteConnection) {
        let rows = self.values.len() / self.columns;
        if rows > 0 {
            let statement = statement(&self.head, self.columns, rows);
            run(
                sqlx::query_with(AssertSqlSafe(statement), std::mem::take(&mut self.values)).persistent(false),
                connection,
            )
            .await;
        }
    }
}

fn statement(head: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    format!("{head}{}", vec![row; rows].join(","))
}

async fn run(query: Query<'_, Sqlite, SqliteArguments>, connection: &mut SqliteConnection) {
    query.execute(connection).await.unwrap_or_else(|error| panic!("seed rows: {error}"));
}
