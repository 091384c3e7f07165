//! What a batch costs the database: statements by the hundred domains, each with the same text and the same parameters.

use std::collections::BTreeSet;
use std::time::Instant;

use domaindesk_support::{CutProxy, Engine};
use domaindesk_sync::{RegistrarSync, ResultsMode, Selection, SyncOptions};
use domaindesk_tests::House;

use crate::lose_contacts;

on_every_engine!(a_thousand_domains_cost_a_few_statements_whether_they_changed_or_not);
on_every_server!(no_statement_grows_with_the_batch);

/// Syncs, all again however long ago they were synced. Fails where that takes more statements than so many for each
/// transaction, whatever the number of domains; a transaction is written each tenth of a second at most.
async fn cost(sync: &RegistrarSync, selection: Selection, changes: impl Fn(u64) -> bool, each: u64) {
    let mut options = SyncOptions::default().forced();
    options.results = ResultsMode::None;
    let (before, start) = (sync.statements(), Instant::now());
    let stats = sync.sync_domains(selection, options, |_| ()).await.unwrap().stats;
    assert!(stats.failed == 0 && changes(stats.changes), "{stats:?}");
    let statements = sync.statements() - before;
    let transactions = stats.total.div_ceil(500) + start.elapsed().as_millis() as u64 / 100 + 1;
    // By five hundred: resolving, looking, taking, reading by name and again by id; once the registrar.
    let reading = 7 * stats.total.div_ceil(500) + 1;
    let most = reading + each * transactions;
    assert!(statements <= most, "S4.5: {statements} statements for {stats:?}, of which {transactions} transactions");
}

async fn a_thousand_domains_cost_a_few_statements_whether_they_changed_or_not(engine: Engine) {
    let house = House::on(engine, 1_000, |options| options.local_drift = 1.0);
    lose_contacts(&house);
    let sync = house.connect().await;
    // Locking, comparing those that were read in part and in full, and what is written: seven statements, or one.
    cost(&sync, house.all(), |changes| changes > 950, 10).await;
    cost(&sync, house.all(), |changes| changes == 0, 4).await;
}

/// The texts of statements in what a client said, and how many parameters the largest has.
fn texts(turns: &[Vec<u8>]) -> (BTreeSet<String>, usize) {
    const VERBS: [&str; 5] = ["SELECT ", "UPDATE ", "INSERT INTO ", "DELETE FROM ", "WITH "];
    let mut all = BTreeSet::new();
    for turn in turns {
        // Parse is told by its letter, COM_STMT_PREPARE by the byte behind the packet's length and number.
        if turn.first() != Some(&b'P') && turn.get(4) != Some(&0x16) {
            continue;
        }
        let text = String::from_utf8_lossy(turn);
        let start = VERBS.iter().filter_map(|verb| text.find(verb)).min();
        let statement = start.and_then(|start| text[start..].split('\0').next());
        all.extend(statement.map(str::to_owned));
    }
    let parameters = |text: &String| {
        let numbered = text.split('$').skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).count();
        numbered.max(text.matches('?').count())
    };
    let most = all.iter().map(parameters).max().unwrap_or_default();
    (all, most)
}

async fn no_statement_grows_with_the_batch(engine: Engine) {
    let mut house = House::on(engine, 1_000, |options| options.local_drift = 1.0);
    lose_contacts(&house);
    let proxy = CutProxy::to(house.database.access().unwrap());
    house.config["database"]["port"] = proxy.port().to_string().into();
    let Selection::Domains(all) = house.all() else { unreachable!("all domains are named") };
    // Both are large enough for the list.
    let mut seen = Vec::new();
    for domains in [&all[..300], &all[300..]] {
        let sync = house.connect().await;
        proxy.record();
        cost(&sync, Selection::Domains(domains.to_vec()), |changes| changes > 0, 10).await;
        seen.push(texts(&proxy.recorded()));
        sync.close().await;
    }
    let [(few, _), (many, most)] = &seen[..] else { unreachable!("two batches") };
    let new: Vec<_> = many.difference(few).collect();
    assert!(new.is_empty(), "a larger batch has statements of its own: {new:?}");
    assert!(few.len() >= 10, "the statements were seen: {few:?}");
    assert!((1..=8).contains(most), "{most} parameters");
}
