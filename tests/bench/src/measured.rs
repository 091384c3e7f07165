//! What is measured, and what it cost.

use serde::{Deserialize, Serialize};

/// A thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The engine on domains of which nothing is known: the details of all are read.
    NativeFirst,
    /// The engine a day later, one domain in five changed.
    NativeNightly,
    /// The engine's status-only pass on the same.
    NativeStatus,
    /// Sequential, on Eloquent: (a).
    Eloquent,
    /// Plain PHP, one transaction a domain: (b).
    Plain,
    /// Plain PHP, a hundred domains a transaction.
    PlainBatch,
    /// The requests of the first pass, their answers thrown away: (c).
    BareFirst,
    /// The requests of the nightly pass, their answers thrown away.
    BareNightly,
    /// The nightly pass's writes, prepared beforehand: (d).
    Writes,
    /// The nightly pass from PHP.
    Extension,
    /// As before, with a progress callback.
    ExtensionTelling,
    /// Choosing 500 of a million domains that are all due, by the schema's own indexes.
    DueOfAll,
    /// As before, with an index on `last_synced_at`.
    DueOfAllIndexed,
    /// Choosing 500 of the tenth of a million domains that is due, by the schema's own indexes.
    DueOfTenth,
    /// As before, with an index on `last_synced_at`.
    DueOfTenthIndexed,
    /// The engine's status-only pass over that tenth.
    StatusOfTenth,
}

impl Kind {
    /// In the table.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::NativeFirst => "native, first pass",
            Self::NativeNightly => "native, nightly pass",
            Self::NativeStatus => "native, status only",
            Self::Eloquent => "(a) Eloquent, nightly",
            Self::Plain => "(b) plain PHP, nightly",
            Self::PlainBatch => "(b) with --batch=100",
            Self::BareFirst => "(c) requests of the first pass",
            Self::BareNightly => "(c) requests of the nightly pass",
            Self::Writes => "(d) writes of the nightly pass",
            Self::Extension => "PHP extension, nightly",
            Self::ExtensionTelling => "PHP extension with callback",
            Self::DueOfAll => "choosing 500, all due",
            Self::DueOfAllIndexed => "choosing 500, all due, last_synced_at indexed",
            Self::DueOfTenth => "choosing 500, a tenth due",
            Self::DueOfTenthIndexed => "choosing 500, a tenth due, last_synced_at indexed",
            Self::StatusOfTenth => "native, status only, the tenth that is due",
        }
    }
}

impl Kind {
    /// Whether domains are chosen and nothing more.
    pub(crate) fn is_choice(self) -> bool {
        matches!(self, Self::DueOfAll | Self::DueOfAllIndexed | Self::DueOfTenth | Self::DueOfTenthIndexed)
    }

    /// Whether it is this program's child from start to end, so that all of its CPU time counts.
    pub(crate) fn is_whole_child(self) -> bool {
        matches!(
            self,
            Self::NativeFirst
                | Self::NativeNightly
                | Self::NativeStatus
                | Self::StatusOfTenth
                | Self::BareFirst
                | Self::BareNightly
        )
    }
}

/// What a child tells of itself, and what was seen from outside.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// Domains gone through.
    pub(crate) domains: u64,
    /// Domains of which something changed.
    pub(crate) changed: u64,
    /// Domains that failed.
    pub(crate) failed: u64,
    /// Wall time from the first domain to the last.
    pub(crate) seconds: f64,
    /// CPU time, user and system, of the process.
    #[serde(default)]
    pub(crate) cpu_seconds: f64,
    /// CPU time of the database: of its server meanwhile, which is not in that of the process; of the engine's threads in
    /// which SQLite works, which is. `None` where it is not known.
    #[serde(default)]
    pub(crate) database_cpu_seconds: Option<f64>,
    /// Peak resident set of the process.
    pub(crate) peak_rss_kib: u64,
    /// HTTP requests that the registrar saw.
    #[serde(default)]
    pub(crate) http_requests: u64,
    /// Those of them for a page of the domain list.
    #[serde(default)]
    pub(crate) list_requests: u64,
    /// TCP connections that the registrar saw.
    #[serde(default)]
    pub(crate) connections: u64,
    /// SQL statements without transaction control.
    #[serde(default)]
    pub(crate) sql_statements: u64,
}

impl Measured {
    /// Domains per second.
    pub(crate) fn rate(&self) -> f64 {
        self.domains as f64 / self.seconds
    }

    /// CPU seconds per 1,000 domains.
    pub(crate) fn cpu(&self) -> f64 {
        self.cpu_seconds * 1_000.0 / self.domains as f64
    }

    /// The database's CPU seconds per 1,000 domains.
    pub(crate) fn database_cpu(&self) -> Option<f64> {
        Some(self.database_cpu_seconds? * 1_000.0 / self.domains as f64)
    }

    /// A count per domain.
    pub(crate) fn each(&self, count: u64) -> f64 {
        count as f64 / self.domains as f64
    }
}
