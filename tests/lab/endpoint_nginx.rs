//! nginx in front of a cluster, and the unit beside it that follows the nodes' health.

use crate::clients::{Clients, Keeps, SETUP};
use crate::endpoint::{ENDING, NODES, at, holder, inventory, meanwhile, shared_address, statements};
use crate::lab::{Lab, until};
use crate::run::Inventory;

const PROXIES: [&str; 2] = ["lb1", "lb2"];

#[test]
#[ignore = "boots real hosts"]
fn clients_of_nginx_notice_nothing_of_a_rolling_restart() {
    let lab = Lab::up("t-nginx", &["db1", "db2", "db3", "lb1:bullseye:bare", "lb2:trixie:bare"]);
    let (mut inventory, address) = (inventory(&lab, &PROXIES), shared_address(&lab, "db1"));
    inventory.proxies = PROXIES.map(|name| (name.to_owned(), "    kind: nginx\n".to_owned())).into();
    inventory.rest = format!("endpoint:\n  virtual_address: {address}/24\n  drain: 5");
    inventory.bootstrap().says(&["ok lb2/nginx/run", "ok lb2/keepalived/share", "writes go to db1"]);
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
    inventory.settles().says(&["proxy, writes go to db1"]);
    lab.sql("db1", SETUP);

    // One writer. The last node that leaves is that one, and does not get the writes back.
    let restart = ["restart", "--rolling", "--yes"];
    let account = meanwhile(&inventory, &at(&lab, &PROXIES, 3306), (&ENDING, statements()), &restart);
    assert_eq!(account.failures(|_| true), [""; 0]);
    account.assert_nothing_lost(&lab, &NODES);
    inventory.settles().says(&["proxy, writes go to db2"]);

    the_address_moves(&lab, &address);
    what_differs_is_found_and_put_right(&lab, &inventory);
    settings_of_somebody_else_stay_whole(&lab, &mut inventory, &address);

    inventory.rest = inventory.rest.replace("endpoint:", "endpoint:\n  writes: any");
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0).says(&["ok lb1/nginx/run"]);
    let kinds = [ENDING[0], ENDING[1], Keeps::Ever];
    let account = meanwhile(&inventory, &at(&lab, &PROXIES, 3306), (&kinds, statements()), &restart);
    assert_eq!(account.failures(|keeps| !matches!(keeps, Keeps::Ever)), [""; 0]);
    // Such a client has one session; it is cut once at each node.
    assert!(account.failed.len() <= PROXIES.len() * NODES.len(), "{:?}", account.failures(|_| true));
    account.assert_nothing_lost(&lab, &NODES);
    inventory.assert_whole();
}

/// nginx ends on the host that has the address.
fn the_address_moves(lab: &Lab, address: &str) {
    let clients = Clients::start(&[(address.to_owned(), 3306)], &ENDING);
    let first = holder(lab, &PROXIES, address).expect("one has it");
    lab.on(first, "systemctl stop nginx");
    until("the address has moved", || holder(lab, &PROXIES, address).is_some_and(|now| now != first));
    lab.on(first, "systemctl start nginx");
    clients.stop().assert_nothing_lost(lab, &NODES);
}

fn what_differs_is_found_and_put_right(lab: &Lab, inventory: &Inventory<'_>) {
    // A follower that is killed comes back by itself.
    lab.on("lb2", "systemctl kill -s KILL galactl-nginx");
    until("the follower is back", || lab.try_on("lb2", "systemctl is-active galactl-nginx").0);
    inventory.settles();
    lab.on("lb1", "systemctl stop galactl-nginx");
    lab.on("lb2", "sed -i 's/ 8h;/ 9h;/' /etc/nginx/modules-enabled/90-galactl.conf");
    inventory.galactl(&["status"]).expect_code(5).says(&[
        "lb1: galactl-nginx.service does not run: the proxy does not learn which nodes serve",
        "lb2: /etc/nginx/modules-enabled/90-galactl.conf is not what the inventory says",
    ]);
    // Nobody tells this nginx that a node is drained, so that node is not stopped.
    inventory.galactl(&["restart", "db3", "--yes"]).expect_code(1).says(&[
        "new clients are still sent to it: lb1 sends clients to db3",
        "db3 was not stopped, and takes clients again",
    ]);
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0).says(&[
        "ok lb1/nginx/run",
        "ok lb2/nginx/config",
        "ok lb1/nginx/verify",
    ]);
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
}

/// What else nginx does there goes on, and a file that does not fit beside it is not put in place.
fn settings_of_somebody_else_stay_whole(lab: &Lab, inventory: &mut Inventory<'_>, address: &str) {
    let page = "exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; grep -q 'Welcome to nginx' <&3";
    lab.on("lb1", &format!("bash -c \"{page}\""));
    lab.on("lb1", "echo 'stream { }' > /etc/nginx/modules-enabled/80-own.conf");
    inventory.rest = format!("endpoint:\n  virtual_address: {address}/24\n  drain: 5\n  read_port: 3317");
    inventory.galactl(&["apply-config", "--yes"]).expect_code(1).says(&[
        "the nginx does not accept it",
        "\"stream\" directive is duplicate",
        "/etc/nginx/modules-enabled/90-galactl.conf on lb1 is as it was",
    ]);
    lab.on("lb1", "rm /etc/nginx/modules-enabled/80-own.conf");
    let include = "include /etc/nginx/modules-enabled";
    lab.on("lb1", &format!("sed -i 's|^{include}|#&|' /etc/nginx/nginx.conf"));
    let words = ["it needs, outside of http, the line", "include /etc/nginx/modules-enabled/*.conf;"];
    inventory.galactl(&["apply-config", "--yes"]).expect_code(1).says(&words);
    lab.on("lb1", &format!("sed -i 's|^#{include}|{include}|' /etc/nginx/nginx.conf"));
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0).says(&["ok lb1/nginx/verify"]);
}
