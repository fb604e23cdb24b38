//! The commands that ask no host, called as a user calls them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const EXAMPLE: &str = "examples/patroni.yaml";

fn galactl(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_galactl"));
    command.args(words).env_remove("GALACTL_INVENTORY").current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn ran(words: &[&str]) -> Output {
    galactl(words).output().unwrap()
}

#[track_caller]
fn data(words: &[&str]) -> String {
    let output = ran(words);
    assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What is refused, with the code 1.
#[track_caller]
fn refused(words: &[&str]) -> String {
    let output = ran(words);
    assert_eq!(output.status.code(), Some(1), "{words:?}");
    text(&output.stderr)
}

#[test]
fn an_inventory_is_validated_as_one_of_its_engine() {
    let said = text(&ran(&["validate", EXAMPLE]).stderr);
    let expected = "cluster `shop` of PostgreSQL, 3 nodes, etcd on pg1, pg2 and pg3: valid";
    assert!(said.contains(expected), "{said}");
    let report: Value = serde_json::from_str(&data(&["validate", EXAMPLE, "--output", "json"])).unwrap();
    assert_eq!(report["valid"], true);
}

#[test]
fn standard_input_is_read_once() {
    let inventory = std::fs::read(EXAMPLE).unwrap();
    for words in [["validate", "-", "--output", "json"], ["render", "-", "--node", "pg1"]] {
        let mut child = galactl(&words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&inventory).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{}", text(&output.stderr));
    }
}

#[test]
fn an_engine_that_nobody_knows_is_told_where_it_stands() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("shop.yaml");
    std::fs::write(&file, std::fs::read_to_string(EXAMPLE).unwrap().replace("patroni\n", "patrony\n"))
        .unwrap();
    let path = file.display().to_string();
    let said = refused(&["validate", &path]);
    assert!(said.contains("shop.yaml:3:9") && said.contains("patrony"), "{said}");
    let report: Value =
        serde_json::from_slice(&ran(&["validate", &path, "--output", "json"]).stdout).unwrap();
    assert_eq!((&report["valid"], &report["notes"][0]["code"]), (&false.into(), &"engine".into()));
}

#[test]
fn files_are_rendered_for_a_release() {
    let twelve = data(&["render", EXAMPLE, "--release", "12", "--node", "pg1"]);
    assert!(twelve.contains("\netcd:\n") && twelve.contains("/usr/lib/postgresql/15/bin"), "{twelve}");
    assert!(twelve.contains("# pg1:/etc/default/etcd\n") && twelve.contains("${secret:"), "{twelve}");
    let latest = ran(&["render", EXAMPLE, "--node", "pg1"]);
    assert!(text(&latest.stdout).contains("\netcd3:\n"));
    let said = text(&latest.stderr);
    assert!(said.contains("for Debian 13, with PostgreSQL 17") && said.contains("--release"), "{said}");
}

#[test]
fn the_version_of_the_inventory_says_the_release() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("shop.yaml");
    let inventory = std::fs::read_to_string(EXAMPLE).unwrap();
    std::fs::write(
        &file,
        inventory.replace("postgresql:\n  settings", "postgresql:\n  version: 15\n  settings"),
    )
    .unwrap();
    let path = file.display().to_string();
    assert!(data(&["render", &path, "--node", "pg1"]).contains("/var/lib/postgresql/15/main"));
    let said = refused(&["render", &path, "--release", "13"]);
    assert!(said.contains("PostgreSQL 15 is asked for, and Debian 13 has 17"), "{said}");
    let out = directory.path().join("out");
    data(&["render", &path, "--out", &out.display().to_string()]);
    for file in
        ["pg1/etc/patroni/config.yml", "pg3/etc/default/etcd", "pg2/etc/postgresql-common/createcluster.conf"]
    {
        assert!(Path::new(&out).join(file).is_file(), "{file}");
    }
}

#[test]
fn what_there_is_not_is_refused_with_a_hint() {
    let cases: [(&[&str], &str); 4] = [
        (&["render", EXAMPLE, "--release", "11"], "write --release 12 or --release 13"),
        (&["render", EXAMPLE, "--node", "pg9"], "its nodes are pg1, pg2, pg3"),
        (&["render", EXAMPLE, "--templates", "x"], "leave --templates out"),
        (&["status", EXAMPLE, "--output", "prometheus"], "--output json tells the same"),
    ];
    for (words, hint) in cases {
        let said = refused(words);
        assert!(said.contains(&format!("hint: {hint}")), "{words:?}: {said}");
    }
}

#[test]
fn each_engine_has_its_schemas() {
    let schema = |words: &[&str]| serde_json::from_str::<Value>(&data(words)).unwrap();
    for of in ["inventory", "plan"] {
        let own = schema(&["schema", of, "--engine", "patroni"]);
        assert_ne!(own, schema(&["schema", of]));
        assert_eq!(schema(&["schema", of]), schema(&["schema", of, "--engine", "galera"]));
    }
    let inventory = schema(&["schema", "--engine", "patroni"]);
    let example = serde_yaml::from_str(&std::fs::read_to_string(EXAMPLE).unwrap()).unwrap();
    assert_eq!(crate::schema::unknown(&inventory, &inventory, &example, ""), [""; 0]);
}

#[test]
fn a_shell_completes_the_names_of_nodes() {
    let words = ["--", "galactl", "render", EXAMPLE, "--node", "p"];
    let mut command = galactl(&words);
    let offered = command.env("GALACTL_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "4").output().unwrap();
    let offered = text(&offered.stdout);
    assert_eq!(offered.split_whitespace().collect::<Vec<_>>(), ["pg1", "pg2", "pg3"]);
}
