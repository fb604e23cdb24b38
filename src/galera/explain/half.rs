//! Damaged files that are half of a copy, because the previous start broke off during its state transfer.

use crate::kernel::explain::pattern::{Caught, catch};
use crate::kernel::judge::PLACE;
use crate::kernel::run::event::Explanation;

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] =
    &[("half-received", "the data directory holds half of a copy: a state transfer to the node broke off")];

/// The server reports half of a copy with one of these causes.
pub fn may_be(found: &Explanation) -> bool {
    ["damaged-data", "damaged-aria", "incomplete-data", "innodb-settings", "system-tables"]
        .contains(&&*found.slug)
}

/// What to say of the `damage` that a start found; `before` are the lines of the start before it, and `why` is the
/// cause for which that one failed.
pub fn received(damage: Explanation, before: &[&str], why: Option<Explanation>) -> Explanation {
    const BEGAN: &str = "Running: 'wsrep_sst_{method} --role 'joiner'";
    const ENDED: [&str; 3] = ["SST completed on joiner", "SST received", "SST succeeded for position"];
    let has = |pattern| before.iter().any(|line| catch(pattern, line, &Caught::new()).is_some());
    if !has(BEGAN) || ENDED.into_iter().any(has) {
        return damage;
    }
    let discard =
        format!("the half copy holds nothing that its donor lacks: galactl add-node {PLACE} NODE --discard");
    let (why, first) = match why {
        Some(why) => (format!(": {}", why.cause), format!("{}. Then: ", why.next)),
        None => (String::new(), String::new()),
    };
    Explanation {
        slug: "half-received".into(),
        cause: format!(
            "the data directory holds half of a copy, because the state transfer before broke off{why}"
        ),
        next: first + &discard,
    }
}
