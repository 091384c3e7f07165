//! Finding and loading domains and registrars.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine};
use domaindesk_sync::model::{ContactField, ContactType, RegistrarId};
use domaindesk_sync::store::Detail;
use domaindesk_sync::{DomainId, DomainName, DomainRef, DomainStatus, PartnerId, RegistrarRef};
use secrecy::ExposeSecret;

use crate::fixture::{EVERYBODY, Fixture, at, partner};

async fn a_domain_is_loaded_whole_as_the_application_wrote_it(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let metadata = r#"{"synced_at":"2026-11-22T02:43:43+00:00","registrar_status":"Akt\u00edv\/x","mine":[1]}"#;
    fixture.domain(
        7,
        "one.example",
        &format!(
            "status = 'suspended', last_synced_at = '2026-11-22 02:43:43', sync_metadata = {}",
            fixture.literal(metadata)
        ),
    );
    fixture.nameservers(7, &["ns2.net.example", "NS1.net.example."]);
    fixture.contact(31, 7, "registrant");
    fixture.contact(30, 7, "tech");
    fixture.run("UPDATE domain_contacts SET state = '', organization = ' One Ltd ' WHERE id = 31");

    let domain = fixture.load(7, Detail::Full).await;

    assert_eq!((domain.id, domain.name.as_str()), (DomainId(7), "one.example"));
    assert_eq!(domain.partner_id, PartnerId(1));
    assert_eq!(domain.registrar_id, Some(RegistrarId(1)));
    assert_eq!(domain.status, DomainStatus::Suspended);
    assert_eq!(domain.expires_at, Some(at("2027-06-01T07:00:00Z")));
    assert_eq!(domain.last_synced_at, Some(at("2026-11-22T02:43:43Z")));
    assert_eq!(domain.metadata_text.as_deref(), Some(metadata), "S2.4: exactly as stored");
    assert_eq!(domain.metadata_str("registrar_status"), Some("Aktív/x"));
    assert_eq!(domain.nameservers, ["ns2.net.example", "NS1.net.example."], "in their order, as stored");
    let ids: Vec<_> = domain.contacts.iter().map(|row| (row.id, row.kind)).collect();
    assert_eq!(ids, [(30, ContactType::Tech), (31, ContactType::Registrant)], "lowest id first");
    let registrant = &domain.contact(ContactType::Registrant).unwrap().contact;
    assert_eq!(registrant.get(ContactField::FirstName), Some("Jane"));
    assert_eq!(registrant.get(ContactField::Organization), Some("One Ltd"));
    assert_eq!(registrant.get(ContactField::State), None, "S2.3: empty counts as absent");
    assert_eq!(registrant.get(ContactField::Country), Some("GB"));

    let columns = fixture.load(7, Detail::Columns).await;
    assert_eq!((columns.nameservers.len(), columns.contacts.len()), (0, 0));
    assert_eq!(columns.metadata_text, domain.metadata_text);
}

async fn reading_costs_statements_by_the_chunk_and_not_by_the_domain(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domains(1_000);
    fixture.nameservers(1, &["ns1.net.example"]);
    let ids: Vec<_> = (1..=1_000).map(DomainId).collect();
    for detail in [Detail::Columns, Detail::Full] {
        for (count, wanted) in [(1, 1), (500, 1), (501, 2), (1_000, 2)] {
            let before = fixture.store.statements();
            let found = fixture.store.load(EVERYBODY, &ids[..count], detail).await.unwrap();
            assert_eq!(found.len(), count);
            assert_eq!(fixture.store.statements() - before, wanted, "{count} domains, {detail:?}");
        }
    }
}

async fn what_is_not_there_is_left_out_and_what_is_asked_twice_comes_once(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    let ids = [DomainId(1), DomainId(1), DomainId(99)];
    let found = fixture.store.load(EVERYBODY, &ids, Detail::Full).await.unwrap();
    assert_eq!(found.len(), 1);
    assert!(fixture.store.load(EVERYBODY, &[], Detail::Full).await.unwrap().is_empty());
    assert!(fixture.store.unreadable(EVERYBODY, &ids).await.unwrap().is_empty(), "gone is not unreadable");
}

async fn soft_deleted_domains_do_not_exist(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "deleted_at = '2026-11-01 00:00:00'");
    let (ids, names) = ([DomainId(1)], ["one.example".to_owned()]);
    let refs = [DomainRef::from(1), DomainRef::parse("one.example").unwrap()];
    let store = &fixture.store;
    assert!(store.load(EVERYBODY, &ids, Detail::Full).await.unwrap().is_empty(), "S1.2");
    assert!(store.load_by_name(EVERYBODY, &names, Detail::Full).await.unwrap().is_empty(), "S1.2");
    assert_eq!(store.resolve(EVERYBODY, &refs).await.unwrap(), [None, None], "S1.2");
}

async fn another_partners_domain_is_not_found(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    fixture.domain(2, "two.example", "partner_id = 2");
    let ids = [DomainId(1), DomainId(2)];
    let names = ["one.example".to_owned(), "two.example".to_owned()];
    let refs = [DomainRef::from(1), DomainRef::from(2), DomainRef::parse("two.example").unwrap()];
    let store = &fixture.store;
    for (scope, wanted) in [(EVERYBODY, vec![1, 2]), (partner(1), vec![1]), (partner(2), vec![2]), (partner(3), vec![])]
    {
        for detail in [Detail::Columns, Detail::Full] {
            let by_id = store.load(scope, &ids, detail).await.unwrap();
            let by_name = store.load_by_name(scope, &names, detail).await.unwrap();
            for found in [by_id, by_name] {
                let mut found: Vec<_> = found.iter().map(|domain| domain.id.0).collect();
                found.sort_unstable();
                assert_eq!(found, wanted, "S1.6");
            }
        }
        let there = |id: i64| wanted.contains(&id).then_some(DomainId(id));
        let resolved = store.resolve(scope, &refs).await.unwrap();
        assert_eq!(resolved, [there(1), there(2), there(2)], "S1.6");
    }
}

async fn references_are_resolved_in_order_and_by_either_spelling(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    fixture.domain(2, "bücher.example", "");
    fixture.domain(3, "xn--bcher-kva.test", "");
    let name = |text| DomainRef::Name(DomainName::parse(text).unwrap());
    let refs = [
        name("BÜCHER.example."),
        DomainRef::from(99),
        name("bücher.test"),
        name("none.example"),
        DomainRef::from(1),
        name("one.example"),
    ];
    let resolved = fixture.store.resolve(EVERYBODY, &refs).await.unwrap();
    let wanted = [Some(2), None, Some(3), None, Some(1), Some(1)];
    assert_eq!(resolved, wanted.map(|id| id.map(DomainId)));
    assert!(fixture.store.resolve(EVERYBODY, &[]).await.unwrap().is_empty());
}

async fn a_status_that_nobody_knows_concerns_its_own_domain_only(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.domain(1, "one.example", "");
    fixture.domain(2, "two.example", "");
    fixture.unknown_status(2);
    let ids = [DomainId(1), DomainId(2), DomainId(3)];
    let found = fixture.store.load(EVERYBODY, &ids, Detail::Full).await.unwrap();
    assert_eq!(found.iter().map(|domain| domain.id.0).collect::<Vec<_>>(), [1], "S2.3");
    let unreadable = fixture.store.unreadable(EVERYBODY, &ids).await.unwrap();
    assert_eq!(unreadable.len(), 1);
    assert_eq!((unreadable[0].id, unreadable[0].name.as_str()), (DomainId(2), "two.example"));
    assert_eq!(unreadable[0].error.to_string(), "`parked` is no status of a domain");
    assert!(fixture.store.unreadable(partner(2), &ids).await.unwrap().is_empty(), "S1.6");
}

async fn datetimes_are_the_wall_clock_of_the_applications_zone(engine: Engine) {
    let fixture = Fixture::with(engine, DatabaseOptions::default(), Tz::Asia__Dhaka).await;
    fixture.domain(1, "one.example", "last_synced_at = '2026-11-23 05:00:00'");
    let domain = fixture.load(1, Detail::Columns).await;
    assert_eq!(domain.expires_at, Some(at("2027-06-01T01:00:00Z")), "S3.8: 07:00 in Dhaka");
    assert_eq!(domain.last_synced_at, Some(at("2026-11-22T23:00:00Z")));
}

async fn the_prefix_stands_before_every_table(engine: Engine) {
    let options = DatabaseOptions { prefix: "dd_".to_owned(), ..DatabaseOptions::default() };
    let fixture = Fixture::with(engine, options, Tz::UTC).await;
    fixture.domain(1, "one.example", "");
    fixture.nameservers(1, &["ns1.net.example"]);
    fixture.contact(1, 1, "billing");
    let domain = fixture.load(1, Detail::Full).await;
    assert_eq!((domain.nameservers.len(), domain.contacts.len()), (1, 1));
}

async fn a_registrar_is_found_by_id_and_by_slug(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for key in [RegistrarRef::from(1), RegistrarRef::from("resellerclub")] {
        let registrar = fixture.store.registrar(&key).await.unwrap().unwrap();
        assert_eq!(
            (registrar.id, registrar.name.as_str(), registrar.slug.as_str()),
            (RegistrarId(1), "ResellerClub", "resellerclub")
        );
        assert!(registrar.is_active);
        assert_eq!(registrar.last_sync_at, None);
        let credentials = registrar.credentials.as_ref().unwrap();
        assert_eq!(credentials.expose_secret(), "eyJpdiI6", "as stored");
        assert!(!format!("{registrar:?}").contains("eyJpdiI6"), "S6.9");
    }
    let second = fixture.store.registrar(&RegistrarRef::from(2)).await.unwrap().unwrap();
    assert!(second.credentials.is_none() && !second.is_active);
    assert_eq!(second.last_sync_at, Some(at("2026-11-22T01:02:03Z")));
    assert!(fixture.store.registrar(&RegistrarRef::from("none")).await.unwrap().is_none());
    assert!(fixture.store.registrar(&RegistrarRef::from(3)).await.unwrap().is_none());
}

on_every_engine!(
    a_domain_is_loaded_whole_as_the_application_wrote_it,
    reading_costs_statements_by_the_chunk_and_not_by_the_domain,
    what_is_not_there_is_left_out_and_what_is_asked_twice_comes_once,
    soft_deleted_domains_do_not_exist,
    another_partners_domain_is_not_found,
    references_are_resolved_in_order_and_by_either_spelling,
    a_status_that_nobody_knows_concerns_its_own_domain_only,
    datetimes_are_the_wall_clock_of_the_applications_zone,
    the_prefix_stands_before_every_table,
    a_registrar_is_found_by_id_and_by_slug,
);
