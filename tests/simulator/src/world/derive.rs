//! A domain made from the world's seed and its index alone: nothing is stored of a domain that nobody changed.

use super::SimDomain;
use super::names;
use super::prices::Tld;

/// The order id of index 0, and the distance to the next.
const FIRST_ORDER: u64 = 80_000_003;
const ORDER_STEP: u64 = 7;
const DAY: i64 = 86_400;

pub(crate) fn order_id(index: u64) -> u64 {
    FIRST_ORDER + index * ORDER_STEP
}

pub(crate) fn index_of_order(order_id: u64) -> Option<u64> {
    let distance = order_id.checked_sub(FIRST_ORDER)?;
    distance.is_multiple_of(ORDER_STEP).then_some(distance / ORDER_STEP)
}

/// What a list row shows, which is far cheaper to make than the whole domain.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    pub(crate) name: String,
    pub(crate) order_id: u64,
    pub(crate) product_key: String,
    pub(crate) customer_id: u64,
    pub(crate) current_status: String,
    pub(crate) locked: bool,
    pub(crate) created: i64,
    pub(crate) dated: bool,
    pub(crate) expires: Option<i64>,
    pub(crate) privacy: bool,
    pub(crate) privacy_allowed: bool,
    pub(crate) auto_renew: bool,
    pub(crate) modified: (i64, u32),
}

impl From<&SimDomain> for Outline {
    fn from(domain: &SimDomain) -> Self {
        Self {
            name: domain.name.clone(),
            order_id: domain.order_id,
            product_key: domain.product_key.clone(),
            customer_id: domain.customer_id,
            current_status: domain.current_status.clone(),
            locked: domain.order_status.iter().any(|word| word == "transferlock"),
            created: domain.created,
            dated: domain.has_creation_time(),
            expires: domain.expires,
            privacy: domain.privacy,
            privacy_allowed: domain.privacy_allowed(),
            auto_renew: domain.auto_renew,
            modified: domain.modified,
        }
    }
}

/// The states a domain is made in; the percentages are of a tenth each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Active,
    RenewHold,
    LongExpired,
    Suspended,
    ResellerSuspended,
    RegistrantUnverified,
    Redemption,
    TransferringIn,
    Registering,
    PendingVerification,
    FailedVerification,
    Deleted,
    QueuedForDeletion,
}

fn state(roll: u64) -> State {
    match roll % 1_000 {
        0..=14 => State::RenewHold,
        15..=19 => State::LongExpired,
        20..=28 => State::Suspended,
        29..=35 => State::ResellerSuspended,
        36..=39 => State::RegistrantUnverified,
        40..=47 => State::Redemption,
        48..=51 => State::TransferringIn,
        52..=54 => State::Registering,
        55..=58 => State::PendingVerification,
        59..=60 => State::FailedVerification,
        61..=62 => State::Deleted,
        63 => State::QueuedForDeletion,
        _ => State::Active,
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Active
            | Self::RenewHold
            | Self::LongExpired
            | Self::ResellerSuspended
            | Self::RegistrantUnverified => "Active",
            Self::Suspended => "Suspended",
            Self::Redemption => "Pending Delete Restorable",
            Self::TransferringIn | Self::Registering => "InActive",
            Self::PendingVerification => "Pending Verification",
            Self::FailedVerification => "Failed Verification",
            Self::Deleted => "Deleted",
            Self::QueuedForDeletion => "QueuedForDeletion",
        }
    }
}

/// What all domains of a world are made from.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    pub(crate) domains: u64,
    pub(crate) now: i64,
    pub(crate) tlds: Vec<&'static Tld>,
    /// Sum of the weights up to and with each TLD.
    pub(crate) weights: Vec<u64>,
}

/// SplitMix64: a well mixed number from any other.
pub(crate) fn mix(mut number: u64) -> u64 {
    number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl Recipe {
    pub(super) fn roll(&self, index: u64, salt: u64) -> u64 {
        mix(mix(self.seed ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93)) ^ index)
    }

    pub(crate) fn tld(&self, index: u64) -> &'static Tld {
        let total = self.weights.last().copied().unwrap_or(1);
        let place = self.roll(index, 1) % total;
        self.tlds[self.weights.partition_point(|sum| *sum <= place)]
    }

    pub(crate) fn name(&self, index: u64) -> String {
        let tld = self.tld(index);
        let mut name = names::label(index);
        // Two in a hundred are internationalised.
        if self.roll(index, 2).is_multiple_of(50) {
            name = names::accented(&name);
        }
        name.push('.');
        name.push_str(tld.extension);
        name
    }

    /// The index that this name is made from.
    pub(crate) fn index_of(&self, name: &str) -> Option<u64> {
        let label = name.split('.').next()?;
        let plain = names::without_accent(label);
        let index = names::index_of(plain.as_deref().unwrap_or(label))?;
        (index < self.domains && self.name(index) == name).then_some(index)
    }

    fn dates(&self, index: u64, state: State) -> (i64, Option<i64>) {
        let roll = self.roll(index, 3);
        let second = (self.roll(index, 4) % DAY as u64) as i64;
        let day = |from: u64, to: u64| (from + roll % (to - from)) as i64 * DAY;
        let expires = match state {
            State::TransferringIn | State::Registering => None,
            State::RenewHold => Some(self.now - day(0, 30) - second),
            State::LongExpired => Some(self.now - day(60, 90) - second),
            State::Redemption => Some(self.now - day(35, 65) - second),
            State::QueuedForDeletion => Some(self.now - day(66, 70) - second),
            State::Deleted => Some(self.now - day(70, 95) - second),
            // Nine of ten run for a year, the others for up to five.
            _ if roll.is_multiple_of(10) => Some(self.now + day(366, 5 * 365) + second),
            _ => Some(self.now + day(1, 366) + second),
        };
        let created = match expires {
            // Pending orders are a few days old.
            None => self.now - day(1, 6) - second,
            Some(expires) => {
                let years_left = (expires - self.now).max(0) / (365 * DAY) + 1;
                // Half are in their first term.
                let terms_before = (self.roll(index, 5) % 16).saturating_sub(7) as i64;
                expires - (years_left + terms_before) * 365 * DAY
            }
        };
        (created, expires)
    }

    fn modified(&self, index: u64) -> (i64, u32) {
        let roll = self.roll(index, 6);
        (self.now - 60 - (roll % (400 * DAY as u64)) as i64, ((roll >> 32) % 1_000_000) as u32)
    }

    fn customer(&self, index: u64) -> u64 {
        17_800_001 + self.roll(index, 7) % (self.domains / 20 + 1)
    }

    fn locked(&self, index: u64, state: State) -> bool {
        state.word() != "InActive" && self.roll(index, 8) % 10 < 7
    }

    fn privacy(&self, index: u64, tld: &Tld) -> bool {
        privacy_allowed(tld.extension) && self.roll(index, 9).is_multiple_of(10)
    }

    fn state(&self, index: u64) -> State {
        state(self.roll(index, 10) >> 8)
    }

    pub(crate) fn current_status(&self, index: u64) -> &'static str {
        self.state(index).word()
    }

    /// What lists order by, without making anything else.
    pub(crate) fn instants(&self, index: u64) -> (i64, Option<i64>, (i64, u32)) {
        let (created, expires) = self.dates(index, self.state(index));
        (created, expires, self.modified(index))
    }

    /// What a list row shows of the domain.
    pub(crate) fn outline(&self, index: u64) -> Outline {
        let (state, tld) = (self.state(index), self.tld(index));
        let (created, expires) = self.dates(index, state);
        Outline {
            name: self.name(index),
            order_id: order_id(index),
            product_key: tld.product_key.to_owned(),
            customer_id: self.customer(index),
            current_status: state.word().to_owned(),
            locked: self.locked(index, state),
            created,
            dated: state.word() != "InActive",
            expires,
            privacy: self.privacy(index, tld),
            privacy_allowed: privacy_allowed(tld.extension),
            auto_renew: self.roll(index, 11).is_multiple_of(4),
            modified: self.modified(index),
        }
    }

    /// The whole domain.
    pub(crate) fn domain(&self, index: u64) -> SimDomain {
        let outline = self.outline(index);
        let state = self.state(index);
        let mut order_status = Vec::new();
        if outline.locked {
            order_status.push("transferlock".to_owned());
        }
        if state == State::ResellerSuspended {
            order_status.push("resellersuspend".to_owned());
        }
        let domain_status = match state {
            State::RenewHold => vec!["renewhold".to_owned()],
            State::Active if self.now - outline.created < 60 * DAY => {
                vec!["sixtydaylock".to_owned()]
            }
            _ => Vec::new(),
        };
        let raa = match state {
            State::RegistrantUnverified => Some("Suspended"),
            State::PendingVerification => Some("Pending"),
            State::FailedVerification => Some("Suspended"),
            // The key vanishes on expired domains (resellerclub.md (10)).
            State::RenewHold | State::LongExpired | State::Redemption => None,
            State::Active => Some(["Verified", "Verified", "Verified", "NA"][(self.roll(index, 12) % 4) as usize]),
            _ => None,
        };
        SimDomain {
            index,
            action_type: match state {
                State::TransferringIn => Some("AddTransferDomain".to_owned()),
                State::Registering => Some("AddNewDomain".to_owned()),
                _ => None,
            },
            nameservers: self.nameservers(index, &outline.name),
            contacts: self.contacts(index),
            auth_code: format!("{:012x}", self.roll(index, 13) & 0xffff_ffff_ffff),
            raa: raa.map(str::to_owned),
            order_status,
            domain_status,
            name: outline.name,
            order_id: outline.order_id,
            product_key: outline.product_key,
            customer_id: outline.customer_id,
            current_status: outline.current_status,
            created: outline.created,
            expires: outline.expires,
            privacy: outline.privacy,
            auto_renew: outline.auto_renew,
            modified: outline.modified,
        }
    }

    fn nameservers(&self, index: u64, name: &str) -> Vec<String> {
        const HOSTS: [&str; 6] = [
            "example.net",
            "dns.example.com",
            "hosting.example",
            "cloud.example",
            "nameserver.example",
            "parking.example",
        ];
        let roll = self.roll(index, 14);
        let count = match roll % 200 {
            0 => 13,
            1..=120 => 2,
            121..=150 => 3,
            _ => 4,
        };
        // One in twenty runs its own, below its own name.
        let own = (roll >> 8).is_multiple_of(20);
        let host = if own { name } else { HOSTS[(roll >> 16) as usize % HOSTS.len()] };
        (1..=count).map(|number| format!("ns{number}.{host}")).collect()
    }
}

/// Whether privacy protection is sold for the TLD.
pub(crate) fn privacy_allowed(extension: &str) -> bool {
    !matches!(
        extension,
        "uk" | "co.uk"
            | "org.uk"
            | "eu"
            | "de"
            | "us"
            | "ca"
            | "fr"
            | "nl"
            | "at"
            | "nz"
            | "co.nz"
            | "ru"
            | "in"
            | "co.in"
            | "com.au"
            | "com.bd"
    )
}
