//! What is not as it should be.

use super::{ArbitratorStatus, NodeStatus, ServerState, remedies};
use crate::galera::facts::{HostFacts, NodeState, Rates};
use crate::galera::inventory::{Inventory, Threshold};
use crate::galera::judge::identity::other_clusters;
use crate::galera::judge::{Basis, codes, guards, room, unanswered};
use crate::galera::plan::links;
use crate::galera::plan::roles::ArbitratorState;
use crate::galera::{health, monitoring, proxy, tls};
use crate::kernel::facts::Seen;
use crate::kernel::judge::{Code, Finding, Remedy, Severity};
use crate::kernel::keepalived;

pub(super) fn findings(
    basis: &Basis<'_>,
    (nodes, arbitrators): (&[NodeStatus], &[ArbitratorStatus]),
    size: u64,
) -> Vec<Finding> {
    let stands = nodes.iter().any(|node| node.primary);
    let mut findings: Vec<_> = split(basis, nodes).into_iter().collect();
    if stands {
        let missing = nodes.iter().any(|node| !node.primary);
        findings.extend(wrong_size(basis.inventory, missing, size));
    } else {
        findings.push(without_primary(basis, nodes));
    }
    for node in nodes {
        findings.extend(of_server(basis, stands, node));
        findings.extend(without_network(basis, node));
        findings.extend(of_config(node));
        findings.extend(node.rates.iter().flat_map(|rates| of_rates(basis.inventory, node, rates)));
    }
    findings.extend(links::findings(basis));
    findings.extend(arbitrators.iter().filter_map(of_arbitrator));
    findings.extend(health::judge::findings(basis));
    findings.extend(tls::judge::findings(basis));
    findings.extend(proxy::judge::findings(basis));
    findings.extend(proxy::sharing::of(basis).iter().flat_map(keepalived::judge::findings));
    findings.extend(monitoring::judge::findings(basis));
    for (name, facts) in basis.observation.seen() {
        findings.extend(room::full(facts).map(|finding| finding.on(name)));
    }
    findings.extend(other_clusters(basis));
    for (name, _) in basis.observation.seen().filter(|(_, facts)| !facts.intents.is_empty()) {
        let evidence = "its next start would bootstrap a cluster of its own: a bootstrap intent is set";
        let remedy = remedies::disarm(basis, stands, name);
        findings.push(Finding::new(codes::ARMED_INTENT, evidence, remedy).on(name));
    }
    findings
}

/// The finding where no node is Primary. A server that could not be asked may be: where most could not, nothing says
/// that the cluster is down.
fn without_primary(basis: &Basis<'_>, nodes: &[NodeStatus]) -> Finding {
    let unknown: Vec<_> = nodes.iter().filter(|node| node.state.is_unknown()).collect();
    let names: Vec<_> = unknown.iter().map(|node| node.node.to_string()).collect();
    if super::is_unknown(nodes) {
        let evidence = match unknown.len() == nodes.len() {
            true => "no server could be asked whether it is in a Primary component".to_owned(),
            false => format!(
                "no server that answers is in a Primary component; {} could not be asked",
                names.join(", ")
            ),
        };
        return Finding::new(codes::UNKNOWN, evidence, remedies::no_primary(basis));
    }
    let evidence = match names.is_empty() {
        true => "no node is in a Primary component: nothing can be written".to_owned(),
        false => format!(
            "no node is in a Primary component, as far as could be asked; not asked: {}",
            names.join(", ")
        ),
    };
    Finding::new(codes::NO_PRIMARY, evidence, remedies::no_primary(basis))
}

/// The finding of a wrong cluster size. `missing`: a data node is not in it, and that node's finding has the remedy.
fn wrong_size(inventory: &Inventory, missing: bool, size: u64) -> Option<Finding> {
    let expected = inventory.size() as u64;
    if size == expected {
        return None;
    }
    let evidence = format!("the view has {size} members, and the inventory {expected}");
    Some(if size < expected && missing {
        let next = "bring the missing nodes back, as said of each of them";
        Finding::new(codes::SIZE, evidence, next).because("the cluster survives fewer failures")
    } else if size < expected {
        let next = Remedy::galactl("bootstrap", &[]).and(", which starts them");
        Finding::new(codes::SIZE, evidence, next)
            .because("the votes of the arbitrators are missing when nodes fail")
    } else {
        let next = Remedy::galactl("bootstrap", &["--dry-run"])
            .and(" tells who; name the node in ")
            .and(Remedy::Inventory)
            .and(", or stop it");
        Finding::new(codes::SIZE, evidence, next)
            .because("somebody is in the cluster whom galactl does not know")
    })
}

/// The finding of a split: one cluster has one view, and no more members than that view. Two Primary views are two
/// clusters that write apart.
fn split(basis: &Basis<'_>, nodes: &[NodeStatus]) -> Option<Finding> {
    let live =
        |node: &NodeStatus| basis.observation.facts(&node.node)?.live().filter(|live| live.is_primary());
    let views: Vec<_> = nodes.iter().filter_map(live).collect();
    let first = views.first()?;
    if views.iter().all(|view| view.shares_view(first)) && views.len() as u64 <= first.cluster_size {
        return None;
    }
    let members: Vec<_> = nodes
        .iter()
        .filter(|node| node.primary)
        .map(|node| format!("{} view {} of {}", node.node, node.view, node.size))
        .collect();
    let apart = match views.iter().all(|view| view.state_uuid == first.state_uuid) {
        true => "Primary views that differ, with one state UUID",
        false => "Primary components of two histories",
    };
    let next = Remedy::from("stop the clients; ")
        .and(Remedy::galactl("recover", &[]))
        .and(" tells what each side holds");
    Some(Finding::new(codes::SPLIT, format!("SPLIT: {apart}: {}", members.join(", ")), next))
}

/// The finding of an arbitrator. A missing vote costs nothing yet, but the next node that is lost may take the majority
/// with it.
fn of_arbitrator(arbitrator: &ArbitratorStatus) -> Option<Finding> {
    let evidence = match (&arbitrator.unseen, arbitrator.state, arbitrator.counted) {
        (Some(why), ..) => format!("the arbitrator was not seen: {why}"),
        (None, ArbitratorState::Running, Some(true) | None) => return None,
        (None, ArbitratorState::Running, Some(false)) => "its garbd runs outside the nodes' view".into(),
        (None, ArbitratorState::OutsideItsUnit, _) => "its garbd runs outside its unit".into(),
        (None, state, _) => format!("its garbd is {state}"),
    };
    let next = Remedy::galactl("bootstrap", &[]).and(", which starts it");
    Some(Finding::new(codes::ARBITRATOR, evidence, next).on(&arbitrator.node))
}

fn of_server(basis: &Basis<'_>, stands: bool, node: &NodeStatus) -> Option<Finding> {
    let name = &node.node;
    if let Some(why) = &node.unseen {
        let seen = basis.observation.nodes.get(name);
        let login = seen.and_then(|seen| match seen {
            Seen::Unreachable(why) => Some((why, basis.inventory.node(name)?)),
            Seen::Facts(_) => None,
        });
        let next = login.map(|(why, node)| guards::not_seen(basis.inventory, why, &node.ssh).remedy);
        let next = next.unwrap_or_else(|| "make it reachable, then run this again".into());
        return Some(Finding::new(codes::UNREACHABLE, format!("not seen: {why}"), next).on(name));
    }
    let (why, next) = remedies::of_state(basis, stands, &node.state, name);
    let finding = |evidence: String| Finding::new(codes::SERVER_STATE, evidence, next.clone());
    let finding = match &node.state {
        state if state.is_synced() => return None,
        ServerState::Removed => Finding::new(codes::REMOVED, "galactl removed it", guards::bring_back(name)),
        ServerState::NoAnswer | ServerState::NoLogin => unanswered(basis, node, (why, next.clone())),
        state if state.is_desynced_by_hand() => {
            finding("its server is desynced by hand: wsrep_desync is ON".to_owned()).because(why)
        }
        state if state.is_inconsistent() || matches!(state, ServerState::WithoutPrimary(_)) => {
            finding(format!("its server is {state}")).because(why).severity(Severity::Critical)
        }
        state => finding(format!("its server is {state}")).because(why),
    };
    Some(finding.on(name))
}

/// The finding of a node that takes no connections from clients. Replication uses another port, so the node looks
/// healthy.
fn without_network(basis: &Basis<'_>, node: &NodeStatus) -> Option<Finding> {
    let live = basis.observation.facts(&node.node)?.live().filter(|live| live.skip_networking)?;
    let evidence = "it takes no connections over the network: skip_networking is ON";
    let find = "take skip_networking out of its option files: my_print_defaults --mysqld | grep skip";
    let next = Remedy::on_host(find);
    let next = match live.is_synced() {
        true => next.and("; then ").and(Remedy::galactl("restart", &[node.node.as_str()])),
        false => next,
    };
    Some(Finding::new(codes::NO_NETWORK, evidence, next).on(&node.node))
}

/// The finding of a server that does not answer; where root cannot log in, the remedy is known.
fn unanswered(basis: &Basis<'_>, node: &NodeStatus, (why, next): (&str, Remedy)) -> Finding {
    let facts = basis.observation.facts(&node.node);
    let refusal = match facts.map(HostFacts::state) {
        Some(NodeState::Mute { why }) => unanswered::refusal(basis, &why),
        _ => Finding::new(codes::SERVER_STATE, format!("its server is {}", node.state), ""),
    };
    let next = if node.state == ServerState::NoLogin { refusal.remedy } else { next };
    Finding::new(codes::SERVER_STATE, refusal.evidence, next).because(why)
}

fn of_config(node: &NodeStatus) -> Option<Finding> {
    let drifts = node.config_in_force == Some(false) && node.primary;
    let evidence = "runs with another configuration than the inventory's";
    let next = || Remedy::galactl("apply-config", &[]);
    drifts.then(|| Finding::new(codes::CONFIG_DRIFT, evidence, next()).on(&node.node))
}

fn of_rates(inventory: &Inventory, node: &NodeStatus, rates: &Rates) -> Vec<Finding> {
    let limits = &inventory.thresholds;
    let appliers = || {
        Remedy::from("more appliers (`mysqld: wsrep_slave_threads`) in ")
            .and(Remedy::Inventory)
            .and(" and ")
            .and(Remedy::galactl("apply-config", &[]))
            .and(", or faster disks there")
    };
    let network = Remedy::from("look at the network between that host and the others: ")
        .and(Remedy::galactl("check", &[]));
    #[allow(clippy::cast_precision_loss, reason = "queues are far below 2^52")]
    let (receive, send) = (rates.receive_queue as f64, rates.send_queue as f64);
    let percent = rates.flow_control * 100.0;
    let held_up = format!("flow control holds it up {percent:.0} % of the time");
    let (receiving, sending) =
        (format!("{receive} write-sets wait to be applied"), format!("{send} write-sets wait to be sent"));
    let judged = [
        judge(codes::FLOW_CONTROL, rates.flow_control, limits.flow_control, held_up, appliers()),
        judge(codes::RECEIVE_QUEUE, receive, limits.receive_queue, receiving, appliers()),
        judge(codes::SEND_QUEUE, send, limits.send_queue, sending, network),
    ];
    judged.into_iter().flatten().map(|finding| finding.on(&node.node)).collect()
}

fn judge(code: Code, value: f64, limit: Threshold, evidence: String, next: Remedy) -> Option<Finding> {
    let severity = match value {
        value if value >= limit.critical => Severity::Critical,
        value if value >= limit.warn => Severity::Degraded,
        _ => return None,
    };
    Some(Finding::new(code, evidence, next).severity(severity))
}
