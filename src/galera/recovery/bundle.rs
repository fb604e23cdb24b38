//! The evidence as a file: for a support ticket, or a second opinion.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use crate::galera::observation::Observation;
use crate::kernel::model::{ClusterName, NodeName};

/// The version of the file's form.
const FORMAT: u32 = 1;

/// Everything that a verdict rests on. Secrets were replaced when the hosts were looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    pub format: u32,
    /// When, and by whom.
    pub made: String,
    pub cluster: ClusterName,
    /// The nodes in the inventory's order.
    pub order: Vec<NodeName>,
    pub observation: Observation,
}

/// Why a file is no evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotABundle {
    #[error("it is not a whole evidence bundle: {0}")]
    Broken(String),
    #[error("its format is {0}, and this galactl reads format {FORMAT}")]
    Format(u64),
    #[error("it names no nodes")]
    Empty,
}

impl Bundle {
    pub fn new(cluster: ClusterName, order: Vec<NodeName>, observation: Observation, made: String) -> Self {
        Self { format: FORMAT, made, cluster, order, observation }
    }

    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { order: &self.order, observation: &self.observation }
    }

    /// Reads a file's text.
    ///
    /// Errors: broken off, or of another format.
    pub fn parse(text: &str) -> Result<Self, NotABundle> {
        let broken = |error: serde_json::Error| NotABundle::Broken(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(broken)?;
        match value["format"].as_u64() {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => return Err(NotABundle::Format(format)),
            None => return Err(NotABundle::Broken("it has no `format`".into())),
        }
        let bundle: Self = serde_json::from_value(value).map_err(broken)?;
        if bundle.order.is_empty() { Err(NotABundle::Empty) } else { Ok(bundle) }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        // Maps with text as keys, lists, text, numbers: nothing here fails to become JSON.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
