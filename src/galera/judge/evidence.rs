//! What on a host speaks of a cluster or of data, and what that forbids.

use super::Basis;
use super::component::Member;
use super::unanswered;
use super::wanted::Wanted;
use crate::galera::config::{lines_in_force, presentable};
use crate::galera::facts::{Grastate, HostFacts, NodeState};
use crate::galera::inventory::Node;
use crate::galera::judge::codes;
use crate::galera::model::{Gtid, Seqno};
use crate::galera::recovery::{Peer, broken_continuity, ran_outside};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::bytes;

/// Anything on a host that says "there is, or was, a cluster".
pub fn cluster_evidence(basis: &Basis<'_>, facts: &HostFacts) -> Option<Finding> {
    let datadir = &facts.datadir.path;
    let refusal = match facts.state() {
        NodeState::Bare | NodeState::Fresh => return None,
        NodeState::Primary { .. } => {
            let name = facts.live().map_or("", |live| live.cluster_name.as_str());
            let evidence = format!("it is a member of a Primary component of cluster `{name}`");
            Finding::new(
                codes::PRIMARY_ALIVE,
                evidence,
                "take it out of that cluster first, if it belongs here",
            )
        }
        NodeState::NonPrimary { status } => Finding::new(
            codes::NON_PRIMARY,
            format!("its server is part of a cluster without a Primary component ({status})"),
            Remedy::galactl("recover", &[]).and(": that cluster must be recovered, not bootstrapped"),
        ),
        NodeState::Mute { why } => unanswered::refusal(basis, &why),
        NodeState::Member { position } => Finding::new(
            codes::CLUSTER_STATE,
            format!("{datadir}/grastate.dat says that it belongs to the cluster with state {position}"),
            Remedy::galactl("recover", &[]).and(": that cluster must be recovered, not bootstrapped; if it is not wanted any more, move the data directory away"),
        ),
        NodeState::Unclear { why } => Finding::new(
            codes::CLUSTER_STATE,
            format!("it was part of a cluster, and how far it got is not known: {why}"),
            Remedy::galactl("recover", &[])
                .and(format!("; if nothing there is wanted any more, move {datadir} away")),
        ),
    };
    Some(refusal)
}

/// Databases on a host that is to be overwritten.
pub fn user_schemas(node: &Node, facts: &HostFacts, next: impl Into<Remedy>) -> Finding {
    let evidence = format!("it holds {}, which joining would delete", schema_list(facts));
    Finding::new(codes::USER_SCHEMAS, evidence, next).on(&node.name)
}

/// A running member whose configuration is not the inventory's.
pub fn drift(basis: &Basis<'_>, node: &Node, facts: &HostFacts, wanted: &Wanted) -> Finding {
    let path = &basis.inventory.host.config_file;
    let evidence = match &facts.config {
        None => {
            let what = wanted.not_in_effect(facts);
            let what = what.first().map_or_else(String::new, |option| format!("; {option}"));
            format!("it runs in this cluster, but galactl did not write its configuration: no {path}{what}")
        }
        Some(config) => {
            let difference = first_difference(&presentable(&config.text, &wanted.text), &wanted.text);
            format!("it runs with another configuration than the inventory's: {path}: {difference}")
        }
    };
    let name = &node.name;
    let next = Remedy::from("to change the running cluster, one node after the other: ")
        .and(Remedy::galactl("apply-config", &[]))
        .and(format!("; otherwise bring the inventory into line with {name}"));
    Finding::new(codes::CONFIG_DRIFT, evidence, next).on(name)
}

/// The first lines that differ, of those that matter to a running server.
fn first_difference(there: &str, wanted: &str) -> String {
    let (there, wanted) = (lines_in_force(there), lines_in_force(wanted));
    let at = there.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
    let line =
        |lines: &[&str]| lines.get(at).map_or_else(|| "nothing more".into(), |line| format!("`{line}`"));
    format!("there {}, in the inventory {}", line(&there), line(&wanted))
}

/// What a node outside the running component must not hold. `source` is a member of that
/// component; `ours` says that the node's configuration is the inventory's.
pub fn joiner_evidence(
    basis: &Basis<'_>,
    node: &Node,
    facts: &HostFacts,
    source: &Member<'_>,
    ours: bool,
) -> Option<Finding> {
    let history = history(facts);
    // Of another history than the cluster's it is refused first of all.
    let nothing_of_its_own =
        ours && (history.is_some() || facts.datadir.schemas.is_empty() || holds_only_copies(facts, source));
    let broken = history.as_ref().and_then(|position| broken(basis, node, facts, position));
    let refusal = match (facts.state(), history) {
        (_, Some(position)) if Some(&position.uuid) != source.live.state_uuid.as_ref() => Finding::new(
            codes::CLUSTER_STATE,
            format!("it holds state {position} of another cluster"),
            "joining would delete it: move its data directory away first if it is not wanted",
        ),
        _ if ran_outside(facts).is_some() => Finding::new(
            codes::CLUSTER_STATE,
            ran_outside(facts).unwrap_or_default(),
            Remedy::from("joining by IST would hide them: save what it holds; to lose it knowingly: ")
                .and(Remedy::galactl("add-node", &[node.name.as_str(), "--discard", node.name.as_str()])),
        ),
        (_, Some(position)) if is_ahead(position.seqno, source.live.last_committed) => Finding::new(
            codes::CLUSTER_STATE,
            format!(
                "it is ahead of the cluster: seqno {} against {}",
                position.seqno, source.live.last_committed
            ),
            "it holds commits that the cluster lacks, which joining would delete: save them first",
        ),
        (_, Some(_)) if broken.is_some() => Finding::new(
            codes::CLUSTER_STATE,
            broken.unwrap_or_default(),
            "its last commits may be its own, and joining would delete them: save them first",
        ),
        (NodeState::Fresh | NodeState::Bare, _)
            if !facts.datadir.schemas.is_empty() && !nothing_of_its_own =>
        {
            user_schemas(node, facts, "dump its databases, load them into the cluster, then drop them here")
        }
        (NodeState::Unclear { why }, _) if !nothing_of_its_own => Finding::new(
            codes::CLUSTER_STATE,
            format!("it was part of some cluster, and what it holds is not known: {why}"),
            "joining would delete it: move its data directory away first if it is not wanted",
        ),
        (NodeState::Mute { why }, _) if unanswered::may_be_a_member(facts) => {
            unanswered::refusal(basis, &why)
        }
        (NodeState::NonPrimary { .. } | NodeState::Mute { .. }, _) if !nothing_of_its_own => Finding::new(
            codes::NON_PRIMARY,
            "its server runs outside the cluster, with another configuration than the inventory's or with databases that the cluster lacks",
            Remedy::on_host(format!("systemctl status {}", basis.inventory.host.unit)),
        ),
        _ => return None,
    };
    Some(refusal.on(&node.name))
}

/// Why a stopped node's last write-sets may be others than the cluster's.
fn broken(basis: &Basis<'_>, node: &Node, facts: &HostFacts, position: &Gtid) -> Option<String> {
    let others = basis.nodes().filter(|(other, _)| other.name != node.name);
    let peers: Vec<_> =
        others.map(|(other, facts)| Peer { name: &other.name, facts, position: history(facts) }).collect();
    (!facts.server_runs()).then(|| broken_continuity(facts, position, &peers)).flatten()
}

/// The history that a node is known to have taken part in: a running server's own word before
/// its saved state.
fn history(facts: &HostFacts) -> Option<Gtid> {
    let live = facts.live().filter(|live| live.wsrep_on);
    let running = live.and_then(|live| {
        let uuid = live.state_uuid.clone().filter(|uuid| !uuid.is_zero())?;
        Some(Gtid { uuid, seqno: live.last_committed })
    });
    let saved = match &facts.datadir.grastate {
        Grastate::Saved(state) if !state.position.uuid.is_zero() => Some(state.position.clone()),
        _ => None,
    };
    running.or(saved)
}

fn is_ahead(node: Seqno, cluster: Seqno) -> bool {
    matches!((node, cluster), (Seqno::At(node), Seqno::At(cluster)) if node > cluster)
}

/// A state transfer of a joiner that did not finish: its databases came from the cluster, and
/// their names are the cluster's. Names alone would prove nothing.
fn holds_only_copies(facts: &HostFacts, source: &Member<'_>) -> bool {
    if !facts.datadir.is_left_by_transfer() {
        return false;
    }
    let theirs: Vec<_> = source.facts.datadir.schemas.iter().map(|schema| &schema.name).collect();
    facts.datadir.schemas.iter().all(|schema| theirs.contains(&&schema.name))
}

/// Databases with their sizes, for a sentence.
pub fn schema_list(facts: &HostFacts) -> String {
    let list: Vec<_> = facts
        .datadir
        .schemas
        .iter()
        .map(|schema| format!("database `{}` ({})", schema.name, bytes(schema.bytes)))
        .collect();
    list.join(", ")
}
