//! After an outage: what each node's data holds, which one the cluster goes on from, and what that costs. Evidence in,
//! verdict out; the plan is made of it elsewhere.
//!
//! Patroni itself does not compare: where etcd has no key `initialize`, the first one that starts makes its own data the
//! cluster's, and the nodes that have more are rewound to it without a word.

mod decide;
mod evidence;
mod force;
mod gather;
mod promotion;
mod standing;
mod table;
mod verdict;

pub use decide::decide;
pub use evidence::{Evidence, Held, Holding, NodeEvidence};
pub use force::force;
pub use gather::{gather, last_sync};
pub use promotion::{Beyond, Lack, What, beyond, lack, off_history, overtaken};
pub use standing::{Fate, Standing, standings};
pub use table::{HEADINGS, sentence, table};
pub use verdict::{Decision, Doubt, DoubtKind, Rule, Verdict};
