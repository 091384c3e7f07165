//! The project's commands: `cargo xtask <command>`.

mod artifacts;
mod build;
mod checks;
mod demo;
mod install;
mod install_c;
mod prerequisites;
mod shell;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, tests and shows domaindesk-sync.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what is missing on this machine for the other commands, or says what to install.
    Setup,
    /// Puts the release artifacts under target/dist.
    Build,
    /// Installs the PHP extension into the PHP on the path, for the command line, FPM and what else its version has.
    Install {
        /// Takes it out again.
        #[arg(long)]
        remove: bool,
        /// Puts it below this folder instead of `/`, for packages.
        #[arg(long)]
        destdir: Option<std::path::PathBuf>,
    },
    /// Installs the C library, shared and static, its header and its pkg-config file.
    InstallC {
        /// Where programs will find it.
        #[arg(long, default_value = "/usr/local")]
        prefix: std::path::PathBuf,
        /// Puts it below this folder instead of `/`, for packages.
        #[arg(long)]
        destdir: Option<std::path::PathBuf>,
    },
    /// Runs everything that can fail: formatting, lints, the Rust, C and PHP suites, and the checks of what is shipped.
    Test,
    /// Syncs a made-up DomainDesk with simulated registrars through the PHP extension, and shows what changed.
    Demo {
        /// Keeps the folder with the database.
        #[arg(long)]
        keep: bool,
        /// How many domains there are.
        #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        domains: u32,
    },
    /// Measures, beside plain PHP and others in the same run. Arguments go to the benchmark: try `-- --help`.
    Bench {
        /// What the benchmark is told.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Simulates a year of 100,000 domains: how soon changes are seen, at how many requests, by each interval and by the
    /// schedule that the library replaces. Arguments go to the simulation: try `-- --help`.
    Freshness {
        /// What the simulation is told.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Counts the requests that each registrar gets for one domain, for 1,000 and for prices, beside the least possible.
    Requests,
    /// Shows what each native registrar can do.
    Registrars,
    /// Feeds everything that parses with edited inputs, for as long as that takes: `tests/rust/tests/fuzz.rs` and
    /// `ffi/tests/border.rs`.
    Fuzz {
        /// Part of the names of targets; all without it.
        target: Option<String>,
        /// How many inputs each target gets.
        #[arg(long, default_value_t = 100_000)]
        cases: u32,
    },
    /// Writes include/domaindesk_sync.h anew from the Rust sources.
    Header {
        /// Only tells whether it would differ.
        #[arg(long)]
        check: bool,
    },
    /// Compares the PHP stubs with the built extension.
    Stubs,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Setup => prerequisites::ensure(prerequisites::ALL),
        Command::Build => {
            prerequisites::ensure(prerequisites::BUILD).and_then(|()| build::dist()).and_then(|()| build::show())
        }
        Command::Install { remove: true, destdir } => install::run(destdir.as_deref(), true),
        Command::Install { remove: false, destdir } => prerequisites::ensure(prerequisites::BUILD)
            .and_then(|()| build::dist())
            .and_then(|()| install::run(destdir.as_deref(), false)),
        Command::InstallC { prefix, destdir } => prerequisites::ensure(prerequisites::BUILD)
            .and_then(|()| build::dist())
            .and_then(|()| install_c::run(&prefix, destdir.as_deref())),
        Command::Test => test::run(),
        Command::Demo { keep, domains } => demo::run(keep, domains),
        Command::Bench { arguments } => bench(&arguments),
        Command::Freshness { arguments } => freshness(&arguments),
        Command::Requests => table("domaindesk-requests"),
        Command::Registrars => table("domaindesk-registrars"),
        Command::Fuzz { target, cases } => fuzz(target.as_deref(), cases),
        Command::Header { check } => prerequisites::ensure(prerequisites::BUILD).and_then(|()| build::header(check)),
        Command::Stubs => {
            prerequisites::ensure(prerequisites::ALL).and_then(|()| build::dist()).and_then(|()| build::stubs())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{}: {problem}", shell::red("error"));
            ExitCode::FAILURE
        }
    }
}

fn fuzz(target: Option<&str>, cases: u32) -> Result<(), String> {
    prerequisites::ensure(prerequisites::BUILD)?;
    let cases = cases.to_string();
    let packages = ["--package", "domaindesk-tests", "--package", "domaindesk-sync-ffi"];
    let mut test = shell::cargo(["test", "--release", "--test", "fuzz", "--test", "border"]);
    shell::run(test.args(packages).arg("--").args(target).env("DDS_FUZZ_CASES", cases))
}

fn freshness(arguments: &[String]) -> Result<(), String> {
    prerequisites::ensure(prerequisites::BUILD)?;
    let mut cargo = shell::cargo(["run", "--release", "--package", "domaindesk-bench", "--", "freshness"]);
    cargo.args(arguments);
    shell::run(&mut cargo)
}

/// A table of registrars.
fn table(program: &str) -> Result<(), String> {
    prerequisites::ensure(prerequisites::BUILD)?;
    shell::run(&mut shell::cargo(["run", "--quiet", "--package", "domaindesk-tests", "--bin", program]))
}

fn bench(arguments: &[String]) -> Result<(), String> {
    prerequisites::ensure(prerequisites::ALL)?;
    build::dist()?;
    let mut cargo = shell::cargo(["build", "--release", "--package", "domaindesk-simulator"]);
    shell::run(&mut cargo)?;
    let mut cargo = shell::cargo(["run", "--release", "--package", "domaindesk-bench", "--"]);
    cargo.args(arguments).envs(build::environment());
    shell::run(&mut cargo)
}
