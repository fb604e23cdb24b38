//! The machine itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Report;
use super::fingerprint::{beginning, list};
use crate::kernel::model::sha256;

/// What a host is, apart from what runs on it. It is observed once per host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// `ID` and `VERSION_ID` of os-release, such as `debian 12`.
    pub os: String,
    /// By `ID` and `ID_LIKE` of os-release, the system has apt and dpkg.
    pub debian_family: bool,
    pub arch: String,
    /// Bytes of main memory; 0 where the host does not say.
    pub memory: u64,
    pub systemd: Option<u32>,
    pub selinux_enforcing: bool,
    pub machine_id: String,
    /// Type and key of each SSH host key, as the host itself has them.
    pub host_keys: BTreeSet<String>,
    /// The host's own IP addresses.
    pub addresses: BTreeSet<IpAddr>,
    /// Seconds since the epoch, as the host sees it.
    pub clock: f64,
}

impl Machine {
    /// Reads what `machine.sh` prints. What is not told is empty, 0 or false.
    pub fn read(report: &Report) -> Self {
        let os = report.pairs("os");
        let machine = report.pairs("machine");
        let word = |map: &BTreeMap<String, String>, key: &str| map.get(key).cloned().unwrap_or_default();
        let family = format!("{} {}", word(&os, "ID"), word(&os, "ID_LIKE"));
        let addresses = report.lines("machine").filter_map(|line| line.strip_prefix("address="));
        Self {
            os: format!("{} {}", word(&os, "ID"), word(&os, "VERSION_ID")).trim().to_owned(),
            debian_family: family.split_whitespace().any(|id| id == "debian"),
            arch: word(&machine, "arch"),
            memory: word(&machine, "memory_kib").parse().map_or(0, |kib: u64| kib.saturating_mul(1024)),
            systemd: word(&machine, "systemd").parse().ok(),
            selinux_enforcing: word(&machine, "selinux") == "1",
            machine_id: word(&machine, "machine_id"),
            host_keys: report.lines("host_keys").map(str::to_owned).collect(),
            addresses: addresses.filter_map(|address| address.parse().ok()).collect(),
            clock: clock(&word(&machine, "clock")),
        }
    }

    /// The facts that decide what a plan does there.
    pub fn fingerprint(&self) -> Vec<(&'static str, String)> {
        vec![
            ("host key", list(&self.host_keys, |key| beginning(&sha256(key)))),
            ("machine id", self.machine_id.clone()),
            ("system", format!("{} {}", self.os, self.arch).trim().to_owned()),
        ]
    }

    /// Cloned machines may share a machine id, and hosts may share an address (a virtual one); both
    /// together are one machine.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let told = !self.machine_id.is_empty() && !self.addresses.is_empty();
        told && self.machine_id == other.machine_id && self.addresses == other.addresses
    }
}

/// Seconds since 1970; 0 where the host does not tell. JSON has no word for infinity, and a bundle
/// could not be read again.
fn clock(text: &str) -> f64 {
    text.parse().ok().filter(|seconds: &f64| seconds.is_finite()).unwrap_or_default()
}
