//! The comparison that a repair is planned from.

use std::collections::BTreeMap;

use super::asked::{Nodes, limits};
use crate::kernel::compare::{Asked as _, Progress, Table, Trouble, compare};
use crate::kernel::model::NodeName;
use crate::kernel::transport::Fleet;
use crate::mesh::inventory::Inventory;
use crate::mesh::observation::Compared;
use crate::mesh::plan::{MOST_ROWS, Wanted};

/// Compares the tables that are meant, and reads both values of what differs.
///
/// Errors: why the node whose rows the others are to get gives no answer.
pub async fn ask(
    inventory: &Inventory,
    fleet: &Fleet,
    wanted: &Wanted,
    tell: &(dyn Fn(&Progress) + Sync),
) -> Result<Compared, String> {
    let host = |name: &NodeName| Some((name.clone(), fleet.host_of(name)?));
    let hosts: BTreeMap<_, _> = inventory.nodes.iter().filter_map(|node| host(&node.name)).collect();
    let names: Vec<_> = hosts.keys().cloned().collect();
    let nodes = Nodes::new(inventory.clone(), hosts, true);
    let first = &inventory.databases[0].name;
    let why = |trouble| match trouble {
        Trouble::TooLong => format!("{} takes too long to answer", wanted.from),
        Trouble::Failed(why) => format!("{}: {why}", wanted.from),
    };
    let as_of = nodes.say(&wanted.from, first, "SELECT clock_timestamp();\n").await.map_err(why)?;
    let means = |table: &Table| wanted.means(table);
    let report = compare(&nodes, &names, &means, (&limits(), MOST_ROWS), tell).await;
    let tables = nodes.tables(&wanted.from).await.map_err(why)?;
    Ok(Compared { as_of: as_of.trim().to_owned(), report, tables })
}
