//! Removing what galactl's own pt-online-schema-change has left, which was interrupted.

use std::time::Duration;

use super::no_pt_osc::{beside, nobody_is_anywhere};
use super::{Context, Outcome};
use crate::galera::alter::Table;
use crate::galera::alter::pt_osc::Left;
use crate::kernel::model::NodeName;

/// The table of before may be large.
const DEADLINE: Duration = Duration::from_secs(3600);

/// Its unit is at work on no data node, so its process is dead: it runs nowhere else.
pub async fn apply(context: &Context, node: &NodeName, table: &Table, wanted: &Left) -> Outcome {
    nobody_is_anywhere(context, table).await?;
    let (there, _) = beside(context, node, table).await?;
    let still = |names: &[String], there: &[String]| -> Vec<String> {
        names.iter().filter(|name| there.contains(name)).cloned().collect()
    };
    let still = Left {
        triggers: still(&wanted.triggers, &there.triggers),
        tables: still(&wanted.tables, &there.tables),
    };
    let database = context.database(node)?;
    for statement in still.statements(&table.schema) {
        // The global value may be RSU, and then the other nodes would keep it.
        let statements = ["SET SESSION wsrep_OSU_method = 'TOI'", statement.as_str()];
        database.act(&statements, DEADLINE).await?;
    }
    Ok(Some(if still.is_empty() {
        "it is gone already".into()
    } else {
        format!("removed {}", still.words())
    }))
}
