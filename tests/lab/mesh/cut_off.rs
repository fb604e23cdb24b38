//! A birth and a join that are killed at each step, and the run after it.

use std::collections::BTreeSet;

use super::{assert_equal, hosts, open_shop, sql};
use crate::lab::Lab;
use crate::run::Inventory;

const NODES: [&str; 2] = ["pg1", "pg2"];

/// Each case leaves one mesh with all rows of the first node.
#[test]
#[ignore = "boots real hosts"]
fn killed_as_each_step_of_a_birth_begins() {
    let lab = hosts("t-mesh-kill", "trixie", &NODES);
    open_shop(&lab, "pg1");
    let mut inventory = Inventory::of_mesh(&lab, &NODES);
    inventory.rest = "databases: [{name: shop, except: [public.carts]}]".into();
    let steps = inventory.steps(&["bootstrap"]);
    // What is done to both hosts alike is cut off on one of them, and one file stands for all.
    let alike = ["pg1/mesh/config", "pg2/mesh/password", "pg2/mesh/config", "pg2/mesh/configure"];
    let tried: Vec<_> = steps.iter().filter(|id| !alike.contains(&id.as_str())).collect();
    assert!(tried.len() > 10, "{tried:?}");
    for id in &tried {
        let mut child = inventory.galactl_until(&["bootstrap", "--yes"], &format!("-> {id}"));
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
        println!("killed at {id}");
        // What is done by then is not done again; the next step is where it went on.
        let again = inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
        assert!(again.stderr.contains("was cut off"), "{id}: {}", again.stderr);
        inventory.galactl(&["status"]).expect_code(0);
        assert_equal(&lab, &NODES, &BTreeSet::new());
        assert_eq!(slots(&lab), ["1", "1"], "one slot for each direction, and none is left over");
        begin_again(&lab);
    }
}

fn slots(lab: &Lab) -> Vec<String> {
    NODES.map(|node| sql(lab, node, "SELECT count(*) FROM pg_replication_slots")).to_vec()
}

/// Makes the hosts what they were before the first birth, the first node with its data.
fn begin_again(lab: &Lab) {
    lab.on("pg2", "pg_dropcluster --stop 17 main; rm -f /var/lib/postgresql/.galactl-mesh.pgpass");
    sql(
        lab,
        "pg1",
        "SELECT pglogical.drop_subscription('pg1_from_pg2', true);
        SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active;
        DROP EXTENSION pglogical CASCADE; DROP SCHEMA galactl CASCADE;",
    );
    lab.on(
        "pg1",
        "rm -f /var/lib/postgresql/.galactl-mesh.pgpass /etc/postgresql/17/main/galactl.conf
        sed -i '/^# galactl: begin/,/^# galactl: end/d' /etc/postgresql/17/main/pg_hba.conf
        sed -i '/galactl.conf/d' /etc/postgresql/17/main/postgresql.conf
        systemctl restart postgresql@17-main",
    );
}
