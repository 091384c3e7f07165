//! The statements in SQLite's dialect.
//!
//! `json_each` unfolds a parameter, `json_group_array` folds the answer into one text. `CAST … AS TEXT` stands wherever
//! a value is JSON text, since SQLite's columns may hold blobs and numbers and a blob would fail the whole statement.

use crate::model::ContactField;
use crate::store::sql::{ByDetail, Dialect, Extras, Near, NearClass, Scoped, Statements};

/// The columns of [`DomainRow`](crate::store::sql), without nameservers and contacts.
const DOMAIN: &str = "d.id, CAST(d.name AS TEXT), d.partner_id, d.registrar_id, CAST(d.status AS TEXT), \
     CAST(d.expires_at AS TEXT), CAST(d.last_synced_at AS TEXT), CAST(d.sync_metadata AS TEXT)";

/// What makes a domain visible.
const VISIBLE: &str = "d.deleted_at IS NULL AND (:partner IS NULL OR d.partner_id = :partner)";

/// Whether a domain waits for its next attempt (S1.5). The first test spares nearly all rows the JSON; a time that
/// SQLite cannot read holds nothing back.
const WAITS: &str = "CASE WHEN instr(d.sync_metadata, '\"next_attempt_at\"') > 0 AND json_valid(d.sync_metadata) \
     THEN ifnull(datetime(json_extract(d.sync_metadata, '$.next_attempt_at')) > :instant, 0) ELSE 0 END";

/// Whether another call holds a domain (S7.5). Of texts that have one shape, the later instant is the greater.
const HELD: &str = "CASE WHEN instr(d.sync_metadata, '\"lease\"') > 0 AND json_valid(d.sync_metadata) \
     THEN ifnull(json_extract(d.sync_metadata, '$.lease.until') > :moment, 0) ELSE 0 END";

/// Whether a person is asked to look at a domain (S6.4).
const REVIEW: &str = "CASE WHEN instr(d.sync_metadata, '\"needs_review\"') > 0 AND json_valid(d.sync_metadata) \
     THEN ifnull(json_extract(d.sync_metadata, '$.needs_review') = 1, 0) ELSE 0 END";

/// The statuses of classes 1 to 4 and of class 5 (S1.3).
const WATCHED: &str = "('active', 'grace_period', 'redemption')";
const HEALING: &str = "('expired', 'suspended')";

/// What is true of a due domain, apart from its status and the age of its sync.
const CANDIDATE: &str = "d.registrar_id IS NOT NULL AND d.deleted_at IS NULL";

const SYNCED_BEFORE: &str = "(d.last_synced_at IS NULL OR d.last_synced_at <= :synced_before)";
const HEALED_BEFORE: &str = "(d.last_synced_at IS NULL OR d.last_synced_at <= :healed_before)";

/// All statements for a database with this prefix.
pub(super) fn statements(dialect: &Dialect, extras: Extras) -> Statements {
    let sql = |text: &str| dialect.sql(text);
    let registrar = |condition: &str| {
        sql(&format!(
            "SELECT json_group_array(json_array(id, CAST(name AS TEXT), CAST(slug AS TEXT), CAST(api_class AS TEXT), CAST(credentials AS TEXT), \
             is_active, CAST(last_sync_at AS TEXT))) FROM {{registrars}} WHERE {condition} = :key"
        ))
    };
    Statements {
        find_by_id: sql(&find("d.id")),
        find_by_name: sql(&find("d.name")),
        load_by_id: load(dialect, "d.id"),
        load_by_name: load(dialect, "d.name"),
        // The transaction has the only write lock there is.
        lock: None,
        due: due(dialect, extras),
        near: extras.synced_index.filter(|index| index.is_total).map(|_| near(dialect)),
        expiring: expiring(dialect),
        review: review(dialect),
        changed: changed(dialect),
        by_registrar: by_registrar(dialect),
        stats: stats(dialect),
        update_bookkeeping: sql(&update_domains("")),
        update_domains: sql(&update_domains(
            ", status = coalesce(json_extract(w.value, '$[4]'), d.status), \
             expires_at = coalesce(json_extract(w.value, '$[5]'), d.expires_at)",
        )),
        swap_metadata: sql(
            "UPDATE {domains} AS d SET sync_metadata = json_extract(w.value, '$[2]') FROM json_each(:rows) AS w \
             WHERE d.id = json_extract(w.value, '$[0]') \
             AND CAST(d.sync_metadata AS TEXT) IS json_extract(w.value, '$[1]') AND d.deleted_at IS NULL",
        ),
        delete_nameservers: sql(
            "DELETE FROM {domain_nameservers} WHERE domain_id IN (SELECT value FROM json_each(:keys))",
        ),
        insert_nameservers: sql(
            "INSERT INTO {domain_nameservers} (domain_id, \"order\", nameserver, created_at, updated_at) \
             SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), :now, :now \
             FROM json_each(:rows)",
        ),
        update_contacts: sql(&update_contacts()),
        insert_contacts: sql(&insert_contacts()),
        insert_audits: sql(&insert_audits(extras)),
        registrar_by_id: registrar("id"),
        registrar_by_slug: registrar("slug"),
        tlds: sql("SELECT json_group_array(json_array(id, CAST(extension AS TEXT), min_years, max_years)) FROM \
             (SELECT id, extension, min_years, max_years FROM {tlds} WHERE registrar_id = :registrar AND is_active ORDER BY id)"),
        prices: sql(
            "SELECT json_group_array(json_array(tld_id, CAST(action AS TEXT), years, CAST(price AS TEXT), CAST(effective_date AS TEXT))) \
             FROM (SELECT p.tld_id, p.action, p.years, p.price, p.effective_date, row_number() OVER \
             (PARTITION BY p.tld_id, p.action, p.years ORDER BY substr(p.effective_date, 1, 10) DESC, p.id DESC) AS place \
             FROM {tld_prices} AS p JOIN {tlds} AS t ON t.id = p.tld_id \
             WHERE t.registrar_id = :registrar AND t.is_active AND substr(p.effective_date, 1, 10) <= :today) WHERE place = 1",
        ),
        prices_of_day: sql(
            "SELECT json_group_array(json_array(t.id, CAST(p.action AS TEXT), p.years, p.id)) FROM {tlds} AS t \
             LEFT JOIN {tld_prices} AS p ON p.tld_id = t.id AND substr(p.effective_date, 1, 10) = :today \
             WHERE t.registrar_id = :registrar",
        ),
        update_prices: sql("UPDATE {tld_prices} AS p SET price = json_extract(w.value, '$[1]'), updated_at = :now \
             FROM json_each(:rows) AS w WHERE p.id = json_extract(w.value, '$[0]')"),
        insert_prices: sql(
            "INSERT INTO {tld_prices} (tld_id, action, years, price, effective_date, created_at, updated_at) \
             SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), \
             json_extract(value, '$[3]'), :today || ' 00:00:00', :now, :now FROM json_each(:rows)",
        ),
        touch_registrar: sql("UPDATE {registrars} SET last_sync_at = :now, updated_at = :now WHERE id = :registrar"),
    }
}

fn find(key: &str) -> String {
    format!(
        "SELECT json_group_array(json_array(d.id, CAST(d.name AS TEXT))) FROM {{domains}} AS d \
         WHERE {key} IN (SELECT value FROM json_each(:keys)) AND {VISIBLE}"
    )
}

fn load(dialect: &Dialect, key: &str) -> ByDetail {
    let contact: String =
        ContactField::ALL.iter().map(|field| format!(", CAST(c.{} AS TEXT)", field.column())).collect();
    // A subquery for each domain measures the same as one more statement for all of them, and all tables are read at
    // one moment.
    let children = format!(
        ", (SELECT json_group_array(json_array(n.\"order\", CAST(n.nameserver AS TEXT))) FROM {{domain_nameservers}} AS n \
         WHERE n.domain_id = d.id), \
         (SELECT json_group_array(json_array(c.id, CAST(c.type AS TEXT){contact})) FROM {{domain_contacts}} AS c \
         WHERE c.domain_id = d.id)"
    );
    let select = |children: &str| {
        dialect.sql(&format!(
            "SELECT json_group_array(json_array({DOMAIN}{children})) FROM {{domains}} AS d \
             WHERE {key} IN (SELECT value FROM json_each(:keys)) AND {VISIBLE}"
        ))
    };
    ByDetail { columns: select(""), full: select(&children) }
}

/// Ids in the order of a subquery that has a LIMIT, and so is carried out as it stands.
fn ids(subquery: &str) -> String {
    format!("SELECT json_group_array(id) FROM ({subquery})")
}

/// The same with and without a partner. `+status` keeps SQLite from the index on the status, which most domains share,
/// where one on the expiry finds fewer; with a partner the index on partner and status is the best.
fn scoped(dialect: &Dialect, text: impl Fn(&str, &str) -> String) -> Scoped {
    Scoped {
        all: dialect.sql(&text("+d.status", "")),
        partner: dialect.sql(&text("d.status", "d.partner_id = :partner AND ")),
    }
}

/// The classes of S1.3. Without an index on `last_synced_at` each looks at all domains of its statuses or expiries; with
/// one, classes 3 and 4 read it from its start and stop at the limit, and so do 1 and 2 for the first part ([`near`]).
fn due(dialect: &Dialect, extras: Extras) -> Vec<Scoped> {
    let class = |by_status: bool, statuses: &str, synced: &str, condition: &str| {
        scoped(dialect, |status, partner| {
            let status = if by_status { "d.status" } else { status };
            ids(&format!(
                "SELECT d.id FROM {{domains}} AS d WHERE {partner}{status} IN {statuses} AND {CANDIDATE} AND {synced} \
                 {condition} AND NOT ({WAITS} OR {HELD}) ORDER BY d.last_synced_at, d.id LIMIT :limit"
            ))
        })
    };
    // `+` keeps SQLite from going through all later expiries by their index.
    let rest = "AND (+d.expires_at IS NULL OR +d.expires_at > :later)";
    let mut classes = vec![
        class(false, WATCHED, SYNCED_BEFORE, "AND d.expires_at <= :soon"),
        class(false, WATCHED, SYNCED_BEFORE, "AND d.expires_at > :soon AND d.expires_at <= :later"),
    ];
    if extras.synced_index.is_some() {
        classes.push(class(false, WATCHED, "d.last_synced_at IS NULL", rest));
        classes.push(class(false, WATCHED, "d.last_synced_at <= :synced_before", rest));
    } else {
        // NULL sorts first, so this is class 3 and then class 4, from one look at the domains.
        classes.push(class(true, WATCHED, SYNCED_BEFORE, rest));
    }
    classes.push(class(true, HEALING, HEALED_BEFORE, ""));
    classes
}

/// Classes 1 and 2 by the index on `last_synced_at`: `+` keeps SQLite from all others.
fn near(dialect: &Dialect) -> Near {
    let class = |expiry: &str| {
        let ids = |synced: &str, order: &str| {
            dialect.sql(&ids(&format!(
                "SELECT d.id FROM {{domains}} AS d WHERE {synced} AND +d.status IN {WATCHED} AND {CANDIDATE} \
                 AND {expiry} AND NOT ({WAITS} OR {HELD}) ORDER BY {order} LIMIT :limit"
            )))
        };
        NearClass {
            never: ids("d.last_synced_at IS NULL AND d.id <= :never_until", "d.id"),
            synced: ids("d.last_synced_at <= :synced_until", "d.last_synced_at, d.id"),
        }
    };
    Near {
        never_until: dialect.sql(
            "SELECT json_group_array(id) FROM (SELECT d.id FROM {domains} AS d WHERE d.last_synced_at IS NULL \
             ORDER BY d.id LIMIT 1 OFFSET :near)",
        ),
        synced_until: dialect.sql(
            "SELECT json_group_array(until) FROM (SELECT CAST(d.last_synced_at AS TEXT) AS until FROM {domains} AS d \
             WHERE d.last_synced_at <= :synced_before ORDER BY d.last_synced_at LIMIT 1 OFFSET :near)",
        ),
        classes: vec![class("+d.expires_at <= :soon"), class("+d.expires_at > :soon AND +d.expires_at <= :later")],
    }
}

fn expiring(dialect: &Dialect) -> Scoped {
    scoped(dialect, |status, partner| {
        ids(&format!(
            "SELECT d.id FROM {{domains}} AS d WHERE {partner}{status} = 'active' AND {CANDIDATE} \
             AND d.expires_at >= :from AND d.expires_at <= :until ORDER BY d.expires_at, d.id LIMIT -1"
        ))
    })
}

fn review(dialect: &Dialect) -> Scoped {
    scoped(dialect, |_, partner| {
        ids(&format!(
            "SELECT d.id FROM {{domains}} AS d WHERE {partner}d.deleted_at IS NULL AND {REVIEW} ORDER BY d.id LIMIT :limit"
        ))
    })
}

fn changed(dialect: &Dialect) -> Scoped {
    scoped(dialect, |_, partner| {
        ids(&format!(
            "SELECT DISTINCT d.auditable_id AS id FROM (SELECT * FROM {{audit_logs}} ORDER BY id DESC LIMIT :limit) AS d \
             WHERE {partner}d.action = 'sync_update' AND d.created_at >= :since"
        ))
    })
}

fn by_registrar(dialect: &Dialect) -> Scoped {
    scoped(dialect, |_, partner| {
        format!(
            "SELECT json_group_array(json_array(registrar_id, watched)) FROM (SELECT d.registrar_id, count(*) AS watched \
             FROM {{domains}} AS d WHERE {partner}d.status IN {WATCHED} AND {CANDIDATE} \
             GROUP BY d.registrar_id)"
        )
    })
}

fn stats(dialect: &Dialect) -> Scoped {
    let key = |key: &str, test: &str| {
        format!(
            "sum(CASE WHEN instr(d.sync_metadata, '\"{key}\"') > 0 AND json_valid(d.sync_metadata) \
             THEN {test} ELSE 0 END)"
        )
    };
    let failed = key("last_sync_error", "json_extract(d.sync_metadata, '$.last_sync_error') IS NOT NULL");
    scoped(dialect, |_, partner| {
        format!(
            "SELECT json_group_array(json_array(status, total, with_registrar, never, recent, due, expiring, failed, review, latest)) \
             FROM (SELECT CAST(d.status AS TEXT) AS status, count(*) AS total, count(d.registrar_id) AS with_registrar, \
             sum(d.registrar_id IS NOT NULL AND d.last_synced_at IS NULL) AS never, \
             sum(ifnull(d.last_synced_at > :synced_before, 0)) AS recent, \
             sum(CASE WHEN {CANDIDATE} AND (d.status IN {WATCHED} AND {SYNCED_BEFORE} OR d.status IN {HEALING} AND {HEALED_BEFORE}) \
             THEN NOT {WAITS} ELSE 0 END) AS due, \
             sum(d.status = 'active' AND ifnull(d.expires_at >= :now AND d.expires_at <= :soon, 0)) AS expiring, \
             {failed} AS failed, sum({REVIEW}) AS review, CAST(max(d.last_synced_at) AS TEXT) AS latest \
             FROM {{domains}} AS d WHERE {partner}d.deleted_at IS NULL GROUP BY d.status)"
        )
    })
}

/// The bookkeeping of domains, and what else is set.
fn update_domains(more: &str) -> String {
    format!(
        "UPDATE {{domains}} AS d SET sync_metadata = json_extract(w.value, '$[2]'), \
         last_synced_at = coalesce(json_extract(w.value, '$[3]'), d.last_synced_at), \
         updated_at = :now{more} FROM json_each(:rows) AS w WHERE d.id = json_extract(w.value, '$[0]') \
         AND d.partner_id = json_extract(w.value, '$[1]') AND d.deleted_at IS NULL"
    )
}

fn update_contacts() -> String {
    let set: String = ContactField::ALL
        .iter()
        .map(|field| {
            let column = field.column();
            let value = format!("json_extract(w.value, '$[2][{}]')", *field as usize);
            if field.is_required() {
                format!("{column} = coalesce({value}, c.{column}), ")
            } else {
                format!("{column} = CASE WHEN {value} IS NULL THEN c.{column} ELSE nullif({value}, '') END, ")
            }
        })
        .collect();
    format!(
        "UPDATE {{domain_contacts}} AS c SET {set}updated_at = :now FROM json_each(:rows) AS w \
         WHERE c.id = json_extract(w.value, '$[0]') AND c.domain_id = json_extract(w.value, '$[1]')"
    )
}

fn insert_contacts() -> String {
    let columns: String = ContactField::ALL.iter().map(|field| format!("{}, ", field.column())).collect();
    let values: String =
        ContactField::ALL.iter().map(|field| format!("json_extract(value, '$[2][{}]'), ", *field as usize)).collect();
    format!(
        "INSERT INTO {{domain_contacts}} (domain_id, type, {columns}created_at, updated_at) \
         SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), {values}:now, :now FROM json_each(:rows)"
    )
}

fn insert_audits(extras: Extras) -> String {
    let (column, value) = if extras.audit_source { (", source", ", :source") } else { ("", "") };
    format!(
        "INSERT INTO {{audit_logs}} (user_id, partner_id, action, auditable_type, auditable_id, old_values, new_values, \
         created_at, updated_at{column}) SELECT :user, json_extract(value, '$[1]'), 'sync_update', 'App\\Models\\Domain', \
         json_extract(value, '$[0]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'), :now, :now{value} \
         FROM json_each(:rows)"
    )
}
