//! What is compared with what, and what was aimed at.

use serde::Serialize;

use crate::measured::{Kind, Measured};
use crate::measurer::IN_FLIGHT;
use crate::place::{Journal, Place};
use crate::scene::Setting;

/// Peak memory of the engine stays below so many MiB.
const MEMORY: f64 = 64.0;

/// One measured thing, and where it was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// Where.
    #[serde(flatten)]
    pub(crate) setting: Setting,
    /// What.
    pub(crate) kind: Kind,
    /// What it cost.
    pub(crate) measured: Measured,
}

/// A comparison.
#[derive(Debug)]
pub(crate) struct Line {
    /// Of what.
    pub(crate) what: String,
    /// The figure.
    pub(crate) figure: String,
    /// What was aimed at; empty where nothing was.
    pub(crate) aim: String,
    /// Whether it is met.
    pub(crate) met: Option<bool>,
}

/// All comparisons that the rows allow.
pub(crate) fn compare(rows: &[Row]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut seen = Vec::new();
    for setting in rows.iter().map(|row| row.setting) {
        if seen.contains(&setting) {
            continue;
        }
        seen.push(setting);
        let there = Scene { rows, setting };
        there.speeds(&mut lines);
        there.choices(&mut lines);
        there.database(&mut lines);
        if setting.latency_ms > 0 {
            there.latency(&mut lines);
        }
    }
    for place in [Place::Sqlite, Place::Mariadb, Place::Postgres] {
        let there: Vec<_> = rows.iter().filter(|row| row.setting.place == place).collect();
        memory(place, &there, &mut lines);
        list(place, &there, &mut lines);
    }
    lines
}

struct Scene<'a> {
    rows: &'a [Row],
    setting: Setting,
}

impl Scene<'_> {
    fn find(&self, kind: Kind) -> Option<&Measured> {
        let here = |row: &&Row| row.setting == self.setting && row.kind == kind;
        self.rows.iter().find(here).map(|row| &row.measured)
    }

    fn place(&self) -> String {
        let Setting { place, domains, latency_ms, journal } = self.setting;
        let journal = journal.map(|journal| format!(", {}", journal.words())).unwrap_or_default();
        format!("{}, {domains} domains, {latency_ms} ms{journal}", place.engine())
    }

    /// How many times as fast, at least `aim` times where one is given.
    fn faster(&self, lines: &mut Vec<Line>, kind: Kind, than: Kind, aim: Option<f64>) {
        if let (Some(one), Some(other)) = (self.find(kind), self.find(than)) {
            let times = one.rate() / other.rate();
            lines.push(Line {
                what: format!("{}: {} against {}", self.place(), kind.words(), than.words()),
                figure: format!("{times:.2} ×"),
                aim: aim.map_or_else(String::new, |aim| format!("at least {aim} ×")),
                met: aim.map(|aim| times >= aim),
            });
        }
    }

    /// How much of another's CPU time a domain takes, at most `aim` where one is given.
    fn cheaper(&self, lines: &mut Vec<Line>, kind: Kind, than: Kind, aim: Option<f64>) {
        if let (Some(one), Some(other)) = (self.find(kind), self.find(than)) {
            let part = one.cpu() / other.cpu();
            lines.push(Line {
                what: format!("{}: CPU of {} against {}", self.place(), kind.words(), than.words()),
                figure: format!("{part:.3} ×"),
                aim: aim.map_or_else(String::new, |aim| format!("at most {aim} ×")),
                met: aim.map(|aim| part <= aim),
            });
        }
    }

    /// As [`cheaper`](Self::cheaper), the server's CPU time included on both sides.
    fn cheaper_with_server(&self, lines: &mut Vec<Line>, kind: Kind, than: Kind) {
        let whole = |kind| self.find(kind).and_then(|measured| Some(measured.cpu() + measured.database_cpu()?));
        if let (true, Some(one), Some(other)) = (self.setting.place.is_server(), whole(kind), whole(than)) {
            lines.push(Line {
                what: format!("{}: CPU with the server's, {} against {}", self.place(), kind.words(), than.words()),
                figure: format!("{:.3} ×", one / other),
                aim: String::new(),
                met: None,
            });
        }
    }

    fn speeds(&self, lines: &mut Vec<Line>) {
        let aimed = |aim: f64| (self.setting.latency_ms == 0).then_some(aim);
        // On a server the peers pay for its work too, and both wait for it; the other aims are SQLite's.
        let is_server = self.setting.place.is_server();
        let on_sqlite = |aim: f64| aimed(aim).filter(|_| !is_server);
        let plain = if self.setting.journal == Some(Journal::Wal) { 3.0 } else { 10.0 };
        self.faster(lines, Kind::NativeNightly, Kind::Eloquent, aimed(if is_server { 25.0 } else { 40.0 }));
        self.faster(lines, Kind::NativeNightly, Kind::Plain, on_sqlite(plain));
        self.faster(lines, Kind::NativeNightly, Kind::PlainBatch, None);
        self.faster(lines, Kind::NativeFirst, Kind::Eloquent, None);
        self.faster(lines, Kind::NativeFirst, Kind::Plain, None);
        self.faster(lines, Kind::NativeFirst, Kind::PlainBatch, None);
        self.faster(lines, Kind::NativeFirst, Kind::BareFirst, on_sqlite(0.5));
        self.faster(lines, Kind::NativeNightly, Kind::BareNightly, None);
        self.faster(lines, Kind::NativeNightly, Kind::Writes, None);
        self.faster(lines, Kind::Extension, Kind::NativeNightly, None);
        self.faster(lines, Kind::Extension, Kind::Eloquent, None);
        self.cheaper(lines, Kind::NativeNightly, Kind::Eloquent, aimed(0.05));
        self.cheaper(lines, Kind::NativeNightly, Kind::Plain, on_sqlite(0.5));
        self.cheaper(lines, Kind::NativeFirst, Kind::Eloquent, None);
        self.cheaper(lines, Kind::NativeFirst, Kind::Plain, None);
        self.cheaper(lines, Kind::Extension, Kind::Eloquent, None);
        self.cheaper_with_server(lines, Kind::NativeNightly, Kind::Eloquent);
        self.cheaper_with_server(lines, Kind::NativeNightly, Kind::PlainBatch);
        if let (Some(quiet), Some(telling)) = (self.find(Kind::Extension), self.find(Kind::ExtensionTelling)) {
            let share = 1.0 - quiet.seconds / telling.seconds;
            lines.push(Line {
                what: format!("{}: the progress callback's share of the run", self.place()),
                figure: format!("{:.1} %", share * 100.0),
                aim: "below 10 %".to_owned(),
                met: Some(share < 0.1),
            });
        }
    }

    /// How long it takes to choose the next domains.
    fn choices(&self, lines: &mut Vec<Line>) {
        const MOST: f64 = 20.0;
        for row in self.rows.iter().filter(|row| row.setting == self.setting && row.kind.is_choice()) {
            let milliseconds = row.measured.seconds * 1_000.0;
            lines.push(Line {
                what: format!("{}: {}", self.place(), row.kind.words()),
                figure: format!("{milliseconds:.1} ms"),
                aim: format!("below {MOST} ms"),
                met: Some(milliseconds < MOST),
            });
        }
    }

    /// Whether the database costs more than the library, and what memory that takes.
    fn database(&self, lines: &mut Vec<Line>) {
        let kind = Kind::StatusOfTenth;
        let Some(status) = self.find(kind) else { return };
        if let Some(database) = status.database_cpu_seconds {
            // SQLite works inside the measured process.
            let inside = if self.setting.place.is_server() { 0.0 } else { database };
            let times = database / (status.cpu_seconds - inside);
            lines.push(Line {
                what: format!("{}: {}, CPU of the database against the library's", self.place(), kind.words()),
                figure: format!("{times:.2} ×"),
                aim: "above 1 ×".to_owned(),
                met: Some(times > 1.0),
            });
        }
        let peak = status.peak_rss_kib as f64 / 1_024.0;
        lines.push(Line {
            what: format!("{}: {}, peak memory", self.place(), kind.words()),
            figure: format!("{peak:.1} MiB"),
            aim: format!("below {MEMORY} MiB"),
            met: Some(peak < MEMORY),
        });
    }

    /// How near the first pass comes to what latency allows: so many requests at once, each as long as the latency.
    fn latency(&self, lines: &mut Vec<Line>) {
        if let Some(first) = self.find(Kind::NativeFirst) {
            let rounds = first.domains.div_ceil(IN_FLIGHT) as f64;
            let part = rounds * self.setting.latency_ms as f64 / 1_000.0 / first.seconds;
            lines.push(Line {
                what: format!(
                    "{}: native, first pass, of what latency allows with {IN_FLIGHT} in flight",
                    self.place()
                ),
                figure: format!("{:.1} %", part * 100.0),
                aim: "at least 95 %".to_owned(),
                met: Some(part >= 0.95),
            });
        }
    }
}

/// Peak memory of the engine, which must not grow with the number of domains.
fn memory(place: Place, rows: &[&Row], lines: &mut Vec<Line>) {
    let place = place.engine();
    for kind in [Kind::NativeFirst, Kind::NativeNightly] {
        let mut peaks: Vec<(u64, f64)> = Vec::new();
        for row in rows.iter().filter(|row| row.kind == kind) {
            let peak = row.measured.peak_rss_kib as f64 / 1_024.0;
            match peaks.iter_mut().find(|(domains, _)| *domains == row.setting.domains) {
                Some((_, highest)) => *highest = highest.max(peak),
                None => peaks.push((row.setting.domains, peak)),
            }
        }
        peaks.sort_unstable_by_key(|(domains, _)| *domains);
        if let Some(&(few, less)) = peaks.iter().find(|(domains, _)| *domains >= 20_000)
            && let Some(&(many, more)) = peaks.last().filter(|(domains, _)| *domains > few)
        {
            lines.push(Line {
                what: format!("{place}: peak memory of {}: {many} domains against {few}", kind.words()),
                figure: format!("{:.2} ×", more / less),
                // Measured twice, it differs by so much.
                aim: "no more (1.1 ×)".to_owned(),
                met: Some(more / less <= 1.1),
            });
        }
        for (domains, peak) in peaks {
            lines.push(Line {
                what: format!("{place}, {domains} domains: peak memory of {}", kind.words()),
                figure: format!("{peak:.1} MiB"),
                aim: format!("below {MEMORY} MiB"),
                met: Some(peak < MEMORY),
            });
        }
    }
}

/// Requests of a status-only pass: the pages of the list. Beside them those domains are asked for by name of which a row
/// may not decide: the status would get better, or is left open (S3.7).
fn list(place: Place, rows: &[&Row], lines: &mut Vec<Line>) {
    let most = rows.iter().filter(|row| row.kind == Kind::NativeStatus).max_by_key(|row| row.setting.domains);
    if let Some(row) = most {
        let pages = row.setting.domains.div_ceil(500);
        lines.push(Line {
            what: format!("{}, {} domains: requests of a status-only pass", place.engine(), row.setting.domains),
            figure: format!(
                "{} pages and {} by name",
                row.measured.list_requests,
                row.measured.http_requests - row.measured.list_requests
            ),
            aim: format!("about {pages} pages, by name only where S3.7 asks for it"),
            met: Some(row.measured.list_requests <= pages + pages / 20 + 1),
        });
    }
}
