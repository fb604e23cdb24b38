//! A lab of real hosts for one test, taken down with it.

use std::cell::RefCell;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;
use std::thread::sleep;
use std::time::{Duration, Instant};

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

/// Seconds after which a script in a host hangs. No scene is to depend on the speed of a machine, so this is far
/// beyond what any of them needs.
pub const LONGEST: u32 = 600;

/// What a command in a host finds in its environment, as in lab/lib/machine.sh. The programs of PostgreSQL themselves
/// come first: Debian's psql is a script of Perl that looks for them, and took a third of the time of both processors.
const ENVIRONMENT: [(&str, &str); 5] = [
    (
        "PATH",
        "/usr/lib/postgresql/15/bin:/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ),
    ("HOME", "/root"),
    ("USER", "root"),
    ("LC_ALL", "C.UTF-8"),
    ("TERM", "dumb"),
];

/// Runs `lab/lab WORDS…`: whether it succeeded, and what it printed.
fn ask(words: &[&str]) -> (bool, String) {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/lab/lab"));
    said(command.args(words).stdin(Stdio::null()))
}

/// Runs it to its end: whether it succeeded, and what it printed.
fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().expect("it can be run");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

fn must(words: &[&str]) {
    let (ok, text) = ask(words);
    assert!(ok, "lab {words:?}: {text}");
}

/// How many of the words are options, which stand before the hosts. One option has a value.
fn options(words: &[&str]) -> usize {
    match words {
        ["--small-disk", _size, rest @ ..] => 2 + options(rest),
        [option, rest @ ..] if option.starts_with("--") => 1 + options(rest),
        _ => 0,
    }
}

impl Lab {
    /// Boots the hosts; `words` are options and host specifications as `lab/lab up` takes them.
    pub fn up(name: &'static str, words: &[&str]) -> Self {
        remember_failures();
        ask(&["down", name]);
        let (options, hosts) = words.split_at(options(words));
        let command = [&["up"], options, &[name], hosts].concat();
        must(&command);
        Self { name }
    }

    /// A fault or other lab command for one host: `crash`, `poweroff`, `cut` …
    pub fn fault(&self, what: &str, host: &str) {
        must(&[what, self.name, host]);
    }

    /// Takes a host off the network between it and one other.
    pub fn cut_from(&self, host: &str, peer: &str) {
        must(&["cut", self.name, host, peer]);
    }

    /// Makes every round trip to a host take longer, e.g. by `40ms`.
    pub fn slow(&self, host: &str, delay: &str) {
        must(&["slow", self.name, host, delay]);
    }

    /// Runs a script on a host, without SSH; panics when it fails.
    pub fn on(&self, host: &str, script: &str) -> String {
        let (ok, text) = self.try_on(host, script);
        assert!(ok, "{host}: {script}\n{text}");
        text.trim().to_owned()
    }

    pub fn try_on(&self, host: &str, script: &str) -> (bool, String) {
        said(&mut self.enter(host, script, LONGEST))
    }

    /// Copies a file of this machine into the home of a host's root.
    pub fn give(&self, host: &str, file: &Path) {
        let home = self.directory().join("machines").join(host).join("root/root");
        std::fs::copy(file, home.join(file.file_name().expect("a name"))).expect("a copy");
    }

    /// A script in a host, not yet started, that ends after so many seconds. As `lab/lab exec` does it, without
    /// the shell that looks the host up: scenes ask thousands of such questions.
    pub fn enter(&self, host: &str, script: &str, seconds: u32) -> Command {
        let pid = self.pid(host).unwrap_or_else(|| panic!("{host} has no power"));
        let mut command = Command::new("nsenter");
        command.args(["--target", &pid, "--all", "--", "timeout", &seconds.to_string(), "sh", "-c", script]);
        command.env_clear().envs(ENVIRONMENT).stdin(Stdio::null());
        command
    }

    /// The number of a host's first process on this machine; `None` while it has no power.
    fn pid(&self, host: &str) -> Option<String> {
        Some(self.row(host)[4].clone()).filter(|pid| pid != "-")
    }

    /// It has power.
    pub fn is_on(&self, host: &str) -> bool {
        self.pid(host).is_some()
    }

    /// One value from a host's server.
    pub fn sql(&self, host: &str, statement: &str) -> String {
        self.on(host, &format!("mariadb -BN -e \"{statement}\""))
    }

    pub fn directory(&self) -> PathBuf {
        PathBuf::from("/var/lib/galactl-lab").join(self.name)
    }

    pub fn address(&self, host: &str) -> String {
        self.row(host)[1].clone()
    }

    /// A host's name, address, release, kind and the pid of its first process.
    fn row(&self, host: &str) -> [String; 5] {
        let table =
            std::fs::read_to_string(self.directory().join("hosts")).expect("the lab's table of hosts");
        let row = table.lines().find(|line| line.split('\t').next() == Some(host));
        let row = row.unwrap_or_else(|| panic!("no host {host}"));
        let fields: Vec<_> = row.split('\t').map(str::to_owned).collect();
        fields.try_into().expect("five fields")
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
            if !self.is_on(host) {
                continue;
            }
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

/// Waits until something is so.
///
/// # Panics
///
/// It is not within five minutes, which is long for any machine.
#[track_caller]
pub fn until(what: &str, is: impl Fn() -> bool) {
    wait(Duration::from_secs(300), Duration::from_millis(500), what, is);
}

/// The same, for what takes minutes by itself: it has half an hour, and is looked at every three seconds.
#[track_caller]
pub fn until_at_last(what: &str, is: impl Fn() -> bool) {
    wait(Duration::from_secs(1800), Duration::from_secs(3), what, is);
}

/// Pauses a tenth of the time that it has waited, and not more than `longest`: asking takes most of the time of hosts
/// that have nothing else to do.
#[track_caller]
#[allow(clippy::disallowed_methods, reason = "a scene is one thread that waits")]
fn wait(patience: Duration, longest: Duration, what: &str, is: impl Fn() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < patience, "{what}: not within {patience:?}");
        sleep((began.elapsed() / 10).clamp(Duration::from_millis(100), longest));
    }
}
