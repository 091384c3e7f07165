//! What happens to a world after it was made.

use serde::{Deserialize, Serialize};

use super::derive::mix;
use super::{PriceAction, PriceTable, SimContact, SimDomain, World, tld_of};

const DAY: i64 = 86_400;

/// Fields of a domain to be changed; what is absent stays. The form of `POST /_control/domain`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DomainEdit {
    /// `currentstatus`.
    pub current_status: Option<String>,
    /// `orderstatus`.
    pub order_status: Option<Vec<String>>,
    /// `domainstatus`.
    pub domain_status: Option<Vec<String>>,
    /// `actiontype`; an empty text removes it.
    pub action_type: Option<String>,
    /// `raaVerificationStatus`; an empty text removes it.
    pub raa: Option<String>,
    /// `creationtime`, epoch seconds.
    pub created: Option<i64>,
    /// `endtime`, epoch seconds; zero removes it.
    pub expires: Option<i64>,
    /// Host names in order.
    pub nameservers: Option<Vec<String>>,
    /// Registrant, admin, tech, billing.
    pub contacts: Option<[SimContact; 4]>,
    /// Privacy protection.
    pub privacy: Option<bool>,
    /// The reseller's automatic renewal.
    pub auto_renew: Option<bool>,
}

impl DomainEdit {
    /// Applies the fields that are there.
    pub fn apply(self, domain: &mut SimDomain) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        let text = |value: String| (!value.is_empty()).then_some(value);
        set(&mut domain.current_status, self.current_status);
        set(&mut domain.order_status, self.order_status);
        set(&mut domain.domain_status, self.domain_status);
        set(&mut domain.action_type, self.action_type.map(text));
        set(&mut domain.raa, self.raa.map(text));
        set(&mut domain.created, self.created);
        set(&mut domain.expires, self.expires.map(|expires| (expires != 0).then_some(expires)));
        set(&mut domain.nameservers, self.nameservers);
        set(&mut domain.contacts, self.contacts);
        set(&mut domain.privacy, self.privacy);
        set(&mut domain.auto_renew, self.auto_renew);
    }
}

impl World {
    /// Changes a domain and bumps its modification. Whether there is one of this name. Index, name and order id stay.
    pub fn update(&mut self, name: &str, change: impl FnOnce(&mut SimDomain)) -> bool {
        let Some(index) = self.index_of(name) else {
            return false;
        };
        self.update_at(index, change);
        true
    }

    fn update_at(&mut self, index: u64, change: impl FnOnce(&mut SimDomain)) {
        let Some(mut domain) = self.domain(index) else {
            return;
        };
        let (name, order_id) = (domain.name.clone(), domain.order_id);
        change(&mut domain);
        domain.index = index;
        domain.name = name;
        domain.order_id = order_id;
        domain.modified = self.bump();
        self.changed.insert(index, Box::new(domain));
    }

    /// Changes a domain without a trace in its modification time, as the registrar's system may at expiry.
    pub fn update_silently(&mut self, name: &str, change: impl FnOnce(&mut SimDomain)) -> bool {
        let Some(index) = self.index_of(name) else {
            return false;
        };
        let modified = self.instants(index).2;
        self.update_at(index, change);
        if let Some(domain) = self.changed.get_mut(&index) {
            domain.modified = modified;
        }
        true
    }

    /// The domain leaves the account, as after a transfer away: nothing shows it any more. Whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let Some(index) = self.index_of(name) else {
            return false;
        };
        self.version += 1;
        self.changed.remove(&index);
        self.removed.insert(index)
    }

    /// A further order, active for a year, under any name: also one that is there, or was. Its index follows all others.
    pub fn add(&mut self, name: &str) -> SimDomain {
        let index = self.next_index;
        self.next_index += 1;
        let mut domain = self.recipe.domain(index);
        domain.name = name.trim_end_matches('.').to_ascii_lowercase();
        if let Some(tld) = tld_of(&domain.name) {
            domain.product_key = tld.product_key.to_owned();
        }
        domain.current_status = "Active".to_owned();
        domain.order_status = vec!["transferlock".to_owned()];
        domain.domain_status.clear();
        domain.action_type = None;
        domain.raa = Some("Verified".to_owned());
        domain.created = self.now;
        domain.expires = Some(self.now + 365 * DAY);
        domain.modified = self.bump();
        domain.privacy = false;
        self.added.entry(domain.name.clone()).or_default().push(index);
        self.changed.insert(index, Box::new(domain.clone()));
        domain
    }

    /// Changes the given part (0 to 1) of the domains as real life does: nameservers moved, terms renewed, contacts
    /// replaced, a few suspended. The names of the changed ones, spread evenly.
    pub fn change_fraction(&mut self, fraction: f64, seed: u64) -> Vec<String> {
        let part = fraction.clamp(0.0, 1.0);
        let upto = |count: u64| (count as f64 * part + 1e-9) as u64;
        let mut names = Vec::new();
        let mut place = 0;
        for index in 0..self.next_index {
            if !self.is_present(index) {
                continue;
            }
            place += 1;
            if upto(place) == upto(place - 1) {
                continue;
            }
            let roll = mix(mix(seed) ^ index);
            let fresh = self.recipe.contact(index, 4_000_000 + roll % 1_000_000);
            self.update_at(index, |domain| live(domain, roll, fresh));
            names.extend(self.changed.get(&index).map(|domain| domain.name.clone()));
        }
        names
    }

    /// Sets the figure per year of a product key or TLD for all its tenures, or for one; `None` takes it off sale.
    pub fn set_price(
        &mut self,
        product: &str,
        table: PriceTable,
        action: PriceAction,
        years: Option<u32>,
        figure: Option<&str>,
    ) {
        self.version += 1;
        self.prices.set(product, table, action, years, figure);
    }

    /// A modification time after all others.
    fn bump(&mut self) -> (i64, u32) {
        self.version += 1;
        let (seconds, micros) = self.last_modified;
        let next = match micros {
            // Distinct to the microsecond, and a millisecond apart as writes are.
            0..=998_999 => (seconds, micros + 1_000),
            _ => (seconds + 1, 0),
        };
        self.last_modified = next.max((self.now, 0));
        self.last_modified
    }
}

/// One thing that happens to a domain.
fn live(domain: &mut SimDomain, roll: u64, fresh: SimContact) {
    let suspended = domain.current_status == "Suspended";
    match (roll % 20, domain.expires) {
        (0, _) if domain.current_status == "Active" => domain.current_status = "Suspended".to_owned(),
        (_, _) if suspended && roll.is_multiple_of(2) => domain.current_status = "Active".to_owned(),
        (1..=7, Some(expires)) if domain.current_status == "Active" => {
            domain.expires = Some(expires + 365 * DAY);
            domain.domain_status.retain(|word| word != "renewhold");
        }
        (8..=12, _) => {
            let id = domain.contacts[0].contact_id;
            for contact in &mut domain.contacts {
                if contact.contact_id == id {
                    *contact = SimContact { contact_id: id, ..fresh.clone() };
                }
            }
        }
        _ => {
            let host = format!("moved{}.example", roll % 1_000_000);
            domain.nameservers = (1..=2 + roll % 3).map(|number| format!("ns{number}.{host}")).collect();
        }
    }
}
