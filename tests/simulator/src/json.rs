//! Writes JSON text piece by piece: large lists cost no tree, and the order of keys is the writer's.

/// An object being written.
#[derive(Debug)]
pub(crate) struct Object {
    text: String,
    open: bool,
}

impl Object {
    pub(crate) fn new(capacity: usize) -> Self {
        let mut text = String::with_capacity(capacity);
        text.push('{');
        Self { text, open: true }
    }

    pub(crate) fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.open) {
            self.text.push(',');
        }
        quote(&mut self.text, key);
        self.text.push(':');
    }

    /// A text value.
    pub(crate) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        quote(&mut self.text, value);
        self
    }

    /// A number in quotes.
    pub(crate) fn quoted(&mut self, key: &str, value: impl std::fmt::Display) -> &mut Self {
        use std::fmt::Write as _;
        self.key(key);
        let _ = write!(self.text, "\"{value}\"");
        self
    }

    /// `"true"` or `"false"`.
    pub(crate) fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.raw(key, if value { "\"true\"" } else { "\"false\"" })
    }

    /// JSON as it is.
    pub(crate) fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key);
        self.text.push_str(json);
        self
    }

    /// A list of texts.
    pub(crate) fn list<'v>(&mut self, key: &str, values: impl IntoIterator<Item = &'v str>) -> &mut Self {
        self.key(key);
        self.text.push('[');
        for (place, value) in values.into_iter().enumerate() {
            if place > 0 {
                self.text.push(',');
            }
            quote(&mut self.text, value);
        }
        self.text.push(']');
        self
    }

    /// An object within.
    pub(crate) fn object(&mut self, key: &str, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.key(key);
        self.text.push('{');
        self.open = true;
        write(self);
        self.text.push('}');
        self.open = false;
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

/// A JSON string.
pub(crate) fn quote(text: &mut String, value: &str) {
    if value.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        text.push_str(&serde_json::Value::from(value).to_string());
    } else {
        text.push('"');
        text.push_str(value);
        text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut object = Object::new(0);
        object.text("a", "x\"\\\n").quoted("b", 5).flag("c", true).list("d", ["1", "2"]);
        object.object("e", |_| ()).object("f", |inner| {
            inner.raw("g", "1.50");
        });
        let value: serde_json::Value = serde_json::from_str(&object.finish()).unwrap();
        let expected = serde_json::json!({
            "a": "x\"\\\n", "b": "5", "c": "true", "d": ["1", "2"], "e": {}, "f": {"g": 1.5}
        });
        assert_eq!(value, expected);
    }
}
