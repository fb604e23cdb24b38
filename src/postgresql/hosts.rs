//! What must hold of the hosts of any engine of PostgreSQL.

use std::collections::{BTreeMap, BTreeSet};

use super::packages::Package;
use crate::kernel::facts::Machine;
use crate::kernel::inventory::SshTarget;
use crate::kernel::judge::{Finding, Remedy, codes};
use crate::kernel::model::{Address, NodeName};

/// A refusal for each machine that stands behind several nodes.
pub fn same_machine<'a>(nodes: impl Iterator<Item = (&'a NodeName, &'a Machine)>) -> Vec<Finding> {
    let mut machines: BTreeMap<&str, BTreeSet<&NodeName>> = BTreeMap::new();
    for (node, machine) in nodes {
        machines.entry(machine.machine_id.as_str()).or_default().insert(node);
    }
    let twice = machines.into_values().filter(|nodes| nodes.len() > 1);
    twice
        .map(|nodes| {
            let names: Vec<_> = nodes.iter().map(|node| node.as_str()).collect();
            let evidence = format!("{} are one machine: they have the same machine id", names.join(" and "));
            let next = "correct their addresses; or, on a copied host, sudo rm /etc/machine-id && sudo systemd-machine-id-setup, and reboot it";
            Finding::new(codes::SAME_MACHINE, evidence, next)
        })
        .collect()
}

/// The refusal of a host without the address by which the others reach it, for the services that are named.
pub fn wrong_address(
    address: &Address,
    ssh: &SshTarget,
    machine: &Machine,
    services: &str,
) -> Option<Finding> {
    let ip = address.ip()?;
    let evidence = format!("the host at {} does not have the address {ip}", ssh.address);
    let next =
        format!("correct `address` (for {services}) or `ssh_address` (for logging in) in the inventory");
    (!machine.addresses.contains(&ip)).then(|| Finding::new(codes::WRONG_ADDRESS, evidence, next))
}

/// The refusal of packages that are missing and cannot, or are not to, be installed. `install`: they are to be.
pub fn packages(missing: &[String], there: &BTreeMap<String, Package>, install: bool) -> Option<Finding> {
    let known = |name: &String| there.get(name).is_some_and(|package| package.candidate.is_some());
    let unknown: Vec<_> = missing.iter().filter(|name| !known(name)).cloned().collect();
    if !missing.is_empty() && !install {
        let missing = missing.join(" ");
        let evidence = format!("packages are not installed, and `cluster.install` is off: {missing}");
        let next = "install them without letting a cluster start, or set `install: true`";
        return Some(Finding::new(codes::NOT_INSTALLED, evidence, next));
    }
    let evidence = format!("apt knows no package {}", unknown.join(", "));
    let next = Remedy::on_host("sudo apt-get update, and see that Debian's main archive is in its sources");
    (!unknown.is_empty()).then(|| Finding::new(codes::NOT_INSTALLED, evidence, next))
}

/// How far the clock that is most ahead is from the one that is most behind, and which two these are. Hosts are asked
/// within a second or two of each other; a host that does not tell its time is left out.
pub fn skew<'a>(
    nodes: impl Iterator<Item = (&'a NodeName, &'a Machine)>,
) -> Option<(f64, [&'a NodeName; 2])> {
    let clocks: Vec<_> = nodes.filter(|(_, machine)| machine.clock > 0.0).collect();
    let (first, from) = clocks.iter().min_by(|a, b| a.1.clock.total_cmp(&b.1.clock))?;
    let (last, to) = clocks.iter().max_by(|a, b| a.1.clock.total_cmp(&b.1.clock))?;
    Some((to.clock - from.clock, [first, last]))
}
