//! What the probe of the ports forbids, and what it only warns of. No probe, no verdict.

use std::collections::BTreeMap;

use super::Basis;
use crate::galera::facts::{NodePort, PortState, Reach, Way};
use crate::galera::judge::codes;
use crate::galera::model::Service;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

type Ports = Vec<(Service, u16)>;

/// Ports that another program has, and ways between nodes that are not open. What was found at nodes that the
/// inventory does not name says nothing.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let mut refusals: Vec<_> = taken(basis)
        .into_iter()
        .map(|((node, program), ports)| {
            let evidence = format!("its {} in use by {program}", with_verb(&ports));
            let next = Remedy::on_host(format!(
                "sudo ss -ltnp 'sport = :{}'; then stop that program, or give it another port",
                ports[0].1
            ));
            Finding::new(codes::PORTS, evidence, next).on(node)
        })
        .collect();
    let blocked = blocked(basis, |way| way.service.is_essential());
    refusals.extend(blocked.into_iter().map(|(closed, from)| {
        Finding::new(codes::PORTS, closed.seen(&from), closed.next(&from)).on(closed.to)
    }));
    refusals
}

/// From whom to whom no group communication comes through.
pub fn closed_to_the_group<'a>(basis: &Basis<'a>) -> Vec<(&'a NodeName, &'a NodeName)> {
    let closed = own_ways(basis).filter(|way| way.service == Service::GroupCommunication && is_closed(way));
    closed.map(|way| (&way.from, &way.to)).collect()
}

/// Ways that no cluster needs, and ports that were not tried.
pub fn warnings(basis: &Basis<'_>) -> Vec<Finding> {
    let closed = blocked(basis, |way| !way.service.is_essential());
    let mut warnings: Vec<_> = closed
        .into_iter()
        .map(|(closed, from)| {
            let said = format!("{}; clients there would not reach it either", closed.seen(&from));
            Finding::new(codes::PORTS, said, closed.next(&from)).on(closed.to)
        })
        .collect();
    let next = "run it again once that is over; where perl is missing: sudo apt-get install perl-base";
    warnings.extend(not_tried(basis).into_iter().map(|((node, why), ports)| {
        Finding::new(codes::PORTS, format!("{} not tried: {why}", listed(&ports)), next).on(node)
    }));
    warnings.extend(not_trying(basis).into_iter().map(|(node, why)| {
        Finding::new(codes::PORTS, format!("no port was tried from there: {why}"), next).on(node)
    }));
    warnings
}

/// What is closed at one node, in one way.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Closed<'a> {
    to: &'a NodeName,
    ports: Ports,
    reach: &'a Reach,
}

impl Closed<'_> {
    fn seen(&self, from: &[&NodeName]) -> String {
        let how = match self.reach {
            Reach::Filtered(how) => format!("filtered, {how}"),
            Reach::Stranger => "something else answers there".to_owned(),
            Reach::Refused | Reach::Open | Reach::NotTried(_) => {
                "refused, though something listened there".to_owned()
            }
        };
        format!("{} cannot reach its {}: {how}", names(from), listed(&self.ports))
    }

    fn next(&self, from: &[&NodeName]) -> String {
        let numbers: Vec<_> = self.ports.iter().map(|(_, port)| port.to_string()).collect();
        if *self.reach == Reach::Stranger {
            return format!(
                "find out which machine or proxy answers at its address, as {} sees it",
                names(from)
            );
        }
        format!(
            "let TCP from {} through to {} of {}: in its firewall (sudo nft list ruleset), or in one on the way",
            names(from),
            numbers.join(", "),
            self.to
        )
    }
}

/// Nodes with the program that has ports of theirs.
fn taken<'a>(basis: &Basis<'a>) -> BTreeMap<(&'a NodeName, &'a str), Ports> {
    by_node(basis, |port| match &port.state {
        PortState::InUse(program) if !beside_a_proxy(basis, port) => Some(program),
        _ => None,
    })
}

/// The inventory gives the server one address for clients, so that a proxy may have the others.
fn beside_a_proxy(basis: &Basis<'_>, port: &NodePort) -> bool {
    let bind = basis.inventory.node(&port.node).and_then(|node| node.mysqld.get("bind_address"));
    port.service == Service::Clients
        && bind.is_some_and(|bind| !["0.0.0.0", "::", "*"].contains(&bind.as_str()))
}

fn not_tried<'a>(basis: &Basis<'a>) -> BTreeMap<(&'a NodeName, &'a str), Ports> {
    by_node(basis, |port| match &port.state {
        PortState::NotTried(why) => Some(why),
        _ => None,
    })
}

fn by_node<'a>(
    basis: &Basis<'a>,
    text: impl Fn(&'a NodePort) -> Option<&'a String>,
) -> BTreeMap<(&'a NodeName, &'a str), Ports> {
    let mut found: BTreeMap<_, Ports> = BTreeMap::new();
    let own = |port: &&NodePort| basis.inventory.node(&port.node).is_some();
    for port in basis.observation.ports.of_nodes.iter().filter(own) {
        if let Some(text) = text(port) {
            found.entry((&port.node, text.as_str())).or_default().push((port.service, port.port));
        }
    }
    found
}

/// Nodes that could not try the others' ports.
fn not_trying<'a>(basis: &Basis<'a>) -> BTreeMap<&'a NodeName, &'a str> {
    own_ways(basis)
        .filter_map(|way| match &way.reach {
            Reach::NotTried(why) => Some((&way.from, why.as_str())),
            _ => None,
        })
        .collect()
}

/// Closed ways, with all nodes that find the same ports of a node closed alike.
fn blocked<'a>(basis: &Basis<'a>, counts: impl Fn(&Way) -> bool) -> BTreeMap<Closed<'a>, Vec<&'a NodeName>> {
    let mut pairs: BTreeMap<(&NodeName, &NodeName, &Reach), Ports> = BTreeMap::new();
    for way in own_ways(basis).filter(|way| counts(way) && is_closed(way)) {
        pairs.entry((&way.to, &way.from, &way.reach)).or_default().push((way.service, way.port));
    }
    let mut closed: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for ((to, from, reach), ports) in pairs {
        closed.entry(Closed { to, ports, reach }).or_default().push(from);
    }
    closed
}

fn own_ways<'a>(basis: &Basis<'a>) -> impl Iterator<Item = &'a Way> + use<'a> {
    let Basis { inventory, observation, .. } = *basis;
    let own = |way: &&Way| inventory.node(&way.from).is_some() && inventory.node(&way.to).is_some();
    observation.ports.ways.iter().filter(move |way| own(way))
}

fn is_closed(way: &Way) -> bool {
    !matches!(way.reach, Reach::Open | Reach::NotTried(_))
}

/// `port 4444 (SST)`, `ports 4567 (group communication), 4568 (IST)`.
fn listed(ports: &Ports) -> String {
    let list: Vec<_> = ports.iter().map(|(service, port)| format!("{port} ({})", service.as_str())).collect();
    format!("port{} {}", if ports.len() == 1 { "" } else { "s" }, list.join(", "))
}

fn with_verb(ports: &Ports) -> String {
    format!("{} {}", listed(ports), if ports.len() == 1 { "is" } else { "are" })
}

fn names(nodes: &[&NodeName]) -> String {
    let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
    names.join(", ")
}
