//! (2) The lists: one answer for the whole account.

use super::{DAY, element, is_away, stage, wall_clock};
use crate::call::Twist;
use crate::world::{SimDomain, World};

fn domains(world: &World, twist: Twist) -> impl Iterator<Item = SimDomain> + '_ {
    world.domains().filter(|domain| !is_away(&domain.current_status) && !domain.is_pending()).map(move |mut domain| {
        if twist.everything_expired && domain.expires.is_some() {
            domain.expires = Some(world.now() - 10 * DAY);
        }
        domain
    })
}

/// Everything that is registered, the expired with it; what can be restored only is in the other list.
pub(super) fn all(world: &World, twist: Twist) -> String {
    let rows =
        domains(world, twist).filter(|domain| domain.current_status != "Pending Delete Restorable").map(|domain| {
            let locked = domain.order_status.iter().any(|word| word == "transferlock");
            format!(
                "<DomainDetail>{}{}{}{}{}</DomainDetail>\r\n",
                element("DomainName", &domain.name),
                element("DomainNameID", &domain.order_id.to_string()),
                element("expiration-date", &domain.expires.map(wall_clock).unwrap_or_default()),
                element("lockstatus", if locked { "Locked" } else { "Unlocked" }),
                element("AutoRenew", if domain.auto_renew { "Yes" } else { "No" }),
            )
        });
    render("GetAllDomains", rows, twist)
}

/// What is past its date, with its stage.
pub(super) fn expired(world: &World, twist: Twist) -> String {
    let now = world.now();
    let rows = domains(world, twist).filter_map(|domain| {
        Some(format!(
            "<DomainDetail>{}{}{}{}<lockstatus>Locked</lockstatus></DomainDetail>\r\n",
            element("DomainName", &domain.name),
            element("DomainNameID", &domain.order_id.to_string()),
            element("status", stage(&domain, now)?),
            element("expiration-date", &domain.expires.map(wall_clock).unwrap_or_default()),
        ))
    });
    render("GetExpiredDomains", rows, twist)
}

fn render(list: &str, rows: impl Iterator<Item = String>, twist: Twist) -> String {
    let rows: Vec<String> = if twist.empty_list { Vec::new() } else { rows.collect() };
    let count = rows.len() + if twist.wrong_total { 7 } else { 0 };
    let shown = if twist.empty_page { String::new() } else { rows.concat() };
    format!(
        "  <{list}>\r\n{shown}<domaincount>{count}</domaincount><UserRequestStatus>DomainBox</UserRequestStatus></{list}>\r\n"
    )
}
