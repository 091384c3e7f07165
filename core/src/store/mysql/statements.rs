//! The statements in the dialect of MariaDB and MySQL.
//!
//! `JSON_TABLE` unfolds a parameter, and a `STRAIGHT_JOIN` makes it lead, so that tables are read by key and locked in the
//! order of the parameter. `CAST … AS CHAR` stands wherever a value is to be a JSON text: MySQL would write datetimes with
//! fractions, and both would put JSON columns in as what they hold. Texts that meet a column's text are brought to one
//! collation, since two columns of different collations cannot be compared or combined.

use crate::model::ContactField;
use crate::store::sql::{ByDetail, Dialect, Extras, Near, NearClass, Scoped, Statements};

/// The columns of [`DomainRow`](crate::store::sql), without nameservers and contacts.
const DOMAIN: &str = "d.id, CAST(d.name AS CHAR), d.partner_id, d.registrar_id, CAST(d.status AS CHAR), \
     CAST(d.expires_at AS CHAR), CAST(d.last_synced_at AS CHAR), CAST(d.sync_metadata AS CHAR)";

/// What makes a domain visible.
const VISIBLE: &str = "d.deleted_at IS NULL AND (:partner IS NULL OR d.partner_id = :partner)";

/// Whether a domain waits for its next attempt (S1.5). The first test spares nearly all rows the JSON; a time that the
/// database cannot read holds nothing back.
const WAITS: &str = "CASE WHEN LOCATE('\"next_attempt_at\"', d.sync_metadata) > 0 AND JSON_VALID(d.sync_metadata) \
     THEN IFNULL(CONVERT_TZ(LEFT(JSON_UNQUOTE(JSON_EXTRACT(d.sync_metadata, '$.next_attempt_at')), 19), \
     IF(JSON_UNQUOTE(JSON_EXTRACT(d.sync_metadata, '$.next_attempt_at')) REGEXP '[+-][0-9]{2}:[0-9]{2}$', \
     RIGHT(JSON_UNQUOTE(JSON_EXTRACT(d.sync_metadata, '$.next_attempt_at')), 6), '+00:00'), '+00:00') \
     > CAST(:instant AS DATETIME), 0) ELSE 0 END";

/// Whether another call holds a domain (S7.5). Of texts that have one shape, the later instant is the greater.
const HELD: &str = "CASE WHEN LOCATE('\"lease\"', d.sync_metadata) > 0 AND JSON_VALID(d.sync_metadata) \
     THEN IFNULL(CONVERT(JSON_UNQUOTE(JSON_EXTRACT(d.sync_metadata, '$.lease.until')) USING utf8mb4) \
     COLLATE utf8mb4_bin > CONVERT(:moment USING utf8mb4) COLLATE utf8mb4_bin, 0) ELSE 0 END";

/// Whether a person is asked to look at a domain (S6.4).
const REVIEW: &str = "CASE WHEN LOCATE('\"needs_review\"', d.sync_metadata) > 0 AND JSON_VALID(d.sync_metadata) \
     THEN IFNULL(JSON_UNQUOTE(JSON_EXTRACT(d.sync_metadata, '$.needs_review')) IN ('true', '1'), 0) ELSE 0 END";

/// The statuses of classes 1 to 4 and of class 5 (S1.3).
const WATCHED: &str = "('active', 'grace_period', 'redemption')";
const HEALING: &str = "('expired', 'suspended')";

/// What is true of a due domain, apart from its status and the age of its sync.
const CANDIDATE: &str = "d.registrar_id IS NOT NULL AND d.deleted_at IS NULL";

const SYNCED_BEFORE: &str = "(d.last_synced_at IS NULL OR d.last_synced_at <= :synced_before)";
const HEALED_BEFORE: &str = "(d.last_synced_at IS NULL OR d.last_synced_at <= :healed_before)";

/// `App\Models\Domain`, whatever a backslash in a literal means to the session.
const MODEL: &str = "CONCAT('App', CHAR(92 USING utf8mb4), 'Models', CHAR(92 USING utf8mb4), 'Domain')";

/// Of a small table MariaDB would rather read all rows, and wait for those that others have locked.
const BY_ID: &str = "FORCE INDEX (PRIMARY)";

/// The ids of a parameter, each once.
const IDS: &str = "(SELECT DISTINCT id FROM JSON_TABLE(:keys, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) AS j) AS k";

/// The ids of a parameter in its order.
const IDS_IN_ORDER: &str = "JSON_TABLE(:keys, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) AS k";

/// A text byte for byte.
fn exact(text: &str) -> String {
    format!("CONVERT({text} USING utf8mb4) COLLATE utf8mb4_bin")
}

/// The character set and the collation of `domains.name`, so that it can be looked up by its index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Naming {
    pub(super) charset: String,
    pub(super) collation: String,
}

/// How domains are found by a parameter: what leads the join, and its condition.
struct Lookup {
    keys: String,
    on: String,
}

impl Lookup {
    fn by_id() -> Self {
        Self { keys: IDS.to_owned(), on: "d.id = k.id".to_owned() }
    }

    fn by_name(naming: &Naming) -> Self {
        let Naming { charset, collation } = naming;
        let name = exact("name");
        Self {
            keys: format!(
                "(SELECT DISTINCT {name} AS name FROM JSON_TABLE(:keys, '$[*]' COLUMNS (name VARCHAR(1024) PATH '$')) \
                 AS j) AS k"
            ),
            // The index finds what the column's collation takes for the same; the name has to be the very same.
            on: format!(
                "d.name = CONVERT(k.name USING {charset}) COLLATE {collation} AND {} = k.name",
                exact("d.name")
            ),
        }
    }
}

/// All statements for a database with this prefix.
pub(super) fn statements(dialect: &Dialect, extras: Extras, naming: &Naming) -> Statements {
    let sql = |text: &str| dialect.sql(text);
    let registrar = |condition: &str| {
        sql(&format!(
            "SELECT JSON_ARRAY(id, CAST(name AS CHAR), CAST(slug AS CHAR), CAST(api_class AS CHAR), CAST(credentials AS CHAR), is_active, \
             CAST(last_sync_at AS CHAR)) FROM {{registrars}} WHERE {condition} = :key"
        ))
    };
    Statements {
        find_by_id: sql(&find(&Lookup::by_id())),
        find_by_name: sql(&find(&Lookup::by_name(naming))),
        load_by_id: load(dialect, &Lookup::by_id()),
        load_by_name: load(dialect, &Lookup::by_name(naming)),
        lock: Some(sql(&format!(
            "SELECT CAST(d.id AS CHAR) FROM {IDS_IN_ORDER} STRAIGHT_JOIN {{domains}} AS d {BY_ID} ON d.id = k.id FOR UPDATE"
        ))),
        due: due(dialect),
        near: extras.synced_index.filter(|index| index.is_total).map(|_| near(dialect)),
        expiring: expiring(dialect),
        review: review(dialect),
        changed: changed(dialect),
        by_registrar: by_registrar(dialect),
        stats: stats(dialect),
        update_bookkeeping: sql(&update_domains("", "")),
        update_domains: sql(&update_domains(
            ", status TEXT PATH '$[4]', expires_at TEXT PATH '$[5]'",
            &format!(
                ", d.status = COALESCE({}, d.status), d.expires_at = COALESCE(w.expires_at, d.expires_at)",
                exact("w.status")
            ),
        )),
        swap_metadata: sql(&format!(
            "UPDATE JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$[0]', was LONGTEXT PATH '$[1]', \
             becomes LONGTEXT PATH '$[2]')) AS w STRAIGHT_JOIN {{domains}} AS d ON d.id = w.id \
             SET d.sync_metadata = w.becomes WHERE {} <=> {} AND d.deleted_at IS NULL",
            exact("d.sync_metadata"),
            exact("w.was")
        )),
        delete_nameservers: sql(&format!(
            "DELETE n FROM {IDS_IN_ORDER} STRAIGHT_JOIN {{domain_nameservers}} AS n ON n.domain_id = k.id"
        )),
        insert_nameservers: sql(
            "INSERT INTO {domain_nameservers} (domain_id, `order`, nameserver, created_at, updated_at) \
             SELECT w.domain_id, w.place, w.nameserver, :now, :now FROM JSON_TABLE(:rows, '$[*]' COLUMNS \
             (domain_id BIGINT PATH '$[0]', place BIGINT PATH '$[1]', nameserver TEXT PATH '$[2]')) AS w",
        ),
        update_contacts: sql(&update_contacts()),
        insert_contacts: sql(&insert_contacts()),
        insert_audits: sql(&insert_audits(extras)),
        registrar_by_id: registrar("id"),
        registrar_by_slug: registrar("slug"),
        tlds: sql("SELECT JSON_ARRAY(id, CAST(extension AS CHAR), min_years, max_years) FROM {tlds} \
             WHERE registrar_id = :registrar AND is_active ORDER BY id"),
        prices: sql(
            "SELECT JSON_ARRAY(tld_id, CAST(action AS CHAR), years, CAST(price AS CHAR), CAST(effective_date AS CHAR)) \
             FROM (SELECT p.tld_id, p.action, p.years, p.price, p.effective_date, ROW_NUMBER() OVER \
             (PARTITION BY p.tld_id, p.action, p.years ORDER BY p.effective_date DESC, p.id DESC) AS place \
             FROM {tlds} AS t JOIN {tld_prices} AS p ON p.tld_id = t.id \
             WHERE t.registrar_id = :registrar AND t.is_active AND p.effective_date <= :today) AS q WHERE place = 1",
        ),
        prices_of_day: sql("SELECT JSON_ARRAY(t.id, CAST(p.action AS CHAR), p.years, p.id) FROM {tlds} AS t \
             LEFT JOIN {tld_prices} AS p ON p.tld_id = t.id AND p.effective_date = :today \
             WHERE t.registrar_id = :registrar"),
        update_prices: sql(&format!(
            "UPDATE JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$[0]', price VARCHAR(64) PATH '$[1]')) AS w \
             STRAIGHT_JOIN {{tld_prices}} AS p {BY_ID} ON p.id = w.id SET p.price = w.price, p.updated_at = :now"
        )),
        insert_prices: sql(
            "INSERT INTO {tld_prices} (tld_id, action, years, price, effective_date, created_at, updated_at) \
             SELECT w.tld_id, w.action, w.years, w.price, :today, :now, :now FROM JSON_TABLE(:rows, '$[*]' COLUMNS \
             (tld_id BIGINT PATH '$[0]', action VARCHAR(64) PATH '$[1]', years BIGINT PATH '$[2]', \
             price VARCHAR(64) PATH '$[3]')) AS w",
        ),
        touch_registrar: sql("UPDATE {registrars} SET last_sync_at = :now, updated_at = :now WHERE id = :registrar"),
    }
}

fn find(lookup: &Lookup) -> String {
    let Lookup { keys, on } = lookup;
    format!(
        "SELECT JSON_ARRAY(d.id, CAST(d.name AS CHAR)) FROM {keys} STRAIGHT_JOIN {{domains}} AS d ON {on} WHERE {VISIBLE}"
    )
}

/// Nameservers and contacts are columns of their own, which the link puts at the end of the record: within `JSON_ARRAY`
/// MariaDB takes the answer of a subquery for a text.
fn load(dialect: &Dialect, lookup: &Lookup) -> ByDetail {
    let contact: String =
        ContactField::ALL.iter().map(|field| format!(", CAST(c.{} AS CHAR)", field.column())).collect();
    let children = format!(
        ", (SELECT JSON_ARRAYAGG(JSON_ARRAY(n.`order`, CAST(n.nameserver AS CHAR))) FROM {{domain_nameservers}} AS n \
         WHERE n.domain_id = d.id), \
         (SELECT JSON_ARRAYAGG(JSON_ARRAY(c.id, CAST(c.type AS CHAR){contact})) FROM {{domain_contacts}} AS c \
         WHERE c.domain_id = d.id)"
    );
    let Lookup { keys, on } = lookup;
    let select = |children: &str| {
        dialect.sql(&format!(
            "SELECT JSON_ARRAY({DOMAIN}){children} FROM {keys} STRAIGHT_JOIN {{domains}} AS d ON {on} WHERE {VISIBLE}"
        ))
    };
    ByDetail { columns: select(""), full: select(&children) }
}

/// The same with and without a partner.
fn scoped(dialect: &Dialect, text: impl Fn(&str) -> String) -> Scoped {
    Scoped { all: dialect.sql(&text("")), partner: dialect.sql(&text("d.partner_id = :partner AND ")) }
}

/// The classes of S1.3. NULL sorts first, so that classes 3 and 4 are one. Without an index on `last_synced_at` each looks
/// at all domains of its statuses or expiries; with one, classes 3 and 4 read it from its start and stop at the limit.
fn due(dialect: &Dialect) -> Vec<Scoped> {
    let class = |statuses: &str, synced: &str, condition: &str| {
        scoped(dialect, |partner| {
            format!(
                "SELECT CAST(d.id AS CHAR) FROM {{domains}} AS d WHERE {partner}d.status IN {statuses} AND {CANDIDATE} \
                 AND {synced} {condition} AND NOT ({WAITS} OR {HELD}) ORDER BY d.last_synced_at, d.id LIMIT :limit"
            )
        })
    };
    vec![
        class(WATCHED, SYNCED_BEFORE, "AND d.expires_at <= :soon"),
        class(WATCHED, SYNCED_BEFORE, "AND d.expires_at > :soon AND d.expires_at <= :later"),
        class(WATCHED, SYNCED_BEFORE, "AND (d.expires_at IS NULL OR d.expires_at > :later)"),
        class(HEALING, HEALED_BEFORE, ""),
    ]
}

/// Classes 1 and 2 by the index on `last_synced_at`. What is added to the expiry keeps the server from the index on it.
fn near(dialect: &Dialect) -> Near {
    let class = |expiry: &str| {
        let ids = |synced: &str, order: &str| {
            dialect.sql(&format!(
                "SELECT CAST(d.id AS CHAR) FROM {{domains}} AS d WHERE {synced} AND d.status IN {WATCHED} AND {CANDIDATE} \
                 AND {expiry} AND NOT ({WAITS} OR {HELD}) ORDER BY {order} LIMIT :limit"
            ))
        };
        NearClass {
            never: ids("d.last_synced_at IS NULL AND d.id <= :never_until", "d.id"),
            synced: ids("d.last_synced_at <= :synced_until", "d.last_synced_at, d.id"),
        }
    };
    Near {
        never_until: dialect.sql(
            "SELECT CAST(d.id AS CHAR) FROM {domains} AS d WHERE d.last_synced_at IS NULL ORDER BY d.id LIMIT 1 OFFSET :near",
        ),
        synced_until: dialect.sql(
            "SELECT JSON_QUOTE(CAST(d.last_synced_at AS CHAR)) FROM {domains} AS d \
             WHERE d.last_synced_at <= :synced_before ORDER BY d.last_synced_at LIMIT 1 OFFSET :near",
        ),
        classes: vec![
            class("d.expires_at + INTERVAL 0 SECOND <= :soon"),
            class("d.expires_at + INTERVAL 0 SECOND > :soon AND d.expires_at + INTERVAL 0 SECOND <= :later"),
        ],
    }
}

fn expiring(dialect: &Dialect) -> Scoped {
    scoped(dialect, |partner| {
        format!(
            "SELECT CAST(d.id AS CHAR) FROM {{domains}} AS d WHERE {partner}d.status = 'active' AND {CANDIDATE} \
             AND d.expires_at >= :from AND d.expires_at <= :until ORDER BY d.expires_at, d.id"
        )
    })
}

fn review(dialect: &Dialect) -> Scoped {
    scoped(dialect, |partner| {
        format!(
            "SELECT CAST(d.id AS CHAR) FROM {{domains}} AS d WHERE {partner}d.deleted_at IS NULL AND {REVIEW} \
             ORDER BY d.id LIMIT :limit"
        )
    })
}

fn changed(dialect: &Dialect) -> Scoped {
    scoped(dialect, |partner| {
        format!(
            "SELECT DISTINCT CAST(d.auditable_id AS CHAR) FROM (SELECT * FROM {{audit_logs}} ORDER BY id DESC LIMIT :limit) AS d \
             WHERE {partner}d.action = 'sync_update' AND d.created_at >= :since"
        )
    })
}

fn by_registrar(dialect: &Dialect) -> Scoped {
    scoped(dialect, |partner| {
        format!(
            "SELECT JSON_ARRAY(d.registrar_id, COUNT(*)) FROM {{domains}} AS d WHERE {partner}d.status IN {WATCHED} AND {CANDIDATE} \
             GROUP BY d.registrar_id"
        )
    })
}

fn stats(dialect: &Dialect) -> Scoped {
    let count = |test: &str| format!("CAST(SUM(IFNULL({test}, 0)) AS SIGNED)");
    let key = |key: &str, test: &str| {
        count(&format!(
            "CASE WHEN LOCATE('\"{key}\"', d.sync_metadata) > 0 AND JSON_VALID(d.sync_metadata) THEN {test} END"
        ))
    };
    let never = count("d.registrar_id IS NOT NULL AND d.last_synced_at IS NULL");
    let recent = count("d.last_synced_at > :synced_before");
    let due = count(&format!(
        "CASE WHEN {CANDIDATE} AND (d.status IN {WATCHED} AND {SYNCED_BEFORE} OR d.status IN {HEALING} AND \
         {HEALED_BEFORE}) THEN NOT {WAITS} END"
    ));
    let expiring = count("d.status = 'active' AND d.expires_at >= :now AND d.expires_at <= :soon");
    let failed = key("last_sync_error", "JSON_TYPE(JSON_EXTRACT(d.sync_metadata, '$.last_sync_error')) <> 'NULL'");
    let review = count(REVIEW);
    scoped(dialect, |partner| {
        format!(
            "SELECT JSON_ARRAY(CAST(d.status AS CHAR), COUNT(*), COUNT(d.registrar_id), {never}, {recent}, {due}, \
             {expiring}, {failed}, {review}, CAST(MAX(d.last_synced_at) AS CHAR)) \
             FROM {{domains}} AS d WHERE {partner}d.deleted_at IS NULL GROUP BY d.status"
        )
    })
}

/// The bookkeeping of domains, and what else is set.
fn update_domains(columns: &str, set: &str) -> String {
    format!(
        "UPDATE JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$[0]', \
         partner_id BIGINT UNSIGNED PATH '$[1]', sync_metadata LONGTEXT PATH '$[2]', last_synced_at TEXT PATH '$[3]'{columns})) \
         AS w STRAIGHT_JOIN {{domains}} AS d {BY_ID} ON d.id = w.id SET d.sync_metadata = w.sync_metadata, \
         d.last_synced_at = COALESCE(w.last_synced_at, d.last_synced_at), d.updated_at = :now{set} \
         WHERE d.partner_id = w.partner_id AND d.deleted_at IS NULL"
    )
}

/// The columns of a contact as those of `JSON_TABLE`.
fn contact_columns() -> String {
    let column = |field: &ContactField| format!(", {} TEXT PATH '$[2][{}]'", field.column(), *field as usize);
    ContactField::ALL.iter().map(column).collect()
}

fn update_contacts() -> String {
    let columns = contact_columns();
    let set: String = ContactField::ALL
        .iter()
        .map(|field| {
            let column = field.column();
            let value = exact(&format!("w.{column}"));
            if field.is_required() {
                format!("c.{column} = COALESCE({value}, c.{column}), ")
            } else {
                format!("c.{column} = CASE WHEN w.{column} IS NULL THEN c.{column} ELSE NULLIF({value}, '') END, ")
            }
        })
        .collect();
    format!(
        "UPDATE JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$[0]', \
         domain_id BIGINT UNSIGNED PATH '$[1]'{columns})) AS w STRAIGHT_JOIN {{domain_contacts}} AS c {BY_ID} ON c.id = w.id \
         SET {set}c.updated_at = :now WHERE c.domain_id = w.domain_id"
    )
}

fn insert_contacts() -> String {
    let columns = contact_columns();
    let names: String = ContactField::ALL.iter().map(|field| format!("{}, ", field.column())).collect();
    let values: String = ContactField::ALL.iter().map(|field| format!("w.{}, ", field.column())).collect();
    format!(
        "INSERT INTO {{domain_contacts}} (domain_id, type, {names}created_at, updated_at) \
         SELECT w.domain_id, w.type, {values}:now, :now FROM JSON_TABLE(:rows, '$[*]' COLUMNS \
         (domain_id BIGINT PATH '$[0]', type VARCHAR(64) PATH '$[1]'{columns})) AS w"
    )
}

fn insert_audits(extras: Extras) -> String {
    let (column, value) = if extras.audit_source { (", source", ", :source") } else { ("", "") };
    format!(
        "INSERT INTO {{audit_logs}} (user_id, partner_id, action, auditable_type, auditable_id, old_values, new_values, \
         created_at, updated_at{column}) SELECT :user, w.partner_id, 'sync_update', {MODEL}, w.id, w.old_values, \
         w.new_values, :now, :now{value} FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]', \
         partner_id BIGINT PATH '$[1]', old_values LONGTEXT PATH '$[2]', new_values LONGTEXT PATH '$[3]')) AS w"
    )
}
