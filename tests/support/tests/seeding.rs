//! A seeded database is what the application would have written, and differs from the world only where it was asked to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use chrono::{DateTime, Utc};
use domaindesk_support::seed::{self, ContactRow, DomainRow, TldRow};
use domaindesk_support::{
    Cipher, DEMO_APP_KEY, DatabaseOptions, JournalMode, LaravelKey, SeedOptions, Seeded, TempDatabase,
};
use serde_json::json;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn options() -> SeedOptions {
    SeedOptions::at(instant("2026-11-23T12:00:00Z"))
}

fn row(number: usize) -> DomainRow {
    let contact =
        |kind| ContactRow { kind, first_name: "Jane".to_owned(), city: "London".to_owned(), ..ContactRow::default() };
    DomainRow {
        name: format!("domain{number}.example"),
        status: "active".to_owned(),
        registered_at: Some(instant("2024-05-01T09:30:00Z")),
        expires_at: Some(instant("2027-05-01T23:30:00Z")),
        nameservers: vec!["ns1.example.net".to_owned(), "ns2.example.net".to_owned()],
        contacts: vec![contact("registrant"), contact("admin")],
    }
}

fn fill(database: &TempDatabase, options: &SeedOptions, count: usize) -> Seeded {
    let price = |action, price: &str| (action, 1, price.to_owned());
    let tld = TldRow {
        extension: "com".to_owned(),
        min_years: 1,
        max_years: 10,
        prices: vec![price("register", "12.90"), price("renew", "13.00")],
    };
    seed::fill_rows(database.path(), database.prefix(), options, &[tld], (0..count).map(row))
}

#[test]
fn more_rows_than_fit_into_a_statement_arrive_whole_and_in_order() {
    let database = TempDatabase::new();
    let seeded = fill(&database, &options(), 1_001);
    assert_eq!((seeded.first_domain, seeded.domains), (1, 1_001));
    assert_eq!(database.count("domains"), 1_001);
    assert_eq!(database.count("domain_nameservers"), 2_002);
    assert_eq!(database.count("domain_contacts"), 2_002);
    assert_eq!(database.one("SELECT name FROM domains WHERE id = 1001"), json!("domain1000.example"));
    assert_eq!(database.query("PRAGMA foreign_key_check"), Vec::<Vec<serde_json::Value>>::new());
    let hosts =
        database.query("SELECT nameserver, \"order\" FROM domain_nameservers WHERE domain_id = 700 ORDER BY \"order\"");
    assert_eq!(hosts, [[json!("ns1.example.net"), json!(1)], [json!("ns2.example.net"), json!(2)]]);
}

#[test]
fn instants_are_the_wall_clock_of_the_applications_zone() {
    let database = TempDatabase::new();
    let last_synced_at = Some(instant("2026-11-23T01:02:03Z"));
    fill(&database, &SeedOptions { timezone: chrono_tz::Asia::Dhaka, last_synced_at, ..options() }, 1);
    let texts = database.row("SELECT registered_at, expires_at, last_synced_at, created_at FROM domains");
    assert_eq!(texts, ["2024-05-01 15:30:00", "2027-05-02 05:30:00", "2026-11-23 07:02:03", "2026-11-23 18:00:00"]);
}

#[test]
fn domains_are_spread_over_partners_and_registrars_and_belong_to_their_partners_client() {
    let database = TempDatabase::new();
    let registrars = vec!["resellerclub".to_owned(), "logicboxes".to_owned()];
    fill(&database, &SeedOptions { registrars, ..options() }, 12);
    let spread = database.query("SELECT partner_id, registrar_id, COUNT(*) FROM domains GROUP BY 1, 2 ORDER BY 1, 2");
    assert_eq!(
        spread,
        [[1, 1, 2], [1, 2, 2], [2, 1, 2], [2, 2, 2], [3, 1, 2], [3, 2, 2]].map(|row| row.map(|n| json!(n)))
    );
    assert_eq!(
        database
            .one("SELECT COUNT(*) FROM domains d JOIN users u ON u.id = d.client_id AND u.partner_id = d.partner_id"),
        json!(12)
    );
    assert_eq!(
        database.query("SELECT slug, is_default FROM registrars ORDER BY id"),
        [[json!("resellerclub"), json!(1)], [json!("logicboxes"), json!(0)]]
    );
}

#[test]
fn credentials_stand_encrypted_in_the_column_or_not_at_all() {
    for cipher in [Cipher::Aes256Cbc, Cipher::Aes256Gcm] {
        let database = TempDatabase::new();
        fill(
            &database,
            &SeedOptions { cipher, credentials: json!({"username": "u", "password": "p/é"}), ..options() },
            1,
        );
        let column = database.one("SELECT credentials FROM registrars");
        let plain = LaravelKey::new(DEMO_APP_KEY).decrypt(column.as_str().unwrap()).unwrap();
        assert_eq!(plain, r#"{"username":"u","password":"p\/\u00e9"}"#);
    }
    let database = TempDatabase::new();
    fill(&database, &SeedOptions { credentials: json!(null), ..options() }, 1);
    assert_eq!(database.one("SELECT credentials FROM registrars"), json!(null));
}

#[test]
fn prices_are_stored_as_eloquent_stores_them() {
    let database = TempDatabase::new();
    fill(&database, &options(), 0);
    let prices = database.query("SELECT extension, action, years, price, typeof(price), effective_date FROM tld_prices p JOIN tlds t ON t.id = p.tld_id");
    assert_eq!(
        prices,
        [
            [json!("com"), json!("register"), json!(1), json!(12.9), json!("real"), json!("2026-11-23 00:00:00")],
            [json!("com"), json!("renew"), json!(1), json!(13), json!("integer"), json!("2026-11-23 00:00:00")],
        ]
    );
}

#[test]
fn the_part_that_drifts_is_spread_evenly_and_differs_in_each_field_in_turn() {
    let database = TempDatabase::new();
    let seeded = fill(&database, &SeedOptions { local_drift: 0.2, ..options() }, 100);
    assert_eq!(seeded.drifted, (1..=20).map(|turn| turn * 5).collect::<Vec<i64>>());
    let differing = |sql: &str| database.query(sql).iter().map(|row| row[0].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(differing("SELECT id FROM domains WHERE status <> 'active' ORDER BY id"), [5, 25, 45, 65, 85]);
    assert_eq!(
        differing("SELECT id FROM domains WHERE expires_at <> '2027-05-01 23:30:00' ORDER BY id"),
        [10, 30, 50, 70, 90]
    );
    let hosts = "SELECT DISTINCT domain_id FROM domain_nameservers WHERE nameserver LIKE 'old-%' ORDER BY domain_id";
    assert_eq!(differing(hosts), [15, 35, 55, 75, 95]);
    let contacts = "SELECT domain_id FROM domain_contacts WHERE city <> 'London' ORDER BY domain_id";
    assert_eq!(differing(contacts), [20, 40, 60, 80, 100]);
}

#[test]
fn seeding_leaves_the_journal_mode_of_the_file_and_honours_its_prefix() {
    let database = TempDatabase::create(DatabaseOptions {
        prefix: "dd_".to_owned(),
        journal_mode: Some(JournalMode::Wal),
        ..DatabaseOptions::default()
    });
    fill(&database, &options(), 3);
    assert_eq!(database.one("PRAGMA journal_mode"), json!("wal"));
    assert_eq!(database.one("SELECT COUNT(*) FROM dd_domains"), json!(3));
}
