//! Members whose certificates were not seen, while the others are about to change whom they trust.

use super::wanted::{holders, members};
use crate::galera::facts::HostFacts;
use crate::galera::garbd::judge as arbitrators;
use crate::galera::judge::component::members as standing;
use crate::galera::judge::{Basis, guards};
use crate::kernel::facts::Seen;
use crate::kernel::inventory::Entry;
use crate::kernel::judge::Finding;

const TURNED_AWAY: &str =
    "an authority changes only with all members: those that trust the new one alone would turn this one away";

/// Why the authority cannot be changed now: each of these is a member, or may be one, and would keep its certificate and
/// whom it trusts.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let known: Vec<_> = holders(basis).map(|holder| holder.name).collect();
    let obstacles = arbitrators::obstacles(basis);
    let refusal = |member: &dyn Entry| {
        let obstacle = obstacles.iter().find(|it| it.node.as_ref() == Some(member.name()));
        let finding = obstacle.cloned().unwrap_or_else(|| not_seen(basis, member));
        finding.because(TURNED_AWAY).on(member.name())
    };
    members(basis.inventory)
        .map(|(member, _)| member)
        .filter(|member| !known.contains(&member.name()) && may_be_member(basis, *member))
        .map(refusal)
        .collect()
}

/// Its certificates were not seen, and why.
pub fn not_seen(basis: &Basis<'_>, member: &dyn Entry) -> Finding {
    let why = match basis.observation.certificates.get(member.name()) {
        Some(Seen::Unreachable(why)) => why.clone(),
        Some(Seen::Facts(_)) | None => guards::NOT_LOOKED_AT.into(),
    };
    guards::not_seen(basis.inventory, &why, member.ssh())
}

/// Its program runs, as far as was seen. Of one that was not seen, the size of the Primary component tells.
fn may_be_member(basis: &Basis<'_>, member: &dyn Entry) -> bool {
    let (name, cluster) = (member.name(), basis.inventory.cluster.as_str());
    if basis.inventory.node(name).is_some() {
        let facts = basis.observation.facts(name);
        return facts.map_or_else(|| counts_unseen(basis), HostFacts::server_runs);
    }
    let facts = basis.observation.arbitrator(name);
    facts.map_or_else(
        || counts_unseen(basis),
        |facts| facts.runs() && facts.group().is_none_or(|group| group == cluster),
    )
}

/// The Primary component has more members than were seen in it.
fn counts_unseen(basis: &Basis<'_>) -> bool {
    let standing = standing(basis);
    let Some(first) = standing.first() else { return false };
    let votes = arbitrators::seen(basis)
        .filter(|(_, facts)| arbitrators::counted(basis, &standing, facts) == Some(true))
        .count();
    usize::try_from(first.live.cluster_size).is_ok_and(|size| size > standing.len() + votes)
}
