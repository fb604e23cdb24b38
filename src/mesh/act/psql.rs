//! Statements for a server, run on its own host as the account `postgres`.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::mesh::psql::RUN;

/// The database in which questions about the whole server are asked.
pub const POSTGRES: &str = "postgres";
/// How long a statement may take, as a rule.
pub const USUAL: Duration = Duration::from_secs(60);

/// Runs statements that change something.
pub async fn run(
    context: &Context,
    node: &NodeName,
    database: &str,
    statements: &str,
) -> Result<String, StepError> {
    run_for(context, node, database, statements, USUAL).await
}

/// The same with statements that may take longer.
pub async fn run_for(
    context: &Context,
    node: &NodeName,
    database: &str,
    statements: &str,
    patience: Duration,
) -> Result<String, StepError> {
    let command = RemoteCommand::act(RUN, arguments(context, database, patience));
    let command = command.input(statements.to_owned()).deadline(patience + USUAL);
    let said = context.host(node)?.succeed(command).await;
    said.map_err(|error| within(StepError::from(error), node, database))
}

/// Asks a question; the answer is text, a row a line.
pub async fn ask(
    context: &Context,
    node: &NodeName,
    database: &str,
    question: &str,
) -> Result<String, StepError> {
    let command = RemoteCommand::new(RUN, arguments(context, database, USUAL)).input(question.to_owned());
    let said = context.host(node)?.succeed(command.deadline(2 * USUAL)).await;
    said.map_err(|error| within(StepError::from(error), node, database))
}

/// The same, where the answer is JSON.
pub async fn ask_json<T: DeserializeOwned>(
    context: &Context,
    node: &NodeName,
    database: &str,
    question: &str,
) -> Result<T, StepError> {
    let said = ask(context, node, database, question).await?;
    serde_json::from_str(said.trim())
        .map_err(|why| StepError::new(format!("the answer of {node} cannot be read: {why}")))
}

fn arguments(context: &Context, database: &str, patience: Duration) -> [String; 3] {
    [context.inventory.port.to_string(), database.to_owned(), patience.as_secs().to_string()]
}

fn within(error: StepError, node: &NodeName, database: &str) -> StepError {
    let message = format!("{node}, database {database}: {}", error.message);
    StepError { message, ..error }
}
