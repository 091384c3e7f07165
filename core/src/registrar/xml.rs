//! XML as two registrars send it: a small tree, read tolerantly and within bounds.
//!
//! Names are compared without their namespace and in whatever case, because both differ between the vendors' documents
//! and their servers. An answer is a tree and not a struct, because elements of one name nest (`tld` in `tld`) and stand
//! in different places from release to release. Price: some hundred bytes an element, which the bounds keep in check.
//!
//! Nothing of a document's own is expanded: a document type is refused, and of entities only the five of XML itself and
//! characters by number are known.

use quick_xml::XmlVersion;
use quick_xml::errors::Error as QuickError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// How deep elements may nest. The deepest known answer has eight levels.
const MAX_DEPTH: usize = 32;
/// How many elements an answer may have: a list of 150,000 domains, the largest that a body of 32 MiB holds, has fewer.
const MAX_ELEMENTS: usize = 1_000_000;

/// Why a text is no answer: where it stops to make sense, without a word of it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum XmlError {
    /// There is nothing.
    #[error("the answer is empty")]
    Empty,
    /// It is no XML.
    #[error("the answer is no XML ({what}, byte {at})")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where.
        at: u64,
    },
}

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Without its namespace, as sent.
    name: Box<str>,
    attributes: Vec<(Box<str>, Box<str>)>,
    /// All its text, CDATA included, without that of its children.
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads an answer; the root element is the result.
    pub(super) fn parse(body: &[u8]) -> Result<Self, XmlError> {
        let text = std::str::from_utf8(body)
            .map_err(|error| XmlError::Malformed { what: "not UTF-8", at: error.valid_up_to() as u64 })?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(XmlError::Empty);
        }
        Builder::default().build(text)
    }

    /// Whether it has this name, in whatever case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Its children.
    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.children.iter()
    }

    /// Its children of this name.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Self> {
        self.children.iter().filter(move |child| child.is(name))
    }

    /// Its first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }

    /// The element at the end of this path of children, the first of each name.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// All elements of this name below it, wherever they stand, in the document's order.
    pub(super) fn anywhere<'s>(&'s self, name: &str) -> Vec<&'s Self> {
        let mut found = Vec::new();
        // The depth is bounded, so this recursion is.
        for child in &self.children {
            if child.is(name) {
                found.push(child);
            }
            found.extend(child.anywhere(name));
        }
        found
    }

    /// Its text without surrounding white space, where it has any.
    pub(super) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// The text of its first child of this name.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name)?.text()
    }

    /// An attribute without surrounding white space, where it has anything in it.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value.trim()).filter(|text| !text.is_empty())
    }
}

/// What is open while a document is read.
#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    elements: usize,
    root: Option<Element>,
}

impl Builder {
    fn build(mut self, text: &str) -> Result<Element, XmlError> {
        let mut reader = Reader::from_str(text);
        loop {
            let event = reader.read_event().map_err(|error| malformed(cause(&error), &reader))?;
            let done = self.take(event).map_err(|what| malformed(what, &reader))?;
            if done {
                break;
            }
        }
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(malformed("it ends too early", &reader)),
        }
    }

    /// Takes one event; whether it was the last.
    fn take(&mut self, event: Event<'_>) -> Result<bool, &'static str> {
        match event {
            Event::Start(start) => self.start(&start)?,
            Event::Empty(start) => {
                self.start(&start)?;
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.xml10_content())?,
            Event::CData(text) => self.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                match reference.resolve_char_ref().map_err(|_| "a character that is none")? {
                    Some(char) => self.text(char.encode_utf8(&mut [0; 4]))?,
                    None => {
                        let known = resolve_predefined_entity(&reference.xml10_content());
                        self.text(known.ok_or("an entity of its own")?)?;
                    }
                }
            }
            Event::DocType(_) => return Err("a document type"),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return Ok(true),
        }
        Ok(false)
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), &'static str> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err("more elements than any answer has");
        }
        if self.open.len() >= MAX_DEPTH {
            return Err("nested deeper than any answer is");
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err("a second root");
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| "an attribute that is none")?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| "an attribute's value")?;
            attributes.push((attribute.key.local_name().into_inner().into(), value.into()));
        }
        let name = start.local_name().into_inner().into();
        self.open.push(Element { name, attributes, ..Element::default() });
        Ok(())
    }

    fn end(&mut self) {
        // The reader has checked that ends and starts match.
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), &'static str> {
        match self.open.last_mut() {
            // White space between elements is no one's text.
            Some(element) if element.text.is_empty() => element.text.push_str(text.trim_start()),
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err("a text outside of any element"),
        }
        Ok(())
    }
}

fn malformed(what: &'static str, reader: &Reader<&[u8]>) -> XmlError {
    XmlError::Malformed { what, at: reader.error_position().max(reader.buffer_position()) }
}

/// What the parser found wrong, in words that quote nothing.
fn cause(error: &QuickError) -> &'static str {
    match error {
        QuickError::Syntax(_) => "a tag that does not end",
        QuickError::IllFormed(_) => "tags that do not match, or a `&` that stands alone",
        QuickError::InvalidAttr(_) => "an attribute that is none",
        QuickError::Escape(_) => "a character that is none",
        _ => "unreadable",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_whatever_makes_the_reader_panic(text in "(<|>|/|&|;|=|'|\"|#|!|\\[|\\]|CDATA|-|\\?|a|b| |x|é|9){0,60}") {
            let parsed = parse(&text);
            prop_assert!(parsed.is_err() || text.contains('<'));
        }

        #[test]
        fn any_text_comes_back_from_an_element_and_an_attribute(text in "[ -~é\u{4e00}-\u{4e10}]{0,40}") {
            let escaped = quick_xml::escape::escape(text.as_str());
            let root = parse(&format!("<a v=\"{escaped}\">{escaped}</a>")).unwrap();
            let expected = Some(text.trim()).filter(|text| !text.is_empty());
            prop_assert_eq!(root.text(), expected);
            prop_assert_eq!(root.attribute("v"), expected);
        }
    }

    fn parse(text: &str) -> Result<Element, XmlError> {
        Element::parse(text.as_bytes())
    }

    #[test]
    fn names_are_found_in_whatever_case_and_namespace() {
        let root = parse(
            "\u{feff}<?xml version=\"1.0\"?><A:Root xmlns:A='u' Status=\" Ok \"><one-Two/><ONE-two>x</ONE-two></A:Root>",
        );
        let root = root.unwrap();
        assert!(root.is("root"));
        assert_eq!((root.attribute("STATUS"), root.attribute("none")), (Some("Ok"), None));
        assert_eq!(root.all("one-two").map(Element::text).collect::<Vec<_>>(), [None, Some("x")]);
        assert_eq!(root.text_of("one-two"), None, "the first of them is empty");
    }

    #[test]
    fn text_comes_with_its_characters_and_cdata() {
        let root = parse("<a>R&amp;D &#x41;&#66; <![CDATA[<c> & d]]><b>not this</b>!</a>").unwrap();
        assert_eq!(root.text(), Some("R&D AB <c> & d!"));
        assert_eq!(parse("<a v='&lt;&#39;&quot;'/>").unwrap().attribute("v"), Some("<'\""));
    }

    #[test]
    fn elements_of_one_name_may_nest() {
        let root = parse("<l><tld><tld>com</tld></tld><tld><tld>net</tld></tld></l>").unwrap();
        let inner: Vec<_> = root.all("tld").filter_map(|tld| tld.text_of("tld")).collect();
        assert_eq!(inner, ["com", "net"]);
        assert_eq!(root.anywhere("tld").len(), 4);
        assert_eq!(root.at(&["tld", "tld"]).and_then(Element::text), Some("com"));
    }

    #[test]
    fn entities_of_a_document_are_never_expanded() {
        let bomb = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><l>&b;</l>";
        for text in [bomb, "<l>&b;</l>", "<!DOCTYPE l SYSTEM \"file:///etc/passwd\"><l/>", "<l v='&b;'/>"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert!(parse(&nested(MAX_DEPTH + 1)).is_err());
        assert!(parse(&format!("<l>{}</l>", "<a/>".repeat(MAX_ELEMENTS))).is_err());
    }

    #[test]
    fn what_is_no_whole_document_is_refused_without_quoting_it() {
        for text in [
            "secret",
            "<secret",
            "<a>secret",
            "<a>secret</b>",
            "<a/><secret/>",
            "<a/>secret",
            "<a>secret & x</a>",
            "<a secret></a>",
        ] {
            let error = parse(text).unwrap_err();
            assert!(matches!(error, XmlError::Malformed { .. }), "{text}: {error}");
            assert!(!error.to_string().contains("secret"), "S6.9 {error}");
        }
        assert_eq!(parse(" \n").unwrap_err(), XmlError::Empty);
        assert!(matches!(Element::parse(b"<a>\xff</a>"), Err(XmlError::Malformed { what: "not UTF-8", at: 3 })));
    }
}
