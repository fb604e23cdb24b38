//! What the servers of a cluster say.

use crate::lab::Lab;

pub const NODES: [&str; 3] = ["pg1", "pg2", "pg3"];

/// One value from a node's server.
#[track_caller]
pub fn sql(lab: &Lab, node: &str, statement: &str) -> String {
    lab.on(node, &psql(statement))
}

/// The same; `None`: the server gives no answer.
pub fn try_sql(lab: &Lab, node: &str, statement: &str) -> Option<String> {
    let (ok, text) = lab.try_on(node, &psql(statement));
    ok.then(|| text.trim().to_owned())
}

fn psql(statement: &str) -> String {
    format!("cd /; runuser -u postgres -- psql -XAtq -d postgres -c \"{statement}\"")
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
