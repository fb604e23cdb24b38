//! PostgreSQL with Patroni.

mod adopt;
mod bootstrap;
mod cluster;
mod come_and_go;
mod cut_off;
mod day_two;
mod doctor;
mod endpoint;
mod failover;
#[allow(dead_code, reason = "the benchmark makes more faults")]
mod failovers;
mod guards;
mod recover;
mod seed;

use crate::lab::Lab;

pub use cluster::{NODES, assert_whole, sql};

/// Three hosts of a release with PostgreSQL installed, which has never run.
pub fn hosts(name: &'static str, release: &str) -> Lab {
    let specs = NODES.map(|node| format!("{node}:{release}:postgresql"));
    Lab::up(name, &specs.each_ref().map(String::as_str))
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
