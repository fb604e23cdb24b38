//! Hosts of a cluster that is to be adopted → what is around their servers.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::facts::{Report, Surroundings};
use crate::model::NodeName;
use crate::transport::{Fleet, RemoteCommand};

const SCRIPT: &str = concat!(include_str!("head.sh"), include_str!("adopt.sh"));

/// Asks every host at once. Of one that does not tell, nothing is known.
pub async fn ask(fleet: &Fleet) -> BTreeMap<NodeName, Surroundings> {
    let mut tasks = JoinSet::new();
    for host in fleet.hosts() {
        tasks.spawn(async move {
            let text = host.succeed(RemoteCommand::new(SCRIPT, [""; 0])).await.ok()?;
            Some((host.name.clone(), Report::parse(&text).ok()?.surroundings()))
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}
