//! The facts that one scan of a member's certificates found.

use serde::{Deserialize, Serialize};

use crate::kernel::facts::{ConfigFile, Fingerprint, Machine, Malformed, Report};
use crate::kernel::model::sha256;

/// A member's certificates. No key is among them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TlsFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// The file of certificates that it trusts.
    pub ca: Option<ConfigFile>,
    /// The file of its certificate and key; of its text, only the certificates.
    pub pair: Option<ConfigFile>,
    /// The option files encrypt group communication with files that are not galactl's.
    pub elsewhere: Option<Elsewhere>,
    /// The digest of the public key that belongs to the private one: SHA-256 of its DER, hexadecimal. `None`: it was
    /// not read.
    pub key: Option<String>,
    /// The program `openssl` is there.
    pub openssl: bool,
    /// Who runs the unit; empty: root, or the unit is not there.
    pub user: String,
    /// The running program was started, and told to load its files, before they were written.
    pub stale: bool,
    /// PEM text of what is served for group communication, the member's own certificate first. `None`: nobody asked, or
    /// there was no answer.
    pub served_group: Option<String>,
    /// The same for clients.
    pub served_clients: Option<String>,
}

/// Files of somebody else with which a member encrypts: PEM texts of certificates, and no key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// Where the certificates are that it trusts.
    pub ca_file: String,
    pub ca: String,
    /// Its own certificate, with its chain.
    pub pair: String,
}

impl Elsewhere {
    fn in_words(&self) -> String {
        sha256(format!("{}{}", self.ca, self.pair))
    }
}

impl TlsFacts {
    /// Reads what `look.sh` found.
    ///
    /// Errors: the report breaks off before its end.
    pub fn read(report: &Report) -> Result<Self, Malformed> {
        if !report.has("told") {
            return Err(Malformed("no word of its certificates in it"));
        }
        let mut told = report.pairs("told");
        let served =
            |section| report.section(section).filter(|text| !text.trim().is_empty()).map(str::to_owned);
        Ok(Self {
            machine: Machine::read(report),
            ca: ConfigFile::of(report, "ca", str::to_owned),
            pair: ConfigFile::of(report, "pair", str::to_owned),
            elsewhere: report.section("other_pair").map(|pair| Elsewhere {
                ca_file: told.remove("other_ca").unwrap_or_default(),
                ca: report.text("other_ca").to_owned(),
                pair: pair.to_owned(),
            }),
            key: told.remove("key"),
            openssl: told.contains_key("openssl"),
            user: told.remove("user").unwrap_or_default(),
            stale: told.contains_key("stale"),
            served_group: served("served_group"),
            served_clients: served("served_clients"),
        })
    }

    /// Those of the facts that decide what a plan does with this member.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        let file =
            |file: &Option<ConfigFile>| file.as_ref().map_or_else(|| "absent".into(), ConfigFile::in_words);
        let facts = vec![
            ("trusted certificates", file(&self.ca)),
            ("certificate", file(&self.pair)),
            ("loaded", (!self.stale).to_string()),
            (
                "certificates of somebody else",
                self.elsewhere.as_ref().map_or_else(|| "none".into(), Elsewhere::in_words),
            ),
        ];
        Fingerprint::of(self.machine.fingerprint(), role, facts)
    }
}
