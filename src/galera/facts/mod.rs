//! What was seen of the hosts: typed, read-only, and honest about what could not be seen.

mod bootstrap_record;
mod examined;
mod fingerprint;
mod glance;
mod grastate;
mod group_peers;
mod gvwstate;
mod host;
mod live;
mod local_state;
mod next_start;
mod no_answer;
mod option_line;
mod peer_address;
mod rates;
mod read_datadir;
mod read_host;
mod read_parts;
mod recovered;
mod removal;
mod room;
mod start;
mod state;
mod surroundings;
mod tried;
mod variable;

pub use crate::kernel::facts::{PortState, Reach, node_ports, ways};
pub use bootstrap_record::{BootstrapRecord, Passed};
pub use examined::{Examined, Login, Tables};
pub use fingerprint::fingerprint;
pub use glance::Glance;
pub use grastate::{Grastate, SavedState};
pub use group_peers::group_peers;
pub use gvwstate::{Gvwstate, LastView};
pub use host::{Datadir, HostFacts, Intent, LaterOption, Schema, peers_in};
pub use live::{ClusterStatus, Live, ServerAnswer};
pub use local_state::LocalState;
pub use next_start::NextStart;
pub use no_answer::NoAnswer;
pub use peer_address::PeerAddress;
pub use rates::Rates;
pub use read_parts::sst_password_of;
pub use recovered::{Position, Recovered, position_of, recovered_position};
pub use removal::Removal;
pub use room::Room;
pub use start::ServerStart;
pub use state::NodeState;
pub use surroundings::Surroundings;
pub use tried::{NotAccepted, Tried};
pub use variable::Variable;

/// Which node reaches which other one at which port.
pub type PortMatrix = crate::kernel::facts::PortMatrix<super::model::Service>;
pub type NodePort = crate::kernel::facts::NodePort<super::model::Service>;
pub type Target = crate::kernel::facts::Target<super::model::Service>;
pub type Way = crate::kernel::facts::Way<super::model::Service>;
