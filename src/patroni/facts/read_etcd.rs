//! What `etcd.sh` prints → [`EtcdFacts`].

use std::collections::BTreeSet;

use serde_json::Value;

use super::etcd::{EtcdEndpoint, EtcdFacts, EtcdMember, Keys};
use super::http::{Http, answer};
use super::read_keys::{of_v2, of_v3};
use crate::kernel::facts::Answer;
use crate::kernel::facts::{ConfigFile, Malformed, Report, UnitFacts};

impl EtcdFacts {
    /// Reads what `etcd.sh` found. `folder`: that of the scope's keys, such as `/service/core`.
    ///
    /// Errors: the report says nothing about the unit.
    pub fn read(report: &Report, folder: &str) -> Result<Self, Malformed> {
        if !report.has("unit/etcd") {
            return Err(Malformed("no unit of etcd in it"));
        }
        let datadir = |line: &str| {
            let (bytes, path) = line.split_once('\t')?;
            Some((path.to_owned(), bytes.parse().unwrap_or(0)))
        };
        let names: BTreeSet<_> =
            report.named("etcd/").filter_map(|(name, _)| name.split('/').next()).collect();
        Ok(Self {
            unit: UnitFacts::of(report, "unit/etcd"),
            processes: report.pids("etcd_processes"),
            settings: ConfigFile::of(report, "etcd_settings", shown),
            datadirs: report.lines("etcd_datadirs").filter_map(datadir).collect(),
            stale: report.has("etcd_stale"),
            endpoints: names
                .into_iter()
                .map(|name| (name.to_owned(), endpoint(report, name, folder)))
                .collect(),
        })
    }
}

/// A file of variables as it may be shown.
fn shown(text: &str) -> String {
    let line = |line: &str| match line.split_once('=') {
        Some((name, _)) if name.to_uppercase().contains("PASSWORD") => format!("{name}=(not shown)\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn endpoint(report: &Report, name: &str, folder: &str) -> EtcdEndpoint {
    let asked = |question: &str| answer(report, &format!("etcd/{name}/{question}"));
    let status = asked("status").and_then(|it| it.good_json());
    let members = asked("members").and_then(|it| it.good_json());
    let id = |value: &Value| value.as_str().filter(|id| !id.is_empty() && *id != "0").map(str::to_owned);
    let header = |name: &str| [&status, &members].into_iter().find_map(|it| id(&it.told()?["header"][name]));
    let keys = |version: &str, read: fn(&Http<'_>, &str) -> _| Keys {
        agreed: asked(&format!("{version}_agreed")).and_then(|it| read(&it, folder)),
        own: asked(&format!("{version}_own")).and_then(|it| read(&it, folder)),
    };
    EtcdEndpoint {
        version: asked("version").and_then(|it| it.good_json()).and_then(|it| text(&it["etcdserver"])),
        healthy: asked("health").and_then(|it| it.json()).and_then(|it| health(&it["health"])),
        cluster_id: header("cluster_id"),
        member_id: header("member_id"),
        leader_id: status.told().and_then(|it| id(&it["leader"])),
        alarms: asked("alarms").and_then(|it| it.good_json()).map(|it| alarms(&it)),
        // The gateway writes numbers of 64 bits as texts.
        db_size: status.told().and_then(|it| it["dbSize"].as_str()?.parse().ok()),
        members: members.and_then(|it| members_of(&it)),
        v3: keys("v3", of_v3),
        v2: keys("v2", of_v2),
    }
}

/// The kinds, each once. The key is left out where there are none.
fn alarms(told: &Value) -> Vec<String> {
    let all = told["alarms"].as_array().into_iter().flatten();
    let kinds: BTreeSet<_> = all.filter_map(|alarm| alarm["alarm"].as_str()).map(str::to_owned).collect();
    kinds.into_iter().collect()
}

fn text(value: &Value) -> Answer<String> {
    let unread = || Answer::Unseen("etcd's answer is not one that galactl knows".into());
    value.as_str().map_or_else(unread, |text| Answer::Told(text.to_owned()))
}

/// A word, or a truth value in the releases before 3.4.
fn health(value: &Value) -> Answer<bool> {
    match value {
        Value::Bool(healthy) => Answer::Told(*healthy),
        _ => text(value).map(|word| word == "true"),
    }
}

fn members_of(told: &Value) -> Answer<Vec<EtcdMember>> {
    let list = |value: &Value| {
        let urls = value.as_array().into_iter().flatten();
        urls.filter_map(|url| url.as_str().map(str::to_owned)).collect()
    };
    let member = |told: &Value| {
        Some(EtcdMember {
            id: told["ID"].as_str()?.to_owned(),
            name: told["name"].as_str().unwrap_or_default().to_owned(),
            peer_urls: list(&told["peerURLs"]),
            client_urls: list(&told["clientURLs"]),
            learner: told["isLearner"] == Value::Bool(true),
        })
    };
    let members: Option<Vec<_>> = told["members"].as_array().and_then(|all| all.iter().map(member).collect());
    let unread = || Answer::Unseen("etcd's list of members is not one that galactl knows".into());
    members.map_or_else(unread, Answer::Told)
}
