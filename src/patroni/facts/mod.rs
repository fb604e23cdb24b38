//! What was seen of hosts with PostgreSQL, Patroni and etcd: typed, read-only, and honest about what could not
//! be seen.

mod control;
mod datadir;
mod digest;
mod etcd;
mod fingerprint;
mod glance;
mod hba;
mod history;
mod host;
mod http;
mod line;
mod patroni;
mod read_control;
mod read_datadir;
mod read_etcd;
mod read_host;
mod read_keys;
mod read_patroni;
mod read_server;
mod recovered;
mod seed;
mod server;
mod surroundings;

pub use crate::kernel::facts::Answer;
pub use crate::postgresql::packages::Package;
pub use crate::postgresql::{Lsn, SystemId, Timeline};
pub use control::{ControlData, DataState};
pub use datadir::{Contents, Datadir, WalFile};
pub use digest::WalDigests;
pub use etcd::{EtcdEndpoint, EtcdFacts, EtcdMember, Initialize, Keys, ScopeKeys, SyncKey};
pub use fingerprint::{fingerprint, fingerprint_of_etcd};
pub use glance::Glance;
pub use hba::HbaRule;
pub use history::{History, Switch};
pub use host::{DebianCluster, EtcdHostFacts, HostFacts, ServerProcess};
pub use line::{Line, Place, Relation, meeting, relation};
pub use patroni::{ClusterMember, PatroniCluster, PatroniFacts, PatroniNode, Role};
pub use recovered::{Recovered, TimelineEnd};
pub use seed::{Beside, Inside, SeedFacts, Setting, Standalone};
pub use server::{Database, Live, Rights, Slot, Standby, WalReceiver};
pub use surroundings::Surroundings;
