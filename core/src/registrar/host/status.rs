//! The words for statuses that registrars, registries and PHP classes for them use.

use crate::model::{DomainStatus, RemoteStatus, StatusMeaning};

/// What a word means, written without spaces, dashes and capitals. `None` in it for a lock, which is no status (S3.2).
const WORDS: [(&str, Option<DomainStatus>); 45] = [
    ("active", Some(DomainStatus::Active)),
    ("ok", Some(DomainStatus::Active)),
    ("registered", Some(DomainStatus::Active)),
    ("linked", Some(DomainStatus::Active)),
    ("addperiod", Some(DomainStatus::Active)),
    ("renewperiod", Some(DomainStatus::Active)),
    ("transferperiod", Some(DomainStatus::Active)),
    ("expired", Some(DomainStatus::Expired)),
    ("grace", Some(DomainStatus::GracePeriod)),
    ("graceperiod", Some(DomainStatus::GracePeriod)),
    ("autorenewgrace", Some(DomainStatus::GracePeriod)),
    ("autorenewperiod", Some(DomainStatus::GracePeriod)),
    ("redemption", Some(DomainStatus::Redemption)),
    ("redemptionperiod", Some(DomainStatus::Redemption)),
    ("redemptiongraceperiod", Some(DomainStatus::Redemption)),
    ("pendingrestore", Some(DomainStatus::Redemption)),
    ("pendingdelete", Some(DomainStatus::Redemption)),
    ("pendingdeleterestorable", Some(DomainStatus::Redemption)),
    ("suspended", Some(DomainStatus::Suspended)),
    ("hold", Some(DomainStatus::Suspended)),
    ("clienthold", Some(DomainStatus::Suspended)),
    ("serverhold", Some(DomainStatus::Suspended)),
    ("inactive", Some(DomainStatus::Suspended)),
    ("transferred", Some(DomainStatus::TransferredOut)),
    ("transferredout", Some(DomainStatus::TransferredOut)),
    ("transferredaway", Some(DomainStatus::TransferredOut)),
    ("pendingregistration", Some(DomainStatus::PendingRegistration)),
    ("pendingcreate", Some(DomainStatus::PendingRegistration)),
    ("pendingtransfer", Some(DomainStatus::PendingTransfer)),
    ("transferinprogress", Some(DomainStatus::TransferInProgress)),
    ("transferapproved", Some(DomainStatus::TransferApproved)),
    ("transfercompleted", Some(DomainStatus::TransferCompleted)),
    ("transferfailed", Some(DomainStatus::TransferFailed)),
    ("transfercancelled", Some(DomainStatus::TransferCancelled)),
    ("locked", None),
    ("registrarlock", None),
    ("pendingupdate", None),
    ("pendingrenew", None),
    ("clientdeleteprohibited", None),
    ("clientrenewprohibited", None),
    ("clienttransferprohibited", None),
    ("clientupdateprohibited", None),
    ("serverdeleteprohibited", None),
    ("servertransferprohibited", None),
    ("serverupdateprohibited", None),
];

/// How grave a status is; the gravest of several decides (S3.2).
fn gravity(status: DomainStatus) -> u8 {
    match status {
        DomainStatus::TransferredOut => 7,
        DomainStatus::Redemption => 6,
        DomainStatus::GracePeriod => 5,
        DomainStatus::Expired => 4,
        DomainStatus::Suspended => 3,
        DomainStatus::Active => 1,
        _ => 2,
    }
}

/// What several words mean together. One that nobody knows leaves the local status alone (S3.1).
pub(super) fn read(words: &[&str]) -> RemoteStatus {
    let told = words.join(", ").chars().take(200).collect();
    let mut gravest = None;
    for word in words {
        let plain: String =
            word.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
        let Some((_, status)) = WORDS.iter().find(|(known, _)| *known == plain) else {
            return RemoteStatus { words: told, meaning: StatusMeaning::Unknown };
        };
        // A domain with nothing but locks is active (RFC 5731, section 2.3).
        let status = status.unwrap_or(DomainStatus::Active);
        gravest = gravest.max(Some((gravity(status), status)));
    }
    let meaning = match gravest {
        Some((_, DomainStatus::PendingRegistration)) => StatusMeaning::AwaitingRegistration,
        Some((_, status)) => StatusMeaning::Known(status),
        None => StatusMeaning::Absent,
    };
    RemoteStatus { words: told, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_status_counts_locks_are_none_and_unknown_words_change_nothing() {
        use DomainStatus::{Active, GracePeriod, Redemption, Suspended, TransferredOut};
        for (words, meaning) in [
            (vec!["ok"], StatusMeaning::Known(Active)),
            (vec!["Active"], StatusMeaning::Known(Active)),
            (vec!["clientTransferProhibited", "clientHold"], StatusMeaning::Known(Suspended)),
            (vec!["clientTransferProhibited"], StatusMeaning::Known(Active)),
            (vec!["client-hold", "redemption period"], StatusMeaning::Known(Redemption)),
            (vec!["autoRenewPeriod", "ok"], StatusMeaning::Known(GracePeriod)),
            (vec!["transferred_out", "pendingDelete"], StatusMeaning::Known(TransferredOut)),
            (vec!["pending_registration"], StatusMeaning::AwaitingRegistration),
            (vec!["ok", "on fire"], StatusMeaning::Unknown),
            (vec![], StatusMeaning::Absent),
        ] {
            assert_eq!(read(&words).meaning, meaning, "S3.2 {words:?}");
        }
    }

    #[test]
    fn every_status_of_the_application_is_known_by_its_own_word() {
        for status in DomainStatus::ALL {
            let meaning = read(&[status.as_str()]).meaning;
            let expected = match status {
                DomainStatus::PendingRegistration => StatusMeaning::AwaitingRegistration,
                status => StatusMeaning::Known(status),
            };
            assert_eq!(meaning, expected, "S3.1");
        }
    }
}
