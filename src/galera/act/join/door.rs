//! One joiner after the other enters the cluster's view. One that comes while a view forms with another joiner
//! is left out of that view, and forgotten for `gmcast.time_wait` (5 s).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard, watch};

use crate::kernel::model::NodeName;

/// How long a joiner may keep others from starting. One that recovers its data first takes longer, and
/// then enters beside another one, which only costs time.
const AT_THE_DOOR: Duration = Duration::from_secs(15);

/// The joiners of one run: who may start next, and whether any of them gets data.
pub struct Entrance {
    /// Held by the joiner that is about to enter the cluster's view.
    entering: Mutex<()>,
    /// Those whose followers need not wait any more; whether they may start.
    passed: watch::Sender<BTreeMap<NodeName, bool>>,
    /// Counts up while a joiner gets data.
    movements: AtomicU64,
}

impl Default for Entrance {
    fn default() -> Self {
        let passed = watch::Sender::new(BTreeMap::new());
        Self { entering: Mutex::default(), passed, movements: AtomicU64::default() }
    }
}

impl Entrance {
    /// The joiner is in the view, or has had its time; or its step has ended, and the others go on or not. The first
    /// word counts.
    pub fn pass(&self, node: &NodeName, goes_on: bool) {
        self.passed.send_modify(|passed| {
            passed.entry(node.clone()).or_insert(goes_on);
        });
    }

    /// Waits until the joiner before this one is past: whether this one may start.
    pub async fn behind(&self, before: &NodeName) -> bool {
        let mut passed = self.passed.subscribe();
        let passed = passed.wait_for(|passed| passed.contains_key(before)).await;
        passed.is_ok_and(|passed| passed[before])
    }

    /// A joiner gets data.
    pub fn moves(&self) {
        self.movements.fetch_add(1, Ordering::Relaxed);
    }

    pub fn movements(&self) -> u64 {
        self.movements.load(Ordering::Relaxed)
    }
}

/// Held by the joiner that is about to enter.
pub struct Door<'a> {
    entrance: &'a Entrance,
    node: &'a NodeName,
    held: Option<MutexGuard<'a, ()>>,
    since: Instant,
}

impl<'a> Door<'a> {
    /// Waits until nobody else is about to enter.
    pub async fn hold(entrance: &'a Entrance, node: &'a NodeName) -> Self {
        let held = Some(entrance.entering.lock().await);
        Self { entrance, node, held, since: Instant::now() }
    }

    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// It was held as long as may be.
    pub fn is_due(&self) -> bool {
        self.since.elapsed() > AT_THE_DOOR
    }

    /// Nobody waits for it any more; those behind it wait for the end of its step.
    pub fn leave(&mut self) {
        self.held = None;
    }

    /// Lets the next joiner start.
    pub fn open(&mut self) {
        self.held = None;
        self.entrance.pass(self.node, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> NodeName {
        name.parse().expect("a name")
    }

    #[tokio::test]
    async fn a_joiner_starts_when_the_one_before_it_is_past_and_by_its_first_word() {
        let (entrance, db2, db3) = (Entrance::default(), name("db2"), name("db3"));
        {
            let waits = entrance.behind(&db2);
            tokio::pin!(waits);
            let pending = tokio::select! {
                biased;
                _ = &mut waits => false,
                () = std::future::ready(()) => true,
            };
            assert!(pending, "db2 has not entered yet");
            Door::hold(&entrance, &db2).await.open();
            assert!(waits.await);
        }
        // It has failed later, and the one behind it is on its way.
        entrance.pass(&db2, false);
        assert!(entrance.behind(&db2).await);
        entrance.pass(&db3, false);
        assert!(!entrance.behind(&db3).await);
    }
}
