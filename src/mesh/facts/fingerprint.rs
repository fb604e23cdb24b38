//! The facts of a host that decide what a plan does there.

use super::{Database, HostFacts};
use crate::kernel::facts::{Answer, ConfigFile, Facts, Fingerprint, list};

/// `role`: what the node is to its host. Positions in the WAL, the clock and sizes move by themselves, and are not in it.
pub fn fingerprint(role: &str, facts: &HostFacts) -> Fingerprint {
    let installed = facts.packages.iter().filter_map(|(name, it)| Some((name, it.installed.as_ref()?)));
    let mut own: Facts = vec![
        ("packages", list(installed, |(name, version)| format!("{name} {version}"))),
        ("unit", facts.unit.in_words()),
        (
            "clusters",
            list(facts.clusters.iter().filter_map(|line| line.split_once("  ")), |(name, _)| name.to_owned()),
        ),
        ("data directory", datadir(facts)),
        ("server", server(facts)),
        ("settings", file(facts.settings.as_ref())),
        ("included", facts.included.to_string()),
        ("access", list(&facts.access, Clone::clone)),
        ("password file", file(facts.password.as_ref())),
    ];
    own.extend(databases(facts));
    Fingerprint::of(facts.machine.fingerprint(), role, own)
}

fn file(file: Option<&ConfigFile>) -> String {
    file.map_or_else(|| "absent".into(), ConfigFile::in_words)
}

fn datadir(facts: &HostFacts) -> String {
    let it = &facts.datadir;
    if let Some(why) = &it.unseen {
        return why.clone();
    }
    let joining = it.joining.as_ref().map_or_else(String::new, |node| format!(", {node} joins"));
    match (it.exists, it.is_blank()) {
        (false, _) => "absent".into(),
        (true, true) => format!("blank{joining}"),
        (true, false) => format!("has data{joining}"),
    }
}

fn server(facts: &HostFacts) -> String {
    match &facts.server {
        Answer::Told(live) => {
            let databases = list(live.databases.keys(), Clone::clone);
            format!("{} of system {}, databases {databases}", live.version, live.system_id)
        }
        Answer::Nobody(_) => "none".into(),
        Answer::Unseen(why) => why.clone(),
    }
}

/// Of all databases together.
fn databases(facts: &HostFacts) -> Facts {
    let told = |what: fn(&Database) -> String| {
        list(&facts.databases, |(name, answer)| match answer {
            Answer::Told(database) => format!("{name}: {}", what(database)),
            Answer::Nobody(_) => format!("{name}: none"),
            Answer::Unseen(why) => format!("{name}: {why}"),
        })
    };
    vec![
        (
            "members",
            told(|it| {
                list(it.members.iter().flatten(), |it| format!("{} {} {}", it.mesh, it.name, it.number))
            }),
        ),
        ("tables", told(|it| list(&it.tables, |it| format!("{} {}", it.full_name(), it.sent)))),
        ("subscriptions", told(|it| list(&it.subscriptions, |it| it.name.clone()))),
        ("other publications", told(|it| list(&it.publications, Clone::clone))),
        ("pglogical's node", told(|it| it.pglogical_node.clone().unwrap_or_else(|| "none".into()))),
    ]
}
