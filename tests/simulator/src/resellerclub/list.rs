//! (2) The account's domains, a page at a time.

use std::sync::Arc;

use super::{Body, invalid, number, required, timestamp};
use crate::account::Account;
use crate::call::{Call, Twist};
use crate::json::Object;
use crate::world::{Outline, TLDS, World};

pub(super) fn search(call: &Call<'_>, account: &mut Account, twist: Twist) -> Body {
    let (per_page, page) = page(call)?;
    let order = order(call)?;
    let filter = Filter::read(call)?;
    if twist.empty_list {
        return Ok(r#"{"recsonpage":"0","recsindb":"0"}"#.to_owned());
    }
    let chosen = chosen(account, call, &filter, &order);
    let total = chosen.len() + if twist.wrong_total { 7 } else { 0 };
    let rows = match twist.empty_page {
        true => &[],
        false => chosen.chunks(per_page).nth(page - 1).unwrap_or_default(),
    };
    Ok(render(&account.world, rows, total, twist))
}

/// `no-of-records` and `page-no`, both required.
pub(super) fn page(call: &Call<'_>) -> Result<(usize, usize), String> {
    let per_page = number(required(call, "no-of-records")?, "no-of-records")?;
    if !(10..=500).contains(&per_page) {
        return Err(invalid("no-of-records", "Value must be between 10 and 500."));
    }
    match number(required(call, "page-no")?, "page-no")? {
        0 => Err(invalid("page-no", "Value must be 1 or more.")),
        page => Ok((per_page, page)),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Order,
    Customer,
    End,
    Timestamp,
    Type,
    Creation,
}

fn order(call: &Call<'_>) -> Result<Vec<(Key, bool)>, String> {
    call.all("order-by")
        .map(|text| {
            let (key, direction) = text.trim().split_once(' ').unwrap_or((text, "asc"));
            let key = match key {
                "orderid" => Key::Order,
                "customerid" => Key::Customer,
                "endtime" => Key::End,
                "timestamp" => Key::Timestamp,
                "entitytypeid" => Key::Type,
                "creationtime" | "creationdt" => Key::Creation,
                _ => return Err(invalid("order-by", "Invalid value for order-by.")),
            };
            match direction.trim().to_ascii_lowercase().as_str() {
                "asc" => Ok((key, false)),
                "desc" => Ok((key, true)),
                _ => Err(invalid("order-by", "Invalid value for order-by.")),
            }
        })
        .collect()
}

#[derive(Debug, Default)]
struct Filter<'c> {
    orders: Option<Vec<u64>>,
    customers: Vec<u64>,
    products: Vec<&'c str>,
    statuses: Vec<&'c str>,
    name: Option<String>,
    privacy: Option<&'c str>,
    created: (Option<i64>, Option<i64>),
    expires: (Option<i64>, Option<i64>),
}

impl<'c> Filter<'c> {
    fn read(call: &'c Call<'_>) -> Result<Self, String> {
        let numbers =
            |name: &'static str| call.all(name).map(|text| number(text, name)).collect::<Result<Vec<u64>, _>>();
        let instant = |name: &'static str| call.get(name).map(|text| number(text, name)).transpose();
        let orders = numbers("order-id")?;
        Ok(Self {
            orders: (!orders.is_empty()).then_some(orders),
            customers: numbers("customer-id")?,
            products: call.all("product-key").collect(),
            statuses: call.all("status").collect(),
            name: call.get("domain-name").map(str::to_ascii_lowercase),
            privacy: call.get("privacy-enabled"),
            created: (instant("creation-date-start")?, instant("creation-date-end")?),
            expires: (instant("expiry-date-start")?, instant("expiry-date-end")?),
        })
    }

    /// Whether only the status word decides.
    fn is_plain(&self) -> bool {
        self.customers.is_empty()
            && self.products.is_empty()
            && self.name.is_none()
            && self.privacy.is_none()
            && self.created == (None, None)
            && self.expires == (None, None)
    }

    fn status_fits(&self, world: &World, index: u64) -> bool {
        let status = world.current_status(index);
        match self.statuses.as_slice() {
            [] => world.list_shows_deleted || !matches!(status, "Deleted" | "Archived"),
            wanted => wanted.contains(&status),
        }
    }

    fn fits(&self, world: &World, index: u64) -> bool {
        if !world.is_present(index) || !self.status_fits(world, index) {
            return false;
        }
        if self.is_plain() {
            return true;
        }
        let Some(row) = world.outline(index) else {
            return false;
        };
        let within = |value: Option<i64>, (from, to): (Option<i64>, Option<i64>)| match value {
            Some(value) => from.is_none_or(|from| value >= from) && to.is_none_or(|to| value <= to),
            None => from.is_none() && to.is_none(),
        };
        (self.customers.is_empty() || self.customers.contains(&row.customer_id))
            && (self.products.is_empty() || self.products.contains(&row.product_key.as_str()))
            // More than the exact name: the page leaves it open, so a client has to compare again.
            && self.name.as_ref().is_none_or(|name| row.name.starts_with(name.as_str()))
            && self.privacy.is_none_or(|wanted| wanted == privacy(&row))
            && within(row.dated.then_some(row.created), self.created)
            && within(row.expires, self.expires)
    }
}

fn privacy(row: &Outline) -> &'static str {
    match (row.privacy_allowed, row.privacy) {
        (false, _) => "na",
        (true, false) => "false",
        (true, true) => "true",
    }
}

/// The indexes that the list has, in its order. Kept between the pages.
fn chosen(account: &mut Account, call: &Call<'_>, filter: &Filter<'_>, order: &[(Key, bool)]) -> Arc<Vec<u32>> {
    let mut key = String::new();
    for (name, value) in &call.parameters {
        if !matches!(&**name, "page-no" | "no-of-records" | "auth-userid" | "api-key") {
            key.push_str(name);
            key.push('=');
            key.push_str(value);
            key.push('&');
        }
    }
    // Switches of the world are public fields, which leave no trace in its version.
    key.push(if account.world.list_shows_deleted { '1' } else { '0' });
    if let Some(found) = account.cached_list(&key) {
        return found;
    }
    let world = &account.world;
    let mut indexes: Vec<u32> = match &filter.orders {
        Some(orders) => {
            let mut indexes: Vec<u64> = orders.iter().filter_map(|order| world.index_of_order(*order)).collect();
            indexes.sort_unstable();
            indexes.dedup();
            indexes.into_iter().filter(|index| filter.fits(world, *index)).map(|index| index as u32).collect()
        }
        None => (0..world.indexes()).filter(|index| filter.fits(world, *index)).map(|index| index as u32).collect(),
    };
    sort(world, &mut indexes, order);
    let indexes = Arc::new(indexes);
    account.cache_list(key, Arc::clone(&indexes));
    indexes
}

/// Order ids rise with the index; a list without an order is by order id.
fn sort(world: &World, indexes: &mut [u32], order: &[(Key, bool)]) {
    match order {
        [] | [(Key::Order, false), ..] => return,
        [(Key::Order, true), ..] => return indexes.reverse(),
        _ => (),
    }
    let value = |index: u32, key: Key| {
        let at = u64::from(index);
        let (created, expires, modified) = world.instants(at);
        match key {
            Key::Order => at as i64,
            Key::Creation => created,
            // PostgreSQL puts nulls last when ascending, first when descending.
            Key::End => expires.unwrap_or(i64::MAX),
            Key::Timestamp => modified.0 * 1_000_000 + i64::from(modified.1),
            Key::Customer => world.outline(at).map_or(0, |row| row.customer_id as i64),
            Key::Type => world.outline(at).map_or(0, |row| type_of(&row.product_key).0 as i64),
        }
    };
    // Made once for each row; keys beyond the third decide nothing.
    let mut keyed: Vec<([i64; 3], u32)> = indexes
        .iter()
        .map(|index| {
            let mut values = [0; 3];
            for (place, (key, descending)) in values.iter_mut().zip(order) {
                let value = value(*index, *key);
                *place = if *descending { -value } else { value };
            }
            (values, *index)
        })
        .collect();
    keyed.sort_unstable();
    for (place, (_, index)) in indexes.iter_mut().zip(keyed) {
        *place = index;
    }
}

/// The product's number and name.
fn type_of(product_key: &str) -> (usize, &'static str) {
    let found = TLDS.iter().position(|tld| tld.product_key == product_key);
    found.map_or((999, "Domain Name"), |place| (place + 3, TLDS[place].product_name))
}

fn render(world: &World, rows: &[u32], total: usize, twist: Twist) -> String {
    let mut object = Object::new(64 + rows.len() * 768);
    object.quoted("recsonpage", rows.len());
    // Sorted as text (1, 10, 100, 101 … 2): the order of the keys is not numeric.
    let mut places: Vec<String> = (1..=rows.len()).map(|place| place.to_string()).collect();
    places.sort_unstable();
    for (written, place) in places.iter().enumerate() {
        if written == 1 {
            object.quoted("recsindb", total);
        }
        let index = place.parse::<usize>().ok().and_then(|place| rows.get(place - 1));
        if let Some(row) = index.and_then(|index| world.outline(u64::from(*index))) {
            object.object(place, |inner| self::row(inner, world, row, twist));
        }
    }
    if places.len() < 2 {
        object.quoted("recsindb", total);
    }
    object.finish()
}

fn row(object: &mut Object, world: &World, mut row: Outline, twist: Twist) {
    if twist.everything_expired && row.expires.is_some() {
        row.expires = Some(world.now() - 100 * 86_400);
    }
    object
        .quoted("orders.orderid", row.order_id)
        .quoted("entity.entityid", row.order_id)
        .text("entity.description", &row.name)
        .quoted("entity.customerid", row.customer_id)
        .text("entity.currentstatus", &row.current_status)
        .quoted("entity.entitytypeid", type_of(&row.product_key).0)
        .text("entitytype.entitytypekey", &row.product_key)
        .text("entitytype.entitytypename", type_of(&row.product_key).1);
    if row.dated {
        object.quoted("orders.creationtime", row.created);
    }
    // These can be absent.
    if let Some(expires) = row.expires {
        object.quoted("orders.endtime", expires).text("orders.privacyprotection", privacy(&row));
    }
    object
        .quoted("orders.creationdt", row.created + 1)
        .text("orders.timestamp", &timestamp(row.modified))
        .flag("orders.autorenew", row.auto_renew)
        .flag("orders.transferlock", row.locked)
        .flag("orders.customerlock", false)
        .flag("orders.resellerlock", false);
}
