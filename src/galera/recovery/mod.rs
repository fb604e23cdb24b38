//! After an outage: what each node holds, which one the cluster starts again from, and what that
//! costs. Evidence in, verdict out; the plan is made of it elsewhere.

mod bundle;
mod continuity;
mod decide;
mod evidence;
mod force;
mod holding;
mod last_one;
mod missing;
mod restarts;
mod settling;
mod standing;
mod table;
mod verdict;

pub use bundle::{Bundle, NotABundle};
pub use continuity::{broken_continuity, unproven_restarts};
pub use decide::decide;
pub use evidence::Evidence;
pub use force::force;
pub use holding::{Holding, holding, ran_outside};
pub use restarts::{Peer, known_restarts};
pub use settling::settling;
pub use standing::{Fate, Standing};
pub use table::{HEADINGS, sentence, table, verdict_text};
pub use verdict::{Decision, Doubt, DoubtKind, Rule, Verdict};
