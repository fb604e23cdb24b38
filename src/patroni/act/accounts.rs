//! Patroni's accounts on a server that initdb has made for somebody else.

use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::model::Account;
use crate::postgresql::sql::{QUIETLY, literal};

/// $1 port. The statements come on standard input, because they have passwords; an error shows none of them.
const RUN: &str = r#"
cd /
timeout 60 runuser -u postgres -- psql -XAtqw -v ON_ERROR_STOP=1 -v VERBOSITY=terse -p "$1" -d postgres 2>&1 >/dev/null
"#;

/// What Patroni itself grants where it makes a cluster: pg_rewind reads files through these functions.
const GRANTS: &str = "
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean), pg_catalog.pg_stat_file(text, boolean),
    pg_catalog.pg_read_binary_file(text), pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO rewind_user;
";
const DEADLINE: Duration = Duration::from_secs(90);

/// Makes the accounts, or gives those that are there the passwords of Patroni's file; all or nothing.
pub async fn apply(context: &Context, node: &NodeName) -> Outcome {
    let port = context.inventory.postgresql.port.to_string();
    let mut statements = format!("{QUIETLY}BEGIN;\n");
    for account in Account::ALL {
        let Some(password) = context.secrets.get(account.password()) else {
            return Err(StepError::new(format!("no value for {}", account.password())));
        };
        statements += &of(account, password);
    }
    statements += &format!("{GRANTS}COMMIT;\n");
    let command = RemoteCommand::act(RUN, [port]).input(statements).deadline(DEADLINE);
    context.host(node)?.succeed(command).await.map_err(|error| {
        StepError::from(error)
            .left("it is the primary, and no other node was started; the same command goes on from there")
    })?;
    Ok(None)
}

fn of(account: Account, password: &str) -> String {
    let (user, password) = (account.user(), literal(password));
    let rights = match account {
        Account::Superuser => "LOGIN SUPERUSER",
        Account::Replication => "LOGIN REPLICATION",
        Account::Rewind => "LOGIN",
    };
    format!(
        "SELECT 'CREATE ROLE {user}' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{user}') \\gexec
ALTER ROLE {user} {rights} PASSWORD {password} VALID UNTIL 'infinity';\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_cannot_end_its_statement() {
        let text = of(Account::Rewind, "x'; DROP TABLE t; --");
        assert!(text.contains("PASSWORD E'x''; DROP TABLE t; --' VALID"), "{text}");
    }
}
