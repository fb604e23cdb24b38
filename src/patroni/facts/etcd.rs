//! What etcd says of itself, and the keys that Patroni keeps in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::facts::Answer;
use crate::kernel::facts::{ConfigFile, UnitFacts};
use crate::postgresql::{Lsn, SystemId};

/// etcd on one host, and the answers of the endpoints that the host was to ask.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EtcdFacts {
    pub unit: UnitFacts,
    /// Processes of etcd, in the unit or outside.
    pub processes: Vec<u32>,
    /// `/etc/default/etcd`; a password in it is replaced.
    pub settings: Option<ConfigFile>,
    /// The data directories that are there, with their bytes: that of the settings, the inventory's, Debian's own.
    /// A member that has worked has data in one of them.
    pub datadirs: BTreeMap<String, u64>,
    /// The unit was started before its settings were written.
    pub stale: bool,
    /// By `ADDRESS:PORT`, what each endpoint told this host.
    pub endpoints: BTreeMap<String, EtcdEndpoint>,
}

impl EtcdFacts {
    /// A member runs here, or may be started at any moment.
    pub fn runs(&self) -> bool {
        self.unit.is_up() || !self.processes.is_empty()
    }
}

/// One etcd member that was asked over HTTP.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EtcdEndpoint {
    /// Such as `3.4.23`.
    pub version: Answer<String>,
    /// `/health`: it has a leader, and a write could be agreed on.
    pub healthy: Answer<bool>,
    /// The members that its cluster has, whether they run or not.
    pub members: Answer<Vec<EtcdMember>>,
    /// Decimal, of 64 bits.
    pub cluster_id: Option<String>,
    pub member_id: Option<String>,
    /// The id of the leader; `None` where it knows of none: there is no quorum.
    pub leader_id: Option<String>,
    /// Alarms of any member, such as `NOSPACE`: etcd takes no writes until they are disarmed.
    #[serde(default)]
    pub alarms: Answer<Vec<String>>,
    /// Bytes of its database, what is free in it included.
    #[serde(default)]
    pub db_size: Option<u64>,
    /// Keys that were written by the API of version 3 (Patroni's `etcd3:`).
    pub v3: Keys,
    /// Keys that were written by the API of version 2 (Patroni's `etcd:`). This is another store.
    pub v2: Keys,
}

impl EtcdEndpoint {
    pub fn has_alarm(&self) -> bool {
        self.alarms.told().is_some_and(|alarms| !alarms.is_empty())
    }
}

/// A member of an etcd cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EtcdMember {
    /// Decimal, of 64 bits.
    pub id: String,
    /// Empty of a member that was added and has not started yet.
    pub name: String,
    pub peer_urls: Vec<String>,
    pub client_urls: Vec<String>,
    /// It gets all keys and has no vote yet (etcd 3.4).
    #[serde(default)]
    pub learner: bool,
}

/// The keys of the scope in one store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Keys {
    /// As a quorum has agreed on them. Without a quorum they are not told.
    pub agreed: Answer<ScopeKeys>,
    /// As this one member has them, which may be old.
    pub own: Answer<ScopeKeys>,
}

/// What Patroni keeps below `/NAMESPACE/SCOPE/`. Empty: none of it is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ScopeKeys {
    pub initialize: Option<Initialize>,
    /// The name of the node that holds the leader key.
    pub leader: Option<String>,
    pub sync: Option<SyncKey>,
    /// A failover that somebody ordered.
    pub failover: Option<Value>,
    /// What each Patroni that is alive says of itself.
    pub members: BTreeMap<String, Value>,
    pub history: Option<Value>,
    /// The dynamic configuration.
    pub config: Option<Value>,
    /// Where the leader's WAL ended when it said so last, which it does once in its loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optime: Option<Lsn>,
    /// Names of other keys below the scope.
    pub others: Vec<String>,
}

impl ScopeKeys {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is there, by its name.
    pub fn names(&self) -> Vec<&str> {
        let known = [
            ("initialize", self.initialize.is_some()),
            ("leader", self.leader.is_some()),
            ("sync", self.sync.is_some()),
            ("failover", self.failover.is_some()),
            ("members", !self.members.is_empty()),
            ("history", self.history.is_some()),
            ("config", self.config.is_some()),
        ];
        let known = known.into_iter().filter(|(_, there)| *there).map(|(name, _)| name);
        known.chain(self.others.iter().map(String::as_str)).collect()
    }
}

/// The key `initialize`: a cluster has been born.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initialize {
    /// A bootstrap goes on, or was cut off: the key is there without an identifier.
    InProgress,
    By(SystemId),
    /// What stands there is no identifier.
    #[serde(untagged)]
    Other(String),
}

/// The key `sync`: who may take over without a loss.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncKey {
    pub leader: Option<String>,
    pub standbys: Vec<String>,
    /// With quorum commit: how many of the standbys beside one must be asked until one of those that were has every
    /// commit. 0 where each of them has.
    #[serde(default)]
    pub quorum: u16,
}
