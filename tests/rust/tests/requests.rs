//! The README's tables of registrars: what each can do, and the requests that each gets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::path::Path;
use std::process::Command;

use domaindesk_sync::RegistrarSync;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap()
}

#[test]
fn the_readme_says_what_each_registrar_can_do() {
    let told = Command::new(env!("CARGO_BIN_EXE_domaindesk-registrars")).output().unwrap();
    let table = String::from_utf8(told.stdout).unwrap();
    let failed = String::from_utf8_lossy(&told.stderr);
    assert!(
        told.status.success() && table.lines().count() == RegistrarSync::registrars().len() + 2,
        "{table} {failed}"
    );
    assert!(readme().contains(&table), "README.md says something else than `cargo xtask registrars`:\n{table}");
}

#[test]
fn no_registrar_is_sent_more_than_its_api_asks_for_and_the_readme_says_how_many() {
    let counted = Command::new(env!("CARGO_BIN_EXE_domaindesk-requests")).output().unwrap();
    let table = String::from_utf8(counted.stdout).unwrap();
    let failed = String::from_utf8_lossy(&counted.stderr);
    assert!(counted.status.success(), "S7.3 {table} {failed}");
    let readme = readme();
    let rows: Vec<_> = table.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 5, "{table}");
    for row in rows {
        assert!(readme.contains(row), "README.md says something else than\n{row}");
    }
}
