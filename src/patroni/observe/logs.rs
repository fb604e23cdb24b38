//! The journals of hosts.

use std::time::Duration;

use crate::kernel::inventory::text::harmless;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::{Fleet, RemoteCommand};
use crate::patroni::config::redact_words;

const LOGS: &str = include_str!("logs.sh");
const DEADLINE: Duration = Duration::from_secs(60);

/// What a host has logged of its Patroni, its server and its etcd since `span` ago, without passwords. Errors: why it was
/// not read.
pub async fn of(fleet: &Fleet, node: &NodeName, span: Duration, secrets: &Secrets) -> Result<String, String> {
    let host = match (fleet.host_of(node), fleet.why_unreachable(node)) {
        (Some(host), _) => host,
        (None, Some(why)) => return Err(why.to_string()),
        (None, None) => return Err("it is not connected".into()),
    };
    let command = RemoteCommand::new(LOGS, [span.as_secs().to_string()]).deadline(DEADLINE);
    let text = host.succeed(command).await.map_err(|error| error.to_string())?;
    Ok(redact_words(&harmless(&text), secrets))
}
