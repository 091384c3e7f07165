//! A million domains, a tenth of them the registrar's that is asked: choosing the next ones to sync must not grow with
//! the table, and a status-only pass is to be the database's work more than the library's.

use chrono::{DateTime, TimeDelta, Utc};
use domaindesk_support::{Engine, SeedOptions, TempDatabase, seed};
use serde_json::Value;

use crate::measured::Kind;
use crate::measurer::{Measurer, Run};
use crate::place::{self, Journal, Place};
use crate::scene::{self, Setting};

/// All of them.
const DOMAINS: u64 = 1_000_000;
/// Those of the registrar that is asked.
const TENTH: u64 = DOMAINS / 10;
/// How many are chosen at once.
const CHOSEN: u64 = 500;

/// Makes the database and measures on it, each pass once: the next would find nothing to do.
pub(crate) fn measure(measurer: &mut Measurer, place: Place) {
    eprintln!("{}: a database with {DOMAINS} domains …", place.engine());
    let now = scene::present();
    let yesterday = now - TimeDelta::days(1);
    let (database, elsewhere) = fill(place, now, yesterday);
    let journal = (!place.is_server()).then_some(Journal::Delete);
    let setting = Setting { place, domains: DOMAINS, latency_ms: 0, journal };
    let mut choose = |kind| {
        let run = Run { kind, setting, database: &database, registrar: None, asked: &[], limit: CHOSEN };
        for _ in 0..measurer.repeat() {
            measurer.run(&run);
        }
    };
    choose(Kind::DueOfAll);
    database.execute("CREATE INDEX bench_last_synced_at ON domains (last_synced_at)");
    place::settle(&database);
    choose(Kind::DueOfAllIndexed);
    // The others were synced an hour ago: only the tenth is due.
    let recently = (now - TimeDelta::hours(1)).format("%Y-%m-%d %H:%M:%S");
    database.execute(&format!("UPDATE domains SET last_synced_at = '{recently}' WHERE registrar_id = {elsewhere}"));
    place::settle(&database);
    choose(Kind::DueOfTenthIndexed);
    database.execute(match place.engine() {
        Engine::MariaDb => "DROP INDEX bench_last_synced_at ON domains",
        Engine::Sqlite | Engine::Postgres => "DROP INDEX bench_last_synced_at",
    });
    choose(Kind::DueOfTenth);
    let kind = Kind::StatusOfTenth;
    let (registrar, asked) = scene::registrar(kind, TENTH, now, 0);
    let registrar = Some(&registrar);
    measurer.run(&Run { kind, setting, database: &database, registrar, asked: &asked, limit: TENTH });
}

/// All synced at the same time. With the id of the registrar that has nine of ten domains.
fn fill(place: Place, now: DateTime<Utc>, last_synced_at: DateTime<Utc>) -> (TempDatabase, i64) {
    let database = place.create();
    let options = SeedOptions { last_synced_at: Some(last_synced_at), ..SeedOptions::at(now) };
    let others = SeedOptions { registrars: vec!["elsewhere".to_owned()], credentials: Value::Null, ..options.clone() };
    let seeded = seed::fill_numbered(&database, "", &others, DOMAINS - TENTH);
    // Each filling makes partners and clients by the same names.
    for (partner, client) in seeded.partners.iter().zip(&seeded.clients) {
        database.execute(&format!(
            "UPDATE partners SET slug = 'other-{partner}', email = 'other{partner}@example.com' WHERE id = {partner}"
        ));
        database.execute(&format!("UPDATE users SET email = 'other-client{client}@example.com' WHERE id = {client}"));
    }
    seed::fill(&database, "", &options, &scene::world(TENTH, now));
    place::settle(&database);
    (database, seeded.registrars[0])
}
