//! How a guest reaches the cluster, logs in, and is removed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use mysql::{Conn, OptsBuilder};

use super::ID;
use crate::galera::act::identified_by;
use crate::galera::inventory::Inventory;
use crate::galera::sql::{Database, DbError, literal};
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::transport::Fleet;

/// How long a statement may take: it waits while a new view forms, for seconds where a member was lost.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long a connection to an address may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Keeps the driver from asking for the server's own limit.
const LARGEST_PACKET: usize = 16 << 20;

/// How a guest reaches the cluster.
#[derive(Clone)]
pub struct Way<'a> {
    pub inventory: &'a Inventory,
    pub fleet: &'a Fleet,
    /// The servers' unix sockets.
    pub sockets: BTreeMap<NodeName, String>,
}

impl Way<'_> {
    pub fn database(&self, node: &NodeName) -> Option<Database> {
        Some(Database::new(self.fleet.host_of(node)?, self.sockets.get(node)?))
    }

    /// The node's server, where it takes writes.
    pub async fn serving(&self, node: &NodeName) -> Option<Database> {
        let database = self.database(node)?;
        database.live().await.is_ok_and(|live| live.is_primary() && live.is_synced()).then_some(database)
    }

    /// A member that takes writes.
    pub async fn member(&self) -> Option<Database> {
        for node in self.inventory.start_order() {
            if let Some(database) = self.serving(&node.name).await {
                return Some(database);
            }
        }
        None
    }

    /// Waits until each member that answers has applied what the others have committed.
    pub async fn applied(&self) {
        for node in &self.inventory.nodes {
            let Some(database) = self.database(&node.name) else { continue };
            // A node that is not a member needs no account.
            let _ = database.run(&["SET SESSION wsrep_sync_wait = 1", "SELECT 1"]).await;
        }
    }

    /// The proxies' ports for writes, each by way of its own host.
    pub async fn proxies(&self) -> Vec<(NodeName, Route)> {
        let mut routes = Vec::new();
        let port = self.inventory.endpoint.map_or(0, |endpoint| endpoint.write_port);
        for proxy in self.inventory.proxies() {
            let Some(host) = self.fleet.host_of(&proxy.name) else { continue };
            if let Ok(local) = host.forward_port(&proxy.address.to_string(), port).await {
                routes.push((proxy.name.clone(), Route::Socket(local)));
            }
        }
        routes
    }

    /// The node's own socket, by way of its host.
    pub async fn socket(&self, node: &NodeName) -> Option<Route> {
        let host = self.fleet.host_of(node)?;
        host.forward(self.sockets.get(node)?).await.ok().map(Route::Socket)
    }
}

/// Where a connection is made to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// A local socket that leads through SSH.
    Socket(PathBuf),
    /// An address and port that this machine reaches.
    Address(String, u16),
}

/// The name and the password of a guest.
#[derive(Clone)]
pub struct Guest {
    pub name: String,
    password: String,
}

impl Guest {
    /// With a name that nobody else has.
    pub fn new(prefix: &str) -> Self {
        Self { name: format!("{prefix}{}", &random::id()[..ID]), password: random::id() }
    }

    pub fn password(&self) -> &str {
        &self.password
    }

    /// The statements that make the account, and let it do this in its own database.
    pub fn account(&self, privileges: &str) -> [String; 2] {
        let account = format!("{}@'%'", literal(&self.name));
        [
            format!("CREATE USER {account} {}", identified_by(&self.password)),
            format!("GRANT {privileges} ON {}.* TO {account}", self.name),
        ]
    }

    /// Logs in.
    pub fn connect(&self, route: &Route) -> Result<Conn, mysql::Error> {
        let options = OptsBuilder::new()
            .user(Some(&self.name))
            .pass(Some(&self.password))
            .prefer_socket(false)
            .tcp_connect_timeout(Some(CONNECT))
            .read_timeout(Some(PATIENCE))
            .write_timeout(Some(PATIENCE))
            .max_allowed_packet(Some(LARGEST_PACKET));
        Conn::new(match route {
            Route::Socket(path) => options.socket(path.to_str()),
            Route::Address(address, port) => options.ip_or_hostname(Some(address)).tcp_port(*port),
        })
    }
}

/// Removes a guest's account and database.
pub async fn remove(database: &Database, name: &str) -> Result<(), DbError> {
    let statements =
        [format!("DROP USER IF EXISTS {}@'%'", literal(name)), format!("DROP DATABASE IF EXISTS {name}")];
    database.run(&statements.each_ref().map(String::as_str)).await.map(drop)
}
