//! Rows for people: boxes on a terminal, plain aligned text elsewhere.

use std::io::IsTerminal;

use comfy_table::{CellAlignment, Table, TableStyle, presets};

use crate::aims::{Line, Row};
use crate::place::Journal;

fn table(header: &[&str], numbers: std::ops::Range<usize>) -> Table {
    let mut table = Table::new();
    let boxes = std::io::stdout().is_terminal();
    table.load_style(if boxes { presets::UTF8_FULL_CONDENSED } else { TableStyle::new() });
    table.set_header(header.to_vec());
    for index in numbers {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Everything that was measured.
pub(crate) fn rows(rows: &[Row]) -> String {
    let header = [
        "database",
        "domains in it",
        "latency",
        "journal",
        "what",
        "domains",
        "changed",
        "seconds",
        "domains/s",
        "CPU s/1,000",
        "of the database",
        "peak MiB",
        "requests/domain",
        "connections",
        "statements/domain",
    ];
    let mut table = table(&header, 5..15);
    for Row { setting, kind, measured } in rows {
        table.add_row([
            setting.place.engine().to_string(),
            setting.domains.to_string(),
            format!("{} ms", setting.latency_ms),
            setting.journal.map_or("", Journal::words).to_owned(),
            kind.words().to_owned(),
            measured.domains.to_string(),
            measured.changed.to_string(),
            format!("{:.3}", measured.seconds),
            format!("{:.0}", measured.rate()),
            format!("{:.3}", measured.cpu()),
            measured.database_cpu().map(|cpu| format!("{cpu:.3}")).unwrap_or_default(),
            format!("{:.1}", measured.peak_rss_kib as f64 / 1_024.0),
            format!("{:.3}", measured.each(measured.http_requests)),
            measured.connections.to_string(),
            format!("{:.3}", measured.each(measured.sql_statements)),
        ]);
    }
    table.trim_fmt()
}

/// The ratios, with the aims beside.
pub(crate) fn aims(lines: &[Line]) -> String {
    let mut table = table(&["compared", "figure", "aim", ""], 1..2);
    for Line { what, figure, aim, met } in lines {
        let verdict = met.map_or("", |met| if met { "met" } else { "MISSED" });
        table.add_row([what, figure, aim, verdict]);
    }
    table.trim_fmt()
}
