//! What only an adoption asks of a host.

use std::collections::BTreeSet;

/// What is around a running server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The unit in which it runs, without its suffix.
    pub unit: Option<String>,
    /// Names and values in files that are as their package has them, so that every other host has
    /// them, too.
    pub packaged: BTreeSet<(String, String)>,
    /// PEM text of the certificates that it trusts, where they are in galactl's file.
    pub trusted: Option<String>,
    /// The comments before the certificate in galactl's file of its certificate and key.
    pub certificate: String,
}
