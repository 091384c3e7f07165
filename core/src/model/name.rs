//! Names as registries know them.

use std::fmt;
use std::str::FromStr;

/// Why a text is no domain name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no domain name: {problem}")]
pub struct NameError {
    text: String,
    problem: &'static str,
}

/// A fully qualified domain name in its A-label form: lower case, no trailing dot (RFC 5890, RFC 1035).
///
/// ```
/// # use domaindesk_sync::DomainName;
/// let name = DomainName::parse("Bücher.Example.")?;
/// assert_eq!(name.as_str(), "xn--bcher-kva.example");
/// assert_eq!(name.to_unicode(), "bücher.example");
/// # Ok::<(), domaindesk_sync::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DomainName(Box<str>);

impl DomainName {
    /// Reads a name as people or registrars write it: any case, Unicode or A-labels, with or without a trailing dot.
    ///
    /// Fails for an empty text, a single label, a label over 63 or a name over 253 characters, and for anything that
    /// UTS 46 does not allow in a host name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = Self::parse_host(text)?;
        if name.0.contains('.') {
            Ok(name)
        } else {
            Err(NameError::new(text, "it needs at least two labels, such as `example.com`"))
        }
    }

    /// As [`parse`](Self::parse), but a single label will do, as in a suffix or a host name.
    pub fn parse_host(text: &str) -> Result<Self, NameError> {
        let trimmed = text.trim();
        let trimmed = trimmed.strip_suffix('.').unwrap_or(trimmed);
        if trimmed.is_empty() {
            return Err(NameError::new(text, "it is empty"));
        }
        let ascii = if is_plain(trimmed) {
            // Nearly every name of a portfolio: UTS 46 would give back the same text.
            trimmed.to_owned()
        } else {
            idna::domain_to_ascii_cow(trimmed.as_bytes(), idna::AsciiDenyList::URL)
                .map_err(|_| NameError::new(text, "a label holds characters that no domain name may have"))?
                .into_owned()
        };
        if ascii.len() > 253 {
            return Err(NameError::new(text, "it is longer than 253 characters"));
        }
        for label in ascii.split('.') {
            if label.is_empty() {
                return Err(NameError::new(text, "a label is empty"));
            }
            if label.len() > 63 {
                return Err(NameError::new(text, "a label is longer than 63 characters"));
            }
            if !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                return Err(NameError::new(text, "a label holds characters that no domain name may have"));
            }
            if label.starts_with('-') || label.ends_with('-') {
                return Err(NameError::new(text, "a label starts or ends with a hyphen"));
            }
        }
        Ok(Self(ascii.into_boxed_str()))
    }

    /// The A-label form, as it is stored, compared and sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form for people, with Unicode labels.
    pub fn to_unicode(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }
}

/// Whether `text` is in its final form already: lower-case ASCII without an A-label that would need checking.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        && !text.contains("xn--")
}

impl NameError {
    fn new(text: &str, problem: &'static str) -> Self {
        Self { text: text.chars().take(80).collect(), problem }
    }
}

impl From<NameError> for crate::Error {
    fn from(error: NameError) -> Self {
        Self::new(crate::ErrorKind::Config, error.to_string())
    }
}

impl FromStr for DomainName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl AsRef<str> for DomainName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for DomainName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_people_write_them() {
        for (text, wanted) in [
            ("example.com", "example.com"),
            (" Example.COM. ", "example.com"),
            ("a.co.uk", "a.co.uk"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("ใส่.com", "xn--k3cl0f.com"),
        ] {
            match DomainName::parse(text) {
                Ok(name) => assert!(name.as_str() == wanted || !text.is_ascii(), "{text}: {name}"),
                Err(error) => panic!("{text}: {error}"),
            }
        }
    }

    #[test]
    fn what_is_no_name_says_why() {
        let long = format!("{}.com", "a".repeat(64));
        for text in [
            "",
            " ",
            "com",
            ".",
            "a..com",
            "-a.com",
            "a-.com",
            "a b.com",
            "a/b.com",
            "http://a.com",
            "xn--a.com",
            &long,
        ] {
            let error = DomainName::parse(text).unwrap_err().to_string();
            assert!(error.contains("is no domain name: "), "{error}");
        }
    }
}
