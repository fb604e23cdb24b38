//! The progress of a load test: a bar on a terminal, a line a run elsewhere.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::galera::load::act::Progress;
use crate::ui::Printer;

/// Shows what is under way on stderr.
#[derive(Default)]
pub struct Bar(Mutex<Option<ProgressBar>>);

impl Bar {
    pub fn show(&self, progress: &Progress<'_>) {
        let mut bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Note(note) => Printer::remark(note),
            Progress::RunBegins { name, span } if Printer::narrates_to_terminal() && !Printer::is_quiet() => {
                *bar = Some(begun(name, *span));
            }
            Progress::RunBegins { name, span } => {
                Printer::remark(&format!("{name}: {} s; Ctrl-C ends it early", span.as_secs()));
            }
            Progress::Running { so_far, commits } => {
                if let Some(bar) = bar.as_ref() {
                    bar.set_position(u64::try_from(so_far.as_millis()).unwrap_or(0));
                    bar.set_message(format!("{commits} commits"));
                }
            }
            Progress::RunEnds => {
                if let Some(bar) = bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

fn begun(name: &str, span: Duration) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{prefix:12} {bar:30} [{elapsed}] {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(name.to_owned());
    bar
}
