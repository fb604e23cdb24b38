//! The answers of Patroni's REST API → [`PatroniFacts`].

use serde_json::Value;

use super::history::Switch;
use super::http::answer;
use super::patroni::{ClusterMember, PatroniCluster, PatroniFacts, PatroniNode, Role};
use crate::kernel::facts::Answer;
use crate::kernel::facts::Report;
use crate::postgresql::{Lsn, Timeline};

/// Reads the sections `rest/…`. What lacks a part that every version tells is not seen.
pub fn patroni(report: &Report) -> PatroniFacts {
    // `/patroni` answers 503 where postgres does not run, with the same body.
    let node = answer(report, "rest/patroni").and_then(|it| it.json());
    let good = |section| answer(report, section).and_then(|it| it.good_json());
    PatroniFacts {
        node: node.and_then(|it| read(&it, "/patroni", node_of)),
        cluster: good("rest/cluster").and_then(|it| read(&it, "/cluster", cluster_of)),
        config: good("rest/config")
            .and_then(|it| read(&it, "/config", |it| Some(it.clone()).filter(Value::is_object))),
        history: good("rest/history").and_then(|it| read(&it, "/history", switches)),
    }
}

fn read<T>(value: &Value, question: &str, understand: impl Fn(&Value) -> Option<T>) -> Answer<T> {
    let unread = || Answer::Unseen(format!("Patroni's answer to {question} is not one that galactl knows"));
    understand(value).map_or_else(unread, Answer::Told)
}

fn node_of(told: &Value) -> Option<PatroniNode> {
    let is = |name: &str| told[name].as_bool().unwrap_or(false);
    let xlog = |name: &str| told["xlog"][name].as_u64().map(Lsn::new);
    let tags = told["tags"].as_object().into_iter().flatten();
    Some(PatroniNode {
        state: text(&told["state"])?,
        role: Role::parse(told["role"].as_str()?),
        version: text(&told["patroni"]["version"])?,
        scope: text(&told["patroni"]["scope"])?,
        system_id: told["database_system_identifier"].as_str().and_then(|it| it.parse().ok()),
        timeline: timeline(&told["timeline"]),
        location: xlog("location"),
        received: xlog("received_location"),
        replayed: xlog("replayed_location"),
        replication_state: text(&told["replication_state"]),
        sync_standby: is("sync_standby") || is("quorum_standby"),
        paused: is("pause"),
        pending_restart: is("pending_restart"),
        replayed_at: text(&told["xlog"]["replayed_timestamp"]),
        failsafe_active: is("failsafe_mode_is_active"),
        cluster_unlocked: is("cluster_unlocked"),
        dcs_last_seen: told["dcs_last_seen"].as_u64(),
        tags: tags.map(|(name, value)| (name.clone(), value.clone())).collect(),
    })
}

fn cluster_of(told: &Value) -> Option<PatroniCluster> {
    let members = told["members"].as_array()?.iter().map(member).collect::<Option<_>>()?;
    let scheduled_switchover = Some(told["scheduled_switchover"].clone()).filter(|it| !it.is_null());
    Some(PatroniCluster { members, paused: told["pause"].as_bool().unwrap_or(false), scheduled_switchover })
}

fn member(told: &Value) -> Option<ClusterMember> {
    Some(ClusterMember {
        name: text(&told["name"])?,
        role: Role::parse(told["role"].as_str()?),
        state: text(&told["state"]).unwrap_or_default(),
        host: text(&told["host"]),
        port: told["port"].as_u64().and_then(|it| it.try_into().ok()),
        timeline: timeline(&told["timeline"]),
        // A number, or "unknown".
        lag: told["lag"].as_u64(),
        pending_restart: told["pending_restart"].as_bool().unwrap_or(false),
    })
}

/// Lists of timeline, position in bytes, reason, and since Patroni 2 the time and the new leader.
fn switches(told: &Value) -> Option<Vec<Switch>> {
    let switch = |told: &Value| {
        Some(Switch {
            timeline: timeline(&told[0])?,
            at: Lsn::new(told[1].as_u64()?),
            reason: text(&told[2]).unwrap_or_default(),
        })
    };
    told.as_array()?.iter().map(switch).collect()
}

fn timeline(told: &Value) -> Option<Timeline> {
    Timeline::new(told.as_u64()?.try_into().ok()?)
}

fn text(told: &Value) -> Option<String> {
    told.as_str().map(str::to_owned)
}
