//! Healthy work makes nobody get up: a cluster is born, restarted and grows while clients write, and nothing is told.

use std::time::Duration;

use crate::alert_log::Log;
use crate::clients::{Clients, Keeps, SETUP};
use crate::lab::Lab;
use crate::receiver::{self, sent};

const NODES: [&str; 3] = ["db1", "db2", "db3"];
/// Clients whose connections end by themselves notice nothing of planned work.
const CLIENTS: [Keeps; 3] =
    [Keeps::None, Keeps::For(Duration::from_secs(3)), Keeps::For(Duration::from_secs(3))];

#[test]
#[ignore = "boots real hosts"]
fn healthy_work_is_told_to_nobody() {
    let hosts = ["db1", "db2", "db3", "db4", "lb1:bookworm:bare", "mon1:bookworm:bare"];
    let lab = Lab::up("t-fired-silent", &hosts);
    let log = Log::begin(&lab);
    let mut inventory = receiver::inventory(&lab, &NODES);
    inventory.bootstrap();
    lab.sql("db1", SETUP);

    let clients = Clients::start(&[(lab.address("lb1"), 3306)], &CLIENTS);
    clients.await_more(100);
    inventory.galactl(&["restart", "--rolling", "--yes"]).expect_code(0);
    clients.await_more(100);
    inventory.nodes.push(("db4".into(), String::new()));
    inventory.galactl(&["add-node", "db4", "--yes"]).expect_code(0);
    clients.await_more(100);
    inventory.galactl(&["remove-node", "db4", "--yes"]).expect_code(0);
    inventory.nodes.pop();
    clients.await_more(100);
    log.await_rest();
    let account = clients.stop();
    assert_eq!(account.failures(|_| true), [""; 0]);
    account.assert_nothing_lost(&lab, &NODES);

    log.assert_planned_alone();
    assert_eq!(sent(&lab), [], "healthy work was told");
    inventory.settles();
    inventory.assert_whole();
}
