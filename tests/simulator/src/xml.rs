//! Writes XML text.

/// A text for an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            char => escaped.push(char),
        }
    }
    escaped
}

/// An element with nothing but text in it.
pub(crate) fn element(name: &str, text: &str) -> String {
    if text.is_empty() { format!("<{name}></{name}>") } else { format!("<{name}>{}</{name}>", escape(text)) }
}
