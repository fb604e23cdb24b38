//! The facts that one scan of an arbitrator's host found.

use serde::{Deserialize, Serialize};

use super::state::ArbitratorState;
use crate::galera::facts::{LastView, Spoken};
use crate::kernel::facts::list;
use crate::kernel::facts::{ConfigFile, Fingerprint, Machine, Malformed, Report, UnitFacts};

/// The host of a voting member without data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ArbitratorFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// The installed package's version.
    pub package: Option<String>,
    pub unit: UnitFacts,
    /// Processes of garbd, in the unit or outside.
    pub processes: Vec<u32>,
    /// The running daemon's command line.
    pub arguments: Vec<String>,
    /// The running daemon's id in its group: the first and the fourth part of its UUID.
    pub member: Option<String>,
    pub config: Option<ConfigFile>,
}

impl ArbitratorFacts {
    /// Reads what `look.sh` found.
    ///
    /// Errors: the report says nothing about the unit.
    pub fn read(report: &Report) -> Result<Self, Malformed> {
        if !report.has("unit") {
            return Err(Malformed("no unit in it"));
        }
        Ok(Self {
            machine: Machine::read(report),
            package: report.packages().pop_first().map(|(_, version)| version),
            unit: UnitFacts::read(report),
            processes: report.pids("processes"),
            arguments: report.lines("arguments").map(str::to_owned).collect(),
            member: report.lines("member").next().map(str::to_owned),
            config: ConfigFile::read(report, str::to_owned),
        })
    }

    /// Those of the facts that decide what a plan does on this host.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        let facts = vec![
            ("packages", list(&self.package, Clone::clone)),
            ("unit", self.unit.in_words()),
            ("state", self.state().to_string()),
            ("arguments", list(&self.arguments, Clone::clone)),
            ("member", self.member.clone().unwrap_or_else(|| "none".into())),
            ("settings", self.config.as_ref().map_or_else(|| "absent".into(), ConfigFile::in_words)),
        ];
        Fingerprint::of(self.machine.fingerprint(), role, facts)
    }

    /// True where a daemon runs, or may be started at any moment.
    pub fn runs(&self) -> bool {
        self.unit.is_up() || !self.processes.is_empty()
    }

    /// The cluster in which the running daemon votes.
    pub fn group(&self) -> Option<&String> {
        self.arguments.iter().skip_while(|word| *word != "-g").nth(1)
    }

    /// The provider options with which the daemon runs.
    pub fn options(&self) -> &str {
        self.arguments.iter().skip_while(|word| *word != "-o").nth(1).map_or("", String::as_str)
    }

    /// How the running daemon speaks with its group.
    pub fn spoken(&self) -> Spoken {
        Spoken::of(self.options())
    }

    pub fn state(&self) -> ArbitratorState {
        match (self.unit.active.as_str(), &self.package) {
            _ if self.unit.is_up() => ArbitratorState::Running,
            _ if self.runs() => ArbitratorState::OutsideItsUnit,
            (_, None) => ArbitratorState::NotInstalled,
            ("failed", _) => ArbitratorState::Failed,
            _ => ArbitratorState::Stopped,
        }
    }

    /// True where its daemon is in this view; `None` where the daemon's id is not known.
    pub fn is_in(&self, view: &LastView) -> Option<bool> {
        let (first, fourth) = self.member.as_ref()?.split_once('-')?;
        let is_it = |uuid: &String| {
            let mut parts = uuid.split('-');
            parts.next() == Some(first) && parts.nth(2) == Some(fourth)
        };
        Some(view.members.iter().any(is_it))
    }
}
