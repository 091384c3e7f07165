//! (1) One domain.

use super::{Body, DAY, element, find, is_held, parameter, stage, wall_clock};
use crate::call::{Call, Twist};
use crate::world::{SimContact, SimDomain, World};
use crate::xml::escape;

/// The two status words.
fn words(domain: &SimDomain, now: i64) -> (&str, &'static str) {
    if stage(domain, now).is_some() {
        return ("Expired", "Paid");
    }
    match domain.current_status.as_str() {
        "InActive" => ("Processing", "Processing"),
        "Active" | "Pending Verification" | "Suspended" | "Failed Verification" => ("Registered", "Paid"),
        other => (other, "Paid"),
    }
}

pub(super) fn info(call: &Call<'_>, world: &World, twist: Twist) -> Body {
    let mut domain = find(call, world)?;
    if twist.other_domain {
        let others = (domain.index + 1..world.indexes()).chain(0..domain.index);
        if let Some(other) = others.into_iter().find_map(|index| world.domain(index)) {
            domain = other;
        }
    }
    if twist.everything_expired && domain.expires.is_some() {
        domain.expires = Some(world.now() - 10 * DAY);
    }
    let (registration, purchase) = words(&domain, world.now());
    let expiration = domain.expires.map(wall_clock).unwrap_or_default();
    let (sld, tld) = match domain.tld() {
        Some(tld) => (domain.name.trim_end_matches(tld.extension).trim_end_matches('.'), tld.extension),
        None => domain.name.split_once('.').unwrap_or((&domain.name, "")),
    };
    let hosts: String = domain.nameservers.iter().map(|host| element("dns", host)).collect();
    let verification = match domain.raa.as_deref() {
        Some("Suspended") => "Suspended",
        Some("Pending") => "Pending Suspension",
        _ => "Verified",
    };
    // The order of the entries is no promise.
    let mut entries = [
        "<entry name=\"dnssettings\"><service changable=\"0\">1021</service><configuration changable=\"1\" type=\"host\">\
         <host><name><![CDATA[@]]></name><type><![CDATA[A]]></type><address><![CDATA[192.0.2.5]]></address>\
         <mxpref><![CDATA[10]]></mxpref><iseditable><![CDATA[1]]></iseditable></host></configuration></entry>"
            .to_owned(),
        format!(
            "<entry name=\"dnsserver\"><enomDNS value=\"NO\" isDotName=\"NO\"/><service changable=\"1\">1012</service>\
             <configuration changable=\"0\" type=\"dns\">{hosts}</configuration></entry>"
        ),
        format!("<entry name=\"wpps\"><service changable=\"1\">{}</service></entry>", if domain.privacy { 1120 } else { 1123 }),
        format!(
            "<entry name=\"raasettings\"><raasetting><verificationstatus>{verification}</verificationstatus></raasetting></entry>"
        ),
    ];
    let places = entries.len();
    entries.rotate_left((domain.index % places as u64) as usize);
    Ok(format!(
        "  <GetDomainInfo>\r\n    <domainname sld=\"{sld}\" tld=\"{tld}\" domainnameid=\"{id}\">{name}</domainname>\r\n    \
         <multy-langSLD/>\r\n    <status>{expiration}<escrowliftdate/><escrowhold/>{deleted}<deletetype/>\
         <registrar>eNom, Inc.</registrar>{registration}{purchase}<belongs-to \
         party-id=\"{{00000000-0000-0000-0000-000000000001}}\">resellid</belongs-to></status>\r\n    \
         <ParkingEnabled>False</ParkingEnabled>\r\n    <services>{entries}</services>\r\n  </GetDomainInfo>\r\n",
        sld = escape(sld),
        id = domain.order_id,
        name = escape(&domain.name),
        deleted = element("deletebydate", &expiration),
        expiration = element("expiration", &expiration),
        registration = element("registrationstatus", registration),
        purchase = element("purchase-status", purchase),
        entries = entries.concat(),
    ))
}

pub(super) fn contacts(call: &Call<'_>, world: &World) -> Body {
    let domain = find(call, world)?;
    let account_s_own = SimContact {
        contact_id: 1,
        name: "Rita Reseller".to_owned(),
        email: "rita@reseller.example".to_owned(),
        country: "US".to_owned(),
        ..SimContact::default()
    };
    let [registrant, admin, tech, billing] = &domain.contacts;
    let roles = [
        ("Registrant", registrant),
        ("Admin", admin),
        ("Tech", tech),
        ("AuxBilling", billing),
        ("Billing", &account_s_own),
    ];
    let people: String = roles
        .into_iter()
        .map(|(role, contact)| match contact.contact_id {
            // A role that was never set.
            -1 if role == "Tech" => format!("<{role}>None</{role}>"),
            -1 => format!("<{role}/>"),
            _ => person(role, contact, domain.privacy),
        })
        .collect();
    Ok(format!("  <GetContacts>{people}</GetContacts>\r\n"))
}

/// Data of EU persons without consent come as placeholders.
fn person(role: &str, contact: &SimContact, is_protected: bool) -> String {
    let mut contact = contact.clone();
    if is_protected && contact.country == "DE" {
        contact = SimContact {
            name: "Data Protected".to_owned(),
            email: "noreply@data-protected.net".to_owned(),
            address1: "Data Protected".to_owned(),
            ..contact
        };
    }
    let (first, last) = contact.name.rsplit_once(' ').unwrap_or((&contact.name, ""));
    let phone =
        if contact.phone.is_empty() { String::new() } else { format!("+{}.{}", contact.phone_cc, contact.phone) };
    let second = [&contact.address2, &contact.address3].map(String::as_str);
    let second = second.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    let fields = [
        ("PartyID", "{00000000-0000-0000-0000-000000000003}"),
        ("OrganizationName", contact.company.as_str()),
        ("JobTitle", ""),
        ("FirstName", first),
        ("LastName", last),
        ("Address1", &contact.address1),
        ("Address2", &second),
        ("City", &contact.city),
        ("StateProvince", &contact.state),
        ("StateProvinceChoice", "S"),
        ("PostalCode", &contact.zip),
        ("Country", &contact.country),
        ("Phone", &phone),
        ("PhoneExt", ""),
        ("Fax", ""),
        ("EmailAddress", &contact.email),
    ];
    let fields: String = fields.into_iter().map(|(name, text)| element(&format!("{role}{name}"), text)).collect();
    format!("<{role}>{fields}</{role}>")
}

pub(super) fn registration_status(call: &Call<'_>, world: &World) -> Body {
    let domain = find(call, world)?;
    let (registration, purchase) = words(&domain, world.now());
    let hold = if is_held(&domain) { "True" } else { "False" };
    Ok(format!(
        "  {}{}{}\r\n",
        element("RegistrationStatus", registration),
        element("PurchaseStatus", purchase),
        element("RegistrarHold", hold)
    ))
}

pub(super) fn lock(call: &Call<'_>, world: &World) -> Body {
    let domain = find(call, world)?;
    let locked = domain.order_status.iter().any(|word| word == "transferlock");
    Ok(format!(
        "  <reg-lock>{}</reg-lock><registrar>E</registrar><RRPCode>200</RRPCode><RRPText>Command completed \
         successfully</RRPText>\r\n",
        u8::from(locked)
    ))
}

pub(super) fn dns(call: &Call<'_>, world: &World) -> Body {
    // Asked for with anything but a whole name it finds nothing.
    if parameter(call, "tld").is_empty() {
        return Err(super::Refusal::not_found());
    }
    let domain = find(call, world)?;
    Ok(domain.nameservers.iter().map(|host| element("dns", host)).collect())
}
