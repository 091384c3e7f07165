//! The way to one account's server: through which proxy, from which address, and how each side proves who it is.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::database::percent_decoded;
use super::reader::Reader;
use crate::Result;

/// How each part of a PEM text begins.
const PEM: &str = "-----BEGIN";
/// From this length on a user's name is no word that an error may need.
const UNMISTAKABLE: usize = 8;

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

    /// What no text may show: the password, also as it is sent, and the user where that is no short word.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        let Ok(url) = Url::parse(self.url()) else { return Vec::new() };
        let decoded = |text: &str| percent_decoded(text).unwrap_or_else(|| text.to_owned());
        let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
        let mut secrets = Vec::new();
        if !user.is_empty() || !password.is_empty() {
            secrets.push(STANDARD.encode(format!("{user}:{password}")).into());
        }
        secrets.push(password.into());
        if user.chars().count() >= UNMISTAKABLE {
            secrets.push(user.into());
        }
        secrets
    }

    /// From `http://[user:password@]host[:port]`.
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let host = url.host_str()?;
        // Of a host such as `{gate}` reqwest 0.13 makes no proxy and says nothing: requests would go past it.
        let is_usable = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._[:]".contains(&byte));
        let place = format!("{host}:{}", url.port_or_known_default()?);
        let is_proxy = url.scheme() == "http" && is_bare && is_usable;
        is_proxy.then(|| Self { url: SecretString::from(String::from(url)), place })
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
        if let Some(text) = proxy.text().map_err(|_| wrong())? {
            self.proxy = match proxy.flag() {
                Ok(Some(false)) => ProxySetting::Direct,
                _ => ProxySetting::Through(Proxy::parse(&text).ok_or_else(wrong)?),
            };
        }
        let address = reader.get("source_address")?;
        if let Some(text) = address.text()? {
            let parsed: Option<IpAddr> = text.parse().ok().filter(|address: &IpAddr| !address.is_multicast());
            self.source_address = Some(parsed.ok_or_else(|| address.wrong("an IP address of this machine"))?);
        }
        Ok(self)
    }

    /// With the certificates, which are one account's.
    pub(super) fn with_certificates(mut self, reader: &Reader<'_>) -> Result<Self> {
        self.ca_file = pem(&reader.get("ca_file")?)?;
        self.client_certificate = pem(&reader.get("client_certificate")?)?;
        self.client_key = pem(&reader.get("client_key")?)?;
        if self.client_key.is_some() && self.client_certificate.is_none() {
            return Err(reader.get("client_certificate")?.wrong_secret("the certificate that client_key is for"));
        }
        Ok(self)
    }

    /// Refuses certificates where they would hold for all accounts: passed over, an authority would seem pinned that is
    /// not.
    pub(super) fn refuse_certificates(defaults: &Reader<'_>) -> Result<()> {
        for key in ["ca_file", "client_certificate", "client_key"] {
            let place = defaults.get(key)?;
            if place.value().is_some_and(|value| value != "") {
                return Err(place.refused(format_args!("is one account's: set registrar.registrars.<slug>.{key}")));
            }
        }
        Ok(())
    }
}

/// A PEM text, or the path of a file of one. What may be a key is never taken for a path, since paths are shown.
fn pem(place: &Reader<'_>) -> Result<Option<Pem>> {
    let wrong = || place.wrong_secret("the path of a PEM file, or its text");
    let text = match place.value() {
        None => return Ok(None),
        Some(Value::String(text)) => text.trim(),
        Some(_) => return Err(wrong()),
    };
    // A key whose first line was lost: base64 of DER begins with M.
    let is_base64 = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    match text {
        "" => Ok(None),
        text if text.contains(PEM) => Ok(Some(Pem::Text(text.into()))),
        text if text.contains(char::is_control) => Err(wrong()),
        text if text.len() > 60 && text.starts_with('M') && is_base64(text) => Err(wrong()),
        text => Ok(Some(Pem::File(text.into()))),
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
        assert!(matches!(read(json!({"proxy": "false"})).unwrap().proxy, ProxySetting::Direct));
        for nothing in [json!(null), json!(""), json!(" ")] {
            let own = json!({"proxy": nothing, "source_address": nothing, "ca_file": nothing, "client_key": nothing});
            let access = read(own).unwrap();
            assert_eq!(place(&access), Some("gate:3128"), "what an unset variable gives is nothing");
            assert!(access.source_address.is_some() && access.ca_file.is_none() && access.client_key.is_none());
        }
    }

    #[test]
    fn a_wrong_way_is_named_and_no_password_shown() {
        for (key, value, wanted) in [
            ("proxy", json!("https://me:hunter2@gate:1"), "`http://[user:password@]host:port`, or false for none"),
            ("proxy", json!("socks5://hunter2@gate:1"), "`http://"),
            ("proxy", json!("http://gate:1/hunter2"), "`http://"),
            ("proxy", json!("http://me:hunter2@{gate}:3128"), "`http://"),
            ("proxy", json!("gate:3128"), "`http://"),
            ("proxy", json!({"https": "http://me:hunter2@gate:3128"}), "`http://"),
            ("proxy", json!("hunter2"), "`http://"),
            ("proxy", json!(["hunter2"]), "`http://"),
            ("proxy", json!(true), "`http://"),
            ("source_address", json!("example.com"), "an IP address of this machine"),
            ("source_address", json!("192.0.2.1/24"), "an IP address of this machine"),
            ("source_address", json!("224.0.0.1"), "an IP address of this machine"),
            ("ca_file", json!(["hunter2"]), "the path of a PEM file, or its text"),
            ("client_certificate", json!({"x": "hunter2"}), "the path of a PEM file, or its text"),
            ("ca_file", json!(true), "the path of a PEM file, or its text"),
            ("client_key", json!("MIIhunter2\nhunter2"), "the path of a PEM file, or its text"),
            ("client_key", json!(format!("MIG{}/+==", "hunter2".repeat(20))), "the path of a PEM file, or its text"),
        ] {
            let error = read(json!({ key: value })).unwrap_err();
            let start = format!("config `registrar.registrars.x.{key}`: expected {wanted}");
            assert!(error.to_string().starts_with(&start), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "S6.9 {error}");
        }
        let error = read(json!({"client_key": "/etc/key.pem"})).unwrap_err();
        assert!(error.to_string().contains("x.client_certificate`: expected the certificate that client_key is for"));
    }

    #[test]
    fn a_pem_text_may_have_words_before_it_and_is_never_shown() {
        let text = "Bag Attributes\n  localKeyID: 01\n-----BEGIN PRIVATE KEY-----\nhunter2\n";
        let access = read(json!({"client_certificate": text, "client_key": text})).unwrap();
        assert!(matches!(access.client_key, Some(Pem::Text(_))));
        assert!(!format!("{access:?}").contains("hunter2"), "S6.9 {access:?}");
    }

    #[test]
    fn certificates_for_all_accounts_are_refused_and_not_passed_over() {
        for key in ["ca_file", "client_certificate", "client_key"] {
            let with = |value: Value| {
                Config::from_value(json!({"database": "sqlite:a.sqlite", "registrar": {"defaults": {key: value}}}))
            };
            let error = with(json!("-----BEGIN hunter2")).unwrap_err().to_string();
            let wanted =
                format!("config `registrar.defaults.{key}`: is one account's: set registrar.registrars.<slug>.{key}");
            assert_eq!(error, wanted);
            assert!(with(json!("")).is_ok() && with(json!(null)).is_ok(), "nothing is no certificate");
        }
    }

    #[test]
    fn the_secrets_of_a_proxy_are_its_password_in_each_form_and_a_long_user() {
        for (login, wanted) in [
            ("", vec![""]),
            ("me:h%40nter2@", vec!["bWU6aEBudGVyMg==", "h@nter2"]),
            ("me@", vec!["bWU6", ""]),
            ("longenough:x@", vec!["bG9uZ2Vub3VnaDp4", "x", "longenough"]),
        ] {
            let proxy = Proxy::parse(&format!("http://{login}gate:3128")).unwrap();
            let secrets = proxy.secrets();
            assert_eq!(secrets.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(), wanted, "S6.9");
        }
    }
}
