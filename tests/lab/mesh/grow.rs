//! A mesh from a first node with data, to which others come while all write.

use std::collections::BTreeSet;

use super::{OLD, Writer, assert_equal, hosts, open_shop, sql, try_sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

const THREE: [&str; 3] = ["pg1", "pg2", "pg3"];
const FOUR: [&str; 4] = ["pg1", "pg2", "pg3", "pg4"];

/// An inventory of these nodes; with regions, pg1 has region r1, and so on.
fn mesh<'a>(lab: &'a Lab, nodes: &[&str], method: &str, regions: bool) -> Inventory<'a> {
    let mut inventory = Inventory::of_mesh(lab, nodes);
    let conflicts = if regions { "\nconflicts: {strategy: region}" } else { "" };
    inventory.rest =
        format!("method: {method}{conflicts}\ndatabases: [{{name: shop, except: [public.carts]}}]");
    for (name, extra) in &mut inventory.nodes {
        if regions {
            *extra = format!("    region: {}\n", name.replace("pg", "r"));
        }
    }
    inventory
}

fn grows(name: &'static str, release: &str, method: &str, regions: bool) {
    let lab = hosts(name, release, &FOUR);
    open_shop(&lab, "pg1");
    let three = mesh(&lab, &THREE, method, regions);
    let dry = three.steps(&["bootstrap"]);
    // A client of the first node goes on while the others come; only the restart of its server ends its session.
    let mut ended = BTreeSet::new();
    let mut first = None;
    let ran = three.galactl_at(&["bootstrap", "--yes"], "-> pg2/mesh/reserve", || {
        first = Some(Writer::start(&lab, "pg1", regions));
    });
    let ran = ran.expect_code(0);
    let done: Vec<_> = dry.iter().filter(|id| ran.stderr.contains(&format!("ok {id}"))).collect();
    assert_eq!(done.len(), dry.len(), "what a dry run shows is what is done: {dry:?}");
    three.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    three.galactl(&["status"]).expect_code(0).says(&["3 of 3 nodes are members, 6 of 6 directions"]);

    // The fourth, while all three are written to.
    let mut writers: Vec<_> = first.into_iter().collect();
    writers.extend(["pg2", "pg3"].map(|node| Writer::start(&lab, node, regions)));
    let four = mesh(&lab, &FOUR, method, regions);
    four.galactl(&["add-node", "pg4", "--yes"]).expect_code(0).says(&["ok pg4/mesh/admit"]);
    writers.push(Writer::start(&lab, "pg4", regions));
    four.galactl(&["status"]).expect_code(0).says(&["4 of 4 nodes are members, 12 of 12 directions"]);
    for mut writer in writers {
        assert!(writer.is_writing(), "a commit failed on {}", writer.node);
        let node = writer.node.clone();
        until("its client has written some rows", || writer.acknowledged().len() > 20);
        let rows = writer.stop();
        println!("{} acknowledged rows of {node}", rows.len());
        ended.extend(rows);
    }
    assert_equal(&lab, &FOUR, &ended);
    secrets_are_nowhere(&lab);
    if regions {
        let (ok, said) = try_sql(&lab, "pg2", "UPDATE customers SET n = 0 WHERE region = 'r1' AND id = 1;");
        assert!(!ok && said.contains("is written on the node of region r2"), "{said}");
    }
    assert_eq!(sql(&lab, "pg4", "SELECT count(*) FROM customers WHERE email LIKE '%@old'"), OLD.to_string());
}

/// The password is in the file for libpq alone, and nobody else may read that.
fn secrets_are_nowhere(lab: &Lab) {
    for node in FOUR {
        let told = lab.on(
            node,
            "stat -c '%a %U' /var/lib/postgresql/.galactl-mesh.pgpass
            (umask 077; sed -n 's/^.*:galactl_mesh://p' /var/lib/postgresql/.galactl-mesh.pgpass > /run/password)
            grep -rlFf /run/password /etc/postgresql /var/log/postgresql || true
            journalctl --no-pager | grep -cFf /run/password || true
            cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -cFf /run/password || true
            rm /run/password",
        );
        assert_eq!(told, "600 postgres\n0\n0", "{node}");
    }
}

#[test]
#[ignore = "boots real hosts"]
fn pglogical_on_debian_13() {
    grows("t-mesh-13", "trixie", "pglogical", false);
}

#[test]
#[ignore = "boots real hosts"]
fn pglogical_with_regions_on_debian_12() {
    grows("t-mesh-12", "bookworm", "pglogical", true);
}

#[test]
#[ignore = "boots real hosts"]
fn native_with_regions_on_debian_13() {
    grows("t-mesh-native", "trixie", "native", true);
}
