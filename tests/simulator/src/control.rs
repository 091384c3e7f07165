//! The control plane: what a test does in-process, for programs in other languages.

use std::time::{SystemTime, UNIX_EPOCH};

use hyper::Uri;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::faults::{FaultEngine, Faults};
use crate::limits::{Limiter, RateLimit};
use crate::server::Server;
use crate::stats::Stats;
use crate::world::{DomainEdit, PriceAction, PriceTable, World};

pub(crate) const BASE: &str = "/_control/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    fraction: f64,
    #[serde(default)]
    seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    product: String,
    table: PriceTable,
    action: PriceAction,
    #[serde(default)]
    years: Option<u32>,
    price: Option<String>,
}

/// A JSON answer, or the HTTP status and text of what was wrong.
type Outcome = Result<Value, (u16, String)>;

pub(crate) fn answer(server: &Server, method: &str, uri: &Uri, body: &[u8]) -> Answer {
    let path = uri.path().strip_prefix(BASE).unwrap_or_default();
    let call = Call::new(method, path, uri.query().unwrap_or_default());
    match perform(server, &call, body) {
        Ok(value) => Answer::json(200, value.to_string()),
        Err((status, error)) => Answer::json(status, json!({ "error": error }).to_string()),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, (u16, String)> {
    serde_json::from_slice(body).map_err(|error| (400, error.to_string()))
}

fn perform(server: &Server, call: &Call<'_>, body: &[u8]) -> Outcome {
    let mut state = server.state();
    let state = &mut *state;
    let account = match call.get("account") {
        None => state.accounts.first_mut(),
        Some(login) => state.accounts.iter_mut().find(|account| account.login == login),
    };
    let world = &mut account.ok_or((404, "no such account".to_owned()))?.world;
    if server.follow_wall_clock && call.method == "POST" {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |wall| wall.as_secs() as i64);
        world.set_now(wall.max(world.now()));
    }
    match (call.method, call.path) {
        ("GET", "stats") => Ok(json!(state.stats)),
        ("POST", "reset-stats") => {
            state.stats = Stats::default();
            Ok(json!({}))
        }
        ("POST", "faults") => {
            state.faults = FaultEngine::new(read::<Faults>(body)?);
            Ok(json!({}))
        }
        ("POST", "limit") => {
            state.limit = read::<Option<RateLimit>>(body)?;
            state.limiter = Limiter::default();
            Ok(json!({}))
        }
        ("GET", "domain") => {
            let name = call.get("name").unwrap_or_default();
            world.by_name(name).map(|domain| json!(domain)).ok_or_else(|| unknown(name))
        }
        ("GET", "domains") => {
            let number = |name, default| call.get(name).map_or(Ok(default), |text| text.parse::<u64>());
            let (from, count) = number("from", 0)
                .and_then(|from| Ok((from, number("count", 100)?)))
                .map_err(|error| (400, error.to_string()))?;
            let upto = from.saturating_add(count.min(10_000)).min(world.indexes());
            let domains: Vec<_> = (from..upto).filter_map(|index| world.domain(index)).collect();
            Ok(json!({ "total": world.len(), "domains": domains }))
        }
        ("POST", "change") => {
            let Change { fraction, seed } = read(body)?;
            Ok(json!({ "changed": world.change_fraction(fraction, seed) }))
        }
        ("POST", "domain") => edit(world, body),
        ("POST", "add") => Ok(json!(world.add(&read::<Name>(body)?.name))),
        ("POST", "remove") => {
            let Name { name } = read(body)?;
            world.remove(&name).then(|| json!({})).ok_or_else(|| unknown(&name))
        }
        ("POST", "prices") => {
            let Price { product, table, action, years, price } = read(body)?;
            world.set_price(&product, table, action, years, price.as_deref());
            Ok(json!({}))
        }
        _ => Err((404, format!("there is no {} {BASE}{}", call.method, call.path))),
    }
}

fn unknown(name: &str) -> (u16, String) {
    (404, format!("there is no domain {name}"))
}

fn edit(world: &mut World, body: &[u8]) -> Outcome {
    let mut fields: serde_json::Map<String, Value> = read(body)?;
    let Some(Value::String(name)) = fields.remove("name") else {
        return Err((400, "the field `name` is missing".to_owned()));
    };
    let edit: DomainEdit = serde_json::from_value(Value::Object(fields)).map_err(|error| (400, error.to_string()))?;
    world.update(&name, |domain| edit.apply(domain)).then(|| json!({})).ok_or_else(|| unknown(&name))
}
