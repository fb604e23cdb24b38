//! What to do about each fault.

use super::certificate::Unreadable;
use super::fault::{Fault, File};
use super::key::KeyError;
use crate::kernel::model::words::names;

impl Fault {
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
