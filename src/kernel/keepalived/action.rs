//! Everything that galactl can do to the shared address: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::program::UNIT;
use crate::kernel::plan::{Action, PutFile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum SharingAction {
    /// Reload keepalived, or start it, and wait until exactly one proxy's host has the address.
    Share { address: String },
}

impl Action for SharingAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed("share")
    }

    fn summary(&self) -> String {
        let Self::Share { address } = self;
        format!("reload or start {UNIT}.service, and wait until one proxy has {address}")
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
