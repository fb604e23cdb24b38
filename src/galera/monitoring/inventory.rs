//! The inventory's section `monitoring`: who watches the cluster.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::raw::{RawSecret, RawSsh};
use crate::kernel::inventory::{Login, RawEntry, SshTarget, Values, Written, entry};
use crate::kernel::model::{Address, HostName, NodeName, SecretRef};

/// The name of this role in ids of steps and fingerprints.
pub const ROLE: &str = "prometheus";

/// The port of an Alertmanager, by its own default.
pub const ALERTMANAGER_PORT: u16 = 9093;

/// Who watches the cluster.
#[derive(Debug, Clone)]
pub struct Monitoring {
    /// galactl sets up exporters on the hosts of all members.
    pub exporters: bool,
    /// The addresses from which a Prometheus asks that is not galactl's.
    pub asked_from: Vec<Address>,
    /// The URL to which galactl's Alertmanager sends alerts, where there is one.
    pub webhook: Option<SecretRef>,
    /// The Alertmanager that takes alerts in place of galactl's own.
    pub alertmanager: Option<Alertmanager>,
}

/// An Alertmanager that somebody else runs.
#[derive(Debug, Clone)]
pub struct Alertmanager {
    pub address: Address,
    pub port: u16,
}

/// The host of the Prometheus that galactl sets up, with an Alertmanager beside it.
#[derive(Debug, Clone)]
pub struct Watcher {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
}

entry!(Watcher, ROLE);

/// The section as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMonitoring {
    /// Set up exporters on the hosts of all members: of the servers, of HAProxy, and of the machines. Default: `true`.
    pub exporters: Option<bool>,
    /// A host that becomes a Prometheus with an Alertmanager: with the cluster's rules, and with all exporters as its
    /// targets. Without it, the exporters answer a Prometheus of yours.
    pub prometheus: Option<RawWatcher>,
    /// The addresses from which a Prometheus of yours asks the exporters.
    pub asked_from: Option<Vec<String>>,
    /// Where the Alertmanager sends alerts. Default: nobody is told; its page shows them.
    pub alerts: Option<RawAlerts>,
}

/// Where alerts go.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAlerts {
    /// Where the URL comes from to which alerts are sent by POST: `{env: NAME}`, `{file: PATH}` or
    /// `{command: [PROGRAM, ARG]}`. Whoever knows such a URL can send alerts, so it is a secret.
    pub webhook: Option<RawSecret>,
    /// An Alertmanager of yours, to which Prometheus sends alerts. galactl sets up none then.
    pub alertmanager: Option<RawAlertmanager>,
}

/// An Alertmanager as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAlertmanager {
    /// Where the host of Prometheus reaches it.
    pub address: String,
    /// Default: 9093.
    pub port: Option<u16>,
}

/// The host of a Prometheus as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawWatcher {
    /// What the host is called; no other member has this name.
    pub name: String,
    /// The address from which it asks the exporters.
    pub address: String,
    /// The address at which galactl reaches it. Default: the address.
    pub ssh_address: Option<String>,
    /// Overrides of the ssh section, but not of its files. Default: as `ssh`.
    pub ssh: Option<RawSsh>,
}

/// An inventory has at most one watcher, so it is no list.
impl RawEntry for RawWatcher {
    const LIST: &'static str = "monitoring.prometheus";

    fn stand_at(&mut self, _index: usize) {}

    fn written(&self) -> Written<'_> {
        Written {
            index: 0,
            name: &self.name,
            address: &self.address,
            ssh_address: self.ssh_address.as_deref(),
            ssh: self.ssh.as_ref(),
        }
    }

    fn path(&self) -> String {
        Self::LIST.into()
    }
}

impl RawWatcher {
    pub fn resolved(&self, values: &mut Values, common: &RawSsh) -> Option<Watcher> {
        let Login { name, address, host, ssh } = values.login(self, common)?;
        Some(Watcher { name, address, host, ssh })
    }
}

impl RawMonitoring {
    /// The section with every default applied; what is wrong is noted.
    pub fn resolved(&self, values: &mut Values) -> Monitoring {
        let written = self.asked_from.iter().flatten().enumerate();
        let asked_from: Vec<Address> = written
            .filter_map(|(index, text)| values.parse(text, &format!("monitoring.asked_from[{index}]")))
            .collect();
        let exporters = self.exporters.unwrap_or(true);
        if exporters && self.prometheus.is_none() && self.asked_from.iter().flatten().next().is_none() {
            let message = "nobody is named who asks the exporters";
            let note = Note::error("monitoring-unasked", "monitoring", message).at_key();
            values.notes.push(note.hint(
                "add `prometheus: {name: mon1, address: …}` for a host that galactl sets up, or `asked_from: […]` with \
                 the addresses of your own Prometheus",
            ));
        }
        let alertmanager = self.alertmanager(values);
        Monitoring { exporters, asked_from, webhook: self.webhook(values), alertmanager }
    }

    /// Notes what is wrong with where alerts go.
    fn wrong_way(values: &mut Values, path: &str, message: &str, hint: &str) {
        values.notes.push(Note::error("monitoring-webhook", path, message).hint(hint.to_owned()));
    }

    fn alertmanager(&self, values: &mut Values) -> Option<Alertmanager> {
        let alerts = self.alerts.as_ref()?;
        let raw = alerts.alertmanager.as_ref()?;
        let path = "monitoring.alerts.alertmanager";
        if alerts.webhook.is_some() {
            let message = "an Alertmanager of yours is told itself where alerts go";
            Self::wrong_way(values, path, message, "remove `webhook`, or `alertmanager`");
        }
        if self.prometheus.is_none() {
            let message = "there is no Prometheus of galactl's that could send alerts there";
            Self::wrong_way(values, path, message, "add `monitoring.prometheus`, or remove `alerts`");
        }
        let address = values.parse(&raw.address, &format!("{path}.address"))?;
        Some(Alertmanager { address, port: raw.port.unwrap_or(ALERTMANAGER_PORT) })
    }

    fn webhook(&self, values: &mut Values) -> Option<SecretRef> {
        let raw = self.alerts.as_ref()?.webhook.as_ref()?;
        let path = "monitoring.alerts.webhook";
        if self.prometheus.is_none() {
            let message = "there is no Alertmanager of galactl's that could send alerts there";
            Self::wrong_way(values, path, message, "add `monitoring.prometheus`, or remove `alerts`");
        }
        let reference = values.secret(Some(raw), path)?;
        if reference == SecretRef::Generated {
            let hint = "name where the URL is: `{env: ALERT_WEBHOOK}`";
            Self::wrong_way(values, path, "galactl cannot make up where alerts go", hint);
        }
        Some(reference)
    }
}

/// Why a webhook's URL cannot stand in the Alertmanager's file.
///
/// Errors: in words, without the URL.
pub fn fits(url: &str) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_graphic() && !"\"'\\`<>{}$".contains(c);
    match url.starts_with("http://") || url.starts_with("https://") {
        false => Err("it is no URL that begins with http:// or https://".into()),
        true if !url.chars().all(is_plain) => {
            Err("it has a character that galactl takes in no URL: a blank, a quote, or one of \\`<>{}$"
                .into())
        }
        true => Ok(()),
    }
}
