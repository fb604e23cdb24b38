//! PEM: the text in which certificates and keys are written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const BEGIN: &str = "-----BEGIN ";

/// The DER of every `CERTIFICATE` block, and what ends the reading. Other blocks and text around them are passed over.
pub fn certificates(text: &str) -> impl Iterator<Item = Result<Vec<u8>, &'static str>> {
    let blocks = CertificateDer::pem_slice_iter(text.as_bytes());
    blocks.map(|block| block.map(|der| der.to_vec()).map_err(|error| why(&error)))
}

/// The first private key of the text; `None`: there is none.
pub fn key(text: &str) -> Result<Option<PrivateKeyDer<'static>>, &'static str> {
    match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
        Ok(key) => Ok(Some(key)),
        Err(pem::Error::NoItemsFound) => Ok(None),
        Err(error) => Err(why(&error)),
    }
}

/// Never words of the text, which may be a key.
fn why(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "its -----END line is missing",
        pem::Error::IllegalSectionStart { .. } => "its -----BEGIN line is not whole",
        pem::Error::Base64Decode(_) => "the lines between -----BEGIN and -----END are not base64",
        _ => "it is not PEM",
    }
}

/// What the blocks of a text are called, such as `CERTIFICATE`, each kind once.
pub fn labels(text: &str) -> Vec<String> {
    const LONGEST: usize = 40;
    let plain =
        |label: &&str| label.len() <= LONGEST && label.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
    let label = |line: &'_ str| {
        line.trim().strip_prefix(BEGIN)?.strip_suffix("-----").filter(plain).map(str::to_owned)
    };
    let mut labels: Vec<String> = text.lines().filter_map(label).collect();
    labels.sort();
    labels.dedup();
    labels
}

/// Whether a key of the text needs a passphrase, in either of the two forms.
pub fn is_encrypted(text: &str) -> bool {
    let says = |line: &str| {
        line.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY")
            || line.starts_with("Proc-Type:") && line.contains("ENCRYPTED")
    };
    text.lines().any(|line| says(line.trim()))
}

/// A certificate's DER as PEM.
pub fn written(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    // Base64 is ASCII, so every place is between two characters.
    for from in (0..base64.len()).step_by(64) {
        text += &base64[from..base64.len().min(from + 64)];
        text.push('\n');
    }
    text + "-----END CERTIFICATE-----\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = format!("bag attributes\n{}\n# and\r\n{}", written(&[7; 100]), written(b"x"));
        let read: Vec<_> = certificates(&text).collect();
        assert_eq!(read, [Ok(vec![7; 100]), Ok(b"x".to_vec())]);
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(labels(&text), ["CERTIFICATE"]);
    }

    #[test]
    fn both_forms_of_an_encrypted_key_are_seen() {
        assert!(is_encrypted("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        assert!(is_encrypted("-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n"));
        assert!(!is_encrypted("-----BEGIN PRIVATE KEY-----\n"));
    }
}
