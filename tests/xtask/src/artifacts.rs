//! Looking into built libraries.

use std::path::Path;
use std::process::Command;

use crate::shell::output;

/// The name by which programs find a library at run time.
pub(crate) fn soname(library: &Path) -> Result<String, String> {
    dynamic(library, "SONAME")?.pop().ok_or_else(|| format!("{} has no soname", library.display()))
}

/// The libraries that it needs.
pub(crate) fn needed(library: &Path) -> Result<Vec<String>, String> {
    dynamic(library, "NEEDED")
}

fn dynamic(library: &Path, tag: &str) -> Result<Vec<String>, String> {
    let text = output(Command::new("readelf").arg("-dW").arg(library))?;
    let value = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    Ok(text.lines().filter(|line| line.contains(&format!("({tag})"))).filter_map(value).collect())
}

/// The symbols that it offers, sorted, with their versions where they have any.
pub(crate) fn exported(library: &Path) -> Result<Vec<String>, String> {
    let text = output(Command::new("nm").args(["-D", "--defined-only"]).arg(library))?;
    // A version is a symbol of its own, absolute.
    let functions = text.lines().filter(|line| !line.contains(" A "));
    let mut symbols: Vec<_> = functions.filter_map(|line| line.split_whitespace().nth(2)).map(str::to_owned).collect();
    symbols.sort_unstable();
    Ok(symbols)
}
