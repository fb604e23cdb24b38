//! What can be done to any host, whatever runs there: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, PutFile};
use crate::kernel::model::UnitName;
use crate::kernel::model::words::names;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum HostAction {
    /// Put a file in place, atomically, the previous one kept beside it.
    PutFile(PutFile),
    /// Let the reader of a file try it without putting it in place.
    TryFile(PutFile),
    /// Install packages without letting their services start.
    InstallPackages { packages: Vec<String> },
    /// Start the unit at boot from now on.
    EnableUnit { unit: UnitName },
    /// Do not start the unit at boot until somebody enables it. One that runs goes on.
    DisableUnit { unit: UnitName },
}

impl Action for HostAction {
    fn slug(&self) -> Cow<'static, str> {
        match self {
            Self::PutFile(file) => file.what().into(),
            Self::TryFile(file) => format!("try-{}", file.what()).into(),
            Self::InstallPackages { .. } => "install".into(),
            Self::EnableUnit { .. } => "enable".into(),
            Self::DisableUnit { .. } => "disable".into(),
        }
    }

    fn summary(&self) -> String {
        match self {
            Self::PutFile(file) => {
                let verb = if file.replaces { "change" } else { "create" };
                format!("{verb} {} ({} {}:{})", file.path, file.mode, file.owner, file.group)
            }
            Self::TryFile(file) => {
                format!("try the new {} on the installed {}", file.path, file.check.reader)
            }
            Self::InstallPackages { packages } => format!("install {}", names(packages, "and")),
            Self::EnableUnit { unit } => format!("enable {unit}.service"),
            Self::DisableUnit { unit } => format!("disable {unit}.service, so that no boot starts it"),
        }
    }

    fn file(&self) -> Option<&PutFile> {
        match self {
            Self::PutFile(file) => Some(file),
            Self::TryFile(_)
            | Self::InstallPackages { .. }
            | Self::EnableUnit { .. }
            | Self::DisableUnit { .. } => None,
        }
    }
}
