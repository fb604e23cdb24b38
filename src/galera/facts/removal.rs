//! The record that a removal leaves on the node that was taken out.

use serde::{Deserialize, Serialize};

use super::bootstrap_record::value;
use crate::galera::model::StateUuid;

/// What `/var/lib/galactl/removed` says: written before the unit is masked, so that a masked unit
/// tells who masked it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The cluster that it was taken out of.
    pub cluster: String,
    pub state_uuid: Option<StateUuid>,
    /// Who carried it out, and since when.
    pub by: String,
}

impl Removal {
    /// Reads `KEY=value` lines. A key that is missing is left empty.
    pub fn parse(text: &str) -> Self {
        Self {
            cluster: value(text, "cluster").to_owned(),
            state_uuid: value(text, "state_uuid").parse().ok(),
            by: value(text, "by").to_owned(),
        }
    }
}
