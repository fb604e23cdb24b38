//! Events on a terminal: finished steps as lines, running ones as bars below them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use console::style;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Printer;
use super::fold::fold;
use super::lines::words;
use super::progress::Progress;
use crate::kernel::run::event::{Event, Reporter};

const TICK: Duration = Duration::from_millis(120);
const SECOND: Duration = Duration::from_secs(1);

/// Draws on stderr; made only when it is a terminal, because indicatif drops lines elsewhere.
#[derive(Default)]
pub struct Bars {
    screen: MultiProgress,
    progress: Progress,
    running: Mutex<HashMap<String, ProgressBar>>,
    /// How far the whole run has come, below the steps that run.
    whole: Mutex<Option<ProgressBar>>,
}

impl Reporter for Bars {
    fn event(&self, event: &Event) {
        self.progress.note(event);
        match event {
            Event::RunFinished { .. } | Event::RunFailed(_) => {
                self.end_whole();
                self.print(&words(event));
            }
            Event::StepStarted { id, what, .. } => self.start(id, what),
            Event::StepProgress { id, message, fraction } => self.progress(id, message, *fraction),
            Event::StepFinished { id, .. } => {
                self.end(id);
                self.line(style("✔").green().for_stderr(), &words(event)[3..]);
            }
            Event::StepFailed { id, .. } => {
                self.end(id);
                self.line(style("✘").red().for_stderr(), &words(event));
            }
            Event::StageStarted { title } => self.line(style("==").bold().for_stderr(), title),
            other => self.print(&words(other)),
        }
    }
}

impl Bars {
    fn start(&self, id: &str, what: &str) {
        let bar = self.screen.insert_before(&self.whole(), ProgressBar::new_spinner());
        let running = ProgressStyle::with_template("{spinner} {prefix:22} [{elapsed:>4}] {wide_msg}");
        bar.set_style(running.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(id.to_owned());
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(TICK);
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), bar);
    }

    /// The bar of the whole run. Its time goes on while a step takes long.
    fn whole(&self) -> ProgressBar {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = whole.get_or_insert_with(|| {
            let bar = self.screen.add(ProgressBar::new_spinner());
            let style = ProgressStyle::with_template("  {msg}, {elapsed} so far");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(SECOND);
            bar
        });
        bar.set_message(self.progress.count());
        bar.clone()
    }

    fn end_whole(&self) {
        if let Some(bar) = self.whole.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
    }

    fn progress(&self, id: &str, message: &str, fraction: Option<f64>) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bar) = running.get(id) else { return };
        let share =
            fraction.map_or_else(String::new, |fraction| format!(", {}", self.progress.share(id, fraction)));
        bar.set_message(format!("{message}{share}"));
    }

    fn end(&self, id: &str) {
        let bar = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        if let Some(bar) = bar {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
    }

    fn line(&self, mark: impl std::fmt::Display, text: &str) {
        self.print(&format!("{mark} {text}"));
    }

    fn print(&self, text: &str) {
        // Where the terminal refuses the line, the run goes on all the same.
        let _ = self.screen.println(fold(text, Printer::width_of_narration()));
    }
}
