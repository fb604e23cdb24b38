//! Sequences, of which a cluster wants values that no other node gives.

use crate::galera::lint::codes::{SEQUENCE_CACHE, SEQUENCE_STEP};
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Schema, Sequence};
use crate::kernel::lint::Finding;

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let finding = |sequence: &Sequence| {
        let (name, increment, cache) = (&sequence.name, sequence.increment, sequence.cache);
        let fix = format!("ALTER SEQUENCE {} INCREMENT BY 0", name.quoted());
        match (increment, cache) {
            (0, _) => None,
            (_, 0) => {
                let evidence = format!("has INCREMENT BY {increment} and no cache");
                Some(Finding::new(SEQUENCE_STEP, name, evidence, fix))
            }
            _ => {
                let evidence = format!("has a cache of {cache} values and INCREMENT BY {increment}");
                let fix =
                    format!("{fix}; or where gaps do not matter: ALTER SEQUENCE {} NOCACHE", name.quoted());
                Some(Finding::new(SEQUENCE_CACHE, name, evidence, fix))
            }
        }
    };
    schema.sequences.iter().filter_map(finding).collect()
}
