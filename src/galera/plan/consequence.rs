//! Whose data stays and whose goes, in sentences.

use crate::galera::facts::{HostFacts, Schema};
use crate::galera::inventory::Node;
use crate::galera::judge::evidence::schema_list;
use crate::kernel::model::words::bytes;

/// What becomes of the seed's data.
pub fn kept(node: &Node, facts: &HostFacts) -> String {
    let name = &node.name;
    if facts.server.is_none() && !facts.datadir.initialised {
        return format!("{name} starts empty: nothing is installed there yet");
    }
    let data = if facts.datadir.schemas.is_empty() { "no databases yet".into() } else { schema_list(facts) };
    format!("{name} keeps its data, which becomes the cluster's: {data}, and its accounts")
}

/// What a joiner loses; `None` where there is nothing to lose, or where it may keep what it has.
pub fn overwritten(node: &Node, facts: &HostFacts) -> Option<String> {
    let datadir = &facts.datadir;
    if !datadir.schemas.is_empty() && datadir.grastate.known_uuid().is_none() {
        let list = schema_list(facts);
        return Some(format!(
            "{} is overwritten: what an unfinished state transfer brought: {list}",
            node.name
        ));
    }
    let replaced =
        datadir.initialised && datadir.schemas.is_empty() && datadir.grastate.known_uuid().is_none();
    replaced.then(|| {
        format!(
            "{} is overwritten: no databases of users, but its accounts and all else in `mysql` and `sys`",
            node.name
        )
    })
}

/// What a joiner loses with the user's word.
pub fn discarded(node: &Node, facts: &HostFacts) -> String {
    let datadir = &facts.datadir;
    let state = datadir.grastate.known_uuid().map(|uuid| format!("the state of cluster {uuid}"));
    let schemas = (!datadir.schemas.is_empty())
        .then(|| format!("{}, {} in all", schema_list(facts), bytes(total(&datadir.schemas))));
    let parts: Vec<_> = state.into_iter().chain(schemas).collect();
    let what =
        if parts.is_empty() { "all that is in its data directory".into() } else { parts.join(", and ") };
    format!("DISCARDED on {}: {what}", node.name)
}

/// A host may say anything of its sizes.
fn total(schemas: &[Schema]) -> u64 {
    schemas.iter().fold(0, |total, schema| total.saturating_add(schema.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_no_disk_has_are_added_up_all_the_same() {
        let schema = |bytes| Schema { name: "shop".into(), bytes };
        assert_eq!(total(&[schema(1), schema(2)]), 3);
        assert_eq!(total(&[schema(u64::MAX), schema(2)]), u64::MAX);
    }
}
