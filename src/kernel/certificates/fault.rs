//! What can be wrong with certificates and keys.

use super::certificate::Unreadable;
use super::key::KeyError;
use super::san::San;

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
}
