//! The log lines of a sync, in the words of the service that this library replaces (S8.5).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::report::{BatchReport, DomainResult, DomainSummary, PriceChange, PriceReport};

/// What a [`PlanReport`](crate::report::PlanReport) says of a list that is whole.
pub(crate) const COMPLETE: &str = "complete";

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// All is well.
    Info,
    /// A person may want to look.
    Warning,
    /// Something failed.
    Error,
}

impl Level {
    /// The word that PSR-3 has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One structured line. No secret is in it (S6.9).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogLine {
    /// How loud it is.
    pub level: Level,
    /// A fixed text.
    pub message: &'static str,
    /// What it is about.
    pub context: Map<String, Value>,
}

impl LogLine {
    fn new(level: Level, message: &'static str, context: Value) -> Self {
        let context = match context {
            Value::Object(context) => context,
            _ => Map::new(),
        };
        Self { level, message, context }
    }

    /// The lines of one domain: none where it was skipped, or nothing happened.
    pub fn of_domain(domain: &DomainSummary, result: &DomainResult) -> Vec<Self> {
        if result.skipped {
            return Vec::new();
        }
        let about = json!({"domain_id": domain.id, "domain": domain.name, "partner_id": domain.partner_id, "registrar": domain.registrar});
        let with = |more: Value| {
            let mut context = about.as_object().cloned().unwrap_or_default();
            context.extend(more.as_object().cloned().unwrap_or_default());
            Value::Object(context)
        };
        let mut lines = Vec::new();
        if result.success {
            let fields: Vec<_> =
                result.changes.iter().flat_map(|changes| &changes.0).map(|change| change.field.as_str()).collect();
            lines.push(Self::new(Level::Info, "Domain synced successfully", with(json!({"changes": fields}))));
        } else {
            lines.push(Self::new(
                Level::Error,
                "Failed to sync domain",
                with(json!({"error": result.error, "error_code": result.error_code})),
            ));
        }
        if !result.warnings.is_empty() {
            lines.push(Self::new(
                Level::Warning,
                "Domain synced with warnings",
                with(json!({"warnings": result.warnings})),
            ));
        }
        if result.needs_review {
            lines.push(Self::new(Level::Warning, "Domain needs review", with(json!({"error": result.error}))));
        }
        lines
    }

    /// The lines of a batch as a whole: what concerns a registrar more than a domain is told once, with counts.
    pub fn of_batch(report: &BatchReport) -> Vec<Self> {
        let mut lines = Vec::new();
        for (slug, registrar) in &report.registrars {
            if let Some(reason) = &registrar.stopped {
                let context = json!({"registrar": slug, "error": reason, "skipped": registrar.skipped});
                lines.push(Self::new(Level::Error, "Registrar unavailable", context));
            }
            if registrar.held > 0 {
                let context = json!({"registrar": slug, "held": registrar.held, "domains": registrar.domains});
                lines.push(Self::new(Level::Error, "Mass status change held back", context));
            }
            if !registrar.unknown_statuses.is_empty() {
                let context = json!({"registrar": slug, "unknown_statuses": registrar.unknown_statuses});
                lines.push(Self::new(Level::Warning, "Unknown registrar statuses", context));
            }
        }
        for (slug, plan) in &report.plan {
            if let Some(gap) = plan.list.as_deref().filter(|list| *list != COMPLETE) {
                let context = json!({"registrar": slug, "reason": gap});
                lines.push(Self::new(Level::Warning, "Registrar list incomplete", context));
            }
        }
        lines
    }

    /// The lines of a price sync.
    pub fn of_prices(report: &PriceReport) -> Vec<Self> {
        let alert = |change: &PriceChange| {
            let mut context = json!(change);
            context["registrar"] = json!(report.registrar);
            Self::new(Level::Warning, "Significant TLD price change detected", context)
        };
        let mut lines: Vec<_> = report.alerts.iter().map(alert).collect();
        if let Some(error) = &report.error {
            let context = json!({"registrar": report.registrar, "error": error, "error_code": report.error_code});
            lines.push(Self::new(Level::Error, "Failed to sync TLD prices", context));
        }
        for error in &report.errors {
            let mut context = json!(error);
            context["registrar"] = json!(report.registrar);
            lines.push(Self::new(Level::Error, "Failed to sync TLD prices", context));
        }
        lines
    }
}

/// Writes a domain's lines for Rust hosts.
pub(crate) fn domain(domain: &DomainSummary, result: &DomainResult) {
    if tracing::enabled!(tracing::Level::INFO) {
        LogLine::of_domain(domain, result).iter().for_each(write);
    }
}

/// Writes a batch's lines for Rust hosts.
pub(crate) fn batch(report: &BatchReport) {
    LogLine::of_batch(report).iter().for_each(write);
}

/// Writes a price sync's lines for Rust hosts.
pub(crate) fn prices(report: &PriceReport) {
    LogLine::of_prices(report).iter().for_each(write);
}

fn write(line: &LogLine) {
    let context = || Value::Object(line.context.clone()).to_string();
    match line.level {
        Level::Info => tracing::info!(context = context(), "{}", line.message),
        Level::Warning => tracing::warn!(context = context(), "{}", line.message),
        Level::Error => tracing::error!(context = context(), "{}", line.message),
    }
}
