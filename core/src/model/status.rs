//! The statuses of a local domain and their order.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The status of a domain in the application's database (`domains.status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the words speak for themselves; the table is the application's
pub enum DomainStatus {
    PendingRegistration,
    Active,
    Expired,
    GracePeriod,
    Redemption,
    Suspended,
    TransferredOut,
    PendingTransfer,
    TransferInProgress,
    TransferApproved,
    TransferCompleted,
    TransferFailed,
    TransferCancelled,
}

impl DomainStatus {
    /// Every status, in the order of the application's enum.
    pub const ALL: [Self; 13] = [
        Self::PendingRegistration,
        Self::Active,
        Self::Expired,
        Self::GracePeriod,
        Self::Redemption,
        Self::Suspended,
        Self::TransferredOut,
        Self::PendingTransfer,
        Self::TransferInProgress,
        Self::TransferApproved,
        Self::TransferCompleted,
        Self::TransferFailed,
        Self::TransferCancelled,
    ];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingRegistration => "pending_registration",
            Self::Active => "active",
            Self::Expired => "expired",
            Self::GracePeriod => "grace_period",
            Self::Redemption => "redemption",
            Self::Suspended => "suspended",
            Self::TransferredOut => "transferred_out",
            Self::PendingTransfer => "pending_transfer",
            Self::TransferInProgress => "transfer_in_progress",
            Self::TransferApproved => "transfer_approved",
            Self::TransferCompleted => "transfer_completed",
            Self::TransferFailed => "transfer_failed",
            Self::TransferCancelled => "transfer_cancelled",
        }
    }

    /// Whether the status belongs to the transfer flow, so that no sync touches it (S3.3).
    pub const fn is_transfer_flow(self) -> bool {
        matches!(self, Self::PendingTransfer | Self::TransferInProgress | Self::TransferApproved)
    }

    /// How grave it is when several apply (S3.2): transferred_out, redemption, grace_period, expired, suspended,
    /// pending, active.
    pub const fn gravity(self) -> u8 {
        match self {
            Self::TransferredOut => 6,
            Self::Redemption => 5,
            Self::GracePeriod => 4,
            Self::Expired => 3,
            Self::Suspended => 2,
            Self::PendingRegistration | Self::PendingTransfer | Self::TransferInProgress | Self::TransferApproved => 1,
            Self::Active | Self::TransferCompleted | Self::TransferFailed | Self::TransferCancelled => 0,
        }
    }
}

impl fmt::Display for DomainStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DomainStatus {
    type Err = crate::Error;

    fn from_str(word: &str) -> crate::Result<Self> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == word)
            .ok_or_else(|| crate::Error::store(format!("`{word}` is no status of a domain")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_from_its_word() {
        for status in DomainStatus::ALL {
            assert_eq!(status.as_str().parse::<DomainStatus>().unwrap(), status);
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert!("Active".parse::<DomainStatus>().is_err());
    }

    #[test]
    fn the_gravest_of_several_is_the_one_of_the_rule() {
        use DomainStatus::*;
        let order = [TransferredOut, Redemption, GracePeriod, Expired, Suspended, PendingTransfer, Active];
        assert!(order.windows(2).all(|pair| pair[0].gravity() > pair[1].gravity()), "S3.2");
    }
}
