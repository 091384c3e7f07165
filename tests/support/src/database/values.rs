//! Rows as JSON, alike on all three databases as far as they can be.

use serde_json::{Value, json};
use sqlx::mysql::MySqlRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, TypeInfo, ValueRef};

/// By the storage class of each value.
pub(super) fn sqlite(row: &SqliteRow) -> Vec<Value> {
    let value = |index: usize| {
        let raw = row.try_get_raw(index).expect("the index is below the row's length");
        if raw.is_null() {
            return Value::Null;
        }
        match raw.type_info().name() {
            "INTEGER" => json!(row.get_unchecked::<i64, _>(index)),
            "REAL" => json!(row.get_unchecked::<f64, _>(index)),
            "TEXT" => json!(row.get_unchecked::<String, _>(index)),
            other => panic!("column {index} is a {other}"),
        }
    };
    (0..row.len()).map(value).collect()
}

/// By the type of each column. The row comes from the text protocol.
pub(super) fn mariadb(row: &MySqlRow) -> Vec<Value> {
    let value = |index: usize| {
        let raw = row.try_get_raw(index).expect("the index is below the row's length");
        if raw.is_null() {
            return Value::Null;
        }
        let text = row.get_unchecked::<String, _>(index);
        match raw.type_info().name().trim_end_matches(" UNSIGNED") {
            "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" | "YEAR" | "FLOAT" | "DOUBLE" => {
                number(&text)
            }
            _ => json!(text),
        }
    };
    (0..row.len()).map(value).collect()
}

/// By the type of each column. The row comes from the text protocol.
pub(super) fn postgres(row: &PgRow) -> Vec<Value> {
    let value = |index: usize| {
        let raw = row.try_get_raw(index).expect("the index is below the row's length");
        if raw.is_null() {
            return Value::Null;
        }
        let text = raw.as_str().unwrap_or_else(|error| panic!("column {index}: {error}"));
        match raw.type_info().name() {
            "BOOL" => json!(i32::from(text == "t")),
            "INT2" | "INT4" | "INT8" | "OID" | "FLOAT4" | "FLOAT8" => number(text),
            _ => json!(text),
        }
    };
    (0..row.len()).map(value).collect()
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text:?} is no number: {error}"))
}
