//! The proof of an endpoint: a row that is written through each proxy, and read through all of them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Proxy, proxysql};
use crate::galera::act::{Context, identified_by, remove_leftovers};
use crate::galera::model::WRITE_TEST_SCHEMA;
use crate::galera::sql::literal;
use crate::galera::tls::settings::NODE;
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

const POLL: Duration = Duration::from_millis(500);
/// How long to wait for the shared address: it moves within seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that connects as applications do. $1 address, $2 port, $3 user, $4.. more options; the first line of
/// standard input is the password, the rest are statements.
const CLIENT: &str = r#"
IFS= read -r MYSQL_PWD || exit
export MYSQL_PWD
host=$1 port=$2 user=$3
shift 3
exec mariadb --no-defaults --batch --skip-column-names --raw --connect-timeout=10 \
    --host="$host" --port="$port" --user="$user" "$@"
"#;

/// A database that lasts as long as the proof, and an account of the same name.
struct Proof {
    schema: String,
    password: String,
}

/// What clients connect to.
struct Door {
    name: String,
    address: String,
    /// A ProxySQL answers there, with a certificate of its own making.
    proxysql: bool,
}

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
    let (doors, tls) = (doors(context, proxies, shared), Tls::spoken(context, nodes).await?);
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
        Ok(()) => write_and_read(context, &proof, &doors, tls, nodes).await,
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

fn doors(context: &Context, proxies: &[NodeName], shared: Option<IpAddr>) -> Vec<Door> {
    let proxies: Vec<_> = proxies.iter().filter_map(|proxy| context.inventory.proxy(proxy)).collect();
    let is_proxysql = |proxy: &&Proxy| proxy.kind == Kind::Proxysql;
    let shared = shared.map(|address| Door {
        name: address.to_string(),
        address: address.to_string(),
        proxysql: proxies.iter().any(is_proxysql),
    });
    let own = proxies.iter().map(|proxy| Door {
        name: proxy.name.to_string(),
        address: proxy.address.to_string(),
        proxysql: is_proxysql(proxy),
    });
    own.chain(shared).collect()
}

/// How clients can speak with all nodes.
#[derive(Debug, Clone, Copy)]
enum Tls {
    /// As the client likes: one of 11.4 and later speaks TLS with servers that offer it.
    AsItLikes,
    /// The servers have certificates of the inventory's authority. `named`: also for what clients connect to.
    OfInventory { named: bool },
}

impl Tls {
    /// By what the servers run with: while they are changed, the inventory is ahead of them.
    async fn spoken(context: &Context, nodes: &[NodeName]) -> Result<Self, StepError> {
        let Some(tls) = &context.inventory.tls else { return Ok(Self::AsItLikes) };
        for node in nodes {
            let rows = context.database(node)?.run(&["SELECT @@ssl_cert"]).await?;
            if rows.iter().flatten().all(|it| it != NODE.pair) {
                return Ok(Self::AsItLikes);
            }
        }
        // What a certificate from elsewhere is valid for, its issuer decides.
        Ok(Self::OfInventory { named: nodes.iter().all(|node| !tls.own.contains_key(node)) })
    }

    fn options(self, door: &Door) -> Vec<String> {
        let trust = format!("--ssl-ca={}", NODE.ca);
        let options = match self {
            _ if door.proxysql => vec!["--disable-ssl-verify-server-cert"],
            Self::AsItLikes => vec![],
            Self::OfInventory { named: true } => vec!["--ssl", &trust, "--ssl-verify-server-cert"],
            Self::OfInventory { named: false } => vec!["--ssl", "--disable-ssl-verify-server-cert"],
        };
        options.into_iter().map(str::to_owned).collect()
    }
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
    doors: &[Door],
    tls: Tls,
    nodes: &[NodeName],
) -> Result<BTreeSet<String>, StepError> {
    let schema = &proof.schema;
    let endpoint =
        context.inventory.endpoint.ok_or_else(|| StepError::new("the inventory has no endpoint"))?;
    for door in doors {
        let insert = format!(
            "SET SESSION wsrep_sync_wait = 15;\nINSERT INTO {schema}.rows_written VALUES ({}, @@wsrep_node_name);\n",
            literal(&door.name)
        );
        client(context, &nodes[0], proof, (door, endpoint.write_port, tls), &insert).await?;
    }
    // Read where it was written: a proxy may send the question to another node than the statement before.
    let writers = format!("SELECT node FROM {schema}.rows_written");
    let writers = context.database(&nodes[0])?.run(&["SET SESSION wsrep_sync_wait = 1", &writers]).await?;
    let select = format!("SELECT written_through FROM {schema}.rows_written");
    let mut expected: Vec<_> = doors.iter().map(|door| door.name.clone()).collect();
    expected.sort();
    for door in doors {
        let select = format!("SET SESSION wsrep_sync_wait = 1;\n{select};\n");
        let read = client(context, &nodes[0], proof, (door, endpoint.read_port, tls), &select).await?;
        same(&expected, read.lines(), &door.name)?;
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
    (door, port, tls): (&Door, u16, Tls),
    statements: &str,
) -> Result<String, StepError> {
    let words = [door.address.clone(), port.to_string(), proof.schema.clone()];
    let words = words.into_iter().chain(tls.options(door));
    let command = RemoteCommand::new(CLIENT, words).input(format!("{}\n{statements}", proof.password));
    let mut through = Through { host: &*context.host(from)?, command };
    let wait = Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt);
    let said = match wait.until(&mut through).await? {
        Waited::Found(Ok(said)) => return Ok(said),
        Waited::Found(Err(said)) | Waited::Idle(said) => said,
    };
    Err(StepError::new(format!("a client on {from} cannot use port {port} of {}: {said}", door.name)))
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
