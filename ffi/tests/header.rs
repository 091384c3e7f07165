//! The committed header is the one that the sources make, and tells the truth about versions and functions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::collections::BTreeSet;

/// The sources of the header, in the order of a reader's questions.
const SOURCES: [&str; 10] =
    ["version", "error", "options", "boundary", "handle", "calls", "batch", "job", "host", "connection"];

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../include/domaindesk_sync.h");

fn generated() -> String {
    let folder = env!("CARGO_MANIFEST_DIR");
    let config = cbindgen::Config::from_file(format!("{folder}/cbindgen.toml")).unwrap();
    let builder = SOURCES.iter().fold(cbindgen::Builder::new().with_config(config), |builder, source| {
        builder.with_src(format!("{folder}/src/{source}.rs"))
    });
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    String::from_utf8(header).unwrap()
}

/// The committed header. Written first where the environment variable `DDS_WRITE_HEADER` is set.
fn committed() -> String {
    if std::env::var_os("DDS_WRITE_HEADER").is_some() {
        std::fs::write(COMMITTED, generated()).unwrap();
    }
    std::fs::read_to_string(COMMITTED).unwrap_or_else(|error| panic!("{COMMITTED}: {error}"))
}

#[test]
fn the_header_is_that_of_the_sources() {
    assert!(
        committed() == generated(),
        "include/domaindesk_sync.h is not what ffi/src makes: run `cargo xtask header`"
    );
}

#[test]
fn the_versions_of_the_header_are_those_of_the_package_and_of_the_soname() {
    let header = generated();
    let numbers: Vec<_> = env!("CARGO_PKG_VERSION").split('.').collect();
    for (name, number) in ["MAJOR", "MINOR", "PATCH"].into_iter().zip(&numbers) {
        assert!(header.contains(&format!("#define DDS_VERSION_{name} {number}\n")), "{name} is {number}");
    }
    let abi = domaindesk_sync_ffi::dds_abi_version();
    assert!(header.contains(&format!("#define DDS_ABI_VERSION {abi}\n")));
    let build = include_str!("../build.rs");
    assert!(build.contains(&format!("-soname,libdomaindesk_sync.so.{abi}\"")), "the soname is not .so.{abi}");
}

#[test]
fn the_header_declares_the_listed_functions_and_no_others() {
    let header = generated();
    let declarations =
        header.lines().filter(|line| !line.starts_with([' ', '/', '#', '}']) && !line.starts_with("typedef"));
    let declared: BTreeSet<_> = declarations
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("dds_"))
        .collect();
    let listed: BTreeSet<_> = include_str!("../exported-symbols.txt").lines().collect();
    assert_eq!(declared, listed);
}
