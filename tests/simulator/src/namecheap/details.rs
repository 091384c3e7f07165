//! (1) One domain.

use super::{Body, DAY, date, flag, is_away, is_expired, is_held};
use crate::call::{Call, Twist};
use crate::world::{SimContact, SimDomain, World};
use crate::xml::{element, escape};

const NOT_FOUND: u32 = 2_019_166;

fn find(call: &Call<'_>, world: &World, number: u32, twist: Twist) -> Result<SimDomain, (u32, String)> {
    let name = call.get("DomainName").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| (2_030_166, "Domain is invalid".to_owned()))?;
    let found = world.by_name(name).filter(|domain| !is_away(&domain.current_status));
    let mut domain = found.ok_or_else(|| (number, "Domain not found".to_owned()))?;
    if twist.other_domain {
        let others = (domain.index + 1..world.indexes()).chain(0..domain.index);
        if let Some(other) = others.into_iter().find_map(|index| world.domain(index)) {
            domain = other;
        }
    }
    if twist.everything_expired && domain.expires.is_some() {
        domain.expires = Some(world.now() - 10 * DAY);
    }
    Ok(domain)
}

pub(super) fn info(call: &Call<'_>, world: &World, twist: Twist) -> Body {
    let domain = find(call, world, NOT_FOUND, twist)?;
    let word = match domain.current_status.as_str() {
        "FreeDNS" => None,
        _ if is_expired(&domain, world.now()) => Some("Expired"),
        _ if is_held(&domain) => Some("Locked"),
        // The docs write it in capitals.
        "Active" | "Pending Verification" | "Shared" => Some(if domain.index.is_multiple_of(2) { "Ok" } else { "OK" }),
        other => Some(other),
    };
    let status = word.map(|word| format!("Status=\"{}\" ", escape(word))).unwrap_or_default();
    let is_owner = flag(!matches!(domain.current_status.as_str(), "Shared" | "FreeDNS"), domain.index);
    // (1): absent of a name that is here by its DNS.
    let expired = domain.expires.filter(|_| word.is_some()).map(|end| element("ExpiredDate", &date(end, domain.index)));
    let hosts: String = domain.nameservers.iter().map(|host| element("Nameserver", host)).collect();
    Ok(format!(
        "<DomainGetInfoResult {status}ID=\"{id}\" DomainName=\"{name}\" OwnerName=\"account1\" IsOwner=\"{is_owner}\" IsPremium=\"false\">\
         <DomainDetails><CreatedDate>{created}</CreatedDate>{expired}<NumYears>0</NumYears></DomainDetails><LockDetails />\
         <Whoisguard Enabled=\"{guard}\"><ID>351000</ID><ExpiredDate>1/1/2035</ExpiredDate><EmailDetails \
         WhoisGuardEmail=\"x.protect@example.net\" ForwardedTo=\"jane@example.com\" LastAutoEmailChangeDate=\"\" \
         AutoEmailChangeFrequencyDays=\"0\" /></Whoisguard><PremiumDnsSubscription><UseAutoRenew>false</UseAutoRenew>\
         <SubscriptionId>-1</SubscriptionId><CreatedDate>0001-01-01T00:00:00</CreatedDate>\
         <ExpirationDate>0001-01-01T00:00:00</ExpirationDate><IsActive>false</IsActive></PremiumDnsSubscription>\
         <DnsDetails ProviderType=\"CUSTOM\" IsUsingOurDNS=\"false\" HostCount=\"0\" EmailType=\"No Email Service\" \
         DynamicDNSStatus=\"false\" IsFailover=\"false\">{hosts}</DnsDetails><Modificationrights All=\"true\" />\
         </DomainGetInfoResult>",
        id = domain.order_id,
        name = escape(&domain.name),
        created = date(domain.created, domain.index),
        expired = expired.unwrap_or_default(),
        guard = flag(domain.privacy, domain.index),
    ))
}

pub(super) fn contacts(call: &Call<'_>, world: &World, twist: Twist) -> Body {
    let domain = find(call, world, 3_019_510, twist)?;
    let [registrant, admin, tech, billing] = &domain.contacts;
    let roles = [("Registrant", registrant), ("Tech", tech), ("Admin", admin), ("AuxBilling", billing)];
    let people: String = roles.into_iter().map(|(role, contact)| person(role, contact)).collect();
    // (1): with privacy on, extra blocks may follow.
    let shield = SimContact {
        name: "Withheld for Privacy".to_owned(),
        email: "x.protect@example.net".to_owned(),
        ..SimContact::default()
    };
    let guard =
        if domain.privacy { element_of("WhoisGuardContact", &person("Registrant", &shield)) } else { String::new() };
    Ok(format!(
        "<DomainContactsResult Domain=\"{}\" domainnameid=\"{}\" Readonly=\"false\">{people}{guard}</DomainContactsResult>",
        escape(&domain.name),
        domain.order_id,
    ))
}

fn element_of(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

fn person(role: &str, contact: &SimContact) -> String {
    let (first, last) = contact.name.rsplit_once(' ').unwrap_or((&contact.name, ""));
    let phone = format!("+{}.{}", contact.phone_cc, contact.phone);
    let second = [&contact.address2, &contact.address3].map(String::as_str);
    let second = second.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    let fields = [
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
    let fields: String = fields.into_iter().map(|(name, text)| element(name, text)).collect();
    format!("<{role} ReadOnly=\"false\">{fields}</{role}>")
}

pub(super) fn lock(call: &Call<'_>, world: &World) -> Body {
    let domain = find(call, world, NOT_FOUND, Twist::default())?;
    let locked = domain.order_status.iter().any(|word| word == "transferlock");
    Ok(format!("<DomainGetRegistrarLockResult Domain=\"{}\" RegistrarLockStatus=\"{locked}\" />", escape(&domain.name)))
}
