//! Faults on real hosts: each ends in a clear message and in a state from which the same command
//! goes on. What came of each is a row of docs/concepts/faults.md, which these tests write when
//! GALACTL_BLESS is set, and otherwise hold to be true.

use std::fs;

use crate::lab::Lab;
use crate::run::{Inventory, Ran};

const BOOTSTRAP: &[&str] = &["bootstrap", "--yes"];
const CONFIG: &str = "/etc/mysql/mariadb.conf.d/99-galactl.cnf";
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/concepts/faults.md");
const HEAD: &str = "# Faults

`tests/lab/faults.rs` makes each of these faults on booted hosts with a real mariadbd. The test writes this
table (`GALACTL_BLESS=1 make test-lab`), and fails when a row is not true. After each fault, run the same
command again: it goes on to a verified cluster with one state UUID. Where the last column says \"once\", repair
the fault first.

| fault | when | exit | galactl says | run again |
| --- | --- | --- | --- | --- |
";

/// One fault, and what galactl must say of it.
struct Fault {
    what: &'static str,
    when: &'static str,
    code: i32,
    says: &'static [&'static str],
    again: &'static str,
}

impl Fault {
    /// Holds what galactl did against what it must do, and keeps the row.
    #[track_caller]
    fn came_to(&self, ran: Ran) {
        ran.expect_code(self.code).says(self.says);
        let says: Vec<_> = self.says.iter().map(|words| format!("`{words}`")).collect();
        let row = format!(
            "| {} | {} | {} | {} | {} |",
            self.what,
            self.when,
            self.code,
            says.join(", "),
            self.again
        );
        keep(&row);
    }
}

#[track_caller]
fn keep(row: &str) {
    // Scenes run side by side, and all write to one table.
    let turn = fs::File::open(TABLE).expect("docs/faults.md");
    turn.lock().expect("a lock on docs/faults.md");
    let text = fs::read_to_string(TABLE).unwrap_or_default();
    if std::env::var_os("GALACTL_BLESS").is_none() {
        assert!(text.lines().any(|line| line == row), "not in docs/concepts/faults.md:\n{row}");
        return;
    }
    let key = |row: &str| row.split('|').take(3).collect::<Vec<_>>().join("|");
    let mut rows: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("| ") && !HEAD.contains(line))
        .map(str::to_owned)
        .collect();
    rows.retain(|old| key(old) != key(row));
    rows.push(row.to_owned());
    rows.sort();
    fs::write(TABLE, format!("{HEAD}{}\n", rows.join("\n"))).expect("docs/concepts/faults.md");
}

/// The same command goes on to a whole cluster with the state UUID that db1 bootstrapped; perhaps not at
/// once, because a host that boots takes a while to find the others.
#[track_caller]
fn goes_on(inventory: &Inventory<'_>, lab: &Lab) {
    let settled = (0..120).any(|_| {
        lab.on("db1", "sleep 1");
        inventory.galactl(&["bootstrap", "--dry-run"]).code == 0
    });
    assert!(settled, "{}", inventory.galactl(&["bootstrap", "--dry-run"]).text());
    inventory.bootstrap();
    inventory.assert_whole();
    let bootstrapped = lab.on("db1", "sed -n s/^state_uuid=//p /var/lib/galactl/founding");
    for (host, _) in &inventory.nodes {
        assert!(
            lab.sql(host, "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'").ends_with(&bootstrapped),
            "{host}"
        );
    }
}

#[test]
#[ignore = "boots real hosts"]
fn hosts_that_lose_their_power_before_and_after_their_turn() {
    let hosts = ["db1", "db2", "db3"];
    let lab = Lab::up("t-power", &hosts);
    let inventory = Inventory::of(&lab, &hosts);
    lab.keep(&hosts);

    lab.fault("poweroff", "db3");
    Fault {
        what: "a host without power",
        when: "before the run",
        code: 4,
        says: &["nothing was changed", "refused[unreachable] db3"],
        again: "refuses until the host is there",
    }
    .came_to(inventory.galactl(BOOTSTRAP));
    lab.fault("poweron", "db3");

    let ran = inventory.galactl_at(BOOTSTRAP, "-> db2/galera/join", || lab.fault("poweroff", "db3"));
    Fault {
        what: "a host without power",
        when: "during the run, before its turn",
        code: 4,
        says: &[
            "ok db2/galera/join",
            "the connection to db3 was lost before this step, and connecting again failed",
        ],
        again: "joins db3, once it is there",
    }
    .came_to(ran);
    lab.fault("poweron", "db3");
    goes_on(&inventory, &lab);
    lab.reset(&hosts);

    let ran = inventory.galactl_at(BOOTSTRAP, "ok db2/galera/join", || lab.fault("poweroff", "db2"));
    Fault {
        what: "a host without power",
        when: "during the run, after its turn, with one other member",
        code: 1,
        says: &["FAILED db3/galera/join", "cause: db1 is in no Primary component any more"],
        again: "goes on, once it is there and the two are Primary again",
    }
    .came_to(ran);
    lab.fault("poweron", "db2");
    goes_on(&inventory, &lab);
}

#[test]
#[ignore = "boots real hosts"]
fn hosts_that_lose_their_power_in_their_turn() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-power-in", &hosts);
    let inventory = Inventory::of(&lab, &hosts);
    lab.keep(&hosts);

    let ran = inventory.galactl_at(BOOTSTRAP, "ok db1/galera/new-cluster", || lab.fault("poweroff", "db1"));
    Fault {
        what: "the seed without power",
        when: "after the bootstrap, before another node has joined",
        code: 4,
        says: &["db2/galera/join", "again failed"],
        again: "starts the seed again under its state UUID, once it is there",
    }
    .came_to(ran);
    lab.fault("poweron", "db1");
    goes_on(&inventory, &lab);
    lab.reset(&hosts);

    let ran =
        inventory.galactl_at(BOOTSTRAP, ".. db2/galera/join: activating", || lab.fault("poweroff", "db2"));
    Fault {
        what: "a joiner without power",
        when: "during its state transfer",
        code: 4,
        says: &["FAILED db2/galera/join", "again failed"],
        again: "joins db2 again, once it is there",
    }
    .came_to(ran);
    lab.fault("poweron", "db2");
    goes_on(&inventory, &lab);
}

#[test]
#[ignore = "boots real hosts"]
fn networks_and_disks_that_fail_in_a_state_transfer() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-transfer", &["--small-disk", "900M", "db1", "db2"]);
    let mut inventory = Inventory::of(&lab, &hosts);
    inventory.sst = "method: mariabackup";
    lab.sql("db1", "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, pad LONGBLOB); INSERT INTO t (pad) SELECT REPEAT('x', 4000000) FROM seq_1_to_25");

    let receiving = "until ls /var/lib/mysql/.sst >/dev/null 2>&1; do sleep 0.05; done";
    let ran = inventory.galactl_at(BOOTSTRAP, "-> db2/galera/join", || {
        lab.on("db2", receiving);
        lab.fault("fill", "db2");
    });
    Fault {
        what: "a full disk on the joiner",
        when: "during its state transfer",
        code: 1,
        says: &[
            "FAILED db2/galera/join",
            "No space left on device",
            "left: mariadb.service on db2 is stopped",
        ],
        again: "joins db2 again, once there is room",
    }
    .came_to(ran);
    lab.fault("unfill", "db2");
    goes_on(&inventory, &lab);
    let whole = lab.sql("db2", "SELECT COUNT(*), SUM(LENGTH(pad)) FROM shop.t");
    assert_eq!(whole, lab.sql("db1", "SELECT COUNT(*), SUM(LENGTH(pad)) FROM shop.t"));

    // db2 again from nothing, as if nobody had joined yet, and the network between the two fails.
    lab.on("db1", "sed -i /^joined=/d /var/lib/galactl/founding");
    lab.on("db2", "systemctl stop mariadb; rm -rf /var/lib/mysql/* /var/lib/mysql/.[a-z]*; mariadb-install-db --user=mysql --skip-test-db >/dev/null");
    let ran = inventory.galactl_at(BOOTSTRAP, "-> db2/galera/join", || {
        lab.on("db2", receiving);
        lab.cut_from("db2", "db1");
    });
    Fault {
        what: "a link between donor and joiner that is cut",
        when: "during the state transfer",
        code: 1,
        says: &[
            "FAILED db2/galera/join",
            "it fell out of the cluster of db1",
            "cause: db1 is in no Primary component any more",
            "left: mariadb.service on db2 is stopped",
        ],
        again: "makes db1's component Primary again and joins db2, once the link is there",
    }
    .came_to(ran);
    lab.fault("heal", "db2");
    inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0).says(&["db1/galera/restore-primary"]);
    goes_on(&inventory, &lab);
}

#[test]
#[ignore = "boots real hosts"]
fn hands_and_disks_that_get_in_the_way_of_the_configuration() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-hands", &hosts);
    let inventory = Inventory::of(&lab, &hosts);
    lab.keep(&hosts);

    let full = "cp -a /etc/mysql/mariadb.conf.d /tmp/kept; mount -t tmpfs -o size=64k tmpfs /etc/mysql/mariadb.conf.d; cp -a /tmp/kept/. /etc/mysql/mariadb.conf.d/; cat /dev/zero > /etc/mysql/mariadb.conf.d/ballast; true";
    lab.on("db2", full);
    Fault {
        what: "a full disk",
        when: "where the option file is to be put in place",
        code: 3,
        says: &["nothing was changed", "refused[disk-full] db2", "/etc/mysql/mariadb.conf.d is full"],
        again: "puts the file in place, once there is room",
    }
    .came_to(inventory.galactl(BOOTSTRAP));
    assert_eq!(lab.on("db2", &format!("ls {CONFIG}* 2>/dev/null || echo none")), "none");
    lab.on("db2", "umount /etc/mysql/mariadb.conf.d");
    goes_on(&inventory, &lab);
    lab.reset(&hosts);

    let ran = inventory.galactl_at(BOOTSTRAP, "-> db1/galera/new-cluster", || {
        lab.on("db2", &format!("sed -i 's/^wsrep_cluster_name.*/wsrep_cluster_name = \"other\"/' {CONFIG}"));
    });
    Fault {
        what: "another cluster name, by hand",
        when: "after the option file was put in place",
        code: 4,
        says: &[
            "FAILED db2/galera/join",
            "with all of its option files, wsrep_cluster_name is other",
            "left: the server of db2 was not started",
        ],
        again: "puts the inventory's file in place and joins db2",
    }
    .came_to(ran);
    goes_on(&inventory, &lab);
    lab.reset(&hosts);

    let plan = lab.directory().join("plan.json");
    let plan = plan.to_str().expect("a path");
    inventory.galactl(&["bootstrap", "--dry-run", "--out", plan]).expect_code(0);
    lab.on("db2", &format!("printf '[mysqld]\\nmax_connections = 9\\n' > {CONFIG}"));
    let before = lab.all_untouched(&hosts);
    Fault {
        what: "an option file that was edited by hand",
        when: "between `--out` and `apply`",
        code: 4,
        says: &["nothing was changed", "refused[stale] db2: option file: was absent"],
        again: "a new plan shows the difference",
    }
    .came_to(inventory.galactl_alone(&["apply", plan, "--yes"]));
    assert_eq!(lab.all_untouched(&hosts), before, "a void plan changed something");

    let second = inventory.galactl_until(BOOTSTRAP, "-> db2/galera/join");
    Fault {
        what: "a second operator",
        when: "while a run is going on",
        code: 4,
        says: &["nothing was changed", "refused[busy] db1", "process "],
        again: "waits for its turn; the first run is not disturbed",
    }
    .came_to(inventory.galactl(BOOTSTRAP));
    assert!(second.wait_with_output().expect("an end").status.success());
    goes_on(&inventory, &lab);
}
