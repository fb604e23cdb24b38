//! Evidence and verdict as a person reads them.

use std::fmt::Write;

use super::evidence::Evidence;
use super::holding::holding;
use super::standing::{Fate, Standing};
use super::verdict::{Decision, Verdict};
use crate::galera::facts::{Grastate, Gvwstate, HostFacts, Position, ServerAnswer};
use crate::galera::model::{Gtid, Seqno};
use crate::kernel::facts::Seen;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{bytes, span};

pub const HEADINGS: [&str; 8] =
    ["NODE", "SERVER", "GRASTATE.DAT", "SAFE", "LAST VIEW", "DATA IS AT", "DATA (FREE)", "LAST WRITE"];

/// A row for each node, in the inventory's order, under [`HEADINGS`]. State UUIDs are shortened to
/// what tells them apart in most cases; whole ones stand below, where they matter.
pub fn table(evidence: &Evidence<'_>) -> Vec<Vec<String>> {
    evidence.order.iter().map(|node| row(evidence, node)).collect()
}

fn row(evidence: &Evidence<'_>, node: &NodeName) -> Vec<String> {
    let facts = match evidence.observation.nodes.get(node) {
        Some(Seen::Facts(facts)) => facts,
        Some(Seen::Unreachable(_)) | None => return unseen(node),
    };
    let recovered = evidence.observation.recovered.as_ref().and_then(|all| all.get(node));
    let data = match recovered.map(|recovered| &recovered.position) {
        Some(Position::At(position)) => brief(position),
        Some(Position::None(_)) => "none".into(),
        Some(Position::Unknown(_)) => "unknown".into(),
        None => facts.live().map_or_else(|| "-".into(), |live| format!("runs, {}", live.last_committed)),
    };
    let written = recovered.and_then(|recovered| recovered.last_write);
    let (saved, safe) = saved_state(facts);
    let cells = [
        node.to_string(),
        server(facts),
        saved,
        safe,
        last_view(facts),
        data,
        format!("{} ({})", bytes(facts.datadir.bytes), bytes(facts.datadir.free)),
        written.map_or_else(|| "-".into(), |seconds| format!("{} ago", span(seconds))),
    ];
    cells.to_vec()
}

fn unseen(node: &NodeName) -> Vec<String> {
    let mut cells = vec![node.to_string(), "not seen".into()];
    cells.resize(HEADINGS.len(), "?".into());
    cells
}

fn server(facts: &HostFacts) -> String {
    let unit = &facts.unit;
    let restarts = if unit.restarts > 0 { format!(", {} restarts", unit.restarts) } else { String::new() };
    match &facts.server_answer {
        ServerAnswer::Live(live) if live.wsrep_on => {
            format!("{}, {} of {}{restarts}", live.cluster_status, live.local_state, live.cluster_size)
        }
        ServerAnswer::Live(_) => "runs, wsrep off".into(),
        ServerAnswer::Refused(_) => format!("{}, no answer{restarts}", unit.active),
        ServerAnswer::NoSocket if unit.result.is_empty() || unit.result == "success" => {
            format!("{}{restarts}", unit.active)
        }
        ServerAnswer::NoSocket => format!("{} ({}){restarts}", unit.active, unit.result),
    }
}

fn saved_state(facts: &HostFacts) -> (String, String) {
    let left: Vec<_> = facts.datadir.joiners_leftovers().collect();
    let left = if left.is_empty() { String::new() } else { format!(" + {}", left.join(" ")) };
    let (text, safe) = match &facts.datadir.grastate {
        Grastate::Absent => ("absent".into(), "-"),
        Grastate::Empty => ("empty".into(), "-"),
        Grastate::Unreadable(_) => ("unreadable".into(), "?"),
        Grastate::Saved(saved) => (
            brief(&saved.position),
            match saved.safe_to_bootstrap {
                Some(true) if facts.datadir.grastate_edited => "1, set by hand",
                Some(true) => "1",
                Some(false) => "0",
                None => "-",
            },
        ),
    };
    (text + &left, safe.into())
}

fn last_view(facts: &HostFacts) -> String {
    match &facts.datadir.gvwstate {
        Gvwstate::Absent => "-".into(),
        Gvwstate::Unreadable => "unreadable".into(),
        Gvwstate::View(view) => {
            format!("{} of {}", view.view_id.rsplit(' ').next().unwrap_or("?"), view.members.len())
        }
    }
}

fn brief(position: &Gtid) -> String {
    let uuid = if position.uuid.is_zero() { "zero" } else { &position.uuid.as_str()[..8] };
    format!("{uuid}:{}", position.seqno)
}

/// The verdict, the rule that decided it, and what it means for each node.
pub fn verdict_text(evidence: &Evidence<'_>, verdict: &Verdict) -> String {
    let mut out = format!("Verdict: {}\n", outcome(&verdict.outcome));
    if verdict.outcome != Decision::NoCluster && !matches!(verdict.outcome, Decision::Stop { .. }) {
        let _ = writeln!(out, "  {}", verdict.rule.sentence());
    }
    for doubt in &verdict.doubts {
        let node = doubt.node.as_ref().map_or_else(String::new, |node| format!("{node}: "));
        let _ = writeln!(out, "  doubt: {node}{}", doubt.evidence);
    }
    for standing in &verdict.standings {
        let _ = writeln!(out, "  {}", sentence(evidence, standing));
    }
    out
}

fn outcome(outcome: &Decision) -> String {
    let names = |nodes: &[NodeName]| nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match outcome {
        Decision::Join { source, state } => format!("the cluster {state} is alive on {source}"),
        Decision::Restore { node, state, seqno } => {
            format!("make the component of {node} Primary again, {state} at seqno {seqno}")
        }
        Decision::Reform { nodes, state } if nodes.len() == 1 => {
            format!("start {}, whose last view was its own, {state}", names(nodes))
        }
        Decision::Reform { nodes, state } => {
            format!("start {} together, which form {state} again", names(nodes))
        }
        Decision::Start { node, position, ties } if ties.is_empty() => {
            format!("start the cluster again from {node}, {position}")
        }
        Decision::Start { node, position, ties } => format!(
            "start the cluster again from {node}, {position}; a tie with {}, and {node} stands first in the inventory",
            names(ties)
        ),
        Decision::Stop { nodes } => format!(
            "stop {} first: what a server holds that is started again and again can be read only then",
            names(nodes)
        ),
        Decision::NoCluster => "no node was ever in a cluster: there is nothing to recover".into(),
        Decision::Refused => "refused".into(),
    }
}

/// What becomes of one node, in a sentence.
pub fn sentence(evidence: &Evidence<'_>, standing: &Standing) -> String {
    let node = &standing.node;
    match &standing.fate {
        Fate::Source => format!("{node}: the cluster goes on from its data"),
        Fate::Running => format!("{node}: its server runs, and is a member or becomes one by itself"),
        Fate::Behind { write_sets: 0 } => format!("{node}: it has all of it already"),
        Fate::Behind { write_sets } => {
            format!("{node}: {write_sets} write-sets behind, {}", transfer(evidence, node))
        }
        Fate::Replaced { why } => format!("{node}: gets everything by SST: {why}"),
        Fate::Stranger => format!("{node}: it was never in the cluster, and is left alone"),
        Fate::Ahead { write_sets } => {
            format!("{node}: AHEAD by {write_sets} write-sets{}", seqnos(evidence, node, *write_sets))
        }
        Fate::Foreign { position } => {
            format!(
                "{node}: holds another history, {position}; how much of it is in the cluster is not known"
            )
        }
        Fate::Unproven { why } => format!("{node}: may hold write-sets of its own, an unknown number: {why}"),
        Fate::Unknown { why } => format!("{node}: what it holds is not known: {why}"),
    }
}

/// How a node gets what it lacks.
fn transfer(evidence: &Evidence<'_>, node: &NodeName) -> String {
    match evidence.served_by_ist(node) {
        None => "which it gets by IST where gcache reaches back so far".into(),
        Some(Some(donor)) => format!("which it gets by IST from {donor}"),
        Some(None) => "and gets everything by SST: no member's gcache reaches back so far".into(),
    }
}

/// Which seqnos those are.
fn seqnos(evidence: &Evidence<'_>, node: &NodeName, write_sets: u64) -> String {
    let position = holding(evidence.observation, node).position();
    let seqno = position.map_or(Seqno::Unknown, |position| position.seqno);
    match seqno {
        Seqno::At(last) => format!(", seqno {} to {last}", last - write_sets + 1),
        Seqno::Unknown => String::new(),
    }
}
