//! The small calls: order ids, locks, availability, contacts, the account itself, actions under way.

use super::details::{self, PARENT, missing, no_entity};
use super::list::page;
use super::{Body, number, required};
use crate::account::Account;
use crate::call::Call;
use crate::json::Object;
use crate::world::{SimDomain, World};

/// (1): a bare number.
pub(super) fn order_id(call: &Call<'_>, world: &World) -> Body {
    let name = required(call, "domain-name")?;
    world.by_name(name).map(|domain| domain.order_id.to_string()).ok_or_else(|| missing(name))
}

/// (1): real booleans.
pub(super) fn locks(call: &Call<'_>, world: &World) -> Body {
    let order = number(required(call, "order-id")?, "order-id")?;
    let domain = world.by_order(order).ok_or_else(|| no_entity(order))?;
    let locked = domain.order_status.iter().any(|word| word == "transferlock");
    Ok(format!(r#"{{"transferlock":{locked},"customerlock":false}}"#))
}

/// (3): keyed by the full name; the product key is the price table's.
pub(super) fn available(call: &Call<'_>, world: &World) -> Body {
    required(call, "domain-name")?;
    required(call, "tlds")?;
    let mut object = Object::new(1_024);
    for label in call.all("domain-name") {
        for extension in call.all("tlds") {
            let name = format!("{}.{}", label.to_ascii_lowercase(), extension);
            let tld = world.tlds().iter().find(|tld| tld.extension == extension);
            object.object(&name, |inner| match tld {
                None => {
                    inner.text("status", "unknown");
                }
                Some(tld) => {
                    let status = match name.bytes().map(u64::from).sum::<u64>() % 8 {
                        _ if world.by_name(&name).is_some() => "regthroughus",
                        0 => "regthroughothers",
                        _ => "available",
                    };
                    inner.text("classkey", tld.product_key).text("status", status);
                }
            });
        }
    }
    Ok(object.finish())
}

/// (1): one contact; its `passwd` is a secret that clients have to drop.
pub(super) fn contact(call: &Call<'_>, world: &World) -> Body {
    let id: i64 = number(required(call, "contact-id")?, "contact-id")?;
    if id <= 0 {
        return Err("Invalid contact-id".to_owned());
    }
    let (contact, customer) = world.contact(id).ok_or_else(|| no_entity(id.unsigned_abs()))?;
    let mut object = Object::new(1_024);
    object.quoted("entityid", id).text("classkey", "domcontact").text("currentstatus", "Active");
    details::contact(&mut object, &contact, customer);
    object.text("passwd", "SECRET-CONTACT-PASSWORD");
    Ok(object.finish())
}

/// (3), (4): the account; its currencies.
pub(super) fn reseller(account: &Account) -> String {
    let mut object = Object::new(512);
    object
        .text("resellerid", &account.login)
        .text("username", "reseller@example.com")
        .text("name", "Example Reseller")
        .text("company", "Example Reseller Ltd")
        .text("resellerstatus", "Active")
        .text("parentid", "123456")
        .text("parentkey", PARENT)
        .text("sellingcurrencysymbol", &account.world.currency)
        .text("parentsellingcurrencysymbol", &account.world.cost_currency)
        .text("totalreceipts", "0.00");
    object.finish()
}

/// (2): numbered rows of pending actions.
pub(super) fn current_actions(call: &Call<'_>, world: &World) -> Body {
    let (per_page, page) = page(call)?;
    let orders = call.all("order-id").map(|text| number(text, "order-id")).collect::<Result<Vec<u64>, _>>()?;
    let pending: Vec<SimDomain> = if orders.is_empty() {
        let waiting = |index: &u64| world.may_have_action(*index);
        let found = (0..world.indexes()).filter(waiting).filter_map(|index| world.domain(index));
        found.filter(|domain| domain.action_type.is_some()).collect()
    } else {
        let found = orders.into_iter().filter_map(|order| world.by_order(order));
        found.filter(|domain| domain.action_type.is_some()).collect()
    };
    let rows = pending.chunks(per_page).nth(page - 1).unwrap_or_default();
    let mut object = Object::new(256 + rows.len() * 256);
    object.quoted("recsonpage", rows.len()).quoted("recsindb", pending.len());
    for (place, domain) in rows.iter().enumerate().rev() {
        let action = domain.action_type.as_deref().unwrap_or_default();
        object.object(&(place + 1).to_string(), |inner| {
            inner
                .quoted("entityid", domain.order_id)
                .quoted("eaqid", domain.order_id * 3)
                .text("actiontype", action)
                .text("actiontypedesc", action)
                .quoted("actionadded", domain.created)
                .quoted("actionstarted", domain.created + 60)
                .text("actioncompleted", "0")
                .text("actionstatus", "Pending")
                .text("actionstatusdesc", "Action is being processed");
        });
    }
    Ok(object.finish())
}
