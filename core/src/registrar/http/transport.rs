//! The connections of one account: kept open, packed, never redirected, on the way that the configuration says.

use std::fs::File;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Once;

use reqwest::{Certificate, Identity};
use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
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
        PROVIDER.call_once(|| drop(ring::default_provider().install_default()));

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

    /// What this side shows of itself. Reasons are left out: they may show a part of the key.
    fn identity(&self) -> Result<Option<Identity>, Problem> {
        let access = &self.config.access;
        let Some(certificate) = &access.client_certificate else {
            return match access.client_key {
                Some(_) => Err(("client_key", "needs the client_certificate that it is the key of".to_owned())),
                None => Ok(None),
            };
        };
        let mut pem = read("client_certificate", certificate)?;
        let chain = certificates("client_certificate", &pem)?;
        let place = if access.client_key.is_some() { "client_key" } else { "client_certificate" };
        if let Some(key) = &access.client_key {
            let key = read(place, key)?;
            fits(chain, &key, place)?;
            pem.push(b'\n');
            pem.extend(key);
        } else {
            fits(chain, &pem, place)?;
        }
        let identity = Identity::from_pem(&pem).map_err(|_| {
            ("client_certificate", "must hold, with client_key, nothing but certificates and their one key".to_owned())
        });
        identity.map(Some)
    }
}

/// Whether a key is that of the first certificate.
fn fits(chain: Vec<CertificateDer<'static>>, key: &[u8], place: &'static str) -> Result<(), Problem> {
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
        (place, "holds no private key in PEM (PKCS #8, PKCS #1 or SEC 1, without a passphrase)".to_owned())
    })?;
    // The one that the connections use, which may be a host's.
    let ours = ring::default_provider();
    let provider = CryptoProvider::get_default().map_or(&ours, AsRef::as_ref);
    match CertifiedKey::from_der(chain, key, provider) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err((place, "holds a private key that is not of client_certificate's first certificate".to_owned()))
        }
        Err(rustls::Error::InvalidCertificate(_)) => {
            Err(("client_certificate", "holds a certificate that is none".to_owned()))
        }
        Err(_) => Err((
            place,
            "holds a private key that cannot be used: RSA, ECDSA (P-256, P-384) and Ed25519 can".to_owned(),
        )),
    }
}

fn certificates(key: &'static str, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err((key, "holds no certificate in PEM".to_owned())),
        Ok(certificates) => Ok(certificates),
        Err(_) => Err((key, "is no PEM".to_owned())),
    }
}

fn authorities(pem: &Pem) -> Result<Vec<Certificate>, Problem> {
    let key = "ca_file";
    let text = read(key, pem)?;
    let (mut authorities, mut roots) = (Vec::new(), RootCertStore::empty());
    for authority in certificates(key, &text)? {
        // reqwest tells only later, and of all certificates together, that one is none.
        roots.add(authority.clone()).map_err(|error| (key, format!("holds a certificate that is none: {error}")))?;
        let unusable = |_| (key, "holds a certificate that cannot be used".to_owned());
        authorities.push(Certificate::from_der(&authority).map_err(unusable)?);
    }
    Ok(authorities)
}

fn read(key: &'static str, pem: &Pem) -> Result<Vec<u8>, Problem> {
    let path = match pem {
        Pem::Text(text) => return Ok(text.expose_secret().as_bytes().to_vec()),
        Pem::File(path) => path,
    };
    let unreadable = |problem: String| (key, format!("{} cannot be read: {problem}", path.display()));
    let failed = |error: std::io::Error| unreadable(error.to_string());
    // A pipe would be waited for, and a device may have no end.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(unreadable("it is no file".to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_PEM + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MAX_PEM {
        return Err(unreadable("it is too large for a PEM file".to_owned()));
    }
    Ok(bytes)
}

/// What lies at the bottom of a failure, which is what a person can act on ("connection refused").
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
