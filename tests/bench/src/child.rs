//! What is measured in Rust. It ends with one line of JSON, as the PHP peers do.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use chrono::{TimeDelta, Utc};
use clap::{Subcommand, ValueEnum};
use domaindesk_support::DEMO_APP_KEY;
use domaindesk_sync::config::Driver;
use domaindesk_sync::model::{ContactField, LocalDomain, Nameservers};
use domaindesk_sync::store::{
    self, AuditEntry, ContactWrite, Detail, DomainWrite, DueQuery, Scope, Store, WriteContext, WriteOutcome,
};
use domaindesk_sync::{Config, RegistrarSync, ResultsMode, Selection, SyncOptions};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::measured::Measured;
use crate::usage;

/// Requests under way at once, in the engine and in the bare loop.
pub(crate) const CONCURRENCY: u32 = 64;

/// The variable with the database of a child, as JSON of the connection in Laravel's `config/database.php`: it holds a
/// password, which a command line would show to all.
pub(crate) const DATABASE: &str = "DDS_BENCH_DATABASE";

/// Domains in one transaction of the bare writes, as in the engine.
const IN_TRANSACTION: usize = 500;

/// One measured thing.
#[derive(Debug, Subcommand)]
pub(crate) enum Child {
    /// A pass of the engine.
    Native {
        #[arg(long)]
        url: String,
        #[arg(long)]
        pass: Pass,
        #[arg(long)]
        limit: u32,
    },
    /// Requests whose answers are thrown away.
    Bare {
        #[arg(long)]
        url: String,
        /// A file with a name on each line.
        #[arg(long)]
        names: PathBuf,
        /// Pages of the list.
        #[arg(long)]
        pages: u64,
    },
    /// The writes of a nightly pass without all that leads to them.
    Writes {
        #[arg(long)]
        limit: u32,
    },
    /// Choosing domains that are due.
    Due {
        #[arg(long)]
        limit: u32,
        /// How often; the fastest counts.
        #[arg(long)]
        times: u32,
    },
}

/// A pass over all domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pass {
    /// Everything of a domain.
    Full,
    /// Its status.
    Status,
}

impl Child {
    pub(crate) fn run(self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("start a runtime");
        let mut measured = runtime.block_on(async {
            match self {
                Self::Native { url, pass, limit } => native(&url, pass, limit).await,
                Self::Bare { url, names, pages } => bare(&url, names, pages).await,
                Self::Writes { limit } => writes(limit).await,
                Self::Due { limit, times } => due(limit, times).await,
            }
        });
        let pid = std::process::id();
        measured.peak_rss_kib = domaindesk_support::process::peak_rss(pid).expect("a process has a peak");
        println!("{}", serde_json::to_string(&measured).expect("it is plain data"));
    }
}

/// As an application has it, with no limit of requests.
fn config(url: &str) -> Config {
    let database = std::env::var(DATABASE).unwrap_or_else(|_| panic!("the environment has no {DATABASE}"));
    let database: Value = serde_json::from_str(&database).expect("the connection is JSON");
    let config = json!({
        "database": database,
        "registrar": {"registrars": {"resellerclub": {"api_url": url, "rate_limit": null}}},
        "app_key": DEMO_APP_KEY,
    });
    Config::from_value(config).expect("the configuration is right")
}

async fn native(url: &str, pass: Pass, limit: u32) -> Measured {
    let start = Instant::now();
    let config = config(url);
    let is_in_threads = matches!(config.database.driver, Driver::Sqlite { .. });
    let sync = RegistrarSync::connect(config).await.expect("the database opens");
    let mut options = SyncOptions::default();
    options.concurrency = Some(CONCURRENCY);
    options.limit = Some(limit);
    options.source = Some("scheduled".to_owned());
    options.results = ResultsMode::None;
    let report = match pass {
        Pass::Full => sync.sync_domains(Selection::NeedingSync, options, |_| ()).await,
        Pass::Status => sync.sync_domain_statuses(Selection::NeedingSync, options, |_| ()).await,
    };
    let report = report.expect("the database can be read");
    let database_cpu_seconds = is_in_threads.then(usage::own_database_threads);
    sync.close().await;
    let seconds = start.elapsed().as_secs_f64();
    for (slug, plan) in &report.plan {
        eprintln!("{slug}: {} ({})", plan.method, plan.reason);
    }
    Measured {
        domains: report.stats.total,
        changed: report.stats.changes,
        failed: report.stats.failed + report.stats.held + report.stats.skipped,
        seconds,
        database_cpu_seconds,
        sql_statements: sync.statements(),
        ..Measured::default()
    }
}

async fn bare(url: &str, names: PathBuf, pages: u64) -> Measured {
    let start = Instant::now();
    let names = std::fs::read_to_string(&names).expect("read the names");
    let entry = "auth-userid=777&api-key=simulated";
    let list = (1..=pages).map(|page| {
        format!("{url}domains/search.json?{entry}&no-of-records=500&page-no={page}&order-by=orderid%20desc")
    });
    let details =
        names.lines().map(|name| format!("{url}domains/details-by-name.json?{entry}&domain-name={name}&options=All"));
    let requests: Arc<Vec<String>> = Arc::new(list.chain(details).collect());
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(CONCURRENCY as usize)
        .gzip(true)
        .build()
        .expect("make an HTTP client");
    let next = Arc::new(AtomicUsize::new(0));
    let mut loops = JoinSet::new();
    for _ in 0..CONCURRENCY {
        let (client, requests, next) = (client.clone(), Arc::clone(&requests), Arc::clone(&next));
        loops.spawn(async move {
            let (mut answered, mut failed) = (0, 0);
            while let Some(url) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let answer = client.get(url).send().await.expect("the registrar answers");
                let status = answer.status();
                answer.bytes().await.expect("the answer arrives whole");
                answered += 1;
                failed += u64::from(!status.is_success());
            }
            (answered, failed)
        });
    }
    let (mut answered, mut failed): (usize, u64) = (0, 0);
    for (part, wrong) in loops.join_all().await {
        answered += part;
        failed += wrong;
    }
    assert_eq!(answered, requests.len(), "every request is made");
    Measured { failed, seconds: start.elapsed().as_secs_f64(), ..Measured::default() }
}

/// The database by the engine's own statements, no registrar behind it.
async fn open() -> Arc<dyn Store> {
    let config = config("http://127.0.0.1/");
    store::connect(&config.database, config.timezone).await.expect("the database opens")
}

/// The engine's own question, with its own defaults.
fn question(limit: u32) -> DueQuery {
    let (interval, heal_interval) = (TimeDelta::hours(6), TimeDelta::hours(24));
    DueQuery { now: Utc::now(), interval, near_intervals: None, heal_interval, priority_days: 30, limit }
}

async fn due(limit: u32, times: u32) -> Measured {
    let store = open().await;
    let (mut fastest, mut domains) = (f64::INFINITY, 0);
    let cpu = usage::own_cpu();
    for _ in 0..times {
        let start = Instant::now();
        let ids = store.domains_needing_sync(Scope::default(), &question(limit)).await.expect("choose domains");
        fastest = fastest.min(start.elapsed().as_secs_f64());
        domains = ids.len() as u64;
    }
    let cpu_seconds = (usage::own_cpu() - cpu) / f64::from(times);
    let sql_statements = store.statements() / u64::from(times);
    store.close().await;
    Measured { domains, seconds: fastest, cpu_seconds, sql_statements, ..Measured::default() }
}

async fn writes(limit: u32) -> Measured {
    let store = open().await;
    let now = Utc::now();
    let ids = store.domains_needing_sync(Scope::default(), &question(limit)).await.expect("read the ids");
    let mut prepared = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IN_TRANSACTION) {
        let domains = store.load(Scope::default(), chunk, Detail::Full).await.expect("read the domains");
        let writes = domains.into_iter().enumerate().map(|(index, domain)| prepare(domain, index, now));
        prepared.push(writes.collect::<Vec<_>>());
    }
    let context = WriteContext { now, user_id: None, source: "scheduled".to_owned() };
    let statements = store.statements();
    let cpu = usage::own_cpu();
    let start = Instant::now();
    let (mut changed, mut failed) = (0, 0);
    for chunk in &prepared {
        let outcomes = store.write(&context, chunk).await.expect("write a chunk");
        failed += outcomes.iter().filter(|outcome| !matches!(outcome, WriteOutcome::Written)).count() as u64;
        changed += chunk.iter().filter(|write| !write.is_bookkeeping()).count() as u64;
    }
    Measured {
        domains: ids.len() as u64,
        changed,
        failed,
        seconds: start.elapsed().as_secs_f64(),
        cpu_seconds: usage::own_cpu() - cpu,
        sql_statements: store.statements() - statements,
        ..Measured::default()
    }
}

/// The write of a domain; one in five changes something, in turn its expiry, its nameservers and its registrant.
fn prepare(domain: LocalDomain, index: usize, now: chrono::DateTime<Utc>) -> DomainWrite {
    let mut metadata = domain.metadata.clone().unwrap_or_default();
    metadata.insert("synced_at".to_owned(), json!(now.to_rfc3339()));
    let mut write = DomainWrite {
        read: Detail::Full,
        status: None,
        expires_at: None,
        nameservers: None,
        contacts: Vec::new(),
        synced_at: Some(now),
        metadata: serde_json::to_string(&metadata).expect("it is plain data"),
        audits: Vec::new(),
        before: domain,
    };
    if !index.is_multiple_of(5) {
        return write;
    }
    let audit = |field: &str, old, new| AuditEntry { field: field.to_owned(), old, new };
    match (index / 5 % 3, write.before.expires_at, write.before.contacts.first()) {
        (0, Some(expires_at), _) => {
            let new = expires_at + TimeDelta::days(365);
            write.audits.push(audit("expires_at", json!(expires_at), json!(new)));
            write.expires_at = Some(new);
        }
        (1, _, Some(row)) => {
            let fields = ContactField::ALL[..8].iter().map(|field| (*field, format!("Other {field:?}")));
            let fields: Vec<_> = fields.collect();
            let new: serde_json::Map<_, _> =
                fields.iter().map(|(field, value)| (format!("{field:?}"), json!(value))).collect();
            write.audits.push(audit("contacts.registrant", new.clone().into(), new.into()));
            write.contacts.push(ContactWrite::Update { id: row.id, fields });
        }
        _ => {
            let hosts = ["ns1.moved.example", "ns2.moved.example", "ns3.moved.example"];
            write.audits.push(audit("nameservers", json!(write.before.nameservers), json!(hosts)));
            write.nameservers = Some(Nameservers::parse(hosts).0);
        }
    }
    write
}
