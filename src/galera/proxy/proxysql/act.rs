//! What is done through the admin interface of a ProxySQL while it runs. All of it may be repeated.

use std::fmt::Display;
use std::time::Duration;

use super::groups::WRITERS;
use super::{PACKAGE, settings, sql, weights};
use crate::galera::act::Context;
use crate::galera::inventory::{Inventory, Node};
use crate::galera::proxy::Kind;
use crate::galera::proxy::act::ask;
use crate::kernel::model::words::count;
use crate::kernel::model::{NodeName, sha256};
use crate::kernel::run::Outcome;
use crate::kernel::run::host_act::INSTALL_DEADLINE;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::shell::without_starts;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Fleet, Host, RemoteCommand};

const POLL: Duration = Duration::from_millis(200);
/// How long to wait: ProxySQL's monitor asks every second, and acts on the second equal answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Statements come on standard input. The password is in the option file, which only root reads. With an error, the
/// client prints the statement, too, which may hold a password.
const ADMIN: &str = r#"
{
    said=$(mariadb --defaults-file=/etc/galactl-proxysql.cnf --batch --skip-column-names --raw 2>&1 >&3)
} 3>&1 || {
    printf '%s\n' "$said" | grep '^ERROR' >&2
    exit 1
}
"#;
/// $1 the file's length in bytes; the package on standard input. Prints the version that is installed then.
const INSTALL: &str = concat!(
    "set -eu\n",
    without_starts!(),
    r#"
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"; [ ! -e "$policy" ] || ! grep -qF "$marker" "$policy" || rm -f "$policy"' EXIT
chmod 755 "$folder"
cat > "$folder/package.deb"
if [ "$(wc -c < "$folder/package.deb")" -ne "$1" ]; then
    echo "the package did not arrive whole" >&2
    exit 1
fi
apt-get $lock install --yes --no-install-recommends "$folder/package.deb" >/dev/null
dpkg-query -W -f '${Version}' proxysql
"#
);

/// Installs the package that the inventory names, if it still is the one that the plan was made with.
pub async fn install(context: &Context, host: &Host, digest: &str) -> Outcome {
    let package = context.inventory.proxysql.as_ref().and_then(|section| section.package.as_ref());
    let Some(path) = package.and_then(|package| package.local.as_ref()).map(|local| &local.path) else {
        return Err(StepError::new("the inventory names no package that can be read"));
    };
    let bytes =
        std::fs::read(path).map_err(|error| StepError::new(format!("{}: {error}", path.display())))?;
    if sha256(&bytes) != digest {
        let error =
            StepError::surprise(format!("{} is another file than the plan was made with", path.display()));
        return Err(error.left("the same command makes a new plan"));
    }
    let command =
        RemoteCommand::act(INSTALL, [bytes.len().to_string()]).input(bytes).deadline(INSTALL_DEADLINE);
    let version = host.succeed(command).await?;
    Ok(Some(format!("{PACKAGE} {}", version.trim())))
}

/// Lets another node take the writes, if `from` takes them here: the first of `to` that serves. Waits until no
/// connection to the old one is in use, but no longer than `seconds`.
pub async fn move_writes(
    context: &Context,
    proxy: &NodeName,
    (from, to, seconds): (&NodeName, &[NodeName], u64),
) -> Outcome {
    let Ok(host) = context.host(proxy) else { return Ok(Some("it cannot be reached".into())) };
    let Some(opinion) = ask(&host, Kind::Proxysql).await? else {
        return Ok(Some("it does not run with galactl's settings: it sends nobody anywhere".into()));
    };
    match &opinion.writer {
        Some(writer) if writer == from => {}
        Some(writer) => return Ok(Some(format!("writes go to {writer}"))),
        None => return Ok(Some("it sends writes to no node alone".into())),
    }
    let inventory = &context.inventory;
    let heir = to.iter().filter(|node| opinion.takes(node)).find_map(|node| inventory.node(node));
    let (Some(heir), Some(old)) = (heir, inventory.node(from)) else {
        let error = StepError::new(format!("no other node takes clients there, so writes stay with {from}"));
        return Err(error.left("galactl doctor tells what keeps clients from the others"));
    };
    let heaviest = weights::heaviest(&settings::host(heir), settings::port(heir));
    host.succeed(RemoteCommand::act(ADMIN, [""; 0]).input(sql::lines(&heaviest))).await?;
    let wait = Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt);
    if let Waited::Idle(last) = wait.until(Moved { host: &host, heir: &heir.name }).await? {
        return Err(stuck(proxy, &heir.name, &last));
    }
    let patience = Wait::new(POLL, Duration::from_secs(seconds)).interrupted_by(&context.interrupt);
    let mut used = Used { host: &host, node: old, left: 0 };
    Ok(Some(match patience.until(&mut used).await? {
        Waited::Found(()) => format!("writes go to {}, and none is under way on {from}", heir.name),
        Waited::Idle(_) => {
            let left = count(used.left, "connection");
            format!("writes go to {}; {left} to {from} still in use after {seconds} s", heir.name)
        }
    }))
}

/// The error where a ProxySQL does not follow the new weights. The weights stay.
fn stuck(proxy: &NodeName, heir: &NodeName, last: &impl Display) -> StepError {
    StepError::new(format!("writes do not go to {heir}: {last}"))
        .left(format!(
            "on {proxy}, {heir} has the greatest weight now, and this is saved: writes may still move to it"
        ))
        .left(format!(
            "on {proxy}: sudo journalctl -u {PACKAGE} tells what its checks found; the same command goes on"
        ))
}

/// Waits until a ProxySQL sends writes to another node.
struct Moved<'a> {
    host: &'a Host,
    heir: &'a NodeName,
}

impl Awaited for Moved<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let writer = ask(self.host, Kind::Proxysql).await?.and_then(|opinion| opinion.writer);
        Ok(match writer {
            Some(writer) if writer == *self.heir => Look::Found(()),
            Some(writer) => Look::NotYet(Sign::word(format!("they go to {writer}"))),
            None => Look::NotYet(Sign::word("they go to no node alone".to_owned())),
        })
    }
}

/// Waits until no connection for writes to a node is in use.
struct Used<'a> {
    host: &'a Host,
    node: &'a Node,
    left: usize,
}

impl Awaited for Used<'_> {
    type Found = ();

    /// A smaller number does not extend the deadline: the plan says how long the connections get.
    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let query = in_use(self.node);
        let said = self.host.succeed(RemoteCommand::new(ADMIN, [""; 0]).input(query)).await?;
        let left = said.trim().parse().ok();
        self.left = left.ok_or_else(|| StepError::new("it does not tell which connections are in use"))?;
        Ok(if self.left == 0 { Look::Found(()) } else { Look::NotYet(Sign::default()) })
    }
}

/// The query that counts the connections for writes to a node that are in use.
pub fn in_use(node: &Node) -> String {
    format!(
        "SELECT COALESCE(SUM(ConnUsed), 0) FROM stats_mysql_connection_pool WHERE hostgroup = {} AND srv_host = {} AND srv_port = {};\n",
        WRITERS,
        sql::text(&settings::host(node)),
        settings::port(node)
    )
}

/// Adds an account that galactl uses for a while. Each ProxySQL checks passwords by itself, so all that can be reached
/// are told. The account is not saved to disk, so that it does not outlast a restart.
pub async fn add_account(
    inventory: &Inventory,
    fleet: &Fleet,
    user: &str,
    password: &str,
) -> Result<(), StepError> {
    tell(inventory, fleet, &with_account(user, password)).await
}

/// Removes such an account.
pub async fn remove_account(inventory: &Inventory, fleet: &Fleet, user: &str) -> Result<(), StepError> {
    tell(inventory, fleet, &without_account(user)).await
}

/// Runs the statements on every ProxySQL, even after one of them fails. The first failure is the one that is returned.
async fn tell(inventory: &Inventory, fleet: &Fleet, statements: &str) -> Result<(), StepError> {
    let mut outcome = Ok(());
    for proxy in inventory.proxies().iter().filter(|proxy| proxy.kind == Kind::Proxysql) {
        let Some(host) = fleet.host_of(&proxy.name) else { continue };
        outcome = outcome.and(tell_one(&host, statements).await);
    }
    outcome
}

async fn tell_one(host: &Host, statements: &str) -> Result<(), StepError> {
    // A ProxySQL that does not run has no clients.
    if ask(host, Kind::Proxysql).await?.is_some() {
        host.succeed(RemoteCommand::new(ADMIN, [""; 0]).input(statements)).await?;
    }
    Ok(())
}

/// The statements that add such an account.
pub fn with_account(user: &str, password: &str) -> String {
    let (user, password) = (sql::text(user), sql::text(password));
    format!(
        "INSERT OR REPLACE INTO mysql_users (username, password, default_hostgroup) VALUES ({user}, {password}, {WRITERS});\nLOAD MYSQL USERS TO RUNTIME;\n"
    )
}

/// The statements that remove it.
pub fn without_account(user: &str) -> String {
    format!("DELETE FROM mysql_users WHERE username = {};\nLOAD MYSQL USERS TO RUNTIME;\n", sql::text(user))
}
