//! The PHP extension, through the tests in `tests/php`: PHP's own runner runs them against simulators and a database that
//! are made here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot be set up has failed

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chrono::Utc;
use domaindesk_simulator::{
    AccountConfig, Fault, FaultRule, Faults, RunningSimulator, Simulator, SimulatorConfig, WorldConfig,
};
use domaindesk_support::php::{Script, php, php_config};
use domaindesk_support::{DEMO_APP_KEY, SeedOptions, TempDatabase, process, seed};
use serde_json::json;

/// A key that occurs nowhere by chance, so that it can be looked for.
const API_KEY: &str = "k3y0fTheSimulatedReseller";

/// Enough for a batch that can be stopped on its way.
const DOMAINS: u64 = 200;

/// How long an answer of the slow registrar takes.
const SLOW: Duration = Duration::from_millis(2_500);

/// The extension that is tested.
fn extension() -> PathBuf {
    let path = std::env::var_os("DDS_PHP_EXTENSION").map(PathBuf::from);
    let path = path.expect("DDS_PHP_EXTENSION names no built extension: run `cargo xtask test`, which builds it first");
    path.canonicalize().unwrap_or_else(|error| panic!("the extension {}: {error}", path.display()))
}

/// `tests/php`.
fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("php").canonicalize().unwrap()
}

/// Three registrars with the same domains, and a database in step with them.
struct Surroundings {
    quick: RunningSimulator,
    slow: RunningSimulator,
    broken: RunningSimulator,
    database: TempDatabase,
}

impl Surroundings {
    fn new() -> Self {
        let now = Utc::now();
        let world = WorldConfig { seed: 7, domains: DOMAINS, now: now.timestamp(), ..WorldConfig::default() };
        let start = |latency, faults| {
            let account =
                AccountConfig { api_key: API_KEY.to_owned(), world: world.clone(), ..AccountConfig::default() };
            Simulator::start(SimulatorConfig { accounts: vec![account], latency, faults, ..SimulatorConfig::default() })
        };
        let quick = start(Duration::ZERO, Faults::default());
        let slow = start(SLOW, Faults::default());
        let broken = start(Duration::ZERO, Faults::one(FaultRule::always(Fault::ServerError { status: 502 })));
        let database = TempDatabase::new();
        let options =
            SeedOptions { credentials: json!({"auth_userid": "777", "api_key": API_KEY}), ..SeedOptions::at(now) };
        quick.with_world(|world| seed::fill(database.path(), "", &options, world));
        Self { quick, slow, broken, database }
    }

    /// What `tests/php/bootstrap.inc` reads.
    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DDS_PHP_EXTENSION", extension().display().to_string()),
            ("DDS_TEST_FOLDER", self.database.folder().display().to_string()),
            ("DDS_TEST_DATABASE", self.database.path().display().to_string()),
            ("DDS_TEST_APP_KEY", DEMO_APP_KEY.to_owned()),
            ("DDS_TEST_API_KEY", API_KEY.to_owned()),
            ("DDS_TEST_QUICK", self.quick.url()),
            ("DDS_TEST_SLOW", self.slow.url()),
            ("DDS_TEST_BROKEN", self.broken.url()),
        ]
    }
}

/// PHP's own test runner, which comes with its headers.
fn run_tests() -> PathBuf {
    let answer = |option: &str| {
        let finished = process::run(Command::new(php_config()).arg(option), Duration::from_secs(30)).success();
        finished.stdout.trim().to_owned()
    };
    let (prefix, api) = (answer("--prefix"), answer("--phpapi"));
    let places = [
        PathBuf::from(format!("{prefix}/lib/php/{api}/build/run-tests.php")),
        PathBuf::from(format!("{prefix}/lib/php/build/run-tests.php")),
        Path::new(&answer("--extension-dir")).join("build/run-tests.php"),
    ];
    let found = places.iter().find(|place| place.is_file());
    found.unwrap_or_else(|| panic!("PHP's run-tests.php is at none of {places:?}: install php-dev")).clone()
}

/// A number out of the runner's summary.
fn counted(summary: &str, word: &str) -> usize {
    let line =
        summary.lines().find(|line| line.starts_with(word)).unwrap_or_else(|| panic!("no `{word}` in\n{summary}"));
    let number = line.split(':').nth(1).and_then(|rest| rest.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no number in {line}"))
}

#[test]
fn every_phpt_passes() {
    let surroundings = Surroundings::new();
    // A copy, since the runner leaves what a failing test said beside it.
    let folder = surroundings.database.folder().join("phpt");
    std::fs::create_dir(&folder).unwrap();
    let mut tests = 0;
    for entry in std::fs::read_dir(scripts()).unwrap() {
        let path = entry.unwrap().path();
        tests += usize::from(path.extension().is_some_and(|extension| extension == "phpt"));
        std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    assert!(tests > 40, "tests/php has only {tests} tests");
    let mut command = Command::new(php());
    command.arg(run_tests()).args(["-q", "-j2", "-d"]).arg(format!("extension={}", extension().display())).arg(&folder);
    command.envs(surroundings.variables()).env("TEST_PHP_EXECUTABLE", php()).env("NO_INTERACTION", "1");
    command.env_remove("TEST_PHP_ARGS").current_dir(&folder);
    let finished = process::run(&mut command, Duration::from_secs(600));
    let mut differences = String::new();
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "diff")) {
        let difference = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
        writeln!(differences, "--- {}\n{difference}", file.file_stem().unwrap().to_string_lossy()).unwrap();
    }
    assert!(
        finished.status.success() && differences.is_empty(),
        "{}\n{}\n{differences}",
        finished.stdout,
        finished.stderr
    );
    assert_eq!(counted(&finished.stdout, "Tests passed"), tests, "none may be skipped:\n{}", finished.stdout);
}

#[test]
fn the_stubs_say_what_the_extension_declares() {
    let finished =
        Script::new(scripts().join("stubs.php")).setting(format!("extension={}", extension().display())).run();
    assert!(finished.status.success(), "{}{}", finished.stdout, finished.stderr);
}

#[test]
fn the_extension_brings_no_sqlite_of_its_own_and_exports_its_entry_points_only() {
    let told = |program: &str, options: &[&str]| {
        let mut command = Command::new(program);
        process::run(command.args(options).arg(extension()), Duration::from_secs(60)).success().stdout
    };
    let dynamic = told("readelf", &["--dynamic", "--wide"]);
    let needed: Vec<_> = dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect();
    assert!(needed.iter().any(|line| line.contains("[libsqlite3.so")), "PHP's SQLite is not used: {needed:?}");
    for line in &needed {
        let known =
            ["libsqlite3.so", "libc.so", "libm.so", "libgcc_s.so", "ld-linux", "libdl.so", "libpthread.so", "librt.so"];
        assert!(known.iter().any(|name| line.contains(name)), "an unexpected library: {line}");
    }
    assert!(dynamic.contains("NODELETE"), "dlclose would take the code from under running threads");
    let symbols = told("nm", &["--dynamic", "--defined-only"]);
    let mut names: Vec<_> = symbols.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    // Debug builds describe themselves to tools.
    names.retain(|name| *name != "ext_php_rs_describe_module_v2");
    names.sort_unstable();
    assert_eq!(names, ["domaindesk_sync_php_get_module", "get_module"]);
}

#[test]
fn the_extension_reads_and_writes_no_memory_that_is_not_its_own() {
    let surroundings = Surroundings::new();
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--error-exitcode=99", "--num-callers=30", "--fair-sched=yes"]);
    command.arg(php()).arg("-d").arg(format!("extension={}", extension().display()));
    command.arg(scripts().join("valgrind.php")).envs(surroundings.variables());
    // PHP's own heap would hide what is done inside its chunks, and unloaded modules have no names in traces.
    command.env("USE_ZEND_ALLOC", "0").env("ZEND_DONT_UNLOAD_MODULES", "1");
    let finished = process::run(&mut command, Duration::from_secs(300));
    assert_eq!(finished.stdout, "done\n", "{}", finished.stderr);
    assert!(finished.status.success(), "{}\n{}", finished.status, finished.stderr);
}
