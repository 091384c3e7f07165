use rust_decimal::Decimal;

use super::*;
use crate::model::{PriceAction, TldId};

fn tld(extension: &str, min_years: u8, max_years: u8) -> TldRecord {
    TldRecord { id: TldId(1), extension: extension.to_owned(), min_years, max_years }
}

fn request(tlds: &[&str]) -> PriceRequest {
    PriceRequest { tlds: tlds.iter().map(|extension| tld(extension, 1, 10)).collect() }
}

/// The four calls, each answered by its fixture.
fn shop(request: &Request) -> Reply {
    match request.path().trim_start_matches("/api/") {
        "products/reseller-cost-price.json" => Reply::json(200, fixture!("price_table/reseller_cost.json")),
        "products/customer-price.json" => Reply::json(200, fixture!("price_table/customer.json")),
        "products/reseller-price.json" => Reply::json(200, fixture!("price_table/reseller.json")),
        "domains/available.json" => Reply::json(200, fixture!("available/three.json")),
        "resellers/details.json" => Reply::json(200, fixture!("reseller/details.json")),
        _ => Reply::json(404, "{}"),
    }
}

fn account_of(server: &Server, price_source: PriceSource) -> ResellerClub {
    let config = RegistrarConfig { price_source, ..config(server) };
    ResellerClub::new("resellerclub", &credentials(), &config).unwrap()
}

/// The quotes as text, so that no digit is lost in between.
fn quoted(list: &PriceList) -> Vec<String> {
    list.quotes
        .iter()
        .map(|quote| format!("{} {} {} {}", quote.tld, quote.action, quote.years, quote.price.normalize()))
        .collect()
}

#[tokio::test]
async fn the_cost_table_is_quoted_as_totals_in_the_currency_of_the_parent() {
    let server = Server::start(shop).await;
    let context = context();
    let list = account_of(&server, PriceSource::Cost).prices(&context, &request(&["com"])).await.unwrap();
    assert_eq!(list.currency, Some("USD".parse().unwrap()), "S5.4");
    let wanted = [
        "com register 1 8.57",
        "com register 2 17.14",
        "com register 3 25.71",
        "com register 10 85.7",
        "com renew 1 8.97",
        "com renew 2 17.94",
        "com renew 10 89.7",
        "com transfer 1 8.57",
    ];
    assert_eq!(quoted(&list), wanted, "S5.2: a figure is per year, an absent year is not sold");
    assert!(list.failures.is_empty());

    let paths: Vec<_> = server.requests().iter().map(|request| request.path().to_owned()).collect();
    assert_eq!(
        paths,
        ["/api/products/reseller-cost-price.json", "/api/domains/available.json", "/api/resellers/details.json"]
    );
    assert_eq!(asked(&server.requests()[1]), pairs(&[("domain-name", "domaindeskpricecheck"), ("tlds", "com")]));
    assert_eq!(context.requests(), 3);
}

#[tokio::test]
async fn the_tables_of_customers_and_sub_resellers_are_in_the_currency_that_they_pay_in() {
    for (source, first, count) in [
        (PriceSource::Customer, "com register 1 12.99", 8),
        // The lowest slab, which stands second in the table.
        (PriceSource::Reseller, "com register 1 38.81", 4),
    ] {
        let server = Server::start(shop).await;
        let list = account_of(&server, source).prices(&context(), &request(&["com"])).await.unwrap();
        assert_eq!(list.currency, Some("GBP".parse().unwrap()), "S5.4 {source:?}");
        let quotes = quoted(&list);
        assert_eq!((quotes[0].as_str(), quotes.len()), (first, count), "{source:?} {quotes:?}");
    }
}

#[tokio::test]
async fn only_the_years_that_are_wanted_are_quoted() {
    let server = Server::start(shop).await;
    let request = PriceRequest { tlds: vec![tld("com", 2, 3)] };
    let list = account_of(&server, PriceSource::Customer).prices(&context(), &request).await.unwrap();
    assert_eq!(quoted(&list), ["com register 2 25.98", "com register 3 38.97", "com renew 2 27.98"], "S5.1");
}

#[tokio::test]
async fn one_tld_without_a_price_does_not_stop_the_others() {
    let server = Server::start(shop).await;
    let request = request(&["nosuch", "co.uk", "bad..tld", "com"]);
    let list = account_of(&server, PriceSource::Cost).prices(&context(), &request).await.unwrap();

    let failed: Vec<_> = list.failures.iter().map(|(tld, error)| (tld.as_str(), error.kind())).collect();
    assert_eq!(
        failed,
        [("bad..tld", ErrorKind::Config), ("nosuch", ErrorKind::NotFound), ("co.uk", ErrorKind::InvalidResponse)],
        "S5.6"
    );
    assert!(list.failures.iter().all(|(_, error)| error.registrar() == Some("resellerclub")));
    assert!(list.failures[2].1.message().contains("`\"n/a\"`"), "{}", list.failures[2].1);
    let uk: Vec<_> = quoted(&list).into_iter().filter(|quote| quote.starts_with("co.uk")).collect();
    assert_eq!(uk, ["co.uk register 1 5.1", "co.uk renew 1 5.1"], "S2.3: what is readable counts");
    assert!(quoted(&list).contains(&"com register 1 8.57".to_owned()));
}

#[tokio::test]
async fn a_product_that_the_table_does_not_have_is_a_failure_of_its_tld() {
    let server = Server::start(shop).await;
    let list = account_of(&server, PriceSource::Reseller).prices(&context(), &request(&["co.uk"])).await.unwrap();
    assert_eq!(list.failures[0].1.kind(), ErrorKind::NotFound, "S5.6");
    assert!(list.failures[0].1.message().contains("`thirdleveldotuk`"), "{}", list.failures[0].1);
}

#[tokio::test]
async fn products_are_looked_up_once_and_by_the_chunk() {
    let server = Server::start(|request| match request.path() {
        "/api/domains/available.json" => {
            let tlds = request.query().into_iter().filter(|(key, _)| key == "tlds");
            let found: serde_json::Map<_, _> = tlds
                .map(|(_, tld)| (format!("domaindeskpricecheck.{tld}"), serde_json::json!({"classkey": "domcno"})))
                .collect();
            Reply::json(200, Value::Object(found).to_string())
        }
        _ => shop(request),
    })
    .await;
    let account = account_of(&server, PriceSource::Cost);
    let tlds: Vec<_> = (0..120).map(|number| format!("tld{number}")).collect();
    let wanted = request(&tlds.iter().map(String::as_str).collect::<Vec<_>>());
    let first = context();
    assert_eq!(account.prices(&first, &wanted).await.unwrap().quotes.len(), 120 * 8);
    assert_eq!(first.requests(), 1 + 3 + 1, "the table, 50 + 50 + 20 TLDs, the currency");
    let second = context();
    assert_eq!(account.prices(&second, &wanted).await.unwrap().quotes.len(), 120 * 8);
    assert_eq!(second.requests(), 2, "the products are known");
}

#[tokio::test]
async fn a_look_up_that_is_refused_for_one_tld_still_learns_the_others() {
    let server = Server::start(|request| match request.path() {
        "/api/domains/available.json" => {
            let tlds: Vec<_> =
                request.query().into_iter().filter(|(key, _)| key == "tlds").map(|(_, tld)| tld).collect();
            if tlds.iter().any(|tld| tld == "refused") {
                return Reply::json(500, r#"{"status":"ERROR","message":"{tlds=Invalid value}"}"#);
            }
            let found: serde_json::Map<_, _> = tlds
                .iter()
                .map(|tld| (format!("domaindeskpricecheck.{tld}"), serde_json::json!({"classkey": "domcno"})))
                .collect();
            Reply::json(200, Value::Object(found).to_string())
        }
        _ => shop(request),
    })
    .await;
    let list = account_of(&server, PriceSource::Cost)
        .prices(&context(), &request(&["com", "net", "refused", "org"]))
        .await
        .unwrap();
    assert_eq!(list.failures.len(), 1, "S5.6 {:?}", list.failures);
    assert_eq!((list.failures[0].0.as_str(), list.failures[0].1.kind()), ("refused", ErrorKind::Rejected));
    assert_eq!(list.quotes.len(), 3 * 8);
}

#[tokio::test]
async fn a_failure_that_may_pass_fails_the_call_so_that_it_is_tried_again() {
    for path in ["/api/products/reseller-cost-price.json", "/api/domains/available.json", "/api/resellers/details.json"]
    {
        let server = Server::start(
            move |request| {
                if request.path() == path { Reply::with(502, "", "<html>") } else { shop(request) }
            },
        )
        .await;
        let error = account(&server).prices(&context(), &request(&["com"])).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "S6.2 {path}");
    }
}

#[tokio::test]
async fn a_currency_that_is_none_is_refused_and_one_that_is_not_told_is_left_open() {
    for (body, wanted) in [
        (r#"{"parentsellingcurrencysymbol":"Dollars"}"#, Err(ErrorKind::InvalidResponse)),
        (r#"{"sellingcurrencysymbol":"GBP"}"#, Ok(None)),
        (r#"{"parentsellingcurrencysymbol":"usd"}"#, Ok(Some("USD"))),
    ] {
        let server = Server::start(move |request| match request.path() {
            "/api/resellers/details.json" => Reply::json(200, body),
            _ => shop(request),
        })
        .await;
        let list = account(&server).prices(&context(), &request(&["com"])).await;
        let told = list.map(|list| list.currency.map(|currency| currency.to_string())).map_err(|error| error.kind());
        assert_eq!(told, wanted.map(|currency| currency.map(str::to_owned)), "S5.4 {body}");
    }
}

#[tokio::test]
async fn a_request_for_nothing_asks_for_nothing() {
    let server = Server::start(shop).await;
    let context = context();
    let list = account(&server).prices(&context, &PriceRequest::default()).await.unwrap();
    assert_eq!((list.quotes.len(), list.failures.len(), context.requests()), (0, 0, 0));
}

#[test]
fn a_figure_is_read_from_its_digits_and_never_through_a_float() {
    // As a double, 0.1 * 3 is 0.30000000000000004 and 1234567890123456.78 ends in .75.
    for (figure, years, total) in [
        ("0.1", 3, "0.3"),
        ("\"0.10\"", 3, "0.30"),
        ("1234567890123456.78", 2, "2469135780246913.56"),
        ("1.25e1", 2, "25"),
        ("\" 7 \"", 1, "7"),
        ("-1.5", 2, "-3"),
        ("0", 1, "0"),
    ] {
        let table = format!(r#"{{"p":{{"renewdomain":{{"{years}":{figure}}}}}}}"#);
        let (quotes, problem) = prices::Catalogue::parse(table.as_bytes()).unwrap().quotes(&tld("com", 1, 10), "p");
        assert!(problem.is_none(), "{figure}: {problem:?}");
        assert_eq!(quotes[0].price, total.parse::<Decimal>().unwrap(), "S5.2 {figure}");
        assert_eq!((quotes[0].action, quotes[0].years), (PriceAction::Renew, years));
    }
}

#[test]
fn a_figure_that_is_none_is_a_failure_and_no_price() {
    for figure in
        ["\"\"", "\"free\"", "{}", "[]", "true", "\"1,50\"", "\"0x10\"", "9e99", "79228162514264337593543950335"]
    {
        let table = format!(r#"{{"p":{{"renewdomain":{{"5":{figure}}}}}}}"#);
        let (quotes, problem) = prices::Catalogue::parse(table.as_bytes()).unwrap().quotes(&tld("com", 1, 10), "p");
        assert!(quotes.is_empty(), "{figure}");
        assert_eq!(problem.map(|error| error.kind()), Some(ErrorKind::InvalidResponse), "S5.5 {figure}");
    }
}
