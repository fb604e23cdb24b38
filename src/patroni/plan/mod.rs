//! Inventory and observation → what will be done, in what order and why. One planner a command.

mod action;
mod add_node;
mod afterwards;
mod again;
mod apply_config;
mod begin;
mod bootstrap;
mod by_hand;
mod command;
mod completing;
mod describe;
mod done;
mod etcd_action;
mod etcd_members;
mod failover;
mod led;
mod needed;
mod no_plan;
mod node_lists;
mod patroni_action;
mod preparation;
mod recover;
mod remove_node;
mod restart;
mod restarts;
mod rolling;
mod seed;
mod stages;
mod start;
mod stop;
mod switchover;
mod taking_over;

pub use action::Action;
pub use add_node::add_node;
pub use afterwards::afterwards;
pub use again::again;
pub use apply_config::apply_config;
pub use bootstrap::bootstrap;
pub use command::Command;
pub use describe::describe;
pub use done::done;
pub use etcd_action::EtcdAction;
pub use failover::failover;
pub use needed::needed;
pub use no_plan::NoPlan;
pub use patroni_action::{PatroniAction, StopAs};
pub use recover::{Choice, recover};
pub use remove_node::{Removing, left_to_do, remove_node};
pub use restart::restart;
pub use start::start;
pub use stop::stop;
pub use switchover::switchover;

use crate::kernel::plan;

/// A plan for a cluster that Patroni keeps.
pub type Plan = plan::Plan<Command, Action>;
/// A step of such a plan.
pub type Step = plan::Step<Action>;
/// Such a plan as a file.
pub type Saved = plan::Saved<Command, Action>;

/// The JSON Schema of a plan file, for programs that read plans.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Saved)
}
