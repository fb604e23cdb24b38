//! The Primary component that is alive already, if one is.

use super::Basis;
use crate::galera::config::RenderError;
use crate::galera::facts::{HostFacts, Live};
use crate::galera::inventory::Node;
use crate::galera::judge::codes;
use crate::galera::judge::wanted::is_ours;
use crate::kernel::judge::Finding;
use crate::kernel::model::Address;

/// A node that says it is in a Primary component.
pub struct Member<'a> {
    pub node: &'a Node,
    pub facts: &'a HostFacts,
    pub live: &'a Live,
}

/// The inventory's nodes that are in a Primary component, in start order.
pub fn members<'a>(basis: &Basis<'a>) -> Vec<Member<'a>> {
    let member = |(node, facts): (&'a Node, &'a HostFacts)| {
        let live = facts.live().filter(|live| live.is_primary())?;
        Some(Member { node, facts, live })
    };
    basis.nodes().filter_map(member).collect()
}

/// Nodes that start with the inventory's configuration just now. A joiner is counted in the
/// cluster's size before its state transfer begins.
pub fn starting(basis: &Basis<'_>) -> Result<usize, RenderError> {
    let mut count = 0;
    for (node, facts) in basis.nodes() {
        let primary = facts.is_primary();
        let ours = is_ours(basis, node, facts)?;
        count += usize::from(!primary && ours && facts.unit.is_up());
    }
    Ok(count)
}

/// Refuses unless the members form one component of the inventory's name, made of the
/// inventory's nodes alone. `starting` more may be counted in its size already.
pub fn one_component(basis: &Basis<'_>, members: &[Member<'_>], starting: usize) -> Vec<Finding> {
    let refusals: Vec<_> =
        members.iter().filter_map(|member| out_of_line(basis, member, &members[0])).collect();
    if !refusals.is_empty() {
        return refusals;
    }
    unknown_members(basis, members, starting).into_iter().collect()
}

fn out_of_line(basis: &Basis<'_>, member: &Member<'_>, first: &Member<'_>) -> Option<Finding> {
    let (live, name) = (member.live, &member.node.name);
    let refusal = if live.cluster_name != basis.inventory.cluster.as_str() {
        Finding::new(
            codes::PRIMARY_ALIVE,
            format!("it is a member of the running cluster `{}`", live.cluster_name),
            format!("name that cluster in the inventory, or take {name} out of it"),
        )
    } else if !live.shares_view(first.live) {
        Finding::new(
            codes::PRIMARY_ALIVE,
            format!(
                "it is Primary in another view than {}: two clusters of one name, or one that changes just now",
                first.node.name
            ),
            "run this again; if it stays so, stop the client traffic and find out which one holds the data",
        )
    } else {
        return None;
    };
    Some(refusal.on(name))
}

fn unknown_members(basis: &Basis<'_>, members: &[Member<'_>], starting: usize) -> Option<Finding> {
    let inventory = basis.inventory;
    let first = members.first()?.live;
    let known = members.len()..=members.len() + starting + inventory.arbitrators().len();
    let size = usize::try_from(first.cluster_size).unwrap_or(usize::MAX);
    let stranger = first.members.iter().find(|member| {
        let address = member.parse::<Address>();
        let by_name = inventory.nodes.iter().any(|node| matches!(node.address, Address::Host(_)));
        !by_name && address.is_ok_and(|address| inventory.nodes.iter().all(|node| node.address != address))
    });
    if known.contains(&size) && stranger.is_none() {
        return None;
    }
    let evidence = format!(
        "a Primary component of `{}` is alive with {size} members ({}); this inventory's nodes in it are {}",
        inventory.cluster,
        first.members.join(", "),
        members.len()
    );
    let next = "add the missing nodes to the inventory, or wait: a node that crashed or starts is counted for some seconds more";
    Some(Finding::new(codes::PRIMARY_ALIVE, evidence, next))
}

/// About how much a state transfer would bring: a member's data, or the seed's.
pub fn data_bytes(basis: &Basis<'_>) -> u64 {
    let seed = basis.observation.facts(&basis.inventory.seed);
    let source = members(basis).first().map(|member| member.facts).or(seed);
    source.map_or(0, |facts| facts.datadir.bytes)
}
