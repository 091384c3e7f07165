//! The library as C and C++ see it: the programs of tests/c against a simulated registrar, as they are, with the
//! sanitizers and under valgrind.
//!
//! `DDS_LIB_DIR` names the folder of libdomaindesk_sync.so and .a to test, and `DDS_INCLUDE_DIR` that of the header; unset,
//! it is what cargo has built beside this test, and the committed header.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chrono::Utc;
use domaindesk_simulator::{RunningSimulator, Simulator, SimulatorConfig, WorldConfig};
use domaindesk_support::{DEMO_APP_KEY, SeedOptions, TempDatabase, cc, process, seed};
use tempfile::TempDir;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/c");

/// The programs, and how many domains each is given.
const PROGRAMS: [(&str, usize); 6] =
    [("smoke", 1), ("batch", 60), ("threads", 8), ("fork", 1), ("host", 3), ("job", 30)];

/// What every program is linked with beside the library: one has a database connection of its own.
const LIBRARIES: [&str; 1] = ["-lsqlite3"];

const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Werror", "-pedantic"];

/// What makes valgrind fail a program, and only for what is truly lost.
const VALGRIND: [&str; 5] = [
    "--quiet",
    "--error-exitcode=99",
    "--fair-sched=try",
    "--errors-for-leak-kinds=definite",
    "--show-leak-kinds=definite",
];

/// How long a program may take. Valgrind makes it some fifty times slower.
const LIMIT: Duration = Duration::from_secs(540);

/// A folder with the library under the names that the linker and the loader look for, and the programs made of it.
struct Workshop {
    folder: TempDir,
}

impl Workshop {
    fn new() -> Self {
        let folder = TempDir::with_prefix("domaindesk-c-").unwrap();
        let built = library();
        for name in ["libdomaindesk_sync.so", "libdomaindesk_sync.so.0"] {
            symlink(&built, folder.path().join(name)).unwrap();
        }
        symlink(built.with_extension("a"), folder.path().join("libdomaindesk_sync.a")).unwrap();
        Self { folder }
    }

    /// Compiles a source. `more` are further arguments, of which `-l` come last.
    fn compile(&self, compiler: &Path, source: &str, more: &[&str]) -> PathBuf {
        let program = self.folder.path().join(source.split('.').next().unwrap());
        let standard = if source.ends_with(".cc") { "-std=c++17" } else { "-std=c11" };
        let mut command = Command::new(compiler);
        command.args([standard, "-g", "-O1", "-pthread", "-D_POSIX_C_SOURCE=200809L"]).args(WARNINGS);
        command.arg("-I").arg(headers()).arg("-I").arg(SOURCES).arg(Path::new(SOURCES).join(source));
        command.arg("-o").arg(&program).arg("-L").arg(self.folder.path()).args(more);
        process::run(&mut command, LIMIT).success();
        program
    }

    /// As `compile`, with the shared library.
    fn compile_shared(&self, compiler: &Path, source: &str, more: &[&str]) -> PathBuf {
        let path = format!("-Wl,-rpath,{}", self.folder.path().display());
        self.compile(compiler, source, &[more, &["-ldomaindesk_sync", &path], &LIBRARIES].concat())
    }
}

/// The shared library under test; the static one is beside it.
fn library() -> PathBuf {
    let library = match std::env::var_os("DDS_LIB_DIR") {
        Some(folder) => Path::new(&folder).join("libdomaindesk_sync.so"),
        // Cargo builds the library for this test and puts it where the test is.
        None => std::env::current_exe().unwrap().with_file_name("libdomaindesk_sync_ffi.so"),
    };
    assert!(library.is_file(), "{} is missing: build the package first", library.display());
    library.canonicalize().unwrap()
}

fn headers() -> PathBuf {
    std::env::var_os("DDS_INCLUDE_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../include"), PathBuf::from)
}

/// A tool of the machine; a test without it has failed.
fn tool(name: &str, package: &str) -> PathBuf {
    process::find(&name.to_uppercase(), &[name])
        .unwrap_or_else(|| panic!("{name} is missing: apt-get install {package}"))
}

/// A registrar and a database in step with it.
struct House {
    simulator: RunningSimulator,
    database: TempDatabase,
}

impl House {
    fn new() -> Self {
        let now = Utc::now();
        let world = WorldConfig { seed: 7, domains: 150, now: now.timestamp(), ..WorldConfig::default() };
        let simulator = Simulator::start(SimulatorConfig::with_world(world));
        simulator.set_latency(Duration::from_millis(20), Duration::ZERO);
        let database = TempDatabase::new();
        simulator.with_world(|world| seed::fill(database.path(), "", &SeedOptions::at(now), world));
        Self { simulator, database }
    }

    /// Names of active domains.
    fn domains(&self, count: usize) -> Vec<String> {
        let names: Vec<_> = self.simulator.with_world(|world| {
            let active = world.domains().filter(|domain| domain.current_status == "Active");
            active.map(|domain| domain.name).take(count).collect()
        });
        assert_eq!(names.len(), count, "the world has too few active domains");
        names
    }

    /// Runs a program on this house, and gives what it printed.
    fn run(&self, mut command: Command, domains: usize) -> String {
        command.arg(self.database.path()).arg(self.simulator.url()).arg(DEMO_APP_KEY).args(self.domains(domains));
        command.env("ASAN_OPTIONS", "detect_leaks=1").env("UBSAN_OPTIONS", "print_stacktrace=1");
        process::run(&mut command, LIMIT).success().stdout
    }
}

#[test]
fn every_program_runs_with_every_compiler() {
    for compiler in cc::c_compilers() {
        let workshop = Workshop::new();
        for (name, domains) in PROGRAMS {
            let program = workshop.compile_shared(&compiler, &format!("{name}.c"), &[]);
            House::new().run(Command::new(program), domains);
        }
    }
}

#[test]
fn what_a_batch_tells_c_is_what_the_database_holds() {
    let (workshop, house) = (Workshop::new(), House::new());
    let domain = house.domains(1).remove(0);
    house
        .simulator
        .with_world(|world| world.update(&domain, |domain| domain.nameservers = vec!["ns1.moved.example".to_owned()]));
    let program = workshop.compile_shared(&cc::c_compilers()[0], "batch.c", &[]);
    let printed = house.run(Command::new(program), 60);
    let results: Vec<serde_json::Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (single, batch) = (&results[0], &results[1]);
    assert_eq!(single["domain"], domain.as_str(), "S8.1");
    assert_eq!(single["changes"]["nameservers"]["new"], serde_json::json!(["ns1.moved.example"]), "S8.1");
    let rows = "SELECT n.nameserver FROM domain_nameservers n JOIN domains d ON d.id = n.domain_id WHERE d.name = ";
    assert_eq!(house.database.one(&format!("{rows}'{domain}'")), "ns1.moved.example", "S3.5");
    let stats = |key: &str| batch["stats"][key].as_u64().unwrap();
    assert_eq!(stats("total"), stats("synced") + stats("failed") + stats("skipped") + stats("held"), "S8.2");
    assert_eq!((stats("total"), stats("failed"), batch["results"].as_object().unwrap().len()), (60, 0, 60), "S8.2");
}

#[test]
fn every_program_runs_under_the_sanitizers() {
    let workshop = Workshop::new();
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];
    for (name, domains) in PROGRAMS {
        let program = workshop.compile_shared(&cc::c_compilers()[0], &format!("{name}.c"), &flags);
        let symbols = process::run(Command::new(tool("nm", "binutils")).arg(&program), LIMIT).success().stdout;
        for sanitizer in ["__asan_init", "__ubsan_handle"] {
            assert!(symbols.contains(sanitizer), "{name} is built without {sanitizer}");
        }
        House::new().run(Command::new(program), domains);
    }
}

#[test]
fn the_sanitizers_and_valgrind_see_what_is_not_freed() {
    let workshop = Workshop::new();
    let flags = ["-fsanitize=address,undefined", "-fno-omit-frame-pointer"];
    let program = workshop.compile_shared(&cc::c_compilers()[0], "leak.c", &flags);
    let finished = process::run(Command::new(program).env("ASAN_OPTIONS", "detect_leaks=1"), LIMIT);
    assert!(!finished.status.success(), "an error of the library that nobody frees goes unseen");
    assert!(finished.stderr.contains("LeakSanitizer"), "{}", finished.stderr);

    let program = workshop.compile_shared(&cc::c_compilers()[0], "leak.c", &[]);
    let mut command = Command::new(tool("valgrind", "valgrind"));
    let finished = process::run(command.args(VALGRIND).arg("--leak-check=full").arg(program), LIMIT);
    assert_eq!(finished.status.code(), Some(99), "{}", finished.stderr);
}

#[test]
fn every_program_runs_under_valgrind() {
    let (workshop, valgrind) = (Workshop::new(), tool("valgrind", "valgrind"));
    for (name, domains) in PROGRAMS {
        let program = workshop.compile_shared(&cc::c_compilers()[0], &format!("{name}.c"), &[]);
        let mut command = Command::new(&valgrind);
        command.args(VALGRIND);
        // A forked child has lost its parent's threads, and with them what only these knew of.
        command.arg(if name == "fork" { "--leak-check=no" } else { "--leak-check=full" });
        command.arg(program);
        House::new().run(command, domains);
    }
}

#[test]
fn every_program_runs_with_the_static_library() {
    let workshop = Workshop::new();
    let libraries = ["-l:libdomaindesk_sync.a", "-lsqlite3", "-lm", "-lpthread", "-ldl", "-lgcc_s"];
    for (name, domains) in PROGRAMS {
        let program = workshop.compile(&cc::c_compilers()[0], &format!("{name}.c"), &libraries);
        House::new().run(Command::new(program), domains);
    }
}

#[test]
fn the_header_is_c_and_cxx_by_itself_and_may_be_included_twice() {
    let workshop = Workshop::new();
    for (compilers, source) in [(cc::c_compilers(), "header_alone.c"), (cc::cxx_compilers(), "header_cxx.cc")] {
        for compiler in compilers {
            let program = workshop.compile_shared(&compiler, source, &[]);
            process::run(&mut Command::new(program), LIMIT).success();
        }
    }
}

#[test]
fn the_library_exports_what_is_listed_and_each_is_called_in_c() {
    let mut command = Command::new(tool("nm", "binutils"));
    let symbols = process::run(command.args(["-D", "--defined-only"]).arg(library()), LIMIT).success().stdout;
    // What is shipped has a version at each symbol, and the version itself as an absolute one.
    let functions = symbols.lines().filter(|line| !line.contains(" A "));
    let name = |line: &'_ str| Some(line.split_whitespace().nth(2)?.split('@').next()?.to_owned());
    let exported: BTreeSet<_> = functions.filter_map(name).collect();
    let listed: BTreeSet<_> = include_str!("../exported-symbols.txt").lines().map(str::to_owned).collect();
    assert_eq!(exported, listed);
    let read = |(name, _): &(&str, usize)| std::fs::read_to_string(format!("{SOURCES}/{name}.c")).unwrap();
    let programs: String = PROGRAMS.iter().map(read).collect();
    let header = std::fs::read_to_string(format!("{SOURCES}/common.h")).unwrap();
    for symbol in listed {
        let is_called = [&programs, &header].iter().any(|text| text.contains(&symbol));
        assert!(is_called, "{symbol} is in no program of tests/c");
    }
}

#[test]
fn the_library_has_its_soname_stays_loaded_and_uses_the_systems_sqlite() {
    let mut command = Command::new(tool("readelf", "binutils"));
    let dynamic = process::run(command.arg("-dW").arg(library()), LIMIT).success().stdout;
    for wanted in ["[libdomaindesk_sync.so.0]", "NODELETE", "[libsqlite3.so.0]"] {
        assert!(dynamic.contains(wanted), "{wanted} is not in\n{dynamic}");
    }
}
