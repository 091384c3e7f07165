//! Writing domains: a chunk in a handful of statements, and a domain that is refused by itself (S4).

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Arg, CHUNK, Failure, Link, Repeats, Sql, SqlStore, Transaction, Work, json, rows};
use crate::laravel;
use crate::model::{Contact, ContactField, DomainId};
use crate::store::{ContactWrite, Detail, DomainWrite, MetadataSwap, Scope, WriteContext, WriteOutcome};
use crate::{Error, Result};

/// The columns of a contact, in the order of [`ContactField::ALL`].
type ContactColumns<'a> = [Option<&'a str>; ContactField::ALL.len()];

/// What is the same for all statements of a batch.
struct Batch<'a> {
    /// The present as the application's datetimes have it.
    now: Arg,
    context: &'a WriteContext,
}

impl<L: Link> SqlStore<L> {
    /// Writes domains in one transaction.
    pub(crate) async fn write_domains(
        &self,
        context: &WriteContext,
        writes: &[DomainWrite],
    ) -> Result<Vec<WriteOutcome>> {
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        let batch = Batch { now: self.wall_clock(context.now).into(), context };
        let mut repeats = Repeats::new();
        loop {
            match self.write_once(&batch, writes).await {
                Ok(outcomes) => return Ok(outcomes),
                Err(failure) => repeats.after(failure).await?,
            }
        }
    }

    /// Gives domains another metadata where they still have the one that they had.
    pub(crate) async fn swap_metadata(&self, swaps: &[MetadataSwap]) -> Result<Vec<DomainId>> {
        let mut sorted: Vec<_> = swaps.iter().collect();
        sorted.sort_unstable_by_key(|swap| swap.id);
        let mut swapped = Vec::with_capacity(swaps.len());
        for chunk in sorted.chunks(CHUNK) {
            let mut repeats = Repeats::new();
            loop {
                match self.swap_once(chunk).await {
                    Ok(ids) => break swapped.extend(ids),
                    Err(failure) => repeats.after(failure).await?,
                }
            }
        }
        Ok(swapped)
    }

    async fn swap_once(&self, swaps: &[&MetadataSwap]) -> Result<Vec<DomainId>, Failure> {
        let ids: Vec<_> = swaps.iter().map(|swap| swap.id).collect();
        let rows: Vec<_> = swaps.iter().map(|swap| (swap.id.0, &swap.before, &swap.after)).collect();
        let mut transaction = self.begin().await?;
        if let Some(lock) = &self.statements.lock {
            transaction.read(lock, &[("keys", json(&ids)?)]).await?;
        }
        let written = transaction.execute(&self.statements.swap_metadata, &[("rows", json(&rows)?)]).await?;
        let swapped = if written == swaps.len() as u64 {
            ids
        } else {
            let args = [("keys", json(&ids)?), ("partner", Arg::Int(None))];
            let texts = transaction.read(&self.statements.load_by_id.columns, &args).await?;
            let after: HashMap<_, _> = swaps.iter().map(|swap| (swap.id, &swap.after)).collect();
            let there = rows::candidates(&texts, self.timezone)?.into_iter();
            there.filter(|row| after.get(&row.id) == Some(&&row.metadata_text)).map(|row| row.id).collect()
        };
        transaction.work.commit().await?;
        Ok(swapped)
    }

    async fn write_once(&self, batch: &Batch<'_>, writes: &[DomainWrite]) -> Result<Vec<WriteOutcome>, Failure> {
        let mut outcomes = Vec::with_capacity(writes.len());
        let mut transaction = self.begin().await?;
        if let Some(lock) = &self.statements.lock {
            // All of them first and in one order, whoever writes: two that want the same domains wait in a row.
            let ids: BTreeSet<_> = writes.iter().map(|write| write.before.id).collect();
            for keys in Vec::from_iter(ids).chunks(CHUNK) {
                transaction.read(lock, &[("keys", json(keys)?)]).await?;
            }
        }
        for chunk in writes.chunks(CHUNK) {
            outcomes.extend(self.write_chunk(&mut transaction, batch, chunk).await?);
        }
        match transaction.work.commit().await {
            Err(Failure::Lost(error)) if !self.is_written(writes, &outcomes).await? => Err(Failure::Lost(error)),
            Ok(()) | Err(Failure::Lost(_)) => Ok(outcomes),
            Err(failure) => Err(failure),
        }
    }

    /// Whether a commit whose answer was lost took place. One domain tells it of all, since they share the commit.
    async fn is_written(&self, writes: &[DomainWrite], outcomes: &[WriteOutcome]) -> Result<bool> {
        let mut both = writes.iter().zip(outcomes);
        let Some((write, _)) = both.find(|(_, outcome)| matches!(outcome, WriteOutcome::Written)) else {
            return Ok(true);
        };
        let there = self.candidates(Scope::default(), &[write.before.id]).await?;
        Ok(there.iter().any(|domain| domain.metadata_text.as_ref() == Some(&write.metadata)))
    }

    /// Writes those domains of a chunk that are as they were read: all together, or, when the database refuses one,
    /// half by half down to the one that it refuses (S4.1).
    async fn write_chunk(
        &self,
        transaction: &mut Transaction<'_, L::Work>,
        batch: &Batch<'_>,
        chunk: &[DomainWrite],
    ) -> Result<Vec<WriteOutcome>, Failure> {
        let mut outcomes: Vec<_> = chunk.iter().map(|_| WriteOutcome::ChangedLocally).collect();
        let unchanged = self.unchanged(transaction, chunk).await?;
        let mut pending = vec![unchanged.as_slice()];
        while let Some(part) = pending.pop() {
            if part.is_empty() {
                continue;
            }
            let writes: Vec<_> = part.iter().map(|index| &chunk[*index]).collect();
            transaction.work.savepoint().await?;
            let done = match self.apply(transaction, batch, &writes).await {
                Ok(()) => transaction.work.keep().await,
                failed => failed,
            };
            match done {
                Ok(()) => {
                    for index in part {
                        outcomes[*index] = WriteOutcome::Written;
                    }
                }
                Err(Failure::Row(error)) => {
                    transaction.work.undo().await?;
                    if let [only] = part {
                        outcomes[*only] = WriteOutcome::Failed(error);
                    } else {
                        let (first, second) = part.split_at(part.len() / 2);
                        pending.extend([second, first]);
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(outcomes)
    }

    /// Which domains of a chunk are as they were read, by their place in it; they stay so until the transaction ends
    /// (S2.4). They are read again and compared as values: two texts of a database may differ and mean the same.
    async fn unchanged(
        &self,
        transaction: &mut Transaction<'_, L::Work>,
        chunk: &[DomainWrite],
    ) -> Result<Vec<usize>, Failure> {
        // Another write of the same domain in this chunk finds it changed by the first.
        let mut places = HashMap::with_capacity(chunk.len());
        for (place, write) in chunk.iter().enumerate() {
            places.entry(write.before.id).or_insert(place);
        }
        let mut unchanged = Vec::with_capacity(chunk.len());
        for detail in [Detail::Columns, Detail::Full] {
            let read = |place: &&usize| chunk[**place].read == detail;
            let ids: Vec<_> = places.values().filter(read).map(|place| chunk[*place].before.id).collect();
            if ids.is_empty() {
                continue;
            }
            let args = [("keys", json(&ids)?), ("partner", Arg::Int(None))];
            let texts = transaction.read(self.statements.load_by_id.of(detail), &args).await?;
            let before = |id: DomainId| places.get(&id).map(|place| &chunk[*place].before);
            unchanged.extend(rows::unchanged(&texts, self.timezone, detail, before)?.iter().map(|id| places[id]));
        }
        unchanged.sort_unstable();
        Ok(unchanged)
    }

    /// Writes domains together, in at most seven statements.
    async fn apply(
        &self,
        transaction: &mut Transaction<'_, L::Work>,
        batch: &Batch<'_>,
        writes: &[&DomainWrite],
    ) -> Result<(), Failure> {
        let statements = &self.statements;
        let rows = Rows::collect(writes, self)?;
        let mut run = Run { transaction, batch };
        run.write_each(&statements.update_bookkeeping, "domains", &rows.bookkeeping).await?;
        run.write_each(&statements.update_domains, "domains", &rows.domains).await?;
        if !rows.delegated.is_empty() {
            let args = [("keys", json(&rows.delegated)?)];
            run.transaction.execute(&statements.delete_nameservers, &args).await?;
        }
        run.write_each(&statements.insert_nameservers, "domain_nameservers", &rows.nameservers).await?;
        run.write_each(&statements.update_contacts, "domain_contacts", &rows.contact_updates).await?;
        run.write_each(&statements.insert_contacts, "domain_contacts", &rows.contact_inserts).await?;
        run.write_each(&statements.insert_audits, "audit_logs", &rows.audits).await
    }
}

/// Instants as the application's datetimes have them. Most of a batch are of the same second.
struct Moments<'a, L> {
    store: &'a SqlStore<L>,
    last: Option<(i64, String)>,
}

impl<L: Link> Moments<'_, L> {
    fn of(&mut self, instant: DateTime<Utc>) -> String {
        let second = instant.timestamp();
        match &self.last {
            Some((last, text)) if *last == second => text.clone(),
            _ => {
                let text = self.store.wall_clock(instant);
                self.last = Some((second, text.clone()));
                text
            }
        }
    }
}

/// Runs statements that write one row for each row given.
struct Run<'a, 't, W> {
    transaction: &'a mut Transaction<'t, W>,
    batch: &'a Batch<'a>,
}

impl<W: Work> Run<'_, '_, W> {
    async fn write_each<T: Serialize + Sync>(
        &mut self,
        statement: &Sql,
        table: &str,
        rows: &[T],
    ) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let context = self.batch.context;
        let args = [
            ("rows", json(rows)?),
            ("now", self.batch.now.clone()),
            ("user", context.user_id.map(|id| id.0).into()),
            ("source", context.source.as_str().into()),
        ];
        let written = self.transaction.execute(statement, &args).await?;
        let wanted = rows.len() as u64;
        let is_update = statement.text.starts_with("UPDATE");
        if written == wanted || (is_update && written < wanted && !self.transaction.work.counts_found()) {
            Ok(())
        } else {
            Err(Failure::Row(Error::store(format!(
                "of {wanted} rows of `{table}` the database wrote {written}: rows are missing, or a trigger holds them back"
            ))))
        }
    }
}

/// `id, partner_id, sync_metadata, last_synced_at`.
type Bookkeeping<'a> = (i64, i64, &'a str, Option<String>);

/// The same, and `status, expires_at`.
type DomainColumns<'a> = (i64, i64, &'a str, Option<String>, Option<&'static str>, Option<String>);

/// The rows of all statements for a part of a chunk.
#[derive(Default)]
struct Rows<'a> {
    bookkeeping: Vec<Bookkeeping<'a>>,
    domains: Vec<DomainColumns<'a>>,
    /// Domains whose nameservers are replaced.
    delegated: Vec<i64>,
    nameservers: Vec<(i64, usize, &'a str)>,
    contact_updates: Vec<(i64, i64, ContactColumns<'a>)>,
    contact_inserts: Vec<(i64, &'static str, ContactColumns<'a>)>,
    audits: Vec<(i64, i64, String, String)>,
}

impl<'a> Rows<'a> {
    fn collect<L: Link>(writes: &[&'a DomainWrite], store: &SqlStore<L>) -> Result<Self> {
        let mut rows = Self::default();
        let mut moments = Moments { store, last: None };
        for write in writes {
            let (id, partner_id) = (write.before.id.0, write.before.partner_id.0);
            let metadata = write.metadata.as_str();
            let synced = write.synced_at.map(|instant| moments.of(instant));
            let status = write.status.map(|status| status.as_str());
            let expires_at = write.expires_at.map(|instant| store.wall_clock(instant));
            if status.is_none() && expires_at.is_none() {
                // Spares the indexes on status and expires_at.
                rows.bookkeeping.push((id, partner_id, metadata, synced));
            } else {
                rows.domains.push((id, partner_id, metadata, synced, status, expires_at));
            }
            if let Some(hosts) = &write.nameservers {
                rows.delegated.push(id);
                let numbered = hosts.iter().enumerate();
                rows.nameservers.extend(numbered.map(|(index, host)| (id, index + 1, host)));
            }
            for contact in &write.contacts {
                match contact {
                    ContactWrite::Update { id: row, fields } => {
                        let mut columns = ContactColumns::default();
                        for (field, value) in fields {
                            columns[*field as usize] = Some(value);
                        }
                        rows.contact_updates.push((*row, id, columns));
                    }
                    ContactWrite::Insert { kind, contact } => {
                        rows.contact_inserts.push((id, kind.as_str(), columns(contact)));
                    }
                }
            }
            for audit in &write.audits {
                let old = object(&audit.field, &audit.old);
                let new = object(&audit.field, &audit.new);
                rows.audits.push((id, partner_id, old, new));
            }
        }
        Ok(rows)
    }
}

fn columns(contact: &Contact) -> ContactColumns<'_> {
    ContactField::ALL.map(|field| contact.get(field))
}

/// `{"field": value}` as PHP's `json_encode` writes it (S4.3).
fn object(field: &str, value: &Value) -> String {
    let object = Map::from_iter([(field.to_owned(), value.clone())]);
    laravel::json::encode(&Value::Object(object))
}
