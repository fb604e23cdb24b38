//! Events with the commands that they name as the user would type them.

use std::sync::Arc;

use crate::kernel::judge::Invocation;
use crate::kernel::run::event::{Event, Failure, Reporter};

/// Hands every event on. A failure's remedy names the inventory only where it is known what it is called.
pub struct Settled {
    pub invocation: Invocation,
    pub next: Arc<dyn Reporter>,
}

impl Reporter for Settled {
    fn event(&self, event: &Event) {
        match event {
            Event::RunFailed(failure) => {
                let explanation = failure.explanation.clone().map(|it| it.settled(&self.invocation));
                let left = failure.left.iter().map(|text| self.invocation.fill(text)).collect();
                let error = self.invocation.fill(&failure.error);
                let resume = failure.resume.as_ref().map(|text| self.invocation.fill(text));
                let failure = Failure { error, explanation, left, resume, ..failure.clone() };
                self.next.event(&Event::RunFailed(failure));
            }
            Event::StepFailed { id, seconds, error } => {
                let (id, error) = (id.clone(), self.invocation.fill(error));
                self.next.event(&Event::StepFailed { id, seconds: *seconds, error });
            }
            event => self.next.event(event),
        }
    }
}
