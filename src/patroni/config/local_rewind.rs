//! What a file of Patroni says itself of how a node comes back that has another history.

use serde_yaml::Value;

use super::found::{is_on, text_of};

/// Keys of the section `postgresql` that let Patroni remove what only this node has.
const REMOVING: [&str; 2] = ["use_pg_rewind", "remove_data_directory_on_diverged_timelines"];

/// Those of them that the file sets and does not switch off. Patroni prefers the file to the configuration in etcd.
pub fn removing_by_itself(text: &str) -> Vec<&'static str> {
    let Ok(file) = serde_yaml::from_str::<Value>(text) else { return Vec::new() };
    let sets = |key: &&str| text_of(&file["postgresql"][*key]).is_some_and(|text| is_on(&text));
    REMOVING.into_iter().filter(sets).collect()
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
