//! Whether members reach each other without the one that is about to leave.

use std::time::Duration;

use super::Context;
use crate::galera::judge::links::{LinkEnd, missing, with};
use crate::galera::observe::peers;
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;

/// A member that has just come back finds its last peers within some seconds.
const SETTLING: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(500);

/// Waits until every pair of these members has a connection.
///
/// Errors: one has none. When the member that carries their messages leaves, the cluster falls apart.
pub async fn hold(context: &Context, nodes: &[NodeName]) -> Result<(), StepError> {
    if nodes.len() < 2 {
        return Ok(());
    }
    let mut links = Links { context, nodes };
    match Wait::new(POLL, SETTLING).until(&mut links).await? {
        Waited::Found(()) => Ok(()),
        Waited::Idle(pairs) => {
            let message = format!(
                "no connection for group communication between {pairs}: without this node they would lose each other"
            );
            Err(StepError::surprise(message).left(format!("which way is closed: galactl check {PLACE}")))
        }
    }
}

struct Links<'a> {
    context: &'a Context,
    nodes: &'a [NodeName],
}

impl Awaited for Links<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let Self { context, nodes } = self;
        let mut hosts = Vec::new();
        for node in *nodes {
            hosts.push((node.clone(), context.host(node)?));
        }
        let mut peers = peers::ask(&context.inventory, hosts).await;
        let mut ends = Vec::new();
        for node in *nodes {
            let Some(known) = context.inventory.node(node) else { continue };
            let addresses = with(&known.address, &context.place(node)?.addresses);
            ends.push(LinkEnd::new(node, addresses, peers.remove(node)));
        }
        let pairs: Vec<_> =
            missing(&ends).into_iter().map(|(one, other)| format!("{one} and {other}")).collect();
        Ok(if pairs.is_empty() { Look::Found(()) } else { Look::NotYet(Sign::word(pairs.join(", "))) })
    }
}
