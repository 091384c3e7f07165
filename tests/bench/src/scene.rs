//! Databases and registrars in the same state for everything that is compared, and running what is measured on them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use domaindesk_simulator::{World, WorldConfig};
use domaindesk_support::process::{self, Finished};
use domaindesk_support::{SeedOptions, TempDatabase, php, seed};
use serde::Serialize;

use crate::aims::Row;
use crate::child;
use crate::measured::{Kind, Measured};
use crate::simulator::Registrar;

/// Everything is made from it.
const SEED: u64 = 1;
/// The part of the domains that changes at the registrar between two passes.
const CHANGED: f64 = 0.2;
/// Domains on a page of the registrar's list.
const PAGE: u64 = 500;
/// The longest that one measured thing may take.
const LIMIT: Duration = Duration::from_secs(1_800);

/// How SQLite keeps its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Journal {
    /// SQLite's own default.
    Delete,
    /// A write-ahead log; the PHP peers then also use `synchronous = NORMAL`, the engine leaves what the file has.
    Wal,
}

/// A number of domains, in the states that passes start from.
pub(crate) struct Scene {
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
    pub(crate) fn new(measurer: &mut Measurer, domains: u64) -> Self {
        eprintln!("a database with {domains} domains …");
        let now = DateTime::from_timestamp(Utc::now().timestamp(), 0).expect("the present is a time");
        let config = WorldConfig { seed: SEED, domains, now: now.timestamp(), ..WorldConfig::default() };
        let world = World::generate(config);
        let unsynced = TempDatabase::new();
        seed::fill(unsynced.path(), "", &SeedOptions::at(now), &world);
        let names = world.domains().map(|domain| domain.name).collect();
        let mut scene = Self { domains, now, unsynced, synced: TempDatabase::new(), names };
        let database = scene.copy(&scene.unsynced, Journal::Delete);
        let registrar = scene.registrar(Kind::NativeFirst, 0);
        let measured =
            measurer.run(&scene, Kind::NativeFirst, &registrar.0, &[], database.path(), Journal::Delete, domains);
        measurer.add(&scene, Kind::NativeFirst, 0, Journal::Delete, measured);
        database.execute("UPDATE domains SET last_synced_at = datetime(last_synced_at, '-1 day')");
        scene.synced = database;
        scene
    }

    /// The database that a kind starts from, as a file of its own.
    fn fresh(&self, kind: Kind, journal: Journal) -> TempDatabase {
        self.copy(if kind == Kind::NativeFirst { &self.unsynced } else { &self.synced }, journal)
    }

    fn copy(&self, from: &TempDatabase, journal: Journal) -> TempDatabase {
        let copy = TempDatabase::new();
        std::fs::copy(from.path(), copy.path()).expect("copy the database");
        if journal == Journal::Wal {
            copy.query("PRAGMA journal_mode = wal");
        }
        copy
    }

    /// The registrar as a kind finds it, and the names of the domains that changed there.
    fn registrar(&self, kind: Kind, latency_ms: u64) -> (Registrar, Vec<String>) {
        let registrar = Registrar::start(self.domains, SEED, self.now.timestamp(), latency_ms);
        let changed = match kind {
            Kind::NativeFirst | Kind::BareFirst => Vec::new(),
            _ => registrar.change(CHANGED),
        };
        registrar.reset_stats();
        (registrar, changed)
    }
}

/// Runs what is measured and keeps the rows.
pub(crate) struct Measurer {
    repeat: u32,
    extension: Option<PathBuf>,
    rows: Vec<Row>,
}

impl Measurer {
    pub(crate) fn new(repeat: u32) -> Self {
        let extension = std::env::var_os("DDS_PHP_EXTENSION").map(PathBuf::from).filter(|path| path.is_file());
        if extension.is_none() {
            eprintln!("no PHP extension (DDS_PHP_EXTENSION): its rows are left out");
        }
        Self { repeat: repeat.max(1), extension, rows: Vec::new() }
    }

    pub(crate) fn has_extension(&self) -> bool {
        self.extension.is_some()
    }

    pub(crate) fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    /// Measures one thing, each time from the same start, and keeps the fastest.
    pub(crate) fn measure(&mut self, scene: &Scene, kind: Kind, latency_ms: u64, journal: Journal, limit: u64) {
        for _ in 0..self.repeat {
            let database = scene.fresh(kind, journal);
            let (registrar, changed) = scene.registrar(kind, latency_ms);
            let measured = self.run(scene, kind, &registrar, &changed, database.path(), journal, limit);
            self.add(scene, kind, latency_ms, journal, measured);
        }
    }

    fn add(&mut self, scene: &Scene, kind: Kind, latency_ms: u64, journal: Journal, measured: Measured) {
        eprintln!("{} domains, {latency_ms} ms, {journal:?}: {} {:.0}/s", scene.domains, kind.words(), measured.rate());
        let row = Row { scene: scene.domains, latency_ms, journal, kind, measured };
        match self.rows.iter_mut().find(|earlier| earlier.is_of(&row)) {
            Some(earlier) if earlier.measured.seconds <= row.measured.seconds => {}
            Some(earlier) => *earlier = row,
            None => self.rows.push(row),
        }
    }

    #[allow(clippy::too_many_arguments)] // the state that everything is measured in
    fn run(
        &self,
        scene: &Scene,
        kind: Kind,
        registrar: &Registrar,
        changed: &[String],
        database: &Path,
        journal: Journal,
        limit: u64,
    ) -> Measured {
        let limit = limit.to_string();
        let pages = scene.domains.div_ceil(PAGE).to_string();
        let names = match kind {
            Kind::BareFirst => &scene.names[..],
            _ => changed,
        };
        let list = tempfile::NamedTempFile::new().expect("make a temporary file");
        std::fs::write(list.path(), names.join("\n")).expect("write the names");
        let own = |words: &[&str]| {
            let mut command = Command::new(std::env::current_exe().expect("a program has a path"));
            command.arg("child").args(words);
            command
        };
        let url = registrar.url();
        let mut command = match kind {
            Kind::NativeFirst | Kind::NativeNightly | Kind::NativeStatus => {
                let pass = if kind == Kind::NativeStatus { "status" } else { "full" };
                let mut command = own(&["native", "--url", url, "--pass", pass, "--limit", &limit, "--database"]);
                command.arg(database);
                command
            }
            Kind::BareFirst | Kind::BareNightly => {
                let mut command = own(&["bare", "--url", url, "--pages", &pages, "--names"]);
                command.arg(list.path());
                command
            }
            Kind::Writes => {
                let mut command = own(&["writes", "--limit", &limit, "--database"]);
                command.arg(database);
                command
            }
            Kind::Eloquent => self.script("eloquent.php", &[], database, url, &limit, journal),
            Kind::Plain => self.script("plain.php", &[], database, url, &limit, journal),
            Kind::PlainBatch => self.script("plain.php", &["--batch=100"], database, url, &limit, journal),
            Kind::Extension => self.script("native.php", &[], database, url, &limit, journal),
            Kind::ExtensionTelling => self.script("native.php", &["--callback"], database, url, &limit, journal),
        };
        let finished = process::run(&mut command, LIMIT).success();
        let stats = registrar.stats();
        let mut measured = read(&finished, kind);
        if matches!(kind, Kind::BareFirst | Kind::BareNightly) {
            measured.domains = scene.domains;
            measured.changed = changed.len() as u64;
        }
        measured.http_requests = stats.requests;
        measured.list_requests = stats.of_path("domains/search.json");
        measured.connections = stats.connections;
        if measured.failed > 0 {
            eprintln!("! {} of {} domains failed", measured.failed, measured.domains);
        }
        measured
    }

    fn script(&self, name: &str, more: &[&str], database: &Path, url: &str, limit: &str, journal: Journal) -> Command {
        let mut script = php::Script::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("php").join(name))
            .argument(format!("--database={}", database.display()))
            .argument(format!("--url={url}"))
            .argument("--auth-userid=777")
            .argument("--api-key=simulated")
            .argument(format!("--limit={limit}"));
        for word in more {
            script = script.argument(*word);
        }
        if journal == Journal::Wal {
            script = script.argument("--wal");
        }
        if let (Some(extension), "native.php") = (&self.extension, name) {
            script = script.extension(extension).variable("APP_KEY", domaindesk_support::DEMO_APP_KEY);
        }
        let mut command = script.command();
        if name != "native.php" {
            // Without a key the peers need not open the encrypted credentials for each domain.
            command.env_remove("APP_KEY");
        }
        command
    }
}

/// What a child told. CPU time is the whole child's in Rust, start included; PHP tells its own from the first domain on,
/// so that loading a framework does not count.
fn read(finished: &Finished, kind: Kind) -> Measured {
    let mut measured: Measured =
        serde_json::from_value(finished.last_json_line()).expect("a child tells what it measured");
    if matches!(
        kind,
        Kind::NativeFirst | Kind::NativeNightly | Kind::NativeStatus | Kind::BareFirst | Kind::BareNightly
    ) {
        measured.cpu_seconds = finished.usage.cpu().as_secs_f64();
    }
    measured
}

/// Requests under way at once, for those who compute what latency allows.
pub(crate) const IN_FLIGHT: u64 = child::CONCURRENCY as u64;
