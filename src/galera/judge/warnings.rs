//! What is unwise, but no reason to refuse.

use std::collections::{BTreeMap, BTreeSet};

use super::Basis;
use super::component::data_bytes;
use super::wanted::{to_put, wanted_config};
use crate::galera::config::server_options;
use crate::galera::facts::{HostFacts, NodeState};
use crate::galera::inventory::Node;
use crate::galera::inventory::options::{Fate, fate, holds_secret};
use crate::galera::judge::codes;
use crate::galera::judge::guards;
use crate::galera::judge::ports;
use crate::galera::judge::void_options;
use crate::kernel::judge::{Finding, Invocation, Remedy};
use crate::kernel::model::words::bytes;

/// Seconds.
const WORST_SKEW: f64 = 10.0;
/// Percent of a host's memory that the buffer pool and the write-set cache may take.
const MOST_MEMORY: u64 = 80;
/// Bytes a second that every state transfer reaches.
const SLOWEST_SST: u64 = 20 << 20;
/// From this version on systemd lets a server that receives its state extend its start timeout.
const EXTENDS_TIMEOUTS: u32 = 236;

/// As it stands in a plan.
pub fn text(warning: &Finding) -> String {
    format!("{warning}; next: {}", warning.remedy.text(&Invocation::later()))
}

/// Everything that is unwise about single hosts, or about what the inventory wants of them.
pub fn of_hosts(basis: &Basis<'_>) -> Vec<Finding> {
    let mut warnings = Vec::new();
    for (node, facts) in basis.nodes() {
        let of_host = slow_lookups(facts)
            .chain(ignored_options(node, facts))
            .chain(stray_options(basis, node, facts))
            .chain(void_options::warning(facts))
            .chain(superseded(basis, node, facts))
            .chain(memory(node, facts))
            .chain(confinement(facts))
            .chain(start_timeout(basis, facts))
            .chain(founded_before(facts));
        warnings.extend(of_host.map(|warning| warning.on(&node.name)));
    }
    warnings.extend(clock_skew(basis));
    warnings.extend(architectures(basis));
    warnings.retain(|warning| !basis.inventory.accepts(warning.code.name));
    warnings
}

/// Everything that is unwise about how they fit together.
pub fn of_cluster(basis: &Basis<'_>) -> Vec<Finding> {
    let mut warnings: Vec<_> = versions(basis).into_iter().collect();
    warnings.extend(ports::warnings(basis));
    warnings
}

/// Units that do not start at boot yet. A plan has a step for each, so it does not warn of them.
pub fn disabled_units(basis: &Basis<'_>) -> Vec<Finding> {
    let unit = &basis.inventory.host.unit;
    let disabled = |(_, facts): &(&Node, &HostFacts)| {
        facts.server.is_some() && !facts.unit.is_enabled() && !facts.unit.is_masked()
    };
    let warning = |(node, facts): (&Node, &HostFacts)| {
        let said = format!("{unit}.service is {}: it does not start at boot", facts.unit.file);
        Finding::new(codes::UNIT_DISABLED, said, "nothing: a bootstrap or add-node enables it").on(&node.name)
    };
    basis.nodes().filter(disabled).map(warning).collect()
}

fn slow_lookups(facts: &HostFacts) -> impl Iterator<Item = Finding> {
    facts.slow_lookups.iter().map(|(peer, ms)| {
        let said = format!("looking up {peer} takes {ms} ms; rsync SST does so for each connection");
        Finding::new(codes::LOOKUP, said, Remedy::on_host(format!("add a line for {peer} to /etc/hosts")))
    })
}

fn ignored_options<'a>(node: &'a Node, facts: &'a HostFacts) -> impl Iterator<Item = Finding> + 'a {
    let version = facts.version();
    let ignored = node.mysqld.keys().filter(move |name| fate(name, version) == Fate::Ignored);
    ignored.map(move |name| {
        let version = version.map_or_else(String::new, |version| version.to_string());
        let said = format!("the option {name} has no effect in MariaDB {version}");
        Finding::new(codes::IGNORED_OPTION, said, "remove it from `mysqld` in the inventory")
    })
}

/// Options in files that are read after galactl's, which would win over it; and what wins over it
/// now from anywhere else.
fn stray_options(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Vec<Finding> {
    // A template that does not render is an error of its own.
    let wanted = wanted_config(basis, node, facts).map(|file| file.text).unwrap_or_default();
    let wanted = server_options(&wanted);
    let differs = |name: &str, value: &str| {
        wanted.get(name).map_or(name.starts_with("wsrep_"), |ours| !ours.eq_ignore_ascii_case(value))
    };
    let next = || Remedy::on_host("remove it there; what is wanted belongs into the inventory");
    let warn = |said| Finding::new(codes::STRAY_OPTION, said, next());
    let mut warnings = Vec::new();
    for option in facts.later_options.iter().filter(|option| differs(&option.name, &option.value)) {
        let value = if holds_secret(&option.name) { "(not shown)" } else { &option.value };
        warnings.push(warn(format!(
            "{} is read after galactl's file and wins: {} = {value}",
            option.file, option.name
        )));
    }
    let ours = facts.config.as_ref().map(|config| server_options(&config.text)).unwrap_or_default();
    let elsewhere = |name: &String| !facts.later_options.iter().any(|option| &option.name == name);
    for (name, value) in ours.iter().filter(|(name, _)| elsewhere(name)) {
        if let Some(effective) = facts.options.get(name).filter(|effective| *effective != value) {
            warnings.push(warn(format!(
                "the server takes {name} = {effective} from another place than galactl's file"
            )));
        }
    }
    warnings
}

/// Files of others that say something of the cluster, and will say it in vain.
fn superseded(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Option<Finding> {
    let ours = &basis.inventory.host.config_file;
    let file_is_put = matches!(to_put(basis, node, facts), Ok(Some(_)));
    (file_is_put && facts.config.is_none() && !facts.wsrep_files.is_empty()).then(|| {
        let said =
            format!("{ours} takes the place of what {} says of the cluster", facts.wsrep_files.join(", "));
        Finding::new(codes::SUPERSEDED, said, "nothing now; once it is in force, remove those options there")
    })
}

/// The buffer pool is memory that stays taken. The write-set cache is a file in memory: the kernel
/// can drop its pages, and then writes wait for the disk.
fn memory(node: &Node, facts: &HostFacts) -> Option<Finding> {
    let (pool, gcache) = (node.buffer_pool_bytes(), node.gcache_bytes());
    let most = facts.machine.memory / 100 * MOST_MEMORY;
    (facts.machine.memory > 0 && pool.saturating_add(gcache) > most).then(|| {
        let [pool, gcache, memory] = [pool, gcache, facts.machine.memory].map(bytes);
        let said = format!(
            "a buffer pool of {pool} and a gcache of {gcache}, which is mapped into memory, against {memory} of memory"
        );
        Finding::new(codes::MEMORY, said, "lower innodb_buffer_pool_size or gcache.size in the inventory")
    })
}

/// A policy that was made for a server without Galera denies ports, or the SST scripts.
fn confinement(facts: &HostFacts) -> Vec<Finding> {
    let selinux = facts.machine.selinux_enforcing.then(|| {
        Finding::new(
            codes::CONFINEMENT,
            "SELinux is enforcing; it must let the server use its ports and run the SST scripts",
            Remedy::on_host(
                "for port in 4444 4567 4568; do sudo semanage port -m -t mysqld_port_t -p tcp $port; done",
            ),
        )
    });
    let apparmor = facts.apparmor.iter().map(|profile| {
        let said =
            format!("AppArmor enforces the profile {profile}; it must let the server run the SST scripts");
        Finding::new(codes::CONFINEMENT, said, Remedy::on_host(format!("sudo aa-complain {profile}")))
    });
    selinux.into_iter().chain(apparmor).collect()
}

/// A bootstrap whose cluster is gone without a trace: its data was taken away.
fn founded_before(facts: &HostFacts) -> Option<Finding> {
    let gone = matches!(facts.state(), NodeState::Bare | NodeState::Fresh);
    let record = facts.bootstrap_record.as_ref().filter(|_| gone)?;
    let said = format!(
        "galactl bootstrapped cluster `{}` here before (plan {}, by {}); nothing of it is left",
        record.cluster, record.plan, record.by
    );
    Some(Finding::new(codes::BOOTSTRAP_RECORD, said, "be sure that its data is not wanted any more"))
}

fn start_timeout(basis: &Basis<'_>, facts: &HostFacts) -> Option<Finding> {
    if facts.machine.systemd.is_none_or(|version| version >= EXTENDS_TIMEOUTS) {
        return None;
    }
    let forecast = data_bytes(basis) / SLOWEST_SST;
    let timeout = seconds(&facts.unit.start_timeout).filter(|timeout| *timeout < forecast)?;
    let said = format!(
        "systemd gives its server {timeout} s to start, and a state transfer may take {forecast} s at {} a second",
        bytes(SLOWEST_SST)
    );
    let next = Remedy::on_host(format!("TimeoutStartSec={} in a drop-in of the unit", forecast.max(900) * 2));
    Some(Finding::new(codes::START_TIMEOUT, said, next))
}

/// Seconds of `15min` or `1min 30s`; `None` where there is no limit, or none that can be read.
fn seconds(span: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 6] =
        [("min", 60), ("ms", 0), ("h", 3600), ("d", 86400), ("w", 604_800), ("s", 1)];
    let seconds: Option<u64> = span
        .split_whitespace()
        .map(|part| {
            let (unit, seconds) = UNITS.iter().find(|(unit, _)| part.ends_with(unit))?;
            Some(part.strip_suffix(unit)?.parse::<u64>().ok()?.saturating_mul(*seconds))
        })
        .try_fold(0_u64, |sum, part| Some(sum.saturating_add(part?)));
    seconds.filter(|seconds| *seconds > 0)
}

/// Hosts are asked within a second or two of each other; more is their clocks' difference.
fn clock_skew(basis: &Basis<'_>) -> Option<Finding> {
    let clocks = || basis.nodes().filter(|(_, facts)| facts.machine.clock > 0.0);
    let (first, from) = clocks().min_by(|a, b| a.1.machine.clock.total_cmp(&b.1.machine.clock))?;
    let (last, to) = clocks().max_by(|a, b| a.1.machine.clock.total_cmp(&b.1.machine.clock))?;
    let skew = to.machine.clock - from.machine.clock;
    (skew > WORST_SKEW).then(|| {
        let said = format!(
            "the clock of {} is about {skew:.0} s ahead of that of {}: logs will be hard to compare",
            last.name, first.name
        );
        Finding::new(codes::CLOCK, said, "let all hosts take their time from one source")
    })
}

fn architectures(basis: &Basis<'_>) -> Option<Finding> {
    let mut hosts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (node, facts) in basis.nodes().filter(|(_, facts)| !facts.machine.arch.is_empty()) {
        hosts.entry(&facts.machine.arch).or_default().push(node.name.to_string());
    }
    (hosts.len() > 1).then(|| {
        let list: Vec<_> = hosts.iter().map(|(arch, names)| format!("{} {arch}", names.join(", "))).collect();
        let said = format!("processors differ: {}", list.join("; "));
        Finding::new(codes::ARCHITECTURE, said, "give all nodes machines of one kind")
    })
}

/// Release series that differ are refused.
fn versions(basis: &Basis<'_>) -> Option<Finding> {
    let versions: BTreeSet<_> = basis.nodes().filter_map(|(_, facts)| facts.version()).collect();
    (versions.len() > 1 && guards::versions(basis).is_none()).then(|| {
        let list: Vec<_> = versions.iter().map(ToString::to_string).collect();
        let said = format!("versions differ within the series: {}", list.join(", "));
        Finding::new(codes::VERSIONS, said, "install one version on all nodes")
    })
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_time_span_of_systemd_is_read() {
        for (text, expected) in [
            ("15min", Some(900)),
            ("1min 30s", Some(90)),
            ("1h 500ms", Some(3600)),
            ("18446744073709551615s 1s", Some(u64::MAX)),
            ("infinity", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
