//! What crossing a border costs: a call that asks no registrar from Rust, C and PHP, the array of a large result, and a
//! batch through the Composer package in a Laravel application beside the sequential service on Eloquent.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use comfy_table::Table;
use domaindesk_support::process::{self, Finished};
use domaindesk_support::{DEMO_APP_KEY, SeedOptions, TempDatabase, cc, laravel, php, seed};
use domaindesk_sync::{Config, DomainRef, RegistrarSync, SyncOptions};
use serde_json::{Value, json};

use crate::child;
use crate::measured::Kind;
use crate::scene::{present, registrar, world};

/// The longest that one measured thing may take.
const LIMIT: Duration = Duration::from_secs(900);

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Calls {
    /// How many domains are in the large result.
    #[arg(long, default_value_t = 100_000)]
    domains: u64,
    /// How often a call is made.
    #[arg(long, default_value_t = 5_000)]
    times: u32,
    /// How many domains the two Laravel services sync.
    #[arg(long, default_value_t = 1_000)]
    batch: u64,
}

/// What `cargo xtask build` has laid out.
fn built(variable: &str) -> PathBuf {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask bench -- calls`"))
}

impl Calls {
    /// Measures, and gives the tables.
    pub(crate) fn show(&self) -> String {
        let now = present();
        let database = TempDatabase::new();
        let options = SeedOptions { last_synced_at: Some(now), ..SeedOptions::at(now) };
        seed::fill(&database, "", &options, &world(self.domains, now));
        let config = json!({
            "database": database.laravel_connection(),
            "app_key": DEMO_APP_KEY,
            "registrar": {"registrars": {"resellerclub": {"rate_limit": null}}},
        });
        let name = database.one("SELECT name FROM domains ORDER BY id LIMIT 1");
        let name = name.as_str().expect("a name is a text");
        let core = self.core(&config, name);
        let c = self.c(&config, name, database.folder());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("php/calls.php");
        let script = php::Script::new(script).extension(&built("DDS_PHP_EXTENSION")).argument(self.times.to_string());
        let script = script.variable("DDS_BENCH_CONFIG", config.to_string()).limit(LIMIT);
        let told = script.run().success().last_json_line();
        let number = |key: &str| told[key].as_f64().unwrap_or_else(|| panic!("no {key} in {told}"));

        let mut calls = Table::new();
        calls.set_header(["a call that asks no registrar", "µs", "beside Rust"]);
        for (what, micros) in [
            ("Rust: sync_domain()", core),
            ("C: dds_sync_domain()", c),
            ("PHP: syncDomain()", number("skip_us")),
            ("PHP: Domain::find() of Eloquent", number("find_us")),
        ] {
            calls.add_row([what.to_owned(), format!("{micros:.1}"), format!("{:+.1}", micros - core)]);
        }
        let (all, none) = (number("all_seconds"), number("none_seconds"));
        let large = format!(
            "{} results as an array of PHP's: {:.2} s more than none of them ({none:.2} s), {:.0} MiB",
            told["results"],
            all - none,
            number("results_mib")
        );
        format!("{calls}\n\n{large}\n\n{}", self.services())
    }

    fn core(&self, config: &Value, name: &str) -> f64 {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("start a runtime").block_on(async {
            let config = Config::from_value(config.clone()).expect("the configuration is right");
            let sync = RegistrarSync::connect(config).await.expect("the database is there");
            let (domain, options) = (DomainRef::parse(name).expect("it is a name"), SyncOptions::default());
            let start = Instant::now();
            for _ in 0..self.times {
                let result = sync.sync_domain(domain.clone(), &options).await.expect("the domain is there");
                assert!(result.skipped, "{result:?}");
            }
            start.elapsed().as_secs_f64() * 1e6 / f64::from(self.times)
        })
    }

    fn c(&self, config: &Value, name: &str, folder: &Path) -> f64 {
        let (lib, program) = (built("DDS_LIB_DIR"), folder.join("calls"));
        let mut compile = cc::cc();
        compile.args(["-O2", "-D_POSIX_C_SOURCE=200809L", "-I"]).arg(built("DDS_INCLUDE_DIR"));
        compile.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("c/calls.c")).arg("-o").arg(&program);
        compile.arg("-L").arg(&lib).args(["-ldomaindesk_sync", &format!("-Wl,-rpath,{}", lib.display())]);
        process::run(&mut compile, LIMIT).success();
        let mut command = Command::new(program);
        let times = self.times.to_string();
        let told = process::run(command.args([&config.to_string(), name, &times]), LIMIT).success().stdout;
        told.trim().parse::<f64>().expect("the program prints a number") / 1e3
    }

    /// `artisan domain:sync` with the package beside the service on Eloquent, each on a copy of one database.
    fn services(&self) -> String {
        let (now, domains) = (present(), self.batch);
        let unsynced = TempDatabase::new();
        seed::fill(&unsynced, "", &SeedOptions { local_drift: 0.2, ..SeedOptions::at(now) }, &world(domains, now));
        let copy = || {
            let copy = TempDatabase::new();
            std::fs::copy(unsynced.path(), copy.path()).expect("copy the database");
            copy
        };
        let (first, second) = (copy(), copy());
        // The registrar as it was when the database was made: what differs is the database's.
        let (asked, _) = registrar(Kind::NativeFirst, domains, now, 0);
        let application = first.folder().join("application");
        laravel::install(&application);
        let mut artisan = laravel::artisan(&application);
        artisan.args(["domain:sync", "--force", &format!("--limit={domains}")]);
        artisan.env("PHP_INI_SCAN_DIR", laravel::loading(&application, &built("DDS_PHP_EXTENSION")));
        artisan.env("RESELLERCLUB_API_URL", asked.url()).env("REGISTRAR_RATE_LIMIT_ATTEMPTS", "1000000");
        artisan.env("DB_CONNECTION", "sqlite").env("DB_DATABASE", first.path()).env("DOMAIN_BRAKE_PERCENT", "100");
        let ours = process::run(&mut artisan, LIMIT);
        assert!(ours.stdout.contains("Synced"), "{}\n{}", ours.stdout, ours.stderr);

        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("php/eloquent.php");
        let script = php::Script::new(script).argument(format!("--url={}", asked.url())).argument("--auth-userid=777");
        let mut peer = script.argument("--api-key=simulated").argument(format!("--limit={domains}")).command();
        peer.env_remove("APP_KEY").env(child::DATABASE, second.laravel_connection().to_string());
        let theirs = process::run(&mut peer, LIMIT).success();

        let mut table = Table::new();
        table.set_header(["a batch in Laravel", "domains/s", "CPU s/1,000", "peak MiB", "times as fast"]);
        let rate = |finished: &Finished| domains as f64 / finished.usage.wall.as_secs_f64();
        for (what, finished) in [("artisan domain:sync", &ours), ("the sequential service on Eloquent", &theirs)] {
            table.add_row([
                what.to_owned(),
                format!("{:.0}", rate(finished)),
                format!("{:.2}", finished.usage.cpu().as_secs_f64() * 1e3 / domains as f64),
                format!("{:.0}", finished.usage.peak_rss_kib as f64 / 1024.0),
                format!("{:.1}", rate(finished) / rate(&theirs)),
            ]);
        }
        format!("{table}\nEach with the start of PHP and of its framework.")
    }
}
