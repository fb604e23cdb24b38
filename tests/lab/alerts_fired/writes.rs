//! Writes that are too many, too large, in conflict, or held up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mysql::prelude::Queryable;

use crate::alert_log::{Fires, Log, Made};
use crate::clients::{self, SETUP};
use crate::lab::{Lab, until};
use crate::load::Load;
use crate::receiver::{self, held_back};

const NODES: [&str; 3] = ["db1", "db2", "db3"];
/// Large rows, rows that all nodes want, a table without a primary key, and one for writes that are nothing special.
const TABLES: &str = "
    CREATE TABLE app.large (id INT PRIMARY KEY, word LONGTEXT) ENGINE=InnoDB;
    INSERT INTO app.large SELECT seq, '' FROM app.seq_0_to_129;
    CREATE TABLE app.hot (id INT PRIMARY KEY, n INT) ENGINE=InnoDB;
    INSERT INTO app.hot SELECT seq, 0 FROM app.seq_0_to_9;
    CREATE TABLE app.no_key (id INT, n INT) ENGINE=InnoDB;
    INSERT INTO app.no_key SELECT seq, 0 FROM app.seq_1_to_10000;
    CREATE TABLE app.usual (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT) ENGINE=InnoDB";
const USUAL: &str = "INSERT INTO app.usual (n) VALUES (1)";

#[test]
#[ignore = "boots real hosts"]
fn writes_that_are_too_much_or_held_up() {
    let lab = Lab::up("t-fired-writes", &["db1", "db2", "db3", "lb1:bookworm:bare", "mon1:bookworm:bare"]);
    let mut inventory = receiver::inventory(&lab, &NODES);
    inventory.bootstrap();
    inventory.settles();
    lab.sql("db1", SETUP);
    lab.sql("db1", TABLES);
    let mut log = Log::begin(&lab);
    let missing = target_missing(&lab, &mut log);
    let [window, far, conflicts] = far_away_and_in_conflict(&lab, &mut log);
    stall(&lab, &mut log);
    log.await_end(far);
    slow_applier(&lab, &mut log);
    log.await_end(conflicts);
    log.await_firing(window);
    log.await_firing(missing);
    // What the pages of both alerts say.
    inventory.gcache = "512M";
    log.mend(window, || ());
    log.mend(missing, || drop(inventory.galactl(&["apply-config", "--yes"]).expect_code(0)));
    log.await_end(window);
    log.await_end(missing);
    inventory.settles();
    inventory.assert_whole();
    log.assert_nothing_else();
    super::tell(&log, "fired-writes");
}

fn target_missing(lab: &Lab, log: &mut Log<'_>) -> Made {
    const FIRES: &[Fires] = &[Fires("GaleraTargetMissing", "warning", "lb1")];
    // The node exporter of lb1. A list of targets begins in the first column.
    let address = lab.address("lb1") + ":9100";
    let without =
        r"perl -0pi -e 's/^- targets:\n  - ADDRESS\n.*?(?=^- |\z)//ms' /etc/prometheus/galactl.targets.yml";
    log.make("a target is taken out of the file that Prometheus reads", FIRES, &[], || {
        lab.on("mon1", &without.replace("ADDRESS", &address));
        assert!(!lab.on("mon1", "cat /etc/prometheus/galactl.targets.yml").contains(&address));
    })
}

/// One node is far away from the others and writes much. Meanwhile all three write the same rows: a transaction takes
/// long then, so many meet another one. Gives the faults, none of which has ended: that the write-set caches do not reach
/// back far enough, the distance, and the conflicts.
fn far_away_and_in_conflict(lab: &Lab, log: &mut Log<'_>) -> [Made; 3] {
    const WINDOW: &[Fires] = &[
        Fires("GaleraIstWindow", "warning", "db1"),
        Fires("GaleraIstWindow", "warning", "db2"),
        Fires("GaleraIstWindow", "warning", "db3"),
    ];
    const QUEUE: &[Fires] =
        &[Fires("GaleraSendQueue", "warning", "db1"), Fires("GaleraSendQueue", "critical", "db1")];
    const CONFLICTS: &[Fires] =
        &[Fires("GaleraCertificationFailures", "warning", "*"), Fires("GaleraAborts", "warning", "*")];
    let (mut large, mut same) = (Vec::new(), Vec::new());
    let window = log.make("more is written than the write-set cache of 64 MB holds", WINDOW, &[], || ());
    let far = log.make("130 clients write rows of 400 KB on a node that is 200 ms away", QUEUE, &[], || {
        lab.slow("db1", "200ms");
        large.push(Load::start(&lab.address("db1"), 130, |number| {
            format!("UPDATE app.large SET word = REPEAT(CHAR(97 + 26 * RAND()), 400000) WHERE id = {number}")
        }));
    });
    let conflicts = log.make("clients of all three nodes update the same ten rows", CONFLICTS, &[], || {
        let update = |number| format!("UPDATE app.hot SET n = n + 1 WHERE id = {number}");
        same.extend(NODES.map(|node| Load::start(&lab.address(node), 10, update)));
    });
    log.await_firing(far);
    log.await_firing(conflicts);
    log.mend(far, || {
        lab.fault("heal", "db1");
        large.clear();
    });
    log.mend(conflicts, || same.clear());
    [window, far, conflicts]
}

/// Servers that get the processor for a tenth of the time, until this is dropped. They are slow for minutes, and leave the
/// machine to the hosts of other scenes.
struct Starved<'a> {
    lab: &'a Lab,
    hosts: &'static [&'static str],
}

/// Shorter than any patience that the members have with each other.
const STARVE: &str = "systemd-run --quiet --unit=starve sh -c '
    server=$(systemctl show mariadb --property=MainPID --value)
    while :; do kill -STOP $server; sleep 0.3; kill -CONT $server; sleep 0.03; done'";

impl<'a> Starved<'a> {
    fn begin(lab: &'a Lab, hosts: &'static [&'static str]) -> Self {
        for host in hosts {
            lab.on(host, STARVE);
        }
        Self { lab, hosts }
    }
}

impl Drop for Starved<'_> {
    fn drop(&mut self) {
        for host in self.hosts {
            self.lab.try_on(host, "systemctl stop starve; systemctl kill --kill-who=main -s CONT mariadb");
        }
    }
}

/// A client updates a table without a primary key again and again: the other nodes search each row anew.
fn slow_applier(lab: &Lab, log: &mut Log<'_>) {
    const FIRES: &[Fires] = &[
        Fires("GaleraReceiveQueue", "warning", "*"),
        Fires("GaleraReceiveQueue", "critical", "*"),
        Fires("GaleraFlowControl", "warning", ""),
        Fires("GaleraFlowControl", "critical", ""),
        Fires("GaleraSendQueue", "warning", "*"),
    ];
    const ALSO: &[Fires] = &[Fires("GaleraSendQueue", "critical", "*")];
    let (mut load, mut starved) = (Vec::new(), Vec::new());
    let what = "10,000 rows without a primary key are updated again and again, beside 200 clients that write";
    let slow = log.make(what, FIRES, ALSO, || {
        starved.push(Starved::begin(lab, &["db2", "db3"]));
        load.push(Load::start(&lab.address("db1"), 1, |_| "UPDATE app.no_key SET n = n + 1".into()));
        load.extend(["db1", "db2"].map(|node| Load::start(&lab.address(node), 100, |_| USUAL.into())));
    });
    log.await_firing(slow);
    // Writes that flow control holds up wait in the send queue. Whoever gets up looks for the node that is slow.
    until("what follows from it is held back", || held_back(lab).contains("GaleraSendQueue"));
    log.mend(slow, || {
        starved.clear();
        load.clear();
    });
    log.await_end(slow);
}

/// An ALTER holds up the writes of all nodes for as long as it takes.
fn stall(lab: &Lab, log: &mut Log<'_>) {
    const FIRES: &[Fires] = &[Fires("GaleraWritesStall", "critical", "")];
    let has_fired = AtomicBool::new(false);
    let starved = Starved::begin(lab, &NODES);
    let address = lab.address("db1");
    std::thread::scope(|scope| {
        let mut writers = Vec::new();
        let alter = scope.spawn(|| alter(&address, &has_fired));
        let stall = log.make("an ALTER of minutes, and three clients that write", FIRES, &[], || {
            writers.push(Load::start(&lab.address("db2"), 3, |_| USUAL.into()));
        });
        log.await_firing(stall);
        has_fired.store(true, Ordering::Relaxed);
        alter.join().expect("an ALTER that ends");
        log.mend(stall, || {
            drop(starved);
            writers.clear();
        });
        log.await_end(stall);
    });
}

/// Alters a table that is long enough for some minutes, on this machine. Where it was too short, a longer one.
fn alter(address: &str, is_enough: &AtomicBool) {
    let mut rows = 50;
    let mut took = timed_alter(address, rows);
    for seconds in [360, 720, 1440] {
        if is_enough.load(Ordering::Relaxed) {
            return;
        }
        rows = rows * Duration::from_secs(seconds).as_millis() / took.as_millis();
        took = timed_alter(address, rows);
    }
}

/// How long an ALTER takes that computes a value for each of so many rows.
fn timed_alter(address: &str, rows: u128) -> Duration {
    let mut connection = clients::connect(address, 3306, Load::PATIENCE).expect("it serves");
    let mut run = |statement: &str| connection.query_drop(statement).expect(statement);
    run("CREATE OR REPLACE TABLE app.altered (id INT PRIMARY KEY) ENGINE=InnoDB");
    run(&format!("INSERT INTO app.altered SELECT seq FROM app.seq_1_to_{rows}"));
    let began = Instant::now();
    run(
        "ALTER TABLE app.altered ADD COLUMN word CHAR(128) DEFAULT (SHA2(RPAD('', 4000000, id), 512)), ALGORITHM=COPY",
    );
    began.elapsed()
}
