//! Carrying out a plan: exactly its steps, in its order, and a stop at the first surprise.

mod apply;
mod context;
pub mod event;
mod interrupt;
mod logs;
mod run;
mod step_error;
mod views;

pub use context::Context;
pub use interrupt::Interrupt;
pub use run::run;
pub use views::views;
