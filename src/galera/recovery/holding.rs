//! What one node holds, judged from its own evidence; of the others, only whether they count it.

use serde::{Deserialize, Serialize};

use crate::galera::facts::{ClusterStatus, Grastate, HostFacts, Position, ServerAnswer};
use crate::galera::model::{Gtid, Seqno, StateUuid};
use crate::galera::observation::Observation;
use crate::kernel::facts::Seen;
use crate::kernel::model::NodeName;

/// A server that was killed is started again once, and waits then for its cluster as any other.
const ONE_CRASH: u32 = 1;

/// A server that has come nowhere after this long waits for something that does not come by itself.
/// Members that are all there find each other within the time that evs.inactive_timeout gives a
/// silent one, which is 15 s.
pub(super) const LONG_ENOUGH: u64 = 45;

/// A node's part in the outage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holding {
    /// It was not seen. Nothing follows from that.
    Unseen(String),
    /// Its server is in a Primary component.
    Primary { state: Option<StateUuid>, seqno: Seqno },
    /// Its server runs in the cluster, and there is no Primary component.
    Waiting { state: Option<StateUuid>, seqno: Seqno },
    /// Its server starts, or is started again and again, and cannot be asked.
    Starting { why: String, looping: bool },
    /// Its server runs outside any cluster, was thrown out of it, or refuses the question.
    Outside(String),
    /// Stopped, and its position is certain: grastate.dat and the data agree.
    At(Gtid),
    /// Stopped, and its state is void: interrupted in a state transfer or in a DDL statement, or
    /// found inconsistent. `data` is how far its data got all the same.
    Void { why: String, data: Option<Gtid> },
    /// Stopped, and it may hold commits that cannot be counted.
    Unclear(String),
    /// Stopped, and its data is not there to be seen.
    Missing(String),
    /// Never a member of any cluster.
    Stranger(String),
}

impl Holding {
    /// The position that its data has, whether it may be started from or not.
    pub fn position(&self) -> Option<Gtid> {
        match self {
            Self::At(position) | Self::Void { data: Some(position), .. } => Some(position.clone()),
            Self::Primary { state: Some(state), seqno } | Self::Waiting { state: Some(state), seqno } => {
                Some(Gtid { uuid: state.clone(), seqno: *seqno })
            }
            _ => None,
        }
    }
}

/// Judges a node; one that is not in the observation was not seen.
pub fn holding(observation: &Observation, node: &NodeName) -> Holding {
    let facts = match observation.nodes.get(node) {
        Some(Seen::Facts(facts)) => facts,
        Some(Seen::Unreachable(why)) => return Holding::Unseen(why.to_string()),
        None => return Holding::Unseen("it was not scanned".into()),
    };
    if let Some(running) = running(observation, facts) {
        return running;
    }
    let recovered = observation.recovered.as_ref().and_then(|all| all.get(node));
    match recovered.map(|recovered| &recovered.position) {
        Some(position) => stopped(facts, position),
        None => stopped(facts, &Position::Unknown("its data was not asked".into())),
    }
}

fn running(observation: &Observation, facts: &HostFacts) -> Option<Holding> {
    let holding = match &facts.server_answer {
        ServerAnswer::Live(live) if live.is_primary() => {
            Holding::Primary { state: live.state_uuid.clone(), seqno: live.last_committed }
        }
        ServerAnswer::Live(_) if facts.is_standalone() => {
            Holding::Stranger("it runs by itself, and was never in a cluster".into())
        }
        ServerAnswer::Live(live) if !live.wsrep_on => {
            Holding::Outside("its server runs with wsrep off".into())
        }
        ServerAnswer::Live(live) if live.local_state.is_inconsistent() => {
            Holding::Outside("its server was found inconsistent and left the cluster".into())
        }
        // The server does not come back by itself, and its data is certain only once it is stopped.
        ServerAnswer::Live(live) if live.cluster_status == ClusterStatus::Disconnected => {
            let why = "its server has left the cluster, and does not come back by itself".into();
            Holding::Starting { why, looping: true }
        }
        ServerAnswer::Live(_) if facts.outside_run.is_some() => Holding::Outside(ran_outside(facts)?),
        ServerAnswer::Live(live) => {
            match live.state_uuid.clone().filter(|state| !state.is_zero()) {
                Some(state) => Holding::Waiting { state: Some(state), seqno: live.last_committed },
                // The server may have data of which no group knows yet.
                None => Holding::Waiting {
                    state: facts.datadir.grastate.known_uuid().cloned(),
                    seqno: Seqno::Unknown,
                },
            }
        }
        _ if !facts.server_runs() => return None,
        // A unit that is up has come to the end of its start. That its socket is not where it is to be
        // says nothing of the server.
        answer if facts.unit.is_active() => {
            let why = match answer {
                ServerAnswer::Refused(why) => why.to_string(),
                _ => format!("there is no answer at {}", facts.socket),
            };
            Holding::Outside(format!("its server runs and cannot be asked: {why}"))
        }
        _ if !facts.unit.is_up() => Holding::Outside("a server process runs outside its unit".into()),
        // Galera lets a node that is ahead of its cluster crash, and voids its grastate.dat by that:
        // the next start, seconds later, would get a full transfer over its data.
        _ if facts.unit.sub == "auto-restart" && facts.datadir.grastate.known_uuid().is_none() => {
            let why =
                format!("its server ended ({}), and systemd is about to start it again", facts.unit.result);
            Holding::Starting { why, looping: true }
        }
        _ if facts.unit.restarts > ONE_CRASH && !is_let_in(observation, facts) => {
            let why = format!("systemd has started it again {} times", facts.unit.restarts);
            Holding::Starting { why, looping: true }
        }
        _ => Holding::Starting { why: format!("its unit is {}", facts.unit.active), looping: false },
    };
    Some(holding)
}

/// Clients may have written in that run: those writes are in no cluster, and the node's position does not count them.
pub fn ran_outside(facts: &HostFacts) -> Option<String> {
    let when = facts.outside_run.as_ref()?;
    Some(format!(
        "its server ran outside the cluster on {when}: it may hold writes that no other node has, and its position does not count them"
    ))
}

/// A member counts it, and Galera has not turned it away since. systemd counts restarts until somebody
/// starts the unit by hand, so that some may be weeks old.
fn is_let_in(observation: &Observation, facts: &HostFacts) -> bool {
    let own = |member: &String| member.parse().is_ok_and(|ip| facts.machine.addresses.contains(&ip));
    let mut members = observation.seen().filter_map(|(_, other)| other.live().filter(|it| it.is_primary()));
    facts.start.as_ref().is_some_and(|start| start.age >= LONG_ENOUGH)
        && members.any(|live| live.members.iter().any(own))
}

fn stopped(facts: &HostFacts, data: &Position) -> Holding {
    if let Some(why) = facts.missing_data() {
        return Holding::Missing(why);
    }
    if let Some(why) = ran_outside(facts) {
        return Holding::Unclear(why);
    }
    let leftovers: Vec<_> = facts.datadir.joiners_leftovers().collect();
    let in_data = match data {
        Position::At(position) => Some(position.clone()),
        Position::None(_) | Position::Unknown(_) => None,
    };
    // While a state transfer goes on, grastate.dat names no state. Where grastate.dat names one, the files of a transfer
    // are of an older transfer, and say nothing of the node's data.
    let has_state = facts.datadir.grastate.known_uuid().is_some();
    let void = |why: String| match data {
        // What is left of a transfer may not even start; what was there before is gone anyway.
        Position::Unknown(trouble) if leftovers.is_empty() || has_state => {
            Holding::Unclear(format!("{why}; {trouble}"))
        }
        Position::None(none) if has_state => Holding::Unclear(format!("{why}; {none}")),
        _ => Holding::Void { why, data: in_data.clone() },
    };
    if !leftovers.is_empty() {
        return void(format!("a state transfer to it was cut off ({})", leftovers.join(", ")));
    }
    match &facts.datadir.grastate {
        Grastate::Unreadable(why) => Holding::Unclear(format!("grastate.dat: {why}")),
        Grastate::Saved(saved) if saved.position.uuid.is_zero() => {
            void("grastate.dat has the zero UUID: a DDL statement or a state transfer was cut off, or it was found inconsistent".into())
        }
        Grastate::Saved(saved) => agreed(&saved.position, data),
        Grastate::Absent | Grastate::Empty => match data {
            Position::At(_) => void("it has no grastate.dat, and its data was in a cluster".into()),
            Position::None(_) if facts.datadir.gvwstate.is_there() || facts.datadir.grastate == Grastate::Empty => {
                void("it never got the cluster's state".into())
            }
            Position::None(why) => Holding::Stranger(why.clone()),
            Position::Unknown(_) if facts.server.is_none() && !facts.datadir.initialised => {
                Holding::Stranger("no server is installed".into())
            }
            Position::Unknown(why) => Holding::Unclear(why.clone()),
        },
    }
}

/// The provider takes a seqno from grastate.dat before the data's own (galera replicator_smm.cpp),
/// so that a file which was edited by hand would make it skip write-sets.
fn agreed(saved: &Gtid, data: &Position) -> Holding {
    match (saved.seqno, data) {
        (_, Position::At(data)) if data.uuid != saved.uuid => {
            Holding::Unclear(format!("grastate.dat says {saved}, and its data {data}"))
        }
        (Seqno::Unknown, Position::At(data)) => Holding::At(data.clone()),
        (Seqno::At(_), Position::At(data)) if data.seqno == saved.seqno => Holding::At(data.clone()),
        (Seqno::At(_), Position::At(data)) => {
            Holding::Unclear(format!("grastate.dat says seqno {}, and its data {}", saved.seqno, data.seqno))
        }
        (_, Position::None(why) | Position::Unknown(why)) => {
            Holding::Unclear(format!("grastate.dat says {saved}, and its data does not tell: {why}"))
        }
    }
}
