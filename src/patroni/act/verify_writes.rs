//! A row that is written at the primary and read on every node.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::glance::glance;
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

const POLL: Duration = Duration::from_millis(300);
/// A standby applies what it has received within moments, unless a query there holds it up.
const PATIENCE: Duration = Duration::from_secs(60);

/// $1 port, $2 the table's name, which has letters, digits and `_` only. Tables of earlier tests that were cut off go.
///
/// These scripts ask the program itself: Debian's psql is a script that looks for it, for most of the time that it takes.
const WRITE: &str = r#"
cd /
for psql in /usr/lib/postgresql/*/bin/psql; do :; done
timeout 60 runuser -u postgres -- "$psql" -XAtq -v ON_ERROR_STOP=1 -p "$1" -d postgres -v table="$2" <<'END'
SET statement_timeout = '50s';
SELECT format('DROP TABLE %I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename ~ '^galactl_proof_[0-9a-f]{16}$' \gexec
CREATE TABLE public.:"table" (written_at timestamptz);
INSERT INTO public.:"table" VALUES (now());
END
"#;
const READ: &str = r#"
cd /
for psql in /usr/lib/postgresql/*/bin/psql; do :; done
timeout 20 runuser -u postgres -- "$psql" -XAtq -p "$1" -d postgres -v table="$2" <<'END' 2>&1
SELECT count(*) FROM public.:"table";
END
"#;
const REMOVE: &str = r#"
cd /
for psql in /usr/lib/postgresql/*/bin/psql; do :; done
timeout 60 runuser -u postgres -- "$psql" -XAtq -v ON_ERROR_STOP=1 -p "$1" -d postgres -v table="$2" <<'END'
DROP TABLE IF EXISTS public.:"table";
END
"#;
const DEADLINE: Duration = Duration::from_secs(90);

pub async fn apply(context: &Arc<Context>, nodes: &[NodeName]) -> Outcome {
    let leader = primary(context).await?;
    let table = format!("galactl_proof_{}", &random::id()[..16]);
    let primary = context.host(&leader)?;
    sql(context, &primary, WRITE, &table).await?;
    let read = read(context, nodes, &table).await;
    // The table goes also when the test failed; its own failure counts only after that.
    let removed = sql(context, &primary, REMOVE, &table).await;
    read?;
    removed?;
    Ok(None)
}

/// The node whose server says that it is the primary.
async fn primary(context: &Context) -> Result<NodeName, StepError> {
    for node in context.datadirs.keys() {
        if is_primary(context, node).await {
            return Ok(node.clone());
        }
    }
    Err(StepError::surprise("no server is a primary"))
}

/// A node that does not tell is none.
async fn is_primary(context: &Context, node: &NodeName) -> bool {
    let (Ok(host), Ok(datadir)) = (context.host(node), context.datadir(node)) else { return false };
    let seen = glance(&host, context.inventory.postgresql.port, datadir).await;
    seen.is_ok_and(|seen| seen.server.is_some_and(|server| !server.in_recovery))
}

async fn sql(context: &Context, host: &Host, script: &'static str, table: &str) -> Result<(), StepError> {
    let port = context.inventory.postgresql.port.to_string();
    host.succeed(RemoteCommand::act(script, [port, table.to_owned()]).deadline(DEADLINE)).await?;
    Ok(())
}

async fn read(context: &Context, nodes: &[NodeName], table: &str) -> Result<(), StepError> {
    for node in nodes {
        let wait = Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt);
        match wait.until(Row { context, node, table }).await? {
            Waited::Found(()) => {}
            Waited::Idle(said) => {
                return Err(StepError::new(format!("{node} does not have the row that was written: {said}")));
            }
        }
    }
    Ok(())
}

struct Row<'a> {
    context: &'a Context,
    node: &'a NodeName,
    table: &'a str,
}

impl Awaited for Row<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let port = self.context.inventory.postgresql.port.to_string();
        let command = RemoteCommand::new(READ, [port, self.table.to_owned()]);
        let said = self.context.host(self.node)?.succeed(command).await.unwrap_or_default();
        Ok(match said.trim() {
            "1" => Look::Found(()),
            other => Look::NotYet(Sign::word(other.to_owned())),
        })
    }
}
