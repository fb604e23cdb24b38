//! A node that reads and is read becomes a member, and clients may come.

use super::Context;
use super::configure::configure;
use super::psql::run;
use super::reserve::databases;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::transport::RemoteCommand;
use crate::mesh::statements::enter;
use crate::postgresql::Major;

/// $1 version. From here on, what is on the node is never taken for a copy again.
const KEEP: &str = r#"
set -eu
rm -f "/var/lib/postgresql/$1/main/galactl.joining"
sync "/var/lib/postgresql/$1/main"
"#;

pub async fn apply(
    context: &Context,
    node: &NodeName,
    version: Major,
    access: &[String],
    number: u16,
) -> Outcome {
    let (inventory, own) = (&context.inventory, context.node(node)?);
    for database in databases(context) {
        let row = enter(node.as_str(), inventory.cluster.as_str(), number, own.region.as_deref());
        run(context, node, database.as_str(), &row).await?;
    }
    context.host(node)?.succeed(RemoteCommand::act(KEEP, [version.to_string()])).await?;
    configure(context, node, version, access).await?;
    Ok(None)
}
