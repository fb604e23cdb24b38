//! Events as JSON, one object a line on stdout.

use serde::Serialize;

use super::Printer;
use crate::kernel::run::event::{Event, Reporter};

/// The display for programs.
pub struct JsonEvents;

impl Reporter for JsonEvents {
    fn event(&self, event: &Event) {
        Self::line(event);
    }
}

impl JsonEvents {
    /// One value on one line.
    pub fn line(value: &impl Serialize) {
        // This cannot fail: only maps with keys other than text do, and these types hold none.
        Printer::data(&serde_json::to_string(value).unwrap_or_default());
    }
}
