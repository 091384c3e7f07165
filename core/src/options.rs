//! What a caller may ask of a sync, beyond the configuration.

use std::ops::ControlFlow;

use serde_json::Value;

use crate::model::{DomainRef, PartnerId, UserId};
use crate::sync::Canceller;
use crate::{Error, Result};

/// Which domains a batch is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those that need it, in the order of S1.3: at most the option `limit`, by default `sync_batch_size`.
    NeedingSync,
    /// These.
    Domains(Vec<DomainRef>),
}

/// Options of a call. Unset ones come from the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncOptions {
    /// Syncs domains even when they were synced recently (S1.1).
    pub force: bool,
    /// Does everything but write (S8.4).
    pub dry_run: bool,
    /// Only this partner's domains (S1.6).
    pub partner_id: Option<PartnerId>,
    /// What audit rows name as source where there is room: manual, scheduled, queue, or a word of the caller's.
    pub source: Option<String>,
    /// What audit rows name as user.
    pub user_id: Option<UserId>,
    /// Simultaneous requests per registrar account.
    pub concurrency: Option<u32>,
    /// The most domains that [`Selection::NeedingSync`] takes.
    pub limit: Option<u32>,
    /// Lifts the safety brake (S6.7).
    pub allow_mass_change: bool,
    /// How long a batch may take, in seconds: then it stops as if it were cancelled, and says how many domains are left.
    /// What is being written is finished, so it may take some seconds more.
    pub max_seconds: Option<u32>,
    /// Which results the report keeps.
    pub results: ResultsMode,
    /// Stops this call, and no other: once it was used, every call that has it ends at once.
    pub canceller: Option<Canceller>,
}

impl SyncOptions {
    /// With `force` set.
    #[must_use]
    pub fn forced(mut self) -> Self {
        self.force = true;
        self
    }

    /// With `dry_run` set.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }
}

/// The most simultaneous requests that may be asked for, as in the configuration.
const MAX_CONCURRENCY: u32 = 1_024;

/// The keys that options have.
const KEYS: &str =
    "force, dry_run, partner_id, source, user_id, concurrency, limit, max_seconds, allow_mass_change, results";

impl SyncOptions {
    /// Reads options as PHP and C give them: an object, or an empty list for none. `null` leaves a key unset.
    ///
    /// Fails with `config` for a wrong value or a key that there is not, since an option that is misspelt and ignored
    /// would do harm (`dry_run`).
    pub fn from_value(value: Value) -> Result<Self> {
        let map = match value {
            Value::Object(map) => map,
            Value::Null => return Ok(Self::default()),
            Value::Array(list) if list.is_empty() => return Ok(Self::default()),
            _ => return Err(Error::config("options", format_args!("expected an array with keys out of {KEYS}"))),
        };
        let mut options = Self::default();
        for (key, value) in &map {
            if !value.is_null() {
                options.set(key, value)?;
            }
        }
        Ok(options)
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<()> {
        let wrong = |wanted: &str| {
            let got: String = value.to_string().chars().take(60).collect();
            Error::config(&format!("options.{key}"), format_args!("expected {wanted}, got {got}"))
        };
        let flag = || value.as_bool().ok_or_else(|| wrong("true or false"));
        let id = || value.as_i64().filter(|id| *id > 0).ok_or_else(|| wrong("an id above 0"));
        let count = || {
            value
                .as_u64()
                .and_then(|n| u32::try_from(n).ok())
                .filter(|n| *n > 0)
                .ok_or_else(|| wrong("a whole number above 0"))
        };
        match key {
            "force" => self.force = flag()?,
            "dry_run" => self.dry_run = flag()?,
            "allow_mass_change" => self.allow_mass_change = flag()?,
            "partner_id" => self.partner_id = Some(PartnerId(id()?)),
            "user_id" => self.user_id = Some(UserId(id()?)),
            "source" => {
                let source = value.as_str().map(str::trim).filter(|source| !source.is_empty());
                self.source =
                    Some(source.ok_or_else(|| wrong("a word such as `manual`, `scheduled` or `queue`"))?.to_owned());
            }
            "concurrency" => {
                let requests = Some(count()?).filter(|requests| *requests <= MAX_CONCURRENCY);
                self.concurrency = Some(requests.ok_or_else(|| wrong("at most 1024 requests"))?);
            }
            "limit" => self.limit = Some(count()?),
            "max_seconds" => self.max_seconds = Some(count()?),
            "results" => {
                self.results = match value.as_str() {
                    Some("all") => ResultsMode::All,
                    Some("changed") => ResultsMode::Changed,
                    Some("none") => ResultsMode::None,
                    _ => return Err(wrong("`all`, `changed` or `none`")),
                }
            }
            _ => {
                return Err(Error::config(
                    &format!("options.{key}"),
                    format_args!("there is no such option; there are {KEYS}"),
                ));
            }
        }
        Ok(())
    }
}

/// Which results a batch's report keeps. Progress events tell of every domain all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultsMode {
    /// Every domain's.
    #[default]
    All,
    /// Those that changed, failed or are held.
    Changed,
    /// None: the numbers only.
    None,
}

/// What a progress callback answers: nothing, `true` or [`ControlFlow::Continue`] to go on; `false` or
/// [`ControlFlow::Break`] to stop (S6.8).
pub trait IntoFlow {
    /// The answer as a [`ControlFlow`].
    fn into_flow(self) -> ControlFlow<()>;
}

impl IntoFlow for () {
    fn into_flow(self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl IntoFlow for bool {
    fn into_flow(self) -> ControlFlow<()> {
        if self { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl IntoFlow for ControlFlow<()> {
    fn into_flow(self) -> ControlFlow<()> {
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_option_that_there_is_not_names_those_there_are() {
        let error = SyncOptions::from_value(json!({"dryrun": true})).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Config);
        for key in KEYS.split(", ") {
            assert!(error.to_string().contains(key), "{key}: {error}");
            assert!(SyncOptions::from_value(json!({ key: null })).is_ok(), "{key}");
            let known = SyncOptions::from_value(json!({ key: {} })).unwrap_err().to_string();
            assert!(known.contains("expected"), "{known}");
        }
    }

    #[test]
    fn options_are_read_strictly() {
        let all = json!({"force": true, "dry_run": true, "partner_id": 3, "source": "queue", "user_id": 4, "concurrency": 8,
            "limit": 50, "max_seconds": 60, "allow_mass_change": true, "results": "changed"});
        let read = SyncOptions::from_value(all).unwrap();
        assert!(read.force && read.dry_run && read.allow_mass_change);
        assert_eq!((read.partner_id, read.user_id), (Some(PartnerId(3)), Some(UserId(4))));
        assert_eq!((read.concurrency, read.limit, read.results), (Some(8), Some(50), ResultsMode::Changed));
        assert_eq!(read.max_seconds, Some(60));
        for none in [json!(null), json!([]), json!({}), json!({"limit": null})] {
            assert_eq!(SyncOptions::from_value(none).unwrap(), SyncOptions::default());
        }
        for (wrong, path) in [
            (json!({"dryrun": true}), "options.dryrun"),
            (json!({"force": "yes"}), "options.force"),
            (json!({"limit": 0}), "options.limit"),
            (json!({"limit": -1}), "options.limit"),
            (json!({"concurrency": 1.5}), "options.concurrency"),
            (json!({"concurrency": 1025}), "options.concurrency"),
            (json!({"concurrency": "8"}), "options.concurrency"),
            (json!({"limit": 4_294_967_296_u64}), "options.limit"),
            (json!({"source": " "}), "options.source"),
            (json!({"source": 1}), "options.source"),
            (json!({"dry_run": 1}), "options.dry_run"),
            (json!({"user_id": "4"}), "options.user_id"),
            (json!({"results": "some"}), "options.results"),
            (json!({"partner_id": 0}), "options.partner_id"),
            (json!([1]), "options"),
        ] {
            let error = SyncOptions::from_value(wrong).unwrap_err().to_string();
            assert!(error.starts_with(&format!("config `{path}`: ")), "{error}");
        }
    }
}
