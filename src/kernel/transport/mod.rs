//! Commands on hosts over SSH: strict host keys, values quoted by construction, deadlines.

pub mod asking;
mod beats;
mod command;
mod fleet;
mod held;
mod host;
mod lock;
mod piped;
pub mod ports;
mod run_dir;
mod ssh_config;

pub use command::{Output, RemoteCommand, TransportError};
pub use fleet::Fleet;
pub use held::Held;
pub use host::Host;
pub use lock::Claim;
