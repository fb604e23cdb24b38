//! The writer at work, and the reading of its rows at the end.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mysql::prelude::Queryable;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::Report;
use super::attempt::{Attempt, Outcome};
use super::report::Rows;
use super::timeline::Timeline;
use crate::galera::guest::act::{Guest, Route, Way, remove};
use crate::galera::guest::is_named;
use crate::galera::model::LEDGER_PREFIX as PREFIX;
use crate::galera::proxy::proxysql;
use crate::galera::sql::{Database, DbError};
use crate::kernel::model::NodeName;
use crate::kernel::run::event::{Event, Reporter};
use crate::kernel::run::step_error::StepError;

/// The table of the rows, and one that says that the rows are evidence.
const TABLE: &str = "entries";
const KEPT: &str = "kept";
/// A ledger that has written nothing for so long was abandoned: its galactl was cut off.
const ABANDONED: &str = "INTERVAL 10 MINUTE";

/// The proxies' ports for writes; where there is no proxy, the nodes' own sockets.
async fn routes(way: &Way<'_>) -> Vec<(NodeName, Route)> {
    let mut routes = way.proxies().await;
    if !routes.is_empty() {
        return routes;
    }
    for node in way.sockets.keys() {
        if let Some(route) = way.socket(node).await {
            routes.push((node.clone(), route));
        }
    }
    routes
}

/// A writer at work.
pub struct Ledger {
    name: String,
    through: Vec<NodeName>,
    began: Instant,
    stop: Arc<AtomicBool>,
    writer: JoinHandle<Vec<Attempt>>,
}

impl Ledger {
    /// Makes the account and the table, and begins to write so many rows a second.
    ///
    /// Errors: no member takes writes, or there is no way to one.
    pub async fn open(way: &Way<'_>, rate: u32, began: Instant) -> Result<Self, StepError> {
        let no_member =
            || StepError::new("a ledger needs a cluster that takes writes, and no member is Synced");
        let database = way.member().await.ok_or_else(no_member)?;
        let routes = routes(way).await;
        if routes.is_empty() {
            return Err(StepError::new(
                "no connection can be made to a proxy or a node, so nothing can be written",
            ));
        }
        sweep(&database).await?;
        let guest = Guest::new(PREFIX);
        let (name, [user, grant]) = (guest.name.clone(), guest.account("INSERT"));
        let statements = [
            format!("CREATE DATABASE {name}"),
            format!(
                "CREATE TABLE {name}.{TABLE} (id BIGINT PRIMARY KEY, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP) ENGINE=InnoDB"
            ),
            user,
            grant,
        ];
        if let Err(error) = database.run(&statements.each_ref().map(String::as_str)).await {
            // Removes what was made before the failure. The failure is the error to report, so this result is ignored.
            let _ = remove(&database, &name).await;
            return Err(error.into());
        }
        way.applied().await;
        if let Err(error) =
            proxysql::act::add_account(way.inventory, way.fleet, &name, guest.password()).await
        {
            // Those that were told before the one that failed.
            let _ = proxysql::act::remove_account(way.inventory, way.fleet, &name).await;
            let _ = remove(&database, &name).await;
            return Err(error);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let through = routes.iter().map(|(name, _)| name.clone()).collect();
        let writer = Writer { routes, guest, began, pause: Duration::from_secs(1) / rate.max(1) };
        let writer = {
            let stop = Arc::clone(&stop);
            tokio::spawn(writer.work(stop))
        };
        Ok(Self { name, through, began, stop, writer })
    }

    /// Stops the writer, reads its rows on every node, and removes what it has made.
    ///
    /// Errors: the writer broke down.
    pub async fn close(self, way: &Way<'_>, timeline: &Timeline) -> Result<Report, StepError> {
        self.stop.store(true, Ordering::Relaxed);
        let attempts = self.writer.await.map_err(|_| StepError::new("the ledger's writer broke down"))?;
        let end = self.began.elapsed();
        // A ProxySQL that cannot be told forgets the account at its next start; on the nodes it is removed anyway.
        let _ = proxysql::act::remove_account(way.inventory, way.fleet, &self.name).await;
        let mut rows = Rows::new();
        for node in &way.inventory.nodes {
            rows.insert(node.name.clone(), read(way, &node.name, &self.name).await);
        }
        let mut report = Report::of(self.through, &attempts, &rows, timeline, end);
        let removed = match way.member().await {
            // Rows that are lost are evidence.
            Some(database) if report.lost_any() => {
                let kept =
                    format!("CREATE TABLE {}.{KEPT} (at TIMESTAMP PRIMARY KEY) ENGINE=InnoDB", self.name);
                let _ = database.run(&[&kept]).await;
                false
            }
            Some(database) => remove(&database, &self.name).await.is_ok(),
            None => false,
        };
        report.left = (!removed).then_some(self.name);
        Ok(report)
    }
}

/// The rows on a node that is a member; `None`: it is none, or gives no answer.
async fn read(way: &Way<'_>, node: &NodeName, name: &str) -> Option<BTreeSet<u64>> {
    let database = way.serving(node).await?;
    let select = format!("SELECT id FROM {name}.{TABLE}");
    let rows = database.run(&["SET SESSION wsrep_sync_wait = 1", &select]).await.ok()?;
    Some(rows.into_iter().flatten().filter_map(|id| id.parse().ok()).collect())
}

/// Removes ledgers that were cut off. Those whose rows are lost have a table that says so, and stay.
async fn sweep(database: &Database) -> Result<(), DbError> {
    let found = database.run(&["SHOW DATABASES"]).await?;
    for name in found.into_iter().flatten().filter(|name| is_named(PREFIX, name)) {
        let tables = database.run(&[&format!("SHOW TABLES IN {name}")]).await?;
        let has = |table: &str| tables.iter().flatten().any(|it| it == table);
        let newest = format!("SELECT COALESCE(MAX(at), 0) < NOW() - {ABANDONED} FROM {name}.{TABLE}");
        let abandoned = !has(TABLE) || database.run(&[&newest]).await? == [["1"]];
        if abandoned && !has(KEPT) {
            remove(database, &name).await?;
        }
    }
    Ok(())
}

/// What the writing thread works with.
struct Writer {
    routes: Vec<(NodeName, Route)>,
    guest: Guest,
    began: Instant,
    pause: Duration,
}

impl Writer {
    /// Writes until it is told to stop: each row over a connection of its own, as an application without a pool
    /// does. Where one route fails, the next row takes the next one.
    async fn work(self, stop: Arc<AtomicBool>) -> Vec<Attempt> {
        let (writer, mut attempts, mut route) = (Arc::new(self), Vec::new(), 0);
        for number in 1.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let at = writer.began.elapsed();
            let write = {
                let writer = Arc::clone(&writer);
                move || writer.write(&writer.routes[route % writer.routes.len()], number)
            };
            let outcome = tokio::task::spawn_blocking(write).await;
            let outcome = outcome.unwrap_or_else(|_| Outcome::Unknown("the writer broke down".into()));
            let took = writer.began.elapsed().saturating_sub(at);
            route += usize::from(outcome != Outcome::Confirmed);
            attempts.push(Attempt { number, at, took, outcome });
            sleep(writer.pause.saturating_sub(took)).await;
        }
        attempts
    }

    fn write(&self, (through, route): &(NodeName, Route), number: u64) -> Outcome {
        let mut connection = match self.guest.connect(route) {
            Ok(connection) => connection,
            Err(mysql::Error::MySqlError(error)) => {
                return Outcome::Failed(format!("ERROR {}: {}", error.code, error.message));
            }
            // The driver's message is left out: it names a socket of this run.
            Err(_) => return Outcome::Failed(format!("no connection through {through}")),
        };
        match connection.query_drop(format!("INSERT INTO {}.{TABLE} (id) VALUES ({number})", self.guest.name))
        {
            Ok(()) => Outcome::Confirmed,
            Err(mysql::Error::MySqlError(error)) => Outcome::of_server(error.code, &error.message),
            Err(_) => {
                Outcome::Unknown(format!("the connection through {through} was cut in the middle of a write"))
            }
        }
    }
}

/// Notes when steps begin and end, and hands every event on.
pub struct Recorder {
    began: Instant,
    timeline: Mutex<Timeline>,
    next: Arc<dyn Reporter>,
}

impl Recorder {
    pub fn new(began: Instant, next: Arc<dyn Reporter>) -> Self {
        Self { began, timeline: Mutex::default(), next }
    }

    pub fn timeline(&self) -> Timeline {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Reporter for Recorder {
    fn event(&self, event: &Event) {
        let at = self.began.elapsed();
        let mut timeline = self.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::StepStarted { id, .. } => timeline.begin(id, at),
            Event::StepFinished { id, .. } | Event::StepFailed { id, .. } => timeline.end(id, at),
            _ => {}
        }
        drop(timeline);
        self.next.event(event);
    }
}
