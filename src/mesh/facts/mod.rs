//! What was seen of a host of a mesh.

mod apply_error;
mod database;
mod fingerprint;
mod host;
mod read;
mod schema;
mod server;
mod transaction;
mod trial;

pub use apply_error::{ApplyError, Failing, apply_errors};
pub use database::{
    Database, ForeignKey, Member, Origin, Owner, Sequence, Subscription, SubscriptionState, Table, UniqueKey,
};
pub use fingerprint::fingerprint;
pub use host::{Boot, Datadir, HostFacts};
pub use schema::{Candidate, Details, Program, Schema, Stateful, Trigger};
pub use server::{Commits, Live, Slot};
pub use transaction::{HeldUp, Transaction, Which};
pub use trial::{Outcome, Trial};
