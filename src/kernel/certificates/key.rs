//! A private key, and whose it is.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::ring::sign::{RsaSigningKey, any_supported_type};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use secrecy::{ExposeSecret as _, SecretString};

use super::certificate::{Certificate, none_of};
use super::pem;
use crate::kernel::model::sha256;

/// A private key that can be used: RSA of 2048 to 4096 bits, ECDSA P-256 or P-384, or Ed25519. Neither `Debug` nor
/// any error shows it.
#[derive(Clone)]
pub struct Key {
    pub(super) signer: Arc<dyn SigningKey>,
    /// SubjectPublicKeyInfo.
    pub(super) spki: Vec<u8>,
}

/// Why a text holds no key that can be used. Nothing of the text stands in it but the names of its blocks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("{}", none_of("private key", labels))]
    None {
        /// What the blocks of the text are called.
        labels: Vec<String>,
    },
    #[error("its private key is encrypted, and there is nobody who could type its passphrase")]
    Encrypted,
    #[error("its private key cannot be read: {0}")]
    Broken(&'static str),
    #[error("its private key is an RSA key of less than 2048 bits")]
    Weak,
    #[error(
        "its private key is damaged, or none of RSA of 2048 to 4096 bits, ECDSA P-256 or P-384, and Ed25519"
    )]
    Unsupported,
}

impl Key {
    /// Reads PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) and SEC1 (`EC PRIVATE KEY`).
    pub fn read(text: &SecretString) -> Result<Self, KeyError> {
        let text = text.expose_secret();
        if pem::is_encrypted(text) {
            return Err(KeyError::Encrypted);
        }
        let der = pem::key(text).map_err(KeyError::Broken)?;
        let der = der.ok_or_else(|| KeyError::None { labels: pem::labels(text) })?;
        let signer = any_supported_type(&der).map_err(|_| why_not(&der))?;
        let spki = signer.public_key().ok_or(KeyError::Unsupported)?.to_vec();
        Ok(Self { signer, spki })
    }

    /// As [`Certificate::spki_sha256`].
    pub fn spki_sha256(&self) -> String {
        sha256(&self.spki)
    }

    /// Whether it is the private key of this certificate.
    pub fn fits(&self, certificate: &Certificate) -> bool {
        self.spki == certificate.details.spki
    }
}

/// Why no signer could be made of it. Only the reader of RSA keys tells, and only in words.
fn why_not(der: &PrivateKeyDer) -> KeyError {
    let refused = RsaSigningKey::new(der).err().map(|error| error.to_string());
    match refused.is_some_and(|why| why.contains("TooSmall")) {
        true => KeyError::Weak,
        false => KeyError::Unsupported,
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("spki_sha256", &self.spki_sha256()).finish_non_exhaustive()
    }
}
