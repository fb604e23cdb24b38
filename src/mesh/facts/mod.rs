//! What was seen of a host of a mesh.

mod database;
mod fingerprint;
mod host;
mod read;
mod server;

pub use database::{Database, Member, Origin, Sequence, Subscription, SubscriptionState, Table};
pub use fingerprint::fingerprint;
pub use host::{Datadir, HostFacts};
pub use server::{Live, Sender, Slot};
