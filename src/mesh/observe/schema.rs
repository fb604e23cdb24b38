//! What only lint asks of a node's databases.

use std::time::Duration;

use crate::kernel::facts::Unseen;
use crate::kernel::model::NodeName;
use crate::kernel::transport::Fleet;
use crate::mesh::facts::Schema;
use crate::mesh::model::DatabaseName;
use crate::mesh::psql::question;

const ABOUT_SCHEMA: &str = include_str!("schema.sql");
/// Thousands of tables take seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Asks one database of this node.
///
/// Errors: why it does not tell.
pub async fn schema(
    port: u16,
    fleet: &Fleet,
    node: &NodeName,
    database: &DatabaseName,
) -> Result<Schema, Unseen> {
    let host = fleet.host_of(node).ok_or_else(|| Unseen::from("it is not connected"))?;
    let said = host.succeed(question(port, database, ABOUT_SCHEMA.to_owned(), PATIENCE)).await;
    let said = said.map_err(|error| error.unseen())?;
    serde_json::from_str(said.trim()).map_err(|why| format!("its answer cannot be read: {why}").into())
}
