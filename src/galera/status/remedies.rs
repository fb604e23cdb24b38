//! What to do about the state of a cluster or of a server.

use super::ServerState;
use crate::galera::facts::{HostFacts, NodeState};
use crate::galera::judge::{Basis, unanswered, unsynced};
use crate::galera::tls;
use crate::kernel::facts::Seen;
use crate::kernel::judge::Remedy;
use crate::kernel::model::NodeName;

/// What brings a node back whose server is stopped; `stands` says that a Primary component is alive. `start` takes
/// those that left the cluster, and no others.
pub fn start(basis: &Basis<'_>, stands: bool, node: &NodeName) -> Remedy {
    let facts = basis.observation.facts(node);
    let add = Remedy::galactl("add-node", &[node.as_str()]);
    match facts.map(HostFacts::state) {
        _ if !stands => Remedy::galactl("recover", &[]),
        // A transfer that was cut off left nothing that `start` could go on from, and add-node clears it.
        Some(NodeState::Bare | NodeState::Fresh | NodeState::Unclear { .. }) => add,
        _ => Remedy::galactl("start", &[node.as_str()]),
    }
}

/// What takes a bootstrap intent away: a member keeps running, and any other node is started without it.
pub fn disarm(basis: &Basis<'_>, stands: bool, node: &NodeName) -> Remedy {
    let is_primary = basis.observation.facts(node).is_some_and(HostFacts::is_primary);
    if is_primary { Remedy::galactl("apply-config", &[]) } else { start(basis, stands, node) }
}

/// Nothing to recover where no node was ever in a cluster; and an unreachable node is treated as possibly running.
pub fn no_primary(basis: &Basis<'_>) -> Remedy {
    let mut nodes = basis.inventory.start_order().map(|node| basis.observation.nodes.get(&node.name));
    if !nodes.all(|seen| matches!(seen, Some(Seen::Facts(_)))) {
        return Remedy::from("make every node reachable first; then ")
            .and(Remedy::galactl("plan", &[]))
            .and(" tells");
    }
    if !unanswered::refusals(basis).is_empty() {
        return Remedy::from("let galactl ask each server, as said of it; then ")
            .and(Remedy::galactl("status", &[]));
    }
    let ever = basis.nodes().any(|(_, facts)| facts.datadir.grastate.known_uuid().is_some());
    Remedy::galactl(if ever { "recover" } else { "bootstrap" }, &[])
}

/// The consequence of a server in this state, and what to do about it; `stands` says that a Primary component
/// is alive.
pub fn of_state(
    basis: &Basis<'_>,
    stands: bool,
    state: &ServerState,
    node: &NodeName,
) -> (&'static str, Remedy) {
    let recover = Remedy::galactl("recover", &[]);
    let add = || Remedy::galactl("add-node", &[node.as_str()]);
    let explain = Remedy::galactl("explain", &[node.as_str()]);
    match state {
        state if state.is_inconsistent() => {
            let stop = format!("sudo systemctl stop {}; then ", basis.inventory.host.unit);
            let why = "its data is not the cluster's: it has left so as not to spread that";
            (why, Remedy::on_host(stop).and(recover))
        }
        state if state.is_desynced_by_hand() => {
            ("it may fall behind, and a state transfer may choose no better donor", unsynced::sync_again())
        }
        ServerState::WithoutPrimary(_) if stands && tls::judge::is_locked_out(basis, node) => {
            let apply = Remedy::galactl("apply-config", &[]);
            (
                "it serves nobody",
                apply.and(" gives it another certificate, with which the others let it back in"),
            )
        }
        ServerState::WithoutPrimary(_) => ("it serves nobody", recover),
        ServerState::Outside if stands => ("clients that write there write beside the cluster", add()),
        ServerState::NotInstalled if stands => ("the cluster is missing one vote and one replica", add()),
        ServerState::Stopped if stands => (
            "the cluster is missing one vote and one replica",
            explain.and(" tells why, and ").and(start(basis, stands, node)).and(" brings it back"),
        ),
        ServerState::Stopped | ServerState::Outside | ServerState::NotInstalled => {
            let asked =
                basis.inventory.nodes.iter().all(|node| basis.observation.facts(&node.name).is_some());
            let known = asked && unanswered::refusals(basis).is_empty();
            (if known { "the cluster is down" } else { "it is not in the cluster" }, no_primary(basis))
        }
        ServerState::NoLogin => ("whether it serves is not known", explain),
        ServerState::NoAnswer => ("it may hang, or wait for its cluster", explain),
        _ => ("it does not serve yet", Remedy::from("wait, with ").and(Remedy::galactl("watch", &[]))),
    }
}
