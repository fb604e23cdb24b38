//! How etcd is.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::patroni::facts::{Answer, EtcdEndpoint};
use crate::patroni::inventory::{Etcd, EtcdMember};
use crate::patroni::judge::Basis;
use crate::patroni::judge::store::{Word, word};
use crate::patroni::observe::client_endpoint;

/// What a member of etcd is, by its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberState {
    Leader,
    /// It is healthy, and another one leads.
    Follower,
    /// It runs, and has no quorum.
    NoQuorum,
    /// It has a quorum, and takes no writes.
    Alarm,
    Stopped,
    NoAnswer,
    NotSeen,
}

impl fmt::Display for MemberState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Leader => "leader",
            Self::Follower => "follower",
            Self::NoQuorum => "no quorum",
            Self::Alarm => "alarm",
            Self::Stopped => "stopped",
            Self::NoAnswer => "no answer",
            Self::NotSeen => "not seen",
        })
    }
}

/// One member of etcd.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberStatus {
    /// Its name in the inventory; `None` of an endpoint of an etcd that is somebody else's.
    pub member: Option<String>,
    /// `ADDRESS:PORT` at which Patroni reaches it.
    pub endpoint: String,
    pub state: MemberState,
    pub version: Option<String>,
}

pub(super) fn members(basis: &Basis<'_>) -> Vec<MemberStatus> {
    match &basis.inventory.etcd {
        Etcd::Members(members) => members.iter().map(|it| member(basis, it)).collect(),
        Etcd::Existing(_) => others(basis),
    }
}

fn member(basis: &Basis<'_>, member: &EtcdMember) -> MemberStatus {
    let endpoint = client_endpoint(member);
    let told = basis.observation.endpoints().find(|(_, at, _)| *at == endpoint).map(|(_, _, told)| told);
    let runs = basis.observation.etcd().any(|(name, etcd)| *name == member.name && etcd.runs());
    let state = match word(basis, member) {
        Word::Healthy => healthy(told),
        Word::WithoutQuorum if told.is_some_and(EtcdEndpoint::has_alarm) => MemberState::Alarm,
        Word::WithoutQuorum => MemberState::NoQuorum,
        Word::Silent if runs => MemberState::NoAnswer,
        Word::Silent => MemberState::Stopped,
        Word::NotSeen => MemberState::NotSeen,
    };
    MemberStatus {
        member: Some(member.name.to_string()),
        state,
        version: told.and_then(|told| told.version.told().cloned()),
        endpoint,
    }
}

fn healthy(told: Option<&EtcdEndpoint>) -> MemberState {
    let leads = told.is_some_and(|it| it.leader_id.is_some() && it.leader_id == it.member_id);
    if leads { MemberState::Leader } else { MemberState::Follower }
}

/// The endpoints of an etcd that galactl did not set up, by the best answer that a host has.
fn others(basis: &Basis<'_>) -> Vec<MemberStatus> {
    let mut best: BTreeMap<&str, (u8, MemberStatus)> = BTreeMap::new();
    for (_, at, told) in basis.observation.endpoints() {
        let (rank, state) = match &told.healthy {
            Answer::Told(true) => (3, healthy(Some(told))),
            Answer::Told(false) if told.has_alarm() => (2, MemberState::Alarm),
            Answer::Told(false) => (2, MemberState::NoQuorum),
            Answer::Unseen(_) => (1, MemberState::NoAnswer),
            Answer::Nobody(_) => (1, MemberState::Stopped),
        };
        let version = told.version.told().cloned();
        let status = MemberStatus { member: None, endpoint: at.to_owned(), state, version };
        if best.get(at).is_none_or(|(known, _)| *known < rank) {
            best.insert(at, (rank, status));
        }
    }
    best.into_values().map(|(_, status)| status).collect()
}
