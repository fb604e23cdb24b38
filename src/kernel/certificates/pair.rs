//! A certificate and its private key.

use secrecy::SecretString;

/// What stands in the two files of a server, or of a certificate authority. Its `Debug` output shows no key.
#[derive(Debug, Clone)]
pub struct Pair {
    /// PEM: the certificate, and behind it those that lead from it to an authority that others trust.
    pub certificate: String,
    /// PEM: the private key of the first certificate.
    pub key: SecretString,
}
