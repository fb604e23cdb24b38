//! Inventory and observation → what will be done, in what order and why. One planner a command.

mod action;
mod add_node;
mod afterwards;
mod again;
mod apply_config;
mod begin;
mod bootstrap;
mod command;
mod ddl;
mod describe;
mod done;
mod joining;
mod merging;
mod needed;
mod no_plan;
mod node_action;
mod remove_node;
mod repair;
mod restart;
mod rolling;
mod rows;
mod skip;
mod stages;
mod unheard;
mod wanted;
mod whole;

pub use action::Action;
pub use add_node::add_node;
pub use afterwards::afterwards;
pub use again::again;
pub use apply_config::apply_config;
pub use bootstrap::bootstrap;
pub use command::Command;
pub use ddl::ddl;
pub use describe::describe;
pub use done::done;
pub use needed::needed;
pub use no_plan::NoPlan;
pub use node_action::{Heirs, NodeAction, SentTable};
pub use remove_node::{Removing, remove_node};
pub use repair::{MOST as MOST_ROWS, repair};
pub use restart::restart;
pub use rows::{RowChange, RowColumn, Rows, Was};
pub use skip::{Skipping, skip};
pub use wanted::Wanted;

use crate::kernel::plan;

/// A plan for a mesh.
pub type Plan = plan::Plan<Command, Action>;
/// A step of such a plan.
pub type Step = plan::Step<Action>;
/// Such a plan as a file.
pub type Saved = plan::Saved<Command, Action>;

/// The JSON Schema of a plan file, for programs that read plans.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Saved)
}
