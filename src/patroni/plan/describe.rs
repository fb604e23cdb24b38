//! What was seen of a host, in one line.

use crate::patroni::facts::{Answer, Contents, EtcdFacts, HostFacts};

pub fn describe(facts: &HostFacts) -> String {
    let mut parts = vec![facts.machine.os.clone()];
    for name in ["patroni", "etcd-server"] {
        if let Some(version) = facts.installed(name) {
            parts.push(format!("{name} {version}"));
        }
    }
    parts.push(data(facts));
    parts.push(server(facts));
    parts.push(describe_store(&facts.etcd));
    parts.join(", ")
}

fn data(facts: &HostFacts) -> String {
    match &facts.datadir.contents {
        Contents::Absent | Contents::Empty => "no data".into(),
        Contents::Cluster(version) => match facts.system_id() {
            Some(id) => format!("PostgreSQL {version} data of system {id}"),
            None => format!("PostgreSQL {version} data"),
        },
        Contents::Other(_) => format!("{} holds other files", facts.datadir.path),
        Contents::Unreadable(why) => format!("{} cannot be read: {why}", facts.datadir.path),
    }
}

fn server(facts: &HostFacts) -> String {
    match &facts.server {
        Answer::Told(live) if live.in_recovery => format!("a standby on timeline {}", live.timeline),
        Answer::Told(live) => format!("the primary on timeline {}", live.timeline),
        Answer::Nobody(_) => "no server runs".into(),
        Answer::Unseen(why) => format!("a server that gives no answer ({why})"),
    }
}

pub fn describe_store(etcd: &EtcdFacts) -> String {
    let runs = if etcd.runs() { "etcd runs" } else { "no etcd runs" };
    let data = if etcd.datadirs.is_empty() { "" } else { ", and has data" };
    format!("{runs}{data}")
}
