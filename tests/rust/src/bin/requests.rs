//! Counts the requests that the engine sends to each registrar, at its simulator, beside the least that its API allows.
//!
//! The account holds 1,000 domains that are all active and as the application has them: what is held, on its way or gone
//! takes a request more at some registrars, which says nothing of the way that was chosen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a count that cannot be made fails loudly

use std::process::ExitCode;

use domaindesk_simulator::{Api, PriceAction, PriceTable, SimDomain};
use domaindesk_sync::{Selection, SyncOptions};
use domaindesk_tests::{House, name};
use serde_json::{Value, json};

const DOMAINS: usize = 1_000;
const TLDS: usize = 50;

/// A registrar, and the least requests by its page: one domain, the statuses of all, all whole at first, all whole when
/// nothing changed, prices.
struct Line {
    api: Api,
    slug: &'static str,
    credentials: Value,
    least: [Option<u64>; 5],
}

fn lines() -> Vec<Line> {
    let line = |api, slug, credentials, least| Line { api, slug, credentials, least };
    vec![
        // A row has a change marker: 500 on a page, then the details of those that are new or changed. Prices, the keys of
        // TLDs, and the currency.
        line(
            Api::ResellerClub,
            "resellerclub",
            json!({"auth_userid": "777", "api_key": "simulated"}),
            [Some(1), Some(2), Some(1_002), Some(2), Some(3)],
        ),
        // 100 on a page. Contacts are a request of their own, and nothing tells whether they changed.
        line(
            Api::Namecheap,
            "namecheap",
            json!({"api_user": "777", "api_key": "simulated", "client_ip": "127.0.0.1"}),
            [Some(2), Some(10), Some(2_000), Some(2_000), Some(1)],
        ),
        // Two lists whatever their length; contacts as above. A request for each bracket of years.
        line(
            Api::Enom,
            "enom",
            json!({"uid": "777", "pw": "simulated"}),
            [Some(2), Some(2), Some(2_000), Some(2_000), Some(4)],
        ),
        // 1,000 on a page, whole.
        line(
            Api::GoDaddy,
            "godaddy",
            json!({"api_key": "777", "api_secret": "simulated"}),
            [Some(1), Some(1), Some(1), Some(1), None],
        ),
        // No list. Two requests for a TLD.
        line(
            Api::Btcl,
            "btcl",
            json!({"username": "777", "password": "simulated"}),
            [Some(1), Some(1_000), Some(1_000), Some(1_000), Some(2 * TLDS as u64)],
        ),
        // 1,000 on a page, without nameservers and contacts. 25 TLDs a request, for one year and for two.
        line(
            Api::NameCom,
            "namecom",
            json!({"username": "777", "token": "simulated"}),
            [Some(1), Some(1), Some(1_000), Some(1_000), Some(2 * (TLDS as u64).div_ceil(25))],
        ),
    ]
}

/// A house whose account has so many ordinary domains and no others, and their names.
fn house(line: &Line) -> (House, Vec<String>) {
    let house = House::at(line.api, line.slug, line.credentials.clone(), DOMAINS as u64 * 5 / 4);
    let now = house.now.timestamp();
    let is_ordinary = |domain: &SimDomain| {
        domain.current_status == "Active"
            && domain.expires.is_some_and(|end| end > now + 86_400)
            && domain.order_status.iter().all(|word| word != "resellersuspend")
            && domain.raa.as_deref() != Some("Suspended")
    };
    let names = house.simulator.with_world(|world| {
        let (mut names, mut others) = (Vec::new(), Vec::new());
        for domain in world.domains() {
            let chosen = if is_ordinary(&domain) && names.len() < DOMAINS { &mut names } else { &mut others };
            chosen.push(domain.name);
        }
        others.iter().for_each(|name| assert!(world.remove(name)));
        names
    });
    assert_eq!(names.len(), DOMAINS, "the world has too few ordinary domains");
    (house, names)
}

/// Makes the registrar sell so many TLDs: at BTCL those of its registry.
fn sell(house: &House, line: &Line) {
    let database = &house.database;
    if line.api == Api::Btcl {
        database.execute("DELETE FROM tld_prices");
        database.execute("DELETE FROM tlds");
    }
    let registrar = house.seeded.registrars[0];
    let there = database.count("tlds") as usize;
    for number in there..TLDS {
        let tld = format!("t{number}.bd");
        database.execute(&format!(
            "INSERT INTO tlds (registrar_id, extension, min_years, max_years, is_active) VALUES ({registrar}, '{tld}', 1, 10, 1)"
        ));
        house.simulator.with_world(|world| {
            for years in 1..=10 {
                for action in [PriceAction::Register, PriceAction::Renew] {
                    world.set_price(&tld, PriceTable::Cost, action, Some(years), Some("11.00"));
                }
            }
        });
    }
}

/// One domain, the statuses of all, all whole, all whole again, prices; `None` where the API has none.
async fn count(line: &Line) -> [Option<u64>; 5] {
    let options = SyncOptions::default;
    let all = |names: &[String]| Selection::Domains(names.iter().map(|domain| name(domain)).collect());

    let (house, names) = house(line);
    let requests = || {
        let requests = house.simulator.stats().requests;
        house.simulator.reset_stats();
        requests
    };
    let sync = house.connect().await;
    let one = sync.sync_domain(name(&names[0]), &options()).await.unwrap();
    assert!(one.success, "{one:?}");
    let one = requests();

    let report = sync.sync_domain_statuses(all(&names), options().forced(), |_| ()).await.unwrap();
    assert_eq!(report.stats.synced, DOMAINS as u64, "{} {:?}", line.slug, report.stats);
    let statuses = requests();

    house.database.execute("UPDATE domains SET last_synced_at = NULL, sync_metadata = NULL");
    let report = sync.sync_domains(all(&names), options(), |_| ()).await.unwrap();
    assert_eq!(report.stats.synced, DOMAINS as u64, "{} {:?}", line.slug, report.stats);
    let first = requests();

    // A day goes by.
    house.database.execute("UPDATE domains SET last_synced_at = datetime(last_synced_at, '-1 day')");
    let report = sync.sync_domains(all(&names), options(), |_| ()).await.unwrap();
    assert_eq!((report.stats.synced, report.stats.changes), (DOMAINS as u64, 0), "{} {:?}", line.slug, report.stats);
    let again = requests();

    sell(&house, line);
    sync.sync_tld_prices(line.slug, options().forced(), |_| ()).await.unwrap();
    let prices = line.least[4].map(|_| requests());
    [Some(one), Some(statuses), Some(first), Some(again), prices]
}

#[tokio::main]
async fn main() -> ExitCode {
    let header = [
        "registrar",
        "one domain",
        "1,000 statuses",
        "1,000 whole, first",
        "1,000 whole, unchanged",
        "prices of 50 TLDs",
    ];
    println!("requests used / the least that the API allows\n");
    println!("| {} |\n|{}", header.join(" | "), "---|".repeat(header.len()));
    let mut is_least = true;
    for line in lines() {
        let counted = count(&line).await;
        is_least &= counted.iter().zip(&line.least).all(|(used, least)| used <= least);
        let cells = counted.iter().zip(&line.least).map(|(used, least)| match (used, least) {
            (Some(used), Some(least)) => format!("{used} / {least}"),
            _ => "none".to_owned(),
        });
        println!("| {} | {} |", line.slug, cells.collect::<Vec<_>>().join(" | "));
    }
    // So that a change that costs requests is seen.
    if is_least { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
