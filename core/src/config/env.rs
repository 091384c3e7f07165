//! The configuration's environment variables, as a Laravel application has them.

use serde_json::{Map, Value};

/// Each variable, and the key that it stands for.
const VARIABLES: &[(&str, &str)] = &[
    ("DB_CONNECTION", "database.driver"),
    ("DATABASE_URL", "database.url"),
    ("DB_URL", "database.url"),
    ("DB_DATABASE", "database.database"),
    ("DB_PREFIX", "database.prefix"),
    ("DB_FOREIGN_KEYS", "database.foreign_key_constraints"),
    ("APP_KEY", "app_key"),
    ("APP_PREVIOUS_KEYS", "previous_keys"),
    ("APP_TIMEZONE", "timezone"),
    ("DOMAIN_SYNC_INTERVAL_HOURS", "domain.sync_interval_hours"),
    ("DOMAIN_SYNC_BATCH_SIZE", "domain.sync_batch_size"),
    ("DOMAIN_PRIORITY_SYNC_DAYS", "domain.priority_sync_days"),
    ("DOMAIN_HEAL_INTERVAL_HOURS", "domain.heal_interval_hours"),
    ("DOMAIN_SYNC_TIMEOUT", "domain.sync_timeout"),
    ("DOMAIN_SYNC_RETRIES", "domain.sync_retries"),
    ("DOMAIN_SYNC_RETRY_DELAY", "domain.sync_retry_delay"),
    ("DOMAIN_PRICE_CHANGE_THRESHOLD", "domain.price_change_alert_threshold"),
    ("DOMAIN_AUTO_QUEUE_THRESHOLD", "domain.auto_queue_threshold"),
    ("DOMAIN_DETAILS_INTERVAL_HOURS", "domain.details_interval_hours"),
    ("REGISTRAR_TIMEOUT", "registrar.defaults.timeout"),
    ("REGISTRAR_RATE_LIMIT_ATTEMPTS", "registrar.defaults.rate_limit.max_attempts"),
    ("REGISTRAR_RATE_LIMIT_DECAY", "registrar.defaults.rate_limit.decay_minutes"),
    ("REGISTRAR_RETRY_ATTEMPTS", "registrar.defaults.retry.max_attempts"),
    ("REGISTRAR_RETRY_DELAY", "registrar.defaults.retry.delay"),
    ("RESELLERCLUB_API_URL", "registrar.registrars.resellerclub.api_url"),
    ("LOGICBOXES_API_URL", "registrar.registrars.logicboxes.api_url"),
];

/// What the environment says, in the configuration's own shape. Empty variables say nothing.
pub(super) fn value(lookup: impl Fn(&str) -> Option<String>) -> Value {
    let mut root = Value::Object(Map::new());
    for (variable, path) in VARIABLES {
        if let Some(text) = lookup(variable).filter(|text| !text.trim().is_empty()) {
            insert(&mut root, path, text);
        }
    }
    root
}

fn insert(root: &mut Value, path: &str, text: String) {
    let mut place = root;
    for key in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[key];
    }
    *place = Value::String(text);
}

/// Lays `over` upon `under`: objects key by key, anything else as a whole.
pub(super) fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key).or_insert(Value::Null), value);
            }
        }
        // PHP's empty array is also its empty object, and lays nothing over anything.
        (Value::Object(_), Value::Array(list)) if list.is_empty() => {}
        (under, over) => *under = over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_reaches_its_key() {
        for (variable, path) in VARIABLES {
            let value = value(|name| (name == *variable).then(|| "x".to_owned()));
            assert_eq!(value.pointer(&format!("/{}", path.replace('.', "/"))), Some(&Value::String("x".into())), "{variable}");
        }
    }

    #[test]
    fn overrides_come_first_key_by_key() {
        let mut under = serde_json::json!({"a": {"b": 1, "c": 2}, "d": 3, "e": {"f": 4}});
        merge(&mut under, serde_json::json!({"a": {"c": 5}, "d": {"x": 6}, "e": []}));
        assert_eq!(under, serde_json::json!({"a": {"b": 1, "c": 5}, "d": {"x": 6}, "e": {"f": 4}}));
    }
}
