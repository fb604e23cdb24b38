//! Members, hosts and proxies that fail.

use crate::alert_log::{Fires, Log, Made};
use crate::lab::{Lab, until};
use crate::receiver::{self, held_back, sent};
use crate::run::Inventory;

const NODES: [&str; 3] = ["db1", "db2", "db3"];

/// The node exporter tells a time that is not the host's: all hosts of a lab have one kernel, and so one clock.
const WRONG_CLOCK: &str = r"
sed -i '/^ExecStart=/s/$/ --no-collector.time/' /etc/systemd/system/prometheus-node-exporter.service
systemctl daemon-reload
systemctl restart prometheus-node-exporter
cat > /root/wrong-clock <<'END'
cd /var/lib/prometheus/node-exporter
while sleep 1; do
    echo node_time_seconds $(($(date +%s) + 30)) > /root/time
    mv /root/time ./time.prom
done
END
systemd-run --quiet --unit=wrong-clock sh /root/wrong-clock
";
const RIGHT_CLOCK: &str = r"
systemctl stop wrong-clock
rm -f /var/lib/prometheus/node-exporter/time.prom
sed -i 's/ --no-collector.time//' /etc/systemd/system/prometheus-node-exporter.service
systemctl daemon-reload
systemctl restart prometheus-node-exporter
";
const KILL: &str = "systemctl kill -s KILL mariadb; systemctl stop mariadb";
const START: &str = "systemctl reset-failed mariadb; systemctl start mariadb";

const NODE_3_DOWN: [Fires; 2] =
    [Fires("GaleraNodeDown", "critical", "db3"), Fires("GaleraClusterSmaller", "critical", "")];

#[test]
#[ignore = "boots real hosts"]
fn members_and_hosts_that_fail() {
    let lab = Lab::up(
        "t-fired-members",
        &["--small-disk", "900M", "db1", "db2", "db3", "lb1:bookworm:bare", "mon1:bookworm:bare"],
    );
    let inventory = receiver::inventory(&lab, &NODES);
    inventory.bootstrap();
    inventory.settles();
    let mut log = Log::begin(&lab);
    // These need minutes to fire, and do not touch the others.
    let slow = [
        exporter_silent(&lab, &mut log),
        clock_wrong(&lab, &mut log),
        desynced(&lab, &mut log),
        nearly_full(&lab, &mut log),
    ];
    no_service(&lab, &mut log);
    down(&lab, &mut log);
    cut_off(&lab, &mut log);
    for fault in slow {
        log.await_firing(fault);
    }
    log.mend(slow[0], || drop(lab.on("lb1", "systemctl start prometheus-node-exporter")));
    log.mend(slow[1], || drop(lab.on("mon1", RIGHT_CLOCK)));
    log.mend(slow[2], || drop(lab.sql("db1", "SET GLOBAL wsrep_desync = OFF")));
    log.mend(slow[3], || lab.fault("unfill", "db2"));
    for fault in slow {
        log.await_end(fault);
    }
    inventory.settles();
    not_primary_and_split(&lab, &inventory, &mut log);
    no_primary(&lab, &inventory, &mut log);
    inventory.settles();
    inventory.assert_whole();
    log.assert_nothing_else();
    super::tell(&log, "fired-members");
}

fn exporter_silent(lab: &Lab, log: &mut Log<'_>) -> Made {
    const FIRES: &[Fires] = &[Fires("GaleraExporterSilent", "warning", "lb1")];
    let stop = || drop(lab.on("lb1", "systemctl stop prometheus-node-exporter"));
    log.make("a node exporter is stopped", FIRES, &[], stop)
}

fn clock_wrong(lab: &Lab, log: &mut Log<'_>) -> Made {
    const FIRES: &[Fires] = &[Fires("GaleraClock", "warning", "mon1")];
    let make = || drop(lab.on("mon1", WRONG_CLOCK));
    log.make("a node exporter tells a time that is 30 s ahead", FIRES, &[], make)
}

fn desynced(lab: &Lab, log: &mut Log<'_>) -> Made {
    const FIRES: &[Fires] = &[Fires("GaleraNotSynced", "warning", "db1")];
    log.make("`wsrep_desync=ON`", FIRES, &[], || drop(lab.sql("db1", "SET GLOBAL wsrep_desync = ON")))
}

/// Less than a tenth of the disk is free, and more than a twentieth.
fn nearly_full(lab: &Lab, log: &mut Log<'_>) -> Made {
    const FIRES: &[Fires] = &[Fires("GaleraDiskFills", "warning", "db2")];
    let disk = lab.on("db2", "df --block-size=1 --output=size,avail /var/lib/mysql | tail -n 1");
    let disk: Vec<u64> = disk.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    // Where `lab fill` has it as well: no file of the server.
    let ballast = lab.directory().join("machines/db2/small-disk/ballast");
    log.make("more than 92 % of the disk of the data is used", FIRES, &[], || {
        let file = std::fs::File::create(&ballast).expect("the lab's disk");
        let bytes = disk[1] - disk[0] * 75 / 1000;
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes)
            .expect("room on the disk");
    })
}

/// Two nodes that are members, and do not serve.
fn no_service(lab: &Lab, log: &mut Log<'_>) {
    const REJECTS: &[Fires] = &[Fires("GaleraProxyDisagrees", "warning", "db2")];
    const FULL: &[Fires] = &[Fires("GaleraDiskFills", "critical", "db3")];
    // A full disk makes a node refuse clients, too.
    const ALSO: &[Fires] =
        &[Fires("GaleraDiskFills", "warning", "db3"), Fires("GaleraProxyDisagrees", "warning", "db3")];
    let rejects = log.make("`wsrep_reject_queries=ALL`", REJECTS, &[], || {
        lab.sql("db2", "SET GLOBAL wsrep_reject_queries = ALL");
    });
    let full = log.make("the disk of the data is filled", FULL, ALSO, || lab.fault("fill", "db3"));
    log.await_firing(full);
    log.mend(full, || lab.fault("unfill", "db3"));
    log.await_firing(rejects);
    log.mend(rejects, || drop(lab.sql("db2", "SET GLOBAL wsrep_reject_queries = NONE")));
    log.await_end(full);
    log.await_end(rejects);
}

fn down(lab: &Lab, log: &mut Log<'_>) {
    let kill = || drop(lab.on("db3", KILL));
    let killed = log.make("the server of one node is killed and stays down", &NODE_3_DOWN, &[], kill);
    log.await_firing(killed);
    log.mend(killed, || drop(lab.on("db3", START)));
    log.await_end(killed);
}

/// A data node's host, and a proxy.
fn cut_off(lab: &Lab, log: &mut Log<'_>) {
    const PROXY: &[Fires] = &[Fires("GaleraProxyDown", "critical", "lb1")];
    // Its server is in no Primary component until it has found the others again.
    const ALSO: &[Fires] =
        &[Fires("GaleraExporterSilent", "warning", "db3"), Fires("GaleraNodeNotPrimary", "critical", "db3")];
    let cut = log.make("one host is cut off the network", &NODE_3_DOWN, ALSO, || lab.fault("cut", "db3"));
    let proxy = log.make("HAProxy is stopped", PROXY, &[], || drop(lab.on("lb1", "systemctl stop haproxy")));
    log.await_firing(cut);
    log.mend(cut, || lab.fault("heal", "db3"));
    log.await_firing(proxy);
    log.mend(proxy, || drop(lab.on("lb1", "systemctl start haproxy")));
    log.await_end(cut);
    log.await_end(proxy);
}

fn not_primary_and_split(lab: &Lab, inventory: &Inventory<'_>, log: &mut Log<'_>) {
    const NOT_PRIMARY: &[Fires] =
        &[Fires("GaleraNodeNotPrimary", "critical", "db3"), Fires("GaleraClusterSmaller", "critical", "")];
    const SPLIT: &[Fires] =
        &[Fires("GaleraTwoViews", "critical", ""), Fires("GaleraClusterSmaller", "critical", "")];
    const ALSO: &[Fires] =
        &[Fires("GaleraNodeDown", "critical", "db3"), Fires("GaleraNodeNotPrimary", "critical", "db3")];
    let cut = || ["db1", "db2"].iter().for_each(|peer| lab.cut_from("db3", peer));
    let apart = log.make("one host is cut off the other two alone", NOT_PRIMARY, &[], cut);
    log.await_firing(apart);
    log.mend(apart, || lab.fault("heal", "db3"));
    log.await_end(apart);
    cut();
    let status = || lab.sql("db3", "SHOW STATUS LIKE 'wsrep_cluster_status'");
    until("db3 is in no Primary component", || status().contains("non-Primary"));
    let split = log.make("there, `pc.bootstrap` is set by hand: a split", SPLIT, ALSO, || {
        lab.sql("db3", "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'");
    });
    log.await_firing(split);
    until("what follows from it is held back", || held_back(lab).contains("GaleraClusterSmaller"));
    log.mend(split, || drop(lab.on("db3", "systemctl stop mariadb")));
    lab.fault("heal", "db3");
    // It may have rows of its own: it comes back by word alone, as the alert's page says.
    inventory.galactl(&["start", "db3", "--yes"]).expect_code(3).says(&["refused[ahead] db3"]);
    inventory.galactl(&["add-node", "db3", "--discard", "db3", "--yes"]).expect_code(0);
    log.await_end(split);
}

/// What follows from it is told to nobody.
fn no_primary(lab: &Lab, inventory: &Inventory<'_>, log: &mut Log<'_>) {
    const FIRES: &[Fires] = &[
        Fires("GaleraNoPrimary", "critical", ""),
        Fires("GaleraNodeDown", "critical", "db2"),
        Fires("GaleraNodeDown", "critical", "db3"),
        Fires("GaleraNodeNotPrimary", "critical", "db1"),
    ];
    const ALSO: &[Fires] = &[Fires("GaleraClusterSmaller", "critical", "")];
    let before = sent(lab).len();
    let two = log.make("the servers of two of three nodes are killed at once", FIRES, ALSO, || {
        std::thread::scope(|both| {
            both.spawn(|| lab.on("db2", KILL));
            both.spawn(|| lab.on("db3", KILL));
        });
    });
    log.await_firing(two);
    let is_sent = |name: &str, node: &str| sent(lab)[before..].contains(&(name.into(), node.into(), true));
    until("the cause is told", || {
        is_sent("GaleraNoPrimary", "") && is_sent("GaleraNodeDown", "db2") && is_sent("GaleraNodeDown", "db3")
    });
    until("what follows from it is held back", || held_back(lab).contains("GaleraNodeNotPrimary"));
    // Until it is mended: what is over last may be told for the moment between the two ends.
    assert!(!is_sent("GaleraNodeNotPrimary", "db1"), "{:?}", sent(lab));
    log.mend(two, || drop(inventory.galactl(&["recover", "--yes"]).expect_code(0)));
    log.await_end(two);
}
