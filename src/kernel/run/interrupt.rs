//! Ctrl-C: once finishes what is under way and stops, twice ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use super::event::{Event, Reporter};

/// 128 + SIGINT, as a shell reports it.
const EXIT_INTERRUPTED: i32 = 130;

/// Whether the user has asked to stop.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to listen for SIGINT, SIGTERM and SIGHUP: a closed terminal asks to stop as well.
    ///
    /// Errors: the signals cannot be listened to.
    pub fn listen(reporter: &Arc<dyn Reporter>) -> std::io::Result<Self> {
        let interrupt = Self::default();
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            let (mut signals, flag, reporter) = (signal(kind)?, interrupt.clone(), Arc::clone(reporter));
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    flag.ask(reporter.as_ref());
                }
            });
        }
        Ok(interrupt)
    }

    pub(super) fn ask(&self, reporter: &dyn Reporter) {
        if self.0.swap(true, Ordering::SeqCst) {
            #[expect(clippy::disallowed_methods, reason = "asked twice, the user means now")]
            std::process::exit(EXIT_INTERRUPTED);
        }
        reporter.event(&Event::InterruptRequested);
    }

    pub fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
