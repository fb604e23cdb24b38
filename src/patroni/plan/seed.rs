//! A standalone PostgreSQL becomes the cluster's first server: what is done to it, and what that means.

use std::collections::BTreeMap;

use super::no_plan::refuse;
use super::stages::PATIENCE_SECONDS;
use super::{NoPlan, PatroniAction, Plan, Step};
use crate::kernel::inventory::secret_lines::{names_secret, tells_secret};
use crate::kernel::inventory::text::visible;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{bytes, count, names};
use crate::kernel::plan::Width;
use crate::patroni::config::DynamicConfig;
use crate::patroni::facts::{HostFacts, SeedFacts, Setting, Standalone, SystemId};
use crate::patroni::inventory::settings::{is_managed, is_shared};
use crate::patroni::inventory::{Node, SyncMode};
use crate::patroni::judge::{Basis, room, seed};

/// Settings that initdb writes into a new cluster by the host's language and clock. They stay as the old server had them,
/// because queries answer by them; all others are the inventory's.
const OF_INITDB: [&str; 8] = [
    "datestyle",
    "default_text_search_config",
    "lc_messages",
    "lc_monetary",
    "lc_numeric",
    "lc_time",
    "log_timezone",
    "timezone",
];
/// Patroni gives these on the command line of its server, or takes them out of what ALTER SYSTEM has set.
const OF_PATRONI: [&str; 8] = [
    "cluster_name",
    "hot_standby",
    "listen_addresses",
    "port",
    "primary_conninfo",
    "primary_slot_name",
    "restore_command",
    "wal_log_hints",
];
/// Of a long list, so many are told.
const MOST_TOLD: usize = 40;

/// The steps that make the seed the primary, and what they mean.
pub struct Taken {
    pub steps: Vec<Step>,
    pub consequences: Vec<String>,
    pub warnings: Vec<String>,
}

/// Plans it. Errors: what stands against it, or that the seed was not asked yet.
pub fn taken(basis: &Basis<'_>, name: &NodeName, id: &SystemId) -> Result<Taken, NoPlan> {
    let Some((node, facts, _)) = seed::found(basis) else { return Err(NoPlan::Refused(Vec::new())) };
    let Some(told) = &basis.observation.seed else { return Err(NoPlan::SeedWanted(name.clone())) };
    refuse(seed::refusals_of_files(basis, node, told))?;
    let Ok(standalone) = &told.standalone else { return Err(NoPlan::Refused(Vec::new())) };
    Ok(Taken {
        steps: steps(basis, node, facts, id, standalone),
        consequences: consequences(basis, node, facts, standalone),
        warnings: warnings(basis, node, facts, told, standalone),
    })
}

fn steps(
    basis: &Basis<'_>,
    node: &Node,
    facts: &HostFacts,
    id: &SystemId,
    standalone: &Standalone,
) -> Vec<Step> {
    let take_over = PatroniAction::TakeOver {
        datadir: facts.datadir.path.clone(),
        system_id: id.clone(),
        cluster: facts.debian_cluster().map(|cluster| cluster.name.clone()),
        settings: kept(standalone),
        tablespaces: standalone.tablespaces.clone(),
    };
    let found = PatroniAction::FoundFrom { system_id: id.clone(), patience_seconds: PATIENCE_SECONDS };
    let wanted = DynamicConfig::of(basis.inventory).synchronous();
    vec![
        Step::new(node, take_over, "nothing but Patroni may start a server on its data"),
        Step::new(node, found, "it is the seed: its data become the cluster's"),
        Step::new(
            node,
            PatroniAction::Synchronous { wanted },
            "whether a commit waits for a standby depends on it",
        ),
        accounts_step(node),
    ]
}

fn accounts_step(node: &Node) -> Step {
    Step::new(node, PatroniAction::Accounts, "a standalone server does not have Patroni's accounts")
}

/// The accounts once more, where only the primary has data and its data were a standalone server's: a run may have been cut
/// off before it made them.
pub fn accounts(basis: &Basis<'_>, plan: &mut Plan, leader: &NodeName) {
    let is_seed = basis.inventory.seed.as_ref() == Some(leader);
    let mut others = basis.nodes().filter(|(node, _)| node.name != *leader);
    let alone =
        others.all(|(_, facts)| facts.datadir.is_blank() || facts.patroni_runs() && facts.live().is_none());
    if let Some(node) =
        basis.inventory.node(leader).filter(|_| is_seed && alone && basis.inventory.nodes.len() > 1)
    {
        plan.stage("Accounts", Width::Serial, vec![accounts_step(node)]);
    }
}

/// The settings of initdb, as the server had them.
fn kept(standalone: &Standalone) -> BTreeMap<String, String> {
    let own = |name: &&str| Some(((*name).to_owned(), standalone.value(name)?.to_owned()));
    OF_INITDB.iter().filter_map(own).filter(|(_, value)| !value.is_empty()).collect()
}

fn consequences(basis: &Basis<'_>, node: &Node, facts: &HostFacts, standalone: &Standalone) -> Vec<String> {
    let name = &node.name;
    let others: Vec<_> =
        basis.inventory.nodes.iter().map(|it| it.name.as_str()).filter(|it| *it != name.as_str()).collect();
    let stops = match facts.live() {
        Some(live) => format!(
            "{name}: its server stops and starts again under Patroni: applications are cut off for some seconds, {} now",
            count(usize::try_from(live.clients).unwrap_or(usize::MAX), "connection")
        ),
        None => format!("{name}: its server is stopped, and Patroni starts it"),
    };
    let mut told = vec![format!("{name} keeps its data, which become the cluster's: {}", data(facts)), stops];
    if !others.is_empty() {
        told.push(format!("{} copy them; they have no data", names(&others, "and")));
        told.extend(writes_stop(basis, facts));
    }
    if let Some(cluster) = facts.debian_cluster() {
        told.push(format!(
            "{name}: Debian's cluster {}/{} is disabled, and its files in /etc/postgresql do not count any more",
            cluster.version, cluster.name
        ));
    }
    told.push(format!(
        "{name}: the password of postgres becomes the inventory's{}",
        taken_accounts(standalone)
    ));
    told
}

fn taken_accounts(standalone: &Standalone) -> String {
    let taken = standalone.inside.as_ref().map(|inside| inside.taken_accounts.as_slice()).unwrap_or_default();
    match taken {
        [] => String::new(),
        taken => format!(", and so do those of {}, which are there already", names(taken, "and")),
    }
}

/// In mode `strict` the primary waits for a standby from its first commit on, and there is none before the copy.
fn writes_stop(basis: &Basis<'_>, facts: &HostFacts) -> Option<String> {
    let size = room::size(facts).map_or_else(|| "all data".to_owned(), bytes);
    (basis.inventory.synchronous.mode == SyncMode::Strict).then(|| {
        format!(
            "NO COMMIT IS ACKNOWLEDGED until the first standby has copied {size}: \
             `synchronous.mode` is `strict`, and there is no standby before. With `mode: on`, writes go on meanwhile"
        )
    })
}

/// Version, identity, size and databases.
fn data(facts: &HostFacts) -> String {
    let version = match facts.live() {
        Some(live) => format!("PostgreSQL {}", live.version.split(' ').next().unwrap_or_default()),
        None => format!("PostgreSQL {}", facts.datadir.version().unwrap_or_default()),
    };
    let id = facts.system_id().map_or_else(String::new, |id| format!(" of system {id}"));
    let size = room::size(facts).map_or_else(String::new, |size| format!(", {}", bytes(size)));
    let databases = match facts.live().and_then(|live| live.databases.as_ref()) {
        None => "its databases are not told".to_owned(),
        Some(all) if all.is_empty() => "no database but `postgres`".to_owned(),
        Some(all) => {
            let all: Vec<_> =
                all.iter().map(|it| format!("{} ({})", visible(&it.name), bytes(it.bytes))).collect();
            format!("databases {}", listed(&all))
        }
    };
    format!("{version}{id}{size}; {databases}")
}

fn listed(all: &[String]) -> String {
    let more = all.len().saturating_sub(MOST_TOLD);
    let shown = all.iter().take(MOST_TOLD).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown}, and {more} more") }
}

/// What of the old server does not hold any more, and what its data lack.
fn warnings(
    basis: &Basis<'_>,
    node: &Node,
    facts: &HostFacts,
    seed: &SeedFacts,
    standalone: &Standalone,
) -> Vec<String> {
    let mut told: Vec<_> = [unread(standalone), lost_settings(node, standalone, basis), altered(standalone)]
        .into_iter()
        .flatten()
        .collect();
    told.extend(access(basis, standalone));
    told.extend(md5(standalone));
    if room::size(facts).is_none() {
        told.push(
            "how large its data are was not counted in time, so nobody has seen that the other nodes have room for them: \
             compare sudo du -sh of its data with df -h there"
                .into(),
        );
    }
    if facts.datadir.control.told().is_some_and(|control| !control.checksums) {
        told.push(
            "its data have no checksums: wal_log_hints, which is on, lets pg_rewind work all the same; they can be made later, \
             with all servers stopped, which takes as long as all data are read and written"
                .into(),
        );
    }
    let mut told: Vec<_> = told.into_iter().map(|text| format!("{}: {text}", node.name)).collect();
    told.extend(lacking(seed, standalone));
    told
}

fn unread(standalone: &Standalone) -> Option<String> {
    let why = standalone.unread.as_ref()?;
    Some(format!(
        "its settings were not read ({}); only those of the inventory hold afterwards",
        visible(why)
    ))
}

/// Settings of its files that the inventory does not have.
fn lost_settings(node: &Node, standalone: &Standalone, basis: &Basis<'_>) -> Option<String> {
    let own = &node.settings;
    let shared = &basis.inventory.postgresql.shared;
    let is_lost = |it: &&Setting| {
        let stays = OF_INITDB.contains(&it.name.as_str())
            || standalone.altered.contains(&it.name) && !is_shared(&it.name);
        let named = own.contains_key(&it.name) || shared.contains_key(&it.name);
        it.value != it.without && !stays && !named && !is_managed(&it.name)
    };
    let lost: Vec<_> = standalone.settings.iter().filter(is_lost).map(shown).collect();
    (!lost.is_empty()).then(|| {
        format!(
            "these settings of its files do not hold any more, unless you write them under `postgresql: {{settings: …}}`: {}",
            listed(&lost)
        )
    })
}

/// A value may hold a password, as that of a command does.
fn shown(setting: &Setting) -> String {
    let Setting { name, value, .. } = setting;
    match names_secret(name) || tells_secret(value) || value.contains("://") {
        true => format!("{name} (not shown)"),
        false => format!("{name} = {}", visible(value)),
    }
}

/// ALTER SYSTEM writes into the data directory, and its word counts more than Patroni's file.
fn altered(standalone: &Standalone) -> Option<String> {
    let stays = |name: &&String| !is_shared(name) && !OF_PATRONI.contains(&name.as_str());
    let all: Vec<_> = standalone.altered.iter().filter(stays).cloned().collect();
    (!all.is_empty()).then(|| {
        format!(
            "ALTER SYSTEM has set {}: that stays, on all nodes, and counts more than the inventory; ALTER SYSTEM RESET ends it",
            listed(&all)
        )
    })
}

/// The lines of its pg_hba.conf that let somebody in from elsewhere.
fn access(basis: &Basis<'_>, standalone: &Standalone) -> Option<String> {
    let local = |line: &&String| {
        let words: Vec<_> = line.split(' ').collect();
        words[0] == "local"
            || words.get(3).is_some_and(|it| ["127.0.0.1/32", "::1/128", "localhost"].contains(it))
    };
    let remote: Vec<_> =
        standalone.access.iter().filter(|line| !local(line)).map(|line| shown_line(line)).collect();
    let may: Vec<_> = basis.inventory.clients.iter().map(ToString::to_string).collect();
    let may = match may.as_slice() {
        [] => "afterwards nobody may connect but the nodes and, over the socket, postgres: write under `clients` from where \
               applications come"
            .to_owned(),
        may => format!(
            "afterwards applications may connect from {} alone, as `clients` says, with a password (SCRAM); over the socket, \
             only postgres may",
            names(may, "and")
        ),
    };
    let before = match remote.as_slice() {
        [] => String::new(),
        remote => format!("; these lines of its pg_hba.conf do not count any more: {}", listed(remote)),
    };
    Some(format!("{may}{before}"))
}

/// A line of pg_hba.conf. Of one whose options may hold a password, as those of LDAP and RADIUS do, only what is before them.
fn shown_line(line: &str) -> String {
    let tells = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.contains('=')
            && (names_secret(&word) || ["passwd=", "secrets="].iter().any(|it| word.contains(it)))
    };
    if !tells_secret(line) && !line.split(' ').any(tells) && !line.contains("://") {
        return visible(line).into_owned();
    }
    let shown: Vec<_> = line.split(' ').take(6).take_while(|word| !word.contains('=')).collect();
    format!("{} (options not shown)", visible(&shown.join(" ")))
}

fn md5(standalone: &Standalone) -> Option<String> {
    let accounts =
        standalone.inside.as_ref().map(|inside| inside.md5_accounts.as_slice()).unwrap_or_default();
    (!accounts.is_empty()).then(|| {
        format!(
            "the passwords of {} are kept as MD5, and SCRAM is asked for afterwards: set them again before (\\password in psql)",
            listed(&accounts.iter().map(|it| visible(it).into_owned()).collect::<Vec<_>>())
        )
    })
}

/// Extensions that other hosts do not have: queries that use them fail there.
fn lacking(seed: &SeedFacts, standalone: &Standalone) -> Vec<String> {
    let Some(inside) = &standalone.inside else { return Vec::new() };
    let each = seed.beside.iter().filter_map(|(node, beside)| {
        let lacks: Vec<_> = inside.extensions.iter().filter(|it| !beside.extensions.contains(*it)).cloned().collect();
        match (beside.extensions.is_empty(), lacks.as_slice()) {
            (_, []) => None,
            (true, _) => Some(format!(
                "{node}: PostgreSQL is not installed yet; besides its own package, it needs whatever has {} on the seed",
                listed(&lacks)
            )),
            (false, lacks) => Some(format!(
                "{node}: it lacks the extensions {}: queries that use them fail there, and all do after a failover to it; install their packages",
                listed(lacks)
            )),
        }
    });
    each.collect()
}
