//! The statements in PostgreSQL's dialect.
//!
//! `json_array_elements` unfolds a parameter, `json_agg` folds the answer into one text. Parameters are texts and numbers
//! without a type of their own, so a cast stands wherever they meet a column.

use crate::model::ContactField;
use crate::store::sql::{ByDetail, Dialect, Extras, Near, NearClass, Scoped, Statements};

/// What makes a domain visible.
const VISIBLE: &str = "d.deleted_at IS NULL AND (:partner::bigint IS NULL OR d.partner_id = :partner::bigint)";

/// Whether a domain waits for its next attempt (S1.5). The first test spares nearly all rows the JSON, and the second
/// those whose JSON PostgreSQL cannot turn into text. A time that makes no sense holds nothing back, so it is put together
/// from its digits: a cast would fail for the whole statement.
const WAITS: &str = "CASE WHEN position('\"next_attempt_at\"' IN d.sync_metadata::text) > 0 \
     AND position('\\u0000' IN d.sync_metadata::text) = 0 THEN (SELECT CASE WHEN v ~ \
     '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|[+-][01][0-9]:[0-5][0-9])?$' \
     THEN \
     (left(v, 7) || '-01')::timestamp + make_interval(days => substr(v, 9, 2)::int - 1, hours => substr(v, 12, 2)::int, \
     mins => substr(v, 15, 2)::int, secs => substr(v, 18, 2)::int) \
     - CASE WHEN v ~ '[+-][0-9]{2}:[0-9]{2}$' THEN right(v, 6)::interval ELSE interval '0' END \
     > :instant::timestamp ELSE false END \
     FROM (SELECT coalesce(d.sync_metadata::json ->> 'next_attempt_at', '') AS v) AS m) ELSE false END";

/// Whether another call holds a domain (S7.5). Of texts that have one shape, the later instant is the greater.
const HELD: &str = "CASE WHEN position('\"lease\"' IN d.sync_metadata::text) > 0 \
     AND position('\\u0000' IN d.sync_metadata::text) = 0 \
     THEN coalesce((d.sync_metadata::json #>> '{lease,until}') COLLATE \"C\" > :moment, false) ELSE false END";

/// Whether a person is asked to look at a domain (S6.4).
const REVIEW: &str = "CASE WHEN position('\"needs_review\"' IN d.sync_metadata::text) > 0 \
     AND position('\\u0000' IN d.sync_metadata::text) = 0 \
     THEN coalesce(d.sync_metadata::json ->> 'needs_review' IN ('true', '1'), false) ELSE false END";

/// The statuses of classes 1 to 4 and of class 5 (S1.3).
const WATCHED: &str = "('active', 'grace_period', 'redemption')";
const HEALING: &str = "('expired', 'suspended')";

/// What is true of a due domain, apart from its status and the age of its sync.
const CANDIDATE: &str = "d.registrar_id IS NOT NULL AND d.deleted_at IS NULL";

const SYNCED_BEFORE: &str = "(d.last_synced_at IS NULL OR d.last_synced_at <= :synced_before::timestamp)";
const HEALED_BEFORE: &str = "(d.last_synced_at IS NULL OR d.last_synced_at <= :healed_before::timestamp)";

/// The keys of a parameter, as an array that an index is asked for.
const IDS: &str = "ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text(:keys::json)))";
const NAMES: &str = "ANY (ARRAY(SELECT value FROM json_array_elements_text(:keys::json)))";

/// A datetime as Laravel writes it.
fn datetime(column: &str) -> String {
    format!("to_char({column}, 'YYYY-MM-DD HH24:MI:SS')")
}

/// All statements for a database with this prefix.
pub(super) fn statements(dialect: &Dialect, extras: Extras) -> Statements {
    let sql = |text: &str| dialect.sql(text);
    let registrar = |condition: &str| {
        let last_sync_at = datetime("last_sync_at");
        sql(&format!(
            "SELECT json_agg(json_build_array(id, name, slug, api_class, credentials::text, is_active::int, {last_sync_at}))::text \
             FROM {{registrars}} WHERE {condition}"
        ))
    };
    let by_id = format!("d.id = {IDS}");
    let by_name = format!("d.name = {NAMES}");
    Statements {
        find_by_id: sql(&find(&by_id)),
        find_by_name: sql(&find(&by_name)),
        load_by_id: load(dialect, &by_id),
        load_by_name: load(dialect, &by_name),
        // FOR NO KEY UPDATE would let others add rows that refer to the domain.
        lock: Some(sql(&format!(
            "SELECT count(*)::text FROM (SELECT d.id FROM {{domains}} AS d WHERE {by_id} ORDER BY d.id FOR UPDATE) AS l"
        ))),
        due: due(dialect, extras),
        near: extras.synced_index.filter(|index| index.is_total).map(|_| near(dialect)),
        expiring: expiring(dialect),
        review: review(dialect),
        changed: changed(dialect),
        by_registrar: by_registrar(dialect),
        stats: stats(dialect),
        update_bookkeeping: sql(&update_domains("")),
        update_domains: sql(&update_domains(
            ", status = coalesce(w.r ->> 4, d.status), expires_at = coalesce((w.r ->> 5)::timestamp, d.expires_at)",
        )),
        swap_metadata: sql(
            "UPDATE {domains} AS d SET sync_metadata = (w.r ->> 2)::json FROM json_array_elements(:rows::json) AS w(r) \
             WHERE d.id = (w.r ->> 0)::bigint AND d.sync_metadata::text IS NOT DISTINCT FROM (w.r ->> 1) \
             AND d.deleted_at IS NULL",
        ),
        delete_nameservers: sql(&format!("DELETE FROM {{domain_nameservers}} WHERE domain_id = {IDS}")),
        insert_nameservers: sql(
            "INSERT INTO {domain_nameservers} (domain_id, \"order\", nameserver, created_at, updated_at) \
             SELECT (r ->> 0)::bigint, (r ->> 1)::smallint, r ->> 2, :now::timestamp, :now::timestamp \
             FROM json_array_elements(:rows::json) AS w(r)",
        ),
        update_contacts: sql(&update_contacts()),
        insert_contacts: sql(&insert_contacts()),
        insert_audits: sql(&insert_audits(extras)),
        registrar_by_id: registrar("id = :key::bigint"),
        registrar_by_slug: registrar("slug = :key"),
        tlds: sql("SELECT json_agg(json_build_array(id, extension, min_years, max_years) ORDER BY id)::text \
             FROM {tlds} WHERE registrar_id = :registrar::bigint AND is_active::int = 1"),
        prices: sql(
            "SELECT json_agg(json_build_array(tld_id, action, years, price::text, to_char(effective_date, 'YYYY-MM-DD')))::text \
             FROM (SELECT p.tld_id, p.action, p.years, p.price, p.effective_date, row_number() OVER \
             (PARTITION BY p.tld_id, p.action, p.years ORDER BY p.effective_date DESC, p.id DESC) AS place \
             FROM {tld_prices} AS p JOIN {tlds} AS t ON t.id = p.tld_id WHERE t.registrar_id = :registrar::bigint \
             AND t.is_active::int = 1 AND p.effective_date <= :today::date) AS q WHERE place = 1",
        ),
        prices_of_day: sql("SELECT json_agg(json_build_array(t.id, p.action, p.years, p.id))::text FROM {tlds} AS t \
             LEFT JOIN {tld_prices} AS p ON p.tld_id = t.id AND p.effective_date = :today::date \
             WHERE t.registrar_id = :registrar::bigint"),
        update_prices: sql("UPDATE {tld_prices} AS p SET price = (w.r ->> 1)::numeric, updated_at = :now::timestamp \
             FROM json_array_elements(:rows::json) AS w(r) WHERE p.id = (w.r ->> 0)::bigint"),
        insert_prices: sql(
            "INSERT INTO {tld_prices} (tld_id, action, years, price, effective_date, created_at, updated_at) \
             SELECT (r ->> 0)::bigint, r ->> 1, (r ->> 2)::smallint, (r ->> 3)::numeric, :today::date, :now::timestamp, \
             :now::timestamp FROM json_array_elements(:rows::json) AS w(r)",
        ),
        touch_registrar: sql("UPDATE {registrars} SET last_sync_at = :now::timestamp, updated_at = :now::timestamp \
             WHERE id = :registrar::bigint"),
    }
}

fn find(condition: &str) -> String {
    format!(
        "SELECT json_agg(json_build_array(d.id, d.name))::text FROM {{domains}} AS d WHERE {condition} AND {VISIBLE}"
    )
}

fn load(dialect: &Dialect, condition: &str) -> ByDetail {
    let contact: String = ContactField::ALL.iter().map(|field| format!(", c.{}", field.column())).collect();
    let children = format!(
        ", coalesce((SELECT json_agg(json_build_array(n.\"order\", n.nameserver)) FROM {{domain_nameservers}} AS n \
         WHERE n.domain_id = d.id), '[]'), \
         coalesce((SELECT json_agg(json_build_array(c.id, c.type{contact})) FROM {{domain_contacts}} AS c \
         WHERE c.domain_id = d.id), '[]')"
    );
    let (expires_at, last_synced_at) = (datetime("d.expires_at"), datetime("d.last_synced_at"));
    let select = |children: &str| {
        dialect.sql(&format!(
            "SELECT json_agg(json_build_array(d.id, d.name, d.partner_id, d.registrar_id, d.status, {expires_at}, \
             {last_synced_at}, d.sync_metadata::text{children}))::text FROM {{domains}} AS d \
             WHERE {condition} AND {VISIBLE}"
        ))
    };
    ByDetail { columns: select(""), full: select(&children) }
}

/// Ids in the order of a subquery.
fn ids(subquery: &str) -> String {
    format!("SELECT json_agg(id)::text FROM ({subquery}) AS q")
}

/// The same with and without a partner.
fn scoped(dialect: &Dialect, text: impl Fn(&str) -> String) -> Scoped {
    Scoped { all: dialect.sql(&text("")), partner: dialect.sql(&text("d.partner_id = :partner::bigint AND ")) }
}

/// The classes of S1.3. Without an index on `last_synced_at` each looks at all domains of its statuses or expiries; with
/// one, classes 3 and 4 read it from its start, and class 4 stops at the limit.
fn due(dialect: &Dialect, extras: Extras) -> Vec<Scoped> {
    let class = |statuses: &str, synced: &str, condition: &str, order: &str| {
        scoped(dialect, |partner| {
            ids(&format!(
                "SELECT d.id FROM {{domains}} AS d WHERE {partner}d.status IN {statuses} AND {CANDIDATE} AND {synced} \
                 {condition} AND NOT ({WAITS} OR {HELD}) ORDER BY {order} LIMIT :limit::bigint"
            ))
        })
    };
    let rest = "AND (d.expires_at IS NULL OR d.expires_at > :later::timestamp)";
    let never_first = "d.last_synced_at NULLS FIRST, d.id";
    let mut classes = vec![
        class(WATCHED, SYNCED_BEFORE, "AND d.expires_at <= :soon::timestamp", never_first),
        class(
            WATCHED,
            SYNCED_BEFORE,
            "AND d.expires_at > :soon::timestamp AND d.expires_at <= :later::timestamp",
            never_first,
        ),
    ];
    if extras.synced_index.is_some() {
        classes.push(class(WATCHED, "d.last_synced_at IS NULL", rest, "d.last_synced_at, d.id"));
        // As the index has it.
        let synced = "d.last_synced_at <= :synced_before::timestamp";
        classes.push(class(WATCHED, synced, rest, "d.last_synced_at, d.id"));
    } else {
        // Class 3 and then class 4, from one look at the domains.
        classes.push(class(WATCHED, SYNCED_BEFORE, rest, never_first));
    }
    classes.push(class(HEALING, HEALED_BEFORE, "", never_first));
    classes
}

/// Classes 1 and 2 by the index on `last_synced_at`. What is added to the expiry keeps the server from the index on it.
fn near(dialect: &Dialect) -> Near {
    let class = |expiry: &str| {
        let ids = |synced: &str, order: &str| {
            dialect.sql(&ids(&format!(
                "SELECT d.id FROM {{domains}} AS d WHERE {synced} AND d.status IN {WATCHED} AND {CANDIDATE} \
                 AND {expiry} AND NOT ({WAITS} OR {HELD}) ORDER BY {order} LIMIT :limit::bigint"
            )))
        };
        NearClass {
            never: ids("d.last_synced_at IS NULL AND d.id <= :never_until::bigint", "d.last_synced_at, d.id"),
            synced: ids("d.last_synced_at <= :synced_until::timestamp", "d.last_synced_at, d.id"),
        }
    };
    Near {
        never_until: dialect.sql(
            "SELECT json_agg(id)::text FROM (SELECT d.id FROM {domains} AS d WHERE d.last_synced_at IS NULL \
             ORDER BY d.last_synced_at, d.id LIMIT 1 OFFSET :near::bigint) AS q",
        ),
        synced_until: dialect.sql(
            "SELECT json_agg(until)::text FROM (SELECT d.last_synced_at::text AS until FROM {domains} AS d \
             WHERE d.last_synced_at <= :synced_before::timestamp \
             ORDER BY d.last_synced_at, d.id LIMIT 1 OFFSET :near::bigint) AS q",
        ),
        classes: vec![
            class("d.expires_at + interval '0' <= :soon::timestamp"),
            class(
                "d.expires_at + interval '0' > :soon::timestamp AND d.expires_at + interval '0' <= :later::timestamp",
            ),
        ],
    }
}

fn expiring(dialect: &Dialect) -> Scoped {
    scoped(dialect, |partner| {
        ids(&format!(
            "SELECT d.id FROM {{domains}} AS d WHERE {partner}d.status = 'active' AND {CANDIDATE} \
             AND d.expires_at >= :from::timestamp AND d.expires_at <= :until::timestamp ORDER BY d.expires_at, d.id"
        ))
    })
}

fn review(dialect: &Dialect) -> Scoped {
    scoped(dialect, |partner| {
        ids(&format!(
            "SELECT d.id FROM {{domains}} AS d WHERE {partner}d.deleted_at IS NULL AND {REVIEW} ORDER BY d.id LIMIT :limit"
        ))
    })
}

fn changed(dialect: &Dialect) -> Scoped {
    scoped(dialect, |partner| {
        ids(&format!(
            "SELECT DISTINCT d.auditable_id AS id FROM (SELECT * FROM {{audit_logs}} ORDER BY id DESC LIMIT :limit::bigint) AS d \
             WHERE {partner}d.action = 'sync_update' AND d.created_at >= :since::timestamp"
        ))
    })
}

fn by_registrar(dialect: &Dialect) -> Scoped {
    scoped(dialect, |partner| {
        format!(
            "SELECT json_agg(json_build_array(registrar_id, watched))::text FROM (SELECT d.registrar_id, count(*) AS watched \
             FROM {{domains}} AS d WHERE {partner}d.status IN {WATCHED} AND {CANDIDATE} \
             GROUP BY d.registrar_id) AS q"
        )
    })
}

fn stats(dialect: &Dialect) -> Scoped {
    let count = |test: &str| format!("count(*) FILTER (WHERE {test})");
    let key = |key: &str, test: &str| {
        count(&format!(
            "CASE WHEN position('\"{key}\"' IN d.sync_metadata::text) > 0 \
             AND position('\\u0000' IN d.sync_metadata::text) = 0 THEN d.sync_metadata::json ->> '{key}' {test} END"
        ))
    };
    let never = count("d.registrar_id IS NOT NULL AND d.last_synced_at IS NULL");
    let recent = count("d.last_synced_at > :synced_before::timestamp");
    let due = count(&format!(
        "CASE WHEN {CANDIDATE} AND (d.status IN {WATCHED} AND {SYNCED_BEFORE} OR d.status IN {HEALING} AND \
         {HEALED_BEFORE}) THEN NOT {WAITS} END"
    ));
    let expiring =
        count("d.status = 'active' AND d.expires_at >= :now::timestamp AND d.expires_at <= :soon::timestamp");
    let (failed, review) = (key("last_sync_error", "IS NOT NULL"), count(REVIEW));
    let latest = datetime("max(d.last_synced_at)");
    scoped(dialect, |partner| {
        format!(
            "SELECT json_agg(numbers)::text FROM (SELECT json_build_array(d.status, count(*), count(d.registrar_id), \
             {never}, {recent}, {due}, {expiring}, {failed}, {review}, {latest}) AS numbers \
             FROM {{domains}} AS d WHERE {partner}d.deleted_at IS NULL GROUP BY d.status) AS q"
        )
    })
}

/// The bookkeeping of domains, and what else is set.
fn update_domains(more: &str) -> String {
    format!(
        "UPDATE {{domains}} AS d SET sync_metadata = (w.r ->> 2)::json, \
         last_synced_at = coalesce((w.r ->> 3)::timestamp, d.last_synced_at), \
         updated_at = :now::timestamp{more} FROM json_array_elements(:rows::json) AS w(r) \
         WHERE d.id = (w.r ->> 0)::bigint AND d.partner_id = (w.r ->> 1)::bigint AND d.deleted_at IS NULL"
    )
}

fn update_contacts() -> String {
    let set: String = ContactField::ALL
        .iter()
        .map(|field| {
            let column = field.column();
            let value = format!("w.r -> 2 ->> {}", *field as usize);
            if field.is_required() {
                format!("{column} = coalesce({value}, c.{column}), ")
            } else {
                format!("{column} = CASE WHEN {value} IS NULL THEN c.{column} ELSE nullif({value}, '') END, ")
            }
        })
        .collect();
    format!(
        "UPDATE {{domain_contacts}} AS c SET {set}updated_at = :now::timestamp \
         FROM json_array_elements(:rows::json) AS w(r) \
         WHERE c.id = (w.r ->> 0)::bigint AND c.domain_id = (w.r ->> 1)::bigint"
    )
}

fn insert_contacts() -> String {
    let columns: String = ContactField::ALL.iter().map(|field| format!("{}, ", field.column())).collect();
    let values: String = ContactField::ALL.iter().map(|field| format!("r -> 2 ->> {}, ", *field as usize)).collect();
    format!(
        "INSERT INTO {{domain_contacts}} (domain_id, type, {columns}created_at, updated_at) \
         SELECT (r ->> 0)::bigint, r ->> 1, {values}:now::timestamp, :now::timestamp \
         FROM json_array_elements(:rows::json) AS w(r)"
    )
}

fn insert_audits(extras: Extras) -> String {
    let (column, value) = if extras.audit_source { (", source", ", :source") } else { ("", "") };
    format!(
        "INSERT INTO {{audit_logs}} (user_id, partner_id, action, auditable_type, auditable_id, old_values, new_values, \
         created_at, updated_at{column}) SELECT :user::bigint, (r ->> 1)::bigint, 'sync_update', E'App\\\\Models\\\\Domain', \
         (r ->> 0)::bigint, (r ->> 2)::json, (r ->> 3)::json, :now::timestamp, :now::timestamp{value} \
         FROM json_array_elements(:rows::json) AS w(r)"
    )
}
