//! Measures a sync beside what it replaces, in one run on one machine, so that the ratios hold wherever it runs.
//!
//! Each measured thing is a child process of its own on a fresh copy of the same database, with a registrar (the
//! simulator, also a process of its own) that is made anew in the same state. So peak memory and CPU time are those of
//! the measured thing alone; a database server's CPU time is told beside. Price: on a machine with few cores the simulator and the server take
//! their share of the wall time, from all of them alike.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a measurement that cannot be made fails loudly

mod aims;
mod calls;
mod child;
mod freshness;
mod measured;
mod measurer;
mod million;
mod place;
mod scene;
mod simulator;
mod table;
mod usage;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use aims::Row;
use measured::Kind;
use measurer::Measurer;
use place::{Journal, Place};
use scene::Scene;

/// Measures a sync on SQLite, MariaDB and PostgreSQL beside sequential PHP, plain PHP, a bare HTTP client and bare writes.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    plan: Plan,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Simulates a year: how soon changes are seen, and at how many requests, by the fixed and the adaptive interval.
    Freshness(freshness::Freshness),
    /// What a call costs from Rust, C and PHP, and a batch through Laravel.
    Calls(calls::Calls),
    /// What is measured, in a process of its own.
    #[command(hide = true, subcommand)]
    Child(child::Child),
}

/// What is measured.
#[derive(Debug, clap::Args)]
struct Plan {
    /// On which databases: all, but SQLite alone with --quick. The servers are started for it and end with it.
    #[arg(long, value_delimiter = ',')]
    database: Vec<Place>,
    /// How many domains there are.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 20_000])]
    domains: Vec<u64>,
    /// How long the registrar takes for an answer, in milliseconds; on the servers it takes no time.
    #[arg(long, value_delimiter = ',', default_values_t = [0, 50])]
    latency: Vec<u64>,
    /// SQLite's journals; with a latency only the first is used.
    #[arg(long, value_delimiter = ',', default_values = ["delete", "wal"])]
    journal: Vec<Journal>,
    /// The most domains that a PHP peer syncs; 200 where answers take time.
    #[arg(long, default_value_t = 1_000)]
    limit: u64,
    /// How many domains there are where memory, the list and the progress callback are measured; 0 leaves it out.
    #[arg(long, default_value_t = 100_000)]
    large: u64,
    /// Also measures on a million domains, which takes some minutes for each database.
    #[arg(long)]
    million: bool,
    /// How often each thing is measured; the fastest counts.
    #[arg(long, default_value_t = 1)]
    repeat: u32,
    /// 1,000 domains and no latency: under a minute.
    #[arg(long)]
    quick: bool,
    /// Also writes all rows into this file as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

impl Plan {
    fn completed(mut self) -> Self {
        if self.database.is_empty() {
            self.database = vec![Place::Sqlite];
            if !self.quick {
                self.database.extend([Place::Mariadb, Place::Postgres]);
            }
        }
        if self.quick {
            self.domains = vec![1_000];
            self.latency = vec![0];
            self.limit = self.limit.min(300);
            self.large = 0;
        }
        self
    }

    /// Latencies and journals that things are measured with on a database.
    fn settings(&self, place: Place) -> Vec<(u64, Option<Journal>)> {
        if place.is_server() {
            return vec![(0, None)];
        }
        let journals = |latency| if latency == 0 { &self.journal[..] } else { &self.journal[..1] };
        let of = |&latency| journals(latency).iter().map(move |&journal| (latency, Some(journal)));
        self.latency.iter().flat_map(of).collect()
    }
}

fn main() {
    let arguments = Arguments::parse();
    // It fails only where one is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match arguments.part {
        Some(Part::Child(child)) => child.run(),
        Some(Part::Freshness(freshness)) => println!("{}", freshness.show()),
        Some(Part::Calls(calls)) => println!("{}", calls.show()),
        None => measure(&arguments.plan.completed()),
    }
}

fn measure(plan: &Plan) {
    let mut measurer = Measurer::new(plan.repeat);
    for &place in &plan.database {
        for &domains in &plan.domains {
            compare_all(&mut measurer, plan, place, domains);
        }
        if plan.large > 0 {
            large(&mut measurer, plan, place);
        }
        if plan.million {
            million::measure(&mut measurer, place);
        }
    }
    let rows: Vec<Row> = measurer.into_rows();
    println!("{}", table::rows(&rows));
    println!("\n{}", table::aims(&aims::compare(&rows)));
    if let Some(path) = &plan.json {
        std::fs::write(path, serde_json::to_string_pretty(&rows).expect("rows are plain data"))
            .unwrap_or_else(|error| panic!("write {}: {error}", path.display()));
    }
}

/// Everything that is compared with one another.
fn compare_all(measurer: &mut Measurer, plan: &Plan, place: Place, domains: u64) {
    let scene = Scene::new(measurer, place, domains);
    let mut latencies_of_bare = Vec::new();
    for (latency, journal) in plan.settings(place) {
        let limit = if latency == 0 { plan.limit } else { plan.limit.min(200) }.min(domains);
        for kind in [Kind::NativeFirst, Kind::NativeNightly, Kind::NativeStatus, Kind::Writes] {
            // Writes know no latency.
            if kind != Kind::Writes || latency == 0 {
                scene.measure(measurer, kind, latency, journal, domains);
            }
        }
        // Requests alone know neither databases nor journals.
        if !place.is_server() && !latencies_of_bare.contains(&latency) {
            latencies_of_bare.push(latency);
            scene.measure(measurer, Kind::BareFirst, latency, journal, domains);
            scene.measure(measurer, Kind::BareNightly, latency, journal, domains);
        }
        for kind in [Kind::Eloquent, Kind::Plain, Kind::PlainBatch] {
            scene.measure(measurer, kind, latency, journal, limit);
        }
        if measurer.has_extension() {
            scene.measure(measurer, Kind::Extension, latency, journal, domains);
        }
    }
}

/// Memory, the list and the progress callback.
fn large(measurer: &mut Measurer, plan: &Plan, place: Place) {
    let journal = (!place.is_server()).then(|| plan.journal[0]);
    let scene = Scene::new(measurer, place, plan.large);
    for kind in [Kind::NativeNightly, Kind::NativeStatus] {
        scene.measure(measurer, kind, 0, journal, plan.large);
    }
    if measurer.has_extension() {
        for kind in [Kind::Extension, Kind::ExtensionTelling] {
            scene.measure(measurer, kind, 0, journal, plan.large);
        }
    }
}
