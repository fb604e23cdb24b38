//! To where clients connect.

use crate::galera::guest::act::{Guest, Route, Way};
use crate::galera::load::report::Reached;
use crate::galera::model::Service;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;

/// A node or a proxy that clients can be connected to.
#[derive(Clone)]
pub struct Target {
    pub member: NodeName,
    pub route: Route,
}

impl Target {
    pub fn reached(&self) -> Reached {
        Reached { member: self.member.clone(), directly: matches!(self.route, Route::Address(..)) }
    }
}

/// The nodes that take writes, in the inventory's order.
pub async fn nodes(way: &Way<'_>, guest: &Guest) -> Vec<Target> {
    let mut targets = Vec::new();
    for node in way.inventory.start_order() {
        if way.serving(&node.name).await.is_none() {
            continue;
        }
        let address = Route::Address(node.address.to_string(), node.port(Service::Clients));
        let socket = way.socket(&node.name).await;
        targets.extend(open(guest, node.name.clone(), address, socket).await);
    }
    targets
}

/// The proxies' ports for writes.
///
/// Errors: there is no proxy that lets a client in.
pub async fn proxies(way: &Way<'_>, guest: &Guest) -> Result<Vec<Target>, StepError> {
    let Some(endpoint) = way.inventory.endpoint else {
        return Err(StepError::new("the inventory has no endpoint"));
    };
    let forwarded = way.proxies().await;
    let mut targets = Vec::new();
    for proxy in way.inventory.proxies() {
        let address = Route::Address(proxy.address.to_string(), endpoint.write_port);
        let socket = forwarded.iter().find(|(name, _)| *name == proxy.name).map(|(_, route)| route.clone());
        targets.extend(open(guest, proxy.name.clone(), address, socket).await);
    }
    match targets.is_empty() {
        true => Err(StepError::new("no proxy of the inventory lets a client in")),
        false => Ok(targets),
    }
}

/// The address where a client can log in there from this machine, and otherwise the way through SSH.
async fn open(guest: &Guest, member: NodeName, address: Route, socket: Option<Route>) -> Option<Target> {
    let guest = guest.clone();
    let routes = std::iter::once(address).chain(socket).collect::<Vec<_>>();
    let found =
        tokio::task::spawn_blocking(move || routes.into_iter().find(|route| guest.connect(route).is_ok()));
    found.await.ok().flatten().map(|route| Target { member, route })
}
