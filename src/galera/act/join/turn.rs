//! One joiner after the other enters the cluster's view. One that comes while a view forms with another joiner
//! is left out of that view, and forgotten for `gmcast.time_wait` (5 s).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

/// How long a joiner may keep others from starting. One that recovers its data first takes longer, and
/// then enters beside another one, which only costs time.
const LONGEST: Duration = Duration::from_secs(15);

/// The joiners of one run: who may start next, and whether any of them gets data.
#[derive(Default)]
pub struct Entrance {
    /// Held by the joiner that is about to enter the cluster's view.
    entering: Mutex<()>,
    /// Counts up while a joiner gets data.
    movements: AtomicU64,
}

impl Entrance {
    /// A joiner gets data.
    pub fn moves(&self) {
        self.movements.fetch_add(1, Ordering::Relaxed);
    }

    pub fn movements(&self) -> u64 {
        self.movements.load(Ordering::Relaxed)
    }
}

/// Held by the joiner that is about to enter.
pub struct Turn<'a> {
    held: Option<MutexGuard<'a, ()>>,
    since: Instant,
}

impl<'a> Turn<'a> {
    /// Waits until nobody else is about to enter.
    pub async fn take(entrance: &'a Entrance) -> Self {
        let held = Some(entrance.entering.lock().await);
        Self { held, since: Instant::now() }
    }

    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// It was held as long as may be.
    pub fn is_due(&self) -> bool {
        self.since.elapsed() > LONGEST
    }

    /// Lets the next joiner start.
    pub fn pass_on(&mut self) {
        self.held = None;
    }
}
