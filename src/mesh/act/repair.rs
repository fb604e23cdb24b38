//! Rows of one node become those of another one, each only while it is what the plan shows.

use super::Context;
use super::psql::run;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::count;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::mesh::plan::{RowChange, Rows};
use crate::mesh::statements::repair::{Change, Target};

pub async fn apply(context: &Context, node: &NodeName, rows: &Rows) -> Outcome {
    let columns = rows.columns.iter().map(|it| (it.name.as_str(), it.kind.as_str())).collect();
    let target = Target { schema: &rows.schema, table: &rows.table, key: &rows.key, columns };
    let changes: Vec<_> = rows.rows.iter().map(change).collect();
    let said = run(context, node, &rows.database, &target.statements(&changes, &rows.as_of)).await?;
    let Some(place) = said.lines().find_map(|line| line.strip_prefix("changed ")) else {
        return Ok(Some(format!("{} written", count(rows.rows.len(), "row"))));
    };
    let row = place.trim().parse::<usize>().ok().and_then(|place| rows.rows.get(place));
    let key = row.map(|row| row.key.join(", ")).unwrap_or_default();
    let message = format!(
        "{node}: the row ({key}) of {}.{} is not what the plan shows any more, or another row has its unique values",
        rows.schema, rows.table
    );
    Err(StepError::surprise(message)
        .left("none of the rows of this step was changed; the same command compares again"))
}

fn change(row: &RowChange) -> Change<'_> {
    let changed = match (&row.was, &row.becomes) {
        (Some(was), Some(becomes)) => {
            let pairs = was.values.iter().zip(becomes).enumerate();
            pairs.filter(|(_, (was, becomes))| was != becomes).map(|(at, _)| at).collect()
        }
        _ => Vec::new(),
    };
    Change {
        key: &row.key,
        was: row.was.as_ref().map(|was| was.hash.as_str()),
        becomes: row.becomes.as_deref(),
        changed,
    }
}
