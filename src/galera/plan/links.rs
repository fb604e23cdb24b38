//! What missing links between members mean for a plan, and for whoever looks.

use super::roles;
use crate::galera::judge::links::{LinkEnd, data_nodes, missing};
use crate::galera::judge::{Basis, codes, ports};
use crate::galera::model::Service;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

/// The links that are missing now between the members that the inventory names.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    missing(&ends(basis)).into_iter().map(|(one, other)| finding(basis, one, other)).collect()
}

/// The members at which links are missing; each stands there once for every link.
pub fn loose_ends(basis: &Basis<'_>) -> Vec<NodeName> {
    missing(&ends(basis)).into_iter().flat_map(|(one, other)| [one.clone(), other.clone()]).collect()
}

/// What stands against taking members out, for good or for a moment: the others must reach each other without
/// them. `basis`: of those that stay, and of those that are to come back.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let mut refusals = ports::refusals(basis);
    let closed = ports::closed_to_the_group(basis);
    let said = |one, other| closed.iter().any(|way| *way == (one, other) || *way == (other, one));
    let ends = ends(basis);
    let untold = missing(&ends).into_iter().filter(|(one, other)| !said(*one, *other));
    refusals.extend(untold.map(|(one, other)| finding(basis, one, other)));
    refusals
}

fn ends(basis: &Basis<'_>) -> Vec<LinkEnd> {
    let mut ends = data_nodes(basis);
    ends.extend(roles::link_ends(basis));
    ends
}

fn finding(basis: &Basis<'_>, one: &NodeName, other: &NodeName) -> Finding {
    let service = Service::GroupCommunication;
    let port = basis.inventory.node(one).map_or(service.usual_port(), |node| node.port(service));
    let evidence = format!(
        "it has no connection with {other} for group communication (port {port}): other members carry their messages"
    );
    let next = Remedy::galactl("check", &[])
        .and(format!(" tells which way is closed; let TCP through to port {port} between {one} and {other}"));
    Finding::new(codes::MISSING_LINK, evidence, next).on(one)
}
