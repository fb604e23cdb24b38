//! The proof of an endpoint: a row that is written through each proxy, is on the primary, and is read through all of
//! them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{ClientPorts, ROLE};
use crate::kernel::keepalived;
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};
use crate::patroni::act::Context;

const POLL: Duration = Duration::from_millis(300);
/// A standby knows the account and the rows within moments, unless a query there holds it up.
const PATIENCE: Duration = Duration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(90);

/// A client that connects as applications do. $1 address, $2 port, $3 user; the first line of standard input is the
/// password, the rest are statements.
const CLIENT: &str = r#"
cd /
IFS= read -r PGPASSWORD || exit
export PGPASSWORD
PGCONNECT_TIMEOUT=5 timeout 30 psql -XAtq -v ON_ERROR_STOP=1 -h "$1" -p "$2" -U "$3" -d postgres 2>&1
"#;

/// Statements at the primary, as its superuser. $1 port. They come on standard input, because one of them has a
/// password.
const OWN: &str = r#"
cd /
timeout 60 runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -p "$1" -d postgres
"#;

/// Accounts and schemas of this proof, and of earlier ones that were cut off. No statement is logged, nor kept by the
/// extension that counts statements.
const REMOVE: &str = r"
SET statement_timeout = '50s'; SET client_min_messages = warning;
SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off;
SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
    WHERE nspname ~ '^galactl_endpoint_[0-9a-f]{16}$' \gexec
SELECT format('DROP OWNED BY %I', rolname) FROM pg_roles WHERE rolname ~ '^galactl_endpoint_[0-9a-f]{16}$' \gexec
SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE rolname ~ '^galactl_endpoint_[0-9a-f]{16}$' \gexec
";

/// A schema that lasts as long as the proof, and an account of the same name. Both have letters, digits and `_` only.
struct Proof {
    name: String,
    password: String,
}

/// Proves the endpoint, and returns the node that has the rows.
///
/// `shared`: the address that the proxies share, which is a further way.
///
/// Errors: a client cannot use a proxy, or reads other rows than were written.
pub async fn verify(
    context: &Arc<Context>,
    proxies: &[NodeName],
    shared: Option<IpAddr>,
) -> Result<NodeName, StepError> {
    let observation = context.observe().await;
    let Some((primary, _)) = observation.primaries().next() else {
        return Err(StepError::surprise("no server is a primary"));
    };
    let proof = Proof { name: format!("galactl_endpoint_{}", &random::id()[..16]), password: random::id() };
    let host = context.host(primary)?;
    own(context, &host, &format!("{REMOVE}{}", begin(&proof))).await?;
    let outcome = through_all(context, &proof, &host, &ways(context, proxies, shared)).await;
    // A failure here is reported after what the proof itself found.
    let removed = own(context, &host, REMOVE).await;
    outcome?;
    removed?;
    Ok(primary.clone())
}

/// The account works for some minutes only, should nobody remove it.
fn begin(Proof { name, password }: &Proof) -> String {
    format!(
        r"
SELECT format('CREATE ROLE {name} LOGIN PASSWORD %L VALID UNTIL %L', '{password}', now() + interval '10 minutes') \gexec
CREATE SCHEMA {name};
CREATE TABLE {name}.rows_written (written_through text PRIMARY KEY);
GRANT CONNECT ON DATABASE postgres TO {name};
GRANT USAGE ON SCHEMA {name} TO {name};
GRANT SELECT, INSERT ON {name}.rows_written TO {name};
"
    )
}

async fn own(context: &Context, host: &Host, statements: &str) -> Result<String, StepError> {
    let port = context.inventory.postgresql.port.to_string();
    let command = RemoteCommand::act(OWN, [port]).input(statements).deadline(DEADLINE);
    Ok(host.succeed(command).await?)
}

/// What a client connects to.
struct Way {
    name: String,
    address: String,
    /// How to see what came of it.
    logs: String,
}

fn ways(context: &Context, names: &[NodeName], shared: Option<IpAddr>) -> Vec<Way> {
    let proxies = context.inventory.proxies.iter().filter(|proxy| names.contains(&proxy.name));
    let own = proxies.map(|proxy| Way {
        name: proxy.name.to_string(),
        address: proxy.address.to_string(),
        logs: format!("on {}: sudo journalctl -u {ROLE} -n 50", proxy.name),
    });
    let shared = shared.map(|address| Way {
        name: address.to_string(),
        address: address.to_string(),
        logs: format!("on each proxy: sudo journalctl -u {} -n 50", keepalived::UNIT),
    });
    own.chain(shared).collect()
}

async fn through_all(context: &Context, proof: &Proof, host: &Host, ways: &[Way]) -> Result<(), StepError> {
    let ports = context.inventory.endpoint.unwrap_or_default();
    let table = format!("{}.rows_written", proof.name);
    let mut expected: Vec<_> = ways.iter().map(|way| way.name.as_str()).collect();
    expected.sort_unstable();
    let expected = expected.join("\n");
    let client = Client { context, proof, host, ports };
    for way in ways {
        // It may be written again, where the answer to the first time did not come through.
        let insert = format!("INSERT INTO {table} VALUES ('{}') ON CONFLICT DO NOTHING;\n", way.name);
        client.until(way, ports.write, &insert, "").await?;
    }
    // The servers may sort in another order.
    let select = format!("SELECT written_through FROM {table} ORDER BY written_through COLLATE \"C\";\n");
    let there = own(context, host, &select).await?;
    if there.trim() != expected {
        let message = format!("the primary has the rows of {}, and not all that were written", there.trim());
        return Err(StepError::new(message.replace('\n', ", ")));
    }
    for way in ways {
        client.until(way, ports.read, &select, &expected).await?;
    }
    Ok(())
}

/// Runs statements through proxies, from a host that has a client.
struct Client<'a> {
    context: &'a Context,
    proof: &'a Proof,
    host: &'a Host,
    ports: ClientPorts,
}

impl Client<'_> {
    /// Runs statements until they print what is expected.
    async fn until(&self, way: &Way, port: u16, statements: &str, expected: &str) -> Result<(), StepError> {
        let words = [way.address.clone(), port.to_string(), self.proof.name.clone()];
        let command =
            RemoteCommand::new(CLIENT, words).input(format!("{}\n{statements}", self.proof.password));
        let through = Through { host: self.host, command, expected };
        let wait = Wait::new(POLL, PATIENCE).interrupted_by(&self.context.interrupt);
        let Waited::Idle(said) = wait.until(through).await? else { return Ok(()) };
        let does = if port == self.ports.write { "write" } else { "read what was written" };
        let message = format!("a client cannot {does} through port {port} of {}: {said}", way.name);
        Err(StepError::new(message).left(format!("{} tells what came of it", way.logs)))
    }
}

/// Waits until a client's statements print what is expected.
struct Through<'a> {
    host: &'a Host,
    command: RemoteCommand,
    expected: &'a str,
}

impl Awaited for Through<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let said = self.host.run(self.command.clone()).await?;
        let text = said.stdout.trim();
        Ok(match said.code {
            0 if text == self.expected => Look::Found(()),
            _ => Look::NotYet(Sign::word(text.replace('\n', ", "))),
        })
    }
}
