//! Shows what each native registrar can do, as `RegistrarSync::registrars()` tells it.

use domaindesk_sync::RegistrarSync;
use domaindesk_sync::registrar::{Capabilities, ListCapability};

/// From here on a page holds whatever there is.
const EVERYTHING: u32 = 1_000_000;

fn list(list: &ListCapability) -> [String; 3] {
    let page = if list.page_size >= EVERYTHING { "all at once".to_owned() } else { list.page_size.to_string() };
    let mut row = list.row().join(", ");
    if list.partial_status {
        row = row.replacen("status", "status without holds", 1);
    }
    [page, row, if list.incremental() { "yes" } else { "no" }.to_owned()]
}

fn line(slug: &str, abilities: &Capabilities) -> String {
    let none = || ["none", "", "no"].map(str::to_owned);
    let [page, row, incremental] = abilities.list.as_ref().map_or_else(none, list);
    let told = |is: bool| if is { "yes" } else { "no" };
    let (contacts, prices, at_once) = (told(abilities.contacts), told(abilities.prices), abilities.max_in_flight);
    format!("| {slug} | {page} | {row} | {incremental} | {contacts} | {prices} | {at_once} |")
}

fn main() {
    let header =
        ["registrar", "rows of a page", "a row carries", "incremental", "contacts", "prices", "requests at once"];
    println!("| {} |\n|{}", header.join(" | "), "---|".repeat(header.len()));
    for (slug, abilities) in RegistrarSync::registrars() {
        println!("{}", line(slug, &abilities));
    }
}
