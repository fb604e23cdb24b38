//! Signing with the key of an authority that galactl or somebody else has made.

use rcgen::{
    CertificateParams, DistinguishedName, Issuer, KeyIdMethod, KeyPair, PublicKeyData, SignatureAlgorithm,
    SubjectPublicKeyInfo,
};
use rustls::SignatureScheme;
use x509_parser::asn1_rs::{Any, FromDer as _, Header};

use super::certificate::Certificate;
use super::chain::{Link, Way};
use super::check::{check_ca, of_key};
use super::der;
use super::issue_error::{IssueError, library};
use super::key::Key;
use super::pair::Pair;

/// Who signs.
pub struct Authority {
    pub certificate: Certificate,
    signer: Signer,
    /// PEM: what leads from it to the root, without that.
    pub chain: String,
}

impl Authority {
    /// Refuses what has a fault. `now`: seconds since 1970.
    pub fn of(ca: &Pair, now: i64) -> Result<Self, IssueError> {
        let faults = check_ca(ca, now);
        if !faults.is_empty() {
            return Err(IssueError::Authority(faults));
        }
        let all = Certificate::all_in(&ca.certificate).map_err(library)?;
        let key = Key::read(&ca.key).map_err(library)?;
        let own = of_key(&all, &key, now).ok_or_else(|| library("its key is another one's"))?;
        let way = Way::from(Link::new(own, true, now), &all, &[], now);
        let below_root = way.links.iter().map(|link| link.certificate).filter(|it| !it.names_itself());
        let chain = below_root.map(Certificate::pem).collect();
        Ok(Self { certificate: own.clone(), signer: Signer::of(key)?, chain })
    }

    /// The leaf's DER.
    ///
    /// rcgen cannot write every name that an authority may have, such as one with two domain components. The issuer's
    /// name must be the authority's name byte by byte, so it is put in here, and the whole is signed once more.
    pub fn sign(&self, mut params: CertificateParams, key: &KeyPair) -> Result<Vec<u8>, IssueError> {
        let mut nameless = CertificateParams::default();
        nameless.distinguished_name = DistinguishedName::new();
        if let Some(id) = &self.certificate.details.key_id {
            nameless.key_identifier_method = KeyIdMethod::PreSpecified(id.clone());
            params.use_authority_key_identifier_extension = true;
        }
        let issuer = Issuer::new(nameless, &self.signer);
        let signed = params.signed_by(key, &issuer).map_err(library)?;
        let parts = Parts::of(signed.der()).ok_or_else(|| library("it is not DER"))?;
        let body =
            der::sequence(&[parts.before_issuer, &self.certificate.details.subject, parts.after_issuer]);
        let signature = rcgen::SigningKey::sign(&self.signer, &body).map_err(library)?;
        Ok(der::sequence(&[&body, parts.algorithm, &der::bit_string(&signature)]))
    }
}

/// Parts of a certificate's DER.
struct Parts<'a> {
    before_issuer: &'a [u8],
    after_issuer: &'a [u8],
    /// By which it is signed.
    algorithm: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(certificate: &'a [u8]) -> Option<Self> {
        // What is in a value, and what follows it.
        let content = |der: &'a [u8]| {
            let (rest, header) = Header::from_der(der).ok()?;
            rest.split_at_checked(header.length().definite().ok()?)
        };
        let skip = |der: &'a [u8]| Any::from_der(der).ok().map(|(rest, _)| rest);
        let (all, _) = content(certificate)?;
        let (body, behind_body) = content(all)?;
        let behind_algorithm = skip(behind_body)?;
        // Version, serial number, algorithm.
        let issuer = skip(skip(skip(body)?)?)?;
        Some(Self {
            before_issuer: &body[..body.len() - issuer.len()],
            after_issuer: skip(issuer)?,
            algorithm: &behind_body[..behind_body.len() - behind_algorithm.len()],
        })
    }
}

/// A key of any kind, as rcgen asks for it: its own reader takes PKCS#8 only.
struct Signer {
    key: Key,
    public: SubjectPublicKeyInfo,
}

impl Signer {
    fn of(key: Key) -> Result<Self, IssueError> {
        let public = SubjectPublicKeyInfo::from_der(&key.spki).map_err(library)?;
        Ok(Self { key, public })
    }
}

impl PublicKeyData for Signer {
    fn der_bytes(&self) -> &[u8] {
        self.public.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.public.algorithm()
    }
}

impl rcgen::SigningKey for Signer {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        // One of each kind of key, each as rcgen names it in the certificate.
        let schemes = [
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ED25519,
        ];
        let signer =
            self.key.signer.choose_scheme(&schemes).ok_or(rcgen::Error::UnsupportedSignatureAlgorithm)?;
        signer.sign(message).map_err(|_| rcgen::Error::RingUnspecified)
    }
}
