//! PostgreSQL with Patroni.

mod bootstrap;
mod come_and_go;
mod cut_off;
mod day_two;
mod doctor;
mod endpoint;
mod guards;
mod recover;

use crate::lab::Lab;

pub const NODES: [&str; 3] = ["pg1", "pg2", "pg3"];

/// Three hosts of a release with PostgreSQL installed, which has never run.
pub fn hosts(name: &'static str, release: &str) -> Lab {
    let specs = NODES.map(|node| format!("{node}:{release}:postgresql"));
    Lab::up(name, &specs.each_ref().map(String::as_str))
}

/// One value from a node's server.
pub fn sql(lab: &Lab, node: &str, statement: &str) -> String {
    lab.on(node, &format!("cd /; runuser -u postgres -- psql -XAtq -d postgres -c \"{statement}\""))
}

/// Everything on a host that a refusal must leave as it was.
pub fn untouched(lab: &Lab, node: &str) -> String {
    lab.on(
        node,
        r#"
        find /etc/patroni /etc/default /etc/postgresql-common /etc/postgresql /etc/systemd/system -type f -o -type l 2>/dev/null |
            sort | xargs -d '\n' stat -c '%n %Y %a %U'
        find /var/lib/postgresql /var/lib/etcd -mindepth 1 -maxdepth 3 | sort
        for unit in patroni etcd postgresql; do
            systemctl show "$unit" -p ActiveState,UnitFileState,MainPID,NRestarts,ActiveEnterTimestamp
        done
        ls /usr/sbin/policy-rc.d 2>/dev/null
        true
        "#,
    )
}

pub fn all_untouched(lab: &Lab) -> Vec<String> {
    NODES.iter().map(|node| untouched(lab, node)).collect()
}

/// By each server's own word: one primary, all of one system, and the others stream from it, one of them synchronous.
#[track_caller]
pub fn assert_whole(lab: &Lab) -> String {
    let ask = |node: &str| {
        sql(lab, node, "SELECT pg_is_in_recovery(), (SELECT system_identifier FROM pg_control_system())")
    };
    let told: Vec<_> = NODES.iter().map(|node| (*node, ask(node))).collect();
    let leaders: Vec<_> = told.iter().filter(|(_, told)| told.starts_with("f|")).collect();
    assert_eq!(leaders.len(), 1, "{told:?}");
    let system = |told: &str| told.split('|').nth(1).expect("a system").to_owned();
    let id = system(&leaders[0].1);
    assert!(told.iter().all(|(_, told)| system(told) == id), "{told:?}");
    let rows = sql(
        lab,
        leaders[0].0,
        "SELECT count(*) FILTER (WHERE state = 'streaming'), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) >= 1 FROM pg_stat_replication",
    );
    assert_eq!(rows, "2|t", "{told:?}");
    id
}
