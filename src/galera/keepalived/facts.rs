//! What one look at a proxy's host found of the shared address.

use serde::{Deserialize, Serialize};

use super::settings::Places;
use crate::galera::proxy::OURS;
use crate::kernel::facts::list;
use crate::kernel::facts::{ConfigFile, Fingerprint, Machine, Malformed, Report, UnitFacts};

/// How a proxy's host shares the address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SharingFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// The installed package's version.
    pub package: Option<String>,
    pub unit: UnitFacts,
    /// The unit was started before its files were written that are there now.
    pub stale: bool,
    pub config: Option<ConfigFile>,
    /// The interface that has the host's own address.
    pub interface: Option<String>,
    /// Where systemctl is.
    #[serde(default)]
    pub systemctl: Option<String>,
    /// The shared address is here now.
    pub holds: bool,
}

impl SharingFacts {
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
            interface: report.lines("interface").next().map(str::to_owned),
            systemctl: report.lines("systemctl").next().map(str::to_owned),
            holds: report.lines("holds").next().is_some(),
        })
    }

    /// What of it decides what a plan does there. Who has the address moves by itself.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        let facts = vec![
            ("packages", list(&self.package, Clone::clone)),
            ("unit", self.unit.in_words()),
            ("settings", self.config.as_ref().map_or_else(|| "absent".into(), ConfigFile::in_words)),
            ("interface", self.interface.clone().unwrap_or_else(|| "none".into())),
        ];
        Fingerprint::of(self.machine.fingerprint(), role, facts)
    }

    /// What of the host stands in its settings.
    pub fn places(&self) -> Places<'_> {
        Places {
            interface: self.interface.as_deref().unwrap_or(Places::USUAL.interface),
            systemctl: self.systemctl.as_deref().unwrap_or(Places::USUAL.systemctl),
        }
    }

    /// Its settings are another one's work.
    pub fn is_anothers(&self) -> bool {
        self.config.as_ref().is_some_and(|there| !there.text.starts_with(OURS))
    }
}
