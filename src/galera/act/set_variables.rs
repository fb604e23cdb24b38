//! Settings that a running server takes at once.

use super::{Context, Outcome};
use crate::galera::plan::Setting;
use crate::galera::sql::{Database, literal};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;

/// Sets them one by one. What the server takes only in part, it says in a warning, and gets its old value
/// back.
///
/// Errors: the server refuses a value, or changes it.
pub async fn apply(context: &Context, node: &NodeName, settings: &[Setting]) -> Outcome {
    let database = context.database(node)?;
    let mut set: Vec<&str> = Vec::new();
    for setting in settings {
        context.still_ours(node).await?;
        if let Err(error) = set_one(&database, setting).await {
            let error = error.left(format!("the option file of {node} is as it was"));
            return Err(match set.is_empty() {
                true => error,
                false => error.left(format!("set on {node} already: {}", set.join(", "))),
            });
        }
        set.push(&setting.name);
    }
    Ok(None)
}

async fn set_one(database: &Database, setting: &Setting) -> Result<(), StepError> {
    let Setting { name, value, number } = setting;
    let before = database.run(&[&format!("SELECT @@GLOBAL.{name}")]).await?;
    let before = before.first().and_then(|row| row.first()).cloned().unwrap_or_default();
    let value = if *number { value.clone() } else { literal(value) };
    let statement = format!("SET GLOBAL {name} = {value}");
    let way_out = format!("to change it by a restart instead: galactl apply-config {PLACE} --restart");
    let warnings = database.run(&[&statement, "SHOW WARNINGS"]).await.map_err(|error| {
        let error = StepError::from(error);
        StepError { message: format!("{statement}: {}", error.message), ..error }.left(way_out.clone())
    })?;
    let Some(words) = warnings.first().and_then(|row| row.last()) else { return Ok(()) };
    let error = StepError::new(format!("{statement}: the server does not take it as it is: {words}"));
    Err(match put_back(database, name, &before).await {
        true => error.left(way_out),
        false => {
            error.left(format!("{name} is now what the server made of it; it was {before}")).left(way_out)
        }
    })
}

async fn put_back(database: &Database, name: &str, before: &str) -> bool {
    let value = if before.parse::<f64>().is_ok() { before.to_owned() } else { literal(before) };
    database.run(&[&format!("SET GLOBAL {name} = {value}")]).await.is_ok()
}
