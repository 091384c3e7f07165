//! What is shipped: target/dist.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::artifacts;
use crate::shell::{self, cargo, root, target};

/// Where the shipped files are.
pub(crate) fn dist_dir() -> PathBuf {
    root().join("target/dist")
}

/// Where the suites find what they test.
pub(crate) fn environment() -> [(&'static str, PathBuf); 5] {
    let dist = dist_dir();
    [
        ("DDS_LIB_DIR", dist.join("lib")),
        ("DDS_INCLUDE_DIR", dist.join("include")),
        ("DDS_PHP_EXTENSION", dist.join("php/domaindesk_sync.so")),
        ("DDS_SIMULATOR", target().join("release/domaindesk-simulator")),
        ("DDS_ROOT", root()),
    ]
}

/// Builds the C library and the PHP extension in release mode and lays them out.
pub(crate) fn dist() -> Result<(), String> {
    shell::heading("build: C library and PHP extension, release");
    // Without the Rust library, beside which cargo would not optimize over crates.
    let crate_types = ["--crate-type", "cdylib,staticlib"];
    shell::run(cargo(["rustc", "--release", "--locked", "--package", "domaindesk-sync-ffi"]).args(crate_types))?;
    shell::run(&mut cargo(["build", "--release", "--locked", "--package", "domaindesk-sync-php"]))?;
    let (built, dist) = (target().join("release"), dist_dir());
    for folder in ["lib", "include", "php"] {
        std::fs::create_dir_all(dist.join(folder)).map_err(|error| format!("{}: {error}", dist.display()))?;
    }
    library(&versioned(&built)?, &dist.join("lib/libdomaindesk_sync.so"))?;
    library(&built.join("libdomaindesk_sync_php.so"), &dist.join("php/domaindesk_sync.so"))?;
    copy(&built.join("libdomaindesk_sync_ffi.a"), &dist.join("lib/libdomaindesk_sync.a"))?;
    shell::output(Command::new("objcopy").arg("--strip-debug").arg(dist.join("lib/libdomaindesk_sync.a")))?;
    copy(&root().join("include/domaindesk_sync.h"), &dist.join("include/domaindesk_sync.h"))?;
    let soname = artifacts::soname(&dist.join("lib/libdomaindesk_sync.so"))?;
    let link = dist.join("lib").join(&soname);
    if !link.exists() {
        std::os::unix::fs::symlink("libdomaindesk_sync.so", &link)
            .map_err(|error| format!("{}: {error}", link.display()))?;
    }
    Ok(())
}

/// What a program that is linked statically links as well.
pub(crate) const SYSTEM: [&str; 5] = ["-lsqlite3", "-lm", "-lpthread", "-ldl", "-lgcc_s"];

/// Links the shared library from the static one, with a version at each symbol: rustc gives the linker a script of its own,
/// and there can be but one. So a program that was linked with another version is refused when it starts.
fn versioned(built: &Path) -> Result<PathBuf, String> {
    let soname = artifacts::soname(&built.join("libdomaindesk_sync_ffi.so"))?;
    let version = soname.rsplit('.').next().unwrap_or_default();
    let list = root().join("ffi/exported-symbols.txt");
    let symbols = std::fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let exported: String = symbols.lines().map(|symbol| format!("    {symbol};\n")).collect();
    let (script, library) = (built.join("domaindesk_sync.map"), built.join("libdomaindesk_sync.so"));
    std::fs::write(&script, format!("DDS_{version} {{\n  global:\n{exported}  local: *;\n}};\n"))
        .map_err(|error| format!("{}: {error}", script.display()))?;
    let mut link = Command::new("cc");
    link.arg("-shared").arg("-o").arg(&library).arg(format!("-Wl,--version-script={}", script.display()));
    link.arg(format!("-Wl,-soname,{soname}"));
    link.args(["-Wl,-z,nodelete", "-Wl,-z,relro,-z,now", "-Wl,--gc-sections", "-Wl,--as-needed"]);
    link.args(symbols.lines().map(|symbol| format!("-Wl,-u,{symbol}")));
    link.arg(built.join("libdomaindesk_sync_ffi.a")).args(SYSTEM);
    shell::output(&mut link)?;
    Ok(library)
}

/// Copies a shared library, its debug symbols split off into a file beside it.
fn library(from: &Path, to: &Path) -> Result<(), String> {
    let debug = to.with_extension("so.debug");
    // A library that a process has open must not be written over.
    if to.exists() {
        std::fs::remove_file(to).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    shell::output(Command::new("objcopy").arg("--only-keep-debug").arg(from).arg(&debug))?;
    let mut strip = Command::new("objcopy");
    strip.arg("--strip-unneeded").arg(format!("--add-gnu-debuglink={}", debug.display())).arg(from).arg(to);
    shell::output(&mut strip).map(drop)
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::copy(from, to).map(drop).map_err(|error| format!("{}: {error}", from.display()))
}

/// Prints what is there.
pub(crate) fn show() -> Result<(), String> {
    for file in
        ["lib/libdomaindesk_sync.so", "lib/libdomaindesk_sync.a", "include/domaindesk_sync.h", "php/domaindesk_sync.so"]
    {
        let path = dist_dir().join(file);
        let size = std::fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?.len();
        println!("target/dist/{file:<28} {:>8} KiB", size.div_ceil(1024));
    }
    Ok(())
}

/// Writes the header, or compares it.
pub(crate) fn header(check: bool) -> Result<(), String> {
    let mut test = cargo(["test", "--package", "domaindesk-sync-ffi", "--test", "header"]);
    if !check {
        test.env("DDS_WRITE_HEADER", "1");
    }
    shell::run(&mut test)
}

/// Compares the stubs with the built extension.
pub(crate) fn stubs() -> Result<(), String> {
    let extension = dist_dir().join("php/domaindesk_sync.so");
    let mut php = Command::new("php");
    php.arg("-n").arg("-d").arg(format!("extension={}", extension.display())).arg(root().join("tests/php/stubs.php"));
    shell::run(&mut php)
}
