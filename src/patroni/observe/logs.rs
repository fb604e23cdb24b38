//! The journals of hosts.

use std::time::Duration;

use crate::kernel::inventory::text::harmless;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::{Fleet, RemoteCommand};
use crate::patroni::config::redact_words;
use crate::patroni::inventory::Inventory;

const LOGS: &str = include_str!("logs.sh");
const DEADLINE: Duration = Duration::from_secs(60);

/// The units in whose journals a member's programs log. The server is in Patroni's.
pub fn units(inventory: &Inventory, member: &NodeName) -> &'static [&'static str] {
    let is_proxy = inventory.proxies.iter().any(|proxy| proxy.name == *member);
    if is_proxy { &["haproxy.service", "keepalived.service"] } else { &["patroni.service", "etcd.service"] }
}

/// What a host has logged of these units since `span` ago, without passwords. Errors: why it was not read.
pub async fn of(
    fleet: &Fleet,
    node: &NodeName,
    units: &[&str],
    span: Duration,
    secrets: &Secrets,
) -> Result<String, String> {
    let host = match (fleet.host_of(node), fleet.why_unreachable(node)) {
        (Some(host), _) => host,
        (None, Some(why)) => return Err(why.to_string()),
        (None, None) => return Err("it is not connected".into()),
    };
    let arguments = std::iter::once(span.as_secs().to_string()).chain(units.iter().map(|&it| it.to_owned()));
    let command = RemoteCommand::new(LOGS, arguments).deadline(DEADLINE);
    let text = host.succeed(command).await.map_err(|error| error.to_string())?;
    Ok(redact_words(&harmless(&text), secrets))
}
