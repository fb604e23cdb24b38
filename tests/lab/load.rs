//! Load that is too much for a cluster: clients that send one statement after the other, whatever comes of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use mysql::prelude::Queryable;

use crate::clients;

/// After a statement that failed: a server that is away is not asked as fast as it can refuse.
const PAUSE: Duration = Duration::from_millis(5);

/// Clients at work, until they are stopped.
pub struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// A statement may take this long: where there is too much of them, they wait for minutes.
    pub const PATIENCE: Duration = Duration::from_secs(1800);

    /// Starts so many clients of a server. `statement` gives the next one, by the number of its client.
    pub fn start(
        address: &str,
        clients: u32,
        statement: impl Fn(u32) -> String + Clone + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |number| {
            let (address, statement, stop) = (address.to_owned(), statement.clone(), Arc::clone(&stop));
            std::thread::spawn(move || work(&address, || statement(number), &stop))
        };
        let threads = (0..clients).map(client).collect();
        Self { stop, threads }
    }
}

impl Drop for Load {
    /// Each client ends the statement at which it is.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

#[expect(clippy::disallowed_methods, reason = "each client is a thread of its own")]
fn work(address: &str, statement: impl Fn() -> String, stop: &AtomicBool) {
    let mut kept = None;
    while !stop.load(Ordering::Relaxed) {
        let connection = kept.take().map_or_else(|| clients::connect(address, 3306, Load::PATIENCE), Ok);
        // A statement that fails, because of a conflict for example, is part of the load.
        match connection.and_then(|mut it| it.query_drop(statement()).map(|()| it)) {
            Ok(connection) => kept = Some(connection),
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}
