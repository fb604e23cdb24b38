//! The last question before a server is started: would it be in its cluster?

use super::Context;
use crate::galera::facts::NextStart;
use crate::galera::judge::next_start::{SEARCH, outside_with};
use crate::galera::observe::NEXT_START;
use crate::kernel::facts::{HEAD, Report};
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// $1 unit.
const ASK: &str = r#"
unit_text=$(systemctl cat "$1.service" 2>/dev/null | grep -v '^ *#')
program=$(command -v mariadbd || command -v mysqld)
next_start "$program" "$(cluster_words "$unit_text" "$(systemctl show-environment)")" | section next_start
echo
echo @end
"#;

/// Asks the server itself, because files of others may have changed since the plan was made. One that does not answer
/// does not start either, and its start is explained then.
///
/// Errors: it would start outside the cluster.
pub async fn would_be_in_its_cluster(
    context: &Context,
    node: &NodeName,
    unit: &UnitName,
) -> Result<(), StepError> {
    let command = RemoteCommand::of_pieces(&[HEAD, NEXT_START, ASK], vec![unit.to_string()]);
    let said = context.host(node)?.succeed(command).await?;
    let report = Report::parse(&said).map_err(|error| StepError::new(error.to_string()))?;
    let next = NextStart::parse(report.lines("next_start"));
    match next.and_then(|next| outside_with(&context.inventory, &next)) {
        None => Ok(()),
        Some(why) => {
            let message = format!("its server would start outside the cluster: {why}");
            let next = format!("find what says so, and correct it; on {node}: {SEARCH}");
            Err(StepError::surprise(message).left(format!("the server of {node} was not started")).left(next))
        }
    }
}
