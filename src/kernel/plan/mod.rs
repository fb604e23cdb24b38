//! Plans: what will be done, in what order and why. A plan is data: what a dry run prints and what is
//! executed is one value. Which commands and actions there are, each engine says itself.

mod diffs;
mod file;
mod host_action;
mod line;
mod markdown;
mod plan_type;
mod saved;
mod stale;
mod step;
mod text;

pub use file::{Check, Follows, PutFile, diff};
pub use host_action::HostAction;
pub use line::{Line, Tone};
pub use markdown::markdown;
pub use plan_type::{Command, Plan, Situation};
pub use saved::{Input, NotUsable, Saved, engine_of};
pub use stale::{busy, other_work, stale};
pub use step::{Action, Stage, Step, Width};
pub use text::{lines, refusals_text, text};
