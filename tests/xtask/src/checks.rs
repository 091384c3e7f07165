//! Checks of what is shipped and of how the house is kept.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::artifacts::{exported, needed, soname};
use crate::build::dist_dir;
use crate::shell::{cargo, output, root};

/// A check: what it is called, and how it goes.
pub(crate) type Check = (&'static str, fn() -> Result<(), String>);

/// All of them.
pub(crate) const CHECKS: &[Check] = &[
    ("the C library exports what is committed with its version, and nothing else", c_exports),
    ("the PHP extension exports what PHP asks for, and nothing else", php_exports),
    ("the libraries need the system's SQLite, and no library beyond the system's own", needs),
    ("no library handles signals or child processes", tokio_features),
    ("files stay short", short_files),
    ("the top level holds what belongs there", top_level),
];

fn c_exports() -> Result<(), String> {
    let list = root().join("ffi/exported-symbols.txt");
    let wanted = std::fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let wanted: Vec<_> = wanted.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let library = dist_dir().join("lib/libdomaindesk_sync.so");
    let version = soname(&library)?.rsplit('.').next().unwrap_or_default().to_owned();
    let wanted: Vec<_> = wanted.iter().map(|symbol| format!("{symbol}@@DDS_{version}")).collect();
    same(&exported(&library)?, &wanted)
}

fn php_exports() -> Result<(), String> {
    const ALLOWED: [&str; 3] = ["domaindesk_sync_php_get_module", "ext_php_rs_describe_module_v2", "get_module"];
    let symbols = exported(&dist_dir().join("php/domaindesk_sync.so"))?;
    if !symbols.iter().any(|symbol| symbol == "get_module") {
        return Err("get_module is missing".to_owned());
    }
    let more: Vec<_> = symbols.iter().filter(|symbol| !ALLOWED.contains(&symbol.as_str())).cloned().collect();
    if more.is_empty() { Ok(()) } else { Err(format!("also exported: {}", more.join(", "))) }
}

fn same(got: &[String], wanted: &[String]) -> Result<(), String> {
    let only = |one: &[String], other: &[String]| {
        one.iter().filter(|item| !other.contains(item)).cloned().collect::<Vec<_>>().join(", ")
    };
    let (more, less) = (only(got, wanted), only(wanted, got));
    if more.is_empty() && less.is_empty() { Ok(()) } else { Err(format!("too many: [{more}]; missing: [{less}]")) }
}

fn needs() -> Result<(), String> {
    for library in ["lib/libdomaindesk_sync.so", "php/domaindesk_sync.so"] {
        let found = needed(&dist_dir().join(library))?;
        if !found.iter().any(|name| name.starts_with("libsqlite3.so")) {
            return Err(format!(
                "{library} does not use the system's SQLite: two copies in one process lose each other's locks"
            ));
        }
        let system = ["libc.so", "libm.so", "libgcc_s.so", "libsqlite3.so", "ld-linux"];
        if let Some(other) = found.iter().find(|name| !system.iter().any(|prefix| name.starts_with(prefix))) {
            return Err(format!("{library} needs {other}"));
        }
    }
    Ok(())
}

fn tokio_features() -> Result<(), String> {
    for package in ["domaindesk-sync-ffi", "domaindesk-sync-php"] {
        let tree =
            output(&mut cargo(["tree", "--package", package, "--edges", "normal,features", "--invert", "tokio"]))?;
        for feature in ["signal", "process", "full"] {
            if tree.contains(&format!("tokio feature \"{feature}\"")) {
                return Err(format!("{package} enables tokio's `{feature}`"));
            }
        }
    }
    Ok(())
}

fn tracked() -> Result<Vec<PathBuf>, String> {
    let list = output(Command::new("git").arg("ls-files").current_dir(root()))?;
    Ok(list.lines().map(PathBuf::from).collect())
}

fn short_files() -> Result<(), String> {
    for file in tracked()? {
        let own = ["core/src", "ffi/src", "php-ext/src"].iter().any(|folder| file.starts_with(folder));
        if !own || file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text =
            std::fs::read_to_string(root().join(&file)).map_err(|error| format!("{}: {error}", file.display()))?;
        let lines = text.lines().count();
        if lines > 600 {
            return Err(format!("{} has {lines} lines", file.display()));
        }
    }
    Ok(())
}

fn top_level() -> Result<(), String> {
    const ALLOWED: [&str; 10] = [
        "Cargo.toml",
        "Cargo.lock",
        "core",
        "ffi",
        "php-ext",
        "include",
        "tests",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
    ];
    for file in tracked()? {
        let first = file.iter().next().map(Path::new).unwrap_or(&file).display().to_string();
        if !first.starts_with('.') && !ALLOWED.contains(&first.as_str()) {
            return Err(format!("{first} does not belong there"));
        }
    }
    Ok(())
}
