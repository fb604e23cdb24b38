//! The facts about the shared address that one scan of a proxy's host found.

use serde::{Deserialize, Serialize};

use super::program::{CONFIG, on_host};
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
    /// This host has the shared address now.
    pub holds: bool,
}

impl SharingFacts {
    /// Reads what the scripts found.
    ///
    /// Errors: the report says nothing about the unit.
    pub fn read(report: &Report) -> Result<Self, Malformed> {
        Ok(Self {
            program: ProgramFacts::read(&on_host(), report, str::to_owned)?,
            interface: report.lines("interface").next().map(str::to_owned),
            systemctl: report.lines("systemctl").next().map(str::to_owned),
            holds: report.lines("holds").next().is_some(),
        })
    }

    /// Those of the facts that decide what a plan does on this host. Which host has the address may change at any time.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        let interface = self.interface.clone().unwrap_or_else(|| "none".into());
        self.program.fingerprint(role, vec![("interface", interface)])
    }

    /// Its file.
    pub fn config(&self) -> Option<&ConfigFile> {
        self.program.file(CONFIG)
    }

    /// The facts of the host that its settings name.
    pub fn places(&self) -> Places<'_> {
        Places {
            interface: self.interface.as_deref().unwrap_or(Places::USUAL.interface),
            systemctl: self.systemctl.as_deref().unwrap_or(Places::USUAL.systemctl),
        }
    }
}

/// The facts of a proxy's host that the file names.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The interface that has the proxy's own address.
    pub interface: &'a str,
    /// Where systemctl is. keepalived runs no script by way of a symbolic link, and Debian 11 may have it in /bin
    /// alone.
    pub systemctl: &'a str,
}

impl Places<'static> {
    /// What is assumed where no host was asked.
    pub const USUAL: Self = Self { interface: "eth0", systemctl: "/usr/bin/systemctl" };
}
