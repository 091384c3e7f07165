//! Local changes made between reading and writing win (S2.4).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono_tz::Tz;
use domaindesk_support::Engine;
use domaindesk_sync::model::{ContactField, Nameservers};
use domaindesk_sync::store::{ContactWrite, Detail};
use domaindesk_sync::{DomainId, DomainStatus};

use crate::fixture::{EVERYBODY, Fixture, bookkeeping, connect, context, words};

/// Domains 1 and 2 as they are at the start of every case, each with two nameservers and a contact.
const TWO_DOMAINS: &str = "BEGIN; DELETE FROM domains;
    INSERT INTO domains (id, name, client_id, partner_id, registrar_id, status, expires_at, last_synced_at, sync_metadata) VALUES
        (1, 'd1.example', 1, 1, 1, 'active', '2027-06-01 07:00:00', '2026-11-20 00:00:00', '{\"a\":1}'),
        (2, 'd2.example', 1, 1, 1, 'active', '2027-06-01 07:00:00', '2026-11-20 00:00:00', '{\"a\":1}');
    INSERT INTO domain_nameservers (domain_id, nameserver, \"order\") VALUES
        (1, 'ns1.old.example', 1), (1, 'ns2.old.example', 2), (2, 'ns1.old.example', 1), (2, 'ns2.old.example', 2);
    INSERT INTO domain_contacts (id, domain_id, type, first_name, last_name, email, phone, address, city, postal_code, country)
        SELECT 10 + id, id, 'registrant', 'Jane', 'Doe', 'jane@one.example', '+44.1', '1 High Street', 'London', 'SW1A', 'GB'
        FROM domains;
    COMMIT";

/// Stands for an edit that no statement alone can make.
const UNKNOWN_STATUS: &str = "a status that nobody knows";

async fn two_domains(engine: Engine) -> Fixture {
    let fixture = Fixture::new(engine).await;
    fixture.run(TWO_DOMAINS);
    fixture
}

/// Reads both domains, lets somebody else edit, and writes both.
async fn written_after(fixture: &Fixture, edit: &str, detail: Detail, change: bool) -> Vec<&'static str> {
    fixture.run(TWO_DOMAINS);
    let ids = [DomainId(1), DomainId(2)];
    let mut loaded = fixture.store.load(EVERYBODY, &ids, detail).await.unwrap();
    loaded.sort_by_key(|domain| domain.id);
    if edit == UNKNOWN_STATUS {
        fixture.unknown_status(1);
    } else {
        fixture.run(edit);
    }
    let after_edit = fixture.rows("SELECT * FROM domains WHERE id = 1");
    let writes: Vec<_> = loaded
        .into_iter()
        .map(|domain| {
            let mut write = bookkeeping(domain, detail);
            if change {
                write.status = Some(DomainStatus::Suspended);
                write.nameservers = Some(Nameservers::parse(["ns1.new.example"]).0);
            }
            write
        })
        .collect();
    let outcomes = words(&fixture.write(&writes).await);
    if outcomes[0] == "changed" {
        let now = fixture.rows("SELECT * FROM domains WHERE id = 1");
        assert_eq!(now, after_edit, "S2.4: {edit}");
        let written = "SELECT count(*) FROM domain_nameservers WHERE nameserver = 'ns1.new.example' AND domain_id = 1";
        assert_eq!(fixture.db.one(written), 0, "S2.4: {edit}");
    }
    outcomes
}

async fn an_edit_of_what_was_read_wins_and_costs_the_others_nothing(engine: Engine) {
    let columns = [
        "UPDATE domains SET status = 'expired' WHERE id = 1",
        "UPDATE domains SET expires_at = '2027-06-01 07:00:01' WHERE id = 1",
        "UPDATE domains SET expires_at = NULL WHERE id = 1",
        "UPDATE domains SET registrar_id = 2 WHERE id = 1",
        "UPDATE domains SET registrar_id = NULL WHERE id = 1",
        "UPDATE domains SET partner_id = 2 WHERE id = 1",
        "UPDATE domains SET name = 'other.example' WHERE id = 1",
        "UPDATE domains SET sync_metadata = '{\"a\":2}' WHERE id = 1",
        "UPDATE domains SET sync_metadata = NULL WHERE id = 1",
        "UPDATE domains SET deleted_at = '2026-11-23 00:00:00' WHERE id = 1",
        UNKNOWN_STATUS,
        "DELETE FROM domains WHERE id = 1",
    ];
    let children = [
        "DELETE FROM domain_nameservers WHERE domain_id = 1 AND \"order\" = 2",
        "UPDATE domain_nameservers SET nameserver = 'ns3.old.example' WHERE domain_id = 1 AND \"order\" = 2",
        "INSERT INTO domain_nameservers (domain_id, nameserver, \"order\") VALUES (1, 'ns3.old.example', 3)",
        "UPDATE domain_contacts SET state = 'Kent' WHERE id = 11",
        "UPDATE domain_contacts SET type = 'tech' WHERE id = 11",
        "DELETE FROM domain_contacts WHERE id = 11",
    ];
    let fixture = &two_domains(engine).await;
    for change in [false, true] {
        for edit in columns {
            for detail in [Detail::Columns, Detail::Full] {
                let outcomes = written_after(fixture, edit, detail, change).await;
                assert_eq!(outcomes, ["changed", "written"], "S2.4: {edit}");
            }
        }
        for edit in children {
            let outcomes = written_after(fixture, edit, Detail::Full, change).await;
            assert_eq!(outcomes, ["changed", "written"], "S2.4: {edit}");
            let outcomes = written_after(fixture, edit, Detail::Columns, false).await;
            assert_eq!(outcomes, ["written", "written"], "not read, so not compared: {edit}");
        }
    }
}

async fn an_edit_of_something_else_is_none(engine: Engine) {
    let fixture = &two_domains(engine).await;
    for edit in [
        "UPDATE domains SET auto_renew = false, updated_at = '2026-11-23 00:00:00', auth_code = 'x' WHERE id = 1",
        "UPDATE domains SET last_synced_at = '2026-11-21 00:00:00' WHERE id = 1",
        "UPDATE domain_contacts SET state = '', updated_at = '2026-11-23 00:00:00' WHERE id = 11",
        "UPDATE domain_contacts SET city = ' London ' WHERE id = 11",
    ] {
        let outcomes = written_after(fixture, edit, Detail::Full, true).await;
        assert_eq!(outcomes, ["written", "written"], "S2.4: {edit}");
    }
}

async fn of_two_processes_that_synced_the_same_domain_the_second_writes_nothing(engine: Engine) {
    let fixture = two_domains(engine).await;
    let other = connect(&fixture.db, Tz::UTC).await;
    let write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let first = other.write(&context(), std::slice::from_ref(&write)).await.unwrap();
    assert_eq!(words(&first), ["written"]);
    assert_eq!(words(&fixture.write(&[write]).await), ["changed"], "S7.5");
}

async fn of_two_writes_of_one_domain_the_second_finds_it_changed(engine: Engine) {
    let fixture = two_domains(engine).await;
    let write = bookkeeping(fixture.load(1, Detail::Columns).await, Detail::Columns);
    let full = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    let outcomes = fixture.write(&[write.clone(), write, full]).await;
    assert_eq!(words(&outcomes), ["written", "changed", "changed"]);
}

async fn a_contact_that_is_gone_is_not_written_into_another_domain(engine: Engine) {
    let fixture = two_domains(engine).await;
    let mut write = bookkeeping(fixture.load(1, Detail::Full).await, Detail::Full);
    // Contact 12 belongs to domain 2.
    write.contacts = vec![ContactWrite::Update { id: 12, fields: vec![(ContactField::City, "Leeds".to_owned())] }];
    assert_eq!(words(&fixture.write(&[write]).await), ["failed"], "S1.6");
    assert_eq!(fixture.db.one("SELECT count(*) FROM domain_contacts WHERE city = 'Leeds'"), 0);
    assert_eq!(fixture.columns(1, "last_synced_at"), ["2026-11-20 00:00:00"], "S4.1: none of it");
}

on_every_engine!(
    an_edit_of_what_was_read_wins_and_costs_the_others_nothing,
    an_edit_of_something_else_is_none,
    of_two_processes_that_synced_the_same_domain_the_second_writes_nothing,
    of_two_writes_of_one_domain_the_second_finds_it_changed,
    a_contact_that_is_gone_is_not_written_into_another_domain,
);
