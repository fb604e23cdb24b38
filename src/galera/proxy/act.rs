//! Running a proxy, and asking what it thinks. All of it may be repeated.

use std::sync::Arc;
use std::time::Duration;

use super::action::ProxyAction;
use super::inventory::{Kind, Proxy};
use super::opinion::Opinion;
use super::{proof, proxysql};
use crate::galera::act::Context;
use crate::kernel::facts::{END, HEAD, Report};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

const POLL: Duration = Duration::from_millis(200);
/// How long to wait: a proxy asks every second, and acts on the second equal answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Carries out one action.
pub async fn apply(context: &Arc<Context>, proxy: &NodeName, action: &ProxyAction) -> Outcome {
    match action {
        ProxyAction::Run { nodes, .. } => run(context, proxy, nodes).await,
        ProxyAction::InstallFile { sha256, .. } => {
            proxysql::act::install(context, &*context.host(proxy)?, sha256).await
        }
        ProxyAction::MoveWrites { from, to, seconds } => {
            proxysql::act::move_writes(context, proxy, (from, to, *seconds)).await
        }
        ProxyAction::Verify { proxies, shared, nodes } => {
            let left_out = left_out(context, proxies, nodes).await?;
            let writers = proof::verify(context, proxies, *shared, nodes).await?;
            let writers = names(&writers.into_iter().collect::<Vec<_>>(), "and");
            Ok(Some(format!("writes go to {writers}{left_out}")))
        }
    }
}

async fn run(context: &Context, proxy: &NodeName, nodes: &[NodeName]) -> Outcome {
    let (host, kind) = (context.host(proxy)?, kind_of(context, proxy)?);
    let why =
        |error| StepError::from(error).left(format!("on {proxy}: journalctl -u {} tells why", kind.unit()));
    let mut last = String::new();
    for word in kind.program().run_with {
        host.succeed(RemoteCommand::act(kind.program().run, [*word])).await.map_err(why)?;
        let wait = Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt);
        match wait.until(Sends { host: &host, kind, nodes }).await? {
            Waited::Found(()) => {
                let anew = if word.is_empty() { "" } else { "; all its statements were loaded anew" };
                return Ok(Some(format!("sends clients to {}{anew}", names(nodes, "and"))));
            }
            Waited::Idle(why) => last = why,
        }
    }
    let error = StepError::new(format!("it runs, and does not send clients to all nodes: {last}"));
    Err(error.left("galactl doctor tells what keeps clients from them"))
}

fn kind_of(context: &Context, proxy: &NodeName) -> Result<Kind, StepError> {
    let found = context.inventory.proxy(proxy).map(|proxy| proxy.kind);
    found.ok_or_else(|| StepError::new(format!("{proxy} is no proxy of the inventory")))
}

/// Waits until a proxy sends clients to these nodes.
struct Sends<'a> {
    host: &'a Host,
    kind: Kind,
    nodes: &'a [NodeName],
}

impl Awaited for Sends<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let opinion = ask(self.host, self.kind).await?.unwrap_or_default();
        let left_out: Vec<_> = self.nodes.iter().filter(|node| !opinion.takes(node)).collect();
        Ok(match left_out.as_slice() {
            [] => Look::Found(()),
            left_out => Look::NotYet(Sign::word(format!("no client to {}", names(left_out, "and")))),
        })
    }
}

/// What a proxy thinks of the nodes. `None`: it does not run, or not with what galactl wrote.
pub async fn ask(host: &Host, kind: Kind) -> Result<Option<Opinion>, StepError> {
    let pieces = [HEAD, kind.program().opinion, END];
    let said = host.succeed(RemoteCommand::of_pieces(&pieces, [""; 0])).await?;
    let report = Report::parse(&said).map_err(|error| StepError::new(error.to_string()))?;
    Ok(kind.opinion(&report))
}

/// What each proxy that runs and can be asked thinks of the nodes. One that cannot be asked is left out: its clients
/// go where the nodes' own answers send them.
pub async fn opinions(context: &Context) -> Result<Vec<(NodeName, Opinion)>, StepError> {
    let mut all = Vec::new();
    for proxy in context.inventory.proxies() {
        let Ok(host) = context.host(&proxy.name) else { continue };
        if let Ok(Some(opinion)) = ask(&host, proxy.kind).await {
            all.push((proxy.name.clone(), opinion));
        }
    }
    Ok(all)
}

/// The same for the proxies that follow the nodes' health units.
pub async fn of_those_that_heed(context: &Context) -> Result<Vec<(NodeName, Opinion)>, StepError> {
    let mut all = opinions(context).await?;
    all.retain(|(name, _)| context.inventory.proxy(name).is_some_and(Proxy::heeds_health));
    Ok(all)
}

/// Waits until the proxies send clients to all nodes. Where that takes too long, it gives words and no error: a node
/// may be kept from clients on purpose.
async fn left_out(context: &Context, proxies: &[NodeName], nodes: &[NodeName]) -> Result<String, StepError> {
    let mut said = String::new();
    for proxy in proxies {
        let (host, kind) = (context.host(proxy)?, kind_of(context, proxy)?);
        let wait = Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt);
        if let Waited::Idle(last) = wait.until(Sends { host: &host, kind, nodes }).await? {
            said += &format!("; {proxy} sends {last}");
        }
    }
    Ok(said)
}
