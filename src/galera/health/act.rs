//! Setting up a node's health unit, and draining a node. All of it may be repeated.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::action::HealthAction;
use super::answer::Answer;
use super::{DRAIN_FLAG, SOCKET_UNIT, USER, files};
use crate::galera::act::{Context, identified_by};
use crate::galera::inventory::Inventory;
use crate::galera::proxy::{self, Kind, proxysql};
use crate::galera::sql::literal;
use crate::kernel::model::words::{count, names};
use crate::kernel::model::{NodeName, SecretName, UserName};
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

const POLL: Duration = Duration::from_millis(200);
/// How long to wait for the proxies: they ask every second, and act on the second equal answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A little more than twice the time between two checks of a proxy.
const UNSEEN: Duration = Duration::from_secs(3);

/// $1 the user.
const CREATE_USER: &str = r#"
id -u "$1" >/dev/null 2>&1 ||
    useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$1"
"#;
/// $1 the unit.
const LISTEN: &str = r#"
systemctl daemon-reload || exit
systemctl --quiet enable "$1" || exit
systemctl restart "$1"
"#;
const SILENCE: &str = r#"systemctl --quiet disable --now "$1""#;
/// $1 the flag.
const RAISE: &str = r#": > "$1""#;
const LIFT: &str = r#"rm -f -- "$1""#;
/// Without a network peer, the script does not check who asks. $1 its user, $2 its path.
const ASK: &str = r#"runuser -u "$1" -- "$2" </dev/null | tr -d '\r'"#;

/// Carries out one action.
pub async fn apply(context: &Arc<Context>, node: &NodeName, action: &HealthAction) -> Outcome {
    match action {
        HealthAction::CreateUser => on_host(context, node, CREATE_USER, USER).await,
        HealthAction::CreateAccount => create_account(context, node).await,
        HealthAction::CreateMonitor { user, password } => create_monitor(context, node, user, password).await,
        HealthAction::Listen => on_host(context, node, LISTEN, SOCKET_UNIT).await,
        HealthAction::Drain { others, seconds } => drain(context, node, others, *seconds).await,
        HealthAction::Serve => lift(context, node).await.map(|()| None),
        HealthAction::Silence => on_host(context, node, SILENCE, SOCKET_UNIT).await,
    }
}

async fn on_host(context: &Context, node: &NodeName, script: &'static str, word: &str) -> Outcome {
    context.host(node)?.succeed(RemoteCommand::act(script, [word])).await?;
    Ok(None)
}

async fn create_account(context: &Context, node: &NodeName) -> Outcome {
    create(context, node, &format!("{}@localhost IDENTIFIED VIA unix_socket", literal(USER))).await
}

/// Creates an account, or makes one that is there log in like this.
async fn create(context: &Context, node: &NodeName, account: &str) -> Outcome {
    let (create, alter) = (format!("CREATE USER IF NOT EXISTS {account}"), format!("ALTER USER {account}"));
    context.still_ours(node).await?;
    context.database(node)?.run(&[&create, &alter]).await?;
    Ok(None)
}

/// From any address: a proxy may have several, and the account has no right.
async fn create_monitor(
    context: &Context,
    node: &NodeName,
    user: &UserName,
    password: &SecretName,
) -> Outcome {
    let secret =
        context.secrets.get(password).ok_or_else(|| StepError::new(format!("no value for {password}")))?;
    create(context, node, &format!("{}@'%' {}", literal(user.as_str()), identified_by(secret))).await
}

/// What a node answers to proxies. `None`: it has no script, or the script's answer cannot be read.
async fn ask(host: &Host) -> Result<Option<Answer>, StepError> {
    let said = host.run(RemoteCommand::new(ASK, [USER, files::SCRIPT])).await?;
    Ok(Answer::parse(&said.stdout))
}

/// Ends a drain. A node without the flag needs nothing.
///
/// Errors: the flag cannot be removed.
pub async fn lift(context: &Context, node: &NodeName) -> Result<(), StepError> {
    if context.inventory.endpoint.is_some() {
        context.host(node)?.succeed(RemoteCommand::act(LIFT, [DRAIN_FLAG])).await?;
    }
    Ok(())
}

/// Drains a node. A drain that fails is undone, so that a node that stays is not left without clients.
async fn drain(context: &Arc<Context>, node: &NodeName, others: &[NodeName], seconds: u64) -> Outcome {
    let drained = send_elsewhere(context, node, others, seconds).await;
    let Err(error) = drained else { return drained };
    if error.lost {
        return Err(error);
    }
    match lift(context, node).await {
        Ok(()) => Err(error.left(format!("{node} was not stopped, and takes clients again"))),
        Err(lift) => Err(error.left(format!("{node} is still drained: {}", lift.message))),
    }
}

async fn send_elsewhere(
    context: &Arc<Context>,
    node: &NodeName,
    others: &[NodeName],
    seconds: u64,
) -> Outcome {
    if others.is_empty() {
        return takes_none(context, node).await;
    }
    let others: Vec<&NodeName> = others.iter().collect();
    if let Waited::Idle(last) = wait(context).until(TakenIn { context, nodes: others.clone() }).await? {
        let error =
            StepError::new(format!("{} must serve while {node} does not: {last}", names(&others, "and")));
        return Err(error.left("galactl doctor tells what keeps clients from them"));
    }
    context.host(node)?.succeed(RemoteCommand::act(RAISE, [DRAIN_FLAG])).await?;
    let asked = proxy::act::of_those_that_heed(context).await?.len();
    let heeding = context.inventory.proxies().iter().filter(|proxy| proxy.heeds_health()).count();
    if asked == 0 || asked < heeding {
        // A proxy that cannot be asked sees the drain at its next checks.
        sleep(UNSEEN).await;
    }
    if let Waited::Idle(last) = wait(context).until(LeftOut { context, node }).await? {
        let error = StepError::new(format!("new clients are still sent to it: {last}"));
        return Err(error.left("galactl status tells what is wrong with that proxy"));
    }
    let mut sessions = Sessions { context, node, left: 0 };
    let patience = Wait::new(POLL, Duration::from_secs(seconds)).interrupted_by(&context.interrupt);
    Ok(Some(match patience.until(&mut sessions).await? {
        Waited::Found(()) => "no session is left".into(),
        Waited::Idle(_) => {
            format!(
                "{} left after {seconds} s; the stop cuts off what they have not committed",
                count(sessions.left, "session")
            )
        }
    }))
}

/// Checks that a node takes no clients. When the plan was made, no node did; if this one does now, it is the only one.
async fn takes_none(context: &Context, node: &NodeName) -> Outcome {
    match ask(&*context.host(node)?).await? {
        Some(answer) if answer.serves() => {
            let message = "it takes clients now, and no other node did when the plan was made";
            Err(StepError::surprise(message).left("the same command makes a new plan"))
        }
        _ => Ok(Some("it takes no clients".into())),
    }
}

fn wait(context: &Context) -> Wait<'_> {
    Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt)
}

/// Waits until the nodes get clients: they say that they serve, and every proxy that can be asked sends clients there.
struct TakenIn<'a> {
    context: &'a Arc<Context>,
    nodes: Vec<&'a NodeName>,
}

impl Awaited for TakenIn<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        for node in &self.nodes {
            let answer = ask(&*self.context.host(node)?).await?;
            if !answer.as_ref().is_some_and(Answer::serves) {
                let said = answer.map_or_else(|| "nothing".into(), |answer| answer.to_string());
                return Ok(Look::NotYet(Sign::word(format!("{node} tells proxies: {said}"))));
            }
        }
        for (proxy, opinion) in proxy::act::opinions(self.context).await? {
            let left_out = self.nodes.iter().find(|node| !opinion.takes(node));
            if let Some(node) = left_out {
                return Ok(Look::NotYet(Sign::word(format!("{proxy} sends no client to {node}"))));
            }
        }
        Ok(Look::Found(()))
    }
}

/// Waits until no proxy sends new clients to a node.
struct LeftOut<'a> {
    context: &'a Arc<Context>,
    node: &'a NodeName,
}

impl Awaited for LeftOut<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let opinions = proxy::act::of_those_that_heed(self.context).await?;
        let sending = opinions.iter().find(|(_, opinion)| opinion.takes(self.node));
        Ok(match sending {
            Some((proxy, _)) => Look::NotYet(Sign::word(format!("{proxy} sends clients to {}", self.node))),
            None => Look::Found(()),
        })
    }
}

/// The query that counts clients on other hosts, without sessions that never end: those of replicas, the server's own,
/// and ProxySQL's. A ProxySQL keeps connections open that no client uses, and its monitor logs in again and again. The
/// ProxySQL that has the shared address may connect from that address.
pub fn sessions(inventory: &Inventory) -> String {
    let all = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE HOST LIKE '%:%' \
               AND USER <> 'system user' AND COMMAND NOT LIKE 'Binlog Dump%'";
    let (kept_open, others): (Vec<_>, Vec<_>) =
        inventory.proxies().iter().partition(|proxy| proxy.kind == Kind::Proxysql);
    if kept_open.is_empty() {
        return all.into();
    }
    let shared = inventory.shared_address().filter(|_| others.is_empty());
    let own = kept_open.iter().map(|proxy| proxy.address.to_string());
    let hosts = own.chain(shared.map(|shared| shared.address.to_string()));
    let from: Vec<_> = hosts.map(|host| format!("HOST LIKE {}", literal(&format!("{host}:%")))).collect();
    format!(
        "{all} AND USER <> {} AND NOT (COMMAND = 'Sleep' AND ({}))",
        literal(proxysql::MONITOR),
        from.join(" OR ")
    )
}

/// Waits until the sessions of a node have ended.
struct Sessions<'a> {
    context: &'a Context,
    node: &'a NodeName,
    left: usize,
}

impl Awaited for Sessions<'_> {
    type Found = ();

    /// A smaller number does not extend the deadline: the plan says how long the sessions get.
    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let rows = self.context.database(self.node)?.run(&[&sessions(&self.context.inventory)]).await?;
        let left = rows.first().and_then(|row| row.first()).and_then(|count| count.parse().ok());
        self.left =
            left.ok_or_else(|| StepError::new("the server does not tell how many sessions it has"))?;
        Ok(if self.left == 0 { Look::Found(()) } else { Look::NotYet(Sign::default()) })
    }
}
