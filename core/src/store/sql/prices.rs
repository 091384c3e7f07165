//! Prices of TLDs (S5.1).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use super::rows::records;
use super::{Arg, CHUNK, Failure, Link, Repeats, SqlStore, Work, json};
use crate::model::{PriceAction, RegistrarId, TldId, TldPrices, TldRecord};
use crate::store::PriceWrite;
use crate::{Error, Result};

/// `tld_prices.price` has two places.
const PLACES: u32 = 2;

#[derive(serde::Deserialize)]
struct PriceRow {
    tld_id: i64,
    action: String,
    years: i64,
    price: String,
    effective_date: String,
}

impl PriceRow {
    fn decode(&self) -> Option<(PriceAction, u8, Decimal, NaiveDate)> {
        let price = Decimal::from_str(&self.price).or_else(|_| Decimal::from_scientific(&self.price));
        let day = NaiveDate::parse_from_str(self.effective_date.get(..10)?, "%Y-%m-%d");
        let years = u8::try_from(self.years).ok()?;
        Some((self.action.parse().ok()?, years, price.ok()?, day.ok()?))
    }
}

impl<L: Link> SqlStore<L> {
    /// The active TLDs of a registrar with the prices in force on a day.
    pub(crate) async fn load_prices(&self, registrar: RegistrarId, today: NaiveDate) -> Result<Vec<TldPrices>> {
        let args = [("registrar", registrar.0.into()), ("today", today.to_string().into())];
        let texts = self.read(&self.statements.tlds, &args).await?;
        let mut tlds = Vec::new();
        for (id, extension, min_years, max_years) in records::<(i64, String, i64, i64)>(&texts)? {
            let (Ok(min_years), Ok(max_years)) = (u8::try_from(min_years), u8::try_from(max_years)) else {
                tracing::warn!(tld_id = id, "a TLD's years make no sense, and it is left out");
                continue;
            };
            tlds.push(TldPrices {
                tld: TldRecord { id: TldId(id), extension, min_years, max_years },
                in_force: Vec::new(),
            });
        }
        if tlds.is_empty() {
            return Ok(tlds);
        }
        let places: HashMap<_, _> = tlds.iter().enumerate().map(|(place, tld)| (tld.tld.id.0, place)).collect();
        let texts = self.read(&self.statements.prices, &args).await?;
        for row in records::<PriceRow>(&texts)? {
            let Some(place) = places.get(&row.tld_id) else {
                continue;
            };
            match row.decode() {
                Some(price) => tlds[*place].in_force.push(price),
                None => {
                    tracing::warn!(tld_id = row.tld_id, years = row.years, "a price cannot be read and counts as none")
                }
            }
        }
        Ok(tlds)
    }

    /// Stores prices from the day of `now` on, and that the registrar's prices were synced.
    pub(crate) async fn store_prices(
        &self,
        registrar: RegistrarId,
        now: DateTime<Utc>,
        prices: &[PriceWrite],
    ) -> Result<()> {
        let mut repeats = Repeats::new();
        loop {
            match self.store_once(registrar, now, prices).await {
                Ok(()) => return Ok(()),
                Err(failure) => repeats.after(failure).await?,
            }
        }
    }

    async fn store_once(
        &self,
        registrar: RegistrarId,
        now: DateTime<Utc>,
        prices: &[PriceWrite],
    ) -> Result<(), Failure> {
        let today = now.with_timezone(&self.timezone).date_naive();
        let args = |rows: Arg| {
            [
                ("rows", rows),
                ("registrar", registrar.0.into()),
                ("today", today.to_string().into()),
                ("now", self.wall_clock(now).into()),
            ]
        };
        let mut transaction = self.begin().await?;
        // Holds the registrar's row: two that sync its prices come one after the other.
        let touched = transaction.execute(&self.statements.touch_registrar, &args(Arg::Int(None))).await?;
        if touched == 0 {
            return Err(Error::not_found(format!("there is no registrar with id {registrar}")).into());
        }
        if !prices.is_empty() {
            let texts = transaction.read(&self.statements.prices_of_day, &args(Arg::Int(None))).await?;
            let plan = Plan::new(prices, records(&texts)?);
            let updates = (&self.statements.update_prices, plan.updates()?);
            let inserts = (&self.statements.insert_prices, plan.inserts()?);
            for (statement, chunks) in [updates, inserts] {
                for rows in chunks {
                    transaction.execute(statement, &args(rows)).await?;
                }
            }
        }
        transaction.work.commit().await
    }
}

/// A TLD, and a price of it that holds from the day: action, years, `tld_prices.id`.
type OfDay = (i64, Option<String>, Option<i64>, Option<i64>);

/// What a price is for: TLD, action, years.
type Key = (i64, &'static str, u8);

/// Which rows change and which are added.
struct Plan {
    updates: Vec<(i64, String)>,
    inserts: Vec<(i64, &'static str, u8, String)>,
}

impl Plan {
    /// `of_day` has the registrar's TLDs, with the rows that hold from today on. Where there are several for one price
    /// the one with the highest id is in force.
    fn new(prices: &[PriceWrite], of_day: Vec<OfDay>) -> Self {
        // The last of several prices for the same thing counts.
        let prices: BTreeMap<Key, Decimal> =
            prices.iter().map(|price| ((price.tld_id.0, price.action.as_str(), price.years), price.price)).collect();
        let mut rows: HashMap<(i64, String, i64), i64> = HashMap::new();
        let mut tlds = HashSet::new();
        for (tld, action, years, id) in of_day {
            tlds.insert(tld);
            if let (Some(action), Some(years), Some(id)) = (action, years, id) {
                let latest = rows.entry((tld, action, years)).or_insert(id);
                *latest = id.max(*latest);
            }
        }
        let (mut updates, mut inserts) = (Vec::new(), Vec::new());
        for ((tld, action, years), price) in prices {
            let mut price = price.round_dp_with_strategy(PLACES, RoundingStrategy::MidpointAwayFromZero);
            price.rescale(PLACES);
            if !tlds.contains(&tld) {
                tracing::warn!(tld_id = tld, "a TLD is gone, and its price is not stored");
            } else if let Some(id) = rows.get(&(tld, action.to_owned(), i64::from(years))) {
                updates.push((*id, price.to_string()));
            } else {
                inserts.push((tld, action, years, price.to_string()));
            }
        }
        Self { updates, inserts }
    }

    fn updates(&self) -> Result<Vec<Arg>> {
        self.updates.chunks(CHUNK).map(json).collect()
    }

    fn inserts(&self) -> Result<Vec<Arg>> {
        self.inserts.chunks(CHUNK).map(json).collect()
    }
}
