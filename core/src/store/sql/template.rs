//! Statement texts with names in them: `{domains}` for a table, `:now` for a parameter.
//!
//! Texts are filled in once per connection, so that the same text is prepared once and used for every call.

use std::sync::Arc;

use crate::{Error, ErrorKind, Result};

/// How a database writes identifiers and parameters, and what its tables' names start with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// The table prefix of the Laravel connection.
    pub(crate) prefix: String,
    /// What stands around an identifier; doubled inside it.
    pub(crate) quote: char,
    /// What a parameter starts with.
    pub(crate) mark: char,
    /// Whether its number follows, so that a parameter that stands twice is bound once; otherwise it is bound wherever it
    /// stands.
    pub(crate) numbered: bool,
}

/// A statement that is ready for its database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sql {
    /// What the database is sent.
    pub(crate) text: Arc<str>,
    /// The parameters' names, in the order in which values are bound.
    params: Vec<Box<str>>,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arg {
    /// A number, or NULL.
    Int(Option<i64>),
    /// A text; JSON too.
    Text(Arc<str>),
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Arg {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl Dialect {
    /// A table's name as it stands in the database.
    pub(crate) fn table(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// An identifier, quoted.
    fn quoted(&self, name: &str) -> String {
        let quote = self.quote;
        let doubled: String = [quote, quote].iter().collect();
        format!("{quote}{}{quote}", name.replace(quote, &doubled))
    }

    /// Fills in a text. What stands in single quotes is left alone, and so is `::`, PostgreSQL's cast.
    pub(crate) fn sql(&self, template: &str) -> Sql {
        let mut text = String::with_capacity(template.len() + 64);
        let mut params: Vec<Box<str>> = Vec::new();
        let mut rest = template;
        while let Some(at) = rest.find(['\'', '{', ':']) {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            let inner = &from[1..];
            rest = match from.as_bytes()[0] {
                b'\'' => {
                    let end = inner.find('\'').map_or(from.len(), |end| end + 2);
                    text.push_str(&from[..end]);
                    &from[end..]
                }
                b'{' => {
                    let end = inner.find('}').unwrap_or(inner.len());
                    text.push_str(&self.quoted(&self.table(&inner[..end])));
                    inner.get(end + 1..).unwrap_or_default()
                }
                _ if inner.starts_with(':') => {
                    text.push_str("::");
                    &inner[1..]
                }
                _ => {
                    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
                    self.placeholder(&inner[..end], &mut text, &mut params);
                    &inner[end..]
                }
            };
        }
        text.push_str(rest);
        Sql { text: text.into(), params }
    }

    fn placeholder(&self, name: &str, text: &mut String, params: &mut Vec<Box<str>>) {
        text.push(self.mark);
        let known = params.iter().position(|param| self.numbered && **param == *name);
        let place = known.unwrap_or_else(|| {
            params.push(name.into());
            params.len() - 1
        });
        if self.numbered {
            text.push_str(&(place + 1).to_string());
        }
    }
}

impl Sql {
    /// The values in the order in which they are bound. Values that the statement has no use for are left out.
    pub(crate) fn bind(&self, args: &[(&str, Arg)]) -> Result<Vec<Arg>> {
        let value = |param: &str| {
            let found = args.iter().find(|(name, _)| *name == param);
            found.map(|(_, arg)| arg.clone()).ok_or_else(|| {
                Error::new(ErrorKind::Internal, format!("a statement's parameter `{param}` has no value"))
            })
        };
        self.params.iter().map(|param| value(param)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(prefix: &str) -> Dialect {
        Dialect { prefix: prefix.to_owned(), quote: '"', mark: '$', numbered: true }
    }

    #[test]
    fn tables_carry_the_prefix_and_parameters_their_numbers() {
        let sql = dialect("dd_").sql("SELECT '{x} :y', a::text FROM {domains} WHERE a = :now AND b = :id AND c = :now");
        assert_eq!(&*sql.text, r#"SELECT '{x} :y', a::text FROM "dd_domains" WHERE a = $1 AND b = $2 AND c = $1"#);
        assert_eq!(
            sql.bind(&[("id", 7.into()), ("unused", Arg::Int(None)), ("now", "t".into())]).unwrap(),
            [Arg::from("t"), Arg::from(7)]
        );
    }

    #[test]
    fn parameters_without_numbers_are_bound_wherever_they_stand() {
        let dialect = Dialect { quote: '`', mark: '?', numbered: false, ..dialect("") };
        let sql = dialect.sql("UPDATE {tlds} SET a = :now, b = :id, c = :now");
        assert_eq!(&*sql.text, "UPDATE `tlds` SET a = ?, b = ?, c = ?");
        let bound = sql.bind(&[("id", 7.into()), ("now", "t".into())]).unwrap();
        assert_eq!(bound, [Arg::from("t"), Arg::from(7), Arg::from("t")]);
    }

    #[test]
    fn a_prefix_cannot_leave_its_quotes() {
        let sql = dialect(r#"a" b"#).sql("SELECT 1 FROM {domains}");
        assert_eq!(&*sql.text, r#"SELECT 1 FROM "a"" bdomains""#);
    }

    #[test]
    fn a_parameter_without_a_value_is_a_defect_and_not_a_null() {
        let error = dialect("").sql("SELECT :now").bind(&[("then", 1.into())]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert!(error.message().contains("`now`"), "{error}");
    }
}
