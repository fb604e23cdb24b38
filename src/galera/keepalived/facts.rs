//! What one look at a proxy's host found of the shared address.

use serde::{Deserialize, Serialize};

use super::settings::Places;
use super::{CONFIG, on_host};
use crate::kernel::facts::{ConfigFile, Fingerprint, Malformed, ProgramFacts, Report};

/// How a proxy's host shares the address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SharingFacts {
    #[serde(flatten)]
    pub program: ProgramFacts,
    /// The interface that has the host's own address.
    pub interface: Option<String>,
    /// Where systemctl is.
    #[serde(default)]
    pub systemctl: Option<String>,
    /// The shared address is here now.
    pub holds: bool,
}

impl SharingFacts {
    /// Reads what the scripts found.
    ///
    /// Errors: it does not tell of the unit.
    pub fn read(report: &Report) -> Result<Self, Malformed> {
        Ok(Self {
            program: ProgramFacts::read(&on_host(), report, str::to_owned)?,
            interface: report.lines("interface").next().map(str::to_owned),
            systemctl: report.lines("systemctl").next().map(str::to_owned),
            holds: report.lines("holds").next().is_some(),
        })
    }

    /// What of it decides what a plan does there. Who has the address moves by itself.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        let interface = self.interface.clone().unwrap_or_else(|| "none".into());
        self.program.fingerprint(role, vec![("interface", interface)])
    }

    /// Its file.
    pub fn config(&self) -> Option<&ConfigFile> {
        self.program.file(CONFIG)
    }

    /// What of the host stands in its settings.
    pub fn places(&self) -> Places<'_> {
        Places {
            interface: self.interface.as_deref().unwrap_or(Places::USUAL.interface),
            systemctl: self.systemctl.as_deref().unwrap_or(Places::USUAL.systemctl),
        }
    }
}
