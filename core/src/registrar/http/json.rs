//! What JSON APIs want: credentials in a header, JSON in a POST, and an HTTP status that is theirs to explain.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::secrets::Secrets;
use super::{Answer, HttpClient, HttpDefaults};
use crate::config::RegistrarConfig;
use crate::registrar::CallContext;
use crate::{Error, ErrorKind, Result};

impl HttpClient {
    /// Builds the client of one account whose requests have this `Authorization`. `parts` are the secrets that it is made
    /// of, which no text may show either and which tell the account from others.
    ///
    /// No answer but a redirect is refused before the adapter has looked into it: such APIs say in the body what an HTTP
    /// status means, that of too many requests included. Fails with `config` as [`new`](Self::new) does, and where the
    /// secrets hold what no header can.
    pub fn with_authorization(
        registrar: &str,
        config: &RegistrarConfig,
        defaults: HttpDefaults,
        authorization: SecretString,
        parts: Vec<SecretString>,
    ) -> Result<Self> {
        let mut value = HeaderValue::from_str(authorization.expose_secret()).map_err(|_| {
            let path = format!("registrar.registrars.{registrar}.credentials");
            Error::config(&path, "hold characters that cannot be sent, such as a line break").with_registrar(registrar)
        })?;
        value.set_sensitive(true);
        let json = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value), (ACCEPT, json)]);
        let hidden = std::iter::once(authorization).chain(parts).collect();
        let client = Self::build(registrar, config, defaults, Secrets::elsewhere(hidden), headers)?;
        Ok(Self { judged_by_body: true, ..client })
    }

    /// The same client, which sends this header too. It is no secret.
    ///
    /// Fails with `config`, naming `key` among the credentials, where the value is none for a header.
    pub fn with_header(mut self, name: HeaderName, key: &str, value: &str) -> Result<Self> {
        let value = HeaderValue::from_str(value).map_err(|_| {
            let path = format!("registrar.registrars.{}.credentials.{key}", self.registrar);
            Error::config(&path, "holds characters that cannot be sent").with_registrar(self.registrar.as_str())
        })?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sends one POST request with this JSON and reads the answer whole.
    ///
    /// Waits and fails as [`get`](Self::get) does.
    pub async fn post_json(&self, context: &CallContext, path: &str, body: &serde_json::Value) -> Result<Answer> {
        let url = self.base.join(path).map_err(|_| self.error(ErrorKind::Internal, format!("`{path}` is no path")))?;
        let text = body.to_string();
        let request = self.client.post(url).header(CONTENT_TYPE, "application/json").body(text.clone());
        self.send(context, (path, text), request).await
    }
}
