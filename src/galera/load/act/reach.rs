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
    let mut doors = Vec::new();
    for node in way.inventory.start_order() {
        if way.serving(&node.name).await.is_none() {
            continue;
        }
        let address = Route::Address(node.address.to_string(), node.port(Service::Clients));
        let socket = way.socket(&node.name).await;
        doors.push(Door { member: node.name.clone(), address, socket });
    }
    open(guest, doors, false).await
}

/// The proxies' ports for writes. `tls`: clients can speak TLS.
///
/// Errors: there is no proxy that lets a client in.
pub async fn proxies(way: &Way<'_>, guest: &Guest, tls: bool) -> Result<Vec<Target>, StepError> {
    let Some(endpoint) = way.inventory.endpoint else {
        return Err(StepError::new("the inventory has no endpoint"));
    };
    let forwarded = way.proxies().await;
    let mut doors = Vec::new();
    for proxy in way.inventory.proxies() {
        let address = Route::Address(proxy.address.to_string(), endpoint.write_port);
        let socket = forwarded.iter().find(|(name, _)| *name == proxy.name).map(|(_, route)| route.clone());
        doors.push(Door { member: proxy.name.clone(), address, socket });
    }
    let targets = open(guest, doors, tls).await;
    match targets.is_empty() {
        true if way.inventory.requires_tls_of_clients() && !tls => Err(StepError::new(
            "no proxy of the inventory lets a client in without TLS, which sysbench does not speak",
        )
        .left("the workloads without `oltp_` speak TLS; `--through nodes` needs none")),
        true => Err(StepError::new("no proxy of the inventory lets a client in")),
        false => Ok(targets),
    }
}

/// A node or a proxy before anybody has knocked.
struct Door {
    member: NodeName,
    address: Route,
    socket: Option<Route>,
}

/// Those where a client can log in, all in one way: by their own addresses where each of them lets a client in there
/// from this machine, and otherwise by way of SSH. Figures of two ways could not be compared. `tls`: where a server
/// requires it, clients speak TLS.
async fn open(guest: &Guest, doors: Vec<Door>, tls: bool) -> Vec<Target> {
    let guest = guest.clone();
    let tried = move || {
        let lets_in = |route: &Route| match tls {
            true => guest.connect(route).is_ok(),
            false => guest.connect_in_clear(route).is_ok(),
        };
        let tried = doors.into_iter().map(|door| {
            let address = Some(door.address).filter(lets_in);
            (door.member, address, door.socket)
        });
        one_way(tried.collect(), lets_in)
    };
    tokio::task::spawn_blocking(tried).await.unwrap_or_default()
}

/// `tried`: each with its address where that lets a client in, and with its way through SSH.
fn one_way(
    tried: Vec<(NodeName, Option<Route>, Option<Route>)>,
    lets_in: impl Fn(&Route) -> bool,
) -> Vec<Target> {
    let by_ssh = |address: &Option<Route>, socket: &Option<Route>| {
        address.is_none() && socket.as_ref().is_some_and(&lets_in)
    };
    let any_by_ssh = tried.iter().any(|(_, address, socket)| by_ssh(address, socket));
    let target = |(member, address, socket): (NodeName, Option<Route>, Option<Route>)| {
        // One that is reached at its address alone takes part all the same; the report names its way.
        let route = if any_by_ssh { socket.filter(&lets_in).or(address) } else { address };
        route.map(|route| Target { member, route })
    };
    tried.into_iter().filter_map(target).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str) -> Option<Route> {
        Some(Route::Address(host.into(), 3306))
    }

    fn socket(path: &str) -> Option<Route> {
        Some(Route::Socket(path.into()))
    }

    fn routes(tried: [(Option<Route>, Option<Route>); 3]) -> Vec<Route> {
        let named = ["db1", "db2", "db3"].into_iter().zip(tried);
        let named = named.map(|(name, (address, socket))| (name.parse().unwrap(), address, socket));
        one_way(named.collect(), |route| *route != Route::Socket("shut".into()))
            .into_iter()
            .map(|target| target.route)
            .collect()
    }

    #[test]
    fn all_are_reached_in_one_way() {
        let (a, s) = (address("a"), socket("s"));
        let all = |route: &Option<Route>, count| vec![route.clone().unwrap(); count];
        assert_eq!(routes([0; 3].map(|_| (a.clone(), s.clone()))), all(&a, 3));
        for at in 0..3 {
            let mixed = [0, 1, 2].map(|it| (a.clone().filter(|_| it != at), s.clone()));
            assert_eq!(routes(mixed), all(&s, 3), "{at}");
        }
        // A node that lets nobody in does not send the others through SSH.
        assert_eq!(routes([(a.clone(), s.clone()), (None, socket("shut")), (a.clone(), s)]), all(&a, 2));
    }
}
