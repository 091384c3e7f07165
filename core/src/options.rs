//! What a caller may ask of a sync, beyond the configuration.

use std::ops::ControlFlow;

use serde::Deserialize;

use crate::model::{DomainRef, PartnerId, UserId};

/// Which domains a batch is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those that need it, in the order of S1.3: at most the option `limit`, by default `sync_batch_size`.
    NeedingSync,
    /// These.
    Domains(Vec<DomainRef>),
}

/// Options of a call. Unset ones come from the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
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
    /// Which results the report keeps.
    pub results: ResultsMode,
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

/// Which results a batch's report keeps. Progress events tell of every domain all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
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
