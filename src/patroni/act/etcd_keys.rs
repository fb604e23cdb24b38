//! Removing keys of Patroni from etcd, while no Patroni runs anywhere.

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::facts::Initialize;
use crate::patroni::observation::{Born, Observation, Store};

/// What Patroni writes of who leads, and of who may follow without a loss.
const KEYS: &str = "leader sync status optime failover members";

/// $1 the folder  $2 address and port of etcd  $3 the keys. Both APIs are tried: a key is in the store of one of them,
/// and etcd may serve only one. What is left is seen by the look that comes after it.
const REMOVE: &str = r#"
for key in $3; do
    ETCDCTL_API=3 timeout 20 etcdctl --endpoints="http://$2" del "$1/$key" >/dev/null 2>&1
    ETCDCTL_API=3 timeout 20 etcdctl --endpoints="http://$2" del --prefix "$1/$key/" >/dev/null 2>&1
    ETCDCTL_API=2 timeout 20 etcdctl --endpoints "http://$2" rm --recursive "$1/$key" >/dev/null 2>&1
done
exit 0
"#;

/// Removes the keys, and sees that they are gone. `founding`: also `initialize`, which must have no identity.
pub async fn forget(
    context: &Context,
    node: &NodeName,
    [folder, endpoint]: [&str; 2],
    founding: bool,
) -> Outcome {
    let before = context.observe().await;
    let running: Vec<_> =
        before.seen().filter(|(_, facts)| facts.patroni_runs()).map(|(name, _)| name.as_str()).collect();
    if !running.is_empty() {
        let message = format!("Patroni runs on {}", running.join(", "));
        return Err(StepError::surprise(message).left("no key was removed"));
    }
    if founding && has_identity(&before) {
        return Err(
            StepError::surprise("the key `initialize` names a cluster now").left("no key was removed")
        );
    }
    let keys = if founding { format!("{KEYS} config history initialize") } else { KEYS.to_owned() };
    let command = RemoteCommand::act(REMOVE, [folder, endpoint, &keys]);
    context.host(node)?.succeed(command.deadline(std::time::Duration::from_secs(300))).await?;
    match left(&context.observe().await, founding) {
        Some(left) => {
            Err(StepError::new(format!("etcd has the key {left} still")).left("Patroni runs on no node"))
        }
        None => Ok(None),
    }
}

fn has_identity(observation: &Observation) -> bool {
    match observation.born() {
        Born::Yes(stores) => stores.values().flatten().any(|value| *value != Initialize::InProgress),
        Born::No | Born::NoStore | Born::Unknown(_) => false,
    }
}

/// A key that is there still.
fn left(observation: &Observation, founding: bool) -> Option<&'static str> {
    let mut stores = [Store::V3, Store::V2].into_iter().filter_map(|store| observation.agreed(store));
    let left = |keys: &crate::patroni::facts::ScopeKeys| match keys {
        keys if keys.sync.is_some() => Some("sync"),
        keys if keys.leader.is_some() => Some("leader"),
        keys if founding && keys.initialize.is_some() => Some("initialize"),
        _ => None,
    };
    stores.find_map(left)
}
