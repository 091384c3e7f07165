//! The connections of one account: kept open, packed, never redirected, on the way that the configuration says.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Once;

use reqwest::{Certificate, Identity};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::ExposeSecret;

use super::{CONNECT_TIMEOUT, USER_AGENT};
use crate::config::{Pem, ProxySetting, RegistrarConfig};

/// What is wrong: the key of the account's configuration, and the problem.
type Problem = (&'static str, String);

/// More than any chain of certificates has.
const MAX_PEM: u64 = 1024 * 1024;

/// What the connections are made of.
pub(super) struct Transport<'a> {
    pub(super) config: &'a RegistrarConfig,
    pub(super) concurrency: u32,
    /// Whether the server speaks no TLS.
    pub(super) is_plain: bool,
    /// Whether connections are made over IPv4 alone.
    pub(super) ipv4_only: bool,
}

impl Transport<'_> {
    /// The client: HTTP/2 where the server offers it.
    pub(super) fn build(&self) -> Result<reqwest::Client, Problem> {
        static PROVIDER: Once = Once::new();
        // A host that set up its own provider keeps it, so the refusal to install a second one is no failure.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));

        let access = &self.config.access;
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .timeout(self.config.timeout)
            .connect_timeout(self.config.timeout.min(CONNECT_TIMEOUT))
            // A call may ask for more than is configured.
            .pool_max_idle_per_host(self.concurrency.max(64) as usize)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .local_address(self.source_address()?)
            .gzip(true);
        builder = match &access.proxy {
            ProxySetting::Environment => builder,
            ProxySetting::Direct => builder.no_proxy(),
            ProxySetting::Through(proxy) => {
                let through = reqwest::Proxy::all(proxy.url());
                builder.proxy(through.map_err(|_| ("proxy", "cannot be used as a proxy's address".to_owned()))?)
            }
        };
        builder = match &access.ca_file {
            Some(pem) => builder.tls_certs_only(authorities(pem)?),
            // Without TLS no root certificates are needed, and a machine that has none can still reach a local server.
            None if self.is_plain => builder.tls_certs_only([]),
            None => builder,
        };
        let identity = self.identity()?;
        // Authorities have been seen to be some.
        let key = if identity.is_some() { "client_certificate" } else { "api_url" };
        if let Some(identity) = identity {
            builder = builder.identity(identity);
        }
        builder.build().map_err(|error| (key, format!("no HTTP client can be made with it: {}", root_cause(&error))))
    }

    /// Where connections start, seen to be here: one that is not would fail each request.
    fn source_address(&self) -> Result<Option<IpAddr>, Problem> {
        let key = "source_address";
        match self.config.access.source_address {
            None => Ok(self.ipv4_only.then_some(IpAddr::V4(Ipv4Addr::UNSPECIFIED))),
            Some(IpAddr::V6(_)) if self.ipv4_only => {
                Err((key, "must be an IPv4 address: the registrar knows its callers by theirs".to_owned()))
            }
            Some(address) => match UdpSocket::bind((address, 0)) {
                Ok(_) => Ok(Some(address)),
                Err(error) => Err((key, format!("{address} is no address of this machine: {error}"))),
            },
        }
    }

    /// What this side shows of itself.
    fn identity(&self) -> Result<Option<Identity>, Problem> {
        let access = &self.config.access;
        let Some(certificate) = &access.client_certificate else { return Ok(None) };
        let mut pem = read("client_certificate", certificate)?;
        if let Some(key) = &access.client_key {
            pem.push(b'\n');
            pem.extend(read("client_key", key)?);
        }
        // The reason is left out: it may show a part of the key.
        let identity = Identity::from_pem(&pem).map_err(|_| {
            let problem = "must hold a certificate and, here or in client_key, its private key, both in PEM and without a password";
            ("client_certificate", problem.to_owned())
        });
        identity.map(Some)
    }
}

fn authorities(pem: &Pem) -> Result<Vec<Certificate>, Problem> {
    let key = "ca_file";
    let text = read(key, pem)?;
    let (mut authorities, mut roots) = (Vec::new(), RootCertStore::empty());
    for authority in CertificateDer::pem_slice_iter(&text) {
        let authority = authority.map_err(|_| (key, "is no PEM".to_owned()))?;
        // reqwest tells only later, and of all certificates together, that one is none.
        roots.add(authority.clone()).map_err(|error| (key, format!("holds a certificate that is none: {error}")))?;
        let unusable = |_| (key, "holds a certificate that cannot be used".to_owned());
        authorities.push(Certificate::from_der(&authority).map_err(unusable)?);
    }
    if authorities.is_empty() { Err((key, "holds no certificate in PEM".to_owned())) } else { Ok(authorities) }
}

fn read(key: &'static str, pem: &Pem) -> Result<Vec<u8>, Problem> {
    let path = match pem {
        Pem::Text(text) => return Ok(text.expose_secret().as_bytes().to_vec()),
        Pem::File(path) => path,
    };
    let unreadable = |problem: String| (key, format!("{} cannot be read: {problem}", path.display()));
    let length = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if length > MAX_PEM {
        return Err(unreadable("it is too large for a PEM file".to_owned()));
    }
    std::fs::read(path).map_err(|error| unreadable(error.to_string()))
}

/// What lies at the bottom of a failure, which is what a person can act on ("connection refused").
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
