//! Certificates, good and bad.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde::{Deserialize, Serialize};

/// How the server proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsMode {
    /// A certificate of the simulator's own authority, for the right host.
    Trusted,
    /// The same, and whoever connects has to show one of that authority's too.
    Mutual,
    /// A certificate that nobody signed.
    SelfSigned,
    /// Of the authority, but for another host.
    WrongHost,
    /// Of the authority, for the right host, but long past.
    Expired,
    /// None at all: plain HTTP at an `https` URL.
    PlainHttp,
}

/// What the server needs, and what a client does.
pub(crate) struct Certificates {
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) client: ClientPem,
}

/// What a client needs, in PEM.
#[derive(Clone, Debug)]
pub struct ClientPem {
    /// The authority that it has to trust.
    pub authority: String,
    /// A certificate of that authority for the client itself …
    pub certificate: String,
    /// … and its private key.
    pub key: String,
}

pub(crate) fn certificates(mode: TlsMode, http1_only: bool) -> Certificates {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "Simulated authority");
    let key = KeyPair::generate().expect("generate a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("sign the authority's certificate");

    let hosts: &[&str] = match mode {
        TlsMode::WrongHost => &["elsewhere.example"],
        _ => &["127.0.0.1", "localhost"],
    };
    let names: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("host names are well formed");
    params.distinguished_name.push(DnType::CommonName, "Simulated registrar");
    if mode == TlsMode::Expired {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().expect("generate a key");
    let certificate = match mode {
        TlsMode::SelfSigned => params.self_signed(&key),
        _ => params.signed_by(&key, &authority),
    }
    .expect("sign the server's certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("the provider has safe protocol versions");
    let builder = match mode {
        TlsMode::Mutual => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).expect("the authority is one");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("there is an authority"))
        }
        _ => builder.with_no_client_auth(),
    };
    let mut server = builder
        .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .expect("the key is the certificate's");
    server.alpn_protocols = match http1_only {
        true => vec![b"http/1.1".to_vec()],
        false => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
    };
    let client_key = KeyPair::generate().expect("generate a key");
    let mut params = CertificateParams::new(Vec::new()).expect("no host is named");
    params.distinguished_name.push(DnType::CommonName, "Simulated client");
    let client = params.signed_by(&client_key, &authority).expect("sign the client's certificate");
    let client = ClientPem { authority: authority.pem(), certificate: client.pem(), key: client_key.serialize_pem() };
    Certificates { server: Arc::new(server), client }
}
