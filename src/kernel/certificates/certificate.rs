//! What a certificate says.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use x509_parser::asn1_rs::{Oid, oid};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::{GeneralName, KeyUsage, ParsedExtension};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

use super::pem;
use super::san::San;
use crate::kernel::inventory::text::visible;
use crate::kernel::model::sha256;

const DAY: i64 = 86_400;
const COMMON_NAME: Oid<'static> = oid!(2.5.4.3);
/// Who stands first in the subject of what galactl issues.
pub(super) const ORGANIZATION: &str = "galactl";

/// Digests that anybody can forge, by the algorithms that sign with them.
static BROKEN: [(Oid<'static>, &str); 5] = [
    (oid!(1.2.840.113549.1.1.4), "MD5"),
    (oid!(1.2.840.113549.1.1.5), "SHA-1"),
    (oid!(1.3.14.3.2.29), "SHA-1"),
    (oid!(1.2.840.10040.4.3), "SHA-1"),
    (oid!(1.2.840.10045.4.1), "SHA-1"),
];

/// A certificate as it was read. Two with the same DER are equal. It is saved as PEM.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Certificate {
    /// `db1` of a subject that is only a common name, or galactl's, otherwise all of it: `CN=db1, O=Shop`. Harmless to a terminal,
    /// as is `issuer`.
    pub subject: String,
    pub issuer: String,
    /// The first common name of its subject, and how many other names stand before it there.
    pub common_name: Option<(usize, String)>,
    /// DNS names and addresses; other kinds are left out.
    pub sans: Vec<San>,
    /// Seconds since 1970, as is `not_after`: the last second in which it is valid.
    pub not_before: i64,
    pub not_after: i64,
    /// Of the DER, as `AA:BB:…`.
    pub sha256: String,
    /// Of the DER of the public key (SubjectPublicKeyInfo), as 64 lower-case hexadecimal digits. On a host
    /// `openssl pkey -in KEY -pubout -outform DER | sha256sum` prints the same for the private key that belongs to it.
    pub spki_sha256: String,
    /// It may be the issuer of others.
    pub is_ca: bool,
    /// It may prove who a TLS server is, and who a client is.
    pub server_use: bool,
    pub client_use: bool,
    pub der: Vec<u8>,
    pub(super) details: Details,
}

/// What only the checks ask for.
#[derive(Debug, Clone)]
pub(super) struct Details {
    pub subject: Vec<u8>,
    pub issuer: Vec<u8>,
    /// SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    pub key_id: Option<Vec<u8>>,
    serial: Vec<u8>,
    /// Of the issuer, where it says so.
    issuer_key_id: Option<Vec<u8>>,
    issuer_serial: Option<Vec<u8>>,
    /// Bits of an RSA key; `None`: it is of another kind.
    pub rsa_bits: Option<usize>,
    /// The digest of its signature, where that is broken.
    pub broken_digest: Option<&'static str>,
    /// Its key may sign what TLS partners say to each other.
    pub may_talk: bool,
    /// Its key may sign certificates.
    pub may_issue: bool,
    /// How many authorities may stand between it and a leaf; `None`: any number.
    pub path_length: Option<u32>,
}

/// Why a text holds no certificates that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("{}", none_of("certificate", labels))]
    None {
        /// What the blocks of the text are called.
        labels: Vec<String>,
    },
    #[error("certificate {number} in it cannot be read: {why}")]
    Broken { number: usize, why: String },
}

/// That a text does not hold what it should, and what it holds.
pub(super) fn none_of(what: &str, labels: &[String]) -> String {
    match labels {
        [] => format!("it holds no {what}, and it is not PEM: no line begins with -----BEGIN"),
        labels => format!("it holds no {what}, but {}", labels.join(" and ")),
    }
}

impl Certificate {
    /// Every `CERTIFICATE` block of a text, in its order, and at least one. There may be other text around the blocks.
    pub fn all_in(text: &str) -> Result<Vec<Self>, Unreadable> {
        let broken = |number, why: &str| Unreadable::Broken { number, why: why.to_owned() };
        let read = |(number, block): (usize, Result<Vec<u8>, &str>)| {
            let der = block.map_err(|why| broken(number, why))?;
            Self::from_der(&der).map_err(|why| broken(number, &why))
        };
        let all = (1..).zip(pem::certificates(text)).map(read).collect::<Result<Vec<_>, _>>()?;
        match all.is_empty() {
            true => Err(Unreadable::None { labels: pem::labels(text) }),
            false => Ok(all),
        }
    }

    /// The error says why it cannot be read.
    pub fn from_der(der: &[u8]) -> Result<Self, String> {
        let (rest, read) = X509Certificate::from_der(der).map_err(|_| "it is not DER of a certificate")?;
        if !rest.is_empty() {
            return Err(format!("{} bytes follow the certificate", rest.len()));
        }
        if read
            .extensions()
            .iter()
            .any(|it| matches!(it.parsed_extension(), ParsedExtension::ParseError { .. }))
        {
            return Err("one of its extensions is not DER".into());
        }
        Self::of(der, &read).map_err(|error| visible(&error.to_string()).into_owned())
    }

    fn of(der: &[u8], read: &X509Certificate) -> Result<Self, X509Error> {
        let basic = read.basic_constraints()?.map(|it| it.value.clone());
        let uses = read.extended_key_usage()?.map(|it| it.value);
        let usage = read.key_usage()?.map(|it| it.value);
        let names = read.subject_alternative_name()?;
        let spki = read.public_key();
        let key_id = read.iter_extensions().find_map(|it| match it.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        });
        let issuer = read.iter_extensions().find_map(|it| match it.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(id) => Some(id),
            _ => None,
        });
        let digest = BROKEN.iter().find(|(algorithm, _)| read.signature_algorithm.algorithm == *algorithm);
        Ok(Self {
            subject: short(read.subject()),
            issuer: short(read.issuer()),
            common_name: common_name(read.subject()),
            sans: names.map(|it| it.value.general_names.iter().filter_map(san).collect()).unwrap_or_default(),
            not_before: read.validity().not_before.timestamp(),
            not_after: read.validity().not_after.timestamp(),
            sha256: in_pairs(&sha256(der)),
            spki_sha256: sha256(spki.raw),
            is_ca: basic.as_ref().is_some_and(|basic| basic.ca),
            // Without the extension every use is allowed (RFC 5280, section 4.2.1.12).
            server_use: uses.is_none_or(|uses| uses.server_auth),
            client_use: uses.is_none_or(|uses| uses.client_auth),
            der: der.to_vec(),
            details: Details {
                subject: read.subject().as_raw().to_vec(),
                issuer: read.issuer().as_raw().to_vec(),
                spki: spki.raw.to_vec(),
                key_id,
                serial: without_zeros(read.raw_serial()).to_vec(),
                issuer_key_id: issuer.and_then(|it| it.key_identifier.as_ref()).map(|id| id.0.to_vec()),
                issuer_serial: issuer
                    .and_then(|it| it.authority_cert_serial)
                    .map(|it| without_zeros(it).to_vec()),
                rsa_bits: match spki.parsed() {
                    Ok(PublicKey::RSA(key)) => Some(bits(key.modulus)),
                    _ => None,
                },
                broken_digest: digest.map(|(_, name)| *name),
                may_talk: usage.is_none_or(KeyUsage::digital_signature),
                may_issue: usage.is_none_or(KeyUsage::key_cert_sign),
                path_length: basic.and_then(|basic| basic.path_len_constraint),
            },
        })
    }

    /// Whole days until it expires, rounded down: 0 on its last day, negative when it has expired.
    pub fn days_left(&self, now: i64) -> i64 {
        self.not_after.saturating_sub(now).div_euclid(DAY)
    }

    pub fn has_expired(&self, now: i64) -> bool {
        self.not_after < now
    }

    /// Whether it is valid for this name or address.
    pub fn answers_to(&self, wanted: &San) -> bool {
        self.sans.iter().any(|own| own.covers(wanted))
    }

    pub fn pem(&self) -> String {
        pem::written(&self.der)
    }

    /// Whether its issuer has the name that it has itself.
    pub(super) fn names_itself(&self) -> bool {
        self.details.subject == self.details.issuer
    }

    /// Whether this is the name of its issuer.
    pub(super) fn names(&self, issuer: &Self) -> bool {
        self.details.issuer == issuer.details.subject
    }

    /// Whether nothing that it says of its issuer's key and number is said otherwise by this one of that name.
    pub(super) fn may_mean(&self, issuer: &Self) -> bool {
        let (said, own) = (&self.details, &issuer.details);
        let same_key =
            said.issuer_key_id.as_ref().zip(own.key_id.as_ref()).is_none_or(|(said, own)| said == own);
        same_key && said.issuer_serial.as_ref().is_none_or(|said| *said == own.serial)
    }

    /// Whether the issuer's key has signed it. What cannot be computed here counts as signed: the last word speaks of it.
    pub(super) fn is_signed_by(&self, issuer: &Self) -> bool {
        if issuer.has_weak_key() {
            return true;
        }
        let read = (X509Certificate::from_der(&self.der), X509Certificate::from_der(&issuer.der));
        let (Ok((_, own)), Ok((_, issuer))) = read else { return false };
        let verdict = own.verify_signature(Some(issuer.public_key()));
        matches!(verdict, Ok(()) | Err(X509Error::SignatureUnsupportedAlgorithm))
    }

    /// An RSA key that is too short for any TLS library of today.
    pub(super) fn has_weak_key(&self) -> bool {
        self.details.rsa_bits.is_some_and(|bits| bits < 2048)
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl From<Certificate> for String {
    fn from(certificate: Certificate) -> Self {
        certificate.pem()
    }
}

impl TryFrom<String> for Certificate {
    type Error = Unreadable;
    fn try_from(text: String) -> Result<Self, Unreadable> {
        Self::all_in(&text).map(|mut all| all.swap_remove(0))
    }
}

fn san(name: &GeneralName) -> Option<San> {
    match name {
        GeneralName::DNSName(name) => Some(San::Dns((*name).to_ascii_lowercase())),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(San::Ip)
        }
        _ => None,
    }
}

/// A name as people know it: cut to one line that a terminal shows as it is.
fn short(name: &X509Name) -> String {
    const LONGEST: usize = 200;
    let own = name.iter_organization().any(|it| it.as_str() == Ok(ORGANIZATION));
    let only = match name.iter_attributes().count() - usize::from(own) {
        1 => name.iter_common_name().next().and_then(|it| it.as_str().ok()).map(str::to_owned),
        _ => None,
    };
    let text: String = only.unwrap_or_else(|| name.to_string()).chars().take(LONGEST).collect();
    match text.is_empty() {
        true => "(no name)".into(),
        false => visible(&text).into_owned(),
    }
}

fn common_name(subject: &X509Name) -> Option<(usize, String)> {
    let mut all = subject.iter_attributes().enumerate();
    let (before, found) = all.find(|(_, it)| *it.attr_type() == COMMON_NAME)?;
    Some((before, found.as_str().ok()?.to_owned()))
}

/// `aabb…` → `AA:BB:…`.
fn in_pairs(digits: &str) -> String {
    let digits = digits.to_ascii_uppercase();
    let pairs: Vec<_> = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]).collect();
    pairs.join(":")
}

fn without_zeros(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

/// Of a number in big-endian bytes, which may have zeros before it.
fn bits(number: &[u8]) -> usize {
    match without_zeros(number) {
        [] => 0,
        digits @ [first, ..] => digits.len() * 8 - first.leading_zeros() as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_from_the_first_that_is_set() {
        assert_eq!([bits(&[]), bits(&[0, 0]), bits(&[0, 0x80, 0]), bits(&[1, 0])], [0, 0, 16, 9]);
    }

    #[test]
    fn a_text_without_certificates_says_what_it_holds_instead() {
        let error = |text: &str| Certificate::all_in(text).unwrap_err().to_string();
        assert_eq!(error(""), "it holds no certificate, and it is not PEM: no line begins with -----BEGIN");
        let key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
        assert_eq!(error(key), "it holds no certificate, but PRIVATE KEY");
    }

    #[test]
    fn a_broken_block_is_named_by_its_number() {
        let error = |text: &str| Certificate::all_in(text).unwrap_err().to_string();
        let begin = "-----BEGIN CERTIFICATE-----\n";
        assert_eq!(error(begin), "certificate 1 in it cannot be read: its -----END line is missing");
        let noise = format!("{begin}AAAA\n-----END CERTIFICATE-----\n");
        assert_eq!(error(&noise), "certificate 1 in it cannot be read: it is not DER of a certificate");
    }
}
