//! A seeded database is what the application would have written, and differs from the world only where it was asked to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domaindesk_support::seed::{self, ContactRow, DomainRow, TldRow};
use domaindesk_support::{
    Cipher, DEMO_APP_KEY, DatabaseOptions, Engine, JournalMode, LaravelKey, SeedOptions, Seeded, TempDatabase, process,
    schema,
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
    seed::fill_rows(database, database.prefix(), options, &[tld], (0..count).map(row))
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

#[test]
fn all_engines_are_filled_with_the_same_rows() {
    let everything = |engine| {
        let database = TempDatabase::on(engine, DatabaseOptions::default());
        let seeded = fill(&database, &SeedOptions { local_drift: 0.2, credentials: json!(null), ..options() }, 1_001);
        let order = database.quote("order");
        let rows: Vec<_> = [
            "SELECT name, email, slug, status, is_active, created_at FROM partners ORDER BY id".to_owned(),
            "SELECT name, email, role, partner_id FROM users ORDER BY id".to_owned(),
            "SELECT name, slug, credentials, is_active, is_default FROM registrars ORDER BY id".to_owned(),
            "SELECT registrar_id, extension, min_years, max_years, supports_dns FROM tlds ORDER BY id".to_owned(),
            "SELECT id, name, client_id, partner_id, registrar_id, status, registered_at, expires_at, auto_renew, \
             last_synced_at, sync_metadata, updated_at, deleted_at FROM domains ORDER BY id"
                .to_owned(),
            format!("SELECT domain_id, {order}, nameserver FROM domain_nameservers ORDER BY domain_id, {order}"),
            "SELECT domain_id, type, first_name, city, organization, state, country FROM domain_contacts ORDER BY id"
                .to_owned(),
        ]
        .iter()
        .map(|sql| database.query(sql))
        .collect();
        (seeded, rows)
    };
    let (seeded, rows) = everything(Engine::Sqlite);
    assert_eq!((seeded.domains, rows[4].len(), rows[5].len()), (1_001, 1_001, 2_002));
    for engine in [Engine::MariaDb, Engine::Postgres] {
        let (other, others) = everything(engine);
        assert_eq!(other, seeded, "{engine}");
        for (rows, others) in rows.iter().zip(&others) {
            assert_eq!(rows, others, "{engine}");
        }
    }
}

#[test]
fn texts_with_quotes_backslashes_and_line_ends_arrive_as_they_are() {
    let odd = "O'Neil \\N \\ \t tab\nline\r\"x\" `y` ü \\' end";
    let domain = || DomainRow { contacts: vec![contact(odd)], ..row(1) };
    fn contact(city: &str) -> ContactRow {
        ContactRow { kind: "registrant", city: city.to_owned(), ..ContactRow::default() }
    }
    for engine in Engine::ALL {
        let database = TempDatabase::on(engine, DatabaseOptions::default());
        seed::fill_rows(&database, "", &options(), &[], [domain()]);
        assert_eq!(database.row("SELECT city, state FROM domain_contacts"), [json!(odd), json!(null)], "{engine}");
    }
}

#[test]
fn the_next_row_of_the_application_gets_an_id_of_its_own() {
    for engine in Engine::ALL {
        let database =
            TempDatabase::on(engine, DatabaseOptions { prefix: "dd_".to_owned(), ..DatabaseOptions::default() });
        let seeded = fill(&database, &options(), 5);
        assert_eq!((seeded.first_domain, seeded.domains), (1, 5), "{engine}");
        database.execute("INSERT INTO dd_domains (name, client_id, partner_id) VALUES ('next.example', 1, 1)");
        assert_eq!(database.one("SELECT id FROM dd_domains WHERE name = 'next.example'"), json!(6), "{engine}");
    }
}

#[test]
fn credentials_can_be_stored_on_every_engine() {
    for engine in Engine::ALL {
        let database = TempDatabase::on(engine, DatabaseOptions::default());
        fill(&database, &options(), 1);
        let column = database.one("SELECT credentials FROM registrars");
        let plain = LaravelKey::new(DEMO_APP_KEY).decrypt(column.as_str().unwrap()).unwrap();
        assert_eq!(plain, r#"{"auth_userid":"777","api_key":"simulated"}"#, "{engine}");
    }
}

#[test]
fn a_decimal_price_and_its_day_are_whole_on_the_servers() {
    for engine in [Engine::MariaDb, Engine::Postgres] {
        let database = TempDatabase::on(engine, DatabaseOptions::default());
        fill(&database, &options(), 0);
        assert_eq!(
            database.query("SELECT action, years, price, effective_date FROM tld_prices ORDER BY id"),
            [
                [json!("register"), json!(1), json!("12.90"), json!("2026-11-23")],
                [json!("renew"), json!(1), json!("13.00"), json!("2026-11-23")]
            ],
            "{engine}"
        );
    }
}

#[test]
fn numbered_domains_are_the_same_on_all_engines() {
    let registrars = vec!["resellerclub".to_owned(), "logicboxes".to_owned()];
    let last_synced_at = Some(instant("2026-11-01T00:00:00Z"));
    let options = SeedOptions { registrars, last_synced_at, credentials: json!(null), ..options() };
    for engine in Engine::ALL {
        let database =
            TempDatabase::on(engine, DatabaseOptions { prefix: "dd_".to_owned(), ..DatabaseOptions::default() });
        let seeded = seed::fill_numbered(&database, database.prefix(), &options, 12);
        assert_eq!((seeded.first_domain, seeded.domains, seeded.partners.len()), (1, 12, 3), "{engine}");
        let spread =
            "SELECT partner_id, client_id, registrar_id, COUNT(*) FROM dd_domains GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
        assert_eq!(
            database.query(spread),
            [[1, 1, 1, 2], [1, 1, 2, 2], [2, 2, 1, 2], [2, 2, 2, 2], [3, 3, 1, 2], [3, 3, 2, 2]]
                .map(|row| row.map(|n| json!(n))),
            "{engine}"
        );
        let row = database.row(
            "SELECT name, status, registered_at, expires_at, last_synced_at, deleted_at FROM dd_domains WHERE id = 12",
        );
        assert_eq!(
            row,
            [
                json!("domain12.example"),
                json!("active"),
                json!("2026-11-23 12:00:00"),
                json!("2026-12-06 12:00:00"),
                json!("2026-11-01 00:00:00"),
                json!(null)
            ],
            "{engine}"
        );
        database.execute("INSERT INTO dd_domains (name, client_id, partner_id) VALUES ('next.example', 1, 1)");
        assert_eq!(database.one("SELECT MAX(id) FROM dd_domains"), json!(13), "{engine}");
    }
}

#[test]
fn a_million_domains_are_made_in_less_than_two_minutes_on_each_engine() {
    for engine in Engine::ALL {
        let database = TempDatabase::on(engine, DatabaseOptions::default());
        let started = Instant::now();
        seed::fill_numbered(&database, "", &options(), 1_000_000);
        let took = started.elapsed();
        println!("{engine}: a million numbered domains in {took:?}");
        assert_eq!(database.count("domains"), 1_000_000, "{engine}");
        assert!(took < Duration::from_secs(120), "{engine}: {took:?}");
    }
}

#[test]
fn a_hundred_thousand_rows_of_a_world_are_written_in_less_than_two_minutes_on_each_engine() {
    for engine in Engine::ALL {
        let database = TempDatabase::on(engine, DatabaseOptions::default());
        let started = Instant::now();
        fill(&database, &options(), 100_000);
        let took = started.elapsed();
        println!("{engine}: a hundred thousand domains with nameservers and contacts in {took:?}");
        assert_eq!((database.count("domains"), database.count("domain_contacts")), (100_000, 200_000), "{engine}");
        assert!(took < Duration::from_secs(120), "{engine}: {took:?}");
    }
}

#[test]
fn the_program_fills_a_file_or_the_database_of_a_url() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.sqlite").display().to_string();
    let bare = |engine| {
        let database = TempDatabase::on(engine, DatabaseOptions::default());
        for table in schema::TABLES.iter().rev() {
            database.execute(&format!("DROP TABLE {table}"));
        }
        database
    };
    let (mariadb, postgres) = (bare(Engine::MariaDb), bare(Engine::Postgres));
    for place in [file, mariadb.url(), postgres.url()] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_domaindesk-seed"));
        command.args(["--database", &place, "--domains", "50", "--now", "1795435200"]);
        let told = process::run(&mut command, Duration::from_secs(120)).success().last_json_line();
        assert_eq!((&told["domains"], &told["partners"]), (&json!(50), &json!(3)), "{place}");
    }
    let names = |database: &TempDatabase| database.query("SELECT name FROM domains ORDER BY id");
    assert_eq!(mariadb.count("domains"), 50);
    assert_eq!(names(&mariadb), names(&postgres));
}
