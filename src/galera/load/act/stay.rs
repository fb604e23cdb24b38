//! The load test's stay on the cluster: its account, its database, and the settings that it has changed.
//!
//! One connection of its account stands as long as the database does. So a database of this kind without such a
//! connection belongs to a load test that was killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use mysql::Conn;
use mysql::prelude::Queryable;

use super::settings;
use crate::galera::guest::act::{Guest, Route, Way, remove};
use crate::galera::load::workload::{Rows, Workload};
use crate::galera::model::LOAD_PREFIX;
use crate::galera::proxy::proxysql;
use crate::galera::sql::Database;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;

/// Between two words of the connection that stands.
const SIGN_OF_LIFE: Duration = Duration::from_millis(300);

/// What is to be removed and put back at the end.
pub struct Stay {
    pub guest: Guest,
    stop: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
}

impl Stay {
    /// Makes the account, and then the database with its tables.
    ///
    /// Errors: no member takes writes or can be reached, or a statement fails. What was made before is removed.
    pub async fn begin(way: &Way<'_>, workload: &Workload, rows: Rows) -> Result<Self, StepError> {
        let server = way.member().await.ok_or_else(|| StepError::new("no member is Synced"))?;
        let guest = Guest::new(LOAD_PREFIX);
        let account = guest.account("ALL PRIVILEGES");
        let mut stay = Self { guest, stop: Arc::default(), keeper: None };
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
                // The failure is the error to report; what cannot be removed, the next load test finds.
                let _ = stay.end(way).await;
                Err(error)
            }
        }
    }

    /// Opens the connection that stands.
    async fn keep(&mut self, way: &Way<'_>) -> Result<(), StepError> {
        let routes = sockets(way).await;
        let (guest, stop) = (self.guest.clone(), Arc::clone(&self.stop));
        let first = {
            let (guest, routes) = (guest.clone(), routes.clone());
            tokio::task::spawn_blocking(move || any(&guest, &routes)).await.ok().flatten()
        };
        let no_way = || StepError::new("no connection can be made to a node, so nothing can be written");
        let first = first.ok_or_else(no_way)?;
        self.keeper = Some(std::thread::spawn(move || kept(first, &guest, &routes, &stop)));
        Ok(())
    }

    /// As its own account, which can do nothing outside of its database: statements may be the user's.
    async fn fill(&self, way: &Way<'_>, workload: &Workload, rows: Rows) -> Result<(), StepError> {
        let (guest, routes) = (self.guest.clone(), sockets(way).await);
        let statements = workload.tables(&guest.name, rows);
        let filled = tokio::task::spawn_blocking(move || {
            let mut connection =
                any(&guest, &routes).ok_or_else(|| "no connection can be made to a node".to_owned())?;
            let use_own = format!("USE {}", guest.name);
            for statement in std::iter::once(&use_own).chain(&statements) {
                connection
                    .query_drop(statement)
                    .map_err(|error| format!("{error}, at: {}", shortened(statement)))?;
            }
            Ok::<_, String>(())
        });
        let broken = |_| StepError::new("the thread that makes the tables broke down");
        filled.await.map_err(broken)?.map_err(StepError::new)
    }

    /// Puts settings back, and removes the account and the database. Returns what is left.
    pub async fn end(mut self, way: &Way<'_>) -> Vec<String> {
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
        if let Some(keeper) = self.keeper.take() {
            let _ = tokio::task::spawn_blocking(|| keeper.join()).await;
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
    let has = server.run(&[&format!("SHOW DATABASES LIKE '{name}'")]).await;
    if has.is_ok_and(|rows| !rows.is_empty()) {
        match settings::put_back(way, server, name).await {
            Ok(nodes) if nodes.is_empty() => {}
            // The former values stand in the database, so it stays.
            Ok(nodes) => return nodes.iter().map(|node| not_put_back(node, name)).collect(),
            Err(_) => return vec![left_behind(name)],
        }
    }
    match remove(server, name).await {
        Ok(()) => Vec::new(),
        Err(_) => vec![left_behind(name)],
    }
}

fn not_put_back(node: &NodeName, name: &str) -> String {
    format!(
        "{node} cannot be reached, so what it logs about conflicts is not put back. The former values stand in \
         {name}.{}; the next load test puts them back",
        settings::FORMER
    )
}

fn left_behind(name: &str) -> String {
    format!("the database {name} and the account {name}@'%' are left; the next load test removes them")
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

/// Keeps a connection until it is told to stop, on another node where the first one has gone.
#[expect(clippy::disallowed_methods, reason = "the driver blocks, so the connection has a thread of its own")]
fn kept(first: Conn, guest: &Guest, routes: &[Route], stop: &AtomicBool) {
    let mut connection = Some(first);
    while !stop.load(Ordering::Relaxed) {
        if connection.as_mut().is_none_or(|open| open.query_drop("SELECT 1").is_err()) {
            connection = any(guest, routes);
        }
        std::thread::sleep(SIGN_OF_LIFE);
    }
}
