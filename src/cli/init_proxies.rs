//! `galactl init --from … --proxy …`: scanning proxies that others have set up.

use std::path::Path;

use super::init_members::{not_scanned, understood};
use super::look;
use crate::exit::CommandError;
use crate::galera::adopt;
use crate::galera::endpoint::inventory::RawEndpoint;
use crate::galera::observe;
use crate::galera::proxy::Kind;
use crate::galera::proxy::facts::ProxyFacts;
use crate::kernel::facts::Seen;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::model::Address;

/// Scans each of these hosts, in their order.
///
/// Errors: a host that is not seen.
pub async fn look_at(
    named: &[Address],
    ssh: &RawSsh,
    base: &Path,
) -> Result<Vec<(Address, ProxyFacts)>, CommandError> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let inventory = understood(&adopt::provisional(named, ssh), "the command line")?;
    let fleet = look::connect(inventory.hosts(), base).await?;
    let (endpoint, _) = RawEndpoint::default().resolved(named.len());
    let mut proxies = Vec::new();
    for (node, address) in inventory.nodes.iter().zip(named) {
        let seen = match (fleet.host_of(&node.name), fleet.why_unreachable(&node.name)) {
            (Some(host), _) => observe::ask_proxy(&node.name, Kind::Haproxy, endpoint, &host).await,
            (None, why) => Seen::Unreachable(why.map(ToString::to_string).unwrap_or_default().into()),
        };
        match seen {
            Seen::Facts(facts) => proxies.push((address.clone(), *facts)),
            Seen::Unreachable(why) => {
                let or = format!("without {address} behind --proxy, the inventory describes the rest");
                let user = ssh.user.as_deref().unwrap_or("root");
                return Err(not_scanned(address, user, &why.to_string(), &or));
            }
        }
    }
    fleet.close().await;
    Ok(proxies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_proxy_that_is_not_seen_may_be_left_out() {
        let ssh = RawSsh { port: Some(1), config: Some("/dev/null".into()), ..RawSsh::default() };
        let named = ["127.0.0.1".parse().unwrap()];
        let error = look_at(&named, &ssh, Path::new("/")).await.unwrap_err();
        let hint = error.hint.unwrap_or_default();
        assert!(hint.starts_with("make `ssh root@127.0.0.1` work"), "{hint}");
        assert!(hint.contains("without 127.0.0.1 behind --proxy") && !hint.contains("--from"), "{hint}");
    }
}
