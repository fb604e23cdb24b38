//! systemd's view of a unit.

use serde::{Deserialize, Serialize};

use super::Report;

/// `systemctl show` of a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitFacts {
    /// loaded, not-found, masked …
    pub load: String,
    /// active, inactive, failed, activating …
    pub active: String,
    pub sub: String,
    /// enabled, disabled, masked …
    pub file: String,
    pub result: String,
    pub restarts: u32,
    pub main_pid: u32,
    pub start_timeout: String,
}

impl UnitFacts {
    /// Reads the section `unit`: the properties as `systemctl show` prints them.
    pub fn read(report: &Report) -> Self {
        Self::of(report, "unit")
    }

    /// Reads a unit's section, where a role has several units.
    pub fn of(report: &Report, section: &str) -> Self {
        let unit = report.pairs(section);
        let word = |key: &str| unit.get(key).cloned().unwrap_or_default();
        let number = |key: &str| word(key).parse().unwrap_or_default();
        Self {
            load: word("LoadState"),
            active: word("ActiveState"),
            sub: word("SubState"),
            file: word("UnitFileState"),
            result: word("Result"),
            restarts: number("NRestarts"),
            main_pid: number("MainPID"),
            start_timeout: word("TimeoutStartUSec"),
        }
    }

    /// For a fingerprint.
    pub fn in_words(&self) -> String {
        format!("{} {} {}", self.load, self.active, self.file)
    }

    pub fn is_masked(&self) -> bool {
        self.load == "masked" || self.file.starts_with("masked")
    }

    pub fn is_enabled(&self) -> bool {
        self.file == "enabled"
    }

    /// Its start goes on.
    pub fn is_activating(&self) -> bool {
        self.active == "activating"
    }

    /// Its start has come to an end, and it runs.
    pub fn is_active(&self) -> bool {
        self.active == "active"
    }

    /// It does its work, and may be reading its files anew meanwhile.
    pub fn works(&self) -> bool {
        matches!(self.active.as_str(), "active" | "reloading")
    }

    /// Started, starting, or about to be started again.
    pub fn is_up(&self) -> bool {
        matches!(self.active.as_str(), "active" | "activating" | "reloading" | "deactivating")
    }
}
