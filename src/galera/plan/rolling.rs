//! Taking members out of a running cluster one after the other.

use super::{Step, preparation};
use crate::galera::facts::{HostFacts, Live, NodeState};
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::judge::component::Member;
use crate::galera::judge::next_start::outside_as_it_is;
use crate::galera::judge::unanswered;
use crate::galera::judge::unsynced;
use crate::galera::model::Seqno;
use crate::galera::plan::ServerAction;
use crate::galera::tls;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;

/// Seconds that a restart is thought to take: the flush of the buffer pool, the stop, the start.
const AWAY: u64 = 60;

/// The members in the order in which they leave: last the one to which a proxy sends the writes, so that these move
/// once, and only to nodes that have been away already. Before it, those first whose own clients write least; among
/// equals the seed is the last.
pub fn order<'m, 'a>(
    basis: &Basis<'_>,
    members: impl IntoIterator<Item = &'m Member<'a>>,
) -> Vec<&'m Member<'a>>
where
    'a: 'm,
{
    let mut members: Vec<_> = members.into_iter().collect();
    members.reverse();
    members
        .sort_by_key(|member| (basis.observation.takes_writes(&member.node.name), writes_a_minute(member)));
    members
}

/// Write-sets of its own clients, since its server was started. A handful is no traffic: galactl's
/// own proofs write on every node.
fn writes_a_minute(member: &Member<'_>) -> u64 {
    let minutes = member.facts.start.as_ref().map_or(0, |start| start.age) / 60 + 1;
    member.live.replicated / minutes / 10
}

/// One member leaves, and must be able to come back.
pub fn leave(basis: &Basis<'_>, node: &Node, why: &str, ist_only: bool) -> Step {
    let nodes = basis.inventory.start_order().map(|node| node.name.clone()).collect();
    let action = ServerAction::Leave {
        unit: basis.inventory.host.unit.clone(),
        nodes,
        most_members: basis.inventory.size(),
        ist_only,
    };
    Step::new(node, action, why)
}

/// It comes back, from any of the others.
pub fn come_back(basis: &Basis<'_>, member: &Member<'_>, standing: &[Member<'_>]) -> Option<Step> {
    let node = member.node;
    let source = basis.inventory.start_order().find(|other| other.name != node.name)?;
    let why = match ist_donor(member, standing) {
        Some(_) => "it comes back by IST",
        None => "it comes back by SST",
    };
    Some(preparation::join_step(basis, node, &source.name, why))
}

/// How each of them is expected to come back. The numbers move with every write, so they stand in no
/// step.
pub fn forecasts(leaving: &[&Member<'_>], standing: &[Member<'_>]) -> Vec<String> {
    let forecast = |member: &&Member<'_>| match ist_donor(member, standing) {
        Some((donor, cached)) => {
            format!("{}: back by IST, {donor} has the last {cached} write-sets cached", member.node.name)
        }
        None => format!("{}: back by SST of {}", member.node.name, bytes(member.facts.datadir.bytes)),
    };
    leaving.iter().map(forecast).collect()
}

/// A refusal for every member that would need the whole data to come back.
pub fn full_transfers(leaving: &[&Member<'_>], standing: &[Member<'_>]) -> Vec<Finding> {
    let refusal = |member: &&Member<'_>| {
        let evidence = format!(
            "no other member's write-set cache holds what is written while it is away: it would come back by SST of {}",
            bytes(member.facts.datadir.bytes)
        );
        let next = "allow that with --allow-sst, or make gcache.size larger first";
        Finding::new(codes::FULL_TRANSFER, evidence, next).on(&member.node.name)
    };
    leaving.iter().filter(|member| ist_donor(member, standing).is_none()).map(refusal).collect()
}

/// A refusal for every member whose option files, as they are now, would start it outside its cluster, or so that the
/// others do not let it in.
pub fn strays(basis: &Basis<'_>, leaving: &[&Member<'_>], standing: &[Member<'_>]) -> Vec<Finding> {
    let refusal = |member: &&Member<'_>| {
        let name = &member.node.name;
        if let Some(mut finding) = outside_as_it_is(basis.inventory, member.facts) {
            finding.remedy = Remedy::galactl("apply-config", &[]).and(", or fix the files there");
            return Some(finding.on(name));
        }
        let others = standing.iter().filter(|other| other.node.name != *name);
        let others: Vec<_> = others.filter_map(|it| Some((&it.node.name, it.live.spoken?))).collect();
        let finding = tls::judge::would_stay_out(member.facts, &others)?;
        let overruled = tls::judge::overruled(basis.inventory, member.facts);
        Some(overruled.unwrap_or(finding).on(name))
    };
    leaving.iter().filter_map(refusal).collect()
}

/// Another member whose cache holds what this one will lack, and how many write-sets that is.
fn ist_donor<'m>(member: &Member<'_>, standing: &'m [Member<'_>]) -> Option<(&'m NodeName, u64)> {
    let others = standing.iter().filter(|other| other.node.name != member.node.name);
    let cached = others.filter_map(|other| {
        let Seqno::At(last) = other.live.last_committed else { return None };
        let Seqno::At(first) = other.live.cached_downto else { return None };
        (serves_ist(member.live, other.live) && lasts(other))
            .then(|| (&other.node.name, (last + 1).saturating_sub(first)))
    });
    cached.max_by_key(|(_, cached)| *cached)
}

/// A member's write-set cache outlasts a restart, at the rate of writes since its server was started. What
/// it holds now does not tell: a Synced member lacks nothing before it leaves.
fn lasts(member: &Member<'_>) -> bool {
    let age = member.facts.start.as_ref().map_or(0, |start| start.age);
    let rate = member.live.written_bytes / age.max(AWAY);
    let size = member.node.gcache_bytes();
    size == 0 || size / AWAY >= rate
}

/// A joiner asks for what follows its own seqno.
pub fn serves_ist(joiner: &Live, donor: &Live) -> bool {
    let (Seqno::At(seqno), Seqno::At(first)) = (joiner.last_committed, donor.cached_downto) else {
        return false;
    };
    donor.state_uuid == joiner.state_uuid && first <= seqno.saturating_add(1)
}

/// Every node of the inventory is a Synced member, and there is more than one.
pub fn not_whole(basis: &Basis<'_>, standing: &[Member<'_>]) -> Vec<Finding> {
    not_members(basis).chain(standing.iter().filter_map(not_synced)).chain(alone(basis)).collect()
}

pub fn not_members<'a>(basis: &Basis<'a>) -> impl Iterator<Item = Finding> + use<'a> {
    let basis = *basis;
    basis.nodes().filter(|(_, facts)| !facts.is_primary()).map(move |(node, facts)| {
        let refusal = match facts.state() {
            NodeState::Mute { why } if unanswered::may_be_a_member(facts) => {
                unanswered::refusal(&basis, &why)
            }
            _ => Finding::new(
                codes::UNHEALTHY,
                "it is not a member of the cluster",
                Remedy::galactl("start", &[]).and(", first"),
            ),
        };
        refusal.on(&node.name)
    })
}

/// A joiner has a vote before it has the data, and its stop is no leave: beside as many members or
/// fewer, it would take the majority with it.
pub fn joining_beside_few(
    basis: &Basis<'_>,
    standing: &[Member<'_>],
    stopped: impl Fn(&NodeName) -> bool,
) -> Vec<Finding> {
    let counted = standing.first().map_or(0, |member| member.live.cluster_size);
    if standing.len() as u64 * 2 > counted {
        return Vec::new();
    }
    let joining = |(node, facts): &(&Node, &HostFacts)| stopped(&node.name) && facts.unit.is_activating();
    let refusal = |(node, _): (&Node, &HostFacts)| {
        let evidence = "it is joining, and the cluster would lose its majority with it";
        Finding::new(codes::UNHEALTHY, evidence, "wait until it is Synced, then run this again")
            .on(&node.name)
    };
    basis.nodes().filter(joining).map(refusal).collect()
}

pub fn not_synced(member: &Member<'_>) -> Option<Finding> {
    unsynced::refusal(member.live).map(|refusal| refusal.on(&member.node.name))
}

/// The only data node cannot leave its cluster without ending it.
pub fn alone(basis: &Basis<'_>) -> Option<Finding> {
    let [Node { name, .. }] = basis.inventory.nodes.as_slice() else { return None };
    let evidence = "it is the only node: the cluster would end with its restart";
    let next = Remedy::from("add a node first; or ")
        .and(Remedy::galactl("stop", &[]))
        .and(", then ")
        .and(Remedy::galactl("start", &[]));
    Some(Finding::new(codes::UNHEALTHY, evidence, next).on(name))
}
