//! Making certificates: an authority, and what it issues.

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm,
    SubjectPublicKeyInfo,
};
use rustls::SignatureScheme;
use secrecy::SecretString;
use x509_parser::asn1_rs::{Any, FromDer as _, Header};
use x509_parser::time::ASN1Time;

use super::certificate::Certificate;
use super::check::check_ca;
use super::fault::Fault;
use super::key::Key;
use super::pair::Pair;
use super::san::San;
use super::{der, pem};
use crate::kernel::random;

const DAY: i64 = 86_400;
/// A host whose clock is behind takes a new certificate as well.
const BEHIND: i64 = 3600;
/// Of a common name (RFC 5280, appendix A: ub-common-name).
const LONGEST_NAME: usize = 64;

/// Why no certificate was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    #[error("`{0}` cannot be the name in a certificate: it has 1 to 64 bytes, and no control characters")]
    Name(String),
    #[error("`{0}` is no DNS name, and cannot stand in a certificate")]
    San(San),
    #[error("a certificate for {0} days would be valid beyond the year 9999")]
    TooLong(u32),
    /// All that is wrong with the authority.
    #[error("the CA cannot issue certificates: {}", all(.0))]
    Authority(Vec<Fault>),
    #[error("the CA cannot issue certificates: {0}")]
    Library(String),
}

fn all(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Seconds since 1970: when a leaf ends that is issued now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeafEnd {
    pub at: i64,
    /// It is the authority's end, which comes before the days that were asked for are over.
    pub cut_short: bool,
}

/// A leaf never outlives its authority. `ca_ends`: the authority's `not_after`.
pub fn leaf_end(ca_ends: i64, now: i64, days: u32) -> LeafEnd {
    let asked = now.saturating_add(i64::from(days) * DAY);
    LeafEnd { at: asked.min(ca_ends), cut_short: asked > ca_ends }
}

/// A leaf, its key, and how long it is valid.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its certificates lead to the root: behind the leaf stand the authority's own where that is no root.
    pub pair: Pair,
    pub end: LeafEnd,
}

/// Makes an authority that issues leaves, and no other authorities. `name`: its common name. `now`: seconds since
/// 1970. `days`: how long it is valid.
pub fn make_ca(name: &str, now: i64, days: u32) -> Result<Pair, IssueError> {
    let mut params = params(name, now, now.saturating_add(i64::from(days) * DAY), days)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = new_key()?;
    let certificate = params.self_signed(&key).map_err(library)?;
    Ok(Pair { certificate: pem::written(certificate.der()), key: SecretString::from(key.serialize_pem()) })
}

/// Issues a certificate for TLS servers and clients. `name`: its common name. `sans`: the names and addresses that it
/// is valid for, each [valid](San::is_valid). `now`: seconds since 1970. `days`: how long it is valid, and see [`leaf_end`].
pub fn issue(ca: &Pair, name: &str, sans: &[San], now: i64, days: u32) -> Result<Issued, IssueError> {
    let authority = Authority::of(ca, now)?;
    let end = leaf_end(authority.certificate.not_after, now, days);
    let mut params = params(name, now, end.at, days)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let mut sans = sans.to_vec();
    sans.sort();
    sans.dedup();
    params.subject_alt_names = sans.into_iter().map(san).collect::<Result<_, _>>()?;
    let key = new_key()?;
    let leaf = authority.sign(params, &key)?;
    let certificate = pem::written(&leaf) + &authority.chain;
    Ok(Issued { pair: Pair { certificate, key: SecretString::from(key.serialize_pem()) }, end })
}

/// ECDSA P-256, which every TLS library of a server that is still maintained can use.
fn new_key() -> Result<KeyPair, IssueError> {
    KeyPair::generate().map_err(library)
}

fn library(error: impl std::fmt::Display) -> IssueError {
    IssueError::Library(error.to_string())
}

fn params(name: &str, now: i64, until: i64, days: u32) -> Result<CertificateParams, IssueError> {
    if name.trim().is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(IssueError::Name(name.escape_default().to_string()));
    }
    let date = |seconds: i64| {
        let date = ASN1Time::from_timestamp(seconds).map_err(|_| IssueError::TooLong(days))?.to_datetime();
        if date.year() > 9999 { Err(IssueError::TooLong(days)) } else { Ok(date) }
    };
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    params.not_before = date(now.saturating_sub(BEHIND))?;
    params.not_after = date(until)?;
    params.serial_number = Some(serial());
    Ok(params)
}

/// 127 random bits: a positive number of at most 20 bytes (RFC 5280, section 4.1.2.2).
fn serial() -> SerialNumber {
    let mut bytes = [0u8; 16];
    random::fill(&mut bytes);
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn san(san: San) -> Result<SanType, IssueError> {
    match san {
        san if !san.is_valid() => Err(IssueError::San(san)),
        San::Ip(ip) => Ok(SanType::IpAddress(ip)),
        San::Dns(name) => {
            let text = Ia5String::try_from(name.as_str());
            text.map(SanType::DnsName).map_err(|_| IssueError::San(San::Dns(name)))
        }
    }
}

/// Who signs, made of a pair that galactl or somebody else has made.
struct Authority {
    certificate: Certificate,
    signer: Signer,
    /// PEM: what leads from it to the root, without that.
    chain: String,
}

impl Authority {
    fn of(ca: &Pair, now: i64) -> Result<Self, IssueError> {
        let faults = check_ca(ca, now);
        if !faults.is_empty() {
            return Err(IssueError::Authority(faults));
        }
        let all = Certificate::all_in(&ca.certificate).map_err(library)?;
        let key = Key::read(&ca.key).map_err(library)?;
        let chain = all.iter().filter(|it| !it.names_itself()).map(Certificate::pem).collect();
        let certificate = all.into_iter().find(|it| key.fits(it));
        let certificate = certificate.ok_or_else(|| library("its key is another one's"))?;
        Ok(Self { certificate, signer: Signer::of(key)?, chain })
    }

    /// The leaf's DER.
    ///
    /// rcgen cannot write every name that an authority may have, such as one with two domain components. The issuer's
    /// name must be the authority's name byte by byte, so it is put in here, and the whole is signed once more.
    fn sign(&self, mut params: CertificateParams, key: &KeyPair) -> Result<Vec<u8>, IssueError> {
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
