//! Domains with everything that a sync writes of them, to see that each is whole before or whole after (S4.1).

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domaindesk_support::Session;
use domaindesk_sync::clock::Clock;
use domaindesk_sync::report::{BatchReport, DomainResult};
use domaindesk_sync::{ErrorKind, Result, SyncOptions};
use serde_json::{Value, json};

use crate::{Hands, House};

/// Every domain's columns, nameservers, contacts and audit rows as one text, by name.
pub type Whole = BTreeMap<String, String>;

/// The tables that a sync of domains writes, children last.
const TABLES: [&str; 4] = ["domains", "domain_nameservers", "domain_contacts", "audit_logs"];

/// What of each table belongs to a domain: its id first, then what tells a state from another. Ids of rows do not.
const OWNED: [&str; 4] = [
    "SELECT id, name, partner_id, registrar_id, status, expires_at, last_synced_at, updated_at, deleted_at, sync_metadata \
     FROM domains ORDER BY id",
    "SELECT domain_id, {order}, nameserver, created_at FROM domain_nameservers ORDER BY domain_id, {order}",
    "SELECT domain_id, type, first_name, last_name, email, phone, organization, address, city, state, postal_code, country, \
     created_at, updated_at FROM domain_contacts ORDER BY domain_id, id",
    "SELECT auditable_id, action, auditable_type, partner_id, user_id, old_values, new_values, created_at FROM audit_logs \
     ORDER BY auditable_id, id",
];

/// What a batch says became of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is in step with the registrar.
    Written,
    /// It was left alone.
    Skipped,
    /// The database failed, with these words.
    Failed(String),
}

impl Told {
    /// What a result says.
    ///
    /// # Panics
    /// When something else failed than the database.
    pub fn of(result: &DomainResult) -> Self {
        match &result.error {
            None if result.skipped => Self::Skipped,
            None => Self::Written,
            Some(error) => {
                assert_eq!(result.error_code, Some(ErrorKind::Store), "S6.1 {result:?}");
                Self::Failed(error.clone())
            }
        }
    }

    /// For another process.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Written => "written".into(),
            Self::Skipped => "skipped".into(),
            Self::Failed(error) => json!({ "failed": error }),
        }
    }

    /// From another process.
    ///
    /// # Panics
    /// When it is nothing that [`to_json`](Self::to_json) makes.
    pub fn from_json(value: &Value) -> Self {
        match (value.as_str(), value["failed"].as_str()) {
            (Some("written"), _) => Self::Written,
            (Some("skipped"), _) => Self::Skipped,
            (_, Some(error)) => Self::Failed(error.to_owned()),
            _ => panic!("{value} is nothing that is told of a domain"),
        }
    }
}

/// A batch that is run again and again from the same start, with and without faults.
///
/// A sync of every domain at one o'clock is the model of what *after* is. Syncs at two o'clock are those that mend.
pub struct Rehearsal<'a> {
    house: &'a House,
    session: Session,
    hands: Arc<Hands>,
    one: DateTime<Utc>,
    before: Whole,
    after: Whole,
}

impl<'a> Rehearsal<'a> {
    /// Notes how the house is, and what a batch makes of it when nothing fails.
    pub async fn of(house: &'a House) -> Self {
        let hands = house.hands();
        let mut rehearsal = Self {
            house,
            session: Session::open(&house.database),
            one: hands.now(),
            hands,
            before: Whole::new(),
            after: Whole::new(),
        };
        rehearsal.before = rehearsal.look();
        for table in TABLES {
            rehearsal.session.execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
        }
        let sync = house.connect_at(&rehearsal.hands).await;
        let report = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
        assert_eq!((report.stats.failed, report.stats.skipped), (0, 0), "{report:?}");
        sync.close().await;
        rehearsal.after = rehearsal.look();
        let same: Vec<_> = rehearsal.names().filter(|name| rehearsal.before[*name] == rehearsal.after[*name]).collect();
        assert!(same.is_empty(), "before and after are to be told apart: {same:?}");
        rehearsal
    }

    /// The clock of the engine that plays.
    pub fn hands(&self) -> &Arc<Hands> {
        &self.hands
    }

    /// The names of the domains.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.before.keys()
    }

    /// A domain at the start, and as a batch without faults leaves it: a line for each row, its table first.
    pub fn of_domain(&self, name: &str) -> (&str, &str) {
        (&self.before[name], &self.after[name])
    }

    /// Puts everything back to the start; it is one o'clock.
    pub fn restart(&mut self) {
        let cleared = TABLES.iter().rev().map(|table| format!("DELETE FROM {table};"));
        let filled = TABLES.iter().map(|table| format!("INSERT INTO {table} SELECT * FROM kept_{table};"));
        let sql: String = cleared.chain(filled).collect();
        self.session.execute(&format!("BEGIN;{sql}COMMIT"));
        self.hands.set(self.one);
    }

    /// Connects to the database anew, after a server was restarted.
    pub fn reconnect(&mut self) {
        self.session = Session::open(&self.house.database);
    }

    /// It is two o'clock: whatever lease was left has ended, and what was synced at one is not due again.
    pub fn an_hour_later(&self) {
        self.hands.set(self.one + TimeDelta::hours(1));
    }

    /// Domains as they are, the times of a sync as one word.
    pub fn look(&mut self) -> Whole {
        let order = self.house.database.quote("order");
        let mut ids: BTreeMap<i64, (String, String)> = BTreeMap::new();
        for (sql, table) in OWNED.iter().zip(TABLES) {
            for mut row in self.session.query(&sql.replace("{order}", &order)) {
                let id = row.remove(0).as_i64().unwrap();
                if table == "domains" {
                    let name = row[0].as_str().unwrap().to_owned();
                    let metadata = row.pop().unwrap();
                    row.push(settled(metadata));
                    ids.insert(id, (name, String::new()));
                }
                let (_, text) = ids.get_mut(&id).unwrap_or_else(|| panic!("{table}: {row:?} belongs to no domain"));
                text.push_str(&format!("{table} {}\n", Value::Array(row)));
            }
        }
        ids.into_values().map(|(name, text)| (name, self.timeless(&text))).collect()
    }

    /// Nothing may be of two times: that would be half of one sync and half of another.
    fn timeless(&self, text: &str) -> String {
        let mut all = text.to_owned();
        let mut times = 0;
        for time in [self.one, self.one + TimeDelta::hours(1)] {
            let without = all
                .replace(&time.format("%Y-%m-%d %H:%M:%S").to_string(), "<now>")
                .replace(&time.format("%Y-%m-%dT%H:%M:%S+00:00").to_string(), "<now>");
            times += u32::from(without != all);
            all = without;
        }
        assert!(times <= 1, "S4.1: written by two syncs: {text}");
        all
    }

    /// What happened to one domain, from how it is.
    pub fn is_after(&mut self, name: &str) -> bool {
        let now = self.look();
        self.verdict(&now, name)
    }

    fn verdict(&self, now: &Whole, name: &str) -> bool {
        let (is, before, after) = (&now[name], &self.before[name], &self.after[name]);
        assert!(is == before || is == after, "S4.1: neither\n{before}nor\n{after}but\n{is}");
        is == after
    }

    /// Every domain is whole, and the report says of each what became of it. `unheard`: an answer of the database may
    /// have been lost, so that what was told as failed may be written. Tells how many domains failed; `None` where the
    /// batch ended early.
    pub fn judge(&mut self, report: &Result<BatchReport>, unheard: bool) -> Option<u64> {
        match report {
            Ok(report) => {
                let told = report.results.iter().map(|result| (result.domain.clone(), Told::of(result))).collect();
                Some(self.judge_told(&told, unheard))
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Store, "S6.1 {error:?}");
                self.tells_nothing_secret(&error.to_string());
                self.all_is_whole();
                None
            }
        }
    }

    /// As [`judge`](Self::judge), from what was told of each domain.
    pub fn judge_told(&mut self, told: &BTreeMap<String, Told>, unheard: bool) -> u64 {
        let verdicts = self.all_is_whole();
        assert!(told.keys().eq(verdicts.keys()), "S8.2 {told:?}");
        for (name, told) in told {
            let written = verdicts[name];
            match told {
                Told::Written => assert!(written, "told as written: {name}"),
                Told::Skipped => assert!(!written, "told as skipped: {name}"),
                Told::Failed(error) => {
                    self.tells_nothing_secret(error);
                    assert!(unheard || !written, "told as failed: {name}: {error}");
                }
            }
        }
        told.values().filter(|told| matches!(told, Told::Failed(_))).count() as u64
    }

    /// Every domain is whole before or whole after: which of them are after.
    pub fn all_is_whole(&mut self) -> BTreeMap<String, bool> {
        let now = self.look();
        assert_eq!(now.len(), self.before.len(), "no domain comes or goes");
        self.names().map(|name| (name.clone(), self.verdict(&now, name))).collect()
    }

    fn tells_nothing_secret(&self, error: &str) {
        assert!(!error.is_empty(), "a failure says why");
        if let Some(access) = self.house.database.access() {
            assert!(!error.contains(&access.password), "S6.9 {error}");
        }
    }

    /// Every domain is as a batch without faults leaves it: nothing is missing and nothing was written twice.
    pub fn all_is_after(&mut self) {
        let now = self.look();
        for name in self.before.keys() {
            assert_eq!(now[name], self.after[name], "S4.1 {name}");
        }
        assert_eq!(now.len(), self.before.len());
    }

    /// Every domain is as it was at the start.
    pub fn all_is_before(&mut self) {
        let now = self.look();
        assert_eq!(now, self.before, "S6.3");
    }
}

/// Without what depends on how the registrar was asked and not on what it said: the lease, which is taken before (S7.5),
/// and the mark of a list's row.
fn settled(metadata: Value) -> Value {
    let Some(text) = metadata.as_str() else { return metadata };
    let Ok(Value::Object(mut object)) = serde_json::from_str(text) else { return metadata };
    object.shift_remove("lease");
    if let Some(Value::Object(remote)) = object.get_mut("remote") {
        remote.shift_remove("marker");
    }
    if object.is_empty() { Value::Null } else { Value::String(Value::Object(object).to_string()) }
}
