//! Whether the data of a standalone PostgreSQL can become the cluster's.
//!
//! The user names the seed in the inventory. Everything else is checked here: that it is no standby, has stopped in an
//! orderly way or runs, and that the other hosts are empty and can follow it.

use super::other_data::{kept_at, other_data};
use super::{Basis, codes, locales};
use crate::kernel::inventory::text::visible;
use crate::kernel::judge::{Finding, Remedy, shell_word};
use crate::kernel::model::words::names;
use crate::patroni::facts::{
    Answer, Beside, Contents, DataState, DebianCluster, HostFacts, Live, SeedFacts, Standalone, SystemId,
};
use crate::patroni::inventory::Node;
use crate::patroni::inventory::settings::{GREAT_ON_STANDBYS, usual};
use crate::patroni::software;

/// No Patroni has worked on this data: Patroni keeps a copy of its configuration beside it, which a copy has, too.
pub fn is_standalone(facts: &HostFacts) -> bool {
    facts.datadir.holds_cluster() && !facts.datadir.patroni_dynamic
}

/// What to do with data that nobody has named as the seed. `otherwise`: where a cluster had it.
pub fn instead(node: &Node, otherwise: Remedy) -> Remedy {
    Remedy::from(format!(
        "if it is a standalone server whose data are to become the cluster's: write `seed: {}` under `cluster:` in ",
        node.name
    ))
    .and(Remedy::Inventory)
    .and(", then ")
    .and(Remedy::galactl("bootstrap", &[]))
    .and("; if a cluster had it: ")
    .and(otherwise)
}

/// The seed, once it has data with an identity.
pub fn found<'a>(basis: &Basis<'a>) -> Option<(&'a Node, &'a HostFacts, &'a SystemId)> {
    let seed = basis.inventory.seed.as_ref()?;
    let (node, facts) = basis.nodes().find(|(node, _)| &node.name == seed)?;
    Some((node, facts, facts.system_id()?))
}

/// etcd names the seed's data, its Patroni is at work, and nobody else has anything: it is about to be the primary.
pub fn comes_up(basis: &Basis<'_>, named: &SystemId) -> bool {
    let Some((seed, facts, id)) = found(basis) else { return false };
    let mut others = basis.nodes().filter(|(node, _)| node.name != seed.name);
    id == named && facts.patroni_runs() && others.all(|(_, facts)| facts.is_blank())
}

/// What stands against a node where the inventory has a seed and etcd has no key: of the seed, that its data cannot become
/// the cluster's as they are; of another node, that it has any.
pub fn refusals(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Vec<Finding> {
    let found = match basis.inventory.seed.as_ref() == Some(&node.name) {
        true => of_seed(basis, facts),
        false => of_other(basis, facts),
    };
    found.into_iter().map(|finding| finding.on(&node.name)).collect()
}

fn refusal(evidence: impl Into<String>, next: impl Into<Remedy>) -> Finding {
    Finding::new(codes::SEED, evidence, next)
}

fn of_seed(basis: &Basis<'_>, facts: &HostFacts) -> Option<Finding> {
    let found = match &facts.datadir.contents {
        // What is in it was told before.
        Contents::Other(_) | Contents::Unreadable(_) => return None,
        Contents::Absent | Contents::Empty => Some(no_data(basis, facts)),
        Contents::Cluster(version) => other_major(facts, version),
    };
    found
        .or_else(|| was_member(facts))
        .or_else(|| is_standby(facts))
        .or_else(|| no_answer(basis, facts))
        .or_else(|| unclean(facts))
        .or_else(|| minimal(facts))
        .or_else(|| facts.live().and_then(|live| followed(basis, live)))
        .or_else(|| other_data(facts))
}

/// Its data may be in another place, under another name, or of another major version.
fn no_data(basis: &Basis<'_>, facts: &HostFacts) -> Finding {
    let path = &facts.datadir.path;
    let evidence = format!("it is to be the seed, and {path} holds no data");
    let none = || {
        Remedy::from("take `cluster.seed` out of ")
            .and(Remedy::Inventory)
            .and(" for a cluster that begins empty, or name the node that has the data")
    };
    let Some(other) = facts.debian_clusters.iter().find(|cluster| cluster.datadir != *path) else {
        return refusal(evidence, none());
    };
    let (version, name) = (&other.version, &other.name);
    let evidence = format!("{evidence}; Debian's cluster {version}/{name} has its own in {}", other.datadir);
    let major = software::of(facts).ok().map(|software| software.postgresql.to_string());
    let next = match (basis.inventory.postgresql.version, major) {
        (_, Some(major)) if major != *version => {
            format!("sudo pg_upgradecluster -v {major} {version} {name}, then run this again")
        }
        _ if name != "main" => format!("sudo pg_renamecluster {version} {name} main, then run this again"),
        _ => format!(
            "sudo install -d -o postgres -g postgres {} && sudo pg_ctlcluster {version} {name} stop && sudo mv -T {} {path} && \
             sudo pg_conftool {version} {name} set data_directory {path} && sudo pg_ctlcluster {version} {name} start, then run \
             this again",
            path.trim_end_matches('/').rsplit_once('/').map_or("/", |(around, _)| around),
            shell_word(&other.datadir)
        ),
    };
    refusal(evidence, Remedy::on_host(next))
}

fn other_major(facts: &HostFacts, version: &str) -> Option<Finding> {
    let major = software::of(facts).ok()?.postgresql;
    let evidence = format!("its data are of PostgreSQL {version}, and this release has {major}");
    let next =
        Remedy::on_host(format!("sudo pg_upgradecluster -v {major} {version} main, then run this again"));
    (version != major.to_string()).then(|| refusal(evidence, next))
}

fn was_member(facts: &HostFacts) -> Option<Finding> {
    let evidence =
        "a Patroni has worked on its data, so it is no standalone server, and others may have more";
    let next = Remedy::galactl("recover", &[]).and(" finds out who has most, and starts from there");
    facts
        .datadir
        .patroni_dynamic
        .then(|| Finding::new(codes::DATA_WITHOUT_KEY, evidence, next))
        .filter(|_| !facts.patroni_runs())
}

fn is_standby(facts: &HostFacts) -> Option<Finding> {
    let datadir = &facts.datadir;
    let state = datadir.control.told().map(|control| &control.state);
    let stopped = matches!(state, Some(DataState::ShutDownInRecovery | DataState::InArchiveRecovery));
    let live = facts.live().is_some_and(|live| live.in_recovery);
    let evidence =
        match (datadir.backup_label, live || datadir.standby_signal || datadir.recovery_signal || stopped) {
            // Patroni starts its server as a standby first.
            _ if facts.patroni_runs() => return None,
            (_, true) => "it is a standby, and its primary may have more",
            (true, false) => "its data are a copy that was never started: backup_label is there",
            (false, false) => return None,
        };
    let next = Remedy::from("name its primary as the seed; or, if that is gone for good, ").and(
        Remedy::on_host(format!(
            "start it, then sudo -u postgres psql -p {} -c 'SELECT pg_promote()', then run this again",
            port(facts)
        )),
    );
    Some(refusal(evidence, next))
}

/// The port by Debian's word.
fn port(facts: &HostFacts) -> u16 {
    facts.debian_cluster().map_or(crate::patroni::model::POSTGRESQL_PORT, |cluster| cluster.port)
}

/// A server works on the data, and nobody answers at the inventory's port.
fn no_answer(basis: &Basis<'_>, facts: &HostFacts) -> Option<Finding> {
    let why = match &facts.server {
        _ if facts.patroni_runs() => return None,
        Answer::Told(_) => return None,
        Answer::Nobody(_) if !facts.server_runs() => return None,
        Answer::Nobody(why) | Answer::Unseen(why) => why,
    };
    let (own, wanted) = (port(facts), basis.inventory.postgresql.port);
    let next = match own == wanted {
        true => Remedy::on_host(
            "let the account postgres in over the socket (`local all postgres peer` in pg_hba.conf), and sudo systemctl reload postgresql",
        ),
        false => Remedy::from(format!("write `postgresql: {{port: {own}}}` in ")).and(Remedy::Inventory),
    };
    let evidence = format!("its server gives no answer at port {wanted}: {why}");
    Some(refusal(evidence, next.and(", then run this again")))
}

/// What lies behind the last checkpoint is read by the server itself, under its own settings.
fn unclean(facts: &HostFacts) -> Option<Finding> {
    let control = facts.datadir.control.told()?;
    if facts.server_runs() || facts.patroni_runs() || control.state == DataState::ShutDown {
        return None;
    }
    let start = match facts.debian_cluster() {
        Some(cluster) => format!("sudo pg_ctlcluster {} {} start", cluster.version, cluster.name),
        None => "start it".to_owned(),
    };
    let evidence =
        format!("its server did not stop in an orderly way: its data are in state \"{}\"", control.state);
    Some(refusal(
        evidence,
        Remedy::on_host(format!("{start}, which reads the rest of its WAL, then run this again")),
    ))
}

/// No standby follows WAL of this level, and PostgreSQL ends as soon as it is to do more with such data.
fn minimal(facts: &HostFacts) -> Option<Finding> {
    let control = facts.datadir.control.told().filter(|control| control.wal_level == "minimal")?;
    let evidence =
        format!("it works with wal_level = {}, whose WAL no standby can follow", control.wal_level);
    let next = match facts.debian_cluster() {
        Some(DebianCluster { version, name, .. }) => Remedy::on_host(format!(
            "sudo pg_conftool {version} {name} set wal_level replica && sudo pg_ctlcluster {version} {name} restart"
        )),
        None => Remedy::from("write wal_level = replica in its postgresql.conf, and restart it"),
    };
    let next = next
        .and(", then run this again; if ALTER SYSTEM has set it, ALTER SYSTEM RESET wal_level comes first");
    Some(refusal(evidence, next))
}

/// Patroni removes slots that it does not know, and the new primary begins a new timeline.
fn followed(basis: &Basis<'_>, live: &Live) -> Option<Finding> {
    let standbys: Vec<_> = live.standbys.iter().map(|it| it.application_name.as_str()).collect();
    if !standbys.is_empty() {
        let next = "stop those standbys or copies first; the cluster's other nodes copy the seed anew";
        return Some(refusal(format!("it sends its changes to {}", names(&standbys, "and")), next));
    }
    let slots: Vec<_> = live.slots.iter().map(|slot| slot.name.as_str()).collect();
    slots_refused(basis, &slots, true)
}

/// `runs`: its server can be asked now.
fn slots_refused(basis: &Basis<'_>, slots: &[&str], runs: bool) -> Option<Finding> {
    let drop = slots.iter().map(|slot| format!("SELECT pg_drop_replication_slot('{slot}');"));
    let drop = drop.collect::<Vec<_>>().join(" ");
    let evidence = format!(
        "it has the replication slots {}, which Patroni removes, with all that their readers have not read",
        names(slots, "and")
    );
    let first = if runs { "" } else { "start its server, then " };
    let next = Remedy::from(format!("if nobody needs them: {first}"))
        .and(Remedy::on_host(format!("{} -c \"{drop}\", then run this again", basis.psql())));
    (!slots.is_empty()).then(|| refusal(evidence, next))
}

/// Beside a seed, nobody else has data, and nothing of anybody's goes.
fn of_other(basis: &Basis<'_>, facts: &HostFacts) -> Option<Finding> {
    let seed = &basis.inventory.founder().name;
    if !facts.datadir.holds_cluster() {
        let next = "see whose it is: sudo systemctl status patroni postgresql; stop it if nobody needs it";
        let runs = facts.server_runs() || facts.patroni_runs();
        let evidence = "a PostgreSQL server or a Patroni runs here, and etcd has no key `initialize`";
        let foreign = || Finding::new(codes::FOREIGN, evidence, Remedy::on_host(next));
        return runs.then(foreign).or_else(|| other_data(facts));
    }
    let path = &facts.datadir.path;
    let own = facts.system_id();
    let same = own.is_some() && own == found(basis).map(|(_, _, id)| id);
    let what =
        if same { format!("a copy of {seed}'s data, such as a standby's") } else { "data of its own".into() };
    let evidence = format!("{path} holds {what}, and {seed} is the seed, whose data every other node copies");
    let away = match facts.debian_cluster() {
        Some(cluster) => format!("sudo pg_dropcluster --stop {} {}", cluster.version, cluster.name),
        None => format!("stop its server, and sudo mv {} {}", shell_word(path), shell_word(&kept_at(path))),
    };
    let next = Remedy::from("if nobody needs that data: ")
        .and(Remedy::on_host(format!("{away}, then run this again")))
        .and("; or name another seed");
    Some(refusal(evidence, next))
}

/// What stands against the seed by what its files say and what the other hosts lack.
pub fn refusals_of_files(basis: &Basis<'_>, node: &Node, seed: &SeedFacts) -> Vec<Finding> {
    let standalone = match &seed.standalone {
        Ok(standalone) => standalone,
        Err(why) => {
            return vec![
                refusal(format!("it did not tell what it has: {why}"), "run this again").on(&node.name),
            ];
        }
    };
    let slots: Vec<_> = standalone.slots.iter().map(String::as_str).collect();
    let mut refusals: Vec<_> = [
        too_small(basis, standalone),
        unread(basis, standalone),
        slots_refused(basis, &slots, standalone.inside.is_some()),
    ]
    .into_iter()
    .flatten()
    .map(|finding| finding.on(&node.name))
    .collect();
    refusals.extend(silent(basis, node, seed));
    for (other, beside) in &seed.beside {
        let places: Vec<_> =
            standalone.tablespaces.iter().filter(|it| !beside.ready_places.contains(*it)).collect();
        if !places.is_empty() {
            let words: Vec<_> = places.iter().map(|place| shell_word(place)).collect();
            let evidence = format!(
                "the seed has tablespaces in {}, and here is no empty folder for them",
                names(&places, "and")
            );
            let next = Remedy::on_host(format!(
                "sudo install -d -m 700 -o postgres -g postgres {}",
                words.join(" ")
            ));
            refusals.push(refusal(evidence, next.and(", then run this again")).on(other));
        }
        let unknown = locales::lacking(standalone, beside);
        if !unknown.is_empty() {
            let told: Vec<_> = unknown.iter().copied().collect();
            let evidence = format!(
                "the seed works with the locales {}, and this host has none such",
                names(&told, "and")
            );
            refusals.push(refusal(evidence, Remedy::on_host(locales::made(&unknown))).on(other));
        }
        let lacks: Vec<_> =
            preloaded(basis, other, standalone).filter(|library| !has_library(beside, library)).collect();
        if !lacks.is_empty() {
            let evidence = format!(
                "`shared_preload_libraries` has {}, and this host has no such library",
                names(&lacks, "and")
            );
            refusals.push(refusal(evidence, Remedy::on_host(library_comes(beside))).on(other));
        }
    }
    refusals
}

/// The other nodes that did not tell what they have beside the seed.
fn silent(basis: &Basis<'_>, node: &Node, seed: &SeedFacts) -> Vec<Finding> {
    let others = basis.nodes().map(|(other, _)| &other.name).filter(|other| **other != node.name);
    let silent = others.filter(|other| !seed.beside.contains_key(*other));
    let evidence = "it did not tell whether it has what it needs to follow the seed";
    silent.map(|other| refusal(evidence, "run this again").on(other)).collect()
}

/// Libraries for `shared_preload_libraries` in Debian's package postgresql-NN itself.
const OF_POSTGRESQL: [&str; 7] = [
    "auth_delay",
    "auto_explain",
    "basic_archive",
    "passwordcheck",
    "pg_prewarm",
    "pg_stat_statements",
    "sepgsql",
];

/// Where PostgreSQL is not installed yet, those of its own package come with it.
fn has_library(beside: &Beside, library: &String) -> bool {
    match beside.libraries.is_empty() {
        true => OF_POSTGRESQL.contains(&library.as_str()),
        false => beside.libraries.contains(library),
    }
}

/// What to do for a library. Where PostgreSQL comes with its package, it must not make a cluster of its own.
fn library_comes(beside: &Beside) -> &'static str {
    match beside.libraries.is_empty() {
        true => {
            "sudo install -d /etc/postgresql-common && echo create_main_cluster = false | sudo tee \
             /etc/postgresql-common/createcluster.conf, then install the package that has it, as on the seed, then run this again"
        }
        false => "install the package that has it, as on the seed, then run this again",
    }
}

/// The libraries that a node's server loads as it starts: those of the inventory, or of ALTER SYSTEM on the seed, whose word
/// goes to all nodes with the data and counts more.
fn preloaded(
    basis: &Basis<'_>,
    node: &crate::kernel::model::NodeName,
    standalone: &Standalone,
) -> impl Iterator<Item = String> {
    let settings = basis.inventory.node(node).map(|node| &node.settings);
    let name = "shared_preload_libraries";
    let written = settings.and_then(|all| all.get(name)).cloned().unwrap_or_default();
    let altered = standalone.value(name).filter(|_| standalone.altered.contains(name));
    let written = altered.map_or(written, str::to_owned);
    let plain = |word: &str| {
        word.trim().trim_matches('"').trim_start_matches("$libdir/").trim_end_matches(".so").to_owned()
    };
    written.split(',').map(plain).filter(|word| !word.is_empty()).collect::<Vec<_>>().into_iter()
}

/// What was not read may be more than the cluster gets, and a standby would not start.
fn unread(basis: &Basis<'_>, standalone: &Standalone) -> Option<Finding> {
    let is_told = |name: &str| standalone.value(name).is_some_and(|value| value.parse::<u32>().is_ok());
    let unread = GREAT_ON_STANDBYS
        .into_iter()
        .filter(|name| !is_told(name) && !basis.inventory.postgresql.shared.contains_key(*name));
    let unread: Vec<_> = unread.collect();
    let why = standalone.unread.as_ref().map_or_else(String::new, |why| format!(": {}", visible(why)));
    let evidence = format!("it did not tell what it has of {}{why}", names(&unread, "and"));
    let next =
        Remedy::from("run this again; if it stays so, write them under `postgresql: {settings: …}` in ")
            .and(Remedy::Inventory)
            .and(", no less than the server has, as SHOW tells in psql");
    (!unread.is_empty()).then(|| refusal(evidence, next))
}

/// PostgreSQL refuses to follow WAL that was written with more of these, and its clients may need them.
fn too_small(basis: &Basis<'_>, standalone: &Standalone) -> Option<Finding> {
    let shared = &basis.inventory.postgresql.shared;
    let small = GREAT_ON_STANDBYS.into_iter().filter_map(|name| {
        let own: u32 = standalone.value(name)?.parse().ok()?;
        let wanted = shared.get(name).and_then(|value| value.parse().ok()).or_else(|| usual(name))?;
        (wanted < own).then_some((name, own, wanted))
    });
    let small: Vec<_> = small.collect();
    let told: Vec<_> =
        small.iter().map(|(name, own, wanted)| format!("{name} {own} instead of {wanted}")).collect();
    let write: Vec<_> = small.iter().map(|(name, own, _)| format!("{name}: {own}")).collect();
    let next = Remedy::from(format!("write `postgresql: {{settings: {{{}}}}}` in ", write.join(", ")))
        .and(Remedy::Inventory)
        .and(", or more, then run this again; it can be made less once the cluster stands");
    let evidence = format!("it works with more than the inventory gives the cluster: {}", told.join(", "));
    (!small.is_empty()).then(|| refusal(evidence, next))
}
