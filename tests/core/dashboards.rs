//! The panels, as a dashboard and as a page. Grafana's own types and Prometheus' own parser judge them; a scene looks at
//! them on hosts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use galactl::galera::inventory::{self, Inventory};
use galactl::galera::monitoring::dashboards::{CHOSEN, WINDOW, console, grafana, pages};
use serde_json::Value;

use crate::support::promtool::{content, program, tools};

/// A name with what could end its place in JSON, HTML, PromQL, or a template of Prometheus or Grafana.
const AWKWARD: &str = r#"$node[[node]]{{.}}</script>\"'"#;

fn parsed(text: &str) -> Inventory {
    inventory::parse(text.as_bytes()).unwrap_or_else(|notes| panic!("{notes:#?}")).0
}

fn watched() -> Inventory {
    parsed(include_str!("../../inventories/watched.yaml"))
}

/// Without proxies, so without their page.
fn awkward() -> Inventory {
    let nodes = "nodes:\n- {name: a, address: 10.0.0.1}\n- {name: b, address: 10.0.0.2}\n- {name: c, address: 10.0.0.3}\n";
    let name = AWKWARD.replace('\'', "''");
    parsed(&format!(
        "version: 1\ncluster: {{name: '{name}'}}\n{nodes}monitoring: {{asked_from: [10.0.0.9]}}\n"
    ))
}

fn queries(inventory: &Inventory) -> Vec<String> {
    let pages = pages(inventory);
    let panels = pages.iter().flat_map(|page| &page.panels);
    panels.flat_map(|panel| &panel.lines).map(|line| line.query.clone()).collect()
}

/// Which of these dashboards are not what Grafana's types say, by their index, with what is said of them.
fn misfits(dashboards: &[String]) -> (BTreeSet<usize>, String) {
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/grafana");
    let modules = tools().join("grafana/node_modules");
    let compiler = modules.join(".bin/tsc");
    assert!(compiler.is_file(), "{} is not there: make tools", compiler.display());
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(&modules, folder.path().join("node_modules")).unwrap();
    for file in ["types.ts", "tsconfig.json"] {
        fs::copy(types.join(file), folder.path().join(file)).unwrap();
    }
    for (index, dashboard) in dashboards.iter().enumerate() {
        let import = "import type {WrittenDashboard} from \"./types\";";
        let typed = format!("{import}\nexport const dashboard: WrittenDashboard = {dashboard};\n");
        fs::write(folder.path().join(format!("dashboard{index}.ts")), typed).unwrap();
    }
    let output = Command::new(compiler).args(["-p", "."]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let named = said.lines().filter_map(|line| line.split_once(".ts(")?.0.strip_prefix("dashboard"));
    let misfits: BTreeSet<_> = named.map(|index| index.parse().unwrap()).collect();
    assert_eq!(output.status.success(), misfits.is_empty(), "{said}");
    (misfits, said)
}

#[test]
fn grafana_knows_all_that_stands_in_the_dashboard() {
    let right = [watched(), awkward()].map(|inventory| grafana(&inventory));
    // It would say so if it did not.
    let wrong = [
        ("\"refId\"", "\"refid\""),
        ("\"type\": \"stat\"", "\"type\": \"stats\""),
        ("\"mode\": \"multi\"", "\"mode\": \"many\""),
        ("\"schemaVersion\": 39,", ""),
    ];
    let wrong = wrong.map(|(known, unknown)| right[0].replace(known, unknown));
    let (misfits, said) = misfits(&[&right[..], &wrong[..]].concat());
    assert_eq!(misfits, (right.len()..right.len() + wrong.len()).collect(), "{said}");
}

#[test]
fn prometheus_can_read_every_query() {
    let folder = tempfile::tempdir().unwrap();
    for inventory in [watched(), awkward()] {
        let rule = |query: &String| {
            let query = query.replace(&format!("=~\"{CHOSEN}\""), "=~\".+\"").replace(WINDOW, "2m");
            format!("  - record: one\n    expr: {}\n", Value::from(query))
        };
        let rules: String = queries(&inventory).iter().map(rule).collect();
        let file: PathBuf = folder.path().join("queries.yml");
        fs::write(&file, format!("groups:\n- name: queries\n  rules:\n{rules}")).unwrap();
        let mut check = program("promtool");
        check.args(["check", "rules", "--lint=none"]).arg(file);
        content(check);
    }
}

/// Grafana would put the chosen member into the cluster's name.
#[test]
fn a_name_is_no_variable_of_grafana() {
    let named = queries(&awkward());
    let of_cluster: Vec<_> = named.iter().filter(|query| query.contains("cluster=")).collect();
    assert!(of_cluster.len() > 20);
    for query in of_cluster {
        let left = query.replace(&format!("node=~\"{CHOSEN}\""), "").replace(WINDOW, "");
        assert!(!left.contains('$') && !left.contains("[["), "{query}");
    }
    let dashboard: Value = serde_json::from_str(&grafana(&awkward())).unwrap();
    let uid = dashboard["uid"].as_str().unwrap();
    assert!(uid.len() <= 40 && uid.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{uid}");
}

#[test]
fn each_panel_has_its_place() {
    let dashboard: Value = serde_json::from_str(&grafana(&watched())).unwrap();
    let places: Vec<[u64; 4]> = dashboard["panels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|panel| ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap()))
        .collect();
    for (index, [x, y, w, h]) in places.iter().enumerate() {
        assert!(x + w <= 24);
        for [left, top, width, height] in &places[index + 1..] {
            let beside = x + w <= *left || left + width <= *x || y + h <= *top || top + height <= *y;
            assert!(beside, "{places:?}");
        }
    }
}

#[test]
fn a_cluster_without_haproxy_has_no_page_for_it() {
    let names = |inventory: &Inventory| pages(inventory).iter().map(|page| page.name).collect::<Vec<_>>();
    assert_eq!(names(&watched()), ["cluster", "node", "proxy"]);
    assert_eq!(names(&awkward()), ["cluster", "node"]);
}

/// Prometheus takes the page for a template, so nothing in it may be an action.
#[test]
fn the_page_has_no_action_and_no_foreign_element() {
    for inventory in [watched(), awkward()] {
        let page = console(&inventory);
        assert!(!page.contains("{{"), "{page}");
        assert_eq!(page.matches("</script>").count(), 2);
        // The name of SVG's elements is no address that anybody asks.
        let addresses = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!addresses.contains("://"), "it needs nothing but Prometheus");
        let (_, rest) = page.split_once("id=\"content\">").unwrap();
        let read: Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
        assert_eq!(read["cluster"], inventory.cluster.as_str());
    }
}
