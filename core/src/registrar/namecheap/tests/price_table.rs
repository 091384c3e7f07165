use rust_decimal::Decimal;

use super::*;
use crate::model::{PriceAction, TldId, TldRecord};

fn tld(extension: &str) -> TldRecord {
    TldRecord { id: TldId(1), extension: extension.to_owned(), min_years: 1, max_years: 10 }
}

async fn read(body: &'static str, tlds: &[TldRecord], discounted: bool) -> (Result<PriceList>, Vec<Request>) {
    let server = Server::start(move |request| match command(request).as_str() {
        "users.getBalances" => Reply::xml(200, fixture!("balances/usd.xml")),
        _ => Reply::xml(200, body),
    })
    .await;
    let mut account = account(&server);
    account.config.discounted_prices = discounted;
    let list = account.prices(&context(), &PriceRequest { tlds: tlds.to_vec() }).await;
    (list, server.requests())
}

async fn quotes(extension: &str, discounted: bool) -> Vec<(PriceAction, u8, String)> {
    let (list, _) = read(fixture!("pricing/all.xml"), &[tld(extension)], discounted).await;
    let list = list.unwrap();
    assert!(list.failures.is_empty(), "{:?}", list.failures);
    list.quotes.iter().map(|quote| (quote.action, quote.years, quote.price.normalize().to_string())).collect()
}

fn of(quotes: &[(PriceAction, u8, &str)]) -> Vec<(PriceAction, u8, String)> {
    quotes.iter().map(|(action, years, price)| (*action, *years, (*price).to_owned())).collect()
}

use PriceAction::{Register, Renew, Transfer};

#[tokio::test]
async fn a_catalogue_is_one_request_and_quotes_totals_with_what_comes_on_top() {
    let (list, requests) = read(fixture!("pricing/all.xml"), &[tld("com")], false).await;
    assert_eq!(requests.len(), 1);
    let wanted = [("Command", "namecheap.users.getPricing"), ("ProductType", "DOMAIN"), ("ProductCategory", "DOMAINS")];
    assert_eq!(asked(&requests[0]), pairs(&wanted));
    assert_eq!(list.unwrap().currency.unwrap().as_str(), "USD");
}

/// "A promotion hides in `YourPrice` … By S5.4 the base price is: `RegularPrice` (with its own type) if it is present,
/// positive and above `YourPrice`; else `YourPrice`; else `Price`."
#[tokio::test]
async fn a_promotion_never_becomes_the_base_price() {
    let wanted = [
        (Register, 1, "15.18"), // 14.98 + 0.20
        (Register, 2, "30.36"), // 14.98 a year, 0.20 a year
        (Renew, 1, "16.18"),    // 15.98 + 0.20
        (Renew, 10, "161.8"),   // 159.80 for all, 0.20 a year
        (Transfer, 1, "11.68"), // 11.48 + 0.20
    ];
    assert_eq!(quotes("com", false).await, of(&wanted), "S5.4");
}

/// "make 'take `YourPrice`' a setting"
#[tokio::test]
async fn where_it_is_set_the_account_s_own_price_counts() {
    let wanted = [
        (Register, 1, "11.48"),
        (Register, 2, "26.66"), // 26.26 for both, 0.20 a year
        (Renew, 1, "16.18"),
        (Renew, 10, "161.8"),
        (Transfer, 1, "11.68"),
    ];
    assert_eq!(quotes("com", true).await, of(&wanted));
}

/// "`MULTIPLE` = per year: total = figure × `Duration`"
#[tokio::test]
async fn a_figure_per_year_is_multiplied_and_zero_is_none() {
    let wanted = [(Register, 1, "8.88"), (Register, 2, "21.76"), (Register, 3, "32.34")];
    assert_eq!(quotes("net", false).await, of(&wanted), "S5.2");
    assert_eq!(quotes("co.uk", false).await, of(&[(Register, 1, "7.1")]), "\"0.00\" means none, not free");
}

/// "Type missing … within ±50 % of it → per year; near `Duration` × it (±50 %) → total; neither → hold back and report"
#[tokio::test]
async fn a_figure_without_a_type_is_told_by_the_price_of_one_year() {
    let wanted = [(Register, 1, "10.2"), (Register, 2, "20.9"), (Register, 3, "32.1")];
    assert_eq!(quotes("org", false).await, of(&wanted));
    let (list, _) = read(fixture!("pricing/all.xml"), &[tld("odd"), tld("net")], false).await;
    let list = list.unwrap();
    assert_eq!((list.failures.len(), list.failures[0].0.as_str()), (1, "odd"), "S5.5");
    assert_eq!(list.quotes.len(), 3, "S5.6: the others are quoted");
}

#[tokio::test]
async fn one_tld_s_failure_does_not_stop_the_others() {
    let tlds = ["com", "nl", "nowhere", "broken", "not a tld", ".co.uk"].map(tld);
    let (list, _) = read(fixture!("pricing/all.xml"), &tlds, false).await;
    let list = list.unwrap();
    let failed: Vec<_> = list.failures.iter().map(|(tld, error)| (tld.as_str(), error.kind())).collect();
    let wanted = [
        ("nl", ErrorKind::InvalidResponse), // S5.4: in another currency than the others
        ("nowhere", ErrorKind::NotFound),
        ("broken", ErrorKind::InvalidResponse),
        ("not a tld", ErrorKind::Config),
    ];
    assert_eq!(failed, wanted, "S5.6");
    assert!(list.quotes.iter().any(|quote| quote.tld == ".co.uk" && quote.price == Decimal::new(710, 2)));
}

#[tokio::test]
async fn a_currency_that_no_row_tells_is_the_account_s() {
    let (list, requests) = read(fixture!("pricing/no_currency.xml"), &[tld("com")], false).await;
    assert_eq!((list.unwrap().currency.unwrap().as_str(), requests.len()), ("USD", 2), "S5.4");
    assert_eq!(command(&requests[1]), "users.getBalances");
}

#[tokio::test]
async fn only_the_wanted_years_are_quoted() {
    let narrow = TldRecord { min_years: 2, max_years: 9, ..tld("com") };
    let (list, _) = read(fixture!("pricing/all.xml"), &[narrow], false).await;
    let years: Vec<_> = list.unwrap().quotes.iter().map(|quote| quote.years).collect();
    assert_eq!(years, [2], "S5.1");
}
