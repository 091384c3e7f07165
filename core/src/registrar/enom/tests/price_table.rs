use super::*;
use crate::model::{PriceAction, TldId, TldRecord};

fn tld(extension: &str, min_years: u8, max_years: u8) -> TldRecord {
    TldRecord { id: TldId(1), extension: extension.to_owned(), min_years, max_years }
}

async fn read(tlds: &[TldRecord], source: PriceSource) -> (Result<PriceList>, Vec<Request>) {
    let server = Server::start(|request| {
        Reply::xml(
            200,
            match request.field("Years").unwrap().as_str() {
                "1" => fixture!("pricing/years_1.xml"),
                "2" => fixture!("pricing/years_2.xml"),
                "5" => fixture!("pricing/years_5.xml"),
                _ => fixture!("pricing/years_10.xml"),
            },
        )
    })
    .await;
    let mut account = account(&server);
    account.config.price_source = source;
    let list = account.prices(&context(), &PriceRequest { tlds: tlds.to_vec() }).await;
    (list, server.requests())
}

fn of(list: &PriceList, action: PriceAction) -> Vec<(u8, String)> {
    let quotes = list.quotes.iter().filter(|quote| quote.action == action);
    quotes.map(|quote| (quote.years, quote.price.normalize().to_string())).collect()
}

/// "Cost of n years = yearly price of n's bracket × n. Transfer always adds one year."
#[tokio::test]
async fn a_price_is_the_year_s_of_its_bracket_times_the_years() {
    let (list, requests) = read(&[tld("com", 1, 10)], PriceSource::Cost).await;
    let list = list.unwrap();
    let wanted = |years| pairs(&[("command", "PE_GetRetailPricing"), ("TLDOnly", "1"), ("Years", years)]);
    let asked: Vec<_> = requests.iter().map(asked).collect();
    assert_eq!(asked, ["1", "2", "5", "10"].map(wanted), "S7.3");
    let wanted = [
        (1, "14"),
        (2, "27"),
        (3, "40.5"),
        (4, "54"),
        (5, "65"),
        (6, "78"),
        (7, "91"),
        (8, "104"),
        (9, "117"),
        (10, "120"),
    ];
    assert_eq!(of(&list, PriceAction::Register), wanted.map(|(years, price)| (years, price.to_owned())), "S5.2");
    assert_eq!(of(&list, PriceAction::Renew)[1], (2, "30".to_owned()));
    assert_eq!(of(&list, PriceAction::Transfer), [(1, "14.25".to_owned())]);
    assert_eq!(list.currency.unwrap().as_str(), "USD", "S5.4");
    assert!(list.failures.is_empty());
}

#[tokio::test]
async fn only_the_brackets_that_are_sold_are_asked_for() {
    let (_, requests) = read(&[tld("com", 1, 1), tld("co.uk", 2, 4)], PriceSource::Cost).await;
    assert_eq!(requests.len(), 2, "S7.3");
    let (_, requests) = read(&[], PriceSource::Cost).await;
    assert_eq!(requests.len(), 0);
}

/// "`resellerprice*` is what the account pays Enom"; "`*enabled` false: that action is not sold"
#[tokio::test]
async fn the_account_s_own_price_is_not_its_customers_and_what_is_not_sold_has_none() {
    let (list, _) = read(&[tld("co.uk", 1, 2)], PriceSource::Customer).await;
    let list = list.unwrap();
    assert_eq!(of(&list, PriceAction::Register), [(1, "11".to_owned()), (2, "21".to_owned())]);
    assert_eq!(of(&list, PriceAction::Transfer), [], "0.00 is no price");
    let (list, requests) = read(&[tld("com", 1, 1)], PriceSource::Reseller).await;
    assert_eq!((list.unwrap_err().kind(), requests.len()), (ErrorKind::Config, 0));
}

#[tokio::test]
async fn amounts_may_have_commas_and_one_tld_s_failure_does_not_stop_the_others() {
    let tlds = ["luxury", "broken", "nowhere", "not a tld", "com"].map(|extension| tld(extension, 1, 1));
    let (list, _) = read(&tlds, PriceSource::Cost).await;
    let list = list.unwrap();
    assert_eq!(of(&list, PriceAction::Register), [(1, "1250".to_owned()), (1, "14".to_owned())]);
    let failed: Vec<_> = list.failures.iter().map(|(tld, error)| (tld.as_str(), error.kind())).collect();
    let wanted =
        [("broken", ErrorKind::InvalidResponse), ("nowhere", ErrorKind::NotFound), ("not a tld", ErrorKind::Config)];
    assert_eq!(failed, wanted, "S5.6");
}

#[test]
fn a_table_that_was_cut_is_discarded() {
    for body in
        [fixture!("pricing/years_1.xml").replace("<count>4", "<count>5"), fixture!("all_domains/one.xml").to_owned()]
    {
        let root = Element::parse(body.as_bytes()).unwrap();
        let error = prices::Table::read(&root, PriceSource::Cost).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "S6.1");
    }
}
