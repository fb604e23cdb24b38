//! The account with which donors copy their data.

use sha1::{Digest, Sha1};

use super::{Context, Outcome};
use crate::galera::sql::literal;
use crate::kernel::model::{NodeName, SecretName, UserName};
use crate::kernel::run::step_error::StepError;

pub async fn apply(
    context: &Context,
    node: &NodeName,
    user: &UserName,
    privileges: &[String],
    password: &SecretName,
) -> Outcome {
    let secret =
        context.secrets.get(password).ok_or_else(|| StepError::new(format!("no value for {password}")))?;
    let account = format!("{}@'localhost'", literal(user.as_str()));
    let how = identified_by(secret);
    let statements = [
        format!("CREATE USER IF NOT EXISTS {account} {how}"),
        format!("ALTER USER {account} {how}"),
        format!("GRANT {} ON *.* TO {account}", privileges.join(", ")),
    ];
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    context.still_ours(node).await?;
    context.database(node)?.run(&statements).await?;
    Ok(None)
}

/// How an account logs in with a password, as a part of a statement.
pub fn identified_by(password: &str) -> String {
    format!("IDENTIFIED VIA mysql_native_password USING {}", literal(&native_hash(password)))
}

/// What the server stores for a password. Statements stand in the binary log and perhaps in the
/// general and the slow log, so the password itself must not be in them.
fn native_hash(password: &str) -> String {
    let twice = Sha1::digest(Sha1::digest(password));
    twice.iter().fold(String::from("*"), |text, byte| text + &format!("{byte:02X}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_the_servers() {
        // SELECT PASSWORD('password')
        assert_eq!(super::native_hash("password"), "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
    }
}
