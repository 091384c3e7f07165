//! A dry run writes nothing, and what it keeps is applied later as a sync would have written it (S8.4).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use domaindesk_support::{Engine, Session};
use domaindesk_sync::model::{
    Contact, ContactField, ContactType, Contacts, DomainStatus, Field, Nameservers, RemoteDomain, RemoteStatus,
    StatusMeaning,
};
use domaindesk_sync::registrar::{CallContext, Capabilities, Registrar};
use domaindesk_sync::report::{BatchReport, DomainResult};
use domaindesk_sync::{
    Config, DomainName, DomainRef, Error, ErrorKind, KeptPlan, RegistrarSync, Result, ResultsMode, Selection,
    SyncOptions,
};
use domaindesk_tests::{Hands, House};
use serde_json::{Value, json};

const CHANGED: &str = "Changed since the plan was made";

/// Makes a test of a function for each kind of database.
macro_rules! on_every_engine {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            use domaindesk_support::Engine;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn mariadb() {
                super::$name(Engine::MariaDb).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(Engine::Postgres).await;
            }
        })*
    };
}

on_every_engine!(
    a_dry_run_leaves_the_database_as_it_is_and_its_plan_does_the_rest,
    applied_much_later_it_says_when_the_registrar_was_asked,
);

fn dry() -> SyncOptions {
    SyncOptions::default().forced().dry_run()
}

/// What was kept, after it was stored as JSON.
fn kept(report: &BatchReport) -> KeptPlan {
    KeptPlan::from_json(&serde_json::to_string(report).unwrap()).unwrap()
}

fn of<'a>(report: &'a BatchReport, name: &str) -> &'a DomainResult {
    report.results.iter().find(|result| result.domain == name).unwrap()
}

/// A house whose domains differ from the registrar, and the engine in it.
async fn drifting(engine: Engine, domains: u64) -> (House, RegistrarSync, Arc<Hands>) {
    let house = House::on(engine, domains, |seed| seed.local_drift = 0.5);
    let hands = house.hands();
    let sync = house.connect_at(&hands).await;
    (house, sync, hands)
}

async fn a_dry_run_leaves_the_database_as_it_is_and_its_plan_does_the_rest(engine: Engine) {
    let (house, sync, _) = drifting(engine, 80).await;
    let bytes = || (engine == Engine::Sqlite).then(|| std::fs::read(house.database.path()).unwrap());
    let (before, file) = (house.everything(), bytes());
    for options in [dry(), SyncOptions::default().dry_run()] {
        let report = sync.sync_domains(house.all(), options.clone(), |_| ()).await.unwrap();
        assert_eq!(
            report.stats.changes,
            report.kept_plan.as_ref().unwrap().domains.iter().filter(|d| !d.changes.is_empty()).count() as u64
        );
        sync.sync_domain_statuses(house.all(), options.clone(), |_| ()).await.unwrap();
        sync.sync_domain(DomainRef::parse(&house.active()).unwrap(), &options).await.unwrap();
        sync.sync_tld_prices("resellerclub", options, |_| ()).await.unwrap();
    }
    let report = sync.sync_domains(house.all(), dry(), |_| ()).await.unwrap();
    let mut options = SyncOptions::default();
    options.dry_run = true;
    let looked = sync.apply(&kept(&report), options, |_| ()).await.unwrap();
    assert!(looked.dry_run && looked.stats.synced == 80, "S8.4 {:?}", looked.stats);
    assert_eq!((house.everything(), bytes()), (before, file), "S8.4: nothing is written");

    let mut told = 0;
    let applied = sync.apply(&kept(&report), SyncOptions::default(), |_| told += 1).await.unwrap();
    assert_eq!((applied.stats.total, applied.stats.changes, told), (80, report.stats.changes, 80), "S8.3 {applied:?}");
    assert_eq!((applied.stats.api_calls, applied.left, report.exit_code()), (0, 0, 2));
    let after = sync.sync_domains(house.all(), dry(), |_| ()).await.unwrap();
    assert_eq!((after.stats.changes, after.exit_code()), (0, 0), "everything is in step");
    let again = sync.apply(&kept(&report), SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(again.stats.skipped, 80, "a plan is applied once: {again:?}");
    sync.close().await;
}

async fn applied_much_later_it_says_when_the_registrar_was_asked(engine: Engine) {
    let (house, sync, hands) = drifting(engine, 20).await;
    let asked = house.now.trunc_subsecs(0) + TimeDelta::hours(1);
    let report = sync.sync_domains(house.all(), dry(), |_| ()).await.unwrap();
    hands.pass(TimeDelta::days(2));
    let mut options = SyncOptions::default();
    options.source = Some("kept".to_owned());
    sync.apply(&kept(&report), options, |_| ()).await.unwrap();
    let text = |at: DateTime<Utc>| json!(at.format("%Y-%m-%d %H:%M:%S").to_string());
    for row in house.database.query("SELECT last_synced_at, updated_at, sync_metadata FROM domains") {
        assert_eq!(row[..2], [text(asked), text(asked + TimeDelta::days(2))], "S4.2: fresh as of the answer");
        let metadata: Value = serde_json::from_str(row[2].as_str().unwrap()).unwrap();
        assert_eq!(metadata["synced_at"], json!(asked.format("%Y-%m-%dT%H:%M:%S+00:00").to_string()), "S4.2");
    }
    for row in house.database.query("SELECT created_at FROM audit_logs") {
        assert_eq!(row[0], text(asked + TimeDelta::days(2)), "S4.3: an audit row is of when it was written");
    }
    sync.close().await;
}

#[tokio::test]
async fn what_changed_since_or_is_being_synced_is_refused_and_the_rest_is_written() {
    let (house, sync, hands) = drifting(Engine::Sqlite, 60).await;
    let report = sync.sync_domains(house.all(), dry(), |_| ()).await.unwrap();
    let plan = kept(&report);
    let changing: Vec<_> = plan.domains.iter().filter(|domain| !domain.changes.is_empty()).collect();
    let with = |field: &str| {
        let mut of = changing.iter().filter(|domain| domain.changes.get(field).is_some());
        of.next().unwrap().domain.clone()
    };
    let (edited, host, person) = (with("status"), with("nameservers"), with("contacts.registrant"));
    let rest: Vec<_> =
        changing.iter().map(|domain| &domain.domain).filter(|name| ![&edited, &host, &person].contains(name)).collect();
    let [leased, free, gone] = [rest[0], rest[1], rest[2]];
    let until = |minutes| {
        let until = house.now.trunc_subsecs(0) + TimeDelta::hours(1) + TimeDelta::minutes(minutes);
        format!(r#"{{"lease":{{"by":"00000000000000aa","until":"{}"}}}}"#, until.format("%Y-%m-%dT%H:%M:%S+00:00"))
    };
    let id = |name: &str| house.id(name);
    house.database.execute(&format!("UPDATE domains SET status = 'redemption' WHERE name = '{edited}'"));
    house.database.execute(&format!(
        "UPDATE domain_nameservers SET nameserver = 'x.example.org' WHERE domain_id = {}",
        id(&host)
    ));
    house.database.execute(&format!("UPDATE domain_contacts SET city = 'Elsewhere' WHERE domain_id = {}", id(&person)));
    house.database.execute(&format!("UPDATE domains SET sync_metadata = '{}' WHERE name = '{leased}'", until(5)));
    house.database.execute(&format!("UPDATE domains SET sync_metadata = '{}' WHERE name = '{free}'", until(-5)));
    house.database.execute(&format!("UPDATE domains SET deleted_at = '2026-01-01 00:00:00' WHERE name = '{gone}'"));
    let before = [&edited, &host, &person, leased].map(|name| house.column(name, "status"));

    let applied = sync.apply(&plan, SyncOptions::default().forced(), |_| ()).await.unwrap();
    for name in [&edited, &host, &person] {
        let result = of(&applied, name);
        assert_eq!((result.skipped, result.reason.as_deref()), (true, Some(CHANGED)), "S2.4 {name}");
    }
    assert_eq!(of(&applied, leased).reason.as_deref(), Some("Being synced by another process"), "S7.5");
    assert_eq!(of(&applied, gone).error_code, Some(ErrorKind::NotFound), "S1.2");
    assert!(of(&applied, free).is_changed(), "S7.5: a lease that ended is no change");
    let after = [&edited, &host, &person, leased].map(|name| house.column(name, "status"));
    assert_eq!(after, before, "S2.4");
    assert_eq!((applied.stats.synced, applied.stats.skipped, applied.stats.failed), (55, 4, 1), "{:?}", applied.stats);

    // A sync in between makes the plan of it old, even where it found what the plan has.
    let (house, sync, _) = drifting(Engine::Sqlite, 20).await;
    hands.pass(TimeDelta::seconds(1));
    let plan = kept(&sync.sync_domains(house.all(), dry(), |_| ()).await.unwrap());
    sync.sync_domains(house.all(), SyncOptions::default(), |_| ()).await.unwrap();
    let everything = house.everything();
    let applied = sync.apply(&plan, SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!((applied.stats.skipped, house.everything()), (20, everything), "S2.4");
}

#[tokio::test]
async fn what_the_brake_held_in_the_dry_run_is_held_in_the_plan() {
    let house = House::new(200);
    let sync = house.connect().await;
    let names = house.actives(40);
    for name in &names[..10] {
        house.at_registrar(name, |domain| domain.current_status = "Suspended".to_owned());
    }
    let chosen = || Selection::Domains(names.iter().map(|name| DomainRef::parse(name).unwrap()).collect());
    let report = sync.sync_domains(chosen(), dry(), |_| ()).await.unwrap();
    assert_eq!((report.stats.held, report.exit_code()), (10, 2), "S6.7");
    let mut options = SyncOptions::default();
    options.allow_mass_change = true;
    let applied = sync.apply(&kept(&report), options, |_| ()).await.unwrap();
    assert_eq!((applied.stats.held, applied.stats.synced, applied.stats.changes), (10, 30, 0), "S6.7");
    for name in &names[..10] {
        assert_eq!(house.column(name, "status"), "active", "S6.7");
        assert_eq!(house.column(name, "last_synced_at"), Value::Null, "S6.7: it stays due");
        assert_eq!(house.metadata(name)["needs_review"], json!(true), "S6.7");
    }
    assert_eq!(house.database.count("audit_logs"), 0, "S6.7");
}

#[tokio::test]
async fn a_plan_can_be_small_pruned_and_stopped_and_another_partner_has_no_part_in_it() {
    let (house, sync, _) = drifting(Engine::Sqlite, 1_200).await;
    let mut options = dry();
    options.results = ResultsMode::None;
    assert!(sync.sync_domains(house.all(), options.clone(), |_| ()).await.unwrap().kept_plan.is_none());
    options.results = ResultsMode::Changed;
    let report = sync.sync_domains(house.all(), options, |_| ()).await.unwrap();
    let mut plan = kept(&report);
    assert_eq!(plan.domains.len() as u64, report.stats.changes, "only what changes");

    let mut stopped = SyncOptions::default();
    stopped.partner_id = Some(domaindesk_sync::PartnerId(house.seeded.partners[0]));
    let theirs = plan.domains.iter().filter(|domain| domain.partner_id.0 != house.seeded.partners[0]).count() as u64;
    let applied = sync.apply(&plan, stopped, |event| event.done < 3).await.unwrap();
    assert!(applied.cancelled, "S6.8");
    assert_eq!((applied.stats.total, applied.left), (500, plan.domains.len() as u64 - 500), "S6.8");
    assert!(applied.stats.failed > 0 && applied.stats.failed <= theirs, "S1.6");

    plan.domains.truncate(1);
    let partner = house.seeded.partners.iter().find(|id| **id != plan.domains[0].partner_id.0).unwrap();
    let mut config = house.config.clone();
    config["partner_id"] = json!(partner);
    let confined = RegistrarSync::connect(Config::from_value(config).unwrap()).await.unwrap();
    let before = house.everything();
    let applied = confined.apply(&plan, SyncOptions::default(), |_| ()).await.unwrap();
    assert_eq!(applied.results[0].error_code, Some(ErrorKind::NotFound), "S1.6");
    assert_eq!(house.everything(), before, "S1.6");
}

/// Numbers that are the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }
}

/// A registrar that says anything.
#[derive(Debug, Default)]
struct Moods {
    capabilities: Capabilities,
    answers: HashMap<String, Result<RemoteDomain, ErrorKind>>,
}

#[async_trait]
impl Registrar for Moods {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        context.count_request();
        let answer = self.answers.get(domain.as_str()).unwrap();
        answer.clone().map_err(|kind| Error::new(kind, "a mood"))
    }
}

fn mood(dice: &mut Dice, name: &str, now: DateTime<Utc>) -> Result<RemoteDomain, ErrorKind> {
    if dice.roll(8) == 0 {
        return Err(dice.pick(&[ErrorKind::NotFound, ErrorKind::Rejected, ErrorKind::InvalidResponse]));
    }
    let meaning = match dice.roll(8) {
        0 => StatusMeaning::Gone,
        1 => StatusMeaning::Unknown,
        2 => StatusMeaning::Absent,
        3 => StatusMeaning::Known(dice.pick(&DomainStatus::ALL)),
        _ => StatusMeaning::Known(DomainStatus::Active),
    };
    let mut contacts = Contacts::default();
    for kind in ContactType::ALL {
        if dice.roll(3) == 0 {
            let contact = ContactField::ALL.into_iter().fold(Contact::default(), |contact, field| match field {
                _ if dice.roll(9) == 0 => contact,
                ContactField::Country => contact.with(field, dice.pick(&["GB", "de", "Mars"])),
                _ => contact.with(field, dice.pick(&["one", "two", "REDACTED FOR PRIVACY", "Zoë / \"x\""])),
            });
            contacts.set(kind, contact);
        }
    }
    let hosts: Vec<String> = (0..dice.roll(4)).map(|host| format!("ns{host}.example.{}", dice.roll(2))).collect();
    Ok(RemoteDomain {
        name: DomainName::parse(name).unwrap(),
        remote_id: (dice.roll(2) == 0).then(|| "4711".to_owned()),
        status: RemoteStatus { words: format!("words {}", dice.roll(3)), meaning },
        expires_at: match dice.roll(4) {
            0 => Field::Absent,
            1 => Field::Unreadable("never".to_owned()),
            _ => Field::Known(now.trunc_subsecs(0) + TimeDelta::hours(i64::try_from(dice.roll(20_000)).unwrap())),
        },
        nameservers: if hosts.is_empty() { Field::Absent } else { Field::Known(Nameservers::parse(&hosts).0) },
        contacts,
        change_marker: None,
        warnings: (0..dice.roll(2)).map(|_| "a warning".to_owned()).collect(),
    })
}

/// What the application may hold.
fn disorder(dice: &mut Dice, session: &mut Session, id: i64) {
    let metadata = dice.pick(&[
        "NULL",
        "'[]'",
        "'{}'",
        "'broken'",
        r#"'{"theirs":{"a":null,"b":1.50},"attempts":2,"last_sync_error":"x","next_attempt_at":"2020-01-01T00:00:00+00:00"}'"#,
        r#"'{"needs_review":true,"review_reason":"y","review_since":"2026-01-01T00:00:00+00:00","remote":{"id":"1","theirs":2,"status":"active"}}'"#,
        r#"'{"lease":{"by":"00000000000000aa","until":"2020-01-01T00:00:00+00:00"},"unknown_status":"z"}'"#,
    ]);
    let status = dice.pick(&DomainStatus::ALL).as_str();
    session.execute(&format!("UPDATE domains SET sync_metadata = {metadata} WHERE id = {id}"));
    if dice.roll(2) == 0 {
        session.execute(&format!("UPDATE domains SET status = '{status}' WHERE id = {id}"));
    }
    match dice.roll(5) {
        0 => session.execute(&format!("DELETE FROM domain_contacts WHERE domain_id = {id} AND type <> 'admin'")),
        1 => session
            .execute(&format!("UPDATE domain_contacts SET city = 'one', organization = NULL WHERE domain_id = {id}")),
        2 => session.execute(&format!("DELETE FROM domain_nameservers WHERE domain_id = {id}")),
        3 => session.execute(&format!("UPDATE domains SET expires_at = NULL WHERE id = {id}")),
        _ => 0,
    };
}

const TABLES: [&str; 4] = ["domains", "domain_nameservers", "domain_contacts", "audit_logs"];

/// Rows by table without their own ids where a write makes them anew; metadata as values.
fn rows(session: &mut Session) -> BTreeMap<&'static str, Vec<Vec<Value>>> {
    let table = |table: &'static str| {
        let mut rows = session.query(&format!("SELECT * FROM {table} ORDER BY id"));
        if table != "domains" {
            rows.iter_mut().for_each(|row| drop(row.remove(0)));
        }
        for value in rows.iter_mut().flatten() {
            if let Some(object) = value.as_str().filter(|text| text.starts_with('{')) {
                *value = serde_json::from_str(object).unwrap();
            }
        }
        (table, rows)
    };
    TABLES.map(table).into()
}

#[tokio::test]
async fn applying_a_plan_gives_what_a_sync_would_have_given_whatever_the_two_sides_hold() {
    let house = House::new(40);
    let hands = house.hands();
    let mut session = Session::open(&house.database);
    for seed in 0..16 {
        let dice = &mut Dice(seed);
        let mut moods = Moods::default();
        for row in house.database.query("SELECT id, name FROM domains ORDER BY id") {
            let name = DomainName::parse(row[1].as_str().unwrap()).unwrap();
            moods.answers.insert(name.as_str().to_owned(), mood(dice, name.as_str(), house.now));
            disorder(dice, &mut session, row[0].as_i64().unwrap());
        }
        let mut config = house.config.clone();
        config["domain"]["brake_minimum"] = json!(dice.pick(&[1, 10_000]));
        let builder = RegistrarSync::builder(Config::from_value(config).unwrap());
        let builder = builder.registrar("resellerclub", Arc::new(moods)).clock(Arc::clone(&hands) as _);
        let sync = builder.connect().await.unwrap();
        for table in TABLES {
            session.execute(&format!("DROP TABLE IF EXISTS kept_{table}"));
            session.execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
        }
        let before = rows(&mut session);
        let report = sync.sync_domains(house.all(), dry(), |_| ()).await.unwrap();
        assert_eq!(rows(&mut session), before, "S8.4 seed {seed}");
        let direct = sync.sync_domains(house.all(), SyncOptions::default().forced(), |_| ()).await.unwrap();
        let wanted = rows(&mut session);
        for table in TABLES.iter().rev() {
            session.execute(&format!("DELETE FROM {table}"));
        }
        for table in TABLES {
            session.execute(&format!("INSERT INTO {table} SELECT * FROM kept_{table}"));
        }
        let applied = sync.apply(&kept(&report), SyncOptions::default(), |_| ()).await.unwrap();
        let got = rows(&mut session);
        for table in TABLES {
            for (got, wanted) in got[table].iter().zip(&wanted[table]) {
                assert_eq!(got, wanted, "S8.4 seed {seed}, {table}");
            }
            assert_eq!(got[table].len(), wanted[table].len(), "S8.4 seed {seed}, {table}");
        }
        let numbers = |report: &BatchReport| {
            let stats = report.stats;
            (stats.total, stats.synced, stats.failed, stats.skipped, stats.held, stats.changes)
        };
        assert_eq!(numbers(&applied), numbers(&direct), "S8.2 seed {seed}");
        assert!(direct.stats.changes > 0 && direct.stats.failed > 0, "seed {seed}: nothing was tried");
        sync.close().await;
    }
}
