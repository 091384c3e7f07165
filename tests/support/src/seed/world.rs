//! The rows of a simulated world, as DomainDesk would have them once everything is in step.
//!
//! Statuses and contacts are read off the registrar's page anew, without the engine's own mapping.

use chrono::{DateTime, Utc};
use domaindesk_simulator::{PriceAction, PriceTable, SimContact, SimDomain, World};

use super::rows::{ContactRow, DomainRow, TldRow};

/// Days after expiry in which a domain is in its grace period.
const GRACE_DAYS: i64 = 30;

/// The world's domains, in its order; those that have left are left out.
pub(super) fn domains(world: &World, now: DateTime<Utc>) -> impl Iterator<Item = DomainRow> + use<'_> {
    world.domains().map(move |domain| row(&domain, now))
}

/// The world's TLDs with their cost prices, totals over 1 to 10 years.
pub(super) fn tlds(world: &World) -> Vec<TldRow> {
    let actions =
        [("register", PriceAction::Register), ("renew", PriceAction::Renew), ("transfer", PriceAction::Transfer)];
    let prices = |extension: &str| {
        let mut prices = Vec::new();
        for (word, action) in actions {
            for years in 1..=10_u8 {
                if let Some(figure) = world.prices.get(extension, PriceTable::Cost, action, years.into()) {
                    prices.push((word, years, total(figure, years)));
                }
            }
        }
        prices
    };
    let row = |extension: &str| TldRow {
        extension: extension.to_owned(),
        min_years: 1,
        max_years: 10,
        prices: prices(extension),
    };
    world.tlds().iter().map(|tld| row(tld.extension)).collect()
}

/// A yearly figure times years, in whole cents.
fn total(figure: &str, years: u8) -> String {
    let (whole, cents) = figure.split_once('.').unwrap_or((figure, ""));
    let number = |digits: &str| digits.parse::<u64>().unwrap_or_else(|_| panic!("the price {figure:?} is no decimal"));
    let cents = number(whole) * 100 + number(&format!("{cents:0<2}")[..2]);
    let sum = cents * u64::from(years);
    format!("{}.{:02}", sum / 100, sum % 100)
}

fn row(domain: &SimDomain, now: DateTime<Utc>) -> DomainRow {
    let instant = |seconds| DateTime::from_timestamp(seconds, 0);
    let contacts = [("registrant", 0), ("admin", 1), ("tech", 2), ("billing", 3)];
    DomainRow {
        name: domain.name.clone(),
        status: status(domain, now.timestamp()).to_owned(),
        registered_at: instant(domain.created),
        expires_at: domain.expires.and_then(instant),
        nameservers: domain.nameservers.clone(),
        contacts: contacts
            .into_iter()
            .filter(|(_, place)| domain.contacts[*place].contact_id > 0)
            .map(|(kind, place)| contact(kind, &domain.contacts[place]))
            .collect(),
    }
}

fn status(domain: &SimDomain, now: i64) -> &'static str {
    let expired = domain.expires.filter(|expires| *expires <= now);
    let has = |list: &[String], word: &str| list.iter().any(|item| item == word);
    match (domain.current_status.as_str(), expired) {
        ("Pending Delete Restorable", _) => "redemption",
        ("InActive", _) if domain.action_type.as_deref() == Some("AddTransferDomain") => "pending_transfer",
        ("InActive", _) => "pending_registration",
        (_, Some(at)) if has(&domain.domain_status, "renewhold") || now - at < GRACE_DAYS * 86_400 => "grace_period",
        (_, Some(_)) => "expired",
        ("Suspended" | "Failed Verification", None) => "suspended",
        _ if has(&domain.order_status, "resellersuspend") || domain.raa.as_deref() == Some("Suspended") => "suspended",
        _ => "active",
    }
}

fn contact(kind: &'static str, contact: &SimContact) -> ContactRow {
    let name = contact.name.trim();
    let (first, last) = name.rsplit_once(' ').unwrap_or((name, ""));
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let lines = [&contact.address1, &contact.address2, &contact.address3];
    let address: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).map(String::as_str).collect();
    ContactRow {
        kind,
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: contact.email.clone(),
        phone: format!("+{}.{}", contact.phone_cc, contact.phone),
        organization: optional(&contact.company),
        address: address.join(", "),
        city: contact.city.clone(),
        state: optional(&contact.state),
        postal_code: contact.zip.clone(),
        country: contact.country.clone(),
    }
}
