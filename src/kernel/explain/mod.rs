//! Log lines → the cause in a sentence, and the next command. What the lines are, an engine knows.

mod cause;
pub mod pattern;

pub use cause::{Cause, Logs, Told, anyones, others, own, own_begins};
