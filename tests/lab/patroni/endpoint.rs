//! What applications connect to: two hosts with HAProxy, and what their clients notice while the primary is lost.

use std::time::Instant;

use super::failovers::{self, CUT, KILLED, POWER, PROXIES, SWITCHED, leader, others};
use super::{NODES, assert_whole, sql};
use crate::endpoint::{holder, shared_address};
use crate::lab::{Lab, until};
use crate::outage::for_all;
use crate::run::Inventory;

/// Through a proxy, as an application does. `None`: the proxy or the server sends the client away, and what was said.
fn through(lab: &Lab, from: &str, at: (&str, u16), user: &str, statement: &str) -> Result<String, String> {
    let (proxy, port) = at;
    through_address(lab, from, (&lab.address(proxy), port), user, statement)
}

fn through_address(
    lab: &Lab,
    from: &str,
    (address, port): (&str, u16),
    user: &str,
    statement: &str,
) -> Result<String, String> {
    let script = format!(
        "PGPASSWORD=shop PGCONNECT_TIMEOUT=5 psql -XAtq -h {address} -p {port} -U {user} -d postgres -c \"{statement}\""
    );
    let (ok, text) = lab.try_on(from, &script);
    let text = text.trim().to_owned();
    if ok { Ok(text) } else { Err(text) }
}

#[test]
#[ignore = "boots real hosts"]
fn clients_of_two_proxies_reach_the_primary_and_lose_no_commit() {
    let lab = Lab::up(
        "t-pg-endpoint",
        &[
            "pg1:bookworm",
            "pg2:bookworm",
            "pg3:bookworm",
            "lb1:bookworm:bare",
            "lb2:bookworm:bare",
            "app1:bookworm:postgresql",
        ],
    );
    let mut inventory = Inventory::of_patroni(&lab, &NODES);
    inventory.cluster += "\n  install: true";
    // A statement with a password would be in the log of a server that logs such statements.
    let shared = shared_address(&lab, "pg1");
    inventory.rest = format!(
        "failover: fast\nclients: [{}/32]\npostgresql: {{settings: {{log_statement: ddl}}}}\nendpoint: {{virtual_address: {shared}/24}}",
        lab.address("app1")
    );
    inventory.proxies = PROXIES.map(|proxy| (proxy.to_owned(), String::new())).into();
    it_is_set_up_once(&lab, &inventory);
    whoever_may_not_come_is_sent_away(&lab);
    reads_go_to_standbys(&lab);
    proxies_are_put_right(&lab, &mut inventory);
    the_address_moves(&lab, &inventory, &shared);
    the_primary_is_lost(&lab, &inventory);
}

fn it_is_set_up_once(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("lb2", "mkdir -p /etc/haproxy && echo '# mine' > /etc/haproxy/haproxy.cfg");
    inventory
        .galactl(&["bootstrap", "--yes"])
        .expect_code(3)
        .says(&["refused[foreign-file] lb2", "/etc/haproxy/haproxy.cfg"]);
    lab.on("pg1", "test ! -e /etc/patroni/config.yml");
    lab.on("lb2", "rm -r /etc/haproxy");

    inventory.bootstrap().says(&[
        "ok lb1/haproxy/run",
        "ok lb2/keepalived/share",
        "ok lb1/haproxy/verify",
        "writes go to pg1",
    ]);
    assert_whole(lab);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    inventory.settles().says(&["clients of the proxies write at port 5000, and read at port 5001"]);
    let left = "SELECT (SELECT count(*) FROM pg_roles WHERE rolname LIKE 'galactl%') + (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'galactl%')";
    assert_eq!(sql(lab, "pg1", left), "0", "the proof has left something");
    let logged = lab.on(
        "pg1",
        "journalctl --no-pager -o cat -u patroni; cat /var/lib/postgresql/15/main/log/* 2>/dev/null; true",
    );
    assert!(logged.contains("CREATE TABLE public"), "such statements are logged");
    assert!(!logged.contains("galactl_endpoint") && !logged.contains("PASSWORD"), "a password was logged");

    let config = "cd /; runuser -u postgres -- patronictl -c /etc/patroni/config.yml show-config";
    assert!(!lab.on("pg1", config).contains("galactl"), "waking Patroni has changed its configuration");
    sql(lab, "pg1", failovers::TABLE);
}

/// The proxies let in whom `clients` names, and the servers none of Patroni's own accounts.
fn whoever_may_not_come_is_sent_away(lab: &Lab) {
    for proxy in PROXIES {
        assert_eq!(through(lab, "app1", (proxy, 5000), "shop", "SELECT 1"), Ok("1".into()));
        for account in ["postgres", "replicator", "rewind_user"] {
            let said = through(lab, "app1", (proxy, 5000), account, "SELECT 1").unwrap_err();
            assert!(said.contains("pg_hba.conf rejects connection"), "{account}: {said}");
        }
        // lb1 and lb2 are in no network of clients. The request for TLS is the first word that PostgreSQL answers.
        let ask = format!(
            "exec 3<>/dev/tcp/{}/5000; printf '\\0\\0\\0\\010\\004\\322\\026\\057' >&3; head -c 1 <&3 | wc -c",
            lab.address(proxy)
        );
        let ask =
            |from: &str| lab.try_on(from, &format!("timeout 10 bash -c \"{}\"", ask.replace('"', "\\\"")));
        let stranger = PROXIES.into_iter().find(|other| *other != proxy).expect("another one");
        assert_eq!(ask("app1").1.trim(), "1", "the question is right");
        assert!(!ask(stranger).1.trim().starts_with('1'), "{stranger} got an answer of {proxy}");
    }
}

fn reads_go_to_standbys(lab: &Lab) {
    let is_standby = |proxy| through(lab, "app1", (proxy, 5001), "shop", "SELECT pg_is_in_recovery()");
    for proxy in PROXIES {
        assert_eq!(is_standby(proxy), Ok("t".into()));
    }
    let standbys = others(leader(lab));
    for_all(&standbys, |node| drop(lab.on(node, "systemctl stop patroni")));
    for proxy in PROXIES {
        until("reads go to the primary", || is_standby(proxy) == Ok("f".into()));
    }
    for_all(&standbys, |node| drop(lab.on(node, "systemctl start patroni")));
    for proxy in PROXIES {
        until("reads go to a standby again", || is_standby(proxy) == Ok("t".into()));
    }
}

fn proxies_are_put_right(lab: &Lab, inventory: &mut Inventory<'_>) {
    inventory.settles();
    lab.on("lb1", "systemctl stop haproxy");
    lab.on("lb2", "sed -i 's/^    retries 2/    retries 9/' /etc/haproxy/haproxy.cfg");
    inventory.galactl(&["status"]).expect_code(5).says(&[
        "lb1: haproxy.service is inactive",
        "lb2: /etc/haproxy/haproxy.cfg is not what the inventory says",
        "galactl bootstrap",
    ]);
    inventory.bootstrap().says(&["ok lb1/haproxy/run", "ok lb2/haproxy/config", "ok lb1/haproxy/verify"]);

    let usual = inventory.rest.clone();
    inventory.rest = usual.replace("endpoint: {", "endpoint: {write_port: 6432, ");
    let plan = inventory.file("plan.json");
    inventory.galactl(&["plan", "--out", &plan, "--detailed-exitcode"]).expect_code(2);
    let ran = inventory.galactl_alone(&["apply", &plan, "--yes"]).expect_code(0);
    ran.says(&["ok lb1/haproxy/config", "ok lb2/haproxy/run", "ok lb1/haproxy/verify"]);
    inventory.galactl_alone(&["apply", &plan, "--yes"]).expect_code(4).says(&["refused[stale]"]);
    assert_eq!(through(lab, "app1", ("lb1", 6432), "shop", "SELECT 1"), Ok("1".into()));
    assert!(through(lab, "app1", ("lb1", 5000), "shop", "SELECT 1").unwrap_err().contains("refused"));
    inventory.rest = usual;
    inventory.bootstrap();
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
}

/// The host of a proxy loses its power, the other one gets the address, and the cluster needs neither.
fn the_address_moves(lab: &Lab, inventory: &Inventory<'_>, shared: &str) {
    let writes = || through_address(lab, "app1", (shared, 5000), "shop", "SELECT pg_is_in_recovery()");
    assert_eq!(writes(), Ok("f".into()));
    let first = holder(lab, &PROXIES, shared).expect("one has it");
    inventory
        .galactl(&["status"])
        .says(&[&format!("the proxies share the address {shared}: {first} has it")]);
    let began = Instant::now();
    lab.fault("poweroff", first);
    until("writes go through the other proxy", || writes() == Ok("f".into()));
    println!("the address moved: {:.1} s without {first}", began.elapsed().as_secs_f64());
    let unseen = format!("{first}: the proxy was not seen");
    inventory.galactl(&["status"]).expect_code(5).says(&[&unseen]);
    inventory
        .galactl(&["bootstrap", "--yes"])
        .expect_code(4)
        .says(&[&format!("refused[unreachable] {first}")]);
    inventory
        .galactl(&["recover", "--yes"])
        .expect_code(0)
        .says(&["a primary runs, and all nodes follow it"]);
    lab.fault("poweron", first);
    inventory.settles();
    let second = PROXIES.into_iter().find(|proxy| *proxy != first).expect("another one");
    assert_eq!(holder(lab, &PROXIES, shared), Some(second), "who has the address keeps it");
}

/// No commit that was acknowledged is lost; the time without one is told.
fn the_primary_is_lost(lab: &Lab, inventory: &Inventory<'_>) {
    let cases = [
        ("on", &SWITCHED),
        ("on", &KILLED),
        ("on", &POWER),
        ("on", &CUT),
        ("strict", &POWER),
        ("strict", &CUT),
    ];
    for (number, (mode, fault)) in cases.into_iter().enumerate() {
        is_strict(lab, mode == "strict");
        let lost = failovers::lose(lab, fault, (number as u64 + 1) * 10_000_000);
        let [one, other] = lost.seconds;
        println!("{mode}, {}: {one:.1} s and {other:.1} s, {} commits", fault.what, lost.acknowledged);
        assert!(lost.missing.is_empty(), "{mode}, {}: lost {:?}", fault.what, lost.missing);
    }
    assert_whole(lab);
    is_strict(lab, false);
    inventory.settles();
}

fn is_strict(lab: &Lab, strict: bool) {
    let script = format!(
        "cd /; runuser -u postgres -- patronictl -c /etc/patroni/config.yml edit-config --force -s synchronous_mode_strict={strict} >/dev/null"
    );
    lab.on(leader(lab), &script);
}
