//! What one look at a proxy's host found.

use serde::{Deserialize, Serialize};

use super::opinion::{self, Opinion};
use super::settings::OURS;
use crate::kernel::facts::list;
use crate::kernel::facts::{ConfigFile, Fingerprint, Machine, Malformed, Report, UnitFacts};

/// The host of a proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProxyFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// The installed package's version.
    pub package: Option<String>,
    pub unit: UnitFacts,
    /// The unit was started before its files were written that are there now.
    pub stale: bool,
    pub config: Option<ConfigFile>,
    /// The file of settings is as the package has it.
    pub pristine: bool,
    /// Ports of the endpoint that other programs have: `3306 mariadbd`.
    pub taken: Vec<String>,
    /// What the running proxy thinks of each node.
    pub opinions: Vec<Opinion>,
    /// The node that takes writes: its number.
    pub writer: Option<u32>,
}

impl ProxyFacts {
    /// Reads what `look.sh` found.
    ///
    /// Errors: it does not tell of the unit.
    pub fn read(report: &Report) -> Result<Self, Malformed> {
        if !report.has("unit") {
            return Err(Malformed("no unit in it"));
        }
        Ok(Self {
            machine: Machine::read(report),
            package: report.packages().pop_first().map(|(_, version)| version),
            unit: UnitFacts::read(report),
            stale: report.has("stale"),
            config: ConfigFile::read(report, str::to_owned),
            pristine: report.has("pristine"),
            taken: report.lines("taken").map(str::to_owned).collect(),
            opinions: opinion::read(report.text("stat")),
            writer: opinion::writer(report.text("table")),
        })
    }

    /// What of it decides what a plan does there. What the proxy thinks moves with the nodes.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        let facts = vec![
            ("packages", list(&self.package, Clone::clone)),
            ("unit", self.unit.in_words()),
            ("settings", self.config.as_ref().map_or_else(|| "absent".into(), ConfigFile::in_words)),
        ];
        Fingerprint::of(self.machine.fingerprint(), role, facts)
    }

    /// Its settings are another one's work.
    pub fn is_anothers(&self) -> bool {
        self.config.as_ref().is_some_and(|there| !self.pristine && !there.text.starts_with(OURS))
    }
}
