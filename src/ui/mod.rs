//! What people and programs see. stdout is data, stderr is narration; no other module prints.

mod bars;
mod diagnosis;
mod json;
mod lines;
mod notes;
mod preflight;
mod printer;
mod screen;
mod settled;
mod table;

use std::sync::Arc;

use crate::kernel::run::event::Reporter;

pub use diagnosis::diagnosis_text;
pub use json::JsonEvents;
pub use lines::excerpts_text;
pub use notes::notes_text;
pub use preflight::preflight_text;
pub use printer::Printer;
pub use screen::Screen;
pub use settled::Settled;
pub use table::table;

/// How a command shows its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// The display of a run's events: bars on a terminal, lines with times elsewhere, JSON on request.
pub fn reporter(format: Format) -> Arc<dyn Reporter> {
    match format {
        Format::Json => Arc::new(JsonEvents),
        Format::Text if Printer::narrates_to_terminal() => Arc::new(bars::Bars::default()),
        Format::Text => Arc::new(lines::Lines),
    }
}
