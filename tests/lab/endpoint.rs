//! Proxies in front of a cluster, and clients that write through them whatever happens to a node.

use std::time::{Duration, Instant};

use crate::clients::{Account, Clients, Keeps, SETUP};
use crate::lab::{Lab, until};
use crate::run::{ENCRYPTED, Inventory};

pub const NODES: [&str; 3] = ["db1", "db2", "db3"];
/// Connections that end by themselves.
pub const ENDING: [Keeps; 2] = [Keeps::None, Keeps::For(Duration::from_secs(3))];
/// How many rolling restarts in a row, where somebody wants more than one: with 20,000 statements each at least.
const RUNS: &str = "GALACTL_RUNS";
/// What the ledger beside a command says at its end.
const NOTHING_LOST: &str = "nothing is lost: every confirmed row is on db1, db2 and db3";

pub fn inventory<'a>(lab: &'a Lab, proxies: &[&str]) -> Inventory<'a> {
    let mut inventory = Inventory::of(lab, &NODES);
    inventory.cluster += "\n  install: true";
    inventory.proxies = proxies.iter().map(|name| ((*name).to_owned(), String::new())).collect();
    inventory
}

pub fn at(lab: &Lab, proxies: &[&str], port: u16) -> Vec<(String, u16)> {
    proxies.iter().map(|proxy| (lab.address(proxy), port)).collect()
}

/// How many statements a rolling restart is tried with at least.
pub fn statements() -> usize {
    if std::env::var(RUNS).is_ok() { 20_000 } else { 3_000 }
}

/// Clients of these kinds write through the proxies while galactl does something with a ledger beside it, and until so
/// many statements are done.
#[track_caller]
pub fn meanwhile(
    inventory: &Inventory<'_>,
    endpoints: &[(String, u16)],
    (kinds, statements): (&[Keeps], usize),
    words: &[&str],
) -> Account {
    let clients = Clients::start(endpoints, kinds);
    let ran = inventory.galactl(&[words, &["--ledger"]].concat()).expect_code(0);
    clients.await_more(statements.saturating_sub(clients.confirmed()));
    let account = clients.stop();
    ran.says(&[NOTHING_LOST]);
    tell(&account);
    account
}

fn tell(account: &Account) {
    let (confirmed, failed) = (account.confirmed.len(), account.failed.len());
    println!("{confirmed} confirmed, {failed} failed, longest {:?}", account.longest);
}

#[test]
#[ignore = "boots real hosts"]
fn clients_notice_nothing_of_a_rolling_restart() {
    let lab = Lab::up("t-endpoint", &["db1", "db2", "db3", "lb1:bullseye:bare", "lb2:trixie:bare"]);
    let mut inventory = inventory(&lab, &["lb1", "lb2"]);
    inventory.rest = ENCRYPTED.into();
    // The proof is a client that speaks TLS, and asks for the proxy's name in the node's certificate.
    inventory.bootstrap().says(&["ok lb1/haproxy/verify", "writes go to db1"]);
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
    inventory.settles().says(&["proxy, writes go to db1"]);
    lab.sql("db1", SETUP);

    let endpoints = at(&lab, &["lb1", "lb2"], 3306);
    let restart = ["restart", "--rolling", "--yes"];
    let account = meanwhile(&inventory, &endpoints, (&ENDING, 0), &restart);
    assert_eq!(account.failures(|_| true), [""; 0]);
    account.assert_nothing_lost(&lab, &NODES);
    // The last node that left was the writer, and does not get the writes back.
    inventory.settles().says(&["proxy, writes go to db2"]);

    the_last_one_that_serves_is_not_drained(&lab, &inventory);
    what_differs_is_found_and_put_right(&lab, &inventory);

    inventory.rest += "endpoint:\n  writes: any\n  drain: 5";
    let account = meanwhile(&inventory, &endpoints, (&ENDING, 0), &["apply-config", "--yes"]);
    assert_eq!(account.failures(|_| true), [""; 0]);
    let kinds = [ENDING[0], ENDING[1], Keeps::Ever];
    let runs = std::env::var(RUNS).map_or(1, |runs| runs.parse().expect("a number"));
    for _ in 0..runs {
        let account = meanwhile(&inventory, &endpoints, (&kinds, statements()), &restart);
        assert_eq!(account.failures(|keeps| !matches!(keeps, Keeps::Ever)), [""; 0]);
        // Such a client has one session; it is cut once at each node.
        assert!(account.failed.len() <= 2 * NODES.len(), "{:?}", account.failures(|_| true));
        account.assert_nothing_lost(&lab, &NODES);
    }
    proxies_that_start_anew_send_nobody_to_a_drained_node(&lab, &inventory, &endpoints);
    clear_text_is_turned_away(&lab, &mut inventory);
    inventory.assert_whole();
}

fn the_last_one_that_serves_is_not_drained(lab: &Lab, inventory: &Inventory<'_>) {
    for host in ["db1", "db3"] {
        lab.sql(host, "SET GLOBAL read_only = ON");
    }
    inventory.galactl(&["stop", "db2", "--yes"]).expect_code(3).says(&[
        "db2: proxies could send clients to no other node: db1 answers 503 (read_only is set)",
        "next: galactl doctor",
    ]);
    inventory
        .galactl(&["doctor"])
        .expect_code(5)
        .says(&["it is Synced, and tells proxies: 503 (read_only is set)"]);
    for host in ["db1", "db3"] {
        lab.sql(host, "SET GLOBAL read_only = OFF");
    }
    lab.on("db2", "[ ! -e /run/galactl-drain ] && systemctl is-active mariadb");
}

fn what_differs_is_found_and_put_right(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("lb1", "systemctl stop haproxy");
    lab.on("lb2", "sed -i 's/^    retries 2/    retries 9/' /etc/haproxy/haproxy.cfg");
    lab.on("db3", "systemctl disable --now galactl-health.socket; touch /run/galactl-drain");
    inventory.galactl(&["status"]).expect_code(5).says(&[
        "lb1: haproxy.service is inactive: no client gets through this proxy",
        "lb2: /etc/haproxy/haproxy.cfg is not what the inventory says",
        "db3: it is drained: proxies send no new client to it",
    ]);
    inventory.galactl(&["apply-config", "--yes", "--ledger"]).expect_code(0).says(&[
        NOTHING_LOST,
        "ok db3/health/serve",
        "ok db3/health/listen",
        "ok lb1/haproxy/run",
        "ok lb2/haproxy/config",
        "ok lb1/haproxy/verify",
    ]);
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
}

/// One proxy is reloaded and the other one killed while a node is drained and about to leave. Neither has asked the
/// nodes yet when its first clients come.
fn proxies_that_start_anew_send_nobody_to_a_drained_node(
    lab: &Lab,
    inventory: &Inventory<'_>,
    endpoints: &[(String, u16)],
) {
    let count = |which: &str| -> u32 {
        let select =
            format!("SET SESSION wsrep_sync_wait = 1; SELECT COUNT(*) FROM app.orders WHERE {which}");
        lab.sql("db1", &select).parse().expect("a number")
    };
    // Of the first kind of client: those with a connection for each statement.
    let through = |proxy: &str| count(&format!("id LIKE '{}-0-%'", lab.address(proxy)));
    let clients = Clients::start(endpoints, &ENDING);
    let restart = ["restart", "db2", "--yes", "--ledger"];
    let ran = inventory.galactl_held(&restart, "ok db2/health/drain", || {
        let on_db2 = count("node = 'db2'");
        assert!(on_db2 > 0, "it took writes before");
        lab.on("lb1", "systemctl reload haproxy");
        lab.on("lb2", "systemctl kill -s KILL haproxy");
        let before = ["lb1", "lb2"].map(through);
        until("new clients write through both", || before.map(|it| it + 100) < ["lb1", "lb2"].map(through));
        assert_eq!(count("node = 'db2'"), on_db2, "rows on a drained node");
    });
    let account = clients.stop();
    ran.expect_code(0).says(&[NOTHING_LOST, "no session is left"]);
    tell(&account);
    assert_eq!(account.failures_at(&lab.address("lb1")), [""; 0]);
    account.assert_nothing_lost(lab, &NODES);
}

/// The ledger finds out, and goes on in TLS.
fn clear_text_is_turned_away(lab: &Lab, inventory: &mut Inventory<'_>) {
    inventory.rest = inventory.rest.replace(ENCRYPTED, &format!("{ENCRYPTED}  clients: required\n"));
    let ran = inventory.galactl(&["apply-config", "--yes", "--ledger"]).expect_code(0);
    ran.says(&[NOTHING_LOST, " 0 failed, 0 unknown", "ok db1/galera/set"]);
    let lets_in = |options: &str| {
        let client = format!("mariadb --no-defaults -h {} -u app -papp {options}", lab.address("lb1"));
        lab.try_on("db1", &format!("{client} -e 'DO 1'")).0
    };
    assert!(!lets_in("--skip-ssl"));
    assert!(lets_in("--ssl-ca=/etc/mysql/galactl/ca.pem --ssl-verify-server-cert"));
}

/// An address of the network of this host that no host has.
pub fn shared_address(lab: &Lab, host: &str) -> String {
    let first = lab.address(host);
    first.rsplit_once('.').expect("an IPv4 address").0.to_owned() + ".250"
}

/// The proxy whose host has the address now.
pub fn holder<'a>(lab: &Lab, proxies: &[&'a str], address: &str) -> Option<&'a str> {
    let has = |proxy: &&&str| {
        lab.is_on(proxy) && lab.try_on(proxy, &format!("ip -o addr | grep -qF ' {address}/'")).0
    };
    proxies.iter().find(has).copied()
}

#[test]
#[ignore = "boots real hosts"]
fn the_address_moves_when_a_proxy_fails() {
    let lab = Lab::up("t-address", &["db1", "db2", "db3", "lb1:bookworm:bare", "lb2:trixie:bare"]);
    let proxies = ["lb1", "lb2"];
    let (mut inventory, address) = (inventory(&lab, &proxies), shared_address(&lab, "db1"));
    inventory.rest = format!("endpoint:\n  virtual_address: {address}/24");
    inventory.bootstrap().says(&["ok lb2/keepalived/share", &format!("lb1, lb2 and {address}")]);
    inventory.settles();
    lab.sql("db1", SETUP);
    let endpoint = [(address.clone(), 3306)];
    // The writes are at another node than the first one that serves.
    inventory.galactl(&["restart", "db1", "--yes", "--ledger"]).expect_code(0).says(&[NOTHING_LOST]);
    assert_eq!(writers(&inventory), ["db2"; 2]);

    let (clients, ledger) = (Clients::start(&endpoint, &ENDING), inventory.ledger());
    proxies_that_come_back_leave_the_writes_where_they_are(&lab, &inventory, &clients);
    let moves = |what: &str, fault: fn(&Lab, &str)| moves(&lab, &proxies, &address, what, fault);
    let first = moves("HAProxy is stopped", |lab, proxy| drop(lab.on(proxy, "systemctl stop haproxy")));
    lab.on(first, "systemctl start haproxy");
    let second = moves("the host loses its power", |lab, proxy| lab.fault("poweroff", proxy));
    inventory.galactl(&["status"]).expect_code(5).says(&[&format!("{second}: the proxy was not seen")]);
    // Nobody can be reached, and then one again.
    lab.on(first, "systemctl stop haproxy; systemctl start haproxy");
    clients.await_more(100);
    let account = clients.stop();
    account.assert_nothing_lost(&lab, &NODES);
    ledger.assert_nothing_lost();
    tell(&account);

    // Maintenance goes on with one proxy, and its proof is the ledger.
    inventory
        .galactl(&["restart", "db3", "--yes", "--ledger"])
        .expect_code(0)
        .says(&["no session is left", NOTHING_LOST]);
    lab.fault("poweron", second);
    inventory.settles();
    clients_come_back_when_both_proxies_do(&lab, &inventory, &endpoint);
    a_restart_that_is_killed_leaves_nobody_drained(&lab, &inventory);
}

/// The nodes to which the proxies say that writes go.
pub fn writers(inventory: &Inventory<'_>) -> Vec<String> {
    let said = inventory.galactl(&["status"]).stdout;
    let writer = |line: &str| Some(line.split_once("writes go to ")?.1.split_whitespace().next()?.to_owned());
    said.lines().filter_map(writer).collect()
}

/// Does something to the proxy that has the address, tells how long it takes until another one has it, and gives the
/// name of the first.
fn moves<'a>(lab: &Lab, proxies: &[&'a str], address: &str, what: &str, fault: fn(&Lab, &str)) -> &'a str {
    let from = holder(lab, proxies, address).expect("one has it");
    let began = Instant::now();
    fault(lab, from);
    until("the address has moved", || holder(lab, proxies, address).is_some_and(|now| now != from));
    println!("{what}: another proxy has the address after {:.1} s", began.elapsed().as_secs_f64());
    from
}

/// A proxy that is reloaded or killed asks the other one, or the process before it, which node takes the writes.
fn proxies_that_come_back_leave_the_writes_where_they_are(
    lab: &Lab,
    inventory: &Inventory<'_>,
    clients: &Clients,
) {
    for what in ["reload haproxy", "kill -s KILL haproxy"] {
        for proxy in ["lb1", "lb2"] {
            lab.on(proxy, &format!("systemctl {what}"));
            clients.await_more(100);
            inventory.settles();
            assert_eq!(writers(inventory), ["db2"; 2], "{what} on {proxy}");
        }
    }
}

/// With both proxies, it is lost which node took the writes. No session is left there, and both agree on the next one.
fn clients_come_back_when_both_proxies_do(lab: &Lab, inventory: &Inventory<'_>, endpoint: &[(String, u16)]) {
    let (clients, ledger) = (Clients::start(endpoint, &ENDING), inventory.ledger());
    clients.await_more(100);
    for what in ["stop", "start"] {
        for proxy in ["lb1", "lb2"] {
            lab.on(proxy, &format!("systemctl {what} haproxy"));
        }
    }
    clients.await_more(100);
    inventory.settles();
    let writers = writers(inventory);
    assert!(writers.len() == 2 && writers[0] == writers[1], "{writers:?}");
    let account = clients.stop();
    account.assert_nothing_lost(lab, &NODES);
    ledger.assert_nothing_lost();
}

/// galactl is killed in each step of a drained restart. Whatever comes next is done, or says what to type first.
fn a_restart_that_is_killed_leaves_nobody_drained(lab: &Lab, inventory: &Inventory<'_>) {
    let restart = ["restart", "db2", "--yes"];
    for id in inventory.steps(&["restart", "db2"]) {
        let mut killed = inventory.galactl_until(&restart, &format!("-> {id}"));
        killed.kill().expect("it runs");
        killed.wait().expect("it ends");
        let again = inventory.galactl(&["restart", "db2", "--dry-run"]);
        assert!(again.code == 0 || again.text().contains("galactl start"), "{id}: {}", again.text());
        inventory.galactl(&["start", "--yes"]).expect_code(0);
        lab.on("db2", "[ ! -e /run/galactl-drain ]");
        inventory.settles();
    }
    inventory.assert_whole();
}
