//! Events as JSON, one object a line on stdout.

use serde::Serialize;

use super::Printer;
use crate::kernel::run::event::{Event, Reporter};

/// For programs.
pub struct JsonEvents;

impl Reporter for JsonEvents {
    fn event(&self, event: &Event) {
        Self::line(event);
    }
}

impl JsonEvents {
    /// One value on one line.
    pub fn line(value: &impl Serialize) {
        // These types hold no maps with keys other than text, the only thing that fails here.
        Printer::data(&serde_json::to_string(value).unwrap_or_default());
    }
}
