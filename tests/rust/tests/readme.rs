//! What the README shows is what is compiled and run here, in all three languages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // tests fail loudly

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use domaindesk_support::{DEMO_APP_KEY, cc, php, process};
use domaindesk_sync::Config;
use domaindesk_tests::House;

#[allow(unreachable_pub)] // it is written as in a crate of its own
#[path = "../../readme/example.rs"]
mod example;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What `cargo xtask build` has laid out.
fn built(variable: &str, path: &str) -> PathBuf {
    let path = std::env::var_os(variable).map_or_else(|| root().join("target/dist").join(path), PathBuf::from);
    assert!(path.exists(), "{} is not there: run `cargo xtask build`, or name it in {variable}", path.display());
    path
}

/// The README's only block in a language, but for those about Laravel, which tests/laravel.rs follows.
fn block(language: &str) -> String {
    let readme = read("README.md");
    let (readme, _) = readme.split_once("### Laravel").expect("a section about Laravel");
    let start = format!("```{language}\n");
    let blocks: Vec<_> = readme.split(&start).skip(1).filter_map(|rest| rest.split("```").next()).collect();
    match blocks[..] {
        [block] => block.to_owned(),
        _ => panic!("the README has {} blocks of {language}", blocks.len()),
    }
}

/// A database, and a registrar that knows better about every second domain.
fn house() -> House {
    let house = House::new(12);
    assert_eq!(house.simulator.with_world(|world| world.change_fraction(0.5, 1)).len(), 6);
    house
}

/// How many domains the audit rows are about: some.
fn changed(house: &House) -> u64 {
    let sql = "SELECT COUNT(DISTINCT auditable_id) FROM audit_logs WHERE action = 'sync_update'";
    let changed = house.database.one(sql).as_u64().unwrap();
    assert!(changed > 0, "nothing changed");
    changed
}

#[test]
fn the_readme_shows_the_files_that_are_run() {
    for language in ["rust", "c", "php"] {
        let extension = if language == "rust" { "rs" } else { language };
        assert_eq!(block(language), read(&format!("tests/readme/example.{extension}")), "{language}");
    }
}

#[test]
fn the_rust_example_syncs_what_changed() {
    let house = house();
    let config = Config::from_value(house.config.clone()).unwrap();
    let synced = tokio::runtime::Runtime::new().unwrap().block_on(example::nightly(config)).unwrap();
    assert_eq!(synced, changed(&house));
}

#[test]
fn the_c_example_syncs_what_changed() {
    let house = house();
    let (library, header) = (built("DDS_LIB_DIR", "lib"), built("DDS_INCLUDE_DIR", "include"));
    let program = house.database.folder().join("example");
    let mut compile = cc::cc();
    compile.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-I"]).arg(header);
    compile.arg(root().join("tests/readme/example.c")).arg("-L").arg(&library);
    compile.arg("-ldomaindesk_sync").arg("-o").arg(&program);
    process::run(&mut compile, Duration::from_secs(60)).success();

    let mut run = Command::new(&program);
    run.arg(house.config.to_string()).env("LD_LIBRARY_PATH", &library);
    let finished = process::run(&mut run, Duration::from_secs(60)).success();
    let report = finished.last_json_line();
    assert_eq!(report["stats"]["changes"], changed(&house));
    assert_eq!(
        finished.stderr.lines().count() as u64,
        report["stats"]["total"].as_u64().unwrap(),
        "{}",
        finished.stderr
    );

    let mut wrong = Command::new(&program);
    wrong.arg(r#"{"database": "sqlite:/nowhere/at/all.sqlite"}"#).env("LD_LIBRARY_PATH", &library);
    let refused = process::run(&mut wrong, Duration::from_secs(60));
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stderr.contains("store"), "S6.1 {}", refused.stderr);
}

#[test]
fn the_php_example_syncs_what_changed() {
    let house = house();
    let script = php::Script::new(root().join("tests/readme/example.php"))
        .extension(&built("DDS_PHP_EXTENSION", "php/domaindesk_sync.so"))
        .variable("DB_CONNECTION", "sqlite")
        .variable("DB_DATABASE", house.database.path())
        .variable("APP_KEY", DEMO_APP_KEY)
        .variable("RESELLERCLUB_API_URL", house.simulator.url())
        .variable("REGISTRAR_RATE_LIMIT_ATTEMPTS", "100000");
    let finished = script.run().success();
    assert_eq!(finished.stdout.lines().last(), Some(format!("{} domains changed", changed(&house)).as_str()));

    let refused = script.variable("DB_DATABASE", "/nowhere/at/all.sqlite").run();
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stderr.starts_with("store: "), "S6.1 {}", refused.stderr);
}
