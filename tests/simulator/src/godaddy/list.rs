//! (2) All that the account has and had, from one name on.

use std::sync::Arc;

use serde_json::Value;

use super::{DAY, details, is_deleted, record, refuse_field, word};
use crate::account::Account;
use crate::call::{Answer, Call, Twist};
use crate::world::World;

/// The page says that the default is small; 100 were seen.
const DEFAULT: usize = 100;
const MOST: usize = 1_000;

#[derive(Clone, Copy, Debug, Default)]
struct Includes {
    auth_code: bool,
    contacts: bool,
    name_servers: bool,
}

pub(super) fn domains(call: &Call<'_>, account: &mut Account, twist: Twist) -> Answer {
    let limit = call.get("limit").map_or(Ok(DEFAULT), str::parse);
    let Some(limit) = limit.ok().filter(|limit| (1..=MOST).contains(limit)) else {
        return refuse_field("query.limit");
    };
    let mut includes = Includes::default();
    for include in words(call, "includes") {
        match include {
            "authCode" => includes.auth_code = true,
            "contacts" => includes.contacts = true,
            "nameServers" => includes.name_servers = true,
            _ => return refuse_field("query.includes"),
        }
    }
    if words(call, "statusGroups").any(|group| group != "VISIBLE") {
        return refuse_field("query.statusGroups");
    }
    if twist.empty_list || twist.empty_page {
        return Answer::json(200, "[]");
    }
    let names = by_name(account);
    let world = &account.world;
    let marker = call.get("marker").unwrap_or_default().to_ascii_lowercase();
    let name = |index: &u32| world.outline(u64::from(*index)).map(|row| row.name).unwrap_or_default();
    let from = names.partition_point(|index| !marker.is_empty() && name(index) <= marker);
    let statuses: Vec<_> = words(call, "statuses").collect();
    let visible = call.get("statusGroups").is_some();
    let rows: Vec<Value> = names[from..]
        .iter()
        .filter(|index| !visible || !is_deleted(world.current_status(u64::from(**index))))
        .filter_map(|index| row(world, u64::from(*index), includes, twist))
        .filter(|row| statuses.is_empty() || statuses.iter().any(|status| row["status"] == *status))
        .take(limit)
        .collect();
    Answer::json(200, Value::from(rows).to_string())
}

/// The values of a parameter that is repeated, or a list with commas.
fn words<'c>(call: &'c Call<'_>, name: &'static str) -> impl Iterator<Item = &'c str> {
    call.all(name).flat_map(|values| values.split(',')).filter(|value| !value.is_empty())
}

/// Everything in the order of names.
fn by_name(account: &mut Account) -> Arc<Vec<u32>> {
    if let Some(list) = account.cached_list("") {
        return list;
    }
    let world = &account.world;
    let mut list: Vec<u32> =
        (0..world.indexes()).filter(|index| world.is_present(*index)).map(|index| index as u32).collect();
    list.sort_by_cached_key(|index| world.outline(u64::from(*index)).map(|row| row.name));
    let list = Arc::new(list);
    account.cache_list(String::new(), Arc::clone(&list));
    list
}

fn row(world: &World, index: u64, includes: Includes, twist: Twist) -> Option<Value> {
    let mut domain = world.domain(index)?;
    if twist.everything_expired && domain.expires.is_some() {
        domain.expires = Some(world.now() - 10 * DAY);
    }
    let mut row = record(&domain, world.now());
    row["renewable"] = (word(&domain, world.now()) == "ACTIVE").into();
    // What was not asked for is null, not empty.
    row["nameServers"] = match includes.name_servers && !domain.nameservers.is_empty() {
        true => domain.nameservers.clone().into(),
        false => Value::Null,
    };
    if includes.contacts {
        for (key, contact) in details::contacts(&domain) {
            row[key] = contact;
        }
    }
    if includes.auth_code {
        row["authCode"] = domain.auth_code.as_str().into();
    }
    Some(row)
}
