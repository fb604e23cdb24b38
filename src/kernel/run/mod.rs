//! Carrying out a plan: exactly its steps, in its order, and a stop at the first surprise.

pub mod event;
pub mod host_act;
pub mod interrupt;
pub mod journal;
pub mod poll;
pub mod shell;
pub mod step_error;
mod walk;

pub use walk::{Acting, Outcome, run};
