//! What is measured in Rust. It ends with one line of JSON, as the PHP peers do.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use chrono::{TimeDelta, Utc};
use clap::{Subcommand, ValueEnum};
use domaindesk_support::DEMO_APP_KEY;
use domaindesk_sync::config::DatabaseConfig;
use domaindesk_sync::model::{ContactField, LocalDomain, Nameservers};
use domaindesk_sync::store::sqlite::SqliteStore;
use domaindesk_sync::store::{
    AuditEntry, ContactWrite, Detail, DomainWrite, DueQuery, Scope, Store, WriteContext, WriteOutcome,
};
use domaindesk_sync::{Config, RegistrarSync, ResultsMode, Selection, SyncOptions};
use serde_json::json;
use tokio::task::JoinSet;

use crate::measured::Measured;

/// Requests under way at once, in the engine and in the bare loop.
pub(crate) const CONCURRENCY: u32 = 64;

/// Domains in one transaction of the bare writes, as in the engine.
const IN_TRANSACTION: usize = 500;

/// One measured thing.
#[derive(Debug, Subcommand)]
pub(crate) enum Child {
    /// A pass of the engine.
    Native {
        #[arg(long)]
        database: PathBuf,
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
        database: PathBuf,
        #[arg(long)]
        limit: u32,
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
                Self::Native { database, url, pass, limit } => native(database, &url, pass, limit).await,
                Self::Bare { url, names, pages } => bare(&url, names, pages).await,
                Self::Writes { database, limit } => writes(database, limit).await,
            }
        });
        let pid = std::process::id();
        measured.peak_rss_kib = domaindesk_support::process::peak_rss(pid).expect("a process has a peak");
        println!("{}", serde_json::to_string(&measured).expect("it is plain data"));
    }
}

/// As an application has it, with no limit of requests.
pub(crate) fn config(database: &std::path::Path, url: &str) -> serde_json::Value {
    json!({
        "database": {"driver": "sqlite", "database": database, "prefix": "", "foreign_key_constraints": true},
        "registrar": {"registrars": {"resellerclub": {"api_url": url, "rate_limit": null}}},
        "app_key": DEMO_APP_KEY,
    })
}

async fn native(database: PathBuf, url: &str, pass: Pass, limit: u32) -> Measured {
    let start = Instant::now();
    let config = Config::from_value(config(&database, url)).expect("the configuration is right");
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

async fn writes(database: PathBuf, limit: u32) -> Measured {
    let database = DatabaseConfig::sqlite(database);
    let timezone = Config::new(database.clone()).timezone;
    let store = SqliteStore::connect(&database, timezone).await.expect("the database opens");
    let now = Utc::now();
    let due =
        DueQuery { now, interval: TimeDelta::hours(6), heal_interval: TimeDelta::hours(6), priority_days: 30, limit };
    let ids = store.domains_needing_sync(Scope::default(), &due).await.expect("read the ids");
    let mut prepared = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IN_TRANSACTION) {
        let domains = store.load(Scope::default(), chunk, Detail::Full).await.expect("read the domains");
        let writes = domains.into_iter().enumerate().map(|(index, domain)| prepare(domain, index, now));
        prepared.push(writes.collect::<Vec<_>>());
    }
    let context = WriteContext { now, user_id: None, source: "scheduled".to_owned() };
    let statements = store.statements();
    let cpu = own_cpu_seconds();
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
        cpu_seconds: own_cpu_seconds() - cpu,
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
        synced: true,
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

/// User and system time of this process so far, in steps of 10 ms.
fn own_cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("read /proc/self/stat");
    // The name in parentheses may hold spaces.
    let (_, fields) = stat.rsplit_once(')').expect("the program's name is in parentheses");
    let ticks =
        fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().expect("times are numbers"));
    ticks.sum::<u64>() as f64 / 100.0
}
