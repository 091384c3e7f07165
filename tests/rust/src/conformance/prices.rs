//! What TLDs cost.

use domaindesk_simulator::{Fault, PriceAction, PriceTable};
use domaindesk_sync::{ErrorKind, RegistrarSync};
use serde_json::{Value, json};

use super::{Row, forced};

/// Prices in force are left alone, one that moved gets a row of today and no other, another currency is refused and so is
/// what cannot be read (S5.1, S5.4); a registrar that has none says so without a request (S5.7). The run counts what it
/// sends.
///
/// # Panics
/// Where that does not hold.
pub async fn prices(row: &Row) {
    let mut house = row.house(10);
    // Only what this registrar sells.
    house.database.execute(&format!(
        "DELETE FROM tld_prices WHERE tld_id IN (SELECT id FROM tlds WHERE extension <> '{}')",
        row.tld
    ));
    house.database.execute(&format!("DELETE FROM tlds WHERE extension <> '{}'", row.tld));
    // Of an earlier day, so that a row of today is a further one.
    house.database.execute("UPDATE tld_prices SET effective_date = '2025-01-01 00:00:00'");
    let sync = house.connect().await;
    let before = house.database.count("tld_prices");
    let report = sync.sync_tld_prices(row.slug, forced(), |_| ()).await.unwrap();
    let requests = house.simulator.stats().requests;
    assert_eq!((report.changes.len(), house.database.count("tld_prices")), (0, before), "S5.1 {:?}", report.changes);
    assert_eq!(report.stats.api_calls, requests, "S7.3: what is sent is counted");
    if !RegistrarSync::registrars()[row.slug].prices {
        assert_eq!((report.success, report.error_code), (false, Some(ErrorKind::Unsupported)), "S5.7 {report:?}");
        assert!(report.error.unwrap().contains("Registrar does not support price syncing"), "S5.7");
        assert_eq!(requests, 0, "S5.7");
        return;
    }
    assert!(report.success && report.errors.is_empty() && requests > 0, "S5.6 {report:?}");
    let currency = report.currency.expect("S5.4: it names the currency");

    house.simulator.with_world(|world| {
        let old = world.prices.get(row.tld, PriceTable::Cost, PriceAction::Renew, 1).unwrap();
        let new = format!("{:.2}", old.parse::<f64>().unwrap() * 1.25);
        world.set_price(row.tld, PriceTable::Cost, PriceAction::Renew, None, Some(&new));
    });
    let report = sync.sync_tld_prices(row.slug, forced(), |_| ()).await.unwrap();
    assert!(report.changes.iter().all(|change| change.action.as_str() == "renew"), "S5.1 {:?}", report.changes);
    assert_eq!(report.changes.len(), 10, "S5.1: a price for each year {:?}", report.changes);
    assert_eq!(report.alerts.len(), 10, "S5.3: each by 25 percent");
    assert_eq!(house.database.count("tld_prices"), before + 10, "S5.1: history stays");
    let again = sync.sync_tld_prices(row.slug, forced(), |_| ()).await.unwrap();
    assert_eq!((again.changes.len(), again.success), (0, true), "S5.1 {:?}", again.changes);

    let stored = house.database.query("SELECT * FROM tld_prices ORDER BY id");
    let other = if currency.as_str() == "XAF" { "EUR" } else { "XAF" };
    house.config["registrar"]["registrars"][row.slug]["currency"] = json!(other);
    let report = house.connect().await.sync_tld_prices(row.slug, forced(), |_| ()).await.unwrap();
    assert_eq!((report.success, report.errors.len()), (false, 1), "S5.4 {report:?}");
    assert_eq!(report.errors[0].error_code, ErrorKind::Rejected, "S5.4");
    house.simulator.set_faults(Fault::Garbage);
    let report = sync.sync_tld_prices(row.slug, forced(), |_| ()).await.unwrap();
    let kind = report.error_code.or_else(|| report.errors.first().map(|error| error.error_code));
    assert_eq!((report.success, kind), (false, Some(ErrorKind::InvalidResponse)), "S6.1 {report:?}");
    let after: Vec<Vec<Value>> = house.database.query("SELECT * FROM tld_prices ORDER BY id");
    assert_eq!(after, stored, "S5.4, S6.1: nothing of it is stored");
}
