//! What each column tells of a node.

use crate::galera::facts::Rates;
use crate::galera::inventory::Thresholds;
use crate::galera::status::table::{HEADINGS, decimal};
use crate::galera::status::{Health, Status, rows as status_rows};
use crate::kernel::model::NodeName;
use crate::kernel::watch::{Column, Row};

const WRITES: &str = "WRITES/S";

#[allow(clippy::cast_precision_loss, reason = "queues are far below 2^52")]
pub const COLUMNS: [Column<Rates>; 13] = [
    Column::new("NODE", 0, 4),
    Column::new("ADDRESS", 4, 7),
    Column::new("STATE", 0, 6),
    Column::new("SIZE", 3, 4),
    Column::new("VIEW", 7, 4),
    Column::new("SEQNO", 1, 8),
    Column::with_past(WRITES, 5, |rates| rates.write_sets),
    Column::with_past("QUEUE", 3, |rates| rates.receive_queue as f64),
    Column::with_past("FLOW", 5, |rates| rates.flow_control),
    Column::new("CERT/S", 5, 6),
    Column::new("ABORT/S", 6, 7),
    Column::new("IST WINDOW", 2, 10),
    Column::new("VERSION", 8, 10),
];

/// In start order; arbitrators and proxies last.
pub fn rows(status: &Status) -> Vec<Row> {
    let names = status.nodes.iter().map(|node| Some(&node.node));
    let beside = status.arbitrators.len() + status.proxies.len();
    let names = names.chain(std::iter::repeat_n(None, beside));
    let row = |(name, cells): (Option<&NodeName>, Vec<String>)| {
        let writes = status.nodes.iter().find(|node| Some(&node.node) == name);
        let writes = writes.and_then(|node| node.rates.as_ref()).map(|rates| decimal(rates.write_sets));
        let cell =
            |column: &Column<Rates>| match HEADINGS.iter().position(|heading| *heading == column.heading) {
                Some(index) => cells[index].clone(),
                None => writes.clone().unwrap_or_else(|| "-".into()),
            };
        let cells = COLUMNS.iter().map(cell).collect();
        Row { node: name.cloned(), health: worst(status, name), cells }
    };
    names.zip(status_rows(status)).map(row).collect()
}

fn worst(status: &Status, node: Option<&NodeName>) -> Health {
    let of_node = status.findings.iter().filter(|finding| node.is_some() && finding.node.as_ref() == node);
    of_node.map(|finding| finding.severity.into()).max().unwrap_or(Health::Healthy)
}

/// The value that a whole block stands for: the critical limit. Of writes it is the highest value that is shown.
pub fn full(thresholds: &Thresholds, heading: &str) -> Option<f64> {
    match heading {
        "QUEUE" => Some(thresholds.receive_queue.critical),
        "FLOW" => Some(thresholds.flow_control.critical),
        _ => None,
    }
}
