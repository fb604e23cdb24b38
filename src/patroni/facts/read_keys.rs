//! Patroni's keys in etcd, from the answers of both of its APIs → [`ScopeKeys`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::etcd::{Initialize, ScopeKeys, SyncKey};
use super::http::Http;
use crate::kernel::facts::Answer;
use crate::postgresql::Lsn;

/// The error of the API of version 2 for a key that is not there (etcd's error/error.go, `EcodeKeyNotFound`).
const KEY_NOT_FOUND: u64 = 100;

/// A key below the folder of the scope, and its value.
type Pair = (String, String);

/// The answer to `POST /v3/kv/range`. `folder`: `/service/core`.
pub fn of_v3(http: &Http<'_>, folder: &str) -> Answer<ScopeKeys> {
    let told = match http.good_json() {
        Answer::Told(told) if told["header"]["cluster_id"].is_string() => told,
        Answer::Told(_) => return http.unexpected(),
        Answer::Nobody(why) => return Answer::Nobody(why),
        Answer::Unseen(why) => return Answer::Unseen(why),
    };
    let pairs = told["kvs"].as_array().into_iter().flatten().map(|pair| {
        let key = decoded(&pair["key"])?;
        let value = if pair["value"].is_null() { String::new() } else { decoded(&pair["value"])? };
        Some((key, value))
    });
    pairs.collect::<Option<Vec<_>>>().map_or_else(|| http.unexpected(), |pairs| keys(pairs, folder))
}

fn decoded(value: &Value) -> Option<String> {
    Some(String::from_utf8_lossy(&BASE64.decode(value.as_str()?).ok()?).into_owned())
}

/// The answer to `GET /v2/keys/service/core?recursive=true`. An etcd that does not serve this API answers with a
/// page that is no JSON.
pub fn of_v2(http: &Http<'_>, folder: &str) -> Answer<ScopeKeys> {
    let Ok(told) = serde_json::from_str::<Value>(http.body) else {
        return match http.status {
            404 => Answer::Nobody("the API of version 2 is switched off".into()),
            _ => http.unexpected(),
        };
    };
    if told["errorCode"].as_u64() == Some(KEY_NOT_FOUND) {
        return Answer::Told(ScopeKeys::default());
    }
    if http.status != 200 || !told["node"].is_object() {
        return http.unexpected();
    }
    let mut pairs = Vec::new();
    leaves(&told["node"], &mut pairs);
    keys(pairs, folder)
}

/// All keys in a tree of folders.
fn leaves(node: &Value, pairs: &mut Vec<Pair>) {
    if let (Some(key), Some(value)) = (node["key"].as_str(), node["value"].as_str()) {
        pairs.push((key.to_owned(), value.to_owned()));
    }
    for node in node["nodes"].as_array().into_iter().flatten() {
        leaves(node, pairs);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.trim().is_empty(),
        value => value.is_null(),
    }
}

fn keys(pairs: Vec<Pair>, folder: &str) -> Answer<ScopeKeys> {
    let mut keys = ScopeKeys::default();
    for (key, value) in pairs {
        let Some(name) = key.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else { continue };
        let json = || serde_json::from_str(&value).unwrap_or_else(|_| Value::String(value.clone()));
        match name {
            "initialize" => keys.initialize = Some(initialize(&value)),
            "leader" => keys.leader = Some(value),
            // Patroni leaves an empty one behind when a switchover is done.
            "failover" => keys.failover = Some(json()).filter(|it| !is_empty(it)),
            "history" => keys.history = Some(json()),
            "config" => keys.config = Some(json()),
            "sync" => match sync(&value) {
                Some(sync) => keys.sync = Some(sync),
                None => return Answer::Unseen(format!("its key {key} is not one that galactl knows")),
            },
            _ => match name.strip_prefix("members/") {
                Some(member) => drop(keys.members.insert(member.to_owned(), json())),
                None => {
                    keys.optime = keys.optime.max(optime(name, &value));
                    keys.others.push(name.to_owned());
                }
            },
        }
    }
    keys.others.sort();
    Answer::Told(keys)
}

/// `status` is `{"optime": 67110072, "slots": …}`; versions before 2.1 of Patroni wrote the number alone, into `optime/leader`.
fn optime(name: &str, value: &str) -> Option<Lsn> {
    let told = serde_json::from_str::<Value>(value).ok()?;
    let position = match name {
        "status" => told["optime"].as_u64(),
        "optime/leader" => told.as_u64(),
        _ => None,
    };
    position.map(Lsn::new).filter(|at| !at.is_none())
}

fn initialize(value: &str) -> Initialize {
    match (value, value.parse()) {
        ("", _) => Initialize::InProgress,
        (_, Ok(id)) => Initialize::By(id),
        (other, Err(_)) => Initialize::Other(other.to_owned()),
    }
}

/// `{"leader": "pg1", "sync_standby": "pg2,pg3"}`; the standbys are a list in some versions, or null.
fn sync(value: &str) -> Option<SyncKey> {
    let told: Value = serde_json::from_str(value).ok()?;
    let words =
        |text: &str| text.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect();
    let standbys = match &told["sync_standby"] {
        Value::Null => Vec::new(),
        Value::String(text) => words(text),
        Value::Array(names) => {
            names.iter().map(|it| it.as_str().map(str::to_owned)).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let leader = told.as_object()?.get("leader").and_then(Value::as_str).map(str::to_owned);
    let quorum = told["quorum"].as_u64().and_then(|it| it.try_into().ok()).unwrap_or(0);
    Some(SyncKey { leader, standbys, quorum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_order_for_a_failover_is_none() {
        let ordered = |value: &str| {
            let pairs = vec![("/service/core/failover".to_owned(), value.to_owned())];
            keys(pairs, "/service/core").told().expect("keys").failover.clone()
        };
        assert_eq!([ordered("{}"), ordered(""), ordered("null")], [None, None, None]);
        assert!(ordered(r#"{"leader": "pg1", "member": "pg2"}"#).is_some());
    }

    #[test]
    fn the_last_leader_has_told_where_its_wal_ends() {
        let at = |pairs: &[(&str, &str)]| {
            let pairs =
                pairs.iter().map(|(key, value)| (format!("/service/core/{key}"), (*value).to_owned()));
            let told = keys(pairs.collect(), "/service/core").told().expect("keys").clone();
            (told.optime.map(Lsn::bytes), told.others)
        };
        let status = ("status", r#"{"optime":67110072,"slots":{"pg2":67110072}}"#);
        assert_eq!(at(&[status]), (Some(67_110_072), vec!["status".to_owned()]));
        let old = ("optime/leader", "67110080");
        assert_eq!(
            at(&[old, status]),
            (Some(67_110_080), vec!["optime/leader".to_owned(), "status".to_owned()])
        );
        assert_eq!(at(&[("status", "{}"), ("optime/leader", "0")]).0, None);
    }
}
