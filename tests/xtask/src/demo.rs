//! A made-up DomainDesk, simulated registrars that move on, and the extension that brings them together.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::shell::{self, cargo, root, target};
use crate::{build, prerequisites};

/// The same seed makes the same domains each time.
const SEED: &str = "7";

/// How long the simulator may take over one change.
const PATIENCE: Duration = Duration::from_secs(20);

/// Shows a first sync, a nightly one and a price sync, each through the PHP extension.
pub(crate) fn run(keep: bool, domains: u32) -> Result<(), String> {
    prerequisites::ensure(prerequisites::SHOW)?;
    build::dist()?;
    let tools =
        ["build", "--release", "--package", "domaindesk-simulator", "--package", "domaindesk-support", "--bins"];
    shell::run(&mut cargo(tools))?;
    let start = Instant::now();
    let folder = tempfile::Builder::new()
        .prefix("domaindesk-demo-")
        .tempdir()
        .map_err(|error| format!("temporary folder: {error}"))?;
    let database = folder.path().join("database.sqlite");
    play(&database, domains)?;
    println!("\nThe demo took {:.1} s.", start.elapsed().as_secs_f64());
    if keep {
        let kept = folder.keep().join("database.sqlite");
        let kept = kept.display();
        println!("Look further: sqlite3 {kept} 'SELECT * FROM audit_logs LIMIT 5', or cargo xtask test.");
    } else {
        println!(
            "Look further: cargo xtask demo --keep leaves the database to look into with sqlite3, cargo xtask test tests everything."
        );
    }
    Ok(())
}

fn play(database: &Path, domains: u32) -> Result<(), String> {
    // Both make their world at the same moment, so that it is the same world.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs().to_string();
    let world = ["--seed", SEED, "--domains", &domains.to_string(), "--now", &now];
    let seeded = seed(database, &world)?;
    let (club, godaddy) = (Simulator::start("resellerclub", &world)?, Simulator::start("godaddy", &world)?);
    println!(
        "{} domains of {} partners in a SQLite file with DomainDesk's tables",
        seeded["domains"], seeded["partners"]
    );
    println!("A simulated ResellerClub at {}, a simulated GoDaddy at {}", club.url, godaddy.url);
    let key = seeded["app_key"].as_str().unwrap_or_default();
    let app = App { database, urls: [&club.url, &godaddy.url], key };
    let change = |fraction: f64, seed: u32| {
        [&club, &godaddy]
            .into_iter()
            .try_for_each(|registrar| registrar.post("change", &json!({"fraction": fraction, "seed": seed})))
    };

    println!("\nAt the registrars one domain in five changes. The first sync knows nothing yet.");
    change(0.2, 1)?;
    app.php("domains")?;

    println!(
        "\nA day goes by: one domain in twenty changes. The nightly sync reads the lists, and of the details only what \
         they do not show."
    );
    change(0.05, 2)?;
    app.php("domains")?;

    println!("\nResellerClub changes some prices: a few cents, a quarter more, and one that can only be a mistake.");
    for (tld, action, price) in [
        ("com", "renew", "12.49"),
        ("net", "register", "13.29"),
        ("org", "renew", "15.61"),
        ("biz", "transfer", "1.49"),
    ] {
        club.post("prices", &json!({"product": tld, "table": "cost", "action": action, "price": price}))?;
    }
    app.php("prices")?;
    app.php("stats")
}

/// Makes the database; what there is in it.
fn seed(database: &Path, world: &[&str]) -> Result<Value, String> {
    let mut seed = Command::new(target().join("release/domaindesk-seed"));
    let godaddy = json!({"godaddy": {"api_key": "777", "api_secret": "simulated"}});
    seed.arg("--database").arg(database).arg("--registrars").arg(godaddy.to_string());
    let line = shell::output(seed.args(world))?;
    serde_json::from_str(&line).map_err(|error| format!("domaindesk-seed said {line:?}: {error}"))
}

/// The application: its configuration, and what it runs.
struct App<'a> {
    database: &'a Path,
    /// Where ResellerClub and GoDaddy are.
    urls: [&'a str; 2],
    key: &'a str,
}

impl App<'_> {
    fn php(&self, what: &str) -> Result<(), String> {
        let mut php = Command::new("php");
        php.arg("-d").arg(format!("extension={}", build::dist_dir().join("php/domaindesk_sync.so").display()));
        php.arg(root().join("tests/demo/sync.php")).arg(what);
        php.env("DB_DATABASE", self.database).env("APP_KEY", self.key);
        php.env("RESELLERCLUB_API_URL", self.urls[0]).env("GODADDY_API_URL", self.urls[1]);
        shell::run(&mut php)
    }
}

/// A registrar, which ends with the demo.
struct Simulator {
    child: Child,
    url: String,
    control: String,
}

impl Simulator {
    fn start(api: &str, world: &[&str]) -> Result<Self, String> {
        let program = target().join("release/domaindesk-simulator");
        let mut command = Command::new(&program);
        command
            .args(["--api", api])
            .args(world)
            .arg("--exit-on-stdin-close")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let mut simulator = Self { child, url: String::new(), control: String::new() };
        let mut line = String::new();
        let stdout = simulator.child.stdout.take().ok_or("the simulator has no output")?;
        BufReader::new(stdout).read_line(&mut line).map_err(|error| format!("the simulator: {error}"))?;
        let said: Value =
            serde_json::from_str(&line).map_err(|error| format!("the simulator said {line:?}: {error}"))?;
        let text = |key: &str| said[key].as_str().map(str::to_owned).ok_or(format!("the simulator said no {key}"));
        (simulator.url, simulator.control) = (text("url")?, text("control")?);
        Ok(simulator)
    }

    /// Changes something at the registrar.
    fn post(&self, what: &str, body: &Value) -> Result<(), String> {
        let answer = self.send(what, &body.to_string()).map_err(|error| format!("the simulator, {what}: {error}"))?;
        if answer.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(format!("the simulator, {what}: {answer}")) }
    }

    // One request to a server of our own on this machine: an HTTP client would be the largest part of this tool.
    fn send(&self, what: &str, body: &str) -> std::io::Result<String> {
        let address = self.control.trim_start_matches("http://");
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let length = body.len();
        write!(
            stream,
            "POST /{path}{what} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
