//! Measures a sync beside what it replaces, in one run on one machine, so that the ratios hold wherever it runs.
//!
//! Each measured thing is a child process of its own on a fresh copy of the same database, with a registrar (the
//! simulator, also a process of its own) that is made anew in the same state. So peak memory and CPU time are those of
//! the measured thing alone. Price: on a machine with few cores the simulator takes its share of the wall time, from
//! all of them alike.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a measurement that cannot be made fails loudly

mod aims;
mod child;
mod measured;
mod scene;
mod simulator;
mod table;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use aims::Row;
use measured::Kind;
use scene::{Journal, Measurer, Scene};

/// Measures a sync on SQLite beside sequential PHP, plain PHP, a bare HTTP client and bare writes.
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
    /// What is measured, in a process of its own.
    #[command(hide = true, subcommand)]
    Child(child::Child),
}

/// What is measured.
#[derive(Debug, clap::Args)]
struct Plan {
    /// How many domains there are.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 20_000])]
    domains: Vec<u64>,
    /// How long the registrar takes for an answer, in milliseconds.
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
    fn quickened(mut self) -> Self {
        if self.quick {
            self.domains = vec![1_000];
            self.latency = vec![0];
            self.limit = self.limit.min(300);
            self.large = 0;
        }
        self
    }
}

fn main() {
    let arguments = Arguments::parse();
    // It fails only where one is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match arguments.part {
        Some(Part::Child(child)) => child.run(),
        None => measure(&arguments.plan.quickened()),
    }
}

fn measure(plan: &Plan) {
    let mut measurer = Measurer::new(plan.repeat);
    for &domains in &plan.domains {
        let scene = Scene::new(&mut measurer, domains);
        for &latency in &plan.latency {
            let limit = if latency == 0 { plan.limit } else { plan.limit.min(200) }.min(domains);
            let journals = if latency == 0 { &plan.journal[..] } else { &plan.journal[..1] };
            for (index, &journal) in journals.iter().enumerate() {
                for kind in [Kind::NativeFirst, Kind::NativeNightly, Kind::NativeStatus, Kind::Writes] {
                    // Writes know no latency.
                    if kind != Kind::Writes || latency == 0 {
                        measurer.measure(&scene, kind, latency, journal, domains);
                    }
                }
                if index == 0 {
                    measurer.measure(&scene, Kind::BareFirst, latency, journal, domains);
                    measurer.measure(&scene, Kind::BareNightly, latency, journal, domains);
                }
                for kind in [Kind::Eloquent, Kind::Plain, Kind::PlainBatch] {
                    measurer.measure(&scene, kind, latency, journal, limit);
                }
                if measurer.has_extension() {
                    measurer.measure(&scene, Kind::Extension, latency, journal, domains);
                }
            }
        }
    }
    if plan.large > 0 {
        let journal = plan.journal[0];
        let scene = Scene::new(&mut measurer, plan.large);
        for kind in [Kind::NativeNightly, Kind::NativeStatus] {
            measurer.measure(&scene, kind, 0, journal, plan.large);
        }
        if measurer.has_extension() {
            for kind in [Kind::Extension, Kind::ExtensionTelling] {
                measurer.measure(&scene, kind, 0, journal, plan.large);
            }
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
