//! Changing the configuration of five nodes that clients write to.

use crate::lab::Lab;
use crate::outage::{Shop, Writer};
use crate::run::Inventory;

const HOSTS: [&str; 5] = ["db1", "db2", "db3", "db4", "db5"];
/// What a systemd unit needs to fail at every start.
const BROKEN: &str = "/run/systemd/system/mariadb.service.d/broken.conf";

#[test]
#[ignore = "boots real hosts"]
fn five_nodes_change_one_after_the_other() {
    let lab = Lab::up("t-rolling", &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);
    let shop = Shop::open(&lab, &inventory);
    let (state, mut rows) = (shop.state.clone(), Vec::new());

    inventory.rest = "mysqld:\n  back_log: 71\n".into();
    rows.extend(nobody_notices(&lab, &inventory));
    inventory.rest = "mysqld:\n  back_log: 71\n  max_connections: 222\n  sort_buffer_size: 3M\n".into();
    without_a_restart(&lab, &inventory);
    inventory.rest = "mysqld:\n  back_log: 72\n  max_connections: 222\n  sort_buffer_size: 3M\n".into();
    rows.extend(one_does_not_come_back(&lab, &inventory));
    rows.extend(a_partition(&lab, &inventory));

    let mut shop = Shop::again(&lab, &inventory, &state);
    shop.assert_has(&rows);
}

/// A client on each of two nodes commits until its own node leaves; they leave last.
fn nobody_notices(lab: &Lab, inventory: &Inventory<'_>) -> Vec<String> {
    let mut writers =
        [("db1", Writer::start(lab, "db1", 1_000_000)), ("db2", Writer::start(lab, "db2", 2_000_000))];
    lab.on(
        "db1",
        "until mariadb -BN -e 'SELECT COUNT(*) > 200 FROM shop.t GROUP BY id DIV 1000000' | grep -cx 1 | grep -qx 2; do sleep 0.1; done",
    );
    let mut alive = Vec::new();
    let ran = inventory.galactl_at(&["apply-config", "--yes"], "ok db3/galera/join", || {
        alive.extend(writers.iter_mut().map(|(_, writer)| writer.is_writing()));
    });
    ran.expect_code(0);
    assert_eq!(alive, [true, true], "a commit failed on a node that was not restarted");
    for host in HOSTS {
        assert_eq!(lab.sql(host, "SELECT @@back_log"), "71", "{host}");
    }
    writers.into_iter().flat_map(|(host, writer)| writer.acknowledged(host)).collect()
}

fn pids(lab: &Lab) -> Vec<String> {
    HOSTS.iter().map(|host| lab.on(host, "systemctl show mariadb -p MainPID,NRestarts")).collect()
}

fn without_a_restart(lab: &Lab, inventory: &Inventory<'_>) {
    let before = pids(lab);
    let ran = inventory.galactl(&["apply-config", "--yes"]).expect_code(0);
    ran.says(&["keep their value of sort_buffer_size", "ok db5/galera/set", "max_connections = 222"]);
    assert_eq!(pids(lab), before, "a server was restarted");
    for host in HOSTS {
        let values = lab.sql(host, "SELECT @@GLOBAL.max_connections, @@GLOBAL.sort_buffer_size");
        assert_eq!(values, "222\t3145728", "{host}");
    }
    nothing_to_do(inventory);
}

fn nothing_to_do(inventory: &Inventory<'_>) {
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
}

/// The run stops there, and its last words bring the node back as it was.
fn one_does_not_come_back(lab: &Lab, inventory: &Inventory<'_>) -> Vec<String> {
    lab.on("db3", &format!("mkdir -p $(dirname {BROKEN}); printf '[Service]\\nExecStartPre=/bin/false\\n' > {BROKEN}; systemctl daemon-reload"));
    let mut writer = Writer::start(lab, "db1", 3_000_000);
    let ran = inventory.galactl(&["apply-config", "--yes"]).expect_code(1);
    assert!(writer.is_writing(), "a commit failed on a node that was not restarted");
    let text = ran.text();
    assert!(text.contains("FAILED db3/galera/join") && !text.contains("-> db2/galera/leave"), "{text}");
    let way_back = text.lines().find_map(|line| line.split("to go back to it, on db3: ").nth(1));
    let way_back = way_back.unwrap_or_else(|| panic!("no way back in:\n{text}"));
    lab.on("db3", &format!("rm {BROKEN}; systemctl daemon-reload; {way_back}"));
    assert_eq!(lab.sql("db3", "SELECT @@back_log"), "71");
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0);
    writer.acknowledged("db1")
}

/// A node loses the others while another one is away: no further one is taken out.
fn a_partition(lab: &Lab, inventory: &Inventory<'_>) -> Vec<String> {
    let mut writer = Writer::start(lab, "db1", 4_000_000);
    let ran = inventory.galactl_at(&["restart", "db4", "db5", "--yes"], "-> db5/galera/join", || {
        for other in ["db1", "db2", "db4", "db5"] {
            lab.cut_from("db3", other);
        }
    });
    assert_ne!(ran.code, 0, "{}", ran.text());
    assert!(!ran.text().contains("ok db4/galera/leave"), "a second node was taken out:\n{}", ran.text());
    assert!(writer.is_writing(), "a commit failed on a node that was not restarted");
    lab.fault("heal", "db3");
    let synced = "until mariadb -BN -e \"SHOW STATUS LIKE 'wsrep_local_state_comment'\" | grep -q Synced; do sleep 0.2; done";
    lab.on("db3", synced);
    inventory.galactl(&["start", "--yes"]).expect_code(0);
    nothing_to_do(inventory);
    lab.on("db1", "pkill -x mariadb");
    writer.acknowledged("db1")
}
