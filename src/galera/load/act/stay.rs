//! The load test's stay on the cluster: its account, its database, and the settings that it has changed.
//!
//! On each node, a connection of its account stands as long as the database does. So a database of this kind without
//! such a connection belongs to a load test that was killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mysql::Conn;
use mysql::prelude::Queryable;
use tokio::time::sleep;

use super::{connection, settings};
use crate::galera::guest::act::{Guest, PATIENCE, Route, Way, remove};
use crate::galera::guest::answer;
use crate::galera::load::workload::{Rows, Workload};
use crate::galera::model::LOAD_PREFIX;
use crate::galera::proxy::proxysql;
use crate::galera::sql::{Database, literal};
use crate::kernel::run::step_error::StepError;

/// Between two words of the connection that stands.
const SIGN_OF_LIFE: Duration = Duration::from_millis(300);

/// How long the connections that stand are waited for at the end.
const LAST_WORD: Duration = Duration::from_secs(2);

/// What is to be removed and put back at the end.
pub struct Stay {
    pub guest: Guest,
    stop: Arc<AtomicBool>,
    keepers: Vec<JoinHandle<()>>,
}

impl Stay {
    /// Makes the account, and then the database with its tables.
    ///
    /// Errors: no member takes writes or can be reached, or a statement fails. What was made before is removed.
    pub async fn begin(way: &Way<'_>, workload: &Workload, rows: Rows) -> Result<Self, StepError> {
        let server = way.member().await.ok_or_else(|| StepError::new("no member is Synced"))?;
        let guest = Guest::new(LOAD_PREFIX);
        let account = guest.account("ALL PRIVILEGES");
        let mut stay = Self { guest, stop: Arc::default(), keepers: Vec::new() };
        let made = async {
            server.run(&account.each_ref().map(String::as_str)).await?;
            way.applied().await;
            proxysql::act::add_account(way.inventory, way.fleet, &stay.guest.name, stay.guest.password())
                .await?;
            stay.keep(way).await?;
            let (name, table) = (&stay.guest.name, settings::table(&stay.guest.name));
            server.run(&[&format!("CREATE DATABASE {name}"), &table]).await?;
            stay.fill(way, workload, rows).await?;
            way.applied().await;
            Ok::<_, StepError>(())
        };
        match made.await {
            Ok(()) => Ok(stay),
            Err(error) => {
                let left = stay.end(way).await;
                Err(left.into_iter().fold(error, StepError::left))
            }
        }
    }

    /// Opens the connections that stand. It is enough that one node lets one in.
    async fn keep(&mut self, way: &Way<'_>) -> Result<(), StepError> {
        let routes = sockets(way).await;
        let first = {
            let (guest, routes) = (self.guest.clone(), routes.clone());
            tokio::task::spawn_blocking(move || any(&guest, &routes)).await.ok().flatten()
        };
        if first.is_none() {
            return Err(StepError::new("no connection can be made to a node, so nothing can be written"));
        }
        for route in routes {
            let (guest, stop) = (self.guest.clone(), Arc::clone(&self.stop));
            self.keepers.push(std::thread::spawn(move || kept(&guest, &route, &stop)));
        }
        Ok(())
    }

    /// As its own account, which can do nothing outside of its database: statements may be the user's.
    async fn fill(&self, way: &Way<'_>, workload: &Workload, rows: Rows) -> Result<(), StepError> {
        let (guest, routes) = (self.guest.clone(), sockets(way).await);
        let statements = workload.tables(&guest.name, rows);
        let filled = tokio::task::spawn_blocking(move || {
            let mut connection =
                any(&guest, &routes).ok_or_else(|| StepError::new("no connection can be made to a node"))?;
            let use_own = format!("USE {}", guest.name);
            // A statement is at fault then, and not the state of the cluster.
            for statement in std::iter::once(&use_own).chain(&statements) {
                answer::run(&mut connection, statement)
                    .map_err(|error| StepError::surprise(refused(&error, statement)))?;
            }
            Ok::<_, StepError>(())
        });
        let broken = |_| StepError::new("the thread that makes the tables broke down");
        filled.await.map_err(broken)?
    }

    /// Puts settings back, and removes the account and the database. Returns what is left.
    pub async fn end(self, way: &Way<'_>) -> Vec<String> {
        let name = self.guest.name.clone();
        for node in &way.inventory.nodes {
            // A host may have been rebooted meanwhile. One that is away is told below.
            let _ = way.fleet.reach(&node.host).await;
        }
        // A ProxySQL that cannot be told forgets the account at its next start; on the nodes it is removed anyway.
        let _ = proxysql::act::remove_account(way.inventory, way.fleet, &name).await;
        let left = match way.member().await {
            Some(server) => clear(way, &server, &name).await,
            None => vec![left_behind(&name)],
        };
        self.stop.store(true, Ordering::Relaxed);
        // One that asks a node that has gone would hold up the end for half a minute.
        let since = Instant::now();
        while since.elapsed() < LAST_WORD && !self.keepers.iter().all(JoinHandle::is_finished) {
            sleep(SIGN_OF_LIFE / 10).await;
        }
        left
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Puts settings back, and removes what has this name. Returns what is left.
pub async fn clear(way: &Way<'_>, server: &Database, name: &str) -> Vec<String> {
    let Ok(found) = server.run(&[&format!("SHOW DATABASES LIKE '{name}'")]).await else {
        return vec![left_behind(name)];
    };
    if !found.is_empty() {
        match settings::put_back(way, server, name).await {
            Ok(nodes) if nodes.is_empty() => {}
            Ok(nodes) => return kept_for(server, name, &nodes).await,
            Err(_) => return vec![left_behind(name)],
        }
    }
    match remove(server, name).await {
        Ok(()) => Vec::new(),
        Err(_) => vec![left_behind(name)],
    }
}

/// The former values stand in the database, so it stays. Its account goes.
async fn kept_for(server: &Database, name: &str, nodes: &[settings::Left]) -> Vec<String> {
    let mut left: Vec<_> = nodes.iter().map(settings::Left::sentence).collect();
    let account = format!("{}@'%'", literal(name));
    match server.run(&[&format!("DROP USER IF EXISTS {account}")]).await {
        Ok(_) => left.push(format!("the database {name} is left: it holds the former values")),
        Err(_) => left.push(left_behind(name)),
    }
    left
}

fn left_behind(name: &str) -> String {
    format!(
        "the database {name} and the account {name}@'%' are left, and servers may log conflicts as during the test; the \
         next galactl load removes them, and puts that back"
    )
}

fn refused(error: &mysql::Error, statement: &str) -> String {
    let at = shortened(statement);
    match error {
        mysql::Error::MySqlError(_) => format!("{error}, at: {at}"),
        _ => format!(
            "the server gave no answer within {} s, at: {at}. Fewer --rows make it shorter, and so do several statements \
             instead of one ({error})",
            PATIENCE.as_secs()
        ),
    }
}

/// Without the rows of a long INSERT.
fn shortened(statement: &str) -> String {
    statement.chars().take(100).collect()
}

async fn sockets(way: &Way<'_>) -> Vec<Route> {
    let mut routes = Vec::new();
    for node in way.inventory.start_order() {
        if way.serving(&node.name).await.is_some() {
            routes.extend(way.socket(&node.name).await);
        }
    }
    routes
}

fn any(guest: &Guest, routes: &[Route]) -> Option<Conn> {
    routes.iter().find_map(|route| guest.connect(route).ok())
}

/// Keeps a connection to one node until it is told to stop.
#[expect(clippy::disallowed_methods, reason = "the driver blocks, so the connection has a thread of its own")]
fn kept(guest: &Guest, route: &Route, stop: &AtomicBool) {
    let mut kept = None;
    while !stop.load(Ordering::Relaxed) {
        if kept.as_mut().is_none_or(|open: &mut Conn| open.query_drop("SELECT 1").is_err()) {
            kept = connection::open(guest, route, SIGN_OF_LIFE).ok();
        }
        std::thread::sleep(SIGN_OF_LIFE);
    }
}
