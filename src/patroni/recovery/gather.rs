//! Inventory and observation → [`Evidence`].

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Evidence, Held, Holding, NodeEvidence};
use crate::kernel::facts::Seen;
use crate::kernel::model::NodeName;
use crate::patroni::facts::{Contents, ControlData, HostFacts, Initialize, Line, SyncKey, WalDigests};
use crate::patroni::inventory::{Node, SyncMode};
use crate::patroni::judge::Basis;
use crate::patroni::observation::{Born, Observation, Store};

/// What is known of all nodes.
pub fn gather(basis: &Basis<'_>) -> Evidence {
    let node = |node: &Node| NodeEvidence {
        name: node.name.clone(),
        may_lead: node.tags.failover,
        holding: holding(basis.observation, &node.name),
    };
    let named = match basis.observation.born() {
        Born::Yes(stores) => stores
            .into_values()
            .flatten()
            .filter_map(|value| match value {
                Initialize::By(id) => Some(id),
                Initialize::InProgress | Initialize::Other(_) => None,
            })
            .collect(),
        Born::No | Born::NoStore | Born::Unknown(_) => BTreeSet::default(),
    };
    let mut evidence = Evidence {
        compared: BTreeMap::new(),
        nodes: basis.inventory.nodes.iter().map(node).collect(),
        sync: last_sync(basis.observation).cloned(),
        named,
        synchronous: basis.inventory.synchronous.mode != SyncMode::Off,
    };
    evidence.compared = compared(&evidence, &basis.observation.digests);
    evidence
}

fn compared(
    evidence: &Evidence,
    digests: &BTreeMap<NodeName, WalDigests>,
) -> BTreeMap<NodeName, BTreeMap<NodeName, bool>> {
    let mut compared = BTreeMap::<NodeName, BTreeMap<NodeName, bool>>::new();
    for (one, other, place) in evidence.meetings() {
        let same = || digests.get(one)?.same(digests.get(other)?, place);
        if let Some(same) = same() {
            compared.entry(one.clone()).or_default().insert(other.clone(), same);
        }
    }
    compared
}

/// The key `sync`: as a quorum has it, or else as any member does.
pub fn last_sync(observation: &Observation) -> Option<&SyncKey> {
    let agreed =
        [Store::V3, Store::V2].into_iter().filter_map(|store| observation.agreed(store)?.sync.as_ref());
    let own = observation
        .endpoints()
        .flat_map(|(_, _, endpoint)| [&endpoint.v3.own, &endpoint.v2.own])
        .filter_map(|keys| keys.told()?.sync.as_ref());
    agreed.chain(own).next()
}

fn holding(observation: &Observation, name: &NodeName) -> Holding {
    let facts = match observation.nodes.get(name) {
        Some(Seen::Facts(facts)) => facts,
        Some(Seen::Unreachable(why)) => return Holding::Unseen(why.to_string()),
        None => return Holding::Unseen("it was not scanned".into()),
    };
    if facts.is_primary() {
        return Holding::Primary(facts.line());
    }
    if facts.server_runs() || facts.patroni_runs() {
        return Holding::Runs { what: at_work(facts), line: facts.line() };
    }
    match &facts.datadir.contents {
        Contents::Cluster(_) => read(observation, name, facts),
        Contents::Other(names) => {
            Holding::Unclear(format!("{} holds {}, and no PG_VERSION", facts.datadir.path, names.join(", ")))
        }
        Contents::Unreadable(why) => Holding::Unclear(why.clone()),
        Contents::Absent | Contents::Empty => match &facts.datadir.missing {
            Some(why) => Holding::Unclear(why.clone()),
            None => Holding::Nothing,
        },
    }
}

fn at_work(facts: &HostFacts) -> String {
    match (facts.patroni_runs(), facts.server_runs()) {
        (true, true) => "Patroni and a standby",
        (true, false) => "Patroni",
        _ => "a server without Patroni",
    }
    .into()
}

/// The history of the newest WAL leaves the last checkpoint's timeline before that checkpoint.
fn left_before(line: &Line, control: &ControlData) -> bool {
    let mut left = line.history.iter().flat_map(|history| &history.0);
    left.any(|switch| switch.timeline == control.timeline && switch.at < control.checkpoint)
}

fn read(observation: &Observation, name: &NodeName, facts: &HostFacts) -> Holding {
    let Some(control) = facts.datadir.control.told() else {
        let why = facts.hidden().unwrap_or("pg_controldata tells nothing");
        return Holding::Unclear(format!("{} cannot be read: {why}", facts.datadir.path));
    };
    if facts.datadir.backup_label {
        let path = &facts.datadir.path;
        return Holding::Unclear(format!(
            "{path} is a copy that was never finished, or never started (backup_label)"
        ));
    }
    let recovered = observation.recovered.as_ref().and_then(|all| all.get(name));
    let line = recovered.and_then(|recovered| recovered.line(&facts.datadir));
    match (line, recovered) {
        (Some(line), _) if control.min_recovery_end.is_some_and(|from| from > line.end) => Holding::Unclear(
            format!("its WAL ends at {}, and its data needs more than that: WAL is missing", line.end),
        ),
        (Some(line), _) if left_before(&line, control) => Holding::Unclear(format!(
            "its last checkpoint is on timeline {}, past the place where timeline {} left that: pg_rewind was cut off, or \
             files of two histories were mixed",
            control.timeline, line.timeline
        )),
        (Some(line), _) => Holding::Data(Held {
            line,
            clean: control.state.is_clean(),
            checkpoint: control.checkpoint_time.clone(),
        }),
        (None, Some(recovered)) => {
            let told = recovered.ends.unseen().map(str::to_owned);
            let why = told.unwrap_or_else(|| "its newest timeline has no end that can be read".into());
            Holding::Unclear(format!("where its WAL ends cannot be read: {why}"))
        }
        (None, None) => Holding::Unclear("its data was not asked how far it got".into()),
    }
}
