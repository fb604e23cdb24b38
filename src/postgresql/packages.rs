//! Packages as dpkg and apt know them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::facts::Report;

/// The script that tells of packages; its head says what it needs.
pub const PACKAGES: &str = include_str!("packages.sh");

/// A package of a host, or one that it could install.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// The installed version.
    pub installed: Option<String>,
    /// The version that apt would install.
    pub candidate: Option<String>,
}

/// Reads the sections `packages` and `candidates`: all installed and installable packages by their names.
pub fn packages(report: &Report) -> BTreeMap<String, Package> {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for (name, version) in report.packages() {
        packages.entry(name).or_default().installed = Some(version);
    }
    for (name, version) in report.rows("candidates").into_iter().filter(|(_, version)| version != "(none)") {
        packages.entry(name).or_default().candidate = Some(version);
    }
    packages
}

/// Those of `wanted` that are not installed.
pub fn absent(wanted: &[&str], there: &BTreeMap<String, Package>) -> Vec<String> {
    let installed = |name: &str| there.get(name).is_some_and(|package| package.installed.is_some());
    wanted.iter().filter(|name| !installed(name)).map(|name| (*name).to_owned()).collect()
}
