//! Everything that can fail, in one run with one closing line.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::checks::CHECKS;
use crate::shell::{self, cargo};
use crate::{build, prerequisites};

/// What passed and what failed.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    failures: Vec<String>,
}

/// Runs it all. A step that fails does not keep the others from running.
pub(crate) fn run() -> Result<(), String> {
    let start = Instant::now();
    prerequisites::ensure(prerequisites::ALL)?;
    let mut tally = Tally::default();
    tally.step("formatting", || shell::run(&mut cargo(["fmt", "--all", "--check"])));
    tally.step("lints", || {
        shell::run(&mut cargo(["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]))
    });
    let built = tally.step("release artifacts", || {
        build::dist()?;
        shell::run(&mut cargo(["build", "--release", "--locked", "--package", "domaindesk-simulator"]))
    });
    tally.suites();
    tally.step("documentation", || {
        let mut doc =
            cargo(["doc", "--no-deps", "--locked", "--package", "domaindesk-sync", "--package", "domaindesk-sync-ffi"]);
        shell::run(doc.env("RUSTDOCFLAGS", "--deny warnings"))
    });
    if built {
        tally.step("PHP stubs", build::stubs);
    }
    for (name, check) in CHECKS {
        tally.step(name, check);
    }
    let took = start.elapsed();
    eprintln!("\nall of it took {}", minutes(took));
    for failure in &tally.failures {
        eprintln!("{} {failure}", shell::red("failed:"));
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 { Ok(()) } else { Err(format!("{} failed", tally.failures.join("; "))) }
}

impl Tally {
    /// Runs one step and counts it as one test.
    fn step(&mut self, name: &str, step: impl FnOnce() -> Result<(), String>) -> bool {
        shell::heading(name);
        let start = Instant::now();
        match step() {
            Ok(()) => {
                eprintln!("{} in {}", shell::green("ok"), minutes(start.elapsed()));
                self.passed += 1;
                true
            }
            Err(problem) => {
                eprintln!("{} {problem}", shell::red("failed:"));
                self.failed += 1;
                self.failures.push(format!("{name}: {problem}"));
                false
            }
        }
    }

    /// Runs the Rust, C and PHP suites and adds up what each says.
    fn suites(&mut self) {
        shell::heading("suites");
        let start = Instant::now();
        let mut test = cargo(["test", "--workspace", "--locked", "--no-fail-fast"]);
        match self.count(test.envs(build::environment())) {
            Ok(true) => eprintln!("{} in {}", shell::green("ok"), minutes(start.elapsed())),
            Ok(false) => {
                // A suite that did not even run has told no number.
                self.failed = self.failed.max(1);
                self.failures.push("suites: see above".to_owned());
            }
            Err(problem) => {
                self.failed += 1;
                self.failures.push(format!("suites: {problem}"));
            }
        }
    }

    fn count(&mut self, command: &mut Command) -> Result<bool, String> {
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("cargo test: {error}"))?;
        let stdout = child.stdout.take().ok_or("cargo test has no output")?;
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(|error| format!("cargo test: {error}"))?;
            println!("{line}");
            if let Some(numbers) = line.strip_prefix("test result: ") {
                self.passed += number(numbers, "passed");
                self.failed += number(numbers, "failed");
            }
        }
        let status = child.wait().map_err(|error| format!("cargo test: {error}"))?;
        Ok(status.success())
    }
}

/// The number before a word, as in `12 passed; 0 failed`.
fn number(text: &str, word: &str) -> u64 {
    let before = text.split(';').find(|part| part.trim_end().ends_with(word));
    before.and_then(|part| part.split_whitespace().rev().nth(1)?.parse().ok()).unwrap_or(0)
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02} min", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn the_numbers_of_a_suite_are_read() {
        let line = "FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!((number(line, "passed"), number(line, "failed")), (12, 3));
        assert_eq!(number("ok. 7 passed; 0 failed", "passed"), 7);
    }
}
