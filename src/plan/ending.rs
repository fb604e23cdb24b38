//! How every plan that grows a cluster ends: join, enable, verify.

use std::collections::{BTreeMap, BTreeSet};

use super::action::Action;
use super::{Basis, Plan, Step, Width, preparation};
use crate::facts::{HostFacts, NodeState};
use crate::inventory::Node;
use crate::inventory::options::{Fate, fate};
use crate::verify::{Expectation, judge};

/// Seconds.
const WORST_SKEW: f64 = 10.0;

/// Starts the joiners one after the other. `source` holds the data that they get.
pub fn join(
    basis: &Basis<'_>,
    plan: &mut Plan,
    source: (&Node, &HostFacts),
    joiners: &[(&Node, &HostFacts)],
) {
    let uuid = source.1.live().and_then(|live| live.state_uuid.as_ref());
    let joins = joiners.iter().map(|(node, facts)| {
        let why = match facts.state() {
            NodeState::Member { position } if Some(&position.uuid) == uuid => {
                "it rejoins, by IST where the donor's gcache reaches back far enough"
            }
            NodeState::Mute { .. } if facts.unit.active == "activating" => "it is starting already",
            _ => "it gets the cluster's data by SST",
        };
        preparation::join_step(basis, node, &source.0.name, why)
    });
    plan.stage("Join, one after the other", Width::Serial, joins.collect());
    let enable = basis.nodes().filter_map(|(node, facts)| preparation::enable_step(basis, node, facts));
    plan.stage("Enable", Width::NodesInParallel, enable.collect());
}

/// Proves the result. There is nothing to prove only where nothing is done, every node's view is as
/// it should be already, and no earlier proof was cut off.
pub fn verify(basis: &Basis<'_>, plan: &mut Plan, first: &Node) {
    let inventory = basis.inventory;
    let nodes: Vec<_> = inventory.start_order().map(|node| node.name.clone()).collect();
    let expected = Expectation {
        cluster: inventory.cluster.to_string(),
        nodes: nodes.clone(),
        most_members: inventory.size(),
    };
    let views: BTreeMap<_, _> =
        basis.nodes().filter_map(|(node, facts)| Some((node.name.clone(), facts.live()?.clone()))).collect();
    let tested = basis.nodes().all(|(_, facts)| facts.datadir.write_tests.is_empty());
    if plan.is_empty() && tested && judge(&expected, &views).is_empty() {
        return;
    }
    let most_members = expected.most_members;
    let steps = vec![
        Step::new(
            &first.name,
            Action::VerifyViews { nodes: nodes.clone(), most_members },
            "a size of N on one node proves nothing about the others",
        ),
        Step::new(&first.name, Action::VerifyWrites { nodes }, "replication is proved by a row"),
    ];
    plan.stage("Verify", Width::Serial, steps);
}

/// What is unwise, but no reason to refuse.
pub fn warnings(basis: &Basis<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    for (node, facts) in basis.nodes() {
        for (peer, ms) in &facts.slow_lookups {
            warnings.push(format!(
                "{}: looking up {peer} takes {ms} ms; rsync SST does so for each connection. A line in /etc/hosts helps",
                node.name
            ));
        }
    }
    warnings.extend(basis.nodes().flat_map(|(node, facts)| ignored_options(node, facts)));
    warnings.extend(basis.nodes().filter_map(|(node, facts)| founded_before(node, facts)));
    warnings.extend(clock_skew(basis));
    for arbitrator in &basis.inventory.arbitrators {
        warnings.push(format!(
            "{}: galactl does not start arbitrators; until garbd runs on {}, the cluster has {} votes",
            arbitrator.name,
            arbitrator.address,
            basis.inventory.nodes.len()
        ));
    }
    let versions: BTreeSet<_> = basis.nodes().filter_map(|(_, facts)| facts.version()).collect();
    if versions.len() > 1 {
        let list: Vec<_> = versions.iter().map(ToString::to_string).collect();
        warnings.push(format!("versions differ within the series: {}", list.join(", ")));
    }
    warnings
}

fn ignored_options<'a>(node: &'a Node, facts: &'a HostFacts) -> impl Iterator<Item = String> + 'a {
    let version = facts.version();
    let ignored = node.mysqld.keys().filter(move |name| fate(name, version) == Fate::Ignored);
    ignored.map(move |name| {
        let version = version.map_or_else(String::new, |version| version.to_string());
        format!("{}: the option {name} has no effect in MariaDB {version}", node.name)
    })
}

/// A founding whose cluster is gone without a trace: its data was taken away.
fn founded_before(node: &Node, facts: &HostFacts) -> Option<String> {
    let founding =
        facts.founding.as_ref().filter(|_| matches!(facts.state(), NodeState::Bare | NodeState::Fresh))?;
    let name = &node.name;
    Some(format!(
        "{name}: galactl founded cluster `{}` here before (plan {}, by {}); nothing of it is left",
        founding.cluster, founding.plan, founding.by
    ))
}

/// Hosts are asked within a second or two of each other; more is their clocks' difference.
fn clock_skew(basis: &Basis<'_>) -> Option<String> {
    let clocks = || basis.nodes().filter(|(_, facts)| facts.clock > 0.0);
    let (first, from) = clocks().min_by(|a, b| a.1.clock.total_cmp(&b.1.clock))?;
    let (last, to) = clocks().max_by(|a, b| a.1.clock.total_cmp(&b.1.clock))?;
    let skew = to.clock - from.clock;
    (skew > WORST_SKEW).then(|| {
        format!(
            "the clock of {} is about {skew:.0} s ahead of that of {}: logs will be hard to compare",
            last.name, first.name
        )
    })
}
