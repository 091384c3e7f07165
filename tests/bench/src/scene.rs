//! Databases and registrars in the same state for everything that is compared.

use chrono::{DateTime, Utc};
use domaindesk_simulator::{World, WorldConfig};
use domaindesk_support::{Engine, SeedOptions, TempDatabase, seed};
use serde::Serialize;

use crate::measured::Kind;
use crate::measurer::{Measurer, Run};
use crate::place::{self, Journal, Place};
use crate::simulator::Registrar;

/// Everything is made from it.
const SEED: u64 = 1;
/// The part of the domains that changes at the registrar between two passes.
const CHANGED: f64 = 0.2;

/// Where things are measured that are compared with one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Setting {
    /// Which database.
    #[serde(rename = "database")]
    pub(crate) place: Place,
    /// How many domains are in it.
    #[serde(rename = "domains_in_database")]
    pub(crate) domains: u64,
    /// How long the registrar takes for an answer.
    pub(crate) latency_ms: u64,
    /// SQLite's journal.
    pub(crate) journal: Option<Journal>,
}

/// The present in whole seconds, as the tables have it.
pub(crate) fn present() -> DateTime<Utc> {
    DateTime::from_timestamp(Utc::now().timestamp(), 0).expect("the present is a time")
}

/// The domains that the registrar has.
pub(crate) fn world(domains: u64, now: DateTime<Utc>) -> World {
    World::generate(WorldConfig { seed: SEED, domains, now: now.timestamp(), ..WorldConfig::default() })
}

/// The registrar as a kind finds it, and the names of the domains that changed there.
pub(crate) fn registrar(kind: Kind, domains: u64, now: DateTime<Utc>, latency_ms: u64) -> (Registrar, Vec<String>) {
    let registrar = Registrar::start(domains, SEED, now.timestamp(), latency_ms);
    let changed = match kind {
        Kind::NativeFirst | Kind::BareFirst => Vec::new(),
        _ => registrar.change(CHANGED),
    };
    registrar.reset_stats();
    (registrar, changed)
}

/// A number of domains on a database, in the states that passes start from.
pub(crate) struct Scene {
    place: Place,
    domains: u64,
    now: DateTime<Utc>,
    /// In step, never synced.
    unsynced: TempDatabase,
    /// Synced by the engine a day ago.
    synced: TempDatabase,
    names: Vec<String>,
}

impl Scene {
    /// Makes the databases; the first pass that this takes is measured too.
    pub(crate) fn new(measurer: &mut Measurer, place: Place, domains: u64) -> Self {
        eprintln!("{}: a database with {domains} domains …", place.engine());
        let now = present();
        let world = world(domains, now);
        let unsynced = place.create();
        seed::fill(&unsynced, "", &SeedOptions::at(now), &world);
        place::settle(&unsynced);
        let names = world.domains().map(|domain| domain.name).collect();
        let journal = (!place.is_server()).then_some(Journal::Delete);
        let synced = place.copy(&unsynced, journal);
        let scene = Self { place, domains, now, unsynced, synced, names };
        let setting = Setting { place, domains, latency_ms: 0, journal };
        scene.measure_on(measurer, &scene.synced, Kind::NativeFirst, setting, domains);
        scene.synced.execute(match place.engine() {
            Engine::Sqlite => "UPDATE domains SET last_synced_at = datetime(last_synced_at, '-1 day')",
            Engine::MariaDb => "UPDATE domains SET last_synced_at = last_synced_at - INTERVAL 1 DAY",
            Engine::Postgres => "UPDATE domains SET last_synced_at = last_synced_at - interval '1 day'",
        });
        place::settle(&scene.synced);
        scene
    }

    /// Measures one thing, each time from the same start, and keeps the fastest.
    pub(crate) fn measure(
        &self,
        measurer: &mut Measurer,
        kind: Kind,
        latency_ms: u64,
        journal: Option<Journal>,
        limit: u64,
    ) {
        let setting = Setting { place: self.place, domains: self.domains, latency_ms, journal };
        let start = if kind == Kind::NativeFirst { &self.unsynced } else { &self.synced };
        for _ in 0..measurer.repeat() {
            self.measure_on(measurer, &self.place.copy(start, journal), kind, setting, limit);
        }
    }

    fn measure_on(&self, measurer: &mut Measurer, database: &TempDatabase, kind: Kind, setting: Setting, limit: u64) {
        let (registrar, changed) = registrar(kind, self.domains, self.now, setting.latency_ms);
        let asked = if kind == Kind::BareFirst { &self.names[..] } else { &changed };
        measurer.run(&Run { kind, setting, database, registrar: Some(&registrar), asked, limit });
    }
}
