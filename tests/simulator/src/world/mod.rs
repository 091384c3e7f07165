//! The domains and prices of one account at a registrar, as the registrar knows them. Everything follows from the seed;
//! only what is changed later is stored, so a million domains cost no more than ten.

mod change;
mod derive;
mod names;
mod people;
mod prices;

use std::collections::{BTreeSet, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

pub use change::DomainEdit;
pub(crate) use derive::{Outline, privacy_allowed};
pub use prices::{PriceAction, PriceTable, PriceText, Prices, TLDS, Tenures, Tld, product_key, tld_of};

use derive::Recipe;

/// What a world is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorldConfig {
    /// The same seed makes the same world.
    pub seed: u64,
    /// How many domains there are at first.
    pub domains: u64,
    /// The extensions they have (`com`, `co.uk`); all that the simulator knows when empty.
    pub tlds: Vec<String>,
    /// The time in the world, in epoch seconds.
    pub now: i64,
}

impl Default for WorldConfig {
    /// A thousand domains of all TLDs, seed 1, the present.
    fn default() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
        Self { seed: 1, domains: 1_000, tlds: Vec::new(), now: now.as_secs() as i64 }
    }
}

/// A contact record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SimContact {
    /// The registrar's id; -1 where the registry has no such contact.
    pub contact_id: i64,
    /// The person's whole name.
    pub name: String,
    /// The organisation; empty when there is none.
    pub company: String,
    /// The e-mail address.
    pub email: String,
    /// The country's calling code, digits only.
    pub phone_cc: String,
    /// The number without it, digits only.
    pub phone: String,
    /// First line of the address.
    pub address1: String,
    /// Second line, or empty.
    pub address2: String,
    /// Third line, or empty.
    pub address3: String,
    /// Town.
    pub city: String,
    /// State or province, or empty.
    pub state: String,
    /// Postal code.
    pub zip: String,
    /// ISO 3166 code in upper case.
    pub country: String,
}

/// A domain as the registrar knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimDomain {
    /// Its place in the world; fixed.
    pub index: u64,
    /// In lower case, A-labels; fixed.
    pub name: String,
    /// The registrar's order id; fixed.
    pub order_id: u64,
    /// The product that it is sold as.
    pub product_key: String,
    /// Whose it is at the registrar.
    pub customer_id: u64,
    /// The order's life cycle (resellerclub.md (8)).
    pub current_status: String,
    /// Locks: `transferlock`, `resellersuspend` …
    pub order_status: Vec<String>,
    /// System holds: `renewhold`, `sixtydaylock` …
    pub domain_status: Vec<String>,
    /// The action under way.
    pub action_type: Option<String>,
    /// Verification of the registrant; the key is absent when `None`.
    pub raa: Option<String>,
    /// Creation of the order, in epoch seconds. Pending orders do not show it.
    pub created: i64,
    /// End of the term, in epoch seconds; absent on pending orders.
    pub expires: Option<i64>,
    /// Host names in order.
    pub nameservers: Vec<String>,
    /// Registrant, admin, tech, billing.
    pub contacts: [SimContact; 4],
    /// Whether privacy protection is on.
    pub privacy: bool,
    /// Whether the reseller renews it automatically.
    pub auto_renew: bool,
    /// Last modification: epoch seconds and microseconds.
    pub modified: (i64, u32),
    /// The secret for a transfer out.
    pub auth_code: String,
}

impl SimDomain {
    /// Whether the order is not carried out yet.
    pub fn is_pending(&self) -> bool {
        self.current_status == "InActive"
    }

    /// Whether `creationtime` is shown.
    pub(crate) fn has_creation_time(&self) -> bool {
        !self.is_pending()
    }

    /// The TLD, if the simulator knows it.
    pub fn tld(&self) -> Option<&'static Tld> {
        tld_of(&self.name)
    }

    pub(crate) fn privacy_allowed(&self) -> bool {
        self.tld().is_some_and(|tld| privacy_allowed(tld.extension))
    }
}

/// The domains and prices of one account.
#[derive(Clone, Debug)]
pub struct World {
    recipe: Recipe,
    changed: HashMap<u64, Box<SimDomain>>,
    removed: BTreeSet<u64>,
    /// Indexes of names that the recipe does not make, in the order in which they were added.
    added: HashMap<String, Vec<u64>>,
    next_index: u64,
    now: i64,
    last_modified: (i64, u32),
    version: u64,
    /// The account's price tables.
    pub prices: Prices,
    /// ISO code of the currency that customers pay in.
    pub currency: String,
    /// ISO code of the currency that the account pays in.
    pub cost_currency: String,
    /// Whether a list without a status filter shows deleted and archived orders (UNCERTAIN at the registrar).
    pub list_shows_deleted: bool,
}

impl World {
    /// Makes a world. The same configuration makes the same world; an extension that the simulator does not know panics.
    pub fn generate(config: WorldConfig) -> Self {
        let tlds: Vec<&'static Tld> = if config.tlds.is_empty() {
            TLDS.iter().collect()
        } else {
            let known = |extension: &String| {
                TLDS.iter()
                    .find(|tld| tld.extension == extension.trim_start_matches('.'))
                    .unwrap_or_else(|| panic!("the simulator does not know the TLD {extension:?}"))
            };
            config.tlds.iter().map(known).collect()
        };
        let weights = tlds
            .iter()
            .scan(0_u64, |sum, tld| {
                *sum += u64::from(tld.weight);
                Some(*sum)
            })
            .collect();
        Self {
            prices: Prices::of(&tlds),
            recipe: Recipe { seed: config.seed, domains: config.domains, now: config.now, tlds, weights },
            changed: HashMap::new(),
            removed: BTreeSet::new(),
            added: HashMap::new(),
            next_index: config.domains,
            now: config.now,
            last_modified: (config.now, 0),
            version: 0,
            currency: "USD".to_owned(),
            cost_currency: "USD".to_owned(),
            list_shows_deleted: false,
        }
    }

    /// How many domains are in the account.
    pub fn len(&self) -> u64 {
        self.next_index - self.removed.len() as u64
    }

    /// Whether the account has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All indexes ever given are below this.
    pub fn indexes(&self) -> u64 {
        self.next_index
    }

    /// The domain at this index, unless it left.
    pub fn domain(&self, index: u64) -> Option<SimDomain> {
        if index >= self.next_index || self.removed.contains(&index) {
            return None;
        }
        match self.changed.get(&index) {
            Some(domain) => Some(SimDomain::clone(domain)),
            None => Some(self.recipe.domain(index)),
        }
    }

    /// The domain of this name, unless it left. Of several orders the latest that is not deleted.
    pub fn by_name(&self, name: &str) -> Option<SimDomain> {
        self.domain(self.index_of(name)?)
    }

    /// The domain with this order id, unless it left.
    pub fn by_order(&self, order_id: u64) -> Option<SimDomain> {
        self.domain(derive::index_of_order(order_id)?)
    }

    /// The contact with this id and the customer that it belongs to.
    pub fn contact(&self, contact_id: i64) -> Option<(SimContact, u64)> {
        let domain = self.domain(people::index_of_contact(contact_id)?)?;
        let customer = domain.customer_id;
        domain.contacts.into_iter().find(|contact| contact.contact_id == contact_id).map(|contact| (contact, customer))
    }

    /// All domains in the account, by index.
    pub fn domains(&self) -> impl Iterator<Item = SimDomain> + '_ {
        (0..self.next_index).filter_map(|index| self.domain(index))
    }

    /// The TLDs of this world.
    pub fn tlds(&self) -> &[&'static Tld] {
        &self.recipe.tlds
    }

    /// The time in the world, in epoch seconds.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Moves the time on, for the modifications to come. Nothing else happens by it.
    pub fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    /// Changes whenever anything in the world does.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn outline(&self, index: u64) -> Option<Outline> {
        if index >= self.next_index || self.removed.contains(&index) {
            return None;
        }
        match self.changed.get(&index) {
            Some(domain) => Some(Outline::from(&**domain)),
            None => Some(self.recipe.outline(index)),
        }
    }

    /// Creation, expiry and last modification, for ordering.
    pub(crate) fn instants(&self, index: u64) -> (i64, Option<i64>, (i64, u32)) {
        match self.changed.get(&index) {
            Some(domain) => (domain.created, domain.expires, domain.modified),
            None => self.recipe.instants(index),
        }
    }

    pub(crate) fn is_present(&self, index: u64) -> bool {
        index < self.next_index && !self.removed.contains(&index)
    }

    /// The status word alone, which lists are filtered by.
    pub(crate) fn current_status(&self, index: u64) -> &str {
        match self.changed.get(&index) {
            Some(domain) => domain.current_status.as_str(),
            None => self.recipe.current_status(index),
        }
    }

    /// Whether the domain is worth asking for its action.
    pub(crate) fn may_have_action(&self, index: u64) -> bool {
        self.changed.contains_key(&index) || self.recipe.current_status(index) == "InActive"
    }

    pub(crate) fn index_of_order(&self, order_id: u64) -> Option<u64> {
        derive::index_of_order(order_id).filter(|index| self.is_present(*index))
    }

    /// All indexes of the name that are present.
    pub(crate) fn indexes_of(&self, name: &str) -> Vec<u64> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let made = self.recipe.index_of(&name);
        let added = self.added.get(&name).map(Vec::as_slice).unwrap_or_default();
        made.into_iter().chain(added.iter().copied()).filter(|index| self.is_present(*index)).collect()
    }

    fn index_of(&self, name: &str) -> Option<u64> {
        let found = self.indexes_of(name);
        let gone = |index: u64| {
            self.outline(index).is_some_and(|row| matches!(row.current_status.as_str(), "Deleted" | "Archived"))
        };
        found.iter().rev().copied().find(|index| !gone(*index)).or(found.last().copied())
    }
}

#[cfg(test)]
mod tests;
