//! POST with a form, for APIs that take their credentials there: what is in no URL is in no log.

use reqwest::header::CONTENT_TYPE;
use url::form_urlencoded;

use super::transport::Transport;
use super::{Answer, HttpClient};
use crate::config::RegistrarConfig;
use crate::registrar::CallContext;
use crate::{Error, ErrorKind, Result};

impl HttpClient {
    /// Sends one POST request with a form, to which the client adds the credentials, and reads the answer whole.
    ///
    /// Waits and fails as [`get`](Self::get) does.
    pub async fn post_form(&self, context: &CallContext, path: &str, form: &[(&str, &str)]) -> Result<Answer> {
        let url = self.base.join(path).map_err(|_| self.error(ErrorKind::Internal, format!("`{path}` is no path")))?;
        let request = self.client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(context, (path, form), request.body(self.form(form))).await
    }

    /// A form with the credentials: for the transport alone.
    fn form(&self, form: &[(&str, &str)]) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.extend_pairs(form);
        self.secrets.append_to(&mut pairs);
        pairs.finish()
    }

    /// The same client, whose connections use IPv4 alone: for registrars that know their callers by an IPv4 address.
    ///
    /// `config` is what it was built with. Fails with `config` as [`new`](Self::new) does, and for a source address of
    /// IPv6.
    pub fn over_ipv4(mut self, config: &RegistrarConfig) -> Result<Self> {
        let is_plain = self.base.scheme() == "http";
        let transport = Transport { config, concurrency: self.concurrency, is_plain, ipv4_only: true };
        self.client = transport.build().map_err(|(key, problem)| {
            Error::config(&format!("registrar.registrars.{}.{key}", self.registrar), problem)
                .with_registrar(self.registrar.as_str())
        })?;
        Ok(self)
    }
}
