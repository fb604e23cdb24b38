//! Whether the data of a standalone PostgreSQL can become the cluster's.
//!
//! The user names the seed in the inventory. Everything else is checked here: that it is no standby, has stopped in an
//! orderly way or runs, and that the other hosts are empty and can follow it.

use super::other_data::other_data;
use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy, shell_word};
use crate::kernel::model::words::names;
use crate::patroni::facts::{Answer, Contents, DataState, HostFacts, Live, SeedFacts, Standalone, SystemId};
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
            "sudo pg_ctlcluster {version} {name} stop && sudo mv {} {path} && sudo pg_conftool {version} {name} set data_directory {path} \
             && sudo pg_ctlcluster {version} {name} start, then run this again",
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

/// Patroni removes slots that it does not know, and the new primary begins a new timeline.
fn followed(basis: &Basis<'_>, live: &Live) -> Option<Finding> {
    let standbys: Vec<_> = live.standbys.iter().map(|it| it.application_name.as_str()).collect();
    if !standbys.is_empty() {
        let next = "stop those standbys or copies first; the cluster's other nodes copy the seed anew";
        return Some(refusal(format!("it sends its changes to {}", names(&standbys, "and")), next));
    }
    let slots: Vec<_> = live.slots.iter().map(|slot| slot.name.as_str()).collect();
    slots_refused(basis, &slots)
}

fn slots_refused(basis: &Basis<'_>, slots: &[&str]) -> Option<Finding> {
    let drop = slots.iter().map(|slot| format!("SELECT pg_drop_replication_slot('{slot}');"));
    let drop = drop.collect::<Vec<_>>().join(" ");
    let evidence = format!(
        "it has the replication slots {}, which Patroni removes, with all that their readers have not read",
        names(slots, "and")
    );
    let next = Remedy::from("if nobody needs them: ")
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
        None => format!("stop its server, and sudo mv {path} {path}.aside"),
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
    let mut refusals: Vec<_> = [too_small(basis, standalone), slots_refused(basis, &slots)]
        .into_iter()
        .flatten()
        .map(|finding| finding.on(&node.name))
        .collect();
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
        // Where PostgreSQL is not installed yet, that comes with its packages, and the plan says so.
        let lacks: Vec<_> =
            preloaded(basis, other).filter(|library| !beside.libraries.contains(library)).collect();
        if !lacks.is_empty() && !beside.libraries.is_empty() {
            let evidence = format!(
                "`shared_preload_libraries` has {}, and this host has no such library",
                names(&lacks, "and")
            );
            let next =
                Remedy::on_host("install the package that has it, as on the seed, then run this again");
            refusals.push(refusal(evidence, next).on(other));
        }
    }
    refusals
}

/// The libraries that the inventory lets a node's server load as it starts.
fn preloaded(basis: &Basis<'_>, node: &crate::kernel::model::NodeName) -> impl Iterator<Item = String> {
    let settings = basis.inventory.node(node).map(|node| &node.settings);
    let written = settings.and_then(|all| all.get("shared_preload_libraries")).cloned().unwrap_or_default();
    let plain = |word: &str| {
        word.trim().trim_matches('"').trim_start_matches("$libdir/").trim_end_matches(".so").to_owned()
    };
    written.split(',').map(plain).filter(|word| !word.is_empty()).collect::<Vec<_>>().into_iter()
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
