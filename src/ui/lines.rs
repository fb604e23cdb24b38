//! Events as lines with times, for logs and pipes; and their words, for every text display.

use jiff::Timestamp;

use super::Printer;
use super::progress::Progress;
use crate::kernel::run::event::{Event, Excerpt, Failure, FailureKind, Reporter};

/// One line an event on stderr.
#[derive(Default)]
pub struct Lines(Progress);

impl Reporter for Lines {
    fn event(&self, event: &Event) {
        self.0.note(event);
        let more = match event {
            Event::StepStarted { .. } => format!(" ({})", self.0.place()),
            Event::StepProgress { id, fraction: Some(fraction), .. } => {
                format!(" ({})", self.0.share(id, *fraction))
            }
            _ => String::new(),
        };
        let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        for line in (words(event) + &more).lines() {
            Printer::narrate(&format!("{now} {line}"));
        }
    }
}

/// The display of only what ends a run early: a failure or an interrupt.
pub struct Failures;

impl Reporter for Failures {
    fn event(&self, event: &Event) {
        if matches!(event, Event::RunFailed(_) | Event::InterruptRequested) {
            Printer::tell(&words(event));
        }
    }
}

/// What an event says.
pub(super) fn words(event: &Event) -> String {
    match event {
        Event::RunStarted { steps } => format!("{steps} steps to do"),
        Event::StageStarted { title } => format!("== {title}"),
        Event::StepStarted { id, what, .. } => format!("-> {id}: {what}"),
        Event::StepProgress { id, message, .. } => format!(".. {id}: {message}"),
        Event::StepFinished { id, seconds, detail } => {
            let detail = detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}"));
            format!("ok {id} ({seconds:.1} s){detail}")
        }
        Event::StepFailed { id, seconds, error } => format!("FAILED {id} ({seconds:.1} s): {error}"),
        Event::RunFinished { seconds } => format!("done in {seconds:.1} s"),
        Event::RunFailed(failure) => failed(failure),
        Event::InterruptRequested => {
            "interrupt: what is under way is finished, then galactl stops. Ctrl-C again ends it at once"
                .into()
        }
    }
}

/// The lines of logs that matter, under the node and the log that they are from.
pub fn excerpts_text(logs: &[Excerpt]) -> String {
    let mut text = String::new();
    for excerpt in logs {
        text += &format!("  {} {}:\n", excerpt.node, excerpt.log);
        for line in &excerpt.lines {
            text += &format!("    {line}\n");
        }
    }
    text
}

/// A failure as text: step, cause, logs, what was left, and what to do, in that order.
fn failed(failure: &Failure) -> String {
    let mut text = match failure.kind {
        FailureKind::Interrupted => format!("stopped at {}, as asked\n", failure.step),
        _ => format!("stopped at {}: {}\n", failure.step, failure.error),
    };
    text += &excerpts_text(&failure.logs);
    for left in &failure.left {
        text += &format!("left: {left}\n");
    }
    if let Some(explanation) = &failure.explanation {
        text += &format!("cause: {}\nnext: {}\n", explanation.cause, explanation.next);
    }
    text + match (&failure.resume, failure.kind) {
        (Some(resume), _) => resume,
        (None, FailureKind::Surprise) => {
            "The hosts are not what was planned for: the same command makes a new plan, and with --dry-run only shows it."
        }
        (None, FailureKind::Failed | FailureKind::Interrupted) => {
            "The same command again goes on from here; a saved plan is void, so make a new one."
        }
    }
}
