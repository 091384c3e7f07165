//! The extension in a real PHP-FPM: workers that come and go, a reload in the middle of a request, a graceful end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domaindesk_support::process;
use domaindesk_tests::House;
use serde_json::Value;

/// How many requests a worker serves before another takes its place.
const MOST_REQUESTS: usize = 5;

/// A PHP-FPM of this test's own, on a socket in a temporary folder.
struct Fpm {
    child: Child,
    /// The database's, which the house removes.
    folder: PathBuf,
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("php").join(name)
}

impl Fpm {
    fn start(house: &House) -> Self {
        let folder = house.database.folder().to_owned();
        let place = |name: &str| folder.join(name).display().to_string();
        let config = format!(
            "[global]\nerror_log = {}\ndaemonize = no\nprocess_control_timeout = 10s\n\
             [www]\nlisten = {}\npm = static\npm.max_children = 3\npm.max_requests = {MOST_REQUESTS}\nclear_env = no\n\
             catch_workers_output = yes\n",
            place("fpm.log"),
            place("fpm.sock"),
        );
        std::fs::write(folder.join("fpm.conf"), config).unwrap();
        let extension = std::env::var("DDS_PHP_EXTENSION")
            .expect("DDS_PHP_EXTENSION names no built extension: run `cargo xtask test`, which builds it first");
        let names = ["8.2", "8.3", "8.4", "8.5"].map(|version| format!("/usr/sbin/php-fpm{version}"));
        let names: Vec<_> = std::iter::once("php-fpm").chain(names.iter().map(String::as_str)).collect();
        let fpm = process::find("PHP_FPM", &names).expect("PHP-FPM is not on the path: install php-fpm");
        let mut command = Command::new(fpm);
        command.args(["-F", "-R", "-y"]).arg(folder.join("fpm.conf"));
        for setting in [
            format!("extension={extension}"),
            "opcache.enable=1".to_owned(),
            format!("opcache.preload={}", script("fpm_preload.php").display()),
            // Preloading as root has to be asked for; other users do not need it.
            "opcache.preload_user=root".to_owned(),
        ] {
            command.arg("-d").arg(setting);
        }
        let config = serde_json::to_string(&house.config).unwrap();
        command.env("DDS_TEST_CONFIG", config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let fpm = Self { child: command.spawn().unwrap(), folder };
        let start = Instant::now();
        while !fpm.socket().exists() {
            assert!(start.elapsed() < Duration::from_secs(20), "PHP-FPM does not start: {}", fpm.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        fpm
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("fpm.sock")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("fpm.log")).unwrap_or_default()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    fn ask(socket: &Path, id: i64) -> Value {
        let mut command = Command::new("cgi-fcgi");
        command.args(["-bind", "-connect"]).arg(socket).env_clear();
        command.env("SCRIPT_FILENAME", script("fpm.php")).env("REQUEST_METHOD", "GET");
        command.env("QUERY_STRING", format!("id={id}"));
        let finished = process::run(&mut command, Duration::from_secs(60));
        let (_, body) = finished.stdout.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{finished:?}"));
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }
}

impl Drop for Fpm {
    fn drop(&mut self) {
        // A test that failed half-way: the master takes its workers along.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().ok();
            self.child.wait().ok();
        }
    }
}

/// The first ids of a house.
fn ids(house: &House, count: usize) -> Vec<i64> {
    let rows = house.database.query("SELECT id FROM domains ORDER BY id");
    rows.iter().take(count).map(|row| row[0].as_i64().unwrap()).collect()
}

#[test]
fn workers_serve_come_and_go_reload_and_end() {
    let house = House::new(100);
    let mut fpm = Fpm::start(&house);
    let ids = ids(&house, 32);

    let answers: Vec<Value> = std::thread::scope(|scope| {
        let socket = fpm.socket();
        let asking: Vec<_> = ids
            .chunks(8)
            .map(|some| {
                let socket = socket.clone();
                scope.spawn(move || some.iter().map(|id| Fpm::ask(&socket, *id)).collect::<Vec<_>>())
            })
            .collect();
        asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer["success"] == true), "{answers:?}");
    assert!(answers.iter().all(|answer| answer["preloaded"].as_u64() >= Some(1)), "{answers:?}");
    let workers: HashSet<_> = answers.iter().map(|answer| answer["pid"].as_u64().unwrap()).collect();
    assert!(workers.len() >= 32 / MOST_REQUESTS, "every worker serves at most {MOST_REQUESTS} requests: {workers:?}");

    // A graceful reload: what is being asked is answered, and then others serve.
    house.simulator.set_latency(Duration::from_millis(1_500), Duration::ZERO);
    let (during, seconds) = std::thread::scope(|scope| {
        let socket = fpm.socket();
        let id = ids[0];
        let asked = scope.spawn(move || {
            let start = Instant::now();
            (Fpm::ask(&socket, id), start.elapsed())
        });
        std::thread::sleep(Duration::from_millis(500));
        fpm.signal("USR2");
        asked.join().unwrap()
    });
    assert_eq!(during["success"], true, "{during} after {seconds:?}: {}", fpm.log());
    house.simulator.set_latency(Duration::ZERO, Duration::ZERO);
    let after = Fpm::ask(&fpm.socket(), ids[1]);
    assert!(after["success"] == true && !workers.contains(&after["pid"].as_u64().unwrap()), "{after}");

    let start = Instant::now();
    fpm.signal("QUIT");
    let ended = fpm.child.wait().unwrap();
    assert!(ended.success() && start.elapsed() < Duration::from_secs(10), "{ended} after {:?}", start.elapsed());
    let log = fpm.log();
    assert!(!log.contains("exited on signal") && !log.contains("terminating"), "{log}");
}
