//! Inventory and observation → what will be done, in what order and why. One planner a command.

mod action;
mod add_node;
mod afterwards;
mod again;
mod alter;
mod apply_config;
mod begin;
mod bootstrap;
mod command;
mod consequence;
mod continuing;
mod crossing;
pub mod cut_short;
mod describe;
mod done;
mod ending;
mod endpoint;
pub mod links;
mod needed;
mod no_plan;
mod offline;
mod preparation;
mod recover;
mod remove_arbitrators;
mod remove_node;
mod restart;
mod restoring;
pub mod roles;
mod rolling;
mod server_action;
mod stop;
mod waves;
mod without_restart;

use crate::kernel::plan;

pub use action::Action;
pub use add_node::{Discard, add_node};
pub use afterwards::afterwards;
pub use again::{again, spent};
pub use alter::{Altering, alter};
pub use apply_config::{ConfigChoice, apply_config};
pub use bootstrap::{bootstrap, seed_guards};
pub use command::Command;
pub use continuing::drifts;
pub use done::done;
pub use needed::needed;
pub use no_plan::NoPlan;
pub use offline::bootstrap_offline;
pub use preparation::{config_step, sst_privileges};
pub use recover::{Choice, is_preliminary, recover, recovery_order};
pub use remove_arbitrators::remove_arbitrators;
pub use remove_node::{Removing, left_to_do, remove_node};
pub use restart::restart;
pub use roles::without_silence;
pub use rolling::serves_ist;
pub use server_action::{ServerAction, Setting};
pub use stop::stop;

/// A plan for a Galera cluster.
pub type Plan = plan::Plan<Command, Action>;
/// A step of such a plan.
pub type Step = plan::Step<Action>;
/// Such a plan as a file.
pub type Saved = plan::Saved<Command, Action>;

/// The JSON Schema of a plan file, for programs that read plans.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Saved)
}
