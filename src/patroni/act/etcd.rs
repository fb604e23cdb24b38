//! Starting the members of etcd, and seeing that they are one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};
use crate::patroni::facts::{Answer, EtcdEndpoint};
use crate::patroni::inventory::Inventory;
use crate::patroni::observe::client_endpoint;
use crate::patroni::plan::Step;

const STOP_DEADLINE: Duration = Duration::from_secs(180);
const PATIENCE: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(500);

/// etcd.service tells systemd that it is up once most members are. So nobody waits for it here: a run that is cut off
/// would leave a step that waits, and a lock with it.
const START: &str = r"
systemctl --quiet enable etcd.service || exit
systemctl reset-failed etcd.service 2>/dev/null
systemctl start --no-block etcd.service
";

/// The unit's state; of one that failed, its last words.
const STATE: &str = r#"
state=$(systemctl show etcd.service --property=ActiveState --value)
echo "$state"
[ "$state" != failed ] || { journalctl --quiet --unit=etcd.service --lines=5 --output=cat >&2; exit 65; }
"#;

/// Starts the member, and waits until it is up, with most of the others.
pub async fn start(context: &Arc<Context>, step: &Step) -> Outcome {
    let host = context.host(&step.node)?;
    host.succeed(RemoteCommand::act(START, [""; 0])).await?;
    let wait =
        Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    match wait.until(Up { host }).await? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(state) => Err(StepError::new(format!(
            "its etcd is {state}, and nothing has moved for {} s: it waits for most of the other members",
            PATIENCE.as_secs()
        ))
        .left("etcd runs there, and goes on trying; no Patroni was started")),
    }
}

struct Up {
    host: Arc<Host>,
}

impl Awaited for Up {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let state = self.host.succeed(RemoteCommand::new(STATE, [""; 0])).await?;
        Ok(match state.trim() {
            "active" => Look::Found(()),
            state => Look::NotYet(Sign::word(state.to_owned())),
        })
    }
}

pub async fn stop(context: &Context, member: &NodeName) -> Outcome {
    let command = RemoteCommand::act("systemctl stop etcd.service", [""; 0]).deadline(STOP_DEADLINE);
    context.host(member)?.succeed(command).await?;
    Ok(None)
}

/// Stops the member for good.
pub async fn leave(context: &Context, member: &NodeName) -> Outcome {
    let script = "systemctl --quiet disable etcd.service && systemctl stop etcd.service";
    let command = RemoteCommand::act(script, [""; 0]).deadline(STOP_DEADLINE);
    context.host(member)?.succeed(command).await?;
    Ok(None)
}

/// Each member says that it is healthy, all name the same members, and these are `members`.
pub async fn verify(context: &Arc<Context>, step: &Step, members: &[NodeName]) -> Outcome {
    let inventory = context.inventory.with_etcd_on(members);
    let wait =
        Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    match wait.until(OneEtcd { context, inventory: &inventory, members }).await? {
        Waited::Found(cluster) => Ok(Some(format!("cluster {cluster}"))),
        Waited::Idle(why) => {
            Err(StepError::new(format!("{why}, and nothing has moved for {} s", PATIENCE.as_secs()))
                .left("etcd runs on its hosts"))
        }
    }
}

struct OneEtcd<'a> {
    context: &'a Context,
    /// With these members of etcd, and no others.
    inventory: &'a Inventory,
    members: &'a [NodeName],
}

impl Awaited for OneEtcd<'_> {
    /// The id of etcd's cluster.
    type Found = String;

    async fn look(&mut self) -> Result<Look<String>, StepError> {
        let observation = self.context.observe_as(self.inventory).await;
        let mut clusters = BTreeSet::new();
        for name in self.members {
            let address = self.inventory.etcd_member(name).map(client_endpoint);
            let endpoint = observation.endpoints().find(|(_, at, _)| Some(*at) == address.as_deref());
            match endpoint.map(|(.., endpoint)| cluster_of(endpoint, self.members)) {
                Some(Ok(cluster)) => drop(clusters.insert(cluster)),
                Some(Err(why)) => return Ok(Look::NotYet(Sign::word(format!("{name}: {why}")))),
                None => return Ok(Look::NotYet(Sign::word(format!("{name}: it was not seen")))),
            }
        }
        let mut clusters = clusters.into_iter();
        match (clusters.next(), clusters.next()) {
            (Some(one), None) => Ok(Look::Found(one)),
            _ => Err(StepError::surprise("the members are in different etcd clusters")),
        }
    }
}

/// The cluster that a member belongs to, once it is healthy and knows exactly these members.
fn cluster_of(endpoint: &EtcdEndpoint, members: &[NodeName]) -> Result<String, String> {
    match &endpoint.healthy {
        Answer::Told(true) => {}
        Answer::Told(false) => return Err("it is not healthy yet".into()),
        Answer::Nobody(why) | Answer::Unseen(why) => return Err(why.clone()),
    }
    let told = endpoint.members.told().ok_or("it does not tell its members")?;
    let names: BTreeSet<_> = told.iter().map(|member| member.name.as_str()).collect();
    let wanted: BTreeSet<_> = members.iter().map(NodeName::as_str).collect();
    match (&endpoint.cluster_id, names == wanted) {
        (Some(id), true) => Ok(id.clone()),
        (_, false) => Err(format!("its members are {}", names.into_iter().collect::<Vec<_>>().join(", "))),
        (None, true) => Err("it does not tell its cluster's id".into()),
    }
}
