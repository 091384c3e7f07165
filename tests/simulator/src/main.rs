//! The simulator as a program: prints one line of JSON when it listens, and serves until it is told to stop.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use domaindesk_simulator::{AccountConfig, Api, RateLimit, Simulator, SimulatorConfig, TlsMode, WorldConfig};

/// Simulates the API of a registrar over HTTP on 127.0.0.1.
///
/// Prints one line of JSON when it listens: {"url": …, "control": …, "pid": …}. Ends by SIGTERM or Ctrl-C.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Whose API, by its slug in DomainDesk.
    #[arg(long, default_value = "resellerclub", value_parser = api)]
    api: Api,
    /// How many domains the account has.
    #[arg(long, default_value_t = 1_000)]
    domains: u64,
    /// The same seed makes the same domains.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The extensions that domains have, separated by commas; all that are known when absent.
    #[arg(long, value_delimiter = ',')]
    tlds: Vec<String>,
    /// The time in the world in epoch seconds; the present when absent.
    #[arg(long)]
    now: Option<i64>,
    /// How long every answer takes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// How much longer it takes at most, in milliseconds.
    #[arg(long, default_value_t = 0)]
    jitter_ms: u64,
    /// The port; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The account's login: its reseller id, user name or the like.
    #[arg(long, default_value = "777")]
    auth_userid: String,
    /// The account's API key or password.
    #[arg(long, default_value = "simulated")]
    api_key: String,
    /// So many requests in so many seconds, as in 60/60; the registrar's own refusal beyond.
    #[arg(long, value_name = "N/SECONDS", value_parser = rate_limit)]
    rate_limit: Option<RateLimit>,
    /// More connections than these at one time are dropped.
    #[arg(long)]
    max_connections: Option<usize>,
    /// Counts requests by domain.
    #[arg(long)]
    count_domains: bool,
    /// HTTPS with a certificate of this kind; the line of JSON then has `ca_pem`.
    #[arg(long, value_parser = tls_mode)]
    tls: Option<TlsMode>,
    /// Neither offers nor understands HTTP/2.
    #[arg(long)]
    http1_only: bool,
    /// Ends when standard input does, so that it does not outlive its parent.
    #[arg(long)]
    exit_on_stdin_close: bool,
}

fn rate_limit(text: &str) -> Result<RateLimit, String> {
    let (requests, seconds) = text.split_once('/').ok_or("it looks like 60/60: requests, a slash, seconds")?;
    let requests = requests.parse().map_err(|error| format!("requests: {error}"))?;
    match seconds.parse().map_err(|error| format!("seconds: {error}"))? {
        0 => Err("the window needs at least a second".to_owned()),
        seconds => Ok(RateLimit::per_seconds(requests, seconds)),
    }
}

fn api(slug: &str) -> Result<Api, String> {
    let found = Api::ALL.iter().find(|(known, _)| *known == slug);
    found.map(|(_, api)| *api).ok_or_else(|| {
        let slugs: Vec<_> = Api::ALL.iter().map(|(slug, _)| *slug).collect();
        format!("there are {}", slugs.join(", "))
    })
}

fn tls_mode(text: &str) -> Result<TlsMode, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let world = WorldConfig {
        seed: arguments.seed,
        domains: arguments.domains,
        tlds: arguments.tlds,
        now: arguments.now.unwrap_or(WorldConfig::default().now),
    };
    let config = SimulatorConfig {
        api: arguments.api,
        port: arguments.port,
        accounts: vec![AccountConfig { auth_userid: arguments.auth_userid, api_key: arguments.api_key, world }],
        latency: Duration::from_millis(arguments.latency_ms),
        jitter: Duration::from_millis(arguments.jitter_ms),
        rate_limit: arguments.rate_limit,
        max_connections: arguments.max_connections,
        tls: arguments.tls,
        http1_only: arguments.http1_only,
        count_domains: arguments.count_domains,
        follow_wall_clock: arguments.now.is_none(),
        ..SimulatorConfig::default()
    };
    let simulator = match Simulator::try_start(config) {
        Ok(simulator) => simulator,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut line = serde_json::json!({
        "url": simulator.url(),
        "control": simulator.control_url(),
        "pid": std::process::id(),
    });
    if let Some(pem) = simulator.ca_pem() {
        line["ca_pem"] = pem.into();
    }
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
        eprintln!("cannot say where it listens: {error}");
        return ExitCode::FAILURE;
    }
    if arguments.exit_on_stdin_close {
        let mut rest = [0; 1_024];
        while matches!(std::io::stdin().read(&mut rest), Ok(1..)) {}
        return ExitCode::SUCCESS;
    }
    // The default action of SIGTERM and SIGINT ends the process; there is nothing to clean up.
    loop {
        std::thread::park();
    }
}
