//! A secret that somebody wrote into an inventory is in no error: that one ends up in the log of a CI job.

use std::fs;
use std::process::Command;

const HEAD: &str = "version: 1\ncluster: {name: shop}\n";
const NODES: &str = "nodes: [{name: db1, address: 10.0.0.1}]\n";

/// What may stand where the secret's source does, each with the secret `s3cr3t` and its other half `h4lf` in it.
const SECTIONS: [&str; 36] = [
    "sst:\n  password: s3cr3t#h4lf: ss\n",
    "sst:\n  password: s3cr3t\n",
    "sst:\n  password: 's3cr3t\n  method: h4lf\n",
    "sst:\n  password: \"s3cr3t\\q h4lf\"\n",
    "sst:\n  password: *s3cr3t\n",
    "sst:\n  password: &s3cr3t h4lf: x: y\n",
    "sst:\n  password: !s3cr3t h4lf\n",
    "sst:\n  password: %s3cr3t\n",
    "sst:\n  password: @s3cr3t\n",
    "sst:\n  password: `s3cr3t`\n",
    "sst:\n  password: s3cr3t\t: h4lf\n",
    "sst:\n  password:\ts3cr3t\n",
    "sst:\n  password:\n\ts3cr3t: h4lf\n",
    "sst:\n  password: {s3cr3t}\n",
    "sst:\n  password: {s3cr3t: h4lf, s3cr3t: h4lf}\n",
    "sst:\n  password: {s3cr3t\n",
    "sst:\n  password: [s3cr3t, h4lf\n",
    "sst:\n  password: [s3cr3t]\n",
    "sst:\n  password:\n  - s3cr3t: h4lf: x\n",
    "sst:\n  password:\n    s3cr3t\n  h4lf\n",
    "sst:\n  password: |\n   s3cr3t\n  h4lf\n",
    "sst:\n  password: {evn: s3cr3t}\n",
    "sst:\n  password: {env: [s3cr3t]}\n",
    "sst:\n  password: {command: s3cr3t}\n",
    "sst:\n  pasword: s3cr3t\n",
    "sst:\n  wachtwoord: s3cr3t\n",
    "sst:\n  user: sst:s3cr3t\n",
    "sst: password:s3cr3t\n",
    "sst: {method: rsyncc, password: s3cr3t}\n",
    "ssh:\n  user: root:s3cr3t\n",
    "ssh:\n  jump: me:s3cr3t@bastion\n",
    "ssh: {user: [root], password: s3cr3t}\n",
    "mysqld:\n  wsrep_sst_auth: root:s3cr3t: h4lf\n",
    "mysqld:\n  wsrep-sst-auth: root:s3cr3t\n",
    "mysqld:\n  report_password: \"s3cr3t\\nh4lf\"\n",
    "provider_options:\n  sst_pasword: s3cr3t\n",
];

fn validate(text: &str, output: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inventory.yaml");
    fs::write(&file, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_galactl"));
    let done = command.args(["validate", "--output", output]).arg(&file).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{text}");
    String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
}

#[test]
fn no_error_shows_a_secret_however_it_was_written_down() {
    for section in SECTIONS {
        for text in [format!("{HEAD}{section}{NODES}"), format!("{HEAD}{NODES}{section}")] {
            for output in ["text", "json"] {
                let said = validate(&text, output);
                let shown = ["s3cr3t", "h4lf", "cr3", "4lf"].iter().find(|part| said.contains(**part));
                assert!(shown.is_none(), "{text}\n{said}");
                assert!(
                    said.contains(if output == "json" { "\"error\"" } else { "error[" }),
                    "{text}\n{said}"
                );
            }
        }
    }
}

#[test]
fn the_line_of_such_an_error_is_named() {
    let said = validate(&format!("{HEAD}sst:\n  password: s3cr3t#h4lf: ss\n{NODES}"), "text");
    assert!(said.contains("inventory.yaml, line 4, column 24"), "{said}");
}
