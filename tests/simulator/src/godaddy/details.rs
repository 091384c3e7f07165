//! (1) One domain.

use serde_json::{Value, json};

use super::{DAY, record, refuse};
use crate::call::{Answer, Twist};
use crate::world::{SimContact, SimDomain, World};

pub(super) fn one(name: &str, world: &World, twist: Twist) -> Answer {
    let Some(mut domain) = world.by_name(name) else {
        return refuse(404, "NOT_FOUND", "Not Found : The requested resource was not found");
    };
    if twist.other_domain {
        let others = (domain.index + 1..world.indexes()).chain(0..domain.index);
        if let Some(other) = others.into_iter().find_map(|index| world.domain(index)) {
            domain = other;
        }
    }
    if twist.everything_expired && domain.expires.is_some() {
        domain.expires = Some(world.now() - 10 * DAY);
    }
    let mut details = record(&domain, world.now());
    details["subaccountId"] = "100000001".into();
    // Comes unasked.
    details["authCode"] = domain.auth_code.as_str().into();
    // What could not be loaded is null, and the status says so.
    let is_partial = domain.nameservers.is_empty();
    details["nameServers"] = if is_partial { Value::Null } else { domain.nameservers.clone().into() };
    for (key, contact) in contacts(&domain) {
        details[key] = contact;
    }
    details["verifications"] = json!({"domainName": {"status": "APPROVED"}, "realName": {"status": "APPROVED"}});
    Answer::json(if is_partial { 203 } else { 200 }, details.to_string())
}

/// The four contacts, as far as the registry has them: privacy does not replace them (10).
pub(super) fn contacts(domain: &SimDomain) -> impl Iterator<Item = (&'static str, Value)> {
    let roles = ["contactRegistrant", "contactAdmin", "contactTech", "contactBilling"];
    let there = |(_, contact): &(&str, &SimContact)| contact.contact_id > 0;
    roles.into_iter().zip(&domain.contacts).filter(there).map(|(role, contact)| (role, person(contact)))
}

fn person(contact: &SimContact) -> Value {
    let (first, last) = contact.name.rsplit_once(' ').unwrap_or((&contact.name, ""));
    let second = [&contact.address2, &contact.address3].map(String::as_str);
    let second = second.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    json!({
        "nameFirst": first, "nameMiddle": "", "nameLast": last, "organization": contact.company, "jobTitle": "",
        "email": contact.email, "phone": format!("+{}.{}", contact.phone_cc, contact.phone), "fax": "",
        "addressMailing": {
            "address1": contact.address1, "address2": second, "city": contact.city, "state": contact.state,
            "postalCode": contact.zip, "country": contact.country
        }
    })
}
