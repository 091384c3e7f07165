//! A connection that stays open: transactions and locks of the application's own.

use serde_json::Value;

use super::{Link, Target, must, wait_for};

/// A connection as the application has one. What is open on it is rolled back when it is dropped.
#[derive(Debug)]
pub struct Session {
    /// `None` once it is dropped.
    link: Option<Link>,
}

impl Session {
    /// Connects.
    ///
    /// # Panics
    /// When the database cannot be reached.
    pub fn open(target: impl Into<Target>) -> Self {
        let target = target.into();
        let link = wait_for(async || must(Link::open(&target).await, "connect to the database"));
        Self { link: Some(link) }
    }

    fn link(&mut self) -> &mut Link {
        self.link.as_mut().expect("a session is open until its drop")
    }

    /// Runs statements that do not answer; the number of rows they touched.
    ///
    /// # Panics
    /// When one fails.
    pub fn execute(&mut self, sql: &str) -> u64 {
        must(self.try_execute(sql), sql)
    }

    /// As [`execute`](Self::execute), for statements that may be refused.
    pub fn try_execute(&mut self, sql: &str) -> Result<u64, sqlx::Error> {
        let link = self.link();
        wait_for(async || link.execute(sql).await)
    }

    /// All rows of a statement that answers, as [`TempDatabase::query`](super::TempDatabase::query) gives them.
    ///
    /// # Panics
    /// When it fails.
    pub fn query(&mut self, sql: &str) -> Vec<Vec<Value>> {
        let link = self.link();
        must(wait_for(async || link.query(sql).await), sql)
    }

    /// The only value of the only row of a SELECT.
    ///
    /// # Panics
    /// When it fails or answers otherwise.
    pub fn one(&mut self, sql: &str) -> Value {
        let mut rows = self.query(sql);
        assert!(rows.len() == 1 && rows[0].len() == 1, "{sql}: {rows:?} where one value was wanted");
        rows.remove(0).remove(0)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            // A server that is gone has ended it.
            wait_for(async || link.close().await).ok();
        }
    }
}
