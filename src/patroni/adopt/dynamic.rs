//! Patroni's dynamic configuration → the inventory's words for it.

use serde_json::Value;

use super::{Member, Remark};
use crate::patroni::inventory::SyncMode;
use crate::patroni::model::Timing;

fn is_on(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| {
        value
            .as_str()
            .is_some_and(|text| ["on", "true", "yes"].iter().any(|it| text.eq_ignore_ascii_case(it)))
    })
}

pub fn mode(configuration: &Value) -> SyncMode {
    let mode = &configuration["synchronous_mode"];
    match (mode.as_str(), is_on(mode), is_on(&configuration["synchronous_mode_strict"])) {
        (Some("quorum"), ..) => SyncMode::Quorum,
        (_, true, true) => SyncMode::Strict,
        (_, true, false) => SyncMode::On,
        (_, false, _) => SyncMode::Off,
    }
}

/// How many standbys a commit waits for, as far as there are nodes for it.
pub fn synchronous_nodes(
    configuration: &Value,
    mode: SyncMode,
    members: &[Member<'_>],
    remarks: &mut Vec<Remark>,
) -> u64 {
    let wanted = number(configuration, "synchronous_node_count", 1).max(1);
    let able = members.iter().filter(|member| !member.file.has_tag("nosync"));
    let most = (able.count() as u64).saturating_sub(1).max(1);
    if mode != SyncMode::Off && wanted > most {
        remarks.push(Remark::at("nodes:", format!(
            "`synchronous_node_count` is {wanted}, and so many standbys were not found: an inventory says {most} at most"
        )));
    }
    wanted.min(most)
}

/// The choice that is nearest to the three times.
pub fn timing(configuration: &Value, remarks: &mut Vec<Remark>) -> Timing {
    let found = ["ttl", "loop_wait", "retry_timeout"]
        .map(|key| number(configuration, key, of(Timing::Default)[index(key)]));
    if let Some(timing) = Timing::ALL.into_iter().find(|timing| of(*timing) == found) {
        return timing;
    }
    let nearest = if found[0] < of(Timing::Default)[0] { Timing::Fast } else { Timing::Default };
    let words = |[ttl, wait, retry]: [u64; 3]| format!("ttl {ttl}, loop_wait {wait}, retry_timeout {retry}");
    let name = if nearest == Timing::Fast { "fast" } else { "default" };
    remarks.push(Remark::at(
        "failover:",
        format!(
            "Patroni has {}, and an inventory has two choices: `{name}` is nearest ({})",
            words(found),
            words(of(nearest))
        ),
    ));
    nearest
}

fn of(timing: Timing) -> [u64; 3] {
    [timing.ttl(), timing.loop_wait(), timing.retry_timeout()].map(u64::from)
}

fn index(key: &str) -> usize {
    ["ttl", "loop_wait", "retry_timeout"].iter().position(|it| *it == key).unwrap_or(0)
}

fn number(configuration: &Value, key: &str, usual: u64) -> u64 {
    let value = &configuration[key];
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(usual)
}

pub fn paused(configuration: &Value) -> Option<Remark> {
    let text = "Patroni is paused: nobody takes over when the primary fails (patronictl resume)";
    is_on(&configuration["pause"]).then(|| Remark::new(text.into()))
}
