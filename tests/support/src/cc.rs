//! The C and C++ compilers of the machine, for the tests of the C interface.

use std::path::PathBuf;
use std::process::Command;

use crate::process;

/// Every C compiler there is, each once; the environment variable `CC` names the only one to use.
///
/// # Panics
/// When there is none, saying how to get one.
pub fn c_compilers() -> Vec<PathBuf> {
    compilers("CC", &["cc", "gcc", "clang"])
}

/// Every C++ compiler there is, each once; the environment variable `CXX` names the only one to use.
///
/// # Panics
/// When there is none, saying how to get one.
pub fn cxx_compilers() -> Vec<PathBuf> {
    compilers("CXX", &["c++", "g++", "clang++"])
}

/// The preferred C compiler, as a command to be given its arguments.
pub fn cc() -> Command {
    Command::new(&c_compilers()[0])
}

/// The preferred C++ compiler, as a command to be given its arguments.
pub fn cxx() -> Command {
    Command::new(&cxx_compilers()[0])
}

fn compilers(variable: &str, names: &[&str]) -> Vec<PathBuf> {
    let mut found: Vec<(PathBuf, PathBuf)> = Vec::new();
    for name in names {
        if let Some(path) = process::find(variable, &[name]) {
            // `cc` is a link to one of the others.
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            if found.iter().all(|(_, other)| *other != real) {
                found.push((path, real));
            }
        }
    }
    assert!(
        !found.is_empty(),
        "none of {names:?} is on the path: install build-essential, or name one in the variable {variable}"
    );
    found.into_iter().map(|(path, _)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_compiler_that_is_found_makes_a_program_that_runs() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("answer.c");
        std::fs::write(&source, "int main(void) { return 42; }\n").unwrap();
        for (number, compiler) in c_compilers().iter().chain(&cxx_compilers()).enumerate() {
            let program = folder.path().join(format!("answer{number}"));
            let mut command = Command::new(compiler);
            process::run(command.arg(&source).arg("-o").arg(&program), Duration::from_secs(60)).success();
            let finished = process::run(&mut Command::new(program), Duration::from_secs(10));
            assert_eq!(finished.status.code(), Some(42), "{}", compiler.display());
        }
    }
}
