//! Programs in other languages that use the library through its header: ffi/examples.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chrono::Utc;
use domaindesk_simulator::{Simulator, SimulatorConfig, WorldConfig};
use domaindesk_support::{DEMO_APP_KEY, SeedOptions, TempDatabase, process, seed};
use serde_json::{Value, json};

fn library() -> PathBuf {
    let library = match std::env::var_os("DDS_LIB_DIR") {
        Some(folder) => Path::new(&folder).join("libdomaindesk_sync.so"),
        None => std::env::current_exe().unwrap().with_file_name("libdomaindesk_sync_ffi.so"),
    };
    assert!(library.is_file(), "{} is missing: build the package first", library.display());
    library
}

#[test]
fn a_batch_with_progress_from_python() {
    let now = Utc::now();
    let world = WorldConfig { seed: 7, domains: 60, now: now.timestamp(), ..WorldConfig::default() };
    let simulator = Simulator::start(SimulatorConfig::with_world(world));
    let database = TempDatabase::new();
    simulator.with_world(|world| seed::fill(database.path(), "", &SeedOptions::at(now), world));
    let config = json!({
        "database": database.url(),
        "app_key": DEMO_APP_KEY,
        "domain": {"sync_batch_size": 60},
        "registrar": {"registrars": {"resellerclub": {"api_url": simulator.url(), "rate_limit": null}}},
    });
    let file = database.folder().join("config.json");
    std::fs::write(&file, config.to_string()).unwrap();
    let python = process::find("PYTHON", &["python3"]).expect("python3 is not on the path: install python3");
    let run = |file: &Path, domains: &[&str]| {
        let mut command = Command::new(&python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/batch.py")).arg(file).args(domains);
        process::run(command.env("DOMAINDESK_SYNC", library()), Duration::from_secs(120))
    };
    let finished = run(&file, &[]).success();
    let stats: Value = finished.last_json_line();
    assert_eq!(
        (&stats["failed"], &stats["total"]),
        (&json!(0), &json!(finished.stderr.lines().count())),
        "{finished:?}"
    );
    assert!(stats["synced"].as_u64() > Some(40), "{stats}");
    let name = database.one("SELECT name FROM domains WHERE last_synced_at IS NOT NULL ORDER BY id LIMIT 1");
    let stats = run(&file, &[name.as_str().unwrap()]).success().last_json_line();
    assert_eq!(stats["skipped"], 1, "S1.1 {stats}");

    std::fs::write(&file, json!({"database": "sqlite:/no/such/file"}).to_string()).unwrap();
    let refused = run(&file, &[]);
    assert!(!refused.status.success() && refused.stderr.starts_with("store: "), "{refused:?}");
}
