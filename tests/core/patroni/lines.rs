//! No text of an inventory makes a line of its own in any file, or means something else there.

use galactl::patroni::config::{EtcdStart, cluster_defaults, etcd_file, patroni_file};
use galactl::patroni::inventory::parse;
use proptest::prelude::*;
use serde_json::json;
use serde_yaml::Value;

use super::{debian, with};

/// Texts of all kinds: of any characters, and of those that mean something to YAML, PostgreSQL or a shell.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z0-9 :#'\"\\\\{}\\[\\]\n\r\t\u{85}\u{2028}%@`|>&*!,$=-]{0,24}",
        "[a-z][a-z0-9-]{0,8}",
        prop_oneof![
            Just("on"),
            Just("1:30"),
            Just("2026-01-01"),
            Just("~"),
            Just("${secret:superuser-password}")
        ]
        .prop_map(str::to_owned),
    ]
}

/// Names of settings are known ones: others are refused, and nothing would be tried.
const SETTINGS: [&str; 3] = ["log_line_prefix", "x.y", "archive_command"];

/// Parameters of Patroni's file, as YAML reads them.
fn parameters(file: &str) -> Value {
    let config: Value = serde_yaml::from_str(file).expect("it is YAML");
    config["postgresql"]["parameters"].clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_value_is_read_back_as_it_is_and_adds_no_line(values in prop::array::uniform3(text()), release in 12u16..=13) {
        let settings: serde_json::Map<_, _> = SETTINGS.iter().zip(&values).map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let inventory = json!({
            "version": 1, "engine": "patroni", "cluster": {"name": "shop"},
            "postgresql": {"settings": settings},
            "nodes": [{"name": "pg1", "address": "10.0.0.11"}],
        });
        let Ok((inventory, _)) = parse(inventory.to_string().as_bytes()) else { return Ok(()) };
        let file = patroni_file(&inventory, &inventory.nodes[0], debian(release)).text;
        let parameters = parameters(&file);
        for (name, value) in SETTINGS.iter().zip(&values) {
            prop_assert_eq!(parameters[*name].as_str(), Some(value.as_str()), "{}", file);
        }
        // Each parameter is one line, to every reader of lines that there is.
        let breaks = |c: char| "\n\r\u{b}\u{c}\u{85}\u{2028}\u{2029}".contains(c);
        let usual = with("");
        let usual = patroni_file(&usual, &usual.nodes[0], debian(release)).text;
        let lines = file.split(breaks).filter(|line| !line.contains("host") && !line.contains("2379")).count();
        let usual = usual.split(breaks).filter(|line| !line.contains("host") && !line.contains("2379")).count();
        prop_assert_eq!(lines, usual + SETTINGS.len(), "{}", file);
    }

    #[test]
    fn no_text_anywhere_adds_a_line(name in text(), address in text(), scope in text(), client in text(), endpoint in text(), release in 12u16..=13) {
        for external in [false, true] {
            let mut inventory = json!({
                "version": 1, "engine": "patroni", "cluster": {"name": scope}, "clients": [client],
                "nodes": [{"name": name, "address": address}],
            });
            if external {
                inventory["etcd"] = json!({"endpoints": [endpoint]});
            }
            let Ok((inventory, _)) = parse(inventory.to_string().as_bytes()) else { continue };
            check(&inventory, release)?;
        }
    }

    /// The same with each text a valid one but for what is put into it, so that many of them are rendered.
    #[test]
    fn no_part_of_a_text_adds_a_line(part in text(), at in 0usize..5, release in 12u16..=13) {
        let mut texts = ["pg1", "10.0.0.11", "shop", "10.1.0.0/16", "etcd.example.org:2379"].map(str::to_owned);
        texts[at].push_str(&part);
        let [name, address, scope, client, endpoint] = texts;
        let inventory = json!({
            "version": 1, "engine": "patroni", "cluster": {"name": scope}, "clients": [client],
            "nodes": [{"name": name, "address": address}], "etcd": {"endpoints": [endpoint]},
        });
        if let Ok((inventory, _)) = parse(inventory.to_string().as_bytes()) {
            check(&inventory, release)?;
        }
    }
}

/// Files of one node have as many lines as those of another inventory of one node.
fn check(inventory: &galactl::patroni::inventory::Inventory, release: u16) -> Result<(), TestCaseError> {
    let file = patroni_file(inventory, &inventory.nodes[0], debian(release)).text;
    let config: Value = serde_yaml::from_str(&file).expect("it is YAML");
    prop_assert_eq!(config["scope"].as_str(), Some(inventory.cluster.as_str()));
    prop_assert_eq!(config["name"].as_str(), Some(inventory.nodes[0].name.as_str()));
    let usual = "version: 1\nengine: patroni\ncluster: {name: shop}\nclients: [10.0.0.0/8]\nnodes: [{name: x, address: 10.0.0.1}]";
    let usual = super::inventory_of(usual);
    let expected = patroni_file(&usual, &usual.nodes[0], debian(release)).text;
    prop_assert_eq!(file.lines().count(), expected.lines().count(), "{}", file);
    let own = |line: &str| line.starts_with("ETCD_") || line.starts_with("# Written by galactl");
    for member in inventory.etcd.members() {
        let text = etcd_file(inventory, member, debian(release), EtcdStart::New).text;
        prop_assert!(text.lines().all(own), "{}", text);
        prop_assert!(!text.contains(['"', '\'', '\\', '$', ';', '`']), "{}", text);
        prop_assert_eq!(text.lines().count(), 10 + usize::from(release == 12), "{}", text);
    }
    prop_assert_eq!(cluster_defaults().text.lines().count(), 3);
    Ok(())
}
