//! Asks a provider what a transaction holds that another node cannot apply.

use std::time::Duration;

use crate::kernel::facts::Answer;
use crate::kernel::transport::{Fleet, RemoteCommand};
use crate::mesh::facts::{Transaction, Which};
use crate::mesh::inventory::Inventory;
use crate::mesh::statements::show_transaction;

/// $1 port, $2 database. It makes no slot that outlives its session.
const ASK: &str = r#"
cd /
client=
for program in /usr/lib/postgresql/*/bin/psql; do [ -x "$program" ] && client=$program; done
PGOPTIONS="-c statement_timeout=100s -c client_min_messages=warning" PGCONNECT_TIMEOUT=5 \
    runuser -u postgres -- "$client" -XAtqw -v ON_ERROR_STOP=1 -v VERBOSITY=terse -h /var/run/postgresql -p "$1" -d "$2"
"#;
const DEADLINE: Duration = Duration::from_secs(120);

/// Everything that the transaction holds.
pub async fn ask(inventory: &Inventory, fleet: &Fleet, which: &Which) -> Answer<Transaction> {
    let Some(host) = fleet.host_of(&which.provider) else {
        return Answer::Unseen(format!("{} is not connected", which.provider));
    };
    let arguments = [inventory.port.to_string(), which.database.to_string()];
    let command = RemoteCommand::new(ASK, arguments)
        .input(show_transaction(inventory.method, which))
        .deadline(DEADLINE);
    let said = match host.succeed(command).await {
        Ok(said) => said,
        Err(why) => return Answer::Unseen(why.to_string()),
    };
    if said.trim().is_empty() {
        return Answer::Nobody(format!("{} does not hold it any more", which.provider));
    }
    match serde_json::from_str(said.trim()) {
        Ok(told) => Answer::Told(told),
        Err(why) => Answer::Unseen(format!("the answer of {} cannot be read: {why}", which.provider)),
    }
}
