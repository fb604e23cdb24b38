//! What is wrong with hosts or plans: one kind of finding, whoever asks.

mod code;
pub mod codes;
mod diagnosis;
mod finding;
mod health;
mod invocation;
mod login;
pub mod preflight;
mod remedy;
mod severity;

pub use code::Code;
pub(crate) use code::declare_codes;
pub use diagnosis::Diagnosis;
pub use finding::Finding;
pub use health::Health;
pub use invocation::{Invocation, PLACE, shell_word};
pub use login::login;
pub use remedy::Remedy;
pub use severity::Severity;
