//! Commands on hosts, all at once, and what each printed.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::{Fleet, Host, RemoteCommand};
use crate::kernel::facts::{Report, Unseen};
use crate::kernel::model::NodeName;

/// What each host printed, or why it did not. Reports hold secrets in clear text.
pub type Told = BTreeMap<NodeName, Result<Report, Unseen>>;

/// Runs each command on the host of its member.
pub async fn run(commands: impl IntoIterator<Item = (NodeName, RemoteCommand)>, fleet: &Fleet) -> Told {
    let mut tasks = JoinSet::new();
    let mut told = Told::new();
    for (name, command) in commands {
        match (fleet.host_of(&name), fleet.why_unreachable(&name)) {
            (Some(host), _) => drop(tasks.spawn(async move { (name, report(&host, command).await) })),
            (None, Some(why)) => drop(told.insert(name, Err(why.unseen()))),
            (None, None) => drop(told.insert(name, Err("it is not connected".into()))),
        }
    }
    told.extend(tasks.join_all().await);
    told
}

/// What one host printed.
pub async fn report(host: &Arc<Host>, command: RemoteCommand) -> Result<Report, Unseen> {
    let text = host.succeed(command).await.map_err(|error| error.unseen())?;
    Report::parse(&text).map_err(|error| error.to_string().into())
}
