//! How a guest reaches the cluster, logs in, and is removed.

mod encrypted;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mysql::{Conn, OptsBuilder};

use super::ID;
use super::route::CONNECT;
pub use super::route::{PATIENCE, Route};
use crate::galera::act::identified_by;
use crate::galera::inventory::Inventory;
use crate::galera::sql::{Database, DbError, literal};
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::transport::Fleet;

/// Keeps the driver from asking for the server's own limit.
const LARGEST_PACKET: usize = 16 << 20;
/// What a server says to a client in clear text where it requires TLS: 11.x, and the ones before.
const REFUSALS: [u16; 2] = [3159, 1045];

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

/// The name and the password of a guest.
#[derive(Clone)]
pub struct Guest {
    pub name: String,
    password: String,
    /// A server has refused clear text, and let the guest in with TLS.
    encrypts: Arc<AtomicBool>,
}

impl Guest {
    /// With a name that nobody else has.
    pub fn new(prefix: &str) -> Self {
        let name = format!("{prefix}{}", &random::id()[..ID]);
        Self { name, password: random::id(), encrypts: Arc::default() }
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

    /// Logs in: in clear text, or in TLS where the servers require it of clients.
    pub fn connect(&self, route: &Route) -> Result<Conn, mysql::Error> {
        if self.encrypts.load(Ordering::Relaxed) {
            match self.connect_in_tls(route) {
                // Whoever does not speak TLS any more cuts the connection.
                Err(error) if !matches!(error, mysql::Error::MySqlError(_)) => {}
                outcome => return outcome,
            }
        }
        let refused = |error: &mysql::Error| matches!(error, mysql::Error::MySqlError(it) if REFUSALS.contains(&it.code));
        match self.connect_in_clear(route) {
            Err(error) if refused(&error) => {
                let connection = self.connect_in_tls(route).map_err(|_| error)?;
                self.encrypts.store(true, Ordering::Relaxed);
                Ok(connection)
            }
            outcome => outcome,
        }
    }

    /// Logs in without TLS. The unix socket of a server that requires it stays open.
    pub fn connect_in_clear(&self, route: &Route) -> Result<Conn, mysql::Error> {
        let options = self.options();
        Conn::new(match route {
            Route::Socket(path) => options.socket(path.to_str()),
            Route::Address(address, port) => options.ip_or_hostname(Some(address)).tcp_port(*port),
        })
    }

    fn connect_in_tls(&self, route: &Route) -> Result<Conn, mysql::Error> {
        let port = encrypted::door(route)?;
        let here = Ipv4Addr::LOCALHOST.to_string();
        Conn::new(self.options().ip_or_hostname(Some(here)).tcp_port(port))
    }

    fn options(&self) -> OptsBuilder {
        OptsBuilder::new()
            .user(Some(&self.name))
            .pass(Some(&self.password))
            .prefer_socket(false)
            .tcp_connect_timeout(Some(CONNECT))
            .read_timeout(Some(PATIENCE))
            .write_timeout(Some(PATIENCE))
            .max_allowed_packet(Some(LARGEST_PACKET))
    }
}

/// Removes a guest's account and database.
pub async fn remove(database: &Database, name: &str) -> Result<(), DbError> {
    let statements =
        [format!("DROP USER IF EXISTS {}@'%'", literal(name)), format!("DROP DATABASE IF EXISTS {name}")];
    database.run(&statements.each_ref().map(String::as_str)).await.map(drop)
}
