//! Domains made inside the database, by the million.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::rows::WallClock;
use crate::database::Engine;

/// Who the domains belong to, by the first ids and how many follow without a gap.
pub(super) struct Owners {
    pub(super) first_partner: i64,
    pub(super) first_client: i64,
    pub(super) partners: i64,
    pub(super) first_registrar: i64,
    pub(super) registrars: i64,
}

/// What stands in the columns of time.
pub(super) struct Times {
    pub(super) clock: WallClock,
    pub(super) now: DateTime<Utc>,
    pub(super) last_synced_at: Option<DateTime<Utc>>,
}

/// The statement that makes one domain for each of the ids.
pub(super) fn statement(engine: Engine, table: &str, ids: Range<i64>, owners: &Owners, times: Times) -> String {
    let Owners { first_partner, first_client, partners, first_registrar, registrars } = owners;
    let now = times.clock.text(times.now);
    let last_synced_at = times.last_synced_at.map_or("NULL".to_owned(), |at| timestamp(engine, &times.clock.text(at)));
    let (before, count) = (ids.start - 1, ids.end - ids.start);
    let days = "(n % 1000 + 1)";
    let (numbers, with, expires_at) = match engine {
        Engine::Sqlite => (
            "numbers".to_owned(),
            format!("WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "),
            format!("datetime('{now}', '+' || {days} || ' days')"),
        ),
        Engine::MariaDb => (
            format!("(SELECT seq AS n FROM seq_1_to_{count}) AS numbers"),
            String::new(),
            format!("timestamp '{now}' + INTERVAL {days} DAY"),
        ),
        Engine::Postgres => (
            format!("generate_series(1, {count}) AS numbers(n)"),
            String::new(),
            format!("timestamp '{now}' + {days} * interval '1 day'"),
        ),
    };
    let now = timestamp(engine, &now);
    // No integer division: MariaDB's `/` gives a decimal.
    let turn = format!("((n - 1) - (n - 1) % {partners}) / {partners}");
    format!(
        "INSERT INTO {table} (id, name, client_id, partner_id, registrar_id, status, registered_at, expires_at, \
         last_synced_at, created_at, updated_at) {with}\
         SELECT {before} + n, 'domain' || n || '.example', {first_client} + (n - 1) % {partners}, \
         {first_partner} + (n - 1) % {partners}, {first_registrar} + {turn} % {registrars}, 'active', {now}, \
         {expires_at}, {last_synced_at}, {now}, {now} FROM {numbers}"
    )
}

fn timestamp(engine: Engine, text: &str) -> String {
    match engine {
        Engine::Sqlite => format!("'{text}'"),
        Engine::MariaDb | Engine::Postgres => format!("timestamp '{text}'"),
    }
}
