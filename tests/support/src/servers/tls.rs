//! A certificate for a server on this machine, and the authority that signed it.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};

/// Texts in PEM.
#[derive(Clone, Debug)]
pub(crate) struct Certificates {
    /// The authority's certificate: what a client has to trust.
    pub(crate) ca: String,
    /// The server's certificate, for 127.0.0.1 and localhost.
    pub(crate) certificate: String,
    /// Its key.
    pub(crate) key: String,
}

impl Certificates {
    /// A fresh authority and a certificate of it.
    pub(crate) fn generate() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "Authority of a test");
        let key = KeyPair::generate().expect("generate a key");
        let authority = CertifiedIssuer::self_signed(params, key).expect("sign the authority's certificate");
        let hosts = ["127.0.0.1", "localhost"].map(String::from).to_vec();
        let mut params = CertificateParams::new(hosts).expect("host names are well formed");
        params.distinguished_name.push(DnType::CommonName, "Server of a test");
        let key = KeyPair::generate().expect("generate a key");
        let certificate = params.signed_by(&key, &authority).expect("sign the server's certificate");
        Self { ca: authority.pem(), certificate: certificate.pem(), key: key.serialize_pem() }
    }
}
