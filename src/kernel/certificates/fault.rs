//! What can be wrong with certificates and keys, and what to do about it. All such texts are here.

use std::fmt;

use super::certificate::{Unreadable, none_of};
use super::key::KeyError;
use super::moment::moment;
use super::san::San;
use crate::kernel::model::words::{names, span};

/// In which text a fault is. Whoever asked knows where it is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// The certificate of a host, and behind it those that lead to the authority.
    Certificate,
    /// The private key of that certificate.
    Key,
    /// The certificate of the authority, or of several.
    Ca,
    /// The private key of the authority.
    CaKey,
}

/// One thing that is wrong. `Display` says what, in a sentence that may follow the file's name and a colon.
///
/// `subject`: of the certificate that it is about. Moments are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No certificate, or one that cannot be read.
    Unreadable {
        file: File,
        why: Unreadable,
    },
    /// No key, or one that cannot be used.
    Key {
        file: File,
        why: KeyError,
    },
    /// `of`: of another certificate that was given, whose key it is.
    KeyOfAnother {
        file: File,
        subject: String,
        of: Option<String>,
    },
    /// `number`: where the certificate stands whose key was given, or which is none of an authority. The first is 1.
    NotFirst {
        subject: String,
        number: usize,
        first: String,
    },
    /// An authority's certificate stands where a host's should.
    CaInsteadOfLeaf {
        subject: String,
    },
    Expired {
        file: File,
        subject: String,
        ended: i64,
        now: i64,
    },
    NotYetValid {
        file: File,
        subject: String,
        begins: i64,
        now: i64,
    },
    LacksNames {
        subject: String,
        missing: Vec<San>,
        has: Vec<San>,
    },
    NoServerUse {
        subject: String,
    },
    NoClientUse {
        subject: String,
    },
    /// Its key usage lacks digital signatures, with which TLS proves who speaks.
    NoSignatures {
        subject: String,
    },
    SelfSigned {
        subject: String,
        authorities: Vec<String>,
    },
    /// Nobody who was given has the issuer's name.
    IssuerMissing {
        subject: String,
        issuer: String,
        authorities: Vec<String>,
    },
    /// Somebody has the issuer's name, and another key than that which signed.
    OtherIssuer {
        file: File,
        subject: String,
        issuer: String,
    },
    /// It has the name of an issuer and another key, and what was issued does not say which key it means.
    Namesake {
        file: File,
        subject: String,
    },
    /// The way ends at a root that the authority's file does not have.
    OtherRoot {
        root: String,
        authorities: Vec<String>,
    },
    /// The authority's file has intermediates without their root.
    NoRoot {
        subject: String,
        issuer: String,
    },
    /// No certificate of an authority, where one should be.
    NoCa {
        file: File,
        subject: String,
    },
    /// Its key usage lacks the signing of certificates.
    MayNotIssue {
        file: File,
        subject: String,
    },
    /// `allowed`: how many authorities may stand below this one; there are `below`.
    TooManyBelow {
        file: File,
        subject: String,
        allowed: u32,
        below: usize,
    },
    WeakKey {
        file: File,
        subject: String,
        bits: usize,
    },
    WeakSignature {
        file: File,
        subject: String,
        digest: &'static str,
    },
    /// What a TLS library says of all of it, where nothing else is known to be wrong.
    Refused {
        why: String,
    },
    /// `mode`: the permissions of a private key's file.
    OpenToOthers {
        file: File,
        mode: u32,
    },
}

impl Fault {
    /// Where it is.
    pub fn file(&self) -> File {
        match self {
            Self::Unreadable { file, .. }
            | Self::Key { file, .. }
            | Self::KeyOfAnother { file, .. }
            | Self::Expired { file, .. }
            | Self::NotYetValid { file, .. }
            | Self::OtherIssuer { file, .. }
            | Self::Namesake { file, .. }
            | Self::NoCa { file, .. }
            | Self::MayNotIssue { file, .. }
            | Self::TooManyBelow { file, .. }
            | Self::WeakKey { file, .. }
            | Self::WeakSignature { file, .. }
            | Self::OpenToOthers { file, .. } => *file,
            Self::NoRoot { .. } => File::Ca,
            Self::NotFirst { .. }
            | Self::CaInsteadOfLeaf { .. }
            | Self::LacksNames { .. }
            | Self::NoServerUse { .. }
            | Self::NoClientUse { .. }
            | Self::NoSignatures { .. }
            | Self::SelfSigned { .. }
            | Self::IssuerMissing { .. }
            | Self::OtherRoot { .. }
            | Self::Refused { .. } => File::Certificate,
        }
    }

    /// What to do about it. `path`: how each of the files is named on a command line.
    #[allow(clippy::too_many_lines, reason = "a table of sentences")]
    pub fn remedy(&self, path: &dyn Fn(File) -> String) -> String {
        let own = path(self.file());
        match self {
            Self::Unreadable { why: Unreadable::None { .. }, .. } => format!(
                "put the certificate into {own} as PEM; a DER file becomes PEM by: openssl x509 -inform der -in {own} -out {own}.pem"
            ),
            Self::Unreadable { .. } => format!(
                "copy it into {own} once more, from whoever issued it; this reads it: openssl x509 -in {own} -noout -text"
            ),
            Self::Key { why, .. } => key_remedy(why, &own),
            Self::KeyOfAnother { .. } => format!(
                "put the private key of that certificate into {own}, or have a certificate issued for the key that is there"
            ),
            Self::NotFirst { .. } => {
                format!(
                    "order {own}: the host's certificate first, then its issuer's, then that one's issuer's"
                )
            }
            Self::CaInsteadOfLeaf { .. } => {
                format!("put the certificate into {own} that was issued for the host")
            }
            Self::Expired { file: File::Ca, .. } | Self::NotYetValid { file: File::Ca, .. } => format!(
                "put a certificate of the CA into {own} that is valid now, and see that the hosts' certificates lead to it"
            ),
            Self::Expired { .. } | Self::NotYetValid { .. } => format!(
                "have it issued again, and put it into {own}; if its dates are right, correct this machine's clock"
            ),
            Self::LacksNames { missing, .. } => format!(
                "have the certificate in {own} issued again, with {} among its subject alternative names",
                names(missing, "and")
            ),
            Self::NoServerUse { .. } | Self::NoClientUse { .. } => format!(
                "have the certificate in {own} issued again with the extended key usages serverAuth and clientAuth: a node is a server to some and a client to others"
            ),
            Self::NoSignatures { .. } => {
                format!("have the certificate in {own} issued again with the key usage digitalSignature")
            }
            Self::SelfSigned { .. } => {
                format!(
                    "have a certificate for the same key issued by the CA in {}, and put it into {own}",
                    path(File::Ca)
                )
            }
            Self::IssuerMissing { issuer, .. } => format!(
                "if `{issuer}` is an intermediate below that CA, append its certificate to {own}; otherwise put the CA that issued it into {}",
                path(File::Ca)
            ),
            Self::OtherIssuer { issuer, .. } => format!(
                "put the certificate of the `{issuer}` that did sign it into {}, or have it issued again by the one that is there",
                path(File::Ca)
            ),
            Self::Namesake { subject, .. } => format!(
                "have the certificates issued again with an authority key identifier, or leave one of those of `{subject}` out of {own}"
            ),
            Self::OtherRoot { root, .. } => format!(
                "put the certificate of `{root}` into {}, or have the certificate issued again by the CA that is there",
                path(File::Ca)
            ),
            Self::NoRoot { issuer, .. } => {
                format!("append the certificate of `{issuer}`, and so on up to the root, to {own}")
            }
            Self::NoCa { .. } | Self::MayNotIssue { .. } => format!(
                "put the certificate of a CA in its place in {own}. This shows CA:TRUE for such a one, and Certificate Sign where it has Key Usage at all: openssl x509 -in {own} -noout -text"
            ),
            Self::TooManyBelow { .. } => {
                "have the host's certificate issued by a CA with fewer intermediates above it, or without"
                    .into()
            }
            Self::WeakKey { .. } => format!(
                "make a new key, have a certificate issued for it, and replace both: {}",
                new_key(&path(File::Key))
            ),
            Self::WeakSignature { .. } => format!("have the certificate in {own} issued again with SHA-256"),
            Self::Refused { .. } => format!(
                "have it issued again without that; this may say more: openssl verify -CAfile {} -untrusted {own} {own}",
                path(File::Ca)
            ),
            Self::OpenToOthers { .. } => format!("chmod 600 {own}"),
        }
    }
}

fn key_remedy(why: &KeyError, own: &str) -> String {
    match why {
        KeyError::None { .. } => format!("put the private key into {own} as PEM"),
        KeyError::Encrypted => format!(
            "write it without a passphrase, readable by you only, and give that file instead: (umask 077; openssl pkey -in {own} -out {own}.plain)"
        ),
        KeyError::Broken(_) => format!("copy the private key into {own} once more, whole"),
        KeyError::Weak => {
            format!("make a new key, and have a certificate issued for it: {}", new_key(own))
        }
        KeyError::Unsupported => format!(
            "this shows whether it is whole: openssl pkey -in {own} -noout -check; if it is, make a key of one of these kinds, and have a certificate issued for it: {}",
            new_key(own)
        ),
    }
}

/// `key`: beside which file it is written.
fn new_key(key: &str) -> String {
    format!("(umask 077; openssl ecparam -name prime256v1 -genkey -noout -out {key}.new)")
}

impl fmt::Display for Fault {
    #[allow(clippy::too_many_lines, reason = "a table of sentences")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { why: Unreadable::None { labels }, .. } => {
                f.write_str(&none_of("certificate", labels))
            }
            Self::Unreadable { why, .. } => write!(f, "{why}"),
            Self::Key { why, .. } => write!(f, "{why}"),
            Self::KeyOfAnother { subject, of: Some(of), .. } => {
                write!(f, "its private key is that of `{of}`, not that of `{subject}`")
            }
            Self::KeyOfAnother { subject, of: None, .. } => {
                write!(f, "its private key is not that of the certificate of `{subject}`")
            }
            Self::NotFirst { subject, number, first } => write!(
                f,
                "the certificate of `{subject}` is number {number} in it, and must be the first; the first is that of `{first}`"
            ),
            Self::CaInsteadOfLeaf { subject } => {
                write!(f, "the certificate of `{subject}` is that of a CA, not that of a host")
            }
            Self::Expired { subject, ended, now, .. } => write!(
                f,
                "the certificate of `{subject}` expired on {}, {} ago; now it is {}",
                moment(*ended),
                span(now.abs_diff(*ended)),
                moment(*now)
            ),
            Self::NotYetValid { subject, begins, now, .. } => write!(
                f,
                "the certificate of `{subject}` is valid from {} on, in {}; now it is {}",
                moment(*begins),
                span(begins.abs_diff(*now)),
                moment(*now)
            ),
            Self::LacksNames { subject, missing, has } => {
                write!(f, "the certificate of `{subject}` is not valid for {}; ", names(missing, "or"))?;
                match has.is_empty() {
                    true => write!(f, "it has no subject alternative names"),
                    false => write!(f, "it is valid for {}", few(has)),
                }
            }
            Self::NoServerUse { subject } => {
                write!(
                    f,
                    "the certificate of `{subject}` may not be a server's: its extended key usage lacks serverAuth"
                )
            }
            Self::NoClientUse { subject } => {
                write!(
                    f,
                    "the certificate of `{subject}` may not be a client's: its extended key usage lacks clientAuth"
                )
            }
            Self::NoSignatures { subject } => write!(
                f,
                "the certificate of `{subject}` may not prove who speaks: its key usage lacks digitalSignature"
            ),
            Self::SelfSigned { subject, authorities } => write!(
                f,
                "the certificate of `{subject}` is signed by itself, not by {}",
                quoted(authorities)
            ),
            Self::IssuerMissing { subject, issuer, authorities } => write!(
                f,
                "the certificate of `{subject}` was issued by `{issuer}`, which is neither in it nor the CA that was given: {}",
                quoted(authorities)
            ),
            Self::OtherIssuer { subject, issuer, .. } => write!(
                f,
                "the certificate of `{subject}` was issued by another `{issuer}` than the one that was given: its key did not sign it"
            ),
            Self::Namesake { subject, .. } => write!(
                f,
                "there are certificates of `{subject}` with different keys, and what they issued does not say by an authority key identifier which key is meant: a TLS library may take the wrong one"
            ),
            Self::OtherRoot { root, authorities } => write!(
                f,
                "its certificates lead to the root `{root}`, not to the CA that was given: {}",
                quoted(authorities)
            ),
            Self::NoRoot { subject, issuer } => write!(
                f,
                "`{subject}` was issued by `{issuer}`, whose certificate is not in it: servers want the whole way up to a root, which signs itself"
            ),
            Self::NoCa { subject, .. } => {
                write!(f, "the certificate of `{subject}` is not that of a CA: it does not say CA:TRUE")
            }
            Self::MayNotIssue { subject, .. } => {
                write!(
                    f,
                    "the certificate of `{subject}` may not issue others: its key usage lacks keyCertSign"
                )
            }
            Self::TooManyBelow { subject, allowed, below, .. } => write!(
                f,
                "the certificate of `{subject}` allows {allowed} CAs below it, and there are {below}"
            ),
            Self::WeakKey { subject, bits, .. } => write!(
                f,
                "the key of `{subject}` is RSA with {bits} bits, and TLS libraries refuse less than 2048"
            ),
            Self::WeakSignature { subject, digest, .. } => {
                write!(
                    f,
                    "the certificate of `{subject}` is signed with {digest}, which TLS libraries refuse"
                )
            }
            Self::Refused { why } => write!(f, "a TLS library refuses the certificate: {why}"),
            Self::OpenToOthers { mode, .. } => write!(
                f,
                "its mode is {:04o}, so others than its owner can read or change the private key",
                mode & 0o7777
            ),
        }
    }
}

/// The first of them.
fn few(all: &[San]) -> String {
    const MOST: usize = 10;
    let shown = names(&all[..all.len().min(MOST)], if all.len() > MOST { "," } else { "and" });
    match all.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{} and {more} more", shown.replace(" , ", ", ")),
    }
}

fn quoted(subjects: &[String]) -> String {
    let quoted: Vec<_> = subjects.iter().map(|subject| format!("`{subject}`")).collect();
    names(&quoted, "and")
}
