//! One host → what changes from second to second.

use std::time::Duration;

use super::peers::group_ports;
use crate::galera::facts::Glance;
use crate::galera::inventory::Inventory;
use crate::kernel::facts::Report;
use crate::kernel::transport::{Host, RemoteCommand};

const SCRIPT: &str =
    concat!(include_str!("../../kernel/facts/head.sh"), include_str!("peers.sh"), include_str!("glance.sh"));
const DEADLINE: Duration = Duration::from_secs(8);

/// `socket`: the server's, as a whole look found it. `Err`: why nothing was seen.
pub async fn ask(inventory: &Inventory, host: &Host, socket: &str) -> Result<Glance, String> {
    let ports = group_ports(inventory);
    let arguments = [inventory.host.unit.as_str(), socket, &ports];
    let text = host.succeed(RemoteCommand::new(SCRIPT, arguments).deadline(DEADLINE)).await;
    let report = Report::parse(&text.map_err(|error| error.to_string())?);
    report.and_then(|report| Glance::read(&report)).map_err(|error| error.to_string())
}
