//! What a database has to offer to carry the shared body: run a statement, and run several as one transaction.

use std::fmt;

use async_trait::async_trait;

use super::template::{Arg, Sql};
use crate::{Error, Result};

/// Connections to one kind of database.
///
/// A SELECT answers with texts, each a JSON array of records: as many records a text as suits the database. So decoding
/// is the same for all of them, and a driver's cost by the row is paid by the hundred.
#[async_trait]
pub(crate) trait Link: fmt::Debug + Send + Sync + 'static {
    /// A transaction that may write.
    type Work: Work;

    /// Runs a SELECT by itself. When it returns, no lock of it is left.
    async fn read(&self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>>;

    /// Runs a SELECT whose answer nothing is written by: a copy of the database that lags behind may give it.
    async fn look(&self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>> {
        self.read(sql, args).await
    }

    /// Starts a transaction in which every statement sees what others have committed before it.
    async fn begin(&self) -> Result<Self::Work, Failure>;

    /// Closes the connections.
    async fn close(&self);
}

/// A transaction. Dropped without [`commit`](Self::commit), it is rolled back.
#[async_trait]
pub(crate) trait Work: Send + Sized {
    /// Runs a SELECT.
    async fn read(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<Vec<String>, Failure>;

    /// Runs a statement that changes rows, and tells how many it met.
    async fn execute(&mut self, sql: &Sql, args: &[(&str, Arg)]) -> Result<u64, Failure>;

    /// Whether [`execute`](Self::execute) also counts rows that were found and had these values already.
    fn counts_found(&self) -> bool {
        true
    }

    /// Marks a place to come back to.
    async fn savepoint(&mut self) -> Result<(), Failure>;

    /// Keeps what was done since the savepoint. Where a row is refused only then, the savepoint is still there.
    async fn keep(&mut self) -> Result<(), Failure>;

    /// Takes back what was done since the savepoint.
    async fn undo(&mut self) -> Result<(), Failure>;

    /// Makes it all last. [`Failure::Lost`] says that nobody knows whether it does.
    async fn commit(self) -> Result<(), Failure>;
}

/// Why a statement failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A row was refused: a constraint, a trigger, a value that does not fit. Other rows may pass.
    Row(Error),
    /// The transaction cannot go on.
    Transaction(Error),
    /// The connection broke: what was not committed is undone, and whether a commit that was under way took place is not
    /// known. The same may pass over another connection.
    Lost(Error),
    /// The transaction stood in another's way and was given up: the same may pass if it is done again from its start.
    Conflict(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Transaction(error)
    }
}

impl Failure {
    /// The error, where one row's failure is everybody's.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Row(error) | Self::Transaction(error) | Self::Lost(error) | Self::Conflict(error) => error,
        }
    }
}
