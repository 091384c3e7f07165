//! (2) The account's domains a page at a time, and the transfers into it.

use std::sync::Arc;

use super::{Body, DAY, date, flag, is_expired, is_held, is_own, paging, paging_element};
use crate::account::Account;
use crate::call::{Call, Twist};
use crate::world::World;
use crate::xml::escape;

pub(super) fn domains(call: &Call<'_>, account: &mut Account, twist: Twist) -> Body {
    let (page, size) = paging(call, 20)?;
    let chosen = chosen(call, account)?;
    let total = if twist.empty_list { 0 } else { chosen.len() + if twist.wrong_total { 7 } else { 0 } };
    let rows = match twist.empty_page || twist.empty_list {
        true => &[],
        false => chosen.chunks(size).nth(page - 1).unwrap_or_default(),
    };
    let rows: String = rows.iter().map(|index| row(&account.world, u64::from(*index), twist)).collect();
    let list = match rows.is_empty() {
        true => "<DomainGetListResult />".to_owned(),
        false => format!("<DomainGetListResult>{rows}</DomainGetListResult>"),
    };
    Ok(list + &paging_element(total, page, size))
}

/// The account's own domains that were asked for, in the order that was.
fn chosen(call: &Call<'_>, account: &mut Account) -> Result<Arc<Vec<u32>>, (u32, String)> {
    let term = call.get("SearchTerm").unwrap_or_default().to_ascii_lowercase();
    if term.len() > 70 {
        return Err((2_010_000, "SearchTerm is too long".to_owned()));
    }
    let kind = call.get("ListType").unwrap_or("ALL").to_ascii_uppercase();
    let order = call.get("SortBy").unwrap_or("NAME").to_ascii_uppercase();
    let key = format!("{kind} {order} {term}");
    if let Some(list) = account.cached_list(&key) {
        return Ok(list);
    }
    let world = &account.world;
    let is_chosen = |index: &u64| {
        let expires = || world.instants(*index).1.unwrap_or(i64::MAX);
        world.is_present(*index)
            && is_own(world.current_status(*index))
            && match kind.as_str() {
                "EXPIRED" => expires() <= world.now(),
                "EXPIRING" => (world.now()..world.now() + 30 * DAY).contains(&expires()),
                _ => true,
            }
            && (term.is_empty() || world.outline(*index).is_some_and(|row| row.name.contains(&term)))
    };
    let mut list: Vec<u32> = (0..world.indexes()).filter(is_chosen).map(|index| index as u32).collect();
    let (by, is_down) = order.strip_suffix("_DESC").map_or((order.as_str(), false), |by| (by, true));
    match by {
        "NAME" => list.sort_by_cached_key(|index| world.outline(u64::from(*index)).map(|row| row.name)),
        "EXPIREDATE" => list.sort_by_cached_key(|index| world.instants(u64::from(*index)).1),
        "CREATEDATE" => list.sort_by_cached_key(|index| world.instants(u64::from(*index)).0),
        _ => return Err((2_010_000, "SortBy is invalid".to_owned())),
    }
    if is_down {
        list.reverse();
    }
    let list = Arc::new(list);
    account.cache_list(key, Arc::clone(&list));
    Ok(list)
}

fn row(world: &World, index: u64, twist: Twist) -> String {
    let Some(mut domain) = world.domain(index) else {
        return String::new();
    };
    if twist.everything_expired && domain.expires.is_some() {
        domain.expires = Some(world.now() - 10 * DAY);
    }
    let expires = domain.expires.map(|end| date(end, index)).unwrap_or_default();
    let (is_expired, is_held) = (is_expired(&domain, world.now()), is_held(&domain));
    // A word that the account has never seen leaves its marks out.
    let marks =
        match is_expired || is_held || matches!(domain.current_status.as_str(), "Active" | "Pending Verification") {
            true => format!("IsExpired=\"{}\" IsLocked=\"{}\" ", flag(is_expired, index), flag(is_held, index)),
            false => String::new(),
        };
    let guard = match (is_expired, domain.privacy) {
        (true, _) => "NOTPRESENT",
        (false, true) => "ENABLED",
        (false, false) => "NOTALLOTED",
    };
    format!(
        "<Domain ID=\"{}\" Name=\"{}\" User=\"account1\" Created=\"{}\" Expires=\"{expires}\" {marks}AutoRenew=\"{}\" \
         WhoisGuard=\"{guard}\" IsPremium=\"false\" IsOurDNS=\"false\" />",
        domain.order_id,
        escape(&domain.name),
        date(domain.created, index),
        flag(domain.auto_renew, index),
    )
}

/// The attribute names of the vendor's page for some, those of its SDK for others: both occur.
pub(super) fn transfers(call: &Call<'_>, world: &World) -> Body {
    let (page, size) = paging(call, 10)?;
    let term = call.get("SearchTerm").unwrap_or_default().to_ascii_lowercase();
    let all: Vec<_> = (0..world.indexes())
        .filter(|index| world.is_present(*index) && world.may_have_action(*index))
        .filter_map(|index| world.domain(index))
        .filter(|domain| domain.is_pending() && domain.action_type.as_deref() == Some("AddTransferDomain"))
        .filter(|domain| domain.name.contains(&term))
        .collect();
    let rows: String = all
        .chunks(size)
        .nth(page - 1)
        .unwrap_or_default()
        .iter()
        .map(|domain| {
            let (name, started) = (escape(&domain.name), date(domain.created, domain.index));
            let rest = format!("User=\"account1\" TransferDate=\"{started}\" OrderID=\"90001\" StatusID=\"14\"");
            match domain.index.is_multiple_of(2) {
                true => format!("<Transfer ID=\"10\" Domainname=\"{name}\" {rest} Status=\"INPROGRESS\" />"),
                false => format!(
                    "<Transfer TransferID=\"10\" DomainName=\"{name}\" {rest} Status=\"Waiting for approval\" />"
                ),
            }
        })
        .collect();
    Ok(format!("<TransferGetListResult>{rows}</TransferGetListResult>{}", paging_element(all.len(), page, size)))
}
