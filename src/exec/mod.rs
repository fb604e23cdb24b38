//! Carrying out a plan: exactly its steps, in its order, and a stop at the first surprise.

mod apply;
mod context;
pub mod event;
mod interrupt;
pub mod journal;
pub mod logs;
mod run;
mod settle;
mod step_error;
mod views;

pub use context::{Context, Place};
pub use interrupt::Interrupt;
pub use run::run;
pub use views::views;
