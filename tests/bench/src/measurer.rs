//! Running what is measured, each in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use domaindesk_support::process::{self, Finished};
use domaindesk_support::{TempDatabase, php};

use crate::aims::Row;
use crate::child;
use crate::measured::{Kind, Measured};
use crate::place::Journal;
use crate::scene::Setting;
use crate::simulator::Registrar;

/// Domains on a page of the registrar's list.
const PAGE: u64 = 500;
/// How often domains are chosen; the fastest counts.
const CHOICES: &str = "20";
/// The longest that one measured thing may take.
const LIMIT: Duration = Duration::from_secs(1_800);

/// One thing to measure, and all that it is measured with.
pub(crate) struct Run<'a> {
    pub(crate) kind: Kind,
    pub(crate) setting: Setting,
    pub(crate) database: &'a TempDatabase,
    /// `None` for what asks no registrar.
    pub(crate) registrar: Option<&'a Registrar>,
    /// The names that a bare client asks for.
    pub(crate) asked: &'a [String],
    /// The most domains to go through.
    pub(crate) limit: u64,
}

/// Runs what is measured and keeps the rows.
pub(crate) struct Measurer {
    repeat: u32,
    extension: Option<PathBuf>,
    rows: Vec<Row>,
}

impl Measurer {
    pub(crate) fn new(repeat: u32) -> Self {
        let extension = std::env::var_os("DDS_PHP_EXTENSION").map(PathBuf::from).filter(|path| path.is_file());
        if extension.is_none() {
            eprintln!("no PHP extension (DDS_PHP_EXTENSION): its rows are left out");
        }
        Self { repeat: repeat.max(1), extension, rows: Vec::new() }
    }

    pub(crate) fn has_extension(&self) -> bool {
        self.extension.is_some()
    }

    /// How often each thing is measured.
    pub(crate) fn repeat(&self) -> u32 {
        self.repeat
    }

    pub(crate) fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    /// Measures once. Of several times the fastest is kept.
    pub(crate) fn run(&mut self, run: &Run<'_>) {
        let &Run { kind, setting, .. } = run;
        let measured = self.measured(run);
        let journal = setting.journal.map(|journal| format!(", {}", journal.words())).unwrap_or_default();
        eprintln!(
            "{}, {} domains, {} ms{journal}: {} {:.0}/s",
            setting.place.engine(),
            setting.domains,
            setting.latency_ms,
            kind.words(),
            measured.rate()
        );
        let row = Row { setting, kind, measured };
        match self.rows.iter_mut().find(|earlier| earlier.setting == setting && earlier.kind == kind) {
            Some(earlier) if earlier.measured.seconds <= row.measured.seconds => {}
            Some(earlier) => *earlier = row,
            None => self.rows.push(row),
        }
    }

    fn measured(&self, run: &Run<'_>) -> Measured {
        let &Run { kind, setting, asked, .. } = run;
        let list = tempfile::NamedTempFile::new().expect("make a temporary file");
        std::fs::write(list.path(), asked.join("\n")).expect("write the names");
        let mut command = self.command(run, list.path());
        command.env(child::DATABASE, run.database.laravel_connection().to_string());
        let server_cpu = setting.place.server_cpu();
        let finished = process::run(&mut command, LIMIT).success();
        let server_cpu = setting.place.server_cpu().zip(server_cpu).map(|(after, before)| after - before);
        let mut measured = read(&finished, kind);
        let is_bare = matches!(kind, Kind::BareFirst | Kind::BareNightly);
        if is_bare {
            measured.domains = setting.domains;
            measured.changed = asked.len() as u64;
        } else if !kind.is_choice() {
            measured.database_cpu_seconds = server_cpu.or(measured.database_cpu_seconds);
        }
        if let Some(registrar) = run.registrar {
            let stats = registrar.stats();
            measured.http_requests = stats.requests;
            measured.list_requests = stats.of_path("domains/search.json");
            measured.connections = stats.connections;
        }
        if measured.failed > 0 {
            eprintln!("! {} of {} domains failed", measured.failed, measured.domains);
        }
        measured
    }

    fn command(&self, run: &Run<'_>, list: &Path) -> Command {
        let limit = run.limit.to_string();
        let pages = run.setting.domains.div_ceil(PAGE).to_string();
        let url = run.registrar.map(Registrar::url).unwrap_or_default();
        let own = |words: &[&str]| {
            let mut command = Command::new(std::env::current_exe().expect("a program has a path"));
            command.arg("child").args(words);
            command
        };
        let script = |name: &str, more: &[&str]| self.script(name, more, url, &limit, run.setting.journal);
        match run.kind {
            Kind::NativeFirst | Kind::NativeNightly => {
                own(&["native", "--url", url, "--pass", "full", "--limit", &limit])
            }
            Kind::NativeStatus | Kind::StatusOfTenth => {
                own(&["native", "--url", url, "--pass", "status", "--limit", &limit])
            }
            Kind::BareFirst | Kind::BareNightly => {
                let mut command = own(&["bare", "--url", url, "--pages", &pages, "--names"]);
                command.arg(list);
                command
            }
            Kind::Writes => own(&["writes", "--limit", &limit]),
            Kind::DueOfAll | Kind::DueOfAllIndexed | Kind::DueOfTenth | Kind::DueOfTenthIndexed => {
                own(&["due", "--limit", &limit, "--times", CHOICES])
            }
            Kind::Eloquent => script("eloquent.php", &[]),
            Kind::Plain => script("plain.php", &[]),
            Kind::PlainBatch => script("plain.php", &["--batch=100"]),
            Kind::Extension => script("native.php", &[]),
            Kind::ExtensionTelling => script("native.php", &["--callback"]),
        }
    }

    fn script(&self, name: &str, more: &[&str], url: &str, limit: &str, journal: Option<Journal>) -> Command {
        let mut script = php::Script::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("php").join(name))
            .argument(format!("--url={url}"))
            .argument("--auth-userid=777")
            .argument("--api-key=simulated")
            .argument(format!("--limit={limit}"));
        for word in more {
            script = script.argument(*word);
        }
        if journal == Some(Journal::Wal) {
            script = script.argument("--wal");
        }
        if let (Some(extension), "native.php") = (&self.extension, name) {
            script = script.extension(extension).variable("APP_KEY", domaindesk_support::DEMO_APP_KEY);
        }
        let mut command = script.command();
        if name != "native.php" {
            // Without a key the peers need not open the encrypted credentials for each domain.
            command.env_remove("APP_KEY");
        }
        command
    }
}

/// What a child told. CPU time is the whole child's in Rust, start included; PHP tells its own from the first domain on,
/// so that loading a framework does not count.
fn read(finished: &Finished, kind: Kind) -> Measured {
    let mut measured: Measured =
        serde_json::from_value(finished.last_json_line()).expect("a child tells what it measured");
    if kind.is_whole_child() {
        measured.cpu_seconds = finished.usage.cpu().as_secs_f64();
    }
    measured
}

/// Requests under way at once, for those who compute what latency allows.
pub(crate) const IN_FLIGHT: u64 = child::CONCURRENCY as u64;
