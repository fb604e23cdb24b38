//! The proof of an endpoint: a row that is written through each proxy, and read through all of them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::proxysql;
use crate::galera::act::{Context, identified_by, remove_leftovers};
use crate::galera::model::WRITE_TEST_SCHEMA;
use crate::galera::sql::literal;
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

const POLL: Duration = Duration::from_millis(500);
/// How long to wait for the shared address: it moves within seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that connects as applications do. $1 address, $2 port, $3 user; the first line of standard input is the
/// password, the rest are statements.
const CLIENT: &str = r#"
IFS= read -r MYSQL_PWD || exit
export MYSQL_PWD
exec mariadb --no-defaults --batch --skip-column-names --raw --connect-timeout=10 --host="$1" --port="$2" --user="$3"
"#;

/// A database that lasts as long as the proof, and an account of the same name.
struct Proof {
    schema: String,
    password: String,
}

/// What clients connect to: its name, and its address.
type NamedAddress = (String, String);

/// Proves the endpoint, and returns the nodes to which the writes went. `shared`: the address that the proxies share.
///
/// Errors: a client cannot use a proxy, or reads other rows than were written.
pub async fn verify(
    context: &Arc<Context>,
    proxies: &[NodeName],
    shared: Option<IpAddr>,
    nodes: &[NodeName],
) -> Result<BTreeSet<String>, StepError> {
    let Some(node) = nodes.first() else { return Ok(BTreeSet::new()) };
    let addresses = addresses(context, proxies, shared);
    let schema = format!("{WRITE_TEST_SCHEMA}{}", &random::id()[..16]);
    let proof = Proof { schema, password: random::id() };
    context.still_ours(node).await?;
    remove_leftovers(context, node).await?;
    let (schema, account) = (&proof.schema, format!("{}@'%'", literal(&proof.schema)));
    let how = identified_by(&proof.password);
    let begin = [
        format!("CREATE DATABASE {schema}"),
        format!(
            "CREATE TABLE {schema}.rows_written (written_through VARCHAR(64) PRIMARY KEY, node VARCHAR(64)) ENGINE=InnoDB"
        ),
        format!("CREATE USER {account} {how}"),
        format!("GRANT SELECT, INSERT ON {schema}.* TO {account}"),
    ];
    context.database(node)?.run(&begin.each_ref().map(String::as_str)).await?;
    let outcome = match known(context, &proof, nodes).await {
        Ok(()) => write_and_read(context, &proof, &addresses, nodes).await,
        Err(error) => Err(error),
    };
    // A failure here is reported after what the proof itself found.
    let forgotten = proxysql::act::remove_account(&context.inventory, &context.fleet, schema).await;
    let end = [format!("DROP USER {account}"), format!("DROP DATABASE {schema}")];
    let removed = context.database(node)?.run(&end.each_ref().map(String::as_str)).await;
    let writers = outcome?;
    removed?;
    forgotten?;
    Ok(writers)
}

fn addresses(context: &Context, proxies: &[NodeName], shared: Option<IpAddr>) -> Vec<NamedAddress> {
    let shared = shared.map(|address| (address.to_string(), address.to_string()));
    let own = proxies.iter().filter_map(|proxy| {
        let address = context.inventory.proxy(proxy)?.address.to_string();
        Some((proxy.to_string(), address))
    });
    own.chain(shared).collect()
}

/// Waits until each node knows the account, because a client may log in on any of them. A ProxySQL checks
/// passwords by itself, so it is told the account.
async fn known(context: &Context, proof: &Proof, nodes: &[NodeName]) -> Result<(), StepError> {
    for node in nodes {
        context.database(node)?.run(&["SET SESSION wsrep_sync_wait = 1", "SELECT 1"]).await?;
    }
    proxysql::act::add_account(&context.inventory, &context.fleet, &proof.schema, &proof.password).await
}

async fn write_and_read(
    context: &Arc<Context>,
    proof: &Proof,
    addresses: &[NamedAddress],
    nodes: &[NodeName],
) -> Result<BTreeSet<String>, StepError> {
    let schema = &proof.schema;
    let endpoint =
        context.inventory.endpoint.ok_or_else(|| StepError::new("the inventory has no endpoint"))?;
    for address in addresses {
        let insert = format!(
            "SET SESSION wsrep_sync_wait = 15;\nINSERT INTO {schema}.rows_written VALUES ({}, @@wsrep_node_name);\n",
            literal(&address.0)
        );
        client(context, &nodes[0], proof, (address, endpoint.write_port), &insert).await?;
    }
    // Read where it was written: a proxy may send the question to another node than the statement before.
    let writers = format!("SELECT node FROM {schema}.rows_written");
    let writers = context.database(&nodes[0])?.run(&["SET SESSION wsrep_sync_wait = 1", &writers]).await?;
    let select = format!("SELECT written_through FROM {schema}.rows_written");
    let mut expected: Vec<_> = addresses.iter().map(|(name, _)| name.clone()).collect();
    expected.sort();
    for address in addresses {
        let select = format!("SET SESSION wsrep_sync_wait = 1;\n{select};\n");
        let read = client(context, &nodes[0], proof, (address, endpoint.read_port), &select).await?;
        same(&expected, read.lines(), &address.0)?;
    }
    for node in nodes {
        let rows = context.database(node)?.run(&["SET SESSION wsrep_sync_wait = 1", &select]).await?;
        same(&expected, rows.iter().flatten().map(String::as_str), node.as_str())?;
    }
    Ok(writers.into_iter().flatten().collect())
}

fn same<'a>(expected: &[String], read: impl Iterator<Item = &'a str>, at: &str) -> Result<(), StepError> {
    let mut read: Vec<_> = read.collect();
    // Sorted here, because the server's sort order may be another one.
    read.sort_unstable();
    if read == expected {
        return Ok(());
    }
    let message = format!(
        "at {at}, the rows of {} are read; written were those of {}",
        read.join(", "),
        expected.join(", ")
    );
    Err(StepError::new(message))
}

/// Runs statements through a proxy, from a host that has a client. A shared address may be about to move: as long as
/// nobody takes the connection, nothing was done, and it is tried again.
async fn client(
    context: &Context,
    from: &NodeName,
    proof: &Proof,
    ((name, address), port): (&NamedAddress, u16),
    statements: &str,
) -> Result<String, StepError> {
    let words = [address.clone(), port.to_string(), proof.schema.clone()];
    let command = RemoteCommand::new(CLIENT, words).input(format!("{}\n{statements}", proof.password));
    let mut through = Through { host: &*context.host(from)?, command };
    let wait = Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt);
    let said = match wait.until(&mut through).await? {
        Waited::Found(Ok(said)) => return Ok(said),
        Waited::Found(Err(said)) | Waited::Idle(said) => said,
    };
    Err(StepError::new(format!("a client on {from} cannot use port {port} of {name}: {said}")))
}

/// Waits until a client's statements get through.
struct Through<'a> {
    host: &'a Host,
    command: RemoteCommand,
}

impl Awaited for Through<'_> {
    /// What the statements printed, or why they failed.
    type Found = Result<String, String>;

    async fn look(&mut self) -> Result<Look<Self::Found>, StepError> {
        let said = self.host.run(self.command.clone()).await?;
        let why = said.stderr.trim();
        Ok(match said.code {
            0 => Look::Found(Ok(said.stdout)),
            _ if nobody_took_it(why) => Look::NotYet(Sign::word(why.to_owned())),
            _ => Look::Found(Err(why.to_owned())),
        })
    }
}

/// `CR_CONNECTION_ERROR` and `CR_CONN_HOST_ERROR` of the client's errmsg.h: it got no connection.
fn nobody_took_it(said: &str) -> bool {
    ["ERROR 2002 ", "ERROR 2003 "].iter().any(|error| said.starts_with(error))
}
