//! A plan as people read it: a table in plain text.

use std::fmt;

use serde_json::{Map, Value};

use super::{KeptDomain, KeptPlan};
use crate::report::Change;

/// The widest a column gets; longer values are cut.
const WIDEST: usize = 48;

impl fmt::Display for KeptPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 4]> = self.domains.iter().flat_map(rows).collect();
        if !rows.is_empty() {
            let head = ["Domain", "Field", "Old", "New"].map(str::to_owned);
            let width = |column: usize| {
                let cells = std::iter::once(&head).chain(&rows).map(|row| row[column].chars().count());
                cells.max().unwrap_or(0)
            };
            let widths = [width(0), width(1), width(2)];
            for row in std::iter::once(&head).chain(&rows) {
                let line = format!(
                    "{:<w0$}  {:<w1$}  {:<w2$}  {}",
                    row[0],
                    row[1],
                    row[2],
                    row[3],
                    w0 = widths[0],
                    w1 = widths[1],
                    w2 = widths[2]
                );
                writeln!(f, "{}", line.trim_end())?;
            }
            writeln!(f)?;
        }
        let count = |of: fn(&KeptDomain) -> bool| self.domains.iter().filter(|domain| of(domain)).count();
        let held = count(|domain| domain.held);
        let failed = count(|domain| domain.error.is_some());
        let changed = count(|domain| !domain.held && domain.error.is_none() && !domain.changes.is_empty());
        let same = self.domains.len() - held - failed - changed;
        let made = self.made_at.format("%Y-%m-%d %H:%M:%S UTC");
        write!(f, "Made at {made}: {changed} to change, {held} held back, {failed} failed, {same} unchanged.")
    }
}

/// The rows of one domain: none where it is as it was.
fn rows(domain: &KeptDomain) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    for change in &domain.changes.0 {
        fields(change, |field, old, new| rows.push([String::new(), field, cell(old), cell(new)]));
    }
    if let Some(reason) = domain.reason.as_deref().filter(|_| domain.held) {
        rows.push([String::new(), "held back".to_owned(), String::new(), text(reason)]);
    }
    if let Some(error) = &domain.error {
        rows.push([String::new(), "failed".to_owned(), String::new(), text(error)]);
    }
    if let Some(first) = rows.first_mut() {
        first[0] = text(&domain.domain);
    }
    rows
}

/// A change, or each column of a contact's.
fn fields(change: &Change, mut each: impl FnMut(String, &Value, &Value)) {
    let Value::Object(new) = &change.new else {
        return each(change.field.clone(), &change.old, &change.new);
    };
    let none = Map::new();
    let old = change.old.as_object().unwrap_or(&none);
    for (column, value) in new {
        each(format!("{}.{column}", change.field), old.get(column).unwrap_or(&Value::Null), value);
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(value) => text(value),
        Value::Array(items) => text(&items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")),
        other => text(&other.to_string()),
    }
}

/// A text that a registrar may have sent, for a terminal: nothing in it moves the cursor, and it has one line.
fn text(value: &str) -> String {
    let mut shown: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if let Some((end, _)) = shown.char_indices().nth(WIDEST) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}
