//! Removing keys of Patroni from etcd, while no Patroni runs anywhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::facts::Initialize;
use crate::patroni::observation::{Born, Observation, Store};
use crate::patroni::observe::look::HTTP;

/// What Patroni writes of who leads, and of who may follow without a loss.
const KEYS: [&str; 6] = ["leader", "sync", "status", "optime", "failover", "members"];
/// What it writes besides, and what a founding that was cut off leaves.
const OF_FOUNDING: [&str; 3] = ["config", "history", "initialize"];

/// $1 http.pl  $2 its requests. What is left is seen by the look that comes after it.
const REMOVE: &str = r#"
printf '%s' "$2" | timeout 60 perl -e "$1" >/dev/null
exit 0
"#;

/// Both APIs are tried: a key is in the store of one of them, and etcd may serve only one.
fn requests(folder: &str, endpoint: &str, keys: &[&str]) -> String {
    let at = endpoint
        .rsplit_once(':')
        .map_or_else(|| endpoint.to_owned(), |(host, port)| format!("{host} {port}"));
    let of_v3 = |key: &str, end: &str| {
        let body = json!({"key": BASE64.encode(key), "range_end": BASE64.encode(end)});
        format!("remove {at} POST /v3/kv/deleterange {body}\n")
    };
    let of_one = |key: &&str| {
        let key = format!("{folder}/{key}");
        // The end of a range is no part of it: after a key alone comes the same with a byte 0, after a folder's `/` a `0`.
        let v3 = of_v3(&key, &format!("{key}\0")) + &of_v3(&format!("{key}/"), &format!("{key}0"));
        v3 + &format!("remove {at} DELETE /v2/keys{key}?recursive=true\n")
    };
    keys.iter().map(of_one).collect()
}

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
    let more = if founding { &OF_FOUNDING[..] } else { &[] };
    let keys: Vec<_> = KEYS.iter().chain(more).copied().collect();
    let command = RemoteCommand::act(REMOVE, [HTTP, &requests(folder, endpoint, &keys)]);
    context.host(node)?.succeed(command.deadline(std::time::Duration::from_secs(300))).await?;
    match left(&context.observe().await, founding) {
        Some(left) => {
            let message = format!(
                "etcd at {endpoint} has the key {left} still; see why: sudo journalctl -u etcd -n 50"
            );
            Err(StepError::new(message).left("Patroni runs on no node"))
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
