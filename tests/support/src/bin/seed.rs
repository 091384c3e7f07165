//! Makes a database that is in step with a simulated world, for programs in other languages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // test support: failing loudly is its way to report

use std::collections::BTreeMap;

use chrono::DateTime;
use clap::Parser;
use domaindesk_simulator::{World, WorldConfig};
use domaindesk_support::{SeedOptions, Target, schema, seed};
use serde_json::Value;

/// Makes DomainDesk's tables in a database, filled with the domains of the simulator's world of the same seed.
///
/// Prints one line of JSON: {"domains": …, "partners": …, "app_key": …}.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// A SQLite file that is not there yet, or the URL of an empty database: mysql://…, mariadb://… or postgres://….
    /// PostgreSQL's account has to be a superuser.
    #[arg(long)]
    database: String,
    /// The prefix of the tables.
    #[arg(long, default_value = "")]
    prefix: String,
    /// How many domains there are.
    #[arg(long, default_value_t = 1_000)]
    domains: u64,
    /// The simulator's seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Further registrars, which share the domains with ResellerClub: credentials by slug, as JSON.
    #[arg(long, default_value = "{}", value_parser = by_slug)]
    registrars: BySlug,
    /// The time in the world in epoch seconds; the present when absent.
    #[arg(long)]
    now: Option<i64>,
}

/// Credentials by slug.
type BySlug = std::sync::Arc<BTreeMap<String, Value>>;

fn by_slug(text: &str) -> Result<BySlug, String> {
    serde_json::from_str(text).map(BySlug::new).map_err(|error| error.to_string())
}

fn main() {
    let arguments = Arguments::parse();
    let config = WorldConfig { seed: arguments.seed, domains: arguments.domains, ..WorldConfig::default() };
    let config = WorldConfig { now: arguments.now.unwrap_or(config.now), ..config };
    let mut options = SeedOptions::at(DateTime::from_timestamp(config.now, 0).expect("--now is a time"));
    options.registrars.extend(arguments.registrars.keys().cloned());
    options.own_credentials = BTreeMap::clone(&arguments.registrars);
    let target = Target::parse(&arguments.database);
    schema::create_in(&target, &arguments.prefix);
    let seeded = seed::fill(target, &arguments.prefix, &options, &World::generate(config));
    let told = serde_json::json!({
        "domains": seeded.domains,
        "partners": seeded.partners.len(),
        "app_key": options.app_key,
    });
    println!("{told}");
}
