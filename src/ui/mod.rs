//! What people and programs see. stdout is data, stderr is narration; no other module prints.

mod bars;
mod compare;
mod diagnosis;
mod fold;
mod json;
mod line_mode;
mod lines;
mod lint;
mod lint_regions;
pub mod load;
mod notes;
mod plan;
mod preflight;
mod printer;
mod progress;
mod screen;
mod settled;
mod table;

use std::sync::Arc;

use crate::kernel::run::event::Reporter;

pub use compare::{CompareBar, compare_text};
pub use diagnosis::diagnosis_text;
pub use fold::{fold, fold_notes};
pub use json::JsonEvents;
pub use lines::excerpts_text;
pub use lint::{lint_markdown, lint_text};
pub use lint_regions::lint_regions;
pub use notes::notes_text;
pub use plan::plan_text;
pub use preflight::{preflight_text, preflight_text_within};
pub use printer::{Printer, Volume};
pub use screen::Screen;
pub use settled::Settled;
pub use table::{table, table_within};

/// How a command shows its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// The display of a run's events: bars on a terminal, lines with times elsewhere, JSON on request; failures alone
/// where the user wants quiet.
pub fn reporter(format: Format) -> Arc<dyn Reporter> {
    match format {
        Format::Json => Arc::new(JsonEvents),
        Format::Text if Printer::is_quiet() => Arc::new(lines::Failures),
        Format::Text if Printer::narrates_to_terminal() => Arc::new(bars::Bars::default()),
        Format::Text => Arc::new(lines::Lines::default()),
    }
}
