//! The disk takes no more: SQLite's files may not grow beyond a size, from none to all that a batch needs.
//!
//! The limit is one of the process (`RLIMIT_FSIZE`), which needs no privilege and no file system of its own. It holds for
//! every page beyond it, so that a transaction cannot always be rolled back either: then the next who opens the file does
//! that by its journal.

use std::collections::BTreeMap;
use std::process::Command;

use domaindesk_support::{DatabaseOptions, JournalMode, TempDatabase};
use domaindesk_sync::SyncOptions;
use domaindesk_sync::clock::Clock;
use domaindesk_tests::{House, Rehearsal, Told};
use serde_json::Value;

use crate::{BATCH, child, drifting, lose_contacts};

/// What `ulimit -f` counts in.
const BLOCK: u64 = 512;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_leaves_every_domain_whole_with_a_journal() {
    with_ever_more_room(JournalMode::Delete).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_leaves_every_domain_whole_with_a_write_ahead_log() {
    with_ever_more_room(JournalMode::Wal).await;
}

async fn with_ever_more_room(mode: JournalMode) {
    let options = DatabaseOptions { journal_mode: Some(mode), ..DatabaseOptions::default() };
    let house = House::in_database(TempDatabase::create(options), 40, drifting);
    lose_contacts(&house);
    let mut rehearsal = Rehearsal::of(&house).await;
    let sync = house.connect_at(rehearsal.hands()).await;
    let page = house.database.one("PRAGMA page_size").as_u64().unwrap();
    let (mut told, mut ended_early) = (0, 0);
    for pages in 0_u64.. {
        assert!(pages < 2_000, "a batch of 40 domains fits somewhere");
        rehearsal.restart();
        // An empty log, so that each round starts with the same.
        house.database.query("PRAGMA wal_checkpoint(TRUNCATE)");
        let failed = match batch_within(&house, &rehearsal, pages * page / BLOCK) {
            Ok(results) => rehearsal.judge_told(&results, false),
            Err(error) => {
                assert!(error.contains("SQLite: "), "the failure is the file's: {error}");
                rehearsal.all_is_whole();
                ended_early += 1;
                continue;
            }
        };
        rehearsal.an_hour_later();
        let mended = sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
        assert_eq!((mended.stats.synced, mended.stats.failed), (failed, 0), "{pages} pages: {mended:?}");
        rehearsal.all_is_after();
        if failed == 0 {
            break;
        }
        told += 1;
    }
    assert!(told >= 3, "{told} batches met the end of the disk while they wrote, {ended_early} before");
}

/// A batch in a process whose files end after so many blocks. What it told, or how it failed.
fn batch_within(house: &House, rehearsal: &Rehearsal<'_>, blocks: u64) -> Result<BTreeMap<String, Told>, String> {
    let mut command = Command::new("sh");
    // The signal that goes with it is left alone: a write then fails, as on a disk that is full.
    command.args(["-c", r#"trap "" XFSZ && ulimit -S -f "$1" && exec "$2""#, "sh"]).arg(blocks.to_string()).arg(BATCH);
    let process = child(house, rehearsal.hands().now(), command);
    let output = tokio::task::block_in_place(|| process.wait_with_output().unwrap());
    assert!(output.status.success(), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    match answer["told"].as_object() {
        Some(told) => Ok(told.iter().map(|(name, told)| (name.clone(), Told::from_json(told))).collect()),
        None => Err(answer["error"].as_str().unwrap().to_owned()),
    }
}
