//! Prices of TLDs (S5.1).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use chrono::NaiveDate;
use chrono_tz::Tz;
use domaindesk_support::{DatabaseOptions, Engine};
use domaindesk_sync::ErrorKind;
use domaindesk_sync::model::{PriceAction, RegistrarId, TldId, TldPrices};
use domaindesk_sync::store::PriceWrite;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::fixture::{Fixture, at, now};

const REGISTRAR: RegistrarId = RegistrarId(1);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn price(tld: i64, action: PriceAction, years: u8, text: &str) -> PriceWrite {
    PriceWrite { tld_id: TldId(tld), action, years, price: money(text) }
}

/// A day as Eloquent leaves it: SQLite keeps the time that comes with it.
fn stored_day(engine: Engine, day: &str) -> Value {
    if engine == Engine::Sqlite { json!(format!("{day} 00:00:00")) } else { json!(day) }
}

impl Fixture {
    async fn with_tlds(engine: Engine, timezone: Tz) -> Self {
        let fixture = Self::with(engine, DatabaseOptions::default(), timezone).await;
        fixture.run(
            "INSERT INTO tlds (id, registrar_id, extension, min_years, max_years, is_active) VALUES \
             (1, 1, 'com', 1, 10, true), (2, 1, 'co.uk', 2, 9, true), (3, 1, 'old', 1, 10, false), (4, 2, 'bd', 1, 10, true)",
        );
        fixture
    }

    fn price(&self, id: i64, tld: i64, action: &str, years: u8, price: &str, effective: &str) {
        self.db.execute(&format!(
            "INSERT INTO tld_prices (id, tld_id, action, years, price, effective_date, created_at, updated_at) \
             VALUES ({id}, {tld}, '{action}', {years}, '{price}', '{effective}', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
        self.after_ids("tld_prices");
    }

    /// The prices that are stored, whatever the engine makes of them.
    fn prices(&self, which: &str) -> Vec<Decimal> {
        let rows = self.rows(&format!("SELECT price FROM tld_prices {which}"));
        rows.iter()
            .map(|row| row[0].as_str().map_or_else(|| row[0].to_string(), str::to_owned))
            .map(|text| money(&text))
            .collect()
    }

    async fn in_force(&self, today: &str) -> Vec<TldPrices> {
        self.store.tlds(REGISTRAR, day(today)).await.unwrap()
    }
}

async fn the_latest_price_that_is_not_in_the_future_is_in_force(engine: Engine) {
    let fixture = Fixture::with_tlds(engine, Tz::UTC).await;
    fixture.price(1, 1, "register", 1, "8.99", "2026-01-01 00:00:00");
    fixture.price(2, 1, "register", 1, "9.99", "2026-11-23 00:00:00");
    fixture.price(3, 1, "register", 1, "12.00", "2026-11-24 00:00:00");
    fixture.price(4, 1, "renew", 2, "20.00", "2026-05-05 00:00:00");
    // The service that was replaced wrote the same day again and again: the latest row counts.
    fixture.price(6, 1, "renew", 10, "105", "2026-11-23 00:00:00");
    fixture.price(5, 1, "renew", 10, "104.5", "2026-11-23");
    fixture.price(7, 3, "register", 1, "1.00", "2026-01-01 00:00:00");
    fixture.price(8, 4, "register", 1, "2.00", "2026-01-01 00:00:00");
    let mut tlds = fixture.in_force("2026-11-23").await;
    assert_eq!(tlds.len(), 2, "S5.1: active ones of this registrar");
    assert_eq!((tlds[0].tld.extension.as_str(), tlds[0].tld.min_years, tlds[0].tld.max_years), ("com", 1, 10));
    assert_eq!((tlds[1].tld.extension.as_str(), tlds[1].tld.min_years, tlds[1].tld.max_years), ("co.uk", 2, 9));
    assert!(tlds[1].in_force.is_empty());
    tlds[0].in_force.sort();
    assert_eq!(
        tlds[0].in_force,
        [
            (PriceAction::Register, 1, money("9.99"), day("2026-11-23")),
            (PriceAction::Renew, 2, money("20"), day("2026-05-05")),
            (PriceAction::Renew, 10, money("105"), day("2026-11-23")),
        ],
        "S5.1"
    );
    assert!(fixture.in_force("2025-12-31").await[0].in_force.is_empty());
    assert!(fixture.store.tlds(RegistrarId(9), day("2026-11-23")).await.unwrap().is_empty());
}

async fn prices_are_read_as_the_decimals_they_are(engine: Engine) {
    let fixture = Fixture::with_tlds(engine, Tz::UTC).await;
    let texts = ["0.01", "0.1", "9.99", "10", "1234.56", "99999999.99", "0.29", "1.15"];
    for (index, text) in texts.iter().enumerate() {
        fixture.price(index as i64 + 1, 1, "register", index as u8 + 1, text, "2026-01-01 00:00:00");
    }
    let mut prices = fixture.in_force("2026-11-23").await.remove(0).in_force;
    prices.sort();
    let read: Vec<_> = prices.iter().map(|price| price.2).collect();
    assert_eq!(read, texts.map(money), "S5.2");
}

async fn a_new_price_is_a_row_of_today_and_history_stays(engine: Engine) {
    let fixture = Fixture::with_tlds(engine, Tz::UTC).await;
    fixture.price(1, 1, "register", 1, "8.99", "2026-01-01 00:00:00");
    let prices = [price(1, PriceAction::Register, 1, "9.99"), price(2, PriceAction::Transfer, 3, "10")];
    fixture.store.write_prices(REGISTRAR, now(), &prices).await.unwrap();
    let (time, midnight) = (json!("2026-11-23 02:43:43"), stored_day(engine, "2026-11-23"));
    assert_eq!(
        fixture.rows(
            "SELECT tld_id, action, years, effective_date, created_at, updated_at FROM tld_prices WHERE id > 1 ORDER BY id"
        ),
        [
            [json!(1), json!("register"), json!(1), midnight.clone(), time.clone(), time.clone()],
            [json!(2), json!("transfer"), json!(3), midnight.clone(), time.clone(), time.clone()],
        ],
        "S5.1, S4.4"
    );
    assert_eq!(fixture.prices("ORDER BY id"), ["8.99", "9.99", "10"].map(money), "S5.1: history is never deleted");
    assert_eq!(
        fixture.db.row("SELECT last_sync_at, updated_at FROM registrars WHERE id = 1"),
        [time.clone(), time.clone()],
        "S5.6"
    );
    assert_eq!(
        fixture.in_force("2026-11-23").await[0].in_force,
        [(PriceAction::Register, 1, money("9.99"), day("2026-11-23"))]
    );
}

async fn a_second_change_on_the_same_day_replaces_the_row_of_that_day(engine: Engine) {
    let fixture = Fixture::with_tlds(engine, Tz::UTC).await;
    for text in ["9.99", "11.25"] {
        let prices = [price(1, PriceAction::Register, 1, text), price(1, PriceAction::Register, 2, "19.00")];
        fixture.store.write_prices(REGISTRAR, now(), &prices).await.unwrap();
    }
    assert_eq!(fixture.db.count("tld_prices"), 2, "S5.1");
    assert_eq!(fixture.prices("WHERE years = 1"), [money("11.25")], "S5.1");
    // A row that was written without the time of day is of the same day.
    fixture.price(9, 2, "renew", 1, "5.00", "2026-11-23");
    fixture.store.write_prices(REGISTRAR, now(), &[price(2, PriceAction::Renew, 1, "6.00")]).await.unwrap();
    assert_eq!(fixture.rows("SELECT id FROM tld_prices WHERE tld_id = 2"), [[9]], "S5.1");
    assert_eq!(fixture.prices("WHERE tld_id = 2"), [money("6")], "S5.1");
    let tomorrow = at("2026-11-24T00:00:00Z");
    fixture.store.write_prices(REGISTRAR, tomorrow, &[price(1, PriceAction::Register, 1, "12.00")]).await.unwrap();
    assert_eq!(fixture.db.one("SELECT count(*) FROM tld_prices WHERE tld_id = 1 AND years = 1"), 2, "S5.1");
}

async fn of_several_rows_of_one_day_the_one_in_force_is_replaced(engine: Engine) {
    let fixture = Fixture::with_tlds(engine, Tz::UTC).await;
    fixture.price(1, 1, "register", 1, "8.99", "2026-11-23 00:00:00");
    fixture.price(2, 1, "register", 1, "8.99", "2026-11-23 00:00:00");
    fixture.store.write_prices(REGISTRAR, now(), &[price(1, PriceAction::Register, 1, "9.99")]).await.unwrap();
    assert_eq!(fixture.prices("ORDER BY id"), ["8.99", "9.99"].map(money));
    assert_eq!(fixture.in_force("2026-11-23").await[0].in_force[0].2, money("9.99"), "S5.1");
}

async fn today_is_the_day_of_the_applications_zone(engine: Engine) {
    let fixture = Fixture::with_tlds(engine, Tz::America__New_York).await;
    fixture.store.write_prices(REGISTRAR, now(), &[price(1, PriceAction::Register, 1, "9.99")]).await.unwrap();
    assert_eq!(
        fixture.db.row("SELECT effective_date, created_at FROM tld_prices"),
        [stored_day(engine, "2026-11-22"), json!("2026-11-22 21:43:43")]
    );
    let registrar = fixture.store.registrar(&1.into()).await.unwrap().unwrap();
    assert_eq!(registrar.last_sync_at, Some(now()));
}

async fn prices_stay_within_their_registrar(engine: Engine) {
    let fixture = Fixture::with_tlds(engine, Tz::UTC).await;
    let prices = [price(4, PriceAction::Register, 1, "9.99"), price(99, PriceAction::Register, 1, "9.99")];
    fixture.store.write_prices(REGISTRAR, now(), &prices).await.unwrap();
    assert_eq!(fixture.db.count("tld_prices"), 0);
    let error = fixture.store.write_prices(RegistrarId(9), now(), &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

async fn a_price_list_costs_a_few_statements_or_nothing_is_written(engine: Engine) {
    let fixture = Fixture::with_tlds(engine, Tz::UTC).await;
    let mut prices: Vec<_> = PriceAction::ALL
        .into_iter()
        .flat_map(|action| (1..=10).map(move |years| price(1, action, years, "9.99")))
        .collect();
    let before = fixture.store.statements();
    fixture.store.write_prices(REGISTRAR, now(), &prices).await.unwrap();
    assert_eq!(fixture.store.statements() - before, 3, "registrar, today's rows, one INSERT");
    assert_eq!(fixture.db.count("tld_prices"), 30);
    fixture.refuse("BEFORE UPDATE", "tld_prices", "NEW.years = 7", "no");
    for price in &mut prices {
        price.price = money("1.00");
    }
    let error = fixture.store.write_prices(REGISTRAR, at("2026-11-23T05:00:00Z"), &prices).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert_eq!(fixture.db.one("SELECT count(*) FROM tld_prices WHERE price = 1"), 0, "one transaction");
    assert_eq!(fixture.db.one("SELECT last_sync_at FROM registrars WHERE id = 1"), "2026-11-23 02:43:43");
}

on_every_engine!(
    the_latest_price_that_is_not_in_the_future_is_in_force,
    prices_are_read_as_the_decimals_they_are,
    a_new_price_is_a_row_of_today_and_history_stays,
    a_second_change_on_the_same_day_replaces_the_row_of_that_day,
    of_several_rows_of_one_day_the_one_in_force_is_replaced,
    today_is_the_day_of_the_applications_zone,
    prices_stay_within_their_registrar,
    a_price_list_costs_a_few_statements_or_nothing_is_written,
);
