//! What the probe of the ports forbids, and what it only warns of. No probe, no verdict.

use std::collections::BTreeMap;

use super::{Basis, codes};
use crate::kernel::facts::{NodePort, PortState, Reach, Way};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::patroni::model::Service;

type Ports = Vec<(Service, u16)>;

/// Ports that another program has, and ways between hosts that are not open.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let taken = by_node(basis, |port| match &port.state {
        PortState::InUse(program) => Some(program),
        _ => None,
    });
    let taken = taken.into_iter().map(|((node, program), ports)| {
        let next =
            Remedy::on_host(format!("sudo ss -ltnp 'sport = :{}'; then stop that program", ports[0].1));
        Finding::new(codes::PORTS, format!("{program} listens at its {}", listed(&ports)), next).on(node)
    });
    taken.chain(closed(basis)).collect()
}

/// Ports that were not tried, and hosts from which none was.
pub fn warnings(basis: &Basis<'_>) -> Vec<Finding> {
    let next = "run it again once that is over; where perl is missing: sudo apt-get install perl-base";
    let untried = by_node(basis, |port| match &port.state {
        PortState::NotTried(why) => Some(why),
        _ => None,
    });
    let untried = untried.into_iter().map(|((node, why), ports)| {
        Finding::new(codes::PORTS, format!("{} not tried: {why}", listed(&ports)), next).on(node)
    });
    let mut silent: BTreeMap<&NodeName, &str> = BTreeMap::new();
    for way in &basis.observation.ports.ways {
        if let Reach::NotTried(why) = &way.reach {
            silent.insert(&way.from, why);
        }
    }
    let silent = silent.into_iter().map(|(node, why)| {
        Finding::new(codes::PORTS, format!("no port was tried from there: {why}"), next).on(node)
    });
    untried.chain(silent).collect()
}

fn by_node<'a>(
    basis: &Basis<'a>,
    text: impl Fn(&'a NodePort<Service>) -> Option<&'a String>,
) -> BTreeMap<(&'a NodeName, &'a str), Ports> {
    let mut found: BTreeMap<_, Ports> = BTreeMap::new();
    for port in &basis.observation.ports.of_nodes {
        if let Some(text) = text(port) {
            found.entry((&port.node, text.as_str())).or_default().push((port.service, port.port));
        }
    }
    found
}

/// What is closed at one host, for all that find the same ports closed alike.
fn closed(basis: &Basis<'_>) -> Vec<Finding> {
    let mut pairs: BTreeMap<(&NodeName, &NodeName, &Reach), Ports> = BTreeMap::new();
    for way in basis.observation.ports.ways.iter().filter(|way| is_needed(basis, way)) {
        if !matches!(way.reach, Reach::Open | Reach::NotTried(_)) {
            pairs.entry((&way.to, &way.from, &way.reach)).or_default().push((way.service, way.port));
        }
    }
    let mut closed: BTreeMap<(&NodeName, Ports, &Reach), Vec<&str>> = BTreeMap::new();
    for ((to, from, reach), ports) in pairs {
        closed.entry((to, ports, reach)).or_default().push(from.as_str());
    }
    closed.into_iter().map(|((to, ports, reach), from)| of_closed(to, &ports, reach, &from)).collect()
}

/// Every node connects to the servers, REST APIs and etcd; only etcd's members to each other's second port. Proxies lead to
/// the servers, and ask the REST APIs which of them leads.
fn is_needed(basis: &Basis<'_>, way: &Way<Service>) -> bool {
    let is_proxy = basis.inventory.proxies.iter().any(|proxy| proxy.name == way.from);
    match way.service {
        Service::Server | Service::Rest if is_proxy => true,
        Service::EtcdPeers => basis.inventory.etcd_member(&way.from).is_some(),
        Service::Server | Service::Rest | Service::EtcdClients => basis.inventory.node(&way.from).is_some(),
    }
}

fn of_closed(to: &NodeName, ports: &Ports, reach: &Reach, from: &[&str]) -> Finding {
    let from = names(from, "and");
    let numbers: Vec<_> = ports.iter().map(|(_, port)| port.to_string()).collect();
    let (how, next) = match reach {
        Reach::Stranger => (
            "something else answers there".to_owned(),
            format!("find out which machine or proxy answers at its address, as {from} sees it"),
        ),
        reach => {
            let how = match reach {
                Reach::Filtered(how) => format!("filtered, {how}"),
                _ => "refused, though something listened there".to_owned(),
            };
            let next = format!(
                "let TCP from {from} through to {} of {to}: in its firewall (sudo nft list ruleset), or in one on the way",
                numbers.join(", ")
            );
            (how, next)
        }
    };
    Finding::new(codes::PORTS, format!("{from} cannot reach its {}: {how}", listed(ports)), next).on(to)
}

/// `port 5432 (PostgreSQL)`
fn listed(ports: &Ports) -> String {
    let list: Vec<_> = ports.iter().map(|(service, port)| format!("{port} ({})", service.as_str())).collect();
    format!("port{} {}", if ports.len() == 1 { "" } else { "s" }, list.join(", "))
}
