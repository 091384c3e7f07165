//! A request and an answer, without the wire.

use std::borrow::Cow;

/// A request, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// Below the base, as `domains/search.json`.
    pub(crate) path: &'a str,
    pub(crate) parameters: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// As it came.
    pub(crate) body: &'a [u8],
    /// Scheme, user and password of the header `Authorization`.
    authorization: Option<(&'a str, &'a str, &'a str)>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: &'a str, path: &'a str, query: &'a str) -> Self {
        Self {
            method,
            path,
            parameters: url::form_urlencoded::parse(query.as_bytes()).collect(),
            body: &[],
            authorization: None,
        }
    }

    /// With the fields of a form, which count like those of the query.
    pub(crate) fn with_form(mut self, body: &'a [u8]) -> Self {
        self.parameters.extend(url::form_urlencoded::parse(body));
        self
    }

    /// With a body that is no form.
    pub(crate) fn with_body(mut self, body: &'a [u8]) -> Self {
        self.body = body;
        self
    }

    /// With what a header `Authorization` says.
    pub(crate) fn with_authorization(mut self, header: &'a str) -> Self {
        let parts = header.split_once(' ').and_then(|(scheme, rest)| Some((scheme, rest.trim().split_once(':')?)));
        self.authorization = parts.map(|(scheme, (user, password))| (scheme, user, password));
        self
    }

    /// Who asks, where the header says it in this scheme.
    pub(crate) fn user(&self, scheme: &str) -> &'a str {
        self.authorization.filter(|(other, ..)| *other == scheme).map_or("", |(_, user, _)| user)
    }

    /// The proof that goes with it.
    pub(crate) fn password(&self, scheme: &str) -> &'a str {
        self.authorization.filter(|(other, ..)| *other == scheme).map_or("", |(.., password)| password)
    }

    /// The first value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a repeated parameter.
    pub(crate) fn all<'s, 'n>(&'s self, name: &'n str) -> impl Iterator<Item = &'s str> + use<'s, 'n, 'a> {
        self.parameters.iter().filter(move |(key, _)| key == name).map(|(_, value)| &**value)
    }
}

/// An answer before any fault befalls its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
}

const JSON: &str = "application/json;charset=UTF-8";
const XML: &str = "text/xml; charset=utf-8";
const HTML: &str = "text/html; charset=UTF-8";

impl Answer {
    pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: JSON, retry_after: None, body: body.into() }
    }

    pub(crate) fn xml(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: XML, retry_after: None, body: body.into() }
    }

    pub(crate) fn html(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: HTML, retry_after: None, body: body.into() }
    }

    /// What an address sees that is not allow-listed, or blocked.
    pub(crate) fn forbidden_page() -> Self {
        Self::html(
            403,
            "<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>Access denied</title></head>\
             <body><h1>Error 1020</h1><p>You do not have access.</p><p>error code: 1020</p></body></html>\n",
        )
    }

    pub(crate) fn too_many_requests(retry_after: Option<String>) -> Self {
        Self {
            retry_after,
            ..Self::html(429, "<html><head><title>429 Too Many Requests</title></head><body></body></html>\n")
        }
    }

    pub(crate) fn server_error(status: u16) -> Self {
        Self::html(
            status,
            format!(
                "<html>\r\n<head><title>{status} Server Error</title></head>\r\n<body>\r\n<center><h1>{status} Server Error</h1>\
                 </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
            ),
        )
    }
}

/// Faults of content, which only a registrar's own file can commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Twist {
    pub(crate) other_domain: bool,
    pub(crate) everything_expired: bool,
    pub(crate) empty_list: bool,
    pub(crate) empty_page: bool,
    pub(crate) wrong_total: bool,
}
