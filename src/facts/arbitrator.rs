//! What one look at an arbitrator's host found.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{ConfigFile, LastView, UnitFacts};

/// The host of a voting member without data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ArbitratorFacts {
    /// `debian 12`.
    pub os: String,
    pub debian_family: bool,
    pub machine_id: String,
    pub host_keys: BTreeSet<String>,
    pub addresses: BTreeSet<IpAddr>,
    /// The installed package's version.
    pub package: Option<String>,
    pub unit: UnitFacts,
    /// Processes of garbd, in the unit or outside.
    pub processes: Vec<u32>,
    /// The running daemon's command line.
    pub arguments: Vec<String>,
    /// How the running daemon calls itself in its group: the first and the fourth part of its UUID.
    pub member: Option<String>,
    pub config: Option<ConfigFile>,
}

impl ArbitratorFacts {
    /// A daemon runs, or may run at any moment.
    pub fn runs(&self) -> bool {
        self.unit.is_up() || !self.processes.is_empty()
    }

    /// The cluster in which the running daemon votes.
    pub fn group(&self) -> Option<&String> {
        self.arguments.iter().skip_while(|word| *word != "-g").nth(1)
    }

    /// In a word or two.
    pub fn state(&self) -> &str {
        match (self.unit.active.as_str(), &self.package) {
            _ if self.unit.is_up() => "running",
            _ if self.runs() => "runs outside its unit",
            (_, None) => "not installed",
            ("failed", _) => "failed",
            _ => "stopped",
        }
    }

    /// Its daemon is in this view; `None` where it does not say how it is called there.
    pub fn is_in(&self, view: &LastView) -> Option<bool> {
        let (first, fourth) = self.member.as_ref()?.split_once('-')?;
        let is_it = |uuid: &String| {
            let mut parts = uuid.split('-');
            parts.next() == Some(first) && parts.nth(2) == Some(fourth)
        };
        Some(view.members.iter().any(is_it))
    }
}
