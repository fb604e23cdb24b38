//! What is refused, and leaves every host as it was.

use super::{hosts, open_shop, sql};
use crate::lab::Lab;
use crate::run::Inventory;

const NODES: [&str; 3] = ["pg1", "pg2", "pg3"];

/// Everything on the hosts that a refusal must leave as it was.
fn untouched(lab: &Lab) -> Vec<String> {
    let look = r"
        find /etc/postgresql /etc/postgresql-common -type f | sort | xargs -d '\n' stat -c '%n %Y %a %U'
        find /var/lib/postgresql -mindepth 1 -maxdepth 3 | sort
        systemctl show postgresql@17-main -p ActiveState,MainPID,ActiveEnterTimestamp
    ";
    NODES.iter().map(|node| lab.on(node, look)).collect()
}

#[test]
#[ignore = "boots real hosts"]
fn no_data_of_anybody_is_replaced_and_no_member_is_left_out() {
    let lab = hosts("t-mesh-guards", "trixie", &NODES);
    open_shop(&lab, "pg1");
    let of = |nodes: &[&str]| {
        let mut inventory = Inventory::of_mesh(&lab, nodes);
        inventory.rest = "databases: [{name: shop, except: [public.carts]}]".into();
        inventory
    };
    let two = of(&NODES[..2]);
    let refuses = |inventory: &Inventory<'_>, words: &[&str], code: i32, says: &[&str]| {
        let before = untouched(&lab);
        inventory.galactl(words).expect_code(code).says(says);
        assert_eq!(untouched(&lab), before, "{says:?}");
    };

    // Somebody's shop is on the second host; its server runs, and later it is stopped.
    open_shop(&lab, "pg2");
    refuses(&two, &["bootstrap", "--yes"], 3, &["refused[other-data] pg2", "databases of its own: shop"]);
    lab.on("pg2", "systemctl stop postgresql@17-main");
    refuses(&two, &["bootstrap", "--yes"], 3, &["refused[not-running] pg2", "systemctl start"]);
    lab.on("pg2", "pg_dropcluster 17 main");
    lab.fault("poweroff", "pg2");
    two.galactl(&["bootstrap", "--yes"]).expect_code(4).says(&["refused[unreachable] pg2"]);
    lab.fault("poweron", "pg2");

    // Tables that cannot be sent are named, with what to do.
    let mut all = of(&NODES[..2]);
    all.rest = "databases: [{name: shop}]".into();
    refuses(&all, &["bootstrap", "--yes"], 3, &["refused[unlogged] pg1", "public.carts", "except"]);
    two.galactl(&["bootstrap", "--yes"]).expect_code(0);

    // A mesh is there: a second one is never born, whatever the inventory says.
    let mut renamed = of(&NODES[..2]);
    renamed.cluster = "name: other".into();
    refuses(&renamed, &["bootstrap", "--yes"], 3, &["refused[other-mesh] pg1", "belongs to mesh `shop`"]);
    let without = of(&["pg1", "pg3"]);
    refuses(&without, &["add-node", "pg3", "--yes"], 3, &["refused[stranger] pg2", "remove-node"]);
    let mut more = of(&NODES[..2]);
    more.rest = "databases: [{name: shop, except: [public.carts]}, {name: stock}]".into();
    refuses(&more, &["bootstrap", "--yes"], 3, &["refused[new-database]", "stock"]);
    lab.on("pg2", "systemctl stop postgresql@17-main");
    let three = of(&NODES);
    refuses(&three, &["add-node", "pg3", "--yes"], 3, &["refused[not-running] pg2", "systemctl start"]);
    lab.on("pg2", "systemctl start postgresql@17-main");
    assert_eq!(sql(&lab, "pg2", "SELECT count(*) FROM galactl.node"), "2");
    two.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
}
