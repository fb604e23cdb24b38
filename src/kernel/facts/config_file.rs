//! A file of settings on a host.

use serde::{Deserialize, Serialize};

use super::Report;
use super::fingerprint::beginning;
use crate::kernel::model::sha256;

/// A file of settings on a host, its secrets already replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigFile {
    /// Octal permissions, such as `640`.
    pub mode: String,
    pub owner: String,
    pub group: String,
    pub text: String,
}

impl ConfigFile {
    /// Reads the sections `config_mode` and `config`; `shown` replaces the secrets in the text. `None`:
    /// there is no such file.
    pub fn read(report: &Report, shown: impl Fn(&str) -> String) -> Option<Self> {
        Self::of(report, "config", shown)
    }

    /// Reads a file's section, and the section of this name with `_mode` behind it, where a role has several
    /// files.
    pub fn of(report: &Report, section: &str, shown: impl Fn(&str) -> String) -> Option<Self> {
        let mode = format!("{section}_mode");
        let mut words = report.text(&mode).split_whitespace();
        Some(Self {
            text: shown(report.section(section)?),
            mode: words.next()?.to_owned(),
            owner: words.next()?.to_owned(),
            group: words.next()?.to_owned(),
        })
    }

    /// The file's attributes and the beginning of its text's digest.
    pub fn in_words(&self) -> String {
        format!("{} {}:{} sha256 {}", self.mode, self.owner, self.group, beginning(&sha256(&self.text)))
    }
}
