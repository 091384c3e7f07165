//! What a write leaves in the database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine};
use domaindesk_sync::model::{Contact, ContactField, ContactType, Nameservers};
use domaindesk_sync::store::{AuditEntry, ContactWrite, Detail, DomainWrite, WriteContext};
use domaindesk_sync::{DomainId, DomainStatus, UserId};
use serde_json::{Value, json};

use crate::fixture::{EVERYBODY, Fixture, at, bookkeeping, context, query, words};

fn audit(field: &str, old: Value, new: Value) -> AuditEntry {
    AuditEntry { field: field.to_owned(), old, new }
}

const UNTOUCHED: &str = "name, client_id, partner_id, registrar_id, registered_at, auto_renew, auth_code, transfer_initiated_at, \
     transfer_completed_at, transfer_status_message, transfer_metadata, created_at, deleted_at";

async fn bookkeeping_writes_its_own_columns_and_no_other(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(
        1,
        "one.example",
        "auto_renew = false, auth_code = 'eyJ', transfer_status_message = 'm', transfer_metadata = '{}', registered_at = '2020-01-01 00:00:00'",
    );
    let untouched = fixture.columns(1, UNTOUCHED);
    // Exactly these bytes: PHP's escapes, quotes, a backslash, a key that is not the library's own.
    let metadata = r#"{"synced_at":"2026-11-23T02:43:43+00:00","u":"https:\/\/x.example\/?a=\u00fc\ud83d\ude00","q":"\"\\ '","other":{"a":[]}}"#;
    let mut write = bookkeeping(fixture.load(1, Detail::Columns).await, Detail::Columns);
    write.metadata = metadata.to_owned();

    assert_eq!(words(&fixture.write(&[write]).await), ["written"]);

    assert_eq!(
        fixture.columns(1, "last_synced_at, updated_at, sync_metadata, status, expires_at"),
        [
            json!("2026-11-23 02:43:43"),
            json!("2026-11-23 02:43:43"),
            json!(metadata),
            json!("active"),
            json!("2027-06-01 07:00:00")
        ],
        "S4.2, S4.4"
    );
    if engine == Engine::Sqlite {
        assert_eq!(fixture.columns(1, "typeof(sync_metadata)"), ["text"], "S4.4");
    }
    assert_eq!(fixture.columns(1, UNTOUCHED), untouched, "S2.2");
    assert_eq!(fixture.db.count("audit_logs"), 0, "S4.3: an unchanged domain writes none");
}

async fn a_failed_sync_leaves_the_time_of_the_last_good_one(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "last_synced_at = '2026-11-20 00:00:00'");
    let mut write = bookkeeping(fixture.load(1, Detail::Columns).await, Detail::Columns);
    write.synced_at = None;
    write.metadata = r#"{"last_sync_error":"no route","attempts":1}"#.to_owned();
    assert_eq!(words(&fixture.write(&[write]).await), ["written"]);
    assert_eq!(
        fixture.columns(1, "last_synced_at, updated_at, sync_metadata"),
        [
            json!("2026-11-20 00:00:00"),
            json!("2026-11-23 02:43:43"),
            json!(r#"{"last_sync_error":"no route","attempts":1}"#)
        ],
        "S6.3"
    );
}

async fn unchanged_domains_share_their_statements(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domains(1_201);
    let ids: Vec<_> = (1..=1_201).map(DomainId).collect();
    for (count, chunks) in [(1, 1), (500, 1), (501, 2), (1_201, 3)] {
        let wanted = chunks * (2 + fixture.locks());
        let loaded = fixture.store.load(EVERYBODY, &ids[..count], Detail::Columns).await.unwrap();
        let writes: Vec<_> = loaded.into_iter().map(|domain| bookkeeping(domain, Detail::Columns)).collect();
        let before = fixture.store.statements();
        let outcomes = fixture.write(&writes).await;
        assert_eq!(words(&outcomes), vec!["written"; count]);
        assert_eq!(fixture.store.statements() - before, wanted, "S4.5: {count} domains");
    }
    assert_eq!(fixture.db.one("SELECT count(*) FROM domains WHERE last_synced_at = '2026-11-23 02:43:43'"), 1_201);
    assert!(fixture.write(&[]).await.is_empty());
}

/// A domain of which everything changes.
async fn thorough(fixture: &Fixture) -> DomainWrite {
    fixture.domain(1, "one.example", "partner_id = 2");
    fixture.nameservers(1, &["ns1.old.example", "ns2.old.example", "ns3.old.example"]);
    fixture.contact(11, 1, "registrant");
    fixture.contact(12, 1, "tech");
    let added = ContactField::ALL
        .into_iter()
        .filter(|field| *field != ContactField::State)
        .fold(Contact::default(), |contact, field| contact.with(field, &format!("ö {}", field.column())))
        .with(ContactField::Country, "BD");
    let mut write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    write.status = Some(DomainStatus::Suspended);
    write.expires_at = Some(at("2028-12-31T07:00:00Z"));
    write.nameservers = Some(Nameservers::parse(["ns2.new.example", "ns1.old.example"]).0);
    write.contacts = vec![
        ContactWrite::Update {
            id: 11,
            fields: vec![(ContactField::LastName, "O'Hara \"Ü\"".to_owned()), (ContactField::State, "Kent".to_owned())],
        },
        ContactWrite::Insert { kind: ContactType::Billing, contact: added },
    ];
    write.audits = vec![
        audit("status", json!("active"), json!("suspended")),
        audit("nameservers", json!(["ns1.old.example"]), json!(["ns2.new.example", "ns1.old.example"])),
        audit(
            "contacts.registrant",
            json!({"address": "1/2 High Street", "state": null}),
            json!({"address": "Zürich", "state": "Kent"}),
        ),
        audit("contacts.billing", Value::Null, json!({"country": "BD"})),
    ];
    write
}

async fn everything_that_changed_is_written_as_eloquent_would(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let write = thorough(&fixture).await;
    let (nothing, rows) = (json!(null), |sql: &str| fixture.rows(sql));
    let contact_before = rows("SELECT * FROM domain_contacts WHERE id = 12");

    assert_eq!(words(&fixture.write(&[write]).await), ["written"]);

    let time = json!("2026-11-23 02:43:43");
    assert_eq!(
        fixture.columns(1, "status, expires_at, last_synced_at, updated_at"),
        [json!("suspended"), json!("2028-12-31 07:00:00"), time.clone(), time.clone()],
        "S4.4"
    );
    assert_eq!(
        rows("SELECT domain_id, nameserver, \"order\", created_at, updated_at FROM domain_nameservers ORDER BY id"),
        [
            [json!(1), json!("ns2.new.example"), json!(1), time.clone(), time.clone()],
            [json!(1), json!("ns1.old.example"), json!(2), time.clone(), time.clone()],
        ],
        "S3.5"
    );
    assert_eq!(
        rows(
            "SELECT first_name, last_name, state, organization, city, created_at, updated_at FROM domain_contacts WHERE id = 11"
        ),
        [[
            json!("Jane"),
            json!("O'Hara \"Ü\""),
            json!("Kent"),
            nothing.clone(),
            json!("London"),
            json!("2026-01-01 00:00:00"),
            time.clone()
        ]],
        "S3.6"
    );
    assert_eq!(rows("SELECT * FROM domain_contacts WHERE id = 12"), contact_before, "S3.6: not asked for");
    assert_eq!(
        rows(
            "SELECT domain_id, type, first_name, organization, state, country, created_at, updated_at FROM domain_contacts WHERE type = 'billing'"
        ),
        [[
            json!(1),
            json!("billing"),
            json!("ö first_name"),
            json!("ö organization"),
            nothing.clone(),
            json!("BD"),
            time.clone(),
            time.clone()
        ]],
        "S3.6"
    );
    let common = [json!("sync_update"), json!("App\\Models\\Domain"), json!(1), json!(2)];
    let logs = rows(
        "SELECT action, auditable_type, auditable_id, partner_id, old_values, new_values, user_id, ip_address, user_agent, created_at, \
         updated_at FROM audit_logs ORDER BY id",
    );
    let wanted = [
        (r#"{"status":"active"}"#, r#"{"status":"suspended"}"#),
        (r#"{"nameservers":["ns1.old.example"]}"#, r#"{"nameservers":["ns2.new.example","ns1.old.example"]}"#),
        (
            r#"{"contacts.registrant":{"address":"1\/2 High Street","state":null}}"#,
            r#"{"contacts.registrant":{"address":"Z\u00fcrich","state":"Kent"}}"#,
        ),
        (r#"{"contacts.billing":null}"#, r#"{"contacts.billing":{"country":"BD"}}"#),
    ];
    assert_eq!(logs.len(), wanted.len(), "S4.3: one row a field");
    for (log, (old, new)) in logs.iter().zip(wanted) {
        assert_eq!(log[..4], common, "S4.3");
        assert_eq!((&log[4], &log[5]), (&json!(old), &json!(new)), "S4.3, S4.4");
        assert_eq!(log[6..9], [nothing.clone(), nothing.clone(), nothing.clone()], "S4.3");
        assert_eq!(log[9..], [time.clone(), time.clone()], "S4.3");
    }
    let after = fixture.load(1, Detail::Full).await;
    assert_eq!(after.nameservers, ["ns2.new.example", "ns1.old.example"]);
    assert_eq!(after.contacts.len(), 3);
}

async fn changed_domains_share_their_statements_too(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domains(500);
    let ids: Vec<_> = (1..=500).map(DomainId).collect();
    let loaded = fixture.store.load(EVERYBODY, &ids, Detail::Full).await.unwrap();
    let writes: Vec<_> = loaded
        .into_iter()
        .map(|domain| {
            let mut write = bookkeeping(domain, Detail::Full);
            let changed = write.before.id.0 % 2 == 0;
            if changed {
                write.status = Some(DomainStatus::Expired);
                write.nameservers = Some(Nameservers::parse(["ns1.new.example"]).0);
                write.audits = vec![audit("status", json!("active"), json!("expired"))];
            }
            write
        })
        .collect();
    let before = fixture.store.statements();
    assert_eq!(words(&fixture.write(&writes).await), vec!["written"; 500]);
    // Read again; update unchanged; update changed; delete and insert nameservers; insert audit rows.
    assert_eq!(fixture.store.statements() - before, 6 + fixture.locks());
    assert_eq!(fixture.db.count("audit_logs"), 250);
    assert_eq!(fixture.db.count("domain_nameservers"), 250);
    assert_eq!(fixture.db.one("SELECT count(*) FROM domains WHERE status = 'expired' AND id % 2 = 0"), 250);
}

async fn nameservers_are_replaced_whatever_their_number(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    for count in [13, 1, 4] {
        let hosts: Vec<_> = (1..=count).map(|number| format!("ns{number}.new.example")).collect();
        let mut write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
        write.nameservers = Some(Nameservers::parse(&hosts).0);
        assert_eq!(words(&fixture.write(&[write]).await), ["written"], "S3.5");
        assert_eq!(fixture.load(1, Detail::Full).await.nameservers, hosts, "S3.5");
    }
}

async fn a_nullable_column_of_a_contact_can_be_emptied(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    fixture.contact(1, 1, "admin");
    fixture.run("UPDATE domain_contacts SET organization = 'One Ltd'");
    let mut write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    write.contacts = vec![ContactWrite::Update { id: 1, fields: vec![(ContactField::Organization, String::new())] }];
    assert_eq!(words(&fixture.write(&[write]).await), ["written"]);
    assert_eq!(fixture.db.row("SELECT organization, city FROM domain_contacts"), [json!(null), json!("London")]);
}

async fn the_user_and_the_source_are_told_where_there_is_room(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    fixture.run("ALTER TABLE audit_logs ADD COLUMN source varchar(50)");
    // The columns are looked at when a store connects.
    let store = crate::fixture::connect(&fixture.db, Tz::UTC).await;
    let mut write = bookkeeping(fixture.load(1, Detail::Columns).await, Detail::Columns);
    write.audits = vec![audit("status", json!("active"), json!("expired"))];
    let context = WriteContext { user_id: Some(UserId(1)), source: "scheduled".to_owned(), ..context() };
    assert_eq!(words(&store.write(&context, &[write]).await.unwrap()), ["written"]);
    assert_eq!(fixture.db.row("SELECT user_id, source FROM audit_logs"), [json!(1), json!("scheduled")], "S4.3");
}

async fn datetimes_are_written_in_the_applications_zone(engine: Engine) {
    let fixture = Fixture::with(
        engine,
        DatabaseOptions { prefix: "dd_".to_owned(), ..DatabaseOptions::default() },
        Tz::America__New_York,
    )
    .await;
    fixture.domain(1, "one.example", "");
    fixture.nameservers(1, &["ns1.old.example"]);
    let mut write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    write.expires_at = Some(at("2027-07-01T02:00:00Z"));
    write.nameservers = Some(Nameservers::parse(["ns1.new.example"]).0);
    write.audits = vec![audit("expires_at", json!("2027-06-01"), json!("2027-07-01"))];
    assert_eq!(words(&fixture.write(&[write]).await), ["written"]);
    let time = json!("2026-11-22 21:43:43");
    assert_eq!(
        fixture.columns(1, "expires_at, last_synced_at, updated_at"),
        [json!("2027-06-30 22:00:00"), time.clone(), time.clone()],
        "S3.8"
    );
    assert_eq!(fixture.db.one("SELECT created_at FROM dd_domain_nameservers"), time);
    assert_eq!(fixture.db.one("SELECT created_at FROM dd_audit_logs"), time);
    assert_eq!(fixture.load(1, Detail::Full).await.expires_at, Some(at("2027-07-01T02:00:00Z")));
}

async fn calls_at_the_same_time_do_not_fail_each_other(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domains(40);
    let write = async |id: i64| {
        let mut write = bookkeeping(fixture.load(id, Detail::Full).await, Detail::Full);
        write.status = Some(DomainStatus::Expired);
        write.nameservers = Some(Nameservers::parse(["ns1.new.example"]).0);
        assert_eq!(words(&fixture.write(&[write]).await), ["written"]);
        fixture.store.stats(EVERYBODY, &query(1)).await.unwrap()
    };
    let calls = (1..=40).map(write);
    futures_util::future::join_all(calls).await;
    assert_eq!(fixture.db.one("SELECT count(*) FROM domains WHERE status = 'expired'"), 40);
    assert_eq!(fixture.db.count("domain_nameservers"), 40);
}

on_every_engine!(
    calls_at_the_same_time_do_not_fail_each_other,
    bookkeeping_writes_its_own_columns_and_no_other,
    a_failed_sync_leaves_the_time_of_the_last_good_one,
    unchanged_domains_share_their_statements,
    everything_that_changed_is_written_as_eloquent_would,
    changed_domains_share_their_statements_too,
    nameservers_are_replaced_whatever_their_number,
    a_nullable_column_of_a_contact_can_be_emptied,
    the_user_and_the_source_are_told_where_there_is_room,
    datetimes_are_written_in_the_applications_zone,
);
