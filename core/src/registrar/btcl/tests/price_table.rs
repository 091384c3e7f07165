use super::*;
use crate::model::TldId;

fn tld(extension: &str, years: std::ops::RangeInclusive<u8>) -> TldRecord {
    TldRecord { id: TldId(1), extension: extension.to_owned(), min_years: *years.start(), max_years: *years.end() }
}

/// A server with these rates to register and to renew for one year and for two, as they stand in JSON; `None` for 4014.
async fn serving(one: Option<(&'static str, &'static str)>, two: Option<(&'static str, &'static str)>) -> Server {
    Server::start(move |request| {
        let asked: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        let rates = if asked["year"] == 1 { one } else { two };
        Reply::json(
            200,
            match rates {
                Some((register, renew)) => {
                    fixture!("rates/one.json").replace("1100.0", register).replace("1600.0", renew)
                }
                None => fixture!("error/code.json").replace("4999", "4014"),
            },
        )
    })
    .await
}

async fn quoted(server: &Server, tlds: Vec<TldRecord>) -> Result<(Vec<String>, Vec<(String, ErrorKind)>)> {
    let list = account(server).prices(&context(), &PriceRequest { tlds }).await?;
    assert_eq!(list.currency.unwrap().as_str(), "BDT", "S5.4");
    let line =
        |quote: &PriceQuote| format!("{} {} {} {}", quote.tld, quote.action, quote.years, quote.price.normalize());
    let failures = list.failures.iter().map(|(tld, error)| (tld.clone(), error.kind())).collect();
    Ok((list.quotes.iter().map(line).collect(), failures))
}

#[tokio::test]
async fn a_tld_is_two_requests_for_a_sample_name_below_it() {
    let server = serving(Some(("1100.0", "1600.0")), Some(("2200.0", "3200.0"))).await;
    let (quotes, failures) = quoted(&server, vec![tld(".com.bd", 1..=3)]).await.unwrap();
    let requests = server.requests();
    let wanted = |year| ("domain_rates.do", json!({"domain": "pricesampling.com.bd", "year": year}));
    assert_eq!(requests.iter().map(asked).collect::<Vec<_>>(), [wanted(1), wanted(2)]);
    // "do not offer a one-year registration price because a rate exists"
    let wanted = [
        ".com.bd register 2 2200",
        ".com.bd register 3 3300",
        ".com.bd renew 1 1600",
        ".com.bd renew 2 3200",
        ".com.bd renew 3 4800",
    ];
    assert_eq!((quotes, failures), (wanted.map(str::to_owned).to_vec(), Vec::new()), "S5.1");
}

#[tokio::test]
async fn a_rate_that_is_the_same_for_two_years_is_one_of_a_year() {
    let server = serving(Some(("\"1100.50\"", "1.6e3")), Some(("1100.5", "1600"))).await;
    let (quotes, _) = quoted(&server, vec![tld("bd", 2..=2)]).await.unwrap();
    assert_eq!(quotes, ["bd register 2 2201", "bd renew 2 3200"], "S5.2");
}

#[tokio::test]
async fn a_rate_that_is_neither_is_held_back_and_reported() {
    let server = serving(Some(("1100", "1600")), Some(("2000", "3200"))).await;
    let (quotes, failures) = quoted(&server, vec![tld("bd", 1..=2)]).await.unwrap();
    assert_eq!((quotes.len(), failures.len()), (2, 0), "the renewal is sound: {quotes:?}");
    let server = serving(Some(("1100", "1600")), Some(("2000", "3000"))).await;
    let (quotes, failures) = quoted(&server, vec![tld("bd", 1..=2)]).await.unwrap();
    assert_eq!((quotes, failures), (Vec::new(), vec![("bd".to_owned(), ErrorKind::InvalidResponse)]), "S5.6");
}

#[tokio::test]
async fn years_without_a_rate_are_skipped() {
    let server = serving(Some(("1100", "1600")), None).await;
    let (quotes, failures) = quoted(&server, vec![tld("bd", 1..=10)]).await.unwrap();
    assert_eq!((quotes, failures), (vec!["bd renew 1 1600".to_owned()], Vec::new()));
    let server = serving(None, None).await;
    let (quotes, failures) = quoted(&server, vec![tld("bd", 1..=10)]).await.unwrap();
    assert_eq!((quotes, failures), (Vec::new(), vec![("bd".to_owned(), ErrorKind::NotFound)]));
    assert_eq!(server.requests().len(), 1);
    let server = serving(Some(("1100", "null")), None).await;
    assert_eq!(quoted(&server, vec![tld("bd", 1..=1)]).await.unwrap(), (Vec::new(), Vec::new()));
    assert_eq!(server.requests().len(), 1, "a year is all that is sold");
}

#[tokio::test]
async fn one_tld_s_failure_does_not_stop_the_others_and_the_account_s_does() {
    let failing = |extension: &'static str, code: &'static str| {
        Server::start(move |request| {
            let fails = request.body.contains(&format!("sampling.{extension}"));
            let body = if fails {
                fixture!("error/code.json").replace("4999", code)
            } else {
                fixture!("rates/one.json").to_owned()
            };
            Reply::json(200, body)
        })
    };
    let tlds = || vec![tld("com.bd", 1..=1), tld("org.bd", 1..=1), tld("edu.bd", 1..=1)];
    for (code, kind) in [("4030", ErrorKind::Rejected), ("5000", ErrorKind::Network)] {
        let (quotes, failures) = quoted(&failing("org.bd", code).await, tlds()).await.unwrap();
        assert_eq!((quotes.len(), failures), (2, vec![("org.bd".to_owned(), kind)]), "S5.6 {code}");
    }
    let error = quoted(&failing("org.bd", "4015").await, tlds()).await.unwrap_err();
    assert_eq!((error.kind(), error.registrar()), (ErrorKind::Auth, Some("btcl")), "S6.6");
    let server = failing("", "5000").await;
    assert_eq!(quoted(&server, tlds()).await.unwrap_err().kind(), ErrorKind::Network);
    assert_eq!(server.requests().len(), 2, "a registrar that fails twice running is down");
    assert_eq!(quoted(&server, vec![tld("bd", 1..=1)]).await.unwrap_err().kind(), ErrorKind::Network);
}

#[tokio::test]
async fn a_figure_that_is_none_is_unreadable() {
    for figure in ["\"many\"", "{}", "[1]", "true", "79228162514264337593543950335"] {
        let server = serving(Some((figure, "1600")), None).await;
        let (_, failures) = quoted(&server, vec![tld("bd", 1..=1)]).await.unwrap();
        assert_eq!(failures, [("bd".to_owned(), ErrorKind::InvalidResponse)], "S5.2 {figure}");
    }
}
