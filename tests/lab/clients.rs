//! Applications: clients on another host that write through proxies, and remember what came of each statement.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder};

use crate::lab::{Lab, until};

/// The account of an application, and its table.
pub const SETUP: &str =
    "CREATE USER app@'%' IDENTIFIED BY 'app'; CREATE DATABASE app; GRANT ALL ON app.* TO app@'%';
    CREATE TABLE app.orders (id VARCHAR(40) PRIMARY KEY, node VARCHAR(40)) ENGINE=InnoDB";
/// A write waits while a view forms: for seconds, where a member was lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two statements of a client. Clients that never rest take the processor from the other scenes' servers.
const PAUSE: Duration = Duration::from_millis(40);

/// How often clients were started: no two write one row.
static RUNS: AtomicU32 = AtomicU32::new(0);

/// How long a client keeps a connection.
#[derive(Debug, Clone, Copy)]
pub enum Keeps {
    /// Each statement has a connection of its own.
    None,
    /// As a pool with this lifetime does.
    For(Duration),
    /// Until it breaks.
    Ever,
}

/// What came of the statements.
#[derive(Debug, Default)]
pub struct Account {
    pub confirmed: BTreeSet<String>,
    /// What the client was told, and of which row.
    pub failed: Vec<(Keeps, String)>,
    /// How many of these were sent and not answered, or answered with an error in the commit: the row may be there.
    pub unknown: usize,
    /// The longest time that one statement took, its connection included.
    pub longest: Duration,
}

/// Clients at work.
pub struct Clients {
    stop: Arc<AtomicBool>,
    /// How many statements were confirmed so far.
    confirmed: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Account>>,
}

impl Clients {
    /// Starts a client of each kind at each of these addresses and ports.
    pub fn start(endpoints: &[(String, u16)], kinds: &[Keeps]) -> Self {
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let stop = Arc::new(AtomicBool::new(false));
        let confirmed = Arc::new(AtomicUsize::new(0));
        let mut threads = Vec::new();
        for (address, port) in endpoints {
            for (number, keeps) in kinds.iter().enumerate() {
                let client = Client {
                    address: address.clone(),
                    port: *port,
                    keeps: *keeps,
                    name: format!("{address}-{number}-{run}"),
                    connection: None,
                    is_asked: false,
                };
                let (stop, confirmed) = (Arc::clone(&stop), Arc::clone(&confirmed));
                threads.push(std::thread::spawn(move || client.work(&stop, &confirmed)));
            }
        }
        Self { stop, confirmed, threads }
    }

    /// How many statements were confirmed so far.
    pub fn confirmed(&self) -> usize {
        self.confirmed.load(Ordering::Relaxed)
    }

    /// Waits until so many more statements were confirmed.
    #[track_caller]
    pub fn await_more(&self, statements: usize) {
        let enough = self.confirmed() + statements;
        until("clients write", || self.confirmed() >= enough);
    }

    /// Lets each client end the statement at which it is.
    pub fn stop(self) -> Account {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Account::default();
        for thread in self.threads {
            let one = thread.join().expect("a client does not panic");
            all.confirmed.extend(one.confirmed);
            all.failed.extend(one.failed);
            all.unknown += one.unknown;
            all.longest = all.longest.max(one.longest);
        }
        all
    }
}

impl Account {
    /// What clients of these kinds were told of statements that failed; the first few.
    pub fn failures(&self, of: impl Fn(&Keeps) -> bool) -> Vec<&str> {
        self.failed.iter().filter(|(keeps, _)| of(keeps)).map(|(_, said)| said.as_str()).take(5).collect()
    }

    /// What those who write through this address were told.
    pub fn failures_at(&self, address: &str) -> Vec<&str> {
        let prefix = format!("{address}-");
        let at = self.failed.iter().map(|(_, said)| said.as_str()).filter(|said| said.starts_with(&prefix));
        at.take(5).collect()
    }

    /// Every confirmed row is on every node.
    #[track_caller]
    pub fn assert_nothing_lost(&self, lab: &Lab, nodes: &[&str]) {
        assert!(!self.confirmed.is_empty());
        // Of the rows themselves: a secondary index may differ.
        let rows = "SET SESSION wsrep_sync_wait = 1; SELECT id FROM app.orders FORCE INDEX (PRIMARY)";
        let mut lacks = Vec::new();
        for node in nodes {
            let rows = lab.sql(node, rows);
            let rows: BTreeSet<&str> = rows.lines().collect();
            let lost: Vec<_> = self.confirmed.iter().filter(|id| !rows.contains(id.as_str())).collect();
            lacks.extend((!lost.is_empty()).then(|| format!("{node} lacks {}: {lost:?}", lost.len())));
        }
        let (confirmed, failed) = (self.confirmed.len(), &self.failed);
        assert!(lacks.is_empty(), "of {confirmed} rows, {}; failed: {failed:?}", lacks.join(", "));
    }
}

struct Client {
    address: String,
    port: u16,
    keeps: Keeps,
    name: String,
    connection: Option<(Conn, Instant)>,
    /// The last statement was sent to a server.
    is_asked: bool,
}

impl Client {
    #[expect(clippy::disallowed_methods, reason = "each client is a thread of its own")]
    fn work(mut self, stop: &AtomicBool, confirmed: &AtomicUsize) -> Account {
        let mut account = Account::default();
        let mut number = 0_u32;
        while !stop.load(Ordering::Relaxed) {
            number += 1;
            let (id, began) = (format!("{}-{number}", self.name), Instant::now());
            match self.write(&id) {
                Ok(()) => {
                    account.confirmed.insert(id);
                    confirmed.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => {
                    account.unknown += usize::from(self.is_asked && leaves_open(&error));
                    account.failed.push((self.keeps, format!("{id}: {error}")));
                }
            }
            account.longest = account.longest.max(began.elapsed());
            std::thread::sleep(PAUSE);
        }
        account
    }

    fn write(&mut self, id: &str) -> Result<(), mysql::Error> {
        self.is_asked = false;
        let (mut connection, since) = match self.connection.take() {
            Some(kept) => kept,
            None => (connect(&self.address, self.port, PATIENCE)?, Instant::now()),
        };
        self.is_asked = true;
        connection.exec_drop("INSERT INTO app.orders VALUES (?, @@wsrep_node_name)", (id,))?;
        let keep = match self.keeps {
            Keeps::None => false,
            Keeps::For(lifetime) => since.elapsed() < lifetime,
            Keeps::Ever => true,
        };
        self.connection = keep.then_some((connection, since));
        Ok(())
    }
}

/// The row may be there all the same: no answer, or an error in the middle of the commit.
fn leaves_open(error: &mysql::Error) -> bool {
    match error {
        mysql::Error::MySqlError(error) => matches!(error.code, 1180 | 1053 | 1317 | 1927),
        _ => true,
    }
}

/// A connection of the application. `patience`: for how long a statement may take.
pub fn connect(address: &str, port: u16, patience: Duration) -> Result<Conn, mysql::Error> {
    let options = OptsBuilder::new()
        .ip_or_hostname(Some(address))
        .tcp_port(port)
        .prefer_socket(false)
        .user(Some("app"))
        .pass(Some("app"))
        .tcp_connect_timeout(Some(PATIENCE))
        // The end of a connection that is lost on the network is found out.
        .tcp_keepalive_time_ms(Some(10_000))
        .read_timeout(Some(patience))
        .write_timeout(Some(patience));
    Conn::new(options)
}
