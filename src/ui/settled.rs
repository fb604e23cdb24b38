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
                self.next.event(&Event::RunFailed(Failure { explanation, ..failure.clone() }));
            }
            event => self.next.event(event),
        }
    }
}
