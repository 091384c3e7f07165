//! Writes what was decided, many domains a transaction, and hands on what is told of them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout_at};

use super::account::Account;
use super::batch::{CHUNK, Run, Told};
use super::decide::Decided;
use super::single::CHANGED_LOCALLY;
use crate::kept::KeptDomain;
use crate::report::DomainResult;
use crate::store::WriteOutcome;
use crate::{Error, Result, log};

/// How long a transaction waits to become larger. Long enough to share a commit, short enough to look alive.
const LINGER: Duration = Duration::from_millis(100);

/// A domain on its way to the database.
pub(super) struct Item {
    pub(super) decided: Decided,
    /// Who to ask again where the domain changed meanwhile.
    pub(super) account: Option<Arc<Account>>,
}

/// Writes until everybody who sends is done, or the batch is stopped: then what is being written is finished, and
/// nothing else is begun (S6.8).
pub(super) async fn run(
    run: Arc<Run>,
    mut items: mpsc::Receiver<Item>,
    told: mpsc::Sender<Vec<Told>>,
    mut stopped: watch::Receiver<bool>,
) -> Result<()> {
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => return Ok(()),
            taken = fill(&mut items, &mut chunk) => if !taken { return Ok(()) },
        }
        let done = write(&run, std::mem::take(&mut chunk)).await?;
        done.iter().for_each(|told| log::domain(&told.domain, &told.result));
        if told.send(done).await.is_err() {
            return Ok(());
        }
    }
}

/// Takes what is there, and what comes soon. Tells whether there is anything.
async fn fill(items: &mut mpsc::Receiver<Item>, chunk: &mut Vec<Item>) -> bool {
    let room = CHUNK - chunk.len();
    if items.recv_many(chunk, room).await == 0 {
        return !chunk.is_empty();
    }
    let deadline = Instant::now() + LINGER;
    while chunk.len() < CHUNK {
        let room = CHUNK - chunk.len();
        match timeout_at(deadline, items.recv_many(chunk, room)).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    true
}

/// Writes one chunk. A transaction that fails fails its domains, not the batch.
async fn write(run: &Run, mut chunk: Vec<Item>) -> Result<Vec<Told>> {
    if let Some(store) = &run.call.writes {
        let (places, writes): (Vec<_>, Vec<_>) =
            chunk.iter_mut().enumerate().filter_map(|(place, item)| Some((place, item.decided.write.take()?))).unzip();
        if !writes.is_empty() {
            let outcomes = store.write(&run.call.write_at(run.inner.clock.now()), &writes).await;
            drop(writes);
            match outcomes {
                Ok(outcomes) => {
                    for (place, outcome) in places.into_iter().zip(outcomes) {
                        settle(run, &mut chunk[place], outcome).await?;
                    }
                }
                Err(error) => {
                    for place in places {
                        fail(&mut chunk[place].decided, &error);
                    }
                }
            }
        }
    }
    // What is left to write is what a dry run keeps.
    let told = chunk.into_iter().map(|item| {
        let Decided { summary: domain, result, write } = item.decided;
        let kept = write.map(|write| KeptDomain::of(write, &result, &domain));
        Told { domain, result, kept }
    });
    Ok(told.collect())
}

async fn settle(run: &Run, item: &mut Item, outcome: WriteOutcome) -> Result<()> {
    match outcome {
        WriteOutcome::Written => run.call.hold.forget(item.decided.summary.id),
        WriteOutcome::Failed(error) => fail(&mut item.decided, &error),
        WriteOutcome::ChangedLocally => {
            let again = match (&item.account, item.decided.summary.id) {
                (Some(account), Some(id)) => run.inner.again(&run.call, account, id).await?,
                _ => None,
            };
            match again {
                Some(decided) => item.decided = decided,
                None => {
                    let result = &mut item.decided.result;
                    *result = DomainResult::skipped(std::mem::take(&mut result.domain), result.id, CHANGED_LOCALLY);
                }
            }
        }
    }
    Ok(())
}

fn fail(decided: &mut Decided, error: &Error) {
    let result = &mut decided.result;
    *result = DomainResult::failed(std::mem::take(&mut result.domain), result.id, error);
}
