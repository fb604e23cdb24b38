//! Watching a cluster, and finding what is wrong with it: on three hosts that are made ill by hand.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use crate::lab::Lab;
use crate::outage::Shop;
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const ENTERED: &str = "\x1b[?1049h";
const LEFT: &str = "\x1b[?25h\x1b[?1049l";

const NOISE: &str = "nohup sh -c 'for i in $(seq 300); do mariadb -e \"INSERT INTO noise.t VALUES ()\"; sleep 0.05; done' >/dev/null 2>&1 &";

#[test]
#[ignore = "boots real hosts"]
fn a_cluster_is_watched_made_ill_and_fixed() {
    let lab = Lab::up("t-doctor", &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);
    inventory.rest = "thresholds:\n  ist_window: 60\n".into();
    let shop = Shop::open(&lab, &inventory);
    nothing_is_wrong(&inventory);
    the_terminal_is_as_it_was(&inventory);
    without_a_terminal_it_is_text(&inventory);

    make_ill(&lab);
    let told = ill_and_told(&lab, &mut Inventory::of(&lab, &HOSTS));
    fixed(&lab, &inventory, &told);
    shop.assert_nothing_lost_after("after the fixes");

    lab.on("db3", "systemctl stop mariadb");
    let told = inventory.galactl(&["doctor"]).expect_code(5);
    let path = inventory.file("test-inventory.yaml");
    told.says(&["degraded[server-state] db3: its server is stopped", &format!("galactl start {path} db3")]);
    inventory.galactl(&["start", "db3", "--yes"]).expect_code(0);
    nothing_is_wrong(&inventory);
    what_only_a_doctor_asks(&lab, &inventory);
}

/// Settings, files and tables that no other command cares for; and what is told to do about the tables.
fn what_only_a_doctor_asks(lab: &Lab, inventory: &Inventory<'_>) {
    // The shell, which reads it first, takes backquotes for its own.
    let sql = |host: &str, statements: &str| lab.sql(host, &statements.replace('`', "\\`"));
    sql(
        "db1",
        "CREATE DATABASE odd; CREATE TABLE odd.m (id INT PRIMARY KEY) ENGINE=MyISAM; CREATE TABLE odd.`a b` (v INT);
        CREATE TABLE odd.u (v INT NOT NULL UNIQUE); CREATE SEQUENCE odd.s CACHE 0; INSERT INTO odd.m VALUES (1), (2); INSERT INTO odd.`a b` VALUES (7), (7)",
    );
    lab.sql("db2", "SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    lab.on("db3", "printf 'max_connections = 5\\n' > /etc/mysql/mariadb.conf.d/98-lost.cnf");
    let ran = inventory.galactl(&["doctor", "--output", "json"]).expect_code(5);
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let findings: Vec<_> = told["findings"].as_array().expect("findings").iter().collect();
    let words = |slug: &str, key: &str| {
        let found = findings.iter().find(|it| it["code"] == slug);
        found.unwrap_or_else(|| panic!("no {slug} in {told:#}"))[key].as_str().unwrap_or_default().to_owned()
    };
    for (slug, evidence) in [
        ("table-engine", "1 table is not of InnoDB: odd.m (MyISAM)"),
        ("primary-key", "1 table has no primary key: odd.a b"),
        ("durability", "innodb_flush_log_at_trx_commit is 2"),
        ("unread-file", "/etc/mysql/mariadb.conf.d/98-lost.cnf at line: 1"),
    ] {
        assert!(words(slug, "evidence").contains(evidence), "{told:#}");
    }
    assert_eq!(findings.len(), 4, "{told:#}");
    assert_eq!(lab.sql("db2", "SELECT COUNT(*) FROM odd.m"), "0", "rows of MyISAM are on one node");
    for slug in ["table-engine", "primary-key"] {
        let remedy = words(slug, "remedy");
        let (_, statements) = remedy.split_once(": CREATE").expect("statements");
        sql("db1", &format!("CREATE{statements}"));
    }
    // What the statements leave to the reader, when the rows are compared.
    sql("db1", "DROP TABLE odd.m_old, odd.`a b_old`");
    lab.sql("db2", "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    lab.on("db3", "rm /etc/mysql/mariadb.conf.d/98-lost.cnf");
    nothing_is_wrong(inventory);
    let rows =
        "SET SESSION wsrep_sync_wait = 1; SELECT COUNT(*) FROM odd.m; SELECT COUNT(*), MAX(v) FROM odd.`a b`";
    assert_eq!(sql("db3", rows), sql("db1", rows));
    assert!(sql("db3", rows).starts_with('2'));

    lab.on("db3", "sed -i '1i max_connections = 6' /etc/mysql/mariadb.cnf");
    inventory.galactl(&["doctor"]).expect_code(5).says(&[
        "unknown-option] db3",
        "my.cnf at line: 1",
        "sudo sed -n '1p'",
    ]);
    inventory.galactl(&["restart", "db3", "--yes"]).expect_code(3).says(&["my.cnf at line: 1"]);
    lab.on("db3", "sed -i 1d /etc/mysql/mariadb.cnf");
    nothing_is_wrong(inventory);
}

#[track_caller]
fn nothing_is_wrong(inventory: &Inventory<'_>) {
    inventory.galactl(&["doctor"]).expect_code(0).says(&["`shop`: nothing is wrong"]);
}

/// `galactl watch` in a terminal of 80 columns and 24 lines, which a shell looks at before and after.
struct Terminal {
    script: Child,
    seen: String,
    directory: String,
}

impl Terminal {
    fn open(inventory: &Inventory<'_>) -> Self {
        let (path, directory) = (inventory.write().display().to_string(), inventory.file("tty"));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir(&directory).expect("a directory");
        let watch = format!(
            "stty rows 24 cols 80; cd '{directory}'; stty -a > before
            sh -c 'echo $$ > pid; exec {} watch \"{path}\" --interval 1'; echo \"ended with $?\"; stty -a > after",
            env!("CARGO_BIN_EXE_galactl")
        );
        let mut script = Command::new("script");
        script.args(["--quiet", "--flush", "--command", &watch, "/dev/null"]);
        script.env("SHELL", "/bin/sh").env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
        let script = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script(1)");
        Self { script, seen: String::new(), directory }
    }

    /// Reads on until the cluster was drawn as healthy twice more.
    fn until_drawn_twice(&mut self) {
        let drawn = |text: &str| text.matches("`shop` is healthy: 3 of 3 nodes Synced").count();
        let before = drawn(&self.seen);
        let output = self.script.stdout.as_mut().expect("piped");
        let mut bytes = [0; 4096];
        while drawn(&self.seen) < before + 2 {
            let length = output.read(&mut bytes).expect("its output");
            assert!(length > 0, "it ended: {}", self.seen);
            self.seen += &String::from_utf8_lossy(&bytes[..length]);
        }
    }

    fn press(&mut self, key: &str) {
        let keyboard = self.script.stdin.as_mut().expect("piped");
        keyboard.write_all(key.as_bytes()).and_then(|()| keyboard.flush()).expect("a key");
    }

    fn terminate(&self) {
        let pid = std::fs::read_to_string(format!("{}/pid", self.directory)).expect("its pid");
        let status = Command::new("kill").args(["-TERM", pid.trim()]).status().expect("kill");
        assert!(status.success());
    }

    /// It ends with this code, and has left the terminal as it was.
    #[track_caller]
    fn expect_end(mut self, code: i32) {
        let output = self.script.stdout.as_mut().expect("piped");
        output.read_to_string(&mut self.seen).expect("the rest of its output");
        let _ = self.script.wait();
        let (entered, left) = (self.seen.find(ENTERED), self.seen.rfind(LEFT));
        let last = self.seen.rfind("`shop` is healthy");
        assert!(entered < last && last < left, "{:?}", self.seen);
        assert!(self.seen.contains(&format!("ended with {code}\r\n")), "{:?}", self.seen);
        let state =
            |name: &str| std::fs::read_to_string(format!("{}/{name}", self.directory)).expect("stty's word");
        assert_eq!(state("before"), state("after"));
    }
}

fn the_terminal_is_as_it_was(inventory: &Inventory<'_>) {
    let mut terminal = Terminal::open(inventory);
    terminal.until_drawn_twice();
    assert!(terminal.seen.contains("WRITES/S") && terminal.seen.contains('▁'), "{}", terminal.seen);
    // Neither a key of no meaning nor an arrow leaves.
    terminal.press("x\x1b[A");
    terminal.until_drawn_twice();
    terminal.press("q");
    terminal.expect_end(0);

    let mut terminal = Terminal::open(inventory);
    terminal.until_drawn_twice();
    terminal.terminate();
    terminal.expect_end(130);
}

/// Until its reader has had enough.
fn without_a_terminal_it_is_text(inventory: &Inventory<'_>) {
    let mut watch = inventory.start(&["watch", "--interval", "1"]);
    let mut output = watch.stdout.take().expect("piped");
    let (mut seen, mut bytes) = (String::new(), [0; 4096]);
    while seen.matches("`shop` is healthy").count() < 2 {
        let length = output.read(&mut bytes).expect("its output");
        assert!(length > 0, "it ended: {seen}");
        seen += &String::from_utf8_lossy(&bytes[..length]);
    }
    assert!(!seen.contains('\x1b') && seen.contains(" UTC\n`shop`"), "{seen}");
    drop(output);
    assert_eq!(watch.wait().expect("its end").code(), Some(0));
}

/// db3 is the one that a change of its configuration will restart.
fn make_ill(lab: &Lab) {
    const OPTIONS: &str = "/etc/mysql/mariadb.conf.d/99-galactl.cnf";
    lab.on("db1", "systemctl set-environment _WSREP_NEW_CLUSTER=--wsrep-new-cluster");
    lab.on("db1", "sed -i 's/^safe_to_bootstrap: 0/safe_to_bootstrap: 1/' /var/lib/mysql/grastate.dat");
    lab.on("db2", "systemctl --quiet disable mariadb; mkdir /var/lib/mysql.kept-test");
    lab.on("db2", &format!("chmod 644 {OPTIONS}"));
    lab.on("db2", "printf '[mysqld]\\nwsrep_slave_threads=1\\n' > /etc/mysql/mariadb.conf.d/99-zz.cnf");
    lab.on("db3", &format!("sed -i 's/^\\[mysqld\\]/[mysqld]\\nmax_connections = \"66\"/' {OPTIONS}"));
    lab.on("db3", "echo _WSREP_NEW_CLUSTER=--wsrep-new-cluster > /run/mariadb-wsrep-new-cluster");
}

/// All of it is told, with what fixes it; gives the commands for the hosts by the finding's slug.
fn ill_and_told(lab: &Lab, inventory: &mut Inventory<'_>) -> Vec<(String, String)> {
    // A few writes in a second, for which no cache is large enough that is to last for years.
    lab.sql("db2", "CREATE DATABASE noise; CREATE TABLE noise.t (id INT AUTO_INCREMENT PRIMARY KEY)");
    lab.on("db2", NOISE);
    inventory.rest = "thresholds:\n  ist_window: 86400000\n".into();
    let ran = inventory.galactl(&["doctor", "--output", "json"]).expect_code(6);
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(told["health"], "critical");
    let word = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings: Vec<_> = told["findings"].as_array().expect("findings").iter().collect();
    let apply = format!("galactl apply-config {}/test-inventory.yaml", lab.directory().display());
    let expected = [
        ("armed-intent", "db1", apply.as_str()),
        ("armed-intent", "db3", &apply),
        ("config-drift", "db3", &apply),
        ("unit-disabled", "db2", &apply),
        ("option-file", "db2", &apply),
        ("safe-to-bootstrap", "db1", "galactl restart "),
        ("stray-option", "db2", "on db2: remove it"),
        ("kept-data", "db2", "sudo rm -r /var/lib/mysql.kept-test"),
        ("gcache", "db2", "gcache.size: "),
    ];
    for (slug, node, fix) in expected {
        let found = findings.iter().find(|it| it["code"] == slug && it["node"] == node);
        let found = found.unwrap_or_else(|| panic!("no {slug} on {node} in {told:#}"));
        assert!(word(found, "remedy").contains(fix), "{found:#}");
    }
    // The cache is too small on each node.
    assert_eq!(findings.len(), expected.len() + 2, "{told:#}");
    findings.iter().map(|it| (word(it, "code"), word(it, "remedy"))).collect()
}

/// The commands that were told, where they are commands. db3 restarts, with an intent that was armed,
/// and comes back into the cluster all the same.
fn fixed(lab: &Lab, inventory: &Inventory<'_>, told: &[(String, String)]) {
    let fix = |slug: &str| {
        let (_, fix) = told.iter().find(|(found, _)| found == slug).expect("it was told");
        fix.split_once("sudo ").expect("a command").1.to_owned()
    };
    lab.on("db2", &fix("kept-data"));
    lab.on("db2", "rm /etc/mysql/mariadb.conf.d/99-zz.cnf");
    let steps = inventory.steps(&["apply-config"]);
    let place = |id: &str| steps.iter().position(|step| step == id).unwrap_or_else(|| panic!("{steps:?}"));
    assert!(place("db3/galera/disarm") < place("db3/galera/leave"), "{steps:?}");
    inventory
        .galactl(&["apply-config", "--yes"])
        .expect_code(0)
        .says(&["ok db1/galera/disarm", "ok db2/galera/enable"]);
    inventory.galactl(&["restart", "db1", "--yes"]).expect_code(0);
    nothing_is_wrong(inventory);
}
