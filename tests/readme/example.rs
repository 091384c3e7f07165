use domaindesk_sync::{Config, RegistrarSync, Selection, SyncOptions};

/// Syncs the domains that are due, then the prices, and prints what changed. Tells how many domains did.
pub async fn nightly(config: Config) -> domaindesk_sync::Result<u64> {
    let sync = RegistrarSync::connect(config).await?;
    let report = sync
        .sync_domains(Selection::NeedingSync, SyncOptions::default(), |event| {
            eprintln!("{}/{} {}", event.done, event.total, event.domain.name);
        })
        .await?;
    for result in &report.results {
        for change in result.changes.iter().flat_map(|changes| &changes.0) {
            println!("{}: {} was {}, is {}", result.domain, change.field, change.old, change.new);
        }
        if let (Some(kind), Some(error)) = (result.error_code, &result.error) {
            println!("{}: {kind}: {error}", result.domain);
        }
    }
    let prices = sync.sync_tld_prices("resellerclub", SyncOptions::default(), |_| ()).await?;
    println!("{} prices changed, {} alerts", prices.stats.changes, prices.stats.alerts);
    sync.close().await;
    Ok(report.stats.changes)
}
