//! The inventory's section `tls`, and the certificates that members bring along.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::certificates::Certificate;
use crate::kernel::inventory::Values;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::raw::RawSecret;
use crate::kernel::model::{NodeName, SecretRef};

/// What galactl calls the files of a CA that it makes, beside the inventory.
pub const OWN_CA: (&str, &str) = ("galactl-ca.pem", "galactl-ca.key");
/// The longest that browsers and others take a certificate for; long enough, and short enough to be practised.
const VALID_DAYS: u32 = 397;
const RENEW_BEFORE_DAYS: u32 = 30;
/// Days: what is valid for less would be due at once.
const SHORTEST: u32 = 2;
const LONGEST: u32 = 36_500;

/// Whether clients may, or must, speak TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Clients {
    /// galactl sets nothing: MariaDB 11.4 and later offer TLS with a certificate of their own making.
    Off,
    /// Clients may speak TLS.
    #[default]
    Offered,
    /// Clients that come over the network must speak TLS; the unix socket stays open to local ones.
    Required,
}

/// What is encrypted, and with whose certificates.
#[derive(Debug, Clone)]
pub struct Tls {
    pub ca: Ca,
    /// Group communication and IST.
    pub replication: bool,
    /// SST.
    pub transfer: bool,
    pub clients: Clients,
    /// For how long the certificates are valid that galactl issues.
    pub valid_days: u32,
    /// With fewer days left, a certificate is to be renewed.
    pub renew_before_days: u32,
    /// Certificates that members bring along: files on the operator's machine.
    pub own: BTreeMap<NodeName, Files>,
    /// What those files hold; empty where they were not read.
    pub material: Material,
}

/// Who issues the certificates, and whom all trust. Paths are relative to the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ca {
    pub certificate: String,
    /// `None`: certificates come from elsewhere.
    pub key: Option<SecretRef>,
    /// galactl makes the CA where there is none yet.
    pub generate: bool,
}

/// A certificate with its chain, and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    pub certificate: String,
    pub key: SecretRef,
    /// Where the entry stands in the inventory: `nodes[0].tls`.
    pub place: String,
}

/// What the operator's files hold. No key is in it.
#[derive(Debug, Clone, Default)]
pub struct Material {
    /// PEM text of the CA's certificates. `None`: there are none, or they cannot be read.
    pub ca: Option<String>,
    /// Of these the one whose key is here, which issues certificates.
    pub issuer: Option<Certificate>,
    /// PEM texts of certificates with their chains that members bring along.
    pub own: BTreeMap<NodeName, String>,
    /// Why no certificate can be issued.
    pub cannot_issue: Option<String>,
    /// Why others would turn away what the CA issues for these members; empty where nothing was issued.
    pub refused: BTreeMap<NodeName, String>,
    /// Why the keys of members cannot be given to them that bring their certificates along.
    pub no_key: BTreeMap<NodeName, String>,
    /// How many things are wrong with them.
    pub faults: usize,
    /// By the operator's clock, in seconds since 1970; 0: nothing was read.
    pub read_at: i64,
}

/// The section as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTls {
    /// Who issues the certificates: `{generate: true}`, a CA that galactl makes beside the inventory; or
    /// `{certificate: FILE, key: {file: FILE}}`, your own; or `{certificate: FILE}` alone, where each node and arbitrator
    /// brings a certificate along.
    pub ca: RawCa,
    /// Encrypt group communication and IST. Default: `true`.
    pub replication: Option<bool>,
    /// Encrypt state transfers (SST). Default: `true`.
    pub transfer: Option<bool>,
    /// `off`, `offered`, or `required`: clients that come over the network must speak TLS. Default: `offered`.
    pub clients: Option<Clients>,
    /// For how many days the certificates are valid that galactl issues. Default: 397.
    #[schemars(range(min = 2, max = 36500))]
    pub valid_days: Option<u32>,
    /// With so many days left, a certificate is renewed. Default: 30.
    #[schemars(range(min = 1, max = 36500))]
    pub renew_before_days: Option<u32>,
}

/// A certification authority as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCa {
    /// `true`: galactl makes it once, and never again where a host has a certificate of it.
    pub generate: Option<bool>,
    /// Its certificate (PEM), relative to the inventory. Default with `generate`: `galactl-ca.pem`.
    pub certificate: Option<String>,
    /// Where its key comes from: `{env: NAME}`, `{file: PATH}` or `{command: [PROGRAM, ARG]}`. Default with `generate`:
    /// `{file: galactl-ca.key}`.
    pub key: Option<RawSecret>,
}

/// A member's own certificate as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCertificate {
    /// Its certificate (PEM), with the chain behind it, relative to the inventory.
    pub certificate: String,
    /// Where its key comes from: `{env: NAME}`, `{file: PATH}` or `{command: [PROGRAM, ARG]}`.
    pub key: RawSecret,
}

impl RawTls {
    /// The section with every default applied; what is wrong with it is noted.
    pub fn resolved(&self, values: &mut Values) -> Option<Tls> {
        let ca = self.ca.resolved(values);
        let valid_days = days(self.valid_days.unwrap_or(VALID_DAYS), SHORTEST, "valid_days", values);
        let usual = RENEW_BEFORE_DAYS.min(valid_days.unwrap_or(VALID_DAYS).div_ceil(3));
        let renew_before_days = days(self.renew_before_days.unwrap_or(usual), 1, "renew_before_days", values);
        if let Some((valid, renew)) =
            valid_days.zip(renew_before_days).filter(|(valid, renew)| renew >= valid)
        {
            let message = format!(
                "with {renew} days left, a certificate of {valid} days is due at once, and again at each run"
            );
            let note = Note::error("tls-days", "tls.renew_before_days", message);
            values.notes.push(note.hint("renew_before_days is less than valid_days"));
        }
        if self.replication == Some(false)
            && self.transfer == Some(false)
            && self.clients == Some(Clients::Off)
        {
            let note = Note::warning(
                "tls-nothing",
                "tls",
                "the section encrypts nothing: `replication` and `transfer` are false, and `clients` is off",
            );
            values.notes.push(note.at_key().hint("switch one of them on, or leave the section out"));
        }
        Some(Tls {
            ca: ca?,
            replication: self.replication.unwrap_or(true),
            transfer: self.transfer.unwrap_or(true),
            clients: self.clients.unwrap_or_default(),
            valid_days: valid_days.unwrap_or(VALID_DAYS),
            renew_before_days: renew_before_days.unwrap_or(usual),
            own: BTreeMap::new(),
            material: Material::default(),
        })
    }
}

impl RawCa {
    fn resolved(&self, values: &mut Values) -> Option<Ca> {
        let generate = self.generate.unwrap_or(false);
        let key = match &self.key {
            Some(key) => Some(key_source(key, "tls.ca.key", values)?),
            None => generate.then(|| SecretRef::File(OWN_CA.1.into())),
        };
        if generate && !matches!(key, Some(SecretRef::File(_))) {
            let note = Note::error("tls-ca", "tls.ca.key", "galactl can write a new key only into a file");
            values
                .notes
                .push(note.hint("`key: {file: PATH}`, or make the CA yourself and leave `generate` out"));
            return None;
        }
        let certificate = match (&self.certificate, generate) {
            (Some(certificate), _) => certificate.clone(),
            (None, true) => OWN_CA.0.into(),
            (None, false) => {
                let note = Note::error("tls-ca", "tls.ca", "nobody issues certificates");
                let hint = "`{generate: true}`; or `{certificate: ca.pem, key: {file: ca.key}}`, your own CA";
                values.notes.push(note.hint(hint));
                return None;
            }
        };
        Some(Ca { certificate, key, generate })
    }
}

impl RawCertificate {
    /// A member's files; what is wrong is noted at `path`, the entry's own.
    pub fn resolved(&self, path: &str, values: &mut Values) -> Option<Files> {
        let place = format!("{path}.tls");
        let key = key_source(&self.key, &format!("{place}.key"), values)?;
        Some(Files { certificate: self.certificate.clone(), key, place })
    }
}

/// A number of days, if it is one; otherwise that is noted.
fn days(given: u32, least: u32, field: &str, values: &mut Values) -> Option<u32> {
    let is_one = (least..=LONGEST).contains(&given);
    if !is_one {
        let message = format!("`{given}` is no number of days from {least} to {LONGEST}");
        values.notes.push(Note::error("tls-days", format!("tls.{field}"), message));
    }
    is_one.then_some(given)
}

/// A key that a certificate has already cannot be made anew.
fn key_source(raw: &RawSecret, path: &str, values: &mut Values) -> Option<SecretRef> {
    match values.secret(Some(raw), path)? {
        SecretRef::Generated => {
            let note = Note::error("secret", path, "a key belongs to its certificate, and is not made anew")
                .at_key();
            let hint =
                "say where it comes from: `{env: NAME}`, `{file: PATH}` or `{command: [PROGRAM, ARG]}`";
            values.notes.push(note.hint(hint));
            None
        }
        known => Some(known),
    }
}
