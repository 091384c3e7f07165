//! Why a domain is synced or left alone: a pure function of what is stored, the rules and the present.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::due::{Class, Look, Rules};
use crate::model::{DomainId, DomainStatus, Lease, LocalDomain, PartnerId, RegistrarId};

/// What a result says of a domain that the safety brake holds (S6.7).
pub(crate) const HELD_BACK: &str = "Held back: too many domains of this registrar would get worse at once";

/// What is known of one domain's syncs. No registrar is asked for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The name as stored.
    pub domain: String,
    /// `domains.id`.
    pub id: DomainId,
    /// `domains.partner_id`.
    pub partner_id: PartnerId,
    /// `domains.status`.
    pub status: DomainStatus,
    /// `domains.expires_at`.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its registrar; `None` where it has none.
    pub registrar: Option<RegistrarView>,
    /// Whether a selection would take it at present (S1.3).
    pub due: bool,
    /// When a selection takes it at the earliest; `None` where none ever does as it stands.
    pub due_at: Option<DateTime<Utc>>,
    /// Why so, in a sentence.
    pub reason: String,
    /// The number of its class (S1.3); `None` where its status takes it out of every selection.
    pub class: Option<u8>,
    /// How long its sync is good for, in seconds.
    pub interval_seconds: Option<i64>,
    /// When it was last synced.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// What came of the last sync: `synced`, `failed`, `held`, or `never`.
    pub last_outcome: &'static str,
    /// Why a batch that it is chosen for by name would leave it alone at present, if so (S1.1, S1.5, S7.5).
    pub skipped: Option<&'static str>,
    /// The failures since the last success; `None` where the last sync did not fail.
    pub failure: Option<Failure>,
    /// Whether the safety brake held it (S6.7), so that a person is asked.
    pub held: bool,
    /// Whether a person should look at it (S6.4).
    pub needs_review: bool,
    /// Why.
    pub review_reason: Option<String>,
    /// Since when.
    pub review_since: Option<DateTime<Utc>>,
    /// Until when another process holds it, unless that renews its lease (S7.5).
    pub leased_until: Option<DateTime<Utc>>,
    /// What earlier syncs left.
    pub evidence: Evidence,
}

/// A domain's registrar, as far as a sync needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegistrarView {
    /// `registrars.id`.
    pub id: RegistrarId,
    /// Its slug; `None` where the row is missing.
    pub slug: Option<String>,
    /// Whether there is something that speaks to it, of the library's or set by the caller.
    pub known: bool,
    /// `registrars.is_active`. A sync does not ask for it.
    pub active: bool,
}

/// The failed syncs since the last success (S6.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What the last one said.
    pub error: Option<String>,
    /// What kind it was.
    pub error_code: Option<String>,
    /// How many there were.
    pub attempts: u64,
    /// When the last one was.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When it is tried again at the earliest (S6.4).
    pub next_attempt_at: Option<DateTime<Utc>>,
}

/// What `sync_metadata` knows of the registrar's record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The registrar's own id of it.
    pub remote_id: Option<String>,
    /// The text that changes when the registrar's record does.
    pub change_marker: Option<String>,
    /// When its details were last read.
    pub details_at: Option<DateTime<Utc>>,
    /// The registrar's words for the status.
    pub registrar_status: Option<String>,
    /// The same, where they are not in its table (S3.1).
    pub unknown_status: Option<String>,
    /// When a sync last found a change, where one did.
    pub changed_at: Option<DateTime<Utc>>,
    /// How many fields the last sync changed.
    pub changes_detected: Option<u64>,
}

/// Explains a domain.
pub fn explain(
    local: &LocalDomain,
    registrar: Option<RegistrarView>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Explanation {
    let look = Look::from(local);
    let class = rules.class(&look, now);
    let text = |key: &str| local.metadata_str(key).map(str::to_owned);
    let remote = |key: &str| local.metadata.as_ref()?.get("remote")?.get(key)?.as_str();
    let leased_until = local
        .metadata_text
        .as_deref()
        .and_then(Lease::read)
        .filter(|lease| lease.holds(now))
        .map(|lease| lease.until());
    let next_attempt_at = local.metadata_instant("next_attempt_at");
    let failure = local.metadata_str("last_sync_error").is_some().then(|| Failure {
        error: text("last_sync_error"),
        error_code: text("error_code"),
        attempts: local.metadata_u64("attempts").unwrap_or(0),
        last_attempt_at: local.metadata_instant("last_sync_attempt"),
        next_attempt_at,
    });
    let review_reason = text("review_reason");
    let held = review_reason.as_deref() == Some(HELD_BACK);
    let waits = next_attempt_at.filter(|at| *at > now);
    let by_interval = if registrar.is_some() { rules.due_at(&look, now) } else { None };
    let due_at = by_interval.map(|at| [waits, leased_until].into_iter().flatten().fold(at, DateTime::max));
    let skipped = if registrar.is_none() {
        Some("No registrar assigned")
    } else if local.last_synced_at.is_some_and(|at| now - at < rules.shortest()) {
        Some("Recently synced")
    } else if waits.is_some() {
        Some("Waiting to retry")
    } else {
        leased_until.map(|_| "Being synced by another process")
    };
    let due = due_at.is_some_and(|at| at <= now);
    Explanation {
        reason: reason(local, class, registrar.as_ref(), rules, &Times { now, by_interval, waits, leased_until }),
        domain: local.name.clone(),
        id: local.id,
        partner_id: local.partner_id,
        status: local.status,
        expires_at: local.expires_at,
        registrar,
        due,
        due_at,
        class: class.map(Class::number),
        interval_seconds: class.map(|class| rules.interval(&look, class).num_seconds()),
        last_synced_at: local.last_synced_at,
        last_outcome: match (&failure, held, local.last_synced_at) {
            (Some(_), ..) => "failed",
            (None, true, _) => "held",
            (None, false, Some(_)) => "synced",
            (None, false, None) => "never",
        },
        skipped,
        failure,
        held,
        needs_review: local
            .metadata
            .as_ref()
            .is_some_and(|metadata| metadata.get("needs_review") == Some(&true.into())),
        review_reason,
        review_since: local.metadata_instant("review_since"),
        leased_until,
        evidence: Evidence {
            remote_id: remote("id").map(str::to_owned),
            change_marker: remote("marker").map(str::to_owned),
            details_at: remote("details_at").and_then(|text| Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())),
            registrar_status: text("registrar_status"),
            unknown_status: text("unknown_status"),
            changed_at: look.changed_at,
            changes_detected: local.metadata_u64("changes_detected"),
        },
    }
}

/// What decides when a domain is taken.
struct Times {
    now: DateTime<Utc>,
    by_interval: Option<DateTime<Utc>>,
    waits: Option<DateTime<Utc>>,
    leased_until: Option<DateTime<Utc>>,
}

/// The most important thing that there is to say.
fn reason(
    local: &LocalDomain,
    class: Option<Class>,
    registrar: Option<&RegistrarView>,
    rules: &Rules,
    times: &Times,
) -> String {
    let Times { now, by_interval, waits, leased_until } = *times;
    let shown = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC");
    let Some(registrar) = registrar else { return "it has no registrar".to_owned() };
    let Some(class) = class else {
        return format!("no selection takes a domain that is {}", local.status);
    };
    if !registrar.known {
        let slug = registrar.slug.as_deref().unwrap_or("(missing)");
        return format!("there is no registrar for slug `{slug}`, so every sync of it fails");
    }
    let days = rules.priority.num_days();
    let why = match class {
        Class::ExpiresSoon if local.expires_at.is_some_and(|at| at <= now) => "it has expired".to_owned(),
        Class::ExpiresSoon => format!("it expires within {days} days"),
        Class::ExpiresLater => format!("it expires within {} days", days * 2),
        Class::NeverSynced => "it was never synced".to_owned(),
        Class::Watched => format!("it is {}", local.status),
        Class::Healing => format!("it is {} and may heal", local.status),
    };
    let hours = rules.interval(&Look::from(local), class).num_minutes();
    let every = format!("every {}.{} hours", hours / 60, hours % 60 * 10 / 60).replace(".0 hours", " hours");
    match (leased_until, waits, by_interval.filter(|at| *at > now)) {
        (Some(until), ..) => format!("another process holds it until {}", shown(until)),
        (None, Some(until), _) => format!("it waits until {} after a failure", shown(until)),
        (None, None, Some(until)) => format!("{why}, so it is due {every}: next at {}", shown(until)),
        (None, None, None) => format!("{why}, so it is due {every}, and that is over"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::DomainConfig;
    use crate::sync::testing::local;

    /// A domain at noon: hours since its last sync, and its metadata.
    fn explained(synced: Option<i64>, metadata: &Value, change: fn(&mut LocalDomain)) -> Explanation {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let mut domain = local("example.com");
        domain.last_synced_at = synced.map(|hours| now - chrono::TimeDelta::hours(hours));
        domain.metadata = metadata.as_object().cloned();
        domain.metadata_text = Some(metadata.to_string());
        change(&mut domain);
        let registrar = domain.registrar_id.map(|id| RegistrarView {
            id,
            slug: Some("resellerclub".to_owned()),
            known: id.0 == 1,
            active: true,
        });
        explain(&domain, registrar, &Rules::of(&DomainConfig::default()), now)
    }

    #[test]
    fn each_case_says_when_and_why() {
        let none = json!({});
        let waiting = json!({"last_sync_error": "no answer", "error_code": "timeout", "attempts": 2,
            "last_sync_attempt": "2026-11-23T11:55:00+00:00", "next_attempt_at": "2026-11-23T12:05:00+00:00"});
        let leased = json!({"lease": {"by": "00000000deadbeef", "until": "2026-11-23T12:15:00+00:00"}});
        let over = json!({"lease": {"by": "00000000deadbeef", "until": "2026-11-23T11:15:00+00:00"}});
        let held =
            json!({"needs_review": true, "review_reason": HELD_BACK, "review_since": "2026-11-22T12:00:00+00:00"});
        let keep: fn(&mut LocalDomain) = |_| ();
        // Hours since the sync, metadata, change: due, due at, skipped, class, outcome, and what the reason says.
        for (synced, metadata, change, due, due_at, skipped, class, outcome, words) in [
            (
                None,
                &none,
                keep,
                true,
                Some("12:00"),
                None,
                Some(3),
                "never",
                "it was never synced, so it is due every 6 hours",
            ),
            (
                Some(7),
                &none,
                keep,
                true,
                Some("11:00"),
                None,
                Some(4),
                "synced",
                "it is active, so it is due every 6 hours, and that is over",
            ),
            (
                Some(1),
                &none,
                keep,
                false,
                Some("17:00"),
                Some("Recently synced"),
                Some(4),
                "synced",
                "next at 2026-11-23 17:00:00 UTC",
            ),
            (
                Some(7),
                &waiting,
                keep,
                false,
                Some("12:05"),
                Some("Waiting to retry"),
                Some(4),
                "failed",
                "it waits until 2026-11-23 12:05:00 UTC",
            ),
            (
                Some(7),
                &leased,
                keep,
                false,
                Some("12:15"),
                Some("Being synced by another process"),
                Some(4),
                "synced",
                "another process holds it",
            ),
            (Some(7), &over, keep, true, Some("11:00"), None, Some(4), "synced", "that is over"),
            (None, &held, keep, true, Some("12:00"), None, Some(3), "held", "never synced"),
            (
                Some(7),
                &none,
                |d| d.registrar_id = None,
                false,
                None,
                Some("No registrar assigned"),
                Some(4),
                "synced",
                "it has no registrar",
            ),
            (
                Some(7),
                &none,
                |d| d.registrar_id = Some(RegistrarId(2)),
                true,
                Some("11:00"),
                None,
                Some(4),
                "synced",
                "no registrar for slug `resellerclub`",
            ),
            (
                Some(7),
                &none,
                |d| d.status = DomainStatus::TransferredOut,
                false,
                None,
                None,
                None,
                "synced",
                "no selection takes a domain that is transferred_out",
            ),
            (
                Some(7),
                &none,
                |d| d.status = DomainStatus::Expired,
                false,
                Some("05:00"),
                None,
                Some(5),
                "synced",
                "it is expired and may heal, so it is due every 24 hours",
            ),
            (
                Some(7),
                &none,
                |d| d.expires_at = "2026-12-01T00:00:00Z".parse().ok(),
                true,
                Some("11:00"),
                None,
                Some(1),
                "synced",
                "it expires within 30 days",
            ),
            (
                Some(7),
                &none,
                |d| d.expires_at = "2026-11-01T00:00:00Z".parse().ok(),
                true,
                Some("11:00"),
                None,
                Some(1),
                "synced",
                "it has expired",
            ),
            (
                Some(7),
                &none,
                |d| d.expires_at = "2027-01-10T00:00:00Z".parse().ok(),
                true,
                Some("11:00"),
                None,
                Some(2),
                "synced",
                "it expires within 60 days",
            ),
        ] {
            let told = explained(synced, metadata, change);
            let time = told.due_at.map(|at| at.format("%H:%M").to_string());
            assert_eq!((told.due, time.as_deref(), told.skipped), (due, due_at, skipped), "S1.3 {told:?}");
            assert_eq!((told.class, told.last_outcome), (class, outcome), "{told:?}");
            assert!(told.reason.contains(words), "{} says not {words}", told.reason);
        }
        let failure = explained(Some(7), &waiting, keep).failure.unwrap();
        assert_eq!((failure.attempts, failure.error_code.as_deref()), (2, Some("timeout")), "S6.3");
        let told = explained(None, &held, keep);
        assert!(told.held && told.needs_review && told.review_since.is_some(), "S6.7");
    }

    #[test]
    fn the_evidence_is_what_the_metadata_know() {
        let metadata = json!({"registrar_status": "Odd", "unknown_status": "Odd", "changes_detected": 3,
            "changed_at": "2026-11-22T12:00:00+00:00",
            "remote": {"id": "84372632", "marker": "m", "details_at": "2026-11-21T12:00:00+00:00", "fingerprint": "f"}});
        let wanted = Evidence {
            remote_id: Some("84372632".into()),
            change_marker: Some("m".into()),
            details_at: "2026-11-21T12:00:00Z".parse().ok(),
            registrar_status: Some("Odd".into()),
            unknown_status: Some("Odd".into()),
            changed_at: "2026-11-22T12:00:00Z".parse().ok(),
            changes_detected: Some(3),
        };
        assert_eq!(explained(Some(1), &metadata, |_| ()).evidence, wanted);
        assert_eq!(explained(Some(1), &json!({"remote": 7}), |_| ()).evidence, Evidence::default());
    }
}
