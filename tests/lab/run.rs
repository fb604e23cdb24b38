//! The galactl program as a user runs it, on a lab's inventory.

use std::cell::OnceCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use crate::lab::{Lab, until};

/// Every character that a shell, SQL or an option file could stumble over.
pub const PASSWORD: &str = r#"p q"w'e\r#t;y$(u)`i`%o&=ü"#;

/// The section of an inventory that encrypts what the nodes say, and offers TLS to clients.
pub const ENCRYPTED: &str = "tls:\n  ca: {generate: true}\n";

/// What a run of galactl left.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// The harness shows what is printed here where the test fails.
    fn of(words: &[&str], output: std::io::Result<Output>) -> Self {
        let ran = Self::from(output.expect("galactl can be run"));
        println!("galactl {words:?} ended with {}\n{}{}", ran.code, ran.stdout, ran.stderr);
        ran
    }

    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        let text = format!("{}{}", self.stdout, self.stderr);
        for word in words {
            assert!(text.contains(word), "{word:?} is not in:\n{text}");
        }
        self
    }

    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// An inventory in a lab's directory, built from sections of text.
pub struct Inventory<'a> {
    lab: &'a Lab,
    /// As an inventory has it; `sst` and `gcache` are Galera's.
    engine: &'static str,
    pub user: &'static str,
    pub jump: bool,
    pub cluster: String,
    pub sst: &'static str,
    pub gcache: &'static str,
    pub rest: String,
    pub nodes: Vec<(String, String)>,
    pub arbitrators: Vec<(String, String)>,
    pub proxies: Vec<(String, String)>,
}

/// A member's view and state, whether its unit is enabled, and how many intents systemd has; one question,
/// because asking is what the time of many tests goes into.
const TELL_ALL: &str = r#"
mariadb -BN -e "SHOW STATUS WHERE Variable_name IN ('wsrep_cluster_conf_id', 'wsrep_cluster_size',
    'wsrep_cluster_state_uuid', 'wsrep_local_state_comment')" | sort
systemctl is-enabled mariadb
systemctl show-environment | grep -c -- --wsrep || true
"#;

impl<'a> Inventory<'a> {
    /// Root login, rsync (the quicker method), a small gcache, these nodes.
    pub fn of(lab: &'a Lab, nodes: &[&str]) -> Self {
        Self {
            lab,
            engine: "galera",
            user: "root",
            jump: false,
            cluster: "name: shop".into(),
            sst: "method: rsync",
            gcache: "64M",
            rest: String::new(),
            nodes: nodes.iter().map(|node| ((*node).to_owned(), String::new())).collect(),
            arbitrators: Vec::new(),
            proxies: Vec::new(),
        }
    }

    /// PostgreSQL with Patroni on these nodes, etcd beside it.
    pub fn of_patroni(lab: &'a Lab, nodes: &[&str]) -> Self {
        Self { engine: "patroni", ..Self::of(lab, nodes) }
    }

    /// A mesh of these nodes in the database `shop`.
    pub fn of_mesh(lab: &'a Lab, nodes: &[&str]) -> Self {
        let rest = "databases: [{name: shop}]".into();
        Self { engine: "postgresql-mesh", rest, ..Self::of(lab, nodes) }
    }

    fn text(&self) -> String {
        let jump = match self.jump {
            true => format!("\n  jump: root@{}", self.lab.address("jump")),
            false => String::new(),
        };
        let node = |(name, extra): &(String, String)| {
            format!("  - name: {name}\n    address: {}\n{extra}", self.lab.address(name))
        };
        let mut nodes = self.nodes.iter().map(node).collect::<String>();
        if !self.arbitrators.is_empty() {
            nodes += "arbitrators:\n";
            nodes.extend(self.arbitrators.iter().map(node));
        }
        if !self.proxies.is_empty() {
            nodes += "proxies:\n";
            nodes.extend(self.proxies.iter().map(node));
        }
        let engine = self.engine;
        let own = match engine {
            "galera" => format!("sst:\n  {}\nprovider_options:\n  gcache.size: {}\n", self.sst, self.gcache),
            _ => String::new(),
        };
        format!(
            "version: 1\nengine: {engine}\ncluster:\n  {}\nssh:\n  user: {}\n  key: id_ed25519\n  known_hosts: known_hosts\n  config: no_ssh_config{jump}\n{own}{}\nnodes:\n{nodes}",
            self.cluster, self.user, self.rest
        )
    }

    /// Writes the file and gives its path. Commands may run side by side, and none of them reads half a file.
    pub fn write(&self) -> PathBuf {
        let directory = self.lab.directory();
        let mut file = tempfile::NamedTempFile::new_in(&directory).expect("a file in the lab's directory");
        file.write_all(self.text().as_bytes()).expect("the inventory can be written");
        let path = directory.join("test-inventory.yaml");
        file.persist(&path).expect("the inventory can be put in place");
        path
    }

    fn command(&self, words: &[&str]) -> Command {
        let (verb, rest) = words.split_first().expect("a command");
        let inventory = self.write();
        let inventory = inventory.to_str().expect("a path");
        self.command_alone(&[&[*verb, inventory], rest].concat())
    }

    fn command_alone(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_galactl"));
        command.args(words);
        command.env("GALACTL_TEST_PASSWORD", PASSWORD);
        command.env("XDG_STATE_HOME", self.lab.directory().join("state"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `galactl VERB INVENTORY REST…` to its end.
    pub fn galactl(&self, words: &[&str]) -> Ran {
        Ran::of(words, self.command(words).output())
    }

    /// Runs `galactl WORDS…` with the file of an earlier write.
    pub fn galactl_alone(&self, words: &[&str]) -> Ran {
        Ran::of(words, self.command_alone(words).output())
    }

    /// Starts galactl, and does not wait for it.
    pub fn start(&self, words: &[&str]) -> Child {
        self.command(words).spawn().expect("galactl can be run")
    }

    /// Runs galactl until a line of its narration begins (after the time) with `mark`; it is
    /// still running then.
    pub fn galactl_until(&self, words: &[&str], mark: &str) -> Child {
        self.narrated_until(words, mark).0
    }

    /// The same; then does something, and kills galactl. Returns what it has narrated up to the mark.
    pub fn galactl_killed(&self, words: &[&str], mark: &str, before: impl FnOnce()) -> String {
        let (mut child, narrated) = self.narrated_until(words, mark);
        before();
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
        narrated
    }

    /// Kills galactl when its narration has begun the first, second, … step of a kind, as `/galera/join`. Of which
    /// node it is may lie with how much was written to each.
    pub fn galactl_killed_in(&self, words: &[&str], number: usize, kind: &str) {
        let mut begun = 0;
        let ended = self.galactl_killed_where(words, |_, told| {
            let id = told.strip_prefix("-> ").and_then(|told| told.split(':').next());
            begun += usize::from(id.is_some_and(|id| id.ends_with(kind)));
            begun == number
        });
        assert!(ended.is_none(), "there are not {number} steps {kind}: {ended:?}");
    }

    /// Kills galactl as soon as `is_it` says so of what it has told before, and of what it narrates now. What it left,
    /// where it came to its end.
    pub fn galactl_killed_where(&self, words: &[&str], is_it: impl FnMut(&str, &str) -> bool) -> Option<Ran> {
        match self.told_until(words, is_it) {
            Ok((mut child, _)) => {
                child.kill().expect("SIGKILL");
                child.wait().expect("an end");
                None
            }
            Err(ran) => Some(ran),
        }
    }

    fn narrated_until(&self, words: &[&str], mark: &str) -> (Child, String) {
        let told = self.told_until(words, |_, told| told.starts_with(mark));
        told.unwrap_or_else(|ran| panic!("galactl ended before {mark:?}:\n{}", ran.stderr))
    }

    fn told_until(
        &self,
        words: &[&str],
        mut is_it: impl FnMut(&str, &str) -> bool,
    ) -> Result<(Child, String), Ran> {
        let mut child = self.command(words).spawn().expect("galactl can be run");
        let narration = BufReader::new(child.stderr.take().expect("piped"));
        let mut seen = String::new();
        for line in narration.lines() {
            let line = line.expect("text");
            if line.split_once("Z ").is_some_and(|(_, words)| is_it(&seen, words)) {
                return Ok((child, seen));
            }
            seen += &line;
            seen.push('\n');
        }
        let output = child.wait_with_output().expect("galactl ends");
        Err(Ran { stderr: seen, ..Ran::from(output) })
    }

    /// Runs galactl to its end, and does something when a line of its narration begins with `mark`.
    pub fn galactl_at(&self, words: &[&str], mark: &str, at: impl FnOnce()) -> Ran {
        self.galactl_with(words, mark, |_| at())
    }

    /// As [`Self::galactl_at`]; galactl is halted meanwhile.
    pub fn galactl_held(&self, words: &[&str], mark: &str, meanwhile: impl FnOnce()) -> Ran {
        let signal = |signal: &str, pid: u32| {
            let sent = Command::new("kill").args([signal, &pid.to_string()]).status().expect("kill");
            assert!(sent.success(), "galactl has ended");
        };
        self.galactl_with(words, mark, |pid| {
            signal("-STOP", pid);
            meanwhile();
            signal("-CONT", pid);
        })
    }

    /// Runs galactl to its end; Ctrl-C is pressed when a line of its narration begins with `mark`.
    pub fn galactl_interrupted(&self, words: &[&str], mark: &str) -> Ran {
        self.galactl_with(words, mark, |pid| {
            let sent = Command::new("kill").args(["-INT", &pid.to_string()]).status().expect("kill");
            assert!(sent.success(), "galactl has ended");
        })
    }

    fn galactl_with(&self, words: &[&str], mark: &str, at: impl FnOnce(u32)) -> Ran {
        let mut child = self.command(words).spawn().expect("galactl can be run");
        let (mut at, mut stderr) = (Some(at), String::new());
        for line in BufReader::new(child.stderr.take().expect("piped")).lines() {
            let line = line.expect("text");
            if line.split_once("Z ").is_some_and(|(_, words)| words.starts_with(mark)) {
                at.take().into_iter().for_each(|at| at(child.id()));
            }
            stderr += &(line + "\n");
        }
        assert!(at.is_none(), "{mark:?} never came:\n{stderr}");
        let output = child.wait_with_output().expect("galactl ends");
        Ran { stderr, ..Ran::from(output) }
    }

    /// Begins `galactl ledger`, which writes until it is ended.
    pub fn ledger(&self) -> Ledger {
        let mut child = self.start(&["ledger", "--for", "3600"]);
        let mut told = BufReader::new(child.stderr.take().expect("piped"));
        let mut line = String::new();
        while !line.contains("Ctrl-C ends it early") {
            line.clear();
            assert_ne!(told.read_line(&mut line).expect("text"), 0, "the ledger did not begin");
        }
        Ledger { child, told }
    }

    /// The ids of the steps that a command would carry out now.
    pub fn steps(&self, words: &[&str]) -> Vec<String> {
        let dry = self.galactl(&[words, &["--dry-run", "--output", "json"]].concat()).expect_code(0);
        let saved: serde_json::Value = serde_json::from_str(&dry.stdout).expect("a plan");
        let stages = saved["plan"]["stages"].as_array().expect("stages");
        let steps = stages.iter().flat_map(|stage| stage["steps"].as_array().expect("steps"));
        steps.map(|step| step["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// What `status` says as soon as all is well. A proxy needs a few checks until it sends clients to a node that
    /// serves again, and on a busy machine a node may answer a check too late.
    #[track_caller]
    pub fn settles(&self) -> Ran {
        let well = OnceCell::new();
        until("the cluster and its proxies are well", || {
            let ran = self.galactl(&["status"]);
            ran.code == 0 && well.set(ran).is_ok()
        });
        well.into_inner().expect("it was well")
    }

    /// A file in the lab's directory.
    pub fn file(&self, name: &str) -> String {
        self.lab.directory().join(name).to_str().expect("a path").to_owned()
    }

    /// A whole cluster with a verified view, or a panic with galactl's output.
    #[track_caller]
    pub fn bootstrap(&self) -> Ran {
        self.galactl(&["bootstrap", "--yes"]).expect_code(0)
    }

    #[track_caller]
    pub fn assert_whole(&self) {
        let size = self.nodes.len() + self.arbitrators.len();
        let mut views = Vec::new();
        for (node, _) in &self.nodes {
            let told = self.lab.on(node, TELL_ALL);
            let [conf_id, members, state, comment, enabled, armed] = told.lines().collect::<Vec<_>>()[..]
            else {
                panic!("{node}: {told}")
            };
            assert_eq!(members, format!("wsrep_cluster_size\t{size}"), "{node}");
            assert_eq!(comment, "wsrep_local_state_comment\tSynced", "{node}");
            assert_eq!((enabled, armed), ("enabled", "0"), "{node}: its unit, and what is armed");
            views.push([conf_id, state].map(str::to_owned));
        }
        assert!(views.windows(2).all(|pair| pair[0] == pair[1]), "{views:?}");
    }
}

/// A ledger that writes beside whatever a scene does.
pub struct Ledger {
    child: Child,
    told: BufReader<ChildStderr>,
}

impl Ledger {
    /// Ends it: nothing is lost. Its account.
    #[track_caller]
    pub fn assert_nothing_lost(mut self) -> String {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success(), "the ledger has ended");
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let mut pipe = self.child.stdout.take().expect("piped");
        pipe.read_to_string(&mut stdout).expect("text");
        self.told.read_to_string(&mut stderr).expect("text");
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        println!("galactl ledger ended with {code}\n{stdout}{stderr}");
        let ran = Ran { code, stdout, stderr }.expect_code(0);
        ran.says(&["nothing is lost: every confirmed row is on"]).text()
    }
}

impl Drop for Ledger {
    /// A scene that fails leaves no program behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
