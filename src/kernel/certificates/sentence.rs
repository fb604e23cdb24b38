//! What each fault is, in words.

use std::fmt;

use super::certificate::{Unreadable, none_of};
use super::fault::Fault;
use super::moment::moment;
use super::san::San;
use crate::kernel::model::words::{names, span};

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
