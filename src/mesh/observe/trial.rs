//! Merge functions of users, tried on a server in a transaction that is rolled back.

use std::time::Duration;

use crate::kernel::facts::Unseen;
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Fleet, RemoteCommand};
use crate::mesh::facts::{HostFacts, Outcome, Trial};
use crate::mesh::inventory::Inventory;
use crate::mesh::model::{DatabaseName, Merge};
use crate::mesh::statements::trial;

/// $1 port, $2 database. The statements come on standard input.
const TRY: &str = r#"
cd /
client=
for program in /usr/lib/postgresql/*/bin/psql; do [ -x "$program" ] && client=$program; done
PGOPTIONS="-c client_min_messages=warning" PGCONNECT_TIMEOUT=5 \
    runuser -u postgres -- "$client" -XAtqw -v ON_ERROR_STOP=1 -v VERBOSITY=terse -h /var/run/postgresql -p "$1" -d "$2"
"#;
const DEADLINE: Duration = Duration::from_secs(90);

/// Tries every merge function of the inventory on this node.
pub async fn try_merges(
    inventory: &Inventory,
    fleet: &Fleet,
    node: &NodeName,
    facts: &HostFacts,
) -> Vec<Trial> {
    let mut trials = Vec::new();
    for database in &inventory.databases {
        for merge in &database.merges {
            let table = facts.database(&database.name).and_then(|it| it.table(&merge.schema, &merge.table));
            let Some(table) = table else { continue };
            let outcome = one(inventory.port, fleet, node, &database.name, (merge, &table.key)).await;
            let outcome = outcome.unwrap_or_else(|why| Outcome::Refused { why: why.to_string() });
            trials.push(Trial { database: database.name.clone(), table: merge.full_name(), outcome });
        }
    }
    trials
}

async fn one(
    port: u16,
    fleet: &Fleet,
    node: &NodeName,
    database: &DatabaseName,
    (merge, key): (&Merge, &[String]),
) -> Result<Outcome, Unseen> {
    let host = fleet.host_of(node).ok_or_else(|| Unseen::from("it is not connected"))?;
    let command = RemoteCommand::new(TRY, [port.to_string(), database.to_string()]);
    let said = host.succeed(command.input(trial(merge, key)).deadline(DEADLINE)).await;
    let said = said.map_err(|error| error.unseen())?;
    serde_json::from_str(said.trim()).map_err(|why| format!("its answer cannot be read: {why}").into())
}
