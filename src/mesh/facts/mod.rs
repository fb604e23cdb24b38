//! What was seen of a host of a mesh.

mod apply_error;
mod database;
mod fingerprint;
mod host;
mod read;
mod server;
mod transaction;
mod trial;

pub use apply_error::{ApplyError, Failing, apply_errors};
pub use database::{Database, Member, Origin, Sequence, Subscription, SubscriptionState, Table};
pub use fingerprint::fingerprint;
pub use host::{Boot, Datadir, HostFacts};
pub use server::{Live, Sender, Slot};
pub use transaction::{HeldUp, Transaction, Which};
pub use trial::{Outcome, Trial};
