//! How far a run has come.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::kernel::model::words::span;
use crate::kernel::run::event::Event;

/// The least share of its work that a step must have done before its end is estimated.
const TELLING: f64 = 0.05;

/// Counts the steps of a run, and knows when each began.
pub(super) struct Progress(Mutex<Steps>);

struct Steps {
    began: Instant,
    all: usize,
    begun: usize,
    running: HashMap<String, Instant>,
}

impl Default for Progress {
    fn default() -> Self {
        let running = HashMap::new();
        Self(Mutex::new(Steps { began: Instant::now(), all: 0, begun: 0, running }))
    }
}

impl Progress {
    /// Takes note of an event.
    pub(super) fn note(&self, event: &Event) {
        let mut steps = self.steps();
        match event {
            Event::RunStarted { steps: all } => steps.all = *all,
            Event::StepStarted { id, .. } => {
                steps.begun += 1;
                steps.running.insert(id.clone(), Instant::now());
            }
            Event::StepFinished { id, .. } | Event::StepFailed { id, .. } => drop(steps.running.remove(id)),
            _ => {}
        }
    }

    /// `step 5 of 12`.
    pub(super) fn count(&self) -> String {
        let steps = self.steps();
        format!("step {} of {}", steps.begun, steps.all)
    }

    /// `step 5 of 12, 80 s so far`.
    pub(super) fn place(&self) -> String {
        let so_far = span(self.steps().began.elapsed().as_secs());
        format!("{}, {so_far} so far", self.count())
    }

    /// `about 40 %, about 30 s to go`: assumes that the rest goes as fast as the step did until now.
    pub(super) fn share(&self, id: &str, fraction: f64) -> String {
        let percent = format!("about {:.0} %", fraction * 100.0);
        let since = self.steps().running.get(id).map(Instant::elapsed);
        match since {
            Some(since) if (TELLING..1.0).contains(&fraction) => {
                let rest = since.as_secs_f64() * (1.0 - fraction) / fraction;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "seconds, roughly"
                )]
                let rest = rest as u64;
                format!("{percent}, about {} to go", span(rest))
            }
            _ => percent,
        }
    }

    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_counts_and_extrapolates() {
        let progress = Progress::default();
        progress.note(&Event::RunStarted { steps: 12 });
        let id = "db2/galera/join".to_owned();
        let node = "db2".parse().expect("a name");
        progress.note(&Event::StepStarted { id: id.clone(), node, what: "start it".into() });
        let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).expect("an instant");
        {
            let mut steps = progress.steps();
            steps.began = ago(80);
            steps.running.insert(id.clone(), ago(60));
        }
        assert_eq!(progress.place(), "step 1 of 12, 80 s so far");
        assert_eq!(progress.share(&id, 0.75), "about 75 %, about 20 s to go");
        assert_eq!(progress.share(&id, 0.01), "about 1 %", "too early to tell");
        assert_eq!(progress.share(&id, 1.0), "about 100 %");
        assert_eq!(progress.share("another/galera/join", 0.5), "about 50 %");
    }
}
