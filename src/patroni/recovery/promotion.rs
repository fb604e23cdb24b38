//! What a standby lacks that is to be promoted while nobody leads.

use super::evidence::{Evidence, Holding, NodeEvidence};
use crate::kernel::model::NodeName;
use crate::patroni::facts::{
    History, HostFacts, Line, Live, Lsn, Place, Relation, ScopeKeys, SyncKey, Timeline, meeting,
};
use crate::patroni::judge::{Basis, failover};

/// What is known of what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// Where its own WAL ends.
    pub own: Place,
    /// The last position of the WAL that anybody has told; `None`: nobody has.
    pub known: Option<Lsn>,
    /// It has every commit that a client was told of, by the rules of Patroni's key `sync`.
    pub complete: bool,
}

impl Lack {
    /// Bytes of WAL that are known, and that it has not. A primary that is gone may have written more.
    pub fn bytes(&self) -> Option<u64> {
        self.known.map(|known| known.since(self.own.at))
    }
}

/// What this node lacks; `None`: its server does not tell where it is. Nobody who was seen has more ([`beyond`]).
pub fn lack(basis: &Basis<'_>, evidence: &Evidence, to: &NodeName) -> Option<Lack> {
    let line = evidence.node(to)?.line()?;
    let keys = failover::keys(basis);
    let sync = keys.and_then(|keys| keys.sync.as_ref());
    Some(Lack {
        own: Place { timeline: line.timeline, at: line.end },
        known: keys.and_then(last_told),
        complete: sync.is_some_and(|sync| is_complete(evidence, sync, to)),
    })
}

/// The furthest position in etcd: of the last leader, and of members that were alive a moment ago.
fn last_told(keys: &ScopeKeys) -> Option<Lsn> {
    let of_members = keys.members.values().filter_map(|member| member["xlog_location"].as_u64());
    of_members.map(Lsn::new).chain(keys.optime).max()
}

/// Patroni writes a standby into the key once commits wait for it, and takes it out before they no longer do.
fn is_complete(evidence: &Evidence, sync: &SyncKey, to: &NodeName) -> bool {
    let Some(leader) = sync.leader.as_deref() else { return false };
    let listed = |name: &str| sync.standbys.iter().any(|standby| standby == name);
    let read = |node: &&NodeEvidence| node.line().is_some();
    let mut known = evidence.nodes.iter().filter(read);
    if known.any(|node| node.name.as_str() == leader) {
        return true;
    }
    let voters = evidence.nodes.iter().filter(read).filter(|node| listed(node.name.as_str())).count();
    match sync.quorum {
        0 => listed(to.as_str()),
        quorum => voters > usize::from(quorum),
    }
}

/// A node that was seen, and that has or may have what the candidate has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    pub node: NodeName,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// This many bytes of WAL. `runs`: its Patroni is at work.
    Ahead { bytes: u64, runs: bool },
    /// It has another history, from this place on at the latest.
    Forked(Place),
    /// It was restarted, and has not replayed all that it has.
    Replays,
    /// It cannot be told, and why.
    Unknown(String),
}

/// Every such node, in the inventory's order.
pub fn beyond(basis: &Basis<'_>, evidence: &Evidence, to: &NodeName) -> Vec<Beyond> {
    let others = evidence.nodes.iter().filter(|node| node.name != *to);
    let replays = |node: &NodeEvidence| {
        let live = basis.observation.facts(&node.name).and_then(HostFacts::live);
        live.is_some_and(Live::still_replays).then_some(What::Replays)
    };
    let found = others.filter_map(|node| {
        let what = what(evidence, node, to);
        // Who has more already, or another history, is told of first.
        let what = if matches!(what, None | Some(What::Unknown(_))) { replays(node).or(what) } else { what };
        Some(Beyond { node: node.name.clone(), what: what? })
    });
    found.collect()
}

/// Why a plan does not hold any more, of each node that was seen: it has more than the candidate, or that cannot be told
/// while something runs there. Who is stopped was compared for the plan, which its start makes void.
pub fn overtaken(basis: &Basis<'_>, evidence: &Evidence, to: &NodeName) -> Vec<String> {
    let runs = |node: &NodeName| {
        let facts = basis.observation.facts(node);
        facts.is_some_and(|facts| facts.patroni_runs() || facts.server_runs())
    };
    let why = |Beyond { node, what }: Beyond| match what {
        What::Ahead { .. } | What::Forked(_) => Some(format!("{node} has more by now")),
        What::Replays => Some(format!("{node} still replays what it has")),
        What::Unknown(why) => runs(&node).then(|| format!("whether {node} has more cannot be told: {why}")),
    };
    beyond(basis, evidence, to).into_iter().filter_map(why).collect()
}

fn what(evidence: &Evidence, node: &NodeEvidence, to: &NodeName) -> Option<What> {
    let runs = match &node.holding {
        Holding::Unseen(_) | Holding::Nothing => return None,
        Holding::Unclear(why) => return Some(What::Unknown(why.clone())),
        Holding::Runs { what, line: None } => {
            return Some(What::Unknown(format!("{what}: it does not tell how far it is")));
        }
        Holding::Runs { .. } | Holding::Primary(_) => true,
        Holding::Data(_) => false,
    };
    match evidence.relation(to, &node.name)? {
        Relation::Equal | Relation::Ahead(_) => None,
        Relation::Behind(bytes) => Some(What::Ahead { bytes, runs }),
        Relation::Forked(place) => Some(What::Forked(place)),
        Relation::Strangers => Some(What::Unknown("its data is of another cluster".into())),
        Relation::Unknown(why) => {
            let (own, other) = (evidence.node(to)?.line()?, node.line()?);
            uncompared(own, other, why, runs)
        }
    }
}

/// Their WAL was not compared. Where the histories say that they are one, their ends tell who has more.
fn uncompared(own: &Line, other: &Line, why: String, runs: bool) -> Option<What> {
    match meeting(own, other) {
        Ok(_) if (other.timeline, other.end) <= (own.timeline, own.end) => None,
        Ok(_) => Some(What::Ahead { bytes: other.end.since(own.end), runs }),
        Err(_) => Some(What::Unknown(why)),
    }
}

/// Where the data of this node leaves the history that etcd has of the cluster; `None`: it does not, or is further than
/// that.
pub fn off_history(basis: &Basis<'_>, to: &NodeName) -> Option<Place> {
    let own = basis.observation.line(to)?;
    let switches = basis.observation.facts(to)?.patroni.history.told()?;
    let last = switches.last()?;
    let timeline = Timeline::new(last.timeline.number() + 1)?;
    let told = failover::keys(basis).and_then(last_told);
    let cluster = Line {
        timeline,
        history: Some(History(switches.clone())),
        end: told.unwrap_or_default().max(last.at),
        ..own.clone()
    };
    match meeting(&own, &cluster) {
        Err(Relation::Forked(place)) if timeline >= own.timeline => Some(place),
        _ => None,
    }
}
