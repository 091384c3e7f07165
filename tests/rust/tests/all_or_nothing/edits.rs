//! The application edits a domain while its registrar is being asked (S2.4).

use std::sync::Arc;

use domaindesk_support::{Engine, Session};
use domaindesk_sync::report::DomainResult;
use domaindesk_sync::{DomainRef, Selection, SyncOptions};
use domaindesk_tests::{Desk, House};
use serde_json::{Value, json};

on_every_engine!(
    an_edit_of_a_domain_in_a_batch_is_seen_before_anything_is_written,
    an_edit_at_every_look_leaves_a_domain_in_a_batch_to_the_application,
    an_edit_of_a_single_domain_is_seen_before_anything_is_written,
    an_edit_at_every_look_leaves_a_single_domain_to_the_application,
    an_edit_of_a_status_is_seen_by_a_status_only_batch,
);

const SKIPPED: &str = "Changed locally during sync";

/// What the application does to a domain. The sync finds each field of it differing from the registrar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Status,
    Expiry,
    Registrar,
    NoRegistrar,
    Nameservers,
    Contact,
    Metadata,
    SoftDelete,
    Delete,
    /// Of nothing that a sync reads.
    AutoRenew,
}

impl Edit {
    const ALL: [Self; 10] = [
        Self::Status,
        Self::Expiry,
        Self::Registrar,
        Self::NoRegistrar,
        Self::Nameservers,
        Self::Contact,
        Self::Metadata,
        Self::SoftDelete,
        Self::Delete,
        Self::AutoRenew,
    ];

    /// Another value each time.
    fn sql(self, id: i64, time: u32, other_registrar: i64) -> String {
        let set = |what: String| format!("UPDATE domains SET {what} WHERE id = {id}");
        match self {
            Self::Status => set(format!("status = '{}'", ["expired", "redemption"][time as usize % 2])),
            Self::Expiry => set(format!("expires_at = '2030-01-0{time} 07:00:00'")),
            Self::Registrar => set(format!("registrar_id = {other_registrar}")),
            Self::NoRegistrar => set("registrar_id = NULL".to_owned()),
            Self::Nameservers => format!(
                "UPDATE domain_nameservers SET nameserver = 'edit{time}.example.org' \
                 WHERE domain_id = {id} AND nameserver NOT LIKE '%kept%'"
            ),
            Self::Contact => {
                format!(
                    "UPDATE domain_contacts SET city = 'Edit {time}' WHERE type = 'registrant' AND domain_id = {id}"
                )
            }
            Self::Metadata => set(format!("sync_metadata = '{{\"theirs\":{time}}}'")),
            Self::SoftDelete => set("deleted_at = '2026-11-23 00:00:00'".to_owned()),
            Self::Delete => format!("DELETE FROM domains WHERE id = {id}"),
            Self::AutoRenew => set(format!("auto_renew = '{}'", time % 2)),
        }
    }

    /// Whether a second look finds nothing that this registrar may write.
    fn takes_it_away(self) -> bool {
        matches!(self, Self::Registrar | Self::NoRegistrar | Self::SoftDelete | Self::Delete)
    }
}

/// A house in which every field of some domains differs, and the application edits each of them in its own way.
struct Scene {
    house: House,
    /// Their names and ids, in the order of [`Edit::ALL`].
    domains: Vec<(String, i64)>,
    desk: Arc<Desk>,
}

impl Scene {
    /// `most`: how often the application edits a domain.
    fn on(engine: Engine, most: u32) -> Self {
        let house = House::on(engine, 60, |options| options.registrars.push("logicboxes".to_owned()));
        let db = &house.database;
        db.execute(&format!("UPDATE domains SET registrar_id = {}", house.seeded.registrars[0]));
        let names = house.actives(Edit::ALL.len());
        let domains: Vec<_> = names.into_iter().map(|name| (name.clone(), house.id(&name))).collect();
        let order = db.quote("order");
        for (_, id) in &domains {
            db.execute(&format!(
                "UPDATE domains SET status = 'suspended', expires_at = '2025-05-05 00:00:00' WHERE id = {id}; \
                 DELETE FROM domain_nameservers WHERE domain_id = {id}; \
                 INSERT INTO domain_nameservers (domain_id, nameserver, {order}) \
                 VALUES ({id}, 'old.example.org', 1), ({id}, 'kept.example.org', 2); \
                 UPDATE domain_contacts SET city = 'Old' WHERE domain_id = {id}"
            ));
        }
        let mut application = Session::open(db);
        let edited: Vec<_> = domains.iter().cloned().zip(Edit::ALL).collect();
        let other = house.seeded.registrars[1];
        let desk = Desk::of(&house, move |name, time| {
            let found = edited.iter().find(|((edited, _), _)| edited == name);
            if let Some(((_, id), edit)) = found
                && time <= most
            {
                application.execute(&edit.sql(*id, time, other));
            }
        });
        Self { house, domains, desk }
    }

    /// Syncs all in one batch; results in the order of [`Edit::ALL`].
    async fn batch(&self) -> Vec<DomainResult> {
        let sync = self.house.connect_to(&self.desk, &self.house.hands()).await;
        let ids = self.domains.iter().map(|(_, id)| DomainRef::from(*id)).collect();
        let report = sync.sync_domains(Selection::Domains(ids), SyncOptions::default(), |_| ()).await.unwrap();
        let result = |name: &String| report.results.iter().find(|result| result.domain == *name).unwrap().clone();
        self.domains.iter().map(|(name, _)| result(name)).collect()
    }

    /// Syncs each by itself; `None` where that is no result but an error.
    async fn singles(&self) -> Vec<Option<DomainResult>> {
        let sync = self.house.connect_to(&self.desk, &self.house.hands()).await;
        let mut results = Vec::new();
        for (_, id) in &self.domains {
            results.push(sync.sync_domain(*id, &SyncOptions::default()).await.ok());
        }
        results
    }

    /// The fields that a sync may write, `None` where the domain is gone.
    fn fields(&self, id: i64) -> Option<Value> {
        let db = &self.house.database;
        let columns = "status, expires_at, registrar_id, deleted_at, last_synced_at, sync_metadata";
        let row = db.query(&format!("SELECT {columns} FROM domains WHERE id = {id}")).pop()?;
        let children = |sql: &str| -> Vec<Value> { db.query(sql).into_iter().flatten().collect() };
        let order = db.quote("order");
        Some(json!({
            "status": row[0], "expires_at": row[1], "registrar_id": row[2], "deleted_at": row[3], "synced": row[4],
            "metadata": row[5],
            "nameservers": children(&format!(
                "SELECT nameserver FROM domain_nameservers WHERE domain_id = {id} ORDER BY {order}"
            )),
            "cities": children(&format!("SELECT DISTINCT city FROM domain_contacts WHERE domain_id = {id} ORDER BY city")),
        }))
    }

    fn audits(&self, id: i64) -> Vec<Value> {
        let sql = format!("SELECT old_values FROM audit_logs WHERE auditable_id = {id} ORDER BY id");
        let rows = self.house.database.query(&sql);
        rows.iter().map(|row| serde_json::from_str(row[0].as_str().unwrap()).unwrap()).collect()
    }

    /// As the domain was, but for the `time`th edit; a lease that was given back leaves no trace.
    fn only_edited(&self, edit: Edit, id: i64, time: u32) {
        let mut expected = json!({
            "status": "suspended", "expires_at": "2025-05-05 00:00:00", "registrar_id": self.house.seeded.registrars[0],
            "deleted_at": null, "synced": null, "metadata": null,
            "nameservers": ["old.example.org", "kept.example.org"], "cities": ["Old"],
        });
        match edit {
            Edit::Status => expected["status"] = json!(["expired", "redemption"][time as usize % 2]),
            Edit::Expiry => expected["expires_at"] = json!(format!("2030-01-0{time} 07:00:00")),
            Edit::Registrar => expected["registrar_id"] = json!(self.house.seeded.registrars[1]),
            Edit::NoRegistrar => expected["registrar_id"] = Value::Null,
            Edit::Nameservers => expected["nameservers"][0] = json!(format!("edit{time}.example.org")),
            Edit::Contact => expected["cities"] = json!([format!("Edit {time}"), "Old"]),
            Edit::Metadata => expected["metadata"] = json!(format!("{{\"theirs\":{time}}}")),
            Edit::SoftDelete => expected["deleted_at"] = json!("2026-11-23 00:00:00"),
            Edit::Delete | Edit::AutoRenew => {}
        }
        let mut found = self.fields(id);
        if let Some(found) = &mut found
            && edit == Edit::SoftDelete
        {
            // What is deleted does not exist for the library, its lease neither (S1.2).
            found["metadata"] = Value::Null;
        }
        assert_eq!(found, (edit != Edit::Delete).then_some(expected), "S2.4 {edit:?}");
        assert_eq!(self.audits(id), Vec::<Value>::new(), "S2.4 {edit:?}: nothing was written");
    }

    /// In step with the registrar; the audit rows tell what stood there until then, the edit included.
    fn in_step(&self, edit: Edit, name: &str, id: i64) {
        let fields = self.fields(id).unwrap();
        let hosts = self.house.simulator.with_world(|world| world.by_name(name).unwrap().nameservers);
        assert_eq!((&fields["status"], &fields["nameservers"]), (&json!("active"), &json!(hosts)), "S2.1 {edit:?}");
        let audits = self.audits(id);
        let old = |field: &str| audits.iter().find_map(|old| old.get(field)).unwrap_or_else(|| panic!("{audits:?}"));
        let edited = |which: Edit, then: Value, else_: Value| if edit == which { then } else { else_ };
        assert_eq!(*old("status"), edited(Edit::Status, json!("redemption"), json!("suspended")), "S2.4 {edit:?}");
        assert_eq!(*old("expires_at"), edited(Edit::Expiry, json!("2030-01-01"), json!("2025-05-05")), "S2.4 {edit:?}");
        let host = edited(Edit::Nameservers, json!("edit1.example.org"), json!("old.example.org"));
        assert!(old("nameservers").as_array().unwrap().contains(&host), "S2.4 {edit:?} {audits:?}");
        let city = edited(Edit::Contact, json!("Edit 1"), json!("Old"));
        assert_eq!(old("contacts.registrant")["city"], city, "S2.4 {edit:?}");
        let metadata: Value = serde_json::from_str(fields["metadata"].as_str().unwrap()).unwrap();
        let theirs = metadata.get("theirs").cloned().unwrap_or_default();
        assert_eq!(theirs, edited(Edit::Metadata, json!(1), Value::Null), "S4.2 {edit:?}");
    }
}

async fn an_edit_of_a_domain_in_a_batch_is_seen_before_anything_is_written(engine: Engine) {
    let scene = Scene::on(engine, 1);
    let results = scene.batch().await;
    for ((edit, (name, id)), result) in Edit::ALL.into_iter().zip(&scene.domains).zip(results) {
        if edit.takes_it_away() {
            assert_eq!(result.reason.as_deref(), Some(SKIPPED), "S2.4 {edit:?} {result:?}");
            scene.only_edited(edit, *id, 1);
        } else {
            assert!(result.success && result.is_changed(), "S2.4: fetched again {edit:?} {result:?}");
            scene.in_step(edit, name, *id);
        }
    }
}

async fn an_edit_at_every_look_leaves_a_domain_in_a_batch_to_the_application(engine: Engine) {
    let scene = Scene::on(engine, u32::MAX);
    let results = scene.batch().await;
    for ((edit, (name, id)), result) in Edit::ALL.into_iter().zip(&scene.domains).zip(results) {
        if edit == Edit::AutoRenew {
            assert!(result.success && result.is_changed(), "S2.4: nothing that was read {result:?}");
            scene.in_step(edit, name, *id);
        } else {
            assert_eq!(result.reason.as_deref(), Some(SKIPPED), "S2.4 {edit:?} {result:?}");
            scene.only_edited(edit, *id, if edit.takes_it_away() { 1 } else { 2 });
        }
    }
}

async fn an_edit_of_a_single_domain_is_seen_before_anything_is_written(engine: Engine) {
    let scene = Scene::on(engine, 1);
    let results = scene.singles().await;
    for ((edit, (name, id)), result) in Edit::ALL.into_iter().zip(&scene.domains).zip(results) {
        match edit {
            // What is not there any more is not found, and what has no registrar has nobody to ask.
            Edit::SoftDelete | Edit::Delete | Edit::NoRegistrar => {
                assert!(result.is_none_or(|result| result.skipped), "S2.4 {edit:?}");
                scene.only_edited(edit, *id, 1);
            }
            // The other registrar is asked: here the same company.
            _ => {
                let result = result.unwrap();
                assert!(result.success && result.is_changed(), "S2.4 {edit:?} {result:?}");
                scene.in_step(edit, name, *id);
            }
        }
    }
}

async fn an_edit_at_every_look_leaves_a_single_domain_to_the_application(engine: Engine) {
    let scene = Scene::on(engine, u32::MAX);
    let results = scene.singles().await;
    for ((edit, (_, id)), result) in Edit::ALL.into_iter().zip(&scene.domains).zip(results) {
        match edit {
            Edit::Status | Edit::Expiry | Edit::Nameservers | Edit::Contact | Edit::Metadata => {
                assert_eq!(result.unwrap().reason.as_deref(), Some(SKIPPED), "S2.4 {edit:?}");
                scene.only_edited(edit, *id, 2);
            }
            _ => {}
        }
    }
}

async fn an_edit_of_a_status_is_seen_by_a_status_only_batch(engine: Engine) {
    // The first edit is made with its row of the list, the second while its details are asked for, the third once more.
    for (most, reason) in [(2, None), (u32::MAX, Some(SKIPPED))] {
        let scene = Scene::on(engine, most);
        let sync = scene.house.connect_to(&scene.desk, &scene.house.hands()).await;
        let report = sync.sync_domain_statuses(scene.house.all(), SyncOptions::default(), |_| ()).await.unwrap();
        let (name, id) = &scene.domains[0];
        let result = report.results.iter().find(|result| result.domain == *name).unwrap();
        assert_eq!(result.reason.as_deref(), reason, "S2.4 {result:?}");
        if reason.is_some() {
            scene.only_edited(Edit::Status, *id, 3);
        } else {
            assert_eq!(scene.house.column(name, "status"), "active", "S2.1");
            assert_eq!(scene.audits(*id), [json!({"status": "expired"})], "S2.4");
        }
    }
}
