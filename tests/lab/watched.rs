//! Who watches the cluster: exporters, Prometheus and its Alertmanager, set up with it. What they tell is told by a real
//! fault, and work that galactl does makes nobody get up.

use std::path::Path;
use std::time::Instant;

use crate::clients::SETUP;
use crate::lab::{Lab, until};
use crate::pages;
use crate::receiver::{self, sent};
use crate::run::Inventory;
use crate::silence;

const NODES: [&str; 3] = ["db1", "db2", "db3"];

#[test]
#[ignore = "boots real hosts"]
fn a_cluster_is_watched_from_its_birth() {
    let lab = Lab::up(
        "t-watched",
        &["--small-disk", "600M", "db1", "db2", "db3", "lb1:bullseye:bare", "mon1:trixie:bare"],
    );
    let mut inventory = receiver::inventory(&lab, &NODES);
    let born =
        inventory.bootstrap().says(&["ok mon1/prometheus/verify", "9 targets answer", "rules are loaded"]);
    assert!(!born.text().contains("s3cr3t"), "{}", born.text());
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
    inventory.settles();
    lab.sql("db1", SETUP);

    nothing_listens_to_the_world(&lab);
    nobody_has_a_right_too_many(&lab);
    a_fault_is_told_and_its_end(&lab, &inventory);
    planned_work_is_silent(&lab, &inventory);
    what_differs_is_a_note(&lab, &inventory);
    a_timer_tells_what_galactl_knows(&lab, &mut inventory);
    an_alertmanager_of_somebody_else_is_silenced(&lab, &mut inventory);
    work_goes_on_without_it(&lab, &inventory);
    inventory.assert_whole();
}

/// Exporters have the address of their member, and what asks them is on its own host alone.
fn nothing_listens_to_the_world(lab: &Lab) {
    for (host, ports) in [("db1", "9100|9104"), ("lb1", "9100|8405"), ("mon1", "9090|9093|9094|9100")] {
        let own = lab.address(host);
        let listening = lab.on(host, &format!("ss -Hltn | awk '{{print $4}}' | grep -E ':({ports})$'"));
        let is_own = |it: &str| it.starts_with(&format!("{own}:")) || it.starts_with("127.0.0.1:");
        assert!(listening.lines().count() >= 2 && listening.lines().all(is_own), "{host}: {listening}");
    }
    // HAProxy answers Prometheus, and nobody else.
    let ask = format!(
        "exec 3<>/dev/tcp/{}/8405; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; head -n 1 <&3",
        lab.address("lb1")
    );
    let ask = format!("bash -c \"{}\"", ask.replace('"', "\\\""));
    assert!(lab.on("mon1", &ask).contains(" 200 "));
    assert!(lab.on("db1", &ask).contains(" 403 "));
}

fn nobody_has_a_right_too_many(lab: &Lab) {
    let grants = lab.sql("db2", "SHOW GRANTS FOR prometheus@localhost");
    assert!(grants.lines().count() == 1 && grants.contains("GRANT USAGE ON *.*"), "{grants}");
    assert_eq!(lab.on("mon1", "stat -c '%a %U:%G' /etc/prometheus/alertmanager.yml"), "640 root:prometheus");
    // The secret is in that file, and nowhere else.
    let holders = lab.on("mon1", "grep -rls 's3cr3t-of-the-scene' /etc /var/log /run /root || true");
    assert_eq!(holders, "/etc/prometheus/alertmanager.yml");
}

fn a_fault_is_told_and_its_end(lab: &Lab, inventory: &Inventory<'_>) {
    assert_eq!(sent(lab), [], "a healthy cluster");
    let down = |fires: bool| ("GaleraNodeDown".to_owned(), "db3".to_owned(), fires);
    let began = Instant::now();
    lab.on("db3", "systemctl kill -s KILL mariadb; systemctl stop mariadb");
    until("the alert is sent", || sent(lab).contains(&down(true)));
    println!("a node is down: told after {:.0} s", began.elapsed().as_secs_f64());
    pages::every_query_has_values(lab, inventory);
    pages::a_browser_draws_them(lab);
    let (ended, before) = (Instant::now(), sent(lab));
    lab.on("db3", "systemctl reset-failed mariadb; systemctl start mariadb");
    until("its end is told", || sent(lab).contains(&down(false)));
    println!("it serves again: told after {:.0} s", ended.elapsed().as_secs_f64());
    // One message says why, and what follows from it is silent.
    assert!(before.iter().all(|it| *it == down(true)), "{before:?}");
    inventory.settles();
}

fn what_differs_is_a_note(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("db1", "systemctl stop prometheus-mysqld-exporter");
    lab.on("mon1", "echo '# changed by hand' >> /etc/prometheus/galactl.rules.yml");
    let notes = ["prometheus-mysqld-exporter.service is", "galactl.rules.yml is not what the inventory says"];
    inventory.galactl(&["status"]).expect_code(0).says(&notes).says(&["galactl apply-config"]);
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0).says(&[
        "ok db1/mysqld-exporter/run",
        "ok mon1/prometheus/rules",
        "ok mon1/prometheus/verify",
    ]);
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
}

/// For as long as galactl works, and no longer, also when it is killed.
fn planned_work_is_silent(lab: &Lab, inventory: &Inventory<'_>) {
    let silences = || lab.on("mon1", "amtool --alertmanager.url=http://127.0.0.1:9093 silence query");
    let restart = ["restart", "db2", "--yes"];
    let before = sent(lab);
    inventory
        .galactl_at(&restart, "-> db2/galera/join", || {
            let silent = silences();
            let words = ["cluster=\"shop\"", "maintenance=\"expected\"", "node=~\"db1|db2|db3|", "galactl"];
            assert!(words.iter().all(|word| silent.contains(word)), "{silent}");
        })
        .expect_code(0);
    assert!(!silences().contains("galactl"), "{}", silences());
    let mut killed = inventory.galactl_until(&restart, "-> db2/galera/leave");
    assert!(silences().contains("galactl"));
    killed.kill().expect("it runs");
    killed.wait().expect("it ends");
    until("the silence has ended", || !silences().contains("galactl"));
    silence::lasts_as_long_as_galactl_lives(lab);
    inventory.galactl(&["start", "--yes"]).expect_code(0);
    inventory.settles();
    assert_eq!(sent(lab), before, "planned work was told");
}

/// The units of the timer, on the host of Prometheus, from which galactl reaches all others.
fn a_timer_tells_what_galactl_knows(lab: &Lab, inventory: &mut Inventory<'_>) {
    lab.give("mon1", Path::new(env!("CARGO_BIN_EXE_galactl")));
    lab.give("mon1", &inventory.write());
    for file in ["id_ed25519", "known_hosts", "webhook"] {
        lab.give("mon1", &lab.directory().join(file));
    }
    let series =
        |query: &str| lab.on("mon1", &format!("promtool query instant http://127.0.0.1:9090 '{query}'"));
    lab.on(
        "mon1",
        r#"set -e
        cd; touch no_ssh_config
        command -v ssh >/dev/null || apt-get install -qq -y openssh-client >/dev/null 2>&1
        mv test-inventory.yaml '50 % of "shop".yaml'
        ./galactl monitoring render '50 % of "shop".yaml' --out rendered
        systemd-analyze verify rendered/systemd/galactl-status-shop.*
        cp rendered/systemd/* /etc/systemd/system
        systemctl daemon-reload
        systemctl enable --now galactl-status-shop.timer
        systemctl start galactl-status-shop"#,
    );
    until("Prometheus has what galactl tells", || series("galactl_node_synced == 1").lines().count() == 3);
    assert!(!series("galactl_cluster_health == 0").is_empty());
    assert!(
        lab.on("mon1", "promtool check metrics < /var/lib/prometheus/node-exporter/galactl-shop.prom")
            .is_empty()
    );
    // A cluster that is not well is told as well: galactl ends with 5 or 6 then.
    lab.sql("db2", "SET GLOBAL wsrep_desync = ON");
    lab.on("mon1", "systemctl start galactl-status-shop");
    until("a finding is there", || {
        series("galactl_finding{node=\"db2\",severity=\"degraded\"}").contains("db2")
    });
    lab.sql("db2", "SET GLOBAL wsrep_desync = OFF");
    lab.on("mon1", "systemctl start galactl-status-shop; systemctl disable --now galactl-status-shop.timer");
    inventory.settles();
}

/// galactl sends its alerts to that one, silences it, and leaves its files alone.
fn an_alertmanager_of_somebody_else_is_silenced(lab: &Lab, inventory: &mut Inventory<'_>) {
    let own = std::mem::replace(
        &mut inventory.rest,
        format!(
            "monitoring:\n  prometheus: {{name: mon1, address: {}}}\n  alerts: {{alertmanager: {{address: 127.0.0.1, port: 9193}}}}",
            lab.address("mon1")
        ),
    );
    lab.on(
        "mon1",
        "systemd-run --quiet --unit=another prometheus-alertmanager --config.file=/etc/prometheus/alertmanager.yml \
         --web.listen-address=127.0.0.1:9193 --cluster.listen-address= --storage.path=/root/another",
    );
    let another =
        |what: &str| lab.on("mon1", &format!("amtool --alertmanager.url=http://127.0.0.1:9193 {what}"));
    let steps = inventory.steps(&["apply-config"]);
    assert!(
        steps.iter().any(|it| it == "mon1/prometheus/config")
            && !steps.iter().any(|it| it.contains("/alertmanager/"))
    );
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0);
    inventory
        .galactl_at(&["restart", "db2", "--yes"], "-> db2/galera/join", || {
            let silent = another("silence query");
            assert!(silent.contains("maintenance=\"expected\"") && silent.contains("galactl"), "{silent}");
        })
        .expect_code(0);
    assert!(!another("silence query").contains("galactl"));
    // One that does not answer keeps nobody from work.
    lab.on("mon1", "systemctl stop another");
    inventory
        .galactl(&["restart", "db2", "--yes"])
        .expect_code(0)
        .says(&["no alert is silenced", "127.0.0.1:9193"]);
    inventory.rest = own;
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0);
    inventory.settles();
}

/// A Prometheus that is down keeps nobody from work on the database.
fn work_goes_on_without_it(lab: &Lab, inventory: &Inventory<'_>) {
    lab.fault("poweroff", "mon1");
    inventory.galactl(&["status"]).expect_code(0).says(&["the host of Prometheus was not seen"]);
    inventory.galactl(&["restart", "db3", "--yes", "--ledger"]).expect_code(0).says(&["nothing is lost"]);
    lab.fault("poweron", "mon1");
    until("Prometheus is back", || !inventory.galactl(&["status"]).text().contains("mon1"));
}
