//! A person at a terminal, who takes time to read.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::lab::Lab;
use crate::run::Inventory;

/// Runs galactl on a terminal of its own, waits for its question, does `meanwhile`, and answers.
/// Gives the exit code and everything that was on the screen.
fn answer(
    inventory: &Inventory<'_>,
    arguments: &str,
    answer: &str,
    meanwhile: impl FnOnce(),
) -> (i32, String) {
    let path = inventory.write();
    let (verb, rest) = arguments.split_once(' ').unwrap_or((arguments, ""));
    let command = format!("{} {verb} {} {rest}", env!("CARGO_BIN_EXE_galactl"), path.display());
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script(1) can be run");
    let mut screen = child.stdout.take().expect("piped");
    let mut shown = Vec::new();
    let mut byte = [0];
    while !asked(&shown) {
        assert!(
            screen.read(&mut byte).is_ok_and(|read| read > 0),
            "no question:\n{}",
            String::from_utf8_lossy(&shown)
        );
        shown.push(byte[0]);
    }
    meanwhile();
    child.stdin.take().expect("piped").write_all(format!("{answer}\n").as_bytes()).expect("an answer");
    screen.read_to_end(&mut shown).expect("the rest");
    let code = child.wait().expect("an end").code().unwrap_or(-1);
    (code, String::from_utf8_lossy(&shown).into_owned())
}

fn asked(shown: &[u8]) -> bool {
    let text = String::from_utf8_lossy(shown);
    text.contains("Carry out this plan? [y/N]") || text.contains("to go on:")
}

#[test]
#[ignore = "boots real hosts"]
fn what_changes_while_the_plan_is_read_voids_it() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-stale", &hosts);
    let inventory = Inventory::of(&lab, &hosts);

    let before = lab.all_untouched(&hosts);
    let (code, screen) = answer(&inventory, "bootstrap", "n", || {});
    assert!(code == 130 && screen.contains("nothing was changed"), "{code}\n{screen}");
    assert_eq!(lab.all_untouched(&hosts), before, "a refused plan changed something");

    let (code, screen) = answer(&inventory, "bootstrap", "y", || {
        lab.sql("db2", "CREATE DATABASE meanwhile");
    });
    assert!(
        code == 4 && screen.contains("refused[stale] db2: databases: was none, is meanwhile"),
        "{code}\n{screen}"
    );
    lab.sql("db2", "DROP DATABASE meanwhile");
    assert_eq!(lab.all_untouched(&hosts), before, "a stale plan changed something");

    // Longer than an idle ssh master lives: a plan is meant to be read.
    #[expect(clippy::disallowed_methods, reason = "a person takes time to read")]
    let reading = || std::thread::sleep(std::time::Duration::from_secs(70));
    let (code, screen) = answer(&inventory, "bootstrap", "y", reading);
    assert!(code == 0 && screen.contains("Synced"), "{code}\n{screen}");
    inventory.assert_whole();
}

#[test]
#[ignore = "boots real hosts"]
fn data_is_lost_only_after_typing_so() {
    let lab = Lab::up("t-typed", &["db1", "db2"]);
    let mut inventory = Inventory::of(&lab, &["db1"]);
    inventory.bootstrap();
    lab.sql("db2", "CREATE DATABASE theirs; CREATE TABLE theirs.t (id INT PRIMARY KEY)");
    inventory.nodes.push(("db2".into(), String::new()));
    let before = lab.untouched("db2");
    let (code, screen) = answer(&inventory, "add-node db2 --discard db2", "y", || {});
    assert!(code == 130 && screen.contains("DISCARDED on db2: database `theirs`"), "{code}\n{screen}");
    assert_eq!(lab.untouched("db2"), before, "data was lost without the word");
    let (code, screen) = answer(&inventory, "add-node db2 --discard db2", "discard", || {});
    assert_eq!(code, 0, "{screen}");
    inventory.assert_whole();
}
