//! What differed at the first look is looked at again: rows that are being written to differ for a moment.

use std::collections::BTreeMap;

use super::asked::Asked;
use super::chunks::{Chunks, Failure, Leaf, Seen, differ, is_unequal};
use super::table::{Digest, Key, Range};

/// Looks at which a row must differ in the same way. Between them, the nodes have applied each other's writes.
const ALIKE: u32 = 3;

/// What has become of the rows that seemed to differ.
#[derive(Debug, Default)]
pub struct Looked {
    pub differences: BTreeMap<Key, Seen>,
    /// At each look they were others, and at no look equal.
    pub busy: Vec<Key>,
}

struct Suspect {
    seen: Seen,
    alike: u32,
}

/// Looks at the leaves' rows until each is equal once, or has differed in the same way long enough.
pub async fn look_again<A: Asked>(chunks: &Chunks<'_, A>, leaves: Vec<Leaf>) -> Result<Looked, Failure> {
    let fresh = |seen| Suspect { seen, alike: 1 };
    let mut left: Vec<(Range, BTreeMap<Key, Suspect>)> = leaves
        .into_iter()
        .map(|leaf| (leaf.range, leaf.suspects.into_iter().map(|(key, seen)| (key, fresh(seen))).collect()))
        .collect();
    let mut looked = Looked::default();
    for look in 1..=chunks.limits.looks {
        if left.is_empty() {
            break;
        }
        chunks.settle(look).await?;
        for (range, suspects) in &mut left {
            let mut rows = chunks.rows(range).await?;
            suspects.retain(|key, suspect| {
                // A row that is on no node any more is equal.
                let seen = rows.remove(key).unwrap_or_default();
                if !is_unequal(&seen) {
                    return false;
                }
                suspect.alike = if seen == suspect.seen { suspect.alike + 1 } else { 1 };
                suspect.seen = seen;
                if suspect.alike < ALIKE {
                    return true;
                }
                looked.differences.insert(key.clone(), suspect.seen.clone());
                false
            });
        }
        left.retain(|(_, suspects)| !suspects.is_empty());
    }
    looked.busy = left.into_iter().flat_map(|(_, suspects)| suspects.into_keys()).collect();
    Ok(looked)
}

/// A table without a key, as a whole.
pub struct Whole {
    pub digests: Vec<Digest>,
    /// At each look it was another one, and at no look equal.
    pub busy: bool,
}

/// Rows and digest of all of a table without a key.
pub async fn whole<A: Asked>(chunks: &Chunks<'_, A>) -> Result<Whole, Failure> {
    let (all, mut alike) = (Range::default(), 1);
    let mut digests = chunks.digests(&all).await?;
    for look in 1..=chunks.limits.looks {
        if !differ(&digests) || alike >= ALIKE {
            return Ok(Whole { digests, busy: false });
        }
        chunks.settle(look).await?;
        let now = chunks.digests(&all).await?;
        let same = now.iter().zip(&digests).all(|(now, before)| now.agrees(before));
        alike = if same { alike + 1 } else { 1 };
        digests = now;
    }
    let busy = differ(&digests) && alike < ALIKE;
    Ok(Whole { digests, busy })
}
