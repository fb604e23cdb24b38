//! The account with which donors copy their data.

use super::{Context, Outcome, StepError};
use crate::db::literal;
use crate::model::{NodeName, SecretName, UserName};

pub async fn apply(
    context: &Context,
    node: &NodeName,
    user: &UserName,
    privileges: &[String],
    password: SecretName,
) -> Outcome {
    let secret =
        context.secrets.get(password).ok_or_else(|| StepError::new(format!("no value for {password}")))?;
    let account = format!("{}@'localhost'", literal(user.as_str()));
    let secret = literal(secret);
    let statements = [
        format!("CREATE USER IF NOT EXISTS {account} IDENTIFIED BY {secret}"),
        format!("ALTER USER {account} IDENTIFIED BY {secret}"),
        format!("GRANT {} ON *.* TO {account}", privileges.join(", ")),
    ];
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    context.database(node)?.run(&statements).await.map_err(|error| without_secret(&error, &secret))?;
    Ok(None)
}

/// A server quotes the statement that it does not understand.
fn without_secret(error: &crate::db::DbError, secret: &str) -> StepError {
    StepError::new(error.to_string().replace(secret, "'…'").replace(secret.trim_matches('\''), "…"))
}
