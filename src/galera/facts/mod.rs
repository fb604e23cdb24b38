//! What was seen of the hosts: typed, read-only, and honest about what could not be seen.

mod bootstrap_record;
mod fingerprint;
mod glance;
mod grastate;
mod gvwstate;
mod host;
mod live;
mod no_answer;
mod ports;
mod rates;
mod read_datadir;
mod read_host;
mod read_parts;
mod recovered;
mod removal;
mod start;
mod state;
mod surroundings;
mod variable;

pub use bootstrap_record::{BootstrapRecord, Passed};
pub use fingerprint::fingerprint;
pub use glance::Glance;
pub use grastate::{Grastate, SavedState};
pub use gvwstate::{Gvwstate, LastView};
pub use host::{Datadir, HostFacts, Intent, LaterOption, Schema, peers_in};
pub use live::{ClusterStatus, Live, ServerAnswer};
pub use no_answer::NoAnswer;
pub use ports::{Door, DoorState, PortMatrix, Reach, Target, Way, closed_doors, closed_ways, doors, ways};
pub use rates::Rates;
pub use read_parts::sst_password_of;
pub use recovered::{Position, Recovered, position_of, recovered_position};
pub use removal::Removal;
pub use start::ServerStart;
pub use state::NodeState;
pub use surroundings::Surroundings;
pub use variable::Variable;
