//! Outages of a running cluster, and what every node's data holds after them.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::lab::{LONGEST, Lab};
use crate::run::{Inventory, Ran};

/// A cluster with a table whose every acknowledged row is remembered.
pub struct Shop<'a> {
    pub lab: &'a Lab,
    pub inventory: &'a Inventory<'a>,
    pub state: String,
    rows: Vec<String>,
    written: usize,
}

pub const TABLE: &str =
    "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, word VARCHAR(60)) ENGINE=InnoDB";
const ROWS: &str = "SELECT id, word FROM shop.t";

/// Lets Galera start a cluster from a node, whatever it holds.
pub const FLAG: &str = "sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' /var/lib/mysql/grastate.dat";

/// The outage was a while ago, so that an edited file tells itself from one that the server wrote.
pub const AGE: &str = "touch -d '-1 minute' /var/lib/mysql/ibdata1 /var/lib/mysql/ib_logfile0";

/// What a person does who has found that a node does not start.
pub fn bootstrap_by_hand(lab: &Lab, host: &str) {
    lab.on(host, &format!("{FLAG}; galera_new_cluster"));
}

/// Prints the rows that are in a stopped node's files: a server on a copy of them, outside any cluster.
const ON_DISK: &str = r#"
copy=$(mktemp -d /tmp/copy.XXXXXX)
cp -a "$1/." "$copy" && chown mysql: "$copy"
rm -f "$copy/galera.cache"
mariadbd --no-defaults --user=mysql --datadir="$copy" --skip-networking --socket="$copy/s" \
    --pid-file="$copy/pid" > "$copy/log" 2>&1 &
until mariadb -BN -S "$copy/s" -e "SELECT id, word FROM shop.t" 2> /dev/null; do
    sleep 0.1
done
mariadb -S "$copy/s" -e SHUTDOWN
wait
rm -rf "$copy"
"#;

impl<'a> Shop<'a> {
    /// Bootstraps the inventory's cluster, and makes the table.
    #[track_caller]
    pub fn open(lab: &'a Lab, inventory: &'a Inventory<'a>) -> Self {
        inventory.bootstrap();
        let first = &inventory.nodes[0].0;
        lab.sql(first, TABLE);
        let state = lab.sql(first, "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'");
        let state = state.split_whitespace().last().expect("a state UUID").to_owned();
        Self { lab, inventory, state, rows: Vec::new(), written: 0 }
    }

    /// The same cluster with a changed inventory; no row is remembered.
    pub fn again(lab: &'a Lab, inventory: &'a Inventory<'a>, state: &str) -> Self {
        Self { lab, inventory, state: state.to_owned(), rows: Vec::new(), written: 0 }
    }

    pub fn hosts(&self) -> Vec<&'a str> {
        self.inventory.nodes.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// A row that must not be lost, written on a node.
    #[track_caller]
    pub fn write(&mut self, host: &str) {
        self.write_many(host, 1);
    }

    /// Many rows, each with its own seqno.
    #[track_caller]
    pub fn write_many(&mut self, host: &str, count: usize) {
        let mut statements = String::new();
        for _ in 0..count {
            self.written += 1;
            let (id, word) = (self.written, format!("{} on {host}", self.written));
            statements += &format!("INSERT INTO shop.t VALUES ({id}, '{word}');");
            self.rows.push(format!("{id}\t{word}"));
        }
        self.lab.sql(host, &statements);
        self.rows.sort();
    }

    /// The rows that must not be lost, so far.
    pub fn rows(&self) -> Vec<String> {
        self.rows.clone()
    }

    /// All that was written but these is given up.
    pub fn give_up_all_but(&mut self, rows: Vec<String>) {
        self.rows = rows;
    }

    pub fn stop(&self, host: &str) {
        self.lab.on(host, "systemctl stop mariadb");
    }

    /// SIGKILL to these servers at once. systemd would start them again some seconds later.
    pub fn crash(&self, hosts: &[&str]) {
        let end =
            "systemctl kill -s KILL mariadb; systemctl stop mariadb; systemctl reset-failed mariadb; true";
        for_all(hosts, |host| drop(self.lab.on(host, end)));
    }

    /// Waits until a node's server says so.
    #[track_caller]
    pub fn until(&self, host: &str, variable: &str, value: &str) {
        let script = format!(
            "until mariadb -BN -e \"SHOW STATUS LIKE '{variable}'\" 2>/dev/null | grep -q '{value}$'; do sleep 0.1; done"
        );
        self.lab.on(host, &script);
    }

    pub fn rows_on(&self, host: &str) -> Vec<String> {
        sorted(&self.lab.sql(host, ROWS))
    }

    /// The rows in a stopped node's files.
    pub fn rows_on_disk(&self, host: &str, datadir: &str) -> Vec<String> {
        let text = self.lab.on(host, &format!("set -- {datadir}\n{ON_DISK}"));
        sorted(&text)
    }

    #[track_caller]
    pub fn look(&self) -> Ran {
        self.inventory.galactl(&["recover", "--dry-run"])
    }

    /// Recovers unforced, and sees everything there.
    #[track_caller]
    pub fn recover(&self, says: &[&str]) -> Ran {
        let ran = self.inventory.galactl(&["recover", "--yes"]).expect_code(0);
        let text = ran.text();
        for word in says {
            assert!(text.contains(word), "{word:?} is not in:\n{text}");
        }
        self.assert_nothing_lost();
        ran
    }

    /// One cluster, the old state UUID, every row on every node, nothing armed, nothing left.
    #[track_caller]
    pub fn assert_nothing_lost(&self) {
        self.assert_nothing_lost_after("");
    }

    /// The same, after what a failure is to tell.
    #[track_caller]
    pub fn assert_nothing_lost_after(&self, what: &str) {
        self.inventory.assert_whole();
        for host in self.hosts() {
            let state = self.lab.sql(host, "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'");
            assert!(state.ends_with(&self.state), "{what} {host} has {state}, and it was {}", self.state);
            assert_eq!(self.rows_on(host), self.rows, "{what} {host}");
            assert_eq!(self.leftovers(host), "", "{what} {host}");
        }
    }

    /// The same cluster with all rows of before, and these. Others may have arrived without their
    /// acknowledgement, and are remembered from now on.
    #[track_caller]
    pub fn assert_has(&mut self, acknowledged: &[String]) {
        let found: BTreeSet<String> = self.rows_on(self.hosts()[0]).into_iter().collect();
        let wanted: BTreeSet<String> = self.rows.iter().chain(acknowledged).cloned().collect();
        let lost: Vec<_> = wanted.difference(&found).collect();
        assert!(lost.is_empty(), "{} rows of {} were lost: {lost:?}", lost.len(), wanted.len());
        self.rows = self.rows_on(self.hosts()[0]);
        self.assert_nothing_lost();
    }

    /// What no command may leave on a host.
    pub fn leftovers(&self, host: &str) -> String {
        self.lab.on(
            host,
            "ls -d /run/mariadb-wsrep-new-cluster /run/mysqld/wsrep-new-cluster /run/galactl-recover* /var/tmp/galactl* /tmp/galactl* 2>/dev/null
            systemctl show-environment | grep -i wsrep-new
            grep -s galactl-recover /proc/*/mounts
            pgrep -ax mariadbd | grep recover
            ls /var/lib/mysql | grep galactl
            true",
        )
    }

    /// How a node got what it lacked when its server started last: `IST`, `SST`, or nothing. Of the
    /// whole journal: a line of the transfer's script may belong to no unit.
    pub fn transfer(&self, host: &str) -> String {
        self.lab.on(
            host,
            r#"
            since=$(systemctl show mariadb -p InactiveExitTimestamp --value)
            journalctl --no-pager -o cat --since "$since" |
                sed -nE 's/.*(rsync|mariabackup) (IST|SST) completed on joiner.*/\2/p'
            "#,
        )
    }
}

/// Does something for all of these hosts at once.
pub fn for_all(hosts: &[&str], what: impl Fn(&str) + Sync) {
    std::thread::scope(|scope| {
        for host in hosts {
            scope.spawn(|| what(host));
        }
    });
}

fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// A host's data to the last byte and time (`cksum` because it reads a redo log in a tenth of the time that SHA-256 takes), what runs, what is mounted, what lies about.
pub fn everything(lab: &Lab, host: &str) -> String {
    lab.on(
        host,
        r"
        cd /var/lib/mysql || exit
        find . -printf '%p %y %s %T@ %C@ %m %U:%G\n' | sort
        find . -type f -print0 | sort -z | xargs -0 cksum
        systemctl show mariadb -p ActiveState,SubState,Result,NRestarts,MainPID,UnitFileState,InvocationID
        pgrep -a 'mariadb|mysql|rsync|socat'
        cat /proc/mounts
        ls -a /run /run/mysqld /var/tmp /tmp /var/lib/galactl /etc/mysql/mariadb.conf.d
        systemctl show-environment
        true
        ",
    )
}

/// A client that writes to a node some hundred times a second, and knows which rows were acknowledged.
pub struct Writer {
    child: Child,
    /// What was acknowledged. A pipe that nobody reads would hold the client up.
    said: PathBuf,
}

impl Writer {
    /// Writes rows with ids from `first` on.
    pub fn start(lab: &Lab, host: &str, first: usize) -> Self {
        let script = format!(
            "seq {first} {} | sed \"s/.*/INSERT INTO shop.t VALUES (&,'& on {host}'); SELECT '&'; DO SLEEP(0.003);/\" | mariadb -BN --unbuffered",
            first + 900_000
        );
        let said = lab.directory().join(format!("acknowledged-on-{host}"));
        let file = File::create(&said).expect("a file");
        let mut client = lab.enter(host, &script, LONGEST);
        let child = client.stdout(file).stderr(Stdio::null()).spawn().expect("a client can be started");
        Self { child, said }
    }

    /// The client has met no error yet.
    pub fn is_writing(&mut self) -> bool {
        self.child.try_wait().expect("the client can be asked").is_none()
    }

    /// The rows that were acknowledged until the end of the server.
    pub fn acknowledged(mut self, host: &str) -> Vec<String> {
        self.child.wait().expect("the client ends");
        let text = std::fs::read_to_string(&self.said).expect("what the client said");
        // The last line may be cut off.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|id| format!("{id}\t{id} on {host}")).collect()
    }
}
