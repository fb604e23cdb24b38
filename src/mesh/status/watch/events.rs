//! Two statuses, one after the other → what has happened between them.

use crate::mesh::status::Status;

/// Each event in a sentence.
pub fn events(before: &Status, now: &Status) -> Vec<String> {
    let nodes = now.nodes.iter().filter_map(|node| {
        let was = before.nodes.iter().find(|it| it.node == node.node)?;
        (was.state != node.state)
            .then(|| format!("{} was `{}`, and is `{}`", node.node, was.state, node.state))
    });
    let links = now.links.iter().filter_map(|link| {
        let was = before
            .links
            .iter()
            .find(|it| (&it.database, &it.from, &it.to) == (&link.database, &link.from, &link.to))?;
        let (reader, provider, database) = (&link.to, &link.from, &link.database);
        match (was.state == "replicating", link.state == "replicating") {
            (true, false) => {
                Some(format!("{reader} reads no more from {provider} in database {database}: {}", link.state))
            }
            (false, true) => Some(format!("{reader} reads again from {provider} in database {database}")),
            _ => None,
        }
    });
    nodes.chain(links).collect()
}
