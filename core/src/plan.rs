//! How a registrar is asked for many domains at the least cost: pure decisions (S7.3, S3.7).

use chrono::{DateTime, TimeDelta, Utc};

use crate::diff::{Mode, status_for};
use crate::model::{DomainStatus, Field, LocalDomain, RemoteDomain, StatusMeaning};
use crate::registrar::Capabilities;

/// How a registrar is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every domain by name.
    Single,
    /// The whole list, page by page; then by name what needs a closer look.
    List,
    /// The list of chosen domains by the registrar's ids; then by name what needs a closer look.
    ByRemoteId,
}

impl Method {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::List => "list",
            Self::ByRemoteId => "by_id",
        }
    }
}

/// What is known before a registrar is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Which fields are wanted.
    pub mode: Mode,
    /// How many domains are wanted.
    pub wanted: u64,
    /// Those among them for which a list row may be enough.
    pub reusable: u64,
    /// Those among `reusable` whose id at the registrar is known.
    pub identified: u64,
    /// How many domains the account holds, where that is known; otherwise it is taken to hold the wanted ones only.
    pub account: Option<u64>,
}

/// The cheapest way, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How the registrar is asked.
    pub method: Method,
    /// Requests that it should take.
    pub calls: u64,
    /// The comparison that decided.
    pub reason: String,
}

/// Chooses the method with the fewest requests; of equals the one that tells the most.
///
/// A full sync takes for granted that a quarter of the rows that may be enough need a closer look all the same. A row
/// that is seen for the first time saves nothing yet but leaves its change marker for the next sync: that counts as a
/// twentieth of a request.
pub fn plan(capabilities: &Capabilities, work: &Work) -> Plan {
    let single = work.wanted;
    let mut best = (Method::Single, single, single);
    let mut considered = vec![format!("{single} by name")];
    if let Some(list) = &capabilities.list {
        let closer = |seen: u64| match work.mode {
            Mode::Full if !list.whole => seen.div_ceil(4),
            Mode::Full | Mode::StatusOnly => 0,
        };
        let rest = if list.whole { 0 } else { work.wanted - work.reusable };
        if let Some(batch) = list.by_remote_id {
            let unidentified = work.wanted - work.identified;
            let calls = work.identified.div_ceil(u64::from(batch)) + closer(work.identified) + unidentified;
            considered.push(format!("{calls} by id"));
            if calls < best.2 {
                best = (Method::ByRemoteId, calls, calls);
            }
        }
        let pages = work.account.unwrap_or(work.wanted).max(1).div_ceil(u64::from(list.page_size));
        let calls = pages + closer(work.reusable) + if work.mode == Mode::Full { rest } else { 0 };
        considered.push(format!("{calls} by list"));
        let weight =
            if work.mode == Mode::Full && list.change_marker { calls.saturating_sub(rest / 20) } else { calls };
        if weight < best.2 {
            best = (Method::List, calls, weight);
        }
    }
    Plan { method: best.0, calls: best.1, reason: format!("requests expected: {}", considered.join(", ")) }
}

/// What the registrar's record was when its details were last read (`sync_metadata.remote`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The row's change marker at that time.
    pub marker: String,
    /// When the details were read.
    pub details_at: DateTime<Utc>,
    /// What nameservers and contacts were stored then.
    pub fingerprint: String,
    /// The status that the details told then, where they told one.
    pub status: Option<DomainStatus>,
}

/// Why a list row is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closer {
    /// The row says that the record is gone, or does not say what it is.
    Unclear,
    /// The row would lift the domain out of a worse status (S3.7).
    Lifts,
    /// The row differs from what was seen last, or nothing was.
    Changed,
    /// The local nameservers or contacts are not what the last sync left.
    Drifted,
    /// The details were last read too long ago.
    Old,
}

/// What a list row is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// Which fields are wanted.
    pub mode: Mode,
    /// Whether a row lacks holds that the details have.
    pub partial_status: bool,
    /// Whether a row tells all that the details do.
    pub whole: bool,
    /// What was seen when the details were last read.
    pub evidence: Option<&'a Evidence>,
    /// The fingerprint of a local domain, taken only where all else is as it was.
    pub fingerprint: fn(&LocalDomain) -> String,
    /// The present.
    pub now: DateTime<Utc>,
    /// How long details stay good.
    pub trust: TimeDelta,
}

/// The status that a list row tells, where it is all that a sync needs; if not, why one detailed request is made.
///
/// A row that leaves the status open, or would lift it, tells nothing new while the record is as it was when the
/// details told the status that is stored.
pub fn judge_row(judge: &Judge<'_>, local: &LocalDomain, row: &RemoteDomain) -> Result<StatusMeaning, Closer> {
    let Judge { mode, partial_status, whole, evidence, fingerprint, now, trust } = *judge;
    let is_as_seen = evidence.is_some_and(|seen| row.change_marker.as_deref() == Some(seen.marker.as_str()));
    let is_fresh = evidence.is_some_and(|seen| now.signed_duration_since(seen.details_at) < trust);
    let stands = is_as_seen && is_fresh && evidence.is_some_and(|seen| seen.status == Some(local.status));

    let mut meaning = row.status.meaning;
    let is_open =
        matches!(meaning, StatusMeaning::NeedsDetails | StatusMeaning::Gone | StatusMeaning::AwaitingRegistration);
    let lifts = partial_status
        && !local.status.is_transfer_flow()
        && status_for(local.status, meaning).is_some_and(|status| is_lift(local.status, status));
    if is_open || lifts {
        if !stands {
            return Err(if is_open { Closer::Unclear } else { Closer::Lifts });
        }
        meaning = StatusMeaning::Known(local.status);
    }
    if mode == Mode::StatusOnly || whole {
        return Ok(meaning);
    }
    let Some(evidence) = evidence.filter(|_| is_as_seen) else { return Err(Closer::Changed) };
    let same_status = local.status.is_transfer_flow() || status_for(local.status, meaning) == Some(local.status);
    let same_expiry = match &row.expires_at {
        Field::Absent => true,
        Field::Unreadable(_) => false,
        Field::Known(there) => local.expires_at.is_some_and(|here| here.date_naive() == there.date_naive()),
    };
    if !same_status || !same_expiry {
        return Err(Closer::Changed);
    }
    if !is_fresh {
        return Err(Closer::Old);
    }
    if fingerprint(local) != evidence.fingerprint {
        return Err(Closer::Drifted);
    }
    Ok(meaning)
}

fn is_lift(from: DomainStatus, to: DomainStatus) -> bool {
    to.gravity() < from.gravity()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registrar::ListCapability;

    fn capabilities() -> Capabilities {
        Capabilities {
            list: Some(ListCapability {
                page_size: 500,
                change_marker: true,
                partial_status: true,
                whole: false,
                by_remote_id: Some(100),
            }),
            ..Capabilities::default()
        }
    }

    #[test]
    fn the_cheapest_way_is_chosen_by_the_numbers() {
        use Method::*;
        let full = Mode::Full;
        let status = Mode::StatusOnly;
        for (mode, wanted, reusable, identified, account, method, calls) in [
            // One domain: by name tells the most.
            (status, 1, 1, 1, Some(100_000), Single, 1),
            // Many out of a small account: the list.
            (status, 100_000, 100_000, 0, None, List, 200),
            (status, 300, 300, 300, Some(1_000), List, 2),
            // Some out of a huge account: by id.
            (status, 200, 200, 200, Some(100_000), ByRemoteId, 2),
            // Some out of a huge account, ids unknown: by name.
            (status, 150, 150, 0, Some(100_000), Single, 150),
            // A first full sync has nothing to compare a row with; for a large one the list pays the next time.
            (full, 1_000, 0, 0, Some(1_000), List, 1_002),
            (full, 30, 0, 0, Some(1_000), Single, 30),
            (full, 30, 0, 0, Some(100_000), Single, 30),
            // A nightly full sync.
            (full, 20_000, 20_000, 20_000, Some(20_000), List, 5_040),
        ] {
            let got = plan(&capabilities(), &Work { mode, wanted, reusable, identified, account });
            assert_eq!(
                (got.method, got.calls),
                (method, calls),
                "S7.3 {mode:?} {wanted} of {account:?}: {}",
                got.reason
            );
        }
    }

    fn seen(local: &LocalDomain) -> Evidence {
        Evidence {
            marker: crate::sync::testing::remote(&local.name).change_marker.unwrap(),
            details_at: "2026-11-22T00:00:00Z".parse().unwrap(),
            fingerprint: "f".into(),
            status: Some(local.status),
        }
    }

    fn look(
        mode: Mode,
        local: &LocalDomain,
        row: &RemoteDomain,
        evidence: Option<&Evidence>,
    ) -> Result<StatusMeaning, Closer> {
        let now = "2026-11-23T00:00:00Z".parse().unwrap();
        let judge = Judge {
            mode,
            partial_status: true,
            whole: false,
            evidence,
            fingerprint: |local| if local.nameservers.len() == 2 { "f".into() } else { "g".into() },
            now,
            trust: TimeDelta::hours(168),
        };
        judge_row(&judge, local, row)
    }

    #[test]
    fn a_row_is_enough_only_when_nothing_can_have_been_lost() {
        use crate::sync::testing::{local, remote};
        let here = local("example.com");
        let row = remote("example.com");
        let evidence = seen(&here);
        let active = StatusMeaning::Known(DomainStatus::Active);
        assert_eq!(look(Mode::Full, &here, &row, Some(&evidence)), Ok(active), "S7.3");
        assert_eq!(look(Mode::Full, &here, &row, None), Err(Closer::Changed), "never seen");
        let mut edited = here.clone();
        edited.nameservers.clear();
        assert_eq!(look(Mode::Full, &edited, &row, Some(&evidence)), Err(Closer::Drifted), "edited here");
        let mut other = row.clone();
        other.change_marker = Some("later".into());
        assert_eq!(look(Mode::Full, &here, &other, Some(&evidence)), Err(Closer::Changed), "edited there");
        let mut other = row.clone();
        other.expires_at = Field::Known("2030-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(look(Mode::Full, &here, &other, Some(&evidence)), Err(Closer::Changed), "another expiry");
        let mut old = evidence.clone();
        old.details_at = "2026-11-16T00:00:00Z".parse().unwrap();
        assert_eq!(look(Mode::Full, &here, &row, Some(&old)), Err(Closer::Old), "details of a week ago");
    }

    #[test]
    fn a_row_lifts_no_domain_out_of_a_worse_status() {
        use crate::sync::testing::{local, remote};
        let row = remote("example.com");
        for (status, told) in [
            (DomainStatus::Active, Ok(row.status.meaning)),
            (DomainStatus::Suspended, Err(Closer::Lifts)),
            (DomainStatus::Redemption, Err(Closer::Lifts)),
            (DomainStatus::TransferInProgress, Ok(row.status.meaning)),
        ] {
            let mut here = local("example.com");
            here.status = status;
            assert_eq!(look(Mode::StatusOnly, &here, &row, None), told, "S3.7 {status}");
        }
        let mut gone = remote("example.com");
        gone.status.meaning = StatusMeaning::NeedsDetails;
        assert_eq!(look(Mode::StatusOnly, &local("example.com"), &gone, None), Err(Closer::Unclear), "S3.7");
    }

    #[test]
    fn a_status_that_details_told_stands_while_the_record_is_as_it_was() {
        use crate::sync::testing::{local, remote};
        let mut here = local("example.com");
        here.status = DomainStatus::Suspended;
        let evidence = seen(&here);
        let stands = StatusMeaning::Known(DomainStatus::Suspended);
        for meaning in [StatusMeaning::Known(DomainStatus::Active), StatusMeaning::NeedsDetails] {
            let mut row = remote("example.com");
            row.status.meaning = meaning;
            for mode in [Mode::StatusOnly, Mode::Full] {
                assert_eq!(look(mode, &here, &row, Some(&evidence)), Ok(stands), "S3.7 {mode:?} {meaning:?}");
            }
            for evidence in [
                Evidence { status: Some(DomainStatus::Active), ..evidence.clone() },
                Evidence { status: None, ..evidence.clone() },
                Evidence { marker: "earlier".into(), ..evidence.clone() },
                Evidence { details_at: "2026-11-16T00:00:00Z".parse().unwrap(), ..evidence.clone() },
            ] {
                assert!(look(Mode::StatusOnly, &here, &row, Some(&evidence)).is_err(), "S3.7 {evidence:?}");
            }
        }
        let mut worse = remote("example.com");
        worse.status.meaning = StatusMeaning::Known(DomainStatus::TransferredOut);
        assert_eq!(look(Mode::StatusOnly, &here, &worse, Some(&evidence)), Ok(worse.status.meaning), "S3.7");
    }

    #[test]
    fn a_list_that_tells_everything_is_all_that_a_full_sync_reads() {
        use crate::sync::testing::{local, remote};
        let mut capabilities = capabilities();
        if let Some(list) = &mut capabilities.list {
            list.whole = true;
        }
        let work = Work { mode: Mode::Full, wanted: 1_000, reusable: 0, identified: 0, account: Some(1_000) };
        let chosen = plan(&capabilities, &work);
        assert_eq!((chosen.method, chosen.calls), (Method::List, 2), "S7.3 {}", chosen.reason);
        let (here, row) = (local("example.com"), remote("example.com"));
        let judge = Judge {
            mode: Mode::Full,
            partial_status: false,
            whole: true,
            evidence: None,
            fingerprint: |_| String::new(),
            now: "2026-11-23T00:00:00Z".parse().unwrap(),
            trust: TimeDelta::hours(168),
        };
        assert_eq!(judge_row(&judge, &here, &row), Ok(row.status.meaning), "S7.3");
    }

    #[test]
    fn a_registrar_without_a_list_is_asked_by_name() {
        let work = Work { mode: Mode::StatusOnly, wanted: 50, reusable: 50, identified: 50, account: None };
        assert_eq!(plan(&Capabilities::default(), &work).method, Method::Single, "S7.3");
    }
}
