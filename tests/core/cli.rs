//! The surface of the commands that touch no host: words, streams and exit codes.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

/// One run of the program, with what is expected of it.
struct Galactl {
    command: Command,
    stdin: String,
}

/// What came of it.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn galactl(arguments: &[&str]) -> Galactl {
    let mut command = Command::new(env!("CARGO_BIN_EXE_galactl"));
    // Nothing of the surroundings is to show in the output.
    command.args(arguments).env_clear().env("COLUMNS", "100").env("TERM", "xterm-256color");
    Galactl { command, stdin: String::new() }
}

impl Galactl {
    fn stdin(mut self, text: &str) -> Self {
        text.clone_into(&mut self.stdin);
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    fn run(mut self) -> Ran {
        let pipes = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        // A program that does not read closes its end.
        let _ = child.stdin.take().unwrap().write_all(self.stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    fn stdout(self, expected: &str) -> Self {
        assert_eq!(self.stdout, expected);
        self
    }

    #[track_caller]
    fn stderr(self, expected: &str) -> Self {
        assert_eq!(self.stderr, expected);
        self
    }
}

const VALID: &str = "version: 1
cluster: {name: shop}
nodes:
  - {name: db1, address: 10.0.0.11}
  - {name: db2, address: 10.0.0.12}
  - {name: db3, address: 10.0.0.13}
";

/// Every command, with the words that call it.
fn commands() -> Vec<(Vec<String>, clap::Command)> {
    let mut all = Vec::new();
    for command in galactl::cli::command().get_subcommands() {
        let name = command.get_name().to_owned();
        let parts = command.get_subcommands();
        all.extend(parts.map(|part| (vec![name.clone(), part.get_name().to_owned()], part.clone())));
        all.push((vec![name], command.clone()));
    }
    all
}

#[test]
fn help() {
    insta::assert_snapshot!("help", galactl(&["--help"]).run().exits(0).stderr("").stdout);
    for (words, _) in commands() {
        let mut typed: Vec<_> = words.iter().map(String::as_str).collect();
        typed.push("--help");
        let text = galactl(&typed).run().exits(0).stderr("").stdout;
        insta::assert_snapshot!(format!("help-{}", words.join("-")), text);
    }
}

#[test]
fn version() {
    let expected = concat!("galactl ", env!("CARGO_PKG_VERSION"), "\n");
    galactl(&["--version"]).run().exits(0).stdout(expected).stderr("");
}

#[test]
fn a_wrong_word_is_an_error() {
    let ran = galactl(&["bootsrap"]).run().exits(1).stdout("");
    assert!(ran.stderr.contains("a similar subcommand exists: 'bootstrap'"), "{}", ran.stderr);
    galactl(&[]).run().exits(1).stdout("");
    galactl(&["validate"]).run().exits(1).stdout("");
    galactl(&["validate", "--frobnicate", "x"]).run().exits(1).stdout("");
    galactl(&["completions", "cmd.exe"]).run().exits(1).stdout("");
    galactl(&["render", "--node", "-x y", "-"]).run().exits(1).stdout("");
}

#[test]
fn validate_reads_standard_input() {
    galactl(&["validate", "-"])
        .stdin(VALID)
        .run()
        .exits(0)
        .stdout("")
        .stderr("<stdin>: cluster `shop`, 3 nodes, seed db1: valid\n");
}

#[test]
fn a_warning_that_is_accepted_is_not_said_again() {
    let two = "version: 1\ncluster: {name: shop}\naccept: [even-votes]\nnodes:\n  - {name: db1, address: 10.0.0.11}\n  - {name: db2, address: 10.0.0.12}\n";
    let valid = "<stdin>: cluster `shop`, 2 nodes, seed db1: valid\n";
    let said = format!("accepted warnings: even-votes\n{valid}");
    galactl(&["validate", "-"]).stdin(two).run().exits(0).stderr(&said);
    galactl(&["render", "-", "--node", "db1"]).stdin(two).run().exits(0).stderr("");
    let json = galactl(&["validate", "-", "--output", "json"]).stdin(two).run().exits(0);
    assert!(json.stdout.contains("\"accepted\":true"), "{}", json.stdout);
}

#[test]
fn a_key_file_that_does_not_exist_is_found() {
    let text = VALID.replace("nodes:", "ssh: {key: no_such_key, known_hosts: none}\nnodes:");
    let ran = galactl(&["validate", "-"]).stdin(&text).run().exits(0);
    assert!(ran.stderr.contains("warning[no-such-file]: ssh.key: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("no_such_key: No such file or directory"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("ssh.known_hosts"), "{}", ran.stderr);
}

#[test]
fn validate_shows_what_is_wrong_and_ends_with_1() {
    let ran = galactl(&["validate", "-"]).stdin(&VALID.replace("name: shop", "nmae: shop")).run();
    ran.exits(1).stdout("").stderr(
        "error[unknown-field]: cluster.nmae: unknown field `nmae`
 --> <stdin>:2:11
  |
2 | cluster: {nmae: …
  |           ^^^^
  |
  = help: did you mean `name`?

1 error, 0 warnings
error: <stdin> is not a valid inventory
",
    );
}

#[test]
fn validate_for_programs() {
    galactl(&["validate", "--output", "json", "-"])
        .stdin(VALID)
        .run()
        .exits(0)
        .stderr("")
        .stdout("{\"file\":\"<stdin>\",\"valid\":true,\"notes\":[]}\n");
    let broken = VALID.replace("10.0.0.12", "10.0.0.256");
    let ran = galactl(&["validate", "--output", "json", "-"]).stdin(&broken).run().exits(1);
    let note = r#"{"severity":"error","code":"value","path":"nodes[1].address","span":{"line":5,"column":26,"length":10},"message":"`10.0.0.256` is neither an IP address nor a host name","hint":null}"#;
    assert_eq!(ran.stdout, format!("{{\"file\":\"<stdin>\",\"valid\":false,\"notes\":[{note}]}}\n"));
    assert_eq!(ran.stderr, "error: <stdin> is not a valid inventory\n");
}

#[test]
fn a_warning_does_not_stop() {
    let two = VALID.replace("  - {name: db3, address: 10.0.0.13}\n", "");
    let ran = galactl(&["render", "-", "--node", "db1"]).stdin(&two).run().exits(0);
    assert!(ran.stderr.starts_with("warning[even-votes]: nodes: 2 votes"), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("# db1:/etc/mysql/mariadb.conf.d/99-galactl.cnf\n"), "{}", ran.stdout);
}

#[test]
fn init_writes_what_validates() {
    let printed = galactl(&["init"]).run().exits(0).stderr("").stdout;
    galactl(&["validate", "-"])
        .stdin(&printed)
        .run()
        .exits(0)
        .stderr("<stdin>: cluster `shop`, 3 nodes, seed db1: valid\n");

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inventory.yaml");
    let path = file.to_str().unwrap();
    let said = format!("Wrote {path}. Edit it, then: galactl validate {path}\n");
    galactl(&["init", path]).run().exits(0).stdout("").stderr(&said);
    assert_eq!(fs::read_to_string(&file).unwrap(), printed);
}

/// The commented lines are there to be used, so they must work, all at once.
#[test]
fn what_init_shows_in_comments_is_valid() {
    let printed = galactl(&["init"]).run().stdout;
    let uncommented = printed.lines().map(|line| {
        let text = line.trim_start().strip_prefix("# ").unwrap_or_default();
        let is_yaml = text.starts_with("- ") || text.split_once(": ").is_some_and(|(key, _)| is_key(key));
        let is_yaml = is_yaml
            || text.starts_with("  ")
            || ["arbitrators:", "endpoint:", "monitoring:", "proxies:", "thresholds:"].contains(&text);
        if is_yaml { line.replacen("# ", "", 1) } else { line.to_owned() }
    });
    let text: Vec<_> = uncommented.collect();
    let ran = galactl(&["validate", "--output", "json", "-"]).stdin(&text.join("\n")).run();
    // The only remark is about the fourth vote: three nodes, and the arbitrator of the example.
    let ran = ran.exits(0);
    assert!(ran.stdout.contains("even-votes"), "{}\n{}", ran.stdout, text.join("\n"));
}

fn is_key(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[test]
fn init_does_not_overwrite() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inventory.yaml");
    fs::write(&file, "mine").unwrap();
    let path = file.to_str().unwrap();
    let said = format!("error: {path} was not written: File exists (os error 17)\n");
    galactl(&["init", path]).run().exits(1).stdout("").stderr(&said);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn init_takes_its_file_before_the_hosts() {
    let said = "error: `inventory.yaml` is no host\n";
    let ran = galactl(&["init", "--from", "db1", "inventory.yaml"]).run().exits(1).stdout("");
    assert!(
        ran.stderr.starts_with(said) && ran.stderr.contains("init inventory.yaml --from"),
        "{}",
        ran.stderr
    );
    galactl(&["init", "--ssh-user", "deploy"]).run().exits(1);
}

#[test]
fn a_change_needs_somebody_to_agree() {
    for arguments in [&["bootstrap", "-"][..], &["add-node", "-", "db3"]] {
        galactl(arguments).stdin(VALID).run().exits(1).stdout("").stderr(
            "error: there is no terminal to ask on\n\
             hint: read the plan with --dry-run, then carry it out with --yes\n",
        );
    }
}

#[test]
fn a_switchover_is_for_an_inventory_with_a_primary() {
    let galera =
        "version: 1\nengine: galera\ncluster: {name: shop}\nnodes:\n  - {name: db1, address: 10.0.0.1}\n";
    let ran = galactl(&["switchover", "-", "--dry-run"]).stdin(galera).run().exits(1);
    for words in ["<stdin>:2:1", "it has no primary to switch", "galactl restart", "nothing was changed"] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    let patroni = galera.replace("galera", "patroni").replace("db1", "pg1");
    for (words, says) in [
        (["switchover", "-", "--to", "pg9", "--yes"].as_slice(), "`pg9` is no node of this inventory"),
        (&["stop", "-", "pg9", "--yes"], "`pg9` is no node of this inventory"),
        (&["restart", "-", "--yes"], "--rolling for all of them"),
        (&["remove-node", "-", "pg1", "--drain", "9", "--yes"], "--drain does not apply to engine patroni"),
        (&["restart", "-", "--rolling", "--allow-sst", "--yes"], "does not apply to engine patroni"),
        (&["apply-config", "-", "--restart", "--yes"], "do not apply to engine patroni"),
        (&["switchover", "-"], "there is no terminal to ask on"),
    ] {
        let ran = galactl(words).stdin(&patroni).run().exits(1);
        assert!(ran.stderr.contains(says), "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn a_hint_names_the_inventory_in_its_commands() {
    let directory = directory(&["my shop.yaml"]);
    let proxied = format!("{VALID}proxies: [{{name: lb1, address: 10.0.0.21}}]\nendpoint: {{}}\n");
    fs::write(directory.path().join("my shop.yaml"), proxied).unwrap();
    let ran = within(&directory, &["remove-node", "my shop.yaml", "lb1", "--yes"]).run().exits(1);
    assert!(ran.stderr.contains("error: `lb1` is a proxy\n"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("then galactl apply-config 'my shop.yaml' tells the others"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_change_starts_with_a_valid_inventory() {
    let ran = galactl(&["bootstrap", "--dry-run", "-"]).stdin("version: 1\n").run().exits(1).stdout("");
    assert!(ran.stderr.contains("error[missing-field]: missing field `cluster`"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("error: <stdin> is not a valid inventory\n"), "{}", ran.stderr);
}

#[test]
fn explain_reads_a_log_on_standard_input() {
    let log = "2026-01-01 [ERROR] WSREP: handshake failed, my group: 'shop', peer group: 'other'\n";
    let ran = galactl(&["explain", "-"]).stdin(log).run().exits(0).stderr("");
    assert!(ran.stdout.starts_with(log), "{}", ran.stdout);
    assert!(ran.stdout.contains("\ncause: the node names another cluster"), "{}", ran.stdout);
    let json = galactl(&["explain", "-", "--output", "json"]).stdin(log).run().exits(0).stdout;
    assert!(json.starts_with("{\"explanation\":{\"slug\":\"other-cluster-name\",\"cause\":"), "{json}");
    let none = galactl(&["explain", "-"]).stdin("[Note] all is well\n").run().exits(0);
    assert_eq!(
        none.stdout,
        "[Note] all is well\n\
         cause: none that galactl knows; above are the newest lines, and those that speak of errors\n"
    );
    let empty = galactl(&["explain", "-"]).stdin("\n").run().exits(0);
    assert_eq!(empty.stdout, "cause: none that galactl knows, because the log is empty\n");
    let ran = galactl(&["explain", "inventory.yaml"]).run().exits(1).stdout("");
    assert!(ran.stderr.starts_with("error: which node failed?"), "{}", ran.stderr);
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = galactl(&["completions", shell]).run().exits(0).stderr("");
        assert!(ran.stdout.contains("GALACTL_COMPLETE"), "{shell}: it asks galactl for what fits");
    }
}

#[test]
fn manual_pages() {
    let ran = galactl(&["man"]).run().exits(0).stderr("");
    for words in ["Exit codes:", "refused by a guard", "interrupted", "bootstrap"] {
        assert!(ran.stdout.contains(words), "{words}");
    }
    let directory = tempfile::tempdir().unwrap();
    galactl(&["man", "--out", directory.path().to_str().unwrap()]).run().exits(0).stdout("").stderr("");
    for command in galactl::cli::command().get_subcommands() {
        assert!(directory.path().join(format!("galactl-{}.1", command.get_name())).exists());
    }
    assert!(directory.path().join("galactl.1").exists());
}

#[test]
fn monitoring_render_prints_its_files_or_writes_them() {
    const FILES: [&str; 6] = [
        "galactl-shop.rules.yml",
        "galactl-shop.targets.yml",
        "galactl-shop.scrape.yml",
        "galactl-shop.alertmanager.yml",
        "galactl-shop.dashboard.json",
        "consoles/galactl-shop.html",
    ];
    let printed = galactl(&["monitoring", "render", "-"]).stdin(VALID).run().exits(0).stderr("").stdout;
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("new").join("folder");
    let words = ["monitoring", "render", "-", "--out", out.to_str().unwrap()];
    galactl(&words).stdin(VALID).run().exits(0).stdout("");
    for name in FILES {
        let text = fs::read_to_string(out.join(name)).unwrap();
        assert!(printed.contains(&format!("# {name}\n{text}")), "{name}");
    }
    assert_eq!(fs::read_dir(&out).unwrap().count(), FILES.len());
}

/// The units of a timer name the inventory as it can be found from anywhere; text that is piped in cannot be.
#[test]
fn monitoring_render_writes_a_timer_for_an_inventory_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a b.yaml"), VALID).unwrap();
    let mut render = galactl(&["monitoring", "render", "a b.yaml", "--out", "out"]);
    render.command.current_dir(directory.path());
    render.run().exits(0);
    let service =
        fs::read_to_string(directory.path().join("out/systemd/galactl-status-shop.service")).unwrap();
    let program = env!("CARGO_BIN_EXE_galactl");
    let path = directory.path().canonicalize().unwrap().join("a b.yaml");
    let line = format!("ExecStart=\"{program}\" status \"{}\" --output prometheus\n", path.display());
    assert!(service.contains(&line), "{service}");
    assert!(directory.path().join("out/systemd/galactl-status-shop.timer").is_file());
}

#[test]
fn the_address_of_the_book_is_one_of_the_web() {
    let render = |book: &str| galactl(&["monitoring", "render", "-", "--book", book]).stdin(VALID).run();
    let text = render("https://docs.example/galactl/").exits(0).stdout;
    assert!(text.contains("runbook_url: https://docs.example/galactl/alerts/node-down.html\n"), "{text}");
    for wrong in ["ftp://docs.example", "docs.example", "https://", "https://x/{{ y }}", "https://x/ y"] {
        let ran = render(wrong).exits(1).stdout("");
        assert!(ran.stderr.contains("such as https://docs.example/galactl"), "{}", ran.stderr);
    }
}

/// Colours are for terminals.
#[test]
fn a_pipe_gets_no_escape_codes() {
    for (name, value) in [("NO_COLOR", "1"), ("LANG", "C")] {
        for arguments in [&["--help"][..], &["validate", "-"], &["frobnicate"], &["bootstrap", "-"]] {
            let ran = galactl(arguments).env(name, value).stdin("version: 2\n").run();
            assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{arguments:?}");
        }
    }
}

/// `galactl … | head` ends quietly.
#[test]
fn a_reader_that_went_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_galactl"))
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What the help shows is what galactl takes.
#[test]
fn examples_in_the_help_are_right() {
    let mut seen = 0;
    for (words, command) in commands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.starts_with("Examples:\n"), "{words:?} has none");
        for line in help.lines().skip(1).filter(|line| line.starts_with("  galactl ")) {
            let typed = line.trim().split("  ").next().unwrap();
            let typed = shlex::split(typed).expect("a shell can read it");
            let typed = typed.into_iter().take_while(|word| !["<", ">"].contains(&word.as_str()));
            let parsed = galactl::cli::command().try_get_matches_from(typed);
            assert!(parsed.is_ok(), "{line}\n{}", parsed.unwrap_err());
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

/// A directory with inventories by these names.
fn directory(files: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for file in files {
        let cluster = file.split('.').next().unwrap();
        fs::write(directory.path().join(file), VALID.replace("name: shop", &format!("name: {cluster}")))
            .unwrap();
    }
    directory
}

fn within(directory: &tempfile::TempDir, arguments: &[&str]) -> Galactl {
    let mut galactl = galactl(arguments);
    galactl.command.current_dir(directory.path());
    galactl
}

#[test]
fn the_inventory_by_default() {
    let here = directory(&["galactl.yaml", "other.yaml"]);
    let ran = within(&here, &["validate"]).run().exits(0);
    assert!(ran.stderr.starts_with("the inventory is galactl.yaml\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("cluster `galactl`, 3 nodes"), "{}", ran.stderr);
    let ran = within(&here, &["validate", "other.yaml"]).run().exits(0);
    assert!(
        ran.stderr.contains("cluster `other`") && !ran.stderr.contains("the inventory is"),
        "{}",
        ran.stderr
    );
    // Two that may be meant.
    let ran = within(&here, &["validate"]).env("GALACTL_INVENTORY", "other.yaml").run().exits(1);
    assert!(ran.stderr.contains("two inventories: GALACTL_INVENTORY is other.yaml"), "{}", ran.stderr);
    within(&here, &["validate"]).env("GALACTL_INVENTORY", "./galactl.yaml").run().exits(0);
    let elsewhere = directory(&["shop.yaml"]);
    let ran = within(&elsewhere, &["validate"]).run().exits(1);
    assert!(ran.stderr.contains("error: which cluster?\nhint: name its inventory"), "{}", ran.stderr);
    let file = here.path().join("other.yaml");
    let ran =
        within(&elsewhere, &["validate"]).env("GALACTL_INVENTORY", file.to_str().unwrap()).run().exits(0);
    assert!(ran.stderr.contains("cluster `other`"), "{}", ran.stderr);
}

/// A command that stops servers takes no word for what it may not be.
#[test]
fn a_node_is_told_from_an_inventory() {
    let here = directory(&["galactl.yaml", "other.yaml", "db2"]);
    let said = |words: &[&str]| {
        let words: Vec<_> = words.iter().copied().chain(["--dry-run"]).collect();
        within(&here, &words).run().stderr
    };
    // The names are known before any host is asked.
    assert!(
        said(&["stop", "db9"]).contains("the inventory is galactl.yaml\nerror: `db9` is no node"),
        "a node"
    );
    assert!(said(&["stop", "other.yaml", "db9"]).contains("error: `db9` is no node"));
    assert!(said(&["stop", "othr.yaml", "db1"]).contains("othr.yaml: No such file"), "a typo is no node");
    assert!(
        said(&["stop", "nowhere", "db9"]).contains("error: `nowhere` is no node"),
        "not all of galactl.yaml"
    );
    assert!(said(&["stop", "db2"]).contains("error: `db2` is a file here, and may be a node"), "both");
    assert!(said(&["stop", "./db2", "db9"]).contains("error: `db9` is no node"));
    assert!(said(&["add-node"]).contains("error: which node?"));
    assert!(said(&["restart"]).contains("or --rolling for all of them"));
    assert!(said(&["restart", "--rolling", "db1"]).contains("--rolling restarts all nodes, and db1 is one"));
    let elsewhere = directory(&["db2"]);
    let ran = within(&elsewhere, &["stop", "db1", "--dry-run"]).run().exits(1);
    assert!(ran.stderr.contains("`db1` is no file here, and without an inventory no node"), "{}", ran.stderr);
    let ran = within(&elsewhere, &["stop", "db2", "db9", "--dry-run"]).run().exits(1);
    assert!(ran.stderr.contains("error: `db9` is no node"), "a file is one, as ever: {}", ran.stderr);
}

#[test]
fn a_shell_offers_the_nodes() {
    let here = directory(&["galactl.yaml", "other.yaml"]);
    let offered = |words: &[&str]| {
        let index = (words.len() - 1).to_string();
        let words: Vec<_> = ["--"].iter().chain(words).copied().collect();
        let asked = within(&here, &words).env("GALACTL_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", &index);
        asked.run().exits(0).stderr("").stdout
    };
    let nodes = offered(&["galactl", "stop", "other.yaml", "db"]);
    assert_eq!(nodes.split_whitespace().collect::<Vec<_>>(), ["db1", "db2", "db3"]);
    assert_eq!(offered(&["galactl", "restart", "other.yaml", "db3"]).trim(), "db3");
    let first = offered(&["galactl", "stop", ""]);
    assert!(first.contains("other.yaml") && first.contains("db1"), "{first}");
    assert!(!offered(&["galactl", "plan", "oth"]).contains("db1"));
}

#[test]
fn quiet_says_only_what_is_wrong() {
    let here = directory(&["galactl.yaml"]);
    within(&here, &["validate", "--quiet"]).run().exits(0).stdout("").stderr("");
    let ran = within(&here, &["-q", "stop", "db9", "--dry-run"]).run().exits(1).stdout("");
    assert!(ran.stderr.starts_with("error: `db9` is no node"), "{}", ran.stderr);
    within(&here, &["validate", "-q", "-v"]).run().exits(1);
}

/// Before any host is asked.
#[test]
fn a_missing_sysbench_is_told_with_the_package() {
    let words = ["load", "inventories/three-nodes.yaml", "--workload", "oltp_read_write"];
    let ran = galactl(&words).env("PATH", "/nonexistent").run();
    let told = &ran.stderr;
    assert!(told.contains("oltp_read_write: sysbench cannot be run on this machine"), "{told}");
    assert!(told.contains("apt install sysbench"), "{told}");
    assert_eq!(ran.code, Some(1));
}
