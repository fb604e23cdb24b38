//! What one look at a proxy's host found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::OURS;
use super::inventory::Kind;
use super::opinion::Opinion;
use super::program::File;
use crate::kernel::facts::list;
use crate::kernel::facts::{ConfigFile, Fingerprint, Machine, Malformed, Report, UnitFacts};
use crate::kernel::model::Secrets;

/// The host of a proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProxyFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// The version of the first package; `None`: one of its packages is not installed.
    pub package: Option<String>,
    /// The version that apt would install, where that was asked.
    pub candidate: Option<String>,
    pub unit: UnitFacts,
    /// The unit beside it that follows the nodes' health, where the proxy does not ask by itself.
    pub follower: Option<UnitFacts>,
    /// A unit was started before a file of its was written that is there now.
    pub stale: bool,
    /// The proxy's files, by their names among them.
    pub files: BTreeMap<String, ConfigFile>,
    /// Those of them that are as the package has them.
    pub pristine: Vec<String>,
    /// Ports of the endpoint that other programs have: `3306 mariadbd`.
    pub taken: Vec<String>,
    /// Where it keeps settings that galactl did not make.
    pub foreign: Option<String>,
    /// What the running proxy thinks of the nodes; `None`: it does not run, or not with what galactl wrote.
    pub opinion: Option<Opinion>,
}

impl ProxyFacts {
    /// Reads what the scripts of a proxy of this kind found; secrets are replaced.
    ///
    /// Errors: it does not tell of the unit.
    pub fn read(kind: Kind, report: &Report, secrets: &Secrets) -> Result<Self, Malformed> {
        if !report.has("unit") {
            return Err(Malformed("no unit in it"));
        }
        let program = kind.program();
        let installed = report.packages();
        let all = program.packages.iter().all(|package| installed.contains_key(*package));
        let file = |file: &File| {
            let there = ConfigFile::of(report, file.artefact, |text| kind.shown(text, secrets))?;
            Some((file.artefact.to_owned(), there))
        };
        Ok(Self {
            machine: Machine::read(report),
            package: installed.get(program.packages[0]).filter(|_| all).cloned(),
            candidate: report.lines("candidate").find(|it| *it != "(none)").map(str::to_owned),
            unit: UnitFacts::read(report),
            follower: report.has("follower").then(|| UnitFacts::of(report, "follower")),
            stale: report.has("stale"),
            files: program.files.iter().filter_map(file).collect(),
            pristine: report.lines("pristine").map(str::to_owned).collect(),
            taken: report.lines("taken").map(str::to_owned).collect(),
            foreign: report.lines("foreign").next().map(str::to_owned),
            opinion: kind.opinion(report),
        })
    }

    /// What of it decides what a plan does there. What the proxy thinks moves with the nodes.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        let file = |(name, file): (&String, &ConfigFile)| format!("{name} {}", file.in_words());
        let facts = vec![
            ("packages", list(&self.package, Clone::clone)),
            ("unit", self.unit.in_words()),
            ("follower", self.follower.as_ref().map_or_else(|| "absent".into(), UnitFacts::in_words)),
            ("settings", list(self.files.iter(), file)),
            ("foreign settings", self.foreign.clone().unwrap_or_else(|| "none".into())),
        ];
        Fingerprint::of(self.machine.fingerprint(), role, facts)
    }

    pub fn file(&self, artefact: &str) -> Option<&ConfigFile> {
        self.files.get(artefact)
    }

    pub fn is_pristine(&self, artefact: &str) -> bool {
        self.pristine.iter().any(|it| it == artefact)
    }

    /// A file that is another one's work: its name among the files.
    pub fn anothers(&self) -> Option<&str> {
        let foreign = |(name, there): (&String, &ConfigFile)| {
            !self.is_pristine(name) && !there.text.lines().take(2).any(is_ours)
        };
        self.files.iter().find(|it| foreign(*it)).map(|(name, _)| name.as_str())
    }

    /// It runs, with all that belongs to it, which comes back after a boot.
    pub fn runs(&self) -> bool {
        let follows = |unit: &UnitFacts| unit.works() && unit.is_enabled();
        self.unit.works() && self.follower.as_ref().is_none_or(follows)
    }

    /// New clients are sent to this node.
    pub fn takes(&self, node: &crate::kernel::model::NodeName) -> bool {
        self.opinion.as_ref().is_some_and(|opinion| opinion.takes(node))
    }
}

/// A line that says that galactl wrote the file, whatever begins a comment there.
fn is_ours(line: &str) -> bool {
    let words = |line: &str| line.trim_start_matches(['#', '-', ' ']).to_owned();
    words(line).starts_with(&words(OURS))
}
