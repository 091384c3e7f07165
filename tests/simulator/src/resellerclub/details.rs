//! (1) One domain.

use super::{Body, invalid, number, required};
use crate::call::{Call, Twist};
use crate::json::Object;
use crate::world::{SimContact, SimDomain, World};

const OPTIONS: [&str; 11] = [
    "All",
    "OrderDetails",
    "ContactIds",
    "RegistrantContactDetails",
    "AdminContactDetails",
    "TechContactDetails",
    "BillingContactDetails",
    "NsDetails",
    "DomainStatus",
    "DNSSECDetails",
    "StatusDetails",
];

pub(super) const PARENT: &str = "999999999_999999998_123456";
const DAY: i64 = 86_400;

pub(super) fn by_name(call: &Call<'_>, world: &World, twist: Twist) -> Body {
    let name = required(call, "domain-name")?;
    let options = Options::read(call)?;
    let domain = world.by_name(name).ok_or_else(|| missing(name))?;
    Ok(render(&options, world, domain, twist))
}

pub(super) fn by_order(call: &Call<'_>, world: &World, twist: Twist) -> Body {
    let order = number(required(call, "order-id")?, "order-id")?;
    let options = Options::read(call)?;
    let domain = world.by_order(order).ok_or_else(|| no_entity(order))?;
    Ok(render(&options, world, domain, twist))
}

pub(super) fn missing(name: &str) -> String {
    format!("Website doesn't exist for {name}")
}

pub(super) fn no_entity(id: u64) -> String {
    format!("No Entity found for Entityid: {id}")
}

struct Options<'c>(Vec<&'c str>);

impl<'c> Options<'c> {
    /// Required, repeated, case-sensitive.
    fn read(call: &'c Call<'_>) -> Result<Self, String> {
        required(call, "options")?;
        let options: Vec<&str> = call.all("options").collect();
        match options.iter().find(|option| !OPTIONS.contains(option)) {
            Some(_) => Err(invalid("options", "Invalid value for options.")),
            None => Ok(Self(options)),
        }
    }

    fn has(&self, option: &str) -> bool {
        self.0.iter().any(|given| *given == option || *given == "All")
    }
}

fn render(options: &Options<'_>, world: &World, mut domain: SimDomain, twist: Twist) -> String {
    if twist.other_domain {
        let others = (domain.index + 1..world.indexes()).chain(0..domain.index);
        if let Some(other) = others.into_iter().find_map(|index| world.domain(index)) {
            domain = other;
        }
    }
    if twist.everything_expired && domain.expires.is_some() {
        domain.expires = Some(world.now() - 100 * DAY);
    }
    let mut object = Object::new(4_096);
    base(&mut object, &domain);
    if options.has("OrderDetails") {
        order(&mut object, &domain);
    }
    if options.has("StatusDetails") {
        object.text("currentstatus", &domain.current_status);
        object.flag("orderSuspendedByParent", false).flag("paused", false);
    }
    if options.has("DomainStatus") {
        status(&mut object, &domain);
    }
    if options.has("NsDetails") {
        nameservers(&mut object, &domain);
    }
    if options.has("DNSSECDetails") {
        object.raw("dnssec", "[]");
    }
    contacts(&mut object, options, &domain);
    if options.has("All") {
        rest(&mut object, &domain);
    }
    object.finish()
}

/// The keys that every answer has.
fn base(object: &mut Object, domain: &SimDomain) {
    let class = domain.product_key.get(..1).unwrap_or_default().to_ascii_uppercase()
        + domain.product_key.get(1..).unwrap_or_default();
    object
        .text("classkey", &domain.product_key)
        .text("classname", &format!("com.logicboxes.foundation.sfnb.order.domorder.{class}"))
        .flag("isImmediateReseller", true)
        .text("autoRenewAttemptDuration", "30")
        .text("autoRenewTermType", "LONG_TERM")
        .flag("privacyprotectedallowed", domain.privacy_allowed())
        .flag("isprivacyprotected", domain.privacy)
        .flag("isOrderSuspendedUponExpiry", false)
        .object("gdpr", |gdpr| {
            gdpr.flag("enabled", true).flag("eligible", true);
        });
}

fn order(object: &mut Object, domain: &SimDomain) {
    object
        .quoted("orderid", domain.order_id)
        .text("domainname", &domain.name)
        .quoted("customerid", domain.customer_id)
        .text("productkey", &domain.product_key)
        .text("productcategory", "domorder")
        .text("parentkey", PARENT)
        .flag("allowdeletion", true)
        .text("moneybackperiod", "4")
        .flag("recurring", domain.auto_renew);
    // (10): the times vanish on new and pending orders, and so does the secret.
    if domain.has_creation_time() {
        object.quoted("creationtime", domain.created).text("domsecret", &domain.auth_code);
    }
    if let Some(expires) = domain.expires {
        object.quoted("endtime", expires);
    }
    if !domain.order_status.is_empty() || !domain.is_pending() {
        object.list("orderstatus", domain.order_status.iter().map(String::as_str));
    }
}

fn status(object: &mut Object, domain: &SimDomain) {
    if !domain.domain_status.is_empty() || !domain.is_pending() {
        object.list("domainstatus", domain.domain_status.iter().map(String::as_str));
    }
    if let Some(raa) = &domain.raa {
        object.text("raaVerificationStatus", raa).quoted("raaVerificationStartTime", domain.created + 3);
    }
}

/// Flat keys, never a list; in an order that is not theirs.
fn nameservers(object: &mut Object, domain: &SimDomain) {
    object.quoted("noOfNameServers", domain.nameservers.len());
    let mut keyed: Vec<(String, &String)> =
        (1..).zip(&domain.nameservers).map(|(place, host)| (format!("ns{place}"), host)).collect();
    keyed.sort();
    for (key, host) in keyed {
        object.text(&key, host);
    }
}

const ROLES: [(&str, &str); 4] = [
    ("registrant", "RegistrantContactDetails"),
    ("admin", "AdminContactDetails"),
    ("tech", "TechContactDetails"),
    ("billing", "BillingContactDetails"),
];

/// (10): registries that know a registrant only.
fn registrant_only(extension: &str) -> bool {
    matches!(extension, "eu" | "uk" | "co.uk" | "org.uk" | "nz" | "co.nz" | "ru" | "fr" | "nl" | "at")
}

fn contacts(object: &mut Object, options: &Options<'_>, domain: &SimDomain) {
    let extension = domain.tld().map_or("", |tld| tld.extension);
    let pending_transfer = domain.action_type.as_deref() == Some("AddTransferDomain");
    for ((role, option), contact) in ROLES.into_iter().zip(&domain.contacts) {
        if role == "billing" && extension == "ca" {
            continue;
        }
        let absent = contact.contact_id == -1 || (role != "registrant" && registrant_only(extension));
        if options.has("ContactIds") {
            object.quoted(&format!("{role}contactid"), if absent { -1 } else { contact.contact_id });
        }
        if !options.has(option) || pending_transfer {
            continue;
        }
        let key = format!("{role}contact");
        match (absent, role) {
            (false, _) => {
                object.object(&key, |inner| self::contact(inner, contact, domain.customer_id));
            }
            // All three forms of nothing occur.
            (true, "admin") => {
                object.raw(&key, "[]");
            }
            (true, "tech") => {
                object.raw(&key, "{}");
            }
            (true, _) => (),
        }
        if domain.privacy && !absent {
            let mut shield = contact.clone();
            shield.name = "Domain Admin".to_owned();
            shield.company = "Privacy Protect, LLC (PrivacyProtect.org)".to_owned();
            shield.email = "contact@privacyprotect.example".to_owned();
            object.object(&format!("privacy-{role}contact"), |inner| self::contact(inner, &shield, domain.customer_id));
        }
    }
    if domain.privacy && options.has("All") {
        object.quoted("privacyprotectendtime", domain.expires.unwrap_or_default()).text("privacyprotectionroid", "");
    }
}

/// A contact's own keys.
pub(super) fn contact(object: &mut Object, contact: &SimContact, customer: u64) {
    object
        .quoted("contactid", contact.contact_id)
        .text("type", "Contact")
        .raw("contacttype", "[]")
        .text("contactstatus", "Active")
        .text("name", &contact.name)
        .text("company", &contact.company)
        .text("emailaddr", &contact.email)
        .text("telnocc", &contact.phone_cc)
        .text("telno", &contact.phone)
        .text("address1", &contact.address1)
        .text("city", &contact.city)
        .text("zip", &contact.zip)
        .text("country", &contact.country);
    // (10): these vanish when they are empty.
    for (key, value) in [("address2", &contact.address2), ("address3", &contact.address3), ("state", &contact.state)] {
        if !value.is_empty() {
            object.text(key, value);
        }
    }
    object.quoted("customerid", customer).text("parentkey", PARENT);
}

/// What only `All` has.
fn rest(object: &mut Object, domain: &SimDomain) {
    object
        .quoted("entityid", domain.order_id)
        .text("description", &domain.name)
        .text("entitytypeid", "3")
        .raw("cns", if domain.index.is_multiple_of(2) { "{}" } else { "[]" })
        .raw("addons", "[]")
        .raw("jumpConditions", "[]")
        .flag("premiumdnsallowed", true)
        .flag("premiumdnsenabled", false)
        .text("multilingualflag", if domain.name.starts_with("xn--") { "t" } else { "f" })
        .text("bulkwhoisoptout", "t")
        .flag("tnc_required", false)
        .text("customercost", "0.0")
        .text("resellercost", "0");
    if let Some(action) = &domain.action_type {
        let description = match action.as_str() {
            "AddTransferDomain" => "Transfer waiting for Admin Contact Approval",
            _ => "Action is being processed",
        };
        object
            .text("actiontype", action)
            .text("actionstatus", "Pending")
            .text("actionstatusdesc", description)
            .quoted("eaqid", domain.order_id * 3)
            .object("executioninfoparams", |inner| {
                inner.quoted("invoicepaidtime", domain.created + 40);
            });
    } else {
        object.text("eaqid", "0").text("actioncompleted", "0");
    }
}
