//! TLDs, the product keys they are sold under, and the price tables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Whose price it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceTable {
    /// What the account pays.
    Cost,
    /// What the account's customers pay.
    Customer,
    /// What the account's sub-resellers pay.
    Reseller,
}

/// What is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceAction {
    /// A first registration.
    Register,
    /// A renewal.
    Renew,
    /// A transfer in.
    Transfer,
    /// A restore out of redemption.
    Restore,
}

/// How the price tables write their figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceText {
    /// The customer table as numbers, the others as strings, as in the captures.
    #[default]
    AsSeen,
    /// All as JSON numbers.
    Numbers,
    /// All as JSON strings.
    Strings,
}

/// A TLD that can be sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tld {
    /// Without a leading dot: `com`, `co.uk`.
    pub extension: &'static str,
    /// The key of its product in the price tables; several TLDs may share one.
    pub product_key: &'static str,
    /// The product's name in lists.
    pub product_name: &'static str,
    /// How often it is chosen, relative to the others.
    pub(crate) weight: u32,
    /// Cost of a year in cents.
    pub(crate) cost: u32,
}

const fn tld(
    extension: &'static str,
    product_key: &'static str,
    product_name: &'static str,
    weight: u32,
    cost: u32,
) -> Tld {
    Tld { extension, product_key, product_name, weight, cost }
}

/// Every TLD that the simulator knows. Keys that resellerclub.md (3) names are spelled as there.
pub const TLDS: [Tld; 30] = [
    tld("com", "domcno", ".COM Domain Name", 400, 1_099),
    tld("net", "dotnet", ".NET Domain Name", 80, 1_299),
    tld("org", "domorg", ".ORG Domain Name", 80, 1_149),
    tld("info", "dominfo", ".INFO Domain Name", 30, 1_899),
    tld("biz", "dombiz", ".BIZ Domain Name", 15, 1_749),
    tld("io", "dotio", ".IO Domain Name", 30, 4_199),
    tld("in", "dotin", ".IN Domain Name", 50, 649),
    tld("co.in", "thirdleveldotin", ".CO.IN Domain Name", 20, 499),
    tld("uk", "dotuk", ".UK Domain Name", 20, 699),
    tld("co.uk", "thirdleveldotuk", ".CO.UK/.ORG.UK Domain Name", 60, 699),
    tld("org.uk", "thirdleveldotuk", ".CO.UK/.ORG.UK Domain Name", 15, 699),
    tld("com.bd", "thirdleveldotbd", ".COM.BD Domain Name", 60, 2_250),
    tld("com.au", "thirdleveldotau", ".COM.AU Domain Name", 20, 1_399),
    tld("eu", "doteu", ".EU Domain Name", 20, 779),
    tld("de", "dotde", ".DE Domain Name", 20, 829),
    tld("es", "dotes", ".ES Domain Name", 10, 949),
    tld("us", "domus", ".US Domain Name", 15, 999),
    tld("ca", "dotca", ".CA Domain Name", 10, 1_249),
    tld("fr", "dotfr", ".FR Domain Name", 10, 1_059),
    tld("nl", "dotnl", ".NL Domain Name", 10, 799),
    tld("at", "dotat", ".AT Domain Name", 5, 1_449),
    tld("nz", "dotnz", ".NZ Domain Name", 5, 1_999),
    tld("co.nz", "thirdleveldotnz", ".CO.NZ Domain Name", 5, 1_899),
    tld("ru", "dotru", ".RU Domain Name", 3, 599),
    tld("agency", "donutsgroup1", "Donuts Group 1 Domain Name", 8, 2_199),
    tld("studio", "donutsgroup1", "Donuts Group 1 Domain Name", 8, 2_199),
    tld("systems", "donutsgroup1", "Donuts Group 1 Domain Name", 6, 2_199),
    tld("online", "centralnicradix", "CentralNic Radix Domain Name", 20, 2_849),
    tld("site", "centralnicradix", "CentralNic Radix Domain Name", 15, 2_849),
    tld("store", "centralnicradix", "CentralNic Radix Domain Name", 15, 2_849),
];

/// The TLD that a name ends in: the longest that fits.
pub fn tld_of(name: &str) -> Option<&'static Tld> {
    name.match_indices('.').find_map(|(dot, _)| TLDS.iter().find(|tld| tld.extension == &name[dot + 1..]))
}

/// Figures per year by tenure in years, as decimal text.
pub type Tenures = BTreeMap<u32, String>;

/// The price tables of one account.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    /// By product key, then by table and action.
    pub(crate) products: BTreeMap<String, BTreeMap<(PriceTable, PriceAction), Tenures>>,
    /// How figures are written.
    pub text: PriceText,
}

fn decimal(cents: u32) -> String {
    match (cents / 100, cents % 100) {
        (whole, part) if part % 10 == 0 => format!("{whole}.{}", part / 10),
        (whole, part) => format!("{whole}.{part:02}"),
    }
}

impl Prices {
    /// The prices of the given TLDs' products, the same each time.
    pub(crate) fn of(tlds: &[&'static Tld]) -> Self {
        let mut prices = Self::default();
        for tld in tlds {
            let product = prices.products.entry(tld.product_key.to_owned()).or_default();
            for (table, percent) in [(PriceTable::Cost, 100), (PriceTable::Reseller, 110), (PriceTable::Customer, 130)]
            {
                let year = tld.cost * percent / 100;
                for (action, figure, tenures) in [
                    (PriceAction::Register, year, 10),
                    (PriceAction::Renew, year + 100, 10),
                    (PriceAction::Transfer, year, 1),
                    (PriceAction::Restore, 8_000 * percent / 100, 1),
                ] {
                    let figures = (1..=tenures).map(|years| (years, decimal(figure))).collect();
                    product.insert((table, action), figures);
                }
            }
        }
        prices
    }

    /// The figure per year of a product key or TLD, as decimal text.
    pub fn get(&self, product: &str, table: PriceTable, action: PriceAction, years: u32) -> Option<&str> {
        let figures = self.products.get(product_key(product))?.get(&(table, action))?;
        figures.get(&years).map(String::as_str)
    }

    /// The product keys, in alphabetical order.
    pub fn products(&self) -> impl Iterator<Item = &str> {
        self.products.keys().map(String::as_str)
    }

    /// The figures of all tenures that a product is sold for.
    pub fn figures(&self, product: &str, table: PriceTable, action: PriceAction) -> Option<&Tenures> {
        self.products.get(product_key(product))?.get(&(table, action))
    }

    /// Sets the figure of all tenures that are sold (or of the one given) of a product key or TLD; `None` takes it off sale.
    pub fn set(
        &mut self,
        product: &str,
        table: PriceTable,
        action: PriceAction,
        years: Option<u32>,
        figure: Option<&str>,
    ) {
        let product = self.products.entry(product_key(product).to_owned()).or_default();
        let figures = product.entry((table, action)).or_default();
        let tenures: Vec<u32> = match years {
            Some(years) => vec![years],
            None if figures.is_empty() => vec![1],
            None => figures.keys().copied().collect(),
        };
        for years in tenures {
            match figure {
                Some(figure) => figures.insert(years, figure.to_owned()),
                None => figures.remove(&years),
            };
        }
        if figures.is_empty() {
            product.remove(&(table, action));
        }
    }
}

/// The product key of a TLD; any other text stands for itself.
pub fn product_key(product: &str) -> &str {
    let extension = product.trim_start_matches('.');
    TLDS.iter().find(|tld| tld.extension == extension).map_or(product, |tld| tld.product_key)
}
