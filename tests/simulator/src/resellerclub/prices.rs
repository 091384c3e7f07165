//! (3) Prices: always the whole catalogue, hosting included.

use crate::json::Object;
use crate::world::{PriceAction, PriceTable, PriceText, Tenures, World};

const ACTIONS: [(PriceAction, &str); 4] = [
    (PriceAction::Register, "addnewdomain"),
    (PriceAction::Renew, "renewdomain"),
    (PriceAction::Transfer, "addtransferdomain"),
    (PriceAction::Restore, "restoredomain"),
];

/// Products that are no domains, nested otherwise.
const HOSTING: [(&str, &str); 4] = [
    (
        "hosting",
        r#"{"addons":{"ssl":{"12":{"addnew":"4.99"}}},"plans":{"12":{"renew":{"1":"3.50","12":"2.99"},"add":{"1":"3.50"}}}}"#,
    ),
    ("multidomainhosting", r#"{"14":{"renew":{"1":5.49,"3":5.29},"add":{"1":5.49}},"15":[]}"#),
    ("vpslinuxus", r#"{"addons":{"cpanel":15.0},"plans":{"45":{"add":{"1":29.0}}}}"#),
    ("sslcert", r#"{"additional":{"1":1.0},"addnewdomain":"not sold"}"#),
];

fn tenures(object: &mut Object, figures: &Tenures, as_numbers: bool) {
    for (years, figure) in figures {
        let years = years.to_string();
        match as_numbers {
            true => object.raw(&years, figure),
            false => object.text(&years, figure),
        };
    }
}

fn actions(object: &mut Object, world: &World, product: &str, table: PriceTable) {
    let as_numbers = match world.prices.text {
        PriceText::AsSeen => table == PriceTable::Customer,
        PriceText::Numbers => true,
        PriceText::Strings => false,
    };
    for (action, key) in ACTIONS {
        if let Some(figures) = world.prices.figures(product, table, action) {
            object.object(key, |inner| tenures(inner, figures, as_numbers));
        }
    }
}

/// `customer-price.json` and `reseller-cost-price.json`.
pub(super) fn flat(world: &World, table: PriceTable) -> String {
    let mut object = Object::new(64 * 1_024);
    for (place, product) in world.prices.products().enumerate() {
        if let Some((key, json)) = HOSTING.get(place) {
            object.raw(key, json);
        }
        object.object(product, |inner| actions(inner, world, product, table));
    }
    object.finish()
}

/// `reseller-price.json`: one level more, the slab.
pub(super) fn by_slab(world: &World) -> String {
    let mut object = Object::new(64 * 1_024);
    for (place, product) in world.prices.products().enumerate() {
        if let Some((key, json)) = HOSTING.get(place) {
            object.raw(key, json);
        }
        object.object(product, |inner| {
            inner.object("0", |slab| {
                slab.object("pricing", |pricing| actions(pricing, world, product, PriceTable::Reseller));
                slab.raw("category", r#"{"category1":{"name":"receipts","quantity":"0.00"}}"#);
            });
            inner.text("privacy-protection", "0.0").text("premium_dns", "4.0");
        });
    }
    object.finish()
}

/// `products/details.json`: the TLDs of each product.
pub(super) fn products(world: &World) -> String {
    let mut object = Object::new(4_096);
    for product in world.prices.products() {
        let extensions = world.tlds().iter().filter(|tld| tld.product_key == product).map(|tld| tld.extension);
        object.object(product, |inner| {
            inner.text("productcategory", "domorder").list("tldlist", extensions);
        });
    }
    object.finish()
}
