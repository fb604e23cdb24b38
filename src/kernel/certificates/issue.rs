//! Making certificates: an authority, and what it issues.

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber,
};
use secrecy::SecretString;
use x509_parser::time::ASN1Time;

use super::authority::Authority;
use super::certificate::ORGANIZATION;
use super::issue_error::{IssueError, library};
use super::pair::Pair;
use super::pem;
use super::san::San;
use crate::kernel::random;

const DAY: i64 = 86_400;
/// A host whose clock is behind takes a new certificate as well.
const BEHIND: i64 = 3600;
/// Of a common name (RFC 5280, appendix A: ub-common-name).
const LONGEST_NAME: usize = 64;

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

fn params(name: &str, now: i64, until: i64, days: u32) -> Result<CertificateParams, IssueError> {
    if name.trim().is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(IssueError::Name(name.escape_default().to_string()));
    }
    let date = |seconds: i64| {
        let date = ASN1Time::from_timestamp(seconds).map_err(|_| IssueError::TooLong(days))?.to_datetime();
        if date.year() > 9999 { Err(IssueError::TooLong(days)) } else { Ok(date) }
    };
    let mut subject = DistinguishedName::new();
    // Scripts of MariaDB 10.5 find the common name only behind something else.
    subject.push(DnType::OrganizationName, ORGANIZATION);
    subject.push(DnType::CommonName, name);
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    params.not_before = date(now.saturating_sub(BEHIND))?;
    params.not_after = date(until)?;
    params.serial_number = Some(serial());
    Ok(params)
}

/// 126 random bits: a positive number of at most 20 bytes (RFC 5280, section 4.1.2.2).
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
