//! A sync over the application's own PDO connection does what one over the engine's connection does, on every database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use domaindesk_support::Engine;
use domaindesk_support::php::Script;
use domaindesk_tests::House;
use serde_json::{Value, json};

fn extension() -> PathBuf {
    let path = std::env::var_os("DDS_PHP_EXTENSION").map(PathBuf::from);
    path.expect("DDS_PHP_EXTENSION names no built extension: run `cargo xtask test`, which builds it first")
}

/// The arguments of PDO's constructor.
fn pdo(engine: Engine, connection: &Value) -> Value {
    let text = |key: &str| connection[key].as_str().unwrap_or_default();
    let port = connection["port"].as_str().map_or_else(|| connection["port"].to_string(), str::to_owned);
    let place = format!("host={};port={port};dbname={}", text("host"), text("database"));
    match engine {
        Engine::Sqlite => json!([format!("sqlite:{}", text("database"))]),
        Engine::MariaDb => json!([format!("mysql:{place};charset=utf8mb4"), text("username"), text("password")]),
        Engine::Postgres => json!([format!("pgsql:{place}"), text("username"), text("password")]),
    }
}

fn compare(engine: Engine) {
    let house = House::on(engine, 300, |_| ());
    house.database.execute("UPDATE domains SET status = 'suspended' WHERE id % 5 = 0");
    house.database.execute("UPDATE domains SET sync_metadata = '{\"theirs\":\"a\\/b\"}' WHERE id % 3 = 0");
    house.database.execute("DELETE FROM domain_contacts WHERE id % 7 = 0");
    house.database.execute("UPDATE domain_contacts SET first_name = 'Übel', city = 'x''y\\z' WHERE id % 11 = 0");
    house.database.execute("DELETE FROM domain_nameservers WHERE domain_id % 4 = 0");
    let statements = match engine {
        Engine::Sqlite => json!(["PRAGMA foreign_keys = ON"]),
        Engine::MariaDb | Engine::Postgres => json!([]),
    };
    let input = json!([house.config, pdo(engine, &house.database.laravel_connection()), statements]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("php/over_connection.php");
    let mut command = Script::new(script).extension(&extension()).limit(Duration::from_secs(120)).command();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let expected = "rolled back: all of it\ntold: the same\nwritten: the same\nchanged: something\n";
    assert_eq!(said, expected, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn over_pdo_sqlite_it_is_as_over_its_own_connection() {
    compare(Engine::Sqlite);
}

#[test]
fn over_pdo_mysql_it_is_as_over_its_own_connection() {
    compare(Engine::MariaDb);
}

#[test]
fn over_pdo_pgsql_it_is_as_over_its_own_connection() {
    compare(Engine::Postgres);
}
