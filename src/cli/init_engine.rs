//! `galactl init --from`: which engine runs on the hosts that were named.

use std::collections::BTreeSet;
use std::path::Path;

use super::engine::Name;
use super::init_members::{OTHER_ADDRESS, not_scanned, understood};
use super::look;
use crate::exit::{CommandError, Kind};
use crate::galera::adopt;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::model::Address;
use crate::kernel::transport::RemoteCommand;

const SCRIPT: &str = include_str!("init_engine.sh");

/// What one host has of each engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Found {
    runs: BTreeSet<&'static str>,
    there: BTreeSet<&'static str>,
    /// A PostgreSQL without Patroni.
    postgres: bool,
}

/// The engine that the hosts have in common.
///
/// Errors: a host that is not seen, one that has no engine or several, or hosts of several engines.
pub async fn of(hosts: &[Address], ssh: &RawSsh, base: &Path) -> Result<Name, CommandError> {
    let inventory = understood(&adopt::provisional(hosts, ssh), "the command line")?;
    let fleet = look::connect(inventory.hosts(), base).await?;
    let user = ssh.user.as_deref().unwrap_or("root");
    let mut known: Option<(&Address, Name)> = None;
    for (node, address) in inventory.nodes.iter().zip(hosts) {
        let told = match (fleet.host_of(&node.name), fleet.why_unreachable(&node.name)) {
            (Some(host), _) => {
                host.succeed(RemoteCommand::new(SCRIPT, [""; 0])).await.map_err(|error| error.to_string())
            }
            (None, why) => Err(why.map(ToString::to_string).unwrap_or_default()),
        };
        let told = told.map_err(|why| not_scanned(address, user, &why, OTHER_ADDRESS))?;
        let engine = chosen(address, &read(&told))?;
        match known {
            Some((other, first)) if first != engine => return Err(two(other, first, address, engine)),
            _ => known = Some((address, engine)),
        }
    }
    fleet.close().await;
    known.map(|(_, engine)| engine).ok_or_else(|| CommandError::error("no host was named"))
}

fn read(told: &str) -> Found {
    let words: BTreeSet<_> = told.split_whitespace().collect();
    let having = |end: &str| {
        crate::ENGINES
            .iter()
            .copied()
            .filter(|name| words.contains(format!("{name}-{end}").as_str()))
            .collect()
    };
    Found { runs: having("runs"), there: having("there"), postgres: words.contains("postgres-runs") }
}

/// What runs counts before what is only installed.
fn chosen(host: &Address, found: &Found) -> Result<Name, CommandError> {
    let refused = |message: String| CommandError::new(Kind::Refused, message);
    let all = if found.runs.is_empty() { &found.there } else { &found.runs };
    let all: Vec<_> = all.iter().copied().collect();
    match all.as_slice() {
        [name] => Ok(Name::called(name)),
        [] if found.postgres => Err(refused(format!("{host} runs PostgreSQL without Patroni"))
            .hint("an inventory with `engine: patroni` is written by hand (docs/how-to/patroni.md); `init --from` describes a Patroni that runs")),
        [] => Err(refused(format!("{host} runs neither MariaDB nor Patroni"))
            .hint("name a host of a cluster that runs; `galactl init FILE` writes an inventory to start from")),
        _ => {
            let verb = if found.runs.is_empty() { "has" } else { "runs" };
            Err(refused(format!("{host} {verb} both MariaDB and Patroni"))
                .hint("say which cluster is meant: --engine galera or --engine patroni"))
        }
    }
}

fn two(one: &Address, its: Name, other: &Address, others: Name) -> CommandError {
    let message = format!("{one} is of engine {its}, {other} of engine {others}");
    CommandError::new(Kind::Refused, message).hint("an inventory describes one cluster: name hosts of one")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(told: &str) -> Result<Name, String> {
        chosen(&"db1".parse().unwrap(), &read(told)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_runs_counts_before_what_is_only_there() {
        assert_eq!(choose("patroni-runs\ngalera-there\n"), Ok(Name::Patroni));
        assert_eq!(choose("galera-there\n"), Ok(Name::Galera));
        assert_eq!(choose("patroni-there\ngalera-runs\n"), Ok(Name::Galera));
        for (told, word) in [
            ("", "neither"),
            ("postgres-runs\n", "without Patroni"),
            ("patroni-runs\ngalera-runs\n", "runs both"),
            ("patroni-there\ngalera-there\n", "has both"),
        ] {
            assert!(choose(told).unwrap_err().contains(word), "{told}");
        }
    }
}
