//! The statements of methods that galactl does not run, as `galactl render` writes them.

use galactl::mesh::inventory::Inventory;
use galactl::mesh::statements::rendered;

use super::world::inventory;

const NODES: [&str; 3] = ["pg1", "pg2", "pg3"];
const REGIONS: [&str; 3] = ["eu region: eu", "us region: us", "asia region: asia"];

fn all(inventory: &Inventory) -> String {
    let file =
        |it: &galactl::mesh::statements::Rendered| format!("##### {}/{}\n{}\n", it.node, it.file, it.text);
    rendered(inventory).iter().map(file).collect()
}

#[test]
fn spock() {
    insta::assert_snapshot!(all(&inventory("method: spock", &NODES)));
}

#[test]
fn spock_with_regions_and_chosen_tables() {
    let sections = "method: spock\nconflicts: {strategy: region, column: land}\n\
                    databases: [{name: shop, tables: [public.*], except: [public.*_log]}, {name: stock}]";
    insta::assert_snapshot!(all(&inventory(sections, &REGIONS)));
}

#[test]
fn bdr() {
    let sections = "method: bdr\ncluster: {name: shop, seed: pg2}";
    insta::assert_snapshot!(all(&inventory(sections, &NODES)));
}

#[test]
fn every_file_says_that_it_was_never_run_and_what_it_leaves_out() {
    for method in ["spock", "bdr"] {
        for strategy in ["last-update-wins", "origin-wins", "region", "custom"] {
            let nodes = if strategy == "region" { REGIONS } else { NODES };
            let inventory =
                inventory(&format!("method: {method}\nconflicts: {{strategy: {strategy}}}"), &nodes);
            let files = rendered(&inventory);
            assert_eq!(files.len(), 3);
            for file in &files {
                assert!(file.text.contains("NEVER RUN BY GALACTL"), "{}", file.text);
                let partial = file.text.contains("Not done here: the strategy")
                    || file.text.contains("Not done here: a trigger");
                assert_eq!(partial, strategy != "last-update-wins", "{}", file.text);
                assert!(file.text.lines().all(|line| line.len() < 300), "{}", file.text);
            }
            assert_eq!(files[0].node, inventory.seed);
        }
    }
    for method in ["pglogical", "native\nconflicts: {strategy: region}"] {
        let nodes = if method == "pglogical" { NODES } else { REGIONS };
        assert_eq!(rendered(&inventory(&format!("method: {method}"), &nodes)), []);
    }
}

/// Each pair of nodes is linked in both directions, and the joiners copy the seed.
#[test]
fn every_node_of_spock_reads_from_every_other_one() {
    let inventory = inventory("method: spock", &["pg1", "pg2", "pg3", "pg4"]);
    for node in &inventory.nodes {
        let files = rendered(&inventory);
        let text = &files.iter().find(|it| it.node == node.name).unwrap().text;
        for other in inventory.others(&node.name) {
            let name = format!("sub_create(subscription_name := E'{}_from_{}'", node.name, other.name);
            assert_eq!(text.matches(&name).count(), 1, "{text}");
        }
        let copies = usize::from(node.name != inventory.seed);
        assert_eq!(text.matches("synchronize_data := true").count(), copies, "{text}");
    }
}
