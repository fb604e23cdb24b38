//! Ctrl-C: once finishes the step and stops, twice ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::event::{Event, Reporter};

/// 128 + SIGINT, as a shell reports it.
const EXIT_INTERRUPTED: i32 = 130;

/// Whether the user has asked to stop.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to listen for SIGINT.
    pub fn listen(reporter: Arc<dyn Reporter>) -> Self {
        let interrupt = Self::default();
        let flag = interrupt.clone();
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                if flag.0.swap(true, Ordering::SeqCst) {
                    #[expect(clippy::disallowed_methods, reason = "asked twice, the user means now")]
                    std::process::exit(EXIT_INTERRUPTED);
                }
                reporter.event(&Event::InterruptRequested);
            }
        });
        interrupt
    }

    pub fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
