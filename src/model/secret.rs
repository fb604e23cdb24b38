//! Secrets: references that may be shown, values that may not.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What a secret is for. Plans and templates hold this name, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecretName {
    /// The password of the SST account.
    SstPassword,
}

impl SecretName {
    /// Stands in a rendered file where the value goes when the file is written to the host.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::SstPassword => "${secret:sst-password}",
        }
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.placeholder())
    }
}

/// Where a secret's value comes from. The value itself never stands in an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretRef {
    /// An environment variable of galactl's own process.
    Env(String),
    /// A file on the operator's machine; one trailing line break is dropped.
    File(String),
    /// A command run on the operator's machine, as a list of words; its first line of output.
    Command(Vec<String>),
    /// Made by galactl once, and from then on read back from the nodes' configuration.
    Generated,
}

/// The values of the secrets of one run. Its `Debug` output shows none of them.
#[derive(Debug, Default, Clone)]
pub struct Secrets(BTreeMap<SecretName, SecretString>);

impl Secrets {
    pub fn insert(&mut self, name: SecretName, value: String) {
        self.0.insert(name, SecretString::from(value));
    }

    pub fn get(&self, name: SecretName) -> Option<&str> {
        self.0.get(&name).map(ExposeSecret::expose_secret)
    }
}
