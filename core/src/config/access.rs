//! The way to one account's server: through which proxy, from which address, and how each side proves who it is.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::reader::Reader;
use crate::Result;

/// How a PEM text begins.
const PEM: &str = "-----BEGIN";

/// The way to an account's server.
#[derive(Clone, Debug, Default)]
pub struct AccessConfig {
    /// The proxy that all requests go through.
    pub proxy: ProxySetting,
    /// The address of this machine that connections are made from; any unless given.
    pub source_address: Option<IpAddr>,
    /// The only authorities that the server's certificate may be of (PEM). The machine's own unless given.
    pub ca_file: Option<Pem>,
    /// The certificate that this side shows where the server asks for one (PEM).
    pub client_certificate: Option<Pem>,
    /// Its private key (PEM); in the certificate's file unless given.
    pub client_key: Option<Pem>,
}

/// Through which proxy requests go.
#[derive(Clone, Debug, Default)]
pub enum ProxySetting {
    /// The one that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`), if it names one.
    #[default]
    Environment,
    /// None.
    Direct,
    /// This one.
    Through(Proxy),
}

/// An HTTP proxy. TLS goes through it untouched.
#[derive(Clone)]
pub struct Proxy {
    /// With the user and password, where it wants them.
    url: SecretString,
    /// Its host and port.
    place: String,
}

impl Proxy {
    /// Its host and port.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Its address with the user and password: for the transport alone.
    pub(crate) fn url(&self) -> &str {
        self.url.expose_secret()
    }

    /// From `http://[user:password@]host[:port]`.
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let place = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
        (url.scheme() == "http" && is_bare).then(|| Self { url: SecretString::from(String::from(url)), place })
    }
}

impl fmt::Debug for Proxy {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Proxy").field(&self.place).finish()
    }
}

/// Certificates or a key.
#[derive(Clone)]
pub enum Pem {
    /// In this file, which is read when an account is opened: a handle made later sees what was renewed.
    File(PathBuf),
    /// This text.
    Text(SecretString),
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Text(_) => f.write_str("Text"),
        }
    }
}

impl AccessConfig {
    /// With what a section says of the way out of this machine, which may be one for all accounts.
    pub(super) fn with_way(mut self, reader: &Reader<'_>) -> Result<Self> {
        let proxy = reader.get("proxy")?;
        // Not shown: it may hold a password.
        let wrong = || proxy.wrong_secret("`http://[user:password@]host:port`, or false for none");
        if proxy.flag().is_ok_and(|flag| flag == Some(false)) {
            self.proxy = ProxySetting::Direct;
        } else if let Some(text) = proxy.text().map_err(|_| wrong())? {
            self.proxy = ProxySetting::Through(Proxy::parse(&text).ok_or_else(wrong)?);
        }
        let address = reader.get("source_address")?;
        if let Some(text) = address.text()? {
            let parsed = text.trim().parse();
            self.source_address = Some(parsed.map_err(|_| address.wrong("an IP address of this machine"))?);
        }
        Ok(self)
    }

    /// With the certificates, which are one account's.
    pub(super) fn with_certificates(mut self, reader: &Reader<'_>) -> Result<Self> {
        let pem = |key: &str| -> Result<Option<Pem>> {
            let place = reader.get(key)?;
            let text = place.text().map_err(|_| place.wrong_secret("the path of a PEM file, or its text"))?;
            Ok(text.map(|text| match text.trim_start().starts_with(PEM) {
                true => Pem::Text(text.into()),
                false => Pem::File(text.into()),
            }))
        };
        self.ca_file = pem("ca_file")?;
        self.client_certificate = pem("client_certificate")?;
        self.client_key = pem("client_key")?;
        if self.client_key.is_some() && self.client_certificate.is_none() {
            return Err(reader.get("client_certificate")?.wrong_secret("the certificate that client_key is for"));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Config;

    fn read(own: Value) -> Result<AccessConfig> {
        let registrar =
            json!({"defaults": {"proxy": "http://gate:3128", "source_address": "192.0.2.1"}, "registrars": {"x": own}});
        let config = Config::from_value(json!({"database": "sqlite:a.sqlite", "registrar": registrar}))?;
        Ok(config.registrar.get("x").access.clone())
    }

    fn place(access: &AccessConfig) -> Option<&str> {
        if let ProxySetting::Through(proxy) = &access.proxy { Some(proxy.place()) } else { None }
    }

    #[test]
    fn a_way_out_may_be_one_for_all_and_certificates_are_an_account_s() {
        let access = read(json!({})).unwrap();
        assert_eq!((place(&access), access.source_address), (Some("gate:3128"), Some("192.0.2.1".parse().unwrap())));
        let pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        let own = json!({
            "proxy": "http://me:hunter2%20@[2001:db8::1]", "source_address": "2001:db8::2", "ca_file": "/etc/ca.pem",
            "client_certificate": pem, "client_key": "/etc/key.pem",
        });
        let access = read(own).unwrap();
        assert_eq!(
            (place(&access), access.source_address),
            (Some("[2001:db8::1]:80"), Some("2001:db8::2".parse().unwrap()))
        );
        assert!(matches!(&access.ca_file, Some(Pem::File(path)) if path.ends_with("ca.pem")));
        assert!(matches!(&access.client_certificate, Some(Pem::Text(_))));
        let printed = format!("{access:?}");
        assert!(
            !printed.contains("hunter2") && !printed.contains("AA==") && printed.contains("/etc/key.pem"),
            "S6.9 {printed}"
        );
        assert!(matches!(read(json!({"proxy": false})).unwrap().proxy, ProxySetting::Direct));
        assert_eq!(place(&read(json!({"proxy": null})).unwrap()), Some("gate:3128"));
    }

    #[test]
    fn a_wrong_way_is_named_and_no_password_shown() {
        for (key, value, wanted) in [
            ("proxy", json!("https://me:hunter2@gate:1"), "`http://[user:password@]host:port`, or false for none"),
            ("proxy", json!("socks5://hunter2@gate:1"), "`http://"),
            ("proxy", json!("http://gate:1/hunter2"), "`http://"),
            ("proxy", json!("hunter2"), "`http://"),
            ("proxy", json!(["hunter2"]), "`http://"),
            ("proxy", json!(true), "`http://"),
            ("source_address", json!("example.com"), "an IP address of this machine"),
            ("source_address", json!("192.0.2.1/24"), "an IP address of this machine"),
            ("ca_file", json!(["hunter2"]), "the path of a PEM file, or its text"),
            ("client_certificate", json!({"x": "hunter2"}), "the path of a PEM file, or its text"),
        ] {
            let error = read(json!({ key: value })).unwrap_err();
            let start = format!("config `registrar.registrars.x.{key}`: expected {wanted}");
            assert!(error.to_string().starts_with(&start), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "S6.9 {error}");
        }
        let error = read(json!({"client_key": "/etc/key.pem"})).unwrap_err();
        assert!(error.to_string().contains("x.client_certificate`: expected the certificate that client_key is for"));
    }
}
