//! A registrar for development: no network, no credentials, and the same answers every time.
//!
//! It has every domain that anyone asks for, but those that its configuration calls unavailable. What it says of one
//! follows from the seed and the name alone: of a hundred names most are active, some suspended, expired or about to be
//! deleted. Registrations renew themselves every year. Prices are those of the configuration.
//!
//! Price of having every domain: it has no list.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::{CallContext, Capabilities, PriceList, PriceRequest, Registrar};
use crate::config::{MockConfig, RateLimit, RegistrarConfig};
use crate::model::{
    Contact, ContactField, ContactType, Contacts, Currency, DomainName, DomainStatus, Field, Nameservers, PriceQuote,
    RemoteDomain, RemoteStatus, StatusMeaning,
};
use crate::{Error, ErrorKind, Result};

const CONCURRENCY: u32 = 16;
/// The days of a year of registration.
const YEAR: i64 = 365;

/// The account of the registrar for development.
#[derive(Debug)]
pub struct Mock {
    slug: String,
    config: MockConfig,
    currency: Option<Currency>,
    capabilities: Capabilities,
    /// How often a thing was asked for, where requests fail: the next attempt may succeed.
    asked: Mutex<HashMap<String, u32>>,
}

impl Mock {
    /// Nothing limits it.
    pub(crate) const RATE_LIMIT: &[RateLimit] = &[];

    /// The account. Credentials are not needed and not looked at. Its prices are in the configured currency, else in USD.
    pub fn new(slug: &str, _credentials: &BTreeMap<String, SecretString>, config: &RegistrarConfig) -> Result<Self> {
        tracing::warn!(registrar = slug, "the registrar for development is in use: what it says is made up");
        let max_in_flight = config.concurrency.unwrap_or(CONCURRENCY).clamp(1, 1_024);
        Ok(Self {
            slug: slug.to_owned(),
            config: config.mock.clone(),
            currency: Some(config.currency.map_or_else(|| "USD".parse(), Ok)?),
            capabilities: Capabilities { max_in_flight, ..Self::abilities() },
            asked: Mutex::default(),
        })
    }

    /// What it can do.
    pub fn abilities() -> Capabilities {
        Capabilities { list: None, prices: true, contacts: true, max_in_flight: CONCURRENCY }
    }

    /// A number below `end` that follows from the seed, what it is about, and how often that was asked.
    fn roll(&self, what: &str, about: &str, time: u32, end: u64) -> u64 {
        let hash = Sha256::digest(format!("{} {what} {about} {time}", self.config.seed));
        let first = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        first % end.max(1)
    }

    /// A request: it takes its time, and fails as often as it should.
    async fn request(&self, context: &CallContext, about: &str) -> Result<()> {
        context.count_request();
        if self.config.simulate_delays {
            tokio::time::sleep(self.config.delay).await;
        }
        if self.config.failure_rate == 0 {
            return Ok(());
        }
        let time = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let times = asked.entry(about.to_owned()).or_default();
            *times += 1;
            *times
        };
        if self.roll("failure", about, time, 100) < u64::from(self.config.failure_rate) {
            return Err(self.error(ErrorKind::Network, "simulated failure (failure_rate)"));
        }
        Ok(())
    }

    fn error(&self, kind: ErrorKind, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        Error::new(kind, message).with_registrar(self.slug.as_str())
    }

    /// The status, and how many days ago the registration ended where it did.
    fn status(&self, name: &str) -> (DomainStatus, Option<i64>) {
        match self.roll("status", name, 0, 100) {
            0..=89 => (DomainStatus::Active, None),
            90..=93 => (DomainStatus::Suspended, None),
            94..=96 => (DomainStatus::GracePeriod, Some(10)),
            97..=98 => (DomainStatus::Expired, Some(35)),
            _ => (DomainStatus::Redemption, Some(50)),
        }
    }

    /// The next anniversary of a day that the name has; of a registration that ended it is the latest one some days ago.
    fn end(&self, name: &str, ended: Option<i64>, now: DateTime<Utc>) -> DateTime<Utc> {
        if let Some(days) = ended {
            return now - TimeDelta::days(days);
        }
        let day = now.timestamp().div_euclid(86_400);
        let place = i64::try_from(self.roll("end", name, 0, YEAR.unsigned_abs())).unwrap_or_default();
        let left = (place - day).rem_euclid(YEAR);
        // Never today, so that nothing ends before it is renewed.
        let midnight = DateTime::from_timestamp((day + left + 1) * 86_400, 0);
        midnight.unwrap_or(now)
    }
}

fn contact(kind: ContactType) -> Contact {
    let fields = [
        (ContactField::FirstName, "John"),
        (ContactField::LastName, "Doe"),
        (ContactField::Organization, "Example Corp"),
        (ContactField::Email, &*format!("{kind}@example.com")),
        (ContactField::Phone, "+1.5555551234"),
        (ContactField::Address, "123 Main St"),
        (ContactField::City, "Anytown"),
        (ContactField::State, "CA"),
        (ContactField::PostalCode, "12345"),
        (ContactField::Country, "US"),
    ];
    fields.into_iter().fold(Contact::default(), |contact, (field, value)| contact.with(field, value))
}

#[async_trait]
impl Registrar for Mock {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Counts as one request. Fails with `not_found` for a name that is unavailable by the configuration.
    async fn info(&self, context: &CallContext, domain: &DomainName) -> Result<RemoteDomain> {
        let name = domain.as_str();
        self.request(context, name).await?;
        if let Some(pattern) = self.config.unavailable_patterns.iter().find(|pattern| name.contains(pattern.as_str())) {
            let text = format!("the account does not have {domain}: `{pattern}` is one of the unavailable_patterns");
            return Err(self.error(ErrorKind::NotFound, text));
        }
        let (status, ended) = self.status(name);
        let (nameservers, _) = Nameservers::parse(&["ns1.example.com", "ns2.example.com"]);
        let mut contacts = Contacts::default();
        for kind in ContactType::ALL {
            contacts.set(kind, contact(kind));
        }
        Ok(RemoteDomain {
            name: domain.clone(),
            remote_id: None,
            status: RemoteStatus { words: status.as_str().to_owned(), meaning: StatusMeaning::Known(status) },
            expires_at: Field::Known(self.end(name, ended, context.now())),
            nameservers: Field::Known(nameservers),
            contacts,
            change_marker: None,
            warnings: Vec::new(),
        })
    }

    /// Counts as one request.
    async fn prices(&self, context: &CallContext, request: &PriceRequest) -> Result<PriceList> {
        self.request(context, "prices").await?;
        let mut list = PriceList { currency: self.currency, ..PriceList::default() };
        for tld in &request.tlds {
            let extension = tld.extension.trim_start_matches('.').to_lowercase();
            let Some(prices) = self.config.tlds.get(&extension) else {
                let text = format!("the registrar tells no price for .{extension}: it is not among the available_tlds");
                list.failures.push((tld.extension.clone(), self.error(ErrorKind::NotFound, text)));
                continue;
            };
            for (action, price) in prices {
                list.quotes.extend((tld.min_years.max(1)..=tld.max_years.min(10)).map(|years| PriceQuote {
                    tld: tld.extension.clone(),
                    action: *action,
                    years,
                    price: price * Decimal::from(years),
                }));
            }
        }
        Ok(list)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on should stop
mod tests {
    use std::time::Duration;

    use chrono::TimeZone as _;
    use serde_json::{Value, json};

    use super::*;
    use crate::config::Config;
    use crate::model::{PriceAction, TldId, TldRecord};

    fn mock(own: Value) -> Mock {
        let config = json!({"database": "sqlite:/x", "registrar": {"registrars": {"mock": own}}});
        let config = Config::from_value(config).unwrap();
        Mock::new("mock", &BTreeMap::new(), config.registrar.get("mock")).unwrap()
    }

    fn at(day: u32) -> CallContext {
        CallContext::new(Utc.with_ymd_and_hms(2026, 11, day, 2, 43, 43).unwrap())
    }

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[tokio::test]
    async fn the_same_seed_says_the_same_and_another_something_else() {
        let (one, again, other) = (mock(json!({})), mock(json!({"seed": 0})), mock(json!({"seed": "7"})));
        let mut statuses = BTreeMap::<_, u32>::new();
        let mut different = 0;
        for number in 0..500 {
            let name = name(&format!("d{number}.example"));
            let told = one.info(&at(23), &name).await.unwrap();
            assert_eq!(told, again.info(&at(23), &name).await.unwrap());
            different += u32::from(told != other.info(&at(23), &name).await.unwrap());
            *statuses.entry(told.status.words.clone()).or_default() += 1;
            let end = *told.expires_at.known().unwrap();
            assert_eq!(end > at(23).now(), matches!(told.status.words.as_str(), "active" | "suspended"), "{told:?}");
            let later = *one.info(&at(24), &name).await.unwrap().expires_at.known().unwrap();
            if end > at(25).now() {
                assert_eq!(later, end, "S3.4: a registration that goes on ends on the same day tomorrow");
            }
        }
        assert!(different > 400 && statuses.len() == 5 && statuses["active"] > 400, "{statuses:?}");
        let told = one.info(&at(23), &name("d1.example")).await.unwrap();
        assert_eq!((told.contacts.iter().count(), told.nameservers.known().unwrap().len()), (4, 2));
    }

    #[tokio::test]
    async fn an_unavailable_name_is_somebody_else_s() {
        let mock = mock(json!({"unavailable_patterns": ["Taken.com", "reserved"]}));
        for (text, kind) in [
            ("taken.com", Some(ErrorKind::NotFound)),
            ("is-reserved.net", Some(ErrorKind::NotFound)),
            ("free.com", None),
        ] {
            let told = mock.info(&at(23), &name(text)).await;
            assert_eq!(told.err().map(|error| error.kind()), kind, "S6.5 {text}");
        }
    }

    #[tokio::test]
    async fn as_many_requests_fail_as_the_rate_says_and_the_next_may_succeed() {
        for (rate, few, many) in [(0, 0, 0), (30, 240, 360), (100, 1_000, 1_000)] {
            let mock = mock(json!({"failure_rate": rate.to_string()}));
            let context = at(23);
            let mut failed = 0;
            for number in 0..1_000 {
                let told = mock.info(&context, &name(&format!("d{}.example", number % 100))).await;
                failed += u32::from(told.is_err_and(|error| error.kind() == ErrorKind::Network));
            }
            assert!((few..=many).contains(&failed), "S6.2 {rate}: {failed}");
            assert_eq!(context.requests(), 1_000);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_takes_the_time_that_is_configured() {
        for (own, wait) in [
            (json!({"default_delay_ms": 250}), 0),
            (json!({"simulate_delays": "true"}), 100),
            (json!({"simulate_delays": true, "default_delay_ms": "250"}), 250),
        ] {
            let start = tokio::time::Instant::now();
            mock(own.clone()).info(&at(23), &name("d.example")).await.unwrap();
            let took = start.elapsed();
            assert!(took >= Duration::from_millis(wait) && took < Duration::from_millis(wait + 5), "{own}: {took:?}");
        }
    }

    #[tokio::test]
    async fn prices_are_those_of_the_configuration_in_cents() {
        let mock =
            mock(json!({"available_tlds": {"com": {"register": 1299, "renew": "1300"}, ".co.uk": {"renew": 5}}}));
        let tld =
            |extension: &str| TldRecord { id: TldId(1), extension: extension.to_owned(), min_years: 1, max_years: 3 };
        let request = PriceRequest { tlds: vec![tld("com"), tld("co.uk"), tld("net")] };
        let list = mock.prices(&at(23), &request).await.unwrap();
        let quoted = |tld: &str, action, years| {
            let quote =
                list.quotes.iter().find(|quote| (&*quote.tld, quote.action, quote.years) == (tld, action, years));
            quote.map(|quote| quote.price.to_string())
        };
        assert_eq!(quoted("com", PriceAction::Register, 3).as_deref(), Some("38.97"), "S5.2");
        assert_eq!(quoted("com", PriceAction::Renew, 1).as_deref(), Some("13.00"));
        assert_eq!(quoted("co.uk", PriceAction::Renew, 2).as_deref(), Some("0.10"));
        assert_eq!((quoted("com", PriceAction::Transfer, 1), list.quotes.len()), (None, 9));
        assert_eq!((list.failures.len(), list.failures[0].0.as_str()), (1, "net"), "S5.6");
        assert_eq!(list.currency.unwrap().as_str(), "USD", "S5.4");
    }

    #[test]
    fn wrong_settings_are_named_by_their_path() {
        for (own, path) in [
            (json!({"failure_rate": 101}), "failure_rate"),
            (json!({"available_tlds": {"com": {"renew": "12.00"}}}), "available_tlds.com.renew"),
            (json!({"available_tlds": {"-": {}}}), "available_tlds.-"),
            (json!({"unavailable_patterns": "taken"}), "unavailable_patterns"),
            (json!({"simulate_delays": "perhaps"}), "simulate_delays"),
        ] {
            let config = json!({"database": "sqlite:/x", "registrar": {"registrars": {"mock": own}}});
            let error = Config::from_value(config).unwrap_err().to_string();
            assert!(error.starts_with(&format!("config `registrar.registrars.mock.{path}`: ")), "{error}");
        }
    }
}
