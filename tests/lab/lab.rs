//! A lab of real hosts for one test, taken down with it.

use std::cell::RefCell;
use std::panic;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Once;

thread_local! {
    /// What this thread's test failed with.
    static FAILURE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps what a test fails with, so that it can be said again below all that the hosts logged.
fn remember_failures() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            FAILURE.set(info.to_string());
            usual(info);
        }));
    });
}

/// Booted hosts. Dropping it stops them and leaves nothing behind.
pub struct Lab {
    name: &'static str,
}

/// Runs `lab/lab WORDS…`: whether it succeeded, and what it printed.
fn ask(words: &[&str]) -> (bool, String) {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/lab/lab"));
    let output = command.args(words).stdin(Stdio::null()).output().expect("the lab's script can be run");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

fn must(words: &[&str]) {
    let (ok, text) = ask(words);
    assert!(ok, "lab {words:?}: {text}");
}

impl Lab {
    /// Boots the hosts; `words` are options and host specifications as `lab/lab up` takes them.
    pub fn up(name: &'static str, words: &[&str]) -> Self {
        remember_failures();
        ask(&["down", name]);
        let (options, hosts): (Vec<&str>, Vec<&str>) =
            words.iter().partition(|word| word.starts_with("--") || word.ends_with('M'));
        let command = [&["up"], options.as_slice(), &[name], hosts.as_slice()].concat();
        must(&command);
        Self { name }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A fault or other lab command for one host: `crash`, `poweroff`, `cut` …
    pub fn fault(&self, what: &str, host: &str) {
        must(&[what, self.name, host]);
    }

    /// Takes a host off the network between it and one other.
    pub fn cut_from(&self, host: &str, peer: &str) {
        must(&["cut", self.name, host, peer]);
    }

    /// Runs a script on a host, without SSH; panics when it fails.
    pub fn on(&self, host: &str, script: &str) -> String {
        let (ok, text) = self.try_on(host, script);
        assert!(ok, "{host}: {script}\n{text}");
        text.trim().to_owned()
    }

    pub fn try_on(&self, host: &str, script: &str) -> (bool, String) {
        ask(&["exec", self.name, host, "timeout", "120", "sh", "-c", script])
    }

    /// It has power.
    pub fn is_on(&self, host: &str) -> bool {
        self.try_on(host, "true").0
    }

    /// One value from a host's server.
    pub fn sql(&self, host: &str, statement: &str) -> String {
        self.on(host, &format!("mariadb -BN -e \"{statement}\""))
    }

    pub fn directory(&self) -> PathBuf {
        PathBuf::from("/var/lib/galactl-lab").join(self.name)
    }

    pub fn address(&self, host: &str) -> String {
        let table =
            std::fs::read_to_string(self.directory().join("hosts")).expect("the lab's table of hosts");
        let mut fields = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let row = fields.find(|fields| fields[0] == host).unwrap_or_else(|| panic!("no host {host}"));
        row[1].to_owned()
    }

    /// Everything on a host that a refusal must leave as it was: option files with their times,
    /// units, the server's process, saved state, databases, and the seqno of a running member.
    pub fn untouched(&self, host: &str) -> String {
        self.on(
            host,
            r#"
            find /etc/mysql /etc/systemd/system /run/systemd/system -type f -o -type l | sort |
                xargs -d '\n' stat -c '%n %Y %a %U'
            find /etc/mysql -type f -print0 | sort -z | xargs -0 sha256sum
            systemctl show mariadb -p LoadState,ActiveState,UnitFileState,MainPID,NRestarts,ActiveEnterTimestamp
            systemctl show-environment | grep -i wsrep
            ls /run/mariadb-wsrep-new-cluster /run/mysqld/wsrep-new-cluster 2>/dev/null
            cat /var/lib/mysql/grastate.dat 2>/dev/null
            find /var/lib/mysql -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort
            mariadb -BN -e "SHOW STATUS LIKE 'wsrep_last_committed'; SELECT user, host FROM mysql.user ORDER BY 1, 2" 2>/dev/null
            ls /usr/sbin/policy-rc.d 2>/dev/null
            true
            "#,
        )
    }

    /// Keeps the hosts as they are now, for [`Lab::reset`].
    pub fn keep(&self, hosts: &[&str]) {
        for host in hosts {
            self.on(
                host,
                "systemctl stop mariadb; cp -a /var/lib/mysql /var/lib/mysql.kept; systemctl start mariadb",
            );
        }
    }

    /// Makes the hosts what they were: the data that was kept, no option file, a standalone server.
    pub fn reset(&self, hosts: &[&str]) {
        const RESET: &str = "systemctl kill -s KILL mariadb; systemctl stop mariadb; systemctl unset-environment _WSREP_NEW_CLUSTER _WSREP_START_POSITION; rm -rf /var/lib/mysql /etc/mysql/mariadb.conf.d/99-galactl.cnf* /var/lib/galactl; cp -a /var/lib/mysql.kept /var/lib/mysql; systemctl reset-failed mariadb; systemctl start mariadb";
        std::thread::scope(|scope| {
            for host in hosts {
                scope.spawn(|| self.on(host, RESET));
            }
        });
    }

    /// What the servers logged at the end, for whoever reads of a failure, and the failure itself
    /// last: some only see the end of a long output.
    fn last_words(&self) {
        let table = std::fs::read_to_string(self.directory().join("hosts")).unwrap_or_default();
        for host in table.lines().filter_map(|line| line.split('\t').next()) {
            let (_, log) = self.try_on(host, "journalctl -u mariadb -n 40 --no-pager -o short-iso");
            println!("the last of {host}:\n{log}");
        }
        println!("{}", FAILURE.take());
    }

    pub fn all_untouched(&self, hosts: &[&str]) -> Vec<String> {
        hosts.iter().map(|host| self.untouched(host)).collect()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.last_words();
        }
        if std::env::var_os("GALACTL_KEEP_LAB").is_none() {
            ask(&["down", self.name]);
        }
    }
}
