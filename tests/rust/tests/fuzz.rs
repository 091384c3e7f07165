//! Whatever a text holds, nothing panics, nothing hangs and no domain is made worse: what registrars answer, what stands in
//! configurations, plans and encrypted columns.
//!
//! The inputs are the adapters' own fixtures, and what a person could write, with random edits; a failing one is made small
//! and printed with its seed. `DDS_FUZZ_CASES` says how many there are for each target: `cargo xtask fuzz`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domaindesk_support::TempDatabase;
use domaindesk_sync::laravel::encryption::Encrypter;
use domaindesk_sync::model::Nameservers;
use domaindesk_sync::registrar::host::{HostRegistrar, RegistrarHost};
use domaindesk_sync::{Config, DomainName, DomainRef, KeptPlan, RegistrarSync, Selection, SyncOptions};
use domaindesk_tests::House;
use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, TestRunner};
use serde_json::{Value, json};

/// The longest that one input may take.
const LONGEST: Duration = Duration::from_secs(20);

/// How many inputs a target gets, where `DDS_FUZZ_CASES` says nothing.
fn cases(usual: u32) -> u32 {
    std::env::var("DDS_FUZZ_CASES").map_or(usual, |cases| cases.parse().expect("DDS_FUZZ_CASES is a number"))
}

/// One edit of a text.
#[derive(Clone, Debug)]
enum Edit {
    /// Another byte at a place.
    Byte(prop::sample::Index, u8),
    /// A part goes.
    Cut(prop::sample::Index, usize),
    /// A part stands twice.
    Twice(prop::sample::Index, usize),
    /// Something that parsers stumble over.
    Insert(prop::sample::Index, &'static str),
    /// The end is missing.
    End(prop::sample::Index),
}

/// What parsers stumble over.
const STONES: [&str; 24] = [
    "null",
    "\"\"",
    "[]",
    "{}",
    "-1",
    "1e400",
    "18446744073709551616",
    "0001-01-01T00:00:00Z",
    "9999-99-99",
    "\u{0}",
    "\\u0000",
    "\\ud800",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&b;",
    "]]>",
    "<a>",
    "</a>",
    "xn--",
    "\u{202e}",
    "é",
    "{\"a\":[[[[[[[[",
    "true",
    "TransferredOut",
    "\r\n\r\n",
];

fn edit() -> impl Strategy<Value = Edit> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        (place(), 0_usize..40).prop_map(|(at, length)| Edit::Cut(at, length)),
        (place(), 0_usize..40).prop_map(|(at, length)| Edit::Twice(at, length)),
        (place(), prop::sample::select(&STONES[..])).prop_map(|(at, stone)| Edit::Insert(at, stone)),
        place().prop_map(Edit::End),
    ]
}

fn edited(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for edit in edits {
        let at = |place: &prop::sample::Index| place.index(bytes.len() + 1).min(bytes.len());
        match edit {
            Edit::Byte(place, byte) => {
                let at = at(place);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Edit::Cut(place, length) => {
                let at = at(place);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Edit::Twice(place, length) => {
                let at = at(place);
                let part = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            Edit::Insert(place, stone) => {
                let at = at(place);
                bytes.splice(at..at, stone.bytes());
            }
            Edit::End(place) => {
                let at = at(place);
                bytes.truncate(at);
            }
        }
    }
    bytes
}

/// Gives a target the texts with edits, and some that are random from end to end.
fn run(usual: u32, corpus: Vec<Vec<u8>>, target: impl Fn(&[u8])) {
    assert!(!corpus.is_empty());
    let known = (prop::sample::select(corpus), prop::collection::vec(edit(), 0..6))
        .prop_map(|(text, edits)| edited(&text, &edits));
    let random = prop::collection::vec(any::<u8>(), 0..200);
    let inputs = prop_oneof![9 => known.boxed(), 1 => random.boxed()];
    let mut runner = TestRunner::new(Runs { cases: cases(usual), failure_persistence: None, ..Runs::default() });
    let done = runner.run(&inputs, |input| {
        let start = Instant::now();
        target(&input);
        prop_assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
        Ok(())
    });
    done.unwrap_or_else(|failure| panic!("{failure}"));
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_vec()).into()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.iter().flat_map(|path| if path.is_dir() { files(path) } else { vec![std::fs::read(path).unwrap()] }).collect()
}

fn fixtures(registrar: &str) -> Vec<Vec<u8>> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src/registrar").join(registrar).join("fixtures"))
}

#[test]
fn configurations() {
    let corpus = texts([
        r#"{"database":{"driver":"mysql","host":["a","b"],"port":"3306","database":"d","username":"u","password":"p","options":{"1009":"/ca"}}}"#,
        r#"{"database":"postgres://u:p@h:5432/d?sslmode=verify-full","timezone":"Asia/Dhaka","redis":{"host":"h","port":6379,"prefix":"x"}}"#,
        r#"{"database":"sqlite:/a","domain":{"sync_interval_hours":"6","brake_percent":20},"registrar":{"defaults":{"rate_limit":[{"max_attempts":20,"decay_minutes":1}]},"registrars":{"enom":{"api_url":"http://a/","grace_days":{"default":30}}}}}"#,
    ]);
    run(2_000, corpus, |input| {
        if let Ok(config) = Config::from_json(&String::from_utf8_lossy(input)) {
            assert!(!format!("{config:?}").contains("\"p\""), "S6.9");
        }
    });
}

#[test]
fn options_and_plans() {
    let corpus = texts([
        r#"{"dry_run":true,"limit":5,"results":"none","partner_id":3,"source":"queue"}"#,
        r#"{"version":1,"made_at":"2026-11-23T00:00:00Z","exit_code":2,"domains":[{"domain":"a.com","id":1,"partner_id":1,"state":"x","changes":{"status":{"old":"active","new":"expired"},"contacts.admin":{"old":{},"new":{"city":"x"}},"nameservers":{"old":[],"new":["ns1.a.com"]}},"expires_at":"2027-01-01T00:00:00Z","metadata":{"synced_at":"x"}}]}"#,
    ]);
    run(2_000, corpus, |input| {
        let text = String::from_utf8_lossy(input);
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            drop(SyncOptions::from_value(value));
        }
        if let Ok(plan) = KeptPlan::from_json(&text) {
            // The table is made of whatever the plan holds.
            assert!(plan.to_string().len() < 1 << 20);
        }
    });
}

#[test]
fn names_and_nameservers() {
    let corpus =
        texts(["example.com", "xn--bcher-kva.example", "bücher.example.", "a.co.uk", "_dmarc.example.com", "1.2.3.4"]);
    run(5_000, corpus, |input| {
        let text = String::from_utf8_lossy(input);
        if let Ok(name) = DomainName::parse(&text) {
            assert_eq!(DomainName::parse(name.as_str()).unwrap(), name, "a name reads itself");
            assert!(name.as_str().is_ascii() && name.as_str().len() <= 253, "{name}");
        }
        let (hosts, _) = Nameservers::parse(text.split(','));
        assert!(hosts.iter().all(|host| host.is_ascii() && !host.ends_with('.')));
    });
}

#[test]
fn encrypted_columns() {
    let config = json!({"database": "sqlite:/a", "app_key": domaindesk_support::DEMO_APP_KEY});
    let keys = Config::from_value(config).unwrap().app_keys;
    let encrypter = Encrypter::new(&keys).unwrap();
    let column = "eyJpdiI6InFvLzhJU2x2czFCeWl4UXBHQ0d0UVE9PSIsInZhbHVlIjoiTDZyK3FxaDNXYmJyMy9ocmNhV1VQVmFNSXVjaDhKT1hDVVI5ZllHMG44V0JsbWlxaHVCNVJyV29ML09tYVU3ViIsIm1hYyI6ImM4NDhjNTEzYjIyYmU4N2MyNWNhZjEyMTA2YjcyMTI2OGUxM2Y2ZmY4N2UwODczZjk0MGU1ODM1ZTdjN2M0MDQiLCJ0YWciOiIifQ==";
    let plain = r#"{"auth_userid":"777","api_key":"k\/é"}"#;
    let framed = r#"{"iv":"qo/8ISlvs1ByixQpHCGtQQ==","value":"L6r+qqh3WbbGGV","mac":"c848","tag":""}"#;
    run(3_000, texts([column, plain, framed]), |input| {
        let opened = encrypter.credentials(&String::from_utf8_lossy(input));
        if let Err(error) = opened {
            assert!(!error.to_string().contains("k/é"), "S6.9 {error}");
        }
    });
}

/// A host that answers with one value.
#[derive(Debug)]
struct Answers(Value);

#[async_trait]
impl RegistrarHost for Answers {
    async fn info(&self, _domain: &str) -> domaindesk_sync::Result<Value> {
        Ok(self.0.clone())
    }

    async fn prices(&self, _tld: &str) -> domaindesk_sync::Result<Value> {
        Ok(self.0.clone())
    }
}

/// What a sync may not do whatever is answered: take a domain out of the sync, or store what no column holds.
fn check(database: &TempDatabase) {
    let out = "SELECT COUNT(*) FROM domains WHERE status NOT IN ('active', 'expired', 'grace_period', 'redemption', 'suspended', \
               'pending_registration', 'pending_transfer', 'transfer_in_progress', 'transfer_approved', 'transfer_completed', \
               'transfer_failed', 'transfer_cancelled', 'transferred_out') \
               OR substr(expires_at, 1, 4) < '1971' OR substr(expires_at, 1, 4) > '2039'";
    assert_eq!(database.one(out), 0, "S3.4");
    let metadata = database.query("SELECT sync_metadata FROM domains WHERE sync_metadata IS NOT NULL");
    for row in metadata {
        assert!(serde_json::from_str::<Value>(row[0].as_str().unwrap()).unwrap().is_object(), "S4.2");
    }
}

#[test]
fn answers_of_a_host() {
    let house = House::new(40);
    let name = house.active();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sync = runtime.block_on(house.connect());
    let corpus = texts([
        r#"{"success":true,"data":{"domain":"a.com","status":["clientHold","ok"],"expires_at":"2027-01-31T00:00:00Z","nameservers":["ns1.a.com","ns2.a.com"],"contacts":{"registrant":{"name":"A B","zip":1}}}}"#,
        r#"{"success":false,"message":"no","error_code":404,"retry_after":1}"#,
        r#"{"currency":"USD","register":{"1":"9.99","2":19.98},"renew":10}"#,
        r#"{"expires_at":{"date":"2027-01-31 00:00:00.000000","timezone_type":3,"timezone":"Europe/Berlin"},"status":"ok"}"#,
    ]);
    run(300, corpus, |input| {
        let Ok(answer) = serde_json::from_slice::<Value>(input) else { return };
        sync.set_registrar("resellerclub", Arc::new(HostRegistrar::new(Arc::new(Answers(answer)), true, 1)));
        runtime.block_on(async {
            let options = SyncOptions::default().forced();
            sync.sync_domain(DomainRef::parse(&name).unwrap(), &options).await.unwrap();
            sync.sync_tld_prices("resellerclub", options, |_| ()).await.unwrap();
        });
    });
    check(&house.database);
}

/// A server that answers every request with one body and status.
struct Canned {
    url: String,
    answer: Arc<Mutex<(u16, Vec<u8>)>>,
}

impl Canned {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new((200, Vec::new())));
        let shared = Arc::clone(&answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = shared.lock().unwrap().clone();
                std::thread::spawn(move || serve(stream, &answer));
            }
        });
        Self { url, answer }
    }
}

/// A client that goes away early is no failure of this test.
fn serve(mut stream: TcpStream, (status, body): &(u16, Vec<u8>)) {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok();
    let (mut request, mut part) = (Vec::new(), [0_u8; 4096]);
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&part[..read]),
        }
    }
    let kind = if body.first() == Some(&b'<') { "text/xml" } else { "application/json" };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok();
}

/// Every answer of a registrar's, edited: to a single sync, a list and prices.
fn adapter(slug: &str, registrar: &str, credentials: &Value) {
    let canned = Canned::start();
    let mut house = House::with(12, |seed| {
        seed.registrars = vec![slug.to_owned()];
        seed.credentials = credentials.clone();
    });
    house.config["registrar"]["registrars"][slug] = json!({"api_url": canned.url, "rate_limit": null});
    house.config["registrar"]["defaults"]["retry"] = json!({"max_attempts": 1, "delay": 1});
    // A registrar that asks to be left alone for longer is left alone, and not waited for.
    house.config["domain"] = json!({"sync_timeout": 1});
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let name = house.active();
    run(60, fixtures(registrar), |input| {
        let status = [200, 200, 200, 203, 400, 404, 500][input.len() % 7];
        *canned.answer.lock().unwrap() = (status, input.to_vec());
        runtime.block_on(async {
            // Made anew, so that nobody is left alone for what was answered before.
            let sync: RegistrarSync = house.connect().await;
            let options = SyncOptions::default().forced();
            let single = sync.sync_domain(DomainRef::parse(&name).unwrap(), &options).await.unwrap();
            assert!(single.success == single.error.is_none(), "S8.1");
            let report = sync.sync_domain_statuses(house.all(), options.clone(), |_| ()).await.unwrap();
            let stats = &report.stats;
            assert_eq!(stats.total, stats.synced + stats.failed + stats.skipped + stats.held, "S8.2");
            sync.sync_domains(Selection::NeedingSync, SyncOptions::default(), |_| ()).await.unwrap();
            sync.sync_tld_prices(slug, options, |_| ()).await.unwrap();
            sync.close().await;
        });
    });
    check(&house.database);
}

#[test]
fn answers_of_resellerclub() {
    adapter("resellerclub", "resellerclub", &json!({"auth_userid": "777", "api_key": "simulated"}));
}

#[test]
fn answers_of_namecheap() {
    adapter("namecheap", "namecheap", &json!({"api_user": "u", "api_key": "simulated", "client_ip": "127.0.0.1"}));
}

#[test]
fn answers_of_enom() {
    adapter("enom", "enom", &json!({"uid": "u", "pw": "simulated"}));
}

#[test]
fn answers_of_godaddy() {
    adapter(
        "godaddy",
        "godaddy",
        &json!({"api_key": "u", "api_secret": "simulated", "key": "u", "secret": "simulated"}),
    );
}

#[test]
fn answers_of_btcl() {
    adapter("btcl", "btcl", &json!({"username": "u", "password": "simulated"}));
}

#[test]
fn answers_of_namecom() {
    adapter("namecom", "namecom", &json!({"username": "u", "token": "simulated"}));
}
