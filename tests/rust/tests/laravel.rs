//! The Composer package in a real Laravel application, on every database: `tests/laravel`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use domaindesk_simulator::{Simulator, SimulatorConfig, WorldConfig};
use domaindesk_support::{DEMO_APP_KEY, Engine, laravel, process};
use domaindesk_tests::House;
use serde_json::json;

fn tests() -> PathBuf {
    laravel::tests()
}

fn extension() -> PathBuf {
    let path = std::env::var_os("DDS_PHP_EXTENSION").map(PathBuf::from);
    path.expect("DDS_PHP_EXTENSION names no built extension: run `cargo xtask test`, which builds it first")
}

/// The application below the house's own folder.
fn install(house: &House) -> PathBuf {
    let root = house.database.folder().join("application");
    laravel::install(&root);
    root
}

/// The variable by which PHP loads the extension, in the processes too that artisan starts by itself.
fn loading(application: &Path) -> String {
    laravel::loading(application, &extension())
}

/// Runs a suite of PHPUnit's.
fn phpunit(house: &House, suite: &str, connection: &[(&str, String)], with_extension: bool) {
    let application = install(house);
    run_phpunit(house, &application, suite, connection, with_extension);
}

fn run_phpunit(house: &House, application: &Path, suite: &str, connection: &[(&str, String)], with_extension: bool) {
    let slow = Simulator::start(SimulatorConfig {
        latency: Duration::from_secs(20),
        ..SimulatorConfig::with_world(WorldConfig { seed: 7, domains: 10, ..WorldConfig::default() })
    });
    let phpunit = process::find("PHPUNIT", &["phpunit"]).expect("PHPUnit is not on the path: install phpunit");
    let mut command = Command::new(domaindesk_support::php::php());
    if with_extension {
        command.env("PHP_INI_SCAN_DIR", loading(application));
    }
    let own = application.join("phpunit.xml");
    let configuration = if own.exists() { own } else { tests().join("phpunit.xml") };
    command.arg(phpunit).arg("-c").arg(configuration).args(["--testsuite", suite, "--do-not-cache-result"]);
    command.arg("--bootstrap").arg(application.join("vendor/autoload.php"));
    command.current_dir(application);
    command.env("DDS_APPLICATION", application).env("DDS_TESTS", tests().join("tests"));
    command.env("DDS_DOMAINS", house.actives(40).join(",")).env("DDS_SLOW_URL", slow.url());
    command.env("DDS_CREDENTIALS", json!({"auth_userid": "777", "api_key": "simulated"}).to_string());
    command.env("RESELLERCLUB_API_URL", house.simulator.url()).env("APP_KEY", DEMO_APP_KEY).env("APP_ENV", "testing");
    command.envs(connection.iter().map(|(name, value)| (name, value)));
    let finished = process::run(&mut command, Duration::from_secs(400));
    let log = std::fs::read_to_string(application.join("storage/logs/laravel.log")).unwrap_or_default();
    let last: Vec<_> = log.lines().rev().take(20).collect();
    assert!(finished.status.success(), "{}\n{}\n{last:#?}", finished.stdout, finished.stderr);
    assert!(finished.stdout.contains("OK ("), "none may be skipped: {}", finished.stdout);
    assert!(!log.contains("simulated"), "S6.9: a log line shows the key");
}

/// How Laravel's environment names the house's database.
fn connection(engine: Engine, house: &House) -> Vec<(&'static str, String)> {
    let connection = house.database.laravel_connection();
    let text = |key: &str| connection[key].as_str().map_or_else(|| connection[key].to_string(), str::to_owned);
    match engine {
        Engine::Sqlite => vec![("DB_CONNECTION", "sqlite".to_owned()), ("DB_DATABASE", text("database"))],
        Engine::MariaDb | Engine::Postgres => vec![
            ("DB_CONNECTION", if engine == Engine::MariaDb { "mysql" } else { "pgsql" }.to_owned()),
            ("DB_HOST", text("host")),
            ("DB_PORT", text("port")),
            ("DB_DATABASE", text("database")),
            ("DB_USERNAME", text("username")),
            ("DB_PASSWORD", text("password")),
        ],
    }
}

fn whole(engine: Engine) {
    let house = House::on(engine, 700, |_| ());
    phpunit(&house, "whole", &connection(engine, &house), true);
}

#[test]
fn an_application_on_sqlite() {
    whole(Engine::Sqlite);
}

#[test]
fn an_application_on_mariadb() {
    whole(Engine::MariaDb);
}

#[test]
fn an_application_on_postgres() {
    whole(Engine::Postgres);
}

const IN_MEMORY: [(&str, &str); 2] = [("DB_CONNECTION", "sqlite"), ("DB_DATABASE", ":memory:")];

#[test]
fn an_application_s_own_tests_in_memory_and_in_a_transaction() {
    phpunit(&House::new(700), "in-memory", &IN_MEMORY.map(|(name, value)| (name, value.to_owned())), true);
}

#[test]
fn the_fake_needs_no_extension() {
    phpunit(&House::new(700), "fake", &IN_MEMORY.map(|(name, value)| (name, value.to_owned())), false);
}

/// The blocks of README's section about Laravel in a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(tests().join("../../README.md")).unwrap();
    let (_, section) = readme.split_once("### Laravel").unwrap();
    let section = section.split("\n## ").next().unwrap().to_owned();
    let start = format!("```{language}\n");
    section.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_readme_is_followed_word_by_word() {
    let house = House::new(700);
    let application = install(&house);
    let connection = connection(Engine::Sqlite, &house);
    let [service, schedule, test] = <[String; 3]>::try_from(blocks("php")).unwrap();
    std::fs::write(application.join("app/Services/RegistrarSyncService.php"), format!("<?php\n\n{service}")).unwrap();
    let kernel = application.join("app/Console/Kernel.php");
    let text = std::fs::read_to_string(&kernel).unwrap();
    let (before, rest) = text.split_once("$schedule->command").unwrap();
    let (_, after) = rest.rsplit_once("runInBackground();").unwrap();
    std::fs::write(&kernel, format!("{before}{schedule}{after}")).unwrap();

    let artisan = |arguments: &str| {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("exec {} {arguments}", domaindesk_support::php::php().display()));
        command.current_dir(&application).env("PHP_INI_SCAN_DIR", loading(&application));
        command.env("DDS_TESTS", tests().join("tests")).env("RESELLERCLUB_API_URL", house.simulator.url());
        command.env("APP_KEY", DEMO_APP_KEY).envs(connection.iter().map(|(name, value)| (name, value)));
        process::run(&mut command, Duration::from_secs(60)).success().stdout
    };
    // The database has the application's tables already, and the application knows that.
    let migrations = application.join("database/migrations/2025_01_01_000000_create_domaindesk_tables.php");
    std::fs::remove_file(migrations).unwrap();
    let commands = blocks("sh").concat();
    let commands: Vec<_> = commands.lines().filter_map(|line| line.strip_prefix("php ")).collect();
    assert_eq!(commands.len(), 4, "{commands:?}");
    for command in commands {
        artisan(command);
    }
    let index = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'domains_last_synced_at_id_index'";
    assert_eq!(house.database.one(index), 1);
    let listed = artisan("artisan schedule:list");
    for line in schedule.lines() {
        let command = line.split('\'').nth(1).unwrap();
        assert!(listed.contains(command), "{command} is not in {listed}");
    }
    let place = application.join("tests/Feature");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("SyncTest.php"), format!("<?php\n\n{test}")).unwrap();
    let configuration = "<phpunit><testsuites><testsuite name=\"readme\"><directory>tests/Feature</directory></testsuite></testsuites></phpunit>";
    std::fs::write(application.join("phpunit.xml"), configuration).unwrap();
    run_phpunit(&house, &application, "readme", &IN_MEMORY.map(|(name, value)| (name, value.to_owned())), false);
}

#[test]
fn the_package_s_interface_is_that_of_the_extension() {
    let after_the_opening = |path: &str| {
        let text = std::fs::read_to_string(tests().join("../../php-ext").join(path)).unwrap();
        text.split_once("namespace ").unwrap().1.to_owned()
    };
    let (ours, stubs) =
        ("laravel/contracts/RegistrarSyncInterface.php", "stubs/DomainDesk/Sync/RegistrarSyncInterface.php");
    assert!(after_the_opening(ours) == after_the_opening(stubs), "{ours} and {stubs} differ");
}
