//! What a file of Patroni says itself of how a node comes back that has another history.

use serde_yaml::Value;

/// Keys of the section `postgresql` that let Patroni remove what only this node has.
const REMOVING: [&str; 2] = ["use_pg_rewind", "remove_data_directory_on_diverged_timelines"];

/// Those of them that the file sets and does not switch off. Patroni prefers the file to the configuration in etcd.
pub fn removing_by_itself(text: &str) -> Vec<&'static str> {
    let Ok(file) = serde_yaml::from_str::<Value>(text) else { return Vec::new() };
    REMOVING.into_iter().filter(|key| is_on(&file["postgresql"][*key])).collect()
}

/// Patroni asks only whether the value is empty; `off` and `no` are `false` to it.
fn is_on(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !["", "off", "Off", "OFF", "no", "No", "NO"].contains(&text.as_str()),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::removing_by_itself;

    #[test]
    fn what_a_file_sets_and_does_not_switch_off() {
        let of = |section: &str| removing_by_itself(&format!("scope: core\npostgresql: {section}\n"));
        assert_eq!(of("{use_pg_rewind: true}"), ["use_pg_rewind"]);
        assert_eq!(of("{use_pg_rewind: yes}"), ["use_pg_rewind"]);
        assert!(of("{use_pg_rewind: no}").is_empty() && of("{use_pg_rewind: false}").is_empty());
        let all = "{use_pg_rewind: on, remove_data_directory_on_diverged_timelines: true}";
        assert_eq!(of(all), ["use_pg_rewind", "remove_data_directory_on_diverged_timelines"]);
        assert!(of("{}").is_empty() && removing_by_itself("- [").is_empty());
    }
}
