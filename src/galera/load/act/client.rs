//! One client: a thread with a connection of its own that runs transaction after transaction.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fastrand::Rng;
use mysql::Conn;
use mysql::prelude::Queryable;

use super::connection;
use crate::galera::guest::act::{Guest, Route};
use crate::galera::guest::answer;
use crate::galera::load::samples::{Pulse, Samples};
use crate::galera::load::workload::{Rows, Workload};
use crate::kernel::model::NodeName;

/// How often a client repeats a transaction that error 1213 has rolled back.
const REPEATS: u32 = 10;
const DEADLOCK: u16 = 1213;
/// The row has changed since the transaction read it: with `innodb_snapshot_isolation`, which 11.8 has on.
const CHANGED: u16 = 1020;
/// Errors after which a commit may have happened all the same: an error in the middle of it, a server that stops, a
/// session that is killed.
const OPEN: [u16; 4] = [1180, 1053, 1317, 1927];
/// Before a client that has lost its connection tries again.
const RECONNECT: Duration = Duration::from_millis(300);
/// The longest nap of a client that waits for its turn: it is to see that the run has ended.
const NAP: Duration = Duration::from_millis(50);

/// A client has a thread of its own, because the driver blocks.
#[expect(clippy::disallowed_methods, reason = "there is nothing asynchronous on a client's thread")]
fn nap(span: Duration) {
    std::thread::sleep(span);
}

/// What all clients of a run share.
pub struct Shared {
    pub guest: Guest,
    pub workload: Workload,
    pub began: Instant,
    pub stop: AtomicBool,
    /// Commits so far, for the display.
    pub commits: AtomicU64,
}

/// A client before it begins.
pub struct Client {
    pub number: usize,
    pub member: NodeName,
    pub route: Route,
    /// `member` is a proxy.
    pub through_endpoint: bool,
    pub rows: Rows,
    pub seed: u64,
    /// The time from the beginning of one transaction to that of the next.
    pub pace: Duration,
    /// Its first turn. Clients do not all begin at one moment, and so do not keep step afterwards.
    pub first: Duration,
    pub pulse: Arc<Mutex<Pulse>>,
    pub shared: Arc<Shared>,
}

/// How one try of a transaction ended.
enum Tried {
    Committed,
    /// Error 1213 or 1020: everything is undone, and it can be tried again.
    RolledBack,
    /// The server has refused it.
    Failed(Complaint),
    /// The commit may have happened.
    Unknown(Complaint),
    /// The connection was lost before the commit.
    Lost(Complaint),
}

/// What a client was told: what is the same each time, and the text.
struct Complaint {
    kind: String,
    text: String,
}

impl Complaint {
    fn of_server(error: &mysql::MySqlError) -> Self {
        let kind = format!("ERROR {}", error.code);
        Self { text: format!("{kind}: {}", error.message), kind }
    }

    fn own(text: String) -> Self {
        Self { kind: text.clone(), text }
    }

    fn tell(self, samples: &mut Samples) {
        samples.error(self.kind, self.text);
    }
}

impl Client {
    /// Works until the run ends. Blocks its thread.
    pub fn work(self) -> Samples {
        let (mut samples, mut rng) = (Samples::default(), Rng::with_seed(self.seed));
        let mut connection = None;
        let (mut turn, mut asks) = (self.shared.began.elapsed() + self.first, false);
        while self.waits_for(turn) {
            // One that has lost its connection goes on to wait for an answer until it gets one.
            if !std::mem::replace(&mut asks, true) {
                self.pulse().asked(self.shared.began.elapsed());
            }
            let Some(open) = self.connected(&mut connection, &mut samples) else { continue };
            let statements =
                self.shared.workload.transaction(&mut rng, &self.shared.guest.name, self.rows, self.number);
            if self.transaction(open, &statements, &mut samples) {
                self.pulse().done();
                asks = false;
            } else {
                connection = None;
            }
            // A client that is late does not catch up: an application's users do not come back either.
            turn = (turn + self.pace).max(self.shared.began.elapsed());
        }
        samples
    }

    fn pulse(&self) -> MutexGuard<'_, Pulse> {
        self.pulse.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the client's turn; false: the run has ended.
    fn waits_for(&self, turn: Duration) -> bool {
        loop {
            if self.shared.stop.load(Ordering::Relaxed) {
                return false;
            }
            match turn.checked_sub(self.shared.began.elapsed()) {
                Some(rest) if !rest.is_zero() => nap(rest.min(NAP)),
                _ => return true,
            }
        }
    }

    fn connected<'a>(&self, kept: &'a mut Option<Conn>, samples: &mut Samples) -> Option<&'a mut Conn> {
        if kept.is_none() {
            let opened =
                connection::open(&self.shared.guest, &self.route, self.pace).and_then(|mut opened| {
                    opened.query_drop(format!("USE {}", self.shared.guest.name))?;
                    let place = self.place(&mut opened)?;
                    Ok((opened, place))
                });
            match opened {
                Ok((opened, (node, number))) => {
                    samples.connections.entry(node).or_default().insert(number);
                    *kept = Some(opened);
                }
                Err(error) => {
                    let complaint = match &error {
                        mysql::Error::MySqlError(error) => Complaint::of_server(error),
                        // The driver's message is left out: it names a socket of this run.
                        _ => Complaint::own(format!("no connection to {}", self.member)),
                    };
                    complaint.tell(samples);
                    nap(RECONNECT);
                    return None;
                }
            }
        }
        kept.as_mut()
    }

    /// The node on which the connection stands, and its number there. A proxy does not tell by itself.
    fn place(&self, connection: &mut Conn) -> Result<(String, u32), mysql::Error> {
        let asked = match self.through_endpoint {
            true => answer::first(connection, "SELECT @@wsrep_node_name, CONNECTION_ID()")?,
            false => None,
        };
        Ok(asked.unwrap_or_else(|| (self.member.to_string(), connection.connection_id())))
    }

    /// One transaction with its repeats; false: the connection is of no more use.
    fn transaction(&self, connection: &mut Conn, statements: &[String], samples: &mut Samples) -> bool {
        let began = self.shared.began.elapsed();
        let mut repeats = 0;
        loop {
            let tried = self.attempt(connection, statements);
            let now = self.shared.began.elapsed();
            if !matches!(tried, Tried::Lost(_) | Tried::Unknown(_)) {
                self.pulse().beat(now);
            }
            match tried {
                Tried::Committed => {
                    samples.committed(now, now.saturating_sub(began));
                    self.shared.commits.fetch_add(1, Ordering::Relaxed);
                    return true;
                }
                Tried::RolledBack => {
                    samples.rolled_back += u64::from(repeats == 0);
                    // At the end of a run, a client would have gone on: it has given nothing up.
                    if self.shared.stop.load(Ordering::Relaxed) {
                        return true;
                    }
                    if repeats == REPEATS {
                        samples.given_up += 1;
                        return true;
                    }
                    repeats += 1;
                    samples.repeats += 1;
                }
                Tried::Failed(error) => {
                    error.tell(samples);
                    let _ = connection.query_drop("ROLLBACK");
                    return true;
                }
                Tried::Unknown(error) => {
                    samples.unknown += 1;
                    error.tell(samples);
                    return false;
                }
                Tried::Lost(error) => {
                    error.tell(samples);
                    return false;
                }
            }
        }
    }

    fn attempt(&self, connection: &mut Conn, statements: &[String]) -> Tried {
        let begin = std::iter::once("START TRANSACTION").chain(statements.iter().map(String::as_str));
        for statement in begin {
            match answer::run(connection, statement) {
                Ok(_) => {}
                Err(mysql::Error::MySqlError(error)) if error.code == DEADLOCK => return Tried::RolledBack,
                Err(mysql::Error::MySqlError(error)) if error.code == CHANGED => {
                    // The next START TRANSACTION would commit what may still be open.
                    let _ = connection.query_drop("ROLLBACK");
                    return Tried::RolledBack;
                }
                Err(mysql::Error::MySqlError(error)) => {
                    return Tried::Failed(Complaint::of_server(&error));
                }
                Err(_) => {
                    return Tried::Lost(Complaint::own(format!("the connection to {} was cut", self.member)));
                }
            }
        }
        match answer::run(connection, "COMMIT") {
            Ok(_) => Tried::Committed,
            Err(mysql::Error::MySqlError(error)) if error.code == DEADLOCK => Tried::RolledBack,
            Err(mysql::Error::MySqlError(error)) => {
                let told = Complaint::of_server(&error);
                if OPEN.contains(&error.code) { Tried::Unknown(told) } else { Tried::Failed(told) }
            }
            Err(_) => {
                let told = format!("the connection to {} was cut during a commit", self.member);
                Tried::Unknown(Complaint::own(told))
            }
        }
    }
}
