//! Asking a crashed node how far it got, before anything is started or written.

use std::time::Duration;

use super::{Context, Outcome};
use crate::galera::facts::recovered_position;
use crate::galera::model::{Gtid, Seqno};
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// InnoDB's crash recovery on the node's own data, as its next start would do it anyway.
const DEADLINE: Duration = Duration::from_secs(900);
/// The distribution's script; it reads the position and leaves grastate.dat alone.
const SCRIPT: &str = "galera_recovery 2>&1";

/// `restarts`: the cluster was started again there, and the node is not known to have been in it since.
pub async fn apply(context: &Context, node: &NodeName, source: &NodeName, restarts: &[Gtid]) -> Outcome {
    let host = context.host(node)?;
    let said = host.succeed(RemoteCommand::act(SCRIPT, [""; 0]).deadline(DEADLINE)).await?;
    let Some(position) = recovered_position(&said) else {
        let message = format!("its position could not be recovered: {}", said.trim());
        return Err(StepError::surprise(message).left("nothing was started"));
    };
    let cluster = context.database(source)?.live().await?;
    if cluster.state_uuid.as_ref() != Some(&position.uuid) {
        let message = format!("it holds {position}, which is another history than the cluster's");
        return Err(StepError::surprise(message).left("nothing was started"));
    }
    let past = |restart: &&Gtid| matches!((position.seqno, restart.seqno), (Seqno::At(own), Seqno::At(then)) if own > then);
    if let Some(restart) = restarts.iter().find(past) {
        let message = format!(
            "it crashed at seqno {}, and the cluster was started again at {}: its last commits may be its own, and joining would delete them",
            position.seqno, restart.seqno
        );
        return Err(StepError::surprise(message).left("nothing was started; save this node's data first"));
    }
    match (position.seqno, cluster.last_committed) {
        (Seqno::At(node), Seqno::At(cluster)) if node <= cluster => {
            Ok(Some(format!("recovered {position}, the cluster is at {cluster}")))
        }
        (node, cluster) => {
            let message = format!(
                "it crashed at seqno {node}, and the cluster is at {cluster}: joining would delete commits that only this node has"
            );
            Err(StepError::surprise(message).left("nothing was started; save this node's data first"))
        }
    }
}
