//! Whether the mesh has been born, and what each node is to it.

use std::collections::BTreeSet;

use super::{Basis, codes};
use crate::kernel::facts::Answer;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::bytes;
use crate::mesh::facts::HostFacts;
use crate::mesh::inventory::Node;
use crate::mesh::model::{Cluster, DatabaseName, Method};

/// What a node is to the mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is one of its nodes.
    Member,
    /// Nobody's data are on it, or what a join that was cut off has copied.
    Free,
    /// It has data, and is no member.
    HasData,
}

/// A server that is new has about 40 MB, and WAL comes to it.
const LEAST_ROOM: u64 = 1 << 30;

/// What this node is to the mesh, as far as one look tells. What gives no answer counts as data.
pub fn place(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Place {
    if basis.is_member(node, facts) {
        return Place::Member;
    }
    // Only this node's own join may be begun again.
    let own_join = facts.datadir.joining.as_deref() == Some(node.name.as_str());
    // What a standby has is its primary's, and it may be promoted.
    let is_standby = facts.live().is_some_and(|live| live.in_recovery);
    let is_free = facts.datadir.is_blank() && !is_standby || own_join && facts.datadir.unseen.is_none();
    if is_free { Place::Free } else { Place::HasData }
}

/// A refusal for each node whose databases belong to somebody else.
pub fn foreign(basis: &Basis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (node, facts) in basis.nodes().filter(|(_, facts)| facts.datadir.joining.is_none()) {
        for database in &basis.inventory.databases {
            let Some(told) = facts.databases.get(&database.name) else { continue };
            if let Answer::Unseen(why) = told {
                let next = Remedy::on_host(format!(
                    "see that `sudo -u postgres psql -d {}` works, then run this again",
                    database.name
                ));
                found.push(
                    Finding::new(codes::DATA_UNKNOWN, format!("database {}: {why}", database.name), next)
                        .on(&node.name),
                );
            }
            let Some(told) = told.told() else { continue };
            let mesh = basis.inventory.cluster.as_str();
            if let Some(other) = told.members.iter().flatten().find(|member| member.mesh != mesh) {
                let evidence = format!("database {} belongs to mesh `{}`", database.name, other.mesh);
                let next = Remedy::from("correct `cluster.name`, or the address of this node, in ")
                    .and(Remedy::Inventory);
                found.push(Finding::new(codes::OTHER_MESH, evidence, next).on(&node.name));
                continue;
            }
            found.extend(others_replication(basis, node, facts, database.name.as_str()));
        }
    }
    found
}

/// A refusal for each member that the inventory does not list. Nobody that joins would read its changes.
pub fn strangers(basis: &Basis<'_>) -> Vec<Finding> {
    let mesh = basis.inventory.cluster.as_str();
    let mut names = BTreeSet::new();
    for (_, facts) in basis.entered() {
        let told = basis.databases().into_iter().filter_map(|name| facts.database(name));
        let rows = told.flat_map(|it| it.members.iter().flatten());
        names.extend(rows.filter(|row| row.mesh == mesh).map(|row| row.name.clone()));
    }
    let listed = |name: &String| basis.inventory.nodes.iter().any(|node| node.name.as_str() == name);
    let strangers = names.into_iter().filter(|name| !listed(name));
    strangers
        .map(|name| {
            let evidence = format!("{name} is a member of the mesh, and the inventory does not list it");
            let next = Remedy::from("put it back into ")
                .and(Remedy::Inventory)
                .and("; if it is to leave, then: ")
                .and(Remedy::galactl("remove-node", &[&name]));
            Finding::new(codes::STRANGER, evidence, next)
        })
        .collect()
}

/// Nodes that were removed while they were out of reach, and have come back.
pub fn forgotten(basis: &Basis<'_>) -> Vec<Finding> {
    let found = basis.entered().into_iter().filter(|(node, _)| basis.is_forgotten(node));
    found
        .map(|(node, _)| {
            let name = node.name.as_str();
            let evidence = "it takes itself for a member, and the others have removed it";
            let next = Remedy::galactl("remove-node", &[name])
                .and(" makes it a server of its own, with its data; ")
                .and(Remedy::galactl("add-node", &[name]))
                .and(" says then how it comes back");
            Finding::new(codes::FORGOTTEN, evidence, next).on(&node.name)
        })
        .collect()
}

/// A refusal for each database that only comes to a mesh of several nodes now.
pub fn new_databases(basis: &Basis<'_>) -> Vec<Finding> {
    let entered = basis.entered();
    if entered.len() < 2 {
        return Vec::new();
    }
    let mesh = basis.inventory.cluster.as_str();
    let is_new = |name: &&DatabaseName| {
        entered.iter().all(|(node, facts)| !facts.is_member(&node.name, mesh, &[*name]))
    };
    let others: Vec<_> = entered[1..].iter().map(|(node, _)| node.name.as_str()).collect();
    let finding = |name: &DatabaseName| {
        let evidence = format!("database {name} is no part of the mesh of {} nodes", entered.len());
        let next = Remedy::from("take it out of ")
            .and(Remedy::Inventory)
            .and("; or let the other nodes leave and come again: ")
            .and(Remedy::galactl("remove-node", &others))
            .and(", then ")
            .and(Remedy::galactl("bootstrap", &[]));
        Finding::new(codes::NEW_DATABASE, evidence, next)
    };
    basis.databases().into_iter().filter(is_new).map(finding).collect()
}

/// A refusal for each member, by the word of the others, whose host has no data any more.
pub fn lost(basis: &Basis<'_>) -> Vec<Finding> {
    basis
        .nodes()
        .filter(|(node, facts)| is_lost(basis, node, facts))
        .map(|(node, _)| member_lost(node))
        .collect()
}

/// A join that was cut off in its last step is none of these: it is begun again.
pub fn is_lost(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> bool {
    facts.datadir.joining.is_none()
        && place(basis, node, facts) == Place::Free
        && basis.told_members().contains_key(node.name.as_str())
}

fn member_lost(node: &Node) -> Finding {
    let name = node.name.as_str();
    let next = Remedy::galactl("remove-node", &[name, "--unseen", name])
        .and(", then ")
        .and(Remedy::galactl("add-node", &[name]));
    let evidence = "the others know it as a member, and its data are gone";
    Finding::new(codes::MEMBER_LOST, evidence, next).on(&node.name)
}

/// Replication in a database that is no member's.
fn others_replication(basis: &Basis<'_>, node: &Node, facts: &HostFacts, database: &str) -> Option<Finding> {
    let told = facts.databases.iter().find(|(name, _)| name.as_str() == database)?.1.told()?;
    if told.member(&node.name).is_some() {
        return None;
    }
    let mut there: Vec<String> = told.publications.iter().map(|name| format!("publication {name}")).collect();
    there.extend(told.subscriptions.iter().map(|it| format!("subscription {}", it.name)));
    there.extend(told.pglogical_node.iter().map(|name| format!("pglogical's node {name}")));
    let evidence = format!("database {database} has replication of its own: {}", there.join(", "));
    let next = Remedy::on_host(format!(
        "if nobody needs it, drop it (sudo -u postgres psql -d {database}: DROP PUBLICATION …, DROP SUBSCRIPTION …{}), then run this again",
        if basis.inventory.method == Method::Pglogical { ", SELECT pglogical.drop_node(…)" } else { "" }
    ));
    (!there.is_empty()).then(|| Finding::new(codes::FOREIGN, evidence, next).on(&node.name))
}

/// What stands against a birth from the seed: it may be a server with data that runs, or a blank host.
pub fn seed(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Vec<Finding> {
    let blank = place(basis, node, facts) == Place::Free;
    let major = facts.major().map(Cluster).ok();
    let mut found = Vec::new();
    match &facts.server {
        Answer::Told(live) if live.in_recovery => {
            let next = Remedy::from("name its primary as `cluster.seed` in ").and(Remedy::Inventory);
            found.push(Finding::new(codes::SEED, "its server is a standby", next));
        }
        Answer::Told(live) if live.prepared > 0 => {
            let evidence = format!("{} prepared transactions are open", live.prepared);
            let next = Remedy::on_host(
                "sudo -u postgres psql -c 'SELECT gid, database FROM pg_prepared_xacts', then COMMIT PREPARED or ROLLBACK PREPARED each",
            );
            found.push(Finding::new(codes::SEED, evidence, next));
        }
        Answer::Told(_) => {}
        Answer::Nobody(_) | Answer::Unseen(_) if blank => {}
        Answer::Nobody(why) | Answer::Unseen(why) => {
            let unit = major.map(Cluster::unit).unwrap_or_default();
            let next = Remedy::on_host(format!("sudo systemctl start {unit}, then run this again"));
            found.push(Finding::new(
                codes::SEED,
                format!("it has data, and its server gives no answer: {why}"),
                next,
            ));
        }
    }
    if let Some(joiner) = &facts.datadir.joining {
        let version = facts.major().map(|major| major.to_string()).unwrap_or_default();
        let evidence =
            format!("a join of {joiner} was cut off on it, so it has a part of another node's data");
        let next = Remedy::from("name the node that was copied as `cluster.seed` in ").and(Remedy::Inventory).and(
            format!(
                "; or, to begin with nothing: sudo pg_dropcluster --stop {version} main && sudo pg_createcluster {version} main"
            ),
        );
        found.push(Finding::new(codes::SEED, evidence, next));
    }
    found.extend(libraries(basis, node, facts));
    if facts.datadir.tablespaces > 0 {
        let evidence = format!(
            "{} tablespaces lie outside of its data directory, and a copy of it would miss them",
            facts.datadir.tablespaces
        );
        let next = Remedy::on_host(
            "move their tables: ALTER TABLE … SET TABLESPACE pg_default, then DROP TABLESPACE …",
        );
        found.push(Finding::new(codes::SEED, evidence, next));
    }
    found.into_iter().map(|finding| finding.on(&node.name)).collect()
}

/// Libraries that the seed's server has loaded, and would lose at its restart.
fn libraries(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Option<Finding> {
    let loaded = facts.live()?.settings.get("shared_preload_libraries")?;
    let wanted = node.settings.get("shared_preload_libraries").map(String::as_str).unwrap_or_default();
    if wanted.is_empty() && basis.inventory.method != Method::Pglogical {
        return None;
    }
    let of = |text: &str| -> BTreeSet<String> {
        let names = text.split(',').map(|name| name.trim().trim_matches('"').to_owned());
        names.filter(|name| !name.is_empty()).collect()
    };
    let mut kept = of(wanted);
    if basis.inventory.method == Method::Pglogical {
        kept.insert("pglogical".to_owned());
    }
    let lost: Vec<_> = of(loaded).into_iter().filter(|name| !kept.contains(name)).collect();
    let evidence = format!(
        "its server has loaded {}, which a restart with the mesh's settings would end",
        lost.join(", ")
    );
    let all = of(wanted).into_iter().chain(lost.iter().cloned()).collect::<Vec<_>>().join(", ");
    let next =
        Remedy::from(format!("write `postgresql: {{settings: {{shared_preload_libraries: '{all}'}}}}` in "))
            .and(Remedy::Inventory)
            .and(", and see that all hosts have their packages");
    (!lost.is_empty()).then(|| Finding::new(codes::SEED, evidence, next))
}

/// What stands against a join of this node, which gets the data of `source`.
pub fn joiner(basis: &Basis<'_>, node: &Node, facts: &HostFacts, source: &HostFacts) -> Vec<Finding> {
    let mut found = Vec::new();
    if place(basis, node, facts) == Place::HasData {
        found.push(has_data(basis, node, facts));
    }
    let data = source.live().map_or(0, |live| live.databases.values().copied().fold(0, u64::saturating_add));
    let needed = LEAST_ROOM.saturating_add(data);
    if facts.datadir.free < needed {
        let evidence =
            format!("it is to get {}, and its disk has {} left", bytes(needed), bytes(facts.datadir.free));
        let next = Remedy::on_host("make the disk of /var/lib/postgresql larger, then run this again");
        found.push(Finding::new(codes::DISK, evidence, next));
    }
    found.into_iter().map(|finding| finding.on(&node.name)).collect()
}

/// Why the mesh is not whole without this node, which is no member as far as one look tells.
pub fn outside(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Finding {
    if place(basis, node, facts) == Place::HasData {
        return has_data(basis, node, facts).on(&node.name);
    }
    let next =
        Remedy::galactl("add-node", &[node.name.as_str()]).and("; or take it out of ").and(Remedy::Inventory);
    Finding::new(codes::NOT_MEMBER, "it is no member of the mesh", next).on(&node.name)
}

/// Only a server that answers, and is no member, is somebody else's.
fn has_data(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Finding {
    let version = facts.major().map(|major| major.to_string()).unwrap_or_default();
    // The server of a copy that is no node yet would read changes in the name of the one that was copied.
    if facts.live().is_none() && facts.datadir.joining.is_none() {
        let next = Remedy::on_host(format!("sudo systemctl start postgresql@{version}-main"))
            .and(", then run this again, which tells what its data are");
        return Finding::new(
            codes::NOT_RUNNING,
            "it has data of users, and its server gives no answer",
            next,
        );
    }
    if basis.entered().iter().any(|(entered, _)| entered.name == node.name) {
        let name = node.name.as_str();
        let next =
            Remedy::galactl("remove-node", &[name]).and(", then ").and(Remedy::galactl("add-node", &[name]));
        return Finding::new(codes::NEW_DATABASE, "it is a member in some of the databases only", next);
    }
    if basis.told_members().contains_key(node.name.as_str()) {
        return member_lost(node);
    }
    let databases =
        facts.live().map(|live| live.databases.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let evidence = match (databases.as_slice(), facts.live().is_some_and(|live| live.in_recovery)) {
        (_, true) => "its server is a standby of another one".to_owned(),
        (..) if facts.datadir.joining.is_some() => "a join of another node was cut off on it".to_owned(),
        ([], false) => "its data directory holds data of users".to_owned(),
        (names, false) => format!("it has databases of its own: {}", names.join(", ")),
    };
    let next = Remedy::on_host(format!(
        "if nobody needs them: sudo pg_dropcluster --stop {version} main && sudo pg_createcluster {version} main, then run this again"
    ));
    Finding::new(codes::OTHER_DATA, evidence, next)
}
